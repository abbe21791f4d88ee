"""Where the learner is, in two lines of a step's screen: in a lesson or in a quiz."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bptutor.service.quiz_words import kind_of, points
from bptutor.service.words import KINDS
from bptutor.text import Message
from bptutor.tui.screens.room import engine_words
from bptutor.tui.screens.step_keys import is_open
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizPlace

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp

PROGRESS = 12
"""Width of the bar that shows how far the learner has come."""
GAP = "   "
"""Between the texts on the right."""


def place(view: StepView, app: TutorApp, narrow: bool) -> tuple[str, str]:
    """The line at the top: what is walked on the left, and how far it has come on the right."""
    quiz, number = view.quiz, {"number": view.index + 1, "total": view.total}
    words = app.words
    bar = progress_bar(view, app)
    if quiz is None:
        iteration = Message("iteration {number}", number=view.iteration)
        parts = [view.lesson, view.section, words(iteration) if view.iteration > 1 else ""]
        step = words(Message("step {number}/{total}", **number))
        right = [engine_words(app), f"{step} {bar}"]
    else:
        parts = [*map(words, _quiz_parts(quiz)), view.lesson]
        item = words(Message("item {number}/{total}", **number))
        right = [app.clock.told, engine_words(app), item if narrow else f"{item} {bar}"]
    return f" {app.symbols.dot} ".join(filter(None, parts)), GAP.join(filter(None, right))


def _quiz_parts(quiz: QuizPlace) -> Iterable[Message]:
    """What it is; which step of a question; whether it is flagged, and over."""
    yield kind_of(quiz.exam)
    if quiz.part:
        yield Message("part {part}", part=quiz.part)
    if quiz.flagged:
        yield Message("flagged")
    if quiz.reviewing:
        yield Message("looking back")


def progress_bar(view: StepView, app: TutorApp) -> str:
    """How far a lesson has come; of a quiz, where one goes to and fro, how much is answered."""
    come = view.quiz.answered if view.quiz else view.index + (view.stage != "open")
    return app.symbols.bar(come, view.total, PROGRESS)


def rule(view: StepView, app: TutorApp, narrow: bool) -> tuple[str, str]:
    """The line above the question: what kind of step it is; in a quiz, why it comes, and more."""
    symbols, quiz, words = app.symbols, view.quiz, app.words
    arrow = {"forward": symbols.down, "backward": symbols.up}.get(view.kind, "")
    if quiz is None:
        return f"{words(KINDS[view.kind])} {arrow}".strip(), ""
    left = f" {symbols.dot} ".join(filter(None, (f"{quiz.skill} {arrow}".strip(), quiz.why)))
    worth = Message("worth {credit}", credit=points(quiz.credit))
    counts = not quiz.exam and is_open(view)
    seed = "" if quiz.seed is None else words(Message("seed {seed}", seed=quiz.seed))
    right = [words(worth) if counts else "", seed]
    shown = right[:1] if narrow and counts else right
    return left, f" {symbols.dot} ".join(filter(None, shown))
