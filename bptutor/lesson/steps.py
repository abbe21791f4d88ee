"""The steps of a lesson. Nobody writes them: they follow from the program.

Forward, a section of the program at a time: its assignments, then those of their local derivatives
that are factors of the chain rule (all of them where the lesson asks for what the tape returns);
the loss stands alone. Backward, from the last assignment to the first: the gradients by its inputs,
then the updates of its parameters: one step of plain gradient descent, several of an optimizer;
where the norm of all gradients is taken, at the very end. A name that is read in several places is
asked once all of its consumers are done, which is at the first of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf, prod

from bptutor.language import limits
from bptutor.language.algebra import minus
from bptutor.language.differentiate import (
    element_by_element,
    gradient_name,
    gradients,
    local_derivatives,
)
from bptutor.language.errors import ShapeError, TooMuchError
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name
from bptutor.language.shapes import Outlines
from bptutor.language.tree import Assignment, Expression, Name, Program, Shape, size
from bptutor.lesson.lesson import FORMS, Lesson
from bptutor.lesson.optimizer import RATE, Role
from bptutor.literals import Asks, Kind, Part
from bptutor.text import Message

LEARNING_RATE = RATE.id  # the learning rate's name in formulas
MOST_TERMS = 20  # a number that is a sum of more terms is no work by hand


@dataclass(frozen=True)
class Step:
    id: str  # Z1, dZ1_dW1, dL_dW3 or W3_new: also the name under which it is known from then on
    kind: Kind
    section: str | None
    target: str
    """The assignment (forward), the assignment that is differentiated (local), the loss
    (backward; of an optimizer what is there once for all parameters), or the parameter."""
    by: str | None  # what is differentiated by (local, backward)
    product: Expression
    """The assignment's expression, the local derivative's formula, the chain-rule product, or what
    the update computes; 0 where nothing is computed (order, memory, most code)."""
    shape: Shape
    part: Part = "tape"
    numbers: bool = False  # of the other parts: the answer is numbers, not a text
    asks_one: bool = False  # is one element asked, and are the others filled in?
    asks: Asks = "all"  # what the lesson asks of it at most; the rest is shown
    asks_formula: bool = False  # on the tape: is the formula asked, not shown in the question?
    role: Role | None = None  # of an update
    renews: str | None = None  # of an update: the state or the parameter that takes the value


def steps(lesson: Lesson) -> tuple[Step, ...]:
    """Raises TooMuchError: a formula, or all of them, are longer than `limits` grants."""
    return _steps(lesson.form)


def clash(lesson: Lesson) -> Message | None:
    """What is wrong where a name stands for two things; no value of such a name could be told.

    Raises TooMuchError, as `steps` does.
    """
    named = {*lesson.program.leaves, *lesson.program.by_target}
    own = [*lesson.states, *lesson.optimizer.settings]
    if taken := next((name for name in own if name in named), None):
        return Message(
            "{name} is a name of the optimizer; choose another name in the program", name=taken
        )
    if LEARNING_RATE in named:
        return Message(
            "{name} is the name of the learning rate; choose another name", name=LEARNING_RATE
        )
    derived: set[str] = set()
    for step in steps(lesson):
        if step.kind != "forward":
            if step.id in named:
                return Message(
                    "{name} in the program is also the name of a step; rename it", name=step.id
                )
            if step.id in derived:
                return Message(
                    "two steps get the same name {name}; rename one of the names in it",
                    name=step.id,
                )
            derived.add(step.id)
    return None


@lru_cache(maxsize=FORMS)
def _steps(form: Lesson) -> tuple[Step, ...]:
    found: list[Step] = []
    parts = 0
    for step in _Walk(form).steps():
        found.append(step)
        parts += size(step.product)
        if parts > limits.MOST_DERIVED_PARTS:
            raise TooMuchError(limits.DERIVED_TOO_LONG)
    return tuple(found)


def places(lesson: Lesson) -> dict[str, int]:
    return _places(lesson.form)


@lru_cache(maxsize=FORMS)
def _places(form: Lesson) -> dict[str, int]:
    return {step.id: index for index, step in enumerate(steps(form))}


def known_names(lesson: Lesson, index: int) -> tuple[str, ...]:
    """The names known at step `index`: the leaves, the steps before, the rate of the updates."""
    before = (step.id for step in steps(lesson)[:index])
    rate = [LEARNING_RATE] if lesson.parameters else []
    return (*lesson.leaves, *before, *rate)


@lru_cache(maxsize=512)
def decrease(step: Step) -> Expression:
    """What an update subtracts from its parameter."""
    return minus(Name(step.target), step.product)


def factors(lesson: Lesson) -> frozenset[str]:
    """The ids of the local derivatives that are factors of the chain rule.

    Multiplied by the upstream gradient, element-wise, they give the gradient: either both sides
    are scalars, or each element of the assignment depends on the same element of the input alone.
    """
    return _factors(lesson.form)


@lru_cache(maxsize=FORMS)
def _factors(form: Lesson) -> frozenset[str]:
    shapes, shape_of = form.shapes, Outlines(form.shapes).shape
    return frozenset(
        gradient_name(line.target, name)
        for line in form.program.assignments
        for name in line.inputs
        if shapes[line.target] == shapes[name] == ()
        or element_by_element(line.expression, name, shape_of)
    )


def readers(lesson: Lesson, name: str) -> list[Assignment]:
    """The assignments that read a name on a path to the loss."""
    on_path = _on_path(lesson.form)
    return [reader for reader in lesson.program.consumers[name] if reader.target in on_path]


@lru_cache(maxsize=FORMS)
def _on_path(form: Lesson) -> frozenset[str]:
    return frozenset({form.loss, *form.program.ancestors(form.loss)})


def shown_name(lesson: Lesson, name: str, style: Style) -> str:
    """A quantity's name on the screen.

    ∂L/∂W1 and ∂a1/∂Z1 are derivatives. What `tape.gradient` adds up over the outputs is none, and
    is called by the call that returns it.
    """
    place = places(lesson).get(name)
    step = None if place is None else steps(lesson)[place]
    if step and step.kind == "local" and name not in factors(lesson):
        return f"tape.gradient({step.target}, {step.by})"
    return display_name(name, style)


ARROW: dict[Style, str] = {"unicode": "→", "ascii": "->", "tensorflow": "->"}


def passed_back(lesson: Lesson, target: str, by: str, style: Style) -> str:
    """What an assignment passes back to a name, as an arrow from its upstream gradient."""
    upstream = lesson.loss if target == lesson.loss else gradient_name(lesson.loss, target)
    return f"({display_name(upstream, style)} {ARROW[style]} {by})"


def step_name(lesson: Lesson, step: Step, style: Style) -> str:
    """A step's name on the screen; in symbols what is no factor is what is passed back."""
    if step.part == "tape":
        return shown_name(lesson, step.id, style)
    if step.part == "derive" and step.kind == "local" and step.id not in factors(lesson):
        return passed_back(lesson, step.target, step.by or "", style)
    return display_name(step.id, style)


