"""The first part of the course: the chain rule in symbols, and the order of the backward pass."""

import re
from collections.abc import Iterator, Sequence, Set

from bptutor.course.exercise import Exercise, OnTape, Remark
from bptutor.course.parts import gradients_of
from bptutor.course.questions import operations_to
from bptutor.engine.trace import Array
from bptutor.grading.formula import JudgedFormula, World, judge_formula, read_formula
from bptutor.grading.grade import grade_formula
from bptutor.language import limits
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import LanguageError, shortened, suggestion
from bptutor.language.ops import traits_of
from bptutor.language.parse import parse_expression
from bptutor.language.render import display_name, write
from bptutor.language.tree import Apply, Expression, Name, Number, names
from bptutor.text import Message

_BETWEEN = re.compile(r"(?:[\s,;，、→>|]|->)+")
_NOTHING = frozenset(("", "-", "0", "none", "nothing", "no", "없음", "없어요", "없다"))


def read_names(text: str, known: Set[str]) -> list[str]:
    """The known names in a text; [] for the word `nothing`.

    Raises:
        LanguageError: the text is too long, or a word in it is no known name.
    """
    if len(text) > limits.MOST_CHARACTERS:
        raise LanguageError(limits.TOO_LONG)
    plain = text.strip().strip("[](){}").replace("->", " ")
    if plain.strip().lower() in _NOTHING:
        return []
    return [_name(word, text, known) for word in _BETWEEN.split(plain) if word]


def _name(word: str, text: str, known: Set[str]) -> str:
    try:
        read = parse_expression(word, known)
    except LanguageError:
        read = None
    if isinstance(read, Name) and read.id in known:
        return read.id
    problem = suggestion(
        word,
        known,
        Message("There is no {name} here; did you mean {nearest}?"),
        Message("There is no {name} here; type names, apart by commas."),
        name=shortened(word),
    )
    raise LanguageError(problem, column=max(text.find(word), 0))


# ── derivation ────────────────────────────────────────────────────────────────────────────────────


class Derivation(OnTape):
    """A step of the part `derive` that asks for a formula."""

    rungs = 2

    def question(self) -> Message:
        step = self.step
        if step.kind == "backward":
            return super().question()
        return Message(
            "How does {target} answer when {by} moves? Write its slope as a formula.",
            target=step.target,
            by=step.by or "",
        )

    def _remarks(self) -> Sequence[Remark]:
        # The author's notes on gradients are about numbers and updates: there are none here.
        if self.step.kind != "local":
            return [
                Message("A formula of what is known. @ multiplies matrices, * goes cell by cell.")
            ]
        note = self.lesson.notes.get(self.step.id)
        said = Message("A formula of what is known; where the slope is 1 everywhere, 1 is enough.")
        return [note, said] if note else [said]

    def _judge(self, text: str) -> JudgedFormula:
        if self.step.kind == "backward":
            return super()._judge(text)
        judged = grade_formula(self.facts, self.step, self.scope, text, spread=True)
        if judged.verdict == "right":
            return JudgedFormula("right", Message("The formula is right."))
        if judged.verdict == "wrong" and self._is_factor(text):
            return JudgedFormula("right", self._added_up())
        return judged

    def _is_factor(self, text: str) -> bool:
        """Is it the chain rule's factor, not yet summed over the outputs?"""
        factor = self._factor()
        if factor is None:
            return False
        worlds = [
            World(world.evaluate(factor), world.evaluate, world.residue)
            for world in self.facts.worlds(self.step)
        ]
        expression = read_formula(text, self.scope)
        return judge_formula(expression, worlds, spread=True).verdict == "right"

    def _factor(self) -> "Expression | None":
        """The factor of the chain rule in a summed derivative, or None.

        It is `W1.T` in `ones_like(Z1) @ W1.T`, and 1 for a bias.
        """
        product, step = self.step.product, self.step
        line = self.lesson.program.by_target[step.target]
        path = operations_to(line.expression, step.by or "")
        if all(operation.traits.terms == "plus" for operation in path):
            return Number(1)
        if isinstance(product, Apply) and traits_of(product).product == "matrices":
            others = [operand for operand in product.operands if not traits_of(operand).shape_alone]
            return others[0] if len(others) == 1 else None
        return None

    def _added_up(self) -> Message:
        step = self.step
        return Message(
            "Right: that is what the chain rule multiplies with. tape.gradient({target}, {by}) adds"
            " it up over the outputs: {formula}.",
            target=step.target,
            by=step.by or "",
            formula=write(step.product, self.style),
        )

    def truth(self) -> Array | None:
        return None

    def written(self) -> str | None:
        return write(self.step.product, self.style)

    def says(self, language: str) -> str:
        shape = ", ".join(map(str, self.step.shape)) + ("," if len(self.step.shape) == 1 else "")
        return f"<tf.Tensor: shape=({shape}), dtype={self.lesson.dtype}>"

    def formula(self) -> str:
        if self.step.kind == "backward":
            return super().formula()
        line = self.lesson.program.by_target[self.step.target]
        name = display_name(self.step.id, self.style)
        return f"{line.target} = {write(line.expression, self.style)}    {name} = ?"

    def line(self) -> str | None:
        return f"{self.step.id} = {write(self.step.product, 'tensorflow', self.lesson.dtype)}"

    def relevant(self) -> list[str]:
        if self.step.kind == "backward":
            return super().relevant()
        line = self.lesson.program.by_target[self.step.target]
        return list(dict.fromkeys((*line.inputs, self.step.target)))


