"""An app whose TensorFlow never comes, where nobody needs it."""

from pathlib import Path

import pytest


@pytest.fixture
def idle_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFlow is loading for as long as the app runs, and takes no processor for that."""
    folder = tmp_path / "idle"
    folder.mkdir()
    (folder / "tensorflow.py").write_text("import time\ntime.sleep(1000)\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
