"""What holds of every network, tried on networks that nobody has written down."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bptutor.engine.agreement import disagreements
from bptutor.engine.trace import run
from bptutor.engine.variations import variations
from bptutor.lesson.lesson import Lesson
from tests.engine.networks import leaves_of, networks
from tests.examples import some

STEP = 1e-6


@settings(max_examples=some(25), deadline=None)
@given(networks(), st.data())
def test_a_gradient_is_how_the_loss_answers_when_a_number_moves(
    lesson: Lesson, data: st.DataObject
) -> None:
    trace = run(lesson)
    name = data.draw(st.sampled_from([*lesson.parameters, *lesson.watch]))
    direction = np.random.default_rng(0).normal(size=trace.values[name].shape)
    losses = []
    for side in (1, -1):
        leaves = leaves_of(lesson)
        leaves[name] = leaves[name] + side * STEP * direction
        moved = run(lesson, leaves)
        for layer, value in moved.values.items():  # a kink in between has no slope to speak of
            assume((np.sign(value) == np.sign(trace.values[layer])).all())
            assume(((value > 0.1) == (trace.values[layer] > 0.1)).all())
        losses.append(moved.loss)
    answer = (losses[0] - losses[1]) / (2 * STEP)
    slope = float((trace.gradients[f"dL_d{name}"] * direction).sum())
    assert abs(answer - slope) <= 1e-4 * max(1.0, abs(slope), abs(trace.loss))


@settings(max_examples=some(25), deadline=None)
@given(networks())
def test_every_derived_product_agrees_with_the_tape(lesson: Lesson) -> None:
    assert [str(finding.message) for finding in disagreements(lesson)] == []


@settings(max_examples=some(25), deadline=None)
@given(networks())
def test_most_numbers_of_a_network_turn_in_some_variation(lesson: Lesson) -> None:
    own, varied = leaves_of(lesson), variations(lesson)
    assert len(varied) > 1
    turned = [
        np.array([each.values[name] * value < 0 for each in varied]).any(axis=0).ravel()
        for name, value in own.items()
    ]
    assert np.concatenate(turned).mean() >= 0.5
    for name, value in own.items():
        for each in varied:
            assert each.values[name].dtype == np.float64
            assert (each.values[name] != value).all()


@settings(max_examples=some(15), deadline=None)
@given(networks("float32"))
def test_an_update_is_the_gradient_times_the_learning_rate(lesson: Lesson) -> None:
    trace = run(lesson)
    rate = np.float32(lesson.learning_rate)
    for name, after in trace.updated.items():
        change = rate * trace.gradients[f"dL_d{name}"]
        assert after.dtype == np.float32
        assert (after == trace.values[name] - change).all()
