"""The process that keeps a host: no signal is lost that comes before it is waited for."""

import subprocess
import sys

import pytest

from bptutor.service.child import child_environment

CODE = """
import os, signal, socket, sys
from bptutor.host.keeper import keep
from bptutor.host.loop import Host
nobody = socket.socket(socket.AF_UNIX)
nobody.bind("")  # a name that the kernel chooses
nobody.listen()

def alone():
    os.kill(os.getpid(), signal.SIGUSR1)  # as the kernel tells that the keeper has been killed
    Host(nobody, lambda client, user: os._exit(1)).run()

def ended():
    os.kill(os.getppid(), signal.SIGTERM)
    while True:
        signal.pause()

keep({"alone": alone, "ended": ended}[sys.argv[1]])
"""


@pytest.mark.parametrize("how", ["alone", "ended"])
def test_who_is_alone_or_ended_at_once_ends(how: str) -> None:
    command = [sys.executable, "-P", "-c", CODE, how]
    assert subprocess.run(command, env=child_environment(), cwd="/").returncode == 0
