"""Which elements of a value a lesson asks where it fills in the others."""

from collections import Counter
from functools import lru_cache
from math import prod

import numpy as np

from bptutor.course.questions import MOST_SEEN, asked_cells, asks_product, asks_value
from bptutor.course.skills import skill
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.language.evaluate import uniform
from bptutor.language.ops import numbers_read
from bptutor.language.shapes import Outlines
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.lint import Finding
from bptutor.lesson.steps import Step, steps
from bptutor.literals import Ask
from bptutor.text import Message

MOST_ANSWERS = 40  # a lesson that asks for more is too long for one sitting
NAMED = 4  # the steps with the most answers that are named of such a lesson


def few_asked(lesson: Lesson, step: Step, ask: Ask, facts: Facts | None) -> list[int] | None:
    """The positions of the few elements that are asked of a value; None where the rule is another.

    Of a gradient one element, beside its formula. Of a local derivative whose elements are all
    equal the first. Of a forward value two, once a value of the same skill was asked whole; these
    two do not depend on a truth that is not computed yet.
    """
    count = prod(step.shape)
    if lesson.elements == "all" or step.part != "tape" or count == 1:
        return None
    if all_equal(lesson, step):
        return [0]
    if step.kind in ("backward", "optimizer") and asks_product(step, ask):
        return [] if facts is None else [telling(facts, step)]
    met = step.kind == "forward" and step.id in _met_before(lesson.form)
    return [1, min(count, MOST_SEEN) - 1] if met and ask != "values" and count > 2 else None


def answers_at(lesson: Lesson, step: Step) -> int:
    """How many answers a step asks for: its elements, and its formula."""
    count = int(asks_product(step, "all"))
    if asks_value(step, "all"):
        few = few_asked(lesson, step, "all", None)
        whole = asked_cells(step, np.zeros(step.shape)) if few is None else [0]
        count += len(few or whole)
    return count


def too_long(lesson: Lesson) -> list[Finding]:
    """What makes a lesson too long for one sitting, unless it asks for all elements on purpose."""
    answers, kinds = Counter[str](), Counter[str]()
    for step in steps(lesson):
        answers[step.id] = answers_at(lesson, step)
        kinds[step.kind] += answers[step.id]
    count = answers.total()
    if count <= MOST_ANSWERS or lesson.elements == "all":
        return []
    message = Message(
        "the lesson asks for {count} answers ({kinds}), more than {most}; list steps under `skip`,"
        " for example {steps}",
        count=count,
        kinds=", ".join(f"{kind} {number}" for kind, number in kinds.items() if number),
        most=MOST_ANSWERS,
        steps=", ".join(f"{id_} ({number})" for id_, number in answers.most_common(NAMED)),
    )
    return [Finding("too-long", message, "skip")]


def all_equal(lesson: Lesson, step: Step) -> bool:
    """Is the value a local derivative that is one number, whatever the numbers?"""
    return step.kind == "local" and step.id in _all_equal(lesson.form)


def telling(facts: Facts, step: Step) -> int:
    """The position of an element of a gradient that tells mistakes apart.

    The largest off the diagonal, which a transpose would move; one that is merely copied from what
    the formula reads only where all others are 0 or copied too.
    """
    truth = facts.truth(step)
    size = np.abs(truth.reshape(-1)[:MOST_SEEN]).astype("float64")
    own = size * ~_copied(facts, step, truth)[:MOST_SEEN]
    rows, columns = np.divmod(np.arange(size.size), step.shape[-1])
    aside = rows != columns
    choices = (own * aside, own, size * aside, size)
    return int(np.argmax(next((each for each in choices if each.any()), size)))


def _copied(facts: Facts, step: Step, truth: Array) -> Array:
    """Where the truth has the same number as something that its formula reads has there."""
    found = np.zeros(truth.shape, bool)
    for name in numbers_read(step.product):
        read = facts.known(name)
        axes = zip(reversed(read.shape), reversed(truth.shape), strict=False)
        if read.ndim <= truth.ndim and all(size in (1, whole) for size, whole in axes):
            found |= truth == read
    return found.reshape(-1)


@lru_cache(maxsize=64)
def _all_equal(form: Lesson) -> frozenset[str]:
    outlines = Outlines(form.shapes)
    return frozenset(
        step.id
        for step in steps(form)
        if step.kind == "local" and uniform(outlines.of(step.product).expression, outlines.shape)
    )


@lru_cache(maxsize=64)
def _met_before(form: Lesson) -> frozenset[str]:
    """The forward steps after the first asked one of their skill that has several elements."""
    first: dict[str, str] = {}
    forward = (step for step in steps(form) if step.kind == "forward" and step.asks == "all")
    several = [step for step in forward if prod(step.shape) > 1]
    return frozenset(
        step.id for step in several if first.setdefault(skill(form, step), step.id) != step.id
    )
