"""What of the forward pass the way back needs: read off the derived products.

A product that reads `a1` needs a1 to be kept. The slope of an activation can be had from what went
in or from what came out, so either of the two will do there. Parameters are there anyway.
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
    """One value that must be kept, or one of two; and what for."""

    either: tuple[str, ...]
    """Names of which one will do, the one that the derived product reads first."""
    readers: tuple[str, ...]
    """The gradients (by step id) whose products read it."""


@dataclass(frozen=True)
class Need:
    """What must be kept of the forward pass for the way back through one section."""

    section: str | None
    kept: tuple[Kept, ...]
    free: frozenset[str]
    """Parameters that are read as well: they are there anyway."""


@lru_cache(maxsize=64)
def needs(lesson: Lesson) -> tuple[Need, ...]:
    """The needs of each section that has a gradient to compute, in the order of the program."""
    found: dict[str | None, dict[tuple[str, ...], list[str]]] = {}
    free: dict[str | None, set[str]] = {}
    asked = {step.by for step in steps(lesson) if step.kind == "backward"}
    for name, terms in contributions(lesson.program, lesson.loss, lesson.shapes).items():
        if name not in asked:
            continue
        for term in terms:
            section = term.consumer.section
            kept, read_free = found.setdefault(section, {}), free.setdefault(section, set())
            gradient = gradient_name(lesson.loss, name)
            for read in dict.fromkeys(numbers_read(term.term)):
                if read in lesson.parameters:
                    read_free.add(read)
                elif read in lesson.shapes:
                    readers = kept.setdefault(_either(term.consumer, read), [])
                    if gradient not in readers:
                        readers.append(gradient)
    order = list(dict.fromkeys(each.section for each in lesson.program.assignments))
    return tuple(
        Need(
            section,
            tuple(Kept(either, tuple(readers)) for either, readers in found[section].items()),
            frozenset(free[section]),
        )
        for section in order
        if section in found
    )


@lru_cache(maxsize=64)
def least_kept(lesson: Lesson) -> tuple[str, ...]:
    """As few values as will do for the whole way back, in the order of the program.

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


def let_go(lesson: Lesson) -> list[tuple[str | None, tuple[str, ...]]]:
    """What of `least_kept` can be let go after each section, on the way back."""
    last = {
        name: next(n for n in needs(lesson) if any(name in k.either for k in n.kept)).section
        for name in least_kept(lesson)
    }
    return [
        (need.section, gone)
        for need in reversed(needs(lesson))
        if (gone := tuple(name for name, section in last.items() if section == need.section))
    ]


def with_batch(lesson: Lesson, rows: int) -> int | None:
    """How many numbers `least_kept` comes to with so many examples at once.

    None where the program does not take another number of rows. Of a lesson without rows each
    example is kept by itself.
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
    """A name, with the other one from which the same slope can be had."""
    expression = consumer.expression
    if isinstance(expression, Apply) and traits_of(expression).slope_from_value:
        argument = expression.operands[0]
        if isinstance(argument, Name) and read in (argument.id, consumer.target):
            other = consumer.target if read == argument.id else argument.id
            return (read, other)
    return (read,)
