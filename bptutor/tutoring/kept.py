"""Arrays as they are kept in a sitting."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bptutor.record.sittings import Numbers
from bptutor.tutoring.facts import Array


def numbers(array: Array) -> Numbers:
    """An array as it is kept."""
    return Numbers(list(array.shape), [float(value) for value in array.reshape(-1)])


def array(kept: Numbers) -> Array:
    """A kept array, in float64."""
    return np.asarray(kept.values).reshape(kept.shape)


def arrays(kept: Mapping[str, Numbers]) -> dict[str, Array]:
    """Kept arrays by their names."""
    return {name: array(each) for name, each in kept.items()}
