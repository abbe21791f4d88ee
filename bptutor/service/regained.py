"""What is known of a learner whose service was lost, and where they are once it is back."""

from bptutor.service.protocol import Screen
from bptutor.views.lesson import StepView
from bptutor.views.quiz import ExamCover, QuizView

SAVING = frozenset(
    [
        "again",
        "begin",
        "check",
        "draft",
        "fill_in",
        "flag",
        "hand_in",
        "hint",
        "show",
        "skip",
        "split",
        "train",
    ]
)
"""Requests that change what is saved; of an answer in text mode `split` is the first part."""


def is_there(here: Screen, place: StepView) -> bool:
    """Is the learner where they were, or is the exam over in which that was?"""
    if isinstance(here, QuizView):
        quiz = place.quiz
        silent = quiz is not None and (quiz.exam or bool(quiz.assignment)) and not quiz.reviewing
        return here.finished and silent
    return isinstance(here, StepView) and here.index == place.index


def seed_of(screen: Screen) -> int | None:
    """The seed of the quiz that a screen belongs to."""
    if isinstance(screen, ExamCover | QuizView):
        return screen.seed
    return screen.quiz.seed if isinstance(screen, StepView) and screen.quiz else None


def is_done(name: str, before: StepView | None, restored: Screen) -> bool:
    """Had a call to a service that was lost been carried out, as it now turns out?"""
    if isinstance(restored, QuizView):
        return restored.finished and name in ("check", "flag", "skip", "hand_in")
    if not isinstance(restored, StepView):
        return False
    if name == "check":
        return restored.stage != "open"
    if before is None or before.quiz is None or restored.quiz is None:
        return False
    if name == "flag":
        return restored.quiz.flagged != before.quiz.flagged
    return name == "skip" and restored.index != before.index
