"""What is typed into cells: one number or arithmetic a cell, a matrix pasted as a whole."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence, Set
from itertools import accumulate

from bptutor.grading.judge import Typed
from bptutor.language.parse import parse_expression
from bptutor.language.shapes import require_affordable
from bptutor.language.tree import Expression, Number, Shape, names, renamed
from bptutor.text import Message, UserError

LONGEST_CELL = 4_000
LONGEST_PASTE = 4_000_000
QUOTED = 40  # how much of an unreadable text an error sentence repeats

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms
_READ_AS = str.maketrans(_WIDE | dict.fromkeys(map(ord, "−–﹣"), "-") | {0x3000: " ", 0xA0: " "})

_NUMBER = re.compile(r"([+-]?)[ \t]*(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?", re.ASCII)

_BEFORE = re.compile(r"(\w+\s*=\s*)?(<tf\.[^>]*numpy=\s*)?([A-Za-z_.]+\(\s*)?")
_AFTER = re.compile(r"(,\s*(shape|dtype|name)=[^=]*)*\)?>?[\s,;]*")
_PRINTED_SCALAR = re.compile(
    r"<tf\.[^\[>]*numpy=(?P<bare>[^\[,>]+)>"
    r"|tf\.Tensor\((?P<tensor>[^\[,]+),\s*shape=\(\).*\)"
    r"|(?:np\.|numpy\.)?(?:array|float32|float64)\((?P<array>[^\[,]+)(?:,\s*dtype=\S+)?\)"
)
_PRINTED_AROUND = 200  # characters that a printout puts around its numbers, at most

_ONE_IN_BRACKETS = re.compile(r"(\[+)([^\[\],;]+)(\]+)")

# Blanks that do not surround an operator.
_GAP = r"(?<![\s,*/@^×÷·⋅⊙<>=≤≥≠+-])\s+(?!\s|[,*/@^×÷·⋅⊙<>=≤≥≠!]|[+-]\s)"
_LISTED = re.compile(rf"\s*,\s*|{_GAP}")
_APART = re.compile(rf"\s*,\s+|{_GAP}")  # a comma with no blank may be a decimal comma
_COMMA = re.compile(",")
_SEMICOLON = re.compile(";")
_TAB = re.compile(r"\t")
_ONE_CELL = re.compile(r"[^][\n\t,;]+")


def read_cell(
    text: str,
    evaluate: Callable[[Expression], float],
    own: Callable[[str], str] = str,
    known: Set[str] = frozenset(),
) -> Typed:
    """Read a number, or arithmetic in the tutor's grammar, which `evaluate` works out.

    Names are taken where they are `known` by their `own` name; which of them may be used is for
    `evaluate` to say. Raises UserError: it is empty, no number, too large, or needs a name; one
    sentence.
    """
    plain = text.translate(_READ_AS).strip()
    listed = _ONE_IN_BRACKETS.fullmatch(plain)
    if listed and len(listed[1]) == len(listed[3]):  # as a value of one number is printed: [[-0.5]]
        text = plain = listed[2].strip()
    if not plain:
        raise UserError("This cell is empty: type a number, such as 0.0317.")
    if len(plain) > LONGEST_CELL:
        raise UserError("A cell takes at most {count} characters.", count=LONGEST_CELL)
    if _DECIMAL_COMMA.fullmatch(plain):
        raise UserError(
            "{text}: write the decimal point as a dot, {better}.",
            text=_quote(plain),
            better=_quote(plain.replace(",", ".")),
        )
    if "..." in plain or "…" in plain:
        raise UserError("The numbers stop at “...”: type them all.")
    match = _NUMBER.fullmatch(plain)
    if match:
        return _read_number(*match.groups(default=""))
    return _read_arithmetic(plain, text, evaluate, own, known)


def split_matrix(text: str, shape: Shape | None = None) -> list[list[str]]:
    """Split a pasted matrix into its rows and their cells, as texts.

    Read are brackets (lists, what numpy and TensorFlow print), and bare rows, one a line, their
    cells apart by tabs, semicolons, commas or blanks. A bare number is one row of one cell. Where a
    comma may be a decimal comma (`0,5`) the cell is left whole: `fit` knows how many are wanted.
    Semicolons in a single line separate the cells of a row, or the rows where `shape` is a column.
    Where `shape` has one number, blanks separate nothing.
    Raises UserError: there is nothing in it, it is too long, or its brackets do not match.
    """
    if len(text) > LONGEST_PASTE:
        raise UserError("Paste at most {count} characters.", count=LONGEST_PASTE)
    plain = text.translate(_READ_AS).strip("\r\n ")
    printed = _PRINTED_SCALAR.fullmatch(plain) if len(plain) < _PRINTED_AROUND else None
    if printed:
        return [[next(filter(None, printed.groups())).strip()]]
    if shape is not None and math.prod(shape) == 1 and _ONE_CELL.fullmatch(plain):
        return [[plain]]
    rows = _bracketed_rows(plain) if "[" in plain or "]" in plain else _bare_rows(plain)
    column = shape is not None and len(shape) > 1 and shape[-1] == 1
    if column and len(rows) == 1 and "[" not in plain and ";" in plain:
        rows = [[cell] for cell in rows[0]]
    rows = [row for row in rows if row]
    if not rows:
        raise UserError("There are no numbers here: type or paste a matrix.")
    return rows


def fit(rows: Sequence[Sequence[str]], shape: Shape) -> list[str]:
    """The cells' texts, row after row, where they fit a value of that shape.

    A column is taken for a vector; axes in front of the last two count as rows. Raises UserError:
    they do not fit; the sentence names both shapes.
    """
    columns = shape[-1] if shape else 1
    height = math.prod(shape[:-1])
    if not _fits(rows, height, columns):
        apart = [[cell for text in row for cell in _at_decimal_comma(text)] for row in rows]
        if _fits(apart, height, columns):
            rows = apart
        elif len(shape) == 1 and all(len(row) == 1 for row in rows) and len(rows) == columns:
            rows = [[row[0] for row in rows]]
        else:
            raise UserError(_misfit(rows, shape))
    return [cell for row in rows for cell in row]


def _read_number(sign: str, digits: str, exponent: str) -> Typed:
    text = sign + digits + exponent
    value = float(text)
    written = digits.replace(".", "").lstrip("0")
    if not math.isfinite(value) or (written and value == 0):
        raise UserError("{text} is out of range: type a number such as 1.23e-5.", text=_quote(text))
    return Typed(value, len(written), text)


def _read_arithmetic(
    plain: str,
    text: str,
    evaluate: Callable[[Expression], float],
    own: Callable[[str], str],
    known: Set[str],
) -> Typed:
    """Arithmetic such as 2*(0.136-0.1); a number in parentheses keeps its figures."""
    expression = renamed(parse_expression(text, known), own)
    name = next((each for each in names(expression) if each not in known), None)
    if name is not None:
        if known:
            raise UserError(
                "There is no {name} here; type a number or arithmetic.", name=_quote(name)
            )
        raise UserError(
            "A cell takes numbers and arithmetic, not names: {name}.", name=_quote(name)
        )
    bare = _NUMBER.fullmatch(plain.strip("() \t"))
    if isinstance(expression, Number) and bare:
        return _read_number(*bare.groups(default=""))
    if not any(names(expression)):  # else it is for `evaluate` to know their shapes
        require_affordable(expression, {})
    value = evaluate(expression)
    if not math.isfinite(value):
        raise UserError("{text} gives no finite number: check it.", text=_quote(plain))
    return Typed(value, None, plain)


def _bracketed_rows(text: str) -> list[list[str]]:
    """The rows inside the innermost brackets; `[1 2; 3 4]` is two."""
    start, end = text.find("["), text.rfind("]") + 1
    before, after = text[: max(start, 0)], text[end:]
    around_is_printed = max(len(before), len(after)) <= _PRINTED_AROUND and (
        _BEFORE.fullmatch(before) and _AFTER.fullmatch(after)
    )
    if start < 0 or end <= start or not around_is_printed:
        raise UserError(_unbracketed())
    rows: list[list[str]] = []
    depth, last, innermost = 0, start, False
    for mark in re.finditer(r"[\[\]]", text[start:end]):
        between = text[last : start + mark.start()]
        closes = mark.group() == "]"
        if innermost and closes:
            rows += [_cells(line, _LISTED) for line in between.split(";")]
        elif between.strip(" ,;\t\r\n"):
            raise UserError(_unbracketed())
        last = start + mark.end()
        depth += -1 if closes else 1
        innermost = not closes
        if depth < 0:
            raise UserError(_unbracketed())
    if depth:
        raise UserError(_unbracketed())
    return rows


def _bare_rows(text: str) -> list[list[str]]:
    """The rows of a text without brackets: a line each."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        if "\t" in line:
            rows.append([cell.strip() for cell in _split(line.rstrip(), _TAB)])
            continue
        parts = [_line_cells(part) for part in _split(line, _SEMICOLON)]
        if all(len(part) <= 1 for part in parts):  # a spreadsheet's columns, not rows in a line
            parts = [[cell for part in parts for cell in part]]
        rows += parts
    return rows


