"""Three learners and a teacher with real accounts over a real sshd, from roster to marks."""

from __future__ import annotations

import csv
import io
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.host.conftest import short_folder
from tests.host.real import ROOT, real_host

NEEDED = ("sshd", "ssh", "ssh-keygen", "useradd", "userdel", "groupadd", "groupdel", "runuser")
PATH = f"{os.environ['PATH']}:/usr/sbin"
MISSING = [name for name in NEEDED if not shutil.which(name, path=PATH)]
pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can make accounts and run sshd"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed here: {', '.join(MISSING)}"),
]
NAME = f"python{sys.version_info.major}.{sys.version_info.minor}"
KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME")
"""Variables without which this Python may not start."""
EXAM = """
title = "Midterm"
kind = "exam"
lessons = ["one-neuron"]
steps = ["z", "L"]
numbers = "same"
lock = true
minutes = 30
show = { score = "submitted", answers = "released" }
"""


def run(*command: str, typed: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, env={"PATH": PATH}, timeout=150
    )
    assert not check or done.returncode == 0, (command, done.stdout, done.stderr)
    return done


class Lab:
    """A machine with accounts, sshd and a command `bptutor` for all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = f"b{secrets.token_hex(3)}"
        self.teachers, self.room = f"{self.mark}t", f"{self.mark}r"
        self.learners = [f"{self.mark}-{name}" for name in ("anna", "ben", "chloe")]
        self.teacher, self.host = f"{self.mark}-kim", f"{self.mark}-host"
        self.command = folder / "bptutor"
        self.socket = folder / "class.sock"

    @contextmanager
    def accounts(self) -> Iterator[None]:
        with ExitStack() as stack:
            for group in (self.teachers, self.room):
                run("groupadd", group)
                stack.callback(run, "groupdel", group, check=False)
            groups = {self.teacher: self.teachers, self.learners[0]: self.room}
            for name in (*self.learners, self.teacher, self.host):
                more = ["-G", groups[name]] if name in groups else []
                home = str(self.folder / "home" / name)
                run("useradd", "-m", "-d", home, "-s", "/bin/sh", "-p", "*", *more, name)
                stack.callback(run, "userdel", name, check=False)
            yield

    def write_command(self) -> None:
        """As the lab installs it: no learner says where the class is, or who they are.

        With the first Python of this version that other users can run.
        """
        told = ""
        for self.python in filter(None, (sys.executable, shutil.which(NAME, path="/usr/bin"))):
            self._write_command()
            tried = run(
                "runuser",
                "-u",
                self.teacher,
                "--",
                str(self.command),
                "class",
                "--help",
                check=False,
            )
            if tried.returncode == 0:
                return
            told = "".join(tried.stderr.splitlines()[-1:])
        pytest.skip(f"other users cannot run this Python: {told}")

    def _write_command(self) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        paths = [str(ROOT), *filter(None, sys.path)]
        if self.python != sys.executable:  # which has its own library
            paths = [each for each in paths if not each.startswith(sys.base_prefix)]
        kept["PYTHONPATH"] = os.pathsep.join(paths)
        kept["BPTUTOR_LAB_CONFIG"] = str(self.folder / "config.toml")
        kept["LANG"] = "C.UTF-8"
        (self.folder / "config.toml").write_text(f'class = "{self.socket}"\n')
        lines = [f"export {name}={shlex.quote(value)}" for name, value in kept.items()]
        exec_ = f'exec {shlex.quote(self.python)} -P -m bptutor "$@"'
        self.command.write_text("\n".join(["#!/bin/sh", *lines, exec_, ""]))
        self.command.chmod(0o755)

    @contextmanager
    def sshd(self) -> Iterator[None]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for key in ("host", "client"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key))
        (self.folder / "keys").write_text((self.folder / "client.pub").read_text())
        config = self.folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder}/keys\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            f"Match Group {self.room}\n    ForceCommand {self.command} do midterm --plain\n"
            "    DisableForwarding yes\n    PermitUserRC no\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        program = shutil.which("sshd", path=PATH)
        assert program
        with (self.folder / "sshd.log").open("wb") as log:
            daemon = subprocess.Popen([program, "-D", "-e", "-f", config], stdout=log, stderr=log)
        try:
            while True:
                with socket.socket() as trying:
                    if trying.connect_ex(("127.0.0.1", self.port)) == 0:
                        break
                assert daemon.poll() is None, (self.folder / "sshd.log").read_text()
            yield
        finally:
            daemon.terminate()
            daemon.wait()

    def ssh(
        self, who: str, *command: str, typed: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        options = ("-F", "none", "-p", str(self.port), "-i", str(self.folder / "client"), "-T")
        known = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
        quiet = ("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes")
        words = shlex.join([str(self.command), *command])
        return run(
            "ssh", *options, *known, *quiet, f"{who}@127.0.0.1", words, typed=typed, check=check
        )


@pytest.fixture
def lab() -> Iterator[Lab]:
    with short_folder() as folder, ExitStack() as stack:
        lab = Lab(folder)
        stack.enter_context(lab.accounts())
        lab.write_command()
        stack.enter_context(lab.sshd())
        host = stack.enter_context(
            real_host(folder, teachers=lab.teachers, user=lab.host, program=[str(lab.command)])
        )
        host.wait()
        yield lab


def test_three_learners_and_a_teacher_from_the_roster_to_the_marks(lab: Lab) -> None:
    anna, ben, chloe = lab.learners
    home = lab.folder / "home" / lab.teacher
    (home / "roster.csv").write_text(
        "login,name\n" + "".join(f"{who},{who}\n" for who in lab.learners)
    )
    (home / "midterm.toml").write_text(EXAM)
    lab.ssh(lab.teacher, "class", "roster", "roster.csv")
    lab.ssh(lab.teacher, "class", "assign", "midterm.toml")
    refused = lab.ssh(ben, "class", "marks", "midterm", "--csv", check=False)
    assert refused.returncode == 2
    assert lab.learners[0] not in refused.stdout

    typed = "\n1\n1\n/hand-in\n/hand-in\n"
    # Whatever anna asks for, she gets the exam: the room's accounts are for nothing else.
    forced = lab.ssh(anna, "lessons", typed=typed)
    assert "Midterm" in forced.stdout
    assert "one-neuron" not in lab.ssh(anna, "show", "one-neuron", typed="").stdout
    lab.ssh(ben, "do", "midterm", "--plain", typed=typed)
    # Chloe names another learner and another folder: the host does not care.
    stolen = f"BPTUTOR_LEARNER={anna} BPTUTOR_DATA_DIR=/tmp {lab.command} do midterm --plain"
    run_as = ["runuser", "-u", chloe, "--", "sh", "-c", stolen]
    run(*run_as, typed="\n1\n")

    told = lab.ssh(lab.teacher, "class", "marks", "midterm", "--csv").stdout
    rows = {row["login"]: row for row in csv.DictReader(io.StringIO(told))}
    assert set(rows) == set(lab.learners)
    assert rows[anna]["submitted"]
    assert rows[ben]["submitted"]
    assert not rows[chloe]["submitted"]
    assert rows[anna]["points"] == rows[ben]["points"] != ""
