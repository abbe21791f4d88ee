"""What services leave behind that are killed."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

from bptutor.host import scratch


def test_what_a_killed_service_has_written_goes(tmp_path: Path) -> None:
    killed = os.fork()
    if killed == 0:
        scratch.use(tmp_path)
        Path(tempfile.mkdtemp(prefix="bptutor-"), "model.keras").write_bytes(b"x")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    left = tmp_path / str(killed)
    assert [each.read_bytes() for each in left.glob("bptutor-*/model.keras")] == [b"x"]
    assert left.stat().st_mode & 0o777 == 0o700
    mine = tmp_path / str(os.getpid())
    mine.mkdir()
    scratch.tidy(tmp_path)
    assert [*tmp_path.iterdir()] == [mine]


def test_without_a_folder_of_its_own_the_systems_is_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    before = tempfile.tempdir
    scratch.use(tmp_path / "file")
    assert tempfile.tempdir == before
    scratch.tidy(tmp_path / "none")
