"""What is built installs and works far from the checkout, its lessons and languages with it."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.end_to_end.terminal import Terminal
from tools.pins import FILE, alike, written

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _build(target: str, source: Path, into: Path) -> Path:
    _run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", into, cwd=source)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment in which the wheel is installed."""
    return _install(tmp_path_factory.mktemp("fresh"), wheel)


def _install(folder: Path, *what: str | Path) -> Path:
    """A new environment with bptutor; what it depends on is lent to it by this one."""
    builder = venv.EnvBuilder(with_pip=True)
    builder.create(folder)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(paths["purelib"], "lent.pth").write_text("\n".join(sorted(lent)))
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
    ]
    _run(*pip, "--force-reinstall", "--no-build-isolation", *what, cwd=folder)
    return folder / "bin"


def test_the_wheel_has_what_is_needed_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    lessons = {path.name for path in (ROOT / "lessons").glob("*.toml")}
    catalogues = {path.parts[-3] for path in (ROOT / "bptutor" / "text").glob("*/*/*.po")}
    assert {f"bptutor/_lessons/{name}" for name in lessons} <= {*names}
    assert {f"bptutor/text/{each}/LC_MESSAGES/bptutor.mo" for each in catalogues} <= {*names}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"bptutor"}
    styles = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("bptutor/tui/**/*.tcss")}
    assert styles <= {*names}


@pytest.mark.whole
def test_the_wheel_runs_outside_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(_run(installed / "bptutor", "lessons", "--json", cwd=tmp_path))
    assert "two-hidden-layers" in [lesson["name"] for lesson in listed]
    assert all(lesson["problem"] is None for lesson in listed)
    code = "import bptutor; print(bptutor.__file__)"
    where = Path(_run(installed / "python", "-c", code, cwd=tmp_path).strip())
    assert where.is_relative_to(installed.parent)


@pytest.mark.whole
def test_the_wheel_speaks_korean(installed: Path, tmp_path: Path) -> None:
    page = _run(installed / "bptutor", "--help", "--lang", "ko", cwd=tmp_path)
    assert page.startswith("사용법: bptutor")
    listed = _run(installed / "python", "-m", "bptutor", "lessons", "--lang", "ko", cwd=tmp_path)
    assert "은닉층" in listed


@pytest.mark.whole
def test_the_wheel_works_a_lesson_through(installed: Path, tmp_path: Path) -> None:
    shown = json.loads(
        _run(installed / "bptutor", "show", "two-hidden-layers", "--json", cwd=tmp_path)
    )
    assert shown["loss_before"] == 0.0012959961


@pytest.mark.whole
def test_the_wheel_s_app_asks_its_first_question_in_korean(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    command = [str(installed / "bptutor"), "learn", "two-hidden-layers", "--lang", "ko"]
    with Terminal(command) as terminal:
        terminal.wait_for("은닉층이 둘인 신경망")
        terminal.press("enter")
        terminal.wait_for("Z1 = X @ W1 + b1")
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = _build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = _build("wheel", source, tmp_path / "again")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


@pytest.mark.whole
def test_a_checkout_installs_as_it_stands(tmp_path: Path) -> None:
    installed = _install(tmp_path / "editable", "--editable", ROOT)
    code = "from bptutor.lesson.find import directory; print(directory())"
    assert _run(installed / "python", "-c", code, cwd=tmp_path).strip() == str(ROOT / "lessons")
    page = _run(installed / "bptutor", "--help", "--lang", "ko", cwd=tmp_path)
    assert page.startswith("사용법: bptutor")


def test_the_versions_known_to_work_together_are_pinned_without_addresses() -> None:
    text = FILE.read_text()
    pins = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace(" \\\n    ", " ").splitlines()
    version = r"[\w.-]+==[\w.]+(?:; [^-/@:]+)?"
    assert [pin for pin in pins if not re.fullmatch(rf"{version}(?: {HASH})+", pin)] == []
    assert len(pins) > 50


HASH = "--hash=sha256:[0-9a-f]{64}"


def test_what_the_project_needs_is_pinned_to_a_version_that_it_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        needed += extra
    pins = {alike(name): version for name, version in written(FILE.read_text()).items()}
    for requirement in map(Requirement, needed):
        if requirement.name != "bptutor":
            assert requirement.specifier.contains(pins[alike(requirement.name)]), requirement
