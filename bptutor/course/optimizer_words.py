"""What the steps of an optimizer ask, and by which rule they are computed."""

from collections.abc import Mapping

from bptutor.language.ops import numbers_read
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.optimizer import CLIPS, Role, Rule, moment, second_moment, updated_name
from bptutor.lesson.steps import Step
from bptutor.text import Message, sentences
from bptutor.text.message import Field

QUESTIONS: Mapping[Role, Message] = {
    "norm": Message("Compute the norm of the gradient with respect to {name}."),
    "clip": Message("Clip the gradient with respect to {name}."),
    "momentum": Message("Compute the new momentum of {name}."),
    "first": Message("Compute the new first moment of {name}."),
    "second": Message("Compute the new second moment of {name}."),
    "rate": Message("Compute lr_t, the learning rate with its bias correction."),
    "weight": Message("Take one step of the optimizer. What is the new {name}?"),
}
RULES: Mapping[Role, Message] = {
    "norm": Message("Square each element of the gradient, add up the squares, take the root."),
    "clip": Message(
        "Multiply by {bound} and divide by the larger one of {norm} and {bound}: the gradient "
        "keeps its direction."
    ),
    "momentum": Message("Momentum times the old {state}, minus lr times the gradient."),
    "first": Message(
        "A moving average: beta_1 of the old {state}, and 1 - beta_1 of the gradient."
    ),
    "second": Message(
        "A moving average: {share} of the old {state}, and 1 - {share} of the squared gradient."
    ),
    "rate": Message(
        "Multiply lr by the root of 1 - beta_2 ** t. Divide by 1 - beta_1 ** t, without a root."
    ),
}
STEPS: Mapping[Rule, Message] = {
    "sgd": Message("Subtract lr times the gradient from the old {name}."),
    "momentum": Message("Add the new momentum to the old {name}."),
    "nesterov": Message(
        "Multiply the new momentum by momentum once more, and subtract lr times the gradient. Add "
        "both to the old {name}."
    ),
    "rmsprop": Message(
        "Multiply lr by the gradient. Divide by the root of the sum of {second} and epsilon. "
        "Subtract this from the old {name}."
    ),
    "adam": Message(
        "Multiply lr_t by {first}. Divide by the root of {second} plus epsilon. Subtract this from "
        "the old {name}."
    ),
}
NORM_OF_ALL = Message("Compute the norm of all gradients together.")
CLIPPED = Message("Use the clipped gradient.")
DECAY = Message("For the weight decay, subtract lr * weight_decay * {name}, too.")


def optimizer_question(lesson: Lesson, step: Step) -> Message:
    if step.role == "norm" and step.target == lesson.loss:
        return NORM_OF_ALL
    role = step.role or "weight"
    return Message(QUESTIONS[role].text, name=step.target)


def optimizer_rule(lesson: Lesson, step: Step) -> Message:
    """The rule in the names of the step, and what weight decay and clipping add to it."""
    optimizer, read = lesson.optimizer, [*numbers_read(step.product)]
    settings = optimizer.settings
    found = RULES.get(step.role or "weight", STEPS[optimizer.rule])
    bound = next((each for each in CLIPS if each in settings), "")
    norm = next((each for each in read if each.startswith("norm")), "")
    fields: dict[str, Field] = {
        "name": step.target,
        "state": step.renews or "",
        "bound": bound,
        "norm": norm,
        "share": "rho" if "rho" in settings else "beta_2",
        "first": updated_name(moment(step.target)),
        "second": updated_name(second_moment(step.target)),
    }
    rule = Message(found.text, **fields)
    clipped = any(each.startswith("clipped_") for each in read)
    decays = step.role == "weight" and "weight_decay" in settings
    return sentences(
        rule,
        CLIPPED if clipped else None,
        Message(DECAY.text, name=step.target) if decays else None,
    )
