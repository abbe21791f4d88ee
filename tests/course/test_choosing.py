"""Numbers chosen for a lesson, and advice on numbers that were chosen by hand."""

from pathlib import Path

import numpy as np
import pytest

from bptutor.grading.facts import Facts
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.lesson.draft import Draft, drafted, toml_text
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.quiz.choosing import advice, choose, confusions, suggest


def chosen(folder: Path, draft: Draft, seed: int) -> Lesson:
    path = folder / f"chosen-{seed}.toml"
    path.write_text(toml_text(drafted(draft, "", choose(draft, seed))), encoding="utf-8")
    return load(str(path))


@pytest.mark.parametrize("seed", range(2))
def test_chosen_numbers_teach(tmp_path: Path, seed: int) -> None:
    facts = Facts(chosen(tmp_path, Draft((2, 3, 1), "maximum", "squares", 1, 0.1), seed))
    units = facts.known("Z1")
    assert (units > 0).any()
    assert (units < 0).any()
    assert facts.after.loss < facts.trace.loss
    assert len(list(confusions(facts.lesson))) <= 3
    for name in ("X", "W1", "b1", "W2", "b2", "T"):
        assert np.round(facts.known(name), 1) == pytest.approx(facts.known(name))


def test_a_seed_gives_the_same_numbers_again() -> None:
    draft = Draft((1, 1), "tanh", "squares", 1, 0.1)
    assert choose(draft, 7) == choose(draft, 7)
    assert choose(draft, 7) != choose(draft, 8)


def test_chosen_numbers_beat_a_draw(tmp_path: Path) -> None:
    """Ones everywhere tell next to nothing apart."""
    lesson = chosen(tmp_path, Draft((2, 2, 1), "maximum", "squares", 1, 0.1), 1)
    ones = {name: np.ones(lesson.shapes[name]).tolist() for name in lesson.program.leaves}
    ones["T"] = [[0.0]]
    plain = lesson.on(ones)
    assert len(list(confusions(lesson))) < len(list(confusions(plain))) / 3


@pytest.mark.parametrize(
    ("program", "value", "code"),
    [
        ("z = w * x\na = maximum(z, 0)\nL = (a - 1) ** 2", 0.0, "kink"),
        ("z = w * x\na = sigmoid(z)\nL = (a - 1) ** 2", 9.0, "saturated"),
        ("z = w * x\nL = (z - 1) ** 2", 1.23456, "digits"),
        ("z = w * x\nL = (z - 1) ** 2", 2.0, "alike"),
    ],
)
def test_advice(tmp_path: Path, program: str, value: float, code: str) -> None:
    path = tmp_path / "advised.toml"
    text = f'program = """\n{program}\n"""\nloss = "L"\nparameters = ["w"]\n'
    path.write_text(f"{text}[values]\nw = {value}\nx = 1.0\n")
    assert code in [each.code for each in advice(load(str(path)))]


def test_no_advice_where_there_is_none_to_give(tmp_path: Path) -> None:
    path = tmp_path / "sound.toml"
    path.write_text(
        'program = """\nz = w * x + b\nL = (z - y) ** 2\n"""\nloss = "L"\n'
        'parameters = ["w", "b"]\nlearning_rate = 0.02\n'
        "[values]\nw = 0.5\nx = 3.0\nb = -0.3\ny = 2.0\n"
    )
    assert [each.code for each in advice(load(str(path)))] == []


def test_suggested_numbers_tell_more_apart_and_are_of_the_same_kind(tmp_path: Path) -> None:
    path = tmp_path / "alike.toml"
    path.write_text(
        'program = """\nE = gather(T, ids)\nz = E @ w\nL = sum((z - 1) ** 2)\n"""\nloss = "L"\n'
        'parameters = ["T", "w"]\n[values]\nT = [[2, 2], [2, 2], [2, 2]]\nids = [2, 0]\n'
        "w = [[2], [2]]\n"
    )
    lesson = load(str(path))
    found = suggest(lesson)
    assert found is not None
    left = [*confusions(lesson.on(found.values))]
    assert len(left) == found.left < len([*confusions(lesson)])
    assert set(np.asarray(found.values["ids"]).tolist()) <= {0, 1, 2}


def test_advice_on_a_pair_names_all_its_steps_in_words(tmp_path: Path) -> None:
    path = tmp_path / "alike.toml"
    path.write_text(
        'program = """\nz = w * x\nL = (z - 1) ** 2\n"""\nloss = "L"\nparameters = ["w"]\n'
        "[values]\nw = 2.0\nx = 1.0\n"
    )
    alike = [each for each in advice(load(str(path))) if each.code == "alike"]
    said = [each.message.to("en") for each in alike]
    assert len(said) == len(set(said))
    assert not any(id_ in text for text in said for id_ in MISCONCEPTIONS if "-" in id_)
