"""A lesson from its file: the program, its values, what is asked; checked throughout."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from keyword import iskeyword
from pathlib import Path

from bptutor.language import limits
from bptutor.language.errors import (
    LanguageError,
    ShapeError,
    TooMuchError,
    listed,
    shortened,
    suggestion,
)
from bptutor.language.ops.base import written_shape
from bptutor.language.parse import parse_program
from bptutor.language.shapes import program_shapes
from bptutor.language.tree import Program, Shape
from bptutor.lesson.find import LessonError, locate
from bptutor.lesson.lesson import Lesson, Texts, Values
from bptutor.lesson.mistakes import wrong_answers
from bptutor.lesson.names import by_own_names, named
from bptutor.lesson.optimizer import CLIPS, DEFAULTS, SETTINGS, Optimizer, fits
from bptutor.lesson.source import (
    EXPECTED,
    IN_DOMAIN,
    Source,
    Text,
    Translations,
    UpdateTable,
    content_at,
    digest_of,
    fault,
    parsed,
)
from bptutor.lesson.steps import LEARNING_RATE, clash, places, steps
from bptutor.lesson.values import filled, flattened, read_values
from bptutor.literals import OF_PROGRAM
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

__all__ = ["LessonError", "lesson_in", "load"]


def load(reference: str) -> Lesson:
    """The lesson of that name, or in the `.toml` file at that path.

    As long as its file stays as it is, it is the same object: what was found out about it once (its
    steps, what can go wrong at them) need not be found out again. Raises LessonError: there is
    none, or its file is not a sound lesson.
    """
    path = locate(reference)
    return lesson_in(path, content_at(path))


def lesson_in(path: Path, content: bytes) -> Lesson:
    """The lesson in this content, which is or was that of a file; likewise the same object.

    Raises LessonError: it is not a sound lesson.
    """
    known = _loaded.get(path)
    if known is None or known.digest != digest_of(content):
        known = _loaded[path] = _lesson(parsed(path, content))
    return known


_loaded: dict[Path, Lesson] = {}


def _lesson(source: Source) -> Lesson:
    file = source.file
    program = _program(source)
    parameters = _leaves(source, file.parameters, "parameters", program)
    optimizer = _optimizer(source)
    values, leaf_shapes = _values(source, program, optimizer.states(parameters))
    _add_optimizer(source, optimizer, parameters, values, leaf_shapes)
    shapes = _shapes(source, program, leaf_shapes)
    larger = file.training_rate
    lesson = Lesson(
        name=source.path.stem,
        path=source.path,
        digest=source.digest,
        title=_texts(source, file.title or source.path.stem, "title"),
        summary=_texts(source, file.summary, "summary"),
        introduction=_texts(source, file.introduction, "introduction"),
        closing=_texts(source, file.closing, "closing"),
        sections=_table(source, file.sections, "sections"),
        notes=_table(source, file.notes, "notes"),
        program=program,
        loss=file.loss,
        parameters=parameters,
        watch=_leaves(source, file.watch, "watch", program),
        learning_rate=_rate(source, "learning_rate", file.learning_rate),
        training_rate=None if larger is None else _rate(source, "training_rate", larger),
        optimizer=optimizer,
        updates=file.updates,
        ask=tuple(file.ask),
        skip=tuple(file.skip),
        elements=file.elements,
        dtype=file.dtype,
        values=values,
        shapes=shapes,
        group=file.group,
        local=file.local,
        aliases=file.aliases,
    )
    try:
        if problem := clash(lesson):
            raise source.fault(("program",), problem)
        _require_other_names(source, lesson)
    except TooMuchError as error:
        raise _fault_in_program(source, error) from None
    lesson = _with_own_names(lesson)
    _check_asked(source, lesson)
    if not file.mistakes:
        return lesson
    words = [
        _texts(source, Translations(each.en, each.ko), "mistakes", str(number))
        for number, each in enumerate(file.mistakes, 1)
    ]
    return replace(lesson, mistakes=wrong_answers(source, lesson, words))


def _texts(source: Source, text: Text, *key: str) -> Texts:
    texts = (
        Texts({"en": text.en, "ko": text.ko})
        if isinstance(text, Translations)
        else Texts.everywhere(text)
    )
    most = limits.MOST_HEADING if key[0] in ("title", "sections") else limits.MOST_TEXT
    for part in texts.by_language.values():
        _require_short(source, part, most, *key)
        _require_printable(source, part, *key)
    return Texts({language: _flow(part) for language, part in texts.by_language.items()})


def _require_printable(source: Source, text: str, *key: str) -> None:
    """Refuses characters that would drive the terminal."""
    if any(unicodedata.category(mark) == "Cc" and mark not in "\n\t" for mark in text):
        name = printable(".".join(key))
        problem = Message("`{key}` contains a control character; remove it", key=name)
        raise source.fault(key, problem)


def _require_short(source: Source, text: str, most: int, *key: str) -> None:
    if len(text) > most:
        problem = Message(
            "`{key}` has more than {most} characters; shorten it", key=".".join(key), most=most
        )
        raise source.fault(key, problem)


def _flow(text: str) -> str:
    """Paragraphs: line breaks in the file become spaces, blank lines stay."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(printable(" ".join(part.split())) for part in parts)


