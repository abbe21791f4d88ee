"""Why: the story of one number, held against the tape; a nudge; numbers filled in."""

import re

import numpy as np
import pytest

from bptutor.course.iterations import again, nudge
from bptutor.course.why import Why
from bptutor.engine.keras import open_lesson
from bptutor.grading.facts import Facts
from bptutor.lesson.steps import steps
from bptutor.text import Message, UserError
from tests.course.conftest import Begin, answer


@pytest.mark.parametrize("index", range(35))
def test_a_story_comes_to_the_gradient(begin: Begin, index: int) -> None:
    session = begin()
    if index >= len(steps(session.lesson)):
        pytest.skip("The lesson has fewer steps.")
    facts, step = session.prepare(), steps(session.lesson)[index]
    story = Why(facts, step, "ascii").story(answered=True)
    assert story
    if step.kind not in ("backward", "local"):
        return
    total, name = 0.0, ""
    for sentence in story:
        found = sentence.fields.get("found", sentence)
        assert isinstance(found, Message)
        if "slope" not in found.fields:
            continue
        name = str(found.fields["name"])
        slope = float(str(found.fields["slope"]).rpartition(" = ")[2])
        total += slope * float(str(sentence.fields.get("upstream", 1)))
    place = re.search(r"\[([\d, ]+)\]", name)
    at = tuple(int(part) for part in place.group(1).split(",")) if place else ()
    assert total == pytest.approx(float(facts.truth(step)[at]), rel=1e-3)


def test_the_story_names_the_number_that_is_the_derivative(begin: Begin) -> None:
    session = begin()
    step = next(step for step in steps(session.lesson) if step.id == "dLoss_dW2")
    (sentence,) = Why(session.prepare(), step, "ascii").story(answered=True)
    found = sentence.fields["found"]
    assert isinstance(found, Message)
    assert found.fields["name"] == "W2[0, 2]"
    assert str(found.fields["equation"]).startswith("Z2[0, 2] = a1[0, 0] * W2[0, 2] + ")
    assert found.fields["slope"] == "a1[0, 0] = 1.4"
    assert sentence.fields["upstream"] == "-0.0216"


def test_the_jacobian_of_a_softmax_is_explained() -> None:
    lesson = open_lesson("softmax")
    step = next(step for step in steps(lesson) if step.id == "dL_dZ")
    rule = Why(Facts(lesson), step, "unicode").rule()
    assert (rule.fields["row"], rule.fields["transposed"]) == ("P", "Pᵀ")


def test_a_nudge_moves_the_loss_as_the_gradient_says(begin: Begin) -> None:
    session = begin("products")
    while session.step.id != "dLoss_dW3":
        session.go("question") if session.stage(session.index) != "open" else answer(session)
    with pytest.raises(UserError, match="gradient first"):
        nudge(session, 0, 0.001)
    answer(session)
    before = session.prepare().exact_loss
    gradient = session.prepare().gradient("W3").reshape(-1)
    for position in range(3):
        leaf, after = nudge(session, position, 1e-5)
        assert leaf == "W3"
        assert (after - before) / 1e-5 == pytest.approx(float(gradient[position]), abs=2e-5)
    assert session.prepare().exact_loss == before


@pytest.mark.parametrize(("position", "by"), [(3, 0.1), (-1, 0.1), (0, 0.0), (0, float("nan"))])
def test_a_nudge_of_nothing_is_refused(begin: Begin, position: int, by: float) -> None:
    session = begin("backward")
    while session.step.id != "dLoss_dW3" or session.stage(session.index) == "open":
        session.go("question") if session.stage(session.index) != "open" else answer(session)
    with pytest.raises(UserError, match="Choose one"):
        nudge(session, position, by)


def test_numbers_are_filled_in_once_a_kind_of_step_is_mastered(begin: Begin) -> None:
    session = begin("backward")
    while not session.at_end:
        if session.stage(session.index) == "open":
            assert not session.offers_numbers
            answer(session)
        session.go("question")
    again(session)
    while session.step.id != "dLoss_dW3":
        session.go("question") if session.stage(session.index) != "open" else answer(session)
    with pytest.raises(UserError, match="three times"):
        session.fill_in()
    session.check("a2.T @ dLoss_dY_pred", [""] * 3)
    assert session.offers_numbers
    session.fill_in()
    assert session.stage(session.index) == "solved"
    cells = np.asarray([float(cell) for cell in session.mark(session.step).cells], "float32")
    np.testing.assert_array_equal(cells, session.prepare().truth(session.step).reshape(-1))


def test_a_mistake_asks_for_the_numbers_again(begin: Begin) -> None:
    session = begin("backward")
    session.sitting.streaks["loss-slope"] = 3
    session.go("question")
    session.check("Y_pred - Y_true", [""])
    session.check("2 * (Y_pred - Y_true)", [""])
    assert not session.offers_numbers


@pytest.mark.parametrize("index", range(35))
def test_of_an_open_step_the_story_keeps_what_is_asked(begin: Begin, index: int) -> None:
    session = begin()
    if index >= len(steps(session.lesson)):
        pytest.skip("The lesson has fewer steps.")
    facts, step = session.prepare(), steps(session.lesson)[index]
    told = Why(facts, step, "ascii").story(answered=False)
    if step.kind in ("forward", "local") or step.id == "dLoss_dY_pred":
        assert not any("slope" in sentence.fields for sentence in told)
        assert not any(re.search(r"= -?[0-9.]+$", str(sentence)) for sentence in told)
