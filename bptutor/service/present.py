"""A lesson's screens as data: what may be seen now, in the learner's language."""

from dataclasses import dataclass
from math import prod

import numpy as np

from bptutor.course.asked import all_equal
from bptutor.course.code_so_far import lines_so_far
from bptutor.course.exercise import Exercise
from bptutor.course.iterations import (
    faster,
    iterations_over,
    losses,
    next_parameters,
    nudge,
    nudgeable,
    on_nudge,
)
from bptutor.course.keras_steps import (
    beside_the_tape,
    difference_of_gradients,
    gradients_beside,
    keras_run,
)
from bptutor.course.questions import MOST_SEEN, asks_product, asks_value
from bptutor.course.session import Session, exercise
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, in_style, index_of
from bptutor.lesson.lesson import Texts
from bptutor.lesson.optimizer import updated_name
from bptutor.lesson.steps import places, steps
from bptutor.literals import OF_PROGRAM
from bptutor.service.tape import knowns, matrix, norms_at, rows_and_columns, tape_lines
from bptutor.text import Message, UserError
from bptutor.text.numbers import element_words
from bptutor.views import Matrix
from bptutor.views.lesson import (
    AskedCell,
    BesideTape,
    Explained,
    Grid,
    LargerRate,
    Nudged,
    ParameterChange,
    Result,
    StepName,
    StepView,
    SummaryView,
    UpdateTable,
    Walked,
)
from bptutor.views.quiz import ItemState

INTRODUCTIONS = {
    "derive": Message(
        "This part uses symbols, not numbers. You write each derivative and gradient as a "
        "formula. At the end, you find the order in which gradients can be computed, and the "
        "values to store for them."
    ),
    "keras": Message(
        "This part uses Keras. You complete the code of the same network, one gap at a time, and "
        "predict its output. bptutor runs the code and compares its numbers with those of the "
        "tape."
    ),
}
AFTER_DERIVING = Message(
    "That is backpropagation, without a single number. The forward pass stores the values that "
    "the derivatives need. In the backward pass, each operation turns its upstream gradient into "
    "the gradients of its inputs. The order of computation follows from this, and so do the "
    "values to store. Next, do the same lesson in numbers."
)
AFTER_KERAS = Message(
    "A few lines of Keras do the same work as the calculation by hand. The tape is the same, and "
    "model.fit repeats these steps."
)


