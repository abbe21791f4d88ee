"""A step in sentences, and what is looked at beside it."""

import re
from collections.abc import Iterator, Sequence
from math import prod

from bptutor.front.here import is_open
from bptutor.literals import IN_LETTERS, Verdict
from bptutor.plain import quiz_text
from bptutor.plain.dialogue import Said
from bptutor.plain.entry import GOOD, Entry
from bptutor.plain.heard import SPOKEN, AsTyped, as_typed
from bptutor.service.words import KINDS, STAGES, VERDICTS, WORKED_OUT, moved, way
from bptutor.text import Message, joined, significant
from bptutor.text.numbers import (
    MOST_READ,
    cell_words,
    figures_for_change,
    matrix_words,
    part_words,
    row_words,
    shape_words,
    size_of,
    weight,
)
from bptutor.views import Matrix
from bptutor.views.lesson import (
    AskedCell,
    Explained,
    Known,
    Nudged,
    Result,
    StepName,
    StepView,
    TapeLine,
    UpdateTable,
)

OTHER, OTHERS = Message("The other one is right."), Message("The other {count} are right.")
APART = " " * 4
"""Between the line of the program and the question in a formula of both."""
ARRIVES = (" ↑ ", " ^ ")
"""Between a line of the program and the gradient that comes up to it."""
_LINE = re.compile(
    r"(?P<name>.+?)\s+(?:(?P<which>row|column|행|열)\s+(?P<place>\d{1,9})"
    r"|(?P<nth>\d{1,9})\s*(?P<of>행|열))"
)
"""One row or column of a quantity, counted from 1, as either language says it: row 2, 2행."""


def question(view: StepView, entry: Entry, remarks: Sequence[str] | None = None) -> Iterator[Said]:
    """Where the learner is, what is asked, and what is known for it; all its remarks, or these."""
    yield ""
    yield joined(_place(view))
    if view.quiz and is_open(view):
        yield joined(quiz_text.beside(view.quiz))
    yield view.question
    for line in view.formula.splitlines():
        said = [line] if line.startswith(" ") else line.split(APART)
        yield from map(AsTyped, said) if view.kind == "code" else said
    for known in view.knowns:
        if known.relevant:
            yield from matrix_words(known.name, known.matrix)
    if is_open(view):
        yield from view.remarks if remarks is None else remarks
        if view.asks_value and view.grid.rows > 1:
            wanted = shape_words([view.grid.rows, view.grid.columns])
            yield Message("Answer: {shape}.", shape=wanted)
        yield from _given(view)
        yield from _typed(view, entry)
    for number, hint in enumerate(view.hints, 1):
        yield hint_words(number, hint)


def example(view: StepView) -> Iterator[Said]:
    """Where the learner is, and the first part of the worked example."""
    yield ""
    yield joined(_place(view))
    yield from panel(view, 0)


def panel(view: StepView, place: int) -> Iterator[Said]:
    """A part of the worked example."""
    yield from view.example[place].splitlines()


def _place(view: StepView) -> Iterator[Said]:
    number, total = view.index + 1, view.total
    if quiz := view.quiz:
        item = Message("item {number} of {total}", number=number, total=total)
        yield Message("{item}, part {part}", item=item, part=quiz.part) if quiz.part else item
        yield view.lesson
        if view.section and view.part != "tape":  # which the question speaks of
            yield view.section
        yield quiz.skill
        return
    yield view.lesson
    if view.iteration > 1:
        yield Message("iteration {number}", number=view.iteration)
    yield Message("step {number} of {total}", number=number, total=total)
    if view.section:
        yield view.section
    yield KINDS[view.kind]


def _given(view: StepView) -> Iterator[Said]:
    """Of a large value only a few numbers are asked; the others are there."""
    if view.grid.filled:
        yield Message("The other numbers are given. A question mark marks a number to find.")
        yield from matrix_words(view.name, view.grid.filled)


