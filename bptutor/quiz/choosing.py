"""For authors: numbers for a lesson, and advice on those that it has."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np

from bptutor.course.iterations import LOOKED_AT, larger_rate
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.language.errors import listed
from bptutor.language.ops import operation_of, operations, traits_of
from bptutor.language.tree import Apply, Name
from bptutor.lesson.draft import Draft, drafted, toml_text
from bptutor.lesson.lesson import Lesson, Values
from bptutor.lesson.lint import Finding
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.quiz.distinct import distractors, few_numbers
from bptutor.quiz.numbers import drawn
from bptutor.text import Message, UserError, shortest, significant

TRIES = 24  # sets of numbers that are tried at most; the first one with nothing against it is taken
SIZES = np.arange(1.0, 10.0)  # inputs are halves of the first ones, weights and biases tenths
LARGE = 400  # numbers from which on the mistakes of a draw are not compared


@dataclass(frozen=True)
class Confusion:
    """Two mistakes at one step, or a mistake and the right answer, that agree to three figures."""

    step: str
    mistakes: tuple[str, ...]


def confusions(lesson: Lesson) -> Iterator[Confusion]:
    """The mistakes that the numbers of a lesson do not tell apart, step by step.

    Of the numbers that it asks for. Without two ways to write one formula, and without mistakes
    whose value here is exactly right: an author may want a 0.
    """
    with np.errstate(all="ignore"):
        numbers = NumpyPass.on_its_own(lesson)
        for step in steps(lesson):
            if step.asks != "all":
                continue
            confused = distractors(lesson, step).confused(numbers, by_chance=False)
            for mistakes in dict.fromkeys(confused):
                yield Confusion(step.id, mistakes)


def choose(draft: Draft, seed: int) -> dict[str, Values]:
    """Numbers for a drafted lesson's leaves: the draw with the least against it.

    Raises UserError: no draw gives finite numbers.
    """
    rng = np.random.default_rng(seed)
    best: tuple[float, dict[str, Values]] | None = None
    problem: UserError | None = None
    lesson: Lesson | None = None
    small = sum(int(np.prod(shape)) for shape in draft.shapes.values()) < LARGE
    for _ in range(TRIES if small else 1):
        values = {name: _drawn(draft, name, rng) for name in draft.shapes}
        lesson = lesson.on(values) if lesson else replace(_lesson(draft), values=values)
        try:
            facts = Facts(lesson)
            penalty = _penalty(facts, draft) if small else 0.0
        except UserError as error:
            problem = error
            continue
        if best is None or penalty < best[0]:
            best = penalty, values
        if penalty == 0:
            break
    if best is None:
        assert problem is not None
        raise problem
    return best[1]


def _lesson(draft: Draft) -> Lesson:
    """The drafted lesson, with zeros for numbers."""
    zeros: dict[str, Any] = {name: np.zeros(shape).tolist() for name, shape in draft.shapes.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "draft.toml"
        path.write_text(toml_text(drafted(draft, "", zeros)), encoding="utf-8")
        return load(str(path))


def _penalty(facts: Facts, draft: Draft) -> float:
    """What is against a draw; less is better."""
    against = 3.0 * sum(1 for _ in confusions(facts.lesson))
    for layer in range(1, len(draft.units) - 1):
        z = facts.known(f"Z{layer}")
        against += 20.0 * float((np.abs(z) < 0.05).any())  # at a kink, or as good as
        live = (z > 0).mean()
        if operations()[draft.activation].traits.gate:
            against += 12.0 * float(live in (0.0, 1.0))  # a dead and a live unit
        else:
            against += 8.0 * float((np.abs(z) > 2.5).any())  # saturated
    if facts.after.loss >= facts.trace.loss:
        against += 30.0
    return against


def _drawn(draft: Draft, name: str, rng: np.random.Generator) -> Values:
    shape = draft.shapes[name]
    if name == "T":
        return _targets(draft, rng)
    sizes = SIZES[:4] / 2 if name == "X" else SIZES / 10
    count = int(np.prod(shape))
    drawn = rng.choice(sizes, size=shape, replace=count > len(sizes))
    signs = rng.choice([-1.0, 1.0], size=shape)
    return _values(np.round(drawn * signs, 1))


def _values(array: Array) -> Values:
    return cast(Values, np.asarray(array).tolist())


def _targets(draft: Draft, rng: np.random.Generator) -> Values:
    rows, outputs = draft.rows, draft.units[-1]
    if draft.loss == "cross-entropy":
        drawn = np.eye(outputs)[rng.permutation(np.arange(rows) % outputs)]
    elif draft.loss == "binary-cross-entropy":
        drawn = rng.permuted(np.arange(rows * outputs) % 2.0).reshape(rows, outputs)
    else:
        drawn = np.round(rng.uniform(-1, 1, size=(rows, outputs)), 1)
    return _values(drawn)


# ── other numbers for a lesson ────────────────────────────────────────────────────────────────────


SUGGESTIONS = 60  # sets of numbers that are drawn for a lesson


@dataclass(frozen=True)
class Suggested:
    """Numbers like those of a lesson that tell more of its mistakes apart."""

    values: dict[str, Values]
    left: int  # pairs of mistakes that they do not tell apart either


def suggest(lesson: Lesson, renew: Callable[[], None] = lambda: None) -> Suggested | None:
    """Other numbers, of the sort that the lesson has; None where no draw is better than its own.

    `renew` is called before each draw.
    """
    if not few_numbers(lesson):
        return None
    random = Random("suggest")
    best, least = None, sum(1 for _ in confusions(lesson))
    for _ in range(SUGGESTIONS):
        if not least:
            break
        renew()
        values = {name: _values(array) for name, array in drawn(lesson, random).items()}
        other = lesson.on(values)
        try:
            facts = Facts(other)
        except UserError:
            continue
        alike = sum(1 for _ in confusions(other))
        if alike < least and not any(_kinks(facts)):
            best, least = Suggested(values, alike), alike
    return best


# ── advice ────────────────────────────────────────────────────────────────────────────────────────


SATURATED = 4.0  # beyond this a sigmoid's slope is below 2 %, and a tanh's below 0.2 %
MOST_NUMBERS = 10_000  # of a larger leaf only the first numbers are checked
DIGITS = 4  # significant digits of a number that is still easily worked with by hand


def advice(lesson: Lesson) -> list[Finding]:
    """What an author might improve in the numbers of a lesson.

    Raises EngineError: a value of the lesson is not finite.
    """
    facts = Facts(lesson)
    return [
        *_kinks(facts),
        *_saturation(facts),
        *_digits(lesson),
        *_mistakes(lesson),
        *_training(facts),
    ]


def _training(facts: Facts) -> Iterator[Finding]:
    if facts.lesson.training_rate and larger_rate(facts) is None:
        message = Message(
            "`training_rate` is not offered: either `learning_rate` already lowers the loss by a "
            "tenth, or `training_rate` does not halve it in {count} updates",
            count=LOOKED_AT,
        )
        yield Finding("training-rate", message, "training_rate")


def _kinks(facts: Facts) -> Iterator[Finding]:
    for target, function, read in _functions(facts.lesson):
        if operation_of(function).kink(function) and (facts.known(read) == 0).any():
            message = Message(
                "{name} has an element that is exactly 0, at the kink of {target}; change it "
                "unless the lesson is about that",
                name=read,
                target=target,
            )
            yield Finding("kink", message, target)


def _saturation(facts: Facts) -> Iterator[Finding]:
    for target, function, read in _functions(facts.lesson):
        largest = float(np.abs(facts.known(read)).max(initial=0.0))
        if traits_of(function).saturates and largest > SATURATED:
            message = Message(
                "{name} reaches {value}, where {target} saturates: almost no gradient flows back",
                name=read,
                value=significant(largest, 3),
                target=target,
            )
            yield Finding("saturated", message, target)


def _digits(lesson: Lesson) -> Iterator[Finding]:
    for name in (*lesson.program.leaves, *lesson.states):
        numbers = np.asarray(lesson.values[name], "float64").reshape(-1)[:MOST_NUMBERS].tolist()
        texts = [shortest(number, lesson.dtype) for number in numbers]
        longest = max(texts, key=lambda text: len(_figures(text)), default="0")
        if len(_figures(longest)) > DIGITS:
            message = Message(
                "{name} contains {value}; fewer digits are easier to work with by hand",
                name=name,
                value=longest,
            )
            yield Finding("digits", message, f"values.{name}")


def _figures(number: str) -> str:
    return number.lstrip("-").partition("e")[0].replace(".", "").strip("0")


def _mistakes(lesson: Lesson) -> Iterator[Finding]:
    """Mistakes that look alike, a pair a line with all its steps, the commonest first."""
    found: dict[tuple[str, ...], list[str]] = {}
    for confusion in confusions(lesson) if few_numbers(lesson) else ():
        pair = tuple(sorted(confusion.mistakes))
        places = found.setdefault(pair, [])
        if confusion.step not in places:
            places.append(confusion.step)
    for pair, places in sorted(found.items(), key=lambda each: -len(each[1])):
        labels = [MISCONCEPTIONS[id_] for id_ in pair]
        where = listed(places)
        message = (
            Message("“{mistake}” gives the right answer at {steps}", mistake=labels[0], steps=where)
            if len(labels) == 1
            else Message(
                "“{one}” and “{other}” give the same answer at {steps}",
                one=labels[0],
                other=labels[1],
                steps=where,
            )
        )
        yield Finding("alike", message, ", ".join(places))


def _functions(lesson: Lesson) -> Iterator[tuple[str, Apply, str]]:
    """Assignments that are a function of one name: target, function, name."""
    for assignment in lesson.program.assignments:
        expression = assignment.expression
        if isinstance(expression, Apply) and isinstance(expression.operands[0], Name):
            yield assignment.target, expression, expression.operands[0].id
