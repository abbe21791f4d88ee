"""The report as lines of text, and as JSON without private data."""

import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from bptutor import __version__
from bptutor.config.read import user_file
from bptutor.config.settings import ORIGINS, Configuration, ignored
from bptutor.doctor import Finding, machine, places
from bptutor.doctor import host as classes
from bptutor.doctor import terminal as screen
from bptutor.doctor.places import lesson_findings
from bptutor.record.files import data_directory
from bptutor.record.health import Health, health
from bptutor.service.child import child_environment
from bptutor.service.log import state_directory
from bptutor.text import Message, shortest
from bptutor.text.printable import cells, shown_address, wrap

WIDTH = 79
WIDTHS = {
    "narrow": Message("one column"),
    "wide": Message("two columns"),
    "unknown": Message("unknown"),
}


class Report(Struct, frozen=True):
    bptutor: str
    python: machine.Python
    tensorflow: machine.Engine
    processor: machine.Processor
    memory: machine.Memory
    terminal: screen.Terminal
    folders: list[places.Place]
    record: places.Record
    database: Health  # the record of attempts
    host: classes.Host  # the host of the learner's class
    settings: dict[str, Any]  # those that are not the default, with their origins


def examine(
    configuration: Configuration,
    environment: Mapping[str, str],
    encoding: str | None,
    language: str = "en",
) -> Report:
    """Examine everything. TensorFlow comes last: it takes seconds, and memory."""
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
        host=classes.host(configuration.settings.class_, language),
        settings={
            key: {"value": _shown(key, configuration), "from": origin}
            for key, origin in configuration.origins.items()
        },
        tensorflow=machine.engine(child_environment()),
    )


def findings(report: Report, configuration: Configuration) -> Iterator[Finding]:
    yield from machine.python_findings(report.python)
    yield from machine.engine_findings(report.tensorflow)
    yield from machine.processor_findings(report.processor)
    yield from machine.memory_findings(report.memory)
    yield from screen.terminal_findings(report.terminal)
    yield from places.place_findings(report.folders)
    yield from places.record_findings(report.record)
    yield from places.health_findings(report.database)
    yield from classes.host_findings(report.host)
    yield from lesson_findings(configuration.settings.lessons)
    for finding in configuration.findings:
        yield Finding(
            "configuration-ignored",
            ignored(finding),
            Message("Correct it; the other settings apply."),
        )


def _shown(key: str, configuration: Configuration) -> Any:
    """A setting's value; an address without its secrets."""
    value = configuration.value(key)
    return shown_address(value) if key == "record" and value else value


# ── privacy ───────────────────────────────────────────────────────────────────────────────────


def private_parts() -> dict[str, str]:
    """The names of this learner and this machine, with what replaces them."""
    import getpass

    home = os.path.expanduser("~")
    parts = {home: "~", os.path.realpath(home): "~"}
    with suppress(OSError, KeyError):  # a user without a name
        parts[getpass.getuser()] = "USER"
    parts[socket.gethostname()] = "HOST"
    return {part: instead for part, instead in parts.items() if part not in ("", "/")}


def without(parts: Mapping[str, str], value: Any) -> Any:
    """The value with these parts replaced in its texts, where they are whole words."""
    if isinstance(value, str):
        for part, instead in parts.items():
            value = re.sub(rf"(?<![\w.-]){re.escape(part)}(?![\w.-])", instead, value)
        return value
    if isinstance(value, list):
        return [without(parts, item) for item in value]
    if isinstance(value, dict):
        return {name: without(parts, item) for name, item in value.items()}
    return value


def as_json(report: Report, findings: list[Finding], language: str) -> dict[str, Any]:
    """The report with its findings, without private data."""
    whole = {
        **msgspec.to_builtins(report),
        "findings": [
            {
                "code": finding.code,
                "mend": finding.mend,
                "what": finding.what.to(language),
                "advice": finding.advice.to(language),
            }
            for finding in findings
        ],
    }
    paths = ("folders", "database", "host", "tensorflow", "findings", "settings")
    return {
        key: without(private_parts(), value) if key in paths else value
        for key, value in whole.items()
    }


# ── lines of text ─────────────────────────────────────────────────────────────────────────────


