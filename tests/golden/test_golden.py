"""What a learner sees is what was seen before; `python -m tests.golden.record` accepts a change."""

from __future__ import annotations

import re
from difflib import unified_diff
from math import isclose
from pathlib import Path

import pytest

from tests.golden.groups import Group, groups
from tests.golden.outside import COURSE, FILES, machine, run
from tests.golden.record_kept import HALF_WAY, KEPT, LATER, opened
from tests.plain.script import script

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
LINES_SHOWN = 80
"""Of a difference; `record` and `git diff` show all of it."""


GROUPS = [
    pytest.param(group, id=group.name, marks=() if group.quick else pytest.mark.whole)
    for group in groups()
]


def same(there: str, now: str, digits: bool) -> bool:
    """Are two texts the same, to the last digit or to six of them?"""
    if digits:
        return there == now
    numbers = zip(NUMBER.findall(there), NUMBER.findall(now), strict=False)
    return NUMBER.sub("0", there) == NUMBER.sub("0", now) and all(
        isclose(float(old), float(new), rel_tol=1e-6, abs_tol=1e-12) for old, new in numbers
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("group", GROUPS)
def test_it_is_as_it_was(group: Group) -> None:
    there, now = group.there, group.made()
    assert sorted(now) == sorted(there)
    digits = (FILES / "machine.txt").read_text() == machine()
    difference = [
        line
        for name in there
        if not same(there[name], now[name], digits)
        for line in unified_diff(
            there[name].splitlines(), now[name].splitlines(), name, "now", lineterm="", n=2
        )
    ]
    if difference:
        more = len(difference) - LINES_SHOWN
        pytest.fail(
            "\n".join(difference[:LINES_SHOWN])
            + (f"\n... and {more} lines more" if more > 0 else "")
            + f"\nIf it is meant so: python -m tests.golden.record {group.name}",
            pytrace=False,
        )


def test_every_file_belongs_to_a_group() -> None:
    names = {group.name for group in groups()}
    files = [path for path in FILES.glob("*/**/*") if path.is_file()]
    assert {path.parent.relative_to(FILES).as_posix() for path in files} == names
    assert len(names) == len(groups())


@pytest.mark.parametrize(
    ("now", "digits", "verdict"),
    [
        ("loss 0.123456789", True, True),
        ("loss 0.12345679", True, False),
        ("loss 0.12345679", False, True),
        ("loss 0.12346", False, False),
        ("the loss 0.123456789", False, False),
    ],
)
def test_numbers_may_differ_beyond_six_digits_on_another_machine(
    now: str, digits: bool, verdict: bool
) -> None:
    assert same("loss 0.123456789", now, digits) is verdict


@pytest.mark.parametrize("name", ["course", "backward", "symbols", "keras", "quiz", "exam"])
def test_a_talk_goes_on_to_the_end_of_its_lesson(name: str) -> None:
    """What is typed still fits the questions: a talk that gets stuck shows little."""
    talk = (FILES / "talks" / f"{name}.en" / "talk.txt").read_text()
    assert re.search(r"^(\d+ of \d+ steps solved|Points: )", talk, re.MULTILINE)


@pytest.mark.whole
def test_what_an_earlier_version_kept_is_gone_on_with(tmp_path: Path) -> None:
    """Whatever words it is said in: nothing of it is lost, and nothing is set aside."""
    folder = opened(tmp_path)
    learn = run(  # Enter: with the lesson as it is now
        folder, "learn", COURSE, "--plain", "--lang", "en", typed=script("", "/quit"), clock=LATER
    )
    assert f"Steps answered: {HALF_WAY}." in learn, learn  # and the first open one comes next
    quiz = run(folder, "quiz", "--plain", "--lang", "en", typed=script("/quit"), clock=LATER)
    assert "item 1 of" in quiz, quiz  # a lesson of the quiz has changed: it starts again
    exported = folder / "attempts.jsonl"
    run(folder, "progress", "--export", str(exported), clock=LATER)
    assert len(exported.read_text(encoding="utf-8").splitlines()) > HALF_WAY
    kept = {
        path.name for part in ("sittings", "quizzes") for path in (KEPT / "data" / part).iterdir()
    }
    now = {
        path.name for part in ("sittings", "quizzes") for path in (folder / "data" / part).iterdir()
    }
    assert kept == now - {".locks"}
