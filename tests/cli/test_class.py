"""`bptutor class`: over a real socket, from the roster to the marks."""

import asyncio
import csv
import io
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore
from bptutor.cli.classroom import classroom
from bptutor.engine.runtime import tensorflow
from bptutor.service.engine import EngineThread
from bptutor.service.local_desk import LocalDesk
from bptutor.service.server import NO_TEACHER, serve
from bptutor.service.tutor import LocalTutor
from bptutor.views import classroom as views
from tests.classroom.near_host import NOW, TEACHER, midterm
from tests.classroom.people import ROSTER

from .conftest import Outcome, Run

CHANGES = {
    "extend": ("midterm", "anna", "--minutes", "10"),
    "reopen": ("midterm", "ben", "--minutes", "10"),
    "close": ("midterm", "anna"),
    "release": ("midterm",),
    "mark": ("midterm", "ben", "1", "0.5"),
    "regrade": ("midterm",),
}
"""Commands that change a time or points, without a reason."""
LOOKS = {
    "roster": ((), views.RosterView),
    "assign": ((), views.AssignmentLine),
    "preview": (("midterm", "--as", "anna"), views.PreviewView),
    "watch": (("midterm",), views.WatchView),
    "marks": (("midterm",), views.MarksView),
    "mistakes": (("midterm",), views.MistakesView),
    "paper": (("midterm", "anna"), views.PaperView),
}
"""Commands that change nothing, and what their JSON holds."""


class Host(Thread):
    """Answers everybody who connects, one after the other, as the child of a host does."""

    def __init__(self, path: Path, store: ClassStore, teacher: bool) -> None:
        super().__init__(daemon=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._listening.setblocking(False)
        self._store = store
        self._teacher = teacher
        self._loop = asyncio.new_event_loop()
        self._engine = EngineThread(lambda: str(tensorflow().__version__))
        self._accepting = self._loop.create_task(self._accept())

    def run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._accepting)

    async def _accept(self) -> None:
        while True:
            client, _ = await self._loop.sock_accept(self._listening)
            desk = LocalDesk(self._store, self._engine, TEACHER, lambda: NOW)
            await serve(
                client,
                TEACHER,
                self._engine,
                lambda engine, tell, login: LocalTutor(engine, tell, identity=login),
                desk=desk if self._teacher else None,
            )

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._accepting.cancel)
        self.join()
        self._listening.close()
        self._engine.end()


@contextmanager
def hosted(folder: Path, monkeypatch: pytest.MonkeyPatch, teacher: bool = True) -> Iterator[Path]:
    """A class at a socket that the configuration names."""
    path = folder / "class.sock"
    midterm(folder)
    host = Host(path, ClassStore(f"sqlite:///{folder / 'class.sqlite'}"), teacher)
    host.start()
    monkeypatch.setenv("BPTUTOR_CLASS", str(path))
    try:
        yield folder
    finally:
        host.stop()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with hosted(tmp_path, monkeypatch) as folder:
        yield folder


def store_of(folder: Path) -> ClassStore:
    return ClassStore(f"sqlite:///{folder / 'class.sqlite'}")


def words(done: Outcome) -> str:
    assert (done.status, done.err) == (0, "")
    return " ".join(done.out.split())


def test_every_command_is_tried_here() -> None:
    assert {*CHANGES, *LOOKS} == {*classroom.commands} - {"serve", "init"}


def test_every_look_is_told_in_words_and_as_json(host: Path, run: Run) -> None:
    for name, (arguments, view) in LOOKS.items():
        for language in ("en", "ko"):
            said = run("class", name, *arguments, "--lang", language)
            assert (said.status, said.err) == (0, ""), name
            assert len(said.out.splitlines()) > 2
            assert any("가" <= mark <= "힣" for mark in said.out) == (language == "ko"), said.out
        found: Any = run("class", name, *arguments, "--json").json
        one = found[0] if isinstance(found, list) else found
        assert list(one) == list(view.__struct_fields__)


