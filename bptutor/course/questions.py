"""What a step asks: its question in words and in mathematics, and which cells."""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import prod

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.grading.judge import figures_needed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import numbers_read, operation_of, traits_of
from bptutor.language.ops.base import Operation, Style
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.tree import Apply, Assignment, Expression, Name, names
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.optimizer import CLIPS, Role, Rule, moment, second_moment, updated_name
from bptutor.lesson.steps import (
    ARROW,
    Step,
    decrease,
    factors,
    known_names,
    passed_back,
    places,
    readers,
    shown_name,
)
from bptutor.literals import Ask
from bptutor.text import Message, sentences
from bptutor.text.message import Field

MOST_CELLS = 12  # a matrix of at most so many cells is asked whole
ASKED_OF_LARGE = 4  # cells of a larger one that are asked
MOST_SEEN = 4_096  # first numbers of a very large matrix that are shown, and asked of


def asks_product(step: Step, ask: Ask) -> bool:
    if step.asks == "nothing":
        return False
    if step.part != "tape":
        return not step.numbers
    if step.kind == "code":
        return ask == "all"
    return step.asks_formula and (ask != "values" or step.asks == "formula")


def has_value(step: Step) -> bool:
    return step.kind != "code" if step.part == "tape" else step.numbers


def asks_value(step: Step, ask: Ask) -> bool:
    if step.part != "tape":
        return step.numbers
    if ask == "products" or step.asks != "all" or step.kind == "code":
        return False
    return ask != "backward" or step.kind in ("backward", "optimizer", "update")


def asked_anything(step: Step, ask: Ask) -> bool:
    return asks_product(step, ask) or asks_value(step, ask)


def sizes(step: Step) -> Expression:
    """What the elements to ask are chosen by: the value; of an update, its change."""
    return decrease(step) if step.kind == "update" else step.product


def asked_of(facts: Facts, step: Step) -> list[int]:
    """The positions of the elements to ask at a step on the tape."""
    return asked_cells(step, sizes_in(facts, step))


def sizes_in(facts: Facts, step: Step) -> Array:
    """The size by which the elements to ask are chosen, as TensorFlow gives it."""
    return facts.decrease(step) if step.kind == "update" else facts.truth(step)


