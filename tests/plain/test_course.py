"""The course's lesson from a file of answers, to the weights that were published."""

import re
from pathlib import Path

import pytest

from bptutor.lesson.load import load
from bptutor.lesson.steps import shown_name
from bptutor.text import significant
from tests.near import ASKED, COURSE, VALUES
from tests.plain.script import DRAWN, course, rows, script, speak

AT_THE_END = ["100", "/again", "/quit"]


def numbers_of(step: str, said: str) -> list[float]:
    """The numbers that are said of a step's value, row by row."""
    name = re.escape(shown_name(load(COURSE), step, "ascii"))
    return [
        float(text)
        for line in said.splitlines()
        if re.match(rf"{name}[,:]|row ", line)
        for text in line.partition(": ")[2].split(", ")
        if text
    ]


@pytest.mark.whole
def test_the_whole_course_in_english_and_the_same_once_more(tmp_path: Path) -> None:
    typed = script(*course(), *AT_THE_END)
    first, second = (
        speak(typed, "learn", COURSE, "--notation", "ascii", BPTUTOR_DATA_DIR=str(tmp_path / name))
        for name in ("one", "two")
    )
    assert (first.status, first.err) == (0, "")
    assert first.out == second.out
    assert first.out.isascii()
    assert not DRAWN.search(first.out)
    assert first.lines[-1] == "Your answers are saved. You can resume where you stopped."

    parts = first.out.split("In TensorFlow: ")[1:]
    assert len(parts) == len(ASKED)
    for step, part in zip(ASKED, parts, strict=True):
        if step not in VALUES:
            continue
        said = part.partition("Press Enter")[0]
        published = [number for row in rows(VALUES[step]) for number in row]
        if step.endswith("_new"):
            news = [float(text) for text in re.findall(r"new (\S+)\.$", said, re.MULTILINE)]
            assert news == [pytest.approx(number, rel=1e-6) for number in published], step
        else:
            shown = [float(significant(number)) for number in published]
            assert numbers_of(step, said) == shown, step
    assert "Loss before: 0.001296. Loss after: 0.0012779." in first.out
    assert "40 of 40 steps solved, 40 at the first try; 0 shown." in first.out
    assert "W3, row 1: before 0.1; after 0.09996832" in first.out
    assert "iteration 2; step 1 of 40" in first.out
