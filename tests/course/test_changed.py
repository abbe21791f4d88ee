"""A lesson that has changed, or is being written: what of the sitting still fits."""

from pathlib import Path

import pytest

from bptutor.course.iterations import answered, in_changed_lesson, in_new_file
from bptutor.course.session import Session
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.record.sittings import Numbers, Sitting
from tests.course.conftest import MINE, answer

BY_HAND = {
    "z": (None, "1.5"),
    "dz_dw": (None, "3"),
    "L": (None, "0.25"),
    "dL_dz": ("2*(z - y)", "-1"),
    "dL_dw": ("dL_dz * x", "-3"),
}


@pytest.fixture
def left(tmp_path: Path) -> Sitting:
    """A sitting left at the update, with half of it typed; the step before was shown."""
    session = Session.begin(lesson(tmp_path), "all", "mine", "ascii")
    session.prepare()
    for product, cell in [*BY_HAND.values()][:4]:
        session.check(product, [cell])
        assert session.stage(session.index) == "solved", session.step.id
        session.go("next")
    session.show()
    session.go("next")
    assert session.step.id == "w_new"
    session.draft(None, ["0.5 -"])
    return session.sitting


def lesson(folder: Path, old: str = "", new: str = "") -> Lesson:
    """The lesson as it is with some of its text replaced."""
    (folder / "mine.toml").write_text(MINE.replace(old, new) if old else MINE)
    return load(str(folder / "mine.toml"))


def test_where_only_words_have_changed_everything_stays(left: Sitting, tmp_path: Path) -> None:
    new = in_changed_lesson(
        left, lesson(tmp_path, 'loss = "L"', 'title = "Mine"\nloss = "L"'), "ascii"
    )
    assert new.step.id == "w_new"
    assert new.mark(new.step).cells == ["0.5 -"]
    assert answered(new.sitting) == answered(left) == 5
    assert new.sitting.marks["dL_dw"].stage == "shown"
    assert new.sitting.marks["z"].attempts == left.marks["z"].attempts == 1
    assert new.sitting.streaks == left.streaks


def test_with_other_numbers_the_answers_that_still_hold_stay(left: Sitting, tmp_path: Path) -> None:
    new = in_changed_lesson(left, lesson(tmp_path, "y = 2.0", "y = 1.0"), "ascii")
    stages = {id_: mark.stage for id_, mark in new.sitting.marks.items()}
    assert stages["z"] == stages["dz_dw"] == "solved"
    assert stages["L"] == "solved"  # (1.5 - 1) ** 2 is as much as (1.5 - 2) ** 2
    assert stages["dL_dz"] == "open"
    assert new.step.id == "dL_dz"
    mark = new.mark(new.step)
    assert (mark.product, mark.product_verdict) == ("2*(z - y)", "right")
    assert (mark.cells, mark.verdicts) == (["-1"], ["wrong"])
    new.check(None, ["1"])
    new.go("next")
    assert new.step.id == "dL_dw"
    assert new.stage(new.index) == "shown"


def test_a_step_that_is_new_is_asked_and_one_that_is_gone_is_forgotten(
    left: Sitting, tmp_path: Path
) -> None:
    new = in_changed_lesson(left, lesson(tmp_path, "z = w * x", "u = w * x\\nz = u + 0.0"), "ascii")
    assert new.step.id == "u"
    assert new.sitting.marks["z"].stage == "solved"
    assert "dz_dw" not in new.sitting.marks


def test_weights_stay_where_there_are_parameters_of_their_shape(
    left: Sitting, tmp_path: Path
) -> None:
    left.leaves, left.iterations, left.losses = {"w": Numbers([], [0.7])}, 3, [3.0, 2.0, 1.0]
    left.marks["z"].cells = ["2.1"]
    same = in_changed_lesson(
        left, lesson(tmp_path, 'loss = "L"', 'title = "Mine"\nloss = "L"'), "ascii"
    )
    assert (same.sitting.leaves, same.sitting.iterations) == (left.leaves, 3)
    assert same.sitting.marks["z"].stage == "solved"
    other = in_changed_lesson(left, lesson(tmp_path, "w = 0.5", "w = [0.5]"), "ascii")
    assert (other.sitting.leaves, other.sitting.iterations, other.sitting.losses) == ({}, 0, [])


def begun(path: Path) -> Session:
    path.write_text(MINE)
    session = Session.begin(load(str(path)), "all", "mine", "ascii")
    session.prepare()
    for _ in range(2):
        answer(session)
        session.go("next")
    session.draft(None, ["0.2"])
    return session


def test_the_author_stays_at_the_step_with_what_is_typed(tmp_path: Path) -> None:
    session = begun(tmp_path / "mine.toml")
    assert session.step.id == "L"
    (tmp_path / "mine.toml").write_text(MINE.replace("z = w * x", "u = w * x\\nz = u + 1.0"))
    new = in_new_file(session, load(str(tmp_path / "mine.toml")))
    new.prepare()
    assert new.step.id == "L"
    assert new.mark(new.step).cells == ["0.2"]
    new.check(None, ["0.25"])
    assert new.stage(new.index) == "solved"
    for index in range(new.index):
        assert new.stage(index) in ("solved", "shown")
        new.go(index)


def test_a_step_that_is_gone_leaves_its_place(tmp_path: Path) -> None:
    session = begun(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text(MINE.replace("L", "J"))
    new = in_new_file(session, load(str(tmp_path / "mine.toml")))
    assert new.index == session.index
    assert new.step.id == "J"
