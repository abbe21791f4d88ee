"""A slope or a gradient in symbols: a formula is asked, and no number is shown."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct, World, judge_product
from bptutor.language.ops import traits_of
from bptutor.language.render import display_name, write
from bptutor.language.tree import Apply, Expression, Number
from bptutor.locale import Message
from bptutor.tutoring import questions
from bptutor.tutoring.exercise import Exercise
from bptutor.tutoring.facts import Array
from bptutor.tutoring.grader import grade_product, read_product
from bptutor.tutoring.hints import Hints
from bptutor.tutoring.questions import operations_to


class Derivation(Exercise):
    """A step of the part `derive` that asks for a formula."""

    rungs = 2

    def question(self) -> Message:
        step = self.step
        if step.kind == "backward":
            return super().question()
        return Message(
            "How does {target} answer when {by} moves? Write its slope as a formula.",
            target=step.target,
            by=step.by or "",
        )

    def remarks(self, language: str) -> list[str]:
        # What the author says on the way back is about numbers and updates: there are none here.
        local = self.step.kind == "local"
        note = self.lesson.notes.get(self.step.id) if local else None
        said = (
            Message("A formula of what is known; where the slope is 1 everywhere, 1 is enough.")
            if local
            else Message("A formula of what is known. @ multiplies matrices, * goes cell by cell.")
        )
        return ([note.to(language)] if note else []) + [said.to(language)]

    def judge(self, text: str) -> tuple[JudgedProduct, Sequence[Named]]:
        if self.step.kind == "backward":
            return super().judge(text)
        judged = grade_product(self.facts, self.step, text, spread=True)
        if judged.verdict == "right":
            return JudgedProduct("right", Message("The formula is right.")), []
        if judged.verdict == "unreadable":
            return judged, []
        if self._is_factor(text):
            return JudgedProduct("right", self._added_up()), []
        return judged, self._mistakes(text)

    def _is_factor(self, text: str) -> bool:
        """Is it what the chain rule multiplies with, not yet added up over the outputs?"""
        factor = self._factor()
        if factor is None:
            return False
        worlds = [
            World(world.evaluate(factor), world.evaluate, world.residue)
            for world in self.facts.worlds(self.step)
        ]
        expression = read_product(self.lesson, self.step, text)
        return judge_product(expression, worlds, spread=True).verdict == "right"

    def _factor(self) -> Expression | None:
        """`W1.T` of the slope `ones_like(Z1) @ W1.T`, and 1 of a bias."""
        product, step = self.step.product, self.step
        line = self.lesson.program.by_target[step.target]
        if all(
            each.traits.terms == "plus" for each in operations_to(line.expression, step.by or "")
        ):
            return Number(1)
        if isinstance(product, Apply) and traits_of(product).product == "matrices":
            others = [each for each in product.operands if not traits_of(each).shape_alone]
            return others[0] if len(others) == 1 else None
        return None

    def _added_up(self) -> Message:
        step = self.step
        return Message(
            "Right: that is what the chain rule multiplies with. tape.gradient({target}, {by}) adds"
            " it up over the outputs: {formula}.",
            target=step.target,
            by=step.by or "",
            formula=write(step.product, self.style),
        )

    def truth(self) -> Array | None:
        return None

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        return Hints(self.facts, self.step, self.style, asked).upto(rungs)

    def written(self) -> str | None:
        return write(self.step.product, self.style)

    def says(self, language: str) -> str:
        shape = ", ".join(map(str, self.step.shape)) + ("," if len(self.step.shape) == 1 else "")
        return f"<tf.Tensor: shape=({shape}), dtype={self.lesson.dtype}>"

    def formula(self) -> str:
        if self.step.kind == "backward":
            return super().formula()
        line = self.lesson.program.by_target[self.step.target]
        name = display_name(self.step.id, self.style)
        return f"{line.target} = {write(line.expression, self.style)}    {name} = ?"

    def line(self) -> str | None:
        return f"{self.step.id} = {write(self.step.product, 'tensorflow', self.lesson.dtype)}"

    def relevant(self) -> list[str]:
        found = questions.relevant(self.lesson, self.step)
        if self.step.kind == "backward":
            return found
        line = self.lesson.program.by_target[self.step.target]
        return list(dict.fromkeys((*line.inputs, self.step.target)))
