"""Further values for a lesson's inputs and parameters, on which a formula must hold as well.

They are drawn so that each number turns: a leaf, a difference, a mask, a gradient has both signs by
then, wherever it can. A formula that is right only by a sign is wrong on one of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from math import prod

import numpy as np

from bptutor.engine.draws import FEWEST_SETS, MOST_SETS, Draws
from bptutor.engine.signs import Told, of_one_shape, told_by
from bptutor.engine.trace import Array, EngineError, Leaves, Trace, run
from bptutor.lesson.lesson import Lesson

MANY = 20_000  # numbers of a program from which on they are many
FEWEST_DRAWS, MOST_DRAWS = 9, 45  # to choose sets from; of many numbers as many as sets
MOST_PARTS = 3_000  # computed for the draws, where more than the fewest are drawn
FAINT = 1e-3  # what is not seen of a part, as a share of its largest number in the lesson
FEW = 2_000  # numbers of a program up to which its draws are kept


@lru_cache(maxsize=4)  # of a network of two million weights they take 200 MB
def variations(lesson: Lesson) -> tuple[Trace, ...]:
    """A lesson in float64 on further values for its leaves; the same ones every time.

    Raises EngineError: the lesson's own values come to no finite number.
    """
    drawn = draws(lesson)
    if drawn is None:
        run(lesson, dtype="float64")
        return ()
    found = (trace for leaves in drawn if (trace := _run(lesson, leaves)))
    return tuple(islice(found, _most_sets(lesson)))


def draws(lesson: Lesson) -> list[Leaves] | None:
    """Values for a lesson's leaves, those first that show most, then others in their stead.

    None where its own come to no finite number. This takes no TensorFlow.
    """
    return _draws(lesson) if _numbers(lesson) > FEW else _kept_draws(lesson)


def _draws(lesson: Lesson) -> list[Leaves] | None:
    own = {name: np.asarray(lesson.values[name], "float64") for name in lesson.leaves}
    if (told := told_by(lesson, own)) is None:
        return None
    most = _most_sets(lesson)
    count = min(max(MOST_PARTS // len(told), FEWEST_DRAWS), MOST_DRAWS)
    pool = Draws(lesson, own).finite(count if most == MOST_SETS else most + 1)
    ordered: list[Leaves] = []
    while pool and len(ordered) < 2 * most:
        chosen = _chosen(lesson.form, told, [shown for _, shown in pool], most)
        ordered += [pool[at][0] for at in chosen]
        pool = [each for at, each in enumerate(pool) if at not in chosen]
    return ordered


_kept_draws = lru_cache(maxsize=64)(_draws)


def _most_sets(lesson: Lesson) -> int:
    return FEWEST_SETS if _numbers(lesson) > MANY else MOST_SETS


def _run(lesson: Lesson, leaves: Leaves) -> Trace | None:
    try:
        return run(lesson, leaves, "float64")
    except EngineError:
        return None


def _numbers(lesson: Lesson) -> int:
    return sum(map(prod, lesson.shapes.values()))


def _chosen(form: Lesson, own: Told, drawn: Sequence[Told], most: int) -> tuple[int, ...]:
    """Which draws together show most.

    That is in how many parts anything has had both signs, in how much of each, and how much of it
    was not 0.
    """
    sizes = np.array([each.size for each in own])
    starts = np.cumsum(sizes) - sizes
    sets = np.array([np.concatenate(each) for each in (own, *drawn)])
    pairs = np.array(of_one_shape(form), "int64").reshape(-1, 2)
    pairs = pairs[sizes[pairs[:, 0]] == sizes[pairs[:, 1]]]  # all, where the formulas are right
    beside = sizes[pairs[:, 0]]
    within = np.arange(beside.sum()) - np.repeat(np.cumsum(beside) - beside, beside)
    quantity, gradient = (np.repeat(starts[each], beside) + within for each in pairs.T)
    sets = np.hstack([sets, np.where(sets[:, gradient] != 0, sets[:, quantity], 0)])
    sizes = np.array([*sizes, *beside])
    starts, weights = np.cumsum(sizes) - sizes, np.repeat(1 / sizes, sizes)
    faint = FAINT * np.repeat(np.maximum.reduceat(np.abs(sets[0]), starts), sizes)
    positive, negative = sets > faint, sets < -faint

    def shown(beside: Sequence[int]) -> Array:
        """What each draw shows together with those beside it, and with the lesson itself."""
        together = [0, *(1 + draw for draw in beside)]
        above, below = (each[1:] | each[together].any(axis=0) for each in (positive, negative))
        turned = above & below
        parts = np.logical_or.reduceat(turned, starts, axis=1).sum(axis=1)
        return np.asarray(2 * parts + turned @ weights + (above | below) @ weights)

    chosen: list[int] = []
    most = min(most, len(drawn))
    best, since = 0.0, 0
    while since < most:  # the first ones one by one, then each exchanged as long as that gains
        others = chosen if len(chosen) < most else chosen[1:]
        each = shown(others)
        each[others] = -1.0
        gained = len(chosen) < most or each.max() > best
        best, since = max(best, float(each.max())), 0 if gained else since + 1
        chosen = [*others, int(each.argmax()) if gained else chosen[0]]
    return tuple(sorted(chosen))
