"""What is said of a value and of a mistake: what, why with the learner's numbers, what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod

from bptutor.grading.cells import GradedCell, passed, worst
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.grading.named import Named, quoted
from bptutor.grading.question import Answer, Question
from bptutor.language.render import index_of, write
from bptutor.language.tree import Shape
from bptutor.text import Clause, Message, sentences, significant
from bptutor.text.numbers import element_words

LOOK_AGAIN = Message("This is not right yet. Check it, or take a hint.")
PRINTED = ("forward", "update")  # kinds of steps whose formula the question itself shows


def on_cells(
    question: Question,
    cells: Sequence[GradedCell],
    answer: Answer,
    mistakes: Sequence[Named],
    *,
    final: bool = False,
) -> tuple[Message, int | None]:
    verdicts = [cell.verdict for cell in cells]
    verdict = worst(verdicts)
    if verdict in ("exact", "right"):
        right = RIGHT_VALUE if verdict == "right" else EXACT_VALUE
        note = next((cell.note for cell in cells if cell.note), None)
        return sentences(right, note), None
    if verdict is None and not final:
        left = Message("Fill in the empty cells.")  # no count: they are filled in one by one
        return left if len(cells) > 1 else Message("Type the value."), verdicts.index(None)
    positions, shape = answer.positions, question.step.shape
    if verdict == "wrong" and mistakes:
        named = mistakes[0]
        about = verdicts.index("wrong")
        if named.position is not None and named.position in positions:
            about = list(positions).index(named.position)
        named = replace(named, position=positions[about])
        return on_mistake(question, named, answer, cells[about]), about
    first = verdicts.index(verdict)
    note = cells[first].note or cells[first].size or (None if final else LOOK_AGAIN)
    if note and len(cells) == 1:
        return note, first
    place = _place(positions[first], shape)
    told = note and Message("In {place}: {note}", place=place, note=note)
    if told and verdict != "wrong" and not final:
        return told, first
    right_ones = sum(passed(verdict) for verdict in verdicts)
    counted = Message("Right: {right} of {all}.", right=right_ones, all=len(cells))
    return sentences(counted, told), first


EXACT_VALUE = Message("The value is right, to every digit shown.")
RIGHT_VALUE = Message("The value is right.")


def _place(position: int, shape: Shape) -> Message:
    return element_words(index_of(position, shape))


def on_mistake(
    question: Question, named: Named, answer: Answer, cell: GradedCell | None = None
) -> Message:
    """What the learner did, why it is wrong, what to do; at a second such mistake the formula."""
    step, style = question.step, question.style
    explanation, advice = named.explanation, named.advice
    more: list[Message] = []
    formula = write(step.product, style)
    printed = step.kind in PRINTED and not step.asks_formula
    if not printed and set(named.ids).intersection(answer.made):
        more = [Message("The formula is {formula}.", formula=formula)]
    else:
        secrets = [] if printed else [formula]
        if named.position is not None:
            truth = float(question.facts.truth(step).reshape(-1)[named.position])
            secrets += [] if truth.is_integer() else [significant(truth)]
        explanation = _kept(explanation, named, secrets)
        if named.rival:
            rival = _kept(named.rival.explanation, named.rival, secrets)
            named = replace(named, rival=replace(named.rival, explanation=rival))
        if _gives_away(advice, secrets):
            advice = (
                Message("Check how {target} depends on {by}.", target=step.target, by=step.by)
                if step.by
                else Message("Compare your formula with the rule of the optimizer.")
            )
    named = replace(named, explanation=explanation)
    if cell is None or cell.typed is None:
        what = _of_formula(named, step.shape)
    else:
        if answer.formula is not None and not answer.formula.strip():
            asking = _asking_back(named, cell.typed.value, step.shape)
            if asking is not None:
                return sentences(asking, *more)
        what = _of_number(named, cell.typed.value, step.shape)
    return sentences(what, named.besides, advice, *more)


def _of_formula(named: Named, shape: Shape) -> Message:
    """What is wrong with a formula, and what it comes to."""
    if named.quotes or named.gives is None or named.position is None:
        return named.explanation
    number = quoted(named.gives, named.position, shape)
    return sentences(
        named.explanation, Message("It gives {number}, which is wrong.", number=number)
    )


def _asking_back(named: Named, typed: float, shape: Shape) -> Message | None:
    """A question, where two explanations fit and the formula can tell which it was."""
    if named.rival is None or named.certainty != "possible":
        return None
    return Message(
        "Your {number} comes out if {first} It also comes out if {second} Which was it? "
        "Type the formula that you used.",
        number=quoted(typed, named.position or 0, shape),
        first=Clause(named.explanation),
        second=Clause(named.rival.explanation),
    )


def _of_number(named: Named, typed: float, shape: Shape) -> Message:
    """What may be behind a number, in words that claim no more than the numbers tell."""
    what, at = named.explanation, named.position or 0
    placed = prod(shape) > 1 and str(element_words(index_of(at, shape))) in str(what)
    number = significant(typed) if placed else quoted(typed, at, shape)
    told = re.search(rf"(?<![\w.-]){re.escape(significant(typed))}(?![\w.])", str(what))
    if named.certainty == "possible" and not (named.fact or told or named.multiplied):
        return Message(
            "Your {number} comes out if {what} Is that what you did?",
            number=number,
            what=Clause(what),
        )
    if named.certainty == "likely" and not named.fact:
        what = Message("It looks as if {what}", what=Clause(what))
    elif named.certainty == "possible" and not named.fact:
        what = Message("Perhaps {what}", what=Clause(what))
    if named.multiplied or (named.quotes and named.fact):
        return what
    if told:
        place = element_words(index_of(at, shape))
        one = prod(shape) == 1
        return what if one else Message("In {place}: {note}", place=place, note=what)
    return sentences(what, Message("That gives your {number}.", number=number))


def _kept(explanation: Message, named: Named, secrets: Sequence[str]) -> Message:
    """The explanation; the label of the mistake where it would give the answer away."""
    if not _gives_away(explanation, secrets) or not named.ids:
        return explanation
    return Message("You made this mistake: {mistake}.", mistake=MISCONCEPTIONS[named.ids[0]])


def _gives_away(message: Message, secrets: Sequence[str]) -> bool:
    """Does a sentence hold one of these as a whole, not as a part of a longer formula?"""
    said = str(message)
    return any(
        re.search(rf"(?<![*/@+-] )(?<![\w/∂.(-]){re.escape(each)}(?![\w/∂]|\.\d| ?[*/@+-])", said)
        for each in secrets
    )
