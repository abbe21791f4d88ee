"""What reaches the terminal of the screen app."""

import io
from pathlib import Path

import pytest

from bptutor.config.settings import DEFAULT
from bptutor.text import Message
from bptutor.tui.log import logger, write_down
from bptutor.tui.output import Output
from tests.tui.learner import learning

BAD = "한\x1b]0;PWNED\x07\x9b2J\u202e글\u200b"


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    def fileno(self) -> int:
        return 1


def test_what_drives_the_terminal_reaches_it() -> None:
    terminal = Terminal()
    output = Output(terminal, lambda: (80, 24))
    output.write("\x1b[1;1H\x1b[31m한글\x1b[m")
    output.flush()
    assert terminal.getvalue() == "\x1b[1;1H\x1b[0;31m한글"


async def test_no_text_drives_the_terminal() -> None:
    configuration = DEFAULT.with_findings(Message("{key} is no setting", key=BAD))
    async with learning(None, configuration=configuration) as learner:
        assert r"한\x1b]0;PWNED\x07\x9b2J\u202e글\u200b is no setting" in learner.screen
        learner.app.room.say(BAD)
        await learner.settle()
        assert "한]0;PWNED2J글" in learner.screen
        assert all(line.isprintable() for line in learner.screen.splitlines())
    async with learning(at="z", lesson="one-neuron") as learner:
        await learner.paste(BAD.replace("\n", ""))
        await learner.press("enter")
        assert all(line.isprintable() for line in learner.screen.splitlines())


def test_no_line_of_a_log_drives_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_STATE_DIR", str(tmp_path / "state"))
    logger.cache_clear()
    try:
        path = write_down(f"first {BAD}", ValueError(BAD))
    finally:
        for handler in [*logger().handlers]:
            logger().removeHandler(handler)
            handler.close()
        logger.cache_clear()
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(r"ERROR first 한\x1b]0;PWNED\x07\x9b2J\u202e글\u200b")
    assert lines[-1] == r"ValueError: 한\x1b]0;PWNED\x07\x9b2J\u202e글\u200b"
    assert all(line.isprintable() for line in lines)
