"""Cases by chance: each is refused in a sentence, or all goes well with it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.conftest import Try
from tools.fuzz.subjects import SUBJECTS

bounded = settings(
    deadline=None,
    derandomize=True,  # new cases are found by the tool, by hand
    phases=(Phase.explicit, Phase.generate),  # a seed has no smaller one
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _try(subject: str, random: Random, attempt: Try) -> None:
    name, content = SUBJECTS[subject].made(random)
    attempt(subject, name, content)


@pytest.mark.parametrize("subject", SUBJECTS)
@settings(bounded, max_examples=5)
@given(random=st.randoms(use_true_random=True))
def test_some_cases(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)


@pytest.mark.whole
@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", SUBJECTS)
@settings(bounded, max_examples=50)
@given(random=st.randoms(use_true_random=True))
def test_many_cases(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)
