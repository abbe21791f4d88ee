"""The same screen in fewer bytes: any link may be a slow one.

Textual draws whole widgets again, and with a new dialog the whole screen, several times. Here it
draws on a copy of the screen, and the terminal is sent the cells that have changed since, a style
or a move only where a cell needs it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rich.cells import get_character_cell_size

from bptutor.tui import sgr

TOKEN = re.compile(
    r"""
    \x1b\[ (?P<style> [\d;]* ) m
  | \x1b\[ (?P<row> \d+ ) ; (?P<column> \d+ ) H
  | (?P<sync>  \x1b\[\?2026[hl] )
  | (?P<pointer> \x1b\[\?25[hl] )
  | (?P<line>  \n )
  | (?P<other> \x1b\[ [0-?]* [ -/]* [@-~] | \x1b\] [^\x07\x1b]* (?: \x07 | \x1b\\ )
               | \x1b. | [\x00-\x1f] )
  | (?P<text>  [^\x1b\x00-\x1f]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
APART = re.compile(
    r"\x1b(?:\].*|\[[<>=][\d;]*u|\[\d* q|\[\?(?!(?:3|6|47|1047|1049)[hl])[\d;]*\$?[a-z])"
)
"""What is between the terminal and the program, and leaves the screen as it is."""
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
SHAPE = "\x1b]22;"
"""The shape of the mouse's pointer (OSC 22)."""
HIDDEN = "\x1b[?25l"
"""The terminal's cursor is not seen, wherever it stands."""
LARGE = 512
"""Bytes from which on a terminal is told to show them at once, where it can."""
GAP = 4
"""Bytes that a short move takes."""
SCROLL = 24
"""Bytes that it takes to move lines up or down."""
PLAIN = str.maketrans(
    {
        **dict.fromkeys("─│╭╮╰╯├┤┬┴┼━░", " "),
        **dict.fromkeys("⎡⎢⎣", "["),
        **dict.fromkeys("⎤⎥⎦", "]"),
    }
)
"""On a slow link: no rules and rails, and of one byte what has such a sign."""
Cell = tuple[str, str]
"""What is in it, and its style; in the second half of a wide character nothing."""
BLANK: Cell = (" ", "")


class Shortener:
    """Rewrites what goes to one terminal, of which it has a copy."""

    def __init__(self, columns: int, rows: int) -> None:
        self._size = columns, rows
        self.plain = False
        """Is the link so slow that colours and ornaments are left out?"""
        self._style: str | None = None
        """The style that the terminal is in; None where that is not known."""
        self._drawn_in = ""
        """The style of what is being drawn."""
        self._place: tuple[int, int] | None = None
        """Where the terminal writes next."""
        self._row = self._column = 0
        """Where it is drawn next."""
        self._moved = False
        """Is that to be where the terminal's cursor stands?"""
        self._pointer: str | None = None
        self._drawn_pointer: str | None = None
        self.fills = False
        """Does the terminal erase in the colour of the ground that it writes on (bce)?"""
        self.waits = False
        """Is no frame to be sent yet, as more is about to be drawn?"""
        self._shape = f"{SHAPE}default\x07"
        self._held = self._syncs = False
        """Is a frame not drawn to its end? Does the terminal take one as a whole?"""
        self._forget()

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, and may have rearranged what it showed."""
        if (columns, rows) != self._size:
            self._size = columns, rows
            self._forget()

    def _forget(self) -> None:
        columns, rows = self._size
        self._shown: list[list[Cell | None]] = [[None] * columns for _ in range(rows)]
        self._drawn: list[list[Cell | None]] = [[None] * columns for _ in range(rows)]
        self._touched: set[int] = set()
        self._place = None

    def shorten(self, text: str) -> str:
        """What to send for a text; nothing until the frame that it begins has come to its end."""
        out: list[str] = []
        for token in TOKEN.finditer(text):
            kind, written = token.lastgroup, token[0]
            if kind == "style":
                self._drawn_in = sgr.after(self._drawn_in, token["style"])
            elif kind == "text":
                self._draw(written)
            elif kind == "column":
                self._row, self._column = int(token["row"]) - 1, int(token["column"]) - 1
                self._moved = True
            elif kind == "line":
                self._row += 1
            elif kind == "sync":
                self._held, self._syncs = written == BEGIN, True
            elif kind == "pointer":
                self._drawn_pointer, self._moved = written, True
            elif APART.fullmatch(written):
                if written != self._shape:
                    out.append(written)
                if written.startswith(SHAPE):
                    self._shape = written
            else:
                self._send(out)
                self._set_style(out, self._drawn_in)
                out.append(written)
                self._style = None  # it may be another then, too
                self._forget()
        if not (self._held or self.waits):
            self._send(out)
        return "".join(out)

    def _draw(self, text: str) -> None:
        columns, rows = self._size
        if not 0 <= self._row < rows:
            return
        self._touched.add(self._row)
        row, style = self._drawn[self._row], self._drawn_in
        if self.plain:
            style, text = sgr.plain(style), text.translate(PLAIN)
        on_blank = sgr.on_blank(style)
        for character in text:
            width = 1 if character.isascii() else get_character_cell_size(character)
            if not width and 0 < self._column <= columns and (before := row[self._column - 1]):
                row[self._column - 1] = (before[0] + character, before[1])
            if not width or self._column + width > columns:
                continue
            self._cut(row, self._column)
            self._cut(row, self._column + width)
            row[self._column] = (character, on_blank if character == " " else style)
            if width == 2:
                row[self._column + 1] = ("", style)
            self._column += width

    @staticmethod
    def _cut(row: list[Cell | None], column: int) -> None:
        """Of a wide character that is cut there, nothing is left."""
        if 0 < column < len(row) and (half := row[column]) and not half[0]:
            row[column - 1] = row[column] = BLANK

    # ── what is sent ──────────────────────────────────────────────────────────────────────────

    def _send(self, out: list[str]) -> None:
        cells: list[str] = []
        changed = [n for n in sorted(self._touched) if self._drawn[n] != self._shown[n]]
        if len(changed) > 2:
            self._scroll(changed, cells)
        for number in changed:
            self._send_row(number, cells)
        self._touched.clear()
        columns, rows = self._size
        if (self._moved or cells) and self._drawn_pointer != HIDDEN:
            self._moved = False
            self._move(cells, min(self._row, rows - 1), min(self._column, columns - 1))
        if self._drawn_pointer != self._pointer and self._drawn_pointer:
            self._pointer = self._drawn_pointer
            cells.append(self._pointer)
        whole = self._syncs and sum(map(len, cells)) > LARGE
        out += [BEGIN, *cells, END] if whole else cells

    def _scroll(self, changed: list[int], out: list[str]) -> None:
        """Have the terminal move lines that it shows, where they are less to send then."""
        there: dict[tuple[Cell | None, ...], list[int]] = defaultdict(list)
        for number, row in enumerate(self._shown):
            there[tuple(row)].append(number)
        blank: list[Cell | None] = [BLANK] * self._size[0]
        found = Counter(
            source - number
            for number in changed
            if self._drawn[number] != blank
            for source in there.get(tuple(self._drawn[number]), ())
        )
        best = max((self._saved(by, blank) for by, _ in found.most_common(2)), default=None)
        if best is None or best[0] <= SCROLL:
            return
        _, first, last, by = best
        top, bottom = min(first, first + by), max(last, last + by)
        self._set_style(out, "")
        order = f"{by}M" if by > 0 else f"{-by}L"
        out.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{order}\x1b[r")
        self._place = None
        moved = {n: self._shown[n + by] for n in range(first, last + 1)}
        for number in range(top, bottom + 1):
            self._shown[number] = moved.get(number, [*blank])
            if self._shown[number] != self._drawn[number] and number not in changed:
                changed.append(number)
        changed.sort()

    def _saved(self, by: int, blank: list[Cell | None]) -> tuple[int, int, int, int]:
        """Cells that need not be sent once some lines have come from `by` lines below.

        And the first of these lines, the last, and `by`.
        """
        rows = len(self._drawn)
        drawn, shown = self._drawn, self._shown
        best = (0, 0, 0, by)
        saved, first = 0, max(0, -by)
        for number in range(first, min(rows, rows - by)):
            if None in drawn[number] or None in drawn[number + by]:
                saved, first = 0, number + 1
                continue
            saved += _differ(drawn[number], shown[number])
            saved -= _differ(drawn[number], shown[number + by])
            if saved <= 0:
                saved, first = 0, number + 1
                continue
            left = range(number + 1, number + by + 1) if by > 0 else range(first + by, first)
            if saved <= best[0] or any(None in drawn[n] for n in left):
                continue
            lost = sum(_differ(drawn[n], blank) - _differ(drawn[n], shown[n]) for n in left)
            best = max(best, (saved - lost, first, number, by))
        return best

    def _send_row(self, number: int, out: list[str]) -> None:
        drawn, shown = self._drawn[number], self._shown[number]
        for start, end, blank in self._runs(number):
            self._move(out, number, start)
            if blank:
                self._erase(out, end - start, drawn[start])
            else:
                for cell in drawn[start:end]:
                    assert cell
                    if cell[0]:
                        self._set_style(out, cell[1], blank=cell[0] == " ")
                        out.append(cell[0])
                self._place = (number, end) if end < self._size[0] else None
            shown[start:end] = drawn[start:end]

    def _runs(self, number: int) -> Iterator[tuple[int, int, bool]]:
        """The parts of a row to send: blanks to erase (True), or cells to write."""
        drawn, shown, columns = self._drawn[number], self._shown[number], self._size[0]
        column = 0
        while column < columns:
            if drawn[column] is None or drawn[column] == shown[column]:
                column += 1
                continue
            start = column
            while start and not (drawn[start] or BLANK)[0]:
                start -= 1  # of a wide character both halves
            blanks = self._blanks(drawn, column)
            if blanks > GAP:
                end = column + blanks
                while drawn[end - 1] == shown[end - 1]:
                    end -= 1
            else:
                end = self._end_of_text(number, column)
            yield start, end, blanks > GAP
            column = end

    def _blanks(self, cells: list[Cell | None], start: int) -> int:
        """How many blanks there are from there on that look alike and can be erased."""
        first, end = cells[start], start
        if first is None or first[0] != " " or sgr.parts(first[1]).attributes:
            return 0
        if first[1] and not self.fills:
            return 0
        while end < len(cells) and cells[end] == first:
            end += 1
        return end - start

    def _end_of_text(self, number: int, column: int) -> int:
        """Where writing ends: at many blanks, and at more than a move's worth of what is there."""
        drawn, shown, columns = self._drawn[number], self._shown[number], self._size[0]
        end = column
        while column < columns and (cell := drawn[column]) is not None:
            if cell != shown[column]:
                if self._blanks(drawn, column) > GAP:
                    break
                end = column + 1
            elif column - end >= GAP or not _continues(cell, (drawn[end - 1] or BLANK)[1]):
                break
            column += 1
        while end < columns and (half := drawn[end]) and not half[0]:
            end += 1
        return end

    def _move(self, out: list[str], row: int, column: int) -> None:
        if self._place == (row, column):
            return
        ways = [f"\x1b[{row + 1};{column + 1}H"]
        if self._place:
            down, right = row - self._place[0], column - self._place[1]
            if not down and right > 0:
                ways.append(_right(right))
            elif 0 <= down <= 1:
                ways.append("\r" + "\n" * down + _right(column))
        out.append(min(ways, key=len))
        self._place = row, column

    def _set_style(self, out: list[str], style: str, blank: bool = False) -> None:
        known = self._style is not None
        if known and style == (sgr.on_blank(self._style or "") if blank else self._style):
            return
        out.append(sgr.change(self._style, style))
        self._style = style

    def _erase(self, out: list[str], count: int, cell: Cell | None) -> None:
        assert cell
        self._set_style(out, cell[1], blank=True)
        assert self._place
        to_the_end = self._place[1] + count == self._size[0]
        out.append("\x1b[K" if to_the_end else f"\x1b[{count}X")


def _differ(drawn: Sequence[Cell | None], shown: Sequence[Cell | None]) -> int:
    """How many cells are to be sent, blanks left aside."""
    pairs = zip(drawn, shown, strict=True)
    return sum(cell != there and cell is not None and cell[0] != " " for cell, there in pairs)


def _continues(cell: Cell, style: str) -> bool:
    """Can it be written in that style?"""
    return cell[1] == (sgr.on_blank(style) if cell[0] == " " else style)


def _right(count: int) -> str:
    return "" if not count else "\x1b[C" if count == 1 else f"\x1b[{count}C"
