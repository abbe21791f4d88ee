"""Where lessons are looked for, and drafts of new ones."""

from pathlib import Path

import numpy as np
import pytest

import bptutor
from bptutor.doctor.places import lesson_findings
from bptutor.lesson import find
from bptutor.lesson.draft import ACTIVATIONS, LOSSES, Draft, Loss, drafted, toml_text
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.lesson.source import Translations
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


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("units", [(1, 2), (2, 3, 2), (3, 2, 4, 2)])
def test_a_draft_is_a_sound_lesson(
    tmp_path: Path, activation: str, loss: Loss, units: tuple[int, ...]
) -> None:
    draft = Draft(units, activation, loss, rows=2, learning_rate=0.1)
    values = {name: np.full(shape, 0.5).tolist() for name, shape in draft.shapes.items()}
    path = tmp_path / "draft.toml"
    file = drafted(draft, Translations('A "draft"', "초안"), values)
    path.write_text(toml_text(file), encoding="utf-8")
    lesson = load(str(path))
    assert lint(lesson) == []
    assert lesson.title.to("en") == 'A "draft"'
    assert lesson.parameters == draft.parameters
    assert {name: lesson.shapes[name] for name in draft.shapes} == draft.shapes


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"units": (2,)}, "inputs, layers and outputs"),
        ({"units": (2, 0, 1)}, "can have 1 to"),
        ({"units": (2, 9999, 1)}, "can have 1 to"),
        ({"rows": 0}, "batch"),
        ({"loss": "cross-entropy", "units": (2, 1)}, "two outputs"),
        ({"learning_rate": 0.0}, "positive number"),
        ({"learning_rate": float("nan")}, "positive number"),
    ],
)
def test_what_makes_no_network_is_said(changed: dict[str, object], said: str) -> None:
    sound: dict[str, object] = {
        "units": (2, 3, 1),
        "activation": "relu",
        "loss": "squares",
        "rows": 1,
        "learning_rate": 0.1,
    }
    with pytest.raises(UserError, match=said):
        Draft(**{**sound, **changed})  # type: ignore[arg-type]
