"""Mistakes with more than one example, each worked out in numpy as a learner would."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptutor.course.answers import Answers
from bptutor.lesson.load import load

DATA = Path(__file__).parents[1] / "data" / "lessons"


@cache
def answers(name: str) -> Answers:
    return Answers(load(str(DATA / f"{name}.toml")))


class Network:
    """batch_dead_unit: relu(X W + b) V + c, four examples, the mean of eight squares."""

    name = "batch_dead_unit"

    def __init__(self) -> None:
        values = answers(self.name).lesson.values
        self.X, self.W, self.b, self.V, self.c, self.T = (
            np.asarray(values[name]) for name in ("X", "W", "b", "V", "c", "T")
        )
        self.Z = self.X @ self.W + self.b
        self.A = np.maximum(self.Z, 0)
        self.Y = self.A @ self.V + self.c
        self.dY = 2 * (self.Y - self.T) / 8
        self.dA = self.dY @ self.V.T
        self.dZ = self.dA * (self.Z > 0)


class Classifier:
    """softmax_cross_entropy: four examples, three classes, the mean over the examples."""

    name = "softmax_cross_entropy"

    def __init__(self) -> None:
        values = answers(self.name).lesson.values
        self.X, self.W, self.b = (np.asarray(values[name]) for name in ("X", "W", "b"))
        self.T = np.eye(3)[np.asarray(values["labels"], "int")]
        exponentials = np.exp(self.X @ self.W + self.b)
        self.P = exponentials / exponentials.sum(axis=1, keepdims=True)
        self.dZ = (self.P - self.T) / 4


Worked = Callable[[Any], Any]
CASES: list[tuple[type[Network] | type[Classifier], str, str, Worked]] = [
    (Network, "Z", "bias-missing", lambda n: n.X @ n.W),
    (Network, "A", "activation-missing", lambda n: n.Z),
    (Network, "loss", "mean-missing", lambda n: ((n.Y - n.T) ** 2).sum()),
    (Network, "dloss_dE", "batch-mean-dropped", lambda n: 2 * (n.Y - n.T)),
    (Network, "dloss_dE", "batch-mean-twice", lambda n: n.dY / 8),
    (Network, "dloss_dE", "error-absolute", lambda n: abs(n.dY)),
    (Network, "dloss_dY", "error-reversed", lambda n: -n.dY),
    (Network, "dloss_dV", "preactivation-for-activation", lambda n: n.Z.T @ n.dY),
    (Network, "dloss_dV", "last-sample-only", lambda n: np.outer(n.A[-1], n.dY[-1])),
    (Network, "dloss_dV", "first-sample-only", lambda n: np.outer(n.A[0], n.dY[0])),
    (Network, "dloss_dV", "mean-input", lambda n: np.outer(n.A.mean(0), n.dY.sum(0))),
    (Network, "dloss_dc", "bias-averaged", lambda n: n.dY.mean(0)),
    (Network, "dloss_dc", "bias-unsummed", lambda n: n.dY[2]),
    (Network, "dloss_dc", "bias-one", lambda n: np.ones(2)),
    (Network, "dloss_dA", "weights-omitted", lambda n: n.dY @ np.ones((2, 3))),
    (Network, "dloss_dA", "weights-absolute", lambda n: n.dY @ abs(n.V.T)),
    (Network, "dloss_dA", "updated-weight", lambda n: n.dY @ (n.V - 0.1 * n.A.T @ n.dY).T),
    (Network, "dloss_dZ", "relu-mask-missing", lambda n: n.dA),
    (Network, "dloss_dZ", "mask-from-gradient", lambda n: n.dA * (n.dA > 0)),
    (Network, "dloss_dZ", "mask-inverted", lambda n: n.dA * (n.Z <= 0)),
    (Network, "dloss_dZ", "preactivation-for-slope", lambda n: n.dA * n.Z),
    (Network, "dloss_dW", "input-missing", lambda n: np.ones((2, 4)) @ n.dZ),
    (Network, "dloss_dW", "upstream-missing", lambda n: n.X.T @ np.ones((4, 3))),
    (Network, "V_new", "learning-rate-missing", lambda n: n.V - n.A.T @ n.dY),
    (Network, "V_new", "update-doubled", lambda n: n.V - 0.2 * n.A.T @ n.dY),
    (Network, "V_new", "step-for-weight", lambda n: -0.1 * n.A.T @ n.dY),
    (Network, "c_new", "learning-rate-divides", lambda n: n.c - n.dY.sum(0) / 0.1),
    (Classifier, "dJ_dlogP", "batch-mean-dropped", lambda n: -n.T),
    (Classifier, "dJ_dZ", "batch-mean-dropped", lambda n: n.P - n.T),
    (Classifier, "dJ_dZ", "error-reversed", lambda n: -n.dZ),
    (Classifier, "dJ_dZ", "output-slope-added", lambda n: n.dZ * n.P * (1 - n.P)),
    (Classifier, "dJ_dZ", "output-slope-skipped", lambda n: -n.T / 4),
    (Classifier, "dJ_dZ", "softmax-diagonal-only", lambda n: -n.T / 4 * (1 - n.P)),
    (Classifier, "dJ_dZ", "crossentropy-without-jacobian", lambda n: -n.T / n.P / 4),
    (Classifier, "logP", "log-base", lambda n: np.log2(n.P)),
]


@pytest.mark.parametrize(
    ("network", "step", "id_", "work"), CASES, ids=[f"{case[1]} {case[2]}" for case in CASES]
)
def test_a_mistake_is_named(
    network: type[Network] | type[Classifier], step: str, id_: str, work: Worked
) -> None:
    wrong = np.asarray(work(network()), "float64")
    for decimals in (12, 6):
        typed = str(wrong.round(decimals).tolist())
        checked = answers(network.name).check(step, value=typed)
        assert not checked.correct
        assert id_ in checked.misconceptions[:2], checked
