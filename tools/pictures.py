"""Draw the pictures of README and docs anew: `python -m tools.pictures`.

The program draws them itself: the app runs with its service, somebody answers until the wanted
screen is there, and Textual exports it. Of several screens it makes one SVG that moves.
"""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

from bptutor.config.settings import Configuration, Settings
from bptutor.course.session import Session
from bptutor.files import KINDS
from bptutor.lesson.load import load
from bptutor.service.process import ServiceProcess
from bptutor.tui.app import TutorApp
from bptutor.tui.theme import DARK_ROLES
from tests.near import right
from tests.tui.learner import Learner
from tools.keystrokes import numbers

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
LOOK = {
    "BPTUTOR_LAB_CONFIG": os.devnull,
    "BPTUTOR_LEARNER": "learner",
    "COLORTERM": "truecolor",
    "LANG": "en_US.UTF-8",
    "TEXTUAL_COLOR_SYSTEM": "truecolor",
}
LARGEST = 100_000
"""Bytes of a file."""
TYPING, LOOKING = 0.12, 2.5
"""Seconds that a screen stays, after a key and after a check."""
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace"
WIDTH, LINE = 12.2, 24.4
"""Pixels of a cell, as Rich draws them."""

STYLE = re.compile(r"\.\S+-(r\d+) \{ (.*?) \}")
TEXT = re.compile(
    r'<text class="\S+-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" clip-path="[^"]+">'
    r"([^<]*)</text>"
)
GROUND = re.compile(
    r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="[\d.]+" '
    r'shape-rendering="crispEdges"/>'
)


class Film:
    """Screens of one size, one after the other."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._styles: dict[str, str] = {}
        self._frames: list[tuple[list[str], float]] = []

    def take(self, exported: str, seconds: float = LOOKING) -> None:
        """Add what Textual exported; where nothing has changed, the last screen stays longer."""
        rows = self._rows(exported)
        if self._frames and self._frames[-1][0] == rows:
            seconds += self._frames.pop()[1]
        self._frames.append((rows, seconds))

    def _rows(self, exported: str) -> list[str]:
        styles = dict(STYLE.findall(exported))
        rows = [""] * self._size[1]
        for fill, x, y, width in GROUND.findall(exported):
            if fill != DARK_ROLES["ground"]:
                rows[round((float(y) - 1.5) / LINE)] += (
                    f'<rect fill="{fill}" x="{x}" width="{width}" height="24.6"/>'
                )
        for name, x, y, blank in TEXT.findall(exported):
            text = blank.replace("&#160;", " ").rstrip("\n")
            style, left = styles[name], float(x)
            if "underline" not in style:
                left += WIDTH * (len(text) - len(text.lstrip()))
                text = text.strip()
            if text:
                known = self._styles.setdefault(style, f"s{len(self._styles)}")
                rows[round((float(y) - 20) / LINE)] += (
                    f'<text class="{known}" x="{left:.5g}" y="18.5" '
                    f'textLength="{WIDTH * len(unescape(text)):.5g}">{text}</text>'
                )
        return rows

    def svg(self) -> str:
        """Each row as often as it looks different, shown when it does."""
        shown: dict[tuple[float, float], str] = {}
        total = sum(seconds for _, seconds in self._frames)
        for row in range(self._size[1]):
            for start, end, drawn in self._runs(row):
                place = f'<g transform="translate(0 {row * LINE:.4g})">{drawn}</g>'
                shown[start, end] = shown.get((start, end), "") + place
        styles = [f".{name}{{{style}}}" for style, name in self._styles.items()]
        groups = []
        for number, ((start, end), drawn) in enumerate(shown.items()):
            if (start, end) == (0.0, total):
                groups.append(f"<g>{drawn}</g>")
                continue
            styles.append(_moment(f"m{number}", start, end, total))
            groups.append(f'<g class="m{number}">{drawn}</g>')
        return self._file("".join(styles), "".join(groups))

    def _runs(self, row: int) -> Iterator[tuple[float, float, str]]:
        """What a row looks like, from when to when."""
        now, since, last = 0.0, 0.0, self._frames[0][0][row]
        for rows, seconds in self._frames:
            if rows[row] != last:
                yield since, now, last
                since, last = now, rows[row]
            now += seconds
        yield since, now, last

    def _file(self, styles: str, drawn: str) -> str:
        width, height = self._size[0] * WIDTH + 20, self._size[1] * LINE + 20
        ground = DARK_ROLES["ground"]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.5g} {height:.5g}">'
            f"<style>text{{font:20px {FONT};white-space:pre}}{styles}</style>"
            f'<rect width="100%" height="100%" rx="8" fill="{ground}"/>'
            f'<g transform="translate(10 10)">{drawn}</g></svg>\n'
        )


def _moment(name: str, start: float, end: float, total: float) -> str:
    """A style that is seen from `start` to `end`; the end of the film, where nothing may move."""
    first, last = 100 * start / total, 100 * end / total
    still = "visible" if end == total else "hidden"
    return (
        f".{name}{{visibility:{still}}}"
        f"@media(prefers-reduced-motion:no-preference){{.{name}{{animation:{name} {total:.4g}s "
        f"step-end infinite}}}}@keyframes {name}{{0%{{visibility:hidden}}"
        f"{first:.4g}%{{visibility:visible}}{last:.4g}%{{visibility:hidden}}}}"
    )


class Sitter(Learner):
    """Somebody who knows the answers."""

    known: Session

    def shot(self) -> str:
        return self.app.export_screenshot()

    @property
    def answer(self) -> list[str]:
        """What is typed at the step that is shown: a formula, and numbers."""
        ids = [each.id for each in self.known.steps]
        self.known.sitting.index = ids.index(self.step)
        formula = [right(self.known)[0].replace(" ", "")] * self.view.asks_product
        cells = list(numbers(self.known, self.known.step)) if self.view.asks_value else []
        return [*formula, *cells]

    async def to(self, step: str | None) -> None:
        """Answer everything before a step; without one, the whole lesson."""
        while self.app.client.place and self.step != step:
            await self.type(*self.answer)
            await self.press("enter", "enter")


@asynccontextmanager
async def sitting(lesson: str | None, size: tuple[int, int]) -> AsyncIterator[Sitter]:
    """The app at a lesson's first step, or in the menu."""
    configuration = Configuration(Settings(theme="dark"))
    app = TutorApp(ServiceProcess, lesson=lesson, configuration=configuration)
    async with app.run_test(size=size) as pilot:
        sitter = Sitter(pilot, app)
        await sitter.settle()
        while app.client.engine is None or app.client.engine.state != "ready":
            await asyncio.sleep(0.1)
        await sitter.settle()
        if lesson:
            sitter.known = Session.begin(load(lesson), "all", lesson, "ascii")
            sitter.known.prepare()
            await sitter.press("enter")
        yield sitter


