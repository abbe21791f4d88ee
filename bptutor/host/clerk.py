"""The clerk: submits papers whose time is over and has them graded, whoever is there.

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
from contextlib import suppress
from typing import NoReturn

from bptutor import budget
from bptutor.classroom.marks import grade
from bptutor.classroom.papers import Papers
from bptutor.classroom.rows import Paper
from bptutor.classroom.store import ClassStore
from bptutor.engine.runtime import tensorflow
from bptutor.host import child
from bptutor.text import UserError

LOOKS = 5.0
"""Seconds between two looks, at most: a paper may be begun, or given more time, at any moment."""
AT_LEAST = 0.2
PAUSE = 60.0
"""Seconds until papers are tried again that could not be graded."""
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of <linux/prctl.h>."""

_log = logging.getLogger(__name__)


def work(store: ClassStore, machine: str) -> NoReturn:
    """Submit and grade until the host ends."""
    host = os.getppid()
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM, 0, 0, 0)
    papers = Papers(store)
    tried: dict[tuple[str, str, int], float] = {}
    with suppress(UserError):
        store.gone(machine)  # of what a host before this one left
    while os.getppid() == host:
        wait = LOOKS
        try:
            now = time.time()
            for paper in papers.submit_overdue(now):
                _log.info("%s of %s is submitted: its time is over.", paper.assignment, paper.login)
            _grade(store, [each for each in papers.ungraded() if _is_due(each, tried)])
            end = papers.next_end()
            wait = LOOKS if end is None else min(LOOKS, max(AT_LEAST, end - time.time()))
        except UserError as error:
            _log.error("Papers whose time is over wait: %s", error)
        time.sleep(wait)
    os._exit(0)


def _is_due(paper: Paper, tried: dict[tuple[str, str, int], float]) -> bool:
    """Is a paper to be graded now? One that could not be has to wait."""
    if time.monotonic() < tried.get(paper.key, 0.0):
        return False
    tried[paper.key] = time.monotonic() + PAUSE
    return True


def _grade(store: ClassStore, ungraded: list[Paper]) -> None:
    """Grade papers in a process of its own, in any order: one that ends it stops no other twice."""
    if not ungraded:
        return
    process = os.fork()
    if process == 0:
        try:
            child.protect()
            random.shuffle(ungraded)
            tensorflow()
            for paper in ungraded:
                budget.renew()
                try:
                    grade(Papers(store), paper, time.time())
                except Exception:
                    _log.exception("%s of %s cannot be graded.", paper.assignment, paper.login)
        except BaseException:
            _log.critical("Grading ends with an error.", exc_info=True)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        _log.error("Grading ended with status %d.", code)
