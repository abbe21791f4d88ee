"""The teacher's rows: in columns whatever is in them, and within a width."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bptutor.service.desk_tables import BAR, GAP, NARROWEST, OUTCOMES, Table, bars
from bptutor.service.desk_words import (
    about_item,
    clock,
    day_and_time,
    logins_of,
    minutes_of,
    points_of,
    standing,
    time_left,
)
from bptutor.text import UserError
from bptutor.text.printable import cells
from bptutor.views.classroom import AssignmentLine, ItemBar, PaperAnswer, PaperItem, WatchView
from tests.classroom.people import NINE

TEXTS = st.text(st.sampled_from("abc 가나다…∂\x1b\u200b"), max_size=30)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5)
LINE = AssignmentLine("m", "M", "exam", "open", None, None, None, 0, 1, 9, 9, 0, False, False)


@given(ROWS, st.integers(30, 120))
def test_lines_stay_within_their_width(rows: list[tuple[str, str, str]], width: int) -> None:
    table = Table(["one", "two", "three"], rows, right=(1,), elastic=(0, 1, 2))
    lines = [*table.lines(width)]
    assert len(lines) == 1 + len(rows)
    most = max(width, 3 * NARROWEST + 2 * GAP)
    assert all(cells(line) <= most for line in lines)
    assert all(line.isprintable() for line in lines)


@given(ROWS)
def test_without_a_width_nothing_is_cut(rows: list[tuple[str, str, str]]) -> None:
    plain = [[text.replace("\x1b", "").replace("\u200b", "") for text in row] for row in rows]
    lines = [*Table(["one", "two", "three"], plain).lines()][1:]
    for row, line in zip(plain, lines, strict=True):
        assert all(text.strip() in line for text in row)


@given(st.lists(st.integers(0, 400), min_size=5, max_size=5))
def test_a_bar_shows_all_that_there_is(counts: list[int]) -> None:
    item = ItemBar(0, "L", "One neuron", **dict(zip(OUTCOMES, counts, strict=True)))
    (row,) = bars(WatchView(0.0, LINE, [], [item]), str, "#ox:.").rows
    bar = row[3]
    assert len(bar) == BAR
    if sum(counts):
        assert {sign for sign, count in zip("#ox:.", counts, strict=True) if count} == {*bar}
    assert [*row[4:]] == [*map(str, counts)]


@given(st.text(max_size=12))
def test_what_a_teacher_types_is_a_number_in_its_bounds_or_refused(typed: str) -> None:
    for read, least, most in ((points_of, 0, 1), (minutes_of, 0, 100_000)):
        with suppress(UserError):
            found = read(typed)
            assert found is None or least <= found <= most


def test_numbers_are_typed_with_a_point_or_a_comma() -> None:
    assert points_of("0,5") == points_of("0.5") == 0.5
    assert minutes_of("7,5") == 7.5
    assert points_of("-") is None
    assert logins_of("anna, ben") == ["anna", "ben"]
    assert logins_of("*") == []


def test_a_clock() -> None:
    assert [clock(each) for each in (0, 59.6, 1500, 3900)] == ["0:00", "1:00", "25:00", "1:05:00"]
    assert [time_left(each).to("en") for each in (86_400, 864_010)] == ["24:00:00", "10 days"]


def test_of_what_is_typed_on_the_last_alone_is_told() -> None:
    answers = [
        PaperAnswer(at, what, typed, verdict, [])
        for at, (what, typed, verdict) in enumerate(
            [
                ("draft", "d", ""),
                ("draft", "dL", ""),
                ("check", "dL_dY", "wrong"),
                ("draft", "2 * dL", ""),
                ("hint", "2 * dL", ""),
                ("draft", "2 * dL_dY", ""),
            ]
        )
    ]
    item = PaperItem(0, "L", "One neuron", "answered", None, answers, "", "", None)
    told = [str(each).split("  ")[1] for each in about_item(item)]
    assert told == ["dL_dY: not right", "2 * dL: typed", "2 * dL: hint", "2 * dL_dY: typed"]


def test_a_teachers_times_have_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        line = replace(LINE, closes=NINE)
        assert str(standing(line)) == "open until 2026-12-01 18:00 KST"
        assert day_and_time(NINE) == "12-01 18:00 KST"
    finally:
        monkeypatch.undo()
        time.tzset()
