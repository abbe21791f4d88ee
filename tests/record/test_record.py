"""The record: every attempt is on the disk before the call returns, and none is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bptutor.literals import Part
from bptutor.record.attempts import (
    Activity,
    Attempt,
    Made,
    Met,
    Occasion,
    Outcome,
    Practice,
    Review,
    id_at,
    learner_name,
)
from bptutor.record.record import Record
from bptutor.text import UserError

FILE = "record.sqlite"


def attempt(**fields: Any) -> Attempt:
    """A wrong answer of Minsu's."""
    given_ones: dict[str, Any] = {
        "learner": "minsu",
        "lesson": "two-hidden-layers",
        "digest": "d" * 64,
        "step": "dL_dW3",
        "kind": "backward",
        "skill": "weight-gradient",
        "verdict": "wrong",
    }
    return Attempt(**{**given_ones, **fields})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's data directory, which is not there yet."""
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def card(data: str = "{}") -> Review:
    """A review after which the card is this one."""
    return lambda before: (data, 1.0)


@pytest.fixture
def record(folder: Path) -> Record:
    return Record()


def rows(path: Path, table: str = "attempts") -> int:
    """As SQLite itself counts them."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "BPTUTOR_DATA_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# ── what is kept ──────────────────────────────────────────────────────────────────────────────

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        attempt,
        learner=st.sampled_from(["minsu", "은지", "a'; DROP TABLE attempts; --"]),
        lesson=texts,
        product=texts,
        cells=st.lists(texts),
        at=st.floats(0, 4e9),
        part=st.sampled_from(get_args(Part)),
        sitting=st.sampled_from(("lesson", "quiz", "exam", "replay")),
        verdict=st.sampled_from(("exact", "right", "imprecise", "wrong", "unreadable", "shown")),
        seed=st.none() | st.integers(0, 2**63 - 1),
        misconceptions=st.lists(texts, unique=True),
        closed=st.booleans(),
        milliseconds=st.integers(0, 10**12),
    )
)
def test_an_attempt_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, made: Attempt
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('record') / FILE}"
    Record(url).add(made)
    assert Record(url).attempts(made.learner) == [made]
    assert list(Record(url).every(made.learner)) == [made]


def test_all_kinds_of_attempt_are_tried_above() -> None:
    assert {"lesson", "quiz", "exam", "replay"} == _words(Occasion)
    assert {"exact", "right", "imprecise", "wrong", "unreadable", "shown"} == _words(Outcome)


def _words(kind: Any) -> set[str]:
    """The words of a Literal, or of several."""
    return {
        word for each in get_args(kind) for word in (_words(each) if get_args(each) else {each})
    }


def test_what_is_no_character_does_not_stop_the_tutor(record: Record) -> None:
    record.add(attempt(lesson="/\udcff.toml", product="a\0b", cells=["\ud800"]))
    (kept,) = record.attempts("minsu")
    assert (kept.lesson, kept.product, kept.cells) == ("/?.toml", "a?b", ["?"])


def test_nothing_is_made_by_looking(record: Record, folder: Path) -> None:
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert record.attempts("minsu") == []
    assert list(record.every("minsu")) == []
    assert record.activity("minsu") == Activity()
    assert record.forget("minsu") == 0
    assert not folder.exists()


def test_learners_are_told_apart(record: Record) -> None:
    record.practised(attempt(), card(), ["mask-dropped"], [])
    record.add(attempt(learner="eunji"))
    assert len(record.attempts("eunji")) == 1
    assert record.cards("eunji") == {}
    assert record.met("eunji") == {}
    assert record.forget("minsu") == 1
    assert record.attempts("minsu") == []
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert len(record.attempts("eunji")) == 1


def test_attempts_are_read_a_page_at_a_time(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.record.record.AT_A_TIME", 2)
    kept = [attempt(step=str(number), misconceptions=[f"m{number}"]) for number in range(5)]
    for each in kept:
        record.add(each)
    assert list(record.every("minsu")) == kept
    page = record.attempts("minsu", count=2)
    assert page == [kept[4], kept[3]]
    assert record.attempts("minsu", page[-1].id, 2) == [kept[2], kept[1]]
    assert record.attempts("minsu", kept[0].id) == []


def test_what_follows_from_an_attempt_is_kept_with_it(record: Record) -> None:
    before: list[str | None] = []

    def review(known: str | None) -> tuple[str, float]:
        before.append(known)
        return f"{len(before)}", 6.0

    record.practised(attempt(at=100.0, misconceptions=["a"]), review, ["a", "b"], ["a"])
    record.practised(attempt(at=200.0, verdict="right"), review, ["a", "c"], ["c"])
    record.practised(attempt(skill="update"), review, [], [])
    record.add(attempt(at=300.0, misconceptions=["b"]))
    assert before == [None, "1", None]
    assert record.cards("minsu") == {"weight-gradient": "2", "update": "3"}
    assert record.met("minsu") == {
        "a": Met(2, 1, 100.0),
        "b": Met(1, 0, 0.0),
        "c": Met(1, 1, 200.0),
    }


def test_all_or_nothing(record: Record, folder: Path) -> None:
    record.add(attempt())

    def review(before: str | None) -> tuple[str, float]:
        raise RuntimeError("no card")

    with pytest.raises(RuntimeError):
        record.practised(attempt(), review, ["a"], [])
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert rows(folder / FILE) == 1


def test_an_attempt_is_kept_once(record: Record, folder: Path) -> None:
    made = attempt(misconceptions=["a"])
    for _ in range(2):
        record.practised(made, card(), ["a"], ["a"])
        record.add(made)
    assert record.met("minsu") == {"a": Met(1, 1, made.at)}
    assert rows(folder / FILE) == rows(folder / FILE, "mistakes") == 1
    other = attempt(id=made.id, learner="eunji")
    record.add(other)
    assert record.attempts("eunji") == [other]


def test_the_sums_are_those_of_the_attempts(record: Record) -> None:
    monday, sunday = (datetime(2026, 11, day, 23, 59).timestamp() for day in (16, 22))
    day = datetime(2026, 11, 16).toordinal()
    made = [
        attempt(at=monday, misconceptions=["a", "b"]),
        attempt(at=monday + 1, verdict="right", closed=True, number=2),
        attempt(at=monday + 2, verdict="exact", closed=True),
        attempt(at=monday + 3, verdict="right", closed=True, hints=1),
        attempt(at=monday + 4, verdict="shown", closed=True),
        attempt(at=monday + 5, verdict="imprecise", skill="update"),
        attempt(at=sunday, misconceptions=["a"]),
        attempt(at=sunday + 61, misconceptions=["a"]),
    ]
    for each in made:
        record.add(each)
    found = record.activity("minsu")
    assert found.since == monday
    assert found.days == {
        day: Practice(6, 3, 4, 1),
        day + 6: Practice(1, 0, 0, 0),
        day + 7: Practice(1, 0, 0, 0),
    }
    assert found.skills == {"update": Practice(1, 0, 0, 0), "weight-gradient": Practice(7, 3, 4, 1)}
    assert found.made == [Made("a", 3, 3, sunday + 61), Made("b", 1, 1, monday)]


def test_whose_record_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.delenv("BPTUTOR_LEARNER", raising=False)
    name = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
    assert learner_name() == name.strip()
    monkeypatch.setenv("BPTUTOR_LEARNER", "minsu")
    assert learner_name() == "minsu"


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
    ],
    ids=["short", "long", "header", "tables", "half"],
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


def test_a_damaged_file_is_noticed_by_looking_too(record: Record, folder: Path) -> None:
    record.add(attempt())
    (folder / FILE).write_bytes(b"junk")
    with pytest.raises(UserError, match="bptutor renamed it to"):
        record.cards("minsu")
    assert record.cards("minsu") == {}
    assert [path.read_bytes() for path in folder.iterdir()] == [b"junk"]


def test_a_full_disk_is_said_once_until_it_works_again(
    record: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.add(attempt(step="kept"))
    pages = rows_of_pages(folder / FILE)
    for _ in range(2):
        with monkeypatch.context() as full:
            limit = f"max_page_count = {pages}"
            full.setattr("bptutor.record.database.PRAGMAS", (limit,))
            with pytest.raises(UserError, match="the disk is full") as said:
                record.add(attempt(product="x" * 100_000))
            assert str(folder / FILE) in str(said.value)
            record.add(attempt(product="x" * 100_000))
            assert [each.step for each in record.attempts("minsu")] == ["kept"]
        record.forget("minsu")
        record.add(attempt(step="kept"))


def rows_of_pages(path: Path) -> int:
    return path.stat().st_size // 4096


FULL = """
import resource
from bptutor.text import UserError
from bptutor.record.record import Record
from tests.record.test_record import attempt
record = Record()
record.add(attempt())
resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))
for size in (200_000, 200_000):
    try:
        record.add(attempt(product="x" * size))
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


