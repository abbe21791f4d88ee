"""The wrong answers that a lesson's author foresees, each with words of their own."""

from collections.abc import Sequence

from bptutor.language.errors import LanguageError, ShapeError, TooMuchError, shortened, suggestion
from bptutor.language.limits import MOST_WRONG_ANSWERS, TOO_MANY_WRONG_ANSWERS
from bptutor.language.ops.base import written_shape
from bptutor.language.parse import parse_expression
from bptutor.language.shapes import require_affordable
from bptutor.language.tree import Expression, Shape, names
from bptutor.lesson.lesson import Lesson, Texts, Values, WrongAnswer
from bptutor.lesson.names import in_own_names, own_name
from bptutor.lesson.source import MistakeTable, Source
from bptutor.lesson.steps import LEARNING_RATE, Step, known_names, places, steps
from bptutor.lesson.values import read_values
from bptutor.text import Message, UserError


def wrong_answers(
    source: Source, lesson: Lesson, words: Sequence[Texts]
) -> dict[str, tuple[WrongAnswer, ...]]:
    """The tables under `mistakes` as answers, by the step's id; `words` has the texts of each.

    Raises LessonError: one of them is no answer to a step of the lesson, or is there twice.
    """
    if len(words) > MOST_WRONG_ANSWERS:
        raise source.fault(("mistakes",), TOO_MANY_WRONG_ANSWERS)
    found: dict[str, tuple[WrongAnswer, ...]] = {}
    for number, (table, texts) in enumerate(zip(source.file.mistakes, words, strict=True), 1):
        entry = _Entry(source, lesson, table, number)
        answer = entry.answer(texts)
        step = own_name(lesson, table.step)
        before = found.setdefault(step, ())
        if any((answer.formula, answer.value) == (each.formula, each.value) for each in before):
            raise entry.fault(
                "step",
                Message("two mistakes at {step} have the same answer; remove one", step=table.step),
            )
        found[step] = (*before, answer)
    return found


class _Entry:
    """One table."""

    def __init__(self, source: Source, lesson: Lesson, table: MistakeTable, number: int) -> None:
        self.source, self.lesson, self.table, self.number = source, lesson, table, number

    def fault(self, key: str, problem: Message) -> UserError:
        return self.source.fault(("mistakes", str(self.number), key), problem)

    def answer(self, words: Texts) -> WrongAnswer:
        table, index = self.table, self._index()
        if bool(table.formula.strip()) == (table.value is not None):
            problem = Message(
                "a mistake at {step} needs either `formula` or `value`", step=table.step
            )
            raise self.fault("step", problem)
        if not any(words.by_language.values()):
            problem = Message("a mistake at {step} needs words; add `en` and `ko`", step=table.step)
            raise self.fault("step", problem)
        if table.value is None:
            return WrongAnswer(self._formula(index), None, words)
        return WrongAnswer(None, self._value(steps(self.lesson)[index]), words)

    def _index(self) -> int:
        """The place of the step."""
        step, index = self.table.step, places(self.lesson)
        if (own := own_name(self.lesson, step)) in index:
            return index[own]
        raise self.fault(
            "step",
            suggestion(
                step,
                index,
                Message("a mistake is at “{step}”, which is no step; did you mean “{nearest}”?"),
                Message("a mistake is at “{step}”, which is no step; `bptutor show` lists them"),
                step=shortened(step),
            ),
        )

    def _formula(self, index: int) -> Expression:
        known = known_names(self.lesson, index)
        try:
            read = parse_expression(self.table.formula, set(known))
            formula = in_own_names(self.lesson, read)
            for name in names(formula):
                if name not in known:
                    raise LanguageError(Message("{name} is not known at this step", name=name))
            require_affordable(formula, self._shapes())
        except (LanguageError, TooMuchError) as error:
            raise self._problem("formula", error.message) from None
        except ShapeError:  # which is what may be wrong with it
            pass
        return formula

    def _shapes(self) -> dict[str, Shape]:
        of_steps = {step.id: step.shape for step in steps(self.lesson)}
        return {**of_steps, **self.lesson.shapes, LEARNING_RATE: ()}

    def _value(self, step: Step) -> Values:
        try:
            value, shape = read_values(self.table.value, self.lesson.dtype)
        except UserError as error:
            raise self._problem("value", error.message) from None
        if shape != step.shape:
            problem = Message(
                "it has the shape {found}; {step} has the shape {wanted}",
                found=written_shape(shape),
                step=step.id,
                wanted=written_shape(step.shape),
            )
            raise self._problem("value", problem)
        return value

    def _problem(self, key: str, problem: Message) -> UserError:
        said = Message(
            "the `{key}` of a mistake at {step}: {problem}",
            key=key,
            step=self.table.step,
            problem=problem,
        )
        return self.fault(key, said)
