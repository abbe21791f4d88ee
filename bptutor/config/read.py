"""Reading the configuration: a key or a value that is wrong is named, and the rest holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bptutor.config.settings import (
    DEFAULT,
    EXPECTED,
    VARIABLES,
    Configuration,
    Origin,
    Settings,
    shown_address,
)
from bptutor.locale import Message, UserError

if TYPE_CHECKING:
    from bptutor.lesson.positions import KeyPath

LAB = Path("/etc/bptutor/config.toml")
"""The file of a lab machine, for all who use it."""
PREFIX = "BPTUTOR_"
FIELDS = {each.name: each.type for each in msgspec.structs.fields(Settings)}
YES_AND_NO = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}
"""What stands for true and false in the environment, besides these words."""


def user_file(environment: Mapping[str, str]) -> Path:
    """The user's own file: in `BPTUTOR_CONFIG_DIR`, else in the user's config directory."""
    if folder := environment.get("BPTUTOR_CONFIG_DIR"):
        return Path(folder) / "config.toml"
    from platformdirs import user_config_dir

    return Path(user_config_dir("bptutor")) / "config.toml"


def lab_file(environment: Mapping[str, str]) -> Path:
    """The lab's file: `BPTUTOR_LAB_CONFIG`, else `/etc/bptutor/config.toml`."""
    return Path(environment.get("BPTUTOR_LAB_CONFIG") or LAB)


def read(environment: Mapping[str, str]) -> Configuration:
    """The configuration: the environment over the user's file over the lab's over the defaults.

    What cannot be used is among its findings, a sentence each.
    """
    findings: list[Message] = []
    configuration = DEFAULT
    layers: tuple[tuple[Origin, Mapping[str, Any]], ...] = (
        ("lab", _of_file(lab_file(environment), findings)),
        ("user", _of_file(user_file(environment), findings)),
        ("environment", _of_environment(environment, findings)),
    )
    for origin, values in layers:
        configuration = configuration.under(origin, values)
    return configuration.with_findings(*findings)


# ── a file ────────────────────────────────────────────────────────────────────────────────────


def _of_file(path: Path, findings: list[Message]) -> dict[str, Any]:
    """The values of a file that can be used."""
    try:
        if not path.exists():
            return {}
    except OSError:
        return {}  # a folder that may not be looked into
    from bptutor.lesson.source import fault, read_toml, unknown_key

    try:
        _, data, where = read_toml(path)
    except UserError as error:
        findings.append(error.message)
        return {}
    usable: dict[str, Any] = {}
    for key, raw in data.items():
        if key not in FIELDS:
            findings.append(unknown_key(path, (key,), tuple(FIELDS), where).message)
            continue
        for part, value in _parts(key, raw):
            try:
                known = msgspec.convert(value, FIELDS[key])
            except msgspec.ValidationError:
                problem = Message("`{key}` must be {what}", key=".".join(part), what=EXPECTED[key])
                findings.append(fault(path, where.line(part), problem).message)
            else:
                usable[key] = usable[key] | known if key in usable else known
    return usable


def _parts(key: str, raw: Any) -> Iterator[tuple[KeyPath, Any]]:
    """What stands or falls by itself: a value, or each line of a table."""
    if isinstance(raw, dict):
        yield from (((key, name), {name: value}) for name, value in raw.items())
    else:
        yield (key,), raw


# ── the environment ───────────────────────────────────────────────────────────────────────────


def _of_environment(environment: Mapping[str, str], findings: list[Message]) -> dict[str, Any]:
    """The values of the variables that can be used; an empty one is none."""
    usable: dict[str, Any] = {}
    for key, variable in VARIABLES.items():
        written = environment.get(variable)
        if not written:
            continue
        try:
            usable[key] = value_of(key, written)
        except ValueError:
            findings.append(
                Message(
                    "{variable} is “{given}”; it must be {what}",
                    variable=variable,
                    given=shown_address(written)[:80],
                    what=_EXPECTED_KEYS if key == "keys" else EXPECTED[key],
                )
            )
    findings.extend(_misspelled(environment))
    return usable


def value_of(key: str, written: str) -> Any:
    """A setting's value, as one types it. Raises ValueError."""
    if key == "keys":
        value: Any = dict(part.split("=", 1) for part in written.split())
    else:
        value = YES_AND_NO.get(written.lower(), written.lower()) if key == "mouse" else written
    return msgspec.convert(value, FIELDS[key], strict=False)


_EXPECTED_KEYS = Message("names of actions with their keys, as in: help=f11 quit=ctrl+g")


def _misspelled(environment: Mapping[str, str]) -> Iterator[Message]:
    """Variables that are nearly those of a setting."""
    others = {name for name in environment if name.startswith(PREFIX)} - {*VARIABLES.values()}
    if not others:
        return
    from bptutor.language.suggest import nearest

    ends = [variable.removeprefix(PREFIX) for variable in VARIABLES.values()]
    for name in sorted(others):
        close = nearest(name.removeprefix(PREFIX), ends)
        if close:
            yield Message(
                "{variable} is no setting; did you mean {nearest}?",
                variable=name,
                nearest=PREFIX + close,
            )
