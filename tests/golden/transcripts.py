"""Whole talks in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.golden.outside import COURSE, run
from tests.near import ASKED
from tests.plain.script import course, script

KOREAN = {"/hint": "/힌트", "/show": "/정답", "/hand-in": "/제출"}
"""Commands that a Korean types in Korean; the others are understood too."""

EXAMPLE = [""] * 4
"""Through the panels of a worked example of a formula; of a value there is one less."""

_BEFORE: Mapping[str, Sequence[str]] = {
    "Z1": [
        *["?", *EXAMPLE[1:], "/why", "/hint", "/hint", "/hint"],
        *["1.4", "1.4, x, 0.4", "1.4, -1, -0.4"],
    ],
    "a1": ["/values", "/back", "/step 2", "1.4, -1, 0.4"],
    "dZ1_dW1": ["/hint", "/hint", "/why"],
    "dZ1_db1": ["0, 0, 0", "/show", "/show", ""],
    "da1_dZ1": ["1, 1, 1"],
    "Z2": ["0.44, -0.16, 1.36", "0.4, -0.8, 1.4"],
    "Loss": ["0.036", "0.0013"],
    "dLoss_dY_pred": [
        *[*EXAMPLE, "/code", "0.072", "2 * (Y_true - Y_pred)", "Y_pred - Y_true"],
        *["/hint", "/hint", "/hint"],
    ],
    "dLoss_dW3": [
        "/values",
        "/program",
        "/picture",
        "/why",
        "dLoss_dY_pred @ a2",
        "a2.T @@ dLoss_dY_pred",
    ],
    "dLoss_da2": ["dLoss_dY_pred @ W3", "/swap", "/swap", "/show", "/show", ""],
    "W3_new": [*EXAMPLE[1:], "0.0979", "-0.2999021", "-0.3", "/hint", "/why"],
    "dLoss_dZ2": ["dLoss_da2", "dLoss_da2 * Z2", *["/hint"] * 5, ""],
    "dLoss_dW2": ["a1 @ dLoss_dZ2", "dLoss_dZ2 @ a1.T"],
    "dLoss_dX": ["/steps", "/values W2 row 1", "/nonsense"],
}
"""What is typed at a step before its right answer; where the answer is shown, instead of it."""


def course_talk() -> Iterator[str]:
    """The course's lesson, right in the end; mistakes, hints and answers shown on the way."""
    for step in ASKED:
        before = _BEFORE.get(step, [])
        yield from before
        if not before or before[-1]:
            yield from course([step])
    yield from ["?", "10", "x", "100", "/larger 50", "/steps", "/again", "/menu"]
    yield from ["/progress", "/attempts", "/settings", "/settings theme", "/settings theme light"]
    yield "/quit"


QUIZ = (
    *["?", "/seed", "/values", "/program", "/why", "/hint"],
    *["dL_dz * x", "dL_dz", "1.1", "7.8", ""],
    *["/skip", "/items"],
    *["/show", "/show", ""] * 3,
    *["?", "", "", "/items", "/attempts", "/progress", "/quiz 2 seed 9 batch", "/menu", "/quiz"],
    "/quit",
)
EXAM = (
    *["?", "", "?", "/hint", "/time", "Y_pred - Y_true", "2.29", ""],
    *["a2.T @ dLoss_dY_pred", "0", "1.7862", "9.8928", "/flag", "/back", "/back", "/retype"],
    *["2 * (Y_pred - Y_true)", "4.58", "/items", "3", "dLoss_dY_pred @ W3.T", "1, 2, 3", "/items"],
    *["/hand-in", "/hand-in", "?", "", "", "", "", "/progress", "/attempts", "/quit"],
)

TALKS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "course": (["learn", COURSE], [*course_talk()]),
    "quiz": (
        ["quiz", COURSE, "one-neuron", "sigmoid-neuron", "--items", "4", "--seed", "7"],
        QUIZ,
    ),
    "exam": (["quiz", "--exam", COURSE, "--items", "3", "--minutes", "30", "--seed", "7"], EXAM),
    "symbols": (
        ["learn", COURSE, "--part", "derive"],
        ["?", "/why", "/hint", "X", "X.T", "", "1", "", *["/show", "/show", ""] * 29, "?", "/quit"],
    ),
    "keras": (
        ["learn", COURSE, "--part", "keras"],
        ["?", "/why", "/hint", "2", *["/show", "/show", ""] * 15, "?", "/quit"],
    ),
    "backward": (
        ["learn", "softmax", "--ask", "backward"],
        [*["/why", ""] * 3, *["/show", "/show", "/why", ""] * 6, "?", "/quit"],
    ),
}


def talk(folder: Path, name: str, language: str) -> str:
    """What is said, and after it what was typed."""
    arguments, typed = TALKS[name]
    if language == "ko":
        typed = [KOREAN.get(line, line) for line in typed]
    lines = script(*typed)
    said = run(folder, *arguments, "--plain", "--lang", language, typed=lines)
    return f"{said}═══ bptutor {' '.join(arguments)} --plain --lang {language}, typed:\n{lines}"
