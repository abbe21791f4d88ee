"""The record: every attempt is on the disk before the call returns, and none is lost."""

import signal
import subprocess
import threading
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bptutor.literals import Part
from bptutor.record.attempts import (
    Activity,
    Attempt,
    Made,
    Met,
    Occasion,
    Outcome,
    Practice,
    id_at,
    learner_name,
)
from bptutor.record.record import Record
from tests.examples import some
from tests.record.attempts import FILE, attempt, card, rows, run

# ── what is kept ──────────────────────────────────────────────────────────────────────────────

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _words(kind: Any) -> list[str]:
    """The words of a Literal, or of several."""
    parts = get_args(kind)
    return [word for each in parts for word in (_words(each) if get_args(each) else [each])]


@settings(max_examples=some(40), deadline=None)
@given(
    st.builds(
        attempt,
        learner=st.sampled_from(["minsu", "은지", "a'; DROP TABLE attempts; --"]),
        lesson=texts,
        product=texts,
        cells=st.lists(texts),
        at=st.floats(0, 4e9),
        part=st.sampled_from(get_args(Part)),
        sitting=st.sampled_from(_words(Occasion)),
        verdict=st.sampled_from(_words(Outcome)),
        seed=st.none() | st.integers(0, 2**63 - 1),
        misconceptions=st.lists(texts, unique=True),
        closed=st.booleans(),
        milliseconds=st.integers(0, 10**12),
    )
)
def test_an_attempt_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, made: Attempt
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('record') / FILE}"
    Record(url).add(made)
    assert Record(url).attempts(made.learner) == [made]
    assert list(Record(url).every(made.learner)) == [made]


def test_what_is_no_character_does_not_stop_the_tutor(record: Record) -> None:
    record.add(attempt(lesson="/\udcff.toml", product="a\0b", cells=["\ud800"]))
    (kept,) = record.attempts("minsu")
    assert (kept.lesson, kept.product, kept.cells) == ("/?.toml", "a?b", ["?"])


def test_nothing_is_made_by_looking(record: Record, folder: Path) -> None:
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert record.attempts("minsu") == []
    assert list(record.every("minsu")) == []
    assert record.activity("minsu") == Activity()
    assert record.forget("minsu") == 0
    assert not folder.exists()


def test_learners_are_told_apart(record: Record) -> None:
    record.add(attempt(), card(), ["mask-dropped"], [])
    record.add(attempt(learner="eunji"))
    assert len(record.attempts("eunji")) == 1
    assert record.cards("eunji") == {}
    assert record.met("eunji") == {}
    assert record.forget("minsu") == 1
    assert record.attempts("minsu") == []
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert len(record.attempts("eunji")) == 1


