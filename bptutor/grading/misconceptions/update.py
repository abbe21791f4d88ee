"""The update of a parameter."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.situation import Cell, Misconception, Mistake, Situation, Words
from bptutor.language.algebra import minus, negative, over, plus, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Expression, Name, Number
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message, significant

UPDATE_SIGN = Misconception("update-sign", Message("the update uphill"))
LEARNING_RATE_MISSING = Misconception(
    "learning-rate-missing", Message("the learning rate left out")
)
LEARNING_RATE_TWICE = Misconception(
    "learning-rate-twice", Message("the learning rate multiplied twice")
)
STEP_FOR_WEIGHT = Misconception("step-for-weight", Message("the step taken for the new weight"))
GRADIENT_FOR_WEIGHT = Misconception(
    "gradient-for-weight", Message("the gradient taken for the new weight")
)
LEARNING_RATE_DIVIDES = Misconception(
    "learning-rate-divides", Message("divided by the learning rate")
)
ERROR_FOR_GRADIENT = Misconception(
    "error-for-gradient", Message("the error taken for the gradient")
)
LOSS_FOR_GRADIENT_IN_UPDATE = Misconception(
    "loss-for-gradient-in-update", Message("the loss in the place of the gradient at an update")
)
LEARNING_RATE_ON_WEIGHT = Misconception(
    "learning-rate-on-weight", Message("the weight multiplied by the learning rate")
)
UPDATE_RELATIVE = Misconception(
    "update-relative", Message("the step taken as a share of the weight")
)
UPDATE_DOUBLED = Misconception("update-doubled", Message("the step taken twice"))
NOT_UPDATED = Misconception("not-updated", Message("the weight not updated"))


def at_an_update(s: Situation) -> Iterator[Mistake]:
    """Where a parameter takes its step."""
    if s.step.kind != "update":
        return
    weight, rate = Name(s.step.target), Name(LEARNING_RATE)
    gradient = Name(gradient_name(s.lesson.loss, weight.id))
    step = times(rate, gradient)
    advice = Message("The rule is {rule}.", rule=f"{weight.id} - {s.text(step)}")

    def uphill(cell: Cell) -> Message:
        slope = cell.number(gradient)
        text, value = s.text(gradient) + cell.index, significant(slope, 3)
        moved = weight.id + cell.index
        if slope > 0:
            return Message(
                "You went uphill: {gradient} is {value}, above 0, so {weight} has to get smaller.",
                gradient=text,
                value=value,
                weight=moved,
            )
        return Message(
            "You went uphill: {gradient} is {value}, below 0, so {weight} has to get larger.",
            gradient=text,
            value=value,
            weight=moved,
        )

    def instead(what: Misconception, wrong: Expression, explanation: Words) -> Mistake:
        return Mistake(what, s.altogether(s.spread(wrong)), explanation, advice)

    yield instead(UPDATE_SIGN, plus(weight, step), uphill)
    yield instead(
        LEARNING_RATE_MISSING, minus(weight, gradient), Message("You left out the learning rate.")
    )
    yield instead(
        LEARNING_RATE_TWICE,
        minus(weight, times(rate, rate, gradient)),
        Message("You multiplied by the learning rate twice."),
    )
    for wrong in (step, negative(step)):
        yield instead(
            STEP_FOR_WEIGHT,
            wrong,
            Message("That is the step; the new weight is the old one with the step taken."),
        )
    yield instead(GRADIENT_FOR_WEIGHT, gradient, Message("That is the gradient itself."))
    yield instead(
        LEARNING_RATE_DIVIDES,
        minus(weight, over(gradient, rate)),
        Message("You divided by the learning rate."),
    )
    for consumer in s.lesson.program.consumers[weight.id]:
        arrives = Name(gradient_name(s.lesson.loss, consumer.target))
        if consumer.target != s.lesson.loss and s.fits(minus(weight, times(rate, arrives))):
            yield instead(
                ERROR_FOR_GRADIENT,
                minus(weight, times(rate, arrives)),
                Message("You took {wrong} for the gradient.", wrong=s.text(arrives)),
            )
    yield instead(
        LOSS_FOR_GRADIENT_IN_UPDATE,
        minus(weight, times(rate, Name(s.lesson.loss))),
        Message("You took the loss {loss} for the gradient.", loss=s.lesson.loss),
    )
    yield instead(
        LEARNING_RATE_ON_WEIGHT,
        minus(times(rate, weight), gradient),
        Message("You multiplied the weight by the learning rate, not the gradient."),
    )
    yield instead(
        UPDATE_RELATIVE,
        times(weight, minus(Number(1), step)),
        Message("You took the step as a share of the weight."),
    )
    yield instead(
        UPDATE_DOUBLED, minus(weight, times(Number(2), step)), Message("You took the step twice.")
    )
    yield instead(NOT_UPDATED, weight, Message("The weight is where it was."))
