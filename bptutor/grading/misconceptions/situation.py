"""A step as the rules of the misconceptions see it: its product, path by path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from bptutor.grading.misconceptions.step_paths import (
    Factor,
    Path,
    Pullback,
    Surroundings,
    WrongRule,
    activates,
    nodes_to,
    surroundings,
    with_part,
)
from bptutor.language.algebra import ONE, ZERO, plus, untransposed
from bptutor.language.differentiate import derivative, downstream_gradients, gradient_name
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, traits_of
from bptutor.language.ops.base import Backward, Operation, Style
from bptutor.language.render import write
from bptutor.language.tree import Apply, Assignment, Expression, Name, Shape, names, renamed
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, places, shown_name, steps
from bptutor.text import Message, significant
from bptutor.text.numbers import element_words


@dataclass(frozen=True)
class Cell:
    """The first wrong cell, for messages that quote its numbers."""

    index: tuple[int, ...]  # of the element; () for a scalar
    number: Callable[[Expression], float]  # there, of what broadcasts to the step's shape

    def equation(self, name: str, expression: Expression) -> Message:
        """A name with the number of an expression there, and the place."""
        value = significant(self.number(expression), 3)
        if not self.index:
            return Message("{name} = {value}", name=name, value=value)
        place = element_words(self.index)
        return Message("{name} = {value} in {place}", name=name, value=value, place=place)


Words = Message | Callable[[Cell], Message]


@dataclass(frozen=True)
class Mistake:
    """One wrong formula for a step, and what to say about it.

    `explanation` says what the learner did, `advice` what to do instead.
    """

    id: str  # of the misconception
    situation: Situation
    explanation: Words
    advice: Message

    @property
    def expression(self) -> Expression:
        return self.situation.product


@dataclass(frozen=True)
class Situation:
    """A step with the formula that is used for it; a rule makes another situation of it."""

    around: Surroundings
    step: Step
    style: Style
    paths: tuple[Path, ...]

    @property
    def lesson(self) -> Lesson:
        return self.around.lesson

    @property
    def shapes(self) -> dict[str, Shape]:
        return self.around.shapes

    @cached_property
    def product(self) -> Expression:
        """The formula as a whole, broadcast to the step's shape where it can be."""
        return self.spread(plus(*(path.term for path in self.paths)))

    # ── what a rule makes of it ───────────────────────────────────────────────────────────────

    def with_term(self, path: Path, term: Expression) -> Situation:
        found = (replace(each, term=term) if each is path else each for each in self.paths)
        return replace(self, paths=tuple(found))

    def with_terms(
        self, paths: Sequence[Path], change: Callable[[Expression], Expression]
    ) -> Situation:
        found = (replace(p, term=change(p.term)) if p in paths else p for p in self.paths)
        return replace(self, paths=tuple(found))

    def with_product(self, expression: Expression) -> Situation:
        """One formula in the place of all paths."""
        return replace(self, paths=(replace(self.paths[0], term=expression),))

    def with_upstream(self, path: Path, upstream: Expression) -> Situation:
        return self._handed([path], [replace(path, wrong_upstream=upstream)])

    def with_rule(self, path: Path, node: Apply, wrong: WrongRule) -> Situation:
        return self._handed([path], [replace(path, wrong_rules=(*path.wrong_rules, (node, wrong)))])

    def with_rule_in_line(self, line: Assignment, node: Apply, wrong: WrongRule) -> Situation:
        """A wrong rule at one operation, on all paths through its line."""
        changed = [path for path in self.paths if path.consumer == line]
        return self._handed(
            changed,
            [replace(path, wrong_rules=(*path.wrong_rules, (node, wrong))) for path in changed],
        )

    def _handed(self, changed: Sequence[Path], others: Sequence[Path]) -> Situation:
        """The same with the terms of some paths of a line computed again, at once where alike."""
        found = {id(path): path for path in self.paths}
        terms: list[Expression] | None = None
        before: Path | None = None
        for path, other in zip(changed, others, strict=True):
            alike = before is not None and (
                (before.wrong_rules, before.wrong_upstream)
                == (other.wrong_rules, other.wrong_upstream)
            )
            if not alike:
                terms, before = self._terms(other), other
            if terms is not None:
                # Where no gradient passes any more, there are fewer places.
                term = terms[path.place] if path.place < len(terms) else ZERO
                found[id(path)] = replace(other, term=self.spread(term))
        return replace(self, paths=tuple(found.values()))

    def _terms(self, path: Path) -> list[Expression] | None:
        """What its line passes back by the path's wrong rules; None where that does not fit."""

        def rule(operation: Operation, backward: Backward, index: int) -> Expression | None:
            if self.by not in names(backward.operand(index)):
                return None  # on no way to what is differentiated by
            pull: Pullback = partial(derivative, operation, index=index)
            for node, wrong in path.wrong_rules:
                if node == backward.node:
                    pull = partial(wrong, pull=pull)
            return pull(backward)

        upstream = path.wrong_upstream
        if upstream is None and self.step.kind != "local":
            upstream = self.upstream(path)
        try:
            handed = downstream_gradients(
                self.lesson.program,
                path.consumer,
                upstream,
                self.shapes,
                rule,
                self.around.outlines,
            )
        except ShapeError:  # nobody gets that far
            return None
        return [term for name, term in handed if name == self.by]

    def with_factor(self, path: Path, factor: Factor, other: Expression) -> Situation:
        operand = with_part(factor.other, factor.read, other)
        return self.with_operand(path, factor.node, factor.other, operand)

    def with_operand(
        self, path: Path, node: Apply, read: Expression, other: Expression
    ) -> Situation:
        def wrong(backward: Backward, pull: Pullback) -> Expression | None:
            operands = tuple(other if each == read else each for each in backward.node.operands)
            return pull(replace(backward, node=replace(backward.node, operands=operands)))

        return self.with_rule(path, node, wrong)

    def upstream_at(self, path: Path, node: Apply) -> Expression:
        arrived: list[Expression] = [self.upstream(path)]

        def seen(backward: Backward, pull: Pullback) -> Expression | None:
            arrived.append(backward.upstream)
            return pull(backward)

        self.with_rule(path, node, seen)
        return self.around.named(arrived[-1])

    def with_upstream_at(
        self, path: Path, node: Apply, change: Callable[[Expression], Expression]
    ) -> Situation:
        return self.with_rule(
            path,
            node,
            lambda backward, pull: pull(replace(backward, upstream=change(backward.upstream))),
        )

    # ── names and shapes ──────────────────────────────────────────────────────────────────────

    @property
    def by(self) -> str:
        """The name that is differentiated by; an update's parameter, a forward step's target."""
        return self.step.by or self.step.target

    def shape(self, expression: Expression) -> Shape | None:
        try:
            return self.around.outlines.shape(expression)
        except ShapeError:
            return None

    def fits(self, expression: Expression) -> bool:
        return self.shape(expression) == self.step.shape

    def spread(self, expression: Expression) -> Expression:
        """An expression broadcast to the step's shape; as it is where it does not fit."""
        if self.fits(expression) or self.step.kind == "forward":
            return expression
        ones = build.ones_like(Name(self.by))
        spread = ones if expression == ONE else build.product(expression, ones)
        return spread if self.fits(spread) else expression

    def name(self, name: str) -> str:
        return shown_name(self.lesson, name, self.style)

    def formula(self, target: str) -> str:
        return self.written(self.lesson.program.by_target[target].expression)

    def written(self, expression: Expression) -> str:
        """A formula as the learner writes it, spelled out."""
        if self.lesson.local == "tape":  # whose sums over the outputs are no derivatives
            expression = renamed(expression, lambda name: self._call(name) or name)
        return write(expression, self.style)

    def _call(self, name: str) -> str:
        """The call that returns a sum over the outputs; nothing for any other name."""
        shown = shown_name(self.lesson, name, self.style)
        return shown if shown.startswith("tape.") else ""

    def spelled(self, expression: Expression) -> Expression:
        """A name's formula, where it is assigned."""
        made = self.lesson.program.by_target.get(getattr(expression, "id", ""))
        return made.expression if made else expression

    def before_activation(self, read: Expression) -> Iterator[Expression]:
        """The values before the activation that `read` is."""
        made = self.spelled(read)
        if isinstance(made, Apply) and activates(made):
            for operand in made.operands:
                if self.shape(operand) == self.shape(read):
                    yield operand

    def text(self, expression: Expression) -> str:
        """A formula as the learner writes it, with every part that has a name under it."""
        return self.written(self.around.named(expression))

    # ── the program around the step ───────────────────────────────────────────────────────────

    def upstream(self, path: Path) -> Expression:
        """The right upstream gradient of a path; ones for a local derivative."""
        if self.step.kind == "local":
            return build.ones_like(Name(path.consumer.target))
        if path.consumer.target == self.lesson.loss:
            return ONE
        return Name(gradient_name(self.lesson.loss, path.consumer.target))

    def nodes(self, path: Path) -> list[Apply]:
        """The operations from the consumer's value down to what is differentiated by."""
        return nodes_to(path.consumer.expression, self.by)

    def factor(self, path: Path) -> Factor | None:
        own = (Name(self.by), build.transpose(Name(self.by)))
        for node in self.nodes(path):
            multiplied = traits_of(node).product in ("matrices", "cells")
            if multiplied and set(own).intersection(node.operands):
                left, right = node.operands
                other = right if left in own else left
                return Factor(node, other, untransposed(other))
        return None

    def further_factors(self, path: Path) -> Iterator[Factor]:
        """The named factors of the consumer's products of what depends on it: later weights."""
        own = (Name(self.by), build.transpose(Name(self.by)))
        for node in dict.fromkeys(self.nodes(path)):
            if traits_of(node).product in ("matrices", "cells"):
                others = [each for each in node.operands if self.by not in names(each)]
                if len(others) == 1 and not set(own).intersection(node.operands):
                    found = Factor(node, others[0], untransposed(others[0]))
                    if found.name is not None and not self._constant(found.name):
                        yield found

    def _constant(self, name: str) -> bool:
        """Is it a given number that no gradient is asked of, such as a coefficient?"""
        program, lesson = self.lesson.program, self.lesson
        given = name in program.leaves and name not in (*lesson.parameters, *lesson.watch)
        return given and not self.shapes[name]


def situation(lesson: Lesson, step: Step, style: Style) -> Situation:
    around = surroundings(lesson)
    lesson, program = around.lesson, around.lesson.program
    step = steps(lesson)[places(lesson)[step.id]]
    if step.kind in ("forward", "optimizer", "update"):
        readers = program.consumers.get(step.target, ()) if step.kind != "forward" else ()
        consumer = next(iter(readers), None) or program.by_target[step.target]
        return Situation(around, step, style, (Path(step.product, consumer),))
    if step.kind == "local":
        consumers = [program.by_target[step.target]]
    else:
        consumers = around.readers(step.by or "")
    paths = []
    for consumer in consumers:
        upstream: Expression | None = None
        if step.kind == "backward":
            name = gradient_name(lesson.loss, consumer.target)
            upstream = ONE if consumer.target == lesson.loss else Name(name)
        handed = downstream_gradients(program, consumer, upstream, around.shapes)
        terms = [term for name, term in handed if name == step.by]
        paths += [Path(term, consumer, place) for place, term in enumerate(terms) if term != ZERO]
    return Situation(around, step, style, tuple(paths))
