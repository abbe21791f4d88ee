"""The settings. A setting is one field of `Settings`, from which all else about it is read."""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from bptutor.text import Message, significant
from bptutor.text.numbers import LEAST, MOST, SHOWN
from bptutor.text.printable import shown_address

Theme: TypeAlias = Literal["auto", "dark", "light", "terminal"]
Profile: TypeAlias = Literal["normal", "slow"]
Origin: TypeAlias = Literal["command line", "environment", "user", "lab", "default"]
Words: TypeAlias = Message | str

KEY = r"^[a-z0-9_]{2,}(\+[a-z0-9_]+)*(,[a-z0-9_]{2,}(\+[a-z0-9_]+)*)*$"  # no characters: fields
ADDRESS = r"^$|^[a-z][a-z0-9+]*://"
FOLDER = r"^/[^\0:]+$"  # an absolute path without the sign between two of them
SOCKET = r"^$|^/[^\0]{0,106}$"  # an absolute path, as long as the address of a socket may be
PREFIX = "BPTUTOR_"
YES_AND_NO = {"1": True, "yes": True, "on": True, "0": False, "no": False, "off": False}
"""What may be typed for true and false, besides those words."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    name: Message
    about: Message
    values: Mapping[Any, Words] = field(default_factory=dict)  # with labels; empty: the file alone
    words: Callable[[Any], Words] | None = None  # the label, where the file takes more
    takes: Message | None = None  # what the file takes, if not one of `values`
    variable_takes: Message | None = None  # if the environment variable is written otherwise
    at_once: bool = False  # Does a change show at once? Else it holds from the next start.
    option: str = ""  # the command line's option, as click takes it
    flag: str | None = None  # the value of an option that takes none
    help: str = ""  # the option's help: a key of the catalogue
    variable: str = ""  # the environment variable, by default `BPTUTOR_` and the key
    key: str = ""
    attribute: str = ""  # of `Settings`: the key, and `_` behind a word of Python's own
    type: Any = None

    @property
    def expected(self) -> Message:
        """What the file takes."""
        return self.takes or Message("one of {choices}", choices=", ".join(self.values))

    def convert(self, value: Any) -> Any:
        """Check a value of the file. Raises ValueError."""
        return msgspec.convert(value, self.type)

    def parse(self, typed: str) -> Any:
        """The value that a person typed, or a variable has. Raises ValueError."""
        value: Any = typed
        if self.is_table:
            value = dict(part.split("=", 1) for part in typed.split())
        elif get_origin(self.type_itself) is tuple:
            value = typed.split(os.pathsep)
        elif self.type_itself is bool:
            value = YES_AND_NO.get(typed.lower(), typed.lower())
        return msgspec.convert(value, self.type, strict=False)

    def shown(self, value: Any, *, symbols: bool) -> Words:
        """The label of a value; without `symbols` in ASCII, or as the file has it."""
        words = self.words(value) if self.words else self.values[value]
        return words if isinstance(words, Message) or words.isascii() or symbols else str(value)

    @property
    def is_table(self) -> bool:
        """Is each of its lines checked on its own?"""
        return get_origin(self.type_itself) is dict

    @property
    def type_itself(self) -> Any:
        """The type without its annotations."""
        return get_args(self.type)[0]


def _minutes(value: float) -> Words:
    if not value:
        return Message("never")
    return Message("{minutes} minutes", minutes=significant(value))


class Settings(Struct, frozen=True, kw_only=True):
    """The settings, in the order of the settings screen."""

    language: Annotated[
        Literal["auto", "en", "ko"],
        Setting(
            name=Message("Language"),
            about=Message("Automatic: follow the locale."),
            values={"auto": Message("automatic"), "en": "English", "ko": "한국어"},
            variable="BPTUTOR_LANG",
            option="--lang",
            help=Message("The language (default: BPTUTOR_LANG, then the locale).").text,
        ),
    ] = "auto"
    theme: Annotated[
        Theme,
        Setting(
            name=Message("Colours"),
            about=Message(
                "Automatic: colours that suit the terminal's background. Dark and light paint a "
                "background, too. These need 256 colours; with fewer, or with NO_COLOR, bptutor "
                "keeps the terminal's own."
            ),
            values={
                "auto": Message("automatic"),
                "dark": Message("dark"),
                "light": Message("light"),
                "terminal": Message("the terminal's own"),
            },
            at_once=True,
            option="--theme",
            help=Message(
                "The colours: the terminal's own, dark or light (default: your setting)."
            ).text,
        ),
    ] = "auto"
    notation: Annotated[
        Literal["auto", "unicode", "ascii", "spoken"],
        Setting(
            name=Message("Notation"),
            about=Message(
                "How to write formulas: with mathematical symbols, or as dL_dW if the terminal "
                "lacks them or draws them too wide. Automatic: follow the locale. Spoken: text "
                "mode writes them in words, for screen readers."
            ),
            values={
                "auto": Message("automatic"),
                "unicode": "∂L/∂W",
                "ascii": "dL_dW",
                "spoken": Message("spoken"),
            },
            option="--notation",
            help=Message(
                "How to write gradients: ∂L/∂W, dL_dW, or in words in text mode (default: your "
                "setting, or what the terminal supports)."
            ).text,
        ),
    ] = "auto"
    mouse: Annotated[
        bool,
        Setting(
            name=Message("Mouse"),
            about=Message("When off, you can select text in the terminal as usual."),
            values={True: Message("used by bptutor"), False: Message("left to the terminal")},
            takes=Message("true or false"),
            option="--mouse/--no-mouse",
            help=Message(
                "Use the mouse, or leave it to the terminal for selecting text (default: your "
                "setting)."
            ).text,
        ),
    ] = True
    profile: Annotated[
        Profile,
        Setting(
            name=Message("Connection"),
            about=Message(
                "For a slow connection, bptutor draws less, and less often. It draws no curves "
                "during training and uses the terminal's own colours."
            ),
            values={"normal": Message("normal"), "slow": Message("slow")},
            at_once=True,
            option="--slow",
            flag="slow",
            help=Message("For a slow connection: draw less, and less often.").text,
        ),
    ] = "normal"
    idle_minutes: Annotated[
        float,
        Meta(ge=0, le=1_000_000),
        Setting(
            name=Message("Idle timeout"),
            about=Message(
                "After this long without a key press, bptutor unloads TensorFlow to free memory. "
                "It loads again when you continue."
            ),
            values={minutes: _minutes(minutes) for minutes in (5.0, 10.0, 30.0, 60.0, 0.0)},
            words=_minutes,
            takes=Message("a number of minutes, or 0 for never"),
        ),
    ] = 10.0
    record: Annotated[
        str,
        Meta(pattern=ADDRESS),
        Setting(
            name=Message("Record"),
            about=Message(
                "Where bptutor saves your answers. To change it, edit the config file; see "
                "docs/lab.md."
            ),
            words=lambda url: shown_address(url) if url else Message("in your data folder"),
            takes=Message(
                "the address of a database, such as sqlite:////a/path/record.sqlite or "
                "postgresql://host/name"
            ),
        ),
    ] = ""
    class_: Annotated[
        str,
        Meta(pattern=SOCKET),
        Setting(
            name=Message("Class"),
            about=Message(
                "The socket of your class, which keeps your answers. To change it, edit the config "
                "file; see docs/lab.md."
            ),
            words=lambda path: path or Message("none"),
            takes=Message("the path of a socket, such as /run/bptutor/class.sock"),
        ),
    ] = ""
    lessons: Annotated[
        tuple[Annotated[str, Meta(pattern=FOLDER)], ...],
        Setting(
            name=Message("Lessons"),
            about=Message(
                "Folders with more lessons for the menu. To change them, edit the config file; see "
                "docs/lab.md."
            ),
            words=lambda folders: ", ".join(folders) or Message("those of bptutor"),
            takes=Message('a list of folders, such as ["/srv/course"]'),
            variable_takes=Message("folders with : between them, such as /srv/course:/srv/more"),
        ),
    ] = ()
    precision: Annotated[
        int,
        Meta(ge=LEAST, le=MOST),
        Setting(
            name=Message("Digits"),
            about=Message(
                "Significant digits of known values. bptutor accepts answers computed from the "
                "displayed values; three digits are enough."
            ),
            values={figures: str(figures) for figures in range(LEAST, MOST + 1)},
            takes=Message("a number from {least} to {most}", least=LEAST, most=MOST),
        ),
    ] = SHOWN
    keys: Annotated[
        dict[str, Annotated[str, Meta(pattern=KEY)]],
        Setting(
            name=Message("Other keys"),
            about=Message('Set these in the config file, for example: keys.help = "f13,ctrl+g"'),
            words=lambda keys: " ".join(f"{name}={key}" for name, key in keys.items()) or "-",
            takes=Message('action names with their keys, such as help = "f11" or quit = "ctrl+g"'),
            variable_takes=Message("action names with their keys, such as: help=f11 quit=ctrl+g"),
        ),
    ] = {}


def _setting(name: str, annotated: Any) -> Setting:
    (setting,) = (data for data in annotated.__metadata__ if isinstance(data, Setting))
    key = name.removesuffix("_")
    variable = setting.variable or PREFIX + key.upper()
    return dataclasses.replace(setting, attribute=name, key=key, type=annotated, variable=variable)


_ALL = (_setting(one.name, one.type) for one in msgspec.structs.fields(Settings))
SETTINGS = {setting.key: setting for setting in _ALL}  # by their keys in the file

ORIGINS: dict[Origin, Message] = {
    "command line": Message("command line"),
    "environment": Message("environment"),
    "user": Message("your file"),
    "lab": Message("the lab's file"),
    "default": Message("default"),
}


@dataclass(frozen=True)
class Configuration:
    """The settings, where each comes from, and what could not be used."""

    settings: Settings = field(default_factory=Settings)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    findings: tuple[Message, ...] = ()

    def value(self, key: str) -> Any:
        return getattr(self.settings, SETTINGS[key].attribute)

    def origin(self, key: str) -> Origin:
        return self.origins.get(key, "default")

    def with_findings(self, *more: Message) -> Self:
        return type(self)(self.settings, self.origins, (*self.findings, *more))

    def under(self, origin: Origin, values: Mapping[str, Any]) -> Self:
        """With these values over the present ones; None changes nothing."""
        given = {key: value for key, value in values.items() if value is not None}
        changed = {
            SETTINGS[key].attribute: {**self.value(key), **value}
            if SETTINGS[key].is_table
            else value
            for key, value in given.items()
        }
        return type(self)(
            msgspec.structs.replace(self.settings, **changed),
            {**self.origins, **dict.fromkeys(given, origin)},
            self.findings,
        )


DEFAULT = Configuration()


def ignored(finding: Message) -> Message:
    return Message("Ignored setting: {finding}", finding=finding)
