"""In which order can the gradients be computed? The products' own dependencies decide."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import LanguageError
from bptutor.language.render import display_name, write
from bptutor.language.tree import names
from bptutor.locale import Message
from bptutor.tutoring.exercise import Exercise
from bptutor.tutoring.facts import Array
from bptutor.tutoring.listing import read_names
from bptutor.tutoring.parts import gradients_of
from bptutor.tutoring.why import Why


class Ordering(Exercise):
    """All gradients of a lesson, to be put in an order in which each has what it needs."""

    def name(self) -> Message | str:
        return Message("the order")

    def question(self) -> Message:
        return Message(
            "The forward pass is done. In which order can the gradients of {loss} be computed?",
            loss=self.lesson.loss,
        )

    def formula(self) -> str:
        """What there is to put in order, as the program reads it."""
        order = [*self.lesson.program.leaves, *self.lesson.program.by_target]
        return ", ".join(name for name in order if name in gradients_of(self.lesson))

    def remarks(self, language: str) -> list[str]:
        said = Message(
            "Type these names, first to last. A gradient can be computed once all that its product "
            "reads is there; several orders are right."
        )
        return [said.to(language)]

    def relevant(self) -> list[str]:
        return []

    def judge(self, text: str) -> tuple[JudgedProduct, Sequence[Named]]:
        found = gradients_of(self.lesson)
        by_id = {step.id: by for by, step in found.items()}
        try:
            read = read_names(text, {*found, *by_id})
        except LanguageError as error:
            return JudgedProduct("unreadable", error.message, error.column), []
        return self._judged([by_id.get(name, name) for name in read]), []

    def _judged(self, order: list[str]) -> JudgedProduct:
        done: set[str] = set()
        for by in order:
            if by in done:
                said = Message("{name} stands there twice; each comes once.", name=by)
                return JudgedProduct("wrong", said)
            waits = [name for name in self._needs(by) if name not in done]
            if waits:
                return JudgedProduct("wrong", self._too_early(by, waits[0]))
            done.add(by)
        missing = [by for by in gradients_of(self.lesson) if by not in done]
        if missing:
            said = Message("Right so far. Still to come: {names}.", names=", ".join(missing))
            return JudgedProduct("imprecise", said)
        return JudgedProduct("right", Message("The order is right: each has what it needs."))

    def _too_early(self, by: str, waits: str) -> Message:
        step = gradients_of(self.lesson)[by]
        return Message(
            "{name} comes too early. It is {product}, and {waits} is not there yet.",
            name=display_name(step.id, self.style),
            product=write(step.product, self.style),
            waits=display_name(gradient_name(self.lesson.loss, waits), self.style),
        )

    def _needs(self, by: str) -> list[str]:
        """What other gradients are by that the product of this one reads."""
        found = gradients_of(self.lesson)
        ids = {step.id: name for name, step in found.items()}
        read = dict.fromkeys(names(found[by].product))
        return [ids[name] for name in read if name in ids]

    def truth(self) -> Array | None:
        return None

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        found = gradients_of(self.lesson)
        first = next(by for by in found if not self._needs(by))
        after = [by for by in found if self._needs(by) == [first]]
        return [
            Message("The signal starts at the loss. Which product reads no other gradient at all?"),
            Message(
                "It is {name} = {product}: it reads the forward pass alone.",
                name=display_name(found[first].id, self.style),
                product=write(found[first].product, self.style),
            ),
            Message("What reads only that one comes next: {names}.", names=", ".join(after)),
        ][:rungs]

    def written(self) -> str | None:
        return ", ".join(gradients_of(self.lesson))

    def code(self) -> str:
        return ""

    def says(self, language: str) -> str:
        said = Message(
            "Parameters hand nothing on: their gradients may come whenever their turn has come, or "
            "much later. The others must go back layer by layer, since each waits for the one "
            "before it."
        )
        return said.to(language)

    def line(self) -> str | None:
        return None

    def why(self) -> Why | None:
        return None
