"""The code of the steps that are done: its last lines, as many as there is room for."""

from collections.abc import Sequence

from bptutor.text import Message
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.panel import Panel
from bptutor.tui.widgets.text import Words


class CodePanel(Panel):
    def __init__(self, *, id: str | None = None) -> None:
        self._words = Words()
        super().__init__(self._words, id=id)
        self._code: list[str] = []

    def show(self, code: Sequence[str]) -> None:
        """Show lines of code; before there are any, what is going to stand here."""
        self._code = [line for line in code if line]
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        words, room = look_of(self).words, self.content_size.height
        coming = words(Message("The code of the steps that you finish appears here."))
        self.entitle(words(Message("TensorFlow code so far")))
        self._words.set_classes("-code" if self._code else "aside")
        self._words.show("\n".join(self._code[-room:]) or coming)
