"""The program as it is written, and the loss that a model was compiled with as its last line."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any, Literal, TypeAlias

from bptutor.engine.keras.archive import Config, ModelError
from bptutor.language.errors import suggestion
from bptutor.language.ops import activation_for
from bptutor.text import Message

Weight: TypeAlias = Literal[
    "kernel",
    "bias",
    "gamma",
    "beta",
    "moving_mean",
    "moving_variance",
    "embeddings",
    "cell.kernel",
    "cell.recurrent_kernel",
    "cell.bias",
]
"""Where a layer has it."""


@dataclass(frozen=True)
class Value:
    """A name in the program: rows of so many numbers."""

    name: str
    shape: tuple[int, ...]  # without the batch
    number: int = 0  # of the latest layer with weights that it comes from
    made_by: str = ""  # the activation that it comes from, if it comes straight from one
    before: str = ""  # the name that this activation was applied to


@dataclass(frozen=True)
class Leaf:
    """A leaf of the program that is a layer's weight."""

    layer: str  # its path through nested models
    weight: Weight
    shape: tuple[int, ...]  # of the leaf; () where it is the weight's own


@dataclass
class Written:
    """A model's program, line by line."""

    lines: list[str] = field(default_factory=list)
    inputs: dict[str, Value] = field(default_factory=dict)  # by the names of their layers
    weights: dict[str, Leaf] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    size: int = 0  # the number of weights in all kernels
    moved: set[str] = field(default_factory=set)  # lines that only move numbers
    scattered: set[str] = field(default_factory=set)  # read in parts: gradients longer to write
    classes: dict[str, int] = field(default_factory=dict)  # of an input, by its layer's name
    _numbers: dict[str, int] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str) -> int:
        """The next number of a kind."""
        self._counts[kind] += 1
        return self._counts[kind]

    def number(self, layer: str, kind: str) -> int:
        """A layer's number: the same one wherever it is applied."""
        if layer not in self._numbers:
            self._numbers[layer] = self.count(kind)
        return self._numbers[layer]

    def line(self, target: str, formula: str) -> str:
        """Assigns a formula; the assigned name."""
        self.lines.append(f"{target} = {formula}")
        return target

    def move(self, read: str, wanted: str, formula: str) -> str:
        """Assigns what puts the numbers of `read` into other places; the assigned name."""
        target = self.line(self.name(wanted), formula)
        self.moved.add(target)
        self.scattered.add(read)
        return target

    def name(self, wanted: str) -> str:
        """A free name: the wanted one, or with a number after it."""
        numbered = (f"{wanted}_{number}" for number in count(2))
        free = next(name for name in chain([wanted], numbered) if name not in self.names)
        self.names.add(free)
        return free

    def rename(self, old: str, new: str) -> str:
        """Renames a line's target wherever it stands; an input keeps its name."""
        if not any(line.startswith(f"{old} =") for line in self.lines):
            return old
        whole = re.compile(rf"\b{old}\b")
        self.lines = [line if line[0] == "#" else whole.sub(new, line) for line in self.lines]
        return new

    def drop(self, target: str) -> None:
        self.lines = [line for line in self.lines if not line.startswith(f"{target} =")]


Kind: TypeAlias = Literal[
    "mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
]

KINDS: tuple[Kind, ...] = (
    *("mse", "binary_crossentropy", "categorical_crossentropy"),
    "sparse_categorical_crossentropy",
)
_SPELLINGS: dict[str, Kind] = {
    **{kind: kind for kind in KINDS},
    "MSE": "mse",
    "mean_squared_error": "mse",
    "MeanSquaredError": "mse",
    "bce": "binary_crossentropy",
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "squares": "mse",  # as `bptutor new` calls them
    "binary-cross-entropy": "binary_crossentropy",
    "cross-entropy": "categorical_crossentropy",
    "sparse-cross-entropy": "sparse_categorical_crossentropy",
}
LOSS, TARGETS, SECTION = "L", "T", "loss"
PROBABLE: dict[Kind, str] = {
    "binary_crossentropy": activation_for("each"),
    "categorical_crossentropy": activation_for("row"),
    "sparse_categorical_crossentropy": activation_for("row"),
}
"""The activation that gives the probabilities that a loss takes."""


@dataclass(frozen=True)
class Loss:
    kind: Kind
    from_logits: bool | None = False  # takes outputs before the activation; None: there is none
    summed: bool = False  # the sum over the examples, not their mean
    smoothing: float = 0.0  # the probability that labels give to the other classes


