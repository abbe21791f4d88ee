"""The layers of a program, of which each has a colour for its names."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bptutor.tui.symbols import layer_role
from bptutor.views.lesson import TapeLine

_NAME = re.compile(r"([^\W\d]\w*)")


def roles_of(tape: Sequence[TapeLine]) -> dict[str, str]:
    """The role of every quantity that is computed, and of every parameter where it is read first.

    A layer is a section of the program.
    """
    sections = list(dict.fromkeys(line.section for line in tape))
    roles: dict[str, str] = {}
    for line in tape:
        for name in (line.target, *line.parameters):
            roles.setdefault(name, layer_role(sections.index(line.section)))
    return roles


def by_name(text: str, roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A text in parts, each with its role; "" of what is no name of a layer."""
    for part in _NAME.split(text):
        if part:
            yield part, roles.get(part, "")
