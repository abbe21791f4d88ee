"""The settings: what there is, what one of them is about, and a line that changes it."""

from collections.abc import Callable, Iterator

from bptutor.config.read import change
from bptutor.config.settings import ORIGINS, SETTINGS, Configuration, Setting
from bptutor.plain.commands import index_of
from bptutor.text import Message


class Settings:
    """What the learner has set; what is changed here holds from the next start."""

    def __init__(self, say: Callable[..., None], configuration: Configuration) -> None:
        self._say = say
        self._configuration = configuration

    def do(self, argument: str) -> None:
        """All of them, or one by its number or name, or a new value for it."""
        wanted, _, value = argument.partition(" ")
        setting = _find(wanted)
        if not wanted:
            self._say(*self._listed())
        elif setting is None:
            self._say(Message("There is no setting {wanted}.", wanted=wanted), *self._listed())
        elif value and setting.values:
            self._change(setting, value.strip())
        else:
            self._say(self._line(setting), setting.about)
            if setting.values:
                self._say(Message("Allowed values: {what}.", what=setting.expected))

    def _listed(self) -> Iterator[Message]:
        yield from (self._line(setting) for setting in SETTINGS.values())
        yield Message(
            "Type a number or name for details. Add a value to change it: {settings} theme light",
            settings=Message("/settings"),
        )

    def _line(self, setting: Setting) -> Message:
        """A setting, its value and where that comes from."""
        key = setting.key
        return Message(
            "{number}. {name} ({key}): {value}; from: {origin}.",
            number=list(SETTINGS).index(key) + 1,
            name=setting.name,
            key=key,
            value=setting.shown(self._configuration.value(key), symbols=False),
            origin=ORIGINS[self._configuration.origin(key)],
        )

    def _change(self, setting: Setting, text: str) -> None:
        try:
            value = setting.parse(text.casefold())
        except ValueError:
            self._say(
                Message("{name}: {given} is not allowed.", name=setting.name, given=text),
                Message("Allowed values: {what}.", what=setting.expected),
            )
            return
        self._configuration, said = change(self._configuration, setting.key, value)
        self._say(self._line(setting), said)


def _find(wanted: str) -> Setting | None:
    """A setting by its number, or by its name in the file."""
    place = index_of(wanted, len(SETTINGS))
    if place is not None:
        return list(SETTINGS.values())[place]
    return SETTINGS.get(wanted.casefold())
