"""Reads and judges what is typed into the gap of a line of Keras code."""

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bptutor.course.coding import Blank, network, unit_of
from bptutor.language import limits
from bptutor.language.errors import LanguageError
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message

MOST_CHARACTERS = 400
MOST_NODES = 200


Value: TypeAlias = "Word | Times | Items | int | float | str | bool | None"


@dataclass(frozen=True)
class Word:
    """A name, dotted or not."""

    name: str


@dataclass(frozen=True)
class Times:
    left: Value
    right: Value


@dataclass(frozen=True)
class Items:
    values: tuple[Value, ...]
    brackets: bool


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call, or the items of a list."""

    values: tuple[Value, ...]
    named: Mapping[str, Value]


def read_arguments(text: str, line: str, gap: str, own: Callable[[str], str]) -> Arguments:
    """Read what is typed into the gap of a line, or the whole line; `own` gives a name's own.

    Raises LanguageError: it is no Python, or more than names, numbers, texts, lists and products.
    """
    inside = inside_of(text, line, gap)
    if len(inside) > MOST_CHARACTERS:
        raise LanguageError(Message(limits.TOO_LONG.text, most=MOST_CHARACTERS))
    if not inside:
        raise LanguageError(Message("The gap is empty. Type the missing code."))
    try:
        with warnings.catch_warnings(action="ignore"):  # about backslashes in strings
            call = ast.parse(f"f({inside}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LanguageError(Message("Python cannot read this. Check the brackets.")) from None
    plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    if not plain or sum(1 for _ in ast.walk(call)) > MOST_NODES:
        raise LanguageError(UNREAD)
    assert isinstance(call, ast.Call)
    if any(keyword.arg is None for keyword in call.keywords):
        raise LanguageError(UNREAD)
    return Arguments(
        tuple(_value(each, own) for each in call.args),
        {keyword.arg or "": _value(keyword.value, own) for keyword in call.keywords},
    )


UNREAD = Message("A gap takes names, numbers, texts, tuples, lists and arithmetic only.")


def inside_of(text: str, line: str, gap: str) -> str:
    """The content of the gap, also where the whole line is typed."""
    plain = text.strip()
    before, _, after = (part.strip() for part in line.partition(gap))
    if before and after and plain.startswith(before) and plain.endswith(after):
        return plain[len(before) : len(plain) - len(after)].strip()
    return plain


def _value(node: ast.expr, own: Callable[[str], str]) -> Value:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return Word(own(name))
        case ast.Attribute():
            return Word(_dotted(node))
        case ast.Tuple(elts=parts):
            return Items(tuple(_value(part, own) for part in parts), brackets=False)
        case ast.List(elts=parts):
            return Items(tuple(_value(part, own) for part in parts), brackets=True)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, own)
            plain = isinstance(inner, int | float) and not isinstance(inner, bool)
            return -inner if plain else Times(-1, inner)  # type: ignore[operator]
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return Times(_value(left, own), _value(right, own))
    raise LanguageError(UNREAD)


_LOSSES = {
    "mean((({t}) - ({y})) ** 2{axis})": ("MeanSquaredError", "mean_squared_error", "mse", "MSE"),
    "-{mean}(sum(({t}) * log({y}), axis=-1))": (
        "CategoricalCrossentropy",
        "categorical_crossentropy",
    ),
    "-mean(({t}) * log({y}) + (1 - ({t})) * log(1 - ({y})){axis})": (
        "BinaryCrossentropy",
        "binary_crossentropy",
    ),
}
"""What Keras' losses compute of targets t and outputs y, and their names: the class, which takes
the mean over the examples, then the functions, which give a number for each example."""


def as_formula(text: str) -> str:
    """A call of one of Keras' losses as a formula; any other text as it is."""
    text = text.strip()
    if len(text) > MOST_CHARACTERS:
        return text
    try:
        with warnings.catch_warnings(action="ignore"):
            call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    if not isinstance(call, ast.Call):
        return text
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    given |= dict(zip(("y_true", "y_pred"), call.args, strict=False))
    if set(given) != {"y_true", "y_pred"} or len(call.args) + len(call.keywords) != 2:
        return text
    made = isinstance(call.func, ast.Call) and not call.func.args and not call.func.keywords
    function = call.func.func if made and isinstance(call.func, ast.Call) else call.func
    try:
        name = _dotted(function).rpartition(".")[2]
    except LanguageError:
        return text
    for formula, (of_class, *functions) in _LOSSES.items():
        if name == of_class if made else name in functions:
            t, y = (ast.get_source_segment(text, given[key]) for key in ("y_true", "y_pred"))
            over = {"axis": "", "mean": "mean"} if made else {"axis": ", axis=-1", "mean": ""}
            return formula.format(t=t, y=y, **over)
    return text


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise LanguageError(UNREAD)


