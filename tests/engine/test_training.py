"""Training is the hand step over and over, and that of the Keras optimizer: the same bits."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.engine import training
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import EngineError, run
from bptutor.engine.training import COMPILE_FROM, Trained, train
from bptutor.lesson.lesson import Lesson
from tests.engine.by_hand import PROGRAMS
from tests.engine.networks import networks
from tests.examples import some

LessonOf = Callable[[str], Lesson]
WriteLesson = Callable[[str], Lesson]

TRAINED = [name for name, program in PROGRAMS.items() if program.parameters]


def by_steps(lesson: Lesson, iterations: int) -> Trained:
    """Training as a learner does it, one traced iteration after another."""
    trace = run(lesson)
    losses = [trace.loss]
    for _ in range(iterations):
        trace = run(lesson, trace.leaves)
        losses.append(trace.loss)
    return Trained(losses, {name: trace.values[name] for name in lesson.parameters})


def assert_same_bits(found: Trained, wanted: Trained) -> None:
    assert found.losses == wanted.losses
    assert list(found.parameters) == list(wanted.parameters)
    for name, value in wanted.parameters.items():
        assert found.parameters[name].dtype == value.dtype
        assert found.parameters[name].tobytes() == value.tobytes(), name


@pytest.fixture(params=["eager", "compiled"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "COMPILE_FROM", 1 if request.param == "compiled" else 10**9)


@pytest.mark.usefixtures("both_ways")
def test_the_course_trains_to_the_bits_of_its_steps(course: Lesson) -> None:
    assert_same_bits(train(course, None, 40), by_steps(course, 40))


@pytest.mark.parametrize("name", TRAINED)
def test_a_lesson_trains_to_the_bits_of_its_steps(
    name: str, lesson_of: LessonOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lesson_of(name)
    wanted = by_steps(lesson, 5)
    for compile_from in (1, 6):
        monkeypatch.setattr(training, "COMPILE_FROM", compile_from)
        assert_same_bits(train(lesson, None, 5), wanted)


@pytest.mark.whole
@settings(max_examples=some(6), deadline=None)
@given(networks("float32"), st.integers(1, 4))
def test_any_network_trains_to_the_bits_of_its_steps(lesson: Lesson, iterations: int) -> None:
    compiled = COMPILE_FROM + iterations
    assert_same_bits(train(lesson, None, iterations), by_steps(lesson, iterations))
    assert_same_bits(train(lesson, None, compiled), by_steps(lesson, compiled))


def test_training_goes_on_from_where_it_was(course: Lesson) -> None:
    first = train(course, None, 12)
    second = train(course, first.parameters, 8)
    whole = train(course, None, 20)
    assert_same_bits(second, Trained(whole.losses[12:], whole.parameters))


def test_no_iteration_leaves_the_parameters(course: Lesson) -> None:
    trained = train(course, None, 0)
    assert trained.losses == [run(course).loss]
    for name, value in trained.parameters.items():
        assert value.tobytes() == np.asarray(course.values[name], np.float32).tobytes()


def test_progress_is_told_and_grows(course: Lesson) -> None:
    told: list[int] = []
    trained = train(course, None, 500, on_progress=lambda losses: told.append(len(losses)))
    assert told == sorted(set(told))
    assert told[-1] == 500
    assert len(told) > 3
    assert len(trained.losses) == 501


def test_training_stops_where_it_is_when_cancelled(course: Lesson) -> None:
    seen: list[int] = []

    def on_progress(losses: Sequence[float]) -> None:
        seen.append(len(losses))

    trained = train(course, None, 10**9, on_progress, cancelled=lambda: sum(seen) > 50)
    assert len(trained.losses) == seen[-1] + 1
    assert_same_bits(trained, by_steps(course, seen[-1]))


@pytest.mark.usefixtures("both_ways")
def test_a_training_that_diverges_says_so(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nlearning_rate = 3.0\ndtype = "float32"\n'
        'program = """\nL = w ** 2\n"""\n[values]\nw = 1.0'
    )
    loss, iteration = np.float32(1.0), 0
    with np.errstate(over="ignore"):
        while np.isfinite(loss):  # the weight is multiplied by 1 - 2 * 3 each time
            loss, iteration = np.float32(loss * 25), iteration + 1
    with pytest.raises(EngineError, match=rf"after iteration {iteration}\b.*learning rate"):
        train(lesson, None, 200)


def test_a_training_that_cannot_begin_says_where(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w"]\nprogram = """\nz = log(w)\nL = z ** 2\n"""\n'
        "[values]\nw = -1.0"
    )
    with pytest.raises(EngineError, match="NaN in z"):
        train(lesson, None, 1)


def test_a_lesson_without_parameters_has_nothing_to_train(lesson_of: LessonOf) -> None:
    with pytest.raises(EngineError, match="scalar_circuit has no parameters"):
        train(lesson_of("scalar_circuit"), None, 1)


def test_a_parameter_that_the_loss_does_not_reach_stays(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(
        'loss = "L"\nparameters = ["w", "v"]\nlearning_rate = 0.1\n'
        'program = """\nu = v * 2\nL = w ** 2\n"""\n[values]\nw = 1.0\nv = 3.0'
    )
    trained = train(lesson, None, 3)
    assert list(trained.parameters) == ["w", "v"]
    assert trained.parameters["v"] == 3.0
    assert trained.parameters["w"] == pytest.approx(0.8**3)


ITERATIONS = 40
LESSON = '''
loss = "L"
parameters = ["W1", "b1", "W2"]
learning_rate = 0.05
dtype = "{dtype}"
program = """
h = tanh(X @ W1 + b1)
L = mean((h @ W2 - T) ** 2)
"""
[update]
{update}
[values]
X = [[1.0, -2.0], [0.5, 3.0], [-1.0, 0.2]]
T = [[3.0], [-1.0], [0.5]]
W1 = [[0.3, -0.4], [0.2, 0.1]]
b1 = [0.1, -0.2]
W2 = [[0.7], [-0.9]]
'''
BETAS, OTHERS = np.array([0.9, 0.999]), np.array([0.7, 0.95])
"""In float64: Keras rounds a Python float to float32, also for variables of float64."""
UPDATES: dict[str, tuple[str, Callable[[], Any]]] = {
    "momentum": (
        'rule = "momentum"\nmomentum = 0.8',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8),
    ),
    "nesterov": (
        'rule = "nesterov"\nmomentum = 0.8\nclipnorm = 0.6',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True, clipnorm=0.6),
    ),
    "rmsprop": (
        'rule = "rmsprop"\nrho = 0.7\nweight_decay = 0.2',
        lambda: keras.optimizers.RMSprop(0.05, OTHERS[0], weight_decay=0.2),
    ),
    "adam": ('rule = "adam"', lambda: keras.optimizers.Adam(0.05, *BETAS)),
    "adam in float32": ('rule = "adam"', lambda: keras.optimizers.Adam(0.05)),
    "adam, other settings": (
        'rule = "adam"\nbeta_1 = 0.7\nbeta_2 = 0.95\nepsilon = 0.01\nweight_decay = 0.2',
        lambda: keras.optimizers.Adam(0.05, *OTHERS, 0.01, weight_decay=0.2),
    ),
    "clipnorm": ("clipnorm = 0.4", lambda: keras.optimizers.SGD(0.05, clipnorm=0.4)),
    "global_clipnorm": (
        'rule = "momentum"\nmomentum = 0.8\nglobal_clipnorm = 0.5',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, global_clipnorm=0.5),
    ),
    "weight_decay": (
        'rule = "momentum"\nmomentum = 0.8\nweight_decay = 0.3',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, weight_decay=0.3),
    ),
}


def by_keras(lesson: Lesson, optimizer: Any) -> dict[str, Any]:
    """The parameters after so many iterations, with the forward pass written by hand."""
    tf = tensorflow()
    leaves = {name: np.asarray(lesson.values[name], lesson.dtype) for name in lesson.program.leaves}
    found = {name: keras.Variable(leaves[name], dtype=lesson.dtype) for name in lesson.parameters}
    W1, b1, W2 = (found[name] for name in ("W1", "b1", "W2"))
    variables = [*found.values()]
    optimizer.build(variables)

    def iterate() -> None:
        with tf.GradientTape() as tape:
            hidden = tf.tanh(leaves["X"] @ W1.value + b1.value)
            loss = tf.reduce_mean((hidden @ W2.value - leaves["T"]) ** 2)
        optimizer.apply(tape.gradient(loss, [each.value for each in variables]), variables)

    compiled = tf.function(iterate, autograph=False)
    for _ in range(ITERATIONS):
        compiled()
    return {name: np.asarray(variable) for name, variable in found.items()}


@pytest.mark.parametrize("name", UPDATES)
def test_many_iterations_are_those_of_keras(name: str, write_lesson: WriteLesson) -> None:
    update, optimizer = UPDATES[name]
    dtype = "float32" if name.endswith("float32") else "float64"
    lesson = write_lesson(LESSON.format(dtype=dtype, update=update))
    trained = train(lesson, None, ITERATIONS)
    for parameter, wanted in by_keras(lesson, optimizer()).items():
        np.testing.assert_allclose(trained.parameters[parameter], wanted, rtol=1e-6, atol=1e-8)
    few = COMPILE_FROM + 1
    assert_same_bits(train(lesson, None, few), by_steps(lesson, few))


def test_training_goes_on_with_the_states(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(LESSON.format(dtype="float64", update='rule = "adam"\nclipnorm = 1'))
    first = train(lesson, None, 7)
    assert first.states["t"] == 8
    second = train(lesson, first.leaves, 5)
    whole = by_steps(lesson, 12)
    assert_same_bits(second, Trained(whole.losses[7:], whole.parameters))


def test_a_gradient_within_the_bound_is_not_clipped(write_lesson: WriteLesson) -> None:
    clipped = run(write_lesson(LESSON.format(dtype="float64", update="clipnorm = 1000")))
    np.testing.assert_allclose(clipped.known("clipped_W1"), clipped.known("dL_dW1"), rtol=1e-15)
