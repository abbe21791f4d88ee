"""The learner's folders and the record in them."""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from bptutor.config.settings import SETTINGS
from bptutor.doctor import MB, Finding
from bptutor.record.health import Health, State
from bptutor.record.sittings import SUFFIX, Sitting
from bptutor.text import Message

LEAST_MB = 20
"""Free space that the record and the logs may need."""
OVER_A_NETWORK = re.compile(r"nfs|cifs|smb|sshfs|afs|lustre|gpfs|beegfs|9p|ceph|gluster", re.I)
"""Types of file systems, as mounts name them."""
OCTAL = re.compile(r"\\([0-7]{3})")
"""A blank in the list of mounts."""

Role = Literal["record", "log", "configuration"]
ROLES: dict[Role, Message] = {
    "record": Message("your answers"),
    "log": Message("logs"),
    "configuration": Message("settings"),
}


class Place(Struct, frozen=True):
    """A folder; it is created when it is first needed."""

    role: Role
    path: str
    there: bool
    writable: bool
    """Can it be written into, or created?"""
    private: bool
    """Is it closed to others?"""
    free: int | None
    """MB."""
    network: str | None
    """The type of the file system, if it is a network one."""


class Record(Struct, frozen=True):
    """The saved lessons."""

    sittings: int
    unreadable: int
    set_aside: int
    """Damaged files, also of quizzes and of the record."""


def place(role: Role, path: Path) -> Place:
    """Examine a folder without changing anything."""
    nearest = next(one for one in (path, *path.parents) if one.exists() or one == one.parent)
    there = nearest == path
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    try:
        free = shutil.disk_usage(nearest).free // MB
        mode = stat.S_IMODE(nearest.stat().st_mode)
    except OSError:
        free, mode = None, 0
    return Place(
        role, str(path), there, writable, not (there and mode & 0o077), free, _network(nearest)
    )


def _network(path: Path) -> str | None:
    """The file system of a path, if it is a network one (on Linux)."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    real, kind, longest = Path(os.path.realpath(path)), "", -1
    for line in lines:
        before, _, after = line.partition(" - ")
        mounted = OCTAL.sub(lambda match: chr(int(match[1], 8)), before.split()[4])
        if len(mounted) >= longest and real.is_relative_to(mounted):
            kind, longest = after.split()[0], len(mounted)
    return kind if OVER_A_NETWORK.search(kind) else None


def place_findings(places: Sequence[Place]) -> Iterator[Finding]:
    for folder in places:
        fields: dict[str, Message | str] = {"what": ROLES[folder.role], "path": folder.path}
        if not folder.writable and folder.role != "configuration":
            yield Finding(
                f"{folder.role}-not-writable",
                Message("The folder for {what}, {path}, cannot be written.", **fields),
                Message(
                    "Mend its rights, or name another one: {variable}.",
                    variable=_VARIABLES[folder.role],
                ),
            )
        if folder.free is not None and folder.free < LEAST_MB and folder.role == "record":
            yield Finding(
                "disk-full",
                Message("There are {free} MB free in {path}.", free=folder.free, path=folder.path),
                Message("Make room: what cannot be written is gone when you leave."),
            )
        if not folder.private and folder.role == "record":
            yield Finding(
                "record-open-to-others",
                Message("Others can look into the folder for {what}, {path}.", **fields),
                Message("Close it: chmod 700 {path}", path=folder.path),
            )
        if folder.network and folder.role == "record":
            yield Finding(
                "record-over-network",
                Message(
                    "The folder for {what} is on a network file system ({kind}).",
                    what=ROLES[folder.role],
                    kind=folder.network,
                ),
                Message(
                    "That is fine as long as files can be locked there: the record is, for the "
                    "moment in which an answer is added. All else is written as a whole."
                ),
                mend=False,
            )


_VARIABLES: dict[Role, str] = {"record": "BPTUTOR_DATA_DIR", "log": "BPTUTOR_STATE_DIR"}


def record(data: Path) -> Record:
    """Examine the saved lessons in the data directory without changing anything."""
    directory = data / "sittings"
    files = sorted(directory.glob(f"*{SUFFIX}")) if directory.is_dir() else []
    unreadable = 0
    for file in files:
        try:
            msgspec.msgpack.decode(file.read_bytes(), type=Sitting)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            unreadable += 1
    return Record(len(files), unreadable, len(list(data.rglob("*.damaged-*"))))


def record_findings(record: Record) -> Iterator[Finding]:
    if record.unreadable:
        yield Finding(
            "record-unreadable",
            Message(
                "{count} of {all} kept lessons cannot be read.",
                count=record.unreadable,
                all=record.sittings,
            ),
            Message("Such a lesson begins anew when it is opened; its file is set aside."),
        )
    if record.set_aside:
        yield Finding(
            "record-set-aside",
            Message("{count} files that could not be read were set aside.", count=record.set_aside),
            Message("Delete them once you do not miss anything."),
            mend=False,
        )


UNSOUND: dict[State, tuple[str, Message, Message]] = {
    "damaged": (
        "record-damaged",
        Message("Your record is damaged."),
        Message("The next answer sets it aside under a new name and begins a new one."),
    ),
    "newer": (
        "record-newer",
        Message("Your record is of a newer bptutor."),
        Message("Install that one again; this one cannot add to it."),
    ),
    "unusable": (
        "record-unusable",
        Message("Your record cannot be opened."),
        Message(
            "`bptutor progress` says why. Look at its rights, its disk and its address, or name "
            "another one: {variable}.",
            variable=SETTINGS["record"].variable,
        ),
    ),
}


def health_findings(health: Health) -> Iterator[Finding]:
    if health.state in UNSOUND:
        yield Finding(*UNSOUND[health.state])
    if not health.private:
        yield Finding(
            "record-file-open-to-others",
            Message("Others can read your record, {path}.", path=health.path or ""),
            Message("Close it: chmod 600 {path}", path=health.path or ""),
        )
