"""NumPy's functions under the names that TensorFlow has for them.

The operations of the language name TensorFlow's functions. With this in TensorFlow's place they
work on arrays: each call costs a tenth, which is what counts where small formulas are worked out
by the thousand. What is found so is worked out in TensorFlow before anybody sees it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softmax(x: Array, axis: int = -1) -> Array:
    risen = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(risen / risen.sum(axis=axis, keepdims=True))


def _log_softmax(x: Array, axis: int = -1) -> Array:
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def _reduce_sum(x: Array, axis: list[int], keepdims: bool = False) -> Array:
    return np.asarray(x.sum(axis=tuple(axis), keepdims=keepdims))


def _reduce_mean(x: Array, axis: list[int], keepdims: bool = False) -> Array:
    return np.asarray(x.mean(axis=tuple(axis), keepdims=keepdims))


def _one_hot(labels: Array, depth: int, dtype: str) -> Array:
    return np.asarray(np.expand_dims(labels, -1) == np.arange(depth), dtype)


AS_TENSORFLOW = SimpleNamespace(
    abs=np.abs,
    cast=lambda x, dtype: np.asarray(x).astype(dtype),
    concat=np.concatenate,
    constant=np.asarray,
    equal=np.equal,
    exp=np.exp,
    expand_dims=np.expand_dims,
    greater=np.greater,
    greater_equal=np.greater_equal,
    int32="int32",
    less=np.less,
    less_equal=np.less_equal,
    math=SimpleNamespace(log=np.log, softplus=lambda x: np.logaddexp(x, 0)),
    matmul=np.matmul,
    maximum=np.maximum,
    minimum=np.minimum,
    nn=SimpleNamespace(
        leaky_relu=lambda x, alpha: np.where(x > 0, x, x * np.float64(np.float32(alpha))),
        log_softmax=_log_softmax,
        relu=lambda x: np.maximum(x, 0),
        softmax=_softmax,
    ),
    not_equal=np.not_equal,
    one_hot=_one_hot,
    ones_like=np.ones_like,
    reduce_mean=_reduce_mean,
    reduce_sum=_reduce_sum,
    sigmoid=_sigmoid,
    sign=np.sign,
    sqrt=np.sqrt,
    square=np.square,
    tanh=np.tanh,
    transpose=np.transpose,
    where=np.where,
    zeros_like=np.zeros_like,
)
"""What stands in TensorFlow's place in an operation's `compute`."""
