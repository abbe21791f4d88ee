"""A learner's paper in the class store: what of it is saved, and what another window has saved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock, Thread

from msgspec.structs import replace

from bptutor.classroom.lessons import opener
from bptutor.classroom.offers import Offered
from bptutor.classroom.papers import AnsweredMeanwhile, Papers, sitting_of
from bptutor.classroom.rows import Answer, Paper, What
from bptutor.record.sittings import AskedItem, QuizSitting, merge_quizzes
from bptutor.text import UserError

POLL_SECONDS = 3.0  # how often the store is asked whether the time of a paper has changed

Clock = Callable[[], float]  # the host's clock: seconds since 1970


@dataclass(frozen=True)
class Judgement:
    """What an answer was judged to be, and the ids of the mistakes that it shows."""

    verdict: str = ""  # of an exam the state that its item has by now; nothing where none is made
    mistakes: tuple[str, ...] = ()


class PaperFile:
    """One paper. Every method may raise UserError: the store cannot be read or written now."""

    def __init__(self, papers: Papers, offered: Offered, paper: Paper, clock: Clock) -> None:
        self.papers = papers
        self.offered = offered
        self.paper = paper
        self.clock = clock
        self.ends = offered.ends
        self.open_lesson = opener(papers.store.file, paper.lessons)
        self.sitting, rows = self._stored()  # the answers as they are in this window
        self.last = max(rows, key=rows.__getitem__, default=-1)  # the item that was answered last
        self.common = self.sitting.copied()  # as last seen in the store; replaced, never changed

    def _stored(self) -> tuple[QuizSitting, dict[int, int]]:
        """The answers that are stored, and by item the row of the last one."""
        answers = self.papers.last_answers(self.paper.key)
        rows = {item: answer.id for item, answer in answers.items()}
        return sitting_of(self.paper, self.offered.given.assignment.kind, answers), rows

    def look(self) -> None:
        self.paper, self.ends = self.papers.paper(self.paper.key)

    def renew(self) -> None:
        """The same, and what may be seen of the assignment by now."""
        now, (name, login, _) = self.clock(), self.paper.key
        self.offered = self.papers.offer(name, login, now)
        self.look()

    @property
    def is_over(self) -> bool:
        return not self.paper.is_open or self.seconds_left == 0

    @property
    def seconds_left(self) -> float | None:
        """None where nothing ends it; 0 once it is submitted."""
        if not self.paper.is_open:
            return 0.0
        return None if self.ends is None else max(0.0, self.ends - self.clock())

    def take_in(self) -> tuple[QuizSitting, dict[int, int], bool]:
        """Take in what another window has stored: it, by item its last row, and is it new?"""
        stored, rows = self._stored()
        pairs = zip(stored.items, self.common.items, strict=True)
        new = any(_state(theirs) != _state(ours) for theirs, ours in pairs)
        if new:
            merge_quizzes(self.sitting, stored, self.common)
            self.common = stored.copied()
        return stored, rows, new

    def save(self, what: What, came: Judgement) -> bool:
        """Add what has changed to what is stored; has another window added something, too?

        Raises PaperOverError: it is too late.
        """
        taken_in = False
        while True:
            stored, rows, new = self.take_in()
            taken_in = taken_in or new
            with suppress(AnsweredMeanwhile):
                self._add(stored, rows, what, came)
                break
        self.common = self.sitting.copied()
        return taken_in

    def _add(self, stored: QuizSitting, rows: dict[int, int], what: What, came: Judgement) -> None:
        for index, (item, before) in enumerate(zip(self.sitting.items, stored.items, strict=True)):
            if _state(item) != _state(before):
                answer = Answer(
                    item=index,
                    at=self.clock(),
                    what=what,
                    mark=replace(item.mark),
                    flagged=item.flagged,
                    verdict=came.verdict,
                    mistakes=list(came.mistakes),
                )
                self.papers.answer(self.paper.key, answer, answer.at, rows.get(index, 0))


def _state(item: AskedItem) -> tuple[object, ...]:
    """What of an item is stored."""
    return item.mark, item.flagged


class Watch:
    """Tells from a thread of its own when the time of a paper that is open changes."""

    def __init__(self, file: PaperFile, tell: Callable[[float | None], None]) -> None:
        self.file = file
        self._tell = tell
        self._stopped = Flag()
        self._known: tuple[bool, float | None] | None = None
        self._looking = Lock()

    def start(self) -> None:
        self._known = _times(self.file.paper, self.file.ends)
        Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(POLL_SECONDS):
            self.look()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What is changed here is no news to who changes it."""
        with self._looking:
            yield
            self._known = _times(self.file.paper, self.file.ends)

    def look(self) -> None:
        file = self.file
        with self._looking:
            try:
                paper, ends = file.papers.paper(file.paper.key)
            except UserError:  # the store is away; whoever answers is told
                return
            times = _times(paper, ends)
            if times != self._known:
                self._known = times
                left = None if ends is None else max(0.0, ends - file.clock())
                self._tell(left if paper.is_open else 0.0)


def _times(paper: Paper, ends: float | None) -> tuple[bool, float | None]:
    """What a learner's clock depends on: of a paper that is submitted, nothing more."""
    return paper.is_open, ends if paper.is_open else None
