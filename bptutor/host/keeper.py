"""The first process of a class host: it has loaded all, and forks the one that accepts.

If that one is killed, another takes its place within milliseconds, since nothing has to be loaded.
The keeper does nothing else: it has nothing that could fail.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable

from bptutor.text import Message, UserError

MOST_DEATHS, WITHIN = 20, 10.0
"""So many in so many seconds have a cause that another one would meet, too."""
PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of <linux/prctl.h>."""
AWAITED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
"""Blocked, so that none is lost that comes before it is waited for."""

_log = logging.getLogger(__name__)


def keep(work: Callable[[], None]) -> None:
    """Have `work` done in a process, and in another one whenever that is killed, until SIGTERM.

    In the process, SIGUSR1 says that its keeper is gone.

    Raises:
        UserError: it ends again and again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    ending = False
    deaths: deque[float] = deque(maxlen=MOST_DEATHS)
    while not ending:
        process = _forked(work)
        while not (ended := os.waitpid(process, os.WNOHANG))[0]:
            if signal.sigwait(AWAITED) != signal.SIGCHLD:
                ending = True
                os.kill(process, signal.SIGTERM)
        code = os.waitstatus_to_exitcode(ended[1])
        if code == 0:
            return
        _log.error("The process that accepts ended with status %d.", code)
        deaths.append(time.monotonic())
        if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < WITHIN:
            raise UserError(
                Message("The class host ends again and again; its log says why. It gives up.")
            )


def _forked(work: Callable[[], None]) -> int:
    keeper = os.getpid()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])  # until `work` heeds it
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGUSR1, 0, 0, 0)
        if os.getppid() == keeper:
            work()
            status = 0
    except BaseException:
        _log.critical("The process that accepts ends with an error.", exc_info=True)
    finally:
        os._exit(status)
