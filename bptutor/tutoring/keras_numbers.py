"""A number that the Keras code comes to; Keras really computes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptutor.engine.keras_model import Dense, KerasRun, largest_difference, run_model
from bptutor.grading.diagnosis import Named
from bptutor.language.render import display_name, write
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.locale import Message, shortest, significant
from bptutor.tutoring.coding import blank_of, code_shown, network
from bptutor.tutoring.exercise import Exercise
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.grader import GradedCell, grade_numbers, grade_update
from bptutor.tutoring.parts import gradients_of
from bptutor.tutoring.questions import numbers_read
from bptutor.tutoring.why import Why


class Predicting(Exercise):
    """Numbers of the model, which Keras then really computes."""

    @property
    def parameter(self) -> str:
        """Whose gradient or new value is asked."""
        return self.step.target

    @property
    def updates(self) -> bool:
        return self.step.id.startswith("weights")

    def name(self) -> Message | str:
        return self.step.id

    def question(self) -> Message:
        if self.updates:
            return Message("The loop has run. What is {name} now?", name=self.parameter)
        return Message(
            "The code runs. Which numbers does it give as the gradient by {name}?",
            name=self.parameter,
        )

    def formula(self) -> str:
        return code_shown(self.lesson, self.step.id)

    def remarks(self, language: str) -> list[str]:
        said = (
            Message(
                "Arithmetic is fine too: old - {rate}*gradient.",
                rate=significant(self.lesson.learning_rate),
            )
            if self.updates
            else Message("Three figures are enough. Keras computes what your hand has computed.")
        )
        return [said.to(language)]

    def relevant(self) -> list[str]:
        """What it takes, down to the forward pass."""
        gradient = gradients_of(self.lesson)[self.parameter]
        if self.updates:
            return [self.parameter, LEARNING_RATE, gradient.id]
        ids = {step.id: step for step in gradients_of(self.lesson).values()}
        found: dict[str, None] = {}
        waiting = [gradient]
        while waiting:
            for name in numbers_read(waiting.pop().product):
                if name in ids:
                    waiting.append(ids[name])
                else:
                    found.setdefault(name)
        return list(found)

    @property
    def run(self) -> KerasRun:
        """What Keras has computed."""
        return keras_run(self.facts)

    def truth(self) -> Array | None:
        if self._facts is None:
            return None
        found = self.run.updated if self.updates else self.run.gradients
        return found[self.parameter]

    def grade(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        truth = self.truth()
        assert truth is not None
        asked = truth.reshape(-1)[list(positions)]
        if self.updates:
            return grade_update(self.facts, self.parameter, texts, positions, asked)
        return grade_numbers(texts, asked)

    def diagnose(self, graded: Sequence[GradedCell], positions: Sequence[int]) -> list[Named]:
        return []

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        gradient = gradients_of(self.lesson)[self.parameter]
        truth = self.truth()
        assert truth is not None
        at = asked[0] if asked else 0
        value = float(truth.reshape(-1)[at])
        number = shortest(value, self.lesson.dtype) if self.updates else significant(value)
        return [
            Message("The old weight minus the learning rate times its gradient.")
            if self.updates
            else Message("Keras goes back by the chain rule, just as you do by hand."),
            Message(
                "{name} = {product}, with {first}.",
                name=display_name(gradient.id, self.style),
                product=write(gradient.product, self.style),
                first="; ".join(
                    f"{display_name(step.id, self.style)} = {write(step.product, self.style)}"
                    for step in list(gradients_of(self.lesson).values())[:1]
                ),
            ),
            Message("The first number is {value}.", value=number),
        ][:rungs]

    def written(self) -> str | None:
        return None

    def code(self) -> str:
        return blank_of(self.lesson, self.step.id).line.partition(" == ")[0]

    def says(self, language: str) -> str:
        run = self.run
        if not self.updates:
            return run.said[self.parameter]
        return f"{run.updated[self.parameter]}\n{beside_the_tape(self.facts).to(language)}"

    def line(self) -> str | None:
        return None

    def why(self) -> Why | None:
        return None


def keras_run(facts: Facts) -> KerasRun:
    """The iteration in Keras, computed once.

    Raises:
        EngineError: a gradient or a weight comes to no finite number.
    """
    made = network(facts.lesson)
    layers = [Dense(u.units, u.activation, u.weight, u.bias) for u in made.units]
    return facts.once("keras", lambda: run_model(facts.trace, made.input, layers, made.output))


def beside_the_tape(facts: Facts) -> Message:
    """How far Keras' numbers are from those of the tape."""
    run = keras_run(facts)
    tape = {name: facts.gradient(name) for name in run.gradients}
    gradients = largest_difference(run.gradients, tape)
    weights = largest_difference(run.updated, facts.trace.updated)
    if not gradients and not weights:
        return Message(
            "Beside the tape's numbers: the very same ones, gradients and new weights, to the last "
            "digit."
        )
    said = Message(
        "Beside the tape's numbers: the gradients differ by at most {gradients}, the new weights "
        "by at most {weights}.",
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
        "{said} That is the slope at exactly 0, in {names}: maximum passes the signal on there, "
        "relu does not.",
        said=said,
        names=", ".join(at_zero),
    )
