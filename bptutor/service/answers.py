"""What a learner has answered in a lesson, as a sheet to hand in."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bptutor.course.iterations import fits
from bptutor.course.parts import PARTS
from bptutor.course.questions import asks_product
from bptutor.course.session import Session, exercise
from bptutor.export.sheet import Block, Sheet
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import by_own_names, own_name
from bptutor.lesson.steps import Step
from bptutor.literals import Part
from bptutor.record.attempts import Attempt
from bptutor.record.sittings import Mark, Sitting, Sittings, part_key
from bptutor.service.progress import attempt_line
from bptutor.service.quiz_words import outcome
from bptutor.service.words import PARTS as PART_WORDS
from bptutor.service.words import STAGES, mistake
from bptutor.text import Message, UserError

STYLE: Style = "unicode"


CHANGED = Message("The lesson has changed since some of these answers.")


def answers_of(
    lesson: Lesson,
    key: str,
    learner: str,
    attempts: Sequence[Attempt],
    sittings: Sittings,
    parts: Sequence[Part],
    language: str,
) -> Sheet:
    """The answers of a learner to some parts of a lesson, with verdicts and hints.

    `key` is that of the lesson's places and attempts; the `attempts` are in order. Raises
    UserError: there are none.
    """
    blocks: list[Block] = []
    for part in sorted(parts, key=PARTS.index):
        made = [
            each
            for each in attempts
            if (each.lesson, each.part, each.sitting) == (key, part, "lesson")
        ]
        sitting = sittings.look(part_key(key, part))
        if made or (sitting and sitting.marks):
            blocks += _Part(lesson, part, made, sitting, language).blocks()
    if not blocks:
        raise UserError("Your record has no answers to {lesson}.", lesson=lesson.name)
    facts = Message("Name: {learner}. Written on {date}.", learner=learner, date=_time(None))
    return Sheet(
        language,
        Message("Answers: {title}", title=lesson.title.to(language)).to(language),
        blocks,
        [facts.to(language)],
    )


def _time(moment: float | None) -> str:
    then = datetime.now() if moment is None else datetime.fromtimestamp(moment)
    return then.strftime("%Y-%m-%d %H:%M")


class _Part:
    def __init__(
        self,
        lesson: Lesson,
        part: Part,
        made: Sequence[Attempt],
        sitting: Sitting | None,
        language: str,
    ) -> None:
        self._part, self._language = part, language
        self._made_in_order = made
        self._made: dict[str, list[Attempt]] = {}
        for each in made:
            self._made.setdefault(own_name(lesson, each.step), []).append(each)
        of_part = sitting if sitting and sitting.part == part else None
        self._marks = by_own_names(lesson, of_part.marks) if of_part else {}
        self._session = Session.begin(lesson, "all", lesson.name, STYLE, part)
        self._on_now = False
        """Are the marks, and what the hints speak of, those of the lesson as it is now?"""
        if of_part and of_part.digest == lesson.digest and fits(lesson, of_part):
            self._session, self._on_now = Session(lesson, of_part, STYLE), True
        self._facts = self._session.prepare()

    def blocks(self) -> Iterator[Block]:
        marks = self._marks
        told = Message(
            "Solved: {solved} of {count} steps; at the first attempt: {first}. Answers shown: "
            "{shown}. Hints: {hints}.",
            solved=sum(mark.stage == "solved" for mark in marks.values()),
            count=len(self._session.steps),
            first=sum(
                mark.stage == "solved" and mark.attempts == 1 and not mark.hints
                for mark in marks.values()
            ),
            shown=sum(mark.stage == "shown" for mark in marks.values()),
            hints=sum(mark.hints for mark in marks.values()),
        )
        title = Message("Part: {part}", part=PART_WORDS[self._part])
        lines = [self._words(told)]
        if any(each.digest != self._session.lesson.digest for each in self._made_in_order):
            lines.append(self._words(CHANGED))
        yield Block(self._words(title), lines)
        known = {step.id for step in self._session.steps}
        for number, step in enumerate(self._session.steps, 1):
            made = self._made.get(step.id, [])
            if made or step.id in marks:
                yield self._step(number, step, made, marks.get(step.id, Mark()))
        for id_, made in self._made.items():
            if id_ not in known:  # it is of an older version of the lesson
                table = [*self._table(made)]
                yield Block(display_name(id_, STYLE), table=table, level=3)

    def _step(self, number: int, step: Step, made: Sequence[Attempt], mark: Mark) -> Block:
        asked = exercise(self._session.lesson, step, STYLE, self._facts)
        asked.rule_hidden = mark.support == "alone"
        asked.formula_asked = asks_product(step, self._session.sitting.ask)
        now = [each.hints for each in made if self._is_current(each)]
        taken = max((mark.hints if self._on_now else 0, *now))
        hints = asked.hints(taken, self._session.cells(step))
        lines = [self._words(asked.question())]
        lines += [
            self._words(Message("Hint {number}: {hint}", number=place, hint=hint))
            for place, hint in enumerate(hints, 1)
        ]
        if not made or not made[-1].closed:
            typed = "; ".join(filter(None, (mark.product, ", ".join(filter(None, mark.cells)))))
            lines.append(f"{self._words(STAGES[mark.stage])}: {typed or '-'}")
        name = asked.name()
        heading = f"{number}. {name if isinstance(name, str) else self._words(name)}"
        return Block(heading, lines, [*self._table(made)] if made else (), level=3)

    def _is_current(self, attempt: Attempt) -> bool:
        """Was it made on the numbers of now, of which the hints speak?"""
        session = self._session
        now = (session.lesson.digest, session.sitting.iterations)
        return (attempt.digest, attempt.iteration) == now

    def _table(self, made: Sequence[Attempt]) -> Iterator[tuple[str, ...]]:
        head = (Message("time"), Message("answer"), Message("verdict"), Message("hints before"))
        yield tuple(map(self._words, head))
        for each in made:
            line = attempt_line(each, STYLE, self._language)
            verdict = [outcome(line.verdict), *map(mistake, line.mistakes)]
            when = _time(line.at)
            if each.iteration:
                number = each.iteration + 1
                when = self._words(Message("{when}, iteration {number}", when=when, number=number))
            yield (
                when,
                line.typed or "-",
                ": ".join(map(self._words, verdict)),
                str(each.hints),
            )

    def _words(self, said: Message | str) -> str:
        return said.to(self._language) if isinstance(said, Message) else said