def loss_of(config: Config, asked: str) -> Loss:
    """The loss that is asked for, else the one that a model was compiled with.

    Raises ModelError: there is none, or one that the tutor does not have.
    """
    if asked:
        return Loss(_kind(asked), from_logits=None)
    compiled = config.get("compile_config")
    written = compiled.get("loss") if isinstance(compiled, dict) else None
    while isinstance(written, list | dict) and len(written) == 1:  # of its only output
        written = written[0] if isinstance(written, list) else next(iter(written.values()))
    if written is None:
        raise ModelError(
            "was not compiled with a loss; name one with --loss: {losses}", losses=", ".join(KINDS)
        )
    if isinstance(written, dict) and written.get("class_name") == "function":
        written = written.get("config")
    if not isinstance(written, dict):
        return Loss(_kind(written))
    loss, settings = Loss(_kind(written.get("class_name"))), written.get("config")
    return _with_settings(loss, settings) if isinstance(settings, dict) else loss


def _kind(name: Any) -> Kind:
    if isinstance(name, str) and name in _SPELLINGS:
        return _SPELLINGS[name]
    raise ModelError(
        suggestion(
            name if isinstance(name, str) else "",
            _SPELLINGS,
            Message("has the loss {loss}; did you mean {nearest}?"),
            Message(
                "has the loss {loss}, which bptutor does not support; choose another with --loss: "
                "{losses}"
            ),
            loss=str(name)[:60],
            losses=", ".join(KINDS),
        )
    )


def _with_settings(loss: Loss, settings: Config) -> Loss:
    reduction = settings.get("reduction", "sum_over_batch_size")
    if reduction not in ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"):
        raise _setting("reduction", reduction)
    if settings.get("ignore_class") is not None:
        raise _setting("ignore_class", settings["ignore_class"])
    if settings.get("axis", -1) not in (-1, 1):
        raise _setting("axis", settings["axis"])
    smoothing = float(settings.get("label_smoothing") or 0.0)
    if not 0 <= smoothing < 1:
        raise _setting("label_smoothing", smoothing)
    return replace(
        loss,
        from_logits=bool(settings.get("from_logits")),
        summed=reduction == "sum",
        smoothing=smoothing,
    )


def _setting(name: str, value: object) -> ModelError:
    return ModelError(
        "its loss has {setting} = {value}, which bptutor does not support",
        setting=name,
        value=str(value)[:60],
    )


def settled(loss: Loss, output: Value) -> Loss:
    """The loss of this output, with or without logits.

    Raises ModelError: the model does not end in what the loss takes.
    """
    if len(output.shape) != 1:
        raise ModelError("does not output rows of numbers; end it with a Flatten or a Dense layer")
    wanted = PROBABLE.get(loss.kind)
    if wanted is None:
        return replace(loss, from_logits=False)
    if wanted == activation_for("row") and output.shape[0] < 2:
        raise ModelError(
            "has one output, but the loss {loss} chooses between classes; use binary_crossentropy",
            loss=loss.kind,
        )
    from_logits = loss.from_logits
    if from_logits is None:
        from_logits = output.made_by != wanted
    if from_logits == (output.made_by in PROBABLE.values()) or (
        not from_logits and output.made_by != wanted
    ):
        raise ModelError(
            "has the loss {loss}; end the model with {activation}, or without it and set "
            "from_logits=True",
            loss=loss.kind,
            activation=wanted,
        )
    return replace(loss, from_logits=from_logits)


def write_loss(written: Written, output: Value, loss: Loss, saturated: bool) -> None:
    """Add the loss' line, of the probabilities or, where they are `saturated`, of the logits.

    Keras always computes it from the logits, where it knows them; of probabilities it reads as
    in the course, and comes to the same, as long as none of them is rounded to 0 or 1.
    """
    name, of_logits = output.name, bool(loss.from_logits)
    if loss.kind in PROBABLE and not of_logits:
        if saturated:
            written.drop(name)
            name, of_logits = output.before, True
        else:
            name = written.rename(name, "P")
    elif loss.kind == "mse" and not output.made_by:
        name = written.rename(name, "Y")
    formula = _formula(loss, name, of_logits, output.shape[0])
    written.lines += [f"# {SECTION}", f"{LOSS} = {formula}"]


def _formula(loss: Loss, name: str, of_logits: bool, classes: int) -> str:
    if loss.kind == "mse":
        cells = f"({name} - {TARGETS}) ** 2"
        return f"sum(mean({cells}, axis=1))" if loss.summed else f"mean({cells})"
    if loss.kind == "binary_crossentropy":
        if of_logits:
            cells, sign = f"softplus({name}) - {TARGETS} * {name}", ""
        else:
            cells = f"{TARGETS} * log({name}) + (1 - {TARGETS}) * log(1 - {name})"
            sign = "-"
        return f"{sign}sum(mean({cells}, axis=1))" if loss.summed else f"{sign}mean({cells})"
    logs = f"log_softmax({name})" if of_logits else f"log({name})"
    sparse = loss.kind == "sparse_categorical_crossentropy"
    targets = f"one_hot({TARGETS}, {classes})" if sparse else TARGETS
    cells = f"{targets} * {logs}"
    return f"-sum({cells})" if loss.summed else f"-mean(sum({cells}, axis=1))"