def _typed(view: StepView, entry: Entry) -> Iterator[Said]:
    """What was typed here before."""
    if view.asks_product and view.product:
        right = view.product_verdict in GOOD
        said = Message("The formula is right: {product}") if right else Message("Typed: {product}")
        yield AsTyped(Message(said.text, product=view.product))
    for row, numbers in entry.typed_rows():
        yield AsTyped(Message("Typed in {row}", row=row_words(row, numbers)))


def hint_words(number: int, hint: str) -> Message:
    """A hint with its number."""
    return Message("Hint {number}: {hint}", number=number, hint=hint)


# ── after an answer ───────────────────────────────────────────────────────────────────────────


def verdict(view: StepView, *, whole: bool = False) -> Iterator[Said]:
    """What is said about what was typed; of a value the wrong cells, or the `whole`."""
    if view.message and view.stage != "shown":  # as by another terminal: then it is said below
        yield view.message
    if view.product_fault is not None and view.product_fault < len(view.product):
        at = Message(
            "The error starts at character {number}: {rest}",
            number=view.product_fault + 1,
            rest=view.product[view.product_fault :],
        )
        yield AsTyped(at)
    grid = view.grid
    judged = [(asked, found) for asked in grid.asked if (found := _verdict(asked))]
    right = [asked for asked, found in judged if found in GOOD]
    if not whole and (len(grid.asked) == 1 or len(right) == len(judged)):
        return
    for asked, found in judged:
        cell = cell_words(grid.rows, grid.columns, asked.row, asked.column)
        if found in GOOD:
            if whole:
                yield Message("{cell}: {verdict}.", cell=cell, verdict=VERDICTS[found])
        else:
            yield Message(
                "{cell}: {verdict}; you typed {text}.",
                cell=cell,
                verdict=VERDICTS[found],
                text=asked.text,
            )

    if right and not whole:
        yield OTHER if len(right) == 1 else Message(OTHERS.text, count=len(right))


def _verdict(asked: AskedCell) -> Verdict | None:
    """In an exam there is a note alone, where a cell cannot be read."""
    return asked.verdict or ("unreadable" if asked.note else None)


def reviewed(view: StepView, entry: Entry) -> Iterator[Said]:
    """Once a quiz is over: what was typed, what is to be said on it, and the answer."""
    typed = [*_typed(view, entry)]
    yield from typed or [Message("Nothing typed.")]
    yield from verdict(view)
    if view.result:
        yield from _result(view, view.result)


def answer(view: StepView) -> Iterator[Said]:
    """What TensorFlow says, once the step has been answered."""
    if view.stage == "worked":
        yield WORKED_OUT
    if view.stage == "shown" and view.message:
        yield view.message
    if view.result:
        yield from _result(view, view.result)


def _result(view: StepView, result: Result) -> Iterator[Said]:
    if result.product:
        product = result.product.replace("ᵀ", ".T")
        if view.kind in IN_LETTERS[1:]:
            yield Message("{name} = {product}", name=view.name, product=product)
            if SPOKEN.get():
                yield AsTyped(Message("To type: {product}", product=as_typed(product)))
        else:
            yield AsTyped(product)
    if result.code:
        yield AsTyped(Message("In TensorFlow: {code}", code=result.code))
    if result.update:
        yield from _update(result.update)
        yield from _asked_of_many(view, result.update.new)
        return
    in_numbers = bool(result.value.values and (result.code or view.asks_value))
    if in_numbers:
        yield from matrix_words(view.name, result.value)
        yield from _asked_of_many(view, result.value)
    if result.says and not (in_numbers and result.code):
        yield result.says


def _asked_of_many(view: StepView, value: Matrix) -> Iterator[Said]:
    """Of a value that is too large to be read out, the numbers that were asked."""
    grid = view.grid
    if len(value.values) <= MOST_READ:
        return
    for asked in grid.asked:
        position = asked.row * grid.columns + asked.column
        if position < len(value.values):
            cell = cell_words(grid.rows, grid.columns, asked.row, asked.column)
            yield Message(
                "{name}: {numbers}",
                name=cell,
                numbers=significant(value.values[position]),
            )


