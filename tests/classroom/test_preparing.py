"""Papers made ahead are those that would be made at Begin, and no others."""

from pathlib import Path

import pytest

from bptutor.classroom import lessons
from bptutor.classroom.lessons import AHEAD, items_of, missing, prepare
from bptutor.classroom.papers import Papers, Ticket
from bptutor.lesson.lesson import Lesson
from tests.classroom.people import EXAM, HOMEWORK, MINUTE, NINE, assign, begin, class_in


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    papers = Papers(class_in(tmp_path))
    assign(papers.store, "midterm", EXAM)
    return papers


def logins(tickets: list[Ticket]) -> list[tuple[str, str]]:
    return [(ticket.given.assignment.name, ticket.login) for ticket in tickets]


def test_papers_are_made_from_an_hour_before_until_they_are_begun_or_it_closes(
    papers: Papers,
) -> None:
    everybody = [("midterm", login) for login in ("anna", "ben", "chloe")]
    assert missing(papers, NINE - AHEAD - 1) == []
    assert logins(missing(papers, NINE - AHEAD)) == everybody
    begin(papers, "midterm", "anna", NINE)
    assert logins(missing(papers, NINE + 1)) == everybody[1:]
    assert missing(papers, NINE + 60 * MINUTE) == []
    assign(papers.store, "homework", HOMEWORK, now=NINE - 3 * AHEAD)
    names = [name for name, _ in logins(missing(papers, NINE))]
    assert names == ["midterm"] * 2 + ["homework"] * 3  # what opens next comes first


def test_what_is_made_ahead_is_taken_at_begin_and_is_what_begin_would_make(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = missing(papers, NINE - 60)
    now = [items_of(papers.store, ticket) for ticket in tickets]
    for ticket in tickets:
        prepare(papers.store, ticket)
    assert missing(papers, NINE - 60) == []

    def unneeded(*_: object) -> Lesson:
        raise AssertionError("nothing is to be made")

    with monkeypatch.context() as patched:
        patched.setattr(lessons, "compose", unneeded)
        assert [items_of(papers.store, ticket) for ticket in tickets] == now
        anna = begin(papers, "midterm", "anna", NINE)
    assert anna.items == now[0]


def test_what_was_made_of_a_former_version_is_not_taken(papers: Papers) -> None:
    for ticket in missing(papers, NINE - 60):
        prepare(papers.store, ticket)
    assign(papers.store, "midterm", EXAM.replace("items = 4", "items = 3"))
    tickets = missing(papers, NINE - 60)
    assert len(tickets) == 3
    assert len(items_of(papers.store, tickets[0])) == 3
    prepare(papers.store, tickets[0])
    assert logins(missing(papers, NINE - 60)) == [("midterm", "ben"), ("midterm", "chloe")]
