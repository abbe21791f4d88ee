"""Cards, held against the formulas of FSRS; selections that cover much, against the best one."""

import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.literals import Rating
from bptutor.quiz.planner import Candidate, Outcome, cover
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


SETS = st.lists(st.frozensets(st.sampled_from("abcdefghij"), max_size=5), max_size=9)


def covered(sets: list[frozenset[str]], places: list[int] | tuple[int, ...]) -> int:
    return len(frozenset().union(*(sets[place] for place in places)))


@given(SETS, st.integers(1, 4), st.integers(0, 99))
def test_it_covers_as_much_as_the_best_selection_or_nearly(
    sets: list[frozenset[str]], count: int, seed: int
) -> None:
    found = cover(sets, count, seed)
    assert len(found) <= count
    best = max(
        covered(sets, each) for each in combinations(range(len(sets)), min(count, len(sets)))
    )
    assert covered(sets, found) >= best - 1


def test_where_taking_the_largest_is_a_trap_it_is_found_out() -> None:
    sets = [frozenset(each) for each in ("abcd", "abef", "cdgh")]
    assert sorted(cover(sets, 2, seed=1)) == [1, 2]


def test_of_selections_that_are_as_good_the_seed_chooses() -> None:
    sets = [frozenset(each) for each in ("ab", "bc", "cd", "da")]
    chosen = {frozenset(cover(sets, 2, seed)) for seed in range(20)}
    assert chosen == {frozenset({0, 2}), frozenset({1, 3})}
    assert cover(sets, 2, 3) == cover(sets, 2, 3)


def test_of_nothing_nothing_is_covered() -> None:
    assert cover([], 3, 1) == []
    assert cover([frozenset()], 3, 1) == []
