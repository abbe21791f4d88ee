"""What the record knows, in lines of text, and the way from it back to an item."""

import re
from collections.abc import Iterator

from bptutor.plain.places import Step
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.near import COURSE
from tests.plain.quiz_player import code_of, play, right, wrong_once
from tests.plain.talk import talk

QUIZ = QuizSpec(lessons=[COURSE], items=3, seed=5, resume=False)


def and_on(view: StepView) -> Iterator[str]:
    yield from right(view)
    yield ""


async def test_the_record_in_words() -> None:
    def answer(view: StepView) -> Iterator[str]:
        yield from wrong_once(view)
        yield from and_on(view)

    empty = await talk("/progress", "/attempts", lesson=None)
    assert "No answers are recorded yet" in empty
    assert "You have no attempts yet." in empty
    asked = ["/progress", "/replay 2", "/attempts", "/replay 99", "/replay 2"]
    said, player = await play(QUIZ, answer, *asked)
    assert "Record of " in said
    assert all(view.quiz and f"{view.quiz.skill}: recall in a week " in said for view in player.met)
    codes = re.findall(r"^Code: (.+)$", said, re.MULTILINE)
    assert len(codes) >= 6
    assert {code_of(view) for view in player.met} == set(codes)
    assert said.count("Type the number of an attempt") == 2
    assert said.rpartition("\nitem 1 of 1; ")[1], "the second attempt is asked again"
    assert player.mode
    place = player.mode.place
    assert isinstance(place, Step)
    assert code_of(place.view) == codes[1]


async def test_older_attempts_come_on_request() -> None:
    def answer(view: StepView) -> Iterator[str]:
        for _ in range(3):
            yield from wrong_once(view)
        yield from and_on(view)

    said, _ = await play(QUIZ, answer, "/attempts", "/more", "/more")
    assert "For older attempts, type /more" in said
    numbers = re.findall(r"^(\d+)\. \d{4}-", said, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert len(numbers) >= 12
    assert "Unknown command /more." in said
