"""The course as a document, and a lesson whose texts would be markup if they could."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bptutor.export.document import Document, document
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load

COURSE = "two-hidden-layers"
HOSTILE = '</script><b a="x">&*x*[y](http://z)`"""\\</b>'


@cache
def course(language: str = "en", answers: bool = True) -> Document:
    return document(load(COURSE), language, "unicode", answers)


@pytest.fixture(autouse=True)
def _float_policy() -> Iterator[None]:
    """Notebooks of float64 lessons tell Keras so, and it is the same Keras as everyone's here."""
    import keras

    kept = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(kept)


@pytest.fixture
def hostile(tmp_path: Path) -> Lesson:
    path = tmp_path / "hostile.toml"
    path.write_text(
        f"title = '{HOSTILE}'\nintroduction = '- {HOSTILE}'\nclosing = '{HOSTILE}'\n"
        f"program = '''\n# ``` {HOSTILE}\nz = x * w\nL = square(z)\n'''\n"
        "loss = 'L'\nparameters = ['w']\nlearning_rate = 0.1\n"
        f"[values]\nx = 2\nw = 3\n[notes]\nz = '1. {HOSTILE}'\n",
        encoding="utf-8",
    )
    return load(str(path))
