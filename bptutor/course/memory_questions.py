"""Questions on the activation memory: of one section, and of the whole backward pass."""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from bptutor.course.derive import read_names
from bptutor.course.exercise import Exercise, Remark
from bptutor.course.memory import Kept, Need, count_kept, least_kept, needs, released, targets
from bptutor.course.parts import gradients_of
from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, grade_numbers, read_number
from bptutor.grading.formula import JudgedFormula
from bptutor.language.ops import traits_of
from bptutor.language.ops.base import written_shape
from bptutor.language.render import display_name
from bptutor.language.tree import names
from bptutor.lesson.steps import readers
from bptutor.text import Message, sentences

BYTES = {"float32": 4, "float64": 8}
BATCH, LAYERS = 256, 50  # the batch and the depth of an ordinary network


class KeptNames(Exercise):
    """Which values must be kept for the backward pass through a section."""

    rungs = 2

    @property
    def need(self) -> Need:
        return next(need for need in needs(self.lesson) if need.section == self.step.section)

    def name(self) -> Message | str:
        return Message("values to store")

    def question(self) -> Message:
        return Message(
            "Which values of the forward pass must be stored for the backward pass through this "
            "section?"
        )

    def formula(self) -> str:
        lesson = self.lesson
        return ", ".join(
            display_name(step.id, self.style)
            for name, step in gradients_of(lesson).items()
            if any(reader.section == self.step.section for reader in readers(lesson, name))
        )

    def _remarks(self) -> Sequence[Remark]:
        return [
            Message(
                "Type their names, or nothing. Look at the values in the formulas. Weights, biases "
                "and targets are there anyway: you may leave them out."
            )
        ]

    def _judge(self, text: str) -> JudgedFormula:
        lesson, given = self.lesson, targets(self.lesson)
        groups = [set(kept.either) for kept in self.need.kept]
        if not text.strip():
            return JudgedFormula.unreadable(Message("Type names such as Z1, or the word nothing."))
        read = read_names(text, {*lesson.program.leaves, *lesson.program.by_target}, lesson)
        named = {name for name in read if name not in lesson.parameters}
        for name in sorted(named.difference(*groups)):
            return JudgedFormula.wrong(
                Message("No formula of this section contains {name}.", name=name)
            )
        left_out = given.intersection(set().union(*groups)) - named
        named |= given
        for kept in self.need.kept:
            if not named & set(kept.either):
                return JudgedFormula.wrong(
                    Message("A value is missing. Look at {product}.", product=self._why(kept))
                )
        for kept in self.need.kept:
            spare = any(all((named - {name}) & group for group in groups) for name in kept.either)
            if len(kept.either) > 1 and spare and named.issuperset(kept.either):
                said = Message(
                    "One of the two is enough, {one} or {other}: either gives the derivative.",
                    one=kept.either[0],
                    other=kept.either[1],
                )
                return JudgedFormula("imprecise", said)
        right = self._comment()
        if left_out:
            read_too = Message(
                "The formulas also read {names}: data that is there anyway.",
                names=", ".join(sorted(left_out)),
            )
            right = sentences(right, read_too)
        return JudgedFormula("right", right)

    def _comment(self) -> Message:
        if not self.need.kept:
            return Message("Right. Addition passes the gradient on and needs no stored value.")
        pairs = [kept.either for kept in self.need.kept if len(kept.either) > 1]
        if not pairs:
            return Message("Right.")
        one, other = pairs[0]
        if one in self._maximum_inputs:
            return Message(
                "Right. Either {one} or {other} gives the derivative of the activation, except "
                "where {one} is exactly 0.",
                one=one,
                other=other,
            )
        return Message(
            "Right. Either {one} or {other} gives the derivative of the activation.",
            one=one,
            other=other,
        )

    @property
    def _maximum_inputs(self) -> set[str]:
        """The inputs of `maximum`, whose gradient at a tie cannot be told from its output."""
        lines = (line.expression for line in self.lesson.program.assignments)
        return {name for line in lines if traits_of(line).passes_at_tie for name in names(line)}

    def _why(self, kept: Kept) -> str:
        """A gradient whose formula reads it."""
        gradients = gradients_of(self.lesson).values()
        return self.equation(next(step for step in gradients if step.id == kept.readers[0]))

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message(
            "A product x * y or x @ y needs the other factor. An activation needs its input or "
            "output. A sum needs nothing."
        )
        products = dict.fromkeys(self._why(kept) for kept in self.need.kept)
        if products:
            yield Message("The formulas are: {products}", products="; ".join(products))
        else:
            yield Message("This section has only sums.")

    def written(self) -> str | None:
        least = least_kept(self.lesson)
        groups = [kept.either for kept in self.need.kept]
        chosen = [next((name for name in group if name in least), group[0]) for group in groups]
        return ", ".join(dict.fromkeys(chosen)) or "-"

    def says(self, language: str) -> str:
        return "\n".join(dict.fromkeys(self._why(kept) for kept in self.need.kept))


