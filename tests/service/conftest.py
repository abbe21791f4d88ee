"""One learner at the service, over a data directory of their own."""

from pathlib import Path

import pytest

from bptutor.engine.runtime import tensorflow
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
