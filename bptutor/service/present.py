"""Screens as data: what of a session may be seen now, in the learner's language."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from bptutor.course.iterations import nudge, nudgeable, on_nudge
from bptutor.course.questions import MOST_SEEN, asks_product, asks_value
from bptutor.course.session import Session, exercise
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, named_cell
from bptutor.service.summary import summary_view
from bptutor.service.tape import knowns, matrix, rows_and_columns, tape_lines
from bptutor.text import Message, UserError
from bptutor.views.lesson import (
    AskedCell,
    Explained,
    Grid,
    Nudged,
    Result,
    StepName,
    StepView,
    SummaryView,
    UpdateTable,
)
from bptutor.views.matrix import Matrix

LATEST_CODE = 40
"""Steps whose lines of code travel with a step: the latest ones."""

INTRODUCTIONS = {
    "derive": Message(
        "This part is done in symbols: no number is asked, and none is shown. You find the slope "
        "of every operation as a formula, then the chain rule's products on the way back, and at "
        "the end in which order they can be computed and what must be remembered for them."
    ),
    "keras": Message(
        "This part is done in Keras: you complete the code of the same network, a gap at a time, "
        "and say beforehand what comes out. The code is really run, and its numbers are held "
        "beside those that the tape gives."
    ),
}


@dataclass(frozen=True)
class Viewer:
    """Shows sessions in one language and notation."""

    language: str
    style: Style

    def step(self, of: Session) -> StepView:
        """The current step's screen."""
        lesson, step, mark = of.lesson, of.step, of.mark(of.step)
        asked, answered = of.exercise, of.done(of.index)
        said = of.said.message
        return StepView(
            lesson=lesson.title.to(self.language),
            iteration=of.sitting.iterations + 1,
            index=of.index,
            total=len(of.steps),
            step=step.id,
            kind=step.kind,
            section=lesson.heading(step.section, self.language),
            name=self._words(asked.name()),
            question=asked.question().to(self.language),
            formula=asked.formula(),
            remarks=asked.remarks(self.language),
            tape=tape_lines(of, self.style, self.language),
            knowns=knowns(of, self.style),
            asks_product=asks_product(step, of.sitting.ask),
            asks_value=asks_value(step, of.sitting.ask),
            product=mark.product,
            product_verdict=None if mark.stage == "shown" else mark.product_verdict,
            grid=self._grid(of),
            stage=of.stage(of.index),
            message=said.to(self.language) if said else "",
            hints=self._hints(of),
            result=self._result(of) if of.facts and answered else None,
            code=self._code(of),
            furthest=min(of.sitting.furthest, len(of.steps) - 1),
            product_fault=of.said.column,
            offers_numbers=of.offers_numbers,
            nudgeable=display_name(nudgeable(of) or "", self.style),
            part=of.sitting.part,
        )

    def names(self, of: Session) -> list[StepName]:
        """The list of steps."""
        return [
            StepName(
                step=step.id,
                kind=step.kind,
                section=of.lesson.heading(step.section, self.language),
                name=self._words(exercise(of.lesson, step, self.style, of.facts).name()),
                stage=of.stage(index),
            )
            for index, step in enumerate(of.steps)
        ]

    def summary(self, of: Session) -> SummaryView:
        """The end of an iteration, or of the training that followed it."""
        return summary_view(of, self.language)

    def introduction(self, of: Session) -> str:
        """What is said before the first step of a part."""
        said = INTRODUCTIONS.get(of.sitting.part)
        if said is None:
            return of.lesson.introduction.to(self.language)
        return f"{of.lesson.summary.to(self.language)}\n\n{said.to(self.language)}"

    def explained(self, of: Session) -> Explained:
        """Why the current step is as it is.

        Raises:
            UserError: it is about the lesson as a whole, or about code.
        """
        of.prepare()
        why, numbers = of.exercise.why(), of.sitting.part == "tape"
        if why is None:
            raise UserError(Message("There is nothing more to explain here; take a hint."))
        story = why.story(of.done(of.index)) if numbers else []
        return Explained(
            name=display_name(of.step.id, self.style),
            rule=why.rule().to(self.language),
            picture=why.picture(),
            shapes=why.shapes(),
            story=[each.to(self.language) for each in story],
        )

    def nudged(self, of: Session, row: int, column: int, by: float) -> Nudged:
        """What the loss does when one number is moved; a look that changes nothing.

        Raises:
            UserError: there is nothing to move here.
        """
        _, columns = rows_and_columns(of.lesson.shapes.get(nudgeable(of) or "", ()))
        position = row * columns + column
        leaf, after = nudge(of, position, by)
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

    def _grid(self, of: Session) -> Grid:
        step, mark = of.step, of.mark(of.step)
        rows, columns = rows_and_columns(step.shape)
        asked = []
        if asks_value(step, of.sitting.ask):
            for place, position in enumerate(of.cells(step)):
                # Beside an answer that was shown, a mark would speak of what stood there before.
                judged = place < len(mark.verdicts) and mark.stage != "shown"
                verdict = mark.verdicts[place] if judged else None
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
        truth = of.exercise.truth()
        if truth is None or not asked or len(asked) == prod(step.shape):
            return None
        _, columns = rows_and_columns(step.shape)
        values = truth.reshape(-1)[:MOST_SEEN].astype("float64")
        if not of.done(of.index):
            values[[cell.row * columns + cell.column for cell in asked]] = np.nan
        return Matrix(list(step.shape), values.tolist(), of.lesson.dtype)

    def _hints(self, of: Session) -> list[str]:
        rungs = of.mark(of.step).hints
        if not rungs or of.facts is None:
            return []
        hints = of.exercise.hints(rungs, of.cells(of.step))
        return [hint.to(self.language) for hint in hints]

    def _result(self, of: Session) -> Result:
        asked, step, dtype = of.exercise, of.step, of.lesson.dtype
        truth = asked.truth()
        value = Matrix(list(step.shape), [], dtype) if truth is None else matrix(truth, dtype)
        return Result(
            product=asked.written(),
            code=asked.code(),
            says=asked.says(self.language),
            value=value,
            update=_update(of.prepare(), step.target, truth) if asked.updates else None,
        )

    def _code(self, of: Session) -> list[str]:
        """The program as code as far as it has been walked, its last lines."""
        walked = of.steps[: of.count_done]
        exercises = (
            exercise(of.lesson, step, self.style, of.facts) for step in walked[-LATEST_CODE:]
        )
        found = (each.line() for each in exercises)
        return [line for lines in found if lines for line in lines.split("\n")]

    def _words(self, text: Message | str) -> str:
        return text.to(self.language) if isinstance(text, Message) else text


def _update(facts: Facts, parameter: str, new: Array | None) -> UpdateTable | None:
    if new is None:
        return None
    lesson, gradient = facts.lesson, facts.gradient(parameter)
    return UpdateTable(
        name=parameter,
        old=matrix(facts.known(parameter), lesson.dtype),
        gradient=matrix(gradient, lesson.dtype),
        change=matrix(-lesson.learning_rate * gradient.astype("float64"), lesson.dtype),
        new=matrix(new, lesson.dtype),
    )
