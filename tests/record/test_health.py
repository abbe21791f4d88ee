"""The record's health is told, and the record left as it is."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from bptutor.record import database
from bptutor.record.health import Health, health
from bptutor.record.record import Record
from bptutor.record.tables import VERSION
from tests.record.attempts import FILE, attempt


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