@dataclass(frozen=True)
class Viewer:
    """Shows sessions in one language and notation."""

    language: str
    style: Style

    def words(self, said: Message | Texts | str | None) -> str:
        """What is said, in the language; nothing where there is nothing to say."""
        if isinstance(said, Texts):
            return in_style(said.to(self.language), self.style)
        return said.to(self.language) if isinstance(said, Message) else said or ""

    def step(self, session: Session) -> StepView:
        """The current step's screen."""
        lesson, step, mark = session.lesson, session.step, session.mark(session.step)
        asked, sitting, said = session.exercise, session.sitting, session.said
        answered = session.done(session.index)
        return StepView(
            lesson=self.words(lesson.title),
            iteration=sitting.iterations + 1,
            index=session.index,
            total=len(session.steps),
            step=step.id,
            kind=step.kind,
            section=lesson.heading(step.section, self.language),
            name=self.words(asked.name()),
            question=self.words(asked.question()),
            formula=asked.formula(),
            remarks=asked.remarks(self.language),
            tape=tape_lines(session, self.style, self.language),
            knowns=knowns(session, self.style),
            asks_product=asks_product(step, sitting.ask),
            asks_value=asks_value(step, sitting.ask),
            product=mark.product,
            product_verdict=None if mark.stage == "shown" else mark.product_verdict,
            grid=self._grid(session),
            stage=session.stage(session.index),
            message=self.words(said.message),
            focus=said.focus,
            tone=said.tone,
            hints=self._hints(session),
            result=self._result(session) if session.facts and answered else None,
            code=lines_so_far(session, self.language),
            furthest=min(sitting.furthest, len(session.steps) - 1),
            product_fault=said.column,
            offers_numbers=session.offers_numbers,
            last_hint=mark.hints >= asked.rungs,
            nudgeable=display_name(nudgeable(session) or "", self.style),
            part=sitting.part,
            layers=lesson.form.layers,
            shape=list(step.shape) if step.kind in OF_PROGRAM else None,
            example=self._example(asked)
            if session.support == "example" and session.stage(session.index) == "open"
            else [],
            loss=lesson.loss,
        )

    def _example(self, asked: Exercise) -> list[str]:
        return ["\n".join(map(self.words, panel)) for panel in asked.example()]

    def names(self, session: Session) -> list[StepName]:
        lesson, facts = session.lesson, session.facts
        return [
            StepName(
                step=step.id,
                kind=step.kind,
                section=lesson.heading(step.section, self.language),
                name=self.words(exercise(lesson, step, self.style, facts).name()),
                stage=session.stage(index),
                loss=lesson.loss,
            )
            for index, step in enumerate(session.steps)
        ]

    def summary(self, session: Session) -> SummaryView:
        """The end of an iteration, of the training that followed it, or of a part without one."""
        lesson, part, trained = session.lesson, session.sitting.part, session.sitting.trained
        marks = session.sitting.marks.values()
        solved = [mark for mark in marks if mark.stage == "solved"]
        course: list[float] = []
        changes: dict[str, tuple[Array, Array]] = {}
        gradients: dict[str, tuple[Array, Array]] = {}
        difference = 0.0
        closing: list[Message | Texts] = [AFTER_DERIVING]
        if part == "tape":
            course, changes, closing = losses(session), _changes(session), [lesson.closing]
        elif part == "keras":
            facts = session.prepare()
            updated = keras_run(facts).updated.items()
            changes = {name: (facts.known(name), after) for name, after in updated}
            gradients, difference = gradients_beside(facts), difference_of_gradients(facts)
            closing = [beside_the_tape(facts), AFTER_KERAS]
        return SummaryView(
            lesson=self.words(lesson.title),
            iteration=iterations_over(session) if part == "tape" else 1,
            loss_before=course[0 if trained else -2] if course else 0.0,
            loss_after=course[-1] if course else 0.0,
            parameters=[
                ParameterChange(name, matrix(old, lesson.dtype), matrix(new, lesson.dtype))
                for name, (old, new) in changes.items()
            ],
            solved=len(solved),
            first_try=sum(mark.attempts == 1 and mark.hints == 0 for mark in solved),
            shown=sum(mark.stage == "shown" for mark in marks),
            asked=sum(mark.stage != "open" for mark in marks),
            closing="\n".join(map(self.words, closing)),
            losses=course,
            trains=part == "tape" and bool(lesson.parameters),
            larger=_larger(session),
            part=part,
            gradients=[
                BesideTape(name, matrix(tape, lesson.dtype), matrix(keras, lesson.dtype))
                for name, (tape, keras) in gradients.items()
            ],
            difference=difference,
            walk=self._walk(session),
            by_hand=session.sitting.iterations + 1 if part == "tape" else 0,
            norms=norms_at(session, self.style) if part == "tape" else [],
        )

    def _walk(self, session: Session) -> list[Walked]:
        found = []
        for name, step in zip(self.names(session), session.steps, strict=True):
            if name.stage in ("solved", "shown"):
                mark = session.sitting.marks[step.id]
                at_once = mark.attempts == 1 and mark.hints == 0
                right: ItemState = "right" if at_once else "partly"
                state: ItemState = "shown" if name.stage == "shown" else right
                found.append(Walked(name.name, step.kind, name.section, state))
        return found

    def introduction(self, session: Session) -> str:
        said = INTRODUCTIONS.get(session.sitting.part)
        if said is None:
            return self.words(session.lesson.introduction)
        return f"{self.words(session.lesson.summary)}\n\n{self.words(said)}"

    def explained(self, session: Session) -> Explained:
        """Why the current step is as it is.

        Raises UserError: it is about the lesson as a whole, or about code.
        """
        session.prepare()
        why = session.exercise.why()
        if why is None:
            raise UserError("There is nothing more to explain here. Use a hint.")
        numbers = session.sitting.part == "tape"
        return Explained(
            name=self.words(session.exercise.name()),
            rule=self.words(why.rule()),
            picture=why.picture(),
            shapes=[*map(self.words, why.shapes())],
            story=[*map(self.words, why.story(session.done(session.index)))] if numbers else [],
            example=self._example(session.exercise),
        )

    def nudged(self, session: Session, row: int, column: int, by: float) -> Nudged:
        """What the loss does when one number is moved; a look that changes nothing.

        Raises UserError: there is nothing to move here.
        """
        shapes = session.lesson.shapes
        _, columns = rows_and_columns(shapes.get(nudgeable(session) or "", ()))
        position = row * columns + column
        leaf, after = nudge(session, position, by)
        facts = session.prepare()
        before = facts.exact_loss
        gradient = float(facts.gradient(leaf).reshape(-1)[position])
        slope = (after - before) / by
        shape = shapes[leaf]
        where = element_words(index_of(position, shape))
        cell = Message("{name} at {cell}", name=leaf, cell=where) if shape else leaf
        return Nudged(
            cell=self.words(cell) if isinstance(cell, Message) else cell,
            by=by,
            loss_before=before,
            loss_after=after,
            slope=slope,
            gradient=gradient,
            remark=self.words(on_nudge(slope, gradient)),
        )

    # ── parts of a step's screen ──────────────────────────────────────────────────────────────

    def _grid(self, session: Session) -> Grid:
        step, mark, notes = session.step, session.mark(session.step), session.said.notes
        rows, columns = rows_and_columns(step.shape)
        labels = session.exercise.labels()
        asked = []
        if asks_value(step, session.sitting.ask):
            for place, position in enumerate(session.cells(step)):
                # Beside an answer that was shown, a mark would speak of what stood there before.
                judged = place < len(mark.verdicts) and mark.stage != "shown"
                row, column = divmod(position, columns)
                asked.append(
                    AskedCell(
                        row=row,
                        column=column,
                        text=mark.cells[place] if place < len(mark.cells) else "",
                        verdict=mark.verdicts[place] if judged else None,
                        note=self.words(notes[place]) if place < len(notes) else "",
                        label=self.words(labels[position]) if labels else "",
                    )
                )
        return Grid(rows, columns, asked, self._filled(session, asked))

    def _filled(self, session: Session, asked: list[AskedCell]) -> Matrix | None:
        """Of a value of which a few cells are asked, the others."""
        step, truth, done = session.step, session.exercise.truth(), session.done(session.index)
        if truth is None or not asked or len(asked) == prod(step.shape):
            return None
        if not done and all_equal(session.lesson, step):
            return None  # any of them is the answer
        _, columns = rows_and_columns(step.shape)
        values = truth.reshape(-1)[:MOST_SEEN].astype("float64")
        if not done:
            values[[cell.row * columns + cell.column for cell in asked]] = np.nan
        return Matrix(list(step.shape), values.tolist(), session.lesson.dtype)

    def _hints(self, session: Session) -> list[str]:
        rungs = session.mark(session.step).hints
        if not rungs or session.facts is None:
            return []
        return [*map(self.words, session.exercise.hints(rungs, session.cells(session.step)))]

    def _result(self, session: Session) -> Result:
        asked, step, dtype = session.exercise, session.step, session.lesson.dtype
        truth = asked.truth()
        return Result(
            product=self.words(asked.written()) or None,
            code=asked.code(),
            says=asked.says(self.language),
            value=Matrix(list(step.shape), [], dtype) if truth is None else matrix(truth, dtype),
            update=_update(session.prepare(), step.target, truth)
            if asked.updates and truth is not None
            else None,
        )


def _larger(session: Session) -> LargerRate | None:
    found = faster(session)
    if found is None:
        return None
    own = session.lesson.learning_rate
    return LargerRate(own, found.rate, found.halved_after, found.losses)


def _changes(session: Session) -> dict[str, tuple[Array, Array]]:
    """Each parameter before an iteration (or before all training) and after it."""
    lesson, facts = session.lesson, session.prepare()
    after = next_parameters(session)
    return {
        name: (
            np.asarray(lesson.values[name], lesson.dtype)
            if session.sitting.trained
            else facts.known(name),
            after[name],
        )
        for name in lesson.parameters
        if name in after
    }


def _update(facts: Facts, parameter: str, new: Array) -> UpdateTable:
    lesson, gradient = facts.lesson, facts.gradient(parameter)
    update = steps(lesson)[places(lesson)[updated_name(parameter)]]
    change = -facts.decrease(update)
    arrays = facts.known(parameter), gradient, change, new
    return UpdateTable(parameter, *(matrix(array, lesson.dtype) for array in arrays))
