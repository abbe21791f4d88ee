"""The libraries are there before the import, and are those that the import would load."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from pathlib import Path
from bptutor.engine.runtime import LIBRARIES, preload

def mapped():
    maps = Path("/proc/self/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in maps if "/tensorflow/" in line}

preload()
before = mapped()
assert "tensorflow" not in sys.modules
assert len(before) >= len(LIBRARIES), before
import tensorflow
for library in LIBRARIES:
    assert len([path for path in mapped() if path.endswith(library)]) == 1, library
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads what is mapped from /proc")
@pytest.mark.whole
def test_what_is_preloaded_is_what_is_imported() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=120)
