"""A quiz' screens as data: what of it may be seen now, in the learner's language."""

from collections.abc import Sequence

from msgspec.structs import replace

from bptutor.course.session import exercise
from bptutor.lesson.steps import shown_name
from bptutor.quiz.codes import write_code
from bptutor.quiz.exam import Examination
from bptutor.quiz.quiz import Quiz
from bptutor.record.sittings import AskedItem
from bptutor.service.present import Viewer
from bptutor.service.quiz_words import ITEM_STATES, WHYS
from bptutor.service.words import SKILLS
from bptutor.text import Message
from bptutor.views.lesson import StepName, StepView
from bptutor.views.quiz import ExamCover, ItemState, QuizItem, QuizPlace, QuizView, SkillResult


class QuizViewer:
    """Shows a quiz in one language and notation."""

    def __init__(self, viewer: Viewer, quiz: Quiz) -> None:
        self._viewer = viewer
        self._words = viewer.words
        self._style = viewer.style
        self._quiz = quiz
        self._exam = quiz if isinstance(quiz, Examination) else None

    def cover(self) -> ExamCover:
        sitting = self._quiz.sitting
        names = dict.fromkeys(item.lesson for item in sitting.items)
        titles = [self._words(self._quiz.lesson(name).title) for name in names]
        return ExamCover(len(sitting.items), sitting.minutes, sitting.seed, titles, sitting.number)

    def step(self, now: float) -> StepView:
        quiz, sitting = self._quiz, self._quiz.sitting
        view = self._viewer.step(quiz.session)
        if self._exam and sitting.finished:
            view = self._graded(view)
        if view.part != "tape":  # the steps before hold the answer
            view = replace(view, code=[])
        return replace(
            view,
            index=quiz.index,
            total=self._total,
            furthest=len(sitting.items) - 1,
            iteration=1,
            remarks=[*view.remarks, *self._earlier()],
            quiz=self._place(now),
        )

    @property
    def _total(self) -> int:
        sitting = self._quiz.sitting
        return len(sitting.items) if self._exam else sitting.length

    @property
    def _seed(self) -> int | None:
        """The seed of the quiz; an item that is asked again has a code alone."""
        sitting = self._quiz.sitting
        return None if sitting.purpose == "replay" else sitting.seed

    def _place(self, now: float) -> QuizPlace:
        quiz, asked = self._quiz, self._quiz.asked
        return QuizPlace(
            exam=self._exam is not None,
            seed=self._seed,
            code="" if self._exam and not quiz.sitting.finished else write_code(asked),
            skill=self._words(SKILLS[asked.skill]),
            why=self._words(WHYS.get(asked.why)),
            credit=quiz.credit(),
            part=self._exam.part(quiz.index) if self._exam else "",
            flagged=asked.flagged,
            answered=quiz.answered,
            seconds_left=self._exam.seconds_left(now) if self._exam else None,
            reviewing=self._exam is not None and quiz.sitting.finished,
        )

    def _earlier(self) -> list[str]:
        """What was answered before in the same question, which is what to go on with."""
        quiz = self._quiz
        if not self._exam:
            return []
        return [
            self._words(
                Message(
                    "Your answer to {part}), {name}: {typed}",
                    part=part,
                    name=shown_name(quiz.lesson(item.lesson), item.step, self._style),
                    typed=", ".join(item.mark.cells)
                    if any(item.mark.cells)
                    else ITEM_STATES["open"],
                )
            )
            for part, item in self._exam.earlier(self._quiz.index)
        ]

    def _graded(self, view: StepView) -> StepView:
        """An exam's item with its marks, once all of it may be seen."""
        assert self._exam
        worth = self._exam.graded(self._quiz.index)
        if not self._quiz.asked.typed:
            return replace(view, message=self._words(worth.message))
        graded = worth.graded
        cells = [
            replace(cell, verdict=each.verdict, note=self._words(each.note))
            for cell, each in zip(view.grid.asked, graded.cells, strict=False)
        ]
        return replace(
            view,
            grid=replace(view.grid, asked=cells),
            product_verdict=graded.formula.verdict if graded.formula else None,
            message=self._words(worth.message),
            tone=graded.tone,
        )

    # ── the list, and the end ─────────────────────────────────────────────────────────────────

    def names(self) -> list[StepName]:
        """The list of items; a lesson's title stands over its own."""
        names = []
        for index, item in enumerate(self._quiz.sitting.items):
            step = self._quiz.step_at(index)
            lesson, name, stage = self._quiz.lesson(item.lesson), self._name(index), item.mark.stage
            title = self._words(lesson.title)
            names.append(StepName(step.id, step.kind, title, name, stage, lesson.loss))
        return names

    def _name(self, index: int) -> str:
        lesson = self._quiz.lesson(self._quiz.sitting.items[index].lesson)
        step = self._quiz.step_at(index)
        return self._words(exercise(lesson, step, self._style, None).name())

    def end(self, now: float) -> QuizView:
        """The end; of an exam that is not submitted, what is answered and what is open."""
        quiz, sitting = self._quiz, self._quiz.sitting
        over = sitting.finished if self._exam else True
        items = [self._item(index, item) for index, item in enumerate(sitting.items)]
        points = sum((item.points for item in items), 0.0)
        return QuizView(
            exam=self._exam is not None,
            finished=over,
            seed=self._seed,
            items=items,
            points=points,
            possible=float(len(items)),
            skills=by_skill(items) if over else [],
            seconds_left=self._exam.seconds_left(now) if self._exam else None,
            closing=self._words(_closing(quiz, points / max(1, len(items))) if over else None),
        )

    def _item(self, index: int, item: AskedItem) -> QuizItem:
        lesson = self._quiz.lesson(item.lesson)
        part = self._exam.part(index) if self._exam else ""
        name = self._name(index)
        state, said = self._came_of(index, item)
        return QuizItem(
            index=index,
            name=f"{name} ({part})" if part else name,
            lesson=self._words(lesson.title),
            skill=self._words(SKILLS[item.skill]),
            state=state,
            flagged=item.flagged,
            points=item.points or 0.0,
            diagnosis=said,
            loss=lesson.loss,
        )

    def _came_of(self, index: int, item: AskedItem) -> tuple[ItemState, str]:
        """What came of an item, and what went wrong, as far as it may be seen and has a name."""
        if self._exam and not self._quiz.sitting.finished:
            return ("answered" if item.answered else "open"), ""
        if self._exam:
            graded = self._exam.graded(index)
            return graded.state if item.typed else "open", self._words(graded.message)
        if item.points is None:
            return ("wrong" if item.mark.attempts else "open"), item.said
        if item.mark.stage == "shown":
            return "shown", item.said
        return ("right" if item.points == 1 else "partly"), item.said


def by_skill(items: Sequence[QuizItem]) -> list[SkillResult]:
    """The points by kind of step, the weakest first."""
    points: dict[str, list[float]] = {}
    for item in items:
        points.setdefault(item.skill, []).append(item.points)
    ranked = sorted(points.items(), key=lambda pair: sum(pair[1]) / len(pair[1]))
    return [SkillResult(skill, sum(got), float(len(got))) for skill, got in ranked]


def _closing(quiz: Quiz, share: float) -> Message:
    """How it went, and what to do next."""
    if quiz.sitting.purpose == "replay":
        return Message("That was the same item again.")
    if share == 1:
        return Message(
            "Everything was right at the first try. The next quiz asks what is due next."
        )
    if quiz.sitting.purpose == "exam":
        return Message(
            "Review what went wrong: each item shows what you typed, what is right, and why."
        )
    return Message(
        "What went wrong comes back in the next days on other numbers. Your progress shows when."
    )
