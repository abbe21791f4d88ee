"""Two lessons whose numbers are worked by hand, and the grading of what is typed at their steps."""

from pathlib import Path

from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, places, steps
from bptutor.quiz.carried import Worth, grade_question
from bptutor.record.sittings import Mark

# Z = [1.2, 0.3, -0.3], A = [1.2, 0.3, 0], L = 0.64 + 0.01 + 0.25 = 0.9;
# dL_dA = 2 (A - T) = [1.6, 0.2, -1], dL_dZ = [1.6, 0.2, 0],
# dL_dW = [[1.6, 0.2, 0], [3.2, 0.4, 0]], W_new = [[0.34, -0.32, -0.6], [-0.02, 0.36, 0.1]].
LAYER = """
title.en = "A layer"
summary.en = "A layer."
program = '''
# layer
Z = X @ W + b
A = maximum(Z, 0)
# loss
L = sum((A - T) ** 2)
'''
loss = "L"
parameters = ["W", "b"]
learning_rate = 0.1
updates = "all"

[values]
X = [[1.0, 2.0]]
W = [[0.5, -0.3, -0.6], [0.3, 0.4, 0.1]]
b = [0.1, -0.2, 0.1]
T = [[0.4, 0.2, 0.5]]
"""

# p = 1.37 * 2.31 = 3.1647, q = 0.0147, L = 0.00021609.
CANCELLING = """
title.en = "Nearly the same"
summary.en = "Two numbers that nearly cancel."
program = '''
p = x * w
q = p - c
L = q ** 2
'''
loss = "L"
parameters = ["w"]
learning_rate = 0.1

[values]
x = 1.37
w = 2.31
c = 3.15
"""


def facts_of(folder: Path, text: str) -> Facts:
    path = folder / "asked.toml"
    path.write_text(text, encoding="utf-8")
    return Facts(load(str(path)))


def step_of(lesson: Lesson, id_: str) -> Step:
    return steps(lesson)[places(lesson)[id_]]


def grade(facts: Facts, **answers: str) -> list[Worth]:
    """Grade what is typed at the steps of a question: `product | cell cell ...`, or cells alone."""
    found = []
    for text in answers.values():
        product, _, cells = text.rpartition("|")
        found.append(Mark(product=product.strip(), cells=cells.split()))
    asked = [step_of(facts.lesson, id_) for id_ in answers]
    return grade_question(facts, asked, found)


def points(got: list[Worth]) -> list[float]:
    return [each.points for each in got]


def states(got: list[Worth]) -> list[str]:
    return [each.state for each in got]
