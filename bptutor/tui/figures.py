"""Matrices as text: in brackets, in one line or a line a row, decimal points under each other."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from textual.content import Content

from bptutor.text import Message, significant
from bptutor.text.numbers import element_words, figures_for_change, shown, size_of
from bptutor.tui.symbols import Symbols
from bptutor.views import Matrix
from bptutor.views.lesson import Grid, Known, Result, StepView

SMALL = 12
"""A matrix of at most so many numbers is shown whole among the text."""


def shape_text(shape: Sequence[int]) -> str:
    """`(1, 3)` or `(3,)`, and nothing for a scalar."""
    return str((*shape,)) if shape else ""


def note_text(matrix: Matrix) -> str:
    """Beside a name in a list: the shape, or the value of a scalar."""
    if matrix.shape or not matrix.values:
        return shape_text(matrix.shape)
    return f"= {number(matrix.values[0])}"


def number(value: float, hidden: str = "?", figures: int | None = None) -> str:
    """A number to the figures that are shown; `hidden` where it may not be seen yet."""
    return hidden if math.isnan(value) else significant(value, figures)


def place_words(shape: Sequence[int], position: int) -> Message | None:
    """Where a number of a vector or a matrix stands; None for a scalar."""
    index: list[int] = []
    for length in reversed(shape):
        position, place = divmod(position, length)
        index.insert(0, place)
    return element_words(index) if index else None


# ── matrices ──────────────────────────────────────────────────────────────────────────────────

_ZERO = re.compile(r"((?<=[\s[⎡⎢⎣])0(?=[\s\];⎤⎥⎦]|$))")
_POINT = re.compile(r"(?<=\d)[.e]")


def zeros_apart(text: str) -> list[str]:
    """A text cut at the zeros among its numbers: every second part is a zero."""
    return _ZERO.split(text)


def faint(style: Style, head: Style) -> Style:
    """A style for what stands in the background as a heading does."""
    return style + Style(color=head.color, dim=head.dim)


def zeros_dim(lines: Sequence[str]) -> Content:
    parts = zeros_apart("\n".join(lines))
    return Content.assemble(*((part, "$aside" if at % 2 else "") for at, part in enumerate(parts)))


def behind_point(text: str) -> int:
    """The cells of a number from its decimal point on (or from its exponent); else none."""
    found = _POINT.search(text)
    return len(text) - found.start() if found else 0


def at_the_point(texts: Sequence[str]) -> list[str]:
    """Numbers in cells of one width, their decimal points under each other."""
    behind = max(map(behind_point, texts))
    texts = [text + " " * (behind - behind_point(text)) for text in texts]
    width = max(map(cell_len, texts))
    return [" " * (width - cell_len(text)) + text for text in texts]


def inline(
    matrix: Matrix, ellipsis: str, width: int, limit: int = SMALL, figures: int | None = None
) -> str:
    """The numbers in one line of at most `width` cells: as many whole ones as fit.

    Rows are set apart as they can be typed: [1 2; 3 4]. Of a matrix in symbols, which has no
    numbers, the shape.
    """
    if not matrix.values:
        return shape_text(matrix.shape) or "()"
    total, columns = math.prod(matrix.shape), size_of(matrix.shape)[1]
    texts = [number(value, figures=figures) for value in matrix.values[:limit]]
    while texts:
        line = _rows(texts, columns, " ")
        if len(texts) < total:
            line += f"{' ' if len(texts) % columns else '; '}{ellipsis}"
        if matrix.shape:
            line = f"[{line}]"
        if len(line) <= width:
            return line
        texts.pop()
    return ellipsis


def _rows(texts: Sequence[str], columns: int, gap: str) -> str:
    """Rows in one line; what sets one apart from the next stands close to its last number."""
    *rows, last = (
        gap.join(texts[start : start + columns]) for start in range(0, len(texts), columns)
    )
    closed = [f"{row.rstrip()};{' ' * (1 + len(row) - len(row.rstrip()))}" for row in rows]
    return "".join([*closed, last.rstrip() if closed else last])


def under_each_other(matrices: Sequence[Matrix | None], ellipsis: str, width: int) -> list[str]:
    """Each in one line; the numbers of those of one shape stand under each other if they fit."""
    lines = ["" if matrix is None else inline(matrix, ellipsis, width) for matrix in matrices]
    alike: dict[tuple[bool, int, int], dict[int, list[str]]] = defaultdict(dict)
    for place, matrix in enumerate(matrices):
        whole = matrix and matrix.values and len(matrix.values) == math.prod(matrix.shape)
        if matrix and whole and not lines[place].endswith((ellipsis, f"{ellipsis}]")):
            texts = [number(value) for value in matrix.values]
            alike[bool(matrix.shape), *size_of(matrix.shape)][place] = texts
    for (bracketed, _, columns), group in alike.items():
        across = [at_the_point(texts) for texts in zip(*group.values(), strict=True)]
        for gap in ("  ", " "):
            rows = [_rows(texts, columns, gap) for texts in zip(*across, strict=True)]
            if max(map(len, rows)) + 2 <= width:
                for place, row in zip(group, rows, strict=True):
                    lines[place] = f"[{row}]" if bracketed else f" {row}"
                break
    return lines


def block(matrix: Matrix, symbols: Symbols, figures: int | None = None) -> list[str]:
    """A small matrix, a line a row."""
    rows, columns = size_of(matrix.shape)
    texts = [number(value, figures=figures) for value in matrix.values]
    across = [at_the_point(texts[column::columns]) for column in range(columns)]
    lines = ["  ".join(row) for row in zip(*across, strict=True)]
    return [symbols.bracketed(line, row, rows) for row, line in enumerate(lines)]


def fit(text: str, width: int, ellipsis: str) -> str:
    """`text` in exactly `width` cells, cut where it must be."""
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - cell_len(ellipsis))).rstrip() + ellipsis
    return set_cell_size(text, max(0, width))


def other_knowns(view: StepView) -> list[Known]:
    """What is known, and stands neither in the question nor on the tape."""
    taped = {line.target for line in view.tape if line.value}
    return [known for known in view.knowns if not known.relevant and known.typed not in taped]


def known_line(known: Known, ellipsis: str, width: int) -> str:
    """A known quantity in one line: its name and shape, and as many numbers as fit."""
    if not known.matrix.values:
        return f"{known.name} {shape_text(known.matrix.shape)}".strip()
    head = _head(known)
    return f"{head} {inline(known.matrix, ellipsis, width - cell_len(head) - 1)}"


def _head(known: Known) -> str:
    return f"{known.name} {shape_text(known.matrix.shape) or '='}"


def known_lines(known: Known, symbols: Symbols, width: int) -> list[str]:
    """A known quantity: its name and shape, and its numbers (of a large one the first few)."""
    matrix, head = known.matrix, _head(known)
    if 0 < len(matrix.values) == math.prod(matrix.shape) <= SMALL and matrix.shape:
        lines = block(matrix, symbols)
        middle, indent = (len(lines) - 1) // 2, " " * cell_len(head)
        lines = [f"{head if at == middle else indent} {line}" for at, line in enumerate(lines)]
        if cell_len(lines[0]) <= width:
            return lines
    return [known_line(known, symbols.ellipsis, width)]


_FRACTION = re.compile(r"(∂\w+)/(∂\w+)")


def stacked(formula: str, bar: str) -> list[str]:
    """A formula of one line with its fractions built up, in three lines; any other as it is."""
    parts = [*_FRACTION.split(formula), "", ""]
    if len(parts) == 3 or "\n" in formula:
        return [formula]
    lines = ["", "", ""]
    for text, over, under in zip(*(parts[at::3] for at in range(3)), strict=True):
        width = max(cell_len(over), cell_len(under))
        left = (width - cell_len(over)) // 2, (width - cell_len(under)) // 2
        tall = (" " * left[0] + over, bar * width, " " * left[1] + under)
        blank = " " * cell_len(text)
        for at, part in enumerate(tall):
            lines[at] += (text if at == 1 else blank) + set_cell_size(part, width)
    return [line.rstrip() for line in lines]


def in_columns(lines: Sequence[str], columns: int, width: int) -> list[str]:
    """Lines set in so many columns, the second after the first."""
    height = -(-len(lines) // columns)
    parts = [lines[start : start + height] for start in range(0, len(lines), height or 1)]
    return [
        "".join(set_cell_size(part[row], width) for part in parts if row < len(part)).rstrip()
        for row in range(height)
    ]


def side_by_side(blocks: Sequence[Sequence[str]], width: int, gap: int = 4) -> list[str]:
    """Blocks of lines next to one another where they fit, on a new shelf where they do not.

    Blocks of one line are stacked, so that they share the height of a matrix beside them; they
    stand before the matrices, or after them where that takes fewer lines.
    """
    short = [block[0] for block in blocks if len(block) == 1]
    tall = [block for block in blocks if len(block) > 1]
    height = max(map(len, tall), default=1)
    stacks = [short[start : start + height] for start in range(0, len(short), height)]
    return min(
        (_shelved(order, width, gap) for order in ([*stacks, *tall], [*tall, *stacks])), key=len
    )


def _shelved(blocks: Sequence[Sequence[str]], width: int, gap: int) -> list[str]:
    """Blocks from left to right, shelf below shelf."""
    lines: list[str] = []
    shelf: list[str] = []
    for block in blocks:
        used = max(map(cell_len, shelf), default=0)
        if shelf and used + gap + max(map(cell_len, block)) > width:
            lines += shelf
            shelf, used = [], 0
        shelf += [""] * (len(block) - len(shelf))
        margin = used + gap if used else 0
        shelf = [
            set_cell_size(line, margin) + part
            for line, part in zip(shelf, [*block, *[""] * (len(shelf) - len(block))], strict=True)
        ]
    return [line.rstrip() for line in lines + shelf]


def answer_texts(result: Result, grid: Grid) -> list[str]:
    update = result.update
    figures = figures_for_change(update.old, update.new) if update else shown()
    at = [asked.row * grid.columns + asked.column for asked in grid.asked]
    return [significant(result.value.values[position], figures) for position in at]
