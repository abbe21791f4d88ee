"""Fewer bytes, and the same screen: held by a terminal emulator."""

from __future__ import annotations

from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from bptutor.tui.shorten import Shortener
from tests.tui.learner import SIZE, learning

COLUMNS, ROWS = 40, 6
STYLES = (
    "",
    "49",
    "39;49",
    "36;49",
    "1;39;49",
    "1;36;49",
    "7;30;47",
    "4;39;49",
    "39;44",
    "38;5;74;48;5;234",
    "38;2;39;49;0",
    "9;39;49",
    "1;38;5;74;48;5;234",
    "1;2;36;48;5;234",
)
piece = st.tuples(
    st.sampled_from(STYLES),
    st.one_of(
        st.integers(1, 30).map(lambda count: " " * count),
        st.text("ab ∂=", min_size=1, max_size=12),
    ),
)
place = st.tuples(st.integers(1, ROWS), st.integers(1, COLUMNS))
other = st.sampled_from(
    ["\x1b[?2026h", "\x1b[?2026l", "\x1b[?25l", "\x1b[2J", "\x1b[1m\x1b[31m", "\x1b]52;c;YQ==\x07"]
)


def line(place: tuple[int, int], pieces: list[tuple[str, str]]) -> str:
    """Pieces from a place on, as Textual writes them: never past the end of the line."""
    row, column = place
    room = COLUMNS - column + 1
    written = f"\x1b[{row};{column}H"
    for style, text in pieces:
        fitting = set_cell_size(text, min(room, cell_len(text)))
        room -= cell_len(fitting)
        written += f"\x1b[{style}m{fitting}\x1b[0m"
    return written


lines = st.builds(line, place, st.lists(piece, max_size=6))
frames = st.lists(st.lists(st.one_of(lines, lines, lines, other), max_size=12), max_size=4)


LINES = [f"\x1b[{style}m{text:{COLUMNS}}\x1b[0m" for style in STYLES for text in ("", style)]


@st.composite
def scrolled(draw: Any) -> list[list[str]]:
    """Lines that go up and down on a page, and now and then one that is another."""
    pool = draw(st.lists(st.sampled_from(LINES), min_size=2 * ROWS, max_size=2 * ROWS))
    found = []
    for top in draw(st.lists(st.integers(0, ROWS), min_size=2, max_size=4)):
        rows = [f"\x1b[{row + 1};1H{pool[top + row]}" for row in range(ROWS)]
        found.append([*rows, f"\x1b[{draw(st.integers(1, ROWS))};1Hanother one"])
    return found


def seen(screen: pyte.Screen) -> list[Any]:
    """What a person sees: of a blank only its ground and its lines."""

    def cell(char: Any) -> Any:
        shape = (char.bg, char.underscore, char.strikethrough, char.reverse)
        if char.data.strip() or char.reverse:
            return (char.data, char.fg, char.bold, *shape)
        return (" ", *shape)

    return [
        [cell(screen.buffer[row][column]) for column in range(screen.columns)]
        for row in range(screen.lines)
    ]


def emulated(written: list[str], columns: int = COLUMNS, rows: int = ROWS) -> pyte.Screen:
    screen = pyte.Screen(columns, rows)
    stream = pyte.Stream(screen)
    for text in written:
        stream.feed(text)
    return screen


@given(st.one_of(frames, scrolled()), st.booleans())
def test_the_screen_is_the_same(frames: list[list[str]], fills: bool) -> None:
    written = ["\x1b[1;1H" + "".join(parts) for parts in frames] + ["\x1b[?2026l"]
    shortener = Shortener(COLUMNS, ROWS)
    shortener.fills = fills
    shortened = [shortener.shorten(text) for text in written]
    whole, less = emulated(written), emulated(shortened)
    assert seen(less) == seen(whole)
    if not whole.cursor.hidden and whole.cursor.x < COLUMNS - 1:  # at the edge, or past it
        assert (less.cursor.x, less.cursor.y) == (whole.cursor.x, whole.cursor.y)


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_what_has_not_changed_is_not_sent_again(language: str) -> None:
    """Screens of the app, one after the other: as they are, in fewer bytes, and less each time."""
    written = []
    async with learning(at="dLoss_dW2", language=language) as learner:
        for keys in ([], ["f9"], ["escape"], ["f6"], ["escape"]):
            await learner.press(*keys)
            update = learner.app.screen._compositor.render_full_update()
            written.append(update.render_segments(learner.app.console))
    shortener = Shortener(*SIZE)
    sent = [shortener.shorten(text) for text in written]
    for count in range(1, len(sent) + 1):
        whole, less = emulated(written[:count], *SIZE), emulated(sent[:count], *SIZE)
        assert seen(less) == seen(whole)
    assert len(sent[0].encode()) < 0.55 * len(written[0].encode())
    assert shortener.shorten(written[-1]) == ""
    shortener.resize(SIZE[0], SIZE[1] + 1)
    assert len(shortener.shorten(written[-1])) >= len(sent[0]) / 2