def test_no_time_and_no_points_change_without_a_reason(host: Path, run: Run) -> None:
    before = len(store_of(host).events("midterm"))
    for name, arguments in CHANGES.items():
        assert "--why" in run("class", name, *arguments).sentence
        assert run("class", name, *arguments, "--why", " ").status == 2
    assert len(store_of(host).events("midterm")) == before


def test_every_change_has_its_author_and_its_reason(host: Path, run: Run) -> None:
    for name, arguments in CHANGES.items():
        if name == "mark":
            run("class", "close", "midterm", "ben", "--why", "to mark it")
        said = run("class", name, *arguments, "--why", f"because of {name}")
        assert said.status == 0, said
        assert said.out
    events = {each.why: each for each in store_of(host).events("midterm") if each.why}
    for name in CHANGES:
        assert (events[f"because of {name}"].author, events[f"because of {name}"].what) == (
            TEACHER,
            name,
        )
    told = words(run("class", "paper", "midterm", "ben"))
    assert "because of mark" in told
    assert "because of reopen" in told


def test_a_class_is_made_of_two_files(host: Path, run: Run) -> None:
    roster = host / "students.csv"
    roster.write_text(f"{ROSTER}dan,Dan,,,,20\n")
    assert run("class", "roster", str(roster)).sentence.startswith(f"{roster}, line 5: ")
    roster.write_text(f"{ROSTER}dan,Dan,,,C,1.25\n")
    assert "New: 1, changed: 0, removed: 0." in words(run("class", "roster", str(roster)))
    assert run("class", "roster", "--json").json["people"][-1]["time_factor"] == 1.25
    own = host / "mine"
    own.mkdir()
    own.joinpath("neuron.toml").write_text(
        'title = "Mine"\nsummary = "Mine."\nprogram = "L = (w * x - y) ** 2"\nloss = "L"\n'
        'parameters = ["w"]\nlearning_rate = 0.1\n[values]\nw = 0.5\nx = 2.0\ny = 3.0\n'
    )
    file = host / "week2.toml"
    file.write_text(
        'title = "Week 2"\nkind = "homework"\nlessons = ["mine/neuron.toml"]\n'
        'steps = ["dL_dq"]\ndue = 2026-12-02T18:00:00\n'
    )
    assert run("class", "assign", str(file)).sentence.startswith(f"{file}, line 5: ")
    file.write_text(file.read_text().replace("18:00:00", "18:00:00+09:00"))
    assert "dL_dq" in run("class", "assign", str(file)).sentence
    file.write_text(file.read_text().replace("dL_dq", "dL_dw"))
    assert "“Week 2” is assigned." in words(run("class", "assign", str(file)))
    file.write_text(file.read_text().replace('"Week 2"', '"Second week"'))
    assert "is changed." in words(run("class", "assign", str(file)))
    assert "Second week" in words(run("class", "assign"))
    shown = words(run("class", "preview", "week2", "--as", "dan"))
    assert "Mine" in shown
    assert "Right" in shown
    own.joinpath("neuron.toml").unlink()
    assert "the file does not exist" in run("class", "assign", str(file)).sentence


def test_marks_go_into_a_spreadsheet_moodle_and_canvas(host: Path, run: Run) -> None:
    run("class", "close", "midterm", "--all", "--why", "the end")
    rows = [*csv.DictReader(io.StringIO(run("class", "marks", "midterm", "--csv", "--items").out))]
    assert [row["login"] for row in rows] == ["anna", "ben", "chloe"]
    anna, ben, chloe = rows
    assert float(anna["points"]) == 1 + float(anna["i2"]) < 2  # whose second answer is wrong
    assert [(each["points"], each["of"], each["i1"]) for each in (ben, chloe)] == [
        ("1", "4", "1"),
        ("", "4", ""),
    ]
    moodle = [*csv.reader(io.StringIO(run("class", "marks", "--moodle").out))]
    assert moodle[0][3:] == ["Midterm", "Backward by hand"]
    ids = host / "exported.csv"
    ids.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Midterm (99)\n"
        '    Points Possible,,,,,4\n"Kim, Anna",7,2026001,akim,Sec,\n'
    )
    canvas = run("class", "marks", "midterm", "--canvas", "--ids", str(ids))
    assert canvas.status == 1
    assert canvas.out.splitlines()[2] == f'"Kim, Anna",7,2026001,akim,Sec,{anna["points"]}'
    assert [line.split()[0] for line in canvas.err.splitlines()] == ["ben", "chloe"]


