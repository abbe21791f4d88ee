"""The terminal: its size, colours and characters, and what lies between it and the tutor."""

import os
import re
import select
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Literal

from msgspec import Struct

from bptutor.doctor import Finding
from bptutor.text import Message
from bptutor.text.languages import CONSOLE, inside, misleading, takes_unicode

COLUMNS, ROWS = 80, 24  # the size that every screen fits
ANSWERING = 2.0  # seconds that a terminal on a slow link has to answer
SIGN = "∂"  # one of the characters that some terminals draw two columns wide
REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")


class Terminal(Struct, frozen=True):
    """A terminal; most of it is unknown where none is present."""

    present: bool
    columns: int | None
    rows: int | None
    term: str
    colours: Literal["none", "16", "256", "truecolor"]
    no_color: bool
    unicode: bool
    ambiguous: Literal["narrow", "wide", "unknown"]  # how wide characters such as ∂ are drawn
    ssh: bool
    inside: Literal["tmux", "screen"] | None
    copying: Literal["unknown"] = "unknown"  # whether it takes OSC 52 cannot be asked


def terminal(environment: Mapping[str, str], encoding: str | None) -> Terminal:
    descriptor = _open()
    try:
        columns = rows = None
        ambiguous: Literal["narrow", "wide", "unknown"] = "unknown"
        unicode = takes_unicode(environment, encoding)
        if descriptor is not None:
            with suppress(OSError):
                columns, rows = os.get_terminal_size(descriptor)
            if unicode and environment.get("TERM") != "dumb":
                ambiguous = _ambiguous(descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return Terminal(
        present=descriptor is not None,
        columns=columns,
        rows=rows,
        term=environment.get("TERM", ""),
        colours=_colours(environment),
        no_color="NO_COLOR" in environment,
        unicode=unicode,
        ambiguous=ambiguous,
        ssh=bool(environment.get("SSH_CONNECTION")),
        inside=inside(environment),
    )


def _open() -> int | None:
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    with suppress(OSError):
        if os.tcgetpgrp(descriptor) == os.getpgrp():
            return descriptor
    os.close(descriptor)  # a process in the background would be stopped for asking
    return None


def _colours(environment: Mapping[str, str]) -> Literal["none", "16", "256", "truecolor"]:
    """The colours that the app would use without NO_COLOR."""
    from rich.console import Console

    ignored = ["NO_COLOR", *misleading(environment)]
    settings = {name: value for name, value in environment.items() if name not in ignored}
    system = Console(force_terminal=True, _environ=settings).color_system
    known: dict[str | None, Literal["16", "256", "truecolor"]] = {
        "standard": "16",
        "256": "256",
        "truecolor": "truecolor",
    }
    return known.get(system, "none")


def _ambiguous(descriptor: int) -> Literal["narrow", "wide", "unknown"]:
    """Write a character, and ask where the cursor is then; the line is cleared afterwards."""
    try:
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor, termios.TCSAFLUSH)
    except termios.error:
        return "unknown"
    try:
        os.write(descriptor, f"\r{SIGN}\x1b[6n".encode())
        column = _column(descriptor)
        os.write(descriptor, b"\r\x1b[K")
    except OSError:
        return "unknown"
    finally:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
    known: dict[int | None, Literal["narrow", "wide"]] = {2: "narrow", 3: "wide"}
    return known.get(column, "unknown")


def _column(descriptor: int) -> int | None:
    """The column that the terminal reports, from 1; None without an answer."""
    deadline = time.monotonic() + ANSWERING
    answer = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return None
        answer += os.read(descriptor, 256)
        if report := REPORT.search(answer):
            return int(report[2])
    return None


def terminal_findings(terminal: Terminal) -> Iterator[Finding]:
    if not terminal.present:
        yield Finding(
            "terminal-none",
            Message("bptutor does not run in a terminal here, so it cannot check one."),
            Message("Run `bptutor doctor` in the terminal you learn in."),
            mend=False,
        )
        return
    yield from _drawing_findings(terminal)
    if terminal.ambiguous == "wide":
        yield Finding(
            "terminal-wide-signs",
            Message("This terminal draws symbols such as {sign} two columns wide.", sign=SIGN),
            Message(
                "Set “ambiguous width” to narrow in the terminal's preferences, or set notation "
                "to ascii."
            ),
        )
    if terminal.term == CONSOLE:
        yield Finding(
            "terminal-console",
            Message("The fonts of the Linux console lack symbols, so formulas are in ASCII."),
            Message("Use a terminal on a desktop or over SSH for ∂ and Hangul."),
            mend=False,
        )
    elif not terminal.unicode:
        yield Finding(
            "terminal-no-utf8",
            Message("The locale is not UTF-8, so formulas are in ASCII."),
            Message("Set LANG to a UTF-8 locale (C.UTF-8, ko_KR.UTF-8) for ∂ and Hangul."),
            mend=False,
        )
    if terminal.inside == "screen":
        yield Finding(
            "terminal-screen",
            Message("GNU screen shows at most 256 colours, so bptutor uses no more."),
            Message("If it shows 16, put the line “term screen-256color” into ~/.screenrc."),
            mend=False,
        )
    if terminal.ssh:
        yield Finding(
            "terminal-ssh",
            Message("You are connected over SSH."),
            Message("If the screen lags, set profile to slow, or start with --slow."),
            mend=False,
        )
    yield Finding(
        "terminal-copying",
        Message("bptutor copies through the terminal (OSC 52). The terminal may not allow it."),
        Message(
            "If nothing is copied, allow it in the terminal's preferences, or select with Shift."
        ),
        mend=False,
    )


def _drawing_findings(terminal: Terminal) -> Iterator[Finding]:
    if terminal.term in ("", "dumb", "unknown"):
        yield Finding(
            "terminal-dumb",
            Message("TERM is “{term}”, so bptutor uses text mode.", term=terminal.term),
            Message("Set TERM to the type of your terminal, for example xterm-256color."),
            mend=False,
        )
    if terminal.columns is None or terminal.rows is None:
        return
    if terminal.columns < COLUMNS or terminal.rows < ROWS:
        yield Finding(
            "terminal-small",
            Message(
                "This terminal has {columns} columns and {rows} lines.",
                columns=terminal.columns,
                rows=terminal.rows,
            ),
            Message("Use at least 80 columns and 24 lines."),
            mend=False,
        )
