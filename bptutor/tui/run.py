"""The app from its start to its end."""

from __future__ import annotations

from bptutor.service.client import Client
from bptutor.service.messages import Ask
from bptutor.tui.app import TutorApp
from bptutor.tui.symbols import Notation


def run(lesson: str | None, ask: Ask, language: str, notation: Notation, mouse: bool) -> int:
    """Run the app on this terminal until the learner leaves; its exit status.

    `lesson` is a name or a path to a .toml; without one the menu comes first.
    """
    app = TutorApp(Client, lesson=lesson, ask=ask, language=language, notation=notation)
    app.run(mouse=mouse)
    return app.return_code or 0
