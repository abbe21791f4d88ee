"""What is said of a value and of a mistake: what, why with the learner's numbers, what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bptutor.grading.cells import GradedCell, passed, worst
from bptutor.grading.diagnosis import Named
from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.grading.question import Answer, Question
from bptutor.language.render import index_of, write
from bptutor.language.tree import Shape
from bptutor.text import Message, sentences, significant
from bptutor.text.numbers import element_words

LOOK_AGAIN = Message("This is not right yet. Check it, or take a hint.")
PRINTED = ("forward", "update")
"""Kinds of steps whose formula the question itself shows."""


def on_cells(
    question: Question,
    cells: Sequence[GradedCell],
    answer: Answer,
    mistakes: Sequence[Named],
    *,
    final: bool = False,
) -> tuple[Message, int | None]:
    """What to say of a value, and which cell it is about."""
    verdicts = [cell.verdict for cell in cells]
    verdict = worst(verdicts)
    if verdict in ("exact", "right"):
        right = RIGHT_VALUE if verdict == "right" else EXACT_VALUE
        note = next((cell.note for cell in cells if cell.note), None)
        return sentences(right, note), None
    if verdict is None and not final:
        left = Message("Fill in every cell; still empty: {count}.", count=verdicts.count(None))
        return left if len(cells) > 1 else Message("Type the value."), verdicts.index(None)
    positions, shape = answer.positions, question.step.shape
    if verdict == "wrong" and mistakes:
        named = mistakes[0]
        about = verdicts.index("wrong")
        if named.position is not None and named.position in positions:
            about = list(positions).index(named.position)
        place = _place(positions[about], shape)
        return on_mistake(question, named, answer.made, cells[about], place), about
    first = verdicts.index(verdict)
    note = cells[first].note or cells[first].size or (None if final else LOOK_AGAIN)
    if note and len(cells) == 1:
        return note, first
    place = _place(positions[first], shape)
    told = note and Message("In {place}: {note}", place=place, note=note)
    if told and verdict != "wrong" and not final:
        return told, first
    right_ones = sum(passed(verdict) for verdict in verdicts)
    counted = Message("{right} of {all} elements are right.", right=right_ones, all=len(cells))
    return sentences(counted, told), first


EXACT_VALUE = Message("The value is right, to every digit shown.")
RIGHT_VALUE = Message("The value is right.")


def _place(position: int, shape: Shape) -> Message:
    return element_words(index_of(position, shape))


def on_mistake(
    question: Question,
    named: Named,
    made: Collection[str],
    cell: GradedCell | None = None,
    place: Message | None = None,
) -> Message:
    """What the learner did, why it is wrong, what to do; at a second such mistake the formula."""
    step, style = question.step, question.style
    parts = [named.explanation]
    if cell and cell.typed and not named.quotes:
        typed = significant(cell.typed.value)
        if re.search(rf"(?<![\w.-]){re.escape(typed)}(?![\w.])", str(named.explanation)):
            if step.shape and place:
                parts = [Message("In {place}: {note}", place=place, note=named.explanation)]
        elif step.shape and place:
            parts.append(Message("That gives your {typed} in {place}.", typed=typed, place=place))
        else:
            parts.append(Message("That gives your {typed}.", typed=typed))
    parts.append(named.advice)
    formula = write(step.product, style)
    if step.kind not in PRINTED and set(named.ids).intersection(made):
        parts.append(Message("The formula is {formula}.", formula=formula))
    else:
        secrets = [] if step.kind in PRINTED else [formula]
        if named.position is not None:
            truth = float(question.facts.truth(step).reshape(-1)[named.position])
            secrets += [] if truth.is_integer() else [significant(truth)]
        if _gives_away(named.explanation, secrets):
            label = MISCONCEPTIONS[named.ids[0]]
            parts[0] = Message("What went wrong: {mistake}.", mistake=label)
        if _gives_away(named.advice, secrets):
            parts[-1] = Message(
                "Check how {target} depends on {by}.", target=step.target, by=step.by or ""
            )
    return sentences(*parts)


def _gives_away(message: Message, secrets: Sequence[str]) -> bool:
    """Does a sentence hold one of these as a whole, not as a part of a longer formula?"""
    said = str(message)
    return any(
        re.search(rf"(?<![*/@+-] )(?<![\w/∂.(-]){re.escape(each)}(?![\w/∂]|\.\d| ?[*/@+-])", said)
        for each in secrets
    )