def test_a_file_of_marks_is_the_teachers_own_and_is_never_overwritten(host: Path, run: Run) -> None:
    out = host / "marks.csv"
    assert run("class", "marks", "--csv", "--out", str(out)).status == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert out.read_bytes().startswith(b"\xef\xbb\xbflogin,")
    assert out.read_bytes().count(b"\r\n") == 7
    assert "already exists" in run("class", "marks", "--csv", "--out", str(out)).sentence


IMPOSSIBLE = [
    ("marks", "--csv", "--moodle"),
    ("marks", "--ids", "x.csv"),
    ("marks", "--items"),
    ("extend", "midterm", "--minutes", "5", "--why", "x"),
    ("extend", "midterm", "anna", "--all", "--minutes", "5", "--why", "x"),
    ("extend", "midterm", "anna", "--minutes", "nan", "--why", "x"),
    ("extend", "midterm", "anna", "--minutes", "1e9", "--why", "x"),
    ("mark", "midterm", "ben", "1", "2", "--why", "x"),
    ("mark", "midterm", "ben", "9", "1", "--why", "x"),
    ("mark", "midterm", "nobody", "1", "1", "--why", "x"),
    ("paper", "midterm", "chloe"),
    ("paper", "midterm", "ben", "--attempt", "2"),
    ("watch", "no-such"),
    ("marks", "no-such", "--csv"),
    ("preview", "mid\x1b]0;PWNED\x07"),
    ("release", "midterm", "everything", "--why", "x"),
]


def test_what_cannot_be_done_is_one_sentence(host: Path, run: Run) -> None:
    for arguments in IMPOSSIBLE:
        assert run("class", *arguments).sentence.isprintable(), arguments


def test_a_learner_is_no_teacher(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with hosted(tmp_path, monkeypatch, teacher=False):
        for name, (arguments, _) in LOOKS.items():
            assert run("class", name, *arguments).sentence == NO_TEACHER.to("en")
        for name, arguments in CHANGES.items():
            done = run("class", name, *arguments, "--why", "x")
            assert done.sentence == NO_TEACHER.to("en")
        paper, _ = Papers(store_of(tmp_path)).paper(("midterm", "anna", 1))
        assert paper.is_open


def test_without_a_host_it_is_told_what_to_do(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No class is set up." in run("class", "marks").sentence
    assert "No class is set up." in run("class").sentence
    monkeypatch.setenv("BPTUTOR_CLASS", "run/class.sock")
    findings, said = run("class").err.splitlines()
    assert "BPTUTOR_CLASS" in findings
    assert "No class is set up." in said
    monkeypatch.setenv("BPTUTOR_CLASS", str(tmp_path / "nobody.sock"))
    monkeypatch.setattr("bptutor.service.host_connection.PATIENCE", 0.0)
    assert "needs a terminal" in run("class").sentence
    said = run("class", "marks").sentence
    assert "does not answer" in said
    assert str(tmp_path / "nobody.sock") in said


def test_init_makes_the_tables_of_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "class" / "class.sqlite"
    for _ in range(2):
        done = run("class", "init", f"sqlite:///{file}")
        assert (done.status, done.err) == (0, "")
        assert "class.sqlite" in done.out
    assert file.stat().st_mode & 0o777 == 0o600
    assert ClassStore(f"sqlite:///{file}").people() == []


@pytest.mark.parametrize(
    "given",
    [
        ("sqlite:///:memory:",),
        ("file",),
        ("sqlite:////proc/class.sqlite",),
        ("postgresql+psycopg://user:secret@localhost:1/name",),
        ("sqlite:////tmp/class.sqlite", "--role", "Robert'); --"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(run: Run, given: tuple[str, ...]) -> None:
    assert "secret" not in run("class", "init", *given).sentence
