"""Marks follow from answers and events, and come out the same when they are computed again."""

from pathlib import Path

import pytest

from bptutor.classroom.marks import Result, best, grade, graded, regrade, results
from bptutor.classroom.papers import NO_PAPER, Papers
from bptutor.classroom.rows import Event, Paper
from bptutor.quiz.schedule import HINT, WRONG
from tests.classroom.people import (
    EXAM,
    HOMEWORK,
    LESSON,
    MENDED,
    MINUTE,
    NINE,
    Learner,
    assign,
    begin,
    class_in,
    reversed_sign,
)


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(class_in(tmp_path))


def submitted(learner: Learner, now: float) -> Result:
    """What a paper comes to once it is submitted and graded."""
    papers = learner.papers
    grade(papers, papers.submit(learner.paper.key, learner.paper.login, now), now)
    return result(papers, learner.paper)


def result(papers: Papers, paper: Paper) -> Result:
    given = papers.store.assignment(paper.assignment)
    return papers.store.look(lambda on: results(on, given), NO_PAPER)[paper.key]


def test_an_exam_is_graded_by_its_last_answers(papers: Papers) -> None:
    assign(papers.store, "midterm", EXAM)
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    for item in range(4):
        anna.answer(item, NINE + item, reversed_sign)
    for item in range(4):
        anna.answer(item, NINE + 60 + item)
    found = submitted(anna, NINE + 600)
    assert found.points == [1.0] * 4
    assert found.total == 4
    ben = Learner(papers, begin(papers, "midterm", "ben", NINE))
    for item in range(3):
        ben.answer(item, NINE + item, reversed_sign if item == 1 else lambda cells: cells)
    found = submitted(ben, NINE + 600)
    assert found.points[0] == 1.0
    assert found.points[1] < 1.0
    assert found.points[3] == 0.0
    assert found.given[1].mistakes


def test_homework_is_worth_less_after_wrong_tries_and_hints_and_when_late(papers: Papers) -> None:
    assign(papers.store, "homework", HOMEWORK)
    anna = Learner(papers, begin(papers, "homework", "anna", NINE - 3000))
    anna.answer(0, NINE - 2000, reversed_sign)
    anna.answer(0, NINE - 1990)
    anna.hint(1, NINE - 1980)
    anna.answer(1, NINE - 1970)
    found = submitted(anna, NINE + 5 * 3600)  # the answers were in time
    assert found.points == [WRONG, HINT]
    assert found.credit == 1
    ben = Learner(papers, begin(papers, "homework", "ben", NINE - 3000))
    ben.answer(0, NINE - 10)
    ben.answer(1, NINE + 10)
    found = submitted(ben, NINE + 20)
    assert (found.points, found.credit) == ([1.0, 1.0], 0.8)
    assert found.total == pytest.approx(1.6)
    papers.store.happened(
        Event(NINE + 30, "teacher", "extend", "was ill", "homework", "ben", number=1)
    )
    assert result(papers, ben.paper).total == 2  # a mark is computed when it is read


def test_a_mark_can_be_computed_again_from_the_answers_alone(papers: Papers) -> None:
    for name, text in (("midterm", EXAM), ("homework", HOMEWORK)):
        assign(papers.store, name, text)
        anna = Learner(papers, begin(papers, name, "anna", NINE))
        anna.answer(0, NINE + 1, reversed_sign)
        anna.hint(1, NINE + 2)
        anna.answer(1, NINE + 3)
        anna.answer(0, NINE + 4)
        found = submitted(anna, NINE + 5)
        papers.store.write(lambda on: on.exec_driver_sql("DROP TRIGGER marks_no_delete"))
        papers.store.write(lambda on: on.exec_driver_sql("DELETE FROM marks"))
        assert [*graded(papers.store, found.paper, NINE + 5)] == found.given
        regrade(papers, name, "teacher", "from the first answer on", NINE + 6)
        assert result(papers, found.paper).points == found.points
        papers.store.write(
            lambda on: on.exec_driver_sql(
                "CREATE TRIGGER marks_no_delete BEFORE DELETE ON marks "
                "BEGIN SELECT RAISE(ABORT, ''); END"
            )
        )


