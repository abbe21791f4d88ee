"""The steps that practice asks: each fits a small terminal and takes a minute by hand."""

from collections.abc import Sequence
from math import prod

from bptutor.course.questions import MOST_CELLS, asks_product, has_value
from bptutor.course.session import exercise
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Part
from bptutor.quiz.distinct import cached_by_form
from bptutor.quiz.items import askable, burden, shapes_of
from bptutor.text import LANGUAGES
from bptutor.text.numbers import size_of
from bptutor.text.printable import cells, wrap

A_MINUTE = 20.0
"""The largest burden of a step in practice, in multiplications of three seconds each. The product
of two 2x2 matrices counts 10 to 14, so that a sum of three such products is too much."""
ROWS, COLUMNS = 24, 80  # the terminal on which an item is to be seen whole
FRAME = 3  # rows of a step's screen above and below: its place, the rule, and the keys
PROGRAM = 9  # rows that the program takes at most, with its heading
FEEDBACK = 2  # rows for the verdict in words
MARGIN = 3  # columns beside the text
NUMBER, GAP = 8, 4  # columns of a number with the space before it, and between two quantities


@cached_by_form
def practicable(form: Lesson, part: Part = "tape") -> tuple[Step, ...]:
    """The steps of a part of a lesson that practice may ask."""
    return tuple(
        step
        for step in askable(form, part)
        if burden(form, step) <= A_MINUTE and rows_needed(form, step) <= ROWS
    )


def rows_needed(form: Lesson, step: Step) -> int:
    """The rows of a terminal that an item takes, in the language in which it takes more.

    From the texts of the question, and from shapes for all that has numbers.
    """
    width, item = COLUMNS - MARGIN, exercise(form, step, "unicode", None)
    item.rule_hidden = True  # as in every quiz
    texts = max(
        sum(
            len(list(wrap(text, width)))
            for text in (
                item.question().to(language),
                *item.formula().splitlines(),
                *item.remarks(language),
            )
        )
        for language in LANGUAGES
    )
    shapes = shapes_of(form)
    known = _rows_side_by_side([_block(name, shapes[name]) for name in item.relevant()], width)
    value = size_of(step.shape)[0] if has_value(step) else 0
    entry = asks_product(step, "all") + value
    program = min(PROGRAM, 1 + len(form.program.assignments))
    return FRAME + program + texts + known + entry + FEEDBACK


def _block(name: str, shape: Shape) -> tuple[int, int]:
    """Rows and columns of a known quantity; a long one is cut to a row."""
    rows, columns = size_of(shape)
    if prod(shape) > MOST_CELLS:
        rows, columns = 1, MOST_CELLS
    head = f"{name} {shape} =" if shape else f"{name} ="
    return rows, min(cells(head) + columns * NUMBER, COLUMNS - MARGIN)


def _rows_side_by_side(blocks: Sequence[tuple[int, int]], width: int) -> int:
    """The rows of blocks from left to right; those of one row are stacked to the tallest."""
    tall = [block for block in blocks if block[0] > 1]
    short = [columns for rows, columns in blocks if rows == 1]
    height = max((rows for rows, _ in tall), default=1)
    stacks = [short[start : start + height] for start in range(0, len(short), height)]
    shelves, left, on_shelf = 0, 0, 0
    for rows, columns in [*((len(stack), max(stack)) for stack in stacks), *tall]:
        if on_shelf and columns > left:
            shelves, left, on_shelf = shelves + on_shelf, 0, 0
        left = (left if on_shelf else width) - columns - GAP
        on_shelf = max(on_shelf, rows)
    return shelves + on_shelf
