"""The teacher's desk on a real class: real papers, graded by TensorFlow."""

from pathlib import Path

import pytest

from bptutor.classroom.papers import GRACE, PaperOverError, Papers
from bptutor.classroom.rows import BY_TIME, Answer
from bptutor.record.sittings import Mark
from bptutor.service.engine import EngineHere
from bptutor.service.local_desk import LocalDesk
from bptutor.service.protocol import Hello
from bptutor.text import UserError
from tests.classroom.people import (
    EXAM,
    HOMEWORK,
    MINUTE,
    NINE,
    ROSTER,
    Learner,
    begin,
    class_in,
    reversed_sign,
)
from tests.service.desk import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(NINE - 3600)


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(class_in(tmp_path))


@pytest.fixture
def desk(papers: Papers, clock: Clock) -> LocalDesk:
    return LocalDesk(papers.store, EngineHere(), "kim", clock)


async def test_a_roster_is_replaced_as_a_whole_or_not_at_all(desk: LocalDesk) -> None:
    found = await desk.roster()
    assert [(each.login, each.time_factor) for each in found.people] == [
        ("anna", 1.0),
        ("ben", 1.5),
        ("chloe", 1.0),
    ]
    other = ROSTER.replace("chloe", "dina").replace("Ben Lee", "Benjamin Lee")
    found = await desk.roster(other, "roster.csv")
    assert (found.added, found.changed, found.removed) == (["dina"], ["ben"], ["chloe"])
    with pytest.raises(UserError, match=r"roster\.csv, line 3: .*anna is also on line 2"):
        await desk.roster(ROSTER.replace("ben,", "anna,"), "roster.csv")
    assert [each.login for each in (await desk.roster()).people] == ["anna", "ben", "dina"]


async def test_an_assignment_is_tried_before_it_is_given(desk: LocalDesk) -> None:
    line = await desk.assign(EXAM, "midterm.toml", {})
    assert (line.name, line.state, line.items, line.people) == ("midterm", "planned", 4, 3)
    assert not line.changed
    assert (await desk.assign(EXAM.replace("45", "50"), "midterm.toml", {})).changed
    with pytest.raises(UserError, match=r"homework\.toml: tanh-neuron has no step dL_dw9"):
        await desk.assign(HOMEWORK.replace("dL_dw1", "dL_dw9"), "homework.toml", {})
    with pytest.raises(UserError, match=r"mine\.toml did not come along"):
        await desk.assign(HOMEWORK.replace("tanh-neuron", "mine.toml"), "homework.toml", {})
    assert [each.name for each in await desk.assignments()] == ["midterm"]


