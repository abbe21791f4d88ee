"""Whether the keys that are set are those of something that the app can do."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.config.settings import Configuration
from bptutor.language.suggest import nearest
from bptutor.locale import Message


def with_key_findings(configuration: Configuration) -> Configuration:
    """The configuration with what is wrong with its keys; only where there are any is it slow."""
    keys = configuration.settings.keys
    return configuration.with_findings(*_unknown(keys)) if keys else configuration


def _unknown(keys: dict[str, str]) -> Iterator[Message]:
    from bptutor.tui.keymap import names

    known = names()
    for name in keys:
        if name in known:
            continue
        close = nearest(name, known)
        if close:
            yield Message(
                "`keys.{name}` is a key for nothing; did you mean `keys.{nearest}`?",
                name=name,
                nearest=close,
            )
        else:
            yield Message(
                "`keys.{name}` is a key for nothing; there are {names}",
                name=name,
                names=", ".join(known),
            )