class KeptAmount(Exercise):
    """How many numbers and bytes the whole backward pass needs."""

    def name(self) -> Message | str:
        return Message("values to store")

    def labels(self) -> Sequence[Message]:
        return (Message("count"), Message("bytes"))

    def question(self) -> Message:
        return Message(
            "How much must be stored in all: how many numbers, and how many bytes? ({dtype}: "
            "{bytes} bytes per number)",
            dtype=self.lesson.dtype,
            bytes=BYTES[self.lesson.dtype],
        )

    def _remarks(self) -> Sequence[Remark]:
        return [
            Message(
                "Count each value once, even if two sections need it. Inputs and targets count "
                "too. Where either of two is enough, count the one that is stored anyway. Type "
                "the count first, then the bytes."
            )
        ]

    def relevant(self) -> list[str]:
        every = (*self.lesson.program.leaves, *self.lesson.program.by_target)
        return [name for name in every if name not in self.lesson.parameters]

    @property
    def count(self) -> int:
        return sum(prod(self.lesson.shapes[name]) for name in least_kept(self.lesson))

    def truth(self) -> Array:
        return np.asarray([self.count, self.count * BYTES[self.lesson.dtype]], "float64")

    def grade_cells(
        self, texts: Sequence[str], positions: Sequence[int], *, letters: bool = False
    ) -> list[GradedCell]:
        return grade_numbers([*map(read_number, texts)], self.truth()[list(positions)])

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message("Go through the sections and write down each name once.")
        shapes = {name: self.lesson.shapes[name] for name in least_kept(self.lesson)}
        kept = [f"{name} {written_shape(shape)}".strip() for name, shape in shapes.items()]
        yield Message("Values to store: {names}.", names=", ".join(kept))
        counts = " + ".join(str(prod(shape)) for shape in shapes.values())
        yield Message("That is {sum} numbers.", sum=f"{counts} = {self.count}")

    def says(self, language: str) -> str:
        lesson, size = self.lesson, BYTES[self.lesson.dtype]
        gone = [
            f"{lesson.heading(section, language) or lesson.loss}: {', '.join(names)}"
            for section, names in released(lesson)
        ]
        on_the_way_back = Message(
            "In the backward pass, each can be freed once its section is done: {names}.",
            names="; ".join(gone),
        )
        many = count_kept(lesson, BATCH)
        if many is None:
            return on_the_way_back.to(language)
        larger = Message(
            "With {rows} examples at once it is {numbers} numbers, {bytes}. With {layers} times "
            "as many layers it is about {deep}. These values grow with the batch; the weights do "
            "not.",
            rows=BATCH,
            numbers=many,
            bytes=_size(many * size),
            layers=LAYERS,
            deep=_size(many * size * LAYERS),
        )
        return f"{on_the_way_back.to(language)}\n{larger.to(language)}"


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.4g} KiB" if count < 1024**2 else f"{count / 1024**2:.4g} MiB"
