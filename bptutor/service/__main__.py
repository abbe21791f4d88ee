"""`python -P …/bptutor/service/__main__.py --fd N`: the service of one app, on an inherited socket.

What answers is imported before TensorFlow begins to load: that delays TensorFlow by nothing that
can be measured (it needs most of it too), and beside the loading it would take three times as long.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from threading import Thread
from typing import NoReturn

from bptutor import budget
from bptutor.config.read import read
from bptutor.engine.runtime import tensorflow
from bptutor.lesson.find import look_in
from bptutor.record.record import Record
from bptutor.service.engine import EngineThread
from bptutor.service.log import LogHandler
from bptutor.service.server import MakeTutor, end_with, serve
from bptutor.service.tutor import LocalTutor


def run(make: MakeTutor, load: Callable[[], str]) -> NoReturn:
    """Serve the app at the other end of the socket, and end when it is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True, help="the descriptor of a socket")
    descriptor: int = parser.parse_args().fd
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app's Ctrl+C is not for the service
        logging.basicConfig(handlers=[LogHandler()], level=logging.INFO)
        budget.limit_memory()
        client = socket.socket(fileno=descriptor)
        Thread(target=end_with, args=(client.fileno(),), daemon=True).start()
        asyncio.run(serve(client, "", EngineThread(load), make, budget.renew))
        status = 0
    except BaseException:
        logging.critical("The service ends with an error.", exc_info=True)
    finally:
        os._exit(status)  # not waiting for TensorFlow, which may be loading or computing


if __name__ == "__main__":
    settings = read(os.environ).settings
    look_in(settings.lessons)
    record = Record(settings.record)

    def _load() -> str:
        version = str(tensorflow().__version__)
        Thread(target=record.prepare, daemon=True).start()
        return version

    run(lambda engine, tell, identity: LocalTutor(engine, tell, record, identity), _load)
