"""The line of keys at the bottom: the ones that matter, as many as there is room for.

Textual's own Footer makes new widgets whenever the focus moves; this one is a line of text.
"""

from collections.abc import Sequence, Set
from typing import Any

from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from bptutor.text import Message
from bptutor.tui.figures import shape_text
from bptutor.tui.keymap import key_name, told_keys
from bptutor.tui.symbols import look_of
from bptutor.views.lesson import Known

GAP = "  "
WIDEST = 78
"""Cells from the first of the keys to the end of the last, where they need no more."""
USUAL, WIDE = 60, 100
"""Columns from which on the key of the palette is told: where function keys do not arrive; else."""


def _rank(active: ActiveBinding) -> int:
    """Where a binding stands among those of its node: a learner's other key comes in its place."""
    ids = [binding.id for binding in active.node.BINDINGS if isinstance(binding, Binding)]
    return ids.index(active.binding.id) if active.binding.id in ids else len(ids)


def keys_of(screen: Screen[Any]) -> list[tuple[Binding, bool]]:
    """The keys that do something there now, an action once, the app's own (`True`) last."""
    keys: dict[str, list[tuple[Binding, bool]]] = {}
    for node, binding, enabled, _ in sorted(screen.active_bindings.values(), key=_rank):
        if binding.show and enabled:
            keys.setdefault(binding.action, []).append((binding, node is screen.app))
    kept = look_of(screen).kept_keys
    told = [_told(bindings, kept) for bindings in keys.values()]
    return sorted(told, key=lambda key: key[1])


def _told(bindings: Sequence[tuple[Binding, bool]], kept: Set[str]) -> tuple[Binding, bool]:
    """Of the bindings of one action the one to tell."""
    key = told_keys([binding.key for binding, _ in bindings], kept)[0]
    return next(each for each in bindings if each[0].key == key)


class Keys(Static):
    """The keys of the screen it stands on, which can be clicked too.

    While a name is being typed, what it may become stands in their place.
    """

    suggested: Sequence[Known] = ()

    def suggest(self, knowns: Sequence[Known]) -> None:
        if list(knowns) != list(self.suggested):
            self.suggested = knowns
            self.refresh_keys()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh_keys())

    def on_resize(self) -> None:
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Write the screen's keys that fit, and always the app's (help, quit) after them.

        All but the first end at one column: what does not change stays where it is, and need not
        be sent again.
        """
        if not self.screen.is_current:
            return
        if self.suggested:
            self._show(self._names())
            return
        screens: list[Content] = []
        apps: list[Content] = []
        needed = USUAL if look_of(self).kept_keys else WIDE
        for binding, of_app in keys_of(self.screen):
            if binding.id == "palette" and self.size.width < needed:
                continue
            (apps if of_app else screens).append(self.key(binding, of_app))
        room = self.size.width - sum(part.cell_length + len(GAP) for part in apps)
        fitting: list[Content] = []
        for part in screens:
            room -= part.cell_length + len(GAP)
            if room + len(GAP) >= 0:
                fitting.append(part)
        fitting += apps
        first, rest = Content(GAP).join(fitting[:1]), Content(GAP).join(fitting[1:])
        gap = min(self.size.width, WIDEST) - first.cell_length - rest.cell_length
        self._show(Content.assemble(first, " " * max(len(GAP), gap), rest))

    def _show(self, content: Content) -> None:
        if content != self.content:
            self.update(content, layout=False)

    def _names(self) -> Content:
        """The names that fit, the first of which is the one suggested."""
        names, room = [], self.size.width
        for known in self.suggested:
            shape = shape_text(known.matrix.shape)
            name = Content.assemble((known.typed, "bold"), f" {shape}" if shape else "")
            room -= name.cell_length + len(GAP)
            if room + len(GAP) >= 0:
                names.append(name)
        return Content(GAP).join(names)

    def key(self, binding: Binding, of_app: bool) -> Content:
        click = Style.from_meta({"@click": f"{'app' if of_app else 'screen'}.{binding.action}"})
        look = look_of(self)
        label = look.words(Message(binding.description))
        return Content.assemble(
            (key_name(binding.key, look.language), "bold"), f" {label}"
        ).stylize(click)
