"""Damage by chance: nothing is deleted, what is lost is said, and what comes after it is kept."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from bptutor.text import UserError
from tests.record.attempts import FILE, attempt, rows
from tests.record.places import folder_of, sitting
from tools.fuzz.damage import damaged

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
