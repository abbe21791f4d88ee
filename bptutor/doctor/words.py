"""The report as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bptutor.config.settings import ORIGINS
from bptutor.doctor.finding import Finding
from bptutor.doctor.places import ROLES
from bptutor.doctor.report import Report, without
from bptutor.locale import Message, shortest
from bptutor.locale.width import cells, wrap

WIDTH = 79
WIDTHS = {
    "narrow": Message("one column"),
    "wide": Message("two columns"),
    "unknown": Message("cannot be told"),
}


def lines(report: Report, findings: Sequence[Finding], language: str) -> Iterator[str]:
    """What was found, then what to mend, then what is worth knowing."""
    rows = [(label.to(language), text) for label, text in _rows(report, language)]
    column = max(cells(label) for label, _ in rows) + 2
    for label, text in rows:
        for index, line in enumerate(wrap(text, WIDTH - column)):
            left = label if index == 0 else ""
            yield left + " " * (column - cells(left)) + line
    for heading, mend in ((Message("To mend"), True), (Message("Worth knowing"), False)):
        listed = [each for each in findings if each.mend == mend]
        if listed:
            yield from ("", heading.to(language))
        for each in listed:
            text = f"{_closed(each.what.to(language))} {each.advice.to(language)}"
            for index, line in enumerate(wrap(text, WIDTH - 2)):
                yield ("! " if mend else "- ") + line if index == 0 else "  " + line
    if not any(each.mend for each in findings):
        yield from ("", Message("There is nothing to mend.").to(language))


def _closed(sentence: str) -> str:
    """Ended, so that another one can follow it."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _rows(report: Report, language: str) -> Iterator[tuple[Message, str]]:
    """Each thing with what it is."""

    def say(*parts: Message | str | None) -> str:
        return "; ".join(
            part.to(language) if isinstance(part, Message) else part for part in parts if part
        )

    yield Message("bptutor"), report.bptutor
    python = report.python
    yield (
        Message("Python"),
        say(
            f"{python.implementation} {python.version}",
            Message("{bits} bits", bits=python.bits),
            Message("in an environment of its own") if python.own_environment else None,
        ),
    )
    engine = report.tensorflow
    yield (
        Message("TensorFlow"),
        engine.error
        or say(
            engine.version,
            Message("loaded in {seconds} s", seconds=shortest(engine.seconds or 0)),
            Message("takes {size} MB", size=engine.memory or 0),
        ),
    )
    processor = report.processor
    yield (
        Message("Processor"),
        say(
            f"{processor.machine} ({processor.system})",
            Message("{usable} of {cores} cores", usable=processor.usable, cores=processor.cores),
            " ".join(processor.features),
        ),
    )
    memory = report.memory
    yield (
        Message("Memory"),
        say(
            Message("{free} MB of {all} MB free", free=memory.available, all=memory.total or "?")
            if memory.available is not None
            else None,
            Message("limited to {size} MB", size=memory.limit) if memory.limit else None,
            Message("addresses limited to {size} MB", size=memory.addresses)
            if memory.addresses
            else None,
        ),
    )
    yield Message("Terminal"), _terminal(report, language)
    for place in report.folders:
        parts: list[Message | str | None] = [without({str(Path.home()): "~"}, place.path)]
        if place.role == "record":
            parts.append(Message("lessons kept: {count}", count=report.record.sittings))
        if place.free is not None:
            parts.append(Message("{free} MB free", free=place.free))
        yield Message("Folder ({what})", what=ROLES[place.role]), say(*parts)
    database = report.database
    yield (
        Message("Record"),
        say(
            without({str(Path.home()): "~"}, database.path or database.kind) or "?",
            Message("attempts: {count}", count=database.attempts or 0),
        ),
    )
    for key, setting in report.settings.items():
        origin = ORIGINS[setting["from"]].to(language)
        yield Message("Setting"), f"{key} = {written(setting['value'])} ({origin})"


def written(value: object) -> str:
    """A setting's value as it is typed."""
    if isinstance(value, dict):
        return " ".join(f"{name}={each}" for name, each in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _terminal(report: Report, language: str) -> str:
    found = report.terminal
    if not found.present:
        return Message("none").to(language)
    parts: list[Message | str | None] = [
        f"{found.columns}x{found.rows}" if found.columns else None,
        f"TERM={found.term}",
        Message("colours: {count}", count=found.colours),
        "NO_COLOR" if found.no_color else None,
        "UTF-8" if found.unicode else Message("not UTF-8"),
        Message("∂ takes: {width}", width=WIDTHS[found.ambiguous]),
        "SSH" if found.ssh else None,
        found.inside,
    ]
    return "; ".join(
        part.to(language) if isinstance(part, Message) else part for part in parts if part
    )
