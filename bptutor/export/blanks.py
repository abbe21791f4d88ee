"""A lesson as a Jupyter notebook with blanks to fill in, in the order of the course's cells.

A check follows each blank. What is right is in the notebook as salted hashes only (see `Check`).
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import groupby
from math import floor, log10

import numpy as np

from bptutor.course.coding import GAP, IMPORTS, LOOK, TAPE, coding
from bptutor.course.keras_steps import keras_run
from bptutor.course.questions import asked_anything, question
from bptutor.course.tapes import right_side
from bptutor.course.worked import code
from bptutor.engine.trace import Array
from bptutor.export.checking import Check
from bptutor.export.code import Code
from bptutor.export.document import document
from bptutor.export.notebook import (
    Cell,
    code_cell,
    derivation,
    packed,
    part_title,
    require_notebook,
    text_cell,
)
from bptutor.export.pages import escaped, opening
from bptutor.grading.facts import Facts
from bptutor.grading.judge import figures_needed
from bptutor.language.render import write
from bptutor.language.tree import Name, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, steps
from bptutor.literals import Ask, Part
from bptutor.text import Message, UserError

HOW = Message(
    "Every {gap} is a blank: write TensorFlow code in its place. The cell below a blank checks it "
    "and says what is wrong.\n\n"
    "Run the cells from top to bottom. An update changes its weight each time that its cell runs. "
    "If you run it twice, restart the notebook."
)
WHOLE = Message("{whole} records the whole forward pass.")
TAPES = Message(
    "{whole} records the whole forward pass. {tape} records one section, for the derivatives of "
    "its operations."
)
GRADIENTS = Message(
    "Write each gradient with the chain rule. The check compares it with that of {whole}."
)
RIGHT = Message("{where}: right.")
WRONG = Message("{where}{at} is wrong: you have {value}. Change the cell above and run it again.")
MISSHAPEN = Message("{where} has the shape {given}, not {shape}. Change the cell above.")
FORWARD, BACKWARD = Message("forward pass"), Message("backward pass")
KERAS_CELLS = (
    (Message("Build the model."), "model"),
    (Message("Give the model the weights from before the update."), "set_weights"),
    (Message("Compute the output and the loss on a tape."), "loss"),
    (Message("Compute all gradients in one call."), "gradients"),
    (Message("Update all weights."), "assign_sub"),
)
"""What each cell of the Keras code does, and the blank with which it ends."""
ROUNDING = {"float32": 2.4e-7, "float64": 4.5e-16}  # two units in the last place of 1


@dataclass(frozen=True, eq=False)
class Blanks(Code):
    """The cells of a lesson's notebook, with blanks or with what fills them."""

    facts: Facts
    language: str
    ask: Ask
    filled: bool

    @cached_property
    def _steps(self) -> list[Step]:
        """The steps, a parameter's update after the last gradient that reads its old value."""
        ordered: list[Step] = []
        waiting: list[Step] = []
        every = steps(self.lesson)
        for place, step in enumerate(every):
            (waiting if step.kind == "update" else ordered).append(step)
            read = {name for later in every[place + 1 :] for name in names(later.product)}
            free = [each for each in waiting if each.target not in read]
            ordered += [replace(each, section=step.section) for each in free]
            waiting = [each for each in waiting if each not in free]
        return ordered

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of each blank of the part in numbers, by its step."""
        asked = [step.id for step in self._steps if asked_anything(step, self.ask)]
        return {id_: number for number, id_ in enumerate(asked, 1)}

    @cached_property
    def _checker(self) -> Check:
        salt = blake2b(self.lesson.digest.encode(), digest_size=8).hexdigest()
        fields = {name: f"{{{name}}}" for name in ("where", "at", "value", "shape", "given")}
        texts = [self._words(Message(each.text, **fields)) for each in (RIGHT, WRONG, MISSHAPEN)]
        return Check(salt, *texts)

    @property
    def _whole(self) -> str:
        return self._own("whole_tape")

    @property
    def _tape(self) -> str:
        return self._own("tape")

    def _words(self, message: Message) -> str:
        return message.to(self.language)

    def how(self) -> Iterator[str]:
        for paragraph in self._words(Message(HOW.text, gap=f"`{GAP}`")).split("\n\n"):
            yield from (paragraph, "")

    def setup(self) -> Iterator[str]:
        """The imports, and the check."""
        kind, check = self._own("Check"), self._checker
        yield from (f"import numpy as {self._own('np')}", "import tensorflow as tf", "", "")
        yield inspect.getsource(Check).rstrip().replace("class Check:", f"class {kind}:", 1)
        yield from ("", "", f"{self._check} = {kind}(")
        texts = (check.salt, check.right, check.wrong, check.misshapen)
        yield from (f"    {text!r}," for text in texts)
        yield ")"

    # ── in numbers ────────────────────────────────────────────────────────────────────────────

    def tape_cells(self) -> Iterator[Cell]:
        lesson = self.lesson
        data = [name for name in lesson.program.leaves if name not in lesson.parameters]
        if data:
            yield code_cell(self._leaf(name, "constant") for name in data)
        seen = set(data)
        for _, lines in groupby(lesson.program.assignments, lambda line: line.section):
            read = dict.fromkeys(name for line in lines for name in line.inputs)
            new = [name for name in read if name in lesson.parameters and name not in seen]
            seen |= {*new}
            if new:
                yield code_cell(self._leaf(name, "Variable") for name in new)
        told = Message(WHOLE.text, whole=f"`{self._whole}`")
        if lesson.local == "tape":
            told = Message(TAPES.text, whole=f"`{self._whole}`", tape=f"`{self._tape}`")
        yield text_cell([self._words(told)])
        yield code_cell([f"{self._whole} = tf.GradientTape(persistent=True)"])
        passes = groupby(self._steps, lambda step: step.kind in ("forward", "local"))
        for forward, asked in passes:
            yield from self._pass([*asked], forward, data)

    def _pass(self, asked: Sequence[Step], forward: bool, data: list[str]) -> Iterator[Cell]:
        if not forward:
            told = Message(GRADIENTS.text, whole=f"`{self._whole}`")
            yield text_cell([self._words(told)])
            if self.lesson.parameters:
                yield code_cell(self._settings())
        for section, group in groupby(asked, lambda step: step.section):
            title = self._words(FORWARD if forward else BACKWARD)
            if heading := self.lesson.heading(section, self.language):
                title = f"{heading}: {title}"
            yield text_cell([f"### {escaped(title)}"])
            for recorded, run in groupby(group, lambda step: step.kind == "forward"):
                if recorded:
                    yield from self._recorded([*run], data)
                    data = []
                else:
                    for step in run:
                        yield from self._blank(step)

    def _settings(self) -> Iterator[str]:
        """The numbers of the update, and the optimizer's state."""
        settings = {LEARNING_RATE: self.lesson.learning_rate, **self.lesson.optimizer.settings}
        yield from (f"{name} = {value!r}" for name, value in settings.items())
        yield from (self._leaf(name, "Variable") for name in self.lesson.states)

    def _recorded(self, run: Sequence[Step], data: Sequence[str]) -> Iterator[Cell]:
        """Assignments on the tape; `data` is watched from here on."""
        lesson, targets = self.lesson, [step.target for step in run]
        local = [s for s in steps(lesson) if s.kind == "local" and s.target in targets]
        by = [step.by for step in local if lesson.local == "tape"]
        watched = [n for n in dict.fromkeys(by) if n not in (*targets, *lesson.parameters)]
        tape = f", tf.GradientTape(persistent=True) as {self._tape}" if by else ""
        lines = [f"with {self._whole}{tape}:"]
        lines += [f"    {self._whole}.watch([{', '.join(data)}])"] if data else []
        lines += [f"    {self._tape}.watch([{', '.join(map(str, watched))}])"] if watched else []
        asked = []
        for step in run:
            line = lesson.program.by_target[step.target]
            given = isinstance(line.expression, Name) or not line.inputs
            if not given and step.id in self._numbers:
                asked.append(step)
            shown = given or self.filled or step.id not in self._numbers
            lines.append(f"    {step.target} = {right_side(self.lesson, line) if shown else GAP}")
            if not line.inputs:
                lines.append(f"    {self._whole}.watch({step.target})")
        yield text_cell(self._question(step) for step in asked)
        yield code_cell(lines)
        if asked:
            yield code_cell(self._check_of(step) for step in asked)

    def _question(self, step: Step) -> str:
        asked = self._words(question(self.lesson, step, "unicode"))
        return f"**{self._numbers[step.id]}.** {escaped(asked)}  "

    def _blank(self, step: Step) -> Iterator[Cell]:
        asked = step.id in self._numbers
        if asked:
            yield text_cell([self._question(step)])
        gap = asked and not self.filled
        if step.kind == "update":
            line = code(self.lesson, step)
            yield code_cell([f"{line.partition('(')[0]}({GAP})" if gap else line])
        else:
            yield code_cell([f"{step.id} = {GAP if gap else self._answer(step)}"])
        if asked:
            compared = [self._compared(step)] if step.kind == "backward" else []
            yield code_cell([self._check_of(step), *compared])
        if step.kind == "optimizer" and step.renews:
            yield code_cell([f"{step.renews}.assign({step.id})"])

    def _answer(self, step: Step) -> str:
        if step.kind == "local" and self.lesson.local == "tape":
            return f"{self._tape}.gradient({step.target}, {step.by})"
        return write(step.product, "tensorflow", self.lesson.dtype)

    def _compared(self, step: Step) -> str:
        """The course's assertion: the tape gives the same."""
        zero = "" if self.facts.truth(step).any() else ', unconnected_gradients="zero"'
        gradient = f"{self._whole}.gradient({step.target}, {step.by}{zero})"
        return f"tf.debugging.assert_near({gradient}, {step.id}, rtol=1e-3)"

    def _check_of(self, step: Step) -> str:
        where, truth = f"{self._numbers[step.id]}. {step.id}", self.facts.truth(step)
        if step.kind != "update":
            return self._call(where, step.id, truth)
        return self._call(where, step.target, truth, self.facts.known(step.target))

    def _call(self, where: str, value: str, truth: Array, old: Array | None = None) -> str:
        """The call that checks a value; that of a weight by its change from the `old` one."""
        decimals = None if old is None else self._decimals(old, truth)
        hashes = " ".join(self._hashes(where, truth, decimals))
        rounded = "" if decimals is None else f", decimals={decimals}"
        return f'{self._check}("{where}", {value}, {truth.shape}, "{hashes}"{rounded})'

    def _hashes(self, where: str, truth: Array, decimals: int | None) -> Iterator[str]:
        numbers = np.asarray(truth, "float64").reshape(-1)
        largest = float(np.abs(numbers).max(initial=0.0))
        for place in self._checker.places(numbers.size):
            text = self._checker.near(float(numbers[place]), largest, decimals)[0]
            yield self._checker.hashed(where, place, text)

    def _decimals(self, old: Array, new: Array) -> int:
        """Decimals that show the change of every element, as far as the type has them."""
        pairs = zip(
            *(each.astype("float64").reshape(-1).tolist() for each in (old, new)), strict=True
        )
        dtype = self.lesson.dtype
        needed = max(figures_needed(before, after - before, dtype) for before, after in pairs)
        largest = float(np.abs(new).max(initial=0.0)) or 1.0
        return min(needed, floor(-log10(ROUNDING[dtype] * largest)))

    # ── in Keras ──────────────────────────────────────────────────────────────────────────────

    def keras_cells(self) -> Iterator[Cell]:
        """Raises UserError: the lesson is no stack of layers, or has a name that the code uses."""
        layers, lesson = self.keras_network(), self.lesson
        run, old = keras_run(self.facts), self.facts.trace.values
        yield code_cell(self._keras_imports())
        yield code_cell(self._leaf(name, "constant") for name in layers.weights)
        weights = "model.trainable_weights"
        sizes = np.asarray([size for name in layers.weights for size in lesson.shapes[name]])
        checks: dict[str, list[tuple[str, Array, Array | None]]] = {
            "model": [(f"[size for weight in {weights} for size in weight.shape]", sizes, None)],
            "loss": [(lesson.loss, np.asarray(run.loss), None)],
            "gradients": [
                (f"gradients[{index}]", run.gradients[name], None)
                for index, name in enumerate(layers.weights)
            ],
            "assign_sub": [
                (f"{weights}[{index}]", run.updated[name], old[name])
                for index, name in enumerate(layers.weights)
            ],
        }
        blanks = iter(blank for blank in coding(lesson) if blank.reads not in LOOK)
        for number, (what, last) in enumerate(KERAS_CELLS, len(self._numbers) + 1):
            yield text_cell([f"**{number}.** {escaped(self._words(what))}"])
            lines = [TAPE] if last == "loss" else []
            for blank in blanks:
                lines.append(blank.filled if self.filled else blank.line)
                if blank.id == last:
                    break
            yield code_cell(lines)
            if last in checks:
                yield code_cell(
                    self._call(f"{number}. {value if len(value) < 30 else last}", value, new, was)
                    for value, new, was in checks[last]
                )

    def _keras_imports(self) -> Iterator[str]:
        yield from IMPORTS[1:]
        if self.lesson.dtype != "float32":  # in which Keras computes until it is told otherwise
            yield f'tf.keras.config.set_dtype_policy("{self.lesson.dtype}")'


def notebook_with_blanks(
    lesson: Lesson, language: str, ask: Ask, parts: Sequence[Part], *, filled: bool
) -> str:
    """The notebook as JSON; `filled` for the teacher.

    Raises UserError: it would hold too many numbers, its code would not run, or there is no such
    part.
    """
    require_notebook(lesson, parts)
    made = Blanks(lesson, Facts(lesson), language, ask, filled)
    return packed(_cells(made, parts))


def _cells(made: Blanks, parts: Sequence[Part]) -> Iterator[Cell]:
    lesson, language = made.lesson, made.language
    content = document(lesson, language, "unicode", made.filled)
    yield text_cell(opening(content))
    if "derive" in parts:
        yield text_cell(derivation(content))
    if "tape" in parts or "keras" in parts:
        yield text_cell(made.how())
        yield code_cell(made.setup())
    if "tape" in parts:
        yield text_cell([part_title("tape", language)])
        yield from made.tape_cells()
    if "keras" in parts:
        yield text_cell([part_title("keras", language)])
        if "tape" not in parts:
            yield code_cell(made.leaves())
        try:
            yield from [*made.keras_cells()]
        except UserError as error:
            yield text_cell([escaped(error.message.to(language))])
