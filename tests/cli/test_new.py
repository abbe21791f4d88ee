"""`bptutor new` writes a lesson that can be opened at once, and never over a file."""

from pathlib import Path

import pytest

from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.quiz.variant import open_lesson
from tests.cli.conftest import Run


def test_a_new_lesson_can_be_learned_at_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    ran = run("new", str(path), "--layers", "2,2,1", "--title", "Mine [bold]", "--seed", "3")
    assert ran.status == 0
    assert str(path) in ran.out
    lesson = load(str(path))
    assert lesson.title.to("en") == "Mine [bold]"
    assert lint(lesson) == []


def test_a_lesson_of_one_s_own_begins_as_a_copy(run: Run, tmp_path: Path) -> None:
    path, drawn = tmp_path / "mine.toml", tmp_path / "drawn.toml"
    source = ("--from", "two-hidden-layers")
    assert run("new", str(path), *source, "--title", "Mine", "--learning-rate", "0.5").status == 0
    own, mine = load("two-hidden-layers"), load(str(path))
    assert (mine.title.to("ko"), mine.learning_rate) == ("Mine", 0.5)
    assert (mine.program, mine.values) == (own.program, own.values)
    assert mine.notes == own.notes
    assert lint(mine) == []
    assert run("new", str(drawn), "--from", "one-neuron", "--seed", "4").status == 0
    assert load(str(drawn)).values == open_lesson("one-neuron#seed=4").values


def test_a_file_is_never_written_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("precious")
    ran = run("new", str(path))
    assert ran.status == 2
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "given",
    [
        ["mine.txt"],
        ["mine.toml", "--layers", "2,x"],
        ["mine.toml", "--layers", "2"],
        ["mine.toml", "--activation", "step"],
        ["mine.toml", "--loss", "cross-entropy"],
        ["nowhere/mine.toml"],
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("new", *given)
    assert ran.status == 2
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    assert list(tmp_path.glob("**/*.toml")) == []
