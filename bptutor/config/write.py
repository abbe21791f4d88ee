"""Writing a setting into the user's own file, in which everything else stays as it was."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

from bptutor.files import write_whole
from bptutor.locale import Message, UserError

TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def keep(path: Path, key: str, value: str | bool | float) -> None:
    """Write `key = value` into the file, which is replaced as a whole.

    Raises:
        UserError: the file cannot be written, or what is in it leaves no room for the line.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        changed = _with(text, key, value)
        if tomllib.loads(changed) != {**tomllib.loads(text), key: value}:
            raise ValueError
        real = Path(os.path.realpath(path))
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(real, changed.encode())
    except OSError as error:
        raise UserError(
            Message(
                "{path} cannot be written ({reason}).",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error
    except ValueError as error:  # no UTF-8, no TOML, or the key is written in an unusual way
        raise UserError(
            Message(
                "Nothing could be written into {path} as it stands; write `{line}` there yourself.",
                path=str(path),
                line=_line(key, value),
            )
        ) from error


def _line(key: str, value: str | bool | float) -> str:
    return f"{key} = {json.dumps(value)}"


def _with(text: str, key: str, value: str | bool | float) -> str:
    """The text with the key's line changed, or with a new one before the first table."""
    table = TABLE.search(text)
    head, tables = (text[: table.start()], text[table.start() :]) if table else (text, "")
    there = re.compile(rf"^([ \t]*){key}[ \t]*=[^#\n]*?([ \t]*#[^\n]*)?$", re.MULTILINE)
    line = _line(key, value)
    if there.search(head):
        return there.sub(lambda found: f"{found[1]}{line}{found[2] or ''}", head, 1) + tables
    above = f"{head.rstrip()}\n" if head.strip() else ""
    return f"{above}{line}\n" + (f"\n{tables}" if tables else "")
