"""A dozen kills at seeded moments; `python -m tests.kills` is for hundreds of them."""

from pathlib import Path

import pytest

from tests.kills.run import Run


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_nothing_left_over_however_it_ends(seed: int, tmp_path: Path) -> None:
    run = Run(tmp_path, seed, span=5.0)
    wrong = [complaint for _ in range(6) for complaint in run.once()]
    run.end()
    assert not wrong, "\n".join(wrong)
    assert sum(run.ways.values()) == 6
