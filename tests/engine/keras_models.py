"""Keras models of every kind that the tutor takes, small and with weights that are not round."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bptutor.engine.runtime import tensorflow

tensorflow()

import keras  # noqa: E402
from keras import layers, losses  # noqa: E402


def sequential(inputs: Sequence[int], *stack: Any, loss: Any) -> Any:
    """A stack of layers, compiled."""
    model = keras.Sequential([keras.Input(tuple(inputs)), *stack])
    model.compile("sgd", loss=loss)
    return shaken(model)


def shaken(model: Any) -> Any:
    """The model with weights drawn anew, of which none is 0 or 1."""
    random = np.random.default_rng(7)
    for variable in model.weights:
        drawn = random.normal(0, 0.6, variable.shape)
        variable.assign(abs(drawn) + 0.3 if variable.name == "moving_variance" else drawn)
    return model


def functional(inputs: Any, outputs: Any, loss: Any) -> Any:
    """A graph of layers, compiled."""
    model = keras.Model(inputs, outputs)
    model.compile("adam", loss=loss)
    return shaken(model)


def course() -> Any:
    hidden = [layers.Dense(3, "relu"), layers.Dense(3, "relu")]
    return sequential([2], *hidden, layers.Dense(1), loss="mse")


def no_bias() -> Any:
    stack = layers.Dense(4, "tanh", use_bias=False), layers.Dense(2, "softplus", use_bias=False)
    return sequential([3], *stack, loss=losses.MeanSquaredError())


def summed() -> Any:
    return sequential(
        [3], layers.Dense(4, "silu"), layers.Dense(2), loss=losses.MeanSquaredError(reduction="sum")
    )


def binary() -> Any:
    stack = layers.Dense(4, "sigmoid"), layers.Dense(2, "sigmoid")
    return sequential([3], *stack, loss="binary_crossentropy")


def binary_logits() -> Any:
    return sequential(
        [3],
        layers.Dense(4, "leaky_relu"),
        layers.Dense(1),
        loss=losses.BinaryCrossentropy(from_logits=True),
    )


def binary_smoothed() -> Any:
    return sequential(
        [3],
        layers.Dense(4, "relu6"),
        layers.Dense(1),
        layers.Activation("sigmoid"),
        loss=losses.BinaryCrossentropy(label_smoothing=0.2, reduction="sum"),
    )


def classes() -> Any:
    stack = layers.Dense(5, "relu"), layers.Dense(3, "softmax")
    return sequential([4], *stack, loss="categorical_crossentropy")


def classes_summed_and_smoothed() -> Any:
    return sequential(
        [4],
        layers.Dense(3),
        layers.Softmax(),
        loss=losses.CategoricalCrossentropy(label_smoothing=0.1, reduction="sum"),
    )


def classes_logits() -> Any:
    return sequential(
        [4],
        layers.Dense(5, "exponential"),
        layers.Dense(3),
        loss=losses.CategoricalCrossentropy(from_logits=True),
    )


def sparse() -> Any:
    stack = layers.Flatten(), layers.Dense(5, "relu"), layers.Dropout(0.5)
    return sequential(
        [3, 2], *stack, layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy"
    )


def sparse_logits() -> Any:
    return sequential(
        [4],
        layers.Dense(5, "log_softmax"),
        layers.Dense(3),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True),
    )


def normalised() -> Any:
    return sequential(
        [4],
        layers.Dense(5, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.BatchNormalization(center=False, epsilon=0.01),
        layers.Dense(3),
        layers.BatchNormalization(scale=False),
        layers.LeakyReLU(negative_slope=0.1),
        loss="mse",
    )


def clipped() -> Any:
    return sequential(
        [4],
        layers.Dense(5),
        layers.ReLU(max_value=0.5),
        layers.Dense(5),
        layers.ReLU(negative_slope=0.25),
        layers.Dense(4),
        layers.ReLU(max_value=0.7, negative_slope=0.5),
        loss="mse",
    )


def residual() -> Any:
    inputs = keras.Input((4,))
    x = layers.Dense(4, "relu")(inputs)
    x = layers.Add()([layers.Dense(4)(x), x, inputs])
    x = layers.Activation("tanh")(x)
    return functional(inputs, layers.Dense(2)(x), "mse")


def operators() -> Any:
    inputs = keras.Input((3,))
    left, right = layers.Dense(4, "relu")(inputs), layers.Dense(4)(inputs)
    x = layers.Multiply()([left + right, left - right]) * right
    x = layers.Subtract()([x, layers.Rescaling(0.5, offset=-1.0)(left)])
    return functional(inputs, layers.Dense(2, "gelu")(x), "mse")


def layer_normalised() -> Any:
    inputs = keras.Input((3,))
    x = layers.LayerNormalization()(layers.Dense(4, "elu")(inputs))
    x = layers.LayerNormalization(scale=False, epsilon=0.1)(layers.Dense(4)(x))
    x = layers.BatchNormalization()(x)
    return functional(inputs, layers.Dense(2)(x), "mse")


def joined() -> Any:
    inputs = keras.Input((4,))
    left, right = layers.Dense(2, "tanh")(inputs), layers.Dense(3, "sigmoid")(inputs)
    x = layers.Concatenate()([left, right, inputs])
    x = layers.Concatenate(axis=1)([layers.Dense(2)(x), left])
    return functional(inputs, layers.Dense(2, "softmax")(x), "categorical_crossentropy")


def shared() -> Any:
    inputs, again = keras.Input((3,)), layers.Dense(3, "tanh")
    return functional(inputs, layers.Dense(1)(again(again(again(inputs)))), "mse")


def two_inputs() -> Any:
    left, right = keras.Input((3,), name="left"), keras.Input((2, 2), name="right")
    x = layers.Add()([layers.Dense(3)(left), layers.Dense(3)(layers.Flatten()(right))])
    return functional([left, right], layers.Dense(1, "sigmoid")(x), "binary_crossentropy")


def frozen() -> Any:
    first = layers.Dense(4, "relu")
    first.trainable = False
    return sequential([3], first, layers.Dense(2), loss="mse")


def embedded() -> Any:
    inputs = keras.Input((4,), dtype="int32")
    x = layers.Dense(2, "tanh")(layers.Embedding(3, 2)(inputs))
    x = layers.Conv1D(3, 2, padding="causal", activation="relu")(x)
    x = layers.GlobalAveragePooling1D()(layers.Dropout(0.5)(x))
    outputs = layers.Dense(3, "softmax")(x)
    return functional(inputs, outputs, "sparse_categorical_crossentropy")


def signal() -> Any:
    return sequential(
        [7, 2],
        layers.Conv1D(3, 3, activation="tanh"),
        layers.AveragePooling1D(2),
        layers.Conv1D(2, 2, padding="same", use_bias=False),
        layers.Reshape((1, -1)),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1),
        loss="mse",
    )


def strided() -> Any:
    return sequential(
        [7, 6, 1],
        layers.Conv2D(2, (3, 2), strides=(2, 3), padding="same", activation="tanh"),
        layers.Conv2D(3, 2, strides=2),
        layers.Flatten(),
        layers.Dense(1),
        loss="mse",
    )


def image() -> Any:
    return sequential(
        [5, 4, 2],
        layers.Rescaling(0.5),
        layers.Conv2D(3, (2, 3), padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.LayerNormalization(),
        layers.Conv2D(2, 2, padding="valid"),
        layers.Activation("sigmoid"),
        layers.Flatten(),
        layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
    )


def lstm() -> Any:
    stack = layers.LSTM(2, return_sequences=True), layers.LSTM(2, go_backwards=True)
    return sequential([3, 2], *stack, layers.Dense(1), loss="mse")


def gru() -> Any:
    return sequential(
        [3, 2],
        layers.GRU(2, return_sequences=True),
        layers.GRU(2, reset_after=False, return_sequences=True, recurrent_activation="tanh"),
        layers.GRU(2, use_bias=False),
        loss="mse",
    )


def recurrent() -> Any:
    stack = layers.SimpleRNN(3, use_bias=False, activation=None, return_sequences=True)
    return sequential([2, 2], stack, layers.Flatten(), layers.Dense(1), loss="mse")


def nested() -> Any:
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(3, "tanh"), layers.Dense(3)])
    left = keras.Input((3,))
    sides = keras.Model(left, layers.Add()([inner(inner(left)), left]), name="sides")
    inputs = keras.Input((3,))
    twice = keras.Model(inputs, sides(sides(inputs)))
    return sequential([3], twice, keras.Sequential([layers.Dense(1)]), loss="mse")


def saturated() -> Any:
    model = sequential([4], layers.Dense(3, "softmax"), loss="categorical_crossentropy")
    model.layers[0].kernel.assign(model.layers[0].kernel * 100)
    return model


def saturated_sigmoid() -> Any:
    model = sequential([4], layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    model.layers[0].kernel.assign(model.layers[0].kernel * 100)
    return model


MODELS: tuple[Callable[[], Any], ...] = (
    *(course, no_bias, summed, binary, binary_logits, binary_smoothed, classes),
    *(classes_summed_and_smoothed, classes_logits, sparse, sparse_logits, normalised, clipped),
    *(operators, layer_normalised, embedded, signal, strided, image, lstm, gru, recurrent, nested),
    *(residual, joined, shared, two_inputs, frozen, saturated, saturated_sigmoid),
)
