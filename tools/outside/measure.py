"""What the tutor says to each answer, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import process_time
from typing import Any

from bptutor.course.answers import Answers
from tools.outside.wrong import Answer

SURE = {"certain", "likely"}
FOR_A_PAIR = 4
"""The ids among which both of a pair are looked for, where no claim joins them."""


@dataclass(frozen=True)
class Outcome:
    answer: Answer
    accepted: bool
    verdict: str
    ids: tuple[str, ...]
    claims: tuple[tuple[str, frozenset[str]], ...]
    """Certainty and ids of each claim, where there are claims."""
    seconds: float

    @property
    def silent(self) -> bool:
        return not self.ids

    @property
    def named(self) -> bool:
        """Is each wanted mistake named, one in the first two, both of a pair in the first claim?"""
        wanted = self.answer.wanted
        if not wanted:
            return False
        if len(wanted) == 1:
            return bool(wanted[0] & set(self.ids[:2]))
        first = set(self.ids[:FOR_A_PAIR])
        return all(each & first for each in wanted)

    @property
    def one_named(self) -> bool:
        return any(each & set(self.ids) for each in self.answer.wanted)

    @property
    def false(self) -> bool:
        """Was something said, and nothing of it describes these numbers?"""
        return bool(self.ids) and not any(_true(each, self.answer) for each in self.ids)

    @property
    def surely_false(self) -> bool:
        """The same of the claims that are no questions."""
        if not self.claims:
            return self.false
        sure = [ids for certainty, ids in self.claims if certainty in SURE]
        said = frozenset().union(*sure) if sure else frozenset()
        return bool(said) and not any(_true(each, self.answer) for each in said)


def _true(told: str, answer: Answer) -> bool:
    return told in answer.true or (answer.category == "arithmetic" and told.startswith("digit"))


def ask(answers: Answers, some: Iterable[Answer]) -> list[Outcome]:
    found = []
    for answer in some:
        started = process_time()
        if answer.product:
            checked = answers.check(answer.step, product=answer.text)
        else:
            checked = answers.check(answer.step, value=answer.text)
        seconds = process_time() - started
        found.append(
            Outcome(
                answer=answer,
                accepted=checked.correct,
                verdict=checked.verdict,
                ids=tuple(checked.misconceptions),
                claims=tuple(
                    (str(_part(claim, "certainty")), frozenset(_part(claim, "ids")))
                    for claim in getattr(checked, "claims", None) or ()
                ),
                seconds=seconds,
            )
        )
    return found


def _part(claim: Any, name: str) -> Any:
    return claim[name] if isinstance(claim, dict) else getattr(claim, name)
