"""What every front says in the same words: of lessons and the service."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, get_args

from bptutor.literals import OF_PROGRAM, Ask, Kind, Part, Stage, Verdict
from bptutor.service.protocol import HostState, Training
from bptutor.text import Message, joined, significant
from bptutor.views.lesson import (
    Known,
    LargerRate,
    LessonChanged,
    LessonItem,
    Nudged,
    Onward,
    Place,
    SummaryView,
)

if TYPE_CHECKING:
    from bptutor.service.client import Client

# ── what the views name by a token ────────────────────────────────────────────────────────────────

ASKS: dict[Ask, Message] = {
    "all": Message("everything"),
    "backward": Message("the backward pass"),
    "products": Message("the formulas"),
    "values": Message("the values"),
}
MEANS: dict[Part, Message] = {
    "derive": Message("the chain rule, step by step"),
    "keras": Message("blanks in Keras code"),
}
"""What is asked in the parts of which all steps are."""
KINDS: dict[Kind, Message] = {
    "forward": Message("forward pass"),
    "local": Message("local derivative"),
    "backward": Message("backward pass"),
    "optimizer": Message("optimizer"),
    "update": Message("update"),
    "goal": Message("gradients for learning"),
    "order": Message("the order"),
    "memory": Message("values to store"),
    "code": Message("the code"),
}
PARTS: dict[Part, Message] = {
    "derive": Message("symbols"),
    "tape": Message("numbers"),
    "keras": Message("Keras"),
}
STAGES: dict[Stage, Message] = {
    "open": Message("to do"),
    "solved": Message("solved"),
    "shown": Message("shown"),
    "worked": Message("computed"),
    "waiting": Message("waits for TensorFlow"),
}
VERDICTS: dict[Verdict, Message] = {
    "exact": Message("right, all digits"),
    "right": Message("right, rounded"),
    "imprecise": Message("correct so far; give more digits"),
    "wrong": Message("not right"),
    "unreadable": Message("cannot be read"),
}

SKILLS: dict[str, Message] = {
    "affine-forward": Message("weighted sum, forward"),
    "activation-forward": Message("activation, forward"),
    "loss-forward": Message("the loss"),
    "forward": Message("operation, forward"),
    "weight-slope": Message("local derivative: weight"),
    "bias-slope": Message("local derivative: bias"),
    "input-slope": Message("local derivative: input"),
    "activation-slope": Message("local derivative: activation"),
    "slope": Message("local derivative: operation"),
    "loss-slope": Message("local derivative: loss"),
    "weight-gradient": Message("gradient of a weight"),
    "bias-gradient": Message("gradient of a bias"),
    "input-gradient": Message("gradient of the previous layer"),
    "activation-gradient": Message("gradient through an activation"),
    "sum-over-paths": Message("sum over several paths"),
    "gradient": Message("gradient through an operation"),
    "optimizer": Message("optimizer"),
    "update": Message("update"),
    "order": Message("the order"),
    "memory": Message("values to store"),
    "code": Message("the code"),
    "goal": Message("gradients for learning"),
    "trainable-weights": Message("order and shapes of trainable_weights"),
}
"""Kinds of step, as skills."""


def way(kind: Kind) -> Message:
    """Down through the network, or back up: the heading that a step stands under in a list."""
    if kind not in OF_PROGRAM:
        return KINDS[kind]
    return KINDS["forward" if kind in ("forward", "local") else "backward"]


def mistake(id_: str) -> Message | str:
    """A misconception in a few words; the id itself where it is another version's."""
    from bptutor.grading.misconceptions import MISCONCEPTIONS

    return MISCONCEPTIONS.get(id_, id_)


# ── lessons, and the service ──────────────────────────────────────────────────────────────────────