def _line_cells(line: str) -> list[str]:
    """The cells of a line apart by commas or blanks; what may be a decimal comma stays."""
    cells: list[str] = []
    for piece in _cells(line, _APART):
        cells += [piece] if _DECIMAL_COMMA.fullmatch(piece) else _cells(piece, _COMMA)
    return cells


def _cells(line: str, separator: re.Pattern[str]) -> list[str]:
    """The cells of a line; a separator at its end begins no further cell."""
    cells = [cell.strip() for cell in _split(" ".join(line.split()), separator)]
    return cells if cells[-1] else cells[:-1]


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    depth = list(accumulate((char == "(") - (char == ")") for char in text))
    parts, last = [], 0
    for match in separator.finditer(text):
        if depth[match.start()] == 0:
            parts.append(text[last : match.start()])
            last = match.end()
    return [*parts, text[last:]]


def _at_decimal_comma(text: str) -> list[str]:
    """The two numbers that `0,5` may be."""
    return text.split(",") if _DECIMAL_COMMA.fullmatch(text) else [text]


def _fits(rows: Sequence[Sequence[str]], height: int, columns: int) -> bool:
    return len(rows) == height and all(len(row) == columns for row in rows)


def _misfit(rows: Sequence[Sequence[str]], shape: Shape) -> Message:
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        return Message(
            "Your rows have {least} to {most} numbers, but the value has the shape "
            "{wanted}: make the rows equally long.",
            least=min(lengths),
            most=max(lengths),
            wanted=str(shape),
        )
    typed = (len(rows), *lengths)
    if typed == shape[::-1]:
        return Message(
            "Your matrix has the shape {typed}, but the value has the shape {wanted}: "
            "exchange rows and columns.",
            typed=str(typed),
            wanted=str(shape),
        )
    return Message(
        "Your matrix has the shape {typed}, but the value has the shape {wanted}.",
        typed=str(typed),
        wanted=str(shape),
    )


def _unbracketed() -> Message:
    return Message(
        "The brackets do not match: write a matrix as {example}.", example="[[1, 2], [3, 4]]"
    )


def _quote(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
