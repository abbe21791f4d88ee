"""The app's screens by name; each is read from its file when it is first needed."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from textual.screen import Screen

ROOMS = {
    "menu": "menu:Menu",
    "introduction": "introduction:Introduction",
    "step": "step:StepScreen",
    "summary": "summary:Summary",
    "quiz": "quiz:QuizStart",
    "quiz-end": "quiz_end:QuizEnd",
    "progress": "progress:ProgressScreen",
    "changed": "dialogs:ChangedScreen",
    "steps": "dialogs:StepList",
    "attempts": "dialogs:AttemptList",
    "values": "dialogs:Values",
    "why": "why:WhyScreen",
    "picture": "picture:PictureScreen",
    "signal": "signal:SignalScreen",
    "settings": "settings:SettingsScreen",
    "help": "help:Help",
}
"""Module and class, by the place in the table of actions."""


def made(where: str) -> Screen[Any]:
    """A new screen; where it is not read yet, it is now."""
    module, _, name = where.partition(":")
    screen: Screen[Any] = getattr(import_module(f"bptutor.tui.screens.{module}"), name)()
    return screen


SCREENS: dict[str, Callable[[], Screen[Any]]] = {
    name: partial(made, where) for name, where in ROOMS.items()
}
