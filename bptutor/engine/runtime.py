"""TensorFlow itself: its environment, loading it in the background, its threads."""

import ctypes
import gc
import os
from abc import ABCMeta
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, cast

LIBRARIES = (
    "libtensorflow_framework.so.2",
    "libtensorflow_cc.so.2",
    "python/_pywrap_tensorflow_internal.so",
)


def preload() -> None:
    """Load the libraries that importing TensorFlow would load, and let others work meanwhile.

    An import holds the interpreter while a library is loaded, for a quarter of a second and more
    with these; a C function called by ctypes does not, and the loader's own is such a function.
    Where there are no libraries of these names, the import loads whatever there is.
    """
    package = find_spec("tensorflow")
    loader = getattr(ctypes.CDLL(None), "dlopen", None) if os.name == "posix" else None
    if package is None or package.origin is None or loader is None:
        return
    loader.argtypes = [ctypes.c_char_p, ctypes.c_int]
    loader.restype = ctypes.c_void_p
    for name in LIBRARIES:
        library = Path(package.origin).parent / name
        if library.exists():
            loader(os.fsencode(library), os.RTLD_NOW)


ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": os.path.join(os.devnull, "keras"),
    "TF_USE_LEGACY_KERAS": "0",
}
"""Only the first two together silence the import; the second also makes sums reproducible. Without
the third, the first matrix product compiles a kernel for this processor: 30 ms and 8 MB.

Keras reads and writes a `keras.json` in its home: there can be none in a place that cannot be. In
the usual one is the user's, with another precision perhaps; and where the user's home cannot be
written in, Keras would take `/tmp/.keras`, which may be anybody's.
"""

_lock = Lock()
_loaded: ModuleType | None = None


def tensorflow() -> ModuleType:
    """The module `tensorflow`, ready to compute; takes seconds the first time.

    Raises ImportError: TensorFlow cannot be had here.
    """
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _set_up()
    return _loaded


def imported() -> ModuleType:
    """The module as it is imported, with nothing set up: no thread runs, and it may be forked.

    Raises ImportError: TensorFlow cannot be had here.
    """
    os.environ.update(ENVIRONMENT)
    collecting = gc.isenabled()
    gc.disable()  # an import makes next to no garbage, and looking for it takes a tenth of the time
    with _away_from_the_current_folder():
        try:
            preload()
            import tensorflow as tf
        finally:
            if collecting:
                gc.enable()
    return cast(ModuleType, tf)


def ready_to_fork() -> None:
    """Import, and do what the first operations would do and needs no thread.

    Each fork would do it again, and copy the pages that it writes: half of what it takes. Raises
    ImportError: TensorFlow cannot be had here.
    """
    _configured()
    with (
        _away_from_the_current_folder(),
        suppress(ImportError, AttributeError),  # it is no part of what TensorFlow promises
    ):
        from tensorflow.python.framework import kernels, op_def_registry
        from tensorflow.python.util import pywrap_xla_ops

        pywrap_xla_ops.get_cpu_kernel_names()  # registers the kernels of XLA
        kernels.get_registered_kernels_for_op("Const")  # and sorts out the others
        op_def_registry.get("NoSuchOp")  # the first name that is unknown has all operations listed


BUILT_IN = (bool, int, float, str, list, tuple, dict, slice, type(None), type(...))


def know_types() -> None:
    """Have every abstract class know whether what operations are given is one of it.

    It looks that up in all of its subclasses, once for each type. An import may make it forget
    that, so this comes last before a fork.
    """
    from numpy import ndarray

    tf: Any = imported()
    kinds: list[type] = [*BUILT_IN, ndarray, tf.DType, tf.TensorShape, tf.Tensor, tf.Variable]
    with suppress(ImportError):
        from tensorflow.python.types import core

        kinds += (each for each in vars(core).values() if isinstance(each, type))
    for kind in kinds:
        if kind.__module__.startswith("tensorflow"):
            kinds += kind.__subclasses__()  # eager tensors, resource variables
    for abstract in [each for each in gc.get_objects() if isinstance(each, ABCMeta)]:
        for kind in kinds:
            with suppress(Exception):  # some have no answer
                issubclass(kind, abstract)


@cache
def _configured() -> Any:
    """TensorFlow, once it has been told what it has to be before the first operation."""
    tf: Any = imported()
    with _away_from_the_current_folder():
        tf.config.list_physical_devices()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # What is compiled keeps its order of operations: training gives the bits of a step by hand.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    return tf


def _set_up() -> ModuleType:
    tf = _configured()
    with _away_from_the_current_folder():
        gc.freeze()
        tf.constant(0.0)  # the first operation sets the runtime up
    return cast(ModuleType, tf)


@contextmanager
def _away_from_the_current_folder() -> Iterator[None]:
    """Be in a folder where only the administrator can put anything, and then back.

    The first operation makes TensorFlow load every `tensorflow/core/kernels/libtfkernel*.so` under
    the folder of the script that runs. It takes the path of the script from the command line: for
    `python -m bptutor` that is `bptutor`, relative to the current folder, which may be anybody's.
    """
    here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))
    os.chdir("/")
    try:
        yield
    finally:
        with suppress(OSError):  # a folder that may not be entered: no path in it could be used
            os.fchdir(here)
        os.close(here)


def loaded() -> bool:
    return _loaded is not None
