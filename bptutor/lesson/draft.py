"""A new lesson: a stack of layers as a program, and a lesson file as text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, asdict, fields

from bptutor.language.ops import activation_for, operations
from bptutor.language.render import write, write_assignment
from bptutor.language.tree import Apply, Name, Number
from bptutor.lesson.lesson import Dtype, Lesson, Texts, Values
from bptutor.lesson.source import LessonFile, Text, Translations, UpdateTable
from bptutor.text import LANGUAGES, UserError, shortest

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

    Raises UserError: sizes that make no network, or a loss that does not fit the outputs.
    """

    units: tuple[int, ...]  # inputs, units of the hidden layers, outputs
    activation: str
    loss: Loss
    rows: int  # examples in the batch
    learning_rate: float

    def __post_init__(self) -> None:
        if not 2 <= len(self.units) <= MOST_LAYERS + 1:
            raise UserError(
                "Give inputs, layers and outputs, as in 2,3,1; at most {most} layers.",
                most=MOST_LAYERS,
            )
        if not all(1 <= units <= MOST_UNITS for units in self.units):
            raise UserError("A layer can have 1 to {most} units.", most=MOST_UNITS)
        if not 1 <= self.rows <= MOST_ROWS:
            raise UserError("A batch can have 1 to {most} rows.", most=MOST_ROWS)
        if self.loss == "cross-entropy" and self.units[-1] < 2:
            raise UserError("Cross-entropy chooses between classes; give at least two outputs.")
        if not 0 < self.learning_rate < 1e6:
            raise UserError("The learning rate must be a positive number.")

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(
            name for layer in range(1, len(self.units)) for name in (f"W{layer}", f"b{layer}")
        )

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
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


def drafted(draft: Draft, title: Text, values: Mapping[str, Values]) -> LessonFile:
    """A lesson file for an author to begin from, valid as it stands."""
    sections: dict[str, Text] = {
        f"layer {layer}": Translations(f"Layer {layer}", f"{layer}번째 층")
        for layer in range(1, len(draft.units) - 1)
    }
    sections["output layer"] = Translations("Output layer", "출력층")
    sections["loss"] = Translations("Loss", "손실")
    return LessonFile(
        program=f"{draft.program}\n",
        loss="L",
        title=title,
        parameters=[*draft.parameters],
        learning_rate=draft.learning_rate,
        values=dict(values),
        sections=sections,
    )


def of_lesson(lesson: Lesson) -> LessonFile:
    """The file of a lesson that was made without one."""
    lines: list[str] = []
    section: str | None = None
    for assignment in lesson.program.assignments:
        if assignment.section != section:
            section = assignment.section
            lines.append(f"# {section}")
        lines.append(write_assignment(assignment, "ascii"))
    return LessonFile(
        program="".join(f"{line}\n" for line in lines),
        loss=lesson.loss,
        title=_text(lesson.title),
        summary=_text(lesson.summary),
        introduction=_text(lesson.introduction),
        parameters=[*lesson.parameters],
        learning_rate=lesson.learning_rate,
        skip=[*lesson.skip],
        dtype=lesson.dtype,
        values={name: _short(value, lesson.dtype) for name, value in lesson.values.items()},
        sections={name: _text(texts) for name, texts in lesson.sections.items()},
    )


def _text(texts: Texts) -> Text:
    given = {language: texts.by_language.get(language, "") for language in LANGUAGES}
    return Translations(**given) if any(given.values()) else ""


def _short(values: Any, dtype: Dtype) -> Any:
    """Numbers in nested lists, each with as few digits as it takes in `dtype`."""
    if isinstance(values, float | int):
        return float(shortest(values, dtype))
    if not isinstance(values, list):
        return _short(values.tolist(), dtype)
    return [_short(value, dtype) for value in values]


# ── as TOML ───────────────────────────────────────────────────────────────────────────────────────


FIRST = ("title", "summary", "introduction", "closing")
ALWAYS = ("learning_rate",)  # written even where it is the default: an author looks for it


def toml_text(file: LessonFile) -> str:
    """A lesson file as text: every key that has not its default, the tables last."""
    lines: list[str] = []
    tables: list[str] = []
    for field in sorted(fields(LessonFile), key=lambda field: field.name not in FIRST):
        value = getattr(file, field.name)
        if field.name not in ALWAYS and not field.required and value == _default(field):
            continue
        if isinstance(value, dict):
            tables += ["", f"[{field.name}]"]
            tables += (line for key, each in value.items() for line in _key(key, each))
        elif isinstance(value, UpdateTable):
            tables += ["", f"[{field.name}]"]
            given = {key: each for key, each in asdict(value).items() if each is not None}
            tables += (line for key, each in given.items() for line in _key(key, each))
        elif isinstance(value, list) and value and isinstance(value[0], Struct):
            for each in value:
                tables += ["", f"[[{field.name}]]"]
                tables += (
                    line
                    for key, part in asdict(each).items()
                    if part not in ("", None)
                    for line in _key(key, part)
                )
        else:
            lines += _key(field.name, value)
    return "\n".join([*lines, *tables, ""])


def _default(field: FieldInfo) -> Any:
    return field.default if field.default is not NODEFAULT else field.default_factory()


def values_text(values: Mapping[str, Values]) -> list[str]:
    """The table of a lesson file with the numbers of its leaves."""
    return ["[values]", *(line for name, value in values.items() for line in _key(name, value))]


def _key(key: str, value: Any) -> list[str]:
    """A key with its value; of a text in several languages a line for each."""
    name = key if _BARE.fullmatch(key) else _quoted(key)
    if isinstance(value, Translations):
        return [
            line
            for language, text in asdict(value).items()
            if text
            for line in _key_of_text(f"{name}.{language}", text)
        ]
    if isinstance(value, str):
        return _key_of_text(name, value)
    return [f"{name} = {_written(value)}"]


def _key_of_text(name: str, text: str) -> list[str]:
    """Several lines stay lines where nothing in them needs an escape."""
    plain = "\n" in text and not re.search(r'\\|"""|"$|[^\n\t\x20-\x7e\xa0-\uffff]', text)
    return [f'{name} = """\n{text}"""' if plain else f"{name} = {_quoted(text)}"]


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _written(value: Any) -> str:
    """A number, a choice or lists of them; a matrix has a line for each row."""
    if isinstance(value, list):
        if len(value) > 1 and isinstance(value[0], list) and len(value[0]) > 1:
            return "[\n" + "".join(f"    {_written(row)},\n" for row in value) + "]"
        return f"[{', '.join(map(_written, value))}]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A TOML string: JSON's, except for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
