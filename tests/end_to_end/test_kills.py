"""A few kills at seeded moments; `python -m tools.kills` is for hundreds of them."""

from pathlib import Path

import pytest

from tests.examples import every
from tools.kills.run import Run
from tools.kills.subject import Exam, Lesson, Quiz, Subject

SPAN = 5.0


@pytest.mark.parametrize(("seed", "count"), [(1, 2), pytest.param(2, 3, marks=pytest.mark.whole)])
@pytest.mark.parametrize("kind", every(3, [Lesson, Quiz, Exam]))
def test_nothing_is_lost_and_nothing_left_over_however_it_ends(
    kind: type[Subject], seed: int, count: int, tmp_path: Path
) -> None:
    run = Run(tmp_path, seed, SPAN, kind)
    wrong = [complaint for _ in range(count) for complaint in run.once()]
    run.end()
    assert not wrong, "\n".join(wrong)
    assert sum(run.ways.values()) == count
