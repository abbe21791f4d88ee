"""Whoever walks the course's lesson through, in any terminal, and looks at every screen."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Page, ScreenTimeoutError, Terminal
from tests.keys import key_label
from tests.near import ASKED, FORMULAS, VALUES, cells

SGR = re.compile(rb"\x1b\[([\d;]*)m")
COLOURLESS = {"0", "1", "2", "3", "4", "7", "22", "23", "24", "27", "39", "49"}
"""Codes of styles without a colour."""

WHOLE_WITHIN = 20.0
"""Seconds within which all of a screen is there."""


class Listening(Terminal):
    """A terminal that keeps what has been written to it."""

    written = b""

    def _answer(self, written: bytes) -> None:
        self.written += written
        super()._answer(written)

    @property
    def styles(self) -> set[str]:
        """The styles that have been set, as their codes."""
        return {found.decode() for found in SGR.findall(self.written)}

    @property
    def codes(self) -> set[str]:
        """The codes in them, one by one."""
        return {code for style in self.styles for code in style.split(";") if code}

    @property
    def shades(self) -> set[str]:
        """How colours beyond the sixteen are named in them: 38;5 is one of 256, 38;2 any."""
        return {kind for style in self.styles for kind in re.findall("[34]8;[25]", style)}


@dataclass(frozen=True)
class Words:
    """What is on the screens, in one language."""

    language: str
    title: str
    step: str
    wrong: str
    right: str

    def key(self, place: str, action: str) -> str:
        """A key and its label."""
        return key_label(place, action, self.language)


WORDS = {
    "en": Words(
        language="en", title="Two hidden layers", step="step", wrong="sign", right="value is right"
    ),
    "ko": Words(
        language="ko", title="은닉층이 둘인 신경망", step="단계", wrong="부호", right="값이 맞아요"
    ),
}


@dataclass(frozen=True)
class Signs:
    """What stands for what, in one notation."""

    here: str
    new: str
    rail: str
    right: str
    wrong: str


SIGNS = {
    "unicode": Signs(here="▶", new="○", rail="│", right="✓", wrong="✗"),
    "ascii": Signs(here=">", new="o", rail="|", right="=", wrong="x"),
}


class Walker:
    """Walks from the menu to the new weights; a screen that is not whole is an error."""

    def __init__(self, terminal: Listening, words: Words, signs: Signs) -> None:
        self._terminal = terminal
        self._words = words
        self._signs = signs
        self._rails: set[int] = set()
        """The columns of the rails that lead down the values and up the gradients."""

    def walk(self) -> None:
        """Everything right, but for one sign in the first answer."""
        self._choose()
        for number, step in enumerate(ASKED, 1):
            product = [FORMULAS[step]] if step in FORMULAS else []
            typed = cells(step) if step in VALUES else []
            self._wait_for_question(number, len(product) + len(typed))
            if number == 1:
                self._mistake(typed)
            else:
                self._type(product + typed)
            self._terminal.press("enter")
            self._wait_for_verdict(number, len(product) + len(typed), step.endswith("_new"))
            self._terminal.press("enter")
        self._terminal.wait_for(self._words.key("summary", "train"))
        self._whole()
        self._look_down_to("0.09996832")
        self._whole()

    def _choose(self) -> None:
        """The course's lesson, from the menu on."""
        title = self._words.title
        self._terminal.wait_for(title)
        self._terminal.wait_for(lambda _: any(mark == self._signs.here for mark, _ in self._rows()))
        self._whole()
        rows = self._rows()
        (first,) = (at for at, (mark, _) in enumerate(rows) if mark == self._signs.here)
        (wanted,) = (at for at, (_, name) in enumerate(rows) if name.startswith(title))
        self._terminal.press(*["down"] * (wanted - first))
        self._terminal.wait_for(lambda _: self._is_chosen(title))
        self._terminal.wait_for(self._words.key("introduction", "begin"))
        self._whole()
        self._terminal.press("enter")
        self._terminal.wait_for(lambda _: not self._is_chosen(title))
        self._terminal.wait_for(self._words.key("introduction", "begin"))
        self._terminal.wait_for(title)
        self._whole()
        self._terminal.press("enter")

    def _rows(self) -> list[tuple[str, str]]:
        """The lessons of the menu, each with what stands before it where it is chosen."""
        row = re.compile(rf"^.(.) {re.escape(self._signs.new)}{{2,3}} +(\S.*)")
        return [found.groups() for line in self._terminal.lines if (found := row.match(line))]  # type: ignore[misc]

    def _is_chosen(self, title: str) -> bool:
        rows = self._rows()
        return any(mark == self._signs.here and name.startswith(title) for mark, name in rows)

    def _look_down_to(self, number: str) -> None:
        """Down the new weights, which have what is left of the screen, to the one that is meant."""
        while number not in self._terminal.text:
            before = self._terminal.text
            self._terminal.press("down")
            self._terminal.wait_for(lambda now, before=before: now.text != before)  # type: ignore[misc]

    def _wait_for_question(self, number: int, fields: int) -> None:
        self._terminal.wait_for(f"{self._words.step} {number}/{len(ASKED)}")
        pass_example(self._terminal, self._words.language)
        self._terminal.wait_for(lambda now: len(now.fields) == fields)
        self._whole(number)

    def _wait_for_verdict(self, number: int, fields: int, update: bool) -> None:
        """Every field has its mark, which no colour has to tell; an update is told in words."""
        if update:
            self._terminal.wait_for(self._words.right)
        else:
            self._terminal.wait_for(lambda now: now.count_marks(self._signs.right) == fields)
        self._terminal.wait_for(self._words.key("step", "go-on"))
        self._whole(number)

    def _mistake(self, cells: Sequence[str]) -> None:
        """The last cell with the wrong sign; it is told so, and mended."""
        *good, last = cells
        self._type([*good, f"-{last}"])
        self._terminal.press("enter")
        self._terminal.wait_for(lambda now: now.count_marks(self._signs.wrong) == 1)
        self._terminal.wait_for(self._words.wrong)
        self._terminal.wait_for(lambda now: now.count_marks(self._signs.right) == len(good))
        self._whole(1)
        self._terminal.press(*["backspace"] * (len(last) + 1))
        self._terminal.wait_for(lambda now: now.fields.count("") == 1)
        self._type([last])

    def _type(self, answers: Sequence[str]) -> None:
        """From field to field, in one burst, as a slow link delivers it."""
        self._terminal.send("\t".join(answers))
        self._terminal.wait_for(lambda now: {*answers} <= {*now.fields})

    # ── what is looked at ─────────────────────────────────────────────────────────────────────

    def _whole(self, number: int = 0) -> None:
        """Wait until all of a screen is there, as it may come in pieces; of a step, its parts too.

        Raises:
            AssertionError: something is missing, too wide or out of line.
        """
        wrong: list[str] = []

        def holds(now: Terminal) -> bool:
            wrong[:] = [*self._faults(), *(self._faults_of_step(number) if number else ())]
            return not wrong

        try:
            self._terminal.wait_for(holds, WHOLE_WITHIN)
        except ScreenTimeoutError as error:
            raise AssertionError(f"{wrong}: {error}") from error
        self._rails |= self._rails_now()

    def _faults(self) -> Iterator[str]:
        """What is wider than the screen, wide characters that are cut, and missing keys."""
        yield from self._terminal.beyond
        if self._words.key("app", "quit") not in self._terminal.lines[-1]:
            yield "no keys"
        for row in self._terminal.cells:
            for cell, following in zip(row, [*row[1:], "beyond"], strict=True):
                if (following == "") is not (Page.width(cell) == 2):
                    yield f"cut: {cell}"

    @property
    def _program_end(self) -> int:
        """The line below the program."""
        lines = enumerate(self._terminal.lines)
        return next((row for row, line in lines if row > 1 and " = " not in line), 2)

    def _rails_now(self) -> set[int]:
        """Where rails are on the lines of the program, which tell themselves by their `=`."""
        return {
            column
            for cells in self._terminal.cells[2 : self._program_end]
            for column, cell in enumerate(cells)
            if cell == self._signs.rail and "=" in cells[:column]
        }

    def _faults_of_step(self, number: int) -> Iterator[str]:
        """The place, the program in its columns, the question: what is not there."""
        signs, lines = self._signs, self._terminal.lines
        place = f"{self._words.step} {number}/{len(ASKED)}"
        if not (self._words.title in lines[0] and place in lines[0]):
            yield "no place"
        end = self._program_end
        if not any(character.isalpha() for character in lines[end]):
            yield "no heading of the question"
        program, below = lines[2:end], lines[end + 1 : -1]
        if len(self._rails | self._rails_now()) > 2:
            yield "columns that have moved"
        if not any(line.startswith(f" {signs.here} ") for line in program):
            yield "nothing is pointed at"
        if not below[0].strip():
            yield "no question"
