"""A learner's record and places with damaged bytes, and what practice makes of them."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from random import Random

import msgspec

from bptutor.record.attempts import learner_name
from bptutor.record.files import DAMAGES, content, named_aside
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSitting, Sitting, Standing
from bptutor.text import UserError
from bptutor.views.quiz import QuizSpec
from tests.record.attempts import attempt as an_attempt
from tests.service.desk import EASY, Desk
from tools.fuzz.damage import damaged

PLACES: dict[str, type[Sitting | QuizSitting | Standing]] = {
    "sitting": Sitting,
    "quiz": QuizSitting,
    "standing": Standing,
}
"""What is kept of a place, by the ending of its file."""
ANSWERS = 60
TRACE = re.compile(rb"answer-\d{4}-answer")
"""An answer in the bytes of a record, wherever it stands."""
NOT_ADDED = "cannot add your answers to your record"


class Damage(msgspec.Struct, frozen=True):
    """Which of the learner's files is damaged, and how."""

    ending: str
    seed: int


def made_record(random: Random) -> tuple[str, bytes]:
    return _made("sqlite", random)


def made_place(random: Random) -> tuple[str, bytes]:
    return _made(random.choice([*PLACES]), random)


def _made(ending: str, random: Random) -> tuple[str, bytes]:
    return "damage.json", msgspec.json.encode(Damage(ending, random.getrandbits(32)))


def attempt(path: Path) -> str:
    """Look at the progress, go on in a lesson and a quiz, and answer.

    Every byte that was there still is, under another name or the same; what cannot be read is said;
    the new answers are in the record.
    """
    damage = msgspec.json.decode(path.read_bytes(), type=Damage)
    random = Random(damage.seed)
    with _learner() as data:
        file = random.choice(sorted(data.rglob(f"*.{damage.ending}")))
        whole = file.read_bytes()
        while (bytes_now := damaged(random, whole)) == whole:
            pass
        file.write_bytes(bytes_now)
        readable = damage.ending == "sqlite" or _is_read_right(file, whole)
        said = _practised()
        asides = named_aside(file)
        assert file.exists(), f"{file.name} is gone"
        for aside in asides:
            assert any(str(aside) in sentence for sentence in said), f"{aside} is not said: {said}"
        if damage.ending == "sqlite":
            _require_all(bytes_now, file, asides, said)
        elif readable:
            assert not asides, f"{file.name} is sound, and set aside"
        else:
            assert [aside.read_bytes() for aside in asides] == [bytes_now], "bytes are lost"
        if asides:
            return "set aside"
        return "said" if any(NOT_ADDED in each for each in said) else "read as before"


def _is_read_right(file: Path, whole: bytes) -> bool:
    """Can a place be read? Then it is what it was."""
    before = file.with_name("before")
    before.write_bytes(whole)
    kind = PLACES[file.suffix[1:]]
    try:
        read, was = (msgspec.msgpack.decode(content(each), type=kind) for each in (file, before))
    except DAMAGES:
        return False
    finally:
        before.unlink()
    assert read == was, f"{file.name} is read, and is not what it was"
    return True


def _require_all(damaged_bytes: bytes, file: Path, asides: list[Path], said: list[str]) -> None:
    """Each answer is still there; those that are in the record can be read, or are counted."""
    left = set(TRACE.findall(b"".join(each.read_bytes() for each in (file, *asides))))
    assert set(TRACE.findall(damaged_bytes)) <= left, "answers are deleted"
    if asides or any(NOT_ADDED in each for each in said):
        return
    with closing(sqlite3.connect(file)) as connection:
        rows, mine = connection.execute(
            "SELECT count(*), sum(learner = ?) FROM attempts NOT INDEXED", [learner_name()]
        ).fetchone()
    assert rows >= ANSWERS + 2, f"{rows} rows are left, and nothing is said"
    record = Record()
    assert record.count(learner_name()) == mine
    assert len(list(record.every(learner_name()))) <= mine


def _practised() -> list[str]:
    """What is said while a learner goes on."""
    said: list[str] = []
    desk = Desk.anew()
    said.append(desk.ask(desk.tutor.progress()).remark)
    said.append(desk.opened("one-neuron").remark)
    for cell in ("7.7", "1.2"):
        view = desk.view(desk.tutor.check("", [cell], "value"))
        said.append(view.message)
    assert view.stage == "solved", view
    try:
        latest = Record().attempts(learner_name())[:2]
    except UserError:
        assert any(NOT_ADDED in each for each in said), said
    else:
        recorded = [each.cells for each in latest if each.lesson == "one-neuron"]
        assert recorded == [["1.2"], ["7.7"]], f"the answers are not recorded: {said}"
    desk = Desk.anew()
    said.append(desk.open(QuizSpec(lessons=EASY, items=2, resume=True)).remark)
    desk.ask(desk.tutor.progress())
    return said


@contextmanager
def _learner() -> Iterator[Path]:
    """The folder of a learner who has practised, for this case alone."""
    before = os.environ["BPTUTOR_DATA_DIR"]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(_practised_before(), data)
        os.environ["BPTUTOR_DATA_DIR"] = str(data)
        try:
            yield data
        finally:
            os.environ["BPTUTOR_DATA_DIR"] = before


@cache
def _practised_before() -> Path:
    before = os.environ["BPTUTOR_DATA_DIR"]
    os.environ["BPTUTOR_DATA_DIR"] = folder = tempfile.mkdtemp()
    try:
        desk = Desk.anew()
        desk.opened("one-neuron", resume=False)
        for number in range(ANSWERS - 1):
            product = f"answer-{number:04d}-answer"
            made = ["transpose-missing"] if number % 3 == 0 else []
            Record().add(an_attempt(learner=learner_name(), product=product, misconceptions=made))
        desk.ask(desk.tutor.check("", ["1.5"], "value"))
        desk = Desk.anew()
        desk.step(QuizSpec(lessons=EASY, items=2))
        desk.ask(desk.tutor.hint())
    finally:
        os.environ["BPTUTOR_DATA_DIR"] = before
    return Path(folder)
