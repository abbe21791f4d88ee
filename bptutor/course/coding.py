"""The Keras code of a lesson whose program is a stack of layers, a blank at a time."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from bptutor.course.layers import Layer, stack
from bptutor.language.ops import traits_of
from bptutor.language.render import write
from bptutor.language.tree import Apply, Expression, Number
from bptutor.lesson.lesson import Lesson
from bptutor.text import Message, UserError

Reads: TypeAlias = Literal[
    "shape", "layer", "names", "weights", "loss", "shapes", "index", "step", "numbers"
]
"""How what stands in a blank is read."""

GAP = "____"
SHOWN_LINES = 4
"""Lines of the code before the gap that are shown with it."""


@dataclass(frozen=True)
class Unit:
    """A Dense layer: what it is made of, and where its numbers come from."""

    name: str
    """What the code calls it."""
    units: int
    weight: str
    bias: str | None
    activation: str | None
    """As Keras calls it."""
    differs_at_zero: bool
    """Has the program's activation another slope at exactly 0 than Keras'?"""
    total: str
    """What the activation is applied to; the layer's value where there is none."""
    section: str | None

    @property
    def code(self) -> str:
        """What stands between the parentheses of `Dense`."""
        parts = [str(self.units)]
        parts += [f'activation="{self.activation}"'] if self.activation else []
        parts += ["use_bias=False"] if self.bias is None else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Network:
    """A stack of Dense layers, from its input to its loss."""

    input: str
    units: tuple[Unit, ...]
    output: str

    @property
    def weights(self) -> tuple[str, ...]:
        """The parameters in the order of `model.trainable_weights`."""
        pairs = ((unit.weight, unit.bias) for unit in self.units)
        return tuple(name for pair in pairs for name in pair if name)


@dataclass(frozen=True)
class Blank:
    """One line of the code with a gap in it."""

    id: str
    line: str
    """With `____` in the place of what is asked."""
    answer: str
    """What stands there; of several ways the shortest."""
    reads: Reads
    section: str | None
    target: str
    """The line of the program that it belongs to."""
    predicts: str | None = None
    """The parameter whose gradient, or whose new value, is asked as numbers."""

    @property
    def filled(self) -> str:
        """The line as it runs."""
        return self.line.replace(GAP, self.answer)


@lru_cache(maxsize=64)
def network(lesson: Lesson) -> Network:
    """The Keras network of a lesson.

    Raises:
        UserError: it is none; one sentence that says why.
    """
    found = stack(lesson)
    if found is None or found.upright or len(found.inputs) != 1:
        raise UserError(NO_STACK)
    (name,) = found.inputs
    if len(lesson.shapes[name]) != 2 or lesson.shapes[lesson.loss]:
        raise UserError(NO_STACK)
    last = found.layers[-1].value
    units = tuple(
        _unit(lesson, layer, "outputs" if layer.value == last else f"dense_{number}")
        for number, layer in enumerate(found.layers, 1)
    )
    made = Network(name, units, last)
    if set(lesson.parameters) != set(made.weights):
        raise UserError(NO_STACK)
    return made


NO_STACK = Message(
    "There is no Keras part here. It takes a stack of layers whose weights and biases are all "
    "trained: X @ W + b, then an activation, one layer behind the other. This program is built "
    "differently."
)


def _unit(lesson: Lesson, layer: Layer, name: str) -> Unit:
    (factor,) = layer.factors
    shape = lesson.shapes[factor.name]
    assignment = lesson.program.by_target[layer.value]
    activation = _activation(assignment.expression) if layer.activated else None
    bias_fits = layer.bias is None or lesson.shapes[layer.bias] == shape[1:]
    if factor.transposed or not bias_fits or (layer.activated and activation is None):
        raise UserError(
            Message(
                "There is no Keras part here: Keras has no Dense layer that computes {line} as "
                "it stands.",
                line=f"{layer.value} = {write(assignment.expression, 'ascii')}",
            )
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
    """The code, line by line.

    Raises:
        UserError: the lesson is no stack of layers.
    """
    made = network(lesson)
    loss = lesson.program.by_target[lesson.loss]
    weights = ", ".join(made.weights)
    columns = lesson.shapes[made.input][1]
    first = made.units[0]
    shapes = ", ".join(str(lesson.shapes[name]) for name in made.weights)
    middle = made.weights[len(made.weights) // 2]
    kernel = made.units[-1].weight
    place = made.weights.index(kernel)
    blanks = [
        Blank(
            "inputs", f"inputs = Input({GAP})", f"({columns},)", "shape", first.section, first.total
        )
    ]
    before = "inputs"
    for unit in made.units:
        line = f"{unit.name} = Dense({GAP})({before})"
        blanks.append(Blank(unit.name, line, unit.code, "layer", unit.section, unit.total))
        before = unit.name
    end, of = loss.section, lesson.loss

    def about_all(id_: str, line: str, answer: str, reads: Reads) -> None:
        blanks.append(Blank(id_, line, answer, reads, end, of))

    about_all("model", f"model = Model({GAP})", "inputs, outputs", "names")
    about_all("set_weights", f"model.set_weights({GAP})", f"[{weights}]", "weights")
    about_all("forward", f"    {made.output} = model({GAP})", made.input, "names")
    about_all(
        "loss",
        f"    {of} = {GAP}",
        write(loss.expression, "tensorflow", lesson.dtype),
        "loss",
    )
    about_all("shapes", f"[w.shape for w in model.trainable_weights] == [{GAP}]", shapes, "shapes")
    about_all(
        "gradients",
        f"gradients = tape.gradient({GAP})",
        f"{of}, model.trainable_weights",
        "names",
    )
    about_all(
        "which",
        f"gradients[{GAP}]    # the gradient by {middle}",
        str(made.weights.index(middle)),
        "index",
    )
    blanks.append(
        Blank(f"gradients[{place}]", f"gradients[{place}] == {GAP}", "", "numbers", end, of, kernel)
    )
    about_all(
        "zip",
        f"for weight, gradient in zip({GAP}):",
        "model.trainable_weights, gradients",
        "names",
    )
    about_all("assign_sub", f"    weight.assign_sub({GAP})", "lr * gradient", "step")
    blanks.append(
        Blank(
            f"weights[{place}]",
            f"model.trainable_weights[{place}] == {GAP}",
            "",
            "numbers",
            end,
            of,
            kernel,
        )
    )
    return tuple(blanks)


TAPE = "with tf.GradientTape() as tape:"
LOOK: tuple[Reads, ...] = ("shapes", "index", "numbers")
"""Blanks whose line is a question about the code and no part of it."""


def lines_before(lesson: Lesson, id_: str) -> list[str]:
    """The code before a blank, as it runs."""
    # Keras computes in float32 until it is told otherwise.
    other = lesson.dtype != "float32"
    lines = [f'keras.config.set_dtype_policy("{lesson.dtype}")'] if other else []
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
    shown = 1 if blank.reads == "numbers" else SHOWN_LINES
    return "\n".join([*lines_before(lesson, id_)[-shown:], blank.line])


def blank_of(lesson: Lesson, id_: str) -> Blank:
    """A blank by its step's id."""
    return next(blank for blank in coding(lesson) if blank.id == id_)


def unit_of(lesson: Lesson, id_: str) -> Unit | None:
    """The layer that a blank makes; None of the other blanks."""
    return next((unit for unit in network(lesson).units if unit.name == id_), None)
