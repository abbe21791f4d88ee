"""What goes to standard output: JSON to the letter, and matrices that fit a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bptutor.files import write_whole
from bptutor.text import Message, UserError, significant
from bptutor.text.numbers import rows_of
from bptutor.text.printable import printable, printable_json

WIDTH = 80
ROWS = 8
"""So many rows of a matrix are shown; of a longer one, one fewer and a line of dots."""
GAP = "  "


def write_json(value: Any) -> None:
    """Write a value as one line of JSON, at once: whoever reads it may be waiting for it."""
    import msgspec

    if sys.stdout is not None:
        sys.stdout.flush()
        text = printable_json(msgspec.json.encode(value).decode())
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()


def require_free(path: Path, otherwise: Message) -> None:
    """Say at once that a file is there already, or that it cannot be told.

    Raises:
        UserError: it is there (`otherwise` is then said), or its folder may not be entered.
    """
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from error
    if there:
        raise UserError(otherwise)


def write_file(path: Path, text: str, *, over: bool = False, private: bool = False) -> None:
    """Write a text as a file, as a whole; over one that is there only where that is wanted.

    Raises:
        UserError: it cannot be written, or it is there already.
    """
    try:
        write_whole(path, text.encode("utf-8", "replace"), over=over, private=private)
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError | ValueError) -> UserError:
    reason = getattr(error, "strerror", None) or str(error)
    return UserError(Message("{file} cannot be written: {reason}.", file=str(path), reason=reason))


def write_lines(lines: Iterable[str]) -> None:
    """Write lines of text that cannot drive a terminal; a closed standard output takes none."""
    if sys.stdout is not None:
        sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def matrix_lines(value: Any, indent: int, figures: int, unicode: bool) -> Iterator[str]:
    """Numbers nested in lists as lines, columns aligned, cut to what fits.

    A vector is one row; axes in front of the last two count as rows.
    """
    dots = "…" if unicode else "..."
    rows = list(rows_of(value))
    cut = len(rows) > ROWS
    texts = [_texts(row, figures) for row in (rows[: ROWS - 1] if cut else rows)]
    width = max(len(text) for row in texts for text in row)
    fit = (WIDTH - indent + len(GAP)) // (width + len(GAP))
    for row in texts:
        shown = row if len(row) <= fit else [*row[: fit - 1], dots]
        yield " " * indent + GAP.join(text.rjust(width) for text in shown)
    if cut:
        yield " " * indent + dots.rjust(width)


def _texts(row: list[float], figures: int) -> list[str]:
    return [significant(number, figures) for number in row[: WIDTH // 2]]
