"""The file of an assignment, and its lessons as they were sent."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.classroom.assignment import Assignment, files_of, read_assignment
from bptutor.classroom.lessons import contents, opened, opener
from bptutor.lesson.load import load
from bptutor.text import UserError
from tests.classroom.people import EXAM, HOMEWORK, MENDED, MINUTE, NINE, assign, class_in
from tests.engine import keras_models

KOREA = HOMEWORK.replace('title = "Backward by hand"', 'title = "역전파"')


def read(text: str, file: str = "midterm.toml") -> Assignment:
    return read_assignment(file, text.encode())


def test_an_exam_and_a_homework_say_what_they_are() -> None:
    exam = read(EXAM, "/home/kim/midterm.toml")
    assert (exam.name, exam.title, exam.kind) == ("midterm", "Midterm", "exam")
    assert (exam.items, exam.steps, exam.count) == (4, [], 4)
    assert (exam.opens, exam.due, exam.closes) == (NINE, NINE + 60 * MINUTE, NINE + 60 * MINUTE)
    assert (exam.minutes, exam.attempts, exam.numbers) == (45.0, 1, "own")
    assert (exam.score_shown, exam.answers_shown) == ("released", "released")
    homework = read(KOREA)
    assert homework.steps == [("tanh-neuron", "dL_dw1"), ("tanh-neuron", "z")]
    assert homework.due == NINE  # 18:00 in Seoul
    assert homework.closes == datetime(2026, 12, 2, 9, tzinfo=UTC).timestamp()
    assert homework.late_credit == 0.8
    assert (homework.score_shown, homework.answers_shown) == ("submitted", "closed")
    practice = read('title = "P"\nkind = "practice"\nlessons = ["softmax"]\nitems = 1')
    assert (practice.attempts, practice.opens, practice.closes) == (0, None, None)


def test_a_lesson_is_named_or_comes_along() -> None:
    assert files_of("softmax") == []
    assert files_of("mine.toml") == ["mine.toml"]
    assert files_of("week 3/m.keras?loss=mse&data=xy.npz") == ["week 3/m.keras", "xy.npz"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("items", "itms", "line 5: unknown key `itms`; did you mean `items`?"),
        ("items = 4", "", "midterm.toml: write either `items` or `steps`"),
        ("items = 4", 'items = 4\nsteps = ["x"]', "line 6: write either `items` or `steps`"),
        ("items = 4", "items = 0", "line 5: `items` must be a whole number from 1 to 200"),
        ("items = 4", "items = true", "line 5: `items` must be"),
        ("items = 4", 'steps = ["softmax:z"]', "line 5: `steps` has “softmax:z”"),
        ("items = 4", 'steps = ["z"]', "line 5: `steps` has “z”"),
        ("items = 4", 'steps = ["batch:"]', "line 5: `steps` has “batch:”"),
        ('"exam"', '"test"', 'line 3: `kind` must be one of "practice", "homework", "exam"'),
        ('kind = "exam"', "", "midterm.toml: `kind` is missing"),
        ('title = "Midterm"', 'title = " "', "line 2: `title` must be a text"),
        ('title = "Midterm"', 'title = "M\\u001b[2J"', "line 2: `title` must be a text"),
        ('["tanh-neuron", "batch"]', "[]", "line 4: `lessons` must be a list of 1 to"),
        ("T09:00:00Z", "T09:00:00", "line 6: `opens` must be a time with its time zone"),
        ("2026-12-01T09:00:00Z", "0001-01-01T00:00:00+14:00", "line 6: `opens` must be a time"),
        ("2026-12-01T09:00:00Z", "9999-12-31T23:59:59-14:00", "of the years 2000 to 2100"),
        ("2026-12-01T09:00:00Z", "2026-12-01", "line 6: `opens` must be a time with its"),
        ("T10:00:00Z", "T08:00:00Z", "line 7: `closes` is before `opens`"),
        ("T10:00:00Z", "T09:00:00Z", "line 7: `closes` is before `opens`"),
        ("minutes = 45", "minutes = nan", "line 8: `minutes` must be a number from 0 to 600"),
        ("minutes = 45", "minutes = -1", "line 8: `minutes` must be a number from 0 to 600"),
        ("minutes = 45", "attempts = 1000", "line 8: `attempts` must be a whole number"),
        ("minutes = 45", 'numbers = "mine"', 'line 8: `numbers` must be one of "own", "same"'),
        ("minutes = 45", 'lock = "yes"', "line 8: `lock` must be true or false"),
        ("minutes = 45", 'show = { marks = "closed" }', "line 8: unknown key `show.marks`"),
        ("minutes = 45", 'show = { score = "soon" }', "line 8: `show.score` must be one of"),
        ("minutes = 45", "late = { until = 2026-12-01T11:00:00Z }", "line 8: `late` must be"),
        (
            "minutes = 45",
            "late = { until = 2026-12-01T09:30:00Z, credit = 80 }",
            "line 8: `late.until` is before `closes`",
        ),
        (
            "minutes = 45",
            "late = { until = 2026-12-01T11:00:00Z, credit = 120 }",
            "line 8: `late.credit` must be a number from 0 to 100",
        ),
        ("minutes = 45", "minutes = ", "line 8: not valid TOML"),
        ("minutes = 45", "minutes = 45\nminutes = 50", "line 9: not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_what_to_write(
    before: str, after: str, told: str
) -> None:
    assert before in EXAM
    with pytest.raises(UserError) as error:
        read(EXAM.replace(before, after))
    assert told in str(error.value)
    assert str(error.value).startswith("midterm.toml")


def test_late_work_needs_a_time_from_which_on_it_is_late() -> None:
    late = "late = { until = 2026-12-02T09:00:00Z, credit = 80 }"
    text = f'title = "P"\nkind = "homework"\nlessons = ["softmax"]\nitems = 1\n{late}'
    with pytest.raises(UserError, match="line 5: `late` needs a time"):
        read(text)


@pytest.mark.parametrize(
    "file", ["mid term.toml", ".toml", "-x.toml", f"{'x' * 41}.toml", "é.toml"]
)
def test_a_name_that_no_command_line_takes_is_refused(file: str) -> None:
    with pytest.raises(UserError, match="an assignment is named by its file"):
        read(EXAM, file)


@given(st.binary(max_size=60), st.integers(0, len(EXAM)))
def test_any_file_is_an_assignment_or_is_refused_in_a_sentence(junk: bytes, at: int) -> None:
    content = EXAM.encode()
    for whole in (junk, content[:at] + junk + content[at:]):
        found, said = None, ""
        try:
            found = read_assignment("midterm.toml", whole)
        except UserError as error:
            said = str(error)
        assert (found is not None and found.count >= 1) != said.startswith("midterm.toml")


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
