"""Papers: begun once, in time; answered in time; submitted by whoever comes first."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bptutor.classroom import papers as module
from bptutor.classroom.papers import GRACE, PaperOverError, Papers, Ticket, sitting_of
from bptutor.classroom.rows import BY_TIME, Answer, Event, Paper
from bptutor.classroom.store import ClassStore
from bptutor.record.sittings import AskedItem, Mark
from bptutor.text import UserError
from tests.classroom.people import EXAM, HOMEWORK, MINUTE, NINE, assign, class_in


def items() -> list[AskedItem]:
    return [
        AskedItem("tanh-neuron", "1a2b", step, "weight-gradient", seed=7)
        for step in ("dLoss_dW3", "dLoss_db3", "dLoss_dW2", "dLoss_db2")
    ]


@pytest.fixture
def store(tmp_path: Path) -> ClassStore:
    store = class_in(tmp_path)
    assign(store, "midterm", EXAM)
    assign(store, "homework", HOMEWORK)
    return store


@pytest.fixture
def papers(store: ClassStore) -> Papers:
    return Papers(store)


def begun(papers: Papers, login: str, now: float, name: str = "midterm") -> Paper:
    ticket = papers.ticket(name, login, "", now)
    assert isinstance(ticket, Ticket)
    return papers.begin(ticket, items(), "", now)


def extend(papers: Papers, login: str, minutes: float, now: float) -> None:
    event = Event(now, "teacher", "extend", "fire alarm", "midterm", login, number=minutes)
    papers.store.happened(event)


def test_a_paper_is_begun_once_and_only_while_the_assignment_is_open(papers: Papers) -> None:
    assert papers.offer("midterm", "anna", NINE - 1).state == "planned"
    with pytest.raises(UserError, match="not open yet"):
        papers.ticket("midterm", "anna", "", NINE - 1)
    assert papers.offer("midterm", "anna", NINE).state == "open"
    ticket = papers.ticket("midterm", "anna", "", NINE)
    assert isinstance(ticket, Ticket)
    first = papers.begin(ticket, items(), "", NINE)
    again = papers.begin(ticket, items(), "", NINE + 60)
    assert first == again == papers.ticket("midterm", "anna", "", NINE + 61)
    assert papers.offer("midterm", "anna", NINE + 61).ends == NINE + 45 * MINUTE
    with pytest.raises(UserError, match="is closed"):
        papers.ticket("midterm", "chloe", "", NINE + 60 * MINUTE)
    with pytest.raises(UserError, match="not on the roster"):
        papers.ticket("midterm", "mallory", "", NINE)


def test_the_end_is_cut_at_the_closing_time_but_a_time_factor_is_had_in_full(
    papers: Papers,
) -> None:
    anna = begun(papers, "anna", NINE + 30 * MINUTE)
    assert papers.paper(anna.key)[1] == NINE + 60 * MINUTE
    ben = begun(papers, "ben", NINE + 10 * MINUTE)  # 1.5 times 45 minutes
    assert papers.paper(ben.key)[1] == NINE + 77.5 * MINUTE
    extend(papers, "anna", 15, NINE + 31 * MINUTE)
    assert papers.paper(anna.key)[1] == NINE + 75 * MINUTE
    assert papers.paper(ben.key)[1] == NINE + 77.5 * MINUTE
    extend(papers, "", 5, NINE + 32 * MINUTE)
    assert papers.paper(anna.key)[1] == NINE + 80 * MINUTE
    assert papers.paper(ben.key)[1] == NINE + 82.5 * MINUTE
    assert papers.next_end() == NINE + 80 * MINUTE + GRACE


def test_an_answer_counts_until_the_end_and_not_after_it(papers: Papers) -> None:
    key = begun(papers, "anna", NINE).key
    end = NINE + 45 * MINUTE
    papers.answer(key, Answer(1, end - 1, "check", Mark(cells=["1"]), True, "right"), end - 1)
    papers.answer(key, Answer(1, end + 1, "draft", Mark(cells=["2"]), True), end + 1)
    with pytest.raises(PaperOverError):
        papers.answer(key, Answer(1, end + 6, "check", Mark(cells=["3"])), end + 6)
    assert [each.mark.cells for each in papers.answers(key)] == [["1"], ["2"]]
    sitting = sitting_of(papers.paper(key)[0], "exam", papers.last_answers(key))
    assert [item.mark.cells for item in sitting.items] == [[], ["2"], [], []]
    assert sitting.items[1].flagged
    assert sitting.seed == 0


def test_a_paper_is_submitted_once_by_whoever_comes_first(papers: Papers) -> None:
    anna, ben = begun(papers, "anna", NINE), begun(papers, "ben", NINE)
    done = papers.submit(anna.key, "anna", NINE + 600)
    assert (done.submitted, done.author) == (NINE + 600, "anna")
    assert papers.submit(anna.key, "teacher", NINE + 700) == done
    with pytest.raises(PaperOverError):
        papers.answer(anna.key, Answer(0, NINE + 601, "check", Mark()), NINE + 601)
    late = NINE + 5 * 3600  # the host was away
    (over,) = papers.submit_overdue(late)
    assert over.key == ben.key
    assert (over.submitted, over.author) == (NINE + 67.5 * MINUTE, BY_TIME)
    assert papers.submit_overdue(late) == []
    assert [paper.login for paper in papers.ungraded()] == ["anna", "ben"]
    assert papers.offer("midterm", "anna", NINE + 601).state == "submitted"
    with pytest.raises(UserError, match="You have submitted"):
        papers.ticket("midterm", "anna", "", NINE + 700)


def test_seeds_differ_by_learner_and_class_and_questions_are_the_same(
    papers: Papers, tmp_path: Path
) -> None:
    given = papers.store.assignment("midterm")
    tickets = [papers.prepared(given, login) for login in ("anna", "ben", "anna")]
    assert tickets[0] == tickets[2]
    assert len({ticket.seed for ticket in tickets}) == 1
    assert len({ticket.numbers for ticket in tickets}) == 2
    assert all(0 <= ticket.numbers < 2**63 for ticket in tickets)
    assign(papers.store, "same", EXAM.replace("minutes", 'numbers = "same"\nminutes'))
    given = papers.store.assignment("same")
    same = [papers.prepared(given, *who).numbers for who in (("anna", 1), ("ben", 1), ("ben", 2))]
    assert same[0] == same[1] != same[2]
    other = ClassStore(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert other.seed("questions", "midterm") != tickets[0].seed


def test_what_an_assignment_asks_stays_once_a_paper_has_begun(papers: Papers) -> None:
    begun(papers, "anna", NINE)
    assert assign(papers.store, "midterm", EXAM.replace("T10:00", "T11:00"), now=NINE + 1)
    assert papers.offer("midterm", "chloe", NINE + 65 * MINUTE).state == "open"
    with pytest.raises(UserError, match="1 papers of midterm have begun"):
        assign(papers.store, "midterm", EXAM.replace("items = 4", "items = 5"), now=NINE + 2)


def test_an_answer_that_nobody_types_is_refused(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = begun(papers, "anna", NINE).key
    with pytest.raises(UserError, match="too long"):
        papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1" * 100_001])), NINE)
    with pytest.raises(UserError, match="no item 5"):
        papers.answer(key, Answer(4, NINE, "check", Mark(cells=["1"])), NINE)
    monkeypatch.setattr("bptutor.classroom.papers.MOST_ANSWERS", 2)
    for number in range(2):
        papers.answer(key, Answer(number, NINE, "check", Mark(cells=["1"])), NINE)
    with pytest.raises(UserError, match="too many answers"):
        papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE)


def test_a_password_is_asked_for_once(papers: Papers) -> None:
    assign(papers.store, "quiz", EXAM.replace("minutes", 'password = "µ 열쇠"\nminutes'))
    for wrong in ("", "key", "µ"):
        with pytest.raises(UserError, match="not the password"):
            papers.ticket("quiz", "anna", wrong, NINE)
    ticket = papers.ticket("quiz", "anna", " µ 열쇠 ", NINE)
    assert isinstance(ticket, Ticket)
    with pytest.raises(UserError, match="not the password"):
        papers.begin(ticket, items(), "", NINE)
    paper = papers.begin(ticket, items(), "µ 열쇠", NINE)
    assert papers.ticket("quiz", "anna", "", NINE + 1) == paper


def test_a_lock_holds_from_begin_to_the_end(papers: Papers) -> None:
    assign(papers.store, "locked", EXAM.replace("minutes", "lock = true\nminutes"))
    begun(papers, "anna", NINE, "midterm")
    assert papers.locked("anna", NINE) is None
    key = begun(papers, "anna", NINE, "locked").key
    found = papers.locked("anna", NINE + 60)
    assert found is not None
    assert found.given.assignment.name == "locked"
    assert papers.locked("ben", NINE + 60) is None
    assert papers.locked("anna", NINE + 45 * MINUTE + GRACE + 1) is None
    papers.submit(key, "anna", NINE + 120)
    assert papers.locked("anna", NINE + 121) is None


def test_a_full_disk_is_said_and_nothing_that_was_acknowledged_is_lost(papers: Papers) -> None:
    """SQLite itself says that the disk is full, at so many pages."""
    key = begun(papers, "anna", NINE).key
    papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE)

    def limit(pages: str) -> None:
        papers.store.read(lambda on: on.exec_driver_sql(f"PRAGMA max_page_count = {pages}"), None)

    limit("1")  # which is taken for as many as there are
    acknowledged = [1]

    def answer_on_and_on() -> None:
        while True:
            papers.answer(key, Answer(0, NINE, "check", Mark(cells=["2" * 500])), NINE)
            acknowledged.append(1)

    with pytest.raises(UserError, match=r"the disk is full\)\. Nothing is changed"):
        answer_on_and_on()
    kept = len(acknowledged)
    assert len(Papers(ClassStore(papers.store.url)).answers(key)) == kept
    limit("1000000")
    papers.answer(key, Answer(0, NINE, "check", Mark(cells=["3"])), NINE)
    assert len(papers.answers(key)) == kept + 1


def test_rows_are_only_added(papers: Papers) -> None:
    key = begun(papers, "anna", NINE).key
    papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE)
    for doing in ("UPDATE answers SET verdict = 'right'", "DELETE FROM events"):
        with pytest.raises(UserError, match="only added"):
            papers.store.write(partial(Connection.exec_driver_sql, statement=doing))


def test_what_one_learner_keeps_in_an_assignment_has_a_bound(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(papers.store, "often", HOMEWORK.replace('"homework"', '"practice"'))
    key = begun(papers, "anna", NINE, "often").key
    monkeypatch.setattr(module, "MOST_KEPT", 5_000)
    long = Answer(0, NINE, "draft", Mark(product="x" * 5_000))
    papers.answer(key, long, NINE)
    with pytest.raises(UserError, match="Your answers in often take more than 0 MB"):
        papers.answer(key, long, NINE)
    papers.answer(key, Answer(1, NINE, "check", Mark(cells=["1"])), NINE)  # that goes on
    papers.submit(key, "anna", NINE)
    with pytest.raises(UserError, match="no more are saved"):
        begun(papers, "anna", NINE, "often")
    begun(papers, "ben", NINE, "often")
