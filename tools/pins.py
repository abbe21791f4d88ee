"""Rewrites `.ci/constraints.txt`: the versions that go together, with the hashes of their wheels.

    python -m tools.pins             hashes anew, for the versions that are there
    python -m tools.pins --upgrade   the newest versions that the project's requirements allow

pip asks the index that it is set up for, downloads every wheel that one of `PYTHONS` takes on one
of `PLATFORMS`, and reports what it got; that is 3 GB. Read the difference before you commit it.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".ci" / "constraints.txt"
PYTHONS = ("3.11", "3.12", "3.13")
LINUX = ("2_5", "2_12", "2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34", "2014", "2010", "1")
PLATFORMS = {
    "linux x86_64": [f"manylinux{'_' * ('_' in each)}{each}_x86_64" for each in LINUX],
    "linux aarch64": [f"manylinux{'_' * ('_' in each)}{each}_aarch64" for each in LINUX],
    "macOS arm64": ["macosx_14_0_arm64"],
}
BESIDES = ("hatchling", "editables", "babel", "setuptools", "wheel")
"""What builds the package, or is needed at run time and brought along by `venv` only."""
CPU, ALL = "tensorflow_cpu", "tensorflow"
ON_CPU = 'sys_platform == "linux" and platform_machine == "x86_64"'
ELSEWHERE = 'sys_platform != "linux" or platform_machine != "x86_64"'
HEAD = """\
# Versions that are known to work together on Python 3.11 to 3.13, and the hashes of their wheels.
# docs/lab.md says how to install them; `python -m tools.pins` writes this file.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take newer versions")
    pins = upgraded() if parser.parse_args().upgrade else written(FILE.read_text())
    hashes: dict[str, set[str]] = {name: set() for name in pins}
    for python in PYTHONS:
        for platform, tags in PLATFORMS.items():
            lacking = collect(pins, hashes, python, tags, platform == "linux x86_64")
            missing = ", ".join(lacking) or "nothing"
            sys.stdout.write(f"Python {python}, {platform}: without {missing}\n")
    FILE.write_text(HEAD + "".join(entry(name, pins[name], hashes[name]) for name in ordered(pins)))


def written(text: str) -> dict[str, str]:
    """The versions in a file of constraints, by name."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))


def upgraded() -> dict[str, str]:
    """What pip would install today for the project and its tools."""
    pins = {
        each["metadata"]["name"]: each["metadata"]["version"]
        for each in report([f"{ROOT}[dev]", *BESIDES], "--ignore-installed")
        if each["metadata"]["name"] != "bptutor"
    }
    version = next(pins.pop(name) for name in (CPU, "tensorflow-cpu", ALL) if name in pins)
    return {**pins, CPU: version, ALL: version}


def collect(
    pins: dict[str, str],
    hashes: dict[str, set[str]],
    python: str,
    tags: Sequence[str],
    on_cpu: bool,
) -> list[str]:
    """Add the hashes of the wheels for a Python on a platform; the names that have none there."""
    wanted = {name: pins[name] for name in pins if name != (ALL if on_cpu else CPU)}
    target = ["--python-version", python, "--only-binary", ":all:", "--no-deps"]
    target += [part for tag in tags for part in ("--platform", tag)]
    lacking: list[str] = []
    try:
        found = list(report(lines(wanted), "--ignore-installed", *target))
    except subprocess.CalledProcessError:  # one of them; which one, pip does not say
        found = []
        for name, version in wanted.items():
            try:
                found += report(lines({name: version}), "--ignore-installed", *target)
            except subprocess.CalledProcessError:
                lacking.append(name)
    for each in found:
        name = next(one for one in wanted if alike(one) == alike(each["metadata"]["name"]))
        hashes[name].add(each["download_info"]["archive_info"]["hashes"]["sha256"])
    return lacking


def report(requirements: Iterable[str], *options: str) -> Iterator[dict[str, Any]]:
    """What pip would install. Raises CalledProcessError: it finds something missing."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet"]
        command += ["--report", str(made), "--target", folder, *options, *requirements]
        subprocess.run(command, check=True, cwd=folder, stderr=subprocess.DEVNULL)
        yield from json.loads(made.read_text())["install"]


def lines(pins: dict[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in pins.items()]


def alike(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def ordered(pins: Iterable[str]) -> list[str]:
    return sorted(pins, key=alike)


def entry(name: str, version: str, hashes: Iterable[str]) -> str:
    """A requirement with its hashes, as pip reads it."""
    marker = {CPU: f"; {ON_CPU}", ALL: f"; {ELSEWHERE}"}.get(name, "")
    parts = [f"{name}=={version}{marker}", *(f"--hash=sha256:{each}" for each in sorted(hashes))]
    return " \\\n    ".join(parts) + "\n"


if __name__ == "__main__":
    main()
