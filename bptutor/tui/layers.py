"""The layers of a program, of which each has a colour for its names."""

import re
from collections.abc import Iterator, Mapping

from bptutor.tui.symbols import layer_role

_NAME = re.compile(r"([^\W\d]\w*)")


def by_name(text: str, layers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """A text in parts, each with the role of its colour; "" where it is no name of a layer."""
    for part in filter(None, _NAME.split(text)):
        yield part, layer_role(layers[part]) if part in layers else ""
