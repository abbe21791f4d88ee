"""The sheet of a learner's answers: what was typed, when, with which hints and verdicts."""

import json
from pathlib import Path

import pytest

from bptutor.export.sheet import Sheet
from bptutor.literals import Part
from bptutor.quiz.variant import open_lesson
from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from bptutor.service.answers import answers_of
from bptutor.text import UserError
from tests.service.desk import MINE, Desk

LESSON = "one-neuron"
PARTS: tuple[Part, ...] = ("tape",)


def sheet(desk: Desk, lesson: str = LESSON, language: str = "en") -> Sheet:
    learner = desk.tutor.learner.recorder.learner
    attempts = [*Record().every(learner)]
    return answers_of(open_lesson(lesson), lesson, learner, attempts, Sittings(), PARTS, language)


def test_wrong_answers_hints_and_right_ones_are_all_there(desk: Desk) -> None:
    desk.opened(LESSON)
    desk.ask(desk.tutor.check("", ["77.7"], "both"))
    desk.ask(desk.tutor.hint())
    desk.ask(desk.tutor.check("", ["-0.2"], "both"))
    desk.ask(desk.tutor.show())
    desk.ask(desk.tutor.go("next"))
    desk.ask(desk.tutor.draft("", ["0.12"]))
    text = sheet(desk).markdown()
    steps = text.split("\n### ")
    assert len(steps) == 3
    assert "| 77.7 |" in steps[1].replace("\\", "")
    assert "Hint 1: " in steps[1]
    assert steps[1].index("77.7") < steps[1].rindex("| ")
    assert "0.12" in steps[2]
    assert desk.tutor.learner.recorder.learner in text
    page, notebook = sheet(desk, language="ko").page(), json.loads(sheet(desk).notebook())
    assert '<html lang="ko">' in page
    assert "77.7" in page
    assert len(notebook["cells"]) == len([*sheet(desk).all_blocks])


def test_other_numbers_have_other_answers(desk: Desk) -> None:
    desk.opened(f"{LESSON}#seed=5")
    desk.ask(desk.tutor.check("", ["55.5"], "both"))
    assert "55.5" in sheet(desk, f"{LESSON}#seed=5").markdown()
    with pytest.raises(UserError, match="no answers to one-neuron"):
        sheet(desk)


def test_what_was_typed_is_never_markup(desk: Desk) -> None:
    desk.opened(LESSON)
    desk.ask(desk.tutor.draft("", ["<b>|x"]))
    found = sheet(desk)
    assert "<b>" not in found.page()
    assert r"\<b\>\|x" in found.markdown()


def test_hints_about_other_numbers_are_not_repeated(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    desk.opened(str(path))
    desk.ask(desk.tutor.hint())
    desk.ask(desk.tutor.hint())
    desk.ask(desk.tutor.check("", ["77.7"], "both"))
    before = sheet(desk, str(path)).markdown()
    path.write_text(MINE.replace("x = 2.0", "x = 4.0"))
    after = sheet(desk, str(path)).markdown()
    assert "Hint 2: " in before
    assert "Hint 1: " not in after
    assert "77.7" in after
    assert "has changed" in after
    assert "has changed" not in before
