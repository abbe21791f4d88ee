"""The terminal is asked for its background, and its own cursor stands where one types."""

from __future__ import annotations

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import python
from tests.end_to_end.walker import Listening
from tests.keys import key_label

BEGIN = key_label("introduction", "begin")
LEARN = python("-m", "bptutor", "learn", "two-hidden-layers")
CURSOR = 25


class Telling(Listening):
    """A terminal that tells its background when it is asked."""

    REPLY = "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"
    told = False

    def _answer(self, written: bytes) -> None:
        super()._answer(written)
        if b"\x1b]11;?" in self.written and not self.told:
            self.told = True
            self.send(self.REPLY)


def test_the_colours_suit_the_background_and_a_late_reply_is_nothing_typed() -> None:
    with Telling(LEARN, environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for(BEGIN)
        assert CURSOR not in terminal.modes
        terminal.press("enter")
        terminal.wait_for("step 1/40")
        pass_example(terminal)
        terminal.send("1.4")
        terminal.wait_for("[1.4")
        assert terminal.told
        assert terminal.shades == {"38;2", "48;2"}
        terminal.wait_for(lambda now: CURSOR in now.modes)
        row, column = terminal.cursor
        assert terminal.lines[row][:column].endswith("1.4")
        half = len(Telling.REPLY) // 2
        for part in (Telling.REPLY[:half], Telling.REPLY[half:]):
            terminal.send(part)
            terminal.wait_for_quiet(0.3)  # a link that stops in the middle of it
        terminal.send("7")
        terminal.wait_for("[1.47 ")
        assert "rgb" not in terminal.text
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
        assert terminal.reads_lines
        assert CURSOR in terminal.modes
