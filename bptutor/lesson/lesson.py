"""A lesson, as checked throughout."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from bptutor.language.tree import Expression, Program, Shape
from bptutor.lesson.optimizer import SETTINGS, Domain, Optimizer, State
from bptutor.text import LANGUAGES, Message
from bptutor.text.printable import printable

Dtype: TypeAlias = Literal["float32", "float64"]
Updates: TypeAlias = Literal["one", "all"]  # how many elements of a parameter its update asks
Elements: TypeAlias = Literal["few", "all", "none"]
"""How many elements of a value are asked where its formula, or an earlier value, shows the rest.
none: formulas alone are asked."""
Group: TypeAlias = Literal["scalars", "layers", "losses", "depth", "architectures", "optimizers"]

GROUPS: Mapping[Group, Message] = {
    "scalars": Message("Scalars"),
    "layers": Message("Layers"),
    "losses": Message("Loss functions"),
    "depth": Message("Deep networks"),
    "architectures": Message("Architectures"),
    "optimizers": Message("Optimizers"),
}
"""The headings of the menu's groups, in the order of the menu."""
Local: TypeAlias = Literal["tape"]
"""What the local derivatives of a lesson are, where they are not factors of the chain rule alone:
what `tape.gradient` returns, summed over the outputs."""
FORMS = 256
"""So many lessons are kept for which something was found out: all of bptutor's own, which a class
host goes through before it forks, with those on which their examples are worked out."""


class Numbers(Protocol):
    """An array of numbers, as NumPy has them; a model's weights are too many for lists."""

    def __array__(self) -> Any: ...

    def tolist(self) -> Any: ...


Values: TypeAlias = float | list["Values"] | Numbers  # one, or rows nested as deep as its shape


@dataclass(frozen=True)
class Texts:
    """One text in the languages that its author gave."""

    by_language: Mapping[str, str]

    @classmethod
    def everywhere(cls, text: str) -> "Texts":
        return cls(dict.fromkeys(LANGUAGES, text))

    def to(self, language: str) -> str:
        """The text in `language`, else in English, else in whatever there is."""
        given = self.by_language
        return given.get(language) or given.get("en") or next(iter(given.values()), "")

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(language for language in LANGUAGES if not self.by_language.get(language))


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that the author foresees, by its formula or its numbers."""

    formula: Expression | None
    value: Values | None  # on the lesson's own numbers, in the step's shape
    words: Texts  # what to say to whoever gives it


@dataclass(frozen=True, eq=False)
class Lesson:
    """A program with its numbers and its texts."""

    name: str  # the stem of its file
    path: Path
    digest: str  # SHA-256 of the file, in hexadecimal
    title: Texts
    summary: Texts
    introduction: Texts
    closing: Texts
    sections: Mapping[str, Texts]  # headings of the program's section comments
    notes: Mapping[str, Texts]  # the author's text at a step, by the step's id
    program: Program
    loss: str  # the assignment that is differentiated
    parameters: tuple[str, ...]  # the leaves that `assign_sub` updates
    watch: tuple[str, ...]  # other leaves whose gradients are asked for
    learning_rate: float
    dtype: Dtype
    values: Mapping[str, Values]  # the numbers of each leaf, and of what the optimizer has besides
    shapes: Mapping[str, Shape]  # the shape of each of these and of each assignment
    group: Group | None = None  # where the menu lists it
    optimizer: Optimizer = field(default_factory=Optimizer)
    updates: Updates = "one"
    ask: tuple[str, ...] = ()  # the steps that are asked, by id or by kind; empty: all
    skip: tuple[str, ...] = ()  # of these the steps that are only shown
    elements: Elements = "few"
    training_rate: float | None = None  # that the summary offers; None: it looks for one
    local: Local | None = None  # None: only derivatives that are factors are asked
    aliases: Mapping[str, str] = field(default_factory=dict)  # by other names of what it has
    mistakes: Mapping[str, tuple[WrongAnswer, ...]] = field(default_factory=dict)
    """The wrong answers that the author foresees, by the step's id."""
    original: "Lesson | None" = None  # whose numbers are others here; None if loaded

    @property
    def form(self) -> "Lesson":
        """The lesson to cache by for all that does not depend on its numbers."""
        return self.original or self

    @cached_property
    def states(self) -> dict[str, State]:
        """What the optimizer carries from one update to the next."""
        return self.optimizer.states(self.parameters)

    @cached_property
    def domains(self) -> dict[str, Domain]:
        """Which numbers its states and settings may have."""
        found = {name: state.domain for name, state in self.states.items()}
        return found | {name: SETTINGS[name] for name in self.optimizer.settings}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """All that has numbers of its own: the program's leaves, then what is the optimizer's."""
        return (*self.program.leaves, *self.states, *self.optimizer.settings)

    @cached_property
    def layers(self) -> dict[str, int]:
        """The layer of each assignment, and of each parameter where it is read first, from 0.

        A layer is a section of the program.
        """
        assignments = self.program.assignments
        sections = list(dict.fromkeys(assignment.section for assignment in assignments))
        found = {each.target: sections.index(each.section) for each in assignments}
        for assignment in assignments:
            for name in assignment.inputs:
                if name in self.parameters:
                    found.setdefault(name, found[assignment.target])
        return found

    def on(self, values: Mapping[str, Values]) -> "Lesson":
        """The same lesson on other numbers.

        Without the notes, which may speak of its own, and without wrong values.
        """
        formulas = {
            step: tuple(each for each in wrong if each.formula is not None)
            for step, wrong in self.mistakes.items()
        }
        return replace(self, values=values, notes={}, mistakes=formulas, original=self.form)

    def heading(self, section: str | None, language: str) -> str | None:
        texts = self.sections.get(section) if section else None
        return texts.to(language) if texts else section and printable(section)
