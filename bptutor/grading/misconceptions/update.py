"""Mistakes at the update of a parameter."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, Words
from bptutor.language.algebra import minus, negative, over, plus, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Expression, Name, Number
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message

LABELS = {
    "update-sign": Message("update in the wrong direction"),
    "learning-rate-missing": Message("learning rate omitted"),
    "learning-rate-twice": Message("learning rate multiplied twice"),
    "step-for-weight": Message("step in place of the new weight"),
    "gradient-for-weight": Message("gradient in place of the new weight"),
    "learning-rate-divides": Message("divided by the learning rate"),
    "error-for-gradient": Message("upstream gradient in place of the weight's gradient"),
    "loss-for-gradient-in-update": Message("loss in place of the gradient at an update"),
    "learning-rate-on-weight": Message("weight multiplied by the learning rate"),
    "update-relative": Message("update treated as a fraction of the weight"),
    "update-doubled": Message("step subtracted twice"),
    "not-updated": Message("weight not updated"),
}


def at_an_update(s: Situation) -> Iterator[Mistake]:
    if s.step.kind != "update" or s.step.asks_formula:
        return
    weight, rate = Name(s.step.target), Name(LEARNING_RATE)
    gradient = Name(gradient_name(s.lesson.loss, weight.id))
    step = times(rate, gradient)
    advice = Message(
        "Subtract the learning rate times the gradient from the old {weight}.", weight=weight.id
    )

    def uphill(cell: Cell) -> Message:
        equation = cell.equation(s.text(gradient), gradient)
        slope = cell.number(gradient)
        if not slope:
            return Message("You added the step to {weight}.", weight=weight.id)
        if slope > 0:
            return Message(
                "You stepped uphill: {equation} is positive, so {weight} must decrease.",
                equation=equation,
                weight=weight.id,
            )
        return Message(
            "You stepped uphill: {equation} is negative, so {weight} must increase.",
            equation=equation,
            weight=weight.id,
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
            "step-for-weight", wrong, Message("You gave the step alone, not the new weight.")
        )
    yield instead("gradient-for-weight", gradient, Message("You gave the gradient itself."))
    explanation = Message("You divided by the learning rate.")
    yield instead("learning-rate-divides", minus(weight, over(gradient, rate)), explanation)
    for consumer in s.lesson.program.consumers[weight.id]:
        arrives = Name(gradient_name(s.lesson.loss, consumer.target))
        if consumer.target != s.lesson.loss and s.fits(minus(weight, times(rate, arrives))):
            explanation = Message("You used {wrong} as the gradient.", wrong=s.text(arrives))
            yield instead("error-for-gradient", minus(weight, times(rate, arrives)), explanation)
    yield instead(
        "loss-for-gradient-in-update",
        minus(weight, times(rate, Name(s.lesson.loss))),
        Message("You used the loss {loss} as the gradient.", loss=s.lesson.loss),
    )
    explanation = Message("You multiplied the weight by the learning rate, not the gradient.")
    yield instead("learning-rate-on-weight", minus(times(rate, weight), gradient), explanation)
    explanation = Message("You treated the step as a fraction of the weight.")
    yield instead("update-relative", times(weight, minus(Number(1), step)), explanation)
    yield instead(
        "update-doubled",
        minus(weight, times(Number(2), step)),
        Message("You subtracted the step twice."),
    )
    yield instead("not-updated", weight, Message("You left the weight as it was."))
