"""What reaches the terminal of the screen app."""

import io

from bptutor.tui.driver import Output


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    def fileno(self) -> int:
        return 1


def test_nothing_unseen_reaches_the_terminal_and_all_else_does() -> None:
    terminal = Terminal()
    Output(terminal).write("\x1b[1;1H\x1b[31m한\u202e글\u200b ∂L\x9b2J\u2066 ⊙\ufeff\x1b[m")
    assert "한글 ∂L2J ⊙" in terminal.getvalue()
    assert terminal.getvalue().startswith("\x1b[1;1H\x1b[0;31m")
