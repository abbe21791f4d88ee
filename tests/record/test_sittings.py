"""Sittings: kept whole or not at all, and never lost without a word."""

from __future__ import annotations

import errno
import math
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.literals import Verdict
from bptutor.record.files import STALE
from bptutor.record.sittings import (
    AskedItem,
    Mark,
    Numbers,
    QuizSitting,
    QuizSittings,
    Sitting,
    Sittings,
    merge_lessons,
    merge_quizzes,
)
from bptutor.text import UserError


def sitting(index: int = 3, size: int = 1) -> Sitting:
    """One in which something has happened."""
    return Sitting(
        lesson="two-hidden-layers",
        digest="d" * 64,
        ask="all",
        iterations=1,
        index=index,
        furthest=7,
        leaves={"W1": Numbers([2, size], [0.1] * (2 * size)), "lr": Numbers([], [1e-3])},
        marks={
            "Z1": Mark("solved", "", ["0,5", "½"], None, ["exact", None], 1, 2),
            "dL_dW3": Mark("open", "a2.T @ ∂L"),
        },
        losses=[0.0012959, math.inf],
    )


texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def kept(tmp_path: Path) -> Sittings:
    return Sittings(tmp_path / "kept")


def loaded(kept: Sittings, key: str = "a") -> Sitting | None:
    """What is kept, whichever revision of it."""
    found = kept.load(key)
    return found and msgspec.structs.replace(found, revision=0)


def files(kept: Sittings) -> list[str]:
    return sorted(path.name for path in kept.directory.iterdir())


def test_what_is_kept_is_found_by_another_process_too(kept: Sittings) -> None:
    assert kept.load("a") is None
    given_one = sitting()
    kept.save("a", given_one)
    assert Sittings(kept.directory).load("a") == given_one


@settings(max_examples=30, deadline=None)
@given(
    leaves=st.dictionaries(
        texts,
        st.lists(st.floats(allow_nan=False)).map(lambda row: Numbers([len(row)], row)),
    ),
    marks=st.dictionaries(
        texts,
        st.builds(
            Mark,
            product=texts,
            cells=st.lists(texts),
            verdicts=st.lists(st.none() | st.sampled_from(get_args(Verdict))),
        ),
    ),
)
def test_every_number_comes_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory,
    leaves: dict[str, Numbers],
    marks: dict[str, Mark],
) -> None:
    kept = Sittings(tmp_path_factory.mktemp("kept"))
    given_one = msgspec.structs.replace(sitting(), leaves=leaves, marks=marks)
    kept.save("a", given_one)
    assert kept.load("a") == given_one


@pytest.mark.parametrize("places", [("a", "b"), ("/x/net.toml", "/y/net.toml"), ("은닉", "층")])
def test_lessons_are_told_apart(kept: Sittings, places: tuple[str, str]) -> None:
    for number, key in enumerate(places):
        kept.save(key, sitting(number))
    for number, key in enumerate(places):
        found = kept.load(key)
        assert found is not None
        assert found.index == number


def test_a_key_leads_nowhere_else(kept: Sittings) -> None:
    for key in ("../../out", "/etc/passwd", "", "a" * 5_000, "\udcff", "con\0"):
        kept.save(key, sitting())
        assert loaded(kept, key) == sitting()
    assert len(files(kept)) == 6
    assert files(kept.__class__(kept.directory.parent)) == ["kept"]


def test_nobody_else_may_look(tmp_path: Path) -> None:
    kept = Sittings(tmp_path / "bptutor" / "sittings")
    mask = os.umask(0)
    try:
        kept.save("a", sitting())
    finally:
        os.umask(mask)
    assert stat.S_IMODE(kept.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.directory.parent.stat().st_mode) == 0o700
    (path,) = kept.directory.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_places_that_are_used_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    assert Sittings().directory == tmp_path / "sittings"
    monkeypatch.delenv("BPTUTOR_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert sys.platform != "linux" or Sittings().directory.is_relative_to(tmp_path / "xdg")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        b"junk",
        msgspec.msgpack.encode({"lesson": "a"}),
        msgspec.msgpack.encode(sitting())[:-1],
        msgspec.msgpack.encode(sitting()) + b"\0",
        msgspec.msgpack.encode(sitting()).replace(b"solved", b"sOlved"),
        msgspec.msgpack.encode(sitting()).replace("½".encode(), b"\xff\xff"),
        msgspec.msgpack.encode(sitting()).replace(
            b"\xa5shape\x92\x02\x01", b"\xa5shape\x92\x02\x03"
        ),
        b"\x91" * 100_000,
    ],
    ids=range(10),
)
def test_a_damaged_file_is_set_aside_with_a_sentence(kept: Sittings, content: bytes) -> None:
    kept.save("a", sitting())
    (path,) = kept.directory.iterdir()
    for count in (1, 2):
        path.write_bytes(content)
        with pytest.raises(UserError) as said:
            kept.load("a")
        aside = [found for found in kept.directory.iterdir() if found != path]
        assert len(aside) == count
        assert str(kept.directory) in str(said.value)
        assert all(found.read_bytes() == content for found in aside)
        assert kept.load("a") is None
    kept.save("a", sitting())
    assert loaded(kept) == sitting()
    assert len(files(kept)) == 3


