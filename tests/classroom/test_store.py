"""The database of a class: places, presence, moved files, forks; damage keeps a host from it."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bptutor.classroom import place_queries
from bptutor.classroom.store import ClassStore, Transaction
from bptutor.classroom.tables import VERSION, versions
from bptutor.record import record
from bptutor.record.tables import version_of
from bptutor.text import UserError
from tests.classroom.people import EXAM, NINE, assign, class_in
from tests.record.attempts import attempt


@pytest.fixture
def store(tmp_path: Path) -> ClassStore:
    return class_in(tmp_path)


def holds(path: object) -> bool:
    """Has this process this file open?"""
    for each in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # that of the folder itself is closed by now
            if str(path) in os.readlink(f"/proc/self/fd/{each}"):
                return True
    return False


def in_a_child(work: Callable[[], None]) -> int:
    """Do something in a forked process; its status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def test_a_place_is_changed_by_one_at_a_time_and_follows_its_learner(store: ClassStore) -> None:
    with store.changing_place("anna", "sitting", "softmax", NINE) as place:
        assert place.content is None
        place.content = b"one"

    def failing() -> None:
        with store.changing_place("anna", "sitting", "softmax", NINE) as place:
            place.content = b"two"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert store.place("anna", "sitting", "softmax") == b"one"
    assert store.place("ben", "sitting", "softmax") is None
    assert store.places("anna", "sitting") == ["softmax"]
    elsewhere = ClassStore(store.url)
    with elsewhere.changing_place("anna", "sitting", "softmax", NINE) as place:
        place.content = None
    assert store.places("anna", "sitting") == []


def test_the_record_of_a_class_is_beside_it(store: ClassStore) -> None:
    record = store.record()
    with store.changing_place("minsu", "sitting", "softmax", NINE) as place:
        place.content = b"one"
    record.add(attempt())
    store.seen("lab1", "1", "minsu", NINE)
    record.add(attempt())
    assert len(record.attempts("minsu")) == 2


def test_a_forked_process_has_a_connection_of_its_own(store: ClassStore) -> None:
    record = store.record()
    record.add(attempt())
    assert holds(store.url.removeprefix("sqlite:///"))

    def work() -> None:
        assert not holds(store.url.removeprefix("sqlite:///"))
        for _ in range(20):
            with store.changing_place("anna", "sitting", str(os.getpid()), NINE) as place:
                place.content = b"child"
            record.add(attempt())

    assert [in_a_child(work) for _ in range(3)] == [0, 0, 0]
    with store.changing_place("anna", "sitting", "parent", NINE) as place:
        place.content = b"parent"
    assert len(store.places("anna", "sitting")) == 4
    assert len(record.attempts("minsu")) == 61


def test_a_fork_waits_for_what_other_threads_do(store: ClassStore) -> None:
    forked = threading.Event()

    def read() -> set[int]:
        found = {len(store.people())}
        while not forked.is_set():
            found.add(len(store.people()))
        return found

    with ThreadPoolExecutor() as others:
        reading = [others.submit(read) for _ in range(2)]
        statuses = [in_a_child(lambda: None) for _ in range(20)]
        forked.set()
        assert [each.result() for each in reading] == [{len(store.people())}] * 2
    assert statuses == [0] * 20


def test_tables_that_came_with_a_later_version_are_added(store: ClassStore) -> None:
    def as_before(on: Transaction) -> None:
        on.exec_driver_sql("DROP TABLE prepared")
        on.exec_driver_sql("UPDATE class_versions SET version = 1")

    store.write(as_before)
    later = ClassStore(store.url)
    later.write(lambda on: None)  # as a host does when it starts
    assert later.read(lambda on: place_queries.prepared_or_begun(on, "x", 1), {"unread"}) == set()
    assert [person.login for person in later.people()] == ["anna", "ben", "chloe"]
    assert ClassStore(store.url).read(select_version, 0) == VERSION


def select_version(on: Transaction) -> int:
    return version_of(on, versions)


def test_a_damaged_class_is_never_replaced(store: ClassStore, tmp_path: Path) -> None:
    file = tmp_path / "class.sqlite"
    copy = tmp_path / "moved.sqlite"
    store.people()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(file.read_bytes())
    content[:100] = b"x" * 100
    file.rename(copy)
    file.write_bytes(content)
    for use in (store.people, lambda: store.gone("lab1"), lambda: store.record().add(attempt())):
        with pytest.raises(UserError, match="damaged"):
            use()
    assert file.read_bytes()[:100] == b"x" * 100
    file.unlink()
    copy.rename(file)
    assert [person.login for person in store.people()] == ["anna", "ben", "chloe"]
    store.seen("lab1", "1", "anna", NINE)  # is in the file that is there, not in one that was
    found: list[tuple[str, float, str, int]] = []
    found = ClassStore(store.url).read(place_queries.select_presence, found)
    assert [row[0] for row in found] == ["anna"]


def test_what_one_learner_practises_has_a_bound_in_the_record_of_a_class(
    store: ClassStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.record()
    monkeypatch.setattr(record, "MOST_TYPED", 5_000)
    for _ in range(2):
        kept.add(attempt(learner="anna", product="x" * 2_900))
    with pytest.raises(UserError, match="Your record of this class is full"):
        kept.add(attempt(learner="anna", product="x" * 2_900))
    kept.add(attempt(learner="anna"))
    monkeypatch.setattr(record, "MOST_ATTEMPTS", 3)
    with pytest.raises(UserError, match="full: 3 answers"):
        kept.add(attempt(learner="anna"))
    kept.add(attempt(learner="ben"))
    own = record.Record(f"sqlite:///{tmp_path / 'own.sqlite'}")
    for _ in range(4):
        own.add(attempt(learner="anna", product="x" * 2_900))
    assert own.count("anna") == 4


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