async def still(lesson: str | None, at: str | None, size: tuple[int, int], *keys: str) -> Film:
    """One screen: a step, a lesson's summary, or (without a lesson) the menu; after some keys."""
    film = Film(size)
    async with sitting(lesson, size) as sitter:
        if lesson:
            await sitter.to(at)
        await sitter.press(*keys)
        film.take(sitter.shot())
    return film


async def backward(lesson: str, at: str, size: tuple[int, int]) -> Film:
    """A step of the backward pass: its formula, a first value of the wrong sign, the right one."""
    film = Film(size)
    async with sitting(lesson, size) as sitter:
        await sitter.to(at)
        film.take(sitter.shot())
        formula, *cells = sitter.answer
        wrong = cells[0].removeprefix("-") if cells[0].startswith("-") else f"-{cells[0]}"
        for text in (formula, wrong, *cells[1:]):
            for character in text:
                await sitter.type(character)
                film.take(sitter.shot(), TYPING)
            await sitter.press("tab")
        await sitter.press("enter")
        film.take(sitter.shot(), 2 * LOOKING)
        await sitter.press(*["backspace"] * len(wrong))
        for character in cells[0]:
            await sitter.type(character)
            film.take(sitter.shot(), TYPING)
        await sitter.press("enter")
        film.take(sitter.shot(), 2 * LOOKING)
    return film


async def films() -> AsyncIterator[tuple[str, Film]]:
    """What is drawn, by name; the menu comes last, and knows what was done before."""
    course = "two-hidden-layers"
    yield "summary", await still("one-neuron", None, (100, 32), "ctrl+u")
    yield "attention", await still("attention", "dL_dA", (120, 40))
    yield "backward", await backward(course, "dLoss_dW3", (80, 24))
    yield "step", await still(course, "dLoss_dW2", (120, 40))
    yield "menu", await still(None, None, (120, 32))


async def draw() -> None:
    FOLDER.mkdir(exist_ok=True)
    async for name, film in films():
        drawn = film.svg().encode()
        if len(drawn) > LARGEST:
            raise SystemExit(f"{name}.svg has {len(drawn):,} bytes")
        (FOLDER / f"{name}.svg").write_bytes(drawn)
        sys.stdout.write(f"{name}.svg: {len(drawn):,} bytes\n")


def main() -> None:
    if not os.environ.items() >= LOOK.items():  # Textual reads them as it is imported
        environment = {**os.environ, **LOOK}
        environment.pop("NO_COLOR", None)
        os.execve(sys.executable, [sys.executable, "-m", "tools.pictures"], environment)
    with tempfile.TemporaryDirectory() as scratch:
        for kind in KINDS:
            os.environ[f"BPTUTOR_{kind.upper()}_DIR"] = str(Path(scratch, kind))
        asyncio.run(draw())


if __name__ == "__main__":
    main()
