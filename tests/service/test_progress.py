"""What attempts come to: progress, pace, days in a row, wrong answers that nothing explained."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bptutor.engine.runtime import tensorflow
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.quiz.schedule import reviewed
from bptutor.record.attempts import Attempt
from bptutor.record.record import Record
from bptutor.record.sittings import Mark, Sitting, Sittings, Standings
from bptutor.service.answers import unnamed
from bptutor.service.lesson_words import in_a_row, moved, shown_steps, unmoved, walk
from bptutor.service.progress import attempt_line, pace_of, progress_view
from bptutor.service.words import KINDS, SKILLS
from bptutor.views import Matrix
from bptutor.views.lesson import Outlook, ParameterChange, StepView, SummaryView, Walked
from bptutor.views.quiz import Day, ProgressView, QuizSpec, Week
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


def steps(kind: str, *seconds: float) -> list[Attempt]:
    return [
        attempt(step=f"{kind} {i}", kind=kind, closed=True, milliseconds=round(1000 * each))
        for i, each in enumerate(seconds)
    ]


def test_a_pace_is_the_median_by_kind_and_of_all() -> None:
    backward = steps("backward", 10, 20, 30, 40, 9_000)  # somebody went for lunch
    forward = steps("forward", 4, 6, 8, 10)
    pace = pace_of([*backward, *forward, *steps("update", 50)])
    assert pace == {"backward": 30, "forward": 7, "": 15}


def test_what_is_typed_wrong_first_counts_to_its_step_and_open_steps_do_not() -> None:
    twice = [
        attempt(step="twice", kind="local", milliseconds=5_000),
        attempt(step="twice", kind="local", closed=True, number=2, milliseconds=7_000),
    ]
    others = steps("forward", *[1] * 9)
    assert pace_of([*twice, *others, attempt(step="open", milliseconds=90_000)])[""] == 1
    assert pace_of([*twice, *others][1:])[""] == 1
    assert pace_of([*twice, *others[1:]]) == {}  # nine steps are too few
    assert pace_of([attempt(step=str(i), sitting="quiz", closed=True) for i in range(99)]) == {}


TODAY = date(2026, 3, 1)


def test_days_in_a_row_end_today_or_yesterday() -> None:
    def said(*days: str) -> str:
        return str(in_a_row(Outlook(days=[Day(day, 1, 1) for day in days]), TODAY) or "")

    assert said("2026-02-25", "2026-02-27", "2026-02-28", "2026-03-01") == "3 days in a row"
    assert said("2026-02-27", "2026-02-28") == "2 days in a row"
    assert said("2026-02-26", "2026-02-27") == said("2026-03-01") == ""


def test_the_largest_change_of_each_parameter_and_the_walk() -> None:
    old, new = (
        Matrix([1, 3], values, "float64") for values in ([0.5, -0.25, 1], [0.5, -0.75, 1.1])
    )
    steps = [("Z", "local", "right"), ("L", "forward", "shown"), ("W_new", "update", "partly")]
    view = SummaryView(
        "", 1, 0.0, 0.0, [ParameterChange("W", old, new)], 0, 0, 0, 0, "", [], True,
        walk=[Walked(name, kind, None, state) for name, kind, state in steps],  # type: ignore[arg-type]
    )  # fmt: skip
    (of_w,) = moved(view)
    assert (of_w.before, of_w.after, of_w.largest) == ("-0.25", "-0.75", 0.5)
    assert str(unmoved([of_w])).endswith(" 1")
    assert [*walk(view)] == [KINDS["forward"], KINDS["update"]]
    assert [step.name for step in walk(view)[KINDS["forward"]]] == ["Z", "L"]
    assert str(shown_steps(view)).endswith(" L")


def counts(*attempts: Attempt) -> list[tuple[str, str, str, int]]:
    return [
        (each.step, each.formula, ", ".join(each.value), each.times) for each in unnamed(attempts)
    ]


def formula(text: str, **fields: object) -> Attempt:
    return attempt(product=text, **fields)


def value(*cells: str, **fields: object) -> Attempt:
    return attempt(cells=list(cells), **fields)


def test_what_was_explained_is_not_listed() -> None:
    assert not unnamed(
        [
            formula("a", misconceptions=["relu-mask-missing"]),
            formula("b", explained=True),
            formula("c", verdict="right"),
            formula("d", verdict="unreadable"),
            attempt(verdict="shown"),
            value("b1", part="keras", kind="code", step="units_1"),
        ]
    )


@pytest.mark.parametrize(
    "other", ["∂L/∂Y  @ W3ᵀ", "(dL/dY)@W3.T", "tf.matmul(dL_dY, W3, transpose_b=True)"]
)
def test_a_formula_is_one_however_it_is_spelled(other: str) -> None:
    assert counts(formula("dL_dY @ W3.T"), formula(other), formula("W3.T @ dL_dY")) == [
        ("dL_dW3", "dL_dY @ W3.T", "", 2),
        ("dL_dW3", "W3.T @ dL_dY", "", 1),
    ]


@pytest.mark.parametrize("other", ["0.0317", ".03171", "3.17e-2", "0.032", "317/10000"])
def test_numbers_are_the_same_up_to_rounding(other: str) -> None:
    assert counts(value("0.0317", "0"), value(other, "0.0")) == [("dL_dW3", "", "0.0317, 0", 2)]


@pytest.mark.parametrize("other", ["0.03", "0.0319", "-0.0317", "0.317", "", "x", "1/0"])
def test_other_numbers_are_not(other: str) -> None:
    assert len(counts(value("0.0317"), value(other))) == 2


def test_a_formula_that_cannot_be_read_is_itself() -> None:
    assert counts(formula("a @@ b"), formula("a  @@ b "), formula("a @@ c"))[0][3] == 2


def test_numbers_are_compared_on_the_same_numbers_of_the_step_alone() -> None:
    same = [value("2", seed=seed, iteration=iteration) for seed, iteration in ((1, 0), (2, 0))]
    assert len(counts(*same, value("2"), value("2", iteration=1))) == 4
    assert len(counts(formula("a", seed=1), formula("a", seed=2), formula("a"))) == 1


def test_what_is_frequent_comes_first_step_by_step() -> None:
    rare = [formula("a", step="dL_dW1", at=1.0)]
    often = [formula("b", at=2.0), formula("c", at=3.0), formula("d", at=4.0), formula("d", at=9.0)]
    listed = unnamed([*rare, *often])
    assert [(each.step, each.formula, each.times) for each in listed] == [
        ("dL_dW3", "d", 2),
        ("dL_dW3", "c", 1),
        ("dL_dW3", "b", 1),
        ("dL_dW1", "a", 1),
    ]
    assert listed[0].last == 9.0
    assert listed[0].code == "two-hidden-layers:dL_dW3:i0:dddddddd"
