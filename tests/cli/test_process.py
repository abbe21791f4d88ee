"""A command as a process: its streams, its signals, what it imports."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from bptutor.cli import main
from bptutor.cli.main import MOST_REPORTS, write_report
from tests.examples import every

L = "two-hidden-layers"
COMMAND = [sys.executable, "-m", "bptutor"]
ANSWER = b'{"step": "Loss", "value": "1"}\n'


def _run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*COMMAND, *arguments], **{"capture_output": True, "timeout": 60, **settings}
    )


def _fake_tensorflow(folder: Path, code: str) -> dict[str, str]:
    """An environment in which `import tensorflow` runs `code`."""
    (folder / "tensorflow.py").write_text(code)
    path = os.pathsep.join((str(folder), *filter(None, [os.environ.get("PYTHONPATH")])))
    return {**os.environ, "PYTHONPATH": path}


@pytest.mark.whole
def test_nothing_but_the_json_comes_out() -> None:
    """TensorFlow's own words included, however talkative it is told to be."""
    noisy = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_MAX_VLOG_LEVEL": "1"}
    done = _run("show", L, "--json", env=noisy)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["lesson"] == L


def test_what_tensorflow_says_goes_to_the_log(tmp_path: Path) -> None:
    code = "import os\nos.write(2, b'noise')\nraise ImportError('no AVX\\nhere')\n"
    done = _run("show", L, env=_fake_tensorflow(tmp_path, code))
    log = tmp_path / "state" / "service.log"
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"TensorFlow cannot be loaded here (no AVX here). Its messages are in {log}.\n"
    )
    assert log.read_bytes() == b"noise"


def test_a_fault_of_ours_is_one_sentence_and_a_file_with_the_traceback(tmp_path: Path) -> None:
    done = _run("show", L, env=_fake_tensorflow(tmp_path, "raise RuntimeError('broken')\n"))
    assert done.returncode == 70
    (path,) = (tmp_path / "state").glob("fault-*.log")
    assert done.stderr.decode() == (
        f"bptutor failed (RuntimeError). Please report it, and attach {path}.\n"
    )
    assert "RuntimeError: broken" in path.read_text()
    assert "Traceback" in path.read_text()


def test_reports_of_faults_are_the_learners_alone_and_few(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    for day in range(10, 10 + MOST_REPORTS):
        (state / f"fault-202001{day}-000000-1.log").touch(0o644)
    before = os.umask(0)
    try:
        path = write_report(ValueError("broken"))
    finally:
        os.umask(before)
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = sorted(state.iterdir())
    assert len(kept) == MOST_REPORTS
    assert kept[0].name == "fault-20200111-000000-1.log"
    assert kept[-1] == path


@pytest.mark.parametrize("command", ["check", "learn", "quiz", "lint"])
@pytest.mark.parametrize(
    "file", every(2, ["~nobody-has-this-name/x.toml", "~nobody-has-this-name/x.keras"])
)
def test_a_path_in_the_home_of_nobody_is_one_sentence(
    command: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    step = ["z", "--value", "1"] if command == "check" else []
    assert main([command, file, *step]) == 2
    assert capsys.readouterr() == ("", f"{file}: the file does not exist; check its path\n")


def test_a_fault_of_ours_where_no_file_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    done = _run("show", L, env=_fake_tensorflow(tmp_path, "raise RuntimeError('broken')\n"))
    assert done.returncode == 70
    assert done.stderr == (b"bptutor failed (RuntimeError: broken). Please report it.\n")


@contextmanager
def _checking() -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """A stream of answers that has been told its first verdict; where it reads, where it writes."""
    pipe = subprocess.PIPE
    command = [*COMMAND, "check", L, "--jsonl"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(ANSWER)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["step"] == "Loss"
        yield process, process.stdin, process.stdout


@pytest.mark.whole
def test_a_pipe_that_is_closed_early_is_no_matter() -> None:
    with _checking() as (process, reads, writes):
        writes.close()
        reads.write(ANSWER)
        reads.close()
        assert process.wait(30) == 141
        assert process.stderr
        assert process.stderr.read() == b""


def test_an_interrupt_is_quiet() -> None:
    with _checking() as (process, _, _):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("arguments", [["lessons"], ["lessons", "--json"], ["--help"]])
def test_a_full_disk_is_said(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = _run(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == b"bptutor cannot write its output: No space left on device.\n"


def test_closed_streams_are_no_matter() -> None:
    line = f"{sys.executable} -m bptutor lessons --json >&- 2>&- <&-; echo $?"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_a_path_that_is_no_utf8_is_repeated_as_far_as_it_can_be(tmp_path: Path) -> None:
    done = _run("lint", os.fsdecode(os.fsencode(tmp_path) + b"/\xff.toml"))
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert "the file does not exist" in done.stderr.decode()


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (
            "from bptutor.cli import main\nmain(['--help'])\n",
            ["tensorflow", "numpy", "textual", "asyncio", "bptutor.language.ops"],
        ),
        ("import bptutor.tui.app", ["tensorflow", "numpy"]),
        (
            "from bptutor.cli import main\nmain(['learn', 'two-hidden-layers'])\n",
            ["tensorflow", "numpy", "textual", "rich", "bptutor.language.ops"],
        ),
        ("from bptutor.cli import main\nmain(['lessons'])\n", ["tensorflow", "numpy"]),
    ],
)
def test_what_is_not_imported(code: str, absent: list[str]) -> None:
    code += "\nimport sys\nprint('imported:', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = set(done.stdout.rpartition("imported:")[2].split())
    assert "bptutor" in imported
    assert imported.isdisjoint(absent)


def _run_as_nobody(
    home: dict[str, str], environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """As in a container whose user has no line in /etc/passwd."""
    code = f"""
import os, pwd, sys

def unknown(_):
    raise KeyError

pwd.getpwuid = unknown
os.environ.pop("HOME", None)
os.environ |= {home!r}
from bptutor.cli import main
sys.exit(main({list(arguments)!r}))
"""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("home", every(3, [{"HOME": "relative"}, {}, {"HOME": ""}]))
@pytest.mark.parametrize("command", [("lessons",), ("learn", "one-neuron", "--plain")])
def test_a_home_folder_that_is_not_known_is_one_sentence(
    home: dict[str, str], command: tuple[str, ...]
) -> None:
    own = ("BPTUTOR_CONFIG_DIR", "BPTUTOR_DATA_DIR", "BPTUTOR_STATE_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = _run_as_nobody(home, environment, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Your home folder is not known: set HOME (or BPTUTOR_CONFIG_DIR) to an absolute path.\n"
    )


@pytest.mark.whole
def test_a_home_folder_is_not_needed_where_other_folders_are_named() -> None:
    done = _run_as_nobody({}, {**os.environ}, "doctor", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["tensorflow"]["version"]
