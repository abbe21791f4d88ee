"""What every screen of the app has: its keys, its words, and the frame that it stands in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from textual.events import Key, Resize
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widget import Widget

from bptutor.config.settings import Configuration
from bptutor.front.here import Here
from bptutor.front.keys import action
from bptutor.front.stage import Done, Draft
from bptutor.front.tour import Tour
from bptutor.service.protocol import Training
from bptutor.service.words import LOADING
from bptutor.text import Message
from bptutor.tui.background import Rgb
from bptutor.tui.commands import Commands
from bptutor.tui.keymap import bindings, key_name, key_of
from bptutor.tui.symbols import Look
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.text import COLUMNS, ROWS, Bar, TooSmall, Words

Answer = TypeVar("Answer")

STYLES = Path(__file__).parents[1] / "styles"
"""Where the screens' styles are; each is read with its screen."""


class Watch(Protocol):
    @property
    def text(self) -> str: ...

    def set(self, seconds: float | None) -> None:
        """So much is left; None where there is no limit, or no exam."""


class Waiting(Protocol):
    def wait(self) -> None:
        """What is typed from now on may be for another place."""

    def arrive(self) -> None:
        """The place is there, or it is still the same one."""


class Frame(Look, Protocol):
    """What a screen, and what happens by the clock, may ask of the app."""

    tour: Tour
    configuration: Configuration
    commands: Commands
    ground: Rgb | None
    """The terminal's background, if it is known."""

    @property
    def ahead(self) -> Waiting: ...

    @property
    def moves(self) -> bool:
        """May anything move on the screen?"""

    @property
    def clock(self) -> Watch: ...

    @property
    def room(self) -> Room:
        """The screen under any dialogs."""

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """Empty once the app is on its way out."""

    @property
    def takes_typing(self) -> bool:
        """Has what is typed its place here, while a command is on its way?"""

    def command(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; False while another one is on its way."""

    def call_later(self, callback: Callable[[], Awaitable[None]]) -> bool: ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer: ...

    def set_interval(self, interval: float, callback: Callable[[], None]) -> Timer: ...


def engine_words(frame: Frame) -> str:
    """The engine's state where it matters: nothing once TensorFlow is there."""
    engine = frame.tour.client.engine
    if engine.state == "ready":
        return ""
    return engine.detail if engine.state == "failed" else frame.words(LOADING)


class Placed:
    """What rooms and dialogs share: a place in the table of actions, and the learner's language."""

    PLACE: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        if "PLACE" in vars(cls):
            cls.BINDINGS = bindings(cls.PLACE)  # type: ignore[attr-defined]
        super().__init_subclass__(**options)

    @property
    def frame(self) -> Frame:
        return cast(Frame, cast("Screen[Any]", self).app)

    @property
    def tour(self) -> Tour:
        return self.frame.tour

    @property
    def here(self) -> Here:
        return Here()

    def words(self, message: Message) -> str:
        return self.frame.words(message)

    def key(self, name: str, place: str = "") -> str:
        """What is written on the key of an action, of this screen or in another place."""
        frame = self.frame
        given = frame.configuration.settings.keys
        key = key_of(place or self.PLACE, name, given, frame.kept_keys)
        return key_name(key, frame.language)

    def say(self, text: str) -> None: ...

    @property
    def takes_typing(self) -> bool:
        """Has what is typed its place here, while a command is on its way?"""
        return False

    def expect(self, key: Key) -> None:
        """A key is about to go to whatever has the focus."""

    def allows(self, name: str) -> bool:
        return True

    def check_action(self, action_: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the keys that do something here are alive."""
        if action_ != "act":
            return True
        name = str(parameters[0])
        return action(self.PLACE, name).when(self.here) and self.allows(name)

    async def action_act(self, name: str) -> None:
        """Do what a key is for: what the tour does as a command, the screen's own at once."""
        chosen = action(self.PLACE, name)
        if isinstance(chosen.do, str):
            screen = cast("Screen[Any]", self)
            await screen.app.run_action(chosen.do, screen)
        else:
            self.frame.command(partial(chosen.run, self.tour))

    def on_resize(self, event: Resize) -> None:
        """On a terminal that is too small, one sentence stands over everything."""
        screen = cast("Screen[Any]", self)
        small = event.size.width < COLUMNS or event.size.height < ROWS
        screen.set_class(small, "-tiny")
        if small and not screen.query("#too-small"):
            screen.mount(TooSmall(id="too-small"))


class Room(Placed, Screen[None]):
    """A screen of the app (not a dialog). It is made once and used again."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in Textual, which would redraw the whole screen whenever the focus moves."""

    def __init__(self) -> None:
        super().__init__(id=self.PLACE)
        self.place = Bar(id="place")
        self.message = Words(id="message")
        self.keys = Keys(id="keys")

    def say(self, text: str) -> None:
        self.message.show(text)

    async def present(self, view: Any) -> None:
        raise NotImplementedError

    def follow(self, done: Done) -> None:
        """What was done has been shown: lead the eye to what came of it."""

    def refuse(self, sentence: str) -> None:
        """What was to be shown here when the app began cannot be had."""
        self.say(sentence)

    @property
    def drawer_width(self) -> int:
        """The width of what a drawer stands over; 0 where nothing is beside anything else."""
        return 0

    def close_dialogs(self) -> None:
        """Close what stands over the room, where something happens in the room by itself."""
        while self.app.screen is not self:
            self.app.pop_screen()

    def show_training(self, training: Training) -> None: ...

    def show_engine(self) -> None:
        """The state of TensorFlow has changed, or the service has come."""

    def time_changed(self, seconds: float | None) -> None:
        """So much time has the assignment that is open by now; None: nothing ends it."""

    def draft(self) -> Draft | None:
        """What has been typed here since the service heard of it."""
        return None

    def kept(self, draft: Draft) -> None:
        """The service has heard of it."""


class Dialog(Placed, ModalScreen[Answer], Generic[Answer]):
    """A screen over a room, left with Esc."""

    CSS_PATH = STYLES / "dialog.tcss"
    DRAWER: ClassVar[bool] = False
    """Does it leave the step in sight, where the terminal is wide?"""

    def __init__(self) -> None:
        super().__init__(id=self.PLACE)
        self.set_class(self.DRAWER, "-drawer")

    def on_screen_resume(self) -> None:
        self._fit_drawer()

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        if self.DRAWER:
            self.call_after_refresh(self._fit_drawer)

    def _fit_drawer(self) -> None:
        """A drawer is as wide as what it stands over."""
        for part in self.query(".dialog") if self.DRAWER else ():
            wide = self.has_class("-wide")
            part.styles.width = (self.frame.room.drawer_width or None) if wide else None

    def show(self, view: Any) -> None:
        """Show what there is to see."""

    def more(self, view: Any) -> None: ...

    def say(self, text: str) -> None:
        self.frame.room.say(text)

    def action_close(self) -> None:
        self.dismiss(None)
