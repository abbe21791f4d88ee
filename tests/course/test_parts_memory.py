"""The questions on memory and on learning, held against what a gradient really takes."""

from itertools import chain, combinations, permutations
from math import prod
from typing import Any

import numpy as np
import pytest

from bptutor.course.memory import count_kept, least_kept, needs, released
from bptutor.course.parts import GOAL, ITERATION, gradients_of, steps_of
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import compute, tensors_of
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from tests.course.conftest import verdict
from tests.course.test_parts_derive import begin


def kept_by_tensorflow(lesson: Lesson) -> set[str]:
    """The values of the program that TensorFlow's own backward graph reads.

    The program becomes a graph function; what its gradient takes over from the forward graph is
    what has to be kept.
    """
    tf = tensorflow()
    leaves = tensors_of(lesson, None, lesson.dtype)
    sources = [name for name in leaves if name in {*lesson.parameters, *lesson.watch}]

    graph = tf.Graph()
    with graph.as_default():
        known: dict[str, Any] = {
            name: tf.compat.v1.placeholder(lesson.dtype, value.shape, name=name)
            for name, value in leaves.items()
        }
        for assignment in lesson.program.assignments:
            known[assignment.target] = compute(tf, assignment, known, lesson.dtype)
        names = {tensor.op.name: name for name, tensor in known.items()}
        forward = {each.name for each in graph.get_operations()}
        found = tf.gradients(known[lesson.loss], [known[name] for name in sources])
    read: set[str] = set()
    waiting, seen = [gradient.op for gradient in found], set()
    while waiting:
        operation = waiting.pop()
        if operation.name in seen or operation.name in forward:
            continue
        seen.add(operation.name)
        if operation.type not in SHAPE_ONLY:
            read |= {names[each.op.name] for each in operation.inputs if each.op.name in names}
            waiting += [each.op for each in operation.inputs]
    return read


SHAPE_ONLY = ("Shape", "ZerosLike", "OnesLike", "BroadcastGradientArgs", "Size", "Rank")
"""Operations that read a tensor for its shape alone."""


@pytest.mark.parametrize(
    "name", ["two-hidden-layers", "batch", "dead-relu", "sigmoid-network", "tanh-neuron", "circuit"]
)
def test_tensorflow_reads_nothing_else_on_its_way_back(name: str) -> None:
    """It keeps what a step by hand keeps; of a loss' line it keeps parts that have no name."""
    lesson = load(name)
    wanted = {n for need in needs(lesson) for kept in need.kept for n in kept.either}
    last = {f"d{lesson.loss}_d{by}" for by in lesson.program.by_target[lesson.loss].inputs}
    of_loss = {
        each
        for need in needs(lesson)
        for kept in need.kept
        for each in kept.either
        if set(kept.readers) <= last
    }
    read = kept_by_tensorflow(lesson) - set(lesson.parameters)
    assert read <= wanted
    for need in needs(lesson):
        for kept in need.kept:
            assert set(kept.either) & (read | of_loss), (need.section, kept)


@pytest.mark.parametrize("name", available())
def test_what_is_kept_is_enough_and_nothing_of_it_can_be_spared(name: str) -> None:
    lesson = load(name)
    groups = [set(kept.either) for need in needs(lesson) for kept in need.kept]
    kept = set(least_kept(lesson))
    assert all(group & kept for group in groups)
    for spared in kept:
        assert not all(group & (kept - {spared}) for group in groups), spared


@pytest.mark.parametrize("name", available())
def test_each_value_is_let_go_once_after_its_last_reader(name: str) -> None:
    lesson = load(name)
    gone = released(lesson)
    assert sorted(n for _, names in gone for n in names) == sorted(least_kept(lesson))
    order = [need.section for need in reversed(needs(lesson))]
    done: set[str] = set()
    for section, names in gone:
        done |= set(names)
        for later in order[order.index(section) + 1 :]:
            need = next(each for each in needs(lesson) if each.section == later)
            assert all(not set(kept.either) <= done for kept in need.kept), (section, later)


def test_the_course_keeps_ten_numbers(course: Lesson) -> None:
    assert least_kept(course) == ("X", "Y_true", "a1", "a2", "Y_pred")
    assert sum(prod(course.shapes[name]) for name in least_kept(course)) == 10
    assert count_kept(course, 256) == 2560
    assert count_kept(course, 1) == 10


@pytest.mark.parametrize(
    ("section", "text", "found"),
    [
        ("layer 1", "X, Z1", "right"),
        ("layer 1", "a1 X", "right"),
        ("layer 1", "X a1 W1 b1", "right"),
        ("layer 1", "X Z1 a1", "imprecise"),
        ("layer 1", "X", "wrong"),
        ("layer 1", "X Z1 Z2", "wrong"),
        ("layer 1", "nothing", "wrong"),
        ("layer 1", "", "unreadable"),
        ("layer 1", "X; rm -rf", "unreadable"),
        ("layer 2", "a1 a2", "right"),
        ("layer 2", "Z2 a1", "right"),
        ("output layer", "a2", "right"),
        ("loss", "Y Y_true", "right"),
        ("loss", "Y_true", "wrong"),
        ("loss", "Y", "right"),  # a target is data, which is there as the weights are
    ],
)
def test_names_of_what_is_kept(course: Lesson, section: str, text: str, found: str) -> None:
    assert verdict(begin(course, f"memory {section}:"), text)[0] == found


def test_a_sum_needs_nothing() -> None:
    session = begin(load("circuit"), "memory sum:")
    assert verdict(session, "x y")[0] == "wrong"
    assert verdict(session, "nothing")[0] == "right"
    assert verdict(session, "없음")[0] == "right"


def test_numbers_and_bytes(course: Lesson) -> None:
    session = begin(course, "memory")
    session.check(None, ["16", "64"])
    assert set(session.mark(session.step).verdicts) == {"wrong"}
    session.check(None, ["10", "4*10"])
    assert session.stage(session.index) == "solved"
    says = session.exercise.says("en")
    assert "2560 numbers, 10 KiB" in says
    assert "Layer 1: X, a1" in says
    double = begin(load("batch"), "memory")
    truth = double.exercise.truth()
    assert truth is not None
    assert np.array_equal(truth, [12, 96])


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
