"""Keeps what a learner did: each attempt, and what it says about what they can."""

from time import monotonic

from bptutor.course.session import Attempted, Session
from bptutor.course.skills import skill
from bptutor.quiz.items import applicable
from bptutor.quiz.planner import evidence
from bptutor.quiz.schedule import is_readable, rating, reviewed
from bptutor.record.attempts import Attempt, Met, Occasion, Outcome, new_id
from bptutor.record.record import Record
from bptutor.record.sittings import AskedItem, whole_key
from bptutor.text import Message, UserError


class Recorder:
    """The record of one learner."""

    def __init__(self, record: Record, learner: str) -> None:
        self._record = record
        self.learner = learner

    def memory(self) -> tuple[dict[str, str], dict[str, Met]]:
        """The cards by skill, and by id the misconceptions that had an occasion to show.

        Raises:
            UserError: the record cannot be read.
        """
        cards = self._record.cards(self.learner)
        readable = {skill: card for skill, card in cards.items() if is_readable(card)}
        return readable, self._record.met(self.learner)

    def note(
        self,
        session: Session,
        attempted: Attempted | None,
        item: AskedItem | None = None,
        occasion: Occasion = "lesson",
        id_: str = "",
    ) -> Message | None:
        """Keep an attempt at a session's step; once this returns, it outlives a power failure.

        Args:
            session: at the step, after the attempt.
            attempted: what came of it; None where the answer was asked for.
            item: what of a quiz was attempted, if it was.
            occasion: what the step was asked in.
            id_: of the attempt, where it may have been kept before; else a new one.

        Returns:
            A word on it where it cannot be kept, the first time.
        """
        step, mark, now = session.step, session.mark(session.step), monotonic()
        seconds = item.seconds if item else now - session.since
        closed = mark.stage != "open"
        verdict: Outcome = attempted.verdict if attempted else "shown"
        attempt = Attempt(
            id=id_ or new_id(),
            learner=self.learner,
            lesson=item.lesson if item else whole_key(session.sitting.lesson, session.sitting.part),
            digest=session.lesson.digest,
            part=session.sitting.part,
            step=step.id,
            kind=step.kind,
            skill=skill(session.lesson, step),
            seed=item.seed if item else None,
            made_for=item.made_for if item else "",
            iteration=session.sitting.iterations,
            sitting=occasion,
            product=attempted.product if attempted else "",
            cells=list(attempted.cells) if attempted else [],
            verdict=verdict,
            misconceptions=list(attempted.mistakes) if attempted else [],
            hints=mark.hints,
            number=max(1, mark.attempts),
            closed=closed,
            milliseconds=round(1000 * seconds),
        )
        session.since = now
        if item:
            item.seconds = 0.0
        try:
            if closed and step.part == "tape":
                solved = mark.stage == "solved"
                went = rating(solved=solved, wrong=mark.wrong, hints=mark.hints)
                could = sorted(
                    evidence(applicable(session.lesson, step), mark.mistakes, solved=solved)
                )
                self._record.practised(
                    attempt, lambda card: reviewed(card, went, attempt.at), could, mark.mistakes
                )
            else:
                self._record.add(attempt)
        except UserError as error:
            return error.message
        return None
