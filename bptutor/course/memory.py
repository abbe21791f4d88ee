"""The activation memory: the values of the forward pass that the backward formulas read.

A formula that reads `a1` needs a1 to be kept. The derivative of an activation follows from its
input or its output, so either will do. Parameters are kept anyway.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import prod

from bptutor.language.differentiate import contributions, gradient_name
from bptutor.language.errors import ShapeError
from bptutor.language.ops import numbers_read, traits_of
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Assignment, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps


@dataclass(frozen=True)
class Kept:
    """One value that must be kept, or one of two."""

    either: tuple[str, ...]  # names of which one will do, first that of the derived formula
    readers: tuple[str, ...]  # the gradients (by step id) whose formulas read it


@dataclass(frozen=True)
class Need:
    """What must be kept for the backward pass through one section."""

    section: str | None
    kept: tuple[Kept, ...]


@lru_cache(maxsize=64)
def needs(lesson: Lesson) -> tuple[Need, ...]:
    kept: dict[str | None, dict[tuple[str, ...], list[str]]] = {}
    asked = {step.by for step in steps(lesson) if step.kind == "backward"}
    for name, terms in contributions(lesson.program, lesson.loss, lesson.shapes).items():
        if name not in asked:
            continue
        for term in terms:
            section = term.consumer.section
            groups = kept.setdefault(section, {})
            gradient = gradient_name(lesson.loss, name)
            for read in dict.fromkeys(numbers_read(term.term)):
                if read in lesson.shapes and read not in lesson.parameters:
                    readers = groups.setdefault(_either(term.consumer, read), [])
                    if gradient not in readers:
                        readers.append(gradient)
    return tuple(
        Need(
            section,
            tuple(Kept(either, tuple(readers)) for either, readers in kept[section].items()),
        )
        for section in dict.fromkeys(line.section for line in lesson.program.assignments)
        if section in kept
    )


def targets(lesson: Lesson) -> frozenset[str]:
    """Data that is only compared with the output: no value of the forward pass."""
    loss = lesson.program.by_target[lesson.loss]
    if not any(name in lesson.program.by_target for name in loss.inputs):
        return frozenset()
    own = {*lesson.parameters, *lesson.watch}
    return frozenset(
        name
        for name in lesson.program.leaves
        if name not in own and list(lesson.program.consumers[name]) == [loss]
    )


@lru_cache(maxsize=64)
def least_kept(lesson: Lesson) -> tuple[str, ...]:
    """The fewest values that will do for the whole backward pass, in the order of the program.

    Where one of two will do, it is the one that is kept anyway.
    """
    groups = [set(kept.either) for need in needs(lesson) for kept in need.kept]
    chosen = {next(iter(group)) for group in groups if len(group) == 1}
    order = [*lesson.program.leaves, *lesson.program.by_target]
    while open_ := [group for group in groups if not group & chosen]:
        chosen.add(
            min(
                set().union(*open_),
                key=lambda name: (
                    -sum(name in group for group in open_),
                    prod(lesson.shapes[name]),
                    -order.index(name),
                ),
            )
        )
    return tuple(name for name in order if name in chosen)


def released(lesson: Lesson) -> list[tuple[str | None, tuple[str, ...]]]:
    """The values of `least_kept` that are free after each section, in the backward pass."""
    last = {
        name: next(n for n in needs(lesson) if any(name in k.either for k in n.kept)).section
        for name in least_kept(lesson)
    }
    return [
        (need.section, names)
        for need in reversed(needs(lesson))
        if (names := tuple(name for name, section in last.items() if section == need.section))
    ]


def count_kept(lesson: Lesson, rows: int) -> int | None:
    """The size of `least_kept` for so many examples at once, in numbers.

    None where the program does not take another number of rows. In a lesson without rows the
    values of each example are saved separately.
    """
    data = [name for name in lesson.program.leaves if name not in lesson.parameters]
    batch = {lesson.shapes[name][0] for name in data if len(lesson.shapes[name]) == 2}
    if not batch:
        return rows * sum(prod(lesson.shapes[name]) for name in least_kept(lesson))
    shapes = {
        name: (rows, *shape[1:]) if name in data and len(shape) == 2 and len(batch) == 1 else shape
        for name, shape in lesson.shapes.items()
        if name in lesson.program.leaves
    }
    try:
        for assignment in lesson.program.assignments:
            shapes[assignment.target] = infer_shape(assignment.expression, shapes)
    except ShapeError:
        return None
    return sum(prod(shapes[name]) for name in least_kept(lesson))


def _either(consumer: Assignment, read: str) -> tuple[str, ...]:
    """A name, with the other one from which the same derivative follows."""
    expression = consumer.expression
    if isinstance(expression, Apply) and traits_of(expression).slope_from_value:
        argument = expression.operands[0]
        if isinstance(argument, Name) and read in (argument.id, consumer.target):
            other = consumer.target if read == argument.id else argument.id
            return (read, other)
    return (read,)
