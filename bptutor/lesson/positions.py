"""Where the keys of a TOML file stand, found in one pass that also bounds what there is to parse.

tomllib takes time and memory that grow with the square of a file's nesting and of the parts of its
keys, so that both are counted first.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from bptutor.language import limits
from bptutor.language.errors import TooMuchError
from bptutor.text import Message

KeyPath: TypeAlias = tuple[str, ...]
"""A key with the tables it is in: ("title", "en"); of an array of tables the number, from 1:
("mistakes", "2", "step")."""

_TEXTS = r"""
    (?P<string>  "{3}(?:[^"\\]++|\\.?|"{1,2}(?!"))*+(?:"{3,5}|\Z)
               | '{3}(?:[^']++|'{1,2}(?!'))*+(?:'{3,5}|\Z)
               | "(?:[^"\\\n]++|\\.)*+"?
               | '[^'\n]*+'?)
  | (?P<newline> \n(?:[ \t]*+(?:\#[^\n]*+)?\n)*+)
  | (?P<comment> \#[^\n]*+)
  | (?P<word>    [A-Za-z0-9_-]++)
"""
"""Strings that are never closed end with the line, or with the file: nothing is read twice."""
_MARKS = r"| (?P<mark> [\[\]{}=])"
_ROWS = r"| (?P<rows> \[[-+0-9.eE_,\s]*+\](?:\s*+,\s*+\[[-+0-9.eE_,\s]*+\])*+)"
_FLAGS = re.VERBOSE | re.DOTALL
_KEY = re.compile(_TEXTS + _MARKS, _FLAGS)
_VALUE = re.compile(_TEXTS + _ROWS + _MARKS, _FLAGS)  # whole rows of numbers are one token
_LONG_WORD = re.compile(rf"[A-Za-z0-9_-]{{{limits.MOST_DIGITS + 1}}}")


@dataclass
class Positions:
    """The lines of a file's keys, counted from 1."""

    keys: dict[KeyPath, int] = field(default_factory=dict)  # of a key, or of a table's header
    texts: dict[KeyPath, int] = field(default_factory=dict)  # of the first line of a key's text

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it that has one."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path, 1)


def positions(text: str) -> Positions:
    """The positions of the keys of `text`, which must be valid TOML to mean anything.

    Raises TooMuchError: too many keys, too many parts of a key, lists that are nested too deeply,
    or a number of too many digits.
    """
    found = Positions()
    table: KeyPath = ()
    path: list[str] = []
    line, depth, reading = 1, 0, "key"
    count = values = parts = end = 0
    tables: Counter[KeyPath] = Counter()

    def require(fits: bool, problem: Message) -> None:
        if not fits:
            raise TooMuchError(problem, line)

    while token := (_VALUE if reading == "value" else _KEY).search(text, end):
        kind, word = token.lastgroup, token[0]
        if kind in ("word", "string"):
            parts = parts + 1 if text[end : token.start()].strip() == "." else 1
            require(parts <= limits.MOST_KEY_PARTS, limits.KEY_OF_TOO_MANY_PARTS)
        if kind in ("word", "rows"):
            require(_LONG_WORD.search(word) is None, limits.WORD_TOO_LONG)
        if kind in ("word", "string", "rows"):
            values += 1 + (word.count(",") if kind == "rows" else 0)
            require(values <= limits.MOST_VALUES, limits.TOO_MANY_VALUES)
        end = token.end()
        if kind == "mark":
            count += word == "=" or (word == "[" and reading != "value")
            require(count <= limits.MOST_KEYS, limits.TOO_MANY_KEYS)
        if kind == "newline" and depth == 0:
            path, reading = [], "key"
        elif reading == "value":
            if kind == "string":
                opens = word.startswith(('"""\n', "'''\n"))
                found.texts.setdefault((*table, *path), line + opens)
            elif kind == "mark":
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(word, 0)
                require(depth <= limits.MOST_LISTS, limits.LISTS_TOO_DEEP)
        elif kind in ("word", "string"):
            path.append(word.strip("\"'"))
        elif word == "[":
            reading, table = ("array" if reading == "header" else "header"), ()
        elif word == "]" and reading != "key":  # not the second bracket of ]]
            table = tuple(path)
            if reading == "array":
                tables[table] += 1
                table = (*table, str(tables[table]))
            _record(found, table, line)
            reading = "key"
        elif word == "=":
            _record(found, (*table, *path), line)
            reading = "value"
        line += word.count("\n")
    return found


def _record(found: Positions, path: KeyPath, line: int) -> None:
    """Notes the line of a key, and of the tables that a dotted key opens."""
    for length in range(1, min(len(path), limits.MOST_KEY_PARTS) + 1):
        found.keys.setdefault(path[:length], line)
