"""A step's question, the answer's fields, what was said, and what TensorFlow says."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message as Event
from textual.widget import Widget

from bptutor.literals import IN_LETTERS
from bptutor.text import Message
from bptutor.tui.figures import (
    in_columns,
    known_line,
    known_lines,
    other_knowns,
    side_by_side,
    zeros_dim,
)
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.answer import AnswerInput
from bptutor.tui.widgets.entry import Entry
from bptutor.tui.widgets.given import Given
from bptutor.tui.widgets.side import knowns_beside
from bptutor.tui.widgets.table import Table, matrix_table, update_table
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Grid, Result, StepView


def result_words(result: Result, says: str) -> Content:
    """The line of TensorFlow and what it says, as in a Python session."""
    if not result.code:
        return Content(says)
    line = Content(f">>> {result.code}").stylize("bold")
    return Content.assemble(line, f"\n{says}") if says else line


MOST_ROWS, FEWEST_ROWS = 13, 6
"""Lines of a table among the text, at most, and where there is little room for it."""
FEEDBACK = 2
"""Lines kept free for the verdict in words, so that a check moves nothing."""
FEWEST_EXTRAS = 4
"""Fewer lines are no room for what else is known, nor for code."""
AIR = 5
"""Blank lines between the parts where there is room for them (see `_set_apart`)."""


class StepBody(VerticalScroll, can_focus=False):
    """The parts of a step, one below the other.

    Where there is too little room for all, what has done its duty goes first: see `_leaving`.
    """

    def __init__(self, message: Words) -> None:
        """`message` is where the screen says something."""
        super().__init__(id="body")
        self.view: StepView | None = None
        self._airy = self._parted = self._stacked = self._named = self._framed = False
        self._panels = 0
        """Parts of the worked example that are shown; 0 where the question is."""
        self.seen = True
        """Has the question been drawn since the example gave way to it?"""
        self.example = Words(id="example")
        self.question = Words(id="question")
        self.given = Given()
        self.formula, self.knowns = self.given.formula, self.given.knowns
        self.others = Words(id="others", classes="aside")
        self.code = Words(id="code", classes="aside")
        self.remarks = Words(id="remarks", classes="aside")
        self.entry = Entry()
        self.filled = Table(id="filled")
        self.message = message
        self.hints = Words(id="hints")
        self.derived = Words(id="derived")
        self.result = Words(id="result")
        self.update_table = Table(id="update")

    def compose(self) -> ComposeResult:
        yield self.example
        yield from (self.question, self.given, self.remarks, self.entry)
        yield from (self.filled, self.message, self.hints, self.derived, self.result)
        yield from (self.update_table, self.others, self.code)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    async def present(self, view: StepView, typing: bool = False, reopened: bool = False) -> None:
        """Show a step: another one, or the same one after something has happened.

        With `typing`, there is something in the fields that the service has not heard of. What is
        `reopened` is another one, as like as it may look.
        """
        before = self.view
        still = (
            before is not None
            and _place(before) == _place(view)
            and _layout(before.grid) == _layout(view.grid)
        )
        same = still and not reopened
        typing = typing and still and view.stage == "open"
        self.view = view
        self.question.show(view.question)
        for part in (self.formula, self.derived):
            part.set_classes(f"-{view.kind}")
        await self.entry.present(view, same, typing, self._width)
        if view.grid.filled:  # the cells that are asked are gaps in it
            table = matrix_table(view.name, view.grid.filled, look_of(self), "_")
            self.filled.fill(*table, framed=True)
        self._show_message(view)
        left = same and self.in_example and not view.example  # as a hint does
        if not same or not view.example:
            self._panels = min(1, len(view.example))
        if view.result and view.result.update:
            self.update_table.fill(*update_table(view.result.update, look_of(self)))
        self.plan(fresh=not same)
        if not same:
            self.scroll_home(animate=False, immediate=True)
        if not same or left:
            self._focus()

    # ── the worked example before the question ────────────────────────────────────────────────

    @property
    def in_example(self) -> bool:
        return self._panels > 0

    def next_panel(self) -> None:
        """The next part of the example; after the last one the question."""
        if self.view and self._panels < len(self.view.example):
            self._panels += 1
            self.message.show("")
            self.plan()
            self.scroll_end(animate=False, immediate=True)
        else:
            self.pass_example()

    def pass_example(self) -> None:
        """To the question."""
        self._panels = 0
        self.seen = False
        self.call_after_refresh(setattr, self, "seen", True)
        self.plan(fresh=True)
        self.scroll_home(animate=False, immediate=True)
        self.screen.set_focus(self.entry.first, scroll_visible=False)  # at once: more keys follow

    def _focus(self) -> None:
        if self.in_example:
            self.screen.set_focus(None)
        else:
            self.entry.focus_answer()

    def say(self, text: str) -> None:
        """Say something that is not the service's verdict; below an example, too."""
        self.message.set_classes("")
        self.message.show(text)
        self.plan()
        self._bring_into_sight(self.message)

    def _show_message(self, view: StepView) -> None:
        self.message.set_classes(f"-{view.tone}" if view.tone else "")
        given = Message("No answer needed: TensorFlow computed this step.")
        self.message.show(
            view.message or (look_of(self).words(given) if view.stage == "worked" else "")
        )

    def show_verdict(self) -> None:
        """After a check: to the first field that is not right yet, and to the message."""
        self.entry.focus_answer()
        self._bring_into_sight(self.message)

    def show_hint(self) -> None:
        """After a hint was asked for: to the latest."""
        self._bring_into_sight(self.hints)

    def _bring_into_sight(self, part: Widget) -> None:
        """Show what has just been said, once it has its place."""
        if part.display and self.view:
            self.call_after_refresh(self.scroll_to_widget, part, animate=False, immediate=True)

    def on_input_changed(self, event: AnswerInput.Changed) -> None:
        """A verdict goes once something else is typed; what is typed comes into sight."""
        if not self.entry.keeps_verdict(event.input) and event.input.has_focus:
            self.message.set_classes("")
        if self.max_scroll_y and event.value and event.input.has_focus:
            event.input.scroll_visible(animate=False)

    # ── what there is room for ────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        if self.view:
            self.entry.fit_to(self._width)
            self.plan(fresh=True)

    @property
    def _width(self) -> int:
        return max(20, self.outer_size.width - self.gutter.width - 1)

    def plan(self, fresh: bool = False) -> None:
        """Show as much as there is room for; `fresh` where nothing need stay where it is."""
        view = self.view
        large = self.screen.has_class("-tall") or self.screen.has_class("-wide")
        room = self.outer_size.height - large
        if not view or room < 1:
            return
        if fresh or self.example.display is not self.in_example:
            # Textual draws what differs from the places of the parts as it knew them last. Where
            # it looked them up after this change (as it does after a dialog), nothing differs.
            self.refresh()
        self.example.display = self.in_example
        if self.in_example:
            self.example.show("\n".join(view.example[: self._panels]))
            for part in self.children:
                part.display = part is self.example
            self.message.display = bool(self.message.content)
            self._frame(large)
            return
        self._write(view)
        heights = self._heights(view)
        reserve = FEEDBACK if view.stage == "open" and not view.message else 0
        spare = room - sum(heights.values()) - reserve
        # Within a step lines are only ever taken away, so that nothing jumps up and down.
        may = (fresh or self._stacked) and not look_of(self).slow  # where rules are not drawn
        built_up = self.given.build_up(view, self._width, spare) if may else None
        self._stacked = built_up is not None
        if built_up:
            heights[self.formula], heights[self.knowns] = built_up
        else:
            self.given.show_plain(view, self._width)
        spare = room - sum(heights.values()) - reserve
        named = view.asks_value and self.entry.grid.has_columns and heights[self.entry] > 0
        self._named = named and spare >= 1 and (fresh or self._named)
        self.entry.grid.name_columns(self._named)
        heights[self.entry] += self._named
        spare -= self._named
        usual = self.screen.has_class("-usual-height") and not self.screen.has_class("-narrow")
        frames = usual and (fresh or self._framed or view.stage != "open")
        framed = frames and spare >= 1
        room -= framed
        spare -= framed
        self._airy = spare >= AIR and (fresh or self._airy)
        self._parted = spare >= 1 and (fresh or self._parted)
        self._set_apart()
        for part in self._leaving(view):
            over = sum(heights.values()) - room
            if over > 0 and heights[part]:
                heights[part] = self._shortened(part, view, heights[part] - over)
        taken = sum(heights.values()) + reserve + self._parted + AIR * self._airy
        self._frame(large or framed or (frames and taken < room))
        for part, height in heights.items():
            part.display = height > 0
        self.given.display = True
        if self._stacked and not heights[self.knowns]:
            self.knowns.display = bool(self.knowns.content)  # beside the formula
        self._fill_up(view, room - sum(heights.values()) - AIR - reserve)

    class Framed(Event):
        """There is room for a frame, or there is none any more."""

        def __init__(self, on: bool) -> None:
            super().__init__()
            self.on = on

    def _frame(self, on: bool) -> None:
        if on is not self._framed:
            self._framed = on
            self.post_message(self.Framed(on))

    def _set_apart(self) -> None:
        """Blank lines between the parts, where there is room for all of them or for one.

        (As classes in the style sheet they would have the styles of every part worked out again.)
        """
        airy, parted = int(self._airy), int(self._parted)
        below = (0, 0, airy, 0)
        self.formula.styles.margin = self.knowns.styles.margin = self.remarks.styles.margin = below
        self.message.styles.margin = (airy, 0, airy, 0)
        self.entry.styles.margin = (parted, 0, 0, 0)

    def _fill_up(self, view: StepView, room: int) -> None:
        """What else is known, and the code, where a tall terminal has the room for it.

        On a wide one the code has a place of its own.
        """
        symbols, wide = look_of(self).symbols, self.screen.has_class("-wide")
        width = self._width // 2
        others = [] if wide and knowns_beside(view) else other_knowns(view)
        lines = side_by_side([known_lines(k, symbols, self._width) for k in others], self._width)
        if len(lines) + 2 > room:
            short = [known_line(known, symbols.ellipsis, width - 2) for known in others]
            lines = in_columns(short, 2, width)
        for part, heading, text, first in (
            (self.others, Message("Other known values"), lines, True),
            (self.code, Message("TensorFlow code so far"), [] if wide else view.code, False),
        ):
            fitting = min(len(text), room - 2) if room > FEWEST_EXTRAS else 0
            shown = text[:fitting] if first else text[len(text) - fitting :]
            if first and 0 < fitting < len(text):
                shown[-1] += f"  {symbols.ellipsis}"
            part.show(zeros_dim([look_of(self).words(heading), *shown]) if shown else "")
            room -= fitting + 2

    def _leaving(self, view: StepView) -> list[Widget]:
        """What has done its duty, in the order in which it goes; only that."""
        if view.stage == "open":
            answered = view.hints or view.message
            return [self.filled, self.hints, self.remarks] if answered else [self.filled]
        if view.stage == "shown" and not self.entry.shows_answer(view):
            # Whoever looks back at a mistake wants the right product, and no fields that are empty.
            product, cells = self.entry.typed
            empty: list[Widget] = [] if any((product, *cells)) else [self.entry]
            done = [self.remarks, self.hints, self.filled, self.knowns]
            return [*empty, *done, self.result, self.update_table]
        leaving: list[Widget] = [self.remarks, self.hints, self.derived, self.filled, self.knowns]
        if view.result and view.result.update:
            leaving.append(self.entry)
        return [*leaving, self.result, self.update_table]

    def _shortened(self, part: Widget, view: StepView, wanted: int) -> int:
        """Make a part shorter where it can be, else take it away; the lines it still takes."""
        if part is self.hints and view.stage == "open" and view.hints:
            self.hints.show(self._hints(view)[-1])
            return self.hints.height_at(self._width)
        if part is self.result and view.result:
            says = self._says(view, view.result).splitlines()[: wanted - 2]
            cut = [*says, look_of(self).symbols.ellipsis] if wanted > 2 else []
            self.result.show(result_words(view.result, "\n".join(cut)))
            return self.result.height_at(self._width)
        if isinstance(part, Table):
            height = min(part.height, max(FEWEST_ROWS, wanted))
            part.styles.height = height
            return height
        return 0

    def _heights(self, view: StepView) -> dict[Widget, int]:
        extras = (self.others, self.code, self.example)
        heights: dict[Widget, int] = {
            part: part.height_at(self._width)
            for part in (*self.given.children, *self.children)
            if isinstance(part, Words) and part not in extras
        }
        heights[self.formula], heights[self.knowns] = self.given.plain_heights(view, self._width)
        heights[self.entry] = self.entry.lines
        updated = view.result is not None and view.result.update is not None
        tables = {
            self.filled: view.grid.filled is not None
            and not updated
            and not self.entry.grid.completes,
            self.update_table: updated,
        }
        for table, wanted in tables.items():
            heights[table] = min(MOST_ROWS, table.height) if wanted else 0
            table.styles.height = heights[table]
        return heights

    def _write(self, view: StepView) -> None:
        """The texts whose form depends on the width, and those that may be taken away."""
        self.remarks.show("\n".join(view.remarks))
        self.hints.show("\n".join(self._hints(view)))
        result = view.result
        # Of a line of code the result has the whole line.
        derived = (result.product if result and view.kind != "code" else None) or ""
        is_formula = derived and view.kind in IN_LETTERS
        self.derived.show(f"{view.name} = {derived}" if is_formula else derived)
        self.result.show(result_words(result, self._says(view, result)) if result else "")

    def _says(self, view: StepView, result: Result) -> str:
        """What TensorFlow prints; on a slow link not the numbers that are in the fields anyway."""
        there = view.stage == "solved" or self.entry.shows_answer(view)
        in_fields = view.asks_value and bool(result.code) and there
        return "" if in_fields and look_of(self).slow else result.says

    def _hints(self, view: StepView) -> list[str]:
        words = look_of(self).words
        return [
            words(Message("Hint {number}: {text}", number=number, text=text))
            for number, text in enumerate(view.hints, 1)
        ]


def _place(view: StepView) -> tuple[object, ...]:
    """Which step it is, whichever service says so: after a lost one, sessions are others.

    In a quiz the same step may come more than once, on other numbers.
    """
    quiz = view.quiz
    place = (view.index, quiz.code) if quiz else ()
    return (view.lesson, view.part, view.iteration, view.step, *place)


def _layout(grid: Grid) -> tuple[int, int, list[tuple[int, int]]]:
    return grid.rows, grid.columns, [(asked.row, asked.column) for asked in grid.asked]
