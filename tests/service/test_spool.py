"""Answers that the record cannot take: they wait on the disk, and reach it in order and once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bptutor import __version__
from bptutor.quiz import recorder
from bptutor.quiz.recorder import Recorder
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.record.spool import Answer, Spool
from bptutor.service.engine import EngineHere
from bptutor.service.protocol import Event, Hello, Keeping
from bptutor.service.tutor import LocalTutor
from bptutor.views.lesson import StepView
from tests.near import done, right
from tests.postgresql import Server, postgresql, running_postgresql
from tests.record.attempts import attempt, run

__all__ = ["postgresql", "running_postgresql"]
pytestmark = pytest.mark.usefixtures("warm")
WAIT, BACK = "It saves them in ", "Your record works again."


class Learner:
    """Goes through the first lesson; half of the answers are wrong at first."""

    def __init__(self, record: Record) -> None:
        self.events: list[Event] = []
        self.tutor = LocalTutor(EngineHere(), self.events.append, record)
        done(self.tutor.hello(Hello(__version__, "en", "unicode")))
        opened = done(self.tutor.open("one-neuron", "all", resume=True))
        self.view = opened.view  # type: ignore[union-attr]
        self.said: list[str] = []

    def answer(self, steps: int) -> None:
        for _ in range(steps):
            formula, numbers = right(self.tutor.place.session)  # type: ignore[union-attr]
            product = formula if self.view.asks_product else ""
            if self.view.index % 2:
                self._check(product, ["77.7"] * len(numbers))
            self._check(product, numbers)
            screen = done(self.tutor.go("next"))
            assert isinstance(screen, StepView)
            self.view = screen

    def _check(self, product: str, cells: list[str]) -> None:
        screen = done(self.tutor.check(product, cells, "both"))
        assert isinstance(screen, StepView)
        self.view = screen
        self.said += [each for each in (WAIT, BACK) if each in screen.message]

    @property
    def waiting(self) -> int:
        return Spool(learner_name()).count


def kept(record: Record) -> tuple[Any, ...]:
    """What is on record, but for what depends on the moment."""
    name = learner_name()
    attempts = [
        (each.step, each.number, each.verdict, each.cells, each.misconceptions, each.closed)
        for each in record.every(name)
    ]
    met = {id_: (each.met, each.made) for id_, each in record.met(name).items()}
    return attempts, sorted(record.cards(name)), met, record.right_at_once(name)


class Away(Record):
    """A record that can be used, or cannot."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"sqlite:///{file}")
        self._file = file

    def go(self) -> None:
        self._file.rename(self._file.with_suffix(".away"))
        self._file.mkdir()

    def come_back(self) -> None:
        self._file.rmdir()
        self._file.with_suffix(".away").rename(self._file)


@pytest.fixture
def away(tmp_path: Path) -> Away:
    record = Away(tmp_path / "lab.sqlite")
    record.activity("")
    (tmp_path / "lab.sqlite").touch(mode=0o600)
    return record


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """What the same answers come to where the record is always there."""
    with pytest.MonkeyPatch.context() as other:
        other.setenv("BPTUTOR_DATA_DIR", str(tmp_path_factory.mktemp("undisturbed")))
        record = Record()
        Learner(record).answer(6)
        return kept(record)


def test_what_waited_is_on_record_as_if_it_had_not(
    away: Away, undisturbed: tuple[Any, ...]
) -> None:
    learner = Learner(away)
    learner.answer(2)
    away.go()
    learner.answer(2)
    assert learner.said == [WAIT]
    assert learner.waiting == 3
    assert Keeping(False) not in learner.events, "they are on the disk"
    away.come_back()
    learner.answer(2)
    assert learner.said == [WAIT, BACK]
    assert learner.waiting == 0
    assert kept(away) == undisturbed


def test_another_process_delivers_what_waited(away: Away, undisturbed: tuple[Any, ...]) -> None:
    away.go()
    Learner(away).answer(4)
    away.come_back()
    after = Learner(away)
    view = done(after.tutor.progress())
    assert BACK in view.remark
    assert view.attempts == 6
    assert after.waiting == 0
    after.answer(2)
    assert after.said == []
    assert kept(away) == undisturbed


def test_several_that_deliver_at_once_do_so_once(
    postgresql: Server, undisturbed: tuple[Any, ...]
) -> None:
    postgresql.stop()
    try:
        Learner(Record(postgresql.url())).answer(6)
    finally:
        postgresql.start()
    name = learner_name()
    several = [Recorder(Record(postgresql.url()), name, Spool(name)) for _ in range(4)]
    with ThreadPoolExecutor() as threads:
        said = [*threads.map(Recorder.deliver, several)]
    assert any(said)
    assert kept(Record(postgresql.url())) == undisturbed


