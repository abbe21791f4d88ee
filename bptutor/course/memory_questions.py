"""What must be kept of the forward pass, for one section and for the whole way back."""

from collections.abc import Sequence
from math import prod

import numpy as np

from bptutor.course.derive import read_names
from bptutor.course.exercise import Exercise
from bptutor.course.memory import Kept, Need, least_kept, let_go, needs, with_batch
from bptutor.course.parts import gradients_of
from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, grade_numbers
from bptutor.grading.formula import JudgedFormula
from bptutor.language.errors import LanguageError
from bptutor.language.ops import traits_of
from bptutor.language.ops.base import written_shape
from bptutor.language.render import display_name, write
from bptutor.language.tree import names
from bptutor.text import Message

BYTES = {"float32": 4, "float64": 8}
"""What a number takes."""
BATCH, LAYERS = 256, 50
"""A batch and a depth as networks have them."""


class Remembering(Exercise):
    """Which values must be kept for the way back through a section."""

    rungs = 2

    @property
    def need(self) -> Need:
        """What is right."""
        return next(need for need in needs(self.lesson) if need.section == self.step.section)

    def name(self) -> Message | str:
        return Message("the memory")

    def question(self) -> Message:
        return Message(
            "Which values of the forward pass must be kept for the way back through this section?"
        )

    def formula(self) -> str:
        """The gradients that are computed in this section, by their names."""
        loss, program = self.lesson.loss, self.lesson.program
        reached = {loss, *program.ancestors(loss)}
        read = {
            name
            for each in program.assignments
            if each.section == self.step.section and each.target in reached
            for name in each.inputs
        }
        found = gradients_of(self.lesson)
        return ", ".join(
            display_name(step.id, self.style) for name, step in found.items() if name in read
        )

    def remarks(self, language: str) -> list[str]:
        said = Message(
            "Type their names, or nothing. Look at what the products read. Weights and biases are "
            "there anyway: they need not be named."
        )
        return [said.to(language)]

    def judge(self, text: str) -> JudgedFormula:
        lesson = self.lesson
        every = {*lesson.program.leaves, *lesson.program.by_target}
        if not text.strip():
            said = Message("Type names such as Z1, or the word nothing.")
            return JudgedFormula("unreadable", said)
        try:
            read = read_names(text, every)
        except LanguageError as error:
            return JudgedFormula("unreadable", error.message, error.column)
        return self._judged({name for name in read if name not in lesson.parameters})

    def _judged(self, named: set[str]) -> JudgedFormula:
        wanted = {name for kept in self.need.kept for name in kept.either}
        for name in sorted(named - wanted):
            said = Message("{name} is not read by any product of this section.", name=name)
            return JudgedFormula("wrong", said)
        for kept in self.need.kept:
            if not named & set(kept.either):
                said = Message("Something is missing: look at {product}.", product=self._why(kept))
                return JudgedFormula("wrong", said)
        for kept in self.need.kept:
            one, *others = kept.either
            spare = [name for name in kept.either if self._spare(name, named)]
            if others and spare and {one, *others} <= named:
                said = Message(
                    "One of the two is enough, {one} or {other}: the slope can be had from either.",
                    one=one,
                    other=others[0],
                )
                return JudgedFormula("imprecise", said)
        return JudgedFormula("right", self._told())

    def _spare(self, name: str, named: set[str]) -> bool:
        """Would the rest do without it?"""
        return all((named - {name}) & set(kept.either) for kept in self.need.kept)

    def _told(self) -> Message:
        if not self.need.kept:
            return Message("Right: addition passes the signal on and needs to remember nothing.")
        pairs = [kept.either for kept in self.need.kept if len(kept.either) > 1]
        if not pairs:
            return Message("Right.")
        one, other = pairs[0]
        if one in self._tied:
            return Message(
                "Right. For the slope of the activation {one} will do as well as {other}, but for "
                "a {one} of exactly 0.",
                one=one,
                other=other,
            )
        return Message(
            "Right. For the slope of the activation {one} will do as well as {other}.",
            one=one,
            other=other,
        )

    @property
    def _tied(self) -> set[str]:
        """What goes into a maximum: what comes out does not tell a tie from less."""
        lines = (each.expression for each in self.lesson.program.assignments)
        return {name for line in lines if traits_of(line).passes_at_tie for name in names(line)}

    def _why(self, kept: Kept) -> str:
        """A gradient whose product reads it, as a line."""
        step = {each.id: each for each in gradients_of(self.lesson).values()}[kept.readers[0]]
        return f"{display_name(step.id, self.style)} = {write(step.product, self.style)}"

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        products = dict.fromkeys(self._why(kept) for kept in self.need.kept)
        return [
            Message(
                "A product of the forward pass (x * y, x @ y) needs the other factor, an "
                "activation needs its own input or output, and a sum needs nothing."
            ),
            Message("These are the products: {products}", products="; ".join(products))
            if products
            else Message("There are only sums here."),
        ][:rungs]

    def written(self) -> str | None:
        either = [kept.either for kept in self.need.kept]
        least = least_kept(self.lesson)
        chosen = [next((n for n in names if n in least), names[0]) for names in either]
        return ", ".join(dict.fromkeys(chosen)) or "-"

    def says(self, language: str) -> str:
        return "\n".join(dict.fromkeys(self._why(kept) for kept in self.need.kept))


