"""How the parameters of a lesson are updated, as formulas.

They are those of `keras.optimizers.SGD`, `RMSprop` and `Adam`, term by term. Adam has the form at
the end of section 2 of Kingma & Ba (2015): the bias correction is in the learning rate, and
`epsilon` is what they call ε̂.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Literal, TypeAlias

from bptutor.language.algebra import ONE, minus, negative, over, plus, power, times
from bptutor.language.ops import build
from bptutor.language.tree import Apply, Expression, Name

Rule: TypeAlias = Literal["sgd", "momentum", "nesterov", "rmsprop", "adam"]
Domain: TypeAlias = Literal["any", "square", "positive", "share", "bound", "count"]
"""Which numbers there may be: any; none that is negative; positive ones; between 0 and 1; a bound,
which others may be above or below; 1, 2, 3 and so on."""
Role: TypeAlias = Literal["norm", "clip", "momentum", "first", "second", "rate", "weight"]
"""What a line of an update computes: the norm of a gradient, or of all; the clipped gradient; the
momentum; the first and the second moment; the corrected learning rate; the new parameter."""

RATE = Name("lr")
TIME = Name("t")  # the number of this update, counted from 1
CLIPS = ("clipnorm", "global_clipnorm")

DEFAULTS: Mapping[Rule, Mapping[str, float]] = {
    "sgd": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9},
    "rmsprop": {"rho": 0.9, "epsilon": 1e-7},
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
}
"""The settings that a rule has besides the learning rate; of RMSprop and Adam, Keras' own."""
SETTINGS: Mapping[str, Domain] = {
    "momentum": "share",
    "rho": "share",
    "beta_1": "share",
    "beta_2": "share",
    "epsilon": "positive",
    "weight_decay": "positive",
    "clipnorm": "bound",
    "global_clipnorm": "bound",
}


@dataclass(frozen=True)
class State:
    """What is carried from one update to the next, besides the parameters."""

    domain: Domain
    parameter: str | None  # whose it is, and whose shape it has; None for the update's number
    start: float = 0.0


@dataclass(frozen=True)
class Line:
    """An assignment of an update."""

    id: str
    role: Role
    product: Expression
    renews: str | None = None  # the state or the parameter that takes the value


@dataclass(frozen=True)
class Optimizer:
    rule: Rule = "sgd"
    settings: Mapping[str, float] = field(default_factory=dict)  # by Keras' names

    @property
    def plain(self) -> bool:
        """Is the learning rate times the gradient subtracted, and nothing else?"""
        return self.rule == "sgd" and not self.settings

    def states(self, parameters: tuple[str, ...]) -> dict[str, State]:
        """By name, in the order in which they are used."""
        found: dict[str, State] = {}
        for name in parameters:
            if self.rule in ("momentum", "nesterov", "adam"):
                found[moment(name)] = State("any", name)
            if self.rule in ("rmsprop", "adam"):
                found[second_moment(name)] = State("square", name)
        if self.rule == "adam" and parameters:
            found[TIME.id] = State("count", None, 1.0)
        return found

    def lines(self, parameter: str, gradients: Mapping[str, Name]) -> Iterator[Line]:
        """The update of a parameter; what is there once for all is among the lines of each.

        `gradients` has the gradient of the loss with respect to each parameter.
        """
        weight, gradient = Name(parameter), gradients[parameter]
        for clip in CLIPS:
            if clip in self.settings:
                alone = clip == "clipnorm"
                norm, clipped = Name(f"norm_{parameter}" if alone else "norm"), clipped_name(weight)
                squares = (
                    build.total(power(each, 2))
                    for each in ((gradient,) if alone else gradients.values())
                )
                yield Line(norm.id, "norm", build.root(plus(*squares)))
                scale = build.larger(norm, Name(clip))
                yield Line(clipped.id, "clip", over(times(gradient, Name(clip)), scale))
                gradient = clipped
        change = negative(times(RATE, gradient))
        if "momentum" in self.settings:
            old, new = Name(moment(parameter)), Name(updated_name(moment(parameter)))
            share = Name("momentum")
            yield Line(new.id, "momentum", plus(times(share, old), change), old.id)
            change = plus(times(share, new), change) if self.rule == "nesterov" else new
        elif self.rule == "rmsprop":
            second = second_moment(parameter)
            yield _average(second, "second", Name("rho"), power(gradient, 2))
            below = build.root(plus(Name(updated_name(second)), Name("epsilon")))
            change = negative(over(times(RATE, gradient), below))
        elif self.rule == "adam":
            first, second = moment(parameter), second_moment(parameter)
            yield _average(first, "first", Name("beta_1"), gradient)
            yield _average(second, "second", Name("beta_2"), power(gradient, 2))
            rate = Name("lr_t")
            yield Line(rate.id, "rate", _corrected_rate())
            root = plus(build.root(Name(updated_name(second))), Name("epsilon"))
            change = negative(over(times(rate, Name(updated_name(first))), root))
        terms = [weight, change]
        if "weight_decay" in self.settings:
            terms.insert(1, negative(times(RATE, Name("weight_decay"), weight)))
        yield Line(updated_name(parameter), "weight", plus(*terms), parameter)


def _average(state: str, role: Role, kept: Name, new: Expression) -> Line:
    """A moving average, which keeps this share of what it was."""
    product = plus(times(kept, Name(state)), times(minus(ONE, kept), new))
    return Line(updated_name(state), role, product, state)


def _corrected_rate() -> Expression:
    first, second = (
        minus(ONE, Apply("power", (Name(each), TIME))) for each in ("beta_1", "beta_2")
    )
    return over(times(RATE, build.root(second)), first)


def fits(number: float, domain: Domain) -> bool:
    if domain == "any":
        return isfinite(number)
    if domain == "square":
        return 0 <= number < inf
    if domain == "count":
        return number >= 1 and float(number).is_integer()
    return 0 < number < (1 if domain == "share" else inf)


def updated_name(name: str) -> str:
    return f"{name}_new"


def moment(parameter: str) -> str:
    """The momentum of a parameter, or the first moment of its gradient."""
    return f"m_{parameter}"


def second_moment(parameter: str) -> str:
    return f"v_{parameter}"


def clipped_name(parameter: Name) -> Name:
    return Name(f"clipped_{parameter.id}")