# ── verdicts ──────────────────────────────────────────────────────────────────────────────────────


_WEIGHTS = ("trainable_variables", "weights", "variables")  # mean `trainable_weights` here
_SAME: dict[str, str] = {f"model.{name}": "model.trainable_weights" for name in _WEIGHTS}
_KEYWORDS = {
    "model": ("inputs", "outputs"),
    "forward": ("inputs",),
    "gradients": ("target", "sources"),
    "set_weights": ("weights",),
    "assign_sub": ("delta",),
}
"""The names of the arguments in Keras and TensorFlow."""


def problem_in(lesson: Lesson, blank: Blank, read: Arguments) -> Message | None:
    """What is wrong in a blank of any kind but `loss` and `numbers`; None where it is right.

    Raises LanguageError: it is no answer to the question.
    """
    match blank.reads:
        case "shape":
            return _shape(lesson, read)
        case "layer":
            return _layer(lesson, blank, read)
        case "weights":
            return _weights(lesson, read)
        case "shapes":
            return _shapes(lesson, read)
        case "index":
            return _index(lesson, blank, read)
        case "step":
            return _step(lesson, read)
    return _names(blank, read)


def _shape(lesson: Lesson, read: Arguments) -> Message | None:
    name = network(lesson).input
    rows, columns = lesson.shapes[name]
    given = _only(read, "shape")
    if given == columns and not isinstance(given, bool):
        return Message(
            "Older Keras took the bare number. Keras 3 takes a shape, which is always a tuple: "
            "the comma makes it one."
        )
    sizes = _sizes(given)
    if sizes == (columns,):
        return None
    if sizes in ((rows, columns), (None, columns)):
        return Message("Leave out the batch size: give the shape of one example.")
    return Message(
        "How many numbers has one example? {name} has the shape {shape}, one row per example.",
        name=name,
        shape=str((rows, columns)),
    )


def _layer(lesson: Lesson, blank: Blank, read: Arguments) -> Message | None:
    unit = unit_of(lesson, blank.id)
    assert unit is not None
    given = dict(zip(("units", "activation", "use_bias"), read.values, strict=False))
    unknown = [key for key in read.named if key not in ("units", "activation", "use_bias")]
    if unknown or len(read.values) > 3:
        raise LanguageError(Message("Use only units, activation and use_bias here."))
    given |= read.named
    if given.get("units") != unit.units or isinstance(given.get("units"), bool):
        return Message(
            "How many units has this layer? {name} has the shape {shape}, one column per unit.",
            name=unit.weight,
            shape=str(lesson.shapes[unit.weight]),
        )
    if _activation(given.get("activation")) != unit.activation:
        if unit.activation is None:
            return Message("No activation follows {name}. Remove it.", name=unit.total)
        return Message(
            "The activation is not right. {name} goes through one; Dense takes its name as a "
            "string.",
            name=unit.total,
        )
    if given.get("use_bias", True) is not (unit.bias is not None):
        if unit.bias is None:
            return Message("This layer has no bias, but Dense adds one. Add use_bias=False.")
        return Message("This layer has a bias: {name}.", name=unit.bias)
    return None


def _activation(given: Value) -> str | None:
    """The name of an activation, given as a string or a function such as tf.nn.relu."""
    name = given.name.rpartition(".")[2] if isinstance(given, Word) else given
    if name is None or name == "linear":
        return None
    return name.lower() if isinstance(name, str) else "?"


