"""A class on a real PostgreSQL server: one role, two hosts, nothing lost and nothing twice."""

import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest

from bptutor.classroom import setup
from bptutor.classroom.marks import grade, results
from bptutor.classroom.papers import NO_PAPER, PaperOverError, Papers, Ticket
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Answer
from bptutor.classroom.store import ClassStore
from bptutor.record.attempts import Met
from bptutor.record.sittings import Mark
from bptutor.text import UserError
from tests.classroom.people import EXAM, MINUTE, NINE, Learner, assign, begin, class_in
from tests.postgresql import Server
from tests.record.attempts import attempt, card

T = TypeVar("T")
LEARNERS = ("anna", "ben", "chloe")


@pytest.fixture
def store(postgresql: Server) -> ClassStore:
    assert setup.init(postgresql.url()) == "postgresql+psycopg://..."
    return class_in(postgresql.url("bptutor"))


def at_once(*work: Callable[[], T]) -> list[T]:
    """Do things in threads, which all begin at the same moment."""
    ready = threading.Barrier(len(work))
    done: list[T] = []
    failed: list[BaseException] = []

    def run(each: Callable[[], T]) -> None:
        ready.wait()
        try:
            done.append(each())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return done


def test_an_exam_from_begin_to_its_marks(store: ClassStore) -> None:
    papers = Papers(store)
    assign(store, "midterm", EXAM)
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    for item in range(4):
        anna.answer(item, NINE + item)
    papers.submit_overdue(NINE + 60 * MINUTE)
    for paper in papers.ungraded():
        grade(papers, paper, NINE + 61 * MINUTE)
    given = store.assignment("midterm")
    found = store.look(lambda on: results(on, given), NO_PAPER)[anna.paper.key]
    assert found.points == [1.0] * 4
    record = store.record()
    record.add(attempt(learner="anna"), card("1"), ["a", "b"], ["a"])
    assert record.met("anna")["b"] == Met(1, 0, 0.0)
    store.seen("lab1", "1", "anna", NINE, "midterm", 2)
    store.gone("lab1")