def test_a_place_where_nothing_can_be_kept_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "file"))
    record = Record()
    with pytest.raises(UserError, match="cannot add your answers to your record"):
        record.add(attempt())
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
        record.add(attempt())
    assert monotonic() - began < 0.5
    holder.execute("COMMIT")
    holder.close()
    record.add(attempt())  # what is free again is taken at once
    assert len(record.attempts("minsu")) == 2


# ── processes and threads ─────────────────────────────────────────────────────────────────────

WRITER = """
import time
from bptutor.record.record import Record
from tests.record.test_record import attempt
record = Record()
while True:
    kept = attempt(misconceptions=["a"], closed=True)
    record.practised(kept, lambda before: (kept.id, 1.0), ["a"], ["a"])
    print(kept.id, flush=True)
    time.sleep(0.02)  # nobody answers without any pause, which would keep the other one waiting
"""


def test_two_writers_and_a_kill_lose_nothing(record: Record, folder: Path) -> None:
    for _ in range(2):
        writers = [run(WRITER, folder) for _ in range(2)]
        acknowledged = set()
        for writer in writers:
            assert writer.stdout is not None
            acknowledged |= {writer.stdout.readline().strip() for _ in range(15)}
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            acknowledged |= set(writer.stdout.read().split("\n")[:-1])
            writer.wait()
        kept = {each.id for each in record.every("minsu")}
        assert acknowledged <= kept
        assert len(acknowledged) >= 30
    met = record.met("minsu")["a"]
    assert met.met == met.made == len(kept) == rows(folder / FILE, "mistakes")


def test_threads_may_use_it_at_once(record: Record) -> None:
    failures: list[Exception] = []

    def use(number: int) -> None:
        try:
            for _ in range(10):
                record.practised(attempt(), card(), ["a"], [])
                record.activity("minsu")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert record.met("minsu")["a"].met == len(record.attempts("minsu")) == 40


def test_ids_follow_one_another() -> None:
    ids = [attempt().id for _ in range(1_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000
    assert replace(attempt(), id="x").id == "x"


def test_those_who_hand_in_at_the_same_moment_do_not_share_ids() -> None:
    moment = 1_764_000_000.25
    ids = {who: [id_at(moment, place, who) for place in range(10)] for who in ("minsu", "jiwoo")}
    assert ids["minsu"] == sorted(ids["minsu"])
    assert len({*ids["minsu"], *ids["jiwoo"]}) == 20
    assert ids["minsu"][0] < attempt().id


def test_the_app_loads_no_database(folder: Path) -> None:
    code = "import sys; from bptutor.record.record import Record; Record(); "
    process = run(code + "print('sqlalchemy' in sys.modules, 'sqlite3' in sys.modules)", folder)
    assert process.communicate()[0].split() == ["False", "False"]
