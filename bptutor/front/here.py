"""What an action's availability depends on: what is shown, and what of it is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from bptutor.literals import OF_PROGRAM, Part
from bptutor.service.words import reached
from bptutor.views.assignments import AssignmentCover
from bptutor.views.lesson import LessonItem, Onward, StepView, SummaryView
from bptutor.views.quiz import QuizView


def is_open(view: StepView) -> bool:
    """Can the step be answered?"""
    return view.stage == "open" and not (view.quiz and view.quiz.reviewing)


def is_silent(view: StepView) -> bool:
    """Is it an exam that is going on, in which nothing is told?"""
    return view.quiz is not None and view.quiz.exam and not view.quiz.reviewing


def has_picture(view: StepView) -> bool:
    """Is there a picture of it? It shows numbers, and an exam shows none."""
    return view.part == "tape" and not is_silent(view)


@dataclass(frozen=True)
class Here:
    """Where the learner is. What a place does not show is None there."""

    step: StepView | None = None
    summary: SummaryView | None = None
    end: QuizView | None = None  # the end of a quiz, as it was shown last
    lesson: LessonItem | None = None
    cover: AssignmentCover | None = None  # of the assignment that is to begin
    in_class: bool = False  # in a class, where its assignments can be listed?
    reopened: bool = False  # was the assignment opened again at whose end the learner is?
    finding: bool = False  # are words typed to find a lesson in the menu?
    part: Part = "tape"
    opened: bool = False
    training: bool = False
    typed: bool = False  # has another number of iterations been typed?
    moves: bool = False  # may anything move on the screen?
    text: bool = False  # is it text mode, where some words say what is in their way?
    timed: bool = False  # is there a limit of time?
    returns: bool = False  # is it a step of a lesson that is tried again on new numbers?
    replays: bool = False  # is it a past attempt that is asked again?
    example: bool = False  # is the worked example shown before the question?
    attempts: int = 0
    exams: int = 0
    older: bool = False  # are there attempts that have not been listed yet?

    @property
    def open(self) -> bool:
        return self.step is not None and is_open(self.step)

    @property
    def silent(self) -> bool:
        return self.step is not None and is_silent(self.step)

    @property
    def told(self) -> bool:
        """Is there a step at which things are told, as they are not in an exam?"""
        return self.step is not None and not is_silent(self.step)

    @property
    def in_lesson(self) -> bool:
        return self.step is not None and self.step.quiz is None

    @property
    def in_quiz(self) -> bool:
        return self.step is not None and self.step.quiz is not None

    @property
    def finished(self) -> bool:
        return self.end is not None and self.end.finished

    @property
    def reviewing(self) -> bool:
        quiz = self.step.quiz if self.step else None
        return quiz is not None and (quiz.reviewing or self.finished)

    @property
    def submits(self) -> bool:
        """Is it an item of something that is to be submitted?"""
        quiz = self.step.quiz if self.step else None
        return quiz is not None and (quiz.exam or bool(quiz.assignment)) and not quiz.reviewing

    @property
    def assigned(self) -> bool:
        quiz = self.step.quiz if self.step else None
        return bool((quiz and quiz.assignment) or (self.end and self.end.assignment))

    @property
    def reviews(self) -> bool:
        """Are there items to look at, at the end of a quiz or before it?"""
        end = self.end
        return end is not None and (self.reopened or not end.finished or end.shown == "all")

    @property
    def may_try_assignment_again(self) -> bool:
        """Is it the end of an assignment of which another attempt can begin?"""
        return self.end is not None and self.end.again

    @property
    def may_see_answer(self) -> bool:
        """Is there an answer to be shown? An assignment shows none before it is submitted."""
        return self.told and self.step is not None and not (self.in_quiz and self.submits)

    @property
    def offers_numbers(self) -> bool:
        return self.step is not None and self.step.offers_numbers

    @property
    def explained(self) -> bool:
        """Is there a step with a rule of differentiation to explain?"""
        step = self.step
        return step is not None and self.told and step.kind in OF_PROGRAM

    @property
    def may_try_again(self) -> bool:
        """Is it a step of a lesson that can be asked again on new numbers?"""
        step = self.step
        done = step is not None and step.stage in ("solved", "shown")
        in_numbers = step is not None and step.part == "tape" and step.kind != "code"
        return done and self.in_lesson and in_numbers

    @property
    def worked(self) -> bool:
        """Is it a step that the tutor works out?"""
        return self.step is not None and self.step.stage in ("worked", "waiting")

    @property
    def begun(self) -> bool:
        place = reached(self.lesson, self.part) if self.lesson else None
        return bool(place and place.answered)

    @property
    def onward(self) -> list[Onward]:
        """What comes after the part at whose end the learner is, and nothing is going on."""
        return self.summary.onward if self.summary and not self.training else []

    @property
    def into(self) -> Part | None:
        """The part of the same lesson that comes next; None where another lesson does."""
        return self.onward[0].part if self.onward and self.onward[0].same else None

    @property
    def another(self) -> bool:
        return any(not ahead.same for ahead in self.onward)

    @property
    def at_rest(self) -> bool:
        """Is it the end of a part, with no training on its way and none typed?"""
        return self.summary is not None and not self.training and not self.typed

    @property
    def trains(self) -> bool:
        return bool(self.summary and self.summary.trains) and not self.training

    @property
    def larger(self) -> bool:
        """Can it be one with a larger learning rate?"""
        return self.trains and self.summary is not None and self.summary.larger is not None

    @property
    def asks_rows(self) -> bool:
        """Is a value of several rows asked?"""
        step = self.step
        return step is not None and step.asks_value and step.grid.rows > 1

    @property
    def asks_both(self) -> bool:
        """Are a formula and its value asked?"""
        return self.step is not None and self.step.asks_value and self.step.asks_product

    @property
    def may_go_back(self) -> bool:
        """Is there a step before? (Not while a training runs.)"""
        return not self.training and (self.step is None or self.step.index > 0)

    @property
    def may_go_forward(self) -> bool:
        """Is there a step after that has been reached?"""
        step = self.step
        return step is not None and step.index < min(step.furthest, step.total - 1)

    @property
    def between(self) -> bool:
        """Is it between lessons: in the menu, or at the end of a quiz?"""
        return self.end is None or self.end.finished
