"""The Keras code of a lesson whose program is a stack of layers, a blank at a time."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from bptutor.course.layers import Layer, stack
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import traits_of
from bptutor.language.render import write
from bptutor.language.tree import Apply, Expression, Number
from bptutor.lesson.lesson import Lesson
from bptutor.text import Message, UserError

Reads: TypeAlias = Literal[
    "shape", "layer", "names", "weights", "loss", "shapes", "index", "step", "numbers"
]
"""How the content of a blank is read."""

GAP = "____"
SHOWN_LINES = 4  # lines of the code before the gap that are shown with it


@dataclass(frozen=True)
class Unit:
    """A Dense layer, and the names of its weights in the program."""

    name: str
    units: int
    weight: str
    bias: str | None
    activation: str | None
    differs_at_zero: bool  # has the program's activation another derivative at 0 than Keras'?
    total: str  # the input of the activation; the layer's value where there is none
    section: str | None

    @property
    def weights(self) -> tuple[str, ...]:
        return (self.weight, self.bias) if self.bias else (self.weight,)

    @property
    def code(self) -> str:
        parts = [str(self.units)]
        parts += [f'activation="{self.activation}"'] if self.activation else []
        parts += ["use_bias=False"] if self.bias is None else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Network:
    """A stack of Dense layers."""

    input: str
    units: tuple[Unit, ...]
    output: str

    @property
    def weights(self) -> tuple[str, ...]:
        """The parameters in the order of `model.trainable_weights`."""
        return tuple(name for unit in self.units for name in unit.weights)


@dataclass(frozen=True)
class Blank:
    """One line of the code with a gap in it."""

    id: str
    line: str  # with `____` for the gap
    answer: str  # the content of the gap; of several ways the shortest
    reads: Reads
    section: str | None
    target: str  # the line of the program that it belongs to
    predicts: str | None = None  # the parameter whose gradient or new value is asked as numbers

    @property
    def filled(self) -> str:
        """The line as it runs."""
        return self.line.replace(GAP, self.answer)


@lru_cache(maxsize=64)
def network(lesson: Lesson) -> Network:
    """The Keras network of a lesson. Raises UserError: Keras has no such network."""
    layers = stack(lesson)
    if not lesson.optimizer.plain:
        raise UserError("There is no Keras part here. It needs plain gradient descent.")
    if layers is None or layers.upright or len(layers.inputs) != 1:
        raise UserError(NO_STACK)
    (name,) = layers.inputs
    if len(lesson.shapes[name]) != 2 or lesson.shapes[lesson.loss]:
        raise UserError(NO_STACK)
    last = layers.layers[-1].value
    units = tuple(
        _unit(lesson, layer, "outputs" if layer.value == last else f"dense_{number}")
        for number, layer in enumerate(layers.layers, 1)
    )
    made = Network(name, units, last)
    if set(lesson.parameters) != set(made.weights):
        raise UserError(NO_STACK)
    return made


NO_STACK = Message(
    "There is no Keras part here. It needs a stack of layers X @ W + b, each with an activation. "
    "All weights and biases must be trained. This program is built differently."
)


def _unit(lesson: Lesson, layer: Layer, name: str) -> Unit:
    (factor,) = layer.factors
    shape = lesson.shapes[factor.name]
    assignment = lesson.program.by_target[layer.value]
    activation = _activation(assignment.expression) if layer.activated else None
    bias_fits = layer.bias is None or lesson.shapes[layer.bias] == shape[1:]
    if factor.transposed or not bias_fits or (layer.activated and activation is None):
        raise UserError(
            "There is no Keras part here: Keras has no Dense layer that computes {line} as "
            "it stands.",
            line=f"{layer.value} = {write(assignment.expression, 'ascii')}",
        )
    total = layer.total or layer.value
    differs = layer.activated and traits_of(assignment.expression).passes_at_tie
    section = assignment.section
    return Unit(name, shape[1], factor.name, layer.bias, activation, differs, total, section)


def _activation(expression: Expression) -> str | None:
    """Keras' name of an activation; None where it has none that is the same."""
    assert isinstance(expression, Apply)
    traits, sides = traits_of(expression), expression.operands[1:]
    plain = traits.activation and not expression.options and sides in ((), (Number(0),))
    return traits.keras if plain else None


