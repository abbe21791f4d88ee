"""The program so far, over a step: to read, to copy, to save."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from bptutor.front.saving import save
from bptutor.text import Message
from bptutor.tui.screens.base import Dialog
from bptutor.tui.widgets.keys import Keys
from bptutor.tui.widgets.text import Words
from bptutor.views.lesson import Code

COPIED = Message("Copied. Some terminals do not allow it: then save the program, or select it.")


class CodeScreen(Dialog[None]):
    PLACE = "code"
    AUTO_FOCUS = "#code-text"

    def __init__(self) -> None:
        super().__init__()
        self.code: Code | None = None
        self.text = Words()
        self.scroll = VerticalScroll(self.text, id="code-text")
        self.outcome = Words(id="code-said")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self.words(Message("TensorFlow code so far")), classes="heading")
            yield from (self.scroll, self.outcome)
        yield Keys(id="keys")

    def show(self, code: Code) -> None:
        """Show it, its last lines in sight."""
        self.code = code
        self.text.show("\n".join(code.lines))
        self.say("")
        self.scroll.scroll_end(animate=False)

    def say(self, text: str) -> None:
        self.outcome.show(text)

    def action_copy(self) -> None:
        if self.code:
            self.app.copy_to_clipboard("".join(f"{line}\n" for line in self.code.lines))
            self.say(self.words(COPIED))

    def action_save(self) -> None:
        code = self.code

        async def work() -> None:
            if code:
                self.say(self.words(save(code)))

        self.frame.command(work)
