"""A value's cells: what is typed into each of them, its verdict, and what explains a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain

from bptutor.engine.trace import Array, work_out
from bptutor.grading.diagnosis import UNKNOWN, History
from bptutor.grading.facts import Facts, arithmetic
from bptutor.grading.fit import Answered
from bptutor.grading.formula import Scope, is_tape_call, squeezed, too_early
from bptutor.grading.judge import Typed, judge, judge_update, off_by
from bptutor.grading.named import Named
from bptutor.grading.read import read_cell
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.ops.base import Style, written_shape
from bptutor.language.shapes import require_affordable
from bptutor.language.tree import Expression, Name, names
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.text import Message, UserError, shortest

WORST_FIRST: tuple[Verdict, ...] = ("unreadable", "wrong", "imprecise", "right", "exact")

EARLY = 2  # significant digits to which knowns are rounded by someone who rounds too early


@dataclass(frozen=True)
class GradedCell:
    """A verdict on one cell; None where nothing was typed."""

    verdict: Verdict | None
    note: Message | None = None
    typed: Typed | None = None  # the number, where it could be read
    size: Message | None = None  # of a wrong number, what is known of its sign and size


def passed(verdict: Verdict | None) -> bool:
    return verdict in ("exact", "right")


def all_passed(cells: Sequence[GradedCell]) -> bool:
    return all(passed(cell.verdict) for cell in cells)


def worst(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """The verdict on the whole: that of its worst cell.

    While a cell is empty it is none that is right, and None where nothing is wrong so far.
    """
    counting = WORST_FIRST[:3] if None in verdicts else WORST_FIRST
    return next((verdict for verdict in counting if verdict in verdicts), None)


def read_number(text: str, letters: Letters | None = None, position: int = 0) -> Typed | GradedCell:
    """A cell's number; where there is none, the verdict."""
    if not text.strip():
        return GradedCell(None)
    try:
        if letters is None:
            return read_cell(text, arithmetic)
        return read_cell(text, partial(letters.evaluate, position), letters.own, letters.names)
    except ShapeError as error:
        return GradedCell("unreadable", Message("{problem}.", problem=error.message))
    except UserError as error:
        return GradedCell("unreadable", BY_HAND if is_tape_call(text) else error.message)


BY_HAND = Message(
    "tape.gradient returns this value in TensorFlow. Here you do its work: compute the number and "
    "type it."
)


@dataclass(frozen=True)
class Letters:
    """Reads names in the cells of a step: `x`, or `old - lr*dL_dw`, element by element."""

    facts: Facts
    step: Step
    scope: Scope

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset((*self.scope.known, *self.scope.places, *self._spoken))

    def own(self, name: str) -> str:
        return name if name in self._spoken else self.scope.own(name)

    @property
    def _spoken(self) -> dict[str, str]:
        """An update's word for the old weight."""
        asked = self.step.kind == "update" and self.step.target in self.scope.known
        return {"old": self.step.target} if asked else {}

    def evaluate(self, position: int, expression: Expression) -> float:
        """What a cell's text comes to at its position.

        Raises LanguageError: it reads what may not be read here, or has another shape.
        """
        read = list(dict.fromkeys(names(expression)))
        if not read:
            return arithmetic(expression)
        if self.step.kind == "forward":
            said = Message("Type the number in place of {name}.", name=read[0])
            raise LanguageError(said)
        spoken = {word: name for word, name in self._spoken.items() if word in read}
        for name in read:
            if problem := too_early(Name(spoken.get(name, name)), self.scope):
                raise LanguageError(problem)
        values = {each: self.facts.known(spoken.get(each, each)) for each in read}
        require_affordable(expression, {name: value.shape for name, value in values.items()})
        value = work_out(expression, values)
        if value.size == 1:
            return float(value.item())
        if squeezed(value.shape) != squeezed(self.step.shape):
            raise LanguageError(
                Message(
                    "This has the shape {found}, not {wanted}.",
                    found=written_shape(value.shape),
                    wanted=written_shape(self.step.shape),
                )
            )
        return float(value.reshape(-1)[position])


