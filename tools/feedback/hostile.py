"""Hostile text by the hundred thousand into product, cell and matrix.

`python -m tools.feedback.hostile [COUNT]` feeds random strings and a corpus to everything that a
learner can type into, and prints what came of it: verdicts, and the longest time that one took.
Whatever is raised ends the run; a verdict without a sentence is counted as one.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

from bptutor.course.answers import Answers, Checked
from bptutor.grading.read import fit, split_matrix
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, steps
from bptutor.text import UserError
from tests.language.hostile import CORPUS

PIECES = (
    *(
        "dL_dY",
        "a2",
        "W3",
        "X",
        "lr",
        "Loss",
        "∂L/∂Y",
        "ᵀ",
        ".T",
        "@",
        "*",
        "**",
        "^",
        "/",
        "+",
        "-",
    ),
    *("(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "=", "==", ">=", "<", "!", "~", "&", "|"),
    *("0", "1", "9", "0.5", "1e308", "1e-308", "9**9**9", "0,5", "１２", "٣", "½", "²", "³", "∞"),
    *(
        "sum",
        "maximum",
        "one_hot",
        "np.dot",
        "tf.matmul",
        "lambda",
        "__class__",
        "import os",
        "eval",
    ),
    *("exec", "axis=0", "keepdims=True", "depth=9999999", "transpose_a=True", "\x00", "\ud800"),
    *("\n", "\t", " ", "\r", "'", '"', "\\", "#", "`", "[bold]", "[/", "{0}", "%s", "한글", "ㅏ"),
)
"""What random strings are made of: half a formula, half a trap."""
LONGEST = 40
STEPS = ("dLoss_dW3", "dLoss_db3", "dLoss_dZ2", "Loss", "W3_new")


def strings(count: int, seed: int) -> Iterator[str]:
    """The corpus, then strings made of pieces and of any characters, the same for one seed."""
    yield from CORPUS
    rng = random.Random(seed)
    for index in range(count):
        if index % 5 == 0:
            length = rng.randrange(1, 60)
            yield "".join(chr(rng.randrange(1, 0x3000)) for _ in range(length))
        else:
            length = rng.randrange(1, LONGEST)
            yield "".join(rng.choice(PIECES) for _ in range(length))


def entries(answers: Answers, step: Step, text: str) -> Iterator[str]:
    """Put a text where a learner can type, and give the verdicts."""
    if step.kind == "backward":
        yield "product " + _verdict(answers.check(step.id, product=text))
    yield "value " + _verdict(answers.check(step.id, value=text))
    try:
        fit(split_matrix(text), step.shape)
        yield "matrix read"
    except UserError as refused:
        yield "matrix refused" if str(refused).strip() else "matrix refused without a word"


def _verdict(checked: Checked) -> str:
    return checked.verdict if checked.message.strip() else f"{checked.verdict} without a word"


def run(count: int, seed: int = 0) -> tuple[Counter[str], float, str]:
    """The verdicts, the longest seconds that one text took, and that text.

    Whatever is raised is a fault.
    """
    lesson = load("two-hidden-layers")
    answers = Answers(lesson)
    asked = [step for step in steps(lesson) if step.id in STEPS]
    found: Counter[str] = Counter()
    longest, slowest = 0.0, ""
    for index, text in enumerate(strings(count, seed)):
        started = time.perf_counter()
        found.update(entries(answers, asked[index % len(asked)], text))
        took = time.perf_counter() - started
        if took > longest:
            longest, slowest = took, text
    return found, longest, slowest


if __name__ == "__main__":
    verdicts, longest, slowest = run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    for verdict, number in verdicts.most_common():
        sys.stdout.write(f"{verdict:<24} {number:>8}\n")
    sys.stdout.write(f"longest: {longest * 1e3:.0f} ms, for {slowest[:80]!r}\n")
