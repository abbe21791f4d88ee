"""Where lessons are looked for."""

from pathlib import Path

import pytest

import bptutor
from bptutor.doctor.places import lesson_findings
from bptutor.lesson import find
from bptutor.lesson.load import load
from bptutor.quiz.practice import Practice
from bptutor.record.sittings import QuizSitting
from bptutor.text import UserError


def test_a_checkout_has_its_lessons_beside_the_package() -> None:
    root = Path(bptutor.__file__).parents[1]
    assert find.directory() == root / "lessons"
    assert set(find.available()) == {path.stem for path in (root / "lessons").glob("*.toml")}


def test_an_installed_package_has_them_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = tmp_path / "bptutor" / "_lessons"
    lessons.mkdir(parents=True)
    (lessons / "b.toml").touch()
    (lessons / "a.toml").touch()
    (lessons / "README.md").touch()
    monkeypatch.setattr(bptutor, "__file__", str(tmp_path / "bptutor" / "__init__.py"))
    assert find.directory() == lessons
    assert find.available() == ["a", "b"]
    assert find.locate("a") == lessons / "a.toml"


def test_lessons_are_listed_by_their_order_and_those_without_come_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {
        "a": b"title = 'no order'",
        "b": b"title = 'later'\norder = 20",
        "c": b"\xef\xbb\xbforder=3",
        "d": b"[values]\norder = 1",
        "e": b"order = 20",
        "f": b"\xff\xfe no text",
        "g": b"order = -1\nnot = = TOML",
    }.items():
        (tmp_path / f"{name}.toml").write_bytes(content)
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.setattr(find, "directory", lambda: tmp_path)
    assert find.available() == ["g", "c", "b", "e", "a", "d", "f", "folder"]


@pytest.mark.parametrize("reference", ["x.toml", "./x", "/tmp/x", "a/b.toml"])
def test_what_looks_like_a_path_is_one(reference: str) -> None:
    assert find.locate(reference) == Path(reference)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab's folder of lessons, found by name."""
    monkeypatch.setattr(find, "_further", [])
    find.look_in([str(tmp_path)])
    return tmp_path


def test_a_labs_lesson_is_found_by_its_name(course: Path) -> None:
    (course / "gru.toml").write_text("order = 5\n")
    assert find.available()[0] == "gru"
    assert find.locate("gru") == course / "gru.toml"


def test_of_two_lessons_with_one_name_that_of_bptutor_stays(course: Path) -> None:
    (course / "softmax.toml").write_text("")
    assert find.locate("softmax").parent == find.directory()
    (finding,) = lesson_findings([str(course)])
    assert finding.code == "lesson-hidden"


def test_a_labs_folder_that_cannot_be_read_hides_no_other_lesson(tmp_path: Path) -> None:
    (finding,) = lesson_findings([str(tmp_path / "nowhere")])
    assert finding.code == "lessons-unreadable"


def test_practice_passes_over_a_labs_lesson_that_cannot_be_opened(course: Path) -> None:
    (course / "broken.toml").write_text("program = 3\n")
    sitting = QuizSitting("quiz", 1, [], 2, 0.0, 0.0, [])
    drawn = dict(Practice(sitting, load, "unicode").drawn_from())
    assert "softmax" in drawn
    assert "broken" not in drawn
    sitting.lessons = ["broken"]
    with pytest.raises(UserError):
        dict(Practice(sitting, load, "unicode").drawn_from())


@pytest.mark.parametrize("reference", ["mnist.h5", "/a/MNIST.H5", "saved_model/", "b.hdf5"])
def test_a_model_in_another_format_is_told_how_to_save_it(reference: str) -> None:
    with pytest.raises(UserError, match=r'model\.save\(".+\.keras"\)'):
        find.locate(reference)