def test_the_role_can_change_no_answer_no_mark_and_no_event(
    store: ClassStore, postgresql: Server
) -> None:
    import psycopg

    papers = Papers(store)
    assign(store, "midterm", EXAM)
    key = begin(papers, "midterm", "anna", NINE).key
    papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE)
    for statement in (
        "UPDATE bptutor.answers SET verdict = 'right'",
        "DELETE FROM bptutor.answers",
        "UPDATE bptutor.marks SET points = 1",
        "DELETE FROM bptutor.events",
        "TRUNCATE bptutor.assignments",
        "UPDATE bptutor.class_versions SET version = 0",
        "DROP TABLE bptutor.answers",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgresql.sql(statement, user="bptutor")
    postgresql.learners("mallory")
    for table in ("answers", "papers", "class_secrets", "places", "attempts"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgresql.sql(f"SELECT * FROM bptutor.{table}", user="mallory")


def test_init_may_be_run_again_and_refuses_what_it_cannot_use(
    store: ClassStore, postgresql: Server
) -> None:
    assert [person.login for person in store.people()] == [*LEARNERS]
    setup.init(postgresql.url())
    assert [person.login for person in store.people()] == [*LEARNERS]
    with pytest.raises(UserError, match="name of a role"):
        setup.init(postgresql.url(), "x; DROP SCHEMA bptutor")
    postgresql.learners("mallory")
    with pytest.raises(UserError, match="Use a login that may create schemas and roles"):
        setup.init(postgresql.url("mallory"), "mallory_role")
    with pytest.raises(UserError, match="cannot read the class"):
        ClassStore(postgresql.url("nobody")).people()


def test_two_hosts_make_one_paper_and_submit_it_once(postgresql: Server, store: ClassStore) -> None:
    assign(store, "midterm", EXAM)
    hosts = [Papers(ClassStore(postgresql.url("bptutor"))) for _ in range(2)]
    for login in LEARNERS:
        first, second = at_once(*(partial(begin, host, "midterm", login, NINE) for host in hosts))
        assert first == second
    key = first.key
    for number in range(5):
        at_once(
            *(
                lambda h=host, n=number: h.answer(
                    key, Answer(n % 4, NINE + n, "check", Mark(cells=[str(n)])), NINE + n
                )
                for host in hosts
            )
        )
    assert len(hosts[0].answers(key)) == 10
    over = NINE + 90 * MINUTE
    submitted = at_once(*(lambda h=host: h.submit_overdue(over) for host in hosts))
    assert sorted(paper.login for papers in submitted for paper in papers) == [*LEARNERS]
    for what in ("begin", "submit"):
        events = [each.login for each in store.events("midterm") if each.what == what]
        assert sorted(events) == [*LEARNERS]
    with pytest.raises(PaperOverError):
        hosts[1].answer(key, Answer(0, NINE, "check", Mark()), NINE)
    for host in hosts:
        for paper in host.ungraded():
            grade(host, paper, over)
    given = store.assignment("midterm")
    graded = store.look(lambda on: results(on, given), NO_PAPER)
    assert all(len(result.given) == 4 for result in graded.values())
    assert len(graded) == 3


def test_a_place_is_held_on_both_hosts(postgresql: Server, store: ClassStore) -> None:
    """Each adds a letter to what there is; none is lost, although no row is there at first."""
    hosts = [ClassStore(postgresql.url("bptutor")) for _ in range(4)]

    def add(host: ClassStore, letter: bytes) -> None:
        for _ in range(5):
            with host.changing_place("anna", "sitting", "softmax", NINE) as place:
                place.content = (place.content or b"") + letter

    at_once(
        *(lambda h=host, n=number: add(h, b"abcd"[n : n + 1]) for number, host in enumerate(hosts))
    )
    assert sorted(store.place("anna", "sitting", "softmax") or b"") == sorted(b"abcd" * 5)


def test_a_database_that_is_away_is_said_and_comes_back(
    postgresql: Server, store: ClassStore
) -> None:
    papers = Papers(store)
    assign(store, "midterm", EXAM)
    key = begin(papers, "midterm", "anna", NINE).key
    postgresql.sql("CHECKPOINT")  # this server does not wait for the disk
    postgresql.stop()
    try:
        with pytest.raises(UserError, match="cannot write to the class"):
            papers.answer(key, Answer(0, NINE, "check", Mark(cells=["1"])), NINE)
    finally:
        postgresql.start()
    papers.answer(key, Answer(0, NINE, "check", Mark(cells=["2"])), NINE)
    assert [each.mark.cells for each in papers.answers(key)] == [["2"]]


@pytest.mark.parametrize("learners", [6, pytest.param(30, marks=pytest.mark.whole)])
def test_learners_move_between_two_hosts_and_nothing_is_lost_or_twice(
    postgresql: Server, store: ClassStore, learners: int
) -> None:
    """Each has a service on both machines, and answers now here, now there."""
    people = [Person(f"u{number:02}") for number in range(learners)]
    store.list_people(people, "teacher", NINE)
    assign(store, "midterm", EXAM)
    first = begin(Papers(store), "midterm", "u00", NINE)

    def work(login: str) -> list[str]:
        hosts = [Papers(ClassStore(postgresql.url("bptutor"))) for _ in range(2)]
        ticket = hosts[0].ticket("midterm", login, "", NINE)
        key = ("midterm", login, 1)
        for host in hosts:
            if isinstance(ticket, Ticket):
                key = host.begin(ticket, first.items, "", NINE).key
        acknowledged = []
        for number in range(6):
            host = hosts[number % 2]
            text = f"{login}-{number}"
            host.answer(key, Answer(number % 4, NINE, "check", Mark(cells=[text])), NINE + 1)
            with host.store.changing_place(login, "sitting", "softmax", NINE) as place:
                place.content = (place.content or b"") + str(number).encode()
            acknowledged.append(text)
        for host in hosts:
            host.submit(key, login, NINE + 2)
        return acknowledged

    done = at_once(*(partial(work, person.login) for person in people))
    answers = Papers(store).all_answers("midterm")
    found = [answer.mark.cells[0] for _, answer in answers]
    assert sorted(found) == sorted(text for texts in done for text in texts)
    for person in people:
        own = [answer.mark.cells[0] for key, answer in answers if key[1] == person.login]
        assert own == [f"{person.login}-{number}" for number in range(6)]
        assert store.place(person.login, "sitting", "softmax") == b"012345"
    for what in ("begin", "submit"):
        events = [each.login for each in store.events("midterm") if each.what == what]
        assert sorted(events) == [person.login for person in people]
