"""Sittings: kept whole or not at all, and never lost without a word."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.literals import Verdict
from bptutor.record.sittings import Mark, Numbers, Sitting, Sittings
from bptutor.text import UserError
from tests.examples import some
from tests.record.places import files, folder_of, sitting

texts = st.text(st.characters(exclude_categories=["Cs"]))


def loaded(kept: Sittings, key: str = "a") -> Sitting | None:
    """What is kept, whichever revision of it."""
    found = kept.load(key)
    return found and msgspec.structs.replace(found, revision=0)


def fail(descriptor: int) -> None:
    """What a full disk does when a file is to be on it."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_kept_is_found_by_another_process_too(kept: Sittings) -> None:
    assert kept.load("a") is None
    given_one = sitting()
    kept.save("a", given_one)
    assert Sittings(folder_of(kept)).load("a") == given_one


@settings(max_examples=some(30), deadline=None)
@given(
    leaves=st.dictionaries(
        texts, st.lists(st.floats(allow_nan=False)).map(lambda row: Numbers([len(row)], row))
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
    tmp_path_factory: pytest.TempPathFactory, leaves: dict[str, Numbers], marks: dict[str, Mark]
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
    assert files(kept.__class__(folder_of(kept).parent)) == ["kept"]


def test_nobody_else_may_look(tmp_path: Path) -> None:
    kept = Sittings(tmp_path / "bptutor" / "sittings")
    mask = os.umask(0)
    try:
        kept.save("a", sitting())
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder_of(kept).stat().st_mode) == 0o700
    assert stat.S_IMODE(folder_of(kept).parent.stat().st_mode) == 0o700
    (path,) = folder_of(kept).glob("*.sitting")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_places_that_are_used_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    assert folder_of(Sittings()) == tmp_path / "sittings"
    monkeypatch.delenv("BPTUTOR_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert sys.platform != "linux" or folder_of(Sittings()).is_relative_to(tmp_path / "xdg")


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
    (path,) = folder_of(kept).glob("*.sitting")
    for count in (1, 2):
        path.write_bytes(content)
        with pytest.raises(UserError) as said:
            kept.load("a")
        aside = [found for found in folder_of(kept).glob("[!.]*") if found != path]
        assert len(aside) == count
        assert str(folder_of(kept)) in str(said.value)
        assert all(found.read_bytes() == content for found in aside)
        assert kept.load("a") is None
    kept.save("a", sitting())
    assert loaded(kept) == sitting()
    assert len(files(kept)) == 3


def test_a_look_changes_nothing_and_a_save_sets_a_damaged_file_aside(kept: Sittings) -> None:
    kept.save("a", sitting())
    (path,) = folder_of(kept).glob("*.sitting")
    path.write_bytes(b"junk")
    assert kept.look("a") is None
    assert path.read_bytes() == b"junk"
    with pytest.raises(UserError, match="It renamed the file to"):
        kept.save("a", sitting(4))
    (aside,) = folder_of(kept).glob("*.damaged-*")
    assert aside.read_bytes() == b"junk"
    assert kept.whole
    found = kept.look("a")
    assert found
    assert found.index == 4


def test_a_file_that_is_no_file_is_set_aside(kept: Sittings) -> None:
    kept.save("a", sitting())
    (path,) = folder_of(kept).glob("*.sitting")
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError):
        kept.load("a")
    kept.save("a", sitting())
    assert loaded(kept) == sitting()


def test_a_save_replaces_nothing_that_it_cannot_read(kept: Sittings) -> None:
    kept.save("a", sitting())
    (path,) = folder_of(kept).glob("*.sitting")
    path.unlink()
    path.mkdir()
    (path / "precious").touch()
    with pytest.raises(UserError, match="It renamed the file to"):
        kept.save("a", sitting(4))
    (aside,) = folder_of(kept).glob("*.damaged-*")
    assert [each.name for each in aside.iterdir()] == ["precious"]
    assert loaded(kept) == sitting(4)


def test_a_disk_that_fails_is_said_once_until_it_works_again(
    kept: Sittings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save("a", sitting(1))
    for _ in range(2):
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            with pytest.raises(UserError, match=r"the disk is full") as said:
                kept.save("a", sitting(2))
            assert str(folder_of(kept)) in str(said.value)
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
print(kept.load("a").index, len(list(Path(sys.argv[1]).glob("[!.]*"))))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    said, left = run.stdout.splitlines()
    assert str(tmp_path) in said
    assert left == "1 1"


def test_a_place_with_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read what"):
        Sittings(tmp_path / ("a" * 300)).load("one-neuron")
