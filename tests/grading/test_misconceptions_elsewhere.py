"""Known mistakes in other settings: batches, paths, gates, attention, normalisation, penalties.

The right numbers are TensorFlow's; the wrong ones are worked out of them in NumPy, by the formula
that describes the mistake.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.grading.asking import answers


class Numbers:
    """The quantities of a lesson by their names, as TensorFlow computes them."""

    def __init__(self, lesson: str) -> None:
        self._facts = answers(lesson).facts

    def __getattr__(self, name: str) -> Any:
        return np.asarray(self._facts.known(name), "float64")


def worked(lesson: str, step: str, wrong: Callable[[Any], Any], decimals: int) -> str:
    truth = np.asarray(answers(lesson).facts.known(step))
    value = np.broadcast_to(np.asarray(wrong(Numbers(lesson)), "float64"), truth.shape)
    assert not np.allclose(value, truth)
    return str(np.round(value, decimals).tolist())


def rows(x: Any) -> Any:
    return x.sum(axis=1, keepdims=True)


def split_slope(v: Any) -> Any:
    return 1 - np.tanh(v.X @ v.W1 + v.b1) ** 2


def row_scale(v: Any) -> Any:
    return v.X.std(axis=1, keepdims=True)


CASES: dict[str, list[tuple[str, str, Callable[[Any], Any]]]] = {
    "two-hidden-layers": [
        ("dLoss_da1", "first-path-only", lambda v: v.dLoss_dZ2[:, :1] @ v.W2[:, :1].T),
        ("dLoss_da1", "last-path-only", lambda v: v.dLoss_dZ2[:, -1:] @ v.W2[:, -1:].T),
        ("dLoss_da1", "paths-averaged", lambda v: v.dLoss_da1 / 3),
        ("dLoss_dZ1", "factors-added", lambda v: v.dLoss_da1 + (v.Z1 > 0)),
        ("dLoss_dW2", "factors-added", lambda v: v.a1.T + v.dLoss_dZ2),
        ("Z2", "preactivation-for-activation", lambda v: v.Z1 @ v.W2 + v.b2),
        ("dLoss_dW1", "weight-for-input", lambda v: v.W1 * v.dLoss_dZ1),
        ("dLoss_da1", "activation-for-weight", lambda v: v.a1 * rows(v.dLoss_dZ2)),
    ],
    "batch_dead_unit": [
        ("dloss_dA", "first-path-only", lambda v: v.dloss_dY[:, :1] @ v.V[:, :1].T),
        ("dloss_dA", "last-path-only", lambda v: v.dloss_dY[:, 1:] @ v.V[:, 1:].T),
        (
            "dloss_dA",
            "paths-multiplied",
            lambda v: (v.dloss_dY[:, :1] * v.V[:, 0]) * (v.dloss_dY[:, 1:] * v.V[:, 1]),
        ),
        ("dloss_dW", "factors-added", lambda v: (v.X[:, :, None] + v.dloss_dZ[:, None, :]).sum(0)),
        ("dloss_dW", "weight-for-input", lambda v: v.W * v.dloss_dZ.sum(0)),
        ("dloss_dA", "activation-for-weight", lambda v: v.A * rows(v.dloss_dY)),
        ("Z", "bias-missing", lambda v: v.X @ v.W),
        ("A", "activation-missing", lambda v: v.Z),
        ("loss", "mean-missing", lambda v: ((v.Y - v.T) ** 2).sum()),
        ("dloss_dE", "batch-mean-dropped", lambda v: 2 * (v.Y - v.T)),
        ("dloss_dE", "batch-mean-twice", lambda v: v.dloss_dY / 8),
        ("dloss_dE", "error-absolute", lambda v: abs(v.dloss_dY)),
        ("dloss_dY", "error-reversed", lambda v: -v.dloss_dY),
        ("dloss_dV", "preactivation-for-activation", lambda v: v.Z.T @ v.dloss_dY),
        ("dloss_dV", "last-sample-only", lambda v: np.outer(v.A[-1], v.dloss_dY[-1])),
        ("dloss_dV", "first-sample-only", lambda v: np.outer(v.A[0], v.dloss_dY[0])),
        ("dloss_dV", "mean-input", lambda v: np.outer(v.A.mean(0), v.dloss_dY.sum(0))),
        ("dloss_dc", "bias-averaged", lambda v: v.dloss_dY.mean(0)),
        ("dloss_dc", "bias-unsummed", lambda v: v.dloss_dY[2]),
        ("dloss_dc", "bias-one", lambda v: np.ones(2)),
        ("dloss_dA", "weights-omitted", lambda v: v.dloss_dY @ np.ones((2, 3))),
        ("dloss_dA", "weights-absolute", lambda v: v.dloss_dY @ abs(v.V.T)),
        ("dloss_dA", "updated-weight", lambda v: v.dloss_dY @ (v.V - 0.1 * v.A.T @ v.dloss_dY).T),
        ("dloss_dZ", "relu-mask-missing", lambda v: v.dloss_dA),
        ("dloss_dZ", "mask-from-gradient", lambda v: v.dloss_dA * (v.dloss_dA > 0)),
        ("dloss_dZ", "mask-inverted", lambda v: v.dloss_dA * (v.Z <= 0)),
        ("dloss_dZ", "preactivation-for-slope", lambda v: v.dloss_dA * v.Z),
        ("dloss_dW", "input-missing", lambda v: np.ones((2, 4)) @ v.dloss_dZ),
        ("dloss_dW", "upstream-missing", lambda v: v.X.T @ np.ones((4, 3))),
        ("V_new", "learning-rate-missing", lambda v: v.V - v.A.T @ v.dloss_dY),
        ("V_new", "update-doubled", lambda v: v.V - 0.2 * v.A.T @ v.dloss_dY),
        ("V_new", "step-for-weight", lambda v: -0.1 * v.A.T @ v.dloss_dY),
        ("c_new", "learning-rate-divides", lambda v: v.c - v.dloss_dY.sum(0) / 0.1),
    ],
    "attention": [
        ("dL_dQ", "first-path-only", lambda v: v.dL_dS[:, :1] @ v.K[:1] / np.sqrt(2)),
        ("dL_dK", "last-path-only", lambda v: v.dL_dS[1:].T @ v.Q[1:] / np.sqrt(2)),
        ("dL_dX", "shared-use-dropped", lambda v: v.dL_dQ @ v.Wq.T + v.dL_dK @ v.Wk.T),
        ("O", "preactivation-for-activation", lambda v: v.S @ v.V),
        ("dL_dS", "softmax-diagonal-only", lambda v: v.dL_dA * v.A * (1 - v.A)),
        ("dL_dK", "transpose-missing", lambda v: v.dL_dS @ v.Q / np.sqrt(2)),
        ("dL_dQ", "transpose-missing", lambda v: v.dL_dS @ v.K.T / np.sqrt(2)),
        ("dL_dV", "transpose-missing", lambda v: v.A @ v.dL_dO),
        ("dL_dV", "preactivation-for-activation", lambda v: v.S.T @ v.dL_dO),
        ("dL_dQ", "coefficient-missing", lambda v: v.dL_dS @ v.K),
        ("S", "coefficient-missing", lambda v: v.Q @ v.K.T),
    ],
    "split_loss": [
        (
            "dL_db1",
            "first-path-only",
            lambda v: (v.dL_dY[:, :1] @ v.W2[:, :1].T * split_slope(v)).sum(0),
        ),
        ("Y", "activation-missing", lambda v: (v.X @ v.W1 + v.b1) @ v.W2 + v.b2),
        ("dL_dW1", "weights-omitted", lambda v: v.X.T @ (rows(v.dL_dY) * split_slope(v))),
        ("dL_dW1", "weights-absolute", lambda v: v.X.T @ (v.dL_dY @ abs(v.W2).T * split_slope(v))),
        ("dL_dW1", "updated-weight", lambda v: v.X.T @ (v.dL_dY @ v.W2_new.T * split_slope(v))),
        ("dL_dW1", "activation-slope-missing", lambda v: v.X.T @ (v.dL_dY @ v.W2.T)),
        ("dL_dS", "batch-mean-dropped", lambda v: 0.5),
    ],
    "sigmoid-network": [
        ("dL_dZ1", "factors-added", lambda v: v.dL_da1 + v.a1 * (1 - v.a1)),
        ("Z2", "preactivation-for-activation", lambda v: v.Z1 @ v.W2 + v.b2),
    ],
    "rnn": [
        ("dL_dz3", "factors-added", lambda v: v.dL_dh3 + 1 - v.h3**2),
        ("dL_dw", "factors-added", lambda v: v.x1 + v.dL_dz1 + v.x2 + v.dL_dz2 + v.x3 + v.dL_dz3),
        ("z2", "preactivation-for-activation", lambda v: v.w * v.x2 + v.u * v.z1),
        ("dL_du", "input-missing", lambda v: v.dL_dz3 + v.dL_dz2),
        ("dL_du", "weight-for-input", lambda v: (v.dL_dz3 + v.dL_dz2) * v.u),
        ("dL_du", "output-for-input", lambda v: v.dL_dz3 * v.h3 + v.dL_dz2 * v.h2),
        ("dL_du", "upstream-missing", lambda v: v.h2 + v.h1),
        ("dL_du", "preactivation-for-activation", lambda v: v.dL_dz3 * v.z2 + v.dL_dz2 * v.z1),
        ("dL_dw", "shared-use-dropped", lambda v: v.dL_dz2 * v.x2 + v.dL_dz3 * v.x3),
    ],
    "circuit": [
        ("df_dz", "factors-added", lambda v: v.df_dr + v.x),
        ("df_dx", "weights-omitted", lambda v: v.df_dq + v.df_dr),
        ("df_dx", "weights-absolute", lambda v: v.df_dq + v.df_dr * abs(v.z)),
        ("df_dq", "factors-added", lambda v: 1 + v.r),
        ("df_dx", "factors-added", lambda v: v.df_dq + v.df_dr + v.z),
        ("df_dx", "upstream-missing", lambda v: 1 + v.z),
    ],
    "two_layer_sigmoid": [
        ("net_o", "preactivation-for-activation", lambda v: v.net_h @ v.V + v.b2),
        ("net_h", "bias-missing", lambda v: v.x @ v.W),
    ],
    "leaf_bias": [
        ("h", "bias-missing", lambda v: np.maximum(v.X @ v.W, 0)),
        ("z", "bias-missing", lambda v: v.h @ v.V),
        ("dL_dc", "bias-zero", lambda v: 0 * v.c),
        ("dL_dc", "bias-one", lambda v: 1 + 0 * v.c),
        ("dL_dc", "bias-averaged", lambda v: v.dL_dz.mean(0)),
        ("dL_dc", "bias-times-input", lambda v: (v.dL_dz * v.h).sum(0)),
        ("dL_dc", "sum-wrong-axis", lambda v: v.dL_dz.sum(1)),
        ("dL_dc", "last-sample-only", lambda v: v.dL_dz[-1]),
    ],
    "square_layers": [
        ("dL_dW", "weight-for-input", lambda v: v.W.T @ v.dL_dZ),
        ("dL_dA", "activation-for-weight", lambda v: v.dL_dY @ v.A.T),
        ("dL_dY", "loss-factor-added", lambda v: 2 * (v.Y - v.T)),
        ("dL_dA", "elementwise-for-matmul", lambda v: v.dL_dY * v.V.T),
        ("dL_dA", "elementwise-for-matmul", lambda v: v.dL_dY * v.V),
        ("dL_dW", "elementwise-for-matmul", lambda v: v.X * v.dL_dZ),
        ("dL_dW", "transpose-missing", lambda v: v.X @ v.dL_dZ),
        ("dL_dA", "local-sum-as-jacobian", lambda v: v.dL_dY * v.V.sum(axis=1)),
    ],
    "softmax_by_hand": [
        ("dL_dE", "softmax-diagonal-only", lambda v: v.dL_dP / v.s * (1 - v.P)),
        ("dL_dZ", "activation-slope-missing", lambda v: v.dL_dE),
        ("dL_dZ", "preactivation-for-slope", lambda v: v.dL_dE * v.Z),
    ],
    "weight-decay": [
        ("dL_dW", "shared-use-dropped", lambda v: v.X.T @ v.dL_dz),
        ("dL_dW", "loss-factor-dropped", lambda v: v.X.T @ v.dL_dz + v.c * v.W),
        ("dL_dW", "weights-absolute", lambda v: v.X.T @ v.dL_dz + 2 * v.c * abs(v.W)),
        ("dL_dW", "coefficient-missing", lambda v: v.X.T @ v.dL_dz + 2 * v.W),
        ("dL_dW", "sign-slip", lambda v: v.X.T @ v.dL_dz - 2 * v.c * v.W),
    ],
    "penalties": [
        ("dL_dW", "loss-factor-dropped", lambda v: v.X.T @ v.dL_dZ + 0.05 * v.W),
        ("dL_dW", "coefficient-missing", lambda v: v.X.T @ v.dL_dZ + 2 * v.W),
        ("dL_dW", "weights-absolute", lambda v: v.X.T @ v.dL_dZ + 0.1 * abs(v.W)),
        ("dL_dV", "shared-use-dropped", lambda v: v.A.T @ v.dL_dY),
        ("dL_dV", "coefficient-missing", lambda v: v.A.T @ v.dL_dY + np.sign(v.V)),
        ("dL_dV", "weights-absolute", lambda v: v.A.T @ v.dL_dY + v.k),
        ("dL_dV", "value-for-derivative", lambda v: v.A.T @ v.dL_dY + v.k * v.V),
        ("R", "coefficient-missing", lambda v: abs(v.V).sum()),
    ],
    "half_penalty": [
        ("dL_dw", "loss-factor-added", lambda v: v.dL_dw + v.c * v.w),
        ("dL_dz", "loss-factor-added", lambda v: 2 * v.dL_dz),
        ("dL_dz", "batch-mean-dropped", lambda v: v.z - v.t),
        ("dL_dw", "coefficient-missing", lambda v: v.X.T @ v.dL_dz + v.w),
        ("dL_dw", "shared-use-dropped", lambda v: v.X.T @ v.dL_dz),
    ],
    "weight_twice": [
        ("dL_dW", "loss-factor-dropped", lambda v: v.dL_dW - 0.05 * v.W),
        ("dL_dW", "shared-use-dropped", lambda v: v.dL_dW - 0.1 * v.W),
    ],
    "logistic_regression": [("dL_dp", "target-for-gradient", lambda v: -v.y)],
    "binary-cross-entropy": [
        ("dL_dz", "crossentropy-without-jacobian", lambda v: -v.t / v.p / 2),
        ("dL_dz", "slope-of-error", lambda v: (v.p - v.t) * (1 - v.p + v.t)),
    ],
    "softplus": [
        ("dL_dz", "batch-mean-dropped", lambda v: 1 / (1 + np.exp(-v.z)) - v.t),
        ("dL_dz", "error-reversed", lambda v: (v.t - 1 / (1 + np.exp(-v.z))) / 3),
    ],
    "margins": [
        ("dL_dM", "batch-mean-dropped", lambda v: 1 / (1 + np.exp(-v.M))),
        ("dL_dS", "batch-mean-dropped", lambda v: -v.t / (1 + np.exp(-v.M))),
        ("dL_dS", "loss-for-gradient", lambda v: v.P),
        ("dL_dM", "loss-for-gradient", lambda v: v.P),
    ],
    "batch-normalisation": [
        ("dL_dx", "last-path-only", lambda v: v.dL_dd),
        ("dL_dx", "last-path-only", lambda v: v.dL_dx_hat / v.s),
        ("dL_dd", "last-path-only", lambda v: v.dL_dx_hat / v.s),
        ("dL_dx", "last-path-only", lambda v: (v.dL_dx_hat - v.dL_dx_hat.mean()) / v.s),
        ("dL_dd", "loss-factor-dropped", lambda v: v.dL_dx_hat / v.s + v.dL_dv * v.d / 4),
        ("dL_dd", "batch-mean-dropped", lambda v: v.dL_dx_hat / v.s + v.dL_dv * 2 * v.d),
        ("dL_dx", "batch-mean-dropped", lambda v: v.dL_dd + v.dL_dm),
        ("dL_dv", "coefficient-missing", lambda v: v.dL_ds / v.s),
        ("dL_dv", "activation-slope-missing", lambda v: v.dL_ds),
        ("dL_dv", "factors-added", lambda v: v.dL_ds + 1 / (2 * v.s)),
        ("dL_dgamma", "last-sample-only", lambda v: (v.dL_dy * v.x_hat)[-1]),
        ("dL_dbeta", "bias-averaged", lambda v: v.dL_dy.mean()),
        ("dL_dbeta", "bias-unsummed", lambda v: v.dL_dy[1]),
        ("dL_dm", "last-path-only", lambda v: -v.dL_dd[-1]),
        ("dL_dm", "paths-averaged", lambda v: -v.dL_dd.mean()),
    ],
    "batch_norm": [
        ("dL_dX", "last-path-only", lambda v: v.dL_dN * v.inv),
        ("dL_dX", "last-path-only", lambda v: v.dL_dN * v.inv - (v.dL_dN * v.inv).mean(0)),
        ("dL_dmu", "first-path-only", lambda v: -v.dL_dD[0]),
        ("dL_dinv", "last-path-only", lambda v: (v.dL_dN * v.D)[-1]),
    ],
    "layer_norm": [
        ("dL_dX", "first-path-only", lambda v: v.dL_dN / row_scale(v)),
        (
            "dL_dX",
            "shared-use-dropped",
            lambda v: (v.dL_dN - v.dL_dN.mean(1, keepdims=True)) / row_scale(v),
        ),
        (
            "dL_dX",
            "shared-use-dropped",
            lambda v: v.dL_dX + (v.dL_dN / row_scale(v)).mean(1, keepdims=True),
        ),
    ],
    "gates": [
        ("dL_dG", "first-path-only", lambda v: v.dL_dH * v.C),
        ("dL_dG", "last-path-only", lambda v: -v.dL_dH * v.X),
        ("dL_dU", "activation-for-slope", lambda v: v.dL_dG * v.G),
        ("dL_dU", "slope-half", lambda v: v.dL_dG * (1 - v.G)),
        ("dL_dQ", "activation-slope-missing", lambda v: v.dL_dH * v.G),
        ("dL_dC", "weights-omitted", lambda v: v.dL_dH),
        ("dL_dC", "activation-for-weight", lambda v: v.dL_dH * v.C),
        ("dL_dU", "slope-half", lambda v: v.dL_dG * (1 - v.G**2)),
        ("dL_dG", "upstream-missing", lambda v: v.C - v.X),
        ("dL_dC", "preactivation-for-activation", lambda v: v.dL_dH * v.U),
        ("dL_dX", "shared-use-dropped", lambda v: v.dL_dU @ v.Wg.T + v.dL_dQ @ v.Wc.T),
    ],
    "swish": [
        ("dL_dx", "first-path-only", lambda v: v.dL_dz * v.w),
        ("dL_dx", "last-path-only", lambda v: v.dL_dx - v.dL_dz * v.w),
    ],
    "scalar_circuit": [("df_dy", "activation-slope-missing", lambda v: v.df_dq - 0.1)],
    "dots": [
        ("dL_dw", "input-missing", lambda v: v.dL_dz),
        ("dL_dx", "weights-omitted", lambda v: v.dL_dz),
        ("dL_dw", "inner-product", lambda v: (v.dL_dz * v.x).sum()),
    ],
    "softmax_cross_entropy": [
        ("dJ_dlogP", "batch-mean-dropped", lambda v: -v.T),
        ("dJ_dZ", "batch-mean-dropped", lambda v: np.exp(v.logP) - v.T),
        ("dJ_dZ", "error-reversed", lambda v: -v.dJ_dZ),
        ("dJ_dZ", "output-slope-added", lambda v: v.dJ_dZ * np.exp(v.logP) * (1 - np.exp(v.logP))),
        ("dJ_dZ", "output-slope-skipped", lambda v: -v.T / 4),
        ("dJ_dZ", "softmax-diagonal-only", lambda v: -v.T / 4 * (1 - np.exp(v.logP))),
        ("dJ_dZ", "crossentropy-without-jacobian", lambda v: -v.T / np.exp(v.logP) / 4),
        ("logP", "log-base", lambda v: v.logP / np.log(2)),
    ],
}
BATCHES = ("batch_dead_unit", "softmax_cross_entropy")
"""Of these to six decimals, too: as a learner types them."""


@pytest.mark.parametrize(
    ("lesson", "step", "id_", "wrong"), [(name, *case) for name in CASES for case in CASES[name]]
)
def test_a_known_mistake_is_named(
    lesson: str, step: str, id_: str, wrong: Callable[[Any], Any]
) -> None:
    for decimals in (12, 6) if lesson in BATCHES else (12,):
        checked = answers(lesson).check(step, value=worked(lesson, step, wrong, decimals))
        assert not checked.correct
        assert id_ in checked.misconceptions[:2], checked