# ── ordering ──────────────────────────────────────────────────────────────────────────────────────


class Ordering(Exercise):
    """In which order the gradients of a lesson can be computed."""

    def name(self) -> Message | str:
        return Message("the order")

    def question(self) -> Message:
        return Message(
            "The forward pass is done. In which order can the gradients of {loss} be computed?",
            loss=self.lesson.loss,
        )

    def formula(self) -> str:
        """The names to put in order, in program order."""
        order = [*self.lesson.program.leaves, *self.lesson.program.by_target]
        return ", ".join(name for name in order if name in gradients_of(self.lesson))

    def _remarks(self) -> Sequence[Remark]:
        return [
            Message(
                "Type these names, first to last. A gradient can be computed once all that its "
                "product reads is there; several orders are right."
            )
        ]

    def _judge(self, text: str) -> JudgedFormula:
        gradients = gradients_of(self.lesson)
        by_id = {step.id: by for by, step in gradients.items()}
        done: set[str] = set()
        for name in read_names(text, {*gradients, *by_id}):
            by = by_id.get(name, name)
            if by in done:
                return JudgedFormula.wrong(
                    Message("{name} stands there twice; each comes once.", name=by)
                )
            waits = [name for name in self._needs(by) if name not in done]
            if waits:
                return JudgedFormula.wrong(self._too_early(by, waits[0]))
            done.add(by)
        missing = [by for by in gradients if by not in done]
        if missing:
            said = Message("Right so far. Still to come: {names}.", names=", ".join(missing))
            return JudgedFormula("imprecise", said)
        return JudgedFormula("right", Message("The order is right: each has what it needs."))

    def _too_early(self, by: str, waits: str) -> Message:
        step = gradients_of(self.lesson)[by]
        return Message(
            "{name} comes too early. It is {product}, and {waits} is not there yet.",
            name=display_name(step.id, self.style),
            product=write(step.product, self.style),
            waits=display_name(gradient_name(self.lesson.loss, waits), self.style),
        )

    def _needs(self, by: str) -> list[str]:
        """The names whose gradients the formula of this gradient reads."""
        gradients = gradients_of(self.lesson)
        ids = {step.id: name for name, step in gradients.items()}
        read = dict.fromkeys(names(gradients[by].product))
        return [ids[name] for name in read if name in ids]

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        gradients = gradients_of(self.lesson)
        first = next(by for by in gradients if not self._needs(by))
        after = [by for by in gradients if self._needs(by) == [first]]
        yield Message(
            "The signal starts at the loss. Which product reads no other gradient at all?"
        )
        yield Message(
            "It is {name} = {product}: it reads the forward pass alone.",
            name=display_name(gradients[first].id, self.style),
            product=write(gradients[first].product, self.style),
        )
        yield Message("What reads only that one comes next: {names}.", names=", ".join(after))

    def written(self) -> str | None:
        return ", ".join(gradients_of(self.lesson))

    def says(self, language: str) -> str:
        said = Message(
            "Parameters hand nothing on: their gradients may come whenever their turn has come, or "
            "much later. The others must go back layer by layer, since each waits for the one "
            "before it."
        )
        return said.to(language)
