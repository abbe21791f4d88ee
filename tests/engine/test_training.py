"""Training is the hand step over and over: the same bits, however it is computed."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.engine import training
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
