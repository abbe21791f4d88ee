"""TensorFlow: imported once, when it is first needed, and quietly."""

from __future__ import annotations

import gc
import os
from threading import Lock
from types import ModuleType
from typing import Any

from bptutor.engine.preload import preload

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
}
"""Only the first two together silence the import; the second also makes sums reproducible."""

_lock = Lock()
_loaded: ModuleType | None = None


def tensorflow() -> ModuleType:
    """The module `tensorflow`, ready to compute; takes seconds the first time.

    Raises:
        ImportError: TensorFlow cannot be had here.
    """
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _import()
    return _loaded


def _import() -> Any:
    os.environ.update(ENVIRONMENT)
    collecting = gc.isenabled()
    gc.disable()  # an import makes next to no garbage, and looking for it takes a tenth of the time
    try:
        preload()
        import tensorflow as tf
    finally:
        if collecting:
            gc.enable()
    gc.freeze()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # What is compiled keeps its order of operations: training gives the bits of a step by hand.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    tf.constant(0.0)  # the first operation sets the runtime up
    return tf


def loaded() -> bool:
    """Is TensorFlow there already?"""
    return _loaded is not None
