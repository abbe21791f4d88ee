"""The explanation of a step: the rule, the lines of the program, the shapes, one cell's effect."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bptutor.course.hints import Hints
from bptutor.course.questions import multiplied_with, readers
from bptutor.engine.trace import sensitivity
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import numbers_read
from bptutor.language.ops.base import Style, written_shape
from bptutor.language.render import display_name, named_cell, write_assignment
from bptutor.language.tree import Assignment
from bptutor.lesson.steps import Step, shown_name
from bptutor.text import Message, significant

MOST_CELLS = 3
"""Cells of an assignment that are followed; the rest are counted."""


@dataclass(frozen=True)
class Why:
    """The explanation of one step."""

    facts: Facts
    step: Step
    style: Style

    def rule(self) -> Message:
        return Hints(self.facts, self.step, self.style, ()).rule()

    def picture(self) -> list[str]:
        """The lines of the program that matter, going back with their upstream gradients."""
        lines = []
        for line in self._lines():
            written = write_assignment(line, self.style, self.facts.lesson.dtype)
            if self.step.kind == "backward":
                arrow = " ↑ " if self.style == "unicode" else " ^ "
                arriving = gradient_name(self.facts.lesson.loss, line.target)
                loss_itself = line.target == self.facts.lesson.loss
                arriving = "1" if loss_itself else display_name(arriving, self.style)
                lines.append(f"{written}{arrow}{arriving}")
            else:
                lines.append(written)
        return lines

    def shapes(self) -> list[str]:
        """The factors and the result, each with its shape; none where all are scalars."""
        made_of = dict.fromkeys(numbers_read(self.step.product))
        names = [*made_of, self.step.id]
        if not any(self.facts.known(name).shape for name in names):
            return []
        shapes = [written_shape(self.facts.known(name).shape) for name in names]
        shown = [shown_name(self.facts.lesson, name, self.style) for name in names]
        width = max(map(len, shown))
        return [f"{name:<{width}}  {shape}" for name, shape in zip(shown, shapes, strict=True)]

    def story(self, answered: bool) -> list[Message]:
        """The effect of one number on the loss; without the asked numbers of an open step."""
        step, facts = self.step, self.facts
        if step.kind == "forward":
            worked_out = Hints(facts, step, self.style, ()).one_cell()
            asked = Message("The numbers are what is asked; a hint works one of them out.")
            return [worked_out if answered else asked]
        if step.kind == "update":
            return list(self._update())
        by = step.by or ""
        moved = facts.known(by).reshape(-1)
        position = int(np.argmax(np.abs(facts.truth(step))))
        name = self._cell(by, position)
        told = list(self._followed(by, position, name, answered))
        if step.kind == "local" or len(told) < 2:
            return told
        return [
            *told,
            Message(
                "Add these up to know what {name} = {value} does to the loss.",
                name=name,
                value=significant(float(moved[position])),
            ),
        ]

    def _followed(self, by: str, position: int, name: str, answered: bool) -> Iterator[Message]:
        loss = self.facts.lesson.loss
        for line in self._lines():
            column = sensitivity(self.facts.trace, line, by, position).reshape(-1)
            touched = np.flatnonzero(column)
            if not len(touched):
                yield Message("{name} moves nothing in {target}.", name=name, target=line.target)
            for cell in touched[:MOST_CELLS]:
                slope = self._slope_named(line, by, float(column[cell]))
                target = self._cell(line.target, int(cell))
                direct = self.step.kind == "local" or line.target == loss
                if direct and not answered:
                    yield Message(
                        "{name} moves {target}: how far, for each unit, is what is asked.",
                        name=name,
                        target=target,
                    )
                elif direct:
                    yield Message(
                        "{name} moves {target} by {slope} for each unit.",
                        name=name,
                        target=target,
                        slope=slope,
                    )
                else:
                    arriving = self.facts.gradient(line.target).reshape(-1)[cell]
                    yield Message(
                        "{name} moves {target} by {slope}, and {loss} moves by {arriving} for each"
                        " unit of that.",
                        name=name,
                        target=target,
                        slope=slope,
                        loss=loss,
                        arriving=significant(float(arriving)),
                    )
            if len(touched) > MOST_CELLS:
                yield Message("And so on; cells moved in all: {count}.", count=len(touched))

    def _slope_named(self, line: Assignment, by: str, slope: float) -> str:
        """A local derivative, with the name of the cell that it equals where there is just one."""
        equal = [
            self._cell(other, position)
            for other in multiplied_with(line.expression, by)
            for position, value in enumerate(self.facts.known(other).reshape(-1)[:64].tolist())
            if value == slope
        ]
        text = significant(slope)
        return f"{equal[0]} = {text}" if len(equal) == 1 else text

    def _update(self) -> Iterator[Message]:
        facts, name = self.facts, self.step.target
        gradient = facts.gradient(name).reshape(-1)
        position = int(np.argmax(np.abs(gradient)))
        slope, rate = float(gradient[position]), facts.lesson.learning_rate
        yield Message(
            "For each unit that {name} moves, {loss} moves by {slope}.",
            name=self._cell(name, position),
            loss=facts.lesson.loss,
            slope=significant(slope),
        )
        yield Message(
            "Its step is {step}, against that slope: {loss} should change by about {change}.",
            step=significant(-rate * slope),
            loss=facts.lesson.loss,
            change=significant(-rate * slope * slope),
        )

    def _lines(self) -> list[Assignment]:
        """The assignments that the step is about."""
        lesson, step = self.facts.lesson, self.step
        if step.kind in ("forward", "local"):
            return [lesson.program.by_target[step.target]]
        return readers(lesson, step.by or step.target)

    def _cell(self, name: str, position: int) -> str:
        return named_cell(display_name(name, self.style), position, self.facts.known(name).shape)
