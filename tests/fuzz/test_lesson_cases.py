"""What is made in bad faith is refused in one sentence, or taught, within limits of memory."""

import os
import socket
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bptutor.text import Message
from tests.examples import every, some
from tests.fuzz.conftest import Try
from tests.fuzz.lesson_cases import CASES
from tools.fuzz.subjects import SUBJECTS

LONG = {
    *("a chain of 499", "an alias of 99", "a name in 90 lines"),
    *("dots of many matrices", "transposes that fit", "powers line by line"),
}
"""What is taken, and takes its time; shorter ones are taken by default."""


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.whole if case in LONG else ()) for case in CASES]
)
def test_a_lesson_in_bad_faith(case: str, attempt: Try) -> None:
    content, says = CASES[case]
    outcome = attempt("lessons", "case.toml", content.encode())
    if says is None:
        assert outcome.result == "accepted", outcome.said
    else:
        assert outcome.result == "refused"
        assert str(says) in outcome.said if isinstance(says, Message) else says in outcome.said


@pytest.mark.parametrize("kind", ["fifo", "socket", "zero", "folder", "link", "nobody", "nul"])
def test_what_is_no_file_is_not_opened(kind: str, attempt: Try, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    says = "is not a regular file"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
        says = "is a folder"
    elif kind == "link":
        path.symlink_to(path)
        says = "cannot be read"
    elif kind == "nobody":
        path = Path("~nobody-has-this-name/x.toml")
        says = "does not exist"
    else:
        path = Path("x\0.toml")
        says = "cannot be read"
    outcome = attempt("lessons", "", path)
    assert outcome.result == "refused"
    assert says in outcome.said


bounded = settings(
    deadline=None,
    derandomize=True,  # new cases are found by the tool, by hand
    phases=(Phase.explicit, Phase.generate),  # a seed has no smaller one
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


DAMAGES = {"records", "places"}


def _try(subject: str, random: Random, attempt: Try) -> None:
    name, content = SUBJECTS[subject].made(random)
    attempt(subject, name, content)


@pytest.mark.whole
@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", every(2, sorted(set(SUBJECTS) - DAMAGES)))
@settings(bounded, max_examples=some(12))
@given(random=st.randoms(use_true_random=True))
def test_some_cases(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)


@pytest.mark.whole
@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", sorted(DAMAGES))
@settings(bounded, max_examples=some(50))
@given(random=st.randoms(use_true_random=True))
def test_some_damages(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)