class Counting(Exercise):
    """How much that is in all."""

    def name(self) -> Message | str:
        return Message("the memory")

    def question(self) -> Message:
        return Message(
            "How much must be kept in all: how many numbers, and how many bytes? ({dtype}: {bytes} "
            "bytes a number)",
            dtype=self.lesson.dtype,
            bytes=BYTES[self.lesson.dtype],
        )

    def remarks(self, language: str) -> list[str]:
        said = Message(
            "What two sections need is kept once; and where one of two will do, keep the one that "
            "is kept anyway. First cell: numbers; second cell: bytes."
        )
        return [said.to(language)]

    def relevant(self) -> list[str]:
        every = (*self.lesson.program.leaves, *self.lesson.program.by_target)
        return [name for name in every if name not in self.lesson.parameters]

    @property
    def count(self) -> int:
        """Numbers that are kept."""
        return sum(prod(self.lesson.shapes[name]) for name in least_kept(self.lesson))

    def truth(self) -> Array | None:
        return np.asarray([self.count, self.count * BYTES[self.lesson.dtype]], "float64")

    def grade_cells(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        truth = self.truth()
        assert truth is not None
        return grade_numbers(texts, truth[list(positions)])

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        least = least_kept(self.lesson)
        shapes = [f"{name} {written_shape(self.lesson.shapes[name])}".strip() for name in least]
        counts = " + ".join(str(prod(self.lesson.shapes[name])) for name in least)
        return [
            Message("Go through the sections once more and write each name down once."),
            Message("Kept are: {names}.", names=", ".join(shapes)),
            Message("That is {sum} numbers.", sum=f"{counts} = {self.count}"),
        ][:rungs]

    def says(self, language: str) -> str:
        lesson, size = self.lesson, BYTES[self.lesson.dtype]
        gone = [
            f"{lesson.heading(section, language) or lesson.loss}: {', '.join(names)}"
            for section, names in let_go(lesson)
        ]
        let_go_then = Message(
            "On the way back each can be let go as soon as its section is done: {names}.",
            names="; ".join(gone),
        )
        many = with_batch(lesson, BATCH)
        if many is None:
            return let_go_then.to(language)
        larger = Message(
            "With {rows} examples at once it is {numbers} numbers, {bytes}; and {layers} times as "
            "many layers make it about {deep}. The weights stay as they are: it is the batch that "
            "fills the memory.",
            rows=BATCH,
            numbers=many,
            bytes=_size(many * size),
            layers=LAYERS,
            deep=_size(many * size * LAYERS),
        )
        return f"{let_go_then.to(language)}\n{larger.to(language)}"


def _size(count: int) -> str:
    """Bytes as people say them."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.4g} KiB" if count < 1024**2 else f"{count / 1024**2:.4g} MiB"
