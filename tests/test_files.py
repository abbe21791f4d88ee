"""Files are read within bounds and written as a whole, or not at all."""

import os
import resource
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bptutor.files import NotAFileError, TooLargeError, read_whole, write_whole

CONTENT = bytes(range(256)) * 200


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow over 1,000 bytes: the kernel refuses to write more, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("private", [True, False])
def test_a_new_file(over: bool, private: bool, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    before = os.umask(0o022)
    try:
        write_whole(path, CONTENT, over=over, private=private)
    finally:
        os.umask(before)
    assert read_whole(path, len(CONTENT)) == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == (0o600 if private else 0o644)
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    with full_disk(), pytest.raises(OSError, match="too large"):
        write_whole(path, CONTENT)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_of_a_new_file_that_cannot_be_written(tmp_path: Path) -> None:
    with full_disk(), pytest.raises(OSError, match="too large"):
        write_whole(tmp_path / "page.html", CONTENT, over=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_is_there_is_replaced_only_where_it_may_be(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:  # as on a memory stick
        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "page.html"
    write_whole(path, b"old", over=False)
    with pytest.raises(FileExistsError):
        write_whole(path, b"new", over=False)
    assert path.read_bytes() == b"old"
    path.chmod(0o640)
    write_whole(path, b"new", private=False)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_name_as_long_as_the_system_takes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_whole(path, b"x", over=False)
    assert path.read_bytes() == b"x"


def test_only_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "s", "zero"):
        with pytest.raises(NotAFileError):
            read_whole(tmp_path / name, 10)
    with pytest.raises(IsADirectoryError):
        read_whole(tmp_path, 10)


def test_a_pipe_that_takes_a_files_place_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    state = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda _: state)
    with pytest.raises(NotAFileError):
        read_whole(path, 10)


def test_no_more_is_read_than_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_whole(path, 10) == b"x" * 10
    with pytest.raises(TooLargeError):
        read_whole(path, 9)
    with path.open("wb") as sparse:
        sparse.truncate(10**12)
    with pytest.raises(TooLargeError):
        read_whole(path, 1000)
