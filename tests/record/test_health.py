"""The health of the record is told; of damage nothing is deleted, and what is lost is said."""

import os
import sqlite3
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from bptutor.record import database
from bptutor.record.health import Health, health
from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from bptutor.record.tables import VERSION
from bptutor.text import UserError
from tests.record.attempts import FILE, attempt, rows
from tests.record.places import folder_of, sitting
from tools.fuzz.damage import damaged


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / FILE


def state(file: Path) -> str:
    """What is said of a file, which stays as it is."""
    before = file.read_bytes()
    found = health()
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [FILE]
    return found.state


def test_nothing_is_there_yet(file: Path) -> None:
    assert health() == Health("sqlite", "none", str(file))
    assert not file.parent.exists()


def test_a_sound_one(file: Path) -> None:
    Record().add(attempt())
    Record().add(attempt(learner="eunji"))
    assert health() == Health("sqlite", "sound", str(file), True, VERSION, 2)
    file.chmod(0o644)
    assert not health().private
    odd = file.with_name("a %41#b.db")
    file.rename(odd)
    assert health(f"sqlite:///{quote(str(odd))}").attempts == 2


def test_a_damaged_one(file: Path) -> None:
    Record().add(attempt())
    whole = file.read_bytes()
    file.write_bytes(b"junk")
    assert state(file) == "damaged"
    file.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    assert state(file) == "damaged"


def test_a_newer_one_and_one_from_before(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Record().add(attempt())
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO record_versions VALUES (99, 0)")
    connection.close()
    assert state(file) == "newer"
    file.write_bytes(b"")
    assert state(file) == "none"


def test_one_that_cannot_be_opened(file: Path) -> None:
    file.mkdir(parents=True)
    assert health().state == "unusable"
    file.rmdir()
    file.parent.rmdir()
    file.parent.write_text("")
    assert health().state in ("none", "unusable")
    assert health("oracle://a/b") == Health("", "unusable")
    assert health("postgresql://nobody@127.0.0.1:1/nothing").state == "unusable"


def test_one_that_another_program_holds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Record().add(attempt())
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    assert health().state == "unusable"
    holder.execute("COMMIT")
    holder.close()
    assert health().state == "sound"


COUNT = 50
ANSWERS = 40


def damages(whole: bytes) -> list[bytes]:
    made = (damaged(Random(seed), whole) for seed in range(2 * COUNT))
    return [each for each in made if each != whole][:COUNT]


def test_a_damaged_place_is_what_it_was_or_is_set_aside(kept: Sittings) -> None:
    kept.save("a", given_one := sitting())
    (path,) = folder_of(kept).glob("*.sitting")
    set_aside = 0
    for content in damages(path.read_bytes()):
        path.write_bytes(content)
        try:
            assert kept.load("a") == given_one
        except UserError as error:
            set_aside += 1
            asides = [each for each in folder_of(kept).iterdir() if str(each) in str(error).split()]
            assert [each.read_bytes() for each in asides] == [content]
            assert kept.load("a") is None
    assert len([*folder_of(kept).glob("*.damaged-*")]) == set_aside > COUNT / 2


def test_a_damaged_record_has_all_answers_or_is_set_aside(record: Record, folder: Path) -> None:
    for number in range(ANSWERS):
        made = ["transpose-missing"] if number % 3 == 0 else []
        record.add(attempt(product=f"answer {number}", misconceptions=made))
    file, set_aside = folder / FILE, 0
    for content in damages(file.read_bytes()):
        file.write_bytes(content)
        said = ""
        try:
            every = Record().count("minsu")
        except UserError as error:
            said = str(error)
        if asides := [each for each in folder.iterdir() if str(each) in said.split()]:
            set_aside += 1
            assert [each.read_bytes() for each in asides] == [content]
            assert rows_after_an_answer(file) == 1
        else:
            assert "a newer bptutor wrote it" in said or every >= ANSWERS - 1, said
            assert rows(file) == ANSWERS
    assert len([*folder.glob("*.damaged-*")]) == set_aside > COUNT / 2


def rows_after_an_answer(file: Path) -> int:
    Record().add(attempt())
    return rows(file)


def test_rows_that_cannot_be_read_hide_none_behind_them(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.record.record.AT_A_TIME", 2)
    for number in range(9):
        record.add(attempt(verdict="wrong" if number in (0, 8) else "unheard-of"))
    assert len(list(record.every("minsu"))) == 2
    assert record.count("minsu") == 9
