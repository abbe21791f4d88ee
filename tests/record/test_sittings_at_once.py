"""Sittings that terminals, processes and threads keep at once: what was done in each stays."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bptutor.record.files import STALE
from bptutor.record.sittings import (
    AskedItem,
    Mark,
    QuizSitting,
    QuizSittings,
    Sitting,
    Sittings,
    merge_lessons,
    merge_quizzes,
)
from tests.record.places import files, folder_of, sitting

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
    command = [sys.executable, "-c", WRITER, str(folder_of(kept))]
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
    left = [path for path in folder_of(kept).iterdir() if path.suffix == ".tmp"]
    long_ago = time.time() - 2 * STALE
    for path in left:
        os.utime(path, (long_ago, long_ago))
    kept.save("a", sitting())
    assert len(files(kept)) == 1


def test_a_file_that_another_process_is_writing_is_left(kept: Sittings) -> None:
    kept.save("a", sitting())
    (folder_of(kept) / "other.tmp").write_bytes(b"half")
    kept.save("a", sitting())
    assert "other.tmp" in files(kept)


def in_two_terminals(kept: Sittings) -> tuple[Sittings, Sitting, Sittings, Sitting]:
    """The same place, opened twice."""
    first = sitting()
    kept.save("a", first)
    other = Sittings(folder_of(kept))
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
