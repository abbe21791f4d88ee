"""Mistakes are told in programs that nobody wrote, too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, assume, given, settings

from bptutor.course.answers import Answers
from bptutor.language.render import write_assignment
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.text import UserError
from tests.examples import some
from tests.language.draw import Drawn, programs
from tools.feedback.tally import Outcome, tally


@pytest.mark.whole
@pytest.mark.timeout(600)
@settings(max_examples=some(3), phases=[Phase.generate])  # a smaller program would take its time
@given(programs())
def test_what_went_wrong_is_told(drawn: Drawn) -> None:
    lesson = _lesson(drawn)
    try:
        Answers(lesson)
    except UserError:  # a number is not finite
        assume(False)
    result = tally([lesson], (4,))
    outcomes: Counter[Outcome] = sum(result.counts.values(), Counter())
    assert outcomes["accepted"] == 0, outcomes
    assert outcomes["missed"] <= 0.05 * outcomes.total(), outcomes


def _lesson(drawn: Drawn) -> Lesson:
    """The program as a lesson, its first two leaves parameters."""
    program = "\n".join(write_assignment(each, "ascii") for each in drawn.program.assignments)
    leaves = drawn.program.leaves
    parameters = ", ".join(f'"{name}"' for name in leaves[:2])
    values = "\n".join(f"{name} = {drawn.leaves[name].tolist()}" for name in leaves)
    text = (
        f'title = "Drawn"\nprogram = """\n{program}\n"""\nloss = "L"\n'
        f"parameters = [{parameters}]\nlearning_rate = 0.1\n[values]\n{values}\n"
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.toml"
        path.write_text(text, encoding="utf-8")
        try:
            return load(str(path))
        except UserError:  # a lesson must be smaller, or needs a gradient
            assume(False)
            raise
