"""The next iteration, by hand or trained; a changed lesson file; the effect of one number."""

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from msgspec.structs import replace as with_fields

from bptutor.course.exercise import arrays, numbers
from bptutor.course.parts import places_of
from bptutor.course.session import OPEN, STILL_OPEN, Feedback, Session
from bptutor.engine import training
from bptutor.engine.trace import Array, EngineError, changing, nudged
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import by_own_names, own_name
from bptutor.record.sittings import Mark, Sitting
from bptutor.text import Message, UserError

MOST_LOSSES = 1_000  # the most losses of one training that are saved
AT_REST = 1e-6  # gradients below this are as good as 0
FRESH = Message("The weights had converged, so this iteration uses the lesson's own weights again.")
HARDLY = 0.1  # a larger learning rate is offered where an update takes less of the loss
FACTORS = (10, 100, 1_000, 10_000)
FEW, LOOKED_AT = 5, 20  # updates in which the loss has to halve, and those that are shown
MOST_TRIED = 10_000  # parameters of a lesson for which it is tried


def next_parameters(session: Session) -> dict[str, Array]:
    """The parameters after this iteration, or after the training after it."""
    if session.sitting.trained:
        return arrays(session.sitting.trained)
    return session.prepare().trace.updated


def again(session: Session) -> None:
    """Start another iteration by hand, from the weights after the last one by hand.

    A training in between is left out: of converged weights there is nothing to work out. Where the
    weights by hand have converged, too, it starts from the lesson's own. Raises UserError: this
    iteration is not over.
    """
    _require_end(session)
    sitting, facts = session.sitting, session.prepare()
    following = {name: numbers(array) for name, array in facts.trace.updated.items()}
    if converged := _converged(session):
        sitting.leaves, sitting.iterations, sitting.losses = {}, 0, []
    else:
        sitting.losses.append(facts.trace.loss)
        sitting.leaves, sitting.iterations = following, sitting.iterations + 1
    sitting.marks, sitting.trained = {}, {}
    sitting.trained_for, sitting.trained_losses = 0, []
    sitting.index = sitting.furthest = 0
    session.facts, session.said = None, Feedback(FRESH if converged else None)
    session.prepare()


def _converged(session: Session) -> bool:
    """Is every gradient after this iteration's update as good as 0?"""
    gradients = session.prepare().after.gradients.values()
    return all(float(abs(gradient).max(initial=0.0)) < AT_REST for gradient in gradients)


def train(
    session: Session,
    iterations: int,
    on_progress: Callable[[Sequence[float]], None],
    cancelled: Callable[[], bool],
    *,
    larger: bool = False,
) -> None:
    """Train in TensorFlow for so many iterations; with the larger rate that `faster` offers.

    Raises UserError: this iteration is not over, there is nothing to train, or the loss diverges.
    """
    _require_end(session)
    if not session.lesson.parameters:
        raise UserError("This lesson has no parameters to train.")
    if iterations < 1:
        raise UserError("Train for at least one iteration.")
    start, lesson = next_parameters(session), session.lesson
    if larger and (offered := faster(session)):
        lesson = _at_rate(lesson, offered.rate)
    trained = training.train(lesson, start, iterations, on_progress, cancelled)
    sitting = session.sitting
    sitting.trained_for += len(trained.losses) - 1
    sitting.trained_losses += thinned(trained.losses[:-1], MOST_LOSSES)
    sitting.trained = {name: numbers(array) for name, array in trained.leaves.items()}


def losses(session: Session) -> list[float]:
    """The loss before each iteration so far (a sample of a long training), and after the last."""
    facts, sitting = session.prepare(), session.sitting
    after = facts.after.loss
    if sitting.trained:
        after = Facts(session.lesson, next_parameters(session)).trace.loss
    return [*sitting.losses, facts.trace.loss, *sitting.trained_losses, after]


def iterations_over(session: Session) -> int:
    """The number of finished iterations, with the one whose summary is shown."""
    return session.sitting.iterations + 1 + session.sitting.trained_for


# ── a larger learning rate ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Faster:
    """A larger learning rate, and what it does from the weights before this iteration."""

    rate: float
    losses: list[float]  # before the first update and after each

    @property
    def halved_after(self) -> int:
        """The updates after which the loss is at most half."""
        half = self.losses[0] / 2
        return next(index for index, loss in enumerate(self.losses) if loss <= half)


def faster(session: Session) -> Faster | None:
    """A larger rate, where the lesson's own hardly moves the loss and a larger one halves it.

    It is the lesson's `training_rate`, if there is one. A look: it changes nothing.
    """
    facts, lesson = session.prepare(), session.lesson
    small = sum(prod(lesson.shapes[name]) for name in lesson.parameters) <= MOST_TRIED
    if session.sitting.part != "tape" or not lesson.parameters or not small:
        return None
    return facts.once("a larger learning rate", partial(larger_rate, facts))


def larger_rate(facts: Facts) -> Faster | None:
    before, lesson = facts.trace.loss, facts.lesson
    if before <= 0 or before - facts.after.loss >= HARDLY * before:
        return None
    leaves = {name: facts.trace.values[name] for name in changing(lesson)}
    rates, within = [lesson.learning_rate * factor for factor in FACTORS], FEW
    if lesson.training_rate:
        rates, within = [lesson.training_rate], LOOKED_AT
    for rate in rates:
        try:
            found = Faster(rate, training.train(_at_rate(lesson, rate), leaves, LOOKED_AT).losses)
        except EngineError:
            return None
        if max(found.losses) > before:
            return None
        if min(found.losses[: within + 1]) <= before / 2:
            return found
    return None


def _at_rate(lesson: Lesson, rate: float) -> Lesson:
    return replace(lesson, learning_rate=rate, original=lesson.form)


