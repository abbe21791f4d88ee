"""Places in the database of a class: what a folder gives, they give, to any machine."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bptutor.classroom import store as class_store
from bptutor.classroom.store import ClassStore
from bptutor.host import places
from bptutor.host.places import stores
from bptutor.record.sittings import Mark, QuizSittings, Sittings, Standings
from bptutor.text import UserError
from tests.record.places import sitting
from tests.record.test_sittings_at_once import quiz


def on(folder: Path, machine: str, login: str = "anna") -> tuple[Sittings, QuizSittings, Standings]:
    """What a service on a machine sees of a learner."""
    store = ClassStore(f"sqlite:///{folder / 'class.sqlite'}")
    return stores(store, login, folder / machine)


def test_a_place_is_there_on_another_machine_and_not_for_another_learner(tmp_path: Path) -> None:
    sittings, quizzes, standings = on(tmp_path, "one")
    assert sittings.load("a") is None
    sittings.save("a", given := sitting())
    quizzes.save("quiz", quiz({"Z1": Mark()}))
    standings.finish("a")
    there, others, standing = on(tmp_path, "two")
    assert there.load("a") == given
    assert others.look("quiz")
    assert standing.read().finished == ["a"]
    ben, _, bens = on(tmp_path, "one", "ben")
    assert ben.load("a") is None
    assert bens.read().finished == []


def test_what_two_machines_keep_at_once_is_merged(tmp_path: Path) -> None:
    first, _, _ = on(tmp_path, "one")
    second, _, _ = on(tmp_path, "two")
    first.save("a", sitting())
    ours, theirs = first.load("a"), second.load("a")
    assert ours
    assert theirs
    ours.marks["W1_new"] = Mark("solved", "one")
    theirs.marks["b1_new"] = Mark("solved", "two")
    first.save("a", ours)
    second.save("a", theirs)
    merged = first.load("a")
    assert merged
    assert (merged.marks["W1_new"].product, merged.marks["b1_new"].product) == ("one", "two")


THERE = """
import sys
from pathlib import Path
from tests.host.test_places import on
sittings, _, _ = on(Path(sys.argv[1]), "one")
print(sittings.enter("a"), flush=True)
sys.stdin.readline()
"""


def test_a_window_knows_of_another_of_the_same_learner(tmp_path: Path) -> None:
    command = [sys.executable, "-c", THERE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout
        assert it.stdout.readline() == "False\n"
        mine, quizzes, _ = on(tmp_path, "one")
        bens, _, _ = on(tmp_path, "one", "ben")
        assert mine.enter("a")
        assert not mine.enter("b")
        assert not quizzes.enter("a")
        assert not bens.enter("a")
        it.communicate("\n")
    assert not on(tmp_path, "one")[0].enter("a")


def test_a_damaged_row_is_set_aside_and_nothing_else_is_lost(tmp_path: Path) -> None:
    sittings, _, _ = on(tmp_path, "one")
    sittings.save("a", sitting())
    sittings.save("b", sitting())
    with sqlite3.connect(tmp_path / "class.sqlite") as database:
        database.execute(
            "UPDATE places SET content = x'00ff' WHERE key LIKE ?", (sittings.name("a"),)
        )
    fresh, _, _ = on(tmp_path, "two")
    assert fresh.look("a") is None
    with pytest.raises(UserError) as error:
        fresh.load("a")
    (aside,) = [name for name in fresh.drawer.names() if ".damaged-" in name]
    assert aside in str(error.value)
    assert fresh.drawer.read(aside) == b"\x00\xff"
    assert fresh.load("a") is None
    assert fresh.load("b")
    with sqlite3.connect(tmp_path / "class.sqlite") as database:
        database.execute(
            "UPDATE places SET content = x'00ff' WHERE key LIKE ?", (sittings.name("b"),)
        )
    with pytest.raises(UserError):
        fresh.save("b", sitting(index=3))
    kept = fresh.load("b")
    assert kept
    assert kept.index == 3
    assert len([name for name in fresh.drawer.names() if ".damaged-" in name]) == 2


def test_a_database_that_cannot_be_written_is_a_disk_that_cannot(tmp_path: Path) -> None:
    sittings, _, _ = on(tmp_path, "one")
    sittings.save("a", sitting())
    with sqlite3.connect(tmp_path / "class.sqlite", isolation_level=None) as busy:
        fresh = Sittings(sittings.drawer)
        fresh.drawer._store._database.patience = 0.0  # type: ignore[attr-defined]
        busy.execute("PRAGMA busy_timeout = 0")
        busy.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError) as error:
            fresh.save("a", sitting(index=5))
        assert "class.sqlite" in str(error.value)
        assert not fresh.whole
        busy.execute("ROLLBACK")
    assert fresh.save("a", sitting(index=6))
    assert fresh.whole


def test_nobody_fills_the_database_with_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_PLACES", 2)
    sittings, _, _ = on(tmp_path, "one")
    for key in ("a", "b", "a"):
        sittings.save(key, sitting())
    with pytest.raises(UserError):
        sittings.save("c", sitting())
    sittings.save("c", sitting())  # which is told once
    assert sittings.load("c") is None
    monkeypatch.setattr(class_store, "LARGE", 10)
    monkeypatch.setattr(class_store, "MOST_OF_PLACES", 1000)
    long = sitting(index=2)
    long.marks["dL_dW3"] = Mark(product="x" * 1000)
    with pytest.raises(UserError, match="more than"):
        on(tmp_path, "one")[0].save("a", long)
    on(tmp_path, "one")[0].save("b", sitting(index=2))
    monkeypatch.setattr(places, "MOST_BYTES", 10)
    with pytest.raises(UserError):
        on(tmp_path, "two")[0].save("a", sitting(index=2))
