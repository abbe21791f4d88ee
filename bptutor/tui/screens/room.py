"""What every screen of the app has: the learner's language, the engine's state, one message."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from textual.events import Resize
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from bptutor.service.sentences import LOADING
from bptutor.text import Message
from bptutor.tui.widgets.text import COLUMNS, ROWS, TooSmall

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp

Answer = TypeVar("Answer")

Draft: TypeAlias = tuple[str, list[str]]
"""What is typed as the product, and into the cells."""

STYLES = Path(__file__).parents[1] / "styles"
"""Where the screens' styles are; each is read with its screen."""


def tutor_of(node: MessagePump) -> TutorApp:
    """The app that a screen or a widget belongs to."""
    return cast("TutorApp", node.app)


def engine_words(app: TutorApp) -> str:
    """The engine's state where it matters: nothing once TensorFlow is there."""
    engine = app.client.engine
    if engine.state == "ready":
        return ""
    if engine.state == "failed":
        return engine.detail
    return app.words(LOADING)


class Worded:
    """What rooms and dialogs share: words in the learner's language."""

    @property
    def tutor(self) -> TutorApp:
        """The app by its own type."""
        return tutor_of(cast("Screen[Any]", self))

    def words(self, message: Message) -> str:
        """A sentence in the learner's language."""
        return self.tutor.words(message)

    def say(self, text: str) -> None:
        """Say a sentence in this screen's place for messages."""

    def on_resize(self, event: Resize) -> None:
        """On a terminal that is too small, one sentence stands over everything."""
        screen = cast("Screen[Any]", self)
        small = event.size.width < COLUMNS or event.size.height < ROWS
        screen.set_class(small, "-tiny")
        if small and not screen.query("#too-small"):
            screen.mount(TooSmall(id="too-small"))


class Room(Worded, Screen[None]):
    """A screen of the app (not a dialog). It is made once and used again."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in Textual, which would draw the whole screen anew whenever the focus moves."""

    def show_engine(self) -> None:
        """The state of TensorFlow has changed, or the service has come."""

    def draft(self) -> Draft | None:
        """What has been typed here since the service heard of it."""
        return None

    def kept(self, draft: Draft) -> None:
        """The service has heard of it."""


class Dialog(Worded, ModalScreen[Answer], Generic[Answer]):
    """A screen over a room, left with Esc."""

    CSS_PATH = STYLES / "dialog.tcss"

    def say(self, text: str) -> None:
        self.tutor.room.say(text)
