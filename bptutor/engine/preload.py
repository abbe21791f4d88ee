"""TensorFlow's libraries, loaded while other threads go on."""

from __future__ import annotations

import ctypes
import os
from importlib.util import find_spec
from pathlib import Path

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
