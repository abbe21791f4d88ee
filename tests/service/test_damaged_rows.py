"""A damaged row costs that row: the record goes on, and says how many it passes over."""

import json
import sqlite3
from pathlib import Path

import pytest

from bptutor.cli import main
from bptutor.record.attempts import learner_name
from bptutor.record.files import data_directory
from bptutor.record.record import Record
from bptutor.service.protocol import Keeping
from bptutor.views.quiz import QuizSpec
from tests.examples import every
from tests.record.attempts import attempt
from tests.service.desk import EASY, Desk
from tests.service.test_sittings_that_fail import opened

DAMAGES = [
    "update cards set data = 'x' || substr(data, 2)",
    """update cards set data = '{"a": 1}'""",
    "update cards set data = cast(x'ff00fe' as text)",
    "update cards set data = x'ff00fe'",
    """update cards set data = replace(data, '"due": "', '"due": "x')""",
    "update cards set data = json_set(data, '$.stability', 'x')",
    "update cards set data = json_set(data, '$.stability', -1e300)",
    "update probes set met = 'x'",
    "update attempts set at = 1e300",
    "update attempts set at = 'x'",
    "update attempts set day = 0",
    "update attempts set day = 'x'",
    "update attempts set cells = '['",
    "update attempts set cells = x'ff'",
    "update attempts set verdict = 'x'",
    "update attempts set closed = 'x'",
    "update attempts set milliseconds = 'x'",
    "update attempts set skill = x'ff'",
    "update attempts set step = cast(x'ff' as text)",
    "update attempts set lesson = 'a' || char(0)",
    "update attempts set id = x'ff' where closed",
    "update mistakes set misconception = x'ff'",
    "update mistakes set at = 'x'",
]


@pytest.mark.parametrize("damage", every(4, DAMAGES))
def test_a_damaged_row_costs_that_row(
    damage: str, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(desk)
    desk.ask(desk.tutor.check("", ["0.5*3"], "value"))
    desk.ask(desk.tutor.check("", ["1.2"], "value"))
    with sqlite3.connect(data_directory() / "record.sqlite") as connection:
        assert connection.execute(damage).rowcount
    connection.close()
    Record().add(attempt(learner=learner_name(), product="sound"))
    desk = Desk.anew()
    desk.opened("one-neuron", resume=False)
    assert desk.view(desk.tutor.check("", ["1.2"], "value")).message.startswith(
        "The value is right"
    )
    assert desk.tutor.learner.unsaid == []
    assert desk.step(QuizSpec(lessons=EASY, items=2))
    for options in ([], ["--json"], ["--csv"]):
        assert main(["progress", *options]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    file = tmp_path / "export.jsonl"
    assert main(["progress", "--export", str(file)]) == 0
    if "set at" in damage and "attempts" in damage:
        assert "left out: 2." in capsys.readouterr().out
    exported = [json.loads(line) for line in file.read_text().splitlines()]
    assert "sound" in [each["product"] for each in exported]
    assert len(exported) >= 2
    if "set at" in damage and "attempts" in damage:
        assert "Unreadable rows of your record, which are left out: 2." in said.out


def test_a_card_that_cannot_be_read_is_counted_and_begins_again(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(desk)
    desk.ask(desk.tutor.check("", ["1.2"], "value"))
    with sqlite3.connect(data_directory() / "record.sqlite") as connection:
        connection.execute("update cards set data = 'x'")
    connection.close()
    main(["progress"])
    assert "left out: 1." in capsys.readouterr().out
    record = Record()
    last = record.attempts(learner_name())[0]
    (skill,) = record.cards(learner_name())
    assert last.skill == skill


def test_an_answer_that_a_fault_keeps_from_being_recorded_is_not_called_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("a fault of ours")

    opened(desk)
    with monkeypatch.context() as patch:
        patch.setattr(Record, "add", broken)
        with pytest.raises(AssertionError):
            desk.ask(desk.tutor.check("", ["1.2"], "value"))
    assert desk.events == [Keeping(False)]
    desk.ask(desk.tutor.check("", ["1.2"], "value"))
    assert desk.events == [Keeping(False), Keeping(True)]
    assert len(Record().attempts(learner_name())) == 1
