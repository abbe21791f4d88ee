"""The progress: what the record's attempts come to, day by day and skill by skill."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bptutor.engine.runtime import tensorflow
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.quiz.schedule import reviewed
from bptutor.record.record import Record
from bptutor.record.sittings import Mark, Sitting, Sittings, Standings
from bptutor.service.progress import attempt_line, progress_view
from bptutor.service.words import SKILLS
from bptutor.views.lesson import StepView
from bptutor.views.quiz import ProgressView, QuizSpec, Week
from tests.record.attempts import FILE, attempt
from tests.service.desk import Desk, Loading
from tools.feedback.known import IDS

NOON = datetime(2026, 11, 25, 12).timestamp()
"""A Wednesday."""
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BPTUTOR_LEARNER", "minsu")
    return tmp_path


def view(language: str = "en") -> ProgressView:
    return progress_view(Record(), "minsu", Sittings(), Standings().read(), language, NOON)


def practise(skill: str, days_ago: float, went: Any, **fields: Any) -> None:
    """A step that is over, so many days ago."""
    at = NOON - days_ago * DAY
    made = attempt(skill=skill, at=at, closed=True, **fields)
    Record().add(made, lambda card: reviewed(card, went, at), [], [])


def test_of_a_learner_who_did_nothing(folder: Path) -> None:
    found = view()
    assert (found.learner, found.attempts, found.since, found.remark) == ("minsu", 0, None, "")
    assert not any((found.skills, found.mistakes, found.days, found.weeks))
    assert len(found.lessons) > 10
    assert all(lesson.answered == 0 < lesson.steps for lesson in found.lessons)
    assert list(folder.iterdir()) == []


def test_what_is_weak_comes_first(folder: Path) -> None:
    practise("update", 20, "good", verdict="right")
    practise("weight-gradient", 1, "good", verdict="right")
    practise("weight-gradient", 0, "hard", verdict="right", number=2)
    found = view()
    assert [skill.id for skill in found.skills] == ["update", "weight-gradient"]
    update, gradient = found.skills
    assert update.skill == "update"
    assert 0 < update.strength < gradient.strength <= 1
    assert update.due < NOON < gradient.due
    assert (update.items, update.first_try) == (1, 1.0)
    assert (gradient.items, gradient.first_try) == (2, 0.5)


def test_days_weeks_and_mistakes(folder: Path) -> None:
    record = Record()
    monday = datetime(2026, 11, 23, 0, 1).timestamp()
    record.add(attempt(at=NOON - 100 * DAY, closed=True, verdict="right"))
    record.add(attempt(at=monday - 120, closed=True, verdict="right"))  # the Sunday before
    record.add(attempt(at=monday, misconceptions=["relu-mask-missing"]))
    record.add(attempt(at=monday + 60, closed=True, verdict="right", number=2))
    record.add(attempt(at=NOON, misconceptions=["relu-mask-missing", "update-sign"]))
    found = view()
    assert found.attempts == 5
    assert found.since == NOON - 100 * DAY
    assert [(day.date, day.attempts, day.right) for day in found.days] == [
        ("2026-11-22", 1, 1),
        ("2026-11-23", 2, 1),
        ("2026-11-25", 1, 0),
    ]
    assert found.weeks == [
        Week("2026-08-17", 1, 1.0),
        Week("2026-11-16", 1, 1.0),
        Week("2026-11-23", 1, 0.0),
    ]
    assert [(each.id, each.times, each.days, each.last) for each in found.mistakes] == [
        ("relu-mask-missing", 2, 2, NOON),
        ("update-sign", 1, 1, NOON),
    ]
    assert found.mistakes[0].text == MISCONCEPTIONS["relu-mask-missing"].to("en")
    assert view("ko").mistakes[0].text == MISCONCEPTIONS["relu-mask-missing"].to("ko")


def test_a_lesson_counts_in_all_of_its_parts(folder: Path) -> None:
    before = {lesson.title: lesson.steps for lesson in view().lessons}
    for key, step, part in (("one-neuron", "z", "tape"), ("one-neuron derive", "dL_da", "derive")):
        marks = {step: Mark("solved")}
        Sittings().save(
            key,
            Sitting("one-neuron", "d", "all", 0, 1, 1, {}, marks, [], part=part),  # type: ignore[arg-type]
        )
    found = {lesson.title: lesson for lesson in view().lessons}
    assert {title: lesson.steps for title, lesson in found.items()} == before
    assert sum(lesson.answered for lesson in found.values()) == 2


def test_what_is_wrong_with_the_record_is_its_remark(folder: Path) -> None:
    practise("update", 1, "good")
    (folder / FILE).write_bytes(b"junk")
    found = view()
    assert "renamed it" in found.remark
    assert (found.attempts, found.skills) == (0, [])
    assert view().remark == ""


def test_every_kind_of_step_and_mistake_has_words() -> None:
    assert set(MISCONCEPTIONS) == IDS
    assert len({str(each) for each in MISCONCEPTIONS.values()}) == len(MISCONCEPTIONS)
    assert "weight-gradient" in SKILLS


def test_what_only_another_version_knows_goes_by_its_id(folder: Path) -> None:
    practise("telepathy", 1, "good", misconceptions=["mind-misread"])
    found = view()
    assert found.skills[0].skill == "telepathy"
    assert found.mistakes[0].text == "mind-misread"


def test_the_service_tells_it_and_past_attempts(folder: Path) -> None:
    desk = Desk.anew(engine=Loading())
    first = attempt(product="a2.T @ dL_dY", cells=["1", "0.5"], seed=7)
    Record().add(first)
    Record().add(attempt(learner="eunji"))
    alone = attempt(product="a2.T @ dL_dY", cells=[], verdict="right")
    assert attempt_line(alone, "unicode", "en").verdict == "product"  # which has no figures
    second = attempt(verdict="shown", at=time.time())
    Record().add(second)
    told = desk.ask(desk.tutor.progress())
    assert (told.learner, told.attempts) == ("minsu", 2)
    listed = desk.ask(desk.tutor.attempts())
    assert [line.id for line in listed] == [second.id, first.id]
    line = listed[1]
    assert (line.lesson, line.name) == ("Two hidden layers", "∂Loss/∂W3")  # as it is called now
    assert line.typed == "a2.T @ dL_dY; 1, 0.5"
    assert line.code == f"two-hidden-layers:dL_dW3:7:{'d' * 8}"
    assert desk.ask(desk.tutor.attempts(before=second.id, count=10**9)) == [line]


def test_a_quiz_begins_without_a_record_that_is_damaged_and_says_so(folder: Path) -> None:
    practise("update", 1, "good")
    (folder / FILE).write_bytes(b"junk")
    tensorflow()
    opened = Desk.anew().open(QuizSpec(lessons=["one-neuron"], items=2))
    assert isinstance(opened.screen, StepView)
    assert (opened.remark + opened.screen.message).count("renamed it") == 1
