"""A few sets that cover as much as possible together: which items let most mistakes show."""

from __future__ import annotations

import random
from collections.abc import Sequence

STARTS = 6
"""Selections that are begun with and bettered; the best is taken."""


def cover(sets: Sequence[frozenset[str]], count: int, seed: int) -> list[int]:
    """The places of at most `count` sets that cover as much as can be found together.

    The best selection is hard to find (maximum coverage is NP-hard), a good one is not: to take
    what adds most, again and again, covers 63 % of what the best one does at least (Nemhauser,
    Wolsey and Fisher 1978), and as a rule nearly all. That selection, and some that are drawn, are
    bettered by one exchange after another until none gains anything. The seed chooses between
    selections that are as good.
    """
    bits = {each: 1 << place for place, each in enumerate(sorted(frozenset().union(*sets)))}
    masks = {sum(bits[each] for each in one): place for place, one in enumerate(sets)}
    pool = _largest(list(masks))
    chance = random.Random(seed)
    chance.shuffle(pool)
    found = [_bettered([0] * count, pool)]
    found += [_bettered(chance.choices(pool, k=count), pool) for _ in range(STARTS - 1) if pool]
    best = max(found, key=lambda selected: _union(selected).bit_count())
    return [masks[mask] for mask in dict.fromkeys(best) if mask]


def _bettered(selected: list[int], pool: Sequence[int]) -> list[int]:
    """Each in turn exchanged for what adds most to the others, until nothing is gained."""
    before = -1
    while before < (covered := _union(selected).bit_count()):
        before = covered
        for place, now in enumerate(selected):
            missing = ~_union(selected[:place] + selected[place + 1 :])
            gained = (now & missing).bit_count()
            best = max(pool, key=lambda mask: (mask & missing).bit_count(), default=0)
            if (best & missing).bit_count() > gained:
                selected[place] = best
    return selected


def _largest(masks: list[int]) -> list[int]:
    """Those that are not within another one."""
    found: list[int] = []
    for mask in sorted(masks, key=int.bit_count, reverse=True):
        if not any(mask & other == mask for other in found):
            found.append(mask)
    return found


def _union(masks: Sequence[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together
