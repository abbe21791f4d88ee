"""What an item must be, looked at from outside: in TensorFlow, by the grader, on three figures."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from bptutor.course.questions import asked_of
from bptutor.engine.domains import class_numbers, distribution_axis, is_binary
from bptutor.engine.trace import Leaves, Trace, evaluate_expression, run
from bptutor.grading.candidates import Candidate
from bptutor.grading.cells import grade_cells, passed
from bptutor.language.tree import Apply, Expression, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.quiz.items import Item
from bptutor.text import UserError, shortest, significant

Array = NDArray[np.float64]

CUT_OFF = ("relu", "maximum", "greater", "greater_equal")
RULES = ("short", "size", "something", "worked", "open and shut", "both signs", "told apart")


def broken(item: Item) -> list[str]:
    """The rules that an item breaks."""
    holds = {
        "short": _short(item),
        "size": _sized(item),
        "something": _something(item),
        "worked": _worked(item),
        "open and shut": _open_and_shut(item),
        "both signs": _both_signs(item),
        "told apart": not any(alike(item)),
    }
    assert tuple(holds) == RULES
    return [rule for rule, held in holds.items() if not held]


def _short(item: Item) -> bool:
    """Are the leaves of two digits at most, and of two decimals?"""
    for name in item.lesson.program.leaves:
        for number in np.ravel(item.facts.known(name)).tolist():
            text = shortest(abs(number), item.lesson.dtype).removesuffix(".0")
            if len(text.replace(".", "").strip("0")) > 2 or len(text.partition(".")[2]) > 2:
                return False
    return True


def _something(item: Item) -> bool:
    """Is there anything to compute, or a lone unit that is off?"""
    inside = (evaluate_expression(part.operands[0], item.facts.trace) for part in _cut_off(item))
    return bool(item.facts.truth(item.step).any()) or any(each.size == 1 for each in inside)


def _cut_off(item: Item) -> Iterator[Apply]:
    """The parts of the formula that cut off at 0."""
    for part in parts(item.step.product):
        if isinstance(part, Apply) and part.operation in CUT_OFF:
            yield part


def _sized(item: Item) -> bool:
    """Is all that is read and all that comes out 0, or or about a thousandth to a thousand?"""
    settings = item.lesson.optimizer.settings  # as small as they are
    read = [item.facts.known(n) for n in names(item.step.product) if n not in settings]
    sizes = np.concatenate(
        [np.abs(np.ravel(each)) for each in (*read, item.facts.truth(item.step))]
    )
    rest = sizes[sizes != 0]
    return bool(((rest > 0.0009) & (rest < 1001)).all())


def _worked(item: Item) -> bool:
    """Is it right what comes of knowns that are rounded to three figures, as the grader has it?"""
    step, facts = item.step, item.facts
    cells = asked_of(facts, step)
    rough = facts.displayed(step, 3).reshape(-1)[cells].tolist()
    typed = [repr(value) for value in rough]
    answers = [typed]
    if step.kind != "update":  # which takes as many decimals as its change needs
        answers.append([significant(value, 3) for value in rough])
    graded = [cell for each in answers for cell in grade_cells(facts, step, each, cells)]
    return all(passed(cell.verdict) for cell in graded)


def _open_and_shut(item: Item) -> bool:
    """Has what is cut off at 0 numbers on both sides of it, where there are several?"""
    inside = (evaluate_expression(part.operands[0], item.facts.trace) for part in _cut_off(item))
    return not any(each.size > 1 and ((each > 0).all() or (each <= 0).all()) for each in inside)


def _both_signs(item: Item) -> bool:
    """Is the output too large somewhere and too small elsewhere, where there are several?"""
    lesson, facts = item.lesson, item.facts
    if item.step.kind not in ("backward", "update"):
        return True
    error = next(
        (
            part
            for assignment in lesson.program.assignments
            if lesson.loss in (assignment.target, *_readers(lesson, assignment.target))
            for part in parts(assignment.expression)
            if isinstance(part, Apply) and part.operation == "power"
            for part in part.operands[:1]
            if isinstance(part, Apply) and part.operation == "subtract"
        ),
        None,
    )
    if error is None:
        return True
    off = evaluate_expression(error, facts.trace)
    return off.size == 1 or bool((off > 0).any() and (off < 0).any())


def _readers(lesson: Lesson, name: str) -> list[str]:
    return [each.target for each in lesson.program.consumers.get(name, ())]


def alike(item: Item) -> Iterator[tuple[str, str]]:
    """Mistakes that give the same three figures, and mistakes that give the right ones.

    But for those that are one formula whatever the numbers, or whatever the numbers of these signs.
    """
    facts, step = item.facts, item.step
    truth = facts.diagnostician(step).truth
    cells = asked_of(facts, step)
    old = facts.known(step.target).astype("float64") if step.kind == "update" else None
    seen: dict[tuple[str, ...], list[tuple[str, Expression]]] = {
        _shown(truth, old, cells): [("the truth", step.product)]
    }
    for candidate in mistakes_of(item):
        id_, formula = candidate.ids[0], candidate.expression
        if _accepted(item, candidate, cells) and not inseparable(item, formula, step.product):
            yield "the truth", id_
        others = seen.setdefault(_shown(candidate.value, old, cells), [])
        for other, other_formula in others:
            if other != id_ and not inseparable(item, formula, other_formula):
                yield other, id_
        others.append((id_, formula))


def _accepted(item: Item, mistake: Candidate, cells: list[int]) -> bool:
    """Does the grader find nothing wrong with what a mistake gives, typed to three figures?"""
    if item.step.kind == "update":  # typed to as many decimals as it takes
        return False
    typed = [significant(float(np.ravel(mistake.value)[cell]), 3) for cell in cells]
    graded = grade_cells(item.facts, item.step, typed, cells)
    return all(cell.verdict != "wrong" for cell in graded)


def mistakes_of(item: Item) -> list[Candidate]:
    """Those too that make no difference to these numbers."""
    return item.facts.diagnostician(item.step).known.every_single


def _shown(value: Array, old: Array | None, cells: list[int]) -> tuple[str, ...]:
    """The three figures of each asked cell; of an update, those of its change too."""
    shown = [significant(float(np.ravel(value)[cell]), 3) for cell in cells]
    if old is not None:
        shown += [significant(float(np.ravel(value - old)[cell]), 3) for cell in cells]
    return tuple(shown)


_KNOWN: dict[object, bool] = {}
"""What has been found out about pairs of formulas, with the signs of lone quantities."""


def inseparable(item: Item, one: Expression, other: Expression) -> bool:
    """Are two formulas the same for all numbers at which each lone quantity keeps its sign?"""

    def in_them(trace: Trace) -> tuple[int, ...]:
        inside = (part for formula in (one, other) for part in parts(formula))
        return _signs([evaluate_expression(part, trace) for part in inside])

    def in_all(trace: Trace) -> tuple[int, ...]:
        return in_them(trace) + _signs([*trace.values.values(), *trace.gradients.values()])

    for signs in (in_them, in_all):
        key = item.lesson.form, item.step.id, one, other, signs(item.facts.trace)
        if key not in _KNOWN:
            _KNOWN[key] = _same_nearby(item, one, other, signs)
        if _KNOWN[key]:
            return True
    return False


def _same_nearby(
    item: Item, one: Expression, other: Expression, signs: Callable[[Trace], tuple[int, ...]]
) -> bool:
    """Are they the same on six more sets of numbers that have these signs where none is 0?"""
    random, here = np.random.default_rng(1), item.facts.trace
    leaves = {name: here.values[name].astype("float64") for name in item.lesson.program.leaves}
    compared = 0
    for _ in range(60):
        try:
            there = run(item.lesson, _nearby(item.lesson, leaves, random), "float64")
        except UserError:
            continue
        if any(a * b < 0 for a, b in zip(signs(here), signs(there), strict=True)):
            continue
        values = evaluate_expression(one, there), evaluate_expression(other, there)
        if not np.allclose(*values, rtol=1e-6, atol=1e-12):
            return False
        compared += 1
        if compared == 6:
            return True
    return False


def _nearby(lesson: Lesson, leaves: dict[str, Array], random: np.random.Generator) -> Leaves:
    """Leaves around these that keep every sign and every label."""
    found = {}
    for name, value in leaves.items():
        moved = value * np.exp(0.1 * random.standard_normal(value.shape))
        moved = np.where(value == 0, 0.1 * random.standard_normal(value.shape), moved)
        real = name in (*lesson.parameters, *lesson.watch)
        if name in class_numbers(lesson) or (is_binary(value) and not real):
            moved = value
        elif not real and (axis := distribution_axis(value)) is not None:
            moved = np.abs(moved) / np.abs(moved).sum(axis, keepdims=True)
        found[name] = moved
    return found


def _signs(values: list[Array]) -> tuple[int, ...]:
    """The signs of those that are a single number."""
    return tuple(int(np.sign(value.item())) for value in values if value.size == 1)
