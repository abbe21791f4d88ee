"""Marks as tables: whole when read back, no formula in them, and what Moodle and Canvas expect."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.classroom.marks_csv import Gradebook, Kind, read_gradebook, table, written
from bptutor.text import UserError
from bptutor.views.classroom import MarkColumn, MarkLine, MarksView, PersonLine, PersonMarks
from tests.classroom.people import NINE

ANNA = PersonLine("anna", "Kim, Anna", "2026001", "anna@example.org", "A", 1.0)
BEN = PersonLine("ben", "=HYPERLINK(1)", "-2", "@ben", "B", 1.5)
CHLOE = PersonLine("chloe", "최 클로이", "2026003", "chloe@example.org", "B", 1.0)
MIDTERM = MarkColumn("midterm", "Midterm", 3.0, ["∂L/∂W3", "∂L/∂b3", "L"])
WEEK_1 = MarkColumn("week1", "Week 1", 1.0, ["Y"])


def mark(assignment: str, points: float, items: list[float | None], late: float = 1) -> MarkLine:
    return MarkLine(assignment, points, NINE, NINE + 600, late, 15.0, 1, items, False)


VIEW = MarksView(
    NINE,
    [MIDTERM, WEEK_1],
    [
        PersonMarks(ANNA, [mark("midterm", 2.5, [1, 1, 0.5]), mark("week1", 1, [1])]),
        PersonMarks(BEN, [mark("midterm", 1 / 3, [1 / 3, 0, None], late=0.8)]),
        PersonMarks(CHLOE, []),
    ],
)
GRADEBOOK = """Student,ID,SIS User ID,SIS Login ID,Section,Midterm (4711),Current Score
    Points Possible,,,,,3,(read only)
"Kim, Anna",101,2026001,anna.kim,Backprop-A,,
"Choi, Chloe",103,x,CHLOE,Backprop-B,,
"""


def read(kind: Kind, items: bool = False) -> list[list[str]]:
    """The table as another program reads the file."""
    rows, _ = table(VIEW, kind, items=items)
    return [*csv.reader(io.StringIO("\n".join(written(rows))))]


@pytest.fixture(autouse=True)
def _seoul(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()


def test_a_row_for_each_learner_and_assignment() -> None:
    header, *rows = read("csv", items=True)
    assert header[:7] == ["login", "name", "number", "email", "section", "assignment", "attempt"]
    assert header[7:14] == ["points", "of", "percent", "begun", "submitted", "late", "extension"]
    assert header[14:] == ["i1", "i2", "i3"]
    found = {(row[0], row[5]): dict(zip(header, row, strict=True)) for row in rows}
    assert len(found) == len(rows) == 6
    anna = found["anna", "midterm"]
    assert (anna["points"], anna["of"], anna["percent"], anna["late"]) == ("2.5", "3", "83.3", "")
    assert (anna["begun"], anna["extension"]) == ("2026-12-01T18:00:00+09:00", "15")
    assert [anna[each] for each in ("i1", "i2", "i3")] == ["1", "1", "0.5"]
    ben = found["ben", "midterm"]
    assert (ben["points"], ben["late"], ben["i3"]) == ("0.3333", "80", "")
    assert found["chloe", "week1"]["points"] == ""
    assert len(read("csv")[0]) == 14


def test_a_text_that_a_spreadsheet_would_compute_is_marked_as_text() -> None:
    (ben,) = [row for row in read("csv") if row[0] == "ben" and row[5] == "midterm"]
    assert ben[1:4] == ["'=HYPERLINK(1)", "'-2", "'@ben"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=5))
def test_every_text_is_read_back_and_no_cell_is_a_formula(texts: list[str]) -> None:
    (line,) = written([texts])
    (cells,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]
    assert not any(cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠")) for cell in cells)


@given(st.text(";,\t=ab", min_size=1))
def test_where_a_semicolon_separates_a_cell_stays_one(text: str) -> None:
    (line,) = written([[text]])
    if ";" in text:
        (cells,) = csv.reader(io.StringIO(line), delimiter=";", strict=True)
        assert [cell.removeprefix("'") for cell in cells] == [text]


def test_moodle_finds_a_learner_by_any_of_three_columns() -> None:
    header, anna, _, chloe = read("moodle")
    assert header == ["Username", "Email address", "ID number", "Midterm", "Week 1"]
    assert anna == ["anna", "anna@example.org", "2026001", "2.5", "1"]
    assert chloe == ["chloe", "chloe@example.org", "2026003", "", ""]
    assert read("moodle", items=True)[0][3:6] == [
        "Midterm",
        "Midterm: 1 ∂L/∂W3",
        "Midterm: 2 ∂L/∂b3",
    ]


def test_canvas_has_its_columns_and_the_points_possible() -> None:
    header, possible, anna, *_ = read("canvas")
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in possible[0]
    assert possible[5:] == ["3", "1"]
    assert anna == ["Kim, Anna", "", "2026001", "anna", "A", "2.5", "1"]
    assert read("canvas", items=True)[1][5:] == ["3", "1", "1", "1", "1", "1"]


def test_canvas_gets_its_own_numbers_back_and_who_it_does_not_know_is_named() -> None:
    gradebook = read_gradebook("\n" + GRADEBOOK, "grades.csv")
    rows, missing = table(VIEW, "canvas", gradebook=gradebook)
    assert missing == ["ben"]
    assert rows[0][5:] == ["Midterm (4711)", "Week 1"]
    assert [row[:6] for row in rows[2:]] == [
        ["Kim, Anna", "101", "2026001", "anna.kim", "Backprop-A", 2.5],
        ["Choi, Chloe", "103", "x", "CHLOE", "Backprop-B", None],
    ]


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "Student,ID\nx,1\n", "\0"])
def test_what_is_no_gradebook_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"grades\.csv, line 1"):
        read_gradebook(text, "grades.csv")


def test_an_empty_class_is_a_table_of_headings() -> None:
    nobody = MarksView(NINE, [MIDTERM], [])
    for kind in ("csv", "moodle"):
        assert len(table(nobody, kind)[0]) == 1
    assert len(table(nobody, "canvas", gradebook=Gradebook())[0]) == 2