def _table(source: Source, table: dict[str, Text], name: str) -> dict[str, Texts]:
    for key in table:
        _require_short(source, key, limits.MOST_HEADING, name)
        _require_printable(source, key, name, key)
    return {key: _texts(source, text, name, key) for key, text in table.items()}


def _program(source: Source) -> Program:
    _require_printable(source, source.file.program, "program")
    try:
        program = parse_program(source.file.program)
    except LanguageError as error:
        raise _fault_in_program(source, error) from None
    for line in program.assignments:
        _require_short(source, line.section or "", limits.MOST_HEADING, "program")
    loss = source.file.loss
    if loss not in program.by_target:
        problem = Message(
            "`loss` is {loss}, but no line of the program assigns it; the last line assigns {last}",
            loss=shortened(loss),
            last=program.assignments[-1].target,
        )
        raise source.fault(("loss",), problem)
    return program


def _fault_in_program(source: Source, error: LanguageError | ShapeError) -> LessonError:
    first = source.positions.texts.get(("program",), 1)
    return fault(source.path, first + error.line - 1, error.message)


def _leaves(source: Source, names: list[str], key: str, program: Program) -> tuple[str, ...]:
    """The names under `parameters` or `watch`, each a leaf of the program."""
    for name in names:
        if name not in program.leaves:
            problem = Message(
                "`{key}` lists {name}, which is not a leaf of the program; the leaves are {leaves}",
                key=key,
                name=shortened(name),
                leaves=listed(program.leaves),
            )
            raise source.fault((key,), problem)
    return tuple(dict.fromkeys(names))


def _check_asked(source: Source, lesson: Lesson) -> None:
    """Refuses names under `ask` and `skip` that are no steps, and a lesson that asks nothing."""
    known = (*places(lesson), *OF_PROGRAM)
    for key, names in (("ask", lesson.ask), ("skip", lesson.skip)):
        for name in names:
            if name not in known:
                problem = suggestion(
                    name,
                    known,
                    Message("`{key}` lists {name}, which is no step; did you mean {nearest}?"),
                    Message("`{key}` lists {name}, which is no step; `bptutor show` lists them"),
                    key=key,
                    name=shortened(name),
                )
                raise source.fault((key,), problem)
    if not any(
        step.asks == "all" or (step.asks == "formula" and step.kind == "backward")
        for step in steps(lesson)
    ):
        key = "skip" if lesson.skip else "ask"
        problem = Message(
            "`{key}` leaves no step to ask; change it so that at least one is left", key=key
        )
        raise source.fault((key,), problem)


def _with_own_names(lesson: Lesson) -> Lesson:
    """Steps are listed, and have their notes, under any of their names."""
    ask, skip = (tuple(named(lesson, name) for name in each) for each in (lesson.ask, lesson.skip))
    notes = by_own_names(lesson, lesson.notes)
    if (ask, skip, notes) == (lesson.ask, lesson.skip, lesson.notes):
        return lesson
    return replace(lesson, ask=ask, skip=skip, notes=notes)


def _require_other_names(source: Source, lesson: Lesson) -> None:
    """Aliases stand for names of the program, and are none themselves."""
    taken = {LEARNING_RATE, *lesson.shapes, *places(lesson)}
    for alias, name in lesson.aliases.items():
        shown = shortened(alias)
        if name not in lesson.shapes:
            problem = Message(
                "the alias {alias} stands for {name}, which is not in the program; the names are "
                "{names}",
                alias=shown,
                name=shortened(name),
                names=listed([*lesson.shapes]),
            )
        elif alias in taken:
            problem = Message("the alias {alias} is already a name; remove it", alias=shown)
        elif not alias.isidentifier() or iskeyword(alias) or len(alias) > limits.MOST_NAME:
            problem = Message(
                "the alias {alias} cannot be a name; write letters, digits and _", alias=shown
            )
        else:
            continue
        raise source.fault(("aliases", alias), problem)


def _rate(source: Source, key: str, rate: float) -> float:
    if not 0 < rate < float("inf"):
        problem = Message("`{key}` must be {what}", key=key, what=EXPECTED[key])
        raise source.fault((key,), problem)
    return rate


