"""A learner's paper of an assignment: what is done in it, and what of it may be seen."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from bptutor.classroom.marks import Result, grade, results
from bptutor.classroom.offers import Offered
from bptutor.classroom.papers import PaperOverError, Papers
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import BY_TIME, Paper, What
from bptutor.course.session import Attempted
from bptutor.literals import Judged, Target
from bptutor.quiz.assigned import Homework, paper_of
from bptutor.quiz.exam import Examination
from bptutor.record.sittings import QuizSitting
from bptutor.service.assignment_words import (
    ANSWER_LATER,
    ANSWERS_SHOWN,
    LAST_HINT,
    LATE,
    SCORE_SHOWN,
    submitted_by,
)
from bptutor.service.paper_file import Judgement, PaperFile, Watch
from bptutor.service.places import Learner
from bptutor.service.protocol import Screen, TimeLeft
from bptutor.service.quiz_present import QuizViewer, by_skill
from bptutor.service.quiz_words import NOT_IN_AN_EXAM, points
from bptutor.service.quizzes import QuizPlace
from bptutor.text import Message, UserError
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizItem, QuizView

_log = logging.getLogger(__name__)


def results_of(papers: Papers, offered: Offered) -> dict[Key, Result]:
    """What the graded papers of a learner came to."""
    nothing: dict[Key, Result] = {}
    given, login = offered.given, offered.person.login
    return papers.store.read(lambda on: results(on, given, login), nothing)


def author_of(paper: Paper) -> str:
    """Who submitted it: `learner`, `time` or `teacher`; nothing before."""
    if paper.author in ("", BY_TIME):
        return paper.author
    return "learner" if paper.author == paper.login else "teacher"


class PaperPlace(QuizPlace):
    """A paper that is in progress, or submitted; nothing of it is kept but in the class store."""

    elsewhere = Message("That works in lessons only. This is an assignment.")

    def __init__(self, learner: Learner, file: PaperFile) -> None:
        self.file = file
        self.over = False  # is it submitted, as far as this window knows?
        self._watch = Watch(file, lambda seconds: learner.tell(TimeLeft(seconds)))
        self._what: What = "draft"
        self._came = Judgement()
        self._result: Result | None = None
        self.quiz: Examination | Homework
        super().__init__(learner, paper_of(file.sitting, file.open_lesson, learner.viewer.style))
        if file.last >= 0:
            self.quiz.sitting.index = file.last
            if self.quiz.asked.answered:
                self.quiz.forward()
        if not file.paper.is_open:
            self._end()

    @property
    def assignment(self) -> str:
        return self.file.offered.given.assignment.title

    @property
    def late(self) -> Message | None:
        """What a change costs from now on, once the due time is over; None where it does not."""
        offered = self.file.offered
        share, due = offered.given.assignment.late_credit, offered.times.due
        if self.over or share == 1 or due is None or self.file.clock() <= due:
            return None
        return Message(LATE.text, percent=round(100 * share))

    @property
    def where(self) -> tuple[str, int]:
        return self.file.paper.assignment, -1 if self.quiz.at_end else self.quiz.index

    @property
    def store(self) -> None:
        """Windows of one learner, be they on other machines, share the class store."""
        return

    def enter(self) -> None:
        self.overtaken()
        self._watch.start()

    def leave(self) -> None:
        self._watch.stop()

    # ── what may be seen ──────────────────────────────────────────────────────────────────────

    @property
    def _tells(self) -> bool:
        """May the right answers be seen?"""
        return self.over and self.file.offered.answers_shown

    @property
    def _silent(self) -> bool:
        """Is it an exam in which nothing is told yet?"""
        return isinstance(self.quiz, Examination) and not self._tells

    def method(self, name: str) -> Callable[..., Any]:
        self._require_shown(name in ("hand_in", "begin"))
        return super().method(name)

    def _require_shown(self, harmless: bool) -> None:
        """Of what is submitted only the end may be seen, until its answers may."""
        if self.over and not self._tells and not harmless:
            raise UserError(ANSWERS_SHOWN[self.file.offered.given.assignment.answers_shown])

    def require_told(self) -> None:
        if self._silent:
            raise UserError(NOT_IN_AN_EXAM)

    @property
    def has_picture(self) -> bool:
        return not self._silent and super().has_picture

    def shown(self) -> Screen:
        viewer = QuizViewer(self.learner.viewer, self.quiz)
        now = self.file.clock()
        screen = viewer.end(now) if self.quiz.at_end else viewer.step(now)
        return self._as_end(screen) if isinstance(screen, QuizView) else self._as_step(screen)

    def _as_step(self, view: StepView) -> StepView:
        """An item without its seed and code, which lead to its answer."""
        assert view.quiz
        quiz = replace(
            view.quiz,
            seed=None,
            code="",
            assignment=self.assignment,
            seconds_left=None if self.over else self.file.seconds_left,
            reviewing=self.over,
        )
        return replace(view, quiz=quiz)

    def _as_end(self, view: QuizView) -> QuizView:
        view = replace(view, seed=None, assignment=self.assignment, finished=self.over)
        if not self.over:
            left = self.file.seconds_left
            closing = self.learner.viewer.words(self.late)
            return replace(view, seconds_left=left, skills=[], closing=closing)
        offered, found = self.file.offered, self._result
        view = replace(
            view,
            seconds_left=None,
            closing=" ".join(map(self.learner.viewer.words, self._closing())),
            again=offered.state == "open",
            points=found.total if found else 0.0,
            shown="all" if found and self._tells else "score" if found else "nothing",
        )
        if found and self._tells:
            marked = [self._marked(item, found) for item in view.items]
            return replace(view, items=marked, skills=by_skill(marked))
        items_ = [
            replace(item, state="answered" if asked.answered else "open", points=0.0, diagnosis="")
            for item, asked in zip(view.items, self.quiz.sitting.items, strict=True)
        ]
        return replace(view, items=items_, skills=[])

    def _marked(self, item: QuizItem, found: Result) -> QuizItem:
        """An item at the end with the points that count, which may be a teacher's."""
        said = item.diagnosis
        if given := found.overrides.get(item.index):
            by_teacher = Message("Points from your teacher: {points}.", points=points(given.points))
            said = " ".join(filter(None, (said, self.learner.viewer.words(by_teacher))))
        return replace(item, points=found.points[item.index], diagnosis=said)

    def _closing(self) -> list[Message]:
        """Who submitted it and when, and when there is more to see."""
        file, assignment = self.file, self.file.offered.given.assignment
        paper = file.paper
        said = [submitted_by(author_of(paper), paper.submitted or file.clock())]
        if not self._result:
            waits = SCORE_SHOWN[assignment.score_shown]
            grading = Message("bptutor is still grading it.")
            said.append(grading if file.offered.score_shown else waits)
        elif self._result.credit < 1:
            counts = round(100 * self._result.credit)
            said.append(Message("It was late: {percent} % of the points count.", percent=counts))
        if not self._tells:
            said.append(ANSWERS_SHOWN[assignment.answers_shown])
        return said

    # ── doing something ───────────────────────────────────────────────────────────────────────

    def overtaken(self) -> bool:
        """Is the time over, or is it submitted by somebody else, before this is done?"""
        self.quiz.count_time()
        self.file.look()
        if self.over:
            if self.file.paper.is_open:
                self._go_on()
            return False
        if self.file.is_over:
            self._submit(BY_TIME)
        return self.over

    def _answered_meanwhile(self) -> bool:
        """Has another window answered the item? What it cost there counts here, too."""
        before = self.stage
        self.file.take_in()
        if self.stage != before:
            self.say_answered()
        return self.stage != before

    def undo(self) -> Callable[[], None]:
        kept, common = self.quiz.sitting.copied(), self.file.common

        def restore() -> None:
            if not self.over and self.quiz.sitting != kept:
                self._take(kept)
                self.file.common = common

        return restore

    def _take(self, sitting: QuizSitting) -> None:
        """Work on a sitting."""
        self.file.sitting = sitting
        self.quiz = paper_of(sitting, self.file.open_lesson, self.learner.viewer.style)

    def keep(self) -> bool:
        """Store what has changed. Raises UserError: it is not stored, so it is not to be shown."""
        what, came = self._what, self._came
        self._what, self._came = "draft", Judgement()
        if self.over:
            return False
        try:
            return self.file.save(what, came)
        except PaperOverError:
            self.file.look()
            self._end()
            return True

    def save(self) -> bool:
        return self.keep()

    def record(self, attempted: Attempted | None) -> None:
        """Not in the record of practice, whose codes would lead to the answers."""
        if attempted:
            self._came = Judgement(attempted.verdict, attempted.mistakes)

    def begin(self) -> Screen:
        """It has begun; the service may have been lost before it could say so."""
        return self.act(lambda: None)

    def answer(self, product: str, cells: list[str], judge: Judged) -> Screen:
        if self.over:
            return self.act(lambda: None)
        self.session.draft(product, cells)  # typed in time, and sent with the last breath
        self._what = "check"
        return super().answer(product, cells, judge)

    def check(self, product: str, cells: list[str], judge: Judged) -> None:
        exam = self.quiz
        if isinstance(exam, Examination):
            index = exam.index
            exam.answer(product, cells)
            now = exam.graded_so_far(index)[index]  # for the teacher, who sees it at once
            self._came = Judgement(now.state, now.graded.recorded)
        elif not self._answered_meanwhile():
            super().check(product, cells, judge)

    def draft(self, product: str, cells: list[str]) -> QuizView | None:
        if self.over:
            return None
        self.session.draft(product, cells)
        if not self.overtaken():
            self.keep()
            return None
        end = self.said(self.shown())
        assert isinstance(end, QuizView)
        return end

    def go(self, to: int | Target) -> None:
        self._require_shown(to in ("here", "summary"))
        super().go(to)

    def hint(self) -> None:
        if not self.over and self._answered_meanwhile():
            return
        mark = self.session.mark(self.session.step)
        if not self.over and mark.hints >= self.session.exercise.rungs - 1:
            raise UserError(LAST_HINT)  # the one after it works the answer out
        self._what = "hint"
        super().hint()

    def show(self) -> None:
        self._no_answer()
        super().show()

    def fill_in(self) -> None:
        self._no_answer()
        super().fill_in()

    def _no_answer(self) -> None:
        self.require_told()
        if not self.over:
            raise UserError(ANSWER_LATER)

    def flag(self) -> None:
        self._what = "flag"
        super().flag()

    # ── the end ───────────────────────────────────────────────────────────────────────────────

    def hand_in(self) -> None:
        if self.over:
            raise UserError("You have submitted this already.")
        self._submit(self.file.paper.login)

    def _submit(self, author: str) -> None:
        """Submit what is answered; it is graded at once if the learner may see what it came to.

        Else the host does so a moment later: a whole class submits an exam at the same time.
        """
        file = self.file
        with suppress(PaperOverError):
            file.save("draft", Judgement())
        with self._watch.quiet():
            file.paper = file.papers.submit(file.paper.key, author, file.clock())
        if file.offered.given.assignment.score_shown == "submitted":
            try:
                grade(file.papers, file.paper, file.clock())
            except Exception:  # it is submitted all the same; the host tries again
                _log.exception("%s cannot be graded now.", file.paper.key)
        self._end()

    def _end(self) -> None:
        file = self.file
        file.renew()
        self.over = True
        if file.offered.score_shown:
            self._result = results_of(file.papers, file.offered).get(file.paper.key)
        if self._tells:
            self._take(file.sitting)
            self.quiz.hand_in()
        else:
            self.quiz.end()

    def _go_on(self) -> None:
        """It was reopened: the answers are as they were."""
        self.over, self._result = False, None
        self.file = PaperFile(self.file.papers, self.file.offered, self.file.paper, self.file.clock)
        self.file.look()
        self._watch.file = self.file
        self._take(self.file.sitting)
