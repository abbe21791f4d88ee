"""One learner, one lesson or quiz after another, kill after kill: what is lost or left over."""

from __future__ import annotations

import os
import select
import signal
from collections import Counter
from collections.abc import Callable
from math import inf
from pathlib import Path
from random import Random
from time import monotonic

from tests.end_to_end.examples import CURSOR, MOUSE_AND_PASTE, OTHER_SCREEN, bptutor
from tests.end_to_end.terminal import ScreenTimeoutError
from tools.kills.learner import BEGIN, GO_ON, Doomed, Learner, Moment
from tools.kills.ledger import Ledger
from tools.kills.lesson import write_lesson
from tools.kills.subject import Lesson, Subject, attempts

AT_ONCE = 3.0
"""Seconds after which no process may be left over."""
GENTLE = ("hup", "term", "closed")
"""Ways on which the app may still do something: it keeps what is typed until the last moment."""
PATIENCE = 2.0
"""Seconds for which it then waits for the service at least."""
FORCED = 1
"""The exit status of an app that hung on its way out, and of one that an error has ended."""
WAYS = ("app", "service", "both", *GENTLE)


class Run:
    """A learner who is cut off again and again, and always comes back."""

    def __init__(self, folder: Path, seed: int, span: float, kind: type[Subject]) -> None:
        """Each kill comes within `span` seconds of a start, or of the kill before it."""
        self._folder = folder
        self._random = Random(seed)
        self._span = span
        self._kind = kind
        self._lessons = 0
        self._terminal: Doomed | None = None
        self.ways: Counter[str] = Counter()
        self.answers = 0
        """Verdicts and answers that were seen."""
        self.slowest = 0.0
        """Seconds until the last process was gone."""
        self._begin()

    def _begin(self) -> None:
        """Another lesson, or another quiz."""
        self._lessons += 1
        file = write_lesson(self._folder, self._lessons)
        self._data = self._folder / f"data-{self._lessons}"
        kind = self._kind
        self._subject = kind(file) if issubclass(kind, Lesson) else kind(file, self._lessons)
        self._ledger = Ledger()
        self._ledger.arrive(1, ("",))

    def once(self) -> list[str]:
        """Walk on until the moment comes, be killed, and look; what is wrong."""
        early = self._random.random() < 0.4
        moment = monotonic() + self._random.uniform(0, self._span / 4 if early else self._span)
        seen = self._ledger.attempts
        wrong: list[str] = []
        try:
            wrong += self._walk(moment)
        except Moment:
            pass
        except ScreenTimeoutError as error:
            wrong.append(str(error))
        self.answers += self._ledger.attempts - seen
        wrong += self._kill(self._random.choice(WAYS))
        if wrong or self._ledger.over or self._subject.length in self._ledger.closed:
            self.end()
            self._begin()
        return wrong

    def end(self) -> None:
        """The learner is gone."""
        if self._terminal:
            self._terminal.__exit__(None, None, None)
            self._terminal = None

    # ── walking ───────────────────────────────────────────────────────────────────────────────

    def _walk(self, moment: float) -> list[str]:
        """Start where nothing runs, look where one is, and walk on. Raises Moment."""
        wrong = []
        if self._terminal is None:
            self._ledger.lost = inf
            command = bptutor(*self._subject.command)
            self._terminal = Doomed(command, environment=self._environment)
            self._terminal.moment = moment
            wrong = self._find_place(self._terminal)
        self._terminal.moment = moment
        if not wrong:
            Learner(self._terminal, self._subject, self._ledger, self._random).walk()
        return wrong

    @property
    def _environment(self) -> dict[str, str]:
        places = {"DATA": self._data, "STATE": self._folder, "CONFIG": self._folder}
        return {f"BPTUTOR_{kind}_DIR": str(place) for kind, place in places.items()}

    def _find_place(self, terminal: Doomed) -> list[str]:
        """It must open as it is kept, which was looked at before."""
        kept = self._subject.kept(self._data)
        terminal.wait_for(lambda _: BEGIN in terminal.text or terminal.step is not None)
        if BEGIN in terminal.text:
            if kept.begun:
                return ["the lesson begins anew"]
            terminal.press("enter")
            terminal.wait_for(lambda _: terminal.step is not None)
        terminal.pass_example()
        fields = kept.fields if kept.begun else ("",) * len(terminal.marks)
        over = GO_ON in terminal.text
        if terminal.step != kept.step or not (over or terminal.holds(fields)):
            return [f"step {kept.step} with {fields} is not what is shown:\n{terminal.text}"]
        self._ledger.arrive(kept.step, fields, closed=over)
        return []

    # ── killing ───────────────────────────────────────────────────────────────────────────────

    def _kill(self, way: str) -> list[str]:
        """End it on this way; what is wrong then."""
        terminal = self._terminal
        assert terminal is not None
        terminal.moment = inf
        services = terminal.children
        if way == "service" and not services:
            way = "app"
        self.ways[way] += 1
        killed = monotonic()
        if way in ("service", "both"):
            for service in services:
                os.kill(service, signal.SIGKILL)
        if way == "service":
            self._ledger.lost = killed
            return [] if _gone(lambda: not _alive(services)) else ["a killed service is left over"]
        if way == "closed":
            terminal.hang_up()
        else:
            signals = {"hup": signal.SIGHUP, "term": signal.SIGTERM}
            terminal.kill(signals.get(way, signal.SIGKILL))
        wrong = []
        try:
            if terminal.wait_for_end(within=20) == FORCED:
                wrong.append(f"it broke off or hung:\n{terminal.text}\n{self._log}")
        except ScreenTimeoutError as error:
            wrong.append(f"it goes on: {error}")
        if not _gone(lambda: not self._processes()):
            wrong.append(f"left over: {self._processes()}")
        self.slowest = max(self.slowest, monotonic() - killed)
        if way in ("hup", "term"):
            wrong += self._unrestored(terminal)
        self.end()
        wrong += self._lost(killed + (PATIENCE if way in GENTLE else 0))
        return [f"{way}: {each}" for each in wrong]

    @property
    def _log(self) -> str:
        log = self._folder / "app.log"
        return log.read_text() if log.exists() else ""

    def _processes(self) -> list[int]:
        """Every process that was started for this learner, by the folder in its environment."""
        ours = str(self._folder).encode()
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                try:
                    environ = Path("/proc", name, "environ").read_bytes()
                except OSError:
                    continue
                if ours in environ:
                    found.append(int(name))
        return found

    @staticmethod
    def _unrestored(terminal: Doomed) -> list[str]:
        left = terminal.modes & {OTHER_SCREEN, *MOUSE_AND_PASTE}
        wrong = [f"modes {sorted(left)} are left on"] if left else []
        if CURSOR not in terminal.modes:
            wrong.append("the cursor is left hidden")
        if not terminal.reads_lines:
            wrong.append("the terminal is left raw")
        return wrong

    def _lost(self, killed: float) -> list[str]:
        """What is not kept of what must be; what is kept must stay from now on."""
        kept = self._subject.kept(self._data)
        wrong = self._ledger.complaint(kept.step, kept.fields, kept.closed, killed)
        recorded = attempts(self._subject.file, self._data)
        if recorded < self._ledger.attempts:
            wrong += f" {self._ledger.attempts} answers were seen, and {recorded} are recorded"
        self._ledger.arrive(kept.step, kept.fields, closed=kept.step in kept.closed)
        return [wrong] if wrong else []


def _alive(processes: list[int]) -> list[int]:
    """Those that have not ended; one that nobody has asked after yet has ended, too."""
    return [each for each in processes if _state(each) not in ("", "Z", "X")]


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def _gone(holds: Callable[[], bool]) -> bool:
    """Does it hold soon?"""
    deadline = monotonic() + AT_ONCE
    while not holds():
        if monotonic() > deadline:
            return False
        select.select([], [], [], 0.02)
    return True