def lines(report: Report, findings: Sequence[Finding], language: str) -> Iterator[str]:
    rows = [(label.to(language), text) for label, text in _rows(report, language)]
    column = max(cells(label) for label, _ in rows) + 2
    for label, text in rows:
        for index, line in enumerate(wrap(text, WIDTH - column)):
            left = label if index == 0 else ""
            yield left + " " * (column - cells(left)) + line
    for heading, mend in ((Message("Problems"), True), (Message("Notes"), False)):
        listed = [finding for finding in findings if finding.mend == mend]
        if listed:
            yield from ("", heading.to(language))
        for finding in listed:
            text = f"{_ended(finding.what.to(language))} {finding.advice.to(language)}"
            for index, line in enumerate(wrap(text, WIDTH - 2)):
                yield ("! " if mend else "- ") + line if index == 0 else "  " + line
    if not any(finding.mend for finding in findings):
        yield from ("", Message("No problems found.").to(language))


def _ended(sentence: str) -> str:
    """The sentence with its full stop."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _rows(report: Report, language: str) -> Iterator[tuple[Message, str]]:
    home = {os.path.expanduser("~"): "~"}

    def joined(*parts: Message | str | None) -> str:
        return "; ".join(
            part.to(language) if isinstance(part, Message) else part for part in parts if part
        )

    yield Message("bptutor"), report.bptutor
    python = report.python
    yield (
        Message("Python"),
        joined(
            f"{python.implementation} {python.version}",
            Message("{bits}-bit", bits=python.bits),
            Message("in a virtual environment") if python.own_environment else None,
        ),
    )
    engine = report.tensorflow
    yield (
        Message("TensorFlow"),
        engine.error
        or joined(
            engine.version,
            Message("loaded in {seconds} s", seconds=shortest(engine.seconds or 0)),
            Message("uses {size} MB", size=engine.memory or 0),
        ),
    )
    processor = report.processor
    yield (
        Message("Processor"),
        joined(
            f"{processor.machine} ({processor.system})",
            Message("{usable} of {cores} cores", usable=processor.usable, cores=processor.cores),
            " ".join(processor.features),
        ),
    )
    memory = report.memory
    yield (
        Message("Memory"),
        joined(
            Message("{free} MB of {all} MB free", free=memory.available, all=memory.total or "?")
            if memory.available is not None
            else None,
            Message("limited to {size} MB", size=memory.limit) if memory.limit else None,
            Message("address space limited to {size} MB", size=memory.addresses)
            if memory.addresses
            else None,
        ),
    )
    yield Message("Terminal"), joined(*_terminal(report.terminal))
    for place in report.folders:
        parts: list[Message | str | None] = [without(home, place.path)]
        if place.role == "record":
            parts.append(Message("saved lessons: {count}", count=report.record.sittings))
        if place.free is not None:
            parts.append(Message("{free} MB free", free=place.free))
        yield Message("Folder ({what})", what=places.ROLES[place.role]), joined(*parts)
    database = report.database
    yield (
        Message("Record"),
        joined(
            without(home, database.path or database.kind) or "?",
            Message("attempts: {count}", count=database.attempts or 0),
        ),
    )
    if report.host.path:
        yield (
            Message("Class"),
            joined(
                report.host.path,
                report.host.why
                if report.host.seconds is None
                else Message("replied in {seconds} s", seconds=shortest(report.host.seconds)),
                Message("this user may connect for learners in the browser")
                if report.host.state == "speaks"
                else None,
            ),
        )
    for key, setting in report.settings.items():
        origin = ORIGINS[setting["from"]].to(language)
        yield Message("Setting"), f"{key} = {_typed(setting['value'])} ({origin})"


def _typed(value: object) -> str:
    """A setting's value as it is typed."""
    if isinstance(value, dict):
        return " ".join(f"{name}={key}" for name, key in value.items())
    if isinstance(value, tuple):
        return ":".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _terminal(terminal: screen.Terminal) -> list[Message | str | None]:
    if not terminal.present:
        return [Message("none")]
    return [
        f"{terminal.columns}x{terminal.rows}" if terminal.columns else None,
        f"TERM={terminal.term}",
        Message("colours: {count}", count=terminal.colours),
        "NO_COLOR" if terminal.no_color else None,
        "UTF-8" if terminal.unicode else Message("not UTF-8"),
        Message("∂ takes: {width}", width=WIDTHS[terminal.ambiguous]),
        "SSH" if terminal.ssh else None,
        terminal.inside,
    ]