def _update(update: UpdateTable) -> Iterator[Said]:
    """An update number by number: the old weight, its gradient, the change, the new weight."""
    rows, columns = size_of(update.old.shape)
    figures, dtype = figures_for_change(update.old, update.new), update.old.dtype
    if rows * columns > MOST_READ:
        yield from matrix_words(update.name, update.new)
        return
    for position in range(prod(update.old.shape)):
        row, column = divmod(position, columns)
        cell = cell_words(rows, columns, row, column)
        place = Message("{name}, {cell}", name=update.name, cell=cell)
        yield Message(
            "{name}: old {old}, gradient {gradient}, change {change}, new {new}.",
            name=place if rows * columns > 1 else update.name,
            old=weight(update.old.values[position], dtype, figures),
            gradient=significant(update.gradient.values[position]),
            change=significant(update.change.values[position]),
            new=weight(update.new.values[position], dtype, figures),
        )


# ── the program ───────────────────────────────────────────────────────────────────────────────


def program(view: StepView) -> Iterator[Said]:
    """The program, with the values that came down and the gradients that went back up."""
    section = None
    for line in view.tape:
        if line.section and line.section != section:
            yield Message("{what}:", what=line.section)
        section = line.section
        yield Message("{line} (you are here)", line=line.text) if line.current else line.text
        yield from _passed(line)


def _passed(line: TapeLine) -> Iterator[Said]:
    if line.value:
        yield from matrix_words(Message("value"), line.value)
    if line.gradient:
        yield from matrix_words(Message("gradient of the loss"), line.gradient)


# ── beside the question ───────────────────────────────────────────────────────────────────────


def quantity_in(wanted: str) -> str:
    """The name of the quantity of which a row or column may be wanted."""
    line = _LINE.fullmatch(wanted)
    return line["name"] if line else wanted


def values(knowns: Sequence[Known], wanted: str, of: str) -> Iterator[Said]:
    """Every known quantity; or the one that is wanted, by its own name, or a row or column."""
    if not wanted:
        for known in knowns:
            yield from matrix_words(known.name, known.matrix)
        return
    line = _LINE.fullmatch(wanted)
    if line:
        place = int(line["place"] or line["nth"])
        across = (line["which"] or line["of"]) in ("row", "행")
    found = [known for known in knowns if known.typed == of]
    for known in found:
        if line:
            yield from part_words(known.name, known.matrix, across, place)
        else:
            yield from matrix_words(known.name, known.matrix, whole=True)
    if not found:
        yield Message("{name} is not known here.", name=wanted)


def why(explained: Explained) -> Iterator[Said]:
    """Why a step is as it is."""
    yield explained.rule
    for line in explained.picture:
        arrow = next((arrow for arrow in ARRIVES if arrow in line), None)
        if arrow:
            text, _, gradient = line.rpartition(arrow)
            yield Message("{line}; upstream gradient: {gradient}", line=text, gradient=gradient)
        else:
            yield line
    yield from (" ".join(line.split()) for line in explained.shapes)
    yield from explained.story
    for part in explained.example:
        yield from part.splitlines()


def step_list(steps: Sequence[StepName], here: int, furthest: int) -> Iterator[Said]:
    """All steps under their sections; how far each has come, as far as they have been reached."""
    above: tuple[str | None, str] | None = None
    for index, step in enumerate(steps):
        passing = way(step.kind)
        if above != (step.section, passing.text):
            above = (step.section, passing.text)
            told = Message("{first}, {second}:", first=step.section or "", second=passing)
            yield told if step.section else Message("{what}:", what=passing)
        line = Message("{number}. {name}", number=index + 1, name=step.name)
        if index <= furthest:
            line = Message("{step}: {stage}", step=line, stage=STAGES[step.stage])
        yield Message("{line} (you are here)", line=line) if index == here else line


def nudged(came: Nudged) -> Iterator[Said]:
    """What came of a nudge."""
    yield from moved(came)
    if came.remark:
        yield came.remark
