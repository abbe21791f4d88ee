"""Where things stand in a TOML file, which `tomllib` does not tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

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

    keys: dict[KeyPath, int] = field(default_factory=dict)
    """The line on which a key or a table's header stands."""
    texts: dict[KeyPath, int] = field(default_factory=dict)
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
    """The positions of the keys of `text`; what they are is only told of valid TOML."""
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
    """Note the line of a key, and of the tables that a dotted key opens by the way."""
    for length in range(1, min(len(path), MOST_KEY_PARTS) + 1):
        found.keys.setdefault(path[:length], line)
