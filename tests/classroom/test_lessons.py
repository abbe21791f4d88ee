"""The lessons of an assignment: bptutor's own, files, and Keras models, as they were sent."""

from pathlib import Path

import numpy as np
import pytest

from bptutor.classroom.assignment import read_assignment
from bptutor.classroom.lessons import contents, opened, opener
from bptutor.lesson.load import load
from bptutor.text import UserError
from tests.classroom.people import EXAM, MENDED, NINE, assign, class_in
from tests.engine import keras_models

MODEL = "week 3/m.keras?data=week+3%2Fxy.npz"
FILES = ("week 3/m.keras", "week 3/xy.npz")


def with_lessons(*lessons: str) -> str:
    names = ", ".join(f'"{lesson}"' for lesson in lessons)
    return EXAM.replace('"tanh-neuron", "batch"', names)


def test_a_lesson_stays_as_it_was_sent(tmp_path: Path) -> None:
    store = class_in(tmp_path)
    mine = MENDED["mine.toml"]
    assign(store, "midterm", with_lessons("softmax", "mine.toml"), {"mine.toml": mine})
    first = store.assignment("midterm").lessons
    changed = mine.replace(b"0.25", b"0.5")
    text = with_lessons("softmax", "mine.toml")
    assign(store, "midterm", text, {"mine.toml": changed}, NINE)
    second = store.assignment("midterm").lessons
    softmax = opener(store.file, first)("softmax")
    assert softmax.digest == load("softmax").digest
    assert opener(store.file, first)("mine.toml").values["b"] == 0.25
    assert opener(store.file, second)("mine.toml").values["b"] == 0.5
    with pytest.raises(UserError, match="has no lesson batch"):
        opener(store.file, first)("batch")


def test_a_model_is_opened_from_what_was_sent_and_named_as_it_was(tmp_path: Path) -> None:
    model = keras_models.course()
    model.save(tmp_path / "m.keras")
    rows, columns = 2, model.input_shape[1]
    np.savez(
        tmp_path / "xy.npz", x=np.ones((rows, columns)), y=np.ones((rows, model.output_shape[1]))
    )
    sent = {name: (tmp_path / Path(name).name).read_bytes() for name in FILES}
    assignment = read_assignment("midterm.toml", with_lessons(MODEL).encode())
    found = contents(assignment, sent)
    lesson = opened(MODEL, found[MODEL])
    assert lesson.name == "m"
    assert np.asarray(lesson.values["X"]).tolist() == np.ones((rows, columns)).tolist()
    for damaged in FILES:
        with pytest.raises(UserError) as error:
            opened(MODEL, {**found[MODEL], damaged: b"PK\x03\x04 junk"})
        assert str(error.value).startswith(f"{damaged}: ")
    with pytest.raises(UserError, match=r"xy\.npz did not come along"):
        contents(assignment, {FILES[0]: sent[FILES[0]]})


def test_a_lesson_that_is_none_is_said_with_its_name() -> None:
    with pytest.raises(UserError, match="There is no lesson “sofmax”; did you mean softmax"):
        contents(read_assignment("midterm.toml", with_lessons("sofmax").encode()), {})
    with pytest.raises(UserError, match=r"^mine\.toml, line 1: "):
        opened("mine.toml", {"mine.toml": b"no toml"})