def test_attempts_are_read_a_page_at_a_time(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.record.record.AT_A_TIME", 2)
    kept = [attempt(step=str(number), misconceptions=[f"m{number}"]) for number in range(5)]
    for each in kept:
        record.add(each)
    assert list(record.every("minsu")) == kept
    page = record.attempts("minsu", count=2)
    assert page == [kept[4], kept[3]]
    assert record.attempts("minsu", page[-1].id, 2) == [kept[2], kept[1]]
    assert record.attempts("minsu", kept[0].id) == []


def test_what_follows_from_an_attempt_is_kept_with_it(record: Record) -> None:
    before: list[str | None] = []

    def review(known: str | None) -> tuple[str, float]:
        before.append(known)
        return f"{len(before)}", 6.0

    record.add(attempt(at=100.0, misconceptions=["a"]), review, ["a", "b"], ["a"])
    record.add(attempt(at=200.0, verdict="right"), review, ["a", "c"], ["c"])
    record.add(attempt(skill="update"), review, [], [])
    record.add(attempt(at=300.0, misconceptions=["b"]))
    assert before == [None, "1", None]
    assert record.cards("minsu") == {"weight-gradient": "2", "update": "3"}
    assert record.met("minsu") == {
        "a": Met(2, 1, 100.0),
        "b": Met(1, 0, 0.0),
        "c": Met(1, 1, 200.0),
    }


def test_all_or_nothing(record: Record, folder: Path) -> None:
    record.add(attempt())

    def review(before: str | None) -> tuple[str, float]:
        raise RuntimeError("no card")

    with pytest.raises(RuntimeError):
        record.add(attempt(), review, ["a"], [])
    assert record.cards("minsu") == {}
    assert record.met("minsu") == {}
    assert rows(folder / FILE) == 1


def test_an_attempt_is_kept_once(record: Record, folder: Path) -> None:
    made = attempt(misconceptions=["a"])
    for _ in range(2):
        record.add(made, card(), ["a"], ["a"])
        record.add(made)
    assert record.met("minsu") == {"a": Met(1, 1, made.at)}
    assert rows(folder / FILE) == rows(folder / FILE, "mistakes") == 1
    other = attempt(id=made.id, learner="eunji")
    record.add(other)
    assert record.attempts("eunji") == [other]


def test_the_sums_are_those_of_the_attempts(record: Record) -> None:
    monday, sunday = (datetime(2026, 11, day, 23, 59).timestamp() for day in (16, 22))
    day = datetime(2026, 11, 16).toordinal()
    made = [
        attempt(at=monday, misconceptions=["a", "b"]),
        attempt(at=monday + 1, verdict="right", closed=True, number=2),
        attempt(at=monday + 2, verdict="exact", closed=True),
        attempt(at=monday + 3, verdict="right", closed=True, hints=1),
        attempt(at=monday + 4, verdict="shown", closed=True),
        attempt(at=monday + 5, verdict="imprecise", skill="update"),
        attempt(at=sunday, misconceptions=["a"]),
        attempt(at=sunday + 61, misconceptions=["a"]),
    ]
    for each in made:
        record.add(each)
    found = record.activity("minsu")
    assert found.since == monday
    assert found.days == {
        day: Practice(6, 3, 4, 1),
        day + 6: Practice(1, 0, 0, 0),
        day + 7: Practice(1, 0, 0, 0),
    }
    assert found.skills == {"update": Practice(1, 0, 0, 0), "weight-gradient": Practice(7, 3, 4, 1)}
    assert found.made == [Made("a", 3, 3, sunday + 61), Made("b", 1, 1, monday)]


def test_whose_record_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.delenv("BPTUTOR_LEARNER", raising=False)
    name = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
    assert learner_name() == name.strip()
    monkeypatch.setenv("BPTUTOR_LEARNER", "minsu")
    assert learner_name() == "minsu"


# ── processes and threads ─────────────────────────────────────────────────────────────────────

WRITER = """
import time
from bptutor.record.record import Record
from tests.record.attempts import attempt
record = Record()
while True:
    kept = attempt(misconceptions=["a"], closed=True)
    record.add(kept, lambda before: (kept.id, 1.0), ["a"], ["a"])
    print(kept.id, flush=True)
    time.sleep(0.02)  # nobody answers without any pause, which would keep the other one waiting
"""


def test_two_writers_and_a_kill_lose_nothing(record: Record, folder: Path) -> None:
    for _ in range(2):
        writers = [run(WRITER, folder) for _ in range(2)]
        acknowledged = set()
        for writer in writers:
            assert writer.stdout is not None
            acknowledged |= {writer.stdout.readline().strip() for _ in range(15)}
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            acknowledged |= set(writer.stdout.read().split("\n")[:-1])
            writer.wait()
        kept = {each.id for each in record.every("minsu")}
        assert acknowledged <= kept
        assert len(acknowledged) >= 30
    met = record.met("minsu")["a"]
    assert met.met == met.made == len(kept) == rows(folder / FILE, "mistakes")


def test_threads_may_use_it_at_once(record: Record) -> None:
    failures: list[Exception] = []

    def use(number: int) -> None:
        try:
            for _ in range(10):
                record.add(attempt(), card(), ["a"], [])
                record.activity("minsu")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert record.met("minsu")["a"].met == len(record.attempts("minsu")) == 40


def test_ids_follow_one_another() -> None:
    ids = [attempt().id for _ in range(1_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000
    assert replace(attempt(), id="x").id == "x"


def test_those_who_hand_in_at_the_same_moment_do_not_share_ids() -> None:
    moment = 1_764_000_000.25
    ids = {who: [id_at(moment, place, who) for place in range(10)] for who in ("minsu", "jiwoo")}
    assert ids["minsu"] == sorted(ids["minsu"])
    assert len({*ids["minsu"], *ids["jiwoo"]}) == 20
    assert ids["minsu"][0] < attempt().id


def test_the_app_loads_no_database(folder: Path) -> None:
    code = "import sys; from bptutor.record.record import Record; Record(); "
    process = run(code + "print('sqlalchemy' in sys.modules, 'sqlite3' in sys.modules)", folder)
    assert process.communicate()[0].split() == ["False", "False"]
