"""Times of papers, as rules that hold for any times and changes."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bptutor.classroom.assignment import read_assignment
from bptutor.classroom.offers import closes_for_all, ends, times
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Event, Paper
from tests.classroom.people import EXAM, MINUTE, NINE

MIDTERM = read_assignment("midterm.toml", EXAM.encode())
MINUTES = st.integers(1, 120)
WHEN = st.integers(0, 59).map(lambda minute: NINE + minute * MINUTE)
FACTORS = st.sampled_from([1.0, 1.25, 1.5, 2.0])
LOGINS = st.sampled_from(["anna", "ben", ""])


@st.composite
def changes(draw: st.DrawFn) -> list[Event]:
    """What a teacher did, in the order of time."""
    at = sorted(draw(st.lists(WHEN, max_size=5)))
    return [
        Event(
            each,
            "kim",
            draw(st.sampled_from(["extend", "close"])),
            "",
            "midterm",
            draw(LOGINS),
            number=float(draw(MINUTES)),
        )
        for each in at
    ]


def paper(begun: float) -> Paper:
    return Paper("midterm", "anna", 1, 0, {}, [], begun)


def end(factor: float, begun: float, events: Sequence[Event]) -> float:
    found = ends(MIDTERM, Person("anna", time_factor=factor), events, paper(begun))
    assert found is not None
    return found


@given(FACTORS, WHEN, changes(), MINUTES)
def test_an_extension_gives_exactly_so_many_minutes_more(
    factor: float, begun: float, events: list[Event], minutes: int
) -> None:
    events = [each for each in events if each.what == "extend"]
    more = Event(NINE, "kim", "extend", "", "midterm", "anna", number=float(minutes))
    for place in (0, len(events)):
        after = [*events[:place], more, *events[place:]]
        assert end(factor, begun, after) == end(factor, begun, events) + minutes * MINUTE
    elsewhere = replace(more, login="ben")
    assert end(factor, begun, [*events, elsewhere]) == end(factor, begun, events)


@given(FACTORS, WHEN, changes())
def test_nobody_has_longer_than_the_limit_or_than_the_closing_time(
    factor: float, begun: float, events: list[Event]
) -> None:
    person = Person("anna", time_factor=factor)
    allowed = times(MIDTERM, person, events)
    found = end(factor, begun, events)
    assert allowed.closes is not None
    assert found <= allowed.closes
    assert found <= begun + allowed.minutes * MINUTE
    assert found in (allowed.closes, begun + allowed.minutes * MINUTE)
    closing = closes_for_all(MIDTERM, [person], events)
    assert closing is not None
    assert found <= closing


@given(FACTORS)
def test_whoever_begins_at_the_opening_has_the_factor_in_full(factor: float) -> None:
    assert end(factor, NINE, []) == NINE + 45 * factor * MINUTE


@given(FACTORS, WHEN, changes(), MINUTES, changes())
def test_reopening_counts_from_then_on_alone(
    factor: float, begun: float, events: list[Event], minutes: int, later: list[Event]
) -> None:
    now = NINE + 24 * 60 * MINUTE
    reopen = Event(now, "kim", "reopen", "", "midterm", "anna", 1, number=float(minutes))
    assert end(factor, begun, [*events, reopen]) == now + minutes * MINUTE
    later = [
        replace(each, at=each.at + 24 * 60 * MINUTE) for each in later if each.what == "extend"
    ]
    more = sum(each.number or 0 for each in later if each.login in ("", "anna"))
    found = end(factor, begun, [*events, reopen, *later])
    assert found == now + (minutes + more) * MINUTE
    other = replace(reopen, attempt=2)
    assert end(factor, begun, [*events, other]) <= now


@given(WHEN, changes())
def test_closing_by_hand_ends_at_once_until_something_is_given_back(
    begun: float, events: list[Event]
) -> None:
    now = NINE + 20 * MINUTE
    events = [each for each in events if each.at <= now]
    close = Event(now, "kim", "close", "", "midterm", "")
    assert end(1.0, begun, [*events, close]) <= now or begun > now
    more = Event(now + 1, "kim", "extend", "", "midterm", "anna", number=1.0)
    assert end(1.0, begun, [close, more]) == end(1.0, begun, [more])
