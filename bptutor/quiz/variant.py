"""A lesson on other numbers than its own: all drawn with a seed, or some of them set.

Which ones stands behind the lesson's reference: `two-hidden-layers#seed=7&lr=0.1&X=[[1,2]]`. That
is also the name of the lesson on these numbers, under which its places and attempts are kept. Its
digest contains the numbers: where they are others one day, the lesson has changed.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import cast

import numpy as np
from msgspec.structs import replace as with_fields

from bptutor.engine import keras
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.read import fit, split_matrix
from bptutor.language.errors import listed, suggestion
from bptutor.language.render import write_assignment
from bptutor.language.tree import Name
from bptutor.lesson.find import ModelReference, on_numbers, split_reference
from bptutor.lesson.lesson import Lesson, Texts, Values
from bptutor.lesson.load import load
from bptutor.lesson.optimizer import fits as fits_domain
from bptutor.lesson.source import IN_DOMAIN, LessonFile, content_at, parsed, update_of
from bptutor.lesson.steps import LEARNING_RATE, Step, steps
from bptutor.lesson.values import flattened, read_values
from bptutor.quiz.distinct import distractors, few_numbers
from bptutor.quiz.items import requirements
from bptutor.quiz.numbers import drawn
from bptutor.text import LANGUAGES, Message, UserError, shortest
from bptutor.views.quiz import LARGEST_SEED

SEED = "seed"
TRIED = 120  # sets of numbers that are drawn
LONGEST = 2_000  # characters of the numbers in a reference, which is a key of the record
LONGEST_TITLE = 24  # characters of a value in the title; of a longer one only the name
NO_MODEL = Message(
    "A Keras model has the numbers of its file. Write it as a lesson first: `bptutor new FILE.toml "
    "--from {file}`."
)


def open_lesson(reference: str) -> Lesson:
    """The lesson of a name, of the path to a `.toml`, or of a model; on other numbers, if any.

    Raises UserError: there is none, its file is not valid, or it cannot have these numbers.
    """
    name, numbers = split_reference(reference)
    if numbers:
        return _variant(_own(name), numbers)
    return keras.open_lesson(name)


def file_of(reference: str) -> LessonFile:
    """The file of a lesson for another author; without its place in the menu.

    On other numbers it has no texts about its own.
    """
    name, numbers = split_reference(reference)
    lesson = _own(name)
    file = with_fields(parsed(lesson.path, content_at(lesson.path)).file, order=None)
    if not numbers:
        return file
    other = _variant(lesson, numbers)
    return with_fields(
        file,
        values={name: other.values[name] for name in (*lesson.program.leaves, *lesson.states)},
        update=update_of(other),
        learning_rate=other.learning_rate,
        introduction="",
        closing="",
        notes={},
        mistakes=[each for each in file.mistakes if each.formula],
    )


@lru_cache(maxsize=64)
def named(lesson: Lesson, numbers: str) -> Lesson:
    """A lesson with the name and the title that it has on other numbers, which are not drawn.

    Raises UserError, as `open_lesson` does.
    """
    given = _given(lesson, _pairs(numbers))
    name = on_numbers(lesson.name, _written(given))
    return replace(lesson, name=name, title=_titled(lesson, given), original=lesson.form)


def with_numbers(reference: str, seed: int | None, changes: Sequence[str]) -> str:
    """The reference of a lesson on the numbers of a command line: `changes` as in `lr=0.1`.

    Raises UserError: there is no such lesson, or it cannot have these numbers.
    """
    name, numbers = split_reference(reference)
    pairs = _pairs(numbers) | dict(map(_changed, changes))
    if seed is not None:
        pairs[SEED] = str(seed)
    return on_numbers(name, _written(_given(_own(name), pairs))) if pairs else reference


def _own(name: str) -> Lesson:
    """The lesson whose numbers are to be others."""
    if model := ModelReference.read(name):
        raise UserError(Message(NO_MODEL.text, file=model.file))
    return load(name)


def _pairs(numbers: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in numbers.split("&") if pair)


def _changed(change: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in change.partition("="))
    if not (name and equals and value):
        raise UserError(
            "--set takes a name and a value, as in {example}; not “{given}”.",
            example="lr=0.1",
            given=change[:40],
        )
    return name, value


# ── what is given ─────────────────────────────────────────────────────────────────────────────────


def _given(lesson: Lesson, pairs: Mapping[str, str]) -> dict[str, Values]:
    """The seed, the learning rate and the leaves that are given, in this order.

    Raises UserError: the lesson has no such name, or a value does not fit it.
    """
    found: dict[str, Values] = {}
    leaves = lesson.leaves
    for name, text in pairs.items():
        if name == SEED:
            found[name] = _seed(text)
        elif name == LEARNING_RATE:
            found[name] = _rate(lesson, text)
        elif name in leaves:
            found[name] = _value(lesson, name, text)
        else:
            choices = [*leaves, *([LEARNING_RATE] if lesson.parameters else [])]
            raise UserError(
                suggestion(
                    name,
                    choices,
                    Message("{lesson} has no number {name} to set; did you mean {nearest}?"),
                    Message("{lesson} has no number {name} to set; it has {choices}."),
                    lesson=lesson.name,
                    name=name[:40],
                    choices=listed(choices),
                )
            )
    return {name: found[name] for name in (SEED, LEARNING_RATE, *leaves) if name in found}


def _seed(text: str) -> float:
    if not (text.isascii() and text.isdecimal() and int(text[:40]) <= LARGEST_SEED):
        raise UserError("A seed is a whole number of at most 12 digits.")
    return int(text)


def _rate(lesson: Lesson, text: str) -> float:
    if not lesson.parameters:
        raise UserError("This lesson has no parameters, so it has no learning rate.")
    rate = _number(text)
    if not 0 < rate < math.inf:
        raise UserError("The learning rate must be a positive number.")
    return rate


def _value(lesson: Lesson, name: str, text: str) -> Values:
    """Numbers in the shape of a leaf, as a matrix is typed anywhere."""
    shape = lesson.shapes[name]
    try:
        cells = [_number(cell) for cell in fit(split_matrix(text, shape), shape)]
        value, _ = read_values(np.reshape(cells, shape).tolist(), lesson.dtype)
    except UserError as error:
        raise UserError(
            "the value of {name}: {problem}", name=name, problem=error.message
        ) from error
    domain = lesson.domains.get(name, "any")
    if not all(fits_domain(number, domain) for number in flattened(value)):
        raise UserError("{name} must be {what}.", name=name, what=IN_DOMAIN[domain])
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(
            "{value} is not a number; write a number such as 0.5", value=text[:40]
        ) from None


def _written(given: Mapping[str, Values]) -> str:
    """The numbers as they stand behind a reference; each value is written in one way only."""
    text = "&".join(f"{name}={_text(value)}" for name, value in given.items())
    if len(text) > LONGEST:
        raise UserError("These are too many numbers to set. Write a lesson: `bptutor new --from`.")
    return text


def _text(value: Values) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    return str(value) if isinstance(value, int) else shortest(cast(float, value), "float64")


# ── the lesson on them ────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=16)
def _variant(lesson: Lesson, numbers: str) -> Lesson:
    given = _given(lesson, _pairs(numbers))
    written = _written(given)
    seed, rate = given.get(SEED), given.get(LEARNING_RATE)
    fixed = {name: value for name, value in given.items() if name in lesson.leaves}
    if rate is not None:  # what follows from a lesson's rate is cached with its form
        lesson = replace(lesson, learning_rate=cast(float, rate), original=None)
    settings = {
        name: cast(float, fixed.get(name, own)) for name, own in lesson.optimizer.settings.items()
    }
    if settings != lesson.optimizer.settings:
        optimizer = replace(lesson.optimizer, settings=settings)
        lesson = replace(lesson, optimizer=optimizer, original=None)
    values = {**lesson.values, **fixed}
    if seed is not None:
        values = _drawn(lesson, _text(seed), fixed)
    told = f"{lesson.digest}\0{written}\0{values if seed is not None else ''}"
    return replace(
        named(lesson, numbers).on(values),
        digest=hashlib.sha256(told.encode()).hexdigest(),
        introduction=_introduction(lesson, given),
        closing=Texts({}),
        training_rate=None,
    )


def _titled(lesson: Lesson, given: Mapping[str, Values]) -> Texts:
    return Texts(
        {
            language: f"{lesson.title.to(language)} ({_named(given, language)})"
            for language in LANGUAGES
        }
    )


def _named(given: Mapping[str, Values], language: str) -> str:
    """The numbers as people read them."""
    named = []
    for name, value in given.items():
        text = _text(value)
        if name == SEED:
            named.append(Message("seed {seed}", seed=text).to(language))
        else:
            named.append(f"{name} = {text}" if len(text) <= LONGEST_TITLE else name)
    return ", ".join(named)


def _introduction(lesson: Lesson, given: Mapping[str, Values]) -> Texts:
    return Texts(
        {
            language: Message(
                "This is the lesson “{title}” on other numbers: {numbers}. Its introduction and "
                "notes are left out, because they describe its own numbers.",
                title=lesson.title.to(language),
                numbers=_named(given, language),
            ).to(language)
            for language in LANGUAGES
        }
    )


# ── numbers for a whole lesson ────────────────────────────────────────────────────────────────────


def _drawn(lesson: Lesson, seed: str, fixed: Mapping[str, Values]) -> dict[str, Values]:
    """Numbers for every leaf but the fixed ones: the draw on which most steps suit a quiz.

    What is drawn depends on the program and the seed, and not on the texts of its file. Raises
    UserError: there are too many numbers, or no draw has finite ones and lowers the loss.
    """
    form = lesson.form
    if not few_numbers(form):
        raise UserError("{lesson} has too many numbers to draw new ones.", lesson=lesson.name)
    program = (write_assignment(line, "ascii") for line in form.program.assignments)
    random = Random("\n".join((*program, seed)))
    kept = {name: np.asarray(value, "float64") for name, value in fixed.items()}
    chosen, least = None, len(steps(form)) + 1
    with np.errstate(all="ignore"):
        for _ in range(TRIED):
            numbers = NumpyPass.through(form, leaves := {**drawn(form, random), **kept})
            if _learns(form, numbers) and (count := _unsuitable(form, numbers, least)) < least:
                chosen, least = leaves, count
    if chosen is None:
        raise UserError(
            "No suitable numbers were found for {lesson}. Try another seed.", lesson=lesson.name
        )
    return {name: array.tolist() for name, array in chosen.items()}


def _learns(form: Lesson, numbers: NumpyPass) -> bool:
    """Is the loss finite, and smaller after the update, if there is one?"""
    loss, updates = Name(form.loss), [step for step in steps(form) if step.kind == "update"]
    before = float(numbers.value(loss).item())
    leaves = {name: numbers.value(Name(name)) for name in form.leaves}
    leaves |= {step.target: numbers.value(step.product) for step in updates}
    after = float(NumpyPass.through(form, leaves).value(loss).item()) if updates else -math.inf
    return math.isfinite(before) and after < before


def _unsuitable(form: Lesson, numbers: NumpyPass, least: int) -> int:
    """The number of steps that would be no quiz items on these numbers; not counted beyond `least`.

    Whether mistakes look alike is asked last: it takes longest.
    """
    unsuitable: set[str] = set()
    rules: tuple[Callable[[Step], bool], ...] = (
        lambda step: not requirements(form, step).met_by(numbers),
        lambda step: any(distractors(form, step).confused(numbers)),
    )
    for is_unsuitable in rules:
        for step in steps(form):
            if step.id not in unsuitable and is_unsuitable(step):
                unsuitable.add(step.id)
                if len(unsuitable) >= least:
                    return least
    return len(unsuitable)
