"""Mistakes at the update of a parameter."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, Words
from bptutor.language.algebra import minus, negative, over, plus, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Expression, Name, Number
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message, significant

LABELS = {
    "update-sign": Message("the update uphill"),
    "learning-rate-missing": Message("the learning rate left out"),
    "learning-rate-twice": Message("the learning rate multiplied twice"),
    "step-for-weight": Message("the step taken for the new weight"),
    "gradient-for-weight": Message("the gradient taken for the new weight"),
    "learning-rate-divides": Message("divided by the learning rate"),
    "error-for-gradient": Message("the error taken for the gradient"),
    "loss-for-gradient-in-update": Message("the loss in the place of the gradient at an update"),
    "learning-rate-on-weight": Message("the weight multiplied by the learning rate"),
    "update-relative": Message("the step taken as a share of the weight"),
    "update-doubled": Message("the step taken twice"),
    "not-updated": Message("the weight not updated"),
}
"""The ids of its mistakes, and how lists call them."""


def at_an_update(s: Situation) -> Iterator[Mistake]:
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

    def instead(misconception: str, wrong: Expression, explanation: Words) -> Mistake:
        return Mistake(misconception, s.with_product(s.spread(wrong)), explanation, advice)

    yield instead("update-sign", plus(weight, step), uphill)
    yield instead(
        "learning-rate-missing", minus(weight, gradient), Message("You left out the learning rate.")
    )
    explanation = Message("You multiplied by the learning rate twice.")
    yield instead("learning-rate-twice", minus(weight, times(rate, rate, gradient)), explanation)
    for wrong in (step, negative(step)):
        yield instead(
            "step-for-weight",
            wrong,
            Message("That is the step; the new weight is the old one with the step taken."),
        )
    yield instead("gradient-for-weight", gradient, Message("That is the gradient itself."))
    explanation = Message("You divided by the learning rate.")
    yield instead("learning-rate-divides", minus(weight, over(gradient, rate)), explanation)
    for consumer in s.lesson.program.consumers[weight.id]:
        arrives = Name(gradient_name(s.lesson.loss, consumer.target))
        if consumer.target != s.lesson.loss and s.fits(minus(weight, times(rate, arrives))):
            explanation = Message("You took {wrong} for the gradient.", wrong=s.text(arrives))
            yield instead("error-for-gradient", minus(weight, times(rate, arrives)), explanation)
    yield instead(
        "loss-for-gradient-in-update",
        minus(weight, times(rate, Name(s.lesson.loss))),
        Message("You took the loss {loss} for the gradient.", loss=s.lesson.loss),
    )
    explanation = Message("You multiplied the weight by the learning rate, not the gradient.")
    yield instead("learning-rate-on-weight", minus(times(rate, weight), gradient), explanation)
    explanation = Message("You took the step as a share of the weight.")
    yield instead("update-relative", times(weight, minus(Number(1), step)), explanation)
    yield instead(
        "update-doubled", minus(weight, times(Number(2), step)), Message("You took the step twice.")
    )
    yield instead("not-updated", weight, Message("The weight is where it was."))
