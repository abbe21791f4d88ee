"""The app from its start to its end."""

from bptutor.config.settings import Configuration
from bptutor.literals import Ask, Part
from bptutor.service.process import ServiceProcess
from bptutor.tui.app import TutorApp
from bptutor.tui.driver import hold_ends
from bptutor.tui.symbols import Notation
from bptutor.views.quiz import QuizSpec


def run(
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    language: str,
    notation: Notation,
    configuration: Configuration,
    quiz: QuizSpec | None = None,
) -> int:
    """Run the app on this terminal until the learner leaves; its exit status.

    `lesson` is a name or a path to a .toml; without one the menu comes first. What `ask` says holds
    in a sitting that goes on, too; None leaves that as it was. A quiz comes before both.
    """
    app = TutorApp(
        ServiceProcess,
        lesson=lesson,
        ask=ask,
        part=part,
        quiz=quiz,
        language=language,
        notation=notation,
        configuration=configuration,
    )
    hold_ends()
    app.run(mouse=configuration.settings.mouse)
    return app.return_code or 0
