"""Cases by chance: each is refused in a sentence, or all goes well with it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import every, some
from tests.fuzz.conftest import Try
from tools.fuzz.subjects import SUBJECTS

pytestmark = pytest.mark.whole

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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", every(2, sorted(set(SUBJECTS) - DAMAGES)))
@settings(bounded, max_examples=some(12))
@given(random=st.randoms(use_true_random=True))
def test_some_cases(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("subject", sorted(DAMAGES))
@settings(bounded, max_examples=some(50))
@given(random=st.randoms(use_true_random=True))
def test_some_damages(subject: str, random: Random, attempt: Try) -> None:
    _try(subject, random, attempt)
