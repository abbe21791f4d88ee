"""Worked examples, which a learner at a terminal passes with Enter."""

from bptutor.course.example import HEADING
from tests.end_to_end.terminal import Terminal
from tests.keys import key_label


def pass_example(terminal: Terminal, language: str = "en") -> None:
    """To the question, whether a worked example comes before it or not."""
    question, heading = key_label("step", "check", language), HEADING.to(language)
    terminal.wait_for(lambda now: question in now.text or heading in now.text)
    while question not in terminal.text:
        before = terminal.text
        terminal.press("enter")
        terminal.wait_for(lambda now, before=before: now.text != before)  # type: ignore[misc]