def _weights(lesson: Lesson, read: Arguments) -> Message | None:
    wanted = network(lesson).weights
    words = tuple(map(Word, wanted))
    if read.values == words and len(words) > 1:
        return Message("set_weights takes one list. Put brackets around it.")
    given = _only(read, "weights")
    if not isinstance(given, Items):
        return Message("set_weights takes a list of arrays, one for each weight.")
    if given.values == words:
        return None
    if set(given.values) == set(words):
        return Message(
            "All arrays are there, but not in Keras' order: layer by layer, the weight, then its "
            "bias."
        )
    return Message("set_weights takes all arrays: {count}.", count=len(wanted))


def _shapes(lesson: Lesson, read: Arguments) -> Message | None:
    weights, given = network(lesson).weights, read.values
    if len(given) == 1 and isinstance(given[0], Items):
        inside = given[0].values
        if inside and all(isinstance(shape, Items) for shape in inside):  # brackets typed as well
            given = inside
    for place, (name, value) in enumerate(zip(weights, given, strict=False)):
        sizes = _sizes(value)
        if sizes != lesson.shapes[name]:
            if not sizes:
                return Message("A shape is always a tuple: (3,).")
            return Message(
                "The shape of trainable_weights[{place}] is wrong. That weight is {name}.",
                place=place,
                name=name,
            )
    if len(given) == len(weights):
        return None
    return Message("The length of the list is {count}.", count=len(weights))


def _index(lesson: Lesson, blank: Blank, read: Arguments) -> Message | None:
    names, given = network(lesson).weights, _only(read)
    if not isinstance(given, int) or isinstance(given, bool):
        raise LanguageError(Message("An index of a list is a whole number."))
    if not -len(names) <= given < len(names):
        return Message(
            "The length of the list is {count}, and the first index is 0.", count=len(names)
        )
    if names[given] == names[int(blank.answer)]:
        return None
    return Message(
        "Index {place} is the gradient with respect to {name}.", place=given, name=names[given]
    )


def _step(lesson: Lesson, read: Arguments) -> Message | None:
    given = _only(read, "delta")
    rates: tuple[Value, ...] = (Word(LEARNING_RATE), lesson.learning_rate)
    gradient = Word("gradient")
    if isinstance(given, Times):
        pair = (given.left, given.right)
        if gradient in pair and any(rate in pair for rate in rates):
            return None
        signs = (-1, Times(-1, rates[0]), -lesson.learning_rate, Times(-1, gradient))
        if any(sign in pair for sign in signs):
            return Message("assign_sub already subtracts. Remove the minus.")
    if given == gradient:
        return Message(
            "This step is as long as the gradient. Multiply it by {rate}.", rate=LEARNING_RATE
        )
    return Message("The change is the learning rate times the gradient of this weight.")


def _names(blank: Blank, read: Arguments) -> Message | None:
    wanted = [Word(name.strip()) for name in blank.answer.split(",")]
    keywords = _KEYWORDS.get(blank.id, ())
    given = [*read.values, *(read.named.get(key, "") for key in keywords[len(read.values) :])]
    if any(key not in keywords for key in read.named):
        raise LanguageError(Message("There is no argument with this name."))
    given = [Word(_SAME.get(v.name, v.name)) if isinstance(v, Word) else v for v in given]
    if given == wanted:
        return None
    if len(given) == len(wanted) == 2 and given[::-1] == wanted:
        return Message("The two are right, but in the wrong order.")
    return _NAMES[blank.id]


_NAMES = {
    "model": Message("Model takes the first and the last tensor of the code above."),
    "forward": Message("The model takes the input, one row per example."),
    "gradients": Message(
        "tape.gradient takes the loss and the variables: the model's list of trainable weights."
    ),
    "zip": Message(
        "zip pairs two lists: the model's trainable weights, and the gradients in the same order."
    ),
}


def _only(read: Arguments, keyword: str = "") -> Value:
    """The only argument, by position or by name; else all of them as a tuple."""
    if len(read.values) == 1 and not read.named:
        return read.values[0]
    if not read.values and set(read.named) == {keyword}:
        return read.named[keyword]
    return Items(read.values, brackets=False)


def _sizes(value: Value) -> tuple[Value, ...] | None:
    if not isinstance(value, Items) or any(isinstance(each, bool) for each in value.values):
        return None
    return value.values