WELCOME = Message(
    "Backpropagation by hand: forward through a network and back from its loss, one step at a "
    "time. TensorFlow checks every answer."
)
ANSWERS = (
    Message(
        "Three significant digits are enough, with the right sign. 0 is right only where the "
        "answer is exactly 0."
    ),
    Message("A cell accepts arithmetic: 2*(0.136-0.1). bptutor rounds nothing in between."),
    Message("You can paste a whole matrix into a cell: with brackets, in rows, or in columns."),
    Message("In a formula, @ is the matrix product, * is element-wise, and .T transposes."),
)
MATHEMATICS: tuple[tuple[Message | str, str, Message], ...] = (
    (
        "∂L/∂W, dL_dW",
        "dL_dW",
        Message("gradient of the loss L with respect to W; it has the shape of W"),
    ),
    ("∂a/∂Z, da_dZ", "da_dZ", Message("local derivative: the derivative of one operation")),
    (
        Message("upstream gradient"),
        "",
        Message("gradient of the loss with respect to the result of an operation"),
    ),
    ("1[Z > 0], (Z > 0)", "(Z > 0)", Message("mask: 1 where the condition is true, else 0")),
    ("Wᵀ, W.T", "W.T", Message("transpose of W: its rows become columns")),
    ("A @ B, A * B", "A @ B, A * B", Message("matrix product; element-wise product")),
)


def functions() -> Message:
    from bptutor.language.ops import operations
    from bptutor.language.tree import Apply, Name

    named = [
        key
        for key, each in operations().items()
        if not (each.infix or each.prefix or each.postfix)
        and not each.in_brackets(Apply(key, (Name("x"),)))
    ]
    return Message("Functions: {names}.", names=", ".join(named))


LOADING = Message("TensorFlow is loading")
WORKED_OUT = Message("No answer needed: TensorFlow computed this step.")
CHANGED_ENTER = Message(
    "Enter continues with the new version. Answers that are still right remain; the others are "
    "open again."
)
SHOWING = (
    Message("Ask again to show the answer. The step then counts as shown, not as solved."),
    Message("Ask again to show the answer. The item then gives 0 points."),
)
LATE = Message("The service is slow to reply.")
LATE_ANSWER = Message("The service does not reply. Your answer is not saved yet.")
RESTARTING = Message("The service has stopped. Another one is starting; nothing is lost.")
ALONE = Message(
    "Your class is not reachable: {why}. You can practise, but your class does not see these "
    "answers. Assignments wait."
)
TOGETHER = Message("Your class is reachable again.")
MOST_ITERATIONS = 1_000_000  # iterations of one training, at most
HOW_MANY = Message("Type the number of iterations, from 1 to {most}.", most=MOST_ITERATIONS)
LOSS_FIGURES = 9  # figures of the loss before and after a nudge: a small move shows late in them


def how_typed(knowns: Iterable[Known]) -> Message | None:
    """How a name on the screen is typed that no keyboard has; None where there is none."""
    for known in knowns:
        if known.relevant and known.typed not in ("", known.name):
            return Message("{name} is typed {typed}", name=known.name, typed=known.typed)
    return None


def reached(item: LessonItem, part: Part) -> Place | None:
    """How far a part of a lesson has come; None where the lesson has no such part."""
    return item.parts.get(part)


def state(item: LessonItem, part: Part) -> Message:
    there = reached(item, part)
    if item.problem:
        return Message("cannot be opened")
    return Message("no Keras part") if there is None else how_far(there)


def how_far(there: Place) -> Message:
    if there.done and there.answered in (0, there.steps):
        return Message("finished")
    if there.answered:
        return Message("{answered} of {steps} steps", answered=there.answered, steps=there.steps)
    return Message("{steps} steps", steps=there.steps)


def where_left(item: LessonItem, part: Part) -> Message | None:
    """Where a part of a lesson was left, and what is asked there; None where it is not begun."""
    there = reached(item, part)
    if there is None or not there.answered:
        return None
    if part != "tape":
        return Message(
            "You are at {answered} of {steps} steps of this part.",
            answered=there.answered,
            steps=there.steps,
        )
    return Message(
        "You are at {answered} of {steps} steps. Steps to answer: {asked}.",
        answered=there.answered,
        steps=there.steps,
        asked=ASKS[item.ask or "all"],
    )


def numbered(part: Part) -> Message:
    """A part with its number: 1 symbols, 2 numbers, 3 Keras."""
    return Message("{number} {name}", number=_number_of(part), name=PARTS[part])


