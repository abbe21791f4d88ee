"""The measuring set's own passes are TensorFlow's; its mistakes are the catalogue's."""

from pathlib import Path

import numpy as np
import pytest

from bptutor.engine.trace import run
from bptutor.lesson.load import load
from tools.outside.__main__ import files
from tools.outside.program import read
from tools.outside.working import Working
from tools.outside.wrong import Wrong


@pytest.mark.parametrize("file", files([]), ids=lambda file: file.stem)
def test_its_right_values_are_tensorflows(file: Path) -> None:
    lesson = load(str(file))
    working, trace = Working(read(file), lesson), run(lesson)
    for step in working.steps:
        np.testing.assert_allclose(
            working.right[step.id], trace.known(step.id), rtol=1e-5, atol=1e-6, err_msg=step.id
        )


def test_mistakes_worked_by_hand() -> None:
    # z = 3 * 0.5 - 0.3 = 1.2, L = (z - 2)², dL_dz = 2 (1.2 - 2) = -1.6, dL_dw = -4.8
    file = next(file for file in files([]) if file.stem == "one-neuron")
    single = Wrong(read(file), load(str(file))).single
    found = {
        (step, each.label): float(each.value) for step, some in single.items() for _, each in some
    }
    assert found["dL_dz", "no 2 from the square"] == pytest.approx(-0.8)
    assert found["dL_dz", "t - y"] == pytest.approx(1.6)
    assert found["dL_dz", "-t"] == -2
    assert found["dL_dw", "weight for the input"] == pytest.approx(-0.8)
    assert found["w_new", "update-sign"] == pytest.approx(0.404)
    assert found["b_new", "learning-rate-missing"] == pytest.approx(1.3)
