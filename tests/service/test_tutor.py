"""The tutor as the app has it: what it answers, and what it never lets across."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bptutor import __version__
from bptutor.course.questions import asked_of
from bptutor.grading.facts import Facts
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.record.record import Record
from bptutor.record.sittings import Sitting, Sittings
from bptutor.service.engine import EngineHere
from bptutor.service.protocol import Hello, Keeping, Screen, Training
from bptutor.service.tutor import LocalTutor
from bptutor.text import UserError, significant
from bptutor.views.lesson import LessonChanged, StepView, SummaryView
from tests.course.conftest import MINE
from tests.near import done
from tests.service.desk import Desk, Loading


def to_the_end(desk: Desk) -> SummaryView:
    """Have every step of a lesson shown; its end."""
    screen: Screen = desk.view(desk.tutor.show())
    while not isinstance(screen, SummaryView):
        desk.ask(desk.tutor.show())
        screen = desk.ask(desk.tutor.go("next"))
    return screen


def test_no_number_of_a_step_is_seen_before_it_is_answered(desk: Desk) -> None:
    """What the app is told at a step holds none of the answers that are still to come."""
    lesson = load("two-hidden-layers")
    facts = Facts(lesson)
    desk.opened("two-hidden-layers")
    known = {significant(0.0), significant(1.0)}
    for name in lesson.program.leaves:
        known |= shown(facts.known(name))
    for index, step in enumerate(steps(lesson)):
        truth, asked = facts.truth(step).reshape(-1), asked_of(facts, step)
        known |= shown(np.delete(truth, asked))  # which are filled in
        answer = shown(truth[asked]) - known
        for found in (desk.ask(desk.tutor.go("here")), desk.ask(desk.tutor.knowns())):
            told = shown_in(msgspec.to_builtins(found))
            assert not answer & told, (step.id, answer & told)
        for later in steps(lesson)[index:]:
            assert not (shown(facts.truth(later)) - known) & told
        desk.ask(desk.tutor.show())
        known |= shown(facts.truth(step))
        desk.ask(desk.tutor.go("next"))


def test_equal_elements_are_hidden_until_one_of_them_is_answered(desk: Desk) -> None:
    lesson = load("batch-normalisation")
    desk.opened(lesson.name)
    for step in steps(lesson):
        found = desk.view(desk.tutor.go("here"))
        if step.id in ("dd_dx", "dx_hat_dd", "dy_dx_hat"):
            assert len(found.grid.asked) == 1
            assert found.grid.filled is None
            desk.ask(desk.tutor.show())
            after = desk.view(desk.tutor.go("here"))
            assert after.grid.filled
            assert len(set(after.grid.filled.values)) == 1
        elif step.kind == "backward" and step.shape:
            assert found.grid.filled
            assert sum(np.isnan(found.grid.filled.values)) == 1
        desk.ask(desk.tutor.show())
        desk.ask(desk.tutor.go("next"))


def shown(array: np.ndarray) -> set[str]:
    return {significant(abs(float(value)), 4) for value in array.reshape(-1)}


def shown_in(told: object) -> set[str]:
    """Every number in what the app is told, wherever it stands."""
    if isinstance(told, float):
        return {significant(abs(told), 4)}
    if isinstance(told, dict):
        return set().union(*map(shown_in, told.values()), set())
    if isinstance(told, list | tuple):
        return set().union(*map(shown_in, told), set())
    return set()


def test_before_tensorflow_is_there_the_first_screen_is() -> None:
    desk = Desk.anew(engine=Loading())
    view = desk.opened("two-hidden-layers", ask="backward").view
    assert view.stage == "waiting"
    assert {known.name for known in view.knowns} == {"X", "W1", "b1"}
    desk.menu()
    with pytest.raises(AssertionError, match="TensorFlow"):
        desk.ask(desk.tutor.check("", ["1"], "value"))


def test_an_answer_that_was_shown_has_no_marks_of_what_stood_there(desk: Desk) -> None:
    desk.opened("two-hidden-layers")
    desk.ask(desk.tutor.check("", ["1", "-1", "("], "value"))
    shown = desk.view(desk.tutor.show())
    assert [asked.verdict for asked in shown.grid.asked] == [None] * 3


def test_a_check_keeps_what_is_typed_beside_what_it_judges(desk: Desk) -> None:
    desk.opened("one-neuron")
    for _ in range(3):
        desk.ask(desk.tutor.show())
        view = desk.view(desk.tutor.go("next"))
    while not (view.asks_product and view.asks_value):
        desk.ask(desk.tutor.show())
        view = desk.view(desk.tutor.go("next"))
    cells = ["77.7"] * len(view.grid.asked)
    checked = desk.view(desk.tutor.check("dL_", cells, "value"))
    assert (checked.product, checked.product_verdict) == ("dL_", None)
    assert [cell.verdict for cell in checked.grid.asked] == ["wrong"] * len(cells)
    there = Desk.anew().opened("one-neuron").view
    assert there.product == "dL_"
    assert [cell.verdict for cell in there.grid.asked] == ["wrong"] * len(cells)


def test_the_picture_comes_with_the_step_where_there_is_room(desk: Desk) -> None:
    assert desk.opened("one-neuron").view.picture is None
    assert desk.ask(desk.tutor.draw(True))
    assert desk.view(desk.tutor.go("here")).picture == desk.ask(desk.tutor.picture())
    desk.ask(desk.tutor.draw(False))
    assert desk.view(desk.tutor.go("here")).picture is None
    desk.ask(desk.tutor.draw(True))
    assert desk.opened("one-neuron", part="derive").view.picture is None


def answered_by_the_menu(desk: Desk) -> int:
    item = next(item for item in desk.menu().items if item.name == "one-neuron")
    return item.parts["tape"].answered


def test_an_authors_text_is_in_the_learners_notation() -> None:
    desk = Desk.anew(notation="ascii")
    opened = desk.opened("one-neuron")
    assert "dL_dw" in opened.introduction
    assert opened.introduction.isascii()


@pytest.mark.parametrize(("language", "heading"), [("en", "Loss functions"), ("ko", "손실 함수")])
def test_the_menu_has_each_lesson_under_the_heading_of_its_group(
    language: str, heading: str
) -> None:
    items = Desk.anew(language=language).menu().items
    assert next(item for item in items if item.name == "softmax").group == heading
    assert all(item.group for item in items)


def test_a_sitting_goes_on_where_it_was(desk: Desk) -> None:
    assert not desk.opened("one-neuron").resumed
    desk.ask(desk.tutor.check("", ["1.2"], "value"))
    left = Desk.anew().menu()
    assert (
        next(item for item in left.items if item.name == "one-neuron").parts["tape"].answered == 1
    )
    desk.ask(desk.tutor.go("next"))
    desk.ask(desk.tutor.check("", ["2"], "value"))

    other = Desk.anew()
    listed = other.menu()
    assert (
        next(item for item in listed.items if item.name == "one-neuron").parts["tape"].answered == 1
    )
    gone_on = other.opened("one-neuron")
    assert gone_on.resumed
    assert gone_on.view.index == 1
    assert gone_on.view.grid.asked[0].text == "2"
    assert gone_on.view.grid.asked[0].verdict == "wrong"
    assert other.opened("one-neuron", resume=False).view.index == 0


def test_of_a_lesson_that_has_changed_the_learner_is_asked_and_nothing_is_lost_before(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    sittings = Sittings()
    desk.opened(str(path))
    desk.ask(desk.tutor.check("", ["1.5"], "value"))
    desk.ask(desk.tutor.go("next"))
    desk.ask(desk.tutor.draft(product="", cells=["x*"]))
    before = sittings.load(str(path))

    path.write_text(MINE.replace("y = 2.0", "y = 1.0"))
    assert desk.ask(desk.tutor.open(str(path), "all", True)) == LessonChanged("mine", 1)
    assert sittings.load(str(path)) == before
    with pytest.raises(AssertionError, match="TensorFlow"):
        Desk.anew(engine=Loading()).opened(str(path), changed=True)
    gone_on = desk.opened(str(path), changed=True)
    assert gone_on.resumed
    assert gone_on.view.index == 1
    assert gone_on.view.grid.asked[0].text == "x*"
    assert "Answers that are still right: 1 of 1" in gone_on.remark
    assert desk.opened(str(path)).resumed  # it is not asked twice

    path.write_text(MINE)
    assert not desk.opened(str(path), resume=False).resumed
    assert desk.opened(str(path)).view.index == 0


def test_that_a_draft_cannot_be_kept_is_said_once_with_the_next_screen(
    desk: Desk, data_directory: Path
) -> None:
    desk.opened("two-hidden-layers")
    shutil.rmtree(data_directory / "sittings")
    (data_directory / "sittings").write_text("no directory")
    assert desk.ask(desk.tutor.draft("", ["1", "", ""])) is None
    said = [
        "cannot save your answers in" in desk.view(desk.tutor.go("here")).message for _ in range(2)
    ]
    assert said == [True, False]


def test_whether_all_is_kept_is_told_when_that_changes(desk: Desk, data_directory: Path) -> None:
    folder = data_directory / "sittings"

    def type_in(lesson: str) -> None:
        desk.opened(lesson)
        desk.ask(desk.tutor.draft("", ["1", "", ""]))

    desk.opened("two-hidden-layers")
    shutil.rmtree(folder)
    folder.write_text("no folder")
    desk.ask(desk.tutor.draft("", ["1", "", ""]))
    desk.ask(desk.tutor.draft("", ["2", "", ""]))
    assert desk.events == [Keeping(False)]
    folder.unlink()
    type_in("one-neuron")
    assert desk.events == [Keeping(False)]  # the first lesson is not on the disk by that
    type_in("two-hidden-layers")
    assert desk.events == [Keeping(False), Keeping(True)]


def test_another_iteration_that_has_just_begun_is_gone_on_with_and_so_are_its_weights(
    desk: Desk,
) -> None:
    desk.opened("one-neuron")
    new = {change.name: change.after for change in to_the_end(desk).parameters}
    desk.ask(desk.tutor.again())
    again = desk.opened("one-neuron")
    assert again.resumed
    assert again.view.iteration == 2
    knowns = {known.name: known.matrix for known in again.view.knowns}
    assert knowns["w"] == new["w"]


def test_training_tells_how_far_it_has_come(desk: Desk) -> None:
    desk.opened("one-neuron")
    before = to_the_end(desk).loss_after
    trained = desk.ask(desk.tutor.train(500))
    assert isinstance(trained, SummaryView)
    assert trained.loss_after < before
    assert trained.iteration == 501
    told = [event for event in desk.events if isinstance(event, Training)]
    assert told[-1].done == told[-1].total == 500
    assert all(len(event.losses) <= 240 for event in told)
    with pytest.raises(UserError, match="at most"):
        desk.ask(desk.tutor.train(10**9))


def test_hints_travel_in_the_learners_language(warm: None) -> None:
    said = {}
    for language in ("en", "ko"):
        desk = Desk.anew(language)
        desk.opened("one-neuron", resume=False)
        hinted = desk.view(desk.tutor.hint())
        said[language] = hinted.hints[0], hinted.question
    assert said["en"] != said["ko"]


@pytest.mark.parametrize("cells", [["1"], ["1"] * 4])
def test_an_answer_of_another_size_is_refused(desk: Desk, cells: list[str]) -> None:
    desk.opened("two-hidden-layers")
    with pytest.raises(UserError, match="3 numbers"):
        desk.ask(desk.tutor.check("", cells, "value"))


def test_where_nothing_is_open_nothing_is_answered(desk: Desk) -> None:
    with pytest.raises(UserError, match="no longer open"):
        desk.ask(desk.tutor.steps())
    desk.opened("one-neuron")
    desk.ask(desk.tutor.close())
    with pytest.raises(UserError, match="no longer open"):
        desk.ask(desk.tutor.steps())


def test_what_cannot_be_opened_leaves_what_is_open(desk: Desk) -> None:
    desk.opened("one-neuron")
    with pytest.raises(UserError):
        desk.opened("none")
    assert isinstance(desk.ask(desk.tutor.go("here")), StepView)


def test_another_version_or_language_is_refused() -> None:
    tutor = LocalTutor(EngineHere(), print)
    with pytest.raises(UserError, match="is bptutor 0, but its service"):
        done(tutor.hello(Hello(version="0", language="en", notation="ascii")))
    with pytest.raises(UserError, match="Unknown language xx"):
        done(tutor.hello(Hello(version=__version__, language="xx", notation="ascii")))


def test_what_is_asked_can_be_switched_in_a_sitting_that_goes_on(desk: Desk) -> None:
    desk.opened("one-neuron")
    desk.ask(desk.tutor.show())
    desk.ask(desk.tutor.go("next"))
    assert desk.opened("one-neuron", ask="backward").view.stage == "open"
    assert desk.opened("one-neuron", ask="backward", switch=True).view.stage == "worked"
    assert desk.view(desk.tutor.go("question")).kind == "backward"
    desk.opened("one-neuron", ask="all", switch=True)
    desk.ask(desk.tutor.go(0))
    assert isinstance(desk.ask(desk.tutor.go("next")), StepView)


def test_a_check_is_recorded_once_then_kept_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    save, practised = Sittings.save, Record.add

    def saved(self: Sittings, key: str, value: Sitting) -> None:
        done.append("kept")
        save(self, key, value)

    def recorded(self: Record, *of: Any) -> None:
        done.append("recorded")
        practised(self, *of)

    desk.opened("one-neuron")
    monkeypatch.setattr(Sittings, "save", saved)
    monkeypatch.setattr(Record, "add", recorded)
    assert desk.view(desk.tutor.check("", ["1.2"], "value")).stage == "solved"
    assert done == ["recorded", "kept"]
