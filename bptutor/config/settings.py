"""The settings, key by key, and where each one comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from bptutor.locale import Message
from bptutor.locale.figures import LEAST, MOST, SHOWN

Theme: TypeAlias = Literal["terminal", "dark", "light"]
Profile: TypeAlias = Literal["normal", "slow"]
Origin: TypeAlias = Literal["command line", "environment", "user", "lab", "default"]

KEY = r"^[a-z0-9_]{2,}(\+[a-z0-9_]+)*(,[a-z0-9_]{2,}(\+[a-z0-9_]+)*)*$"
"""One key or several, none of them a character: a field takes those."""

ADDRESS = r"^$|^[a-z][a-z0-9+]*://"


class Settings(Struct, frozen=True, kw_only=True):
    """What can be set; README.md tells learners about each."""

    language: Literal["auto", "en", "ko"] = "auto"
    theme: Theme = "terminal"
    notation: Literal["auto", "unicode", "ascii"] = "auto"
    mouse: bool = True
    profile: Profile = "normal"
    idle_minutes: Annotated[float, Meta(ge=0, le=1_000_000)] = 10.0
    """Minutes without a key after which the service gives its memory back; 0 for never."""
    record: Annotated[str, Meta(pattern=ADDRESS)] = ""
    """The address of the database of the record; nothing for a file in the data directory."""
    precision: Annotated[int, Meta(ge=LEAST, le=MOST)] = SHOWN
    """Significant figures that known quantities are shown to."""
    keys: dict[str, Annotated[str, Meta(pattern=KEY)]] = {}
    """Other keys for what the app does, by the name of what they do."""


EXPECTED: dict[str, Message] = {
    "language": Message("one of auto, en, ko"),
    "theme": Message("one of terminal, dark, light"),
    "notation": Message("one of auto, unicode, ascii"),
    "mouse": Message("true or false"),
    "precision": Message("a number from {least} to {most}", least=LEAST, most=MOST),
    "profile": Message("one of normal, slow"),
    "idle_minutes": Message("a number of minutes, or 0 for never"),
    "record": Message(
        "the address of a database, as in sqlite:////a/path/record.sqlite or postgresql://host/name"
    ),
    "keys": Message(
        'names of actions with their keys, as in help = "f11"; a key is f11, ctrl+g or the like'
    ),
}

VARIABLES = {
    "language": "BPTUTOR_LANG",
    "theme": "BPTUTOR_THEME",
    "notation": "BPTUTOR_NOTATION",
    "mouse": "BPTUTOR_MOUSE",
    "precision": "BPTUTOR_PRECISION",
    "profile": "BPTUTOR_PROFILE",
    "idle_minutes": "BPTUTOR_IDLE_MINUTES",
    "record": "BPTUTOR_RECORD",
    "keys": "BPTUTOR_KEYS",
}
"""The environment's variable for each key."""

ORIGINS: dict[Origin, Message] = {
    "command line": Message("command line"),
    "environment": Message("environment"),
    "user": Message("your file"),
    "lab": Message("the lab's file"),
    "default": Message("default"),
}
"""Where a setting comes from, in words."""


@dataclass(frozen=True)
class Configuration:
    """The settings that hold, where each comes from, and what could not be used."""

    settings: Settings = field(default_factory=Settings)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    findings: tuple[Message, ...] = ()

    def origin(self, key: str) -> Origin:
        """Where a setting comes from."""
        return self.origins.get(key, "default")

    def with_findings(self, *more: Message) -> Configuration:
        """With these findings after those that there are."""
        return Configuration(self.settings, self.origins, (*self.findings, *more))

    def under(self, origin: Origin, values: Mapping[str, Any]) -> Configuration:
        """With these values over the ones that there are; those that are None leave them."""
        given = {key: value for key, value in values.items() if value is not None}
        changed = dict(given)
        if "keys" in given:
            changed["keys"] = {**self.settings.keys, **given["keys"]}
        return Configuration(
            replace(self.settings, **changed),
            {**self.origins, **dict.fromkeys(given, origin)},
            self.findings,
        )


DEFAULT = Configuration()
"""Nothing is set."""


def ignored(finding: Message) -> Message:
    """The sentence for something that could not be used."""
    return Message("Ignored in the configuration: {finding}", finding=finding)


def shown_address(url: str) -> str:
    """The address of a database without what is nobody else's business, a password above all."""
    kind, separator, _ = url.partition("://")
    return f"{kind}://..." if separator and not kind.startswith("sqlite") else url
