"""Screens as messages: what of a session may be seen now, in the learner's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from bptutor.language.differentiate import gradient_name
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.tree import Assignment
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, known_names
from bptutor.service.matrices import matrix, rows_and_columns
from bptutor.service.messages import (
    AskedCell,
    Explained,
    Grid,
    Known,
    Matrix,
    Nudged,
    Result,
    StepName,
    StepView,
    SummaryView,
    TapeLine,
    UpdateTable,
)
from bptutor.service.summary import summary_view
from bptutor.tutoring.asking import asks_product, asks_value
from bptutor.tutoring.facts import Facts
from bptutor.tutoring.hints import Hints
from bptutor.tutoring.kept import array
from bptutor.tutoring.questions import formula, question, relevant, remarks
from bptutor.tutoring.session import Session
from bptutor.tutoring.verdicts import named_cell, on_nudge
from bptutor.tutoring.why import Why
from bptutor.tutoring.worked import code

Direction: TypeAlias = Literal["down", "up", ""]

ON_THE_TAPE = 12
"""Numbers of a value that travel with the tape; a larger one is cut under its whole shape."""
TO_WORK_WITH = 4_096
"""Numbers that travel of a quantity that the step needs; of any other, as many as on the tape."""
LATEST = 40
"""Other quantities that travel with a step, and lines of code: the latest ones."""


@dataclass(frozen=True)
class Viewer:
    """Shows sessions in one language and notation."""

    language: str
    style: Style

    def step(self, session: str, of: Session) -> StepView:
        """The current step's screen."""
        lesson, step, mark = of.lesson, of.step, of.mark(of.step)
        answered = of.done(of.index)
        said = of.said.message
        return StepView(
            session=session,
            lesson=lesson.title.to(self.language),
            iteration=of.sitting.iterations + 1,
            index=of.index,
            total=len(of.steps),
            step=step.id,
            kind=step.kind,
            section=lesson.heading(step.section, self.language),
            name=display_name(step.id, self.style),
            question=question(lesson, step, self.style).to(self.language),
            formula=formula(lesson, step, self.style),
            remarks=remarks(lesson, step, self.language, of.facts),
            tape=self._tape(of),
            knowns=self._knowns(of),
            asks_product=asks_product(step, of.sitting.ask),
            asks_value=asks_value(step, of.sitting.ask),
            product=mark.product,
            product_verdict=mark.product_verdict,
            grid=self._grid(of),
            stage=of.stage(of.index),
            message=said.to(self.language) if said else "",
            hints=self._hints(of),
            result=self._result(of.facts, step) if of.facts and answered else None,
            code=self._code(of),
            furthest=min(of.sitting.furthest, len(of.steps) - 1),
            product_fault=of.said.column,
            offers_numbers=of.offers_numbers,
            nudgeable=display_name(of.nudgeable() or "", self.style),
        )

    def names(self, of: Session) -> list[StepName]:
        """The list of steps."""
        return [
            StepName(
                step=step.id,
                kind=step.kind,
                section=of.lesson.heading(step.section, self.language),
                name=display_name(step.id, self.style),
                stage=of.stage(index),
            )
            for index, step in enumerate(of.steps)
        ]

    def summary(self, session: str, of: Session) -> SummaryView:
        """The end of an iteration, or of the training that followed it."""
        return summary_view(session, of, self.language)

    def explained(self, of: Session) -> Explained:
        """Why the current step is as it is."""
        why = Why(of.prepare(), of.step, self.style)
        return Explained(
            name=display_name(of.step.id, self.style),
            rule=why.rule().to(self.language),
            picture=why.picture(),
            shapes=why.shapes(),
            story=[sentence.to(self.language) for sentence in why.story()],
        )

    def nudged(self, of: Session, row: int, column: int, by: float) -> Nudged:
        """What the loss does when one number is moved; a look that changes nothing.

        Raises:
            UserError: there is nothing to move here.
        """
        _, columns = rows_and_columns(of.lesson.shapes.get(of.nudgeable() or "", ()))
        position = row * columns + column
        leaf, after = of.nudge(position, by)
        facts = of.prepare()
        before = facts.exact_loss
        gradient = float(facts.gradient(leaf).reshape(-1)[position])
        slope = (after - before) / by
        return Nudged(
            cell=named_cell(leaf, position, of.lesson.shapes[leaf]),
            by=by,
            loss_before=before,
            loss_after=after,
            slope=slope,
            gradient=gradient,
            remark=on_nudge(slope, gradient).to(self.language),
        )

    # ── parts of a step's screen ──────────────────────────────────────────────────────────────

    def _tape(self, of: Session) -> list[TapeLine]:
        lesson = of.lesson
        current, direction = _where(lesson, of.step)
        done = {step.id for step in of.steps[: of.count_done]}
        lines = []
        for assignment in lesson.program.assignments:
            target = assignment.target
            gradient = gradient_name(lesson.loss, target)
            lines.append(
                TapeLine(
                    target=target,
                    text=_written(assignment, self.style, lesson.dtype),
                    section=lesson.heading(assignment.section, self.language),
                    value=_seen(of.facts, target) if target in done else None,
                    gradient=_seen(of.facts, gradient) if gradient in done else None,
                    current=assignment is current,
                    direction=direction if assignment is current else "",
                )
            )
        return lines

    def _knowns(self, of: Session) -> list[Known]:
        if of.facts is None:
            return self._leaves_alone(of)
        needed = relevant(of.lesson, of.step)
        others = [name for name in known_names(of.lesson, of.index) if name not in needed]
        return [
            *(self._known(of.facts, name, relevant=True, most=TO_WORK_WITH) for name in needed),
            *(
                self._known(of.facts, name, relevant=False, most=ON_THE_TAPE)
                for name in others[-LATEST:]
            ),
        ]

    def knowns(self, of: Session) -> list[Known]:
        """Everything that is known at the current step, what it needs first."""
        facts, needed = of.prepare(), relevant(of.lesson, of.step)
        every = dict.fromkeys((*needed, *known_names(of.lesson, of.index)))
        return [
            self._known(facts, name, relevant=name in needed, most=TO_WORK_WITH) for name in every
        ]

    def _known(self, facts: Facts, name: str, *, relevant: bool, most: int) -> Known:
        array = facts.known(name)
        shown = display_name(name, self.style)
        return Known(shown, matrix(array, facts.lesson.dtype, most), relevant)

    def _leaves_alone(self, of: Session) -> list[Known]:
        """Before TensorFlow is there, what the lesson's file says is known."""
        lesson, needed = of.lesson, relevant(of.lesson, of.step)
        leaves = {
            name: np.asarray(lesson.values[name], lesson.dtype)
            for name in needed
            if name in lesson.values
        }
        changed = {name: array(kept) for name, kept in of.sitting.leaves.items() if name in leaves}
        return [
            Known(name, matrix(array, lesson.dtype), relevant=True)
            for name, array in (leaves | changed).items()
        ]

    def _grid(self, of: Session) -> Grid:
        step, mark = of.step, of.mark(of.step)
        rows, columns = rows_and_columns(step.shape)
        asked = []
        if asks_value(step, of.sitting.ask):
            for place, position in enumerate(of.cells(step)):
                verdict = mark.verdicts[place] if place < len(mark.verdicts) else None
                note = of.said.notes[place] if place < len(of.said.notes) else None
                row, column = divmod(position, columns)
                asked.append(
                    AskedCell(
                        row=row,
                        column=column,
                        text=mark.cells[place] if place < len(mark.cells) else "",
                        verdict=verdict,
                        note=note.to(self.language) if note else "",
                    )
                )
        return Grid(rows, columns, asked, self._filled(of, asked))

    def _filled(self, of: Session, asked: list[AskedCell]) -> Matrix | None:
        """Of a large value the cells that are not asked."""
        step = of.step
        if of.facts is None or not asked or len(asked) == prod(step.shape):
            return None
        _, columns = rows_and_columns(step.shape)
        values = of.facts.truth(step).astype("float64").reshape(-1)
        if not of.done(of.index):
            values[[cell.row * columns + cell.column for cell in asked]] = np.nan
        return Matrix(list(step.shape), values.tolist(), of.lesson.dtype)

    def _hints(self, of: Session) -> list[str]:
        rungs = of.mark(of.step).hints
        if not rungs or of.facts is None:
            return []
        hints = Hints(of.facts, of.step, self.style, of.cells(of.step))
        return [hint.to(self.language) for hint in hints.upto(rungs)]

    def _result(self, facts: Facts, step: Step) -> Result:
        lesson = facts.lesson
        update = None
        if step.kind == "update":
            old, new = facts.known(step.target), facts.truth(step)
            gradient = facts.gradient(step.target)
            update = UpdateTable(
                name=step.target,
                old=matrix(old, lesson.dtype),
                gradient=matrix(gradient, lesson.dtype),
                change=matrix(-lesson.learning_rate * gradient.astype("float64"), lesson.dtype),
                new=matrix(new, lesson.dtype),
            )
        return Result(
            product=write(step.product, self.style) if step.kind == "backward" else None,
            code=code(lesson, step),
            says=facts.says(step),
            value=matrix(facts.truth(step), lesson.dtype),
            update=update,
        )

    def _code(self, of: Session) -> list[str]:
        """The program in TensorFlow as far as it has been walked, its last lines."""
        walked = of.steps[: of.count_done]
        lines = ((step, code(of.lesson, step)) for step in walked[-LATEST:])
        return [line if step.kind == "update" else f"{step.id} = {line}" for step, line in lines]


@lru_cache(maxsize=4_096)
def _written(assignment: Assignment, style: Style, dtype: str) -> str:
    """A line of the program as text; every screen shows them all."""
    return write_assignment(assignment, style, dtype)


def _where(lesson: Lesson, step: Step) -> tuple[Assignment, Direction]:
    """The line of the program at which the signal is, and which way it goes."""
    program = lesson.program
    if step.kind in ("forward", "local"):
        return program.by_target[step.target], "down"
    name = step.by if step.by else step.target
    direction: Direction = "up" if step.kind == "backward" else ""
    if name in program.by_target:
        return program.by_target[name], direction
    reaching = {lesson.loss, *program.ancestors(lesson.loss)}
    return next(c for c in program.consumers[name] if c.target in reaching), direction


def _seen(facts: Facts | None, name: str) -> Matrix | None:
    """A quantity on the tape; nothing before TensorFlow is there."""
    if facts is None:
        return None
    return matrix(facts.known(name), facts.lesson.dtype, ON_THE_TAPE)
