"""The learner's data directory, and what is kept in it."""

from pathlib import Path

import pytest

from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from tests.postgresql import postgresql, running_postgresql

__all__ = ["postgresql", "running_postgresql"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's data directory, which is not there yet."""
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def record(folder: Path) -> Record:
    return Record()


@pytest.fixture
def kept(tmp_path: Path) -> Sittings:
    return Sittings(tmp_path / "kept")
