"""The part `keras`: lines of a Keras model's code, and the numbers that it computes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bptutor.course.coding import (
    GAP,
    LOOK,
    Blank,
    Unit,
    blank_of,
    code_shown,
    lines_before,
    network,
    unit_of,
)
from bptutor.course.exercise import Exercise, Remark
from bptutor.course.keras_blanks import as_formula, inside_of, problem_in, read_arguments
from bptutor.course.parts import gradients_of
from bptutor.engine.keras.run import Dense, KerasRun, largest_difference, run_model
from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, grade_numbers, grade_update, read_number
from bptutor.grading.facts import Facts
from bptutor.grading.formula import JudgedFormula, judge_formula
from bptutor.language.ops import numbers_read
from bptutor.language.ops.base import written_shape
from bptutor.language.parse import parse_expression
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.tree import names
from bptutor.lesson.names import in_own_names, own_name
from bptutor.lesson.optimizer import updated_name
from bptutor.lesson.steps import LEARNING_RATE, places, steps
from bptutor.text import Message, shortest, significant

RIGHT = JudgedFormula("right", Message("Right."))


class CodeBlank(Exercise):
    rungs = 2

    @property
    def blank(self) -> Blank:
        return blank_of(self.lesson, self.step.id)

    @property
    def unit(self) -> Unit | None:
        return unit_of(self.lesson, self.step.id)

    def name(self) -> Message | str:
        return self.step.id

    def question(self) -> Message:
        return _QUESTIONS["layer" if self.unit else self.step.id]

    def formula(self) -> str:
        return code_shown(self.lesson, self.step.id)

    def _remarks(self) -> Sequence[Remark]:
        said = Message("Type the code that replaces {gap}.", gap=GAP)
        unit = self.unit
        return [self._at_zero(unit.total), said] if unit and unit.differs_at_zero else [said]

    def _at_zero(self, total: str) -> Message:
        """The difference between Keras' relu and the program's maximum."""
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
            "Keras has relu where the program has maximum({name}, 0). They differ only in the "
            "derivative at exactly 0: maximum has 1, relu has 0. {here}",
            name=total,
            here=here,
        )

    def relevant(self) -> list[str]:
        made = network(self.lesson)
        if self.unit:
            return list(self.unit.weights)
        if self.blank.reads == "loss":
            return list(dict.fromkeys(names(self.step.product)))
        if self.blank.reads == "shape" or self.step.id == "forward":
            return [made.input]
        return list(made.weights) if self.blank.reads in ("weights", "shapes", "index") else []

    def judge(self, text: str) -> JudgedFormula:
        judged = super().judge(text)
        return replace(judged, column=judged.column or None)  # 0 stands for the gap as a whole

    def _judge(self, text: str) -> JudgedFormula:
        blank = self.blank
        if blank.reads == "loss":
            return self._judge_loss(inside_of(text, blank.line, GAP))
        read = read_arguments(text, blank.line, GAP, partial(own_name, self.lesson))
        problem = problem_in(self.lesson, blank, read)
        return JudgedFormula.wrong(problem) if problem else RIGHT

    def _judge_loss(self, text: str) -> JudgedFormula:
        lesson = self.lesson
        line = lesson.program.by_target[lesson.loss]
        read = parse_expression(as_formula(text), set(line.inputs))
        expression = in_own_names(lesson, read)
        for name in names(expression):
            if name not in line.inputs:
                return JudgedFormula.wrong(
                    Message(
                        "There is no {name} in this code. The names are {names}.",
                        name=name,
                        names=", ".join(line.inputs),
                    )
                )
        worlds = self.facts.worlds_of(lesson.loss, line.expression)
        if judge_formula(expression, worlds).verdict == "right":
            return JudgedFormula("right", Message("Right. This is the loss."))
        return JudgedFormula.wrong(
            Message(
                "This is not the loss of the program: {line}.",
                line=write_assignment(line, self.style, lesson.dtype),
            )
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        unit, made = self.unit, network(self.lesson)
        yield _HINTS["layer" if unit else self.step.id]
        named = self.relevant() or made.weights
        shapes = ", ".join(f"{name} {written_shape(self.lesson.shapes[name])}" for name in named)
        if unit or self.blank.reads == "loss":
            line = self.lesson.program.by_target[self.blank.target]
            yield Message(
                "The line of the program is {line}. Shapes: {shapes}.",
                line=write_assignment(line, self.style, self.lesson.dtype),
                shapes=shapes,
            )
        elif made.input in named:
            yield Message("The input is {name}.", name=shapes)
        else:
            yield Message("The trainable weights, layer by layer: {names}.", names=shapes)

    def written(self) -> str | None:
        return self.blank.answer

    def code(self) -> str:
        return self.blank.filled.strip()

    def line(self) -> str | None:
        if self.blank.reads in LOOK:
            return None
        before = lines_before(self.lesson, self.step.id)
        opens = {"inputs": before, "forward": before[-1:]}.get(self.step.id, [])
        return "\n".join([*opens, self.blank.filled])


_QUESTIONS = {
    "inputs": Message("Build the model. What is the shape of its input?"),
    "layer": Message("The next layer: how many units, and which activation?"),
    "model": Message("All layers are there. Which tensors does the model start and end with?"),
    "set_weights": Message("Give the model the weights of the program, in Keras' order."),
    "forward": Message("The tape records the forward pass. What goes into the model?"),
    "loss": Message("The tape still records. Write the loss."),
    "shapes": Message("What are the shapes of the trainable weights, in order?"),
    "gradients": Message("Compute all gradients at once. Of what, with respect to what?"),
    "which": Message("The gradients come as a list. What is the index of this one?"),
    "zip": Message("A loop updates all weights. Which pairs does it run over?"),
    "assign_sub": Message("How large is the change of a weight?"),
}
_HINTS = {
    "inputs": Message(
        "Input takes the shape of one example, without the batch size. A shape is always a tuple."
    ),
    "layer": Message(
        'Dense computes X @ W + b, then the activation. Give units, then activation="...", and '
        "use_bias=False if there is no bias."
    ),
    "model": Message("Model takes two arguments: its input and its output."),
    "set_weights": Message("Give one list, layer by layer: the weight, then the bias."),
    "forward": Message("Call a model like a function, with the whole batch."),
    "loss": Message("Write the line of the program, in TensorFlow or in bptutor's notation."),
    "shapes": Message(
        "A weight has a row for each input and a column for each unit. A bias has one number for "
        "each unit."
    ),
    "gradients": Message("tape.gradient takes the loss and the list of trainable weights."),
    "which": Message(
        "The gradients are in the order of model.trainable_weights. The first index is 0."
    ),
    "zip": Message("Pair each weight with its gradient. Both lists have the same order."),
    "assign_sub": Message(
        "The change is the learning rate lr times the gradient. assign_sub subtracts it."
    ),
}


# ── keras numbers ─────────────────────────────────────────────────────────────────────────────────


class ModelNumbers(Exercise):
    """A gradient or a new value of a parameter, which Keras then computes."""

    @property
    def parameter(self) -> str:
        return self.step.target

    @property
    def updates(self) -> bool:
        return self.step.id.startswith("weights")

    def name(self) -> Message | str:
        return self.step.id

    def question(self) -> Message:
        if self.updates:
            return Message("The loop has run. What is the new {name}?", name=self.parameter)
        return Message(
            "The code runs. What is the gradient with respect to {name}?", name=self.parameter
        )

    def formula(self) -> str:
        return code_shown(self.lesson, self.step.id)

    def _remarks(self) -> Sequence[Remark]:
        if self.updates:
            return [Message("You can also type the arithmetic in numbers.")]
        return [
            Message(
                "Three significant digits are enough. Keras computes the same as you did by hand."
            )
        ]

    def relevant(self) -> list[str]:
        gradient = gradients_of(self.lesson)[self.parameter]
        if self.updates:
            return [self.parameter, LEARNING_RATE, gradient.id]
        ids = {step.id: step for step in gradients_of(self.lesson).values()}
        forward: dict[str, None] = {}
        waiting = [gradient]
        while waiting:
            for name in numbers_read(waiting.pop().product):
                if name in ids:
                    waiting.append(ids[name])
                else:
                    forward.setdefault(name)
        return list(forward)

    def _computed(self) -> Array:
        run = keras_run(self.facts)
        return (run.updated if self.updates else run.gradients)[self.parameter]

    def truth(self) -> Array | None:
        return self._computed() if self._facts else None

    def grade_cells(
        self, texts: Sequence[str], positions: Sequence[int], *, letters: bool = False
    ) -> list[GradedCell]:
        numbers = [*map(read_number, texts)]
        asked = self._computed().reshape(-1)[list(positions)]
        if self.updates:
            update = steps(self.lesson)[places(self.lesson)[updated_name(self.parameter)]]
            return grade_update(self.facts, update, numbers, positions, asked)
        return grade_numbers(numbers, asked)

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        if self.updates:
            yield Message("The old weight minus the learning rate times its gradient.")
        else:
            yield Message("Keras uses the chain rule, as you do by hand.")
        gradients = gradients_of(self.lesson)
        gradient = gradients[self.parameter]
        yield Message(
            "{name} = {product}, with {first}.",
            name=display_name(gradient.id, self.style),
            product=write(gradient.product, self.style),
            first=self.equation(next(iter(gradients.values()))),
        )
        value = float(self._computed().reshape(-1)[asked[0] if asked else 0])
        number = shortest(value, self.lesson.dtype) if self.updates else significant(value)
        yield Message("The first number is {value}.", value=number)

    def code(self) -> str:
        return blank_of(self.lesson, self.step.id).line.partition(" == ")[0]

    def says(self, language: str) -> str:
        run = keras_run(self.facts)
        if not self.updates:
            return run.said[self.parameter]
        return f"{run.updated[self.parameter]}\n{beside_the_tape(self.facts).to(language)}"


def keras_run(facts: Facts) -> KerasRun:
    """The iteration in Keras, computed once.

    Raises EngineError: a gradient or a weight is not finite.
    """
    made = network(facts.lesson)
    layers = [Dense(u.units, u.activation, u.weight, u.bias) for u in made.units]
    return facts.once("keras", lambda: run_model(facts.trace, made.input, layers, made.output))


def gradients_beside(facts: Facts) -> dict[str, tuple[Array, Array]]:
    """By parameter, the gradient of the tape and that of Keras."""
    found = keras_run(facts).gradients.items()
    return {name: (facts.gradient(name), gradient) for name, gradient in found}


def difference_of_gradients(facts: Facts) -> float:
    """The largest difference between a number of the tape and that of Keras."""
    return largest_difference(gradients_beside(facts).values())


def beside_the_tape(facts: Facts) -> Message:
    """The largest differences between Keras' numbers and those of the tape."""
    gradients = difference_of_gradients(facts)
    updated = keras_run(facts).updated.items()
    weights = largest_difference((facts.trace.updated[name], new) for name, new in updated)
    if not gradients and not weights:
        return Message(
            "The gradients and the new weights equal those of the tape, to the last digit."
        )
    said = Message(
        "The gradients differ from those of the tape by at most {gradients}, the new weights by "
        "at most {weights}.",
        gradients=significant(gradients, 2),
        weights=significant(weights, 2),
    )
    at_zero = [
        unit.total
        for unit in network(facts.lesson).units
        if unit.differs_at_zero and bool(np.any(facts.trace.values[unit.total] == 0))
    ]
    if not at_zero or not gradients:
        return said
    return Message(
        "{said} The reason is the derivative at exactly 0, in {names}: maximum has 1, relu has 0.",
        said=said,
        names=", ".join(at_zero),
    )
