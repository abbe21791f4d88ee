"""Files are read within bounds and written as a whole, or not at all."""

import os
import resource
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bptutor.config.read import save, user_file
from bptutor.files import (
    KINDS,
    ForeignError,
    NotAFileError,
    TooLargeError,
    followed,
    make_private,
    open_own,
    read_whole,
    write_file,
    write_whole,
)
from bptutor.record.record import Record
from bptutor.record.sittings import Standings
from bptutor.service.log import open_log
from bptutor.text import UserError
from tests.record.attempts import attempt

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


# ── whatever the umask ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_what_is_private_is_so_whatever_the_umask(mask: int, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    before = os.umask(mask)
    try:
        make_private(folder)
        write_whole(folder / "place", b"x")
        os.close(open_own(folder / "log", os.O_WRONLY))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").rglob("*")}
    assert modes == {"b": 0o700, "c": 0o700, "place": 0o600, "log": 0o600}


# ── what another user has planted ─────────────────────────────────────────────────────────────


class Shared:
    """A folder where all may write, and what another user has put there."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "shared"
        self.folder.mkdir()
        self.folder.chmod(0o1777)
        self.precious = folder / "precious"
        self._monkeypatch = monkeypatch

    def links(self, name: str, target: Path | None = None) -> Path:
        link = self.folder / name
        link.symlink_to(target or self.precious)
        self.give_away(link)
        return link

    def give_away(self, path: Path) -> None:
        """As from another user: the administrator can do so, anybody else be another one."""
        if os.geteuid() == 0:
            os.chown(path, 4242, 4242, follow_symlinks=False)
        else:
            self._monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    for kind in KINDS:
        monkeypatch.setenv(f"BPTUTOR_{kind.upper()}_DIR", str(tmp_path / "shared"))
    return Shared(tmp_path, monkeypatch)


def _record() -> None:
    with suppress(UserError):
        Record(None).add(attempt())


def _place() -> None:
    with suppress(UserError):
        Standings().finish("one-neuron")


def _log() -> None:
    descriptor = open_log()
    os.write(descriptor, b"x")
    os.close(descriptor)


def _setting() -> None:
    with suppress(UserError):
        save(user_file(os.environ), "theme", "dark")


def _export() -> None:
    for over in (True, False):
        with suppress(UserError):
            write_file(Path(os.environ["BPTUTOR_DATA_DIR"]) / "page.html", "x", over=over)


WRITERS: dict[str, Callable[[], object]] = {
    "record.sqlite": _record,
    "service.log": _log,
    "config.toml": _setting,
    "page.html": _export,
    "standing": _place,
}


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_written_through_a_link_of_another_user(
    name: str, there: bool, shared: Shared
) -> None:
    if name == "standing":
        shared.precious.mkdir()
    elif there:
        shared.precious.write_bytes(b"old")
    shared.links(name)
    WRITERS[name]()
    if name == "standing":
        assert list(shared.precious.iterdir()) == []
    else:
        assert shared.precious.exists() == there
        assert not there or shared.precious.read_bytes() == b"old"


def test_links_of_ones_own_and_of_the_administrator_are_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "way").symlink_to("folder")
    (tmp_path / "folder" / "last").symlink_to("../way/./file")
    write_whole(tmp_path / "way" / "last", b"x")
    assert (tmp_path / "folder" / "file").read_bytes() == b"x"
    assert followed(Path("/proc/self/cwd")) == Path.cwd()
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError, match="levels of symbolic links"):
        followed(tmp_path / "round")


def test_a_log_that_another_user_has_made_is_not_written(shared: Shared) -> None:
    log = shared.folder / "service.log"
    log.write_bytes(b"")
    log.chmod(0o666)
    shared.give_away(log)
    _log()
    assert log.read_bytes() == b""
    with pytest.raises(ForeignError):
        open_own(log, os.O_WRONLY)


def test_a_log_that_is_a_pipe_is_not_waited_for(shared: Shared) -> None:
    os.mkfifo(shared.folder / "service.log")
    _log()
