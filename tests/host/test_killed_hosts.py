"""A few kills of hosts among learners; `python -m tools.classroom` is for hundreds of them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from bptutor.classroom import setup
from tests.host.conftest import short_folder
from tests.postgresql import Server, postgresql, running_postgresql
from tools.classroom.__main__ import killed
from tools.classroom.running import running

__all__ = ["postgresql", "running_postgresql"]
pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(400),  # a host that is started again loads TensorFlow
    pytest.mark.skipif(os.getuid() != 0, reason="only root can be several users"),
]


async def test_no_answer_is_lost_and_no_mark_doubled() -> None:
    with short_folder() as folder, running(folder) as host:
        told, wrong = await killed([host], 4, 4, ("host", "service", "all", "machine"), 1)
    assert wrong == [], told


async def test_learners_move_between_two_hosts_on_one_database(postgresql: Server) -> None:
    setup.init(postgresql.url())
    url = postgresql.url("bptutor")
    with short_folder() as folder, ExitStack() as stack:
        hosts = [stack.enter_context(running(Path(folder), name, url)) for name in ("one", "two")]
        told, wrong = await killed(hosts, 4, 3, ("host", "service", "all"), 2)
    assert wrong == [], told
