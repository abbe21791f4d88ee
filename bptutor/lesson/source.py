"""A lesson file as it was written: its keys in their types, and where each stands."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bptutor.language.suggest import nearest
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.errors import LessonError
from bptutor.lesson.positions import MOST_KEY_PARTS, KeyPath, Positions, positions
from bptutor.lesson.schema import EXPECTED, TABLES_OF_TEXTS, LessonFile, Text, Translations
from bptutor.locale import Message

MOST_BYTES = 20_000_000
"""The largest file that is read; a matrix of 784x64 takes one of 1 MB."""
MOST_MARKS = 30
"""Combining marks in a row, as in Unicode's stream-safe text: the time to compose a text grows
with the square of their number."""

_UNUSUAL = re.compile(rf"[^\x00-\u02ff\u3131-\ud7a3]{{{MOST_MARKS + 1},}}")
"""Where there may be so many combining marks, since neither Latin nor Korean letters stand."""


@dataclass(frozen=True)
class Source:
    """One file, read strictly."""

    path: Path
    digest: str
    file: LessonFile
    positions: Positions

    def fault(self, key: KeyPath, problem: Message) -> LessonError:
        """The error for a problem with what stands under `key`."""
        return fault(self.path, self.positions.line(key), problem)


def fault(path: Path, line: int | None, problem: Message) -> LessonError:
    """The error for `problem` in the lesson file at `path`."""
    if line is None:
        return LessonError(Message("{file}: {problem}", file=str(path), problem=problem))
    return LessonError(
        Message("{file}, line {line}: {problem}", file=str(path), line=line, problem=problem)
    )


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
    """The text, its Hangul composed, since only then is its width known."""
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
                    "has more than {most} combining marks in a row; take them out", most=MOST_MARKS
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
        raise fault(path, None, Message("its lists are nested too deeply")) from None
    except ValueError:  # an integer of thousands of digits
        raise fault(path, None, Message("one of its numbers is too long to be read")) from None


def _check_keys(path: Path, data: dict[str, Any], where: Positions) -> None:
    """Hold each key against the schema, so that the first fault is named with its line."""
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
    """The error for an unknown key, with the right one that it is most like."""
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