def test_a_teachers_points_stay_until_they_are_taken_back(papers: Papers) -> None:
    assign(papers.store, "midterm", EXAM)
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    anna.answer(0, NINE + 1)
    found = submitted(anna, NINE + 2)
    for number, total in ((0.5, 1.5), (1.0, 2.0), (None, 1.0)):
        event = Event(NINE + 3, "teacher", "mark", "a smudge", *found.paper.key, 2, number)
        papers.store.happened(event)
        assert result(papers, found.paper).total == total
        regrade(papers, "midterm", "teacher", "again", NINE + 4)
        assert result(papers, found.paper).total == total


def test_the_best_of_several_attempts_counts(papers: Papers) -> None:
    assign(papers.store, "midterm", EXAM.replace("minutes", "attempts = 2\nminutes"))
    found = []
    for attempt in (1, 2):
        anna = Learner(papers, begin(papers, "midterm", "anna", NINE + attempt))
        assert anna.paper.attempt == attempt
        for item in range(3 - attempt):
            anna.answer(item, NINE + 5)
        found.append(submitted(anna, NINE + 10))
    assert best(found) == found[0]
    assert {item.seed for item in found[0].paper.items}.isdisjoint(
        {item.seed for item in found[1].paper.items}
    )


ONE_STEP = """
title = "One step"
kind = "{kind}"
lessons = ["mine.toml"]
steps = ["L", "dL_dz", "z"]
"""


@pytest.mark.parametrize("kind", ["exam", "homework"])
def test_a_mended_lesson_is_regraded_on_the_numbers_that_were_asked(
    papers: Papers, kind: str
) -> None:
    """Whoever computed with the right sign was marked wrong by the lesson's mistake."""
    text = ONE_STEP.format(kind=kind)
    assign(papers.store, "one", text, {"mine.toml": LESSON.replace("SIGN", "+").encode()})
    anna = Learner(papers, begin(papers, "one", "anna", NINE))
    session = anna.quiz.session_at(0)
    leaves = session.lesson.values
    w, x, b, t = (float(str(leaves[name])) for name in "wxbt")
    anna.answer(0, NINE + 1, lambda _: [f"{(w * x + b - t) ** 2:.6g}"])
    anna.answer(2, NINE + 2)
    found = submitted(anna, NINE + 3)
    assert found.points == [0.0, 0.0, 1.0]
    assert regrade(papers, "one", "teacher", "no change", NINE + 4) == ([], [])
    assign(papers.store, "one", text, MENDED, NINE + 5)
    assert result(papers, found.paper).points == [0.0, 0.0, 1.0]
    changed, failed = regrade(papers, "one", "teacher", "wrong sign", NINE + 6)
    assert [(each.login, each.index, each.before, each.after) for each in changed] == [
        ("anna", 0, 0.0, 1.0)
    ]
    assert failed == []
    assert result(papers, found.paper).points == [1.0, 0.0, 1.0]
    events = [each for each in papers.store.events("one") if each.what == "regrade"]
    assert [(each.author, each.why) for each in events] == [
        ("teacher", "no change"),
        ("teacher", "wrong sign"),
    ]


def test_what_a_killed_clerk_leaves_is_graded_later_and_once(papers: Papers) -> None:
    assign(papers.store, "midterm", EXAM)
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    anna.answer(0, NINE + 1)
    papers.submit_overdue(NINE + 60 * MINUTE)
    (paper,) = papers.ungraded()
    for _ in range(2):  # two hosts at once
        grade(papers, paper, NINE + 61 * MINUTE)
    assert papers.ungraded() == []
    assert result(papers, paper).total == 1