def grade_cells(
    facts: Facts,
    step: Step,
    texts: Sequence[str],
    positions: Sequence[int],
    letters: Letters | None = None,
) -> list[GradedCell]:
    """Grade the cells at these positions (row after row) of a step's value."""
    read = [read_number(text, letters, at) for text, at in zip(texts, positions, strict=True)]
    truth = facts.truth(step).reshape(-1)[list(positions)]
    if step.kind == "update":
        return grade_update(facts, step, read, positions, truth)
    displayed = facts.displayed(step).reshape(-1)[list(positions)]
    graded = grade_numbers(read, truth, displayed)
    verdicts = [cell.verdict for cell in graded]
    if "imprecise" not in verdicts or {"wrong", "unreadable"}.intersection(verdicts):
        return graded
    numbers = answered(facts, step, graded, positions, ("exact", "right"))
    if not facts.diagnostician(step).known_mistake_gives(numbers):
        return graded
    return [
        replace(cell, verdict="wrong", note=None) if cell.verdict == "imprecise" else cell
        for cell in graded
    ]


def grade_numbers(
    numbers: Sequence[Typed | GradedCell], truth: Array, displayed: Array | None = None
) -> list[GradedCell]:
    """Grade what was read as numbers against the true ones.

    `displayed` is what arithmetic on the numbers as displayed gives, where that may differ.
    """
    expected = truth if displayed is None else displayed
    graded = []
    for typed, right, near in zip(numbers, truth.tolist(), expected.tolist(), strict=True):
        if isinstance(typed, Typed):
            judged = judge(typed, right, near)
            size = _size(typed.value, right) if judged.verdict == "wrong" else None
            graded.append(GradedCell(judged.verdict, judged.note, typed, size))
        else:
            graded.append(typed)
    return graded


def grade_update(
    facts: Facts,
    step: Step,
    numbers: Sequence[Typed | GradedCell],
    positions: Sequence[int],
    truth: Array,
) -> list[GradedCell]:
    """Grade an updated parameter's cells at these positions, each by its change."""
    lesson, at = facts.lesson, list(positions)
    old = facts.known(step.target).reshape(-1)[at].tolist()
    decreases = facts.decrease(step).reshape(-1)[at].tolist()
    plain, graded = lesson.optimizer.plain, []
    for typed, before, less, after in zip(numbers, old, decreases, truth.tolist(), strict=True):
        if isinstance(typed, Typed):
            judged = judge_update(typed, before, less, after, lesson.dtype, plain=plain)
            graded.append(GradedCell(judged.verdict, judged.note, typed))
        else:
            graded.append(typed)
    return graded


def _size(typed: float, truth: float) -> Message:
    """What is known of a wrong number, without giving the right one away."""
    if truth == 0:
        return Message("Look for a factor that is 0, or for terms that cancel.")
    if typed == 0:
        return Message("The value is not 0.")
    return off_by(typed / truth, negative=truth < 0)


def diagnose_cells(
    facts: Facts,
    step: Step,
    graded: Sequence[GradedCell],
    positions: Sequence[int],
    style: Style,
    history: History = UNKNOWN,
) -> list[Named]:
    verdicts = [cell.verdict for cell in graded]
    if "wrong" not in verdicts or "unreadable" in verdicts:
        return []
    some = _some(verdicts)
    graded, positions = [graded[each] for each in some], [positions[each] for each in some]
    cells = answered(facts, step, graded, positions)
    return facts.diagnostician(step, style).of_value(cells, facts.displayed(step, EARLY), history)


MOST_CELLS = 100  # wrong and right ones that are looked at


def _some(verdicts: Sequence[Verdict | None]) -> list[int]:
    """The cells that stand for all of them: of very many some of the wrong, some of the others."""
    wrong = [place for place, verdict in enumerate(verdicts) if verdict == "wrong"]
    others = [place for place, verdict in enumerate(verdicts) if verdict != "wrong"]
    chosen = [each[:: max(1, len(each) // MOST_CELLS)] for each in (wrong, others)]
    return sorted(chain.from_iterable(chosen))


def answered(
    facts: Facts,
    step: Step,
    graded: Sequence[GradedCell],
    positions: Sequence[int],
    right: Sequence[Verdict] = ("exact", "right", "imprecise"),
) -> list[Answered]:
    """The cells that hold a number, for the diagnosis; `right` verdicts speak against none."""
    truth = facts.truth(step).reshape(-1).tolist()
    old = facts.known(step.target).reshape(-1).tolist() if step.kind == "update" else None
    return [
        Answered(
            cell.typed,
            truth[position],
            cell.verdict in right,
            position,
            old[position] if old else None,
            float(shortest(old[position], facts.lesson.dtype)) if old else 0.0,
        )
        for cell, position in zip(graded, positions, strict=True)
        if cell.typed is not None
    ]
