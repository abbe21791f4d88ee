"""A learner's way through a lesson: moving, answering, hints, and one iteration after another."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bptutor.course.iterations import FRESH, again, faster, fits, iterations_over, losses, train
from bptutor.course.questions import asked_of
from bptutor.course.session import Session
from bptutor.engine import training as engine
from bptutor.grading.facts import Facts
from bptutor.language.render import write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from bptutor.record.sittings import Mark, Numbers, Sitting
from bptutor.text import UserError
from tests.course.conftest import Begin, answer, right_cells

COURSE = json.loads((Path(__file__).parents[1] / "data" / "course_values.json").read_text())


def walk(session: Session) -> None:
    """Answer everything that is asked, to the end of the iteration."""
    while not session.at_end:
        if session.stage(session.index) == "open":
            answer(session)
            assert session.stage(session.index) == "solved", session.said.message
        session.go("next")


def test_the_whole_course_with_the_numbers_that_it_prints(begin: Begin) -> None:
    session = begin()
    asked = [step for step in session.steps if step.kind != "code"]
    for step, (name, value) in zip(asked, COURSE.items(), strict=True):
        while session.step.kind == "code":
            answer(session)
            session.go("next")
        assert session.step.id == step.id == name
        numbers = np.asarray(value, "float64").reshape(-1).tolist()
        cells = [repr(numbers[position]) for position in session.cells(step)]
        session.check(write(step.product, "ascii"), cells)
        assert session.stage(session.index) == "solved", (name, session.said.message)
        assert set(session.mark(step).verdicts) == {"exact"}, name
        session.go("next")
    assert session.at_end


def test_an_open_step_holds_the_learner_back(begin: Begin) -> None:
    session = begin()
    for to in ("next", "question", "summary", 1, 5):
        with pytest.raises(UserError, match="still open"):
            session.go(to)
    assert session.index == 0


def test_steps_done_can_be_looked_at_again_and_nothing_beyond(begin: Begin) -> None:
    session = begin()
    for _ in range(3):
        answer(session)
        session.go("next")
    session.go(0)
    assert session.stage(0) == "solved"
    session.go(3)
    assert session.index == 3
    with pytest.raises(UserError):
        session.go(4)


def test_a_wrong_answer_stays_open_and_keeps_what_is_right(begin: Begin) -> None:
    session = begin()
    session.check(None, ["1.4", "1", "0.4"])
    mark = session.mark(session.step)
    assert mark.verdicts == ["exact", "wrong", "exact"]
    assert mark.stage == "open"
    assert mark.attempts == 1
    session.check(None, ["1.4", "-1", "0.4"])
    assert session.stage(0) == "solved"
    assert mark.attempts == 2


def test_an_unreadable_answer_costs_nothing(begin: Begin) -> None:
    session = begin()
    session.check(None, ["1.4", "minus one", "0,4"])
    mark = session.mark(session.step)
    assert mark.verdicts == ["exact", "unreadable", "unreadable"]
    assert mark.attempts == 0


def test_empty_cells_are_no_answer(begin: Begin) -> None:
    session = begin()
    session.check(None, ["1.4", "", " "])
    mark = session.mark(session.step)
    assert mark.verdicts == ["exact", None, None]
    assert mark.attempts == 0
    assert "empty cells" in str(session.said.message)


def test_product_and_value_can_come_one_after_the_other(begin: Begin) -> None:
    session = begin("backward")
    session.go("question")
    assert session.step.id == "dLoss_dY_pred"
    session.check("2 * (Y_pred - Y_true)", ["", ""][:1])
    mark = session.mark(session.step)
    assert mark.product_verdict == "right"
    assert mark.stage == "open"
    session.check("2 * (Y_pred - Y_true)", ["0.072"])
    assert session.stage(session.index) == "solved"


def test_a_verdict_is_gone_once_the_text_has_changed(begin: Begin) -> None:
    session = begin()
    session.check(None, ["1.4", "1", "0.4"])
    session.draft(None, ["1.4", "-1", "0.5"])
    assert session.mark(session.step).verdicts == ["exact", None, None]


def test_hints_come_one_by_one_and_end_in_the_answer(begin: Begin) -> None:
    session = begin()
    for rung in (1, 2, 3):
        session.hint()
        assert session.mark(session.step).hints == rung
        assert session.stage(0) == "open"
    session.hint()
    assert session.stage(0) == "shown"


def test_a_shown_step_counts_as_shown(begin: Begin) -> None:
    session = begin()
    session.show()
    assert session.stage(0) == "shown"
    session.check(None, right_cells(session))
    assert session.stage(0) == "shown"
    session.go("next")
    assert session.index == 1


@pytest.mark.parametrize(
    ("ask", "asked"), [("all", 40), ("values", 35), ("backward", 18), ("products", 12)]
)
def test_what_is_not_asked_is_worked_out(begin: Begin, ask: str, asked: int) -> None:
    session = begin(ask)
    stages = [session.stage(index) for index in range(40)]
    assert stages.count("open") == asked
    assert stages.count("worked") == 40 - asked


def test_the_next_question_skips_what_is_worked_out(begin: Begin) -> None:
    session = begin("products")
    session.go("question")
    assert session.step.id == "dLoss_dY_pred"
    answer(session)
    session.go("question")
    assert session.step.id == "dLoss_dW3"


def test_another_iteration_starts_from_the_new_weights(begin: Begin) -> None:
    session = begin("backward")
    walk(session)
    after = session.prepare().after.loss
    again(session)
    assert session.sitting.iterations + 1 == 2
    assert session.index == 0
    assert session.prepare().trace.loss == after
    np.testing.assert_array_equal(session.prepare().known("W3"), np.float32(COURSE["W3_new"]))
    walk(session)
    assert losses(session)[1] == after


def test_training_goes_on_from_the_last_weights(begin: Begin) -> None:
    session = begin("products")
    walk(session)
    told: list[int] = []
    train(session, 40, lambda losses: told.append(len(losses)), lambda: False)
    found = losses(session)
    assert len(found) == 42
    assert told[-1] == 40
    assert found == sorted(found, reverse=True)
    train(session, 2, lambda losses: None, lambda: False)
    assert len(losses(session)) == 44
    assert iterations_over(session) == 43


def test_another_iteration_by_hand_follows_the_last_one_by_hand(begin: Begin) -> None:
    session = begin("products")
    walk(session)
    by_hand = session.prepare().trace.updated
    train(session, 40, lambda losses: None, lambda: False)
    assert session.sitting.iterations == 0  # what one looks back at is the first iteration
    again(session)
    assert session.sitting.iterations == 1
    assert not session.sitting.trained
    for name, value in by_hand.items():
        np.testing.assert_array_equal(session.prepare().trace.values[name], value)
    assert len(losses(session)) == 3


def test_what_an_optimizer_carries_goes_on_with_the_weights(begin: Begin) -> None:
    session = begin("products", load("adam"))
    walk(session)
    by_hand = session.prepare().trace.updated
    train(session, 40, lambda losses: None, lambda: False)
    assert session.sitting.trained["t"].values == [43.0]
    again(session)
    known = session.prepare().trace.values
    assert known["t"] == 3.0
    for name in ("W", "m_W", "v_W"):
        np.testing.assert_array_equal(known[name], by_hand[name])
    assert fits(session.lesson, session.sitting)


def test_an_iteration_by_hand_never_begins_where_all_gradients_are_0(
    begin: Begin, tmp_path: Path
) -> None:
    file = tmp_path / "at-once.toml"
    file.write_text(
        'program = "L = (w - 2) ** 2"\nloss = "L"\nparameters = ["w"]\nlearning_rate = 0.5\n'
        "[values]\nw = 1.0\n",
        "utf-8",
    )
    session = begin("all", load(str(file)))
    walk(session)
    assert losses(session) == [1, 0]
    again(session)
    assert session.sitting.iterations == 0
    assert session.prepare().trace.loss == 1
    assert session.said.message == FRESH


def test_a_larger_rate_is_looked_at_where_the_own_one_hardly_moves_the_loss(
    begin: Begin, course: Lesson
) -> None:
    session = begin("products", replace(course, training_rate=None))
    walk(session)
    before = session.sitting.copied()
    found = faster(session)
    assert found is not None
    assert session.sitting == before
    assert found.rate == 10 * course.learning_rate
    trained = engine.train(replace(course, learning_rate=found.rate), None, 20)
    assert found.losses == trained.losses
    assert found.losses[found.halved_after] <= found.losses[0] / 2
    train(session, 3, lambda losses: None, lambda: False, larger=True)
    start = session.prepare().trace.updated
    expected = engine.train(replace(course, learning_rate=found.rate), start, 3)
    assert losses(session)[-1] == expected.losses[-1]


def test_no_larger_rate_is_offered_where_one_update_is_seen(begin: Begin) -> None:
    session = begin("all", load("one-neuron"))
    walk(session)
    assert faster(session) is None


def test_an_older_sitting_with_a_training_is_taken_apart() -> None:
    old = Sitting(
        "x", "", "all", 41, 9, 9, {}, {}, [3.0, 2.0, 1.5], trained={"w": Numbers([], [1.0])}
    )
    assert (old.iterations, old.trained_for) == (0, 40)
    assert (old.losses, old.trained_losses) == ([], [2.0, 1.5])
    assert old.copied() == old


def test_training_can_be_stopped_where_it_is(begin: Begin) -> None:
    session = begin("products")
    walk(session)
    seen: list[int] = []
    train(session, 100_000, lambda losses: seen.append(len(losses)), lambda: len(seen) > 2)
    assert 2 < len(losses(session)) < 100_000


def test_training_waits_for_the_end(begin: Begin) -> None:
    with pytest.raises(UserError, match="still open"):
        train(begin(), 3, lambda losses: None, lambda: False)


def test_nothing_can_be_trained_where_nothing_is_a_parameter(begin: Begin, circuit: Lesson) -> None:
    session = begin("all", circuit)
    walk(session)
    with pytest.raises(UserError, match="no parameters"):
        train(session, 3, lambda losses: None, lambda: False)


@pytest.fixture
def circuit(tmp_path: Path) -> Lesson:
    path = tmp_path / "circuit.toml"
    path.write_text(
        "program = 'q = x + y\\nf = q * z'\n".replace("'", '"')
        + 'loss = "f"\nwatch = ["x", "y", "z"]\n[values]\nx = -2.0\ny = 5.0\nz = -4.0\n'
    )
    return load(str(path))


def test_a_sitting_goes_on_in_another_session(begin: Begin, course: Lesson) -> None:
    session = begin()
    while session.step.id != "dLoss_da2":
        answer(session)
        session.go("next")
    session.draft("a2.T @", ["0.0317", "", ""])
    other = Session(course, session.sitting, "ascii")
    assert other.stage(other.index) == "open"
    other.prepare()
    assert other.step.id == "dLoss_da2"
    assert other.mark(other.step).product == "a2.T @"
    walk(other)


def test_of_a_large_matrix_a_few_telling_cells_are_asked(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    path = tmp_path / "large.toml"
    path.write_text(
        'program = "Z = X @ W\\na = maximum(Z, 0)\\nL = mean((a - T) ** 2)"\nloss = "L"\n'
        'parameters = ["W"]\n[values]\n'
        f"X = {rng.normal(size=(4, 20)).round(2).tolist()}\n"
        f"W = {rng.normal(size=(20, 6)).round(2).tolist()}\n"
        f"T = {rng.normal(size=(4, 6)).round(2).tolist()}\n"
    )
    session = Session.begin(load(str(path)), "all", "large", "ascii")
    assert session.cells(session.step) == []
    facts = session.prepare()
    activation = session.steps[2] if session.steps[1].kind == "local" else session.steps[1]
    cells = session.cells(activation)
    values = facts.truth(activation).reshape(-1)[cells]
    assert len(cells) == 4
    assert 0 in values
    assert np.abs(facts.truth(activation)).max() in np.abs(values)
    walk(session)


def test_an_update_asks_the_element_that_changes_most_and_the_others_are_given(
    course: Lesson,
) -> None:
    facts = Facts(course)
    for step in steps(course):
        if step.kind == "update":
            change = np.abs(facts.gradient(step.target)).reshape(-1)
            (asked,) = asked_of(facts, step)
            assert change[asked] == change.max()


def test_a_lesson_may_ask_for_the_whole_update(course: Lesson, tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    text = course.path.read_text("utf-8")
    file.write_text('updates = "all"\n' + text, "utf-8")
    lesson = load(str(file))
    asked = asked_of(Facts(lesson), steps(lesson)[places(lesson)["W2_new"]])
    assert asked == list(range(9))


def test_what_was_typed_when_the_whole_update_was_asked_stands_in_its_cell(begin: Begin) -> None:
    session = begin()
    step = steps(session.lesson)[places(session.lesson)["W2_new"]]
    every = [f"{number}" for number in session.prepare().truth(step).reshape(-1)]
    session.sitting.marks[step.id] = Mark(cells=every, verdicts=["exact"] * 9)
    (asked,) = session.cells(step)
    assert session.mark(step).cells == [every[asked]]
    assert session.mark(step).verdicts == ["exact"]
