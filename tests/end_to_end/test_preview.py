"""`bptutor learn FILE` follows the file, whatever its author makes of it."""

from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_learn import bptutor

LESSON = 'program = "z = w * x"\nloss = "z"\nwatch = ["w"]\n[values]\nw = 2.0\nx = 3.0\n'


@pytest.mark.whole
def test_the_screen_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LESSON)
    with Terminal(bptutor("learn", str(path))) as terminal:
        terminal.wait_for("mine")
        terminal.press("enter")
        terminal.wait_for("z = w * x")
        terminal.press("f2")  # a hint takes TensorFlow, so it is there afterwards
        terminal.wait_for("Hint 1")
        path.write_text(LESSON.replace("w * x", "w * x ** 2"))
        terminal.wait_for("z = w * x²")
        terminal.wait_for("The lesson file has changed.")
        path.write_text(LESSON.replace("w * x", "w *"))
        terminal.wait_for("A value is missing after")
        path.write_text(LESSON.replace("w * x", "w * x / 4"))
        terminal.wait_for("z = w * x / 4")