async def test_a_preview_is_the_paper_that_the_learner_gets(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.assign(EXAM, "midterm.toml", {})
    before = [await desk.preview("midterm", login) for login in ("anna", "ben", "")]
    assert all(len(each.items) == 4 for each in before)
    questions = [[item.question for item in each.items] for each in before]
    assert questions[0] == questions[1] == questions[2]
    assert before[0].items[0].knowns != before[1].items[0].knowns
    assert papers.store.events("midterm")[-1].what == "assign"  # nothing has begun
    clock.now = NINE
    begin(papers, "midterm", "anna", NINE)
    assert (await desk.preview("midterm", "anna")).items == before[0].items
    with pytest.raises(UserError, match="not on the roster"):
        await desk.preview("midterm", "anne")
    with pytest.raises(UserError, match="no attempt 2"):
        await desk.paper("midterm", "anna", 2)


async def test_what_everybody_does_is_seen(desk: LocalDesk, papers: Papers, clock: Clock) -> None:
    await desk.assign(EXAM, "midterm.toml", {})
    clock.now = NINE + 10 * MINUTE
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    ben = Learner(papers, begin(papers, "midterm", "ben", NINE + 60))
    anna.answer(0, NINE + 100)
    anna.answer(1, NINE + 200)
    ben.answer(0, NINE + 120, reversed_sign)
    papers.store.seen("lab1", "17", "anna", NINE + 210, "midterm", 2)
    papers.submit(ben.paper.key, "ben", NINE + 300)
    found = await desk.watch("midterm")
    assert [
        (each.login, each.state, each.item, each.answered, each.connected, each.by)
        for each in found.learners
    ] == [
        ("anna", "working", 3, 2, True, ""),
        ("ben", "submitted", 0, 1, False, "ben"),
        ("chloe", "absent", 0, 0, False, ""),
    ]
    assert found.learners[0].seconds_left == 35 * MINUTE
    assert found.learners[0].last_key == NINE + 210
    assert (found.assignment.begun, found.assignment.submitted) == (2, 1)
    await desk.marks("midterm")  # which grades
    bars = (await desk.watch("midterm")).items
    assert bars[0].answered + bars[0].open == 1  # Anna's, which is not submitted
    assert bars[0].wrong + bars[0].partly == 1
    papers.store.gone("lab1")
    assert not (await desk.watch("midterm")).learners[0].connected


async def test_every_change_of_a_time_has_an_author_and_a_reason(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.assign(EXAM, "midterm.toml", {})
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    clock.now = NINE + 10 * MINUTE
    for asked in (
        desk.extend("midterm", ["anna"], 15, " "),
        desk.close("midterm", ["anna"], ""),
        desk.reopen("midterm", "anna", 15, "\t"),
    ):
        with pytest.raises(UserError, match="Say why"):
            await asked
    with pytest.raises(UserError, match="mallory is not on the roster"):
        await desk.extend("midterm", ["anna", "mallory"], 15, "noise")
    with pytest.raises(UserError, match="number of minutes"):
        await desk.extend("midterm", ["anna"], float("nan"), "noise")
    (changed,) = await desk.extend("midterm", ["anna"], 15, "noise")
    assert (changed.login, changed.ends) == ("anna", NINE + 60 * MINUTE)
    changes = await desk.extend("midterm", [], 5, "fire alarm")
    assert {each.login: each.ends for each in changes} == {
        "anna": NINE + 65 * MINUTE,
        "ben": NINE + 87.5 * MINUTE,
        "chloe": NINE + 65 * MINUTE,
    }
    clock.now = NINE + 20 * MINUTE
    await desk.close("midterm", [], "the end")
    with pytest.raises(PaperOverError):
        anna.answer(0, NINE + 20 * MINUTE + 1)
    with pytest.raises(UserError, match="is closed"):
        begin(papers, "midterm", "ben", NINE + 20 * MINUTE + 1)
    clock.now = NINE + 70 * MINUTE
    with pytest.raises(UserError, match="Give the minutes"):
        await desk.reopen("midterm", "anna", 0, "power failure")
    changed = await desk.reopen("midterm", "anna", 10, "power failure")
    assert changed.ends == NINE + 80 * MINUTE
    anna.answer(0, NINE + 75 * MINUTE)
    view = await desk.paper("midterm", "anna")
    assert [(each.author, each.what, each.why) for each in view.events] == [
        ("kim", "assigned, version 1", ""),
        ("anna", "begun", ""),
        ("kim", "extended by 15 minutes", "noise"),
        ("kim", "extended by 5 minutes", "fire alarm"),
        ("kim", "closed", "the end"),
        ("kim", "submitted", ""),
        ("kim", "reopened for 10 minutes", "power failure"),
    ]


async def test_an_extension_a_moment_too_late_opens_the_paper_again(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.assign(EXAM, "midterm.toml", {})
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    clock.now = NINE + 45 * MINUTE + GRACE
    (over,) = papers.submit_overdue(clock.now)
    assert over.author == BY_TIME
    (changed,) = await desk.extend("midterm", ["anna"], 10, "fire alarm")
    assert changed.ends == NINE + 55 * MINUTE
    anna.answer(0, clock.now + 1)


async def test_marks_mistakes_and_papers_tell_the_same(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.hello(Hello(version="", language="en", notation="ascii"))
    await desk.assign(EXAM, "midterm.toml", {})
    for login in ("anna", "ben"):
        learner = Learner(papers, begin(papers, "midterm", login, NINE))
        for item in range(3):
            learner.answer(item, NINE + item, reversed_sign if item else lambda cells: cells)
    clock.now = NINE + 2 * 3600  # nobody has submitted, no clerk has run
    marks = await desk.marks("midterm")
    (column,) = marks.assignments
    assert (column.possible, len(column.items)) == (4.0, 4)
    rows = {each.person.login: each.marks[0] for each in marks.people}
    assert rows["chloe"].points is None
    for login in ("anna", "ben"):
        view = await desk.paper("midterm", login)
        assert view.by == BY_TIME
        assert view.points == rows[login].points == sum(i.points or 0 for i in view.items)
        assert rows[login].items[0] == 1.0
        assert rows[login].items[3] == 0.0
        assert view.items[1].right not in view.items[1].answers[0].typed
    mistakes = (await desk.mistakes("midterm")).items
    assert [each.answered for each in mistakes] == [2, 2, 2, 0]
    assert mistakes[0].wrong == 0
    assert mistakes[1].wrong == 2
    quoted = [answer for each in mistakes[1].named for answer in each.answers]
    quoted += [each.answer for each in mistakes[1].unnamed]
    assert len(set(quoted)) == 2  # each on their own numbers
    with pytest.raises(UserError, match="from 0 to 1"):
        await desk.mark("midterm", "anna", 2, 1.5, "a slip of the pen")
    with pytest.raises(UserError, match="no item 5"):
        await desk.mark("midterm", "anna", 5, 1.0, "a slip of the pen")
    view = await desk.mark("midterm", "anna", 2, 1.0, "a slip of the pen")
    assert view.items[1].override is not None
    assert (view.items[1].override.author, view.items[1].points) == ("kim", 1.0)
    assert await desk.regrade("midterm", "new version") == []
    assert (await desk.paper("midterm", "anna")).points == view.points


async def test_nobody_fills_the_list_of_mistakes(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.assign(EXAM.replace('"exam"', '"homework"'), "work.toml", {})

    def wrong(login: str, *typed: str) -> None:
        key = begin(papers, "work", login, NINE).key
        for text in typed:
            papers.answer(key, Answer(0, NINE, "check", Mark(product=text), verdict="wrong"), NINE)

    wrong("anna", *["x" * 20_000] * 5)
    wrong("ben", "a + b")
    wrong("chloe", "a + b")
    first = (await desk.mistakes("work")).items[0]
    assert [(each.times, each.people) for each in first.unnamed] == [(2, 2), (5, 1)]
    assert max(len(each.answer) for each in first.unnamed) <= 300


async def test_score_and_answers_are_shown_when_they_are_released(
    desk: LocalDesk, papers: Papers, clock: Clock
) -> None:
    await desk.assign(EXAM, "midterm.toml", {})
    key = begin(papers, "midterm", "anna", NINE).key
    papers.submit(key, "anna", NINE + 60)
    late = NINE + 24 * 3600
    clock.now = late

    def seen() -> tuple[bool, bool]:
        offered = papers.offer("midterm", "anna", late)
        return offered.score_shown, offered.answers_shown

    assert seen() == (False, False)
    assert (await desk.release("midterm", "score", "all have written")).score_shown
    assert seen() == (True, False)
    await desk.release("midterm", "both", "all have written")
    assert seen() == (True, True)
    ben = papers.offer("midterm", "ben", late)
    assert not ben.score_shown  # who has no paper has nothing to see