class Killed(BaseException):
    """Nothing of the service comes after it."""


def test_whoever_is_killed_between_the_record_and_the_disk_delivers_once(
    away: Away, undisturbed: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    away.go()
    Learner(away).answer(4)
    away.come_back()

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "remove", kill)
        for _ in range(2):
            with pytest.raises(Killed):
                done(Learner(away).tutor.progress())
    after = Learner(away)
    assert after.waiting == 6
    after.answer(2)
    assert after.said == [BACK]
    assert kept(away) == undisturbed


DELIVERING = """
from bptutor.quiz.recorder import Recorder
from bptutor.record.record import Record
from bptutor.record.spool import Spool
remove = Spool.remove
def told(self, name):
    print(name, flush=True)  # it is on record, and still on the disk
    remove(self, name)
Spool.remove = told
Recorder(Record(), "minsu", Spool("minsu")).deliver()
"""


MANY = 200
"""Answers: more than a process delivers before it is killed."""


@pytest.mark.whole
def test_kills_while_it_is_delivered_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    spool, ids = Spool("minsu"), []
    for number in range(MANY):
        made = attempt(misconceptions=["a"], closed=True, verdict="right", step=f"{number}")
        ids.append(made.id)
        spool.put(Answer(made, "good", ["a", "b"], ["a"]))
    kills = 0
    while spool.count:
        process = run(DELIVERING, tmp_path / "data")
        assert process.stdout
        for _ in range(8):
            process.stdout.readline()
        process.kill()
        process.communicate()
        kills += 1
    record = Record()
    assert [each.id for each in record.every("minsu")] == ids
    assert {id_: (each.met, each.made) for id_, each in record.met("minsu").items()} == {
        "a": (MANY, MANY),
        "b": (MANY, 0),
    }
    assert kills > 1


def test_of_many_that_wait_a_few_go_with_each_new_one(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "AT_ONCE", 2)
    away.go()
    learner = Learner(away)
    learner.answer(4)
    away.come_back()
    left, there = [learner.waiting], []
    while learner.waiting:
        learner.answer(1)
        left.append(learner.waiting)
        there.append(kept(away)[0])
    assert left[0] == 6
    assert left == sorted(left, reverse=True)
    assert all(each == there[-1][: len(each)] for each in there), "in order"
    assert learner.said == [WAIT, BACK]


def test_one_that_is_damaged_is_renamed_and_the_others_are_delivered(
    away: Away, tmp_path: Path
) -> None:
    away.go()
    Learner(away).answer(3)
    files = sorted((tmp_path / "data" / "unsent").glob("*.answer"))
    assert len(files) == 4
    files[1].write_bytes(b"junk")
    away.come_back()
    after = Learner(away)
    remark = done(after.tutor.progress()).remark
    assert "An answer that waited for your record is damaged." in remark
    assert "added to it: 3" in remark
    assert len(list((tmp_path / "data" / "unsent").glob("*.damaged-*"))) == 1
    assert len(kept(away)[0]) == 3


def test_those_of_another_learner_wait_for_that_one(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    away.go()
    monkeypatch.setenv("BPTUTOR_LEARNER", "ben")
    Learner(away).answer(1)
    monkeypatch.setenv("BPTUTOR_LEARNER", "anna")
    away.come_back()
    assert done(Learner(away).tutor.progress()).remark == ""
    assert away.attempts("ben") == []
    monkeypatch.setenv("BPTUTOR_LEARNER", "ben")
    assert BACK in done(Learner(away).tutor.progress()).remark
    assert len(away.attempts("ben")) == 1


def test_where_nothing_can_be_written_the_answer_is_lost_and_that_is_said(
    away: Away, tmp_path: Path
) -> None:
    away.go()
    learner = Learner(away)
    (tmp_path / "data" / "unsent").write_text("no folder")
    learner.answer(1)
    assert learner.said == []
    assert Keeping(False) in learner.events


def test_a_server_that_stops_and_starts_again(
    postgresql: Server, undisturbed: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = learner_name()
    record = Record(postgresql.url())
    learner = Learner(record)
    learner.answer(2)
    postgresql.stop()
    try:
        learner.answer(2)
        assert learner.said == [WAIT]
        remark = done(learner.tutor.progress()).remark
        assert "cannot read your record" in remark
        assert "wait for your record: 3" in remark
    finally:
        postgresql.start()
    learner.answer(2)
    assert learner.said == [WAIT, BACK]
    assert kept(record) == undisturbed
    rows = postgresql.sql(
        f"SELECT count(*), count(DISTINCT id) FROM attempts WHERE learner = '{name}'"
    )
    assert rows == [(9, 9)]