class _Walk:
    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.program: Program = lesson.program
        self.reaching = _on_path(lesson.form)
        self.differentiated = self._differentiated()
        self.products = gradients(self.program, lesson.loss, lesson.shapes)
        self.factors = factors(lesson)
        self.shapes: dict[str, Shape] = {**lesson.shapes, LEARNING_RATE: ()}
        self.outlines = Outlines(self.shapes)
        self.computed: set[str] = set()  # the ids of the steps of updates so far

    def _differentiated(self) -> set[str]:
        """Parameters, watched leaves, and what is computed from them; the rest is data.

        A lesson that names neither is differentiated by its assignments alone.
        """
        sources = {*self.lesson.parameters, *self.lesson.watch}
        found = set(sources)
        for assignment in self.program.assignments:
            if not sources or found.intersection(assignment.inputs):
                found.add(assignment.target)
        return found

    def steps(self) -> Iterator[Step]:
        yield from self._forward_pass()
        yield from self._backward_pass()

    def _forward_pass(self) -> Iterator[Step]:
        waiting: list[Assignment] = []
        for line in self.program.assignments:
            alone = line.section is None or line.target == self.lesson.loss
            if waiting and (alone or waiting[-1].section != line.section):
                yield from self._locals(waiting)
                waiting = []
            yield self._step("forward", line.target, line, line.target, None, line.expression)
            if line.target != self.lesson.loss:
                waiting.append(line)
        yield from self._locals(waiting)

    def _locals(self, lines: list[Assignment]) -> Iterator[Step]:
        for line in lines:
            inputs = self._parameters_first(line) if line.target in self.reaching else []
            ids = {name: gradient_name(line.target, name) for name in inputs}
            asked = [
                name for name in inputs if self.lesson.local == "tape" or ids[name] in self.factors
            ]
            products = local_derivatives(self.program, line, self.lesson.shapes) if asked else {}
            for name in asked:
                yield self._step("local", ids[name], line, line.target, name, products[name])

    def _backward_pass(self) -> Iterator[Step]:
        loss = self.lesson.loss
        waiting: list[tuple[str, Assignment]] = []
        for line in reversed(self.program.assignments):
            if line.target not in self.reaching:
                continue
            inputs = self._parameters_first(line)
            ready = [name for name in inputs if self._first_consumer(name) is line]
            for name in ready:
                id_ = gradient_name(loss, name)
                yield self._step("backward", id_, line, loss, name, self.products[name])
            waiting += [(name, line) for name in ready if name in self.lesson.parameters]
            if "global_clipnorm" not in self.lesson.optimizer.settings:
                yield from self._updates(waiting)
                waiting = []
        yield from self._updates(waiting)

    def _updates(self, parameters: list[tuple[str, Assignment]]) -> Iterator[Step]:
        lesson, loss = self.lesson, self.lesson.loss
        gradients = {name: Name(gradient_name(loss, name)) for name, _ in parameters}
        for name, line in parameters:
            for each in lesson.optimizer.lines(name, gradients):
                if each.id in self.computed:
                    continue
                self.computed.add(each.id)
                for_all = each.id in ("norm", "lr_t")
                kind: Kind = "update" if each.renews == name else "optimizer"
                shape = () if each.role in ("norm", "rate") else lesson.shapes[name]
                self.shapes[each.id] = shape
                yield Step(
                    each.id,
                    kind,
                    None if for_all else line.section,
                    loss if for_all else name,
                    None,
                    each.product,
                    shape,
                    asks_one=kind == "update" and lesson.updates == "one",
                    asks=self._asks(each.id, kind, each.product),
                    asks_formula=not lesson.optimizer.plain,
                    role=each.role,
                    renews=each.renews,
                )

    def _step(
        self,
        kind: Kind,
        id_: str,
        line: Assignment,
        target: str,
        by: str | None,
        product: Expression,
    ) -> Step:
        shape = self.lesson.shapes[by or target]
        self.shapes[id_] = shape
        formula = kind == "backward"
        asks = self._asks(id_, kind, product)
        return Step(
            id_, kind, line.section, target, by, product, shape, asks=asks, asks_formula=formula
        )

    def _asks(self, id_: str, kind: Kind, product: Expression) -> Asks:
        named, ask = {id_, kind}, self.lesson.ask
        if (ask and named.isdisjoint(ask)) or not named.isdisjoint(self.lesson.skip):
            return "nothing"
        if self.lesson.elements == "none" or self._terms(product) > MOST_TERMS:
            return "formula"
        return "all"

    def _terms(self, product: Expression) -> float:
        """How many terms are added up for one element; a part that several share counts once."""
        try:
            outline = self.outlines.of(product)
        except ShapeError:  # it is too large to compute
            return inf
        return 1 + outline.additions / prod(outline.shape)

    def _parameters_first(self, assignment: Assignment) -> list[str]:
        """The inputs that are differentiated by, in the order in which they are asked."""
        inputs = [name for name in assignment.inputs if name in self.differentiated]
        return sorted(inputs, key=lambda name: name not in self.lesson.parameters)

    def _first_consumer(self, name: str) -> Assignment:
        """The first assignment on a path to the loss that reads `name`."""
        consumers = self.program.consumers[name]
        return next(reader for reader in consumers if reader.target in self.reaching)
