"""Cards: held against FSRS' published formulas, worked out here."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.literals import Rating
from bptutor.quiz.planner import Candidate, Outcome
from bptutor.quiz.schedule import due, reviewed, strength

NOW = 1_790_000_000.0
DAY = 86_400.0
ITEM = Candidate("lesson", "dL_dw", "weight-gradient", 1.0, frozenset())
FIRST_STABILITY = {"again": 0.212, "hard": 1.2931, "good": 2.3065}
"""Days, after a first review (FSRS-6's w0 to w2)."""
DECAY = 0.1542
"""FSRS-6's w20."""


def retrievability(days: float, stability: float) -> float:
    factor = 0.9 ** (-1 / DECAY) - 1
    return float((1 + factor * days / stability) ** -DECAY)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(ITEM, solved=True), "good"),
        (Outcome(ITEM, solved=True, hints=1), "hard"),
        (Outcome(ITEM, solved=True, wrong=2), "hard"),
        (Outcome(ITEM, solved=True, wrong=4), "again"),  # found, not remembered
        (Outcome(ITEM, solved=False, shown=True), "again"),
        (Outcome(ITEM, solved=False, wrong=1), "again"),
        (Outcome(ITEM, solved=True, shown=True), "again"),
    ],
)
def test_how_an_item_went_is_a_rating(outcome: Outcome, expected: Rating) -> None:
    assert outcome.rating == expected


@pytest.mark.parametrize(("how", "days"), [("again", 1), ("hard", 1), ("good", 2)])
def test_a_first_review_is_due_after_its_stability_in_whole_days(how: Rating, days: int) -> None:
    card, when = reviewed(None, how, NOW)
    assert when == due(card) == NOW + days * DAY


@pytest.mark.parametrize("how", ["again", "hard", "good"])
@pytest.mark.parametrize("days", [0, 1, 5, 40])
def test_strength_falls_along_the_forgetting_curve(how: Rating, days: int) -> None:
    card, _ = reviewed(None, how, NOW)
    expected = retrievability(days, FIRST_STABILITY[how])
    assert strength(card, NOW + days * DAY) == pytest.approx(expected, rel=1e-9)


def test_what_goes_well_is_due_ever_later() -> None:
    card, when, gaps, now = None, NOW, [], NOW
    for _ in range(5):
        card, when = reviewed(card, "good", now)
        gaps.append(when - now)
        now = when
    assert gaps == sorted(set(gaps))


def test_what_was_forgotten_is_due_the_next_day_or_so() -> None:
    card, when = reviewed(None, "good", NOW)
    for _ in range(4):
        card, when = reviewed(card, "good", when)
    before = when
    card, when = reviewed(card, "again", before)
    assert when - before <= 7 * DAY
    assert strength(card, when) <= 0.95


@given(st.lists(st.tuples(st.sampled_from(["again", "hard", "good"]), st.integers(0, 30))))
def test_the_same_reviews_give_the_same_card(reviews: list[tuple[Rating, int]]) -> None:
    def card() -> str:
        kept, now = reviewed(None, "good", NOW)[0], NOW
        for how, days in reviews:
            now += days * DAY
            kept, when = reviewed(kept, how, now)
            assert when >= now + DAY
            assert 0 < strength(kept, when) <= 1
        return kept

    assert card() == card()


def test_fsrs_waits_until_it_is_needed() -> None:
    code = "import sys, bptutor.quiz.planner; sys.exit('fsrs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
