"""Whether the keys that are set are those of something that the app can do, and can be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec.structs import replace as with_fields

from bptutor.config.settings import Configuration
from bptutor.language.suggest import nearest
from bptutor.locale import Message


def with_key_findings(configuration: Configuration) -> Configuration:
    """The configuration with what is wrong with its keys; only where there are any is it slow.

    A key by which something else would have none is ignored.
    """
    keys = dict(configuration.settings.keys)
    if not keys:
        return configuration
    findings = (*_unknown(keys), *_without_clashes(keys))
    settings = with_fields(configuration.settings, keys=keys)
    return replace(configuration, settings=settings).with_findings(*findings)


def _without_clashes(keys: dict[str, str]) -> Iterator[Message]:
    """Takes the keys out that are those of something else as well."""
    from bptutor.tui.keymap import first_clash

    while clash := first_clash(keys):
        left = [key for key in keys.pop(clash.name).split(",") if key != clash.key]
        if left:
            keys[clash.name] = ",".join(left)
        yield Message(
            "`keys.{name}`: {key} is the key of {others}; give that another one first",
            name=clash.name,
            key=clash.key,
            others=", ".join(clash.others),
        )


def _unknown(keys: Mapping[str, str]) -> Iterator[Message]:
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
                "`keys.{name}` is a key for nothing; the names are in the README, beside the keys",
                name=name,
            )
