"""From `class assign` to `class marks`, with the commands, over the socket of a real host."""

from __future__ import annotations

import csv
import grp
import io
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.conftest import short_folder
from tests.host.real import RealHost, real_host

pytestmark = pytest.mark.whole

ME = pwd.getpwuid(os.getuid()).pw_name
MINE = grp.getgrgid(os.getgid()).gr_name
EXAM = """
title = "Midterm"
kind = "exam"
lessons = ["one-neuron"]
steps = ["z", "L"]
numbers = "same"
password = "owl"
lock = true
minutes = 30
show = { score = "submitted", answers = "released" }
"""


@pytest.fixture(scope="module")
def host() -> Iterator[RealHost]:
    with short_folder() as folder, real_host(folder, teachers=MINE) as host:
        host.wait()
        yield host


def run(host: RealHost, *arguments: str, typed: str = "") -> str:
    """A command of whoever runs this test, who is the learner and the teacher."""
    done = subprocess.run(
        [sys.executable, "-m", "bptutor", *arguments],
        input=typed.encode(),
        capture_output=True,
        env={**os.environ, "BPTUTOR_CLASS": host.socket, "BPTUTOR_LEARNER": "mallory"},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.whole
def test_progress_is_what_the_class_has(host: RealHost, tmp_path: Path) -> None:
    run(host, "learn", "one-neuron", "--plain", typed="1.2\n")
    found = json.loads(run(host, "progress", "--json"))
    assert found["learner"] == ME
    assert found["attempts"] == 1
    run(host, "quiz", "softmax", "--exam", "--items", "1", "--seed", "9", typed="/hand-in\n" * 2)
    (exam,) = csv.DictReader(io.StringIO(run(host, "progress", "--exams", "--csv")))
    assert (exam["learner"], exam["seed"], exam["points"]) == (ME, "9", "0.0")
    exported = tmp_path / "mine.jsonl"
    run(host, "progress", "--export", str(exported))
    assert exported.read_bytes() == b"", "their own record, on this machine"


def listed(host: RealHost) -> dict[str, Any]:
    found = json.loads(run(host, "assignments", "--json"))
    assert found["learner"] == ME  # whatever the environment says
    item: dict[str, Any] = found["items"][0]
    return item


def test_from_assign_to_marks(host: RealHost, tmp_path: Path) -> None:
    roster, exam = tmp_path / "roster.csv", tmp_path / "midterm.toml"
    roster.write_text(f"login,name\n{ME},Me\n")
    exam.write_text(EXAM)
    run(host, "class", "roster", str(roster))
    run(host, "class", "assign", str(exam))
    assert listed(host)["state"] == "open"
    preview = json.loads(run(host, "class", "preview", "midterm", "--as", ME, "--json"))
    answers = [each["value"] for each in preview["items"]]

    said = run(host, "do", "midterm", "--plain", typed=f"owl\n{answers[0]}\n")
    assert "item 2 of 2" in said
    assert listed(host)["state"] == "begun"
    assert listed(host)["answered"] == 1
    locked = run(host, "--plain", typed="one-neuron\n/quiz\n")
    assert "There is no lesson one-neuron." in locked
    assert "Midterm is in progress." in locked

    said = run(host, "do", "midterm", "--plain", typed="777\n/hand-in\n/hand-in\n1\n")
    assert "item 2 of 2" in said
    assert "Points: 1 of 2" in said
    assert said.count("You see the right answers when your teacher releases them.") == 2
    told = listed(host)
    assert (told["state"], told["points"], told["by"]) == ("submitted", 1.0, "learner")

    marks = tmp_path / "marks.csv"
    marks.write_text(run(host, "class", "marks", "midterm", "--csv"))
    (row,) = csv.DictReader(io.StringIO(marks.read_text().removeprefix("\ufeff")))
    assert row["login"] == ME
    assert float(row["points"]) == 1
    run(host, "class", "release", "midterm", "--why", "all is marked")
    said = run(host, "do", "midterm", "--plain", typed="1\n2\n")
    assert "not right" in said
    assert answers[1].split("e")[0][:4] in said


@pytest.mark.whole
def test_a_killed_host_comes_back_to_the_paper(host: RealHost, tmp_path: Path) -> None:
    roster, exam = tmp_path / "roster.csv", tmp_path / "second.toml"
    roster.write_text(f"login,name\n{ME},Me\n")
    run(host, "class", "roster", str(roster))
    exam.write_text(EXAM.replace("Midterm", "Second").replace('password = "owl"\n', ""))
    run(host, "class", "assign", str(exam))
    run(host, "do", "second", "--plain", typed="\n0.5\n")
    host.kill()
    host.start()
    said = run(host, "do", "second", "--plain", typed="/hand-in\n")
    assert "item 2 of 2" in said
    assert "Items without an answer: 2." in said
