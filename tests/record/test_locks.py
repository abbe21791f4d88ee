"""Two processes at one place: nothing that either saves is lost, and each knows of the other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.record.locks import NAME
from bptutor.record.sittings import Mark, QuizSitting, QuizSittings, Sittings
from tests.record.places import folder_of, sitting
from tests.record.test_sittings_at_once import quiz

ANSWERS = 150
WRITER = f"""
import sys
from pathlib import Path
from bptutor.record.sittings import *
kept, own = Sittings(Path(sys.argv[1])), sys.argv[2]
mine = kept.load("a")
print("on", flush=True)
sys.stdin.readline()
for index in range({ANSWERS}):
    mine.marks[f"{{own}}{{index}}"] = Mark("solved", own)
    assert kept.save("a", mine)
"""
THERE = """
import sys
from pathlib import Path
from bptutor.record.sittings import *
kept = Sittings(Path(sys.argv[1]))
print(kept.enter("a"), kept.enter("b"), flush=True)
sys.stdin.readline()
kept.leave("a")
print(kept.enter("a"), flush=True)
sys.stdin.readline()
"""


@contextmanager
def running(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", code, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_of_two_processes_that_save_at_once_every_answer_stays(kept: Sittings) -> None:
    kept.save("a", sitting())
    folder = str(folder_of(kept))
    with running(WRITER, folder, "one") as one, running(WRITER, folder, "two") as two:
        assert said(one) == said(two) == "on"
        go_on(one)
        go_on(two)
        assert one.wait() == two.wait() == 0
    found = kept.load("a")
    assert found
    for own in ("one", "two"):
        answered = [step for step, mark in found.marks.items() if mark.product == own]
        assert len(answered) == ANSWERS


def test_each_knows_whether_another_is_there(kept: Sittings) -> None:
    with running(THERE, str(folder_of(kept))) as other:
        assert said(other) == "False False"
        assert kept.enter("a")
        assert kept.enter("b")
        kept.leave("b")
        go_on(other)
        assert said(other) == "True"  # we are at it
        kept.leave("a")
        assert not kept.enter("c")
    assert not kept.enter("a")  # whoever is killed is not there
    assert not kept.enter("a")


def test_where_nothing_can_be_locked_all_goes_on_as_if_alone(
    kept: Sittings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.record.locks.fcntl", None)
    assert not kept.enter("a")
    assert kept.save("a", sitting())
    assert kept.load("a") == sitting() or kept.load("a")
    kept.leave("a")


def test_a_lock_that_is_not_let_go_is_waited_for_within_bounds(
    kept: Sittings, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = """
import sys
from pathlib import Path
from bptutor.record.locks import Locks
with Locks(Path(sys.argv[1])).saving(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""
    monkeypatch.setattr("bptutor.record.locks.PATIENCE", 0.05)
    kept.save("b", sitting())
    with running(holder, str(folder_of(kept)), kept.name("a")) as other:
        assert said(other) == "held"
        assert kept.save("a", sitting())
    assert kept.load("a")


def test_a_link_that_another_user_put_in_the_place_of_the_locks_is_not_followed(
    kept: Sittings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    kept.save("b", sitting())
    link = folder_of(kept) / NAME
    link.unlink()
    link.symlink_to(victim)
    if os.geteuid() == 0:
        os.chown(link, 4242, 4242, follow_symlinks=False)
    else:  # as another user than the one who made it
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    other = Sittings(folder_of(kept))
    assert other.save("a", sitting())
    assert not other.enter("a")
    assert not victim.exists()


does = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from("abc"),
        st.sampled_from(["", "x", "y", "z"]),
        st.sampled_from(["open", "open", "solved", "shown", "look"]),
    ),
    max_size=12,
)


@given(does)
def test_the_last_answer_to_a_step_stays(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[int, str, str, str]]
) -> None:
    """Two windows, each of which saves after all that is done in it, or only looks."""
    folder = tmp_path_factory.mktemp("kept")
    stores = Sittings(folder), Sittings(folder)
    first = sitting()
    first.marks = {}
    stores[0].save("a", first)
    second = stores[1].load("a")
    assert second
    windows = first, second
    stores[1].save("a", second)
    expected: dict[str, tuple[str, str]] = {}
    for window, step, text, stage in done:
        marks = windows[window].marks
        if stage == "look":
            marks.setdefault(step, Mark()).hints += 1
        else:
            mark = marks.setdefault(step, Mark())
            if stage == "open" and mark.stage != "open":
                continue  # what is finished here cannot be typed into
            before = mark.stage, mark.product
            mark.stage, mark.product = stage, text  # type: ignore[assignment]
            if before == (stage, text):
                continue  # nothing is answered by that
            if stage != "open" or expected.get(step, ("open", ""))[0] == "open":
                expected[step] = stage, text
        assert stores[window].save("a", windows[window])
    found = Sittings(folder).load("a")
    assert found
    assert {step: (mark.stage, mark.product) for step, mark in found.marks.items()} == {
        step: expected.get(step, ("open", "")) for step in found.marks
    }


def test_a_flag_is_taken_away_in_whichever_window_that_is_done(tmp_path: Path) -> None:
    one, two = QuizSittings(tmp_path), QuizSittings(tmp_path)
    mine: QuizSitting = quiz({"a": Mark()})
    mine.items[0].flagged = True
    one.save("quiz", mine)
    theirs = two.load("quiz")
    assert theirs
    two.save("quiz", theirs)
    one.save("quiz", mine)
    mine.items[0].flagged = False
    one.save("quiz", mine)
    theirs.index = 0
    two.save("quiz", theirs)
    assert not theirs.items[0].flagged
