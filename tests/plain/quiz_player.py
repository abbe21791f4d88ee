"""Somebody who plays quizzes in text mode, and answers each item as they are told to."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from msgspec.structs import replace

from bptutor import __version__
from bptutor.language.render import write
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.plain.dialogue import Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.plain.places import Step
from bptutor.plain.quiz_places import ExamStart
from bptutor.quiz.codes import read_code, write_code
from bptutor.quiz.items import make_item
from bptutor.service.protocol import Hello
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.near import Near
from tests.plain.script import DRAWN, rows


def code_of(view: StepView) -> str:
    assert view.quiz
    return view.quiz.code


def right(view: StepView) -> Iterator[str]:
    """The right answer to an item, line by line: the tutor's own product, TensorFlow's numbers."""
    code = read_code(code_of(view))
    assert code.seed is not None
    item = make_item(load(code.lesson), code.made_for or code.step, code.seed)
    step = next(each for each in steps(item.lesson) if each.id == code.step)
    if view.asks_product:
        yield write(step.product, "ascii")
    if view.asks_value:
        truth = rows(item.facts.truth(step).tolist())
        for row, cells in groupby(view.grid.asked, lambda cell: cell.row):
            yield ", ".join(f"{truth[row][cell.column]:.9g}" for cell in cells)


def wrong(view: StepView) -> Iterator[str]:
    """An answer that nobody could take for a right one, nor for what comes of the one before."""
    for place, line in enumerate(right(view)):
        yield (
            f"7 * ({line})" if view.asks_product and place == 0 else _twisted(line, 7 + view.index)
        )


def _twisted(line: str, by: int) -> str:
    return ", ".join(str(float(number) + by) for number in line.split(", "))


def wrong_once(view: StepView) -> list[str]:
    """As much of a wrong answer as is checked at once."""
    lines = [*wrong(view)]
    return lines[:1] if view.asks_product else lines


@dataclass
class Player(Lines):
    """Types what `answer` says at each item, and what comes `then`, where nothing is asked."""

    answer: Callable[[StepView], Sequence[str] | Iterator[str]]
    then: list[str]
    mode: TextMode | None = None
    met: list[StepView] = field(default_factory=list)
    """The items as they came, each once."""
    _typing: list[str] = field(default_factory=list)

    async def next(self) -> str | None:
        if not self._typing:
            self._typing = self._on()
        return self._typing.pop(0) if self._typing else None

    def _on(self) -> list[str]:
        assert self.mode
        place = self.mode.place
        if isinstance(place, ExamStart):
            return [""]
        if isinstance(place, Step):
            view = self._with_code(self.mode, place.view)
            if code_of(view) not in map(code_of, self.met):
                self.met.append(view)
                if typed := [*self.answer(view)]:
                    return typed
        return [self.then.pop(0)] if self.then else []

    @staticmethod
    def _with_code(mode: TextMode, view: StepView) -> StepView:
        """With the code of the item, which is not told during an exam."""
        service = mode.dialogue.client.service
        assert isinstance(service, Near)
        assert view.quiz
        return replace(view, quiz=replace(view.quiz, code=write_code(service.asked)))


async def play(
    quiz: QuizSpec,
    answer: Callable[[StepView], Sequence[str] | Iterator[str]],
    *then: str,
    language: str = "en",
) -> tuple[str, Player]:
    """Play; what is said, and who played."""
    out = io.StringIO()
    player = Player(answer, list(then))
    hello = Hello(version=__version__, language=language, notation="unicode")
    player.mode = mode = TextMode(Dialogue(Near, hello, out, player, 0), None, "tape")
    await mode.begin(None, quiz)
    await mode.go_on()
    await mode.tour.keep_draft(unsaid=True)
    said = out.getvalue()
    assert not DRAWN.search(said)
    return said, player
