"""Answers: formulas by the grammar, matrices, and what is no answer at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from bptutor.course.answers import Answers
from bptutor.language.ops import spellings
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.text import Message, UserError
from tests.language.hostile import CORPUS
from tools.feedback.hostile import PIECES

SIGNS = ("+", "-", "*", "/", "@", "·", "**", "⊙", ">", ">=", "==", ".", " ", ",", "^")
NUMBERS = ("0", "1", "2", "-1", "0.5", "1e-8", "1e300", "64", "65", "1/3", "½", "9" * 40)


def made(random: Random) -> tuple[str, bytes]:
    """The name of a lesson, what of an answer it is, and the answer."""
    name = random.choice(available())
    known = [step.id for step in steps(load(name))] + [*load(name).program.leaves, "lr"]
    kind = random.choice(("product", "product", "value"))
    text = _formula(random, known, random.choice((1, 2, 3, 5)))
    if random.random() < 0.2:
        text = random.choice(CORPUS)
    elif random.random() < 0.3:
        place = random.randrange(len(text) + 1)
        text = text[:place] + "".join(random.choices(PIECES, k=3)) + text[place:]
    if kind == "value" and random.random() < 0.7:
        text = _matrix(random)
    step = random.choice(steps(load(name))).id
    lines = "\n".join((name, step, kind, text))
    return "answer.txt", lines.encode("utf-8", "surrogatepass")


def attempt(path: Path) -> str:
    """Check it, as `bptutor check` does."""
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    name, step, kind, answer = text.split("\n", 3)
    checked = _answers(name).check(step, **{kind: answer})
    assert checked.message.strip(), checked
    if checked.verdict == "unreadable":
        raise _UnreadError(checked.message)
    return checked.verdict


class _UnreadError(UserError):
    """An answer that cannot be read is a verdict of its own; here it counts as refused."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Message("{sentence}", sentence=sentence))


@cache
def _answers(name: str) -> Answers:
    return Answers(load(name))


def _formula(random: Random, known: list[str], depth: int) -> str:
    kind = random.random()
    if depth == 0 or kind < 0.1:
        return random.choice(known) if random.random() < 0.8 else random.choice(NUMBERS)
    inner = _formula(random, known, depth - 1)
    if kind < 0.2:
        times = random.choice((2, 10, 55, 190))
        return random.choice(SIGNS).join([inner] * times)
    if kind < 0.3:
        before, after = random.choice((("(", ")"), ("-", ""), ("", ".T"), ("softmax(", ")")))
        times = random.choice((1, 5, 58))
        return before * times + inner + after * times
    if kind < 0.75:
        other = _formula(random, known, depth - 1)
        return f"({inner} {random.choice(SIGNS)} {other})"
    function = random.choice(sorted(spellings()))
    rest = random.choice(("", f", {random.choice(known)}", ", axis=0", ", axis=-1, keepdims=True"))
    return f"{function}({inner}{rest})"


def _matrix(random: Random) -> str:
    rows, columns = random.choice((0, 1, 2, 3, 500)), random.choice((0, 1, 2, 3, 500))
    row = ", ".join(random.choice(NUMBERS) for _ in range(columns))
    between = random.choice((", ", " ", "\n", ";", "],["))
    return "[" + between.join([f"[{row}]"] * rows) + "]" * random.choice((0, 1, 1, 1, 2))
