"""What goes to standard output: JSON to the letter, and matrices that fit a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bptutor.locale import Message, UserError, significant
from bptutor.locale.figures import rows_of

WIDTH = 80
ROWS = 8
"""So many rows of a matrix are shown; of a longer one, one fewer and a line of dots."""
GAP = "  "


def write_json(value: Any) -> None:
    """Write a value as one line of JSON, at once: whoever reads it may be waiting for it."""
    import msgspec

    if sys.stdout is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
        sys.stdout.buffer.flush()


def write_file(path: Path, text: str, *, over: bool = False) -> None:
    """Write a text as a file; over one that is there only where that is wanted.

    Raises:
        UserError: it cannot be written, or it is there already.
    """
    try:
        with path.open("w" if over else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UserError(
            Message(
                "{file} cannot be written: {reason}.", file=str(path), reason=error.strerror or ""
            )
        ) from error


def write_lines(lines: Iterable[str]) -> None:
    """Write lines of text; a closed standard output takes none."""
    if sys.stdout is not None:
        sys.stdout.writelines(f"{line}\n" for line in lines)


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