def asked_cells(step: Step, by: Array | None) -> list[int]:
    """The positions of the elements to ask, row after row, chosen by the size of `by` (`sizes`).

    Of an update the one that changes most, unless the lesson asks for all. All of a small matrix.
    Of a larger one a few that tell mistakes apart: the largest number, a number off the diagonal
    (which a transpose would move), a zero if there is one, a middling one. None where that depends
    on a truth that is not computed yet.
    """
    shape, count = step.shape, prod(step.shape)
    if count <= (1 if step.asks_one else MOST_CELLS):
        return list(range(count))
    if by is None:
        return []
    flat = np.abs(by.reshape(-1)[:MOST_SEEN]).astype("float64")
    columns = shape[-1]
    by_size = np.argsort(-flat, kind="stable")
    if step.asks_one:
        return [int(by_size[0])]
    zeros = np.flatnonzero(flat == 0)
    off_diagonal = next((c for c in by_size if c // columns != c % columns), by_size[-1])
    middle = by_size[(len(flat) - len(zeros)) // 2]
    chosen = dict.fromkeys([by_size[0], off_diagonal, *zeros[:1], middle, *by_size])
    return sorted(map(int, islice(chosen, ASKED_OF_LARGE)))


# ── questions ─────────────────────────────────────────────────────────────────────────────────────


def question(lesson: Lesson, step: Step, style: Style) -> Message:
    name, by = display_name(step.id, style), step.by or ""
    if step.kind == "forward":
        return Message("Compute {name}.", name=name)
    if step.kind == "local" and lesson.local == "tape":
        return Message("What does tape.gradient({target}, {by}) return?", target=step.target, by=by)
    if step.kind == "local":
        return Message(
            "Compute the derivative of {target} with respect to {by}.", target=step.target, by=by
        )
    if step.role and step.asks_formula:
        return optimizer_question(lesson, step)
    if step.kind == "update":
        return Message("Take one gradient-descent step. What is the new {name}?", name=step.target)
    # Where nothing is to be made small it is no loss; and "the loss Loss" says it twice.
    if not lesson.parameters or step.target.casefold() == "loss":
        return Message(
            "Compute the gradient of {target} with respect to {by}.", target=step.target, by=by
        )
    return Message(
        "Compute the gradient of the loss {loss} with respect to {by}.", loss=step.target, by=by
    )


def formula(lesson: Lesson, step: Step, style: Style) -> str:
    """The question in mathematics, with the chain rule where there is one."""
    return chain_rule(lesson, step, style) or bare(lesson, step, style)


def bare(lesson: Lesson, step: Step, style: Style, *, formula_asked: bool = True) -> str:
    """The question in mathematics: the assignment, or the name of what has to be derived."""
    name = shown_name(lesson, step.id, style)
    hidden = step.by or (step.asks_formula and formula_asked)
    return f"{name} = " + ("?" if hidden else write(step.product, style))


def chain_rule(lesson: Lesson, step: Step, style: Style) -> str:
    """The chain rule at a backward step; nothing where the loss alone reads the name.

    An equation where local derivatives are factors: ∂L/∂Z1 = ∂L/∂a1 * ∂a1/∂Z1, element-wise. An
    arrow is a vector-Jacobian product: what an assignment passes back of its upstream gradient, as
    in `Z1 = X @ W1: ∂L/∂Z1 → ∂L/∂W1`.
    """
    lines = readers(lesson, step.by or "") if step.kind == "backward" else []
    if all(line.target == lesson.loss for line in lines):
        return ""
    name = display_name(step.id, style)
    if len(lines) == 1 and not _is_factor(lesson, lines[0], step):
        upstream = display_name(gradient_name(lesson.loss, lines[0].target), style)
        return f"{write_assignment(lines[0], style)}:  {upstream} {ARROW[style]} {name}"
    return f"{name} = " + " + ".join(_term(lesson, line, step, style) for line in lines)


def _term(lesson: Lesson, line: Assignment, step: Step, style: Style) -> str:
    """What one assignment passes back: a product where there is a factor, else an arrow."""
    by = step.by or ""
    if not _is_factor(lesson, line, step):
        return passed_back(lesson, line.target, by, style)
    upstream = display_name(gradient_name(lesson.loss, line.target), style)
    return f"{upstream} * {display_name(gradient_name(line.target, by), style)}"


def _is_factor(lesson: Lesson, line: Assignment, step: Step) -> bool:
    """Is the local derivative of an assignment multiplied by its upstream gradient?"""
    local = gradient_name(line.target, step.by or "")
    return line.target != lesson.loss and local in factors(lesson)


def remarks(
    lesson: Lesson, step: Step, facts: Facts | None, *, rule: bool = True
) -> list[Message | Texts]:
    """What to know before answering; the author's note first.

    Without the chain rule a gradient has no note either: most notes tell how to apply the rule.
    """
    noted = step.id in lesson.notes and (rule or step.kind != "backward")
    said: list[Message | Texts] = [lesson.notes[step.id]] if noted else []
    if step.kind == "local" and step.id not in factors(lesson):
        said.append(
            Message(
                "tape.gradient sums over all outputs of the operation: give one number per element"
                " of {by}.",
                by=step.by or "",
            )
        )
    if step.kind == "update":
        said.append(_digits(step, facts))
    elif step.asks_formula:
        said.append(_signs(lesson, step, rule=rule))
    else:
        said.append(Message("Three significant digits are enough; 0.5*0.2 + 1 is fine too."))
    return said


def _signs(lesson: Lesson, step: Step, *, rule: bool) -> Message:
    """How the formula of a backward step is written."""
    if not step.shape:
        return Message("Three significant digits are enough.")
    if rule and ARROW["ascii"] in chain_rule(lesson, step, "ascii"):
        return Message(
            "Start from the upstream gradient. @ is the matrix product, * is element-wise."
        )
    return Message(
        "Three significant digits are enough. @ is the matrix product, * is element-wise."
    )


def relevant(lesson: Lesson, step: Step) -> list[str]:
    known = set(known_names(lesson, places(lesson)[step.id]))
    taken = dict.fromkeys(name for name in numbers_read(step.product) if name in known)
    if step.kind == "backward":
        for line in readers(lesson, step.by or ""):
            local = gradient_name(line.target, step.by or "")
            if local in known & factors(lesson):
                taken.setdefault(local)
    return list(taken)


def operations_to(expression: Expression, name: str) -> Iterator[Operation]:
    """The operations on the path to each occurrence of a name, the outermost first."""
    return (operation_of(node) for node, _ in passages(expression, name))


def passages(expression: Expression, name: str) -> Iterator[tuple[Apply, int]]:
    """Where the same operations are applied, with the index of the operand on the path."""
    if isinstance(expression, Apply):
        for index, operand in enumerate(expression.operands):
            if name in names(operand):
                yield expression, index
                yield from passages(operand, name)


def multiplied_with(expression: Expression, name: str) -> Iterator[str]:
    """The names that a name is multiplied with: its local derivatives."""
    if not isinstance(expression, Apply):
        return
    if traits_of(expression).product and Name(name) in expression.operands:
        left, right = expression.operands
        other = right if left == Name(name) else left
        if isinstance(other, Name):
            yield other.id
    for operand in expression.operands:
        yield from multiplied_with(operand, name)


def _digits(step: Step, facts: Facts | None) -> Message:
    """The decimals to give in an update."""
    if facts is None:
        return Message("Type every digit that changes; 0.1 - 0.001*0.0317 is fine too.")
    lesson = facts.lesson
    asked = asked_of(facts, step)
    old = facts.known(step.target).reshape(-1)[asked].tolist()
    decreases = facts.decrease(step).reshape(-1)[asked].tolist()
    decimals = max(
        figures_needed(weight, less, lesson.dtype)
        for weight, less in zip(old, decreases, strict=True)
    )
    small = any(
        0 < abs(less) < SMALL * abs(weight) for weight, less in zip(old, decreases, strict=True)
    )
    if small:
        return Message(
            "The change is small: give {decimals} decimals, or type the arithmetic in numbers.",
            decimals=decimals,
        )
    return Message(
        "Give {decimals} decimals, or type the arithmetic in numbers.", decimals=decimals
    )


SMALL = 0.01  # a change below this share of a weight is easily rounded away


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
