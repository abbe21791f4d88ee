"""Count the keystrokes with which a perfect typist does a lesson.

`python -m tools.keystrokes LESSON...` (all lessons without a name) types every asked element at
three significant digits, an updated weight at the decimals that its change needs, the formula of
each gradient without spaces, one key to leave each cell, and Enter at each step. Where the grader
accepts the textbook's difference, as `P - T` for softmax with cross-entropy, that is typed.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from bptutor.course.questions import asks_product, asks_value
from bptutor.course.session import Session, exercise
from bptutor.grading.judge import figures_needed
from bptutor.language.render import write
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step

DIGITS = 3


@dataclass
class Typed:
    """The keystrokes of a lesson."""

    steps: int = 0
    cells: int = 0
    numbers: int = 0
    formulas: int = 0

    @property
    def all(self) -> int:
        return self.numbers + self.formulas + self.cells + self.steps


def typed(name: str) -> Typed:
    """The keystrokes of a lesson on its own numbers, every step asked in full."""
    session = Session.begin(load(name), "all", name, "ascii")
    session.prepare()
    found = Typed(steps=len(session.steps))
    for step in session.steps:
        if asks_value(step, "all"):
            texts = list(numbers(session, step))
            found.cells += len(texts)
            found.numbers += sum(map(len, texts))
        if asks_product(step, "all"):
            found.formulas += min(map(len, _formulas(session, step)))
    return found


def numbers(session: Session, step: Step) -> Iterator[str]:
    facts, lesson = session.prepare(), session.lesson
    truth = facts.truth(step).reshape(-1).tolist()
    for place in session.cells(step):
        if step.kind == "update":
            old, decrease = facts.known(step.target), facts.decrease(step)
            before, less = float(old.reshape(-1)[place]), float(decrease.reshape(-1)[place])
            decimals = figures_needed(before, less, lesson.dtype)
            yield f"{truth[place]:.{decimals}f}"
        else:
            yield f"{truth[place]:.{DIGITS}g}"


def _formulas(session: Session, step: Step) -> Iterator[str]:
    """The formulas that are accepted: bptutor's own, and differences of a value and a target."""
    lesson = session.lesson
    asked = exercise(lesson, step, "ascii", session.prepare())
    if step.kind == "code":
        yield str(asked.written()).replace(" ", "")
        return
    yield write(step.product, "ascii").replace(" ", "")
    targets = [name for name in lesson.program.leaves if name not in lesson.parameters]
    for value in lesson.program.by_target:
        for target in targets:
            fits = lesson.shapes[value] == lesson.shapes[target] == step.shape != ()
            if fits and asked.judge(formula := f"{value}-{target}").verdict == "right":
                yield formula


if __name__ == "__main__":
    for lesson in sys.argv[1:] or available():
        count = typed(lesson)
        sys.stdout.write(
            f"{lesson:20} {count.all:5}: {count.steps} steps, {count.cells} cells of "
            f"{count.numbers} characters, formulas of {count.formulas}\n"
        )
