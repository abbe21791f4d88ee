"""A new lesson: a stack of layers as a program, and as the text of a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bptutor.language.ops import activation_for, operations
from bptutor.language.render import write, write_assignment
from bptutor.language.tree import Apply, Name, Number
from bptutor.lesson.lesson import Dtype, Lesson, Texts, Values
from bptutor.text import Message, UserError, shortest

Loss: TypeAlias = Literal["squares", "binary-cross-entropy", "cross-entropy"]

ACTIVATIONS = tuple(
    key for key, each in operations().items() if each.traits.activation and each.elementwise
)
"""Of a hidden layer."""
LOSSES: tuple[Loss, ...] = ("squares", "binary-cross-entropy", "cross-entropy")
MOST_LAYERS = 20
MOST_UNITS = 512
MOST_ROWS = 256

_LOSS_LINES: dict[Loss, str] = {
    "squares": "L = mean((Y - T) ** 2)",
    "binary-cross-entropy": "L = -mean(T * log(P) + (1 - T) * log(1 - P))",
    "cross-entropy": "L = -mean(sum(T * log(P), axis=1))",
}
_OUTPUT: dict[Loss, str] = {
    "squares": "",
    "binary-cross-entropy": activation_for("each"),
    "cross-entropy": activation_for("row"),
}


@dataclass(frozen=True)
class Draft:
    """A stack of affine layers with an activation, a loss and a batch.

    Raises:
        UserError: sizes that make no network, or a loss that does not fit the outputs.
    """

    units: tuple[int, ...]
    """Inputs, units of the hidden layers, outputs."""
    activation: str
    loss: Loss
    rows: int
    """Examples in the batch."""
    learning_rate: float

    def __post_init__(self) -> None:
        if not 2 <= len(self.units) <= MOST_LAYERS + 1:
            problem = Message(
                "Give inputs, layers and outputs, as in 2,3,1; at most {most} layers.",
                most=MOST_LAYERS,
            )
            raise UserError(problem)
        if not all(1 <= units <= MOST_UNITS for units in self.units):
            raise UserError(Message("A layer can have 1 to {most} units.", most=MOST_UNITS))
        if not 1 <= self.rows <= MOST_ROWS:
            raise UserError(Message("A batch can have 1 to {most} rows.", most=MOST_ROWS))
        if self.loss == "cross-entropy" and self.units[-1] < 2:
            raise UserError(
                Message("Cross-entropy chooses between classes; give at least two outputs.")
            )
        if not 0 < self.learning_rate < 1e6:
            raise UserError(Message("The learning rate must be a positive number."))

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(
            name for layer in range(1, len(self.units)) for name in (f"W{layer}", f"b{layer}")
        )

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each leaf."""
        found: dict[str, tuple[int, ...]] = {"X": (self.rows, self.units[0])}
        for layer, (below, above) in enumerate(zip(self.units, self.units[1:], strict=False), 1):
            found |= {f"W{layer}": (below, above), f"b{layer}": (above,)}
        return found | {"T": (self.rows, self.units[-1])}

    @property
    def program(self) -> str:
        lines, read, last = [], "X", len(self.units) - 1
        for layer in range(1, last):
            z, a = f"Z{layer}", f"a{layer}"
            lines += [f"# layer {layer}", f"{z} = {read} @ W{layer} + b{layer}"]
            lines.append(f"{a} = {self._activated(z)}")
            read = a
        output = _OUTPUT[self.loss]
        target = f"Z{last}" if output else "Y"
        lines += ["# output layer", f"{target} = {read} @ W{last} + b{last}"]
        if output:
            lines.append(f"P = {output}({target})")
        return "\n".join([*lines, "# loss", _LOSS_LINES[self.loss]])

    def _activated(self, z: str) -> str:
        beside = [Number(0)] * (operations()[self.activation].arity - 1)
        return write(Apply(self.activation, (Name(z), *beside)), "ascii")


def file_text(draft: Draft, title: Mapping[str, str], values: Mapping[str, Values]) -> str:
    """A lesson file for an author to begin from, valid as it stands."""
    lines = [f"title.{language} = {_quoted(text)}" for language, text in title.items()]
    lines += ["", 'program = """', draft.program, '"""', 'loss = "L"']
    lines.append(f"parameters = [{', '.join(_quoted(name) for name in draft.parameters)}]")
    lines += [f"learning_rate = {draft.learning_rate!r}", "", *values_text(values)]
    lines += ["", "[sections]"]
    for layer in range(1, len(draft.units) - 1):
        lines.append(f'"layer {layer}" = {{ en = "Layer {layer}", ko = "{layer}번째 층" }}')
    lines.append('"output layer" = { en = "Output layer", ko = "출력층" }')
    lines.append('"loss" = { en = "Loss", ko = "손실" }')
    return "\n".join([*lines, ""])


def values_text(values: Mapping[str, Values]) -> list[str]:
    """The table of a lesson file with the numbers of its leaves."""
    return ["[values]", *(f"{name} = {_rows(value)}" for name, value in values.items())]


def lesson_text(lesson: Lesson) -> str:
    """The file of a lesson that was made without one."""
    lines = _texts("title", lesson.title) + _texts("summary", lesson.summary)
    lines += [*_texts("introduction", lesson.introduction), "", 'program = """']
    section: str | None = None
    for assignment in lesson.program.assignments:
        if assignment.section != section:
            section = assignment.section
            lines.append(f"# {section}")
        lines.append(write_assignment(assignment, "ascii"))
    lines += ['"""', f"loss = {_quoted(lesson.loss)}"]
    lines.append(f"parameters = [{', '.join(map(_quoted, lesson.parameters))}]")
    lines += [f"learning_rate = {lesson.learning_rate!r}", f'dtype = "{lesson.dtype}"']
    lines += ["", "[values]"]
    for name, values in lesson.values.items():
        numbers = values if isinstance(values, float | list) else values.tolist()
        lines.append(f"{name} = {_shortest(numbers, lesson.dtype)}")
    lines += ["", "[sections]"]
    for name, texts in lesson.sections.items():
        lines += _texts(_quoted(name), texts)
    return "\n".join([*lines, ""])


def _texts(key: str, texts: Texts) -> list[str]:
    return [f"{key}.{language} = {_quoted(text)}" for language, text in texts.by_language.items()]


def _shortest(numbers: Any, dtype: Dtype) -> str:
    """TOML with as few digits as the numbers take, one matrix row a line."""
    if not isinstance(numbers, list):
        return shortest(numbers, dtype)
    rows = [_shortest(each, dtype) for each in numbers]
    if isinstance(numbers[0], list):
        return "[\n" + "".join(f"    {row},\n" for row in rows) + "]"
    return f"[{', '.join(rows)}]"


def _quoted(text: str) -> str:
    """A TOML string: JSON's, except for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _rows(value: Values | Sequence[Values]) -> str:
    """TOML, one matrix row a line."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "[\n" + "".join(f"    {row},\n" for row in value) + "]"
    return repr(value)
