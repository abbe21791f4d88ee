"""Selections that cover much: held against the best one, found by trying all."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bptutor.quiz.planner import cover

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