def thinned(values: Sequence[float], most: int) -> list[float]:
    """At most `most` of the values, evenly spaced, with the first and the last."""
    if len(values) <= most:
        return list(values)
    last = len(values) - 1
    return [values[round(index * last / (most - 1))] for index in range(most)]


def _require_end(session: Session) -> None:
    if session.sitting.part != "tape":
        raise UserError("You do this part once. The part in numbers has further iterations.")
    if not session.at_end:
        raise UserError(STILL_OPEN)


# ── a changed lesson ──────────────────────────────────────────────────────────────────────────────


def in_changed_lesson(old: Sitting, lesson: Lesson, style: Style) -> Session:
    """A sitting moved to the changed lesson, at the first step without a right answer.

    Every answer is graded again: right ones stay solved, the others are open with what was typed.
    Shown answers stay shown. The weights stay if names and shapes are the same. Raises EngineError:
    a value or a derivative is not finite.
    """
    old = in_own_names(lesson, old)
    new = Session.begin(lesson, old.ask, old.lesson, style, old.part)
    sitting = new.sitting
    if fits(lesson, old):
        sitting.leaves, sitting.trained = old.leaves, old.trained
        sitting.iterations, sitting.losses = old.iterations, old.losses
        sitting.trained_for, sitting.trained_losses = old.trained_for, old.trained_losses
    new.prepare()
    last = old.furthest
    for index, step in enumerate(new.steps):
        if step.id in old.marks:
            sitting.index = index
            _answer_again(new, old.marks[step.id])
            last = max(last, index)
    new.said, sitting.streaks = Feedback(), old.streaks
    count = len(new.steps)
    first = next((index for index in range(count) if new.stage(index) in OPEN), count)
    sitting.index = sitting.furthest = min(first, last)
    return new


def in_own_names(lesson: Lesson, sitting: Sitting) -> Sitting:
    """A sitting of a lesson that had other names, some of which are its aliases now."""
    return with_fields(
        sitting,
        marks=by_own_names(lesson, sitting.marks),
        leaves=by_own_names(lesson, sitting.leaves),
        trained=by_own_names(lesson, sitting.trained),
    )


def answered(sitting: Sitting) -> int:
    return sum(mark.stage not in OPEN for mark in sitting.marks.values())


def fits(lesson: Lesson, sitting: Sitting) -> bool:
    """Do the weights of a sitting have the names and shapes of this lesson's?"""
    return all(
        name in changing(lesson) and tuple(weights.shape) == tuple(lesson.shapes[name])
        for saved in (sitting.leaves, sitting.trained)
        for name, weights in saved.items()
    )


def _answer_again(new: Session, old: Mark) -> None:
    """Give the answer of a step once more, without counting it as an attempt."""
    mark, old = Mark(hints=old.hints), copy(old)
    new.sitting.marks[new.step.id] = mark
    if old.stage == "shown":
        mark.stage = "shown"
        return
    new.fit(new.step, old)
    cells = old.cells if len(old.cells) == len(new.cells(new.step)) else None
    new.draft(old.product, cells)
    new.check(
        old.product if old.product_verdict else None,
        cells if cells and any(old.verdicts) else None,
    )
    mark.attempts = old.attempts


def in_new_file(session: Session, lesson: Lesson) -> Session:
    """A session of the changed lesson at the author's step, or at its index if it is gone.

    All steps before it can be looked at, open ones with their answer; what is typed stays, without
    its verdict.
    """
    old, mark = in_own_names(lesson, session.sitting), session.mark(session.step)
    new = Session.begin(lesson, old.ask, old.lesson, session.style, old.part)
    index = min(session.index, len(new.steps) - 1)
    index = places_of(lesson, old.part).get(own_name(lesson, session.step.id), index)
    for step in new.steps[:index]:
        before = old.marks.get(step.id, Mark())
        shown = before.stage == "open"
        new.sitting.marks[step.id] = Mark(stage="shown") if shown else before
    new.sitting.marks[new.steps[index].id] = Mark(product=mark.product, cells=list(mark.cells))
    new.sitting.index = new.sitting.furthest = index
    return new


def nudgeable(session: Session) -> str | None:
    """The leaf that the current step is about, if its gradient is known as numbers."""
    step = session.step
    leaf = step.by if step.kind == "backward" else step.target
    about_a_leaf = step.kind in ("backward", "update") and leaf in session.lesson.program.leaves
    if step.part != "tape" or not about_a_leaf or not leaf:
        return None
    gradient = gradient_name(session.lesson.loss, leaf)
    place = places_of(session.lesson, step.part)[gradient]
    return leaf if session.facts and session.done(place) else None


def nudge(session: Session, position: int, by: float) -> tuple[str, float]:
    """The leaf of the current step, and the loss (in float64) with one of its cells changed.

    Raises UserError: the step is about no leaf, or its gradient is still asked.
    """
    leaf = nudgeable(session)
    if leaf is None:
        raise UserError("Answer the gradient first. Then you can check it numerically.")
    if not math.isfinite(by) or by == 0 or not 0 <= position < prod(session.lesson.shapes[leaf]):
        raise UserError("Choose one of the numbers, and a change that is not 0.")
    return leaf, nudged(session.prepare().trace, leaf, position, by)


ALIKE = 0.01  # the relative difference up to which a difference quotient agrees with the gradient


def on_nudge(slope: float, gradient: float) -> Message:
    """A comment on a difference quotient beside the gradient."""
    if abs(slope - gradient) <= ALIKE * max(abs(gradient), 1e-12):
        return Message("The two agree: the gradient predicts the change of the loss.")
    return Message(
        "The two differ, because the loss is not linear over this step. Try a smaller change."
    )
