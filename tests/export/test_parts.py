"""The parts in symbols and in Keras as pages, and notebooks of one part."""

import json
from typing import Any

import pytest

from bptutor.course.parts import steps_of
from bptutor.export.document import document
from bptutor.export.notebook import notebook
from bptutor.export.pages import markdown, page
from bptutor.lesson.load import load
from bptutor.literals import Part
from bptutor.text import UserError

from .test_page import Reader

LESSON = "batch"
ANSWERS: dict[Part, str] = {"derive": "Xᵀ @", "keras": r"model.set_weights([W, b])"}


@pytest.mark.parametrize("part", ["derive", "keras"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_of_a_part_has_every_step_and_its_answers_on_demand(
    part: Part, language: str
) -> None:
    lesson = load(LESSON)
    blank, full = (
        document(lesson, language, "unicode", answers, part) for answers in (False, True)
    )
    for content, answers in ((blank, False), (full, True)):
        text, read = markdown(content), Reader(page(content))
        count = len(steps_of(lesson, part))
        assert len(read.of("h3")) == text.count("\n### ") == count
        assert (ANSWERS[part] in text) == answers
        assert ("________" in text) != answers
    assert bool(full.comparison) == (part == "keras")
    assert not blank.comparison


def test_the_page_of_the_part_in_keras_has_all_gradients_in_one_table() -> None:
    lesson = load(LESSON)
    _, *rows = document(lesson, "en", "unicode", True, "keras").comparison
    assert [name for name, _, _ in rows if name] == ["W", "b"]
    for _, tape, keras in rows:
        assert [float(x) for x in keras.split()] == pytest.approx([float(x) for x in tape.split()])


def test_a_notebook_of_one_part() -> None:
    derive = _cells("derive")
    assert {cell["cell_type"] for cell in derive} == {"markdown"}
    names: dict[str, Any] = {}
    for cell in _cells("keras"):
        if cell["cell_type"] == "code":
            exec(cell["source"], names)
    assert len(names["gradients"]) == 2
    assert "line_tape" not in names
    with pytest.raises(UserError, match="no Keras part"):
        notebook(load("circuit"), "en", ("keras",))


def _cells(part: Part) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(notebook(load(LESSON), "en", (part,)))["cells"]
    return made
