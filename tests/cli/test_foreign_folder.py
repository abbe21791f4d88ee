"""bptutor in a folder that somebody else has prepared: nothing of it is run."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bptutor.lesson.find import directory
from tests.plain.script import command

LIBRARY = r"""
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void run(void) {
    close(open(getenv("HAS_RUN"), O_CREAT | O_WRONLY, 0600));
}
/* TensorFlow takes a library that names the platform it was built for. */
__attribute__((used)) const char platform[] =
    "\0S\\s\":^p*L}__x86_64__=1\0" "\0S\\s\":^p*L}__linux__=1\0";
"""
PLANTED_MODULE = "import os\nopen(os.environ['HAS_RUN'], 'w')\nraise SystemExit(9)\n"
SCRIPTS = ("bptutor.service", "bptutor", "naive")
"""What may be the first word on a command line that is no option."""

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64",
        reason="the planted library is for Linux on x86-64",
    ),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that creates the file `HAS_RUN` when it is loaded."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler to make a library with")
    folder = tmp_path_factory.mktemp("library")
    (folder / "planted.c").write_text(LIBRARY)
    made = folder / "libtfkernel_planted.so"
    compiling = [compiler, "-O0", "-shared", "-fPIC", "-o", str(made), str(folder / "planted.c")]
    subprocess.run(compiling, check=True, timeout=60)
    return made


@pytest.fixture
def foreign(library: Path, tmp_path: Path) -> Path:
    """A folder with that library wherever TensorFlow might look, and with a lesson."""
    folder = tmp_path / "foreign"
    for script in SCRIPTS:
        kernels = folder / script / "tensorflow" / "core" / "kernels"
        kernels.mkdir(parents=True)
        shutil.copy(library, kernels)
    shutil.copy(directory() / "one-neuron.toml", folder / "mine.toml")
    return folder


def run(folder: Path, command: list[str], typed: str = "") -> tuple[str, bool]:
    """What a command writes in a folder, and whether the library that is there was loaded."""
    mark = folder / "has-run"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HAS_RUN": str(mark)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout, mark.exists()


def test_the_library_would_be_loaded(foreign: Path) -> None:
    """Else the other tests would show nothing."""
    code = "import tensorflow as tf\ntf.constant(0.0)\n"
    (foreign / "naive.py").write_text(
        "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\n" + code
    )
    subprocess.run(
        [sys.executable, "-m", "naive"],
        cwd=foreign,
        env={**os.environ, "HAS_RUN": str(foreign / "has-run")},
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert (foreign / "has-run").exists()


def test_the_tutor_loads_nothing_of_it_and_finds_the_lesson(foreign: Path) -> None:
    out, planted = run(foreign, command("learn", "./mine.toml", "--plain"), "\n1.2\n/quit\n")
    assert "The value is right" in out
    assert not planted


def test_a_quiz_finds_the_lesson(foreign: Path) -> None:
    how = ("--replay", "mine.toml:z:7:00000000")
    out, planted = run(foreign, command("quiz", *how, "--plain"), "/quit\n")
    assert "\nType the " in out
    assert not planted


def test_a_command_loads_nothing_of_it_and_stays_there(foreign: Path) -> None:
    out, planted = run(foreign, command("check", "mine.toml", "z", "--value", "1.2"))
    assert out.startswith("z: ")
    assert not planted
    out, planted = run(foreign, command("export", "mine.toml", "mine.md"))
    assert (foreign / "mine.md").is_file()
    assert not planted


def test_the_doctor_loads_nothing_of_it(foreign: Path) -> None:
    out, planted = run(foreign, command("doctor", "--json"))
    assert '"version":' in out
    assert not planted


@pytest.mark.parametrize("path", [None, "", "."])
def test_python_takes_no_module_of_it(
    path: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path is not None:
        monkeypatch.setenv("PYTHONPATH", path)
    tmp_path = tmp_path / "foreign"
    tmp_path.mkdir()
    for name in ("random", "click", "asyncio", "numpy", "tensorflow"):
        (tmp_path / f"{name}.py").write_text(PLANTED_MODULE)
    out, planted = run(
        tmp_path, [sys.executable, "-m", "bptutor", "learn", "one-neuron", "--plain"]
    )
    assert "One neuron; step 1 of " in out
    assert not planted
