"""The author's words come first where an answer is one that the lesson foresees."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bptutor.course.answers import Answers, Checked
from bptutor.course.exercise import numbers
from bptutor.course.session import Session
from bptutor.grading.authored import right_ones
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.quiz.recorder import Recorder
from bptutor.record.record import Record

LESSON = """
title = { en = "One layer", ko = "층 하나" }
program = '''
# layer
Z = X @ W + b
# loss
L = mean((Z - T) ** 2)
'''
loss = "L"
parameters = ["W", "b"]
learning_rate = 0.1

[values]
X = [[1, 2], [-1, 3]]
W = [[0.5, 0.2], [-0.4, 0.1]]
b = [0.2, -0.3]
T = [[1.1, 0.7], [-0.1, 0.4]]

[[mistakes]]
step = "dL_dZ"
formula = "2 * (Z - T)"
en = "{layer}: [b]divide[/b] by the number of elements."
ko = "{layer}: 원소 수로 나누세요."

[[mistakes]]
step = "dL_dW"
formula = "X @ dL_dZ"
en = "X is not turned."
ko = "X의 전치가 필요해요."

[[mistakes]]
step = "dL_db"
value = [0.111, -0.222]
en = "Where are these from?"
ko = "이 값은 어디서 왔나요?"

[[mistakes]]
step = "W_new"
formula = "W + lr * dL_dW"
en = "Uphill."
ko = "오르막이에요."
"""
DIVIDE = "{layer}: [b]divide[/b] by the number of elements."


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    path = tmp_path / "layer.toml"
    path.write_text(LESSON, encoding="utf-8")
    return load(str(path))


@pytest.fixture
def check(lesson: Lesson) -> Callable[..., Checked]:
    return Answers(lesson).check


def rows(value: object) -> str:
    return str(np.asarray(value).round(7).tolist())


@pytest.mark.parametrize(
    "product", ["2 * (Z - T)", "-2*(T-Z)", "(Z - T) + (Z - T)", "tf.multiply(2, Z - T)"]
)
def test_a_formula_that_is_identical(check: Callable[..., Checked], product: str) -> None:
    assert check("dL_dZ", product=product).message == DIVIDE


@pytest.mark.parametrize("product", ["2 * (T - Z)", "Z - T", "2 * abs(Z - T)", "2 *", "dL_dZ"])
def test_other_formulas_have_the_tutors_words(check: Callable[..., Checked], product: str) -> None:
    assert check("dL_dZ", product=product).message != DIVIDE


def test_a_formula_whose_shapes_do_not_fit(check: Callable[..., Checked]) -> None:
    assert check("dL_dW", product="X @ dL_dZ").message == "X is not turned."
    assert check("dL_dW", product="dL_dZ @ X").message != "X is not turned."


def test_the_ids_and_claims_stay_the_tutors(check: Callable[..., Checked]) -> None:
    found = check("dL_dZ", product="2 * (Z - T)")
    assert found.verdict == "wrong"
    assert found.misconceptions
    assert [claim.ids for claim in found.claims]


def test_numbers_that_the_formula_gives(check: Callable[..., Checked], lesson: Lesson) -> None:
    trace = Facts(lesson).trace
    wrong = 2 * (trace.known("Z") - trace.known("T"))
    assert check("dL_dZ", value=rows(wrong)).message == DIVIDE
    wrong[0, 0] = 5
    assert check("dL_dZ", value=rows(wrong)).message != DIVIDE


def test_a_new_weight_is_compared_by_its_change(
    check: Callable[..., Checked], lesson: Lesson
) -> None:
    trace = Facts(lesson).trace
    uphill = trace.known("W") + 0.1 * trace.known("dL_dW")
    assert check("W_new", value=rows(uphill)).message == "Uphill."
    assert check("W_new", value=rows(trace.known("W"))).message != "Uphill."


@pytest.mark.parametrize(
    ("value", "said"),
    [("[0.111, -0.222]", True), ("[0.1110, -2.22e-1]", True), ("[0.111, 0.222]", False)],
)
def test_numbers_that_the_author_gives(
    check: Callable[..., Checked], value: str, said: bool
) -> None:
    assert (check("dL_db", value=value).message == "Where are these from?") is said


def test_both_languages(lesson: Lesson) -> None:
    said = Answers(lesson, "ko").check("dL_dZ", product="2 * (Z - T)").message
    assert said == "{layer}: 원소 수로 나누세요."


def answer(lesson: Lesson, step: str, cells: str, iterations: bool = False) -> Session:
    """A session in which these cells have been typed at a step."""
    session = Session.begin(lesson, "values", "layer", "ascii")
    if iterations:
        after = Facts(lesson).after
        session.sitting.iterations = 1
        session.sitting.leaves = {name: numbers(value) for name, value in after.leaves.items()}
    session.prepare()
    session.asks_whole = True
    session.sitting.index = [each.id for each in session.steps].index(step)
    session.sitting.furthest = session.sitting.index
    attempted = session.check(None, cells.split())
    assert attempted
    Recorder(Record(), "minsu").note(session, attempted)
    return session


def test_numbers_of_the_file_are_wrong_on_others(lesson: Lesson) -> None:
    words = "Where are these from?"
    assert str(answer(lesson, "dL_db", "0.111 -0.222").said.message) == words
    assert str(answer(lesson, "dL_db", "0.111 -0.222", iterations=True).said.message) != words


def test_the_record_keeps_that_it_was_explained(lesson: Lesson) -> None:
    answer(lesson, "dL_db", "0.111 -0.222")
    answer(lesson, "dL_db", "0.1357 -0.2468")
    unexplained, explained = Record().attempts("minsu")
    assert (explained.explained, explained.misconceptions) == (True, [])
    assert (unexplained.explained, unexplained.misconceptions) == (False, [])


def test_an_answer_that_is_right_is_found_by_lint(tmp_path: Path) -> None:
    path = tmp_path / "layer.toml"
    right = LESSON.replace("2 * (Z - T)", "(Z - T) / 2").replace("X @ dL_dZ", "X.T @ dL_dZ * 1")
    path.write_text(right, encoding="utf-8")
    assert [(each.code, each.where) for each in right_ones(load(str(path)))] == [
        ("mistake-right", "dL_dZ"),
        ("mistake-right", "dL_dW"),
    ]
    truth = Facts(load(str(path))).trace.known("dL_db")
    path.write_text(LESSON.replace("[0.111, -0.222]", rows(truth.round(4))), encoding="utf-8")
    assert [each.where for each in right_ones(load(str(path)))] == ["dL_db"]


def test_words_on_a_formula_hold_on_any_numbers(lesson: Lesson) -> None:
    other = Answers(lesson.on({**lesson.values, "b": [0.1, 0.5]}))
    assert other.check("dL_dZ", product="2 * (Z - T)").message == DIVIDE
    wrong = 2 * (other.facts.trace.known("Z") - other.facts.trace.known("T"))
    assert other.check("dL_dZ", value=rows(wrong)).message == DIVIDE
    assert other.check("dL_db", value="[0.111, -0.222]").message != "Where are these from?"
