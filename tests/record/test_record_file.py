"""The file or server of the record: nobody else reads it; each failure is one sentence."""

import os
import sqlite3
import stat
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

import pytest

from bptutor.record.database import PATIENCE
from bptutor.record.record import PAUSE, Record
from bptutor.text import UserError
from tests.record.attempts import FILE, attempt, rows, run

# ── the file ──────────────────────────────────────────────────────────────────────────────────


def test_nobody_else_may_look(record: Record, folder: Path) -> None:
    mask = os.umask(0)
    try:
        record.add(attempt())
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600


def test_there_is_no_log_to_be_written_ahead(record: Record, folder: Path) -> None:
    record.add(attempt())
    assert os.listdir(folder) == [FILE]
    header = (folder / FILE).read_bytes()
    assert header[18:20] == b"\x01\x01"  # the file format: 2 would be a write-ahead log


def test_what_is_forgotten_is_not_in_the_file(record: Record, folder: Path) -> None:
    record.add(attempt(product="unmistakable", misconceptions=["unmistakable-too"]))
    assert b"unmistakable" in (folder / FILE).read_bytes()
    record.forget("minsu")
    assert b"unmistakable" not in (folder / FILE).read_bytes()


def test_a_file_that_is_moved_or_deleted_meanwhile_is_not_written_into(
    record: Record, folder: Path
) -> None:
    record.add(attempt(step="first"))
    (folder / FILE).rename(folder / "elsewhere")
    record.add(attempt(step="second"))
    assert [each.step for each in record.attempts("minsu")] == ["second"]
    assert rows(folder / "elsewhere") == 1


def test_a_url_names_another_place(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/er/mine.db"
    Record(url).add(attempt())
    assert len(Record(url).attempts("minsu")) == 1
    assert rows(tmp_path / "deep" / "er" / "mine.db") == 1


def test_a_relative_url_is_in_the_data_folder_wherever_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    Record("sqlite:///mine.db").add(attempt())
    assert rows(tmp_path / "data" / "mine.db") == 1


@pytest.mark.parametrize(
    "url",
    ["nonsense", "oracle://a/b", "sqlite://", "sqlite:///:memory:", "martian://minsu:secret@x/y"],
)
def test_a_url_that_names_nothing_is_said(url: str) -> None:
    record = Record(url)
    with pytest.raises(UserError, match="cannot use the record") as said:
        record.cards("minsu")
    assert "secret" not in str(said.value)
    with pytest.raises(UserError):
        record.add(attempt())


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"junk",
        lambda whole: b"x" * 5_000,
        lambda whole: bytes(100) + whole[100:],
        lambda whole: whole[:100] + b"\xff" * 4_000 + whole[4_100:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"CREATE TABLE attempts", b"CREATE \xff\xfeBLE attempts"),
    ],
    ids=["short", "long", "header", "tables", "half", "schema"],
)
def test_a_damaged_file_is_set_aside_and_what_was_to_be_kept_is_kept(
    record: Record, folder: Path, damage: Any
) -> None:
    for number in range(2):
        record.add(attempt(step="before"))
        (folder / FILE).write_bytes(damage((folder / FILE).read_bytes()))
        damaged = (folder / FILE).read_bytes()
        with pytest.raises(UserError, match="bptutor renamed it to") as said:
            record.add(attempt(step="after"))
        asides = sorted(folder.glob("*.damaged-*"))
        assert len(asides) == number + 1
        assert damaged in [aside.read_bytes() for aside in asides]
        assert any(str(aside) in str(said.value) for aside in asides)
        assert [each.step for each in record.attempts("minsu")] == ["after"]
        record.add(attempt(step="more"))
        record.forget("minsu")


def test_tables_without_their_version_are_set_aside(record: Record, folder: Path) -> None:
    record.add(attempt(step="before"))
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("DELETE FROM record_versions")
    again = Record()
    with pytest.raises(UserError, match="bptutor renamed it to"):
        again.add(attempt(step="after"))
    assert [each.step for each in again.attempts("minsu")] == ["after"]
    (aside,) = folder.glob("*.damaged-*")
    assert rows(aside) == 1


def test_a_damaged_file_is_noticed_by_looking_too(record: Record, folder: Path) -> None:
    record.add(attempt())
    (folder / FILE).write_bytes(b"junk")
    with pytest.raises(UserError, match="bptutor renamed it to"):
        record.cards("minsu")
    assert record.cards("minsu") == {}
    assert [path.read_bytes() for path in folder.iterdir()] == [b"junk"]


