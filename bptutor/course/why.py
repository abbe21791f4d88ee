"""The explanation of a step: the rule, the lines of the program, the shapes, one element."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bptutor.course.hints import Hints, applied_rule, shortened
from bptutor.course.questions import multiplied_with, passages
from bptutor.engine.trace import sensitivity
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.evaluate import cell
from bptutor.language.ops import numbers_read, traits_of
from bptutor.language.ops.base import Cell, Style, written_shape
from bptutor.language.render import display_name, index_of, named_cell, write, write_assignment
from bptutor.language.tree import Assignment, Name
from bptutor.lesson.steps import Step, readers, shown_name, step_name
from bptutor.text import Message, significant

MOST_CELLS = 3  # cells of an assignment that are followed; the rest are counted


@dataclass(frozen=True)
class Why:
    facts: Facts
    step: Step
    style: Style

    def rule(self) -> Message:
        rule = applied_rule(self.facts.lesson, self.step, self.style)
        row = next(self._probabilities(), None)
        if row is None:
            return rule
        return Message(
            "{rule} For a row {row}, the Jacobian is diag({row}) - {transposed} @ {row}.",
            rule=rule,
            row=row,
            transposed=row + ("ᵀ" if self.style == "unicode" else ".T"),
        )

    def _probabilities(self) -> Iterator[str]:
        """The lines whose values are probabilities, row by row, that depend on the asked name."""
        if self.step.kind not in ("local", "backward"):
            return
        for line in self._lines():
            along = passages(line.expression, self.step.by or "")
            if any(traits_of(node).probabilities == "row" for node, _ in along):
                yield line.target

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

    def shapes(self) -> list[Message]:
        """The factors and the result, each with its shape; none where all are scalars."""
        made_of = dict.fromkeys(numbers_read(self.step.product))
        names = [*made_of, self.step.id]
        if not any(self.facts.known(name).shape for name in names):
            return []
        shapes = [self.facts.known(name).shape for name in names]
        shown = [shown_name(self.facts.lesson, name, self.style) for name in made_of]
        shown.append(step_name(self.facts.lesson, self.step, self.style))
        width = max(map(len, shown))
        return [
            Message(
                "{name}  {shape}",
                name=name.ljust(width),
                shape=written_shape(shape) if shape else Message("a single number"),
            )
            for name, shape in zip(shown, shapes, strict=True)
        ]

    def story(self, answered: bool) -> list[Message]:
        """The step from one element; without the asked numbers of an open step."""
        step, facts = self.step, self.facts
        if step.role and step.asks_formula:
            hints = Hints(facts, step, self.style, ())
            return [hints.one_element() if answered else hints.factors()]
        if step.kind == "forward":
            if answered:
                return [Hints(facts, step, self.style, ()).one_element()]
            position = int(np.argmax(np.abs(facts.truth(step))))
            return [Message("One element: {equation}.", equation=self._element(position))]
        if step.kind == "update":
            return list(self._update())
        by = step.by or ""
        position = int(np.argmax(np.abs(facts.truth(step))))
        name = self._cell(by, position)
        told = list(self._followed(by, position, name, answered))
        if step.kind == "local" or len(told) < 2:
            return told
        return [
            *told,
            Message("Add these products: the gradient with respect to {name}.", name=name),
        ]

    def _element(self, position: int, line: Assignment | None = None) -> str:
        line = line or self.facts.lesson.program.by_target[self.step.target]
        shapes = {name: self.facts.known(name).shape for name in line.inputs}
        at = index_of(position, self.facts.known(line.target).shape)
        worked = cell(line.expression, at, shapes, _indexed)
        return f"{self._cell(line.target, position)} = {shortened(write(worked, self.style))}"

    def _followed(self, by: str, position: int, name: str, answered: bool) -> Iterator[Message]:
        for line in self._lines():
            column = sensitivity(self.facts.trace, line, by, position).reshape(-1)
            touched = np.flatnonzero(column)
            if not len(touched):
                yield Message("{name} changes nothing in {target}.", name=name, target=line.target)
            for place in touched[:MOST_CELLS]:
                yield from self._through(line, by, name, int(place), float(column[place]), answered)
            if len(touched) > MOST_CELLS:
                yield Message("And so on, for {count} elements in all.", count=len(touched))

    def _through(
        self, line: Assignment, by: str, name: str, place: int, slope: float, answered: bool
    ) -> Iterator[Message]:
        """How one element of the input changes one element of an assignment."""
        target = self._cell(line.target, place)
        equation = self._element(place, line)
        last = self.step.kind == "local" or line.target == self.facts.lesson.loss
        if last and not answered:
            yield Message(
                "{name} is in {equation}. Differentiate this with respect to {name}.",
                name=name,
                equation=equation,
            )
            return
        fields = {"name": name, "target": target, "slope": self._slope_named(line, by, slope)}
        found = Message(
            "{name} is in {equation}: the derivative is {slope}.", equation=equation, **fields
        )
        if last:
            yield found
            return
        upstream = float(self.facts.gradient(line.target).reshape(-1)[place])
        yield Message(
            "{found} Multiply it by the gradient with respect to {target}, {upstream}.",
            found=found,
            target=target,
            upstream=significant(upstream),
        )

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
            "The gradient of {loss} with respect to {name} is {slope}.",
            name=self._cell(name, position),
            loss=facts.lesson.loss,
            slope=significant(slope),
        )
        yield Message(
            "Its step is {step}, against the gradient: {loss} should change by about {change}.",
            step=significant(-rate * slope),
            loss=facts.lesson.loss,
            change=significant(-rate * slope * slope),
        )

    def _lines(self) -> list[Assignment]:
        """The assignments that the step is about."""
        lesson, step = self.facts.lesson, self.step
        if step.role and step.asks_formula:
            return []
        if step.kind in ("forward", "local"):
            return [lesson.program.by_target[step.target]]
        return readers(lesson, step.by or step.target)

    def _cell(self, name: str, position: int) -> str:
        return named_cell(display_name(name, self.style), position, self.facts.known(name).shape)


def _indexed(name: str, at: Cell) -> Name:
    """An element as it is indexed in code."""
    return Name(name + str(list(at)) if at else name)
