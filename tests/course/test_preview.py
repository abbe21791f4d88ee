"""A lesson that is being written: its author stays where they are when the file changes."""

from pathlib import Path

from bptutor.course.iterations import in_new_file
from bptutor.course.session import Session
from bptutor.lesson.load import load
from tests.course.conftest import MINE, answer


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
