"""Records each attempt of a learner, and updates the memory model of the skill."""

from contextlib import suppress
from functools import partial
from time import monotonic

from bptutor.course.session import Attempted, Session
from bptutor.course.skills import skill
from bptutor.course.support import Practised
from bptutor.quiz.items import applicable
from bptutor.quiz.planner import evidence
from bptutor.quiz.schedule import is_readable, rating, reviewed
from bptutor.record.attempts import Attempt, Met, Occasion, Outcome, new_id
from bptutor.record.record import Record
from bptutor.record.sittings import AskedItem, whole_key
from bptutor.text import Message, UserError


class Recorder:
    """Records the attempts of one learner."""

    def __init__(self, record: Record, learner: str) -> None:
        self._record = record
        self.learner = learner

    def memory(self) -> tuple[dict[str, str], dict[str, Met]]:
        """The cards by skill, and the counts of misconceptions that could show, by id.

        Raises:
            UserError: the record cannot be read.
        """
        cards = self._record.cards(self.learner)
        readable = {skill: card for skill, card in cards.items() if is_readable(card)}
        return readable, self._record.met(self.learner)

    def practised(self) -> Practised:
        """What the learner knows of each kind of step; nothing where the record cannot be read."""
        with suppress(UserError):
            return self._record.right_at_once(self.learner)
        return {}

    def often(self) -> dict[str, int]:
        """How often the learner has made each mistake; nothing where the record cannot be read."""
        with suppress(UserError):
            return {id_: met.made for id_, met in self._record.met(self.learner).items()}
        return {}

    def note(
        self,
        session: Session,
        attempted: Attempted | None,
        item: AskedItem | None = None,
        occasion: Occasion = "lesson",
        id_: str = "",
    ) -> Message | None:
        """Record an attempt at a session's step; once this returns, it survives a power failure.

        Args:
            session: at the step, after the attempt.
            attempted: the result; None where the answer was shown.
            item: of a quiz, if the step is one.
            occasion: where the step was asked.
            id_: of the attempt, where it may be on record already; by default a new one.

        Returns:
            The problem where it cannot be recorded, the first time.
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
            rule_shown=session.rule_shown,
            explained=attempted is not None and attempted.explained,
        )
        session.since = now
        if item:
            item.seconds = 0.0
        try:
            if closed and step.part == "tape":
                solved = mark.stage == "solved"
                went = rating(solved=solved, wrong=mark.wrong, hints=mark.hints)
                could = sorted(
                    evidence(
                        applicable(session.lesson, step),
                        mark.mistakes,
                        solved=solved,
                        possible=mark.possible,
                    )
                )
                review = partial(reviewed, rating=went, now=attempt.at)
                counts = not attempt.rule_shown
                self._record.practised(attempt, review if counts else None, could, mark.mistakes)
            else:
                self._record.add(attempt)
        except UserError as error:
            return error.message
        return None
