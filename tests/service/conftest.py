"""One learner at the service, over a data directory of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bptutor.engine.runtime import tensorflow
from tests.service.classroom import Class, ClassDesk
from tests.service.desk import Desk


@pytest.fixture(scope="session")
def warm() -> None:
    """TensorFlow is loaded, as it is soon after a start."""
    tensorflow()


@pytest.fixture
def desk(warm: None) -> Desk:
    return Desk.anew()


@pytest.fixture
def data_directory(tmp_path: Path) -> Path:
    """Where what the learner does is kept."""
    return tmp_path / "data"


@pytest.fixture
def class_(tmp_path: Path) -> Iterator[Class]:
    with Class.at(tmp_path) as made:
        yield made


@pytest.fixture
def anna(class_: Class) -> ClassDesk:
    return class_.learner("anna")
