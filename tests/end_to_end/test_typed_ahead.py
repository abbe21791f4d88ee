"""Answers typed ahead in one burst, as a link that stalled delivers them, in a real terminal."""

from __future__ import annotations

import pytest

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, python


@pytest.mark.whole
def test_what_comes_with_the_enter_of_continue_is_checked_at_the_next_step() -> None:
    with Terminal(python("-m", "bptutor", "learn", "two-hidden-layers", "--ask", "values")) as now:
        now.wait_for("Enter Begin")
        now.wait_for(lambda now: "TensorFlow is loading" not in now.text)
        now.press("enter")
        now.wait_for("1/")
        pass_example(now)
        now.wait_for("Enter Check")
        now.send("1.4\t-1\t0.4\r")
        now.wait_for("Enter Continue")
        now.press("enter")
        now.wait_for("step 2/")
        pass_example(now)
        now.press("f4")
        now.wait_for("Enter Continue")
        now.send("\r7\t8\t9\r")
        now.wait_for(lambda now: now.count_marks("✗") == 3, within=20)
        assert "step 2/" in now.text
        assert "[7 " in now.text
        now.press("f10")
        assert now.wait_for_end() == 0


def test_in_text_mode_lines_wait_for_their_prompts() -> None:
    with Terminal(python("-m", "bptutor", "learn", "one-neuron", "--plain"), rows=400) as now:
        now.send("\r" * 9 + "1.2\r\r7\r/quit\r")
        assert now.wait_for_end() == 0
        assert "The value is right" in now.text
        assert "step 2 of 9" in now.text
