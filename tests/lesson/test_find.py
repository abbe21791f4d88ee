"""Where lessons are looked for."""

from pathlib import Path

import pytest

import bptutor
from bptutor.lesson import find


def test_a_checkout_has_its_lessons_beside_the_package() -> None:
    root = Path(bptutor.__file__).parents[1]
    assert find.directory() == root / "lessons"
    assert find.available() == sorted(path.stem for path in (root / "lessons").glob("*.toml"))


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


@pytest.mark.parametrize("reference", ["x.toml", "./x", "/tmp/x", "a/b.toml"])
def test_what_looks_like_a_path_is_one(reference: str) -> None:
    assert find.locate(reference) == Path(reference)
