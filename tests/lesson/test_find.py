"""Where lessons are looked for."""

from pathlib import Path

import pytest

import bptutor
from bptutor.lesson import find


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
