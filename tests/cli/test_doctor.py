"""`bptutor doctor`: what it finds is so, and nothing private is in what it tells."""

import importlib.metadata
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bptutor.doctor import Finding, machine, places
from bptutor.doctor import terminal as screen
from bptutor.doctor.report import private_parts, without
from bptutor.record.health import Health, State
from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from bptutor.record.spool import Answer, Spool
from tests.end_to_end.terminal import Terminal, python
from tests.record.attempts import attempt
from tests.record.places import sitting

from .conftest import Run

HANGUL = range(0xAC00, 0xD7A4)


@pytest.fixture
def without_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `import tensorflow` fails at once."""
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "tensorflow.py").write_text(f"raise ImportError('cannot open {folder}/x.so')\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def codes(found: Any) -> list[str]:
    return [finding["code"] for finding in found["findings"] if finding["mend"]]


def test_it_tells_what_is_here(run: Run, tmp_path: Path) -> None:
    done = run("doctor", "--json")
    found = done.json
    assert found["python"]["version"].startswith(".".join(map(str, sys.version_info[:2])))
    versions = {importlib.metadata.version(name) for name in _distributions()}
    assert found["tensorflow"]["version"] in versions
    assert 0 < found["tensorflow"]["seconds"] < machine.PATIENCE
    assert found["tensorflow"]["memory"] > 200
    assert found["processor"]["cores"] == os.cpu_count()
    assert [folder["role"] for folder in found["folders"]] == ["record", "log", "configuration"]
    assert done.status == int(bool(codes(found)))
    assert not (tmp_path / "data").exists()


def _distributions() -> list[str]:
    return importlib.metadata.packages_distributions()["tensorflow"]


def test_tensorflow_that_cannot_be_loaded(run: Run, without_tensorflow: Path) -> None:
    done = run("doctor")
    assert done.status == 1
    assert "TensorFlow cannot be loaded: ImportError: cannot open" in " ".join(done.out.split())
    assert "\n! " in done.out
    assert "No problems found" not in done.out
    assert done.err == ""


def test_nothing_private_is_in_the_json(
    run: Run, tmp_path: Path, without_tensorflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "kimminsu"
    monkeypatch.setenv("HOME", str(home))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "kimminsu")
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("BPTUTOR_STATE_DIR", f"/scratch/{socket.gethostname()}/kimminsu")
    monkeypatch.setenv("BPTUTOR_CONFIG_DIR", str(home))
    home.mkdir()
    (home / "config.toml").write_text("them = 'dark'\n")
    (without_tensorflow / "tensorflow.py").write_text(f"raise ImportError('{home}/x.so')\n")
    done = run("doctor", "--json")
    assert "kimminsu" not in done.out
    assert f"/{socket.gethostname()}/" not in done.out
    found = done.json
    assert found["folders"][0]["path"] == "~/data"
    assert found["folders"][1]["path"] == "/scratch/HOST/USER"
    assert found["tensorflow"]["error"] == "ImportError: ~/x.so"
    assert "configuration-ignored" in codes(found)
    assert "did you mean `theme`? Correct it;" in " ".join(run("doctor").out.split())
    (home / "config.toml").write_text("theme = 'drak'\n")
    assert "one of auto, dark, light, terminal. Correct it;" in " ".join(run("doctor").out.split())


def test_only_what_stands_as_a_whole_is_replaced() -> None:
    parts = {"/home/lee": "~", "lee": "USER"}
    assert without(parts, ["/home/lee", "/home/leeds", "/x/lee/sleep", 3]) == [
        "~",
        "/home/leeds",
        "/x/USER/sleep",
        3,
    ]
    assert "" not in private_parts()


def test_it_speaks_korean(run: Run, without_tensorflow: Path) -> None:
    done = run("doctor", "--lang", "ko")
    told = [line for line in done.out.splitlines() if line.startswith(("! ", "- "))]
    assert told
    assert all(any(ord(mark) in HANGUL for mark in line) for line in told)
    assert done.status == 1


# ── the terminal ──────────────────────────────────────────────────────────────────────────────


class Answering(Terminal):
    """A terminal that tells where its cursor is, as one does whose ∂ is so many columns wide."""

    width = 1

    def _answer(self, written: bytes) -> None:
        if b"\x1b[6n" in written:
            self.send(f"\x1b[1;{1 + self.width}R")


class Wide(Answering):
    width = 2


@pytest.mark.usefixtures("without_tensorflow")
@pytest.mark.parametrize(
    ("kind", "said"), [(Answering, "∂ takes: one column"), (Wide, "∂ takes: two columns")]
)
def test_how_wide_signs_are_is_asked_of_the_terminal(kind: type[Terminal], said: str) -> None:
    environment = {"SSH_CONNECTION": "1 2 3 4", "TMUX": "/tmp/tmux"}
    with kind(python("-m", "bptutor", "doctor"), environment=environment, rows=50) as terminal:
        assert terminal.wait_for_end() == 1
        told = " ".join(terminal.text.split())
        assert said in told
        assert "80x50; TERM=xterm-256color; colours: 256; UTF-8" in told
        assert "SSH; tmux" in told
        assert ("Set “ambiguous width” to narrow" in told) == (kind is Wide)
        assert terminal.text.startswith("bptutor ")


@pytest.mark.usefixtures("without_tensorflow")
def test_a_terminal_that_says_nothing_is_left_as_it_was() -> None:
    with Terminal(python("-m", "bptutor", "doctor"), rows=50) as terminal:
        assert terminal.wait_for_end() == 1
        assert "∂ takes: unknown" in " ".join(terminal.text.split())
        assert terminal.reads_lines


def terminal_like(**changes: Any) -> screen.Terminal:
    usual: dict[str, Any] = {
        "present": True,
        "columns": 80,
        "rows": 24,
        "term": "xterm-256color",
        "colours": "256",
        "no_color": False,
        "unicode": True,
        "ambiguous": "narrow",
        "ssh": False,
        "inside": None,
    }
    return screen.Terminal(**{**usual, **changes})


def said(found: Any) -> dict[str, bool]:
    """The findings' codes, and whether they are to be mended."""
    assert all(isinstance(each, Finding) and str(each.advice) for each in found)
    return {each.code: each.mend for each in found}


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({}, {}),
        ({"ambiguous": "wide"}, {"terminal-wide-signs": True}),
        ({"term": "dumb"}, {"terminal-dumb": False}),
        ({"term": ""}, {"terminal-dumb": False}),
        ({"columns": 79}, {"terminal-small": False}),
        ({"rows": 23}, {"terminal-small": False}),
        ({"unicode": False}, {"terminal-no-utf8": False}),
        ({"unicode": False, "term": "linux"}, {"terminal-console": False}),
        ({"inside": "screen"}, {"terminal-screen": False}),
        ({"ssh": True}, {"terminal-ssh": False}),
    ],
)
def test_what_is_said_of_a_terminal(changes: dict[str, Any], findings: dict[str, bool]) -> None:
    always = {"terminal-copying": False}
    assert said([*screen.terminal_findings(terminal_like(**changes))]) == findings | always


