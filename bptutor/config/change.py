"""Changing a setting: it is written into the user's own file, and read again from there."""

from __future__ import annotations

import os
from typing import Any

from bptutor.config.read import read, user_file
from bptutor.config.settings import ORIGINS, Configuration
from bptutor.config.write import keep
from bptutor.locale import Message, UserError


def change(
    configuration: Configuration, key: str, value: Any, *, at_once: bool = False
) -> tuple[Configuration, Message]:
    """Keep a setting; the configuration from now on, and what to say of it.

    With `at_once` the caller lets it hold from now on, even where it cannot be written.
    """
    path = user_file(os.environ)
    try:
        keep(path, key, value)
    except UserError as error:
        if not at_once:
            return configuration, error.message
        problem = Message("{problem} It holds until you leave.", problem=error.message)
        return configuration.under("user", {key: value}), problem
    changed = _read_again(configuration)
    if getattr(changed.settings, key) != value:
        return changed, Message(
            "It was written to {path}, but what comes from here goes before it: {origin}.",
            path=str(path),
            origin=ORIGINS[changed.origin(key)],
        )
    if at_once:
        return changed, Message("It was written to {path}.", path=str(path))
    return changed, Message(
        "It was written to {path}, and holds from the next start.", path=str(path)
    )


def _read_again(configuration: Configuration) -> Configuration:
    """The configuration as it is now, under what the command line said."""
    given = {
        key: getattr(configuration.settings, key)
        for key, origin in configuration.origins.items()
        if origin == "command line"
    }
    return read(os.environ).under("command line", given)
