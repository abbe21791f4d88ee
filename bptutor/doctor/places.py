"""The learner's folders with the record in them, and the folders of the setting `lessons`."""

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
from bptutor.lesson.find import directory
from bptutor.record.attempts import learner_name
from bptutor.record.files import content
from bptutor.record.health import Health, State
from bptutor.record.sittings import SUFFIX, Sitting
from bptutor.record.spool import SUFFIX as ANSWER
from bptutor.record.spool import unsent
from bptutor.text import Message

LEAST_MB = 20  # free space that the record and the logs may need
OVER_A_NETWORK = re.compile(r"nfs|cifs|smb|sshfs|afs|lustre|gpfs|beegfs|9p|ceph|gluster", re.I)
"""Types of file systems, as mounts name them."""
OCTAL = re.compile(r"\\([0-7]{3})")  # a blank in the list of mounts

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
    writable: bool  # can it be written into, or created?
    private: bool  # is it closed to others?
    own: bool  # is it this user's, or the administrator's?
    free: int | None  # MB
    network: str | None  # the type of the file system, if it is a network one


class Record(Struct, frozen=True):
    """The saved lessons."""

    sittings: int
    unreadable: int
    set_aside: int  # damaged files, also of quizzes and of the record
    waiting: int = 0  # answers that the record could not take


def place(role: Role, path: Path) -> Place:
    """Examine a folder without changing anything."""
    nearest = next(one for one in (path, *path.parents) if _exists(one) or one == one.parent)
    there = nearest == path
    writable = _may_be(path) and nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    try:
        free = shutil.disk_usage(nearest).free // MB
        state = nearest.stat()
        mode, owner = stat.S_IMODE(state.st_mode), state.st_uid
    except OSError:
        free, mode, owner = None, 0, 0
    return Place(
        role=role,
        path=str(path),
        there=there,
        writable=writable,
        private=not (there and mode & 0o077),
        own=not there or owner in (os.geteuid(), 0),
        free=free,
        network=_network(nearest),
    )


def _exists(path: Path) -> bool:
    return _may_be(path) and path.exists()


def _may_be(path: Path) -> bool:
    """False where its name is too long, or a folder may not be entered."""
    try:
        path.exists()
    except OSError:
        return False
    return True


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
                Message("bptutor cannot write to the folder for {what}, {path}.", **fields),
                Message(
                    "Fix its permissions, or set {variable} to another folder.",
                    variable=_VARIABLES[folder.role],
                ),
            )
        if not folder.own:
            yield Finding(
                f"{folder.role}-of-another-user",
                Message("The folder for {what}, {path}, belongs to another user.", **fields),
                Message(
                    "Set {variable} to a folder of your own.", variable=_VARIABLES[folder.role]
                ),
            )
        if folder.free is not None and folder.free < LEAST_MB and folder.role == "record":
            yield Finding(
                "disk-full",
                Message("Only {free} MB are free in {path}.", free=folder.free, path=folder.path),
                Message("Free some space; answers that cannot be saved are lost when you quit."),
            )
        if not folder.private and folder.role == "record":
            yield Finding(
                "record-open-to-others",
                Message("Other users can open the folder for {what}, {path}.", **fields),
                Message("Make it private: chmod 700 {path}", path=folder.path),
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
                    "This works if files can be locked there; bptutor locks the record while it "
                    "adds an answer."
                ),
                mend=False,
            )


_VARIABLES: dict[Role, str] = {
    "record": "BPTUTOR_DATA_DIR",
    "log": "BPTUTOR_STATE_DIR",
    "configuration": "BPTUTOR_CONFIG_DIR",
}


def record(data: Path) -> Record:
    """Examine the saved lessons in the data directory without changing anything."""
    if not _exists(data):
        return Record(0, 0, 0)
    files = sorted((data / "sittings").glob(f"*{SUFFIX}"))
    unreadable = 0
    for file in files:
        try:
            msgspec.msgpack.decode(content(file), type=Sitting)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            unreadable += 1
    waiting = len(list(unsent(data).glob(f"*{ANSWER}")))
    return Record(len(files), unreadable, len(list(data.rglob("*.damaged-*"))), waiting)


