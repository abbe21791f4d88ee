"""A lesson's TOML file: its keys, where each stands, and what is wrong with them."""

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from bptutor.language import limits
from bptutor.language.errors import TooMuchError, nearest, shortened
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.find import LessonError
from bptutor.lesson.lesson import GROUPS, Dtype, Elements, Group, Lesson, Local, Updates
from bptutor.lesson.optimizer import DEFAULTS, SETTINGS, Domain, Rule
from bptutor.lesson.positions import KeyPath, Positions, positions
from bptutor.literals import OF_PROGRAM
from bptutor.text import Message


class Translations(Struct, forbid_unknown_fields=True, frozen=True):
    en: str = ""
    ko: str = ""


Text: TypeAlias = str | Translations


class MistakeTable(Struct, forbid_unknown_fields=True, frozen=True):
    """A wrong answer at a step, and what to say to it."""

    step: str = ""
    formula: str = ""
    value: Any = None
    en: str = ""
    ko: str = ""


class UpdateTable(Struct, forbid_unknown_fields=True, frozen=True):
    """The optimizer, with the names of Keras; what is left out is not used, or has its default."""

    rule: Rule = "sgd"
    momentum: float | None = None
    rho: float | None = None
    beta_1: float | None = None
    beta_2: float | None = None
    epsilon: float | None = None
    weight_decay: float | None = None
    clipnorm: float | None = None
    global_clipnorm: float | None = None


class LessonFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A lesson file, key by key; `lessons/README.md` tells authors about each."""

    program: str
    loss: str
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    order: int | None = None
    group: Group | None = None
    title: Text = ""
    summary: Text = ""
    introduction: Text = ""
    closing: Text = ""
    sections: dict[str, Text] = msgspec.field(default_factory=dict)
    notes: dict[str, Text] = msgspec.field(default_factory=dict)
    mistakes: list[MistakeTable] = msgspec.field(default_factory=list)
    aliases: dict[str, str] = msgspec.field(default_factory=dict)
    parameters: list[str] = msgspec.field(default_factory=list)
    watch: list[str] = msgspec.field(default_factory=list)
    learning_rate: float = 0.001
    training_rate: float | None = None
    update: Rule | UpdateTable = "sgd"
    updates: Updates = "one"
    ask: list[str] = msgspec.field(default_factory=list)
    skip: list[str] = msgspec.field(default_factory=list)
    elements: Elements = "few"
    dtype: Dtype = "float64"
    local: Local | None = None


def update_of(lesson: Lesson) -> Rule | UpdateTable:
    """The optimizer of a lesson as its file has it."""
    optimizer = lesson.optimizer
    own = {
        name: value
        for name, value in optimizer.settings.items()
        if value != DEFAULTS[optimizer.rule].get(name)
    }
    return UpdateTable(rule=optimizer.rule, **own) if own else optimizer.rule


TABLES_OF_TEXTS = ("sections", "notes")

_TEXT = Message("a text in quotes, or a table of languages (en, ko)")
_NAMES = Message("a list of names in quotes")
_STEPS = Message(
    "a list of steps in quotes: ids, or the kinds {kinds}", kinds=", ".join(OF_PROGRAM)
)
_RULES = ", ".join(f'"{rule}"' for rule in DEFAULTS)
_TABLE_OF_TEXTS = Message("a table of texts, each in quotes or a table of languages (en, ko)")

EXPECTED: dict[str, Message] = {
    "program": Message("the program as one text in quotes"),
    "loss": Message("the name of the assignment to differentiate, in quotes"),
    "values": Message("a table that gives each leaf of the program its numbers"),
    "order": Message("a whole number"),
    "group": Message("one of {choices}", choices=", ".join(f'"{group}"' for group in GROUPS)),
    "title": _TEXT,
    "summary": _TEXT,
    "introduction": _TEXT,
    "closing": _TEXT,
    "sections": _TABLE_OF_TEXTS,
    "notes": _TABLE_OF_TEXTS,
    "mistakes": Message("tables [[mistakes]] with step, formula or value, en and ko"),
    "aliases": Message("a table of other names, each with a name of the program in quotes"),
    "parameters": _NAMES,
    "watch": _NAMES,
    "learning_rate": Message("a positive number"),
    "training_rate": Message("a positive number"),
    "update": Message("{rules}; or a table whose `rule` is one of these", rules=_RULES),
    "updates": Message('"one" or "all"'),
    "ask": _STEPS,
    "skip": _STEPS,
    "elements": Message('"few", "all" or "none"'),
    "dtype": Message('"float32" or "float64"'),
    "local": Message('"tape", or nothing'),
}
"""What each key must hold, for the error where it does not."""
IN_DOMAIN: dict[Domain, Message] = {
    "square": Message("numbers that are not negative"),
    "positive": Message("a positive number"),
    "bound": Message("a positive number"),
    "share": Message("a number between 0 and 1"),
    "count": Message("a whole number that is positive"),
}
"""The same of a setting or a state of an optimizer, where not every number serves."""

_UNUSUAL = re.compile(rf"[^\x00-\u02ff\u3131-\ud7a3]{{{limits.MOST_MARKS + 1},}}")
"""Where there may be so many combining marks: neither Latin nor Korean letters."""


@dataclass(frozen=True)
class Source:
    path: Path
    digest: str
    file: LessonFile
    positions: Positions

    def fault(self, key: KeyPath, problem: Message) -> LessonError:
        return fault(self.path, self.positions.line(key), problem)


def fault(path: Path, line: int | None, problem: Message) -> LessonError:
    if line is None:
        return LessonError("{file}: {problem}", file=str(path), problem=problem)
    return LessonError("{file}, line {line}: {problem}", file=str(path), line=line, problem=problem)


def parsed(path: Path, content: bytes) -> Source:
    """The file at `path`, which has this content.

    Raises LessonError: it is no TOML, or has a key that is unknown, missing or of the wrong type.
    """
    data, where = parsed_toml(path, content)
    _check_keys(path, data, where)
    file = msgspec.convert(data, LessonFile)
    return Source(path, digest_of(content), file, where)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def parsed_toml(path: Path, content: bytes) -> tuple[dict[str, Any], Positions]:
    """What is in a TOML file: its keys, and where they stand.

    Raises LessonError: it is no TOML, or has too much of it.
    """
    text = _text(path, content)
    try:
        where = positions(text)
    except TooMuchError as error:
        raise fault(path, error.line, error.message) from None
    return _toml(path, text), where


def content_at(path: Path) -> bytes:
    """Raises LessonError: it cannot be read."""
    try:
        return content_of(path, limits.MOST_LESSON_BYTES, ".toml")
    except ContentError as error:
        raise fault(path, None, error.message) from None


def _text(path: Path, content: bytes) -> str:
    """The text with its Hangul composed, without which its width is unknown."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise fault(path, line, Message("not UTF-8 text; save the file as UTF-8")) from None
    for unusual in _UNUSUAL.finditer(text):
        marks = 0
        for place, character in enumerate(unusual.group(), unusual.start()):
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > limits.MOST_MARKS:
                raise fault(path, text.count("\n", 0, place) + 1, limits.TOO_MANY_MARKS)
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        match = re.match(r"line (\d+)", place)
        line = int(match[1]) if match else text.count("\n") + 1
        raise fault(
            path, line, Message("not valid TOML: {what}", what=shortened(what, 200))
        ) from None


