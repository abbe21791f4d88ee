"""A quiz and the record in sentences: nothing that is there is left out, and nothing is drawn."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import get_args

import pytest
from msgspec.structs import replace

from bptutor.plain import quiz_words, record_words
from bptutor.plain.clock import Clock, time_left
from bptutor.plain.dialogue import Dialogue, Said
from bptutor.plain.lines import Lines
from bptutor.plain.offers import asked_for
from bptutor.service.process import ServiceProcess
from bptutor.service.protocol import Hello
from bptutor.service.quiz_words import points
from bptutor.text import Message
from bptutor.views.quiz import (
    AttemptLine,
    Day,
    ItemState,
    LessonProgress,
    MistakeProgress,
    ProgressView,
    QuizItem,
    QuizSpec,
    QuizView,
    SkillProgress,
    SkillResult,
    Week,
)
from tests.plain.script import DRAWN

NOW = datetime(2026, 11, 24, 12).timestamp()


def lines(said: Iterable[Said], language: str = "en") -> list[str]:
    told = [each.to(language) if isinstance(each, Message) else each for each in said]
    assert not DRAWN.search("\n".join(told))
    return told


def item(index: int, state: ItemState, flagged: bool = False) -> QuizItem:
    return QuizItem(
        index=index,
        name=f"∂L/∂W{index}",
        lesson="Batch",
        skill="weight gradient",
        state=state,
        flagged=flagged,
        points=0.5,
        diagnosis=f"Why {index}." if state in ("wrong", "partly") else "",
    )


STATES = get_args(ItemState)
END = QuizView(
    exam=True,
    finished=True,
    seed=42,
    items=[item(index, state, flagged=index == 2) for index, state in enumerate(STATES)],
    points=2.5,
    possible=7,
    skills=[SkillResult("update", 0, 3), SkillResult("forward pass", 2.5, 4)],
    seconds_left=None,
    closing="Go through it.",
)


def test_the_end_says_the_score_by_skill_and_every_mistake() -> None:
    told = lines(quiz_words.end(END))
    assert told[1:4] == ["The exam is over.", "Points: 2.5 of 7, 36 %.", told[3]]
    assert told[4:6] == ["update: 0 of 3", "forward pass: 2.5 of 4"]
    mistakes = [index for index, state in enumerate(STATES) if state in quiz_words.MISTAKEN]
    assert len(mistakes) == 4
    named = [index for index in range(7) if any(f"W{index}," in line for line in told)]
    assert named == mistakes
    wrong = STATES.index("wrong")
    at = told.index(f"{wrong + 1}. ∂L/∂W{wrong}, Batch: not right")
    assert told[at + 1] == f"Why {wrong}."
    assert told[-2:] == ["Go through it.", told[-1]]
    assert "42" in told[-1]


def test_before_an_exam_is_handed_in_it_says_what_is_missing_and_nothing_else() -> None:
    told = lines(quiz_words.end(replace(END, finished=False, seconds_left=90.0)))
    assert told[1:] == [
        "Before you hand in:",
        "6 of 7 answered, 1 open, 1 flagged.",
        "Without an answer: 1.",
        "Flagged: 3.",
        "Seconds left: 90.",
    ]
    assert quiz_words.mistaken(replace(END, finished=False)) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_state_of_an_item_has_its_own_words(language: str) -> None:
    told = lines(quiz_words.items(END), language)
    assert len({line.partition(": ")[2] for line in told}) == len(STATES)


PROGRESS = ProgressView(
    learner="kim",
    attempts=120,
    since=datetime(2026, 9, 1, 9).timestamp(),
    lessons=[
        LessonProgress("One neuron", 20, 20),
        LessonProgress("Batch", 9, 3),
        LessonProgress("Attention", 31, 0),
    ],
    skills=[
        SkillProgress("update", "update", 0.614, NOW - 3600, 7, 0.43),
        SkillProgress("mask", "mask", 0.97, NOW + 5 * 86_400, 3, 1.0),
    ],
    mistakes=[MistakeProgress("x", "The mask was left out.", 4, 2, NOW)],
    days=[Day(f"2026-11-{day:02}", day, day - 1) for day in range(1, 25)],
    weeks=[Week("2026-11-16", 20, 0.75)],
    remark="The record was damaged.",
)


def test_the_progress_in_sentences() -> None:
    told = lines(record_words.progress(PROGRESS, NOW))
    assert told[1] == "The record was damaged."
    assert told[2] == "On record for kim since 2026-09-01; attempts: 120."
    assert told[3] == "Lessons: 3; begun: 2; done to the end: 1."
    assert told[4:6] == ["One neuron: 20 of 20 steps.", "Batch: 3 of 9 steps."]
    assert told[7] == (
        "update: the chance to remember it in a week is 61 percent; due today; items: 7, "
        "right at once: 43 percent."
    )
    assert "due in 5 days" in told[8]
    assert told[10] == "The mask was left out; times: 4, days: 2, last on 2026-11-24."
    assert "Days with practice in the last twelve weeks: 24." in told
    days = [line for line in told if re.fullmatch(r"2026-\d\d-\d\d: .+ right\.", line)]
    assert len(days) == record_words.MOST_DAYS
    assert days[-1] == "2026-11-24: 23 of 24 right."
    assert told[-1] == "week from 2026-11-16: 75 percent; items: 20"


def test_an_empty_record_is_no_list_of_nothing() -> None:
    empty = ProgressView("kim", 0, None, [], [], [], [], [], "")
    assert len(lines(record_words.progress(empty, NOW))) == 3


MADE = ["relu-mask-missing", "of-another-version"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("exact", "right to every figure"),
        ("right", "right, rounded"),
        ("imprecise", "right so far; give more figures"),
        ("wrong", "not right"),
        ("unreadable", "cannot be read"),
        ("product", "right"),
        ("shown", "shown"),
    ],
)
def test_a_past_attempt(verdict: str, said: str) -> None:
    line = AttemptLine("1", NOW, "Batch", "∂L/∂W", "a @ b", "wrong", MADE, "batch:dL_dW:1:ab")
    told = lines(record_words.attempt(7, replace(line, verdict=verdict)))
    assert told[0] == f"7. 2026-11-24 12:00: ∂L/∂W, Batch; {said}."
    assert told[1:] == [
        "Typed: a @ b",
        "Mistake: the mask left out",
        "Mistake: of-another-version",
        "Code: batch:dL_dW:1:ab",
    ]


@pytest.mark.parametrize(
    ("typed", "exam", "asked"),
    [
        ("", False, QuizSpec()),
        ("", True, QuizSpec(exam=True)),
        ("5", False, QuizSpec(items=5, resume=False)),
        ("5 30", True, QuizSpec(items=5, minutes=30, exam=True, resume=False)),
        ("5, seed 42 batch", False, QuizSpec(["batch"], 5, 42, resume=False)),
        ("시드 7", False, QuizSpec(seed=7, resume=False)),
        ("batch a.toml", False, QuizSpec(["batch", "a.toml"], resume=False)),
        ("5 30", False, None),
        ("0", False, None),
        ("5 seed", False, None),
        ("5 seed x", False, None),
        ("3 seed 123456789012", False, QuizSpec(items=3, seed=123456789012, resume=False)),
        ("9" * 13, True, QuizSpec(["9" * 13], exam=True, resume=False)),
    ],
)
def test_what_quiz_is_typed(typed: str, exam: bool, asked: QuizSpec | None) -> None:
    assert asked_for(typed, exam=exam) == asked


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7190, "Minutes left: 120."), (120, "Minutes left: 2."), (119.9, "Seconds left: 120.")],
)
def test_what_is_left_of_the_time(seconds: float, words: str) -> None:
    assert str(time_left(seconds)) == words


class Heard(io.StringIO):
    """An output at which somebody looks, and that tells when something is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.said.set()


def clock_at(out: io.StringIO) -> Clock:
    hello = Hello(version="", language="en", notation="ascii")
    return Clock(Dialogue(ServiceProcess, hello, out, Lines(None), 0))


async def test_a_little_before_the_end_of_the_time_it_is_said_unasked() -> None:
    for left, words in ((300.01, "Minutes left: 5."), (60.01, "Seconds left: 60."), (0.01, "over")):
        out = Heard()
        clock = clock_at(out)
        clock.set(left)
        await asyncio.wait_for(out.said.wait(), 5)
        assert words in out.getvalue()
        assert clock.over == (words == "over")
        clock.set(None)
        assert clock.left is None
        assert not clock.over


async def test_nobody_listening_is_told_nothing_of_the_time() -> None:
    out = io.StringIO()
    clock = clock_at(out)
    clock.set(0.0)
    await asyncio.sleep(0)
    assert clock.over
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("number", "told"), [(1.0, "1"), (0.512, "0.51"), (0.000488, "0"), (2.5, "2.5"), (39.99, "40")]
)
def test_points_are_told_to_the_hundredth(number: float, told: str) -> None:
    assert points(number) == told
