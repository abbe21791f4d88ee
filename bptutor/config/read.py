"""Reading the configuration, and writing the user's own file.

A wrong key or value is reported, and the rest holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bptutor.config.settings import DEFAULT, ORIGINS, PREFIX, SETTINGS, Configuration, Origin
from bptutor.files import followed, make_private, reason, user_folder, write_whole
from bptutor.text import Message, UserError
from bptutor.text.printable import shown_address

if TYPE_CHECKING:
    from bptutor.lesson.positions import KeyPath

LAB = Path("/etc/bptutor/config.toml")  # the settings of a machine, for everybody who uses it


def user_file(environment: Mapping[str, str]) -> Path:
    return user_folder("config", environment) / "config.toml"


def lab_file(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("BPTUTOR_LAB_CONFIG") or LAB)


def read(environment: Mapping[str, str]) -> Configuration:
    """The environment over the user's file over the lab's file over the defaults.

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
    """The valid values of a file."""
    try:
        if not path.exists():
            return {}
    except OSError:
        return {}  # a folder that may not be entered
    from bptutor.lesson.source import content_at, fault, parsed_toml, unknown_key

    try:
        data, where = parsed_toml(path, content_at(path))
    except UserError as error:
        findings.append(error.message)
        return {}
    usable: dict[str, Any] = {}
    for key, raw in data.items():
        if key not in SETTINGS:
            findings.append(unknown_key(path, (key,), tuple(SETTINGS), where).message)
            continue
        setting = SETTINGS[key]
        for part, value in _parts(key, raw):
            try:
                converted = setting.convert(value)
            except ValueError:
                problem = Message(
                    "`{key}` must be {what}", key=".".join(part), what=setting.expected
                )
                findings.append(fault(path, where.line(part), problem).message)
            else:
                usable[key] = usable[key] | converted if key in usable else converted
    return usable


def _parts(key: str, raw: Any) -> Iterator[tuple[KeyPath, Any]]:
    """The parts that are checked by themselves: a value, or each line of a table."""
    if isinstance(raw, dict):
        yield from (((key, name), {name: value}) for name, value in raw.items())
    else:
        yield (key,), raw


# ── the environment ───────────────────────────────────────────────────────────────────────────


def _of_environment(environment: Mapping[str, str], findings: list[Message]) -> dict[str, Any]:
    """The valid values of the variables; an empty one counts as not set."""
    usable: dict[str, Any] = {}
    for key, setting in SETTINGS.items():
        text = environment.get(setting.variable)
        if not text:
            continue
        try:
            usable[key] = setting.parse(text)
        except ValueError:
            findings.append(
                Message(
                    "{variable} is “{given}”; it must be {what}",
                    variable=setting.variable,
                    given=(shown_address(text) if key == "record" else text)[:80],
                    what=setting.variable_takes or setting.expected,
                )
            )
    findings.extend(_misspelled(environment))
    return usable


def _misspelled(environment: Mapping[str, str]) -> Iterator[Message]:
    """Variables whose names are close to those of settings."""
    variables = [setting.variable for setting in SETTINGS.values()]
    others = {name for name in environment if name.startswith(PREFIX)}.difference(variables)
    if not others:
        return
    from bptutor.language.errors import nearest

    ends = [variable.removeprefix(PREFIX) for variable in variables]
    for name in sorted(others):
        close = nearest(name.removeprefix(PREFIX), ends)
        if close:
            yield Message(
                "{variable} is not a setting; did you mean {nearest}?",
                variable=name,
                nearest=PREFIX + close,
            )


# ── changing a setting ────────────────────────────────────────────────────────────────────────


def change(
    configuration: Configuration, key: str, value: Any, *, at_once: bool = False
) -> tuple[Configuration, Message]:
    """Write a setting into the user's file: the configuration from now on, and what to show.

    With `at_once` the value holds from now on, even where it cannot be written.
    """
    path = user_file(os.environ)
    try:
        save(path, key, value)
    except UserError as error:
        if not at_once:
            return configuration, error.message
        problem = Message("{problem} The setting lasts until you quit.", problem=error.message)
        return configuration.under("user", {key: value}), problem
    changed = _read_again(configuration)
    if changed.value(key) != value:
        return changed, Message(
            "Saved to {path}, but this takes priority: {origin}.",
            path=str(path),
            origin=ORIGINS[changed.origin(key)],
        )
    if at_once:
        return changed, Message("Saved to {path}.", path=str(path))
    return changed, Message("Saved to {path}. It takes effect at the next start.", path=str(path))


def _read_again(configuration: Configuration) -> Configuration:
    """The configuration as the files are now, with the command line's options."""
    options = {
        key: configuration.value(key)
        for key, origin in configuration.origins.items()
        if origin == "command line"
    }
    return read(os.environ).under("command line", options)


def save(path: Path, key: str, value: Any) -> None:
    """Write `key = value` into the file, and leave everything else in it.

    Raises UserError: the file cannot be written, or is not valid TOML.
    """
    import tomllib

    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = path.read_bytes().decode() if path.exists() else ""
        expected = {**tomllib.loads(text), key: value}
        document = tomlkit.parse(text)
        document[key] = value
        changed = tomlkit.dumps(document)
        if tomllib.loads(changed) != expected:  # better no change than a loss in the user's file
            raise ValueError
        real = followed(path)
        make_private(real.parent)
        write_whole(real, changed.encode())
    except OSError as error:
        raise UserError(
            "bptutor cannot write {path} ({reason}).", path=str(path), reason=reason(error)
        ) from error
    except (ValueError, RecursionError, TOMLKitError) as error:  # not UTF-8, not TOML, unusual TOML
        raise UserError(
            "bptutor cannot change {path} as it is; write `{line}` there yourself.",
            path=str(path),
            line=f"{key} = {tomlkit.item(value).as_string()}",
        ) from error
