"""The unit files name what there is."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from bptutor.cli.main import bptutor
from bptutor.host.serve import STATE, TEACHERS

SHARE = Path(__file__).parents[2] / "share"


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(SHARE / "systemd" / name)
    return found


def options(service: configparser.SectionProxy) -> dict[str, Any]:
    """What the command of a unit is started with."""
    _, *arguments = shlex.split(service["ExecStart"])
    command: click.Command = bptutor
    while isinstance(command, click.Group):
        name, *arguments = arguments
        command = command.commands[name]
    return command.make_context(command.name, arguments).params


def test_the_units_run_the_commands_over_the_folders_that_are_the_defaults() -> None:
    service, web = unit("bptutor-class.service")["Service"], unit("bptutor-web.service")["Service"]
    assert options(service)["web_user"] == (web["User"],)
    assert options(web)["data"] == Path("/var/lib", web["StateDirectory"])
    assert Path("/var/lib", service["StateDirectory"]) == STATE
    users = [line.split() for line in (SHARE / "sysusers.d/bptutor.conf").read_text().splitlines()]
    assert [line[1] for line in users] == [service["User"], web["User"], TEACHERS]
    socket = Path(unit("bptutor-class.socket")["Socket"]["ListenStream"])
    _, folder, mode, owner, _ = (SHARE / "tmpfiles.d/bptutor.conf").read_text().split()
    assert (Path(folder), mode, owner) == (socket.parent, "0755", service["User"])
    guide = (SHARE.parent / "docs" / "lab.md").read_text()
    assert f'class = "{socket}"' in guide
    assert f"usermod -aG {TEACHERS} " in guide


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for file in (SHARE / "systemd").iterdir():
        text = file.read_text().replace("/opt/bptutor/bin/bptutor", "/bin/true")
        (tmp_path / file.name).write_text(re.sub("User=bptutor.*", "User=root", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
    )
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "bptutor" in line]
    assert told == []
