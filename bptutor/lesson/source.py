"""A lesson's TOML file: its keys, where each stands, and what is wrong with them."""

import dataclasses
import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from bptutor.language.errors import nearest
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.find import LessonError
from bptutor.lesson.lesson import GROUPS, Dtype, Elements, Group, Local, Updates
from bptutor.text import Message


class Translations(Struct, forbid_unknown_fields=True, frozen=True):
    en: str = ""
    ko: str = ""


Text: TypeAlias = str | Translations


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
    parameters: list[str] = msgspec.field(default_factory=list)
    watch: list[str] = msgspec.field(default_factory=list)
    learning_rate: float = 0.001
    updates: Updates = "one"
    elements: Elements = "few"
    dtype: Dtype = "float64"
    local: Local | None = None


TABLES_OF_TEXTS = ("sections", "notes")

_TEXT = Message("a text in quotes, or a table of languages (en, ko)")
_NAMES = Message("a list of names in quotes")
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
    "parameters": _NAMES,
    "watch": _NAMES,
    "learning_rate": Message("a positive number"),
    "updates": Message('"one" or "all"'),
    "elements": Message('"few" or "all"'),
    "dtype": Message('"float32" or "float64"'),
    "local": Message('"tape", or nothing'),
}
"""What each key must hold, for the error where it does not."""

KeyPath: TypeAlias = tuple[str, ...]
"""A key with the tables it is in: ("title", "en")."""

MOST_KEY_PARTS = 8
"""Parts of a dotted key; the time to read it grows with the square of their number."""

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n]*)
  | (?P<string>  \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5}
               | \"(?:\\.|[^\"\\\n])*\" | '[^'\n]*')
  | (?P<word>    [A-Za-z0-9_-]+)
  | (?P<newline> \n)
  | (?P<mark>    [\[\]{}=])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Positions:
    """The lines of a file's keys, counted from 1."""

    keys: dict[KeyPath, int] = dataclasses.field(default_factory=dict)
    """The line on which a key or a table's header stands."""
    texts: dict[KeyPath, int] = dataclasses.field(default_factory=dict)
    """The line on which the first line of a key's text stands."""
    longest_key: int = 0
    """The parts of the longest dotted key."""
    longest_key_line: int = 1

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it that has one."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path, 1)


def positions(text: str) -> Positions:
    """The positions of the keys of `text`, which must be valid TOML to mean anything."""
    found = Positions()
    table: KeyPath = ()
    path: list[str] = []
    line, depth, reading = 1, 0, "key"
    parts = end = 0
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup, token[0]
        if kind in ("word", "string"):
            parts = parts + 1 if text[end : token.start()].strip() == "." else 1
            if parts > found.longest_key:
                found.longest_key, found.longest_key_line = parts, line
        end = token.end()
        if kind == "newline" and depth == 0:
            path, reading = [], "key"
        elif reading == "value":
            if kind == "string":
                opens = word.startswith(('"""\n', "'''\n"))
                found.texts.setdefault((*table, *path), line + opens)
            elif kind == "mark":
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(word, 0)
        elif kind in ("word", "string"):
            path.append(word.strip("\"'"))
        elif word == "[":
            reading, table = "header", ()
        elif word == "]":
            table = tuple(path)
            _record(found, table, line)
        elif word == "=":
            _record(found, (*table, *path), line)
            reading = "value"
        line += word.count("\n")
    return found


def _record(found: Positions, path: KeyPath, line: int) -> None:
    """Notes the line of a key, and of the tables that a dotted key opens."""
    for length in range(1, min(len(path), MOST_KEY_PARTS) + 1):
        found.keys.setdefault(path[:length], line)


MOST_BYTES = 20_000_000
"""The largest file that is read; a matrix of 784x64 takes one of 1 MB."""
MOST_MARKS = 30
"""Combining marks in a row, as in Unicode's stream-safe text: the time to compose a text grows
with the square of their number."""

_UNUSUAL = re.compile(rf"[^\x00-\u02ff\u3131-\ud7a3]{{{MOST_MARKS + 1},}}")
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
        return LessonError(Message("{file}: {problem}", file=str(path), problem=problem))
    message = Message("{file}, line {line}: {problem}", file=str(path), line=line, problem=problem)
    return LessonError(message)


def read(path: Path) -> Source:
    """The file at `path`.

    Raises:
        LessonError: it cannot be read, is no TOML, or has a key that is unknown, missing or of
            the wrong type.
    """
    content, data, where = read_toml(path)
    _check_keys(path, data, where)
    file = msgspec.convert(data, LessonFile)
    return Source(path, hashlib.sha256(content).hexdigest(), file, where)


def read_toml(path: Path) -> tuple[bytes, dict[str, Any], Positions]:
    """What is in a TOML file: its bytes, its keys, and where they stand.

    Raises:
        LessonError: it cannot be read, or is no TOML.
    """
    content = _content(path)
    text = _text(path, content)
    where = positions(text)
    if where.longest_key > MOST_KEY_PARTS:
        problem = Message("a key has more than {most} parts; shorten it", most=MOST_KEY_PARTS)
        raise fault(path, where.longest_key_line, problem)
    return content, _toml(path, text), where


def _content(path: Path) -> bytes:
    try:
        return content_of(path, MOST_BYTES, ".toml")
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
            if marks > MOST_MARKS:
                problem = Message(
                    "has more than {most} combining marks in a row; remove them", most=MOST_MARKS
                )
                raise fault(path, text.count("\n", 0, place) + 1, problem)
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        match = re.match(r"line (\d+)", place)
        line = int(match[1]) if match else text.count("\n") + 1
        raise fault(path, line, Message("not valid TOML: {what}", what=what)) from None
    except RecursionError:
        raise fault(path, None, Message("its lists are nested too deeply; flatten them")) from None
    except ValueError:  # an integer of thousands of digits
        raise fault(path, None, Message("one of its numbers is too long; shorten it")) from None


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
    if isinstance(raw, dict) and kind == Text:
        languages = Translations.__struct_fields__
        for language in raw:
            if language not in languages:
                raise unknown_key(path, (*key, language), languages, where)
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        what = EXPECTED["title" if len(key) > 1 else key[0]]
        problem = Message("`{key}` must be {what}", key=".".join(key), what=what)
        raise fault(path, where.line(key), problem) from None


def unknown_key(path: Path, key: KeyPath, known: tuple[str, ...], where: Positions) -> LessonError:
    written = ".".join(key)
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
