"""A damaged class: the host refuses to start, and the file stays as it is."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bptutor.classroom.store import ClassStore
from bptutor.text import UserError
from tests.classroom.people import EXAM, assign, class_in

PAGE = 4096


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_at_a_page(content: bytes) -> bytes:
    return content[:-PAGE]


def a_corrupt_page(content: bytes) -> bytes:
    """In the middle of a table's or an index's tree."""
    place = len(content) // PAGE // 2 * PAGE
    return content[:place] + b"\x7f" * 100 + content[place + 100 :]


def other_bytes(content: bytes) -> bytes:
    return b"no database" * 1000


def nothing(content: bytes) -> bytes:
    return b""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assign(class_in(tmp_path), "midterm", EXAM)
    file = tmp_path / "class.sqlite"
    with closing(sqlite3.connect(file)) as on:
        on.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.mark.parametrize("damage", [cut, cut_at_a_page, a_corrupt_page, other_bytes, nothing])
def test_a_damaged_class_is_refused_and_stays_as_it_is(
    file: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    there = tmp_path / "damaged" / file.name
    there.parent.mkdir()
    damaged = damage(file.read_bytes())
    there.write_bytes(damaged)
    with pytest.raises(UserError, match="is damaged, so the host does not start") as refused:
        ClassStore(f"sqlite:///{there}").require_sound()
    assert str(there) in str(refused.value)
    assert "backup" in str(refused.value)
    assert there.read_bytes() == damaged
    assert not [each for each in there.parent.iterdir() if "damaged-" in each.name]


def test_a_table_that_is_missing_is_damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as on:
        on.execute("DROP TABLE marks")
    with pytest.raises(UserError, match="is damaged"):
        ClassStore(f"sqlite:///{file}").require_sound()


def test_a_class_that_is_whole_or_not_there_yet_is_served(file: Path, tmp_path: Path) -> None:
    ClassStore(f"sqlite:///{tmp_path / 'none.sqlite'}").require_sound()
    store = ClassStore(f"sqlite:///{file}")
    store.require_sound()
    store.record().count("anna")
    # What a host that was killed has left in its log counts.
    copy = tmp_path / "killed"
    copy.mkdir()
    assign(store, "later", EXAM)
    for each in tmp_path.glob("class.sqlite*"):
        shutil.copy(each, copy)
    killed = ClassStore(f"sqlite:///{copy / file.name}")
    killed.require_sound()
    assert [each.assignment.name for each in killed.assignments()] == ["later", "midterm"]