def _check_keys(path: Path, data: dict[str, Any], where: Positions) -> None:
    """Checks each key against the schema, so that the first fault is named with its line."""
    known = LessonFile.__struct_fields__
    for key in data:
        if key not in known:
            raise unknown_key(path, (key,), known, where)
    for field in msgspec.structs.fields(LessonFile):
        key = field.name
        if key in data:
            _check_type(path, (key,), data[key], field.type, where)
        elif field.required:
            what = EXPECTED[key]
            problem = Message("`{key}` is missing; write {what}", key=key, what=what)
            raise fault(path, None, problem)


def _check_type(path: Path, key: KeyPath, raw: Any, kind: Any, where: Positions) -> None:
    if isinstance(raw, dict) and key[0] in TABLES_OF_TEXTS and len(key) == 1:
        for name, text in raw.items():
            _check_type(path, (*key, name), text, Text, where)
        return
    if isinstance(raw, list) and key == ("mistakes",):
        for number, table in enumerate(raw, 1):
            if isinstance(table, dict):
                _check_mistake(path, (*key, str(number)), table, where)
    if isinstance(raw, dict) and key == ("update",):
        for field in msgspec.structs.fields(UpdateTable):
            if field.name in raw:
                _check_type(path, (*key, field.name), raw[field.name], field.type, where)
        if unknown := next((name for name in raw if name not in UpdateTable.__struct_fields__), ""):
            raise unknown_key(path, (*key, unknown), UpdateTable.__struct_fields__, where)
    if isinstance(raw, dict) and kind == Text:
        languages = Translations.__struct_fields__
        for language in raw:
            if language not in languages:
                raise unknown_key(path, (*key, language), languages, where)
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        if key[0] == "update" and key[-1] in SETTINGS:
            what = IN_DOMAIN[SETTINGS[key[-1]]]
        else:
            what = EXPECTED["title" if len(key) > 1 and key[0] != "update" else key[0]]
        problem = Message("`{key}` must be {what}", key=".".join(map(shortened, key)), what=what)
        raise fault(path, where.line(key), problem) from None


def _check_mistake(path: Path, key: KeyPath, table: dict[str, Any], where: Positions) -> None:
    """Checks the keys of a table under `mistakes`, which are named with its number."""
    for field in msgspec.structs.fields(MistakeTable):
        if field.type is str and not isinstance(table.get(field.name, ""), str):
            name = ".".join((*key, field.name))
            problem = Message("`{key}` must be {what}", key=name, what=Message("a text in quotes"))
            raise fault(path, where.line((*key, field.name)), problem)
    for name in table:
        if name not in MistakeTable.__struct_fields__:
            raise unknown_key(path, (*key, name), MistakeTable.__struct_fields__, where)


def unknown_key(path: Path, key: KeyPath, known: tuple[str, ...], where: Positions) -> LessonError:
    written = ".".join(map(shortened, key))
    close = nearest(key[-1], known)
    if close:
        right = ".".join((*key[:-1], close))
        problem = Message(
            "unknown key `{key}`; did you mean `{nearest}`?", key=written, nearest=right
        )
    else:
        problem = Message(
            "unknown key `{key}`; the keys here are {keys}", key=written, keys=", ".join(known)
        )
    return fault(path, where.line(key), problem)