def _number_of(part: Part) -> int:
    return 1 + get_args(Part).index(part)


def other_parts(item: LessonItem, part: Part) -> Message | None:
    others = {name: place for name, place in item.parts.items() if name != part}
    begun = [name for name, place in others.items() if place.answered or place.done]
    return joined(_part(name, others[name]) for name in begun) if begun else None


def parts_line(parts: Mapping[Part, Place], here: Part) -> Message:
    """The parts of a lesson in one sentence, and which of them one is in."""
    said = [_part(name, place, here=name == here) for name, place in parts.items()]
    return Message("Parts of this lesson: {parts}", parts=joined(said))


def _part(part: Part, place: Place, here: bool = False) -> Message:
    name = numbered(part)
    named = Message("{line} (you are here)", line=name) if here else name
    return Message("{name}: {what}", name=named, what=how_far(place))


def ahead(onward: Onward) -> Message | str:
    if not onward.same:
        return onward.title
    number, name = _number_of(onward.part), PARTS[onward.part]
    return Message("part {number}, {name}", number=number, name=name)


def changed(lesson: LessonChanged) -> Message:
    return Message(
        "“{title}” has changed since you were here. Steps answered: {answered}.",
        title=lesson.title,
        answered=lesson.answered,
    )


def larger(rate: LargerRate) -> list[Message]:
    before, last = rate.losses[0], len(rate.losses) - 1
    return [
        Message(
            "The learning rate {own} hardly moves this loss. With {rate} it halves in {count} "
            "updates.",
            own=significant(rate.own),
            rate=significant(rate.rate),
            count=rate.halved_after,
        ),
        Message(
            "After {count} updates with {rate}: {before} becomes {after}.",
            count=last,
            rate=significant(rate.rate),
            before=significant(before),
            after=significant(rate.losses[last]),
        ),
    ]


def above_table(view: SummaryView) -> Message:
    """What the table at the end of a part has; in Keras with the largest difference."""
    if not view.gradients:
        return Message("the weights")
    return Message(
        "gradients of the tape and of Keras; largest difference: {difference}",
        difference=significant(view.difference, 2),
    )


def score(view: SummaryView) -> Message:
    return Message(
        "{solved} of {asked} steps solved, {first} at the first try; {shown} shown.",
        solved=view.solved,
        asked=view.asked,
        first=view.first_try,
        shown=view.shown,
    )


def kept(client: "Client") -> Message:
    """What a learner who leaves finds again."""
    if client.unsaved:
        return Message("Your last action may not be saved. Your earlier answers are saved.")
    if client.all_kept:
        return Message("Your answers are saved. You can resume where you stopped.")
    return Message("Some answers could not be saved. You will resume from the last saved one.")


def reachable(state: HostState) -> Message:
    return Message(ALONE.text, why=state.away) if state.away else TOGETHER


def late(request: str) -> Message:
    return LATE_ANSWER if request in ("check", "draft", "split") else LATE


def moved(nudged: Nudged) -> tuple[Message, Message]:
    return (
        Message(
            "{cell} changed by {by}: the loss went from {before} to {after}.",
            cell=nudged.cell,
            by=significant(nudged.by),
            before=significant(nudged.loss_before, LOSS_FIGURES),
            after=significant(nudged.loss_after, LOSS_FIGURES),
        ),
        Message(
            "That is {slope} per unit; the gradient is {gradient}.",
            slope=significant(nudged.slope),
            gradient=significant(nudged.gradient),
        ),
    )


def progress(training: Training) -> Message:
    if not training.losses:
        return Message("{done} of {total}", done=training.done, total=training.total)
    return Message(
        "{done} of {total}, loss {loss}",
        done=training.done,
        total=training.total,
        loss=significant(training.losses[-1]),
    )


def iterations(text: str) -> int | None:
    """How many iterations are typed; None where that cannot be read, or is too many."""
    digits = text.strip().replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    return int(digits) if 1 <= int(digits) <= MOST_ITERATIONS else None
