"""The lessons of `tests/data/lessons` written in TensorFlow by hand.

Nothing of bptutor is in it but that TensorFlow is imported as there, so that a test's bits do not
hang on which module came first.

A program here is the same assignments in the same order, each as a function of what it reads.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.runtime import tensorflow

Array = NDArray[Any]
Lines = dict[str, Callable[..., Any]]

tf = tensorflow()


@dataclass(frozen=True)
class Program:
    """A network by hand."""

    lines: Lines
    parameters: tuple[str, ...]
    data: frozenset[str]
    """What is not differentiated by."""
    learning_rate: float
    dtype: str

    @property
    def loss(self) -> str:
        """What the last line gives."""
        return [*self.lines][-1]


def inputs(line: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(line).parameters)


LINES: dict[str, Lines] = {
    "scalar_circuit": {
        "q": lambda x, y: x + y,
        "r": lambda q, z: q * z,
        "s": lambda r, x: tf.sigmoid(r) / x,
        "f": lambda q, s, y, r: q * s - tf.exp(y * 0.1) + r,
    },
    "tanh_neuron": {
        "n": lambda x1, w1, x2, w2, b: x1 * w1 + x2 * w2 + b,
        "o": lambda n: tf.tanh(n),
    },
    "two_layer_sigmoid": {
        "net_h": lambda x, W, b1: tf.matmul(x, W) + b1,
        "out_h": lambda net_h: tf.nn.sigmoid(net_h),
        "net_o": lambda out_h, V, b2: tf.matmul(out_h, V) + b2,
        "out_o": lambda net_o: tf.nn.sigmoid(net_o),
        "E": lambda target, out_o: tf.reduce_sum(tf.square(target - out_o)) / 2,
    },
    "batch_dead_unit": {
        "Z": lambda X, W, b: tf.nn.bias_add(tf.matmul(X, W), b),
        "A": lambda Z: tf.nn.relu(Z),
        "Y": lambda A, V, c: tf.nn.bias_add(tf.matmul(A, V), c),
        "E": lambda Y, T: Y - T,
        "loss": lambda E: tf.reduce_mean(tf.square(E)),
    },
    "softmax_cross_entropy": {
        "Z": lambda X, W, b: tf.matmul(X, W) + b,
        "logP": lambda Z: Z - tf.reduce_logsumexp(Z, axis=1, keepdims=True),
        "T": lambda labels: tf.gather(tf.eye(3, dtype=tf.float64), tf.cast(labels, tf.int32)),
        "J": lambda T, logP: tf.reduce_mean(-tf.reduce_sum(T * logP, 1)),
    },
    "soft_targets": {
        "Z": lambda h, U: tf.matmul(h, U),
        "P": lambda Z: tf.exp(Z) / tf.reduce_sum(tf.exp(Z), -1, keepdims=True),
        "C": lambda P_true, P: tf.reduce_sum(P_true * tf.math.log(P)) * -0.5,
    },
    "weight_twice": {
        "h1": lambda x, W, b: tf.tanh(tf.matmul(x, W) + b),
        "h2": lambda h1, W, b: tf.tanh(tf.matmul(h1, W) + b),
        "data": lambda h2, t: tf.reduce_sum(tf.math.squared_difference(h2, t)),
        "L": lambda data, W: data + 0.1 * tf.nn.l2_loss(W),
    },
    "residual": {
        "Z": lambda x, W1, b1: tf.math.log(1 + tf.exp(tf.matmul(x, W1) + b1)),
        "h": lambda x, Z, W2: x + tf.matmul(Z, W2),
        "y": lambda h, w, x: tf.matmul(h, w) + tf.reduce_sum(x, 1, keepdims=True) / 2,
        "L": lambda y, t: tf.reduce_mean(tf.abs(y - t)),
    },
    "batch_norm": {
        "mu": lambda X: tf.reduce_mean(X, 0),
        "D": lambda X, mu: X - mu,
        "var": lambda D: tf.reduce_sum(D * D, 0) / 3,
        "inv": lambda var, eps: tf.math.rsqrt(var + eps),
        "N": lambda D, inv: D * inv,
        "Y": lambda gamma, N, beta: gamma * N + beta,
        "L": lambda Y, G: tf.reduce_sum(tf.nn.leaky_relu(Y, 0.1) * G) / 3,
    },
    "recurrent": {
        "h1": lambda x1, U, h0, W, b: tf.tanh(tf.matmul(x1, U) + tf.matmul(h0, W) + b),
        "h2": lambda x2, U, h1, W, b: tf.tanh(tf.matmul(x2, U) + tf.matmul(h1, W) + b),
        "h3": lambda x3, U, h2, W, b: tf.tanh(tf.matmul(x3, U) + tf.matmul(h2, W) + b),
        "y": lambda h3, V: tf.matmul(h3, V),
        "L": lambda y, target: tf.reduce_mean(tf.math.squared_difference(y, target)),
    },
    "reductions": {
        "rows": lambda X: tf.einsum("ij->i", X)[:, None],
        "share": lambda X, rows: X / rows,
        "columns": lambda share: tf.einsum("ij->j", share) / 2,
        "pages": lambda C, k: tf.einsum("pij,j->i", C, k),
        "low": lambda pages: tf.clip_by_value(pages, -1e9, 2.5),
        "roots": lambda X, share: tf.einsum("ij->i", X**0.5 * share) / 3,
        "L": lambda columns, low, roots: (
            tf.einsum("i,i->", columns, low) + tf.reduce_sum(roots)[None] / 2
        ),
    },
    "attention": {
        "Q": lambda X, Wq: tf.matmul(X, Wq),
        "K": lambda X, Wk: tf.matmul(X, Wk),
        "V": lambda X, Wv: tf.matmul(X, Wv),
        "S": lambda Q, K, d: tf.matmul(Q, K, transpose_b=True) * d**-0.5,
        "A": lambda S: tf.exp(S - tf.reduce_logsumexp(S, 1, keepdims=True)),
        "O": lambda A, V: tf.matmul(A, V),
        "L": lambda O, T: tf.reduce_mean(tf.square(O - T)),  # noqa: E741
    },
    "logistic_regression": {
        "p": lambda X, w, b: 1 / (1 + tf.exp(-(tf.matmul(X, w) + b))),
        "L": lambda y, p: tf.reduce_mean(tf.where(y > 0, -tf.math.log(p), -tf.math.log(1 - p))),
    },
}
PROGRAMS = {
    name: Program(LINES[name], tuple(parameters.split()), frozenset(data.split()), rate, dtype)
    for name, parameters, data, rate, dtype in [
        ("scalar_circuit", "", "", 0.001, "float64"),
        ("tanh_neuron", "w1 w2 b", "", 0.05, "float64"),
        ("two_layer_sigmoid", "W V", "b1 b2 target x", 0.5, "float64"),
        ("batch_dead_unit", "W b V c", "T X", 0.1, "float32"),
        ("softmax_cross_entropy", "W b", "T X labels", 0.2, "float64"),
        ("soft_targets", "U", "P_true", 0.3, "float64"),
        ("weight_twice", "W b", "t", 0.1, "float64"),
        ("residual", "W1 b1 W2 w", "t", 0.02, "float64"),
        ("batch_norm", "gamma beta", "G eps", 0.05, "float64"),
        ("recurrent", "U W b V", "h0 target x1 x2 x3", 0.1, "float32"),
        ("reductions", "k", "", 0.01, "float64"),
        ("attention", "Wq Wk Wv", "T X d", 0.1, "float64"),
        ("logistic_regression", "w b", "X y", 0.5, "float32"),
    ]
}
"""Their parameters, what is not differentiated by, the learning rate."""


@dataclass(frozen=True)
class Results:
    """What a program by hand comes to, under the names that its steps have in bptutor."""

    values: dict[str, Array]
    locals: dict[str, Array]
    gradients: dict[str, Array]
    updated: dict[str, Array]


def run(program: Program, leaves: Mapping[str, Any]) -> Results:
    """Forward, backward and one update, with a variable for every parameter."""
    tensors: dict[str, Any] = {}
    for name, value in leaves.items():
        tensor = tf.constant(np.asarray(value, program.dtype))
        tensors[name] = tf.Variable(tensor) if name in program.parameters else tensor
    leaf_names = list(tensors)
    slopes = {}
    with tf.GradientTape(persistent=True) as tape:
        for name in leaf_names:
            tape.watch(tensors[name])
        for target, line in program.lines.items():
            tensors[target] = line(*(tensors[name] for name in inputs(line)))
    for target, line in program.lines.items():
        if target == program.loss:
            continue
        for name in inputs(line):
            if name not in program.data:
                slopes[f"d{target}_d{name}"] = _slope(line, tensors, name)
    gradients = {
        f"d{program.loss}_d{name}": tape.gradient(tensors[program.loss], tensors[name])
        for name in tensors
        if name not in program.data and name != program.loss
    }
    values = {name: tensor.numpy() for name, tensor in tensors.items()}
    for name in program.parameters:
        tensors[name].assign_sub(program.learning_rate * gradients[f"d{program.loss}_d{name}"])
    return Results(
        values,
        {step: slope.numpy() for step, slope in slopes.items()},
        {step: gradient.numpy() for step, gradient in gradients.items()},
        {name: tensors[name].numpy() for name in program.parameters},
    )


def _slope(line: Callable[..., Any], tensors: Mapping[str, Any], by: str) -> Any:
    """The slope of one line by one of its inputs, all others held."""
    held = {name: tf.convert_to_tensor(tensors[name]) for name in inputs(line)}
    with tf.GradientTape() as tape:
        tape.watch(held[by])
        value = line(*held.values())
    return tape.gradient(value, held[by])
