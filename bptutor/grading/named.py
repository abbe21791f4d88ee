"""What explains an answer, in words and in ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod

import numpy as np

from bptutor.grading.candidates import Candidate, Candidates
from bptutor.grading.fit import Answered, Certainty, Fit
from bptutor.grading.hypotheses import Factor, Hypothesis, SlipOfHand, numbers
from bptutor.grading.misconceptions import Cell, Mistake
from bptutor.language.render import index_of
from bptutor.language.tree import Expression, Name, Shape
from bptutor.lesson.steps import shown_name
from bptutor.text import Clause, Message, sentences, significant
from bptutor.text.numbers import element_words

FIX_ONE = Message("Fix one, then the other.")


@dataclass(frozen=True)
class Named:
    """What explains an answer: one mistake or two, or what is seen of the numbers alone."""

    ids: tuple[str, ...]  # empty where what happened has no name
    explanation: Message  # what the learner did: said as such if it is certain, else as a guess
    advice: Message
    position: int | None = None  # of a value, the element that it is about, row after row
    quotes: bool = False  # does the explanation say itself which number it is about?
    certainty: Certainty = "certain"
    besides: Message | None = None  # what is off besides
    multiplied: bool = False  # are the numbers a constant times what it gives?
    cells: tuple[int, ...] | None = None  # positions of wrong cells that it explains; None: all
    fact: bool = False  # is the explanation what can be seen of the answer, and no guess?
    rival: Named | None = None  # another explanation that fits as well
    made_at: str = ""  # of a mistake that was carried on, the id of the step where it was made
    again: bool = False  # is it another name for what an explanation before it says?
    gives: float | None = None  # what a wrong formula comes to at the position

    @property
    def recorded(self) -> tuple[str, ...]:
        """The ids of the mistakes that this learner has made, as far as one can tell."""
        return () if self.certainty == "possible" else self.ids


def distinct(found: Sequence[Named]) -> list[Named]:
    first: dict[frozenset[str], Named] = {}
    for each in found:
        first.setdefault(frozenset(each.ids), each)
    return list(first.values())


def of_candidate(known: Candidates, candidate: Candidate) -> Named:
    """A mistake in words about the element that it changes most."""
    position = int(np.abs(candidate.value - known.truth).reshape(-1).argmax())
    return _said(known, candidate, position)


def of_hypothesis(
    known: Candidates, found: Hypothesis, how: Certainty, cells: Sequence[Answered], *, again: bool
) -> Named:
    """A hypothesis in words about a wrong cell in which its mistake shows."""
    wrong = [cell for cell in cells if not cell.right]
    off = (*found.slipped, *found.unexplained)
    position = _shows(known, found, [cell for cell in wrong if cell.position not in off])
    named = replace(
        _said(known, found.candidate, position),
        position=position,
        certainty=how,
        again=again,
        cells=tuple(c.position for c in wrong if c.position not in found.unexplained)
        if found.unexplained
        else None,
    )
    shape = known.right.step.shape
    if found.factor is not None:
        return _multiplied(known, named, found.factor, position)
    typed = {cell.position: cell.typed.value for cell in wrong}
    besides = [
        Message(SLIPPED[kind].text, number=quoted(typed[at], at, shape))
        for at, kind in found.slipped.items()
    ]
    besides += [
        Message("It does not explain your {number}.", number=quoted(typed[at], at, shape))
        for at in found.unexplained
    ]
    slipped = (SLIP_IDS[kind] for kind in found.slipped.values() if kind in SLIP_IDS)
    ids = tuple(dict.fromkeys((*named.ids, *slipped)))
    return replace(named, ids=ids, besides=sentences(*besides) if besides else None)


SLIP_IDS: dict[SlipOfHand, str] = {"sign": "sign-slip", "point": "decimal-slip"}
SLIPPED: dict[SlipOfHand, Message] = {
    "sign": Message("Besides, the sign of your {number} is wrong."),
    "point": Message("Besides, the decimal point of your {number} is misplaced."),
    "digit": Message("Besides, a digit of your {number} is wrong."),
}


def quoted(typed: float, position: int, shape: Shape) -> Message | str:
    number = significant(typed)
    if prod(shape) == 1:
        return number
    place = element_words(index_of(position, shape))
    return Message("{typed} in {place}", typed=number, place=place)


def _shows(known: Candidates, found: Hypothesis, wrong: Sequence[Answered]) -> int:
    """The position of a wrong cell where the mistake acts: which it changes, and not to 0."""
    values = numbers(found.candidate, wrong, found.factor)
    scale = max(map(abs, values), default=0.0)
    changed = np.abs(found.candidate.value - known.truth).reshape(-1)
    least = known.least_change

    def tells(pair: tuple[Answered, float]) -> tuple[bool, bool, bool]:
        cell, value = pair
        acts = bool(changed[cell.position] > least)
        return acts, cell.fit(value, scale) > Fit.NOT, bool(cell.typed.value)

    cell, _ = max(zip(wrong, values, strict=True), key=tells)
    return cell.position


def _multiplied(known: Candidates, named: Named, factor: Factor, position: int) -> Named:
    """A mistake whose numbers are all off by a constant besides."""
    cause = factor.cause
    if cause is not None:
        return _two(named, _said(known, cause, position))
    if factor.size < 0:
        besides = Message("Besides, all your numbers have the opposite sign.")
        ids = (*named.ids, "sign-slip")
    else:
        times = significant(max(factor.size, 1 / factor.size), 5)
        ids = named.ids
        if factor.size > 1:
            besides = Message("Your numbers are {times} times what that gives.", times=times)
        else:
            besides = Message("Your numbers are what that gives, divided by {times}.", times=times)
    return replace(named, ids=ids, besides=besides, multiplied=True, advice=FIX_ONE)


def _two(first: Named, second: Named) -> Named:
    return replace(
        first,
        ids=tuple(dict.fromkeys((*first.ids, *second.ids))),
        explanation=Message(
            "There are two mistakes. {first} {second}",
            first=first.explanation,
            second=second.explanation,
        ),
        advice=FIX_ONE,
    )


def _said(known: Candidates, candidate: Candidate, position: int) -> Named:
    named = [_one(known, candidate, mistake, position) for mistake in candidate.mistakes]
    return named[0] if len(named) == 1 else _two(*named)


def _one(known: Candidates, candidate: Candidate, mistake: Mistake, position: int) -> Named:
    step, right = candidate.made_at, known.right
    if isinstance(mistake.explanation, Message):
        words = mistake.explanation
    else:
        shape = (step or right.step).shape
        if step:
            off = known.number(mistake.expression) - known.number(Name(step.id))
            position = int(np.abs(off).reshape(-1).argmax())
        index = tuple(int(each) for each in np.unravel_index(position, shape))
        words = mistake.explanation(Cell(index, partial(_number, known, index, shape)))
    if step:
        words = Message(
            "In {step}, an earlier step, {what}",
            step=shown_name(right.lesson, step.id, right.style),
            what=Clause(words),
        )
    made_at = step.id if step else ""
    quotes = "equation" in words.fields  # others have no number of this case
    return Named((mistake.id,), words, mistake.advice, quotes=quotes, made_at=made_at)


def _number(
    known: Candidates, index: tuple[int, ...], shape: Shape, expression: Expression
) -> float:
    return float(np.broadcast_to(known.number(expression), shape)[index])