# ── the machine ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("memory", "findings"),
    [
        (machine.Memory(8000, 4000, None, None), {}),
        (machine.Memory(8000, 300, None, None), {"memory-short": True}),
        (machine.Memory(8000, 4000, 500, None), {"memory-short": True}),
        (machine.Memory(None, None, None, 1000), {"addresses-short": True}),
    ],
)
def test_what_is_said_of_memory(memory: machine.Memory, findings: dict[str, bool]) -> None:
    assert said([*machine.memory_findings(memory)]) == findings


def test_memory_is_what_the_system_says() -> None:
    (line,) = [
        line for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line
    ]
    assert machine.memory().total == int(line.split()[1]) * 1024 // 1_000_000


def test_a_limit_of_addresses_is_seen() -> None:
    code = "from bptutor.doctor.machine import memory; print(memory().addresses)"
    line = f"ulimit -v 5000000; {sys.executable} -c '{code}'"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 5000000 * 1024 // 1_000_000


@pytest.mark.parametrize(
    ("version", "bits", "suits"),
    [("3.11.2", 64, True), ("3.13.0", 64, True), ("3.14.1", 64, False), ("3.12.0", 32, False)],
)
def test_which_pythons_suit(version: str, bits: int, suits: bool) -> None:
    found = machine.Python(version, "CPython", bits, True)
    assert (said([*machine.python_findings(found)]) == {}) is suits


def test_a_processor_without_avx() -> None:
    found = machine.Processor("x86_64", "Linux", 2, 2, ["sse4_2"])
    assert said([*machine.processor_findings(found)]) == {"processor-without-avx": True}
    other = machine.Processor("aarch64", "Linux", 2, 2, ["asimd"])
    assert said([*machine.processor_findings(other)]) == {}


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("ModuleNotFoundError: No module named 'numpy'", "installation is incomplete"),
        ("SIGILL", "processor lacks"),
        ("SIGKILL", "too little memory"),
        ("ImportError: x.so", "If the problem remains, report it"),
    ],
)
def test_what_to_do_about_a_tensorflow_that_fails(error: str, advice: str) -> None:
    (finding,) = machine.engine_findings(machine.Engine(error=error))
    assert finding.mend
    assert advice in str(finding.advice)


