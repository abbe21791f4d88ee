"""The picture at 80 by 24, in both languages and notations: networks, graphs, heat maps."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from bptutor.tui.symbols import SYMBOLS, Notation
from bptutor.tui.widgets.canvas import Look
from bptutor.tui.widgets.graph import GraphDrawing
from bptutor.tui.widgets.heat import HeatDrawing, Ramp
from bptutor.tui.widgets.neighbours import around, spread
from bptutor.tui.widgets.network import LIVES, NetworkDrawing
from bptutor.tui.widgets.outline import NetworkOutline
from bptutor.views import Matrix
from bptutor.views.picture import (
    GraphView,
    HeatMap,
    Link,
    NetworkView,
    Node,
    Pictured,
    Unit,
    UnitColumn,
    Wires,
)
from bptutor.views.quiz import QuizSpec
from tests.examples import every
from tests.near import COURSE
from tests.tui.learner import Learner, learning
from tests.tui.test_looks import EVERYWHERE, lines_fit

NAN = float("nan")
NOTHING = Pictured("", "", False, None, GraphView([], []), [])


def looking(
    name: str, step: str, notation: Notation = "unicode", **how: Any
) -> AbstractAsyncContextManager[Learner]:
    """The app at a step of a lesson."""
    return learning(name, at=step, notation=notation, **how)


def lines_of(screen: str) -> list[str]:
    return screen.splitlines()


@pytest.mark.parametrize(("language", "notation"), every(4, EVERYWHERE))
async def test_the_network_is_whole_at_80_by_24(language: str, notation: Notation) -> None:
    symbols = SYMBOLS[notation]
    async with looking(COURSE, "dLoss_da2", notation=notation, language=language) as learner:
        screen = await learner.press("f12")
        lines_fit(learner)
        lines = lines_of(screen)
        assert len(lines) == 24
        for name in ("X", "W1", "Z1, a1", "W2", f"{symbols.here} Z2, a2", "W3", "Y", "L"):
            assert name in lines[1]
        for number in ("1.4", "0.44", "-0.76", "1.36", "0.136", "0.0013", "b -0.6", "+0.5", "-0.3"):
            assert number in screen
        assert f"{symbols.back} 0.072" in screen
        assert screen.count(f"{symbols.back} ?") == 3
        assert screen.count(LIVES["off"].to(language)) == 2 + 1  # two units, and the legend
        assert ("∂Loss/∂Y_pred" if notation == "unicode" else "dLoss_dY_pred") in lines[-4]
        assert "Tab" in lines[-1]
        assert "Esc" in lines[-1]


@pytest.mark.whole
async def test_in_ascii_all_of_it_is_ascii() -> None:
    for name, step in ((COURSE, "dLoss_dZ1"), ("attention", "dL_dS"), ("rnn", "dL_dh1")):
        async with looking(name, step, notation="ascii") as learner:
            assert (await learner.press("f12")).isascii()
            if name != "rnn":
                assert (await learner.press("tab")).isascii()


async def test_the_signal_is_walked_back_and_forth_on_the_picture() -> None:
    async with looking(COURSE, "dLoss_da2") as learner:
        here = lines_of(await learner.press("f12"))
        assert "▶ Z2, a2" in here[1]
        assert "F5" not in here[-1]
        before = lines_of(await learner.press("f4", "f4"))
        assert "▶ W3" in before[1]
        assert "∂Loss/∂W3 ←" in before[0]
        assert lines_of(await learner.press("f5", "f5"))[:2] == here[:2]
        step = await learner.press("escape")
        assert "Y_pred = a2 @ W3 + b3:  ─────── → ─────" in step


@pytest.mark.parametrize("notation", every(2, ["ascii", "unicode"]))
async def test_a_matrix_is_a_heat_map_with_signs(notation: Notation) -> None:
    symbols = SYMBOLS[notation]
    async with looking(COURSE, "dLoss_dW2", notation) as learner:
        await learner.press("f12")
        screen = await learner.press("tab")
        assert "W2 (3, 3)" in screen
        lines_fit(learner)
        darkest, lightest = symbols.shades[-1], symbols.shades[0]
        for number in ("0.5", "-0.2", "-0.3"):
            assert f" {number} " in screen
        assert f"{darkest * 2} 0.5" in screen
        assert f"{darkest * 9}" in screen
        assert lightest * 9 in screen
        other = await learner.press("right")
        assert "W2 (3, 3)" not in lines_of(other)[0]
        assert lines_of(await learner.press("left"))[0] == lines_of(screen)[0]
        assert "▶ W2" in (await learner.press("tab")).replace("> W2", "▶ W2")


async def test_the_examples_of_a_batch_are_looked_at_one_by_one() -> None:
    async with looking("batch", "L") as learner:
        first = await learner.press("f12")
        assert "example 1/3" in first
        second = await learner.press("down")
        assert "example 2/3" in second
        truth = learner.service.session.prepare().trace.values["Z"].reshape(-1)
        assert f"{truth[0]:.3g}" in first
        assert f"{truth[1]:.3g}" in second
        assert await learner.press("down", "down") == first


@pytest.mark.parametrize(("language", "notation"), every(4, EVERYWHERE))
async def test_a_graph_has_its_nodes_in_rows(language: str, notation: Notation) -> None:
    symbols = SYMBOLS[notation]
    async with looking("rnn", "dL_dh2", notation=notation, language=language) as learner:
        screen = await learner.press("f12")
        lines_fit(learner)
        order = ["z1 0.9", "h1 0.716", "z2 ", f"{symbols.here} h2 ", "z3 1.36", "h3 ", "L 1.16"]
        found = [
            next(i for i, line in enumerate(lines_of(screen)) if text in line) for text in order
        ]
        assert found == sorted(found)
        assert len(set(found)) == len(found)
        assert f"{symbols.up} ?" in screen
        assert f"z3 1.36 {symbols.up} 0.503" in screen
        assert ("┃" if notation == "unicode" else "#") in screen


@pytest.mark.parametrize("step", every(4, ["dL_dX", "Q", "L", "Wq_new"]))
async def test_no_line_of_a_graph_ends_in_nothing(step: str) -> None:
    """Every sign of a line that opens to a side meets a sign that opens to it, or a node."""
    async with looking("attention", step) as learner:
        rows = lines_of(await learner.press("f12"))[1:-3]
    cells = {(x, y): c for y, row in enumerate(rows) for x, c in enumerate(row)}
    east, west = set("─━┄╰╭├┴┬┼┗┏┣┻┳╋"), set("─━┄╯╮┤┴┬┼┛┓┫┻┳╋")
    upright = set("│┃┆")
    for (x, y), sign in cells.items():
        if sign in east:
            assert cells.get((x + 1, y)) in west | upright
        if sign in west:
            assert cells.get((x - 1, y)) in east | upright
        if sign in set("╭╮┬├┤┏┓┳┣┫"):
            assert "".join(cells.get((x + near, y + 1), " ") for near in (-1, 0, 1)).strip()
        if sign in set("╰╯┴┗┛┻"):
            assert "".join(cells.get((x + near, y - 1), " ") for near in (-1, 0, 1)).strip()


# ── networks of any size ──────────────────────────────────────────────────────────────────────


def network(units: int, layers: int) -> NetworkView:
    """A network as large as wanted; every second weight is below 0."""
    unit = Unit("", 0.5, -1234.5678, 1e-9, -0.25, "")
    column = UnitColumn("layer", ["Z", "a"], "dL_dZ", [unit] * units, units, current=False)
    loss = UnitColumn("loss", ["L"], "", [Unit("", NAN, 1.0, NAN, NAN, "")], 1, current=False)
    full = [[0.5 * (-1) ** (i + j) for i in range(units)] for j in range(units)]
    wires = Wires(["W"], full, [["down"] * units] * units, current=False)
    last = Wires([], [[NAN]] * units, [["down"]] * units, current=False)
    return NetworkView([column] * layers + [loss], [wires] * (layers - 1) + [last], 0, 1)


@pytest.mark.parametrize("notation", ["unicode", "ascii"])
@pytest.mark.parametrize("units", [1, 2, 3, 4, 5, 7, 40])
@pytest.mark.parametrize("layers", [1, 2, 4, 5, 9])
def test_a_network_of_any_size_stays_on_its_page(
    units: int, layers: int, notation: Notation
) -> None:
    for width, height in ((78, 20), (58, 12), (150, 45)):
        drawing = NetworkDrawing(network(units, layers), SYMBOLS[notation], "en", NOTHING)
        rows = ["".join(text for text, _ in row) for row in drawing.draw(width, height).rows()]
        assert len(rows) == height
        assert {cell_len(row) for row in rows} == {width}
        shown = sum("b -0." in row for row in rows)
        assert shown >= min(units, 4 if height > 12 else 2)
        if shown < units:
            assert f"{SYMBOLS[notation].ellipsis} {units - shown} more" in "\n".join(rows)


@pytest.mark.parametrize("height", [1, 2, 3, 4, 9])
def test_an_outline_of_any_height_has_a_sign_a_layer(height: int) -> None:
    drawn = NetworkOutline(network(7, 3), SYMBOLS["unicode"]).draw(60, height)
    rows = ["".join(text for text, _ in row) for row in drawn.rows()]
    assert len(rows) == height
    if height > 2:  # else the names' lines are all there is
        assert max(row.count("○") for row in rows) == 3


def test_a_weight_below_0_is_told_by_its_sign_and_by_its_line() -> None:
    drawing = NetworkDrawing(network(2, 2), SYMBOLS["ascii"], "en", NOTHING)
    page = "\n".join("".join(text for text, _ in row) for row in drawing.draw(78, 20).rows())
    assert page.count("+0.5") == 2
    assert page.count("-0.5") == 2


def test_a_large_matrix_is_shaded_with_a_sign_in_each_cell() -> None:
    values = [(-1.0) ** n * n for n in range(20 * 24)]
    heat = HeatMap("W", [200, 240], 20, 24, values, (10, 10), values[-1] * -1)
    canvas = HeatDrawing([("W", heat)], SYMBOLS["unicode"]).draw(78, 23)
    rows = ["".join(text for text, _ in row) for row in canvas.rows()][1:]
    assert rows[0].split() == [str(place) for place in range(1, 241, 20)]
    assert "191" in rows[20]
    assert rows[20].count("█+") == rows[20].count("█-") == 12
    assert "░+" in rows[1]
    assert rows[1].split()[1].startswith("0")


def contrast(style: Style) -> float:
    """As WCAG 2 defines it."""

    def luminance(color: Color | None) -> float:
        assert color
        parts = [part / 255 for part in color.get_truecolor()]
        return sum(
            share * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    low, high = sorted((luminance(style.color), luminance(style.bgcolor)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [True, False])
def test_a_number_can_be_read_on_every_colour_of_a_heat_map(dark: bool) -> None:
    styles = [Ramp(dark).style(step / 50) for step in range(-50, 51)]
    assert min(map(contrast, styles)) >= 4.5
    assert len({style.bgcolor for style in styles}) > 90


def test_in_colours_a_matrix_stands_beside_its_gradient_each_with_its_scale() -> None:
    values = [0.1, -0.2, 0.5, 0.0, 0.3, 0.4, -0.5, 0.2, 0.1]
    heats = [HeatMap(name, [3, 3], 3, 3, values, (1, 1), 0.5) for name in ("W", "dL_dW")]
    drawing = HeatDrawing([("W", heats[0]), ("∂L/∂W", heats[1])], SYMBOLS["unicode"], Ramp(True))
    rows = [*drawing.draw(78, 18).rows()]
    texts = ["".join(text for text, _ in row) for row in rows]
    assert ["W", "∂L/∂W"] in [text.split() for text in texts]
    tiles = [look for row in rows for text, look in row if " 0.5 " in text and look != "faint"]
    assert tiles == [Ramp(True).style(1.0)] * 2
    assert sum(line.count("-0.5 ") for line in texts) == 4  # a number each, and a scale


@pytest.mark.parametrize("steps", [1, 2])
def test_around_the_current_node_are_those_so_many_lines_away(steps: int) -> None:
    """In a chain of nodes, one of which is also read at the end."""
    nodes = [[node(f"n{place}", place == 2)] for place in range(6)]
    for row in nodes[2:5]:
        row.append(node("n1", False, passing=True))
    links = [Link(row, 0, 0, "down") for row in range(5)]
    links += [Link(1, 0, 1, "up"), Link(2, 1, 1, "up"), Link(3, 1, 1, "up"), Link(4, 1, 0, "up")]
    near = around(GraphView(nodes, links), steps)
    shown = [[each.name for each in row if not each.passing] for row in near.rows]
    assert shown == [[f"n{place}"] for place in range(2 - steps, 3 + steps)]


def test_a_row_of_many_nodes_becomes_two_with_the_same_lines() -> None:
    names = ["abcde", "mnop", "z"]
    rows = [[node(name, name == "z") for name in row] for row in names]
    pairs = [(0, 0, 0), (0, 1, 1), (0, 1, 2), (0, 2, 3), (0, 3, 0), (0, 4, 3)]
    pairs += [(1, place, 0) for place in range(4)]
    wide = spread(GraphView(rows, [Link(*pair, "down") for pair in pairs]))
    assert max(sum(not each.passing for each in row) for row in wide.rows) == 3
    ends = {row[0].name for row in wide.rows if len(row) == 1}
    assert ends == {"z"}

    def reached(row: int, place: int) -> set[str]:
        at = [link for link in wide.links if (link.row, link.source) == (row, place)]
        below = [(row + 1, link.target) for link in at]
        passed = [spot for spot in below if wide.rows[spot[0]][spot[1]].passing]
        direct = {wide.rows[r][p].name for r, p in below if (r, p) not in passed}
        return direct.union(*(reached(*spot) for spot in passed))

    found = {
        (each.name, other)
        for row, line in enumerate(wide.rows)
        for place, each in enumerate(line)
        if not each.passing
        for other in reached(row, place)
    }
    assert found == {(names[row][source], names[row + 1][target]) for row, source, target in pairs}


def test_a_matrix_in_a_node_has_a_line_a_row_where_the_node_may_be_so_high() -> None:
    values = Matrix([2, 2], [1.0, -0.5, 0.0, 22.5], "float64")
    nodes = [[Node(name, False, False, False, [2, 2], values, values)] for name in "QS"]
    drawing = GraphDrawing(GraphView(nodes, [Link(0, 0, 0, "up")]), SYMBOLS["unicode"], NOTHING)
    pages = {
        height: "\n".join(
            "".join(text for text, _ in row).strip() for row in drawing.draw(40, height).rows()
        )
        for height in (9, 5)
    }
    assert "Q ⎡1  -0.5⎤\n⎣0  22.5⎦\n↑ ⎡1  -0.5⎤\n⎣0  22.5⎦" in pages[9]
    assert "Q [1 -0.5; 0 22.5]\n↑ [1 -0.5; 0 22.5]" in pages[5]


def node(name: str, current: bool, passing: bool = False) -> Node:
    return Node(name, passing, False, current, [], None, None)


def test_a_gradient_runs_back_along_the_lines_between_the_layers() -> None:
    """Only lines show it; it is at the layer that it comes from, then at the one before."""
    drawing = NetworkDrawing(network(2, 2), SYMBOLS["unicode"], "en", NOTHING, [])
    canvas = drawing.draw(78, 20)
    places = []
    for part in (0.1, 0.5, 0.9):
        rows = list(canvas.rows(part))
        at = [
            sum(len(text) for text, _ in row[:i])
            for row in rows
            for i, (_, look) in enumerate(row)
            if look == "signal"
        ]
        signs = {text for row in rows for text, look in row if look == "signal"}
        assert all(0x2800 <= ord(sign) < 0x2900 for text in signs for sign in text)
        places.append(sum(at) / len(at))
    assert places == sorted(places, reverse=True)
    assert all(look != "signal" for row in canvas.rows() for _, look in row)
    assert canvas.way
    before, within = (
        [at for row in canvas.rows(part, whole=True) for at in lit(row)] for part in (0.2, 0.7)
    )
    assert min(before) > canvas.way.start > max(within)


def lit(row: list[tuple[str, Look]]) -> list[int]:
    """Where in a row a signal is."""
    cells = [look for text, look in row for _ in text]
    return [at for at, look in enumerate(cells) if look == "signal"]


async def test_in_a_quiz_it_says_which_item_it_is() -> None:
    quiz = QuizSpec([COURSE], 3, seed=7, resume=False)
    async with learning(None, quiz=quiz) as learner:
        top = (await learner.press("f12")).splitlines()[0]
        assert learner.app.screen.id == "picture"
        assert "item 1/3" in top
        assert "step" not in top
