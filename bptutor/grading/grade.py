"""The one place where an answer becomes a verdict: in lessons, quizzes and `bptutor check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bptutor.grading.carried import Earlier, Following, carries, from_earlier, from_formula
from bptutor.grading.cells import (
    WORST_FIRST,
    GradedCell,
    all_passed,
    diagnose_cells,
    passed,
    worst,
)
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Facts
from bptutor.grading.formula import JudgedFormula, Scope, judge_formula, read_formula, too_early
from bptutor.language.errors import LanguageError
from bptutor.language.ops import numbers_read
from bptutor.language.ops.base import Style
from bptutor.language.render import named_cell
from bptutor.language.tree import Expression, Shape, names
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.text import Message


class Question(Protocol):
    """A step, and how what is typed there is held against the truth."""

    @property
    def facts(self) -> Facts: ...
    @property
    def step(self) -> Step: ...
    @property
    def style(self) -> Style: ...
    @property
    def scope(self) -> Scope: ...

    def judge(self, text: str) -> JudgedFormula:
        """The verdict on a formula, or whatever text the step asks for."""

    def diagnose_formula(self, text: str) -> Sequence[Named]:
        """What explains a wrong one."""

    def grade_cells(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        """The verdicts on the cells at these positions, row after row."""

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int]
    ) -> Sequence[Named]:
        """What explains wrong ones, likeliest first."""


@dataclass(frozen=True)
class Answer:
    """What was typed at a step."""

    formula: str | None = None
    """None where no formula is to be checked."""
    cells: Sequence[str] | None = None
    """None where no value is to be checked."""
    positions: Sequence[int] = ()
    """Where these cells are in the value, row after row."""


@dataclass(frozen=True)
class Graded:
    """What came of an answer."""

    verdict: Verdict | None
    """The worst one; None where nothing was typed."""
    formula: JudgedFormula | None
    """None where none was checked, or in an exam none was typed."""
    cells: tuple[GradedCell, ...]
    mistakes: tuple[Named, ...]
    """What explains what is wrong, likeliest first."""
    message: Message | None
    strayed: bool = False
    """In an exam: is the value wrong, or right only by a wrong answer before it?"""

    @property
    def mistake_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id_ for each in self.mistakes for id_ in each.ids))


def grade(
    question: Question, answer: Answer, earlier: Mapping[str, Earlier] | None = None
) -> Graded:
    """Hold an answer against the truth, and find what explains it if it is wrong.

    `earlier` has the answers to the steps before in a question of an exam, by step id. What is
    right given those, or given a wrong formula, is right. An exam's answer is final: what is
    missing is wrong, and nothing is said of trying again. Elsewhere it is None.
    """
    formula = _formula(question, answer.formula, final=earlier is not None)
    value = _value(question, answer, formula, earlier)
    verdicts = [*formula.verdicts, *value.verdicts]
    return Graded(
        worst([verdict for verdict in verdicts if verdict]),
        formula.judged,
        value.cells,
        (*formula.mistakes, *value.mistakes),
        _message(formula, value, final=earlier is not None),
        value.strayed,
    )


# ── the formula ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Formula:
    verdicts: Sequence[Verdict] = ()
    judged: JudgedFormula | None = None
    mistakes: Sequence[Named] = ()
    message: Message | None = None


def _formula(question: Question, text: str | None, *, final: bool) -> _Formula:
    if text is None:
        return _Formula()
    if final and not text.strip():
        return _Formula(["wrong"], message=Message("The product is missing."))
    judged = question.judge(text)
    mistakes = question.diagnose_formula(text) if judged.verdict == "wrong" else ()
    if mistakes:
        message = _on_mistakes(mistakes)
    elif judged.message is not None:
        message = judged.message
    elif judged.verdict == "right":
        message = Message("The product is right.")
    elif final:
        message = Message("The product does not give the gradient.")
    else:
        message = Message(
            "This product does not give the gradient. Look at it again, or take a hint."
        )
    return _Formula([judged.verdict], judged, mistakes, message)


def grade_formula(
    facts: Facts, step: Step, scope: Scope, text: str, *, spread: bool = False
) -> JudgedFormula:
    """Judge the formula of a step, with a word on what cannot be read or may not be used.

    With `spread`, what can be broadcast to the step's shape counts as of that shape.
    """
    try:
        formula = read_formula(text, scope)
    except LanguageError as error:
        return JudgedFormula("unreadable", error.message, error.column)
    if _only_numbers(formula, step):
        return JudgedFormula.unreadable(
            Message("Write the formula in letters. The number goes into the value field.")
        )
    problem = too_early(formula, scope)
    if problem:
        return JudgedFormula("wrong", problem)
    return judge_formula(formula, facts.worlds(step), spread=spread)


def _only_numbers(formula: Expression, step: Step) -> bool:
    """Are there only numbers where the answer depends on names?"""
    return not any(names(formula)) and any(numbers_read(step.product))


def diagnose_formula(
    facts: Facts, step: Step, scope: Scope, text: str, style: Style
) -> list[Named]:
    """What explains a wrong formula; nothing where it cannot be worked out."""
    try:
        formula = read_formula(text, scope)
    except LanguageError:
        return []
    if too_early(formula, scope):  # what is asked itself has no mistake in it
        return []
    return facts.diagnostician(step, style).of_formula(formula, facts.worlds(step))


# ── the value ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Value:
    verdicts: Sequence[Verdict | None] = ()
    cells: tuple[GradedCell, ...] = ()
    mistakes: Sequence[Named] = ()
    message: Message | None = None
    empty: bool = False
    """Is nothing typed at all?"""
    strayed: bool = False


def _value(
    question: Question,
    answer: Answer,
    formula: _Formula,
    earlier: Mapping[str, Earlier] | None,
) -> _Value:
    if answer.cells is None:
        return _Value()
    texts, at, shape = answer.cells, answer.positions, question.step.shape
    empty = not any(text.strip() for text in texts)
    true = question.grade_cells(texts, at)
    if earlier is None:
        mistakes = question.diagnose_cells(true, at)
        message = _on_cells(true, at, shape, mistakes)
        return _Value([cell.verdict for cell in true], tuple(true), mistakes, message, empty)
    facts, step = question.facts, question.step
    given = from_earlier(facts, step, earlier)
    by_step = _best(true, given, answer)
    typed = None
    if formula.judged and formula.judged.verdict == "wrong" and answer.formula is not None:
        typed = from_formula(facts, step, question.scope, answer.formula, earlier)
    cells = _best(by_step, typed, answer)
    # Who has gone astray makes the next mistake on their own numbers.
    mistakes = diagnose_cells(given.facts, step, cells, at, question.style) if given else []
    mistakes = mistakes or question.diagnose_cells(cells, at)
    if empty:
        message = Message("The value is missing.")
    elif all_passed(cells) and not all_passed(by_step):
        message = Message("The value is right, given your product.")
    else:
        message = _on_cells(cells, at, shape, mistakes, final=True)
    return _Value(
        [cell.verdict or "wrong" for cell in cells],
        tuple(cells),
        mistakes,
        message,
        empty,
        strayed=not all_passed(true) and (not all_passed(by_step) or carries(step, earlier)),
    )


def _best(
    cells: Sequence[GradedCell], following: Following | None, answer: Answer
) -> list[GradedCell]:
    """The better verdict on each cell: the one that there is, or by what follows."""
    if following is None or answer.cells is None:
        return list(cells)
    others = following.grade(answer.cells, answer.positions)
    return [max(verdicts, key=_goodness) for verdicts in zip(cells, *others, strict=True)]


def _goodness(cell: GradedCell) -> int:
    return WORST_FIRST.index(cell.verdict) if cell.verdict else 0


# ── what there is to say ──────────────────────────────────────────────────────────────────────────


LOOK_AGAIN = Message("Not yet. Look at it again, or take a hint.")
NOW_THE_VALUE = Message("Now its value.")


def _message(formula: _Formula, value: _Value, *, final: bool) -> Message | None:
    """What matters now; of an answer that may be mended the formula first."""
    if formula.message is None or value.message is None:
        return formula.message or value.message
    about_value = value.message
    if final:
        one = [list(each.mistakes[0].ids) for each in (formula, value) if each.mistakes]
        if len(one) == 2 and one[0] == one[1]:  # one mistake, in both
            return formula.message
    elif not all(passed(verdict) for verdict in formula.verdicts):
        return formula.message
    elif value.empty:
        about_value = NOW_THE_VALUE
    return Message("{first} {second}", first=formula.message, second=about_value)


def _on_cells(
    cells: Sequence[GradedCell],
    positions: Sequence[int],
    shape: Shape,
    mistakes: Sequence[Named],
    *,
    final: bool = False,
) -> Message:
    verdicts = [cell.verdict for cell in cells]
    verdict = worst(verdicts)
    if verdict == "exact":
        return Message("The value is right, to every figure shown.")
    if verdict == "right":
        return Message("The value is right.")
    if verdict is None and not final:
        return Message("Fill in every cell; still empty: {count}.", count=verdicts.count(None))
    if verdict == "wrong" and mistakes:
        return _on_mistakes(mistakes)
    first = verdicts.index(verdict)
    note = cells[first].note or cells[first].size or (None if final else LOOK_AGAIN)
    if note and len(cells) == 1:
        return note
    told = note and Message(
        "{cell}: {note}", cell=named_cell("", positions[first], shape), note=note
    )
    if told and verdict != "wrong" and not final:
        return told
    right = sum(passed(verdict) for verdict in verdicts)
    if not told:
        return Message("{right} of {all} cells are right.", right=right, all=len(cells))
    return Message(
        "{right} of {all} cells are right. {told}", right=right, all=len(cells), told=told
    )


def _on_mistakes(mistakes: Sequence[Named]) -> Message:
    """What went wrong and what to do; at most two explanations, where several fit."""
    first = mistakes[0]
    said = Message("{first} {second}", first=first.explanation, second=first.advice)
    other = next((each for each in mistakes if each.explanation != first.explanation), None)
    if other is None:
        return said
    return Message("{first} Or: {second}", first=said, second=other.explanation)
