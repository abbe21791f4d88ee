"""The clerk: submits papers whose time is over, has them graded, and has others made ahead.

It is a process of the host's that has no thread and no TensorFlow at work, so that it forks, too:
each round of grading is done by a process of its own, with the limits of one.
"""

from __future__ import annotations

import ctypes
import logging
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NoReturn, TypeAlias

from bptutor import budget
from bptutor.classroom.lessons import missing, prepare
from bptutor.classroom.marks import grade
from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore
from bptutor.engine.runtime import tensorflow
from bptutor.host import child, scratch
from bptutor.host.clock import HostClock
from bptutor.text import UserError

LOOKS = 5.0
"""Seconds between two looks, at most: a paper may be begun, or given more time, at any moment."""
AT_LEAST = 0.2
AT_A_TIME = 8
"""Papers that are graded, and that are made ahead, between two looks: it takes some seconds."""
PAUSE = 60.0
"""Seconds until papers are tried again that could not be graded."""
NOBODY_WAITS = 10
"""Niceness of what is made ahead."""
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of <linux/prctl.h>."""

Key: TypeAlias = tuple[object, ...]
Jobs: TypeAlias = dict[Key, Callable[[], None]]

_log = logging.getLogger(__name__)


def work(host: int, store: ClassStore, machine: str, folder: Path, clock: HostClock) -> NoReturn:
    """Submit and grade until the host ends; also remove what services left in `folder`."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
    papers = Papers(store)
    tried: dict[Key, float] = {}
    made: set[Key] = set()
    with suppress(UserError):
        store.gone(machine)  # of what a host before this one left
    while os.getppid() == host:
        wait = LOOKS
        scratch.tidy(folder)
        try:
            clock.keep_up(papers)
            now = clock.now()
            for paper in papers.submit_overdue(now):
                _log.info("%s of %s is submitted: its time is over.", paper.assignment, paper.login)
            due = (each for each in papers.ungraded() if _is_due(each.key, tried))
            ungraded = [*islice(due, AT_A_TIME)]
            _do({each.key: partial(grade, papers, each, now) for each in ungraded})
            tickets = [each for each in missing(papers, now) if each.key not in made]
            made.update(each.key for each in tickets[:AT_A_TIME])
            ahead: Jobs = {each.key: partial(prepare, store, each) for each in tickets[:AT_A_TIME]}
            _do(ahead, NOBODY_WAITS)
            end = papers.next_end()
            wait = LOOKS if end is None else min(LOOKS, max(AT_LEAST, end - clock.now()))
            if len(ungraded) == AT_A_TIME or len(tickets) > AT_A_TIME:
                wait = AT_LEAST
        except UserError as error:
            _log.error("Papers whose time is over wait: %s", error)
        time.sleep(wait)
    os._exit(0)


def _is_due(key: Key, tried: dict[Key, float]) -> bool:
    """Is a paper to be done now? One that could not be has to wait."""
    if time.monotonic() < tried.get(key, 0.0):
        return False
    tried[key] = time.monotonic() + PAUSE
    return True


def _do(jobs: Jobs, nicer: int = 0) -> None:
    """Grade or prepare papers in a process of its own, so much nicer than a learner's service.

    In any order: one that ends the process stops no other twice.
    """
    if not jobs:
        return
    process = os.fork()
    if process == 0:
        try:
            child.protect()
            os.nice(nicer)
            tensorflow()
            for key, job in random.sample([*jobs.items()], len(jobs)):
                budget.renew()
                try:
                    job()
                except Exception:
                    _log.exception("The paper %s cannot be graded or made.", key)
        except BaseException:
            _log.critical("Grading ends with an error.", exc_info=True)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        _log.error("Grading ended with status %d.", code)
