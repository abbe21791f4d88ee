"""The questions on learning: which gradients the updates use, and the order of an iteration."""

from functools import partial
from itertools import chain, combinations, permutations

import pytest

from bptutor.course.parts import GOAL, ITERATION, gradients_of, steps_of
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from tests.course.conftest import begin_part, verdict

begin = partial(begin_part, part="derive")


@pytest.mark.parametrize("name", ["batch", "one-neuron", "weight-decay"])
def test_learning_needs_the_gradients_of_what_an_update_changes(name: str) -> None:
    lesson = load(name)
    session = begin(lesson, GOAL)
    changed, there = set(session.prepare().trace.updated), list(gradients_of(lesson))
    for named in chain.from_iterable(combinations(there, n) for n in range(1, len(there) + 1)):
        found = session.exercise.judge(", ".join(named)).verdict
        if set(named) - changed:
            assert found == "wrong", named
        else:
            assert found == ("right" if set(named) == changed else "imprecise"), named


def test_a_gradient_on_the_way_and_one_of_data_are_told_apart(course: Lesson) -> None:
    session = begin(course, GOAL)
    assert verdict(session, "")[0] == "unreadable"
    assert "a1 is computed" in verdict(session, "W1 b1 W2 b2 W3 b3 a1")[1]
    assert "X is given" in verdict(session, "W1, X")[1]
    assert verdict(session, "dL/dW1 ∂L/∂b1 dL_dW2 b2 W3; b3")[0] == "right"


def test_it_comes_before_the_backward_pass_and_only_where_something_is_learned() -> None:
    kinds = [step.kind for step in steps_of(load("one-neuron"), "derive")]
    assert kinds.index("local") < kinds.index("goal") < kinds.index("backward")
    without = {step.id for step in steps_of(load("circuit"), "derive")}
    assert bool(load("circuit").parameters) == bool({GOAL, ITERATION} & without)


ENGLISH = ["forward pass", "loss", "backward pass", "update"]
KOREAN = ["순전파", "손실", "역전파", "갱신"]


@pytest.mark.parametrize("stages", [ENGLISH, KOREAN])
def test_of_all_orders_of_an_iteration_one_is_right(course: Lesson, stages: list[str]) -> None:
    exercise = begin(course, ITERATION).exercise
    for order in permutations(stages):
        wanted = "right" if list(order) == stages else "wrong"
        assert exercise.judge(" → ".join(order)).verdict == wanted, order


@pytest.mark.parametrize(
    ("text", "found", "word"),
    [
        ("Forward, loss, backprop, update, forward", "right", "next iteration"),
        ("forward, loss", "imprecise", "missing: 2"),
        ("(((", "unreadable", "in order"),
        ("loss, forward, backward, update", "wrong", "loss comes too early"),
        ("forward, backward, loss, update", "wrong", "starts at the loss"),
        ("forward, loss, update, backward", "wrong", "subtracts the gradients"),
        ("forward, forward", "wrong", "twice"),
        ("forward, banana", "unreadable", "banana"),
        ("x " * 3_000, "unreadable", "longer"),
    ],
)
def test_what_is_said_of_an_order(course: Lesson, text: str, found: str, word: str) -> None:
    given, said = verdict(begin(course, ITERATION), text)
    assert given == found
    assert word in said