def record_findings(record: Record) -> Iterator[Finding]:
    if record.unreadable:
        yield Finding(
            "record-unreadable",
            Message(
                "{count} of {all} saved lessons cannot be read.",
                count=record.unreadable,
                all=record.sittings,
            ),
            Message(
                "When you open such a lesson, bptutor renames its file and starts the lesson from "
                "the first step."
            ),
        )
    if record.waiting:
        yield Finding(
            "record-waiting",
            Message(
                "Answers on your disk that wait for your record: {count}.", count=record.waiting
            ),
            Message("bptutor adds them once the record can be used."),
            mend=False,
        )
    if record.set_aside:
        yield Finding(
            "record-set-aside",
            Message("{count} unreadable files are set aside.", count=record.set_aside),
            Message("Delete them if nothing is missing."),
            mend=False,
        )


SET_UP = Message(
    "Ask the owner of the database to run {command} with its address.",
    command="`bptutor record init`",
)
UNSOUND: dict[State, tuple[str, Message, Message]] = {
    "damaged": (
        "record-damaged",
        Message("Your record is damaged."),
        Message("With your next answer, bptutor renames it and starts a new record."),
    ),
    "newer": (
        "record-newer",
        Message("A newer bptutor wrote your record."),
        Message("Install the newer version; this one cannot add to the record."),
    ),
    "forbidden": (
        "record-forbidden",
        Message("Your login may not use the tables of the record."),
        SET_UP,
    ),
    "outdated": (
        "record-outdated",
        Message("An older bptutor made the tables of the record, and you may not change them."),
        SET_UP,
    ),
    "unusable": (
        "record-unusable",
        Message("Your record cannot be opened."),
        Message(
            "Run `bptutor progress` to see the reason. Check its permissions, disk and address, "
            "or set {variable} to another record.",
            variable=SETTINGS["record"].variable,
        ),
    ),
}


def health_findings(health: Health) -> Iterator[Finding]:
    if health.state in UNSOUND:
        yield Finding(*UNSOUND[health.state])
    rights = health.rights
    if rights and rights.missing:
        missing = ", ".join(rights.missing)
        yield Finding(
            "record-rights-missing",
            Message("The login {user} lacks: {missing}.", user=rights.user, missing=missing),
            Message("The database grants them to learners once the record is set up."),
            mend=False,
        )
    if rights and rights.shared and not rights.separated:
        yield Finding(
            "record-rows-unprotected",
            Message("In this record, every learner can read and change the answers of others."),
            SET_UP,
        )
    if rights and rights.separated and not rights.owner and rights.user != learner_name():
        yield Finding(
            "record-other-name",
            Message(
                "The database knows you as {user}, but bptutor as {learner}. It refuses your "
                "answers.",
                user=rights.user,
                learner=learner_name(),
            ),
            Message(
                "Log in to the database as {learner}, or set {variable} to {user}.",
                learner=learner_name(),
                variable="BPTUTOR_LEARNER",
                user=rights.user,
            ),
        )
    if not health.private:
        yield Finding(
            "record-file-open-to-others",
            Message("Other users can read your record, {path}.", path=health.path or ""),
            Message("Make it private: chmod 600 {path}", path=health.path or ""),
        )


def lesson_findings(folders: Sequence[str]) -> Iterator[Finding]:
    """Folders that cannot be read, and lessons that one of the same name hides."""
    found = {path.stem: path.parent for path in directory().glob("*.toml")}
    for folder in map(Path, folders):
        if not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
            yield Finding(
                "lessons-unreadable",
                Message(
                    "The folder {path} of the setting `lessons` cannot be read.", path=str(folder)
                ),
                Message("Create it, open it to everybody, or correct the setting."),
            )
            continue
        for path in sorted(folder.glob("*.toml")):
            if (other := found.setdefault(path.stem, folder)) != folder:
                yield Finding(
                    "lesson-hidden",
                    Message(
                        "{path} is hidden by the lesson of the same name in {other}.",
                        path=str(path),
                        other=str(other),
                    ),
                    Message("Rename the file."),
                )
