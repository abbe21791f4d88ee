"""The notebook with blanks: filled in right it runs to its end, filled in wrong it says where."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.worked import work
from bptutor.export.blanks import notebook_with_blanks
from bptutor.export.checking import Check
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.literals import Ask, Part
from bptutor.quiz.variant import open_lesson
from bptutor.text import shortest
from tests.examples import every

from .conftest import COURSE

PARTS = get_args(Part)


def made(
    lesson: Lesson,
    filled: bool,
    language: str = "en",
    ask: Ask = "all",
    parts: Sequence[Part] = PARTS,
) -> list[dict[str, Any]]:
    text = notebook_with_blanks(lesson, language, ask, parts, filled=filled)
    cells: list[dict[str, Any]] = json.loads(text)["cells"]
    return cells


def ran(cells: list[dict[str, Any]]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(cell["source"], names)
    return names


@pytest.mark.parametrize(
    "name", [f"{COURSE}#seed=7", *every(6, [COURSE, *(n for n in available() if n != COURSE)])]
)
def test_filled_in_right_it_runs_to_its_end(name: str) -> None:
    ran(made(open_lesson(name), filled=True))


@pytest.mark.parametrize("kind", ["forward", "local", "backward", "update"])
def test_filled_in_wrong_it_says_which_cell(kind: str) -> None:
    lesson = load(COURSE)
    cells = made(lesson, filled=True, parts=["tape"])
    place = next(place for place, step in enumerate(steps(lesson)) if step.kind == kind)
    step = steps(lesson)[place]
    line = rf"(?m)^( *{step.id} = |{step.target}\.assign_sub\()(.*?)(\)?)$"
    cell = next(c for c in cells if c["cell_type"] == "code" and re.search(line, c["source"]))
    cell["source"] = re.sub(line, r"\g<1>1.02 * (\g<2>)\g<3>", cell["source"], count=1)
    if kind == "update":
        cell["source"] = cell["source"].replace("1.02", "1.5")
    with pytest.raises(AssertionError, match=rf"^{place + 1}\. {step.id}\[.* is wrong: you have"):
        ran(cells)


def test_a_value_of_another_shape_is_told() -> None:
    cells = made(load(COURSE), filled=True, language="ko", parts=["tape"])
    cell = next(c for c in cells if "    Z1 = X" in c["source"])
    cell["source"] = cell["source"].replace("Z1 = ", "Z1 = tf.transpose(").replace("b1", "b1)", 1)
    with pytest.raises(AssertionError, match=r"^1\. Z1.*\(3, 1\).*\(1, 3\)"):
        ran(cells)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_answer_can_be_read(language: str) -> None:
    lesson = load(COURSE)
    text = json.dumps(made(lesson, filled=False, language=language), ensure_ascii=False)
    own = {shortest(number, "float32") for number in _numbers(lesson.values)}
    answers = {
        shortest(number, "float32")
        for step in work(lesson).steps
        for number in _numbers(step.value)
    }
    secret = {number for number in answers - own if len(number) > 3}
    assert len(secret) > 30
    assert {number for number in secret if number in text} == set()
    assert not re.search(r"transpose|matmul|reduce_mean\(|a2ᵀ|a2\.T", text)
    assert "is wrong" in text or language == "ko"


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, float | int):
        yield float(value)
    else:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _numbers(each)


def test_a_check_follows_each_blank_and_an_open_one_stops_the_run() -> None:
    cells = made(load(COURSE), filled=False)
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    for cell, after in pairwise(code):
        blank = re.search(r"(?m)^[^#'\"]*____", cell)
        assert not blank or after.startswith("check(") or "set_weights" in cell
    with pytest.raises(NameError, match="____"):
        ran(cells)


@pytest.mark.parametrize(
    ("ask", "kinds"), [("backward", {"backward", "update"}), ("products", {"backward"})]
)
def test_what_is_not_asked_is_filled_in(ask: Ask, kinds: set[str]) -> None:
    lesson = load(COURSE)
    cells = made(lesson, filled=False, ask=ask, parts=["tape"])
    checked = [m[1] for c in cells if (m := re.match(r'check\("\d+\. (\w+)"', c["source"]))]
    assert checked == [step.id for step in steps(lesson) if step.kind in kinds]


def test_names_of_python_and_of_the_check(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(
        'program = """\nCheck = tape @ print\nabs = mean(square(Check - check))\n"""\n'
        'loss = "abs"\n'
        'parameters = ["print"]\nlearning_rate = 0.5\n'
        "[values]\ntape = [[2.0]]\nprint = [[3.0]]\ncheck = [[1.0]]\n"
    )
    names = ran(made(load(str(path)), filled=True))
    assert names["print"].numpy() == pytest.approx(3 - 0.5 * 20)


@given(number=st.floats(1e-5, 1e6), off=st.floats(-0.0044, 0.0044), sign=st.sampled_from([-1, 1]))
def test_a_rounded_number_is_taken_also_at_an_edge(number: float, off: float, sign: int) -> None:
    right = Check.near(sign * number, 1.0, None)[0]
    assert right in Check.near(sign * number * (1 + off), 1.0, None)
    assert right in Check.near(float(f"{sign * number:.3g}"), 1.0, None)
    assert right not in Check.near(sign * number * 1.0101, 1.0, None)
    assert right not in Check.near(-sign * number, 1.0, None)
