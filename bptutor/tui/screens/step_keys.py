"""The keys of a step's screen, and which of them are alive: in a lesson, in a quiz, in an exam."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from bptutor.text import Message
from bptutor.views.lesson import StepView

KEYS: list[BindingType] = [
    Binding("enter", "check", Message("Check").text, id="check", priority=True),
    Binding("enter", "note", Message("Note").text, id="note", priority=True),
    Binding("enter", "go_on", Message("Go on").text, id="go-on", priority=True),
    Binding("f8", "question", Message("To the next question").text, id="question"),
    Binding("f8", "fill_in", Message("Fill in the numbers").text, id="fill-in"),
    Binding("f8", "flag", Message("Flag").text, id="flag"),
    Binding("f9", "hand_in", Message("Hand in").text, id="hand-in"),
    Binding("f2", "hint", Message("Hint").text, id="hint"),
    Binding("f3", "show", Message("Answer").text, id="show"),
    Binding("f4", "back", Message("Back").text, id="back"),
    Binding("f5", "skip", Message("Skip").text, id="skip"),
    Binding("f5", "forward", Message("Next").text, id="forward"),
    Binding("f6", "steps", Message("Steps").text, id="steps"),
    Binding("f6", "items", Message("Items").text, id="items"),
    Binding("f9", "why", Message("Why").text, id="why"),
    Binding("f7", "values", Message("Values").text, id="values"),
    Binding("f7", "travel", Message("Signal").text, id="signal"),
    Binding("f12,ctrl+p", "picture", Message("Picture").text, id="picture"),
    Binding("escape", "menu", Message("Menu").text, id="menu"),
    Binding("tab", "app.focus_next", show=False, id="next-field", priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, id="field-before", priority=True),
    Binding("pageup", "back", show=False, id="page-back", priority=True),
    Binding("pagedown", "forward", show=False, id="page-forward", priority=True),
    Binding("up,ctrl+up", "scroll(-1)", show=False, id="scroll-up"),
    Binding("down,ctrl+down", "scroll(1)", show=False, id="scroll-down"),
]
ALWAYS = ("menu", "scroll", "app.focus_next", "app.focus_previous")
"""What can be done before there is a step."""


def is_open(view: StepView) -> bool:
    """Can the step be answered?"""
    return view.stage == "open" and not (view.quiz and view.quiz.reviewing)


def is_silent(view: StepView) -> bool:
    """Is it an exam that is going on, in which nothing is told?"""
    return view.quiz is not None and view.quiz.exam and not view.quiz.reviewing


def alive(action: str, view: StepView | None, moves: bool) -> bool:
    """Does a key do something at this step? `moves`: may anything move on the screen?"""
    if not view:
        return action in ALWAYS
    in_quiz, open_, silent = view.quiz is not None, is_open(view), is_silent(view)
    return {
        "check": open_ and not silent,
        "note": open_ and silent,
        "hint": open_ and not silent,
        "show": open_ and not silent,
        "go_on": not open_,
        "fill_in": open_ and view.offers_numbers,
        "question": view.stage in ("worked", "waiting") and not in_quiz,
        "skip": open_ and in_quiz and view.total > 1,
        "flag": silent,
        "hand_in": silent,
        "steps": not in_quiz,
        "items": in_quiz,
        "why": not silent and view.kind not in ("order", "memory", "code"),
        "values": view.part != "derive",
        "travel": view.part == "derive" and moves,
        "picture": view.part == "tape" and not silent,
        "back": view.index > 0,
        "forward": view.index < min(view.furthest, view.total - 1),
    }.get(action, True)
