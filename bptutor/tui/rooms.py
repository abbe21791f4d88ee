"""The app's screens by name; each is read from its file when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen


def _menu() -> Screen[Any]:
    from bptutor.tui.screens.menu import Menu

    return Menu()


def _introduction() -> Screen[Any]:
    from bptutor.tui.screens.introduction import Introduction

    return Introduction()


def _step() -> Screen[Any]:
    from bptutor.tui.screens.step import StepScreen

    return StepScreen()


def _summary() -> Screen[Any]:
    from bptutor.tui.screens.summary import Summary

    return Summary()


def _steps() -> Screen[Any]:
    from bptutor.tui.screens.dialogs import StepList

    return StepList()


def _values() -> Screen[Any]:
    from bptutor.tui.screens.dialogs import Values

    return Values()


def _why() -> Screen[Any]:
    from bptutor.tui.screens.why import WhyScreen

    return WhyScreen()


def _picture() -> Screen[Any]:
    from bptutor.tui.screens.picture import PictureScreen

    return PictureScreen()


def _signal() -> Screen[Any]:
    from bptutor.tui.screens.signal import SignalScreen

    return SignalScreen()


def _help() -> Screen[Any]:
    from bptutor.tui.screens.help import Help

    return Help()


def _changed() -> Screen[Any]:
    from bptutor.tui.screens.dialogs import ChangedScreen

    return ChangedScreen()


def _settings() -> Screen[Any]:
    from bptutor.tui.screens.settings import SettingsScreen

    return SettingsScreen()


def _quiz() -> Screen[Any]:
    from bptutor.tui.screens.quiz import QuizStart

    return QuizStart()


def _quiz_end() -> Screen[Any]:
    from bptutor.tui.screens.quiz_end import QuizEnd

    return QuizEnd()


def _progress() -> Screen[Any]:
    from bptutor.tui.screens.progress import ProgressScreen

    return ProgressScreen()


def _attempts() -> Screen[Any]:
    from bptutor.tui.screens.dialogs import AttemptList

    return AttemptList()


ROOMS: dict[str, Callable[[], Screen[Any]]] = {
    "menu": _menu,
    "introduction": _introduction,
    "step": _step,
    "summary": _summary,
    "steps": _steps,
    "values": _values,
    "why": _why,
    "picture": _picture,
    "signal": _signal,
    "help": _help,
    "changed": _changed,
    "settings": _settings,
    "quiz": _quiz,
    "quiz-end": _quiz_end,
    "progress": _progress,
    "attempts": _attempts,
}
