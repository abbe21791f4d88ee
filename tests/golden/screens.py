"""What is drawn on the screen, place after place, in a real terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.terminal import ScreenTimeoutError, Terminal
from tests.golden.outside import COURSE, command, environment, run, tidy
from tests.near import ASKED
from tests.plain.script import course, script

BUSY = re.compile(
    "TensorFlow is loading|TensorFlow를 불러오는 중|TensorFlow is training|학습하고 있어요"
    "|Opening the lesson|레슨을 여는 중|Loading the lessons|레슨을 불러오는 중"
    "|items are being prepared|문항을 준비하고 있어요"
)
"""What is on a screen that is not ready yet."""
QUIET = 1.0
"""Seconds without a byte after which a screen is taken for ready, where it is new."""
HEADING = "═══ "
FORWARD, PRACTISED = map(ASKED.index, ("dLoss_dY_pred", "dLoss_db1"))
"""How many steps of the course come before its first gradient, and before its last bias: by then
two of that kind were right at once."""


@dataclass(frozen=True)
class Shot:
    """A screen: what it is called, and the keys that lead to it from the one before.

    A key is one by its name, or `=` and the text that is typed. Where a name comes again, the same
    screen is to come again.
    """

    name: str
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Sitting:
    """A start of the command, and the screens that are looked at."""

    name: str
    arguments: Sequence[str]
    shots: Sequence[Shot]
    before: Sequence[tuple[Sequence[str], str]] = ()
    """Commands with what is typed into them, which make the record that it finds."""


def _shots(*lines: str) -> list[Shot]:
    """Shots from lines such as `help: f1`; spaces between keys, and `|` before a typed text."""
    shots = []
    for line in lines:
        name, _, keys = line.partition(": ")
        pressed, bar, typed = keys.partition("|")
        shots.append(Shot(name, [*pressed.split(), *([f"={typed}"] if bar else [])]))
    return shots


def _shown(name: str) -> tuple[str, str]:
    """An answer is shown once it has been asked for twice."""
    return f"{name}, its answer is asked for: f3", f"{name}, shown: f3"


def _course(count: int) -> tuple[Sequence[str], str]:
    """So many steps of the course, answered right in lines of text."""
    steps = [line for line in course() if line.startswith("# ")][:count]
    return (
        ["learn", COURSE, "--plain"],
        script(*course([step.removeprefix("# ") for step in steps]), "/quit"),
    )


_QUIZ = ["quiz", COURSE, "one-neuron", "--items", "3", "--seed", "7"]
_EXAM = ["quiz", "--exam", COURSE, "--items", "3", "--minutes", "30", "--seed", "7"]

SITTINGS = [
    Sitting(
        "menu",
        [],
        _shots(
            "menu",
            "help: f1",
            "menu: escape",
            "settings: ctrl+e",
            "settings, colours: down",
            "settings, another colour: right",
            "settings, digits: down down down down down down down down",
            "settings, other keys: down",
            "menu: escape",
            "progress of nobody: ctrl+d",
            "menu: escape",
            "quiz: ctrl+k",
            "quiz, exam: right",
            "quiz, items: down",
            "quiz, minutes: down",
            "menu: escape",
            "menu, two-hidden-layers: down down down down down down down down",
            "asked: right",
            "asked, symbols: right right right",
            "asked, Keras: right",
            "introduction: enter",
        ),
    ),
    Sitting(
        "forward",
        ["learn", COURSE],
        _shots(
            "introduction",
            "worked example: enter",
            "worked example, the rule: enter",
            "worked example, the numbers: enter",
            "forward step: enter",
            "help: f1",
            "forward step: escape",
            "hint 1: f2",
            "hint 2: f2",
            "hint 3: f2",
            "why: f9",
            "hint 3: escape",
            "values: f7",
            "hint 3: escape",
            "steps list: f6",
            "hint 3: escape",
            "picture: f12",
            "hint 3: escape",
            "typed: |1.4\t-1\t-0.4",
            "wrong answer: enter",
            "mended: backspace backspace backspace backspace|0.4",
            "right answer: enter",
            "second step, worked example: enter",
            "second step: enter enter enter",
            "unreadable: |1.4\tx\t0.4",
            "unreadable, checked: enter",
            *_shown("unreadable"),
            "code: enter",
            "wrong code: |X",
            "wrong code, checked: enter",
            *_shown("code"),
            "second code: enter",
            *_shown("second code"),
            "third code: enter",
            *_shown("third code"),
            "local step, worked example: enter",
            "local step: enter enter enter",
            "local step, one of two digits: |1\t1\t1\t2\t2\t3",
            "local step, checked: enter",
            "local step, why: f9",
            "local step, checked: escape",
            "back: f4",
            "further back: f4",
        ),
    ),
    Sitting(
        "backward",
        ["learn", COURSE],
        _shots(
            "worked example",
            "worked example, the rule: enter",
            "worked example, the formula: enter",
            "worked example, the numbers: enter",
            "backward step: enter",
            "a number for the formula: |0.072",
            "a number for the formula, checked: enter",
            "wrong formula: backspace backspace backspace backspace backspace|2 * (Y_true - Y)",
            "wrong formula, checked: enter",
            "hint 1: f2",
            "hint 2: f2",
            "hint 3: f2",
            "after the last hint: f2",
            "shown: f2",
            "question on the tape: enter",
            *_shown("question on the tape"),
            "gradient of a weight, worked example: enter",
            "gradient of a weight: enter enter enter enter",
            "gradient of a weight, why: f9",
            "gradient of a weight: escape",
            "gradient of a weight, picture: f12",
            "gradient of a weight, picture, heat: tab",
            "gradient of a weight: escape",
            "gradient of a weight, values: f7",
            "gradient of a weight: escape",
            "gradient of a weight, answer: |a2.T @ dL_dY\t0.0317\t0.1\t0.0979",
            "gradient of a weight, checked: enter",
            *_shown("gradient of a weight"),
            "gradient of a bias, worked example: enter",
            "gradient of a bias: enter enter enter enter",
            *_shown("gradient of a bias"),
            "gradient of the previous layer, worked example: enter",
            *_shown("gradient of the previous layer"),
            "update, worked example: enter",
            "update: enter enter enter",
            "update, wrong: |-0.3",
            "update, checked: enter",
            "update, hint: f2",
            *_shown("update"),
            "steps list: f6",
        ),
        [_course(FORWARD)],
    ),
    Sitting(
        "summary",
        ["learn", COURSE],
        _shots(
            "gradient alone",
            "gradient alone, hint: f2",
            *_shown("gradient alone"),
            "last gradient: enter",
            *_shown("last gradient"),
            "update: enter",
            *_shown("update"),
            "last update: enter",
            *_shown("last update"),
            "summary: enter",
            "summary, help: f1",
            "summary: escape",
            "iterations: backspace backspace backspace backspace|50",
            "trained: ctrl+u",
            "menu: escape",
            "progress: ctrl+d",
            "attempts: f6",
            "attempts, another: down down",
            "attempts, asked again: enter",
        ),
        [_course(PRACTISED)],
    ),
    Sitting(
        "quiz",
        _QUIZ,
        _shots(
            "item",
            "help: f1",
            "item: escape",
            "items: f6",
            "item: escape",
            "values and code: f7",
            "item: escape",
            "hint: f2",
            "wrong answer: |dL_dz * x\t5",
            "wrong answer, checked: enter",
            "why: f9",
            "wrong answer, checked: escape",
            "put off: f5",
            *_shown("second item"),
            "third item: enter",
            *_shown("third item"),
            "the first again: enter",
            *_shown("the first again"),
            "quiz end: enter",
            "walk through: enter",
            "walk through, on: enter",
            "menu: escape",
            "progress: ctrl+d",
        ),
    ),
    Sitting(
        "exam",
        _EXAM,
        _shots(
            "cover",
            "item: enter",
            "answer: |Y - Y_true\t-1.42",
            "second item: enter",
            "flagged: f8",
            "items: f6",
            "flagged: f4",
            "third item: f5",
            "before submitting: ctrl+x",
            "before submitting, with open items: ctrl+x",
            "exam end: ctrl+x",
            "walk through: enter",
            "walk through, on: enter",
            "exam end, again: f6",
            "menu: escape",
            "progress: ctrl+d",
        ),
    ),
    Sitting(
        "symbols",
        ["learn", COURSE, "--part", "derive"],
        _shots(
            "introduction",
            "step: enter",
            "signal: f7",
            "step: escape",
            "wrong formula: |X",
            "wrong formula, checked: enter",
            *_shown("step"),
            "second step: enter",
        ),
    ),
    Sitting(
        "keras",
        ["learn", COURSE, "--part", "keras"],
        _shots(
            "introduction",
            "step: enter",
            "hint: f2",
            "wrong code: |2",
            "wrong code, checked: enter",
            *_shown("step"),
            "second step: enter",
            "second step, why: f9",
        ),
    ),
]


def screens(
    folder: Path, sitting: Sitting, language: str, columns: int, rows: int, there: str
) -> str:
    """A sitting's screens in one text, each under its name."""
    for arguments, typed in sitting.before:
        run(folder, *arguments, typed=typed)
    known = dict(_frames(there))
    seen: dict[str, str] = {}
    with Terminal(
        command(*sitting.arguments, "--lang", language),
        columns=columns,
        rows=rows,
        environment=environment(folder),
    ) as terminal:
        for shot in sitting.shots:
            before = terminal.text
            for key in shot.keys:
                if key.startswith("="):
                    terminal.send(key[1:])
                else:
                    terminal.press(key)
            wanted = seen.get(shot.name) or known.get(shot.name)
            text = _settled(terminal, folder, before, wanted)
            if shot.name not in seen:
                seen[shot.name] = text
            elif text != seen[shot.name]:
                seen[f"{shot.name}, not the same again"] = text
    return "".join(f"{HEADING}{name}\n{text}\n" for name, text in seen.items())


def _settled(terminal: Terminal, folder: Path, before: str, wanted: str | None) -> str:
    """The screen once it is as wanted; else once it is ready, and nothing more comes."""

    def now() -> str:
        return tidy(terminal.text, folder).rstrip("\n")

    if wanted is not None:
        with suppress(ScreenTimeoutError):  # else what is there is compared in the end
            terminal.wait_for(lambda at: bool(at.text.strip()) and not BUSY.search(at.text))
            terminal.wait_for(lambda _: now() == wanted, within=10)
            return now()
    with suppress(ScreenTimeoutError):  # not every key changes something
        terminal.wait_for(lambda at: at.text != before, within=3)
    terminal.wait_for(lambda at: bool(at.text.strip()) and not BUSY.search(at.text))
    terminal.wait_for_quiet(QUIET)
    terminal.wait_for(lambda at: not BUSY.search(at.text))
    return now()


def _frames(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(HEADING)[1:]:
        name, _, frame = part.partition("\n")
        yield name, frame.removesuffix("\n")


def sizes(language: str) -> Mapping[str, tuple[int, int]]:
    """The sizes at which a language is looked at."""
    small = {"80x24": (80, 24)}
    return small if language == "ko" else {**small, "120x40": (120, 40)}