def test_a_full_disk_is_said_until_it_works_again(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(attempt(step="kept"))
    pages = rows_of_pages(folder / FILE)
    for _ in range(2):
        with monkeypatch.context() as full:
            limit = f"max_page_count = {pages}"
            full.setattr("bptutor.record.database.Database._pragmas", (limit,))
            with pytest.raises(UserError, match="the disk is full") as said:
                record.add(attempt(product="x" * 100_000))
            assert str(folder / FILE) in str(said.value)
            assert [each.step for each in record.attempts("minsu")] == ["kept"]
        record.forget("minsu")
        record.add(attempt(step="kept"))


def rows_of_pages(path: Path) -> int:
    return path.stat().st_size // 4096


FULL = """
import resource
from bptutor.text import UserError
from bptutor.record.record import Record
from tests.record.attempts import attempt
record = Record()
record.add(attempt())
resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))
try:
    record.add(attempt(product="x" * 200_000))
except UserError as error:
    print(error)
print(len(record.attempts("minsu")))
resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))
record.add(attempt())
print(len(record.attempts("minsu")))
"""


def test_a_real_full_disk(folder: Path) -> None:
    """A limit on the size of files stands for the full disk: the write fails half way."""
    process = run(FULL, folder)
    out, _ = process.communicate()
    said, before, after = out.splitlines()
    assert str(folder / FILE) in said
    assert (before, after) == ("1", "2")
    assert os.listdir(folder) == [FILE]


def test_a_place_where_nothing_can_be_kept_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "file"))
    record = Record()
    with pytest.raises(UserError, match="cannot add your answers to your record"):
        record.add(attempt())
    assert record.attempts("minsu") == []


def test_a_read_only_file_can_be_read(record: Record, folder: Path) -> None:
    record.add(attempt())
    (folder / FILE).rename(folder / "other")
    only_reading = Record(f"sqlite:///file:{folder}/other?mode=ro&uri=true")
    assert len(only_reading.attempts("minsu")) == 1
    with pytest.raises(UserError, match="read-only"):
        only_reading.add(attempt())


def test_another_program_that_holds_it_is_waited_for(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(attempt())
    holder = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, holder.execute, ["COMMIT"])
    release.start()
    record.add(attempt())
    release.join()
    monkeypatch.setattr("bptutor.record.database.PATIENCE", 0.1)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="another program is using it"):
        record.add(attempt())
    with pytest.raises(UserError, match="another program is using it"):
        record.cards("minsu")
    holder.execute("COMMIT")
    holder.close()
    record.add(attempt())
    assert len(record.attempts("minsu")) == 3


def test_a_file_that_was_waited_for_in_vain_is_not_waited_for_at_each_answer(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(attempt())
    monkeypatch.setattr("bptutor.record.database.PATIENCE", 0.5)
    holder = sqlite3.connect(folder / FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="another program is using it"):
        record.add(attempt())
    began = monotonic()
    for _ in range(3):
        with pytest.raises(UserError):
            record.add(attempt())
    assert monotonic() - began < 0.5
    holder.execute("COMMIT")
    holder.close()
    record.add(attempt())  # what is free again is taken at once
    assert len(record.attempts("minsu")) == 2


class SilentError(Exception):
    """What the driver of a server says of it."""


class Server(ModuleType):
    """In the place of PostgreSQL's driver: a server that lets whoever connects wait in vain."""

    Error = InterfaceError = SilentError
    paramstyle, __version__ = "format", "1.31"

    def __init__(self, seconds: float) -> None:
        super().__init__("pg8000")
        self.seconds, self.now, self.asked = seconds, 1_000.0, 0

    def connect(self, **_: Any) -> None:
        """Time passes, and nothing comes of it."""
        self.asked += 1
        self.now += self.seconds
        raise SilentError("connection timeout expired")


def at_a_server(seconds: float, monkeypatch: pytest.MonkeyPatch) -> tuple[Server, Record]:
    """A record at a server that is silent for so many seconds, by a clock of its own."""
    server = Server(seconds)
    monkeypatch.setitem(sys.modules, "pg8000", server)
    monkeypatch.setattr("bptutor.record.record.monotonic", lambda: server.now)
    return server, Record("postgresql+pg8000://minsu@server/record")


def test_a_server_that_was_waited_for_in_vain_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, record = at_a_server(PATIENCE, monkeypatch)
    with pytest.raises(UserError, match="it does not answer"):
        record.add(attempt())
    for _ in range(3):
        with pytest.raises(UserError, match="it does not answer"):
            record.add(attempt())
    with pytest.raises(UserError, match="it does not answer"):
        record.cards("minsu")
    assert server.asked == 1
    server.now += PAUSE
    for _ in range(2):
        with pytest.raises(UserError):
            record.add(attempt())
    assert server.asked == 2


def test_a_server_that_refuses_at_once_is_asked_at_each_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, record = at_a_server(0.01, monkeypatch)
    for _ in range(2):
        with pytest.raises(UserError):
            record.add(attempt())
    assert server.asked == 2
