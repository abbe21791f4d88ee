"""Everything that a service needs, imported once and without a thread, so that it may be forked."""

import asyncio
import gc
import importlib
import os
import pkgutil
import pwd
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import bptutor
from bptutor.engine import runtime
from bptutor.lesson.find import available
from bptutor.text import LANGUAGES, Message, UserError

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""NumPy's library would start its threads with the import, and a fork would lose them."""
FIRST = 2
"""Steps of a lesson that learners come to at the same time."""
PACKAGES = (
    *("language", "lesson", "engine", "grading", "record", "course", "quiz", "views", "service"),
    *("text", "classroom", "host"),
)
LIBRARIES = ("keras", "sqlalchemy.dialects.sqlite", "sqlite3", "fsrs", "asyncio", "platformdirs")


def make_ready(database: str) -> None:
    """Import what a service imports sooner or later, and read the lessons.

    Args:
        database: the address of the class's.

    Raises:
        ImportError: TensorFlow, or the driver of the database, cannot be had here.
    """
    os.environ.update(ONE_THREAD)
    runtime.ready_to_fork()
    for name in (*LIBRARIES, *_modules()):
        importlib.import_module(name)
    _load_driver(database)
    _read_lessons()
    pwd.getpwuid(os.getuid())  # loads what the system looks users up with


def settle() -> None:
    """Let what there is by now be shared with the services. Raises UserError: it cannot be."""
    if (count := threads()) > 1:
        raise UserError(
            Message(
                "The class host has {count} threads and cannot fork services. Start it in an "
                "environment of its own.",
                count=count,
            )
        )
    runtime.know_types()
    for _ in range(10):  # as often as Python adapts code to what it does, in the code itself
        asyncio.run(asyncio.sleep(0))
    gc.collect()
    _fill_holes()
    gc.freeze()  # the collector would write to what is shared with the services
    gc.disable()


_filled: list[object] = []
POOL = 2**14
"""Bytes that Python's allocator (pymalloc) takes at a time for objects of one size."""
OF_SIZE = {16: object, 32: float}
"""What makes an object of so many bytes, where `bytes` are larger."""
EMPTY = sys.getsizeof(b"")


def _fill_holes() -> None:
    """Fill what is free between Python's objects, so that those of a service have their own pages.

    They would be put there, and each page with one of them is copied.
    """
    for size in range(16, 513, 16):
        make = OF_SIZE.get(size) or partial(bytes, size - EMPTY)
        pool, count = -1, 0
        while count < (POOL - 64) // size - 1:  # a whole pool was free
            _filled.append(made := make())
            here = id(made) // POOL
            pool, count = here, count + 1 if here == pool else 1


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _modules() -> Iterator[str]:
    root = Path(bptutor.__file__).parent
    for name in PACKAGES:
        prefix = f"{bptutor.__name__}.{name}."
        for module in pkgutil.walk_packages([str(root / name)], prefix):
            if not module.name.endswith(".__main__"):
                yield module.name


def _load_driver(database: str) -> None:
    """Import what an address names, without connecting. Raises ImportError."""
    from bptutor.record.database import Database

    try:
        Database(database)
    except UserError as error:
        if isinstance(error.__cause__, ImportError):
            raise error.__cause__ from None
        raise


def _read_lessons() -> None:
    """The menu, as every service shows it, and what services find out about lessons."""
    from bptutor.course.example import worked_example
    from bptutor.engine.trace import plan
    from bptutor.engine.variations import draws
    from bptutor.lesson.load import load
    from bptutor.lesson.steps import steps
    from bptutor.record.files import Folder
    from bptutor.record.sittings import Sittings, Standing
    from bptutor.service.lesson_states import lesson_items

    nothing = Sittings(Folder(Path(os.devnull) / "nothing"))
    for language in LANGUAGES:
        lesson_items(nothing, Standing(), language)
    for name in available():
        lesson = load(name)
        plan(lesson)
        draws(lesson)
        for step in steps(lesson)[:FIRST]:
            worked_example(lesson, step.id, "unicode", numbers=True)
