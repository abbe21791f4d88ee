"""Worked examples, which a learner at a terminal passes with Enter."""

from bptutor.course.example import HEADING
from bptutor.text import Message
from tests.end_to_end.terminal import Terminal
from tests.keys import key_label

GO_ON_IN_TEXT = Message("Press Enter to continue.")


def pass_example(terminal: Terminal, language: str = "en") -> None:
    """To the question, whether a worked example comes before it or not."""
    question, heading = key_label("step", "check", language), HEADING.to(language)
    terminal.wait_for(lambda now: question in now.text or heading in now.text)
    while question not in terminal.text:
        before = terminal.text
        terminal.press("enter")
        terminal.wait_for(lambda now, before=before: now.text != before)  # type: ignore[misc]
        terminal.wait_for_quiet(0.15)  # a screen may come in pieces, and Enter would check


def pass_example_in_text(terminal: Terminal, prompt: str, language: str = "en") -> None:
    """To the prompt of the first question, in text mode."""
    go_on, passed = GO_ON_IN_TEXT.to(language), 0
    while prompt not in terminal.text:
        if terminal.text.count(go_on) > passed:
            passed += 1
            terminal.press("enter")
        terminal.wait_for(
            lambda now, passed=passed: prompt in now.text or now.text.count(go_on) > passed  # type: ignore[misc]
        )
