"""Mistakes at the steps of an optimizer: moments, learning rate, clipping, the new parameter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.language.algebra import ONE, minus, negative, over, plus, power, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build
from bptutor.language.tree import Apply, Expression, Name, replaced
from bptutor.lesson.optimizer import CLIPS, RATE, TIME, Role, moment, second_moment, updated_name
from bptutor.text import Message

LABELS = {
    "moment-missing": Message("old moment omitted"),
    "averaging-factor-missing": Message("factor of a moment omitted"),
    "averaging-factors-swapped": Message("factors of a moment exchanged"),
    "decay-rates-swapped": Message("beta_1 and beta_2 exchanged"),
    "moments-swapped": Message("first and second moment exchanged"),
    "old-moment": Message("old moment in place of the new one"),
    "gradient-for-moment": Message("gradient in place of a moment"),
    "look-ahead-missing": Message("new momentum alone, as without Nesterov"),
    "bias-correction-missing": Message("bias correction omitted"),
    "bias-correction-partial": Message("bias correction of one moment only"),
    "bias-correction-inverted": Message("bias correction inverted"),
    "exponent-missing": Message("exponent t omitted"),
    "root-missing": Message("square root omitted"),
    "clipping-missing": Message("gradient not clipped"),
    "clipping-always": Message("short gradient lengthened by clipping"),
    "clipping-inverted": Message("clipping scale inverted"),
    "norm-of-sizes": Message("sum of absolute values in place of the norm"),
    "decay-missing": Message("weight decay omitted"),
    "decay-without-rate": Message("learning rate omitted in the weight decay"),
}

BOTH = (Name("beta_1"), Name("beta_2"))


def at_an_optimizer(s: Situation) -> Iterator[Mistake]:
    if s.step.role is None or not s.step.asks_formula:
        return
    names = _Names(s)
    found: dict[Role, Callable[[], Iterator[Mistake]]] = {
        "norm": names.norm,
        "clip": names.clip,
        "momentum": names.momentum,
        "first": names.average,
        "second": names.average,
        "rate": names.corrected_rate,
        "weight": names.weight,
    }
    yield from found[s.step.role]()
    yield from names.anywhere()


@dataclass(frozen=True)
class _Names:
    """The formula of a step, and the quantities around it."""

    s: Situation

    @property
    def right(self) -> Expression:
        """As it is so far: a second mistake starts from the first."""
        return self.s.product

    @property
    def parameter(self) -> Name:
        return Name(self.s.step.target)

    @property
    def unclipped(self) -> Name:
        return Name(gradient_name(self.s.lesson.loss, self.parameter.id))

    @property
    def gradient(self) -> Name:
        clips = self.s.step.role != "clip" and any(
            each in self.s.lesson.optimizer.settings for each in CLIPS
        )
        return Name(f"clipped_{self.parameter.id}") if clips else self.unclipped

    @property
    def old(self) -> Name:
        return Name(self.s.step.renews or "")

    def _instead(
        self, misconception: str, wrong: Expression, explanation: Message, advice: Message
    ) -> Mistake:
        return Mistake(misconception, self.s.with_product(wrong), explanation, advice)

    def _with(self, others: Mapping[Expression, Expression]) -> Expression:
        """The formula with other parts in the place of some."""
        return replaced(self.right, others.get)

    # ── each kind of step ─────────────────────────────────────────────────────────────────────

    def anywhere(self) -> Iterator[Mistake]:
        yield self._instead(
            "learning-rate-missing",
            self._with({RATE: ONE, Name("lr_t"): ONE}),
            Message("You left out the learning rate."),
            Message("Multiply by it, as the rule says."),
        )
        yield self._instead(
            "learning-rate-twice",
            self._with({RATE: times(RATE, RATE), Name("lr_t"): times(RATE, Name("lr_t"))}),
            Message("You multiplied by the learning rate twice."),
            Message("Multiply by it once."),
        )
        yield self._instead(
            "clipping-missing",
            self._with({self.gradient: self.unclipped}),
            Message(
                "You used {gradient}, which is not clipped.", gradient=self._shown("unclipped")
            ),
            Message("Use the clipped gradient."),
        )
        yield self._instead(
            "root-missing",
            replaced(self.right, _without_root),
            Message("You left out the square root."),
            Message("Take the square root, as the rule says."),
        )

    def _shown(self, which: str) -> str:
        return self.s.text(getattr(self, which))

    def norm(self) -> Iterator[Mistake]:
        yield self._instead(
            "norm-of-sizes",
            replaced(self.right, _sizes),
            Message("You added up the absolute values."),
            Message("Square each element, add up, then take the root."),
        )

    def clip(self) -> Iterator[Mistake]:
        above, below = _operands(self.s.step.product)
        norm, bound = _operands(below)
        advice = Message("Divide by the larger one of the norm and the bound.")
        explanation = Message("You left the gradient as it was.")
        yield self._instead("clipping-missing", self.unclipped, explanation, advice)
        yield self._instead(
            "clipping-always",
            over(above, norm),
            Message("You divided by the norm, also where it is below the bound."),
            advice,
        )
        yield self._instead(
            "clipping-inverted",
            over(times(self.unclipped, below), bound),
            Message("You multiplied by the norm and divided by the bound."),
            advice,
        )

    def momentum(self) -> Iterator[Mistake]:
        old, step = self.old, times(RATE, self.gradient)
        share = Name("momentum")
        kept = times(share, old)
        advice = Message("Subtract the learning rate times the gradient.")
        yield self._instead(
            "update-sign", plus(kept, step), Message("You added the gradient's part."), advice
        )
        yield from self._of_old(negative(step), minus(old, step))
        yield self._instead(
            "averaging-factors-swapped",
            minus(times(minus(ONE, share), old), step),
            Message("You multiplied the old {name} by 1 - momentum.", name=old.id),
            Message("Multiply {name} by the momentum.", name=old.id),
        )

    def _of_old(self, without: Expression, whole: Expression) -> Iterator[Mistake]:
        """Mistakes at what a state was before."""
        name = self.old.id
        yield self._instead(
            "moment-missing",
            without,
            Message("You left out the old {name}.", name=name),
            Message("Add the old {name}, times its factor.", name=name),
        )
        yield self._instead(
            "averaging-factor-missing",
            whole,
            Message("You took the old {name} without its factor.", name=name),
            Message("Multiply {name} by its factor.", name=name),
        )

    def average(self) -> Iterator[Mistake]:
        first = self.s.step.role == "first"
        alone = self.s.lesson.optimizer.rule == "rmsprop"
        share, other = (Name("rho"),) * 2 if alone else BOTH if first else BOTH[::-1]
        old = self.old
        squared = power(self.gradient, 2)
        new = self.gradient if first else squared
        rest, kept = minus(ONE, share), times(share, old)
        yield from self._of_old(times(rest, new), plus(old, times(rest, new)))
        yield self._instead(
            "averaging-factor-missing",
            plus(kept, new),
            Message("You added the new part whole."),
            Message("Multiply it by 1 - {share}.", share=share.id),
        )
        yield self._instead(
            "averaging-factors-swapped",
            plus(times(rest, old), times(share, new)),
            Message("You exchanged the factors {share} and 1 - {share}.", share=share.id),
            Message("The old {name} is multiplied by {share}.", name=old.id, share=share.id),
        )
        yield self._instead(
            "decay-rates-swapped",
            self._with({share: other}),
            Message("You used {wrong}.", wrong=other.id),
            Message("Use {share} here.", share=share.id),
        )
        if not first:
            yield self._instead(
                "square-missing",
                self._with({squared: self.gradient}),
                Message("You did not square {base}.", base=self._shown("gradient")),
                Message("Square {base} first.", base=self._shown("gradient")),
            )
        if alone:
            return
        moments = moment(self.parameter.id), second_moment(self.parameter.id)
        others = {new: squared if first else self.gradient, old: Name(moments[first])}
        yield self._instead(
            "moments-swapped",
            self._with({share: other, **others}),
            Message("You computed {name}, the other moment.", name=updated_name(moments[first])),
            Message("The second moment takes the square of the gradient, the first one does not."),
        )
        yield self._instead(
            "moments-swapped",
            self._with({new: others[new]}),
            Message("You squared the gradient in the first moment."),
            Message("The second moment takes the square of the gradient, the first one does not."),
        )

    def corrected_rate(self) -> Iterator[Mistake]:
        first, second = (minus(ONE, Apply("power", (each, TIME))) for each in BOTH)
        root = build.root(second)
        one, both = Message("Correct both moments."), Message("Follow the rule for lr_t.")
        corrected = Message("You corrected one of the two moments only.")
        for wrong in (over(RATE, first), times(RATE, root)):
            yield self._instead("bias-correction-partial", wrong, corrected, one)
        yield self._instead(
            "bias-correction-inverted",
            over(times(RATE, first), root),
            Message("You exchanged what multiplies and what divides."),
            both,
        )
        yield self._instead(
            "bias-correction-missing", RATE, Message("You left out the bias correction."), one
        )
        yield self._instead(
            "decay-rates-swapped",
            self._with(dict(zip(BOTH, BOTH[::-1], strict=True))),
            Message("You exchanged beta_1 and beta_2."),
            both,
        )
        yield self._instead(
            "exponent-missing",
            self._with({Apply("power", (each, TIME)): each for each in BOTH}),
            Message("You left out the exponent t."),
            Message("Raise beta_1 and beta_2 to the power t."),
        )

    def _with_old(self, old: Sequence[Name], new: Sequence[Name]) -> Iterator[Mistake]:
        for before, after in zip(old, new, strict=True):
            yield self._instead(
                "old-moment",
                self._with({after: before}),
                Message("You used the old {name}.", name=before.id),
                Message("Use {name}, which you have just computed.", name=after.id),
            )
        yield self._instead(
            "old-moment",
            self._with(dict(zip(new, old, strict=True))),
            Message("You used the old moments."),
            Message("Use those which you have just computed."),
        )

    def weight(self) -> Iterator[Mistake]:
        weight = self.parameter
        states = moment(weight.id), second_moment(weight.id)
        old = [Name(each) for each in states]
        new = [Name(updated_name(each)) for each in states]
        step, rate = minus(self.right, weight), Name("lr_t")
        explanation = Message("You moved {weight} in the opposite direction.", weight=weight.id)
        advice = Message("Check the sign of the step.")
        decay = times(RATE, Name("weight_decay"), weight)
        yield self._instead("update-sign", minus(weight, step), explanation, advice)
        beside = minus(minus(weight, decay), plus(step, decay))
        yield self._instead("update-sign", beside, explanation, advice)
        explanation = Message("You gave the step alone, not the new weight.")
        whole = Message("Add the step to the old {weight}.", weight=weight.id)
        for wrong in (step, negative(step)):
            yield self._instead("step-for-weight", wrong, explanation, whole)
        yield self._instead("not-updated", weight, Message("You left the weight as it was."), whole)
        yield self._instead(
            "learning-rate-twice",
            self._with({new[0]: times(RATE, new[0])}),
            Message("You multiplied by the learning rate twice."),
            Message("It is already in {name}.", name=new[0].id)
            if "momentum" in self.s.lesson.optimizer.settings
            else Message("Multiply by it once."),
        )
        # With the old moment it would be the same: m_new is momentum * m - lr * gradient.
        if self.s.lesson.optimizer.rule == "nesterov":
            name = new[0].id
            ahead = minus(times(Name("momentum"), new[0]), times(RATE, self.gradient))
            yield self._instead(
                "look-ahead-missing",
                plus(minus(self.right, ahead), new[0]),
                Message("You added {name} alone, as momentum without Nesterov does.", name=name),
                Message(
                    "Multiply {name} by momentum, and subtract lr times the gradient.", name=name
                ),
            )
        else:
            yield from self._with_old(old, new)
        plain: Expression = self.gradient
        if "momentum" in self.s.lesson.optimizer.settings:
            plain = negative(times(RATE, self.gradient))
        yield self._instead(
            "gradient-for-moment",
            self._with({new[0]: plain}),
            Message("You used the gradient itself, not {name}.", name=new[0].id),
            Message("Use {name}, which you have just computed.", name=new[0].id),
        )
        yield self._instead(
            "bias-correction-missing",
            self._with({rate: RATE}),
            Message("You used lr, which has no bias correction."),
            Message("Use lr_t."),
        )
        yield self._instead(
            "moments-swapped",
            self._with(dict(zip(new, new[::-1], strict=True))),
            Message("You exchanged {first} and {second}.", first=new[0].id, second=new[1].id),
            Message("Divide by the root of the second moment."),
        )
        advice = Message("Subtract lr * weight_decay times the old {weight}.", weight=weight.id)
        yield self._instead(
            "decay-missing",
            self._with({build.difference(weight, decay): weight}),
            Message("You left out the weight decay."),
            advice,
        )
        yield self._instead(
            "decay-without-rate",
            self._with({decay: times(Name("weight_decay"), weight)}),
            Message("You left the learning rate out of the weight decay."),
            advice,
        )


def _operands(expression: Expression) -> tuple[Expression, Expression]:
    assert isinstance(expression, Apply)
    first, second = expression.operands
    return first, second


def _without_root(part: Expression) -> Expression | None:
    if isinstance(part, Apply) and part.operation == "sqrt":
        return part.operands[0]
    return None


def _sizes(part: Expression) -> Expression | None:
    """The sum of absolute values in the place of the root of a sum of squares."""
    if not isinstance(part, Apply):
        return None
    if part.operation == "sqrt":
        return replaced(part.operands[0], _sizes)
    return build.absolute(part.operands[0]) if part.operation == "power" else None
