"""Known mistakes in other settings: paths, gates, attention, normalisation, penalties.

The right numbers are TensorFlow's; the wrong ones are worked out of them in NumPy, by the formula
that describes the mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptutor.course.answers import Answers
from bptutor.lesson.find import available
from bptutor.lesson.load import load

DATA = Path(__file__).parents[1] / "data"


@cache
def answers(name: str) -> Answers:
    shipped = name in available()
    found = [DATA / folder / f"{name}.toml" for folder in ("settings", "lessons")]
    return Answers(load(name if shipped else str(next(filter(Path.exists, found)))))


class Numbers:
    """The quantities of a lesson by their names, as TensorFlow computes them."""

    def __init__(self, lesson: str) -> None:
        self._facts = answers(lesson).facts

    def __getattr__(self, name: str) -> Any:
        return np.asarray(self._facts.known(name), "float64")


def worked(lesson: str, step: str, wrong: Callable[[Any], Any]) -> str:
    truth = np.asarray(answers(lesson).facts.known(step))
    value = np.broadcast_to(np.asarray(wrong(Numbers(lesson)), "float64"), truth.shape)
    assert not np.allclose(value, truth)
    return str(np.round(value, 12).tolist())


def rows(x: Any) -> Any:
    return x.sum(axis=1, keepdims=True)


def split_slope(v: Any) -> Any:
    return 1 - np.tanh(v.X @ v.W1 + v.b1) ** 2


def row_scale(v: Any) -> Any:
    return v.X.std(axis=1, keepdims=True)


ONE_UNIT = [
    (
        "two-hidden-layers",
        "dLoss_da1",
        "first-path-only",
        lambda v: v.dLoss_dZ2[:, :1] @ v.W2[:, :1].T,
    ),
    (
        "two-hidden-layers",
        "dLoss_da1",
        "last-path-only",
        lambda v: v.dLoss_dZ2[:, -1:] @ v.W2[:, -1:].T,
    ),
    ("batch_dead_unit", "dloss_dA", "first-path-only", lambda v: v.dloss_dY[:, :1] @ v.V[:, :1].T),
    ("batch_dead_unit", "dloss_dA", "last-path-only", lambda v: v.dloss_dY[:, 1:] @ v.V[:, 1:].T),
    ("two-hidden-layers", "dLoss_da1", "paths-averaged", lambda v: v.dLoss_da1 / 3),
    (
        "batch_dead_unit",
        "dloss_dA",
        "paths-multiplied",
        lambda v: (v.dloss_dY[:, :1] * v.V[:, 0]) * (v.dloss_dY[:, 1:] * v.V[:, 1]),
    ),
    ("attention", "dL_dQ", "first-path-only", lambda v: v.dL_dS[:, :1] @ v.K[:1] / np.sqrt(2)),
    ("attention", "dL_dK", "last-path-only", lambda v: v.dL_dS[1:].T @ v.Q[1:] / np.sqrt(2)),
    (
        "attention",
        "dL_dX",
        "shared-use-dropped",
        lambda v: v.dL_dQ @ v.Wq.T + v.dL_dK @ v.Wk.T,
    ),
    (
        "split_loss",
        "dL_db1",
        "first-path-only",
        lambda v: (v.dL_dY[:, :1] @ v.W2[:, :1].T * (1 - np.tanh(v.X @ v.W1 + v.b1) ** 2)).sum(0),
    ),
]

FACTORS = [
    ("sigmoid-network", "dL_dZ1", "factors-added", lambda v: v.dL_da1 + v.a1 * (1 - v.a1)),
    ("rnn", "dL_dz3", "factors-added", lambda v: v.dL_dh3 + 1 - v.h3**2),
    ("two-hidden-layers", "dLoss_dZ1", "factors-added", lambda v: v.dLoss_da1 + (v.Z1 > 0)),
    ("two-hidden-layers", "dLoss_dW2", "factors-added", lambda v: v.a1.T + v.dLoss_dZ2),
    (
        "batch_dead_unit",
        "dloss_dW",
        "factors-added",
        lambda v: (v.X[:, :, None] + v.dloss_dZ[:, None, :]).sum(0),
    ),
    (
        "rnn",
        "dL_dw",
        "factors-added",
        lambda v: v.x1 + v.dL_dz1 + v.x2 + v.dL_dz2 + v.x3 + v.dL_dz3,
    ),
    ("circuit", "df_dz", "factors-added", lambda v: v.df_dr + v.x),
]

FORWARD = [
    ("two-hidden-layers", "Z2", "preactivation-for-activation", lambda v: v.Z1 @ v.W2 + v.b2),
    ("sigmoid-network", "Z2", "preactivation-for-activation", lambda v: v.Z1 @ v.W2 + v.b2),
    ("rnn", "z2", "preactivation-for-activation", lambda v: v.w * v.x2 + v.u * v.z1),
    ("split_loss", "Y", "activation-missing", lambda v: (v.X @ v.W1 + v.b1) @ v.W2 + v.b2),
    ("two_layer_sigmoid", "net_o", "preactivation-for-activation", lambda v: v.net_h @ v.V + v.b2),
    ("attention", "O", "preactivation-for-activation", lambda v: v.S @ v.V),
    ("two_layer_sigmoid", "net_h", "bias-missing", lambda v: v.x @ v.W),
    ("leaf_bias", "h", "bias-missing", lambda v: np.maximum(v.X @ v.W, 0)),
    ("leaf_bias", "z", "bias-missing", lambda v: v.h @ v.V),
    ("leaf_bias", "dL_dc", "bias-zero", lambda v: 0 * v.c),
    ("leaf_bias", "dL_dc", "bias-one", lambda v: 1 + 0 * v.c),
    ("leaf_bias", "dL_dc", "bias-averaged", lambda v: v.dL_dz.mean(0)),
    ("leaf_bias", "dL_dc", "bias-times-input", lambda v: (v.dL_dz * v.h).sum(0)),
    ("leaf_bias", "dL_dc", "sum-wrong-axis", lambda v: v.dL_dz.sum(1)),
    ("leaf_bias", "dL_dc", "last-sample-only", lambda v: v.dL_dz[-1]),
]

WEIGHTS = [
    ("two-hidden-layers", "dLoss_dW1", "weight-for-input", lambda v: v.W1 * v.dLoss_dZ1),
    ("batch_dead_unit", "dloss_dW", "weight-for-input", lambda v: v.W * v.dloss_dZ.sum(0)),
    ("square_layers", "dL_dW", "weight-for-input", lambda v: v.W.T @ v.dL_dZ),
    ("square_layers", "dL_dA", "activation-for-weight", lambda v: v.dL_dY @ v.A.T),
    ("two-hidden-layers", "dLoss_da1", "activation-for-weight", lambda v: v.a1 * rows(v.dLoss_dZ2)),
    ("batch_dead_unit", "dloss_dA", "activation-for-weight", lambda v: v.A * rows(v.dloss_dY)),
    ("square_layers", "dL_dY", "loss-factor-added", lambda v: 2 * (v.Y - v.T)),
]

SOFTMAX = [
    ("attention", "dL_dS", "softmax-diagonal-only", lambda v: v.dL_dA * v.A * (1 - v.A)),
    ("softmax_by_hand", "dL_dE", "softmax-diagonal-only", lambda v: v.dL_dP / v.s * (1 - v.P)),
]

INSIDE_A_LINE = [
    (
        "split_loss",
        "dL_dW1",
        "weights-omitted",
        lambda v: v.X.T @ (rows(v.dL_dY) * split_slope(v)),
    ),
    (
        "split_loss",
        "dL_dW1",
        "weights-absolute",
        lambda v: v.X.T @ (v.dL_dY @ abs(v.W2).T * split_slope(v)),
    ),
    (
        "split_loss",
        "dL_dW1",
        "updated-weight",
        lambda v: v.X.T @ (v.dL_dY @ v.W2_new.T * split_slope(v)),
    ),
    (
        "split_loss",
        "dL_dW1",
        "activation-slope-missing",
        lambda v: v.X.T @ (v.dL_dY @ v.W2.T),
    ),
    ("split_loss", "dL_dS", "batch-mean-dropped", lambda v: 0.5),
]

PENALTIES = [
    ("weight-decay", "dL_dW", "shared-use-dropped", lambda v: v.X.T @ v.dL_dz),
    ("weight-decay", "dL_dW", "loss-factor-dropped", lambda v: v.X.T @ v.dL_dz + v.c * v.W),
    ("weight-decay", "dL_dW", "weights-absolute", lambda v: v.X.T @ v.dL_dz + 2 * v.c * abs(v.W)),
    ("weight-decay", "dL_dW", "coefficient-missing", lambda v: v.X.T @ v.dL_dz + 2 * v.W),
    ("weight-decay", "dL_dW", "sign-slip", lambda v: v.X.T @ v.dL_dz - 2 * v.c * v.W),
    ("penalties", "dL_dW", "loss-factor-dropped", lambda v: v.X.T @ v.dL_dZ + 0.05 * v.W),
    ("half_penalty", "dL_dw", "loss-factor-added", lambda v: v.dL_dw + v.c * v.w),
    ("half_penalty", "dL_dz", "loss-factor-added", lambda v: 2 * v.dL_dz),
    ("half_penalty", "dL_dz", "batch-mean-dropped", lambda v: v.z - v.t),
    ("half_penalty", "dL_dw", "coefficient-missing", lambda v: v.X.T @ v.dL_dz + v.w),
    ("half_penalty", "dL_dw", "shared-use-dropped", lambda v: v.X.T @ v.dL_dz),
    ("penalties", "dL_dW", "coefficient-missing", lambda v: v.X.T @ v.dL_dZ + 2 * v.W),
    ("penalties", "dL_dW", "weights-absolute", lambda v: v.X.T @ v.dL_dZ + 0.1 * abs(v.W)),
    ("penalties", "dL_dV", "shared-use-dropped", lambda v: v.A.T @ v.dL_dY),
    ("penalties", "dL_dV", "coefficient-missing", lambda v: v.A.T @ v.dL_dY + np.sign(v.V)),
    ("penalties", "dL_dV", "weights-absolute", lambda v: v.A.T @ v.dL_dY + v.k),
    ("penalties", "dL_dV", "value-for-derivative", lambda v: v.A.T @ v.dL_dY + v.k * v.V),
    ("penalties", "R", "coefficient-missing", lambda v: abs(v.V).sum()),
    ("weight_twice", "dL_dW", "loss-factor-dropped", lambda v: v.dL_dW - 0.05 * v.W),
    ("weight_twice", "dL_dW", "shared-use-dropped", lambda v: v.dL_dW - 0.1 * v.W),
]

LOSSES = [
    (
        "logistic_regression",
        "dL_dp",
        "target-for-gradient",
        lambda v: -v.y,
    ),
    ("binary-cross-entropy", "dL_dz", "crossentropy-without-jacobian", lambda v: -v.t / v.p / 2),
    ("binary-cross-entropy", "dL_dz", "slope-of-error", lambda v: (v.p - v.t) * (1 - v.p + v.t)),
    ("softplus", "dL_dz", "batch-mean-dropped", lambda v: 1 / (1 + np.exp(-v.z)) - v.t),
    ("softplus", "dL_dz", "error-reversed", lambda v: (v.t - 1 / (1 + np.exp(-v.z))) / 3),
    ("margins", "dL_dM", "batch-mean-dropped", lambda v: 1 / (1 + np.exp(-v.M))),
    ("margins", "dL_dS", "batch-mean-dropped", lambda v: -v.t / (1 + np.exp(-v.M))),
    ("margins", "dL_dS", "loss-for-gradient", lambda v: v.P),
    ("margins", "dL_dM", "loss-for-gradient", lambda v: v.P),
]

NORMALISATION = [
    ("batch-normalisation", "dL_dx", "last-path-only", lambda v: v.dL_dd),
    ("batch-normalisation", "dL_dx", "last-path-only", lambda v: v.dL_dx_hat / v.s),
    ("batch-normalisation", "dL_dd", "last-path-only", lambda v: v.dL_dx_hat / v.s),
    (
        "batch-normalisation",
        "dL_dx",
        "last-path-only",
        lambda v: (v.dL_dx_hat - v.dL_dx_hat.mean()) / v.s,
    ),
    ("batch_norm", "dL_dX", "last-path-only", lambda v: v.dL_dN * v.inv),
    (
        "batch_norm",
        "dL_dX",
        "last-path-only",
        lambda v: v.dL_dN * v.inv - (v.dL_dN * v.inv).mean(0),
    ),
    (
        "batch-normalisation",
        "dL_dd",
        "loss-factor-dropped",
        lambda v: v.dL_dx_hat / v.s + v.dL_dv * v.d / 4,
    ),
    (
        "batch-normalisation",
        "dL_dd",
        "batch-mean-dropped",
        lambda v: v.dL_dx_hat / v.s + v.dL_dv * 2 * v.d,
    ),
    ("batch-normalisation", "dL_dx", "batch-mean-dropped", lambda v: v.dL_dd + v.dL_dm),
    ("batch-normalisation", "dL_dv", "coefficient-missing", lambda v: v.dL_ds / v.s),
    ("batch-normalisation", "dL_dv", "activation-slope-missing", lambda v: v.dL_ds),
    ("batch-normalisation", "dL_dv", "factors-added", lambda v: v.dL_ds + 1 / (2 * v.s)),
    ("softmax_by_hand", "dL_dZ", "activation-slope-missing", lambda v: v.dL_dE),
    ("softmax_by_hand", "dL_dZ", "preactivation-for-slope", lambda v: v.dL_dE * v.Z),
    ("layer_norm", "dL_dX", "first-path-only", lambda v: v.dL_dN / row_scale(v)),
    (
        "layer_norm",
        "dL_dX",
        "shared-use-dropped",
        lambda v: (v.dL_dN - v.dL_dN.mean(1, keepdims=True)) / row_scale(v),
    ),
    (
        "layer_norm",
        "dL_dX",
        "shared-use-dropped",
        lambda v: v.dL_dX + (v.dL_dN / row_scale(v)).mean(1, keepdims=True),
    ),
]

GATES = [
    ("gates", "dL_dG", "first-path-only", lambda v: v.dL_dH * v.C),
    ("gates", "dL_dG", "last-path-only", lambda v: -v.dL_dH * v.X),
    ("gates", "dL_dU", "activation-for-slope", lambda v: v.dL_dG * v.G),
    ("gates", "dL_dU", "slope-half", lambda v: v.dL_dG * (1 - v.G)),
    ("gates", "dL_dQ", "activation-slope-missing", lambda v: v.dL_dH * v.G),
    ("gates", "dL_dC", "weights-omitted", lambda v: v.dL_dH),
    ("gates", "dL_dC", "activation-for-weight", lambda v: v.dL_dH * v.C),
    ("gates", "dL_dU", "slope-half", lambda v: v.dL_dG * (1 - v.G**2)),
    ("gates", "dL_dG", "upstream-missing", lambda v: v.C - v.X),
    ("gates", "dL_dC", "preactivation-for-activation", lambda v: v.dL_dH * v.U),
    ("gates", "dL_dX", "shared-use-dropped", lambda v: v.dL_dU @ v.Wg.T + v.dL_dQ @ v.Wc.T),
    ("swish", "dL_dx", "first-path-only", lambda v: v.dL_dz * v.w),
    ("swish", "dL_dx", "last-path-only", lambda v: v.dL_dx - v.dL_dz * v.w),
]

CIRCUITS = [
    ("circuit", "df_dx", "weights-omitted", lambda v: v.df_dq + v.df_dr),
    ("circuit", "df_dx", "weights-absolute", lambda v: v.df_dq + v.df_dr * abs(v.z)),
    ("circuit", "df_dq", "factors-added", lambda v: 1 + v.r),
    ("circuit", "df_dx", "factors-added", lambda v: v.df_dq + v.df_dr + v.z),
    ("circuit", "df_dx", "upstream-missing", lambda v: 1 + v.z),
    ("scalar_circuit", "df_dy", "activation-slope-missing", lambda v: v.df_dq - 0.1),
    ("rnn", "dL_du", "input-missing", lambda v: v.dL_dz3 + v.dL_dz2),
    ("rnn", "dL_du", "weight-for-input", lambda v: (v.dL_dz3 + v.dL_dz2) * v.u),
    ("rnn", "dL_du", "output-for-input", lambda v: v.dL_dz3 * v.h3 + v.dL_dz2 * v.h2),
    ("rnn", "dL_du", "upstream-missing", lambda v: v.h2 + v.h1),
    (
        "rnn",
        "dL_du",
        "preactivation-for-activation",
        lambda v: v.dL_dz3 * v.z2 + v.dL_dz2 * v.z1,
    ),
    ("rnn", "dL_dw", "shared-use-dropped", lambda v: v.dL_dz2 * v.x2 + v.dL_dz3 * v.x3),
]

SQUARE = [
    ("attention", "dL_dK", "transpose-missing", lambda v: v.dL_dS @ v.Q / np.sqrt(2)),
    ("attention", "dL_dQ", "transpose-missing", lambda v: v.dL_dS @ v.K.T / np.sqrt(2)),
    ("attention", "dL_dV", "transpose-missing", lambda v: v.A @ v.dL_dO),
    ("attention", "dL_dV", "preactivation-for-activation", lambda v: v.S.T @ v.dL_dO),
    ("attention", "dL_dQ", "coefficient-missing", lambda v: v.dL_dS @ v.K),
    ("attention", "S", "coefficient-missing", lambda v: v.Q @ v.K.T),
    ("square_layers", "dL_dA", "elementwise-for-matmul", lambda v: v.dL_dY * v.V.T),
    ("square_layers", "dL_dA", "elementwise-for-matmul", lambda v: v.dL_dY * v.V),
    ("square_layers", "dL_dW", "elementwise-for-matmul", lambda v: v.X * v.dL_dZ),
    ("square_layers", "dL_dW", "transpose-missing", lambda v: v.X @ v.dL_dZ),
    ("square_layers", "dL_dA", "local-sum-as-jacobian", lambda v: v.dL_dY * v.V.sum(axis=1)),
]

DOTS = [
    ("dots", "dL_dw", "input-missing", lambda v: v.dL_dz),
    ("dots", "dL_dx", "weights-omitted", lambda v: v.dL_dz),
    ("dots", "dL_dw", "inner-product", lambda v: (v.dL_dz * v.x).sum()),
]

BATCHES_OF_NUMBERS = [
    ("batch-normalisation", "dL_dgamma", "last-sample-only", lambda v: (v.dL_dy * v.x_hat)[-1]),
    ("batch-normalisation", "dL_dbeta", "bias-averaged", lambda v: v.dL_dy.mean()),
    ("batch-normalisation", "dL_dbeta", "bias-unsummed", lambda v: v.dL_dy[1]),
    ("batch-normalisation", "dL_dm", "last-path-only", lambda v: -v.dL_dd[-1]),
    ("batch-normalisation", "dL_dm", "paths-averaged", lambda v: -v.dL_dd.mean()),
    ("batch_norm", "dL_dmu", "first-path-only", lambda v: -v.dL_dD[0]),
    ("batch_norm", "dL_dinv", "last-path-only", lambda v: (v.dL_dN * v.D)[-1]),
]

CASES = [
    *(ONE_UNIT + FACTORS + FORWARD + WEIGHTS + SOFTMAX),
    *(PENALTIES + LOSSES + NORMALISATION + GATES),
    *(CIRCUITS + INSIDE_A_LINE + SQUARE + DOTS + BATCHES_OF_NUMBERS),
]


@pytest.mark.parametrize(("lesson", "step", "id_", "wrong"), CASES)
def test_a_known_mistake_is_named(
    lesson: str, step: str, id_: str, wrong: Callable[[Any], Any]
) -> None:
    checked = answers(lesson).check(step, value=worked(lesson, step, wrong))
    assert not checked.correct
    assert id_ in checked.misconceptions[:2], checked
