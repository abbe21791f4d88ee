"""The first part of the course: the chain rule in symbols, and the order of the backward pass."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import cached_property

from bptutor.course.exercise import Exercise, OnTape, Remark
from bptutor.course.parts import gradients_of, rule_of, shapes_of
from bptutor.engine.trace import Array
from bptutor.grading.diagnosis import UNKNOWN, History
from bptutor.grading.formula import (
    JudgedFormula,
    Scope,
    World,
    judge_formula,
    read_formula,
    too_early,
)
from bptutor.grading.grade import diagnose_formula
from bptutor.grading.named import Named
from bptutor.language import limits
from bptutor.language.algebra import transposed
from bptutor.language.broadcast import unbroadcast
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import LanguageError, ShapeError, shortened, suggestion
from bptutor.language.ops import build
from bptutor.language.ops.base import broadcast_shape
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.shapes import Outlines
from bptutor.language.tree import Expression, Name, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import named
from bptutor.lesson.steps import factors, passed_back, readers
from bptutor.text import Message

_BETWEEN = re.compile(r"(?:[\s,;，、→>|]|->)+")
_NOTHING = frozenset(("", "-", "0", "none", "nothing", "no", "없음", "없어요", "없다"))


def read_names(text: str, known: Set[str], lesson: Lesson) -> list[str]:
    """The known names in a text, as the lesson has them; [] for the word `nothing`.

    Raises LanguageError: the text is too long, or a word in it is no known name.
    """
    if len(text) > limits.MOST_CHARACTERS:
        raise LanguageError(limits.TOO_LONG)
    plain = text.strip().strip("[](){}").replace("->", " ")
    if plain.strip().lower() in _NOTHING:
        return []
    return [_name(word, text, known, lesson) for word in _BETWEEN.split(plain) if word]


def _name(word: str, text: str, known: Set[str], lesson: Lesson) -> str:
    if (name := named(lesson, word)) in known:
        return name
    problem = suggestion(
        word,
        known,
        Message("There is no {name} here; did you mean {nearest}?"),
        Message("There is no {name} here; type names with commas between them."),
        name=shortened(word),
    )
    raise LanguageError(problem, column=max(text.find(word), 0))


# ── derivation ────────────────────────────────────────────────────────────────────────────────────


class Derivation(OnTape):
    """A step of the part `derive` that asks for a formula: a gradient, or a local derivative.

    A local derivative is asked as the chain rule uses it: as the factor of the upstream gradient,
    or as the vector-Jacobian product of the two.
    """

    rungs = 2

    @property
    def _local(self) -> bool:
        return self.step.kind == "local"

    @property
    def _is_factor(self) -> bool:
        return self.step.id in factors(self.lesson)

    @property
    def _upstream(self) -> str:
        return gradient_name(self.lesson.loss, self.step.target)

    @property
    def scope(self) -> Scope:
        found = super().scope
        return replace(found, known=(*found.known, self._upstream)) if self._local else found

    def question(self) -> Message:
        step, by = self.step, self.step.by or ""
        if not self._local:
            return super().question()
        if self._is_factor:
            return Message(
                "Write the derivative of {target} with respect to {by} as a formula.",
                target=step.target,
                by=by,
            )
        return Message(
            "What does {target} pass back to {by}? Write it with the upstream gradient {upstream}.",
            target=step.target,
            by=by,
            upstream=display_name(self._upstream, self.style),
        )

    def _remarks(self) -> Sequence[Remark]:
        if not (self._local and self._is_factor):
            # The author's notes there are about numbers, updates and the sums of `tape.gradient`.
            return [Message("Use known names only. @ is the matrix product, * is element-wise.")]
        note = self.lesson.notes.get(self.step.id)
        said = Message("Use known names only. If the derivative is 1 everywhere, type 1.")
        return [note, said] if note else [said]

    # ── the answer ────────────────────────────────────────────────────────────────────────────

    def _judge(self, text: str) -> JudgedFormula:
        if not self._local:
            return super()._judge(text)
        formula = read_formula(text, self.scope)
        if problem := too_early(formula, self.scope):
            return JudgedFormula("wrong", problem)
        right = Message("Right. The rule: {rule}.", rule=self._rule())
        if self._is_factor:
            judged = judge_formula(formula, self.facts.worlds(self.step), spread=True)
            if judged.verdict == "right" or self._passes_back(formula):
                return JudgedFormula("right", right)
            return judged
        for meant, said in ((formula, right), *self._as_factor(formula)):
            if self._passes_back(meant):
                return JudgedFormula("right", said)
        return JudgedFormula.wrong(self._problem(formula))

    def _as_factor(self, formula: Expression) -> Iterator[tuple[Expression, Message]]:
        """The products of a factor with the upstream gradient, and what to say where one is right.

        A product is summed over the axes along which the input is broadcast.
        """
        rule, upstream = self._rule(), Name(self._upstream)
        if upstream.id in names(formula):
            return
        left = Message("Right, as the factor on the left. The rule: {rule}.", rule=rule)
        yield build.matmul(formula, upstream), left
        right = Message("Right, as the factor on the right. The rule: {rule}.", rule=rule)
        yield build.matmul(upstream, formula), right
        both = Message("Right, as the factor. The rule: {rule}.", rule=rule)
        yield self._summed(build.product(formula, upstream)), both

    def _summed(self, product: Expression) -> Expression:
        """A product summed over the axes along which the input was broadcast."""
        outlines = Outlines(shapes_of(self.lesson))
        try:
            shape, own = outlines.shape(product), self.step.shape
            fits = broadcast_shape(shape, own) == shape
        except ShapeError:
            return product
        return unbroadcast(product, shape, own, outlines.shape) if fits else product

    def _passes_back(self, formula: Expression) -> bool:
        """Is it the vector-Jacobian product?"""
        return judge_formula(formula, self._worlds, spread=True).verdict == "right"

    @cached_property
    def _worlds(self) -> list[World]:
        rule = rule_of(self.lesson, self.step)
        return [
            replace(world, truth=world.evaluate(rule))
            for world in self.facts.worlds_of(self.step.id, rule)
        ]

    def _problem(self, formula: Expression) -> Message:
        """What is wrong with the formula of a vector-Jacobian product."""
        step, upstream = self.step, display_name(self._upstream, self.style)
        target, by = step.target, step.by or ""
        summed = self.facts.worlds_of(step.id, step.product)
        if judge_formula(formula, summed, spread=True).verdict == "right":
            return Message(
                "That is what tape.gradient({target}, {by}) returns: a sum over all outputs. Each"
                " output has an upstream gradient of its own: write the rule with {upstream}.",
                target=target,
                by=by,
                upstream=upstream,
            )
        turned = self._as_factor(transposed(formula))
        if isinstance(formula, Name) and any(self._passes_back(meant) for meant, _ in turned):
            return Message(
                "You used {name} as it is. Going back, rows and columns change places: transpose"
                " it.",
                name=formula.id,
            )
        if self._upstream in names(formula):
            return Message(
                "That is not what {target} passes back to {by}. Check the sides and the transpose.",
                target=target,
                by=by,
            )
        return Message(
            "Multiplied by {upstream}, that is not what {target} passes back to {by}.",
            target=target,
            by=by,
            upstream=upstream,
        )

    def diagnose_formula(self, text: str, history: History = UNKNOWN) -> Sequence[Named]:
        """The mistakes of the gradient itself, where this is all of it."""
        if not self._local or self._is_factor:
            return super().diagnose_formula(text)
        gradient = gradients_of(self.lesson)[self.step.by or ""]
        alone = len(readers(self.lesson, gradient.by or "")) == 1
        if not alone or self._upstream not in names(read_formula(text, self.scope)):
            return []
        return diagnose_formula(self.facts, gradient, self.scope, text, self.style)

    def truth(self) -> Array | None:
        return None

    def _rule(self) -> str:
        step, by = self.step, self.step.by or ""
        arrow = passed_back(self.lesson, step.target, by, self.style)
        alone = len(readers(self.lesson, by)) == 1
        left = display_name(gradient_name(self.lesson.loss, by), self.style) if alone else arrow
        return f"{left} = {write(rule_of(self.lesson, step), self.style)}"

    # ── what is shown ─────────────────────────────────────────────────────────────────────────

    def written(self) -> str | None:
        return write(self.step.product, self.style)

    def says(self, language: str) -> str:
        shape = ", ".join(map(str, self.step.shape)) + ("," if len(self.step.shape) == 1 else "")
        return f"<tf.Tensor: shape=({shape}), dtype={self.lesson.dtype}>"

    def formula(self) -> str:
        if not self._local:
            return super().formula()
        line = write_assignment(self.lesson.program.by_target[self.step.target], self.style)
        if self._is_factor:
            return f"{line}    {self.name()} = ?"
        arrow = passed_back(self.lesson, self.step.target, self.step.by or "", self.style)
        return f"{line}    {arrow} = ?"

    def code(self) -> str:
        step = self.step
        if not self._local or self._is_factor:
            return super().code()
        return f"tape.gradient({step.target}, {step.by}, output_gradients={self._upstream})"

    def line(self) -> str | None:
        if self._local and not self._is_factor:
            return None  # the gradient's own step has it
        return f"{self.step.id} = {write(self.step.product, 'tensorflow', self.lesson.dtype)}"

    def relevant(self) -> list[str]:
        if not self._local:
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
        order = [*self.lesson.program.leaves, *self.lesson.program.by_target]
        return ", ".join(name for name in order if name in gradients_of(self.lesson))

    def _remarks(self) -> Sequence[Remark]:
        return [
            Message(
                "Type these names from first to last. A gradient comes after every gradient in "
                "its formula; several orders are right."
            )
        ]

    def _judge(self, text: str) -> JudgedFormula:
        gradients = gradients_of(self.lesson)
        by_id = {step.id: by for by, step in gradients.items()}
        done: set[str] = set()
        for name in read_names(text, {*gradients, *by_id}, self.lesson):
            by = by_id.get(name, name)
            if by in done:
                return JudgedFormula.wrong(
                    Message("{name} is there twice; type each name once.", name=by)
                )
            waits = [name for name in self._needs(by) if name not in done]
            if waits:
                return JudgedFormula.wrong(self._too_early(by, waits[0]))
            done.add(by)
        missing = [by for by in gradients if by not in done]
        if missing:
            said = Message("Right so far. Still to come: {names}.", names=", ".join(missing))
            return JudgedFormula("imprecise", said)
        return JudgedFormula(
            "right", Message("The order is right: each gradient comes after the ones it uses.")
        )

    def _too_early(self, by: str, waits: str) -> Message:
        step = gradients_of(self.lesson)[by]
        return Message(
            "{name} comes too early. Its formula, {product}, needs {waits} first.",
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
        yield Message("The backward pass starts at the loss. Which formula uses no other gradient?")
        yield Message(
            "It is {name} = {product}: it uses only values of the forward pass.",
            name=display_name(gradients[first].id, self.style),
            product=write(gradients[first].product, self.style),
        )
        yield Message(
            "Next come the gradients that use only that one: {names}.", names=", ".join(after)
        )

    def written(self) -> str | None:
        return ", ".join(gradients_of(self.lesson))

    def says(self, language: str) -> str:
        said = Message(
            "Parameters pass no gradient on, so theirs may come at any time after their upstream "
            "gradient. The others go back layer by layer, since each uses the previous one."
        )
        return said.to(language)