def test_a_child_that_is_killed_tells_its_signal(tmp_path: Path) -> None:
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
    (tmp_path / "tensorflow.py").write_text(code)
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    assert machine.engine({**os.environ, "PYTHONPATH": path}).error == "SIGILL"


# ── folders and what is in them ───────────────────────────────────────────────────────────────


def test_a_folder_that_is_not_there_yet_can_be_made(tmp_path: Path) -> None:
    found = places.place("record", tmp_path / "a" / "b")
    assert (found.there, found.writable, found.private) == (False, True, True)
    assert not (tmp_path / "a").exists()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    found = places.place("log", tmp_path / "a" / "b")
    assert not found.writable
    assert said([*places.place_findings([found])]) == {"log-not-writable": True}


def test_a_record_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = places.place("record", tmp_path)
    assert said([*places.place_findings([found])]) == {"record-open-to-others": True}
    tmp_path.chmod(0o700)
    assert not [*places.place_findings([places.place("record", tmp_path)])]


def test_a_folder_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, 4242, 4242)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    found = [places.place("record", folder), places.place("log", folder)]
    assert said([*places.place_findings(found)]) == {
        "record-of-another-user": True,
        "log-of-another-user": True,
    }


def test_a_folder_whose_path_is_too_long(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["y" * 200] * 30)
    found = places.place("log", folder)
    assert (found.there, found.writable) == (False, False)
    assert said([*places.place_findings([found])]) == {"log-not-writable": True}
    assert places.record(folder) == places.Record(0, 0, 0)


def test_a_full_disk_and_one_over_a_network() -> None:
    found = places.Place("record", "/r", True, True, True, True, 3, "nfs4")
    assert said([*places.place_findings([found])]) == {
        "disk-full": True,
        "record-over-network": False,
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("sound", None),
        ("none", None),
        ("damaged", "record-damaged"),
        ("newer", "record-newer"),
        ("unusable", "record-unusable"),
    ],
)
def test_the_record_s_health(state: State, code: str | None) -> None:
    found = said([*places.health_findings(Health("sqlite", state))])
    assert found == ({code: True} if code else {})
    open_one = Health("sqlite", "sound", "/r", private=False)
    assert said([*places.health_findings(open_one)]) == {"record-file-open-to-others": True}


def test_the_record_is_counted_and_nothing_private_told(
    run: Run, tmp_path: Path, without_tensorflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    Record().add(attempt(learner="kimminsu", product="kimminsu"))
    done = run("doctor", "--json")
    assert done.json["database"] == {
        "kind": "sqlite",
        "state": "sound",
        "path": "~/data/record.sqlite",
        "private": True,
        "version": 3,
        "attempts": 1,
        "rights": None,
    }
    assert "kimminsu" not in done.out
    assert "~/data/record.sqlite; attempts: 1" in run("doctor").out
    (tmp_path / "data" / "record.sqlite").write_bytes(b"junk")
    assert "record-damaged" in codes(run("doctor", "--json").json)
    monkeypatch.setenv("BPTUTOR_RECORD", "postgresql://kimminsu:secret@localhost:1/lab")
    done = run("doctor", "--json")
    assert "record-unusable" in codes(done.json)
    assert done.json["settings"]["record"]["value"] == "postgresql://..."
    assert "secret" not in done.out + run("doctor").out


def test_the_record_is_read_and_left_alone(tmp_path: Path) -> None:
    sittings = Sittings(tmp_path / "sittings")
    for name in ("a", "b"):
        sittings.save(name, sitting())
    (damaged,) = tmp_path.glob("sittings/b-*")
    damaged.write_bytes(b"\xff\xff")
    found = places.record(tmp_path)
    assert found == places.Record(2, 1, 0)
    assert said([*places.record_findings(found)]) == {"record-unreadable": True}
    assert damaged.read_bytes() == b"\xff\xff"
    assert places.record(tmp_path / "nowhere") == places.Record(0, 0, 0)
    Spool("minsu", tmp_path / "unsent").put(Answer(attempt()))
    found = places.record(tmp_path)
    assert found.waiting == 1
    assert said([*places.record_findings(found)])["record-waiting"] is False
    (tmp_path / "record.damaged-20261124-101010-0").touch()
    found = places.record(tmp_path)
    assert found.set_aside == 1
    assert said([*places.record_findings(found)])["record-set-aside"] is False