@lru_cache(maxsize=64)
def coding(lesson: Lesson) -> tuple[Blank, ...]:
    """The code, line by line. Raises UserError: the lesson is no stack of layers."""
    made = network(lesson)
    loss, first, last = lesson.program.by_target[lesson.loss], made.units[0], made.units[-1]
    shape = f"({lesson.shapes[made.input][1]},)"
    line = f"inputs = Input({GAP})"
    blanks = [Blank("inputs", line, shape, "shape", first.section, first.total)]
    before = "inputs"
    for unit in made.units:
        line = f"{unit.name} = Dense({GAP})({before})"
        blanks.append(Blank(unit.name, line, unit.code, "layer", unit.section, unit.total))
        before = unit.name

    weights, variables = made.weights, "model.trainable_weights"
    shapes = ", ".join(str(lesson.shapes[name]) for name in weights)
    middle = len(weights) // 2
    place = weights.index(last.weight)
    formula = write(loss.expression, "tensorflow", lesson.dtype)
    which = f"gradients[{GAP}]    # {gradient_name(loss.target, weights[middle])}"
    rest: list[tuple[str, str, str, Reads]] = [
        ("model", f"model = Model({GAP})", "inputs, outputs", "names"),
        ("set_weights", f"model.set_weights({GAP})", f"[{', '.join(weights)}]", "weights"),
        ("forward", f"    {made.output} = model({GAP})", made.input, "names"),
        ("loss", f"    {loss.target} = {GAP}", formula, "loss"),
        ("shapes", f"[w.shape for w in {variables}] == [{GAP}]", shapes, "shapes"),
        ("gradients", f"gradients = tape.gradient({GAP})", f"{loss.target}, {variables}", "names"),
        ("which", which, str(middle), "index"),
        (f"gradients[{place}]", f"gradients[{place}] == {GAP}", "", "numbers"),
        ("zip", f"for weight, gradient in zip({GAP}):", f"{variables}, gradients", "names"),
        ("assign_sub", f"    weight.assign_sub({GAP})", "lr * gradient", "step"),
        (f"weights[{place}]", f"{variables}[{place}] == {GAP}", "", "numbers"),
    ]
    for id_, line, answer, reads in rest:
        asked = last.weight if reads == "numbers" else None
        blanks.append(Blank(id_, line, answer, reads, loss.section, loss.target, asked))
    return tuple(blanks)


IMPORTS = (
    "import tensorflow as tf",
    "from tensorflow.keras.layers import Input, Dense",
    "from tensorflow.keras import Model",
)
IN_KERAS_CODE = {
    *("Input", "Model", "Dense", "tape"),
    *("inputs", "outputs", "model", "gradients", "weight", "gradient", "zip"),
}
"""Names that the Keras code uses."""


def require_names_beside_keras(lesson: Lesson) -> None:
    """Raises UserError: the lesson is no stack of layers, or has a name that the code uses."""
    used = IN_KERAS_CODE | {unit.name for unit in network(lesson).units}
    if taken := sorted(used & {*lesson.shapes}):
        raise UserError(
            "This lesson has no Keras part, because its program and the Keras code share "
            "the names {names}.",
            names=", ".join(taken),
        )


TAPE = "with tf.GradientTape() as tape:"
LOOK: tuple[Reads, ...] = ("shapes", "index", "numbers")  # no part of the code


def lines_before(lesson: Lesson, id_: str) -> list[str]:
    lines = list(IMPORTS)
    if lesson.dtype != "float32":  # in which Keras computes until it is told otherwise
        lines.append(f'tf.keras.config.set_dtype_policy("{lesson.dtype}")')
    for blank in coding(lesson):
        lines += [TAPE] if blank.id == "forward" else []
        if blank.id == id_:
            break
        if blank.reads not in LOOK:
            lines.append(blank.filled)
    return lines


def code_shown(lesson: Lesson, id_: str) -> str:
    """The line with the gap, and a few lines before it."""
    blank = blank_of(lesson, id_)
    before = lines_before(lesson, id_)
    if blank != coding(lesson)[0]:
        before = before[len(IMPORTS) :]
    shown = 1 if blank.reads == "numbers" else SHOWN_LINES
    return "\n".join([*before[-shown:], blank.line])


def blank_of(lesson: Lesson, id_: str) -> Blank:
    return next(blank for blank in coding(lesson) if blank.id == id_)


def reads_weights(lesson: Lesson, id_: str) -> bool:
    """Is a blank about the order or the shapes of the trainable weights?"""
    return blank_of(lesson, id_).reads in ("weights", "shapes", "index")


def unit_of(lesson: Lesson, id_: str) -> Unit | None:
    return next((unit for unit in network(lesson).units if unit.name == id_), None)
