"""`bptutor export`: which file is written, and which is not."""

import json
from pathlib import Path

import pytest

from .conftest import Run

L = "two-hidden-layers"


def test_a_page_is_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    outcome = run("export", L, str(path), "--lang", "ko")
    assert (outcome.status, outcome.err) == (0, "")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# 은닉층이 둘인 신경망\n")
    assert "0.03168" not in text


def test_nothing_is_written_over_unless_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("mine")
    sentence = run("export", L, str(path)).sentence
    assert sentence == f"{path} already exists; choose another name, or give --force."
    assert path.read_text() == "mine"
    assert run("export", L, str(path), "--force", "--answers").status == 0
    assert "0.03168" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["page.pdf", "page"])
def test_another_ending_is_one_sentence(run: Run, tmp_path: Path, name: str) -> None:
    sentence = run("export", L, str(tmp_path / name)).sentence
    assert sentence.startswith("Give a file that ends in .html, .md, .ipynb")
    assert sentence.endswith(f"not “{name}”.")


def test_a_folder_that_there_is_not(run: Run, tmp_path: Path) -> None:
    assert "cannot be written" in run("export", L, str(tmp_path / "no" / "page.md")).sentence


def test_a_notebook_and_a_page_of_html(run: Run, tmp_path: Path) -> None:
    assert run("export", L, str(tmp_path / "course.html"), "--answers").status == 0
    page = (tmp_path / "course.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "0.03168" in page
    path = tmp_path / "course.ipynb"
    outcome = run("export", L, str(path))
    assert outcome.out == f"Wrote {path}.\n"
    assert json.loads(path.read_text(encoding="utf-8"))["nbformat"] == 4


def test_a_notebook_has_its_answers(run: Run, tmp_path: Path) -> None:
    sentence = run("export", L, str(tmp_path / "course.ipynb"), "--no-answers").sentence
    assert sentence == "A notebook computes its answers, so --no-answers works only with pages."
