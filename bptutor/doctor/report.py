"""All that is found, as one report; and the same with nothing private in it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bptutor import __version__
from bptutor.config.read import user_file
from bptutor.config.settings import Configuration, ignored, shown_address
from bptutor.doctor import engine as tensorflow
from bptutor.doctor import machine, places
from bptutor.doctor import terminal as screen
from bptutor.doctor.finding import Finding
from bptutor.doctor.record import health_findings
from bptutor.locale import Message
from bptutor.service.client import child_environment
from bptutor.service.log import state_directory
from bptutor.store.directory import data_directory
from bptutor.store.health import Health, health


class Report(Struct, frozen=True):
    """What was found; the order of the fields is that of the JSON."""

    bptutor: str
    python: machine.Python
    tensorflow: tensorflow.Engine
    processor: machine.Processor
    memory: machine.Memory
    terminal: screen.Terminal
    folders: list[places.Place]
    record: places.Record
    database: Health
    """Of the record of attempts."""
    settings: dict[str, Any]
    """Those that are not the default, with where they come from."""


def examine(
    configuration: Configuration, environment: Mapping[str, str], encoding: str | None
) -> Report:
    """Look at everything. TensorFlow comes last: it takes seconds, and memory."""
    terminal = screen.terminal(environment, encoding)
    memory = machine.memory()
    return Report(
        bptutor=__version__,
        python=machine.python(),
        processor=machine.processor(),
        memory=memory,
        terminal=terminal,
        folders=[
            places.place("record", data_directory()),
            places.place("log", state_directory()),
            places.place("configuration", user_file(environment).parent),
        ],
        record=places.record(data_directory()),
        database=health(configuration.settings.record),
        settings={
            key: {"value": _shown(getattr(configuration.settings, key)), "from": origin}
            for key, origin in configuration.origins.items()
        },
        tensorflow=tensorflow.engine(child_environment()),
    )


def findings(report: Report, configuration: Configuration) -> Iterator[Finding]:
    """What is wrong or worth knowing, and what to do about it."""
    yield from machine.python_findings(report.python)
    yield from tensorflow.engine_findings(report.tensorflow)
    yield from machine.processor_findings(report.processor)
    yield from machine.memory_findings(report.memory)
    yield from screen.terminal_findings(report.terminal)
    yield from places.place_findings(report.folders)
    yield from places.record_findings(report.record)
    yield from health_findings(report.database)
    for finding in configuration.findings:
        yield Finding(
            "configuration-ignored",
            ignored(finding),
            Message("Correct it; until then the rest holds."),
        )


def _shown(value: Any) -> Any:
    """A setting's value; of an address only what gives nothing away."""
    return shown_address(value) if isinstance(value, str) else value


# ── nothing private ───────────────────────────────────────────────────────────────────────────


def private_parts() -> dict[str, str]:
    """What is of this learner and this machine, and what is written in its place."""
    import getpass

    parts = {str(Path.home()): "~", os.path.realpath(Path.home()): "~"}
    with suppress(OSError, KeyError):  # a user without a name
        parts[getpass.getuser()] = "USER"
    parts[socket.gethostname()] = "HOST"
    return {part: instead for part, instead in parts.items() if part not in ("", "/")}


def without(parts: Mapping[str, str], value: Any) -> Any:
    """The value with these parts of its texts replaced, where they stand as a whole."""
    if isinstance(value, str):
        for part, instead in parts.items():
            value = re.sub(rf"(?<![\w.-]){re.escape(part)}(?![\w.-])", instead, value)
        return value
    if isinstance(value, list):
        return [without(parts, each) for each in value]
    if isinstance(value, dict):
        return {name: without(parts, each) for name, each in value.items()}
    return value


def as_json(report: Report, found: list[Finding], language: str) -> dict[str, Any]:
    """The report with its findings, ready to be sent to a stranger."""
    whole = {
        **msgspec.to_builtins(report),
        "findings": [
            {
                "code": each.code,
                "mend": each.mend,
                "what": each.what.to(language),
                "advice": each.advice.to(language),
            }
            for each in found
        ],
    }
    paths = ("folders", "database", "tensorflow", "findings", "settings")
    return {
        key: without(private_parts(), value) if key in paths else value
        for key, value in whole.items()
    }
