"""Records each attempt of a learner, and updates the memory model of the skill."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from time import monotonic

from bptutor.course.session import Attempted, Session
from bptutor.course.skills import Practised, skill
from bptutor.quiz.items import applicable
from bptutor.quiz.planner import evidence
from bptutor.quiz.schedule import is_readable, rating, reviewed
from bptutor.record.attempts import Attempt, Met, Occasion, Outcome, new_id
from bptutor.record.record import Entry, Record
from bptutor.record.sittings import AskedItem, whole_key
from bptutor.record.spool import Answer, Spool
from bptutor.text import Message, UserError, sentences

AT_ONCE = 20  # answers that are delivered in one transaction; more would take long
WAITING = Message("It saves them in {path} until your record works again.")
DAMAGED = Message(
    "An answer that waited for your record is damaged. bptutor renamed its file to {path}."
)
LOST = Message("You can continue, but your progress will not include them.")


class Recorder:
    def __init__(self, record: Record, learner: str, spool: Spool | None = None) -> None:
        """In the record; while that cannot be used, answers wait in the spool, if there is one."""
        self._record = record
        self.learner = learner
        self._spool = spool
        self.whole = True  # is every answer on the record, or does it wait for that on the disk?
        self._told = ""  # of an answer that the record did not take: is it waiting, or lost?
        self._delivered = 0  # answers that waited and are in the record, until that is said

    def memory(self) -> tuple[dict[str, str], dict[str, Met]]:
        """The cards by skill, and the counts of misconceptions that could show, by id.

        Raises UserError: the record cannot be read.
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
        """Record an attempt at a session's step (None: the answer was shown).

        Once this returns, it survives a power failure. `id_` is its id where it may be on record
        already. What to say: that it cannot be recorded, or that what waited is, each the first
        time.
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
        answer = Answer(attempt)
        if closed and ((step.part == "tape" and step.kind != "code") or item):
            solved = mark.stage == "solved"
            went = rating(solved=solved, wrong=mark.wrong, hints=mark.hints)
            asked_about = solved or mark.mistakes  # else it is evidence about nothing
            could = evidence(
                applicable(session.lesson, step) if asked_about else frozenset(),
                mark.mistakes,
                solved=solved,
                possible=mark.possible,
            )
            made = list(mark.mistakes)
            answer = Answer(attempt, None if attempt.rule_shown else went, sorted(could), made)
        return self._take(answer)

    # ── the record, and the disk while it cannot be used ──────────────────────────────────────

    def _take(self, answer: Answer) -> Message | None:
        """Add an answer to the record, after those that wait; else it waits, too. What to say."""
        try:
            said = self.deliver(everything=False)
            if self._spool is None or self._spool.empty:
                said, self._told = said_together(said, self._add(answer)), ""
                return said
        except UserError as error:
            return self._put_by(answer, error.message)
        return self._put_by(answer, None)

    def deliver(self, *, everything: bool = True) -> Message | None:
        """Add the answers that wait to the record, or some, in order and once; what to say of it.

        Raises UserError: the record cannot be used. They wait on.
        """
        if self._spool is None:
            return None
        said, waiting = None, self._spool.answers()
        while batch := [*islice(waiting, AT_ONCE)]:
            said = said_together(said, self._deliver(self._spool, batch))
            if not everything:
                break
        if self._delivered and self._spool.empty:
            count, self._delivered = self._delivered, 0
            back = Message("Your record works again. Answers added to it: {count}.", count=count)
            said = said_together(said, back)
        return said

    def _deliver(self, spool: Spool, batch: list[tuple[str, Answer | None]]) -> Message | None:
        """Add these to the record; what to say. Raises UserError: it cannot be used."""
        entries = [_entry(answer) for _, answer in batch if answer]
        said = self._written(lambda: self._record.add_all(entries))
        for name, answer in batch:
            with suppress(OSError):
                if answer:
                    spool.remove(name)
                    self._delivered += 1
                else:
                    said = said_together(said, Message(DAMAGED.text, path=spool.set_aside(name)))
        return said

    def bring_in(self) -> Message | None:
        """The same before the record is read; also where it cannot be used. What to say of it."""
        try:
            said = self.deliver()
        except UserError:
            said = None
        waiting = self._spool.count if self._spool else 0
        if not waiting:
            return said
        return said_together(
            said, Message("Answers on your disk that wait for your record: {count}.", count=waiting)
        )

    def _add(self, answer: Answer) -> Message | None:
        """Add an answer to the record; what to say. Raises UserError: it cannot be used."""
        return self._written(lambda: self._record.add(*_entry(answer)))

    @staticmethod
    def _written(write: Callable[[], None]) -> Message | None:
        """What to say where the record was damaged, and what is written is in a new one."""
        from bptutor.record.database import SetAsideError

        try:
            write()
        except SetAsideError as error:
            return error.message
        return None

    def _put_by(self, answer: Answer, problem: Message | None) -> Message | None:
        """Have an answer wait on the disk; what to say, the first time."""
        if self._spool:
            try:
                self._spool.put(answer)
            except OSError:
                if problem is None:
                    return self._add(answer)
            else:
                return self._tell("waiting", problem, WAITING, self._spool.place)
        self.whole = False
        return self._tell("lost", problem, LOST, "")

    def _tell(
        self, state: str, problem: Message | None, what: Message, path: str
    ) -> Message | None:
        """What has become of an answer, where the one before had another fate."""
        before, self._told = self._told, state
        if before == state or problem is None:
            return None
        return sentences(problem, Message(what.text, path=path))


def _entry(answer: Answer) -> Entry:
    attempt, went = answer.attempt, answer.rating
    review = partial(reviewed, rating=went, now=attempt.at) if went else None
    return attempt, review, answer.met, answer.made


def said_together(*said: Message | None) -> Message | None:
    """All that there is to say; None for nothing."""
    there = [*filter(None, said)]
    return sentences(*there) if there else None
