"""How large the gradient of each layer is: a bar a layer, as the backward pass comes to it."""

from collections.abc import Sequence
from math import isnan
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from bptutor.text import significant
from bptutor.tui.figures import fit
from bptutor.tui.symbols import layer_role, look_of
from bptutor.views.picture import Norm

NUMBER = 9
"""Cells for a norm."""


class Norms(Widget, can_focus=False):
    DEFAULT_CSS = """
    Norms { height: 1fr; }
    Norms > .norms--there { color: $backward; }
    Norms > .norms--missing { color: $faint; text-style: $faint-style; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"norms--there", "norms--missing"}

    def __init__(self) -> None:
        super().__init__()
        self._norms: Sequence[Norm] = ()

    def show(self, norms: Sequence[Norm]) -> None:
        if norms != self._norms:
            self._norms = norms
            self.refresh()

    def render(self) -> Content:
        """Every layer, a line apart where there is room; else those around the current one."""
        width, height = self.content_size
        norms = self._norms
        if len(norms) > height:
            known = [i for i, norm in enumerate(norms) if norm.current or not isnan(norm.norm)]
            first = max(0, min(max(known, default=0) - height + 2, len(norms) - height))
            norms = norms[first : first + height]
        names = min(max((cell_len(norm.name) for norm in norms), default=0), width // 3)
        largest = max((norm.norm for norm in self._norms if not isnan(norm.norm)), default=0.0)
        gap = "\n\n" if 2 * len(norms) - 1 <= height else "\n"
        room = width - names - NUMBER - 1
        return Content(gap).join(self._line(norm, names, room, largest) for norm in norms)

    def _line(self, norm: Norm, names: int, room: int, largest: float) -> Content:
        symbols = look_of(self).symbols
        known = not isnan(norm.norm)
        # What is small is small beside the others: that is what there is to see.
        full = round(room * norm.norm / largest) if known and largest else 0
        number = significant(norm.norm, 3) if known else "?" if norm.current else symbols.dot
        name = Content(f"{fit(norm.name, names, symbols.ellipsis)} ")
        if norm.layer is not None:
            name = name.stylize(f"${layer_role(norm.layer)}")
        return Content.assemble(
            name.stylize("bold") if norm.current else name,
            Content(symbols.full * full).stylize(self.get_visual_style("norms--there")),
            Content(symbols.empty * (room - full)).stylize(self.get_visual_style("norms--missing")),
            Content(number.rjust(NUMBER)),
        )
