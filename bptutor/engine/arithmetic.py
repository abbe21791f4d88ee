"""Formulas worked out on numbers that come from elsewhere than a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.runtime import tensorflow
from bptutor.language.evaluate import evaluate
from bptutor.language.tree import Expression
from bptutor.lesson.lesson import Dtype


def work_out(
    expression: Expression, numbers: Mapping[str, NDArray[Any]], dtype: Dtype = "float64"
) -> NDArray[Any]:
    """The value of a formula, given an array for each of its names.

    Raises:
        ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
    """
    tf = tensorflow()
    tensors = {name: tf.constant(array, dtype) for name, array in numbers.items()}
    return np.asarray(evaluate(expression, tensors, tf, dtype).numpy())
