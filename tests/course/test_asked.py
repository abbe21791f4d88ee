"""Which elements a lesson asks, and that it says nothing of the others that gives them away."""

from math import prod
from pathlib import Path
from random import Random

import numpy as np
import pytest

from bptutor.course.asked import MOST_ANSWERS, all_equal, answers_at, telling, too_long
from bptutor.course.iterations import in_changed_lesson
from bptutor.course.questions import MOST_SEEN, asked_anything, asks_product, asks_value
from bptutor.course.session import Session
from bptutor.engine.keras import open_lesson
from bptutor.grading.facts import Facts
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, places, steps
from bptutor.literals import Ask
from bptutor.quiz.items import askable
from bptutor.quiz.numbers import drawn
from bptutor.record.sittings import Mark
from tests.course.conftest import Begin

LAYER = """
program = '''
Z = X @ W
L = sum(Z * C)
'''
loss = "L"
parameters = ["W"]
[values]
X = [[1, 2]]
W = [[3, 4, 5], [6, 7, 8]]
C = [[0.5, -30, 20]]
"""


def written(folder: Path, text: str) -> Lesson:
    file = folder / "lesson.toml"
    file.write_text(text, "utf-8")
    return load(str(file))


def step_of(lesson: Lesson, name: str) -> Step:
    return steps(lesson)[places(lesson)[name]]


@pytest.mark.parametrize("name", [name for name in available() if name != "two-hidden-layers"])
def test_beside_a_formula_one_element_is_asked(begin: Begin, name: str) -> None:
    session = begin(lesson=open_lesson(name))
    for step in session.steps:
        if asks_product(step, "all") and asks_value(step, "all"):
            assert len(session.cells(step)) == 1, step.id


@pytest.mark.parametrize("ask", ["all", "backward"])
def test_the_element_is_off_the_diagonal_large_and_no_copy(begin: Begin, ask: Ask) -> None:
    """By hand, X being [[1, -2]]: row 1 of ∂L/∂W is ∂L/∂Z itself, row 2 is ∂L/∂Z times -2."""
    session = begin(ask, open_lesson("softmax"))
    assert session.cells(step_of(session.lesson, "dL_dW")) == [5]
    assert session.cells(step_of(session.lesson, "dL_dP")) == [1]


def test_a_copied_element_is_asked_where_all_others_are_copied_too(tmp_path: Path) -> None:
    """∂L/∂Z is C; row 1 of ∂L/∂W = Xᵀ @ C is C once more, row 2 is twice C."""
    file = tmp_path / "layer.toml"
    file.write_text(LAYER, "utf-8")
    facts = Facts(load(str(file)))
    assert telling(facts, step_of(facts.lesson, "dL_dZ")) == 1
    assert telling(facts, step_of(facts.lesson, "dL_dW")) == 5


def test_with_numbers_alone_all_elements_are_asked(begin: Begin) -> None:
    session = begin("values", open_lesson("attention"))
    for step in session.steps:
        if step.kind in ("forward", "backward"):
            assert session.cells(step) == list(range(prod(step.shape)))


