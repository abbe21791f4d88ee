"""Commands as they are typed: words that can be no answer, for they begin with a slash."""

import math
from collections.abc import Sequence
from typing import get_args
from unicodedata import normalize

from bptutor.front.action import Action
from bptutor.literals import Part
from bptutor.text import LANGUAGES, Message
from bptutor.views.lesson import StepName
from bptutor.views.quiz import QuizSpec

SLASHES = ("/", "／")  # the second is what a Korean or Japanese keyboard may give
QUIT = Message("/quit")
HELP = ("?", "？")
MOST_DIGITS = 12
SEED = ("seed", "시드")
ALL = ("all", "전체")
PART = ("part", "부분")
AGAIN = ("again", "다시")
NUDGE = 0.001
"""By how much a number is moved, until the learner says otherwise."""


def usage(action: Action) -> Message:
    """A line of the list of commands."""
    assert action.word
    assert action.does
    if action.takes is None:
        return Message("{command}: {does}.", command=action.word, does=action.does)
    return Message(
        "{command} {argument}: {does}.",
        command=action.word,
        argument=action.takes,
        does=action.does,
    )


def is_command(line: str) -> bool:
    """Is a line a command, and no answer?"""
    return line.startswith(SLASHES) or line in HELP


def find(line: str, actions: Sequence[Action]) -> tuple[Action, str] | None:
    """The command that is typed, by its word or the beginning of it, and what follows the word.

    The words of all languages are understood.
    """
    word, _, argument = normalize("NFC", line).partition(" ")
    word = "/" + word[1:].casefold()
    spelled = [
        (each.word.to(language), each) for each in actions if each.word for language in LANGUAGES
    ]
    found = {each for spelling, each in spelled if spelling == word}
    if not found and len(word) > 1:
        found = {each for spelling, each in spelled if spelling.startswith(word)}
    return (found.pop(), argument.strip()) if len(found) == 1 else None


def quits(line: str) -> bool:
    """Is a line the command that quits?"""
    word = normalize("NFC", line.strip())
    return word.startswith(SLASHES) and word[1:].casefold() in (
        QUIT.to(language)[1:] for language in LANGUAGES
    )


# ── what follows the word ─────────────────────────────────────────────────────────────────────


def index_of(text: str, most: int) -> int | None:
    """A number from 1 to `most` as an index; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most:
        return int(text) - 1
    return None


def as_typed(name: str) -> str:
    """`∂L/∂W3` and `dL/dW3` as `dL_dW3`."""
    return name.replace("∂", "d").replace("/", "_").strip()


def step_of(text: str, steps: Sequence[StepName]) -> int | None:
    """The index of a step by its number or its name."""
    name = as_typed(text)
    for names in ([step.step for step in steps], [as_typed(step.name) for step in steps]):
        if name in names:
            return names.index(name)
    return index_of(text, len(steps))


def move(text: str) -> tuple[int, int, float] | None:
    """Which number to move (row and column from 0), and by how much; None where that is unclear."""
    words = text.replace(",", " ").split()
    try:
        by = float(words[-1]) if words else NUDGE
        place = [int(word) - 1 for word in words[:-1]]
    except ValueError:
        return None
    if len(place) > 2 or not math.isfinite(by) or by == 0 or any(each < 0 for each in place):
        return None
    row, column = [0] * (2 - len(place)) + place
    return row, column, by


def quiz_of(text: str, *, exam: bool) -> QuizSpec | None:
    """What quiz is typed: how many items, of an exam how many minutes, then seed, part, lessons.

    The last word `again` takes an exam again that was submitted; that needs its seed.

    With nothing typed one that was left is gone on with; None where it cannot be read.
    """
    words = text.replace(",", " ").split()
    if not words:
        return QuizSpec(exam=exam)
    numbers: list[int] = []
    while words and len(numbers) < 1 + exam and is_number(words[0]):
        numbers.append(int(words.pop(0)))
    seed = None
    if words and words[0].casefold() in SEED:
        if len(words) < 2 or not is_number(words[1]):
            return None
        seed = int(words[1])
        del words[:2]
    part = None
    if words and words[0].casefold() in PART:
        part = next((known for known in get_args(Part) if known == " ".join(words[1:2])), None)
        if part is None:
            return None
        del words[:2]
    if 0 in numbers[:1] or any(is_number(word) for word in words):
        return None
    again = exam and len(words) > 0 and words[-1].casefold() in AGAIN
    if again:
        words.pop()
        if seed is None:
            return None
    every = not exam and len(words) == 1 and words[0].casefold() in ALL
    return QuizSpec(
        lessons=[] if every else words,
        items=numbers[0] if numbers else QuizSpec().items,
        seed=seed,
        exam=exam,
        minutes=numbers[1] if len(numbers) > 1 else 0,
        resume=False,
        all_lessons=every,
        again=again,
        part=part,
    )


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
