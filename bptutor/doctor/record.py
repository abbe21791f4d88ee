"""The record: whether it can be used, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.doctor.finding import Finding
from bptutor.locale import Message
from bptutor.store.health import Health, State

FINDINGS: dict[State, tuple[str, Message, Message]] = {
    "damaged": (
        "record-damaged",
        Message("Your record is damaged."),
        Message("The next answer sets it aside under a new name and begins a new one."),
    ),
    "newer": (
        "record-newer",
        Message("Your record is of a newer bptutor."),
        Message("Install that one again; this one cannot add to it."),
    ),
    "unusable": (
        "record-unusable",
        Message("Your record cannot be opened."),
        Message(
            "`bptutor progress` says why. Look at its rights, its disk and its address, or name "
            "another one: {variable}.",
            variable="BPTUTOR_RECORD",
        ),
    ),
}


def health_findings(found: Health) -> Iterator[Finding]:
    """Whether answers can be added to it."""
    if found.state in FINDINGS:
        yield Finding(*FINDINGS[found.state])
    if not found.private:
        yield Finding(
            "record-file-open-to-others",
            Message("Others can read your record, {path}.", path=found.path or ""),
            Message("Close it: chmod 600 {path}", path=found.path or ""),
        )
