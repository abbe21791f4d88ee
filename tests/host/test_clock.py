"""The system's clock jumps under learners: no time is lost, and no paper is submitted early."""

import os
from pathlib import Path

import pytest

from bptutor.classroom.papers import GRACE, Papers
from bptutor.host.clock import LONGEST_WAIT, HostClock
from bptutor.host.service import Attendance
from bptutor.host.visitor import Visitor
from bptutor.service.engine import EngineHere
from tests.classroom.people import EXAM, HOMEWORK, MINUTE, NINE, assign, begin, class_in
from tests.near import done

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


class Machine:
    """Its two clocks, and the host on it."""

    def __init__(self, folder: Path, now: float = NINE) -> None:
        self._system, self._steady = now, 1_000.0
        self.clock = HostClock(lambda: self._system, lambda: self._steady)
        self.store = class_in(folder)
        assign(self.store, "midterm", EXAM)
        assign(self.store, "homework", HOMEWORK, now=NINE - DAY)
        self.papers = Papers(self.store)

    def jump(self, seconds: float) -> None:
        """A time server's step, or the time in which it sleeps."""
        self._system += seconds

    def goes_on(self, seconds: float) -> list[str]:
        """So long later the clerk looks; whose papers it submits."""
        self._system += seconds
        self._steady += seconds
        self.clock.keep_up(self.papers)
        return [paper.login for paper in self.papers.submit_overdue(self.clock.now())]

    def left(self, login: str, name: str = "midterm") -> float:
        offered = self.papers.offer(name, login, self.clock.now())
        assert offered.ends
        return offered.ends - self.clock.now()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 90.0, -90.0, 400 * DAY, -DAY])
def test_a_time_limit_goes_on_as_if_nothing_had_happened(machine: Machine, jump: float) -> None:
    key = begin(machine.papers, "midterm", "anna", machine.clock.now()).key
    assert machine.goes_on(10 * MINUTE) == []
    machine.jump(jump)
    assert machine.goes_on(5.0) == []
    assert machine.left("anna") == pytest.approx(35 * MINUTE - 5)
    machine.jump(-jump / 2)
    assert machine.goes_on(34 * MINUTE) == []
    assert machine.goes_on(MINUTE + GRACE) == ["anna"]
    paper, _ = machine.papers.paper(key)
    assert paper.submitted == pytest.approx(NINE + 45 * MINUTE)
    # Now that nobody's time runs, the host takes the system's clock, and submits nothing twice.
    assert machine.goes_on(5.0) == []
    assert machine.clock.jump == 0
    assert [e.what for e in machine.store.events("midterm", "anna") if e.login] == [
        "begin",
        "submit",
    ]


def test_a_closing_time_that_is_passed_over_comes_later_but_does_come(machine: Machine) -> None:
    begin(machine.papers, "homework", "anna", machine.clock.now())
    machine.jump(10 * MINUTE)
    assert machine.goes_on(5.0) == []
    assert machine.clock.jump == 0  # nobody loses by that
    machine.jump(3 * DAY)
    assert machine.goes_on(5.0) == []
    assert machine.goes_on(LONGEST_WAIT / 2) == []
    assert machine.goes_on(LONGEST_WAIT / 2) == ["anna"]


def test_what_was_left_before_the_jump_is_left_after_it(machine: Machine) -> None:
    begin(machine.papers, "homework", "anna", machine.clock.now())
    machine.goes_on(machine.left("anna", "homework") - 10 * MINUTE)
    machine.jump(DAY)
    assert machine.goes_on(9 * MINUTE) == []
    assert machine.goes_on(MINUTE + GRACE) == ["anna"]


def test_all_processes_of_a_host_have_one_clock(machine: Machine) -> None:
    machine.jump(100.0)
    child = os.fork()
    if child == 0:
        machine.clock.keep_up(machine.papers)
        os._exit(0)
    os.waitpid(child, 0)
    assert machine.clock.jump == 0


def test_a_service_goes_by_the_hosts_clock(machine: Machine, tmp_path: Path) -> None:
    attendance = Attendance(
        machine.store, machine.store.record(), tmp_path / "locks", None, machine.clock.now
    )
    engine = EngineHere()
    attendance.come(Visitor("anna", frozenset()), engine)  # type: ignore[arg-type]
    tutor = attendance.tutor(engine, lambda event: None, "anna")  # type: ignore[arg-type]
    machine.jump(2 * HOUR)  # by the system's clock the exam is closed
    (exam,) = [each for each in done(tutor.assignments()).items if each.name == "midterm"]
    assert exam.state == "open"
