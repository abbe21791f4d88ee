"""The settings: what there is, what one of them is about, and a line that changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bptutor.config.change import change
from bptutor.config.read import value_of
from bptutor.config.settings import EXPECTED, ORIGINS, Configuration
from bptutor.config.words import ABOUT, NAMES, VALUES, value_words
from bptutor.locale import Message
from bptutor.plain.commands import Command, index_of


class Settings:
    """What the learner has set; what is changed here holds from the next start."""

    def __init__(self, say: Callable[..., None], configuration: Configuration) -> None:
        self._say = say
        self._configuration = configuration

    def command(self) -> Command:
        return Command(
            SETTINGS,
            Message("the settings; with one of them, what it is about; with a value, to change it"),
            self._settings,
            Message("NAME VALUE"),
        )

    async def _settings(self, argument: str) -> None:
        wanted, _, value = argument.partition(" ")
        key = _find(wanted)
        if not wanted:
            self._say(*self._listed())
        elif key is None:
            self._say(Message("There is no setting {wanted}.", wanted=wanted), *self._listed())
        elif value and key in VALUES:
            self._change(key, value.strip())
        else:
            self._say(self._line(key), ABOUT[key])
            if key in VALUES:
                self._say(Message("It may be {what}.", what=EXPECTED[key]))

    def _listed(self) -> Iterator[Message]:
        yield from (self._line(key) for key in NAMES)
        yield Message(
            "With a number or a name you hear more; with a value behind it you change it: "
            "{settings} theme light",
            settings=SETTINGS,
        )

    def _line(self, key: str) -> Message:
        """A setting, its value and where that comes from."""
        value = getattr(self._configuration.settings, key)
        return Message(
            "{number}. {name} ({key}): {value}; from: {origin}.",
            number=list(NAMES).index(key) + 1,
            name=NAMES[key],
            key=key,
            value=value_words(key, value, symbols=False),
            origin=ORIGINS[self._configuration.origin(key)],
        )

    def _change(self, key: str, text: str) -> None:
        try:
            value = value_of(key, text.casefold())
        except ValueError:
            self._say(
                Message("{name} cannot be {given}.", name=NAMES[key], given=text),
                Message("It may be {what}.", what=EXPECTED[key]),
            )
            return
        self._configuration, said = change(self._configuration, key, value)
        self._say(self._line(key), said)


def _find(wanted: str) -> str | None:
    """A setting by its number, or by its name in the file."""
    place = index_of(wanted, len(NAMES))
    if place is not None:
        return list(NAMES)[place]
    return wanted.casefold() if wanted.casefold() in NAMES else None


SETTINGS = Message("/settings")