def test_a_lesson_may_ask_for_all_elements(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    file.write_text('elements = "all"\n' + open_lesson("attention").path.read_text("utf-8"))
    session = Session.begin(load(str(file)), "all", "all", "ascii")
    session.prepare()
    for step in session.steps:
        if step.kind in ("forward", "backward"):
            assert session.cells(step) == list(range(prod(step.shape)))


def test_the_second_matrix_of_a_skill_asks_two_before_tensorflow_is_there() -> None:
    session = Session.begin(open_lesson("attention"), "all", "attention", "ascii")
    asked = {step.id: session.cells(step) for step in session.steps if step.kind == "forward"}
    assert asked["Q"] == [0, 1, 2, 3]
    assert asked["K"] == asked["S"] == [1, 3]
    assert asked["V"] == [0, 1]
    assert asked["A"] == [0, 1, 2, 3]


def test_what_is_asked_of_a_very_large_matrix_is_among_what_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "large.toml"
    file.write_text(
        'program = "Z = X * C\\nY = Z * C\\nL = sum(Y * X)"\nloss = "L"\nwatch = ["X"]\n[values]\n'
        f"X = {[[0.5] * 90] * 90}\nC = {[[0.25] * 90] * 90}\n"
    )
    session = Session.begin(load(str(file)), "all", "large", "ascii")
    assert session.cells(step_of(session.lesson, "Y")) == [1, MOST_SEEN - 1]
    session.prepare()
    assert all(max(session.cells(step), default=0) < MOST_SEEN for step in session.steps)


@pytest.mark.parametrize("name", available())
def test_what_is_taken_for_all_equal_is_so_on_any_numbers(name: str) -> None:
    lesson = open_lesson(name)
    found = [step for step in steps(lesson) if all_equal(lesson, step) and prod(step.shape) > 1]
    for seed in range(3 if found else 0):
        leaves = drawn(lesson.form, Random(seed))
        facts = Facts(lesson.on({leaf: array.tolist() for leaf, array in leaves.items()}))
        for step in found:
            assert np.ptp(facts.truth(step)) == 0, step.id


def test_of_equal_local_derivatives_one_is_asked(begin: Begin) -> None:
    one = {}
    for name in ("batch-normalisation", "relu-at-zero"):
        session = begin("values", open_lesson(name))
        one[name] = {
            step.id
            for step in session.steps
            if step.kind == "local" and len(session.cells(step)) < prod(step.shape)
        }
    assert one["batch-normalisation"] == {"dd_dx", "dx_hat_dd", "dy_dx_hat"}
    assert one["relu-at-zero"] == {"dz_dw", "dz_db"}


# ── what was typed when all were asked ────────────────────────────────────────────────────────


def everything(session: Session, name: str) -> Mark:
    """A right answer in every element, as a sitting held it."""
    truth = session.prepare().truth(step_of(session.lesson, name)).reshape(-1)
    return Mark(cells=[repr(float(each)) for each in truth], verdicts=["exact"] * truth.size)


@pytest.mark.parametrize("name", ["dL_dZ", "dL_dW"])
def test_of_a_matrix_that_was_typed_the_asked_cell_stays(begin: Begin, name: str) -> None:
    session = begin(lesson=open_lesson("softmax"))
    step = step_of(session.lesson, name)
    mark = session.sitting.marks[name] = everything(session, name)
    every = list(mark.cells)
    (asked,) = session.cells(step)
    assert session.mark(step).cells == [every[asked]]
    assert session.mark(step).verdicts == ["exact"]


def test_and_where_the_lesson_has_changed_since_it_is_still_right(begin: Begin) -> None:
    session = begin(lesson=open_lesson("softmax"))
    place = places(session.lesson)["dL_dZ"]
    session.sitting.furthest = place
    mark = session.sitting.marks["dL_dZ"] = everything(session, "dL_dZ")
    mark.product, mark.product_verdict, mark.stage = "P - T", "right", "solved"
    again = in_changed_lesson(session.sitting, session.lesson, "ascii")
    assert again.stage(place) == "solved"
    assert len(again.sitting.marks["dL_dZ"].cells) == 1


def test_what_was_typed_is_kept_while_the_asked_cells_are_unknown() -> None:
    session = Session.begin(open_lesson("softmax"), "all", "softmax", "ascii")
    session.sitting.index = places(session.lesson)["dL_dW"]
    session.sitting.marks["dL_dW"] = Mark(cells=["7"])
    assert session.cells(session.step) == []
    session.draft("X.T @", [])
    assert session.mark(session.step).cells == ["7"]
    assert session.mark(session.step).product == "X.T @"


# ── what a lesson says that it asks ───────────────────────────────────────────────────────────


def asked(lesson: Lesson, ask: Ask = "all") -> list[str]:
    """What is asked, in the order of the steps: formulas with an equals sign."""
    found = []
    for step in steps(lesson):
        found += [f"{step.id} ="] * asks_product(step, ask)
        found += [step.id] * asks_value(step, ask)
    return found


def test_what_is_not_asked_is_shown_and_known(tmp_path: Path) -> None:
    layer = written(tmp_path, 'ask = ["backward"]\nskip = ["grad_L_Z"]' + LAYER)
    assert asked(layer) == ["dL_dW =", "dL_dW"]
    session = Session.begin(layer, "all", "layer", "ascii")
    session.prepare()
    assert [session.stage(index) for index in range(len(session.steps))] == [
        *("worked", "worked", "worked"),
        *("open", "worked"),
    ]
    session.go("question")
    assert session.step.id == "dL_dW"
    assert {"Z", "L", "dL_dZ"} <= set(session.known)
    session.check("X.T @ dL_dZ", ["40"])
    assert session.stage(session.index) == "solved"


def test_a_lesson_of_formulas_asks_no_element_whatever_the_learner_chose(tmp_path: Path) -> None:
    layer = written(tmp_path, 'elements = "none"' + LAYER)
    assert asked(layer) == asked(layer, "values") == ["dL_dZ =", "dL_dW ="]
    assert [answers_at(layer, step) for step in steps(layer)] == [0, 0, 1, 1, 0]


def test_a_quiz_asks_the_numbers_of_a_lesson_of_formulas(tmp_path: Path) -> None:
    layer = written(tmp_path, 'elements = "none"\nskip = ["∂L/∂Z"]' + LAYER)
    session = Session.begin(layer, "all", "layer", "ascii")
    session.asks_whole = True
    assert [step.id for step in session.steps if asks_value(step, "all")] == [
        *("Z", "L", "dL_dW", "W_new")
    ]
    assert {step.id for step in askable(layer)} <= {"Z", "L", "dL_dW", "W_new"}


@pytest.mark.parametrize(("columns", "is_asked"), [(20, True), (21, False)])
def test_an_element_of_more_than_20_terms_is_not_asked(
    tmp_path: Path, columns: int, is_asked: bool
) -> None:
    """A row of Z adds so many products, dL_dW one, dL_dX two, and L two squares of two columns."""
    values = f"X = {[[0.5] * columns]}\nW = {[[0.25, -0.5]] * columns}\n"
    text = "Z = X @ W\nM = mean(X)\nL = sum(Z ** 2) + M"
    lesson = written(
        tmp_path,
        f"program = '''{text}'''\nloss = 'L'\nparameters = ['W']\nwatch = ['X']\n"
        f"[values]\n{values}",
    )
    found = asked(lesson)
    assert ("Z" in found) == ("M" in found) == is_asked
    assert {"L", "dL_dZ", "dL_dZ =", "dL_dW", "dL_dW =", "dL_dX", "dL_dX ="} <= set(found)


def test_a_softmax_and_nested_sums_count_all_their_terms(tmp_path: Path) -> None:
    """21 exponentials, 41 additions for a variance, 30 * 21 in the loss; a row that is taken."""
    text = "P = softmax(Z)\nv = var(Z, axis=1)\nE = gather(Z, n)\nL = mean(sum(P * E, axis=1) * v)"
    lesson = written(
        tmp_path,
        f"program = '''{text}'''\nloss = 'L'\nwatch = ['Z']\n[values]\n"
        f"n = {[0] * 30}\nZ = {[[0.5] * 21] * 30}\n",
    )
    forward = [step for step in steps(lesson) if step.kind == "forward"]
    assert [step.id for step in forward if step.asks == "all"] == ["E"]


def test_what_makes_a_lesson_too_long_is_named(tmp_path: Path) -> None:
    course = load("two-hidden-layers").path.read_text("utf-8")
    (finding,) = too_long(written(tmp_path, course.replace('elements = "all"', "")))
    assert finding.code == "too-long"
    assert str(finding.message) == (
        "the lesson asks for 77 answers (forward 12, local 35, backward 24, update 6), more than"
        " 40; list steps under `skip`, for example dZ2_dW2 (9), dZ1_dW1 (6), Z1 (3), a1 (3)"
    )


@pytest.mark.parametrize("name", available())
def test_no_lesson_is_longer_than_a_sitting(name: str) -> None:
    """The course's asks all that its notebook prints."""
    lesson = load(name)
    assert too_long(lesson) == []
    count = sum(answers_at(lesson, step) for step in steps(lesson))
    assert (count <= MOST_ANSWERS) == (name != "two-hidden-layers")
    assert count >= sum(asked_anything(step, "all") for step in steps(lesson))
