"""`python -m bptutor.service --fd N`: the service of one app, on a socket that is inherited."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from bptutor.engine.runtime import tensorflow
from bptutor.service.thread import EngineThread

if TYPE_CHECKING:
    from bptutor.service.connection import Tutoring
    from bptutor.service.tutor import Learner

LearnerT = TypeVar("LearnerT")


def run(load: Callable[[], str], tutor: Callable[[], Tutoring[LearnerT]]) -> NoReturn:
    """Serve the app at the other end of the socket, and end when it is gone.

    Args:
        load: loads TensorFlow, which begins before anything else; its version.
        tutor: makes the tutor, once that is under way.
    """
    engine = EngineThread(load)
    status = 1
    try:
        _serve(engine, tutor)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)  # not waiting for TensorFlow, which may be loading or computing


def _serve(engine: EngineThread, tutor: Callable[[], Tutoring[LearnerT]]) -> None:
    """Import what answers beside the loading, and answer."""
    import argparse
    import asyncio
    import logging
    import signal
    import socket

    from bptutor.service.log import LogHandler
    from bptutor.service.server import Service

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app's Ctrl+C is not for the service
    logging.basicConfig(handlers=[LogHandler()], level=logging.INFO)
    parser = argparse.ArgumentParser(prog="python -m bptutor.service")
    parser.add_argument("--fd", type=int, required=True, help="the descriptor of a socket")
    client = socket.socket(fileno=parser.parse_args().fd)

    async def serve() -> None:
        await Service(tutor(), engine).serve(client)

    asyncio.run(serve())


def _load() -> str:
    return str(tensorflow().__version__)


def _tutor() -> Tutoring[Learner]:
    from bptutor.service.tutor import Tutor
    from bptutor.store.sittings import Sittings

    return Tutor(Sittings())


if __name__ == "__main__":
    run(_load, _tutor)
