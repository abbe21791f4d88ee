"""The one place where an answer becomes a verdict: in lessons, quizzes and `bptutor check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bptutor.grading.authored import words_on_cells, words_on_formula
from bptutor.grading.carried import Earlier, Following, carries, from_earlier, from_formula
from bptutor.grading.cells import WORST_FIRST, GradedCell, all_passed, diagnose_cells, passed, worst
from bptutor.grading.diagnosis import UNKNOWN, History
from bptutor.grading.facts import Facts
from bptutor.grading.formula import (
    BY_CHANCE,
    WRONG_ELSEWHERE,
    JudgedFormula,
    Scope,
    World,
    judge_formula,
    read_formula,
    too_early,
)
from bptutor.grading.misconceptions import slips
from bptutor.grading.named import Named
from bptutor.grading.question import Answer, Question
from bptutor.grading.said import on_cells, on_mistake
from bptutor.language.algebra import minus
from bptutor.language.errors import LanguageError
from bptutor.language.ops import numbers_read, traits_of
from bptutor.language.ops.base import Style
from bptutor.language.tree import Apply, Expression, Name, Number, names, parts, replaced
from bptutor.lesson.optimizer import SETTINGS, Optimizer
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.text import Clause, Message, sentences


@dataclass(frozen=True)
class Graded:
    verdict: Verdict | None  # the worst one; None where nothing was typed
    formula: JudgedFormula | None  # None where none was checked, or in an exam none was typed
    cells: tuple[GradedCell, ...]
    mistakes: tuple[Named, ...]  # what explains what is wrong, likeliest first
    message: Message | None
    strayed: bool = False  # of an exam: is the value wrong, or right by an earlier wrong answer?
    focus: int | None = None  # which of the cells the message is about
    tone: Verdict | None = None  # the verdict that the message is about
    authored: bool = False  # does the lesson's author have words on it?

    @property
    def mistake_ids(self) -> tuple[str, ...]:
        """Of all mistakes that may explain the answer."""
        return tuple(dict.fromkeys(id_ for each in self.mistakes for id_ in each.ids))

    @property
    def explained(self) -> bool:
        return self.authored or bool(self.mistake_ids)

    @property
    def recorded(self) -> tuple[str, ...]:
        """Of the mistakes that were made, as far as one can tell."""
        return tuple(dict.fromkeys(id_ for each in self.mistakes for id_ in each.recorded))


def grade(
    question: Question, answer: Answer, earlier: Mapping[str, Earlier] | None = None
) -> Graded:
    """Hold an answer against the truth, and find what explains it if it is wrong.

    `earlier` has the answers to the steps before in a question of an exam, by step id. What is
    right given those, or given a wrong formula, is right. An exam's answer is final: what is
    missing is wrong, and nothing is said of trying again. Elsewhere it is None.
    """
    final = earlier is not None
    formula = _formula(question, answer, final=final)
    value = _value(question, answer, formula, earlier)
    verdicts = [*formula.verdicts, *value.verdicts]
    verdict = worst([verdict for verdict in verdicts if verdict])
    formula_first = not final and not all(map(passed, formula.verdicts))
    about = verdict
    if formula.blank and "wrong" in value.verdicts:  # the formula may tell its origin
        formula_first, about = False, "wrong"
    return Graded(
        verdict,
        formula.judged,
        value.cells,
        (*formula.mistakes, *value.mistakes),
        _message(formula, value, final=final),
        value.strayed,
        None if formula_first else value.focus,
        formula.verdicts[0] if formula_first else about,
        formula.authored or value.authored,
    )


# ── the formula ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Formula:
    verdicts: Sequence[Verdict] = ()
    judged: JudgedFormula | None = None
    mistakes: Sequence[Named] = ()
    message: Message | None = None
    blank: bool = False
    authored: bool = False


def _formula(question: Question, answer: Answer, *, final: bool) -> _Formula:
    text = answer.formula
    if text is None:
        return _Formula()
    if final and not text.strip():
        return _Formula(["wrong"], message=Message("The formula is missing."))
    judged = question.judge(text)
    wrong = judged.verdict == "wrong"
    mistakes = question.diagnose_formula(text, answer.history) if wrong else ()
    words = words_on_formula(question.facts, question.step, question.scope, text) if wrong else None
    if words:
        message = words
    elif mistakes:
        message = on_mistake(question, mistakes[0], answer)
        if judged.message is BY_CHANCE or judged.message is WRONG_ELSEWHERE:
            message = sentences(judged.message, message)
    elif judged.message is not None:
        message = judged.message
    elif judged.verdict == "right":
        message = Message("The formula is right.")
    elif question.step.role:
        message = Message("The formula is not right.")
        if not final:
            message = sentences(message, Message("Check it, or take a hint."))
    elif final:
        message = Message("The formula does not give the gradient.")
    else:
        message = Message("This formula does not give the gradient. Check it, or take a hint.")
    blank, authored = not text.strip(), words is not None
    return _Formula([judged.verdict], judged, mistakes, message, blank, authored)


RIGHT_BY_BROADCAST = Message(
    "The formula is right here, because an axis has length 1. In general, write the "
    "matrix product @ in place of *."
)


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
    if step.role:
        formula = _with_settings(formula, facts.lesson.optimizer)
    worlds = facts.worlds(step)
    judged = judge_formula(
        formula, worlds, spread=spread, by=step.by or "", gradient=step.role is None
    )
    if judged.verdict == "right" and not judged.message and _by_broadcast(formula, step, worlds[0]):
        return JudgedFormula("right", RIGHT_BY_BROADCAST)
    return judged


def _with_settings(formula: Expression, optimizer: Optimizer) -> Expression:
    """A formula with the name of a setting in the place of its number, 0.9 say, or of 1 - 0.9."""
    named: dict[Number, Expression] = {
        Number(value): Name(name)
        for name, value in optimizer.settings.items()
        if SETTINGS[name] != "bound"
    }
    for name, value in optimizer.settings.items():
        if SETTINGS[name] == "share":
            named.setdefault(Number(float(f"{1 - value:.12g}")), minus(Number(1), Name(name)))
    return replaced(formula, lambda part: named.get(part) if isinstance(part, Number) else None)


def _by_broadcast(formula: Expression, step: Step, world: World) -> bool:
    """Does a broadcast * stand for the matrix product of the rule?"""
    rule, typed = (
        [part for part in parts(each) if isinstance(part, Apply)]
        for each in (step.product, formula)
    )
    if not any(traits_of(part).product == "matrices" for part in rule) or any(
        traits_of(part).product == "matrices" for part in typed
    ):
        return False
    return any(
        len({world.evaluate(operand).shape for operand in part.operands}) > 1
        and all(world.evaluate(operand).ndim == 2 for operand in part.operands)
        for part in typed
        if traits_of(part).product == "cells"
    )


def _only_numbers(formula: Expression, step: Step) -> bool:
    """Are there only numbers where the answer depends on names?"""
    return not any(names(formula)) and any(numbers_read(step.product))


def diagnose_formula(
    facts: Facts, step: Step, scope: Scope, text: str, style: Style, history: History = UNKNOWN
) -> list[Named]:
    """What explains a wrong formula; nothing where it cannot be worked out."""
    try:
        formula = read_formula(text, scope)
    except LanguageError:
        return []
    if step.id in names(formula):  # what is asked itself has no mistake in it
        return []
    if step.role:
        formula = _with_settings(formula, facts.lesson.optimizer)
    return facts.diagnostician(step, style).of_formula(formula, facts.worlds(step), history)


# ── the value ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Value:
    verdicts: Sequence[Verdict | None] = ()
    cells: tuple[GradedCell, ...] = ()
    mistakes: Sequence[Named] = ()
    message: Message | None = None
    empty: bool = False  # is nothing typed at all?
    strayed: bool = False
    focus: int | None = None  # which cell the message is about
    authored: bool = False


def _value(
    question: Question, answer: Answer, formula: _Formula, earlier: Mapping[str, Earlier] | None
) -> _Value:
    if answer.cells is None:
        return _Value()
    texts, at = answer.cells, answer.positions
    empty = not any(text.strip() for text in texts)
    true = question.grade_cells(texts, at, letters=earlier is None)
    mistakes: Sequence[Named]
    focus: int | None = None
    words: Message | None = None
    if earlier is None:
        by_formula = bool(formula.verdicts) and all(map(passed, formula.verdicts))
        # Beside a right formula nothing is carried on, and slips come first.
        history = replace(answer.history, right=None) if by_formula else answer.history
        mistakes = question.diagnose_cells(true, at, history)
        if by_formula:
            mistakes = sorted(mistakes, key=lambda each: not SLIPS.issuperset(each.ids))
        message, focus = on_cells(question, true, answer, mistakes)
        words = words_on_cells(question.facts, question.step, true, at)
        verdicts = [cell.verdict for cell in true]
        return _Value(
            verdicts,
            tuple(true),
            mistakes,
            words or message,
            empty,
            focus=focus,
            authored=words is not None,
        )
    facts, step = question.facts, question.step
    given = from_earlier(facts, step, earlier)
    by_step = _best(true, given, answer)
    typed = None
    if formula.judged and formula.judged.verdict == "wrong" and answer.formula is not None:
        typed = from_formula(facts, step, question.scope, answer.formula, earlier)
    cells = _best(by_step, typed, answer)
    # Who has gone astray makes the next mistake on their own numbers.
    on_their_own = replace(answer.history, right=None)
    mistakes = (
        diagnose_cells(given.facts, step, cells, at, question.style, on_their_own) if given else []
    )
    mistakes = mistakes or question.diagnose_cells(cells, at, answer.history)
    if empty:
        message = Message("The value is missing.")
    elif all_passed(cells) and not all_passed(by_step):
        message = Message("The value is right, given your formula.")
    else:
        message, focus = on_cells(question, cells, answer, mistakes, final=True)
        words = words_on_cells(facts, step, cells, at)
        message = words or message
    return _Value(
        [cell.verdict or "wrong" for cell in cells],
        tuple(cells),
        mistakes,
        message,
        empty,
        strayed=not all_passed(true) and (not all_passed(by_step) or carries(step, earlier)),
        focus=focus,
        authored=words is not None,
    )


def _best(
    cells: Sequence[GradedCell], following: Following | None, answer: Answer
) -> list[GradedCell]:
    if following is None or answer.cells is None:
        return list(cells)
    others = following.grade(answer.cells, answer.positions)
    return [max(verdicts, key=_goodness) for verdicts in zip(cells, *others, strict=True)]


def _goodness(cell: GradedCell) -> int:
    return WORST_FIRST.index(cell.verdict) if cell.verdict else 0


# ── what there is to say ──────────────────────────────────────────────────────────────────────────


NOW_THE_VALUE = Message("Now type its value.")
SLIPS = frozenset(slips.LABELS)


def _message(formula: _Formula, value: _Value, *, final: bool) -> Message | None:
    """What matters now; of an answer that can be fixed the formula first."""
    if formula.message is None or value.message is None:
        return formula.message or value.message
    about_value = value.message
    if final:
        one = [list(each.mistakes[0].ids) for each in (formula, value) if each.mistakes]
        if len(one) == 2 and one[0] == one[1]:  # one mistake, in both
            return formula.message
        if (
            len(value.cells) == 1
            and "wrong" in value.verdicts
            and not (value.mistakes or value.empty or value.authored)
        ):
            about_value = Message("Your value: {what}", what=Clause(about_value))
    elif formula.blank and "wrong" in value.verdicts:
        return about_value
    elif not all(passed(verdict) for verdict in formula.verdicts):
        return formula.message
    elif value.empty:
        about_value = NOW_THE_VALUE
    elif not all(map(passed, value.verdicts)):
        return about_value
    return sentences(formula.message, about_value)
