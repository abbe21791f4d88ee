"""A blank in the Keras code, or a number that the code comes to."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct, judge_product
from bptutor.language.errors import LanguageError
from bptutor.language.ops.base import written_shape
from bptutor.language.parse import parse_expression
from bptutor.language.render import write_assignment
from bptutor.language.tree import names
from bptutor.locale import Message
from bptutor.tutoring.coding import (
    GAP,
    LOOK,
    Blank,
    blank_of,
    code_shown,
    lines_before,
    network,
    unit_of,
)
from bptutor.tutoring.exercise import Exercise
from bptutor.tutoring.facts import Array
from bptutor.tutoring.filling import judge_blank
from bptutor.tutoring.snippets import inside_of, read_arguments
from bptutor.tutoring.why import Why


class Coding(Exercise):
    """One line of the code, with a gap."""

    rungs = 2

    @property
    def blank(self) -> Blank:
        """The line and what belongs into its gap."""
        return blank_of(self.lesson, self.step.id)

    def name(self) -> Message | str:
        return self.step.id

    def question(self) -> Message:
        unit = unit_of(self.lesson, self.step.id)
        return _QUESTIONS["layer" if unit else self.step.id]

    def formula(self) -> str:
        return code_shown(self.lesson, self.step.id)

    def remarks(self, language: str) -> list[str]:
        said = [Message("Type what stands in the place of {gap}.", gap=GAP)]
        unit = unit_of(self.lesson, self.step.id)
        if unit and unit.differs_at_zero:
            said.insert(0, self._at_zero(unit.total))
        return [message.to(language) for message in said]

    def _at_zero(self, total: str) -> Message:
        """Where Keras' relu and the program's maximum part ways."""
        if self._facts is None:
            here: Message | str = ""
        elif count := int((self._facts.trace.values[total] == 0).sum()):
            here = Message(
                "Numbers of {name} that are exactly 0 here: {count}. Watch their gradients.",
                name=total,
                count=count,
            )
        else:
            here = Message("No number of {name} is exactly 0 here.", name=total)
        return Message(
            "Keras has relu where the program has maximum({name}, 0). They are the same but for "
            "the slope at exactly 0: maximum has 1 there, relu 0. {here}",
            name=total,
            here=here,
        )

    def relevant(self) -> list[str]:
        made = network(self.lesson)
        unit = unit_of(self.lesson, self.step.id)
        if unit:
            return [name for name in (unit.weight, unit.bias) if name]
        if self.blank.reads == "loss":
            return list(dict.fromkeys(names(self.step.product)))
        if self.blank.reads == "shape" or self.step.id == "forward":
            return [made.input]
        return list(made.weights) if self.blank.reads in ("weights", "shapes", "index") else []

    def judge(self, text: str) -> tuple[JudgedProduct, Sequence[Named]]:
        blank = self.blank
        try:
            if blank.reads == "loss":
                return self._judge_loss(inside_of(text, blank.line, GAP)), []
            return judge_blank(self.lesson, blank, read_arguments(text, blank.line, GAP)), []
        except LanguageError as error:
            return JudgedProduct("unreadable", error.message, error.column or None), []

    def _judge_loss(self, text: str) -> JudgedProduct:
        lesson = self.lesson
        line = lesson.program.by_target[lesson.loss]
        expression = parse_expression(text, set(line.inputs))
        for name in names(expression):
            if name not in line.inputs:
                said = Message(
                    "There is no {name} in this code; there are {names}.",
                    name=name,
                    names=", ".join(line.inputs),
                )
                return JudgedProduct("wrong", said)
        worlds = self.facts.worlds_of(lesson.loss, line.expression)
        judged = judge_product(expression, worlds)
        if judged.verdict == "right":
            return JudgedProduct("right", Message("Right: that is the loss."))
        said = Message(
            "That is not the loss of the program, {line}.",
            line=write_assignment(line, self.style, lesson.dtype),
        )
        return JudgedProduct("wrong", said)

    def truth(self) -> Array | None:
        return None

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        unit = unit_of(self.lesson, self.step.id)
        line = self.lesson.program.by_target[self.blank.target]
        made = network(self.lesson)
        shapes = ", ".join(
            f"{name} {written_shape(self.lesson.shapes[name])}"
            for name in ((unit.weight, unit.bias) if unit else (made.input, *made.weights))
            if name
        )
        if unit or self.blank.reads == "loss":
            second = Message(
                "In the program it is {line}. The shapes: {shapes}.",
                line=write_assignment(line, self.style, self.lesson.dtype),
                shapes=shapes,
            )
        else:
            second = Message("In the order of the layers there are: {names}.", names=shapes)
        return [_HINTS["layer" if unit else self.step.id], second][:rungs]

    def written(self) -> str | None:
        return self.blank.answer

    def code(self) -> str:
        return self.blank.filled.strip()

    def says(self, language: str) -> str:
        return ""

    def line(self) -> str | None:
        if self.blank.reads in LOOK:
            return None
        before = lines_before(self.lesson, self.step.id)
        opens = before[-1:] if self.step.id in ("inputs", "forward") else []
        return "\n".join([*opens, self.blank.filled])

    def why(self) -> Why | None:
        return None


_QUESTIONS = {
    "inputs": Message("Build the model. What shape has its input?"),
    "layer": Message("The next layer: how many units, and which activation?"),
    "model": Message("The layers are there. From where to where does the model go?"),
    "set_weights": Message("Give the model the weights of the program, in Keras' order."),
    "forward": Message("The forward pass, on the tape: what goes into the model?"),
    "loss": Message("Still on the tape: write the loss."),
    "shapes": Message("What shapes have the trainable weights, in their order?"),
    "gradients": Message("Ask the tape for all gradients at once: of what, by what?"),
    "which": Message("They come as a list. At which place is this one?"),
    "zip": Message("Update every weight, in a loop: over which pairs?"),
    "assign_sub": Message("By how much is a weight changed?"),
}
_HINTS = {
    "inputs": Message(
        "Input takes the shape of one example, without the batch: a tuple, even of one number."
    ),
    "layer": Message(
        "Dense makes X @ W + b and then applies the activation: units first, then "
        'activation="...", and use_bias=False where there is no bias.'
    ),
    "model": Message("Model takes two things: what goes in first, what comes out last."),
    "set_weights": Message("One list, layer by layer: the weight, then the bias."),
    "forward": Message("A model is called like a function, on the whole batch."),
    "loss": Message("The line of the program, in TensorFlow or in the tutor's own notation."),
    "shapes": Message(
        "A weight has a row for each input and a column for each unit; a bias has "
        "one number for each unit."
    ),
    "gradients": Message("tape.gradient takes the loss, and the list of all that is trained."),
    "which": Message("The gradients stand in the order of model.trainable_weights, from 0."),
    "zip": Message("Each weight goes with its own gradient; both lists have the same order."),
    "assign_sub": Message("Downhill: a share of the gradient, and the share is lr."),
}
