"""TensorFlow comes when it is called for, says nothing, takes one thread, and is preloaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import bptutor.engine.agreement, bptutor.engine.training
assert "tensorflow" not in sys.modules
from bptutor.engine.runtime import tensorflow
tf = tensorflow()
assert tensorflow() is tf
assert tf.config.threading.get_intra_op_parallelism_threads() == 1
assert tf.config.threading.get_inter_op_parallelism_threads() == 1
print(tf.reduce_sum(tf.matmul(tf.ones([2, 3]), tf.ones([3, 2]))).numpy())
"""


def test_tensorflow_is_imported_on_demand_and_quietly() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120
    )
    assert ran.stderr == ""
    assert ran.stdout == "12.0\n"
    assert ran.returncode == 0


@pytest.mark.parametrize(
    "settings",
    [
        '{"backend": "jax"}',
        pytest.param("{", marks=pytest.mark.whole),
    ],
)
def test_a_learners_own_keras_settings_are_not_read(settings: str, tmp_path: Path) -> None:
    file = tmp_path / ".keras" / "keras.json"
    file.parent.mkdir()
    file.write_text(settings)
    own = {"KERAS_BACKEND": "jax", "KERAS_HOME": str(file.parent), "TF_USE_LEGACY_KERAS": "1"}
    code = """
from bptutor.engine.runtime import tensorflow
tf = tensorflow()
import keras
assert isinstance(tf.keras.layers.Dense(1), keras.layers.Dense)
print(keras.config.backend(), keras.config.floatx())
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HOME": str(tmp_path), **own},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.stdout, ran.stderr) == ("tensorflow float32\n", "")
    assert file.read_text() == settings
    assert [*file.parent.iterdir()] == [file]


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
