"""TensorFlow comes when it is called for, says nothing, and takes one thread."""

import subprocess
import sys

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
