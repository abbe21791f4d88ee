"""A roster: what spreadsheets write is read, and what is wrong with it is said with its line."""

import csv
import io
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.classroom.people import COLUMNS, Person, read_roster
from bptutor.text import UserError
from tests.classroom.people import ROSTER

ANNA = Person("anna", "Anna Kim", "2026001", "anna@example.org", "A", 1.0)


def test_a_roster_is_read_as_spreadsheets_write_it() -> None:
    people = read_roster("roster.csv", ROSTER)
    assert people[0] == ANNA
    assert people[1].time_factor == 1.5
    assert people[2].name == "Park, Chloe"
    for text in (
        "\ufeff" + ROSTER,
        ROSTER.replace("\n", "\r\n"),
        ROSTER.replace('"Park, Chloe"', "Park Chloe").replace(",", ";").replace("1.5", "1,5"),
        ROSTER.replace('"Park, Chloe"', "Park Chloe").replace(",", "\t"),
        ROSTER.replace("login,name", "Login , NAME"),
        "\n\n" + ROSTER + "\n,,,,,\n",
    ):
        assert read_roster("roster.csv", text)[:2] == people[:2]
    decomposed = ROSTER.replace("Anna Kim", normalize("NFD", "김\u00a0안나"))
    assert read_roster("roster.csv", decomposed)[0].name == "김 안나"
    assert read_roster("roster.csv", "section,login\nB,anna\n") == [Person("anna", section="B")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("anna,Anna", "line 6: anna is also on line 2"),
        ("dina,D,1,d@example.org,A,fast", "line 6: `time_factor` is “fast”"),
        ("dina,D,1,d@example.org,A,nan", "line 6: `time_factor`"),
        ("dina,D,1,d@example.org,A,100", "line 6: `time_factor`"),
        ("dina,D,1,d@example.org,A,1,1", "line 6: 7 values, but only 6 columns"),
        ("dina d,D", "line 6: “dina d” is not a login"),
        ("../dina,D", "line 6: “../dina” is not a login"),
        (",Dina", "line 6: “” is not a login"),
        ("dina,D\x1b[2J", "line 6: `name` must be text"),
        (f"dina,{'D' * 201}", "line 6: `name` must be text"),
        ('dina,"D', "line 6: not valid CSV"),
        ("dina,D\x00", "line 6: "),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_reason(line: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        read_roster("roster.csv", f"{ROSTER}\n{line}\n")
    assert str(error.value).startswith(f"roster.csv, {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: no person is listed"),
        ("login,name\n", "line 1: no person is listed"),
        ("name\nAnna\n", "line 1: the column `login` is missing"),
        ("logn,name\n", "line 1: unknown column “logn”; did you mean `login`?"),
        ("login,blood group\n", "line 1: unknown column “blood group”; the columns are login,"),
        ("login,login\n", "line 1: the column `login` comes twice"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        read_roster("roster.csv", text)
    assert str(error.value).startswith(f"roster.csv, {told}")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_a_roster_or_is_refused_in_a_sentence(text: str) -> None:
    for whole in (text, ROSTER + text):
        people, said = [], ""
        try:
            people = read_roster("roster.csv", whole)
        except UserError as error:
            said = str(error)
        assert bool(people) != said.startswith("roster.csv, line ")
        assert len({person.login for person in people}) == len(people)


NAMES = st.text(st.characters(categories=["L", "Nd", "Zs", "P"]), max_size=20).map(str.strip)


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z][a-z0-9_.-]{0,9}", fullmatch=True), NAMES, NAMES),
        min_size=1,
        max_size=9,
        unique_by=lambda row: row[0],
    )
)
def test_what_a_csv_writer_writes_comes_back(rows: list[tuple[str, str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([login, name, "", "", section, 1.25] for login, name, section in rows)
    people = read_roster("roster.csv", text.getvalue())
    assert [(each.login, each.time_factor) for each in people] == [(row[0], 1.25) for row in rows]
    assert [each.name for each in people] == [
        " ".join(normalize("NFC", row[1]).split()) for row in rows
    ]
