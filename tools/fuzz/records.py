"""A learner's record and places with damaged bytes, and what practice makes of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random

import msgspec

from bptutor.record.attempts import learner_name
from bptutor.record.files import named_aside
from bptutor.record.record import Record
from bptutor.views.lesson import Opened
from bptutor.views.quiz import QuizSpec
from tests.record.attempts import FILE
from tests.record.attempts import attempt as an_attempt
from tests.service.desk import EASY, Desk
from tools.fuzz.damage import damaged


class Damage(msgspec.Struct, frozen=True):
    """Which of the learner's files is damaged, and how."""

    file: int
    seed: int


def made(random: Random) -> tuple[str, bytes]:
    damage = Damage(random.choice((0, 0, 1, 2)), random.getrandbits(32))
    return "damage.json", msgspec.json.encode(damage)


def attempt(path: Path) -> str:
    """Look at the progress, go on in a lesson and a quiz, and answer.

    Whatever cannot be read is still there under another name, and that is said; the new answer is
    in the record.
    """
    damage = msgspec.json.decode(path.read_bytes(), type=Damage)
    with _learner() as data:
        files = [data / FILE, *sorted(data.rglob("*.sitting")), *sorted(data.rglob("*.quiz"))]
        file = files[damage.file % len(files)]
        file.write_bytes(content := damaged(Random(damage.seed), file.read_bytes()))
        said = _practised()
        asides = named_aside(file)
        if not asides:
            assert file.exists(), f"{file.name} is gone"
            return f"{file.suffix} is read"
        assert any(len(aside.read_bytes()) >= len(content) for aside in asides), "bytes are lost"
        for aside in asides:
            assert any(str(aside) in sentence for sentence in said), f"{aside} is not said: {said}"
        return f"{file.suffix} is set aside"


def _practised() -> list[str]:
    """What is said while a learner goes on."""
    said: list[str] = []
    desk = Desk.anew()
    said.append(desk.ask(desk.tutor.progress()).remark)
    opened = desk.ask(desk.tutor.open("one-neuron", "all", True))
    if not isinstance(opened, Opened):  # the damage is in the digest of the lesson's file
        opened = desk.opened("one-neuron", changed=True)
    said.append(opened.remark)
    for cell in ("7.7", "1.2"):
        view = desk.view(desk.tutor.check("", [cell], "value"))
        said.append(view.message)
    assert view.stage == "solved", view
    latest = Record().attempts(learner_name())[:2]
    renewed = any("started a new one" in each for each in said)  # the first may be in the old one
    recorded = sum(each.lesson == "one-neuron" for each in latest)
    assert recorded >= (1 if renewed else 2), f"the answers are not recorded: {said}"
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
        for number in range(40):
            Record().add(an_attempt(learner=learner_name(), product=f"a{number}"))
        desk.ask(desk.tutor.check("", ["1.5"], "value"))
        desk = Desk.anew()
        desk.step(QuizSpec(lessons=EASY, items=2))
        desk.ask(desk.tutor.hint())
    finally:
        os.environ["BPTUTOR_DATA_DIR"] = before
    return Path(folder)
