"""The operations of the grammar, one file a family. Adding a class here is all it takes."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bptutor.language.ops.base import Operation


@cache
def operations() -> dict[str, Operation]:
    """Every operation under its key."""
    found: dict[str, Operation] = {}
    for module in iter_modules(__path__):
        for thing in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(thing, type) and issubclass(thing, Operation) and "key" in vars(thing):
                found[thing.key] = thing()
    return found


@cache
def spellings() -> dict[str, Operation]:
    """Every function under each of its names."""
    return {
        name: operation
        for operation in operations().values()
        for name in (operation.key, *operation.spellings)
    }
