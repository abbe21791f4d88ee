"""Checks answers outside a session, for `bptutor check`."""

from collections.abc import Sequence
from math import prod

from msgspec import Struct

from bptutor.course.exercise import OnTape
from bptutor.grading.cells import all_passed, passed, worst
from bptutor.grading.facts import Facts
from bptutor.grading.fit import Certainty
from bptutor.grading.grade import grade
from bptutor.grading.named import Named
from bptutor.grading.question import Answer
from bptutor.grading.read import fit, split_matrix
from bptutor.language.errors import suggestion
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import named
from bptutor.lesson.steps import Step, places, steps
from bptutor.literals import Verdict
from bptutor.text import Message, UserError

STYLE: Style = "unicode"
MOST_PER_CELL = 1_000  # characters for a cell, up to which a wrong matrix is tried transposed


class Claim(Struct, frozen=True):
    """What explains a wrong answer, or a part of its cells, and how certain that is."""

    ids: list[str]  # one mistake, or two at once
    cells: list[list[int]] | None  # row and column, from 0, of each wrong cell; None: the whole
    certainty: Certainty


class Checked(Struct, frozen=True):
    """A verdict on one answer; the order of the fields is that of the JSON."""

    step: str
    asked: str  # value or product
    correct: bool
    verdict: Verdict
    cells: list[list[Verdict]] | None
    """A verdict a cell, in rows (a vector is one row, a scalar one cell); None for a product and
    where the value cannot be split into cells."""
    misconceptions: list[str]  # ids of what explains a wrong answer, likeliest first
    message: str
    claims: list[Claim]  # the same one by one


class Answers:
    """Checks answers to one lesson, on its own values."""

    def __init__(self, lesson: Lesson, language: str = "en") -> None:
        """Run the lesson. Raises EngineError: a value or a derivative is not finite."""
        self.lesson = lesson
        self.language = language
        self.facts = Facts(lesson)

    def check(self, step: str, value: str | None = None, product: str | None = None) -> Checked:
        """Check a whole value, rows in brackets, or a product.

        Raises UserError: there is no such step, it asks for no product, or nothing was given.
        """
        asked = self._step(step)
        if (value is None) == (product is None):
            raise UserError("Give either a value or a formula.")
        if product is not None:
            return self._product(asked, product)
        return self._value(asked, value or "")

    def _step(self, step: str) -> Step:
        index = places(self.lesson)
        if (id_ := named(self.lesson, step)) in index:
            return steps(self.lesson)[index[id_]]
        raise UserError(
            suggestion(
                step,
                index,
                Message("{lesson} has no step {step}; did you mean {nearest}?"),
                Message("{lesson} has no step {step}; `bptutor show` lists its steps."),
                lesson=self.lesson.name,
                step=step,
            )
        )

    def _product(self, step: Step, product: str) -> Checked:
        if not step.asks_formula:
            raise UserError("{step} asks for a value, not for a formula.", step=step.id)
        graded = grade(self._question(step), Answer(formula=product))
        return self._checked(step, "product", graded.verdict, graded.message, graded.mistakes)

    def _value(self, step: Step, value: str) -> Checked:
        try:
            texts = fit(split_matrix(value, step.shape), step.shape)
        except UserError as error:
            turned = Named(("matrix-transposed",), error.message, error.message)
            mistakes = [turned] if self._right_transposed(step, value) else []
            return self._checked(step, "value", None, error.message, mistakes)
        graded = grade(self._question(step), Answer(cells=texts, positions=range(len(texts))))
        verdicts: list[Verdict] = [cell.verdict or "unreadable" for cell in graded.cells]
        columns = step.shape[-1] if step.shape else 1
        rows = [verdicts[start : start + columns] for start in range(0, len(verdicts), columns)]
        return self._checked(step, "value", worst(verdicts), graded.message, graded.mistakes, rows)

    def _right_transposed(self, step: Step, value: str) -> bool:
        """Would the value be right if rows were columns?"""
        if len(value) > MOST_PER_CELL * prod(step.shape):
            return False
        try:
            texts = fit(list(zip(*split_matrix(value), strict=True)), step.shape)
        except (UserError, ValueError):
            return False
        return all_passed(self._question(step).grade_cells(texts, range(len(texts))))

    def _question(self, step: Step) -> OnTape:
        return OnTape(self.lesson, step, STYLE, self.facts)

    def _checked(
        self,
        step: Step,
        asked: str,
        verdict: Verdict | None,
        message: Message | None,
        mistakes: Sequence[Named],
        cells: list[list[Verdict]] | None = None,
    ) -> Checked:
        text = message.to(self.language) if message else ""
        verdict = verdict or "unreadable"
        columns = step.shape[-1] if step.shape else 1
        claims = [
            Claim(
                list(each.ids),
                None if each.cells is None else [list(divmod(at, columns)) for at in each.cells],
                each.certainty,
            )
            for each in mistakes
            if each.ids
        ]
        ids = list(dict.fromkeys(id_ for each in mistakes for id_ in each.ids))
        return Checked(step.id, asked, passed(verdict), verdict, cells, ids, text, claims)
