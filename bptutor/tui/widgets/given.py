"""What a step gives: its formula, and what is known."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from bptutor.tui.figures import known_lines, side_by_side, stacked, zeros_dim
from bptutor.tui.symbols import Symbols, look_of
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import StepView

APART = 4
"""Cells between a formula and what is known beside it."""


def _known_lines(view: StepView, symbols: Symbols, width: int) -> list[str]:
    blocks = [known_lines(known, symbols, width) for known in view.knowns if known.relevant]
    return side_by_side(blocks, width)


class Given(Container):
    """The formula in a line and what is known below it, or fractions built up and it beside them.

    The heights of both add up to that of the whole.
    """

    def __init__(self) -> None:
        super().__init__(id="given")
        self.formula = Words(id="formula")
        self.knowns = Words(id="knowns")

    def compose(self) -> ComposeResult:
        yield from (self.formula, self.knowns)

    def plain_heights(self, view: StepView, width: int) -> tuple[int, int]:
        """Lines of the formula and of what is known, one below the other."""
        formula = Content(view.formula)
        lines = formula.get_height({}, width) if formula else 0
        return lines, len(_known_lines(view, look_of(self).symbols, width))

    def show_plain(self, view: StepView, width: int) -> None:
        """Show one below the other."""
        self.formula.show(view.formula)
        self.knowns.show(zeros_dim(_known_lines(view, look_of(self).symbols, width)))
        self.styles.layout = "vertical"
        self.formula.styles.width = "1fr"

    def build_up(self, view: StepView, width: int, spare: int) -> tuple[int, int] | None:
        """Build up the formula's fractions, if so many more lines are enough; the heights then.

        What is known stands beside it where it fits, else below it.
        """
        symbols = look_of(self).symbols
        lines = stacked(view.formula, symbols.rule)
        wide = max(map(cell_len, lines)) + APART
        if len(lines) == 1 or wide > width:
            return None
        known, beside = (_known_lines(view, symbols, room) for room in (width, width - wide))
        fits = max(map(cell_len, beside), default=0) <= width - wide
        cut, whole = ("".join(part).count(symbols.ellipsis) for part in (beside, known))
        fits = fits and cut == whole
        heights = (max(len(lines), len(beside)), 0) if fits else (len(lines), len(known))
        if max(0, sum(heights) - sum(self.plain_heights(view, width))) > spare:
            return None
        self.formula.show("\n".join(lines))
        self.formula.styles.width = wide if fits else "1fr"
        self.knowns.show(zeros_dim(beside if fits else known))
        self.styles.layout = "horizontal" if fits else "vertical"
        return heights
