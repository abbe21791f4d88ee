"""`bptutor export`: which file is written, and which is not."""

import json
import re
from pathlib import Path

import pytest

from bptutor.record.attempts import Attempt
from bptutor.record.record import Record

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


def test_homework_and_its_key_have_the_same_numbers(run: Run, tmp_path: Path) -> None:
    def written(name: str, *how: str) -> str:
        path = tmp_path / name
        assert run("export", "one-neuron", str(path), "--seed", "3", *how).status == 0
        return path.read_text(encoding="utf-8")

    handout, key = (
        written("a.md", "--ask", "products"),
        written("b.md", "--ask", "products", "--key"),
    )
    asked = re.findall(r"### (\d+)\\\. (.+)", handout)
    rows = re.findall(r"(?m)^\| (\d+) \| (.+?) \| (.+?) \|", key)
    assert [(number, name) for number, name, _ in rows] == asked != []
    assert handout.startswith("# One neuron (seed 3)\n\nName: ")
    assert handout.count("= ____") == len(rows)
    blanks, filled = written("a.ipynb", "--blanks"), written("b.ipynb", "--key")
    assert "L = ____" in blanks
    assert "L = ____" not in filled
    assert "@page" in written("a.html")


def test_an_attempt_is_written_for_its_learner_alone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    assert (
        run("export", L, str(path), "--attempt").sentence == f"Your record has no answers to {L}."
    )
    sentence = run("export", L, str(path), "--attempt", "--key").sentence
    assert sentence.startswith("Choose one:")
    Record().add(
        Attempt(
            lesson=L,
            digest="",
            step="dL_dW3",
            kind="backward",
            skill="",
            product="a2 @ x",
            verdict="wrong",
        )
    )
    assert run("export", L, str(path), "--attempt").status == 0
    text = path.read_text(encoding="utf-8")
    assert "a2 @ x" in text
    assert "∂Loss/∂W3" in text
    assert path.stat().st_mode & 0o777 == 0o600