def test_a_file_that_is_no_file_is_set_aside(kept: Sittings) -> None:
    kept.save("a", sitting())
    (path,) = kept.directory.iterdir()
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError):
        kept.load("a")
    kept.save("a", sitting())
    assert loaded(kept) == sitting()


def test_a_disk_that_fails_is_said_once_until_it_works_again(
    kept: Sittings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save("a", sitting(1))

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for _ in range(2):
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            with pytest.raises(UserError, match=r"the disk is full") as said:
                kept.save("a", sitting(2))
            assert str(kept.directory) in str(said.value)
            kept.save("a", sitting(3))
        assert loaded(kept) == sitting(1)  # the one before is whole
        assert len(files(kept)) == 1
        kept.save("a", sitting(1))


def test_what_was_cleared_does_not_come_back_after_a_write_that_failed(
    kept: Sittings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = sitting()
    kept.save("a", ours)
    ours.marks["dL_dW3"].product = ""

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        with pytest.raises(UserError):
            kept.save("a", ours)
    kept.save("a", ours)
    found = kept.load("a")
    assert found
    assert found.marks["dL_dW3"].product == ""


def test_a_place_where_nothing_can_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Sittings(tmp_path / "file" / "sittings")
    with pytest.raises(UserError, match="Not a directory"):
        kept.save("a", sitting())
    kept.save("a", sitting())


def test_a_real_full_disk(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the write fails half way."""
    code = """
import resource, signal, sys
from pathlib import Path
from bptutor.text import UserError
from bptutor.record.sittings import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kept = Sittings(Path(sys.argv[1]))
def sitting(size):
    numbers = {"W": Numbers([size], [0.1] * size)}
    return Sitting("a", "d", "all", 1, size, 2, numbers, {}, [], {})
kept.save("a", sitting(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    kept.save("a", sitting(10_000))
except UserError as error:
    print(error)
print(kept.load("a").index, len(list(kept.directory.iterdir())))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    said, left = run.stdout.splitlines()
    assert str(tmp_path) in said
    assert left == "1 1"


WRITER = """
import sys
from pathlib import Path
from bptutor.record.sittings import *
kept = Sittings(Path(sys.argv[1]))
index = 0
print("on", flush=True)
while True:
    index += 1
    size = 1 + index % 20_000
    numbers = {"W": Numbers([size], [float(index)] * size)}
    kept.save("a", Sitting("a", "d", "all", 1, index, 2, numbers, {}, [], {}))
"""


def test_two_writers_and_a_kill_leave_a_whole_sitting(kept: Sittings) -> None:
    command = [sys.executable, "-c", WRITER, str(kept.directory)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    read = 0
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        found = kept.load("a")
        if found:
            read += 1
            assert set(found.leaves["W"].values) == {float(found.index)}
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    assert read > 10
    assert kept.load("a") is not None
    left = [path for path in kept.directory.iterdir() if path.suffix == ".tmp"]
    long_ago = time.time() - 2 * STALE
    for path in left:
        os.utime(path, (long_ago, long_ago))
    kept.save("a", sitting())
    assert len(files(kept)) == 1


def test_a_file_that_another_process_is_writing_is_left(kept: Sittings) -> None:
    kept.save("a", sitting())
    (kept.directory / "other.tmp").write_bytes(b"half")
    kept.save("a", sitting())
    assert "other.tmp" in files(kept)


def in_two_terminals(kept: Sittings) -> tuple[Sittings, Sitting, Sittings, Sitting]:
    """The same place, opened twice."""
    first = sitting()
    kept.save("a", first)
    other = Sittings(kept.directory)
    second = other.load("a")
    assert second is not None
    return kept, first, other, second


def test_two_terminals_keep_what_was_done_in_both(kept: Sittings) -> None:
    mine, first, other, second = in_two_terminals(kept)
    first.marks["dL_dW3"] = Mark("solved", "a2.T @ dL_dY", hints=1, attempts=2)
    first.index = first.furthest = 9
    mine.save("a", first)
    second.marks["dL_db3"] = Mark("shown")
    second.marks["dL_dW3"].product = "half"
    second.index = 4
    other.save("a", second)
    for at, index in ((second, 4), (mine.load("a"), 4)):
        assert at is not None
        assert (at.index, at.furthest) == (index, 9)
        assert at.marks["dL_dW3"] == Mark("solved", "a2.T @ dL_dY", hints=1, attempts=2)
        assert at.marks["dL_db3"].stage == "shown"
    first.index = 10
    mine.save("a", first)
    assert first.marks["dL_db3"].stage == "shown"
    assert other.load("a") == first


def test_a_lesson_begun_anew_is_not_filled_with_what_was_there(kept: Sittings) -> None:
    mine, _, other, second = in_two_terminals(kept)
    new = Sitting("two-hidden-layers", "d" * 64, "all", 0, 0, 0, {}, {}, [], begun=2.0)
    mine.save("a", new)
    assert mine.load("a") == new
    assert new.marks == {}
    other.save("a", second)
    assert mine.load("a") == new


def test_the_further_iteration_stays(kept: Sittings) -> None:
    mine, first, other, second = in_two_terminals(kept)
    second.iterations, second.marks = 2, {}
    other.save("a", second)
    mine.save("a", first)
    assert first.iterations == 1
    assert mine.load("a") == second
    other.save("a", second)
    assert mine.load("a") == second


STAGES = ("open", "solved", "shown")
marks = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        Mark,
        stage=st.sampled_from(STAGES),
        product=st.sampled_from(["", "x", "y"]),
        hints=st.integers(0, 3),
        attempts=st.integers(0, 3),
    ),
)


@given(marks, marks)
def test_no_answer_is_lost_by_another_terminal(
    ours: dict[str, Mark], theirs: dict[str, Mark]
) -> None:
    both, others = (
        msgspec.structs.replace(sitting(), marks=each).copied() for each in (ours, theirs)
    )
    assert merge_lessons(both, others)
    check_both(both.marks, ours, theirs)
    again = both.copied()
    assert merge_lessons(again, msgspec.structs.replace(sitting(), marks=ours))
    assert again.marks == both.marks
    assert others.marks == theirs


def check_both(both: dict[str, Mark], ours: dict[str, Mark], theirs: dict[str, Mark]) -> None:
    """Every answer of the two is in both, and all that it cost."""
    assert set(both) == set(ours) | set(theirs)
    for step, mark in both.items():
        sides = [each[step] for each in (ours, theirs) if step in each]
        assert (mark.stage != "open") == any(side.stage != "open" for side in sides)
        assert mark.attempts == max(side.attempts for side in sides)
        assert mark.hints == max(side.hints for side in sides)
        assert mark.product in [side.product for side in sides if side.stage == mark.stage]


def quiz(marks: dict[str, Mark], begun: float = 1.0) -> QuizSitting:
    """One whose items are of these steps."""
    items = [AskedItem("two-hidden-layers", "d", step, "skill", mark=marks[step]) for step in marks]
    return QuizSitting(
        purpose="quiz", seed=7, lessons=[], length=9, minutes=0, begun=begun, items=items
    ).copied()


@given(st.lists(marks.filter(lambda each: len(each) == 3), min_size=2, max_size=2))
def test_no_answer_of_a_quiz_is_lost_by_another_terminal(both_sides: list[dict[str, Mark]]) -> None:
    ours, theirs = ({step: side[step] for step in "abc"} for side in both_sides)
    mine, others = quiz(ours), quiz(theirs)
    looked_at = [item.mark for item in mine.items]
    others.items[1].points, others.items[2].flagged, others.finished = 0.5, True, True
    assert merge_quizzes(mine, others)
    check_both({item.step: item.mark for item in mine.items}, ours, theirs)
    assert all(item.mark is mark for item, mark in zip(mine.items, looked_at, strict=True))
    assert mine.finished
    assert [item.points for item in mine.items] == [None, 0.5, None]
    assert [item.flagged for item in mine.items] == [False, False, True]


def test_of_two_quizzes_the_later_stays_and_of_one_the_longer(tmp_path: Path) -> None:
    shelf, other = QuizSittings(tmp_path), QuizSittings(tmp_path)
    shelf.save("quiz", quiz({"a": Mark()}, begun=1.0))
    mine, theirs = shelf.load("quiz"), other.load("quiz")
    assert mine
    assert theirs
    theirs.items += quiz({"b": Mark("solved")}).items
    other.save("quiz", theirs)
    shelf.save("quiz", mine)
    assert [item.step for item in mine.items] == ["a", "b"]
    later = quiz({"c": Mark()}, begun=2.0)
    other.save("quiz", later)
    shelf.save("quiz", mine)
    assert shelf.load("quiz") == later
    assert [item.step for item in mine.items] == ["a", "b"]


def test_threads_may_keep_at_once(kept: Sittings) -> None:
    failures: list[Exception] = []

    def keep(number: int) -> None:
        try:
            for index in range(20):
                kept.save(str(number % 3), sitting(index))
                kept.load(str(number % 3))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(files(kept)) == 3


def test_a_place_with_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read what"):
        Sittings(tmp_path / ("a" * 300)).load("one-neuron")