def _optimizer(source: Source) -> Optimizer:
    """How the parameters are updated, with every setting that is not left out."""
    table = source.file.update
    if not isinstance(table, UpdateTable):
        table = UpdateTable(table)
    own = DEFAULTS[table.rule]
    settings = dict(own)
    for name, domain in SETTINGS.items():
        given: float | None = getattr(table, name)
        if given is None:
            continue
        key = ("update", name)
        rule = next((rule for rule in DEFAULTS if name in DEFAULTS[rule]), "")
        if rule and name not in own:
            problem = Message(
                'the rule "{rule}" has no `{name}`; remove it, or use the rule "{other}"',
                rule=table.rule,
                name=name,
                other=rule,
            )
            raise source.fault(key, problem)
        if not fits(given, domain):
            problem = Message("`{key}` must be {what}", key=".".join(key), what=IN_DOMAIN[domain])
            raise source.fault(key, problem)
        settings[name] = given
    if settings.keys() >= {*CLIPS}:
        problem = Message("`update` takes one of `clipnorm` and `global_clipnorm`; remove one")
        raise source.fault(("update", CLIPS[1]), problem)
    optimizer = Optimizer(table.rule, settings)
    if not (optimizer.plain or source.file.parameters):
        problem = Message("`update` changes `parameters`; list the leaves that it is to change")
        raise source.fault(("update",), problem)
    return optimizer


def _add_optimizer(
    source: Source,
    optimizer: Optimizer,
    parameters: tuple[str, ...],
    values: dict[str, Values],
    shapes: dict[str, Shape],
) -> None:
    """Adds the numbers of its states, which begin anew where none are given, and its settings."""
    for name, state in optimizer.states(parameters).items():
        wanted = shapes[state.parameter] if state.parameter else ()
        if name not in source.file.values:
            values[name], shapes[name] = filled(wanted, state.start), wanted
            continue
        values[name], shapes[name] = _numbers_of(source, name)
        if shapes[name] != wanted:
            problem = Message(
                "the value of {name} must have the shape {shape}",
                name=name,
                shape=written_shape(wanted),
            )
            raise source.fault(("values", name), problem)
        if not all(fits(number, state.domain) for number in flattened(values[name])):
            what = IN_DOMAIN[state.domain]
            problem = Message("`{key}` must be {what}", key=f"values.{name}", what=what)
            raise source.fault(("values", name), problem)
    values.update(optimizer.settings)
    shapes.update(dict.fromkeys(optimizer.settings, ()))


def _values(
    source: Source, program: Program, states: Collection[str]
) -> tuple[dict[str, Values], dict[str, Shape]]:
    """The numbers and shapes of the leaves, in the order in which the program reads them.

    Numbers of states of the optimizer may stand among them.
    """
    given = source.file.values
    for name in given:
        if name in states:
            continue
        if name not in program.leaves and name in EXPECTED:
            problem = Message(
                "`{key}` is under [values]; move it above the first line in brackets", key=name
            )
            raise source.fault(("values", name), problem)
        if name not in program.leaves:
            problem = Message(
                "[values] has {name}, which is not a leaf of the program; the leaves are {leaves}",
                name=shortened(name),
                leaves=listed(program.leaves),
            )
            raise source.fault(("values", name), problem)
    values: dict[str, Values] = {}
    shapes: dict[str, Shape] = {}
    for name in program.leaves:
        if name not in given:
            problem = Message(
                "the program uses {name}, which has no value; add one under [values]", name=name
            )
            raise source.fault(("values",), problem)
        values[name], shapes[name] = _numbers_of(source, name)
    return values, shapes


def _numbers_of(source: Source, name: str) -> tuple[Values, Shape]:
    try:
        return read_values(source.file.values[name], source.file.dtype)
    except UserError as error:
        problem = Message("the value of {name}: {problem}", name=name, problem=error.message)
        raise source.fault(("values", name), problem) from None


def _shapes(source: Source, program: Program, leaves: dict[str, Shape]) -> dict[str, Shape]:
    """The shapes of leaves and assignments; the loss must be a scalar."""
    try:
        shapes = {**leaves, **program_shapes(program, leaves)}
    except ShapeError as error:
        raise _fault_in_program(source, error) from None
    loss = source.file.loss
    if any(length != 1 for length in shapes[loss]):
        problem = Message(
            "`loss` must be a scalar, but {loss} has the shape {shape}; take its sum or mean",
            loss=loss,
            shape=written_shape(shapes[loss]),
        )
        raise source.fault(("loss",), problem)
    return shapes
