"""A wrong formula is told what in it is wrong: the one place that keeps it from the gradient."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bptutor.course.answers import Answers
from bptutor.grading.formula import judge_formula
from bptutor.grading.misconceptions import situation
from bptutor.grading.misconceptions.comparison import MOST_CHANGES, Changes
from bptutor.grading.misconceptions.repairs import Repair, repair
from bptutor.language.errors import ShapeError
from bptutor.language.ops import traits_of
from bptutor.language.parse import parse_expression
from bptutor.language.render import write
from bptutor.language.tree import Apply, Expression, Name, Number, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, factors, known_names, steps
from bptutor.lesson.steps import places as places_of_steps
from tests.examples import some
from tests.grading.test_right_only_by_sign import (
    Place,
    at,
    backward,
    facts_of,
    holds_anywhere,
    other_values,
    places,
)

LESSONS = (
    "sigmoid-neuron",
    "tanh-neuron",
    "two-hidden-layers",
    "sigmoid-network",
    "weight-decay",
    "batch",
    "rnn",
    "softmax",
)
TURNED = ["elementwise-for-matmul", "transpose-missing"]


PLACES: dict[str, list[tuple[str, str, list[str], str]]] = {
    "sigmoid-neuron": [
        ("dL_dz", "dL_da * a * (1 + a)", ["sign-slip"], "sign of a in 1 + a is"),
        ("dL_da", "2 * (a + y)", ["sign-slip"], "sign of y is"),
        ("dL_dz", "dL_da * a * (1 - z)", [], "Only z is wrong"),
        ("dL_dz", "dL_da * a * (1 - a) * x0", [], "The factor x0 is one too many"),
        ("dL_dz", "dL_da * a * (1 - a) / z", [], "division by z is one"),
        ("dL_dz", "dL_da * a * (2 - a)", [], "The number 2 is wrong"),
        ("dL_da", "2 * a - y", ["parentheses-missing"], "In 2 * a - y"),
        ("dL_da", "2 * (a - y) ** 2", [], "exponent of (a - y) ** 2"),
        ("dL_dz", "dL_da * (1 - a)", [], "missing beside dL_da * (1 - a)"),
    ],
    "tanh-neuron": [
        ("dL_dz", "dL_da * (1 - a ** 3)", [], "exponent of a ** 3"),
        ("dL_dz", "dL_da * (1 - a) ** 2", [], "In (1 - a) ** 2"),
        ("dL_dz", "dL_da + (1 - a ** 2)", [], "operator + before 1 - a ** 2"),
        ("dL_dz", "dL_da * (1 - a ** 2) + x1", [], "The term x1 is one too many"),
    ],
    "two-hidden-layers": [
        ("dLoss_dZ1", "dLoss_da1 * (Z1 < 0)", [], "The comparison Z1 < 0"),
        ("dLoss_dZ1", "dLoss_da1 @ (Z1 > 0)", [], "operator @ before Z1 > 0"),
        ("dLoss_dW1", "X.T @ dLoss_da1", [], "Only dLoss_da1 is wrong"),
        ("dLoss_dW1", "X.T · dLoss_da1", [], "Only dLoss_da1 is wrong"),
        ("dLoss_dW1", "X · dLoss_dZ1", ["transpose-missing"], "does not fit"),
        (
            "dLoss_dZ1",
            "((dLoss_dY_pred @ W3.T) * (Z2 > 0)) @ W2 * (Z1 > 0)",
            ["transpose-missing"],
            "wrong rows and columns",
        ),
        ("dLoss_dW3", "a2 * dLoss_dY_pred", TURNED, "operator * before dLoss_dY_pred"),
        ("dLoss_dW2", "a1 * dLoss_dZ2", TURNED, "operator * before dLoss_dZ2"),
        ("dLoss_da2", "dLoss_dY_pred * W3", TURNED, "operator * before W3"),
    ],
    "layer-normalisation": [("dL_dm", "-sum(dL_dD, axis=1)", [], "only keepdims is wrong")],
    "softmax": [
        ("dL_dP", "-sum(T / P, axis=1)", [], "is one too many"),
        ("dL_db", "sum(dL_dZ)", ["sum-wrong-axis"], "In sum(dL_dZ), the axis"),
        ("dL_dZ", "(P - T) / P", [], "division by P is one"),
    ],
    "batch": [
        ("dL_db", "sum(dL_dZ, axis=1)", ["sum-wrong-axis"], "In sum(dL_dZ, axis=1), the"),
        ("dL_dZ", "2 * Z - T / 3", ["parentheses-missing"], "In 2 * Z - T / 3"),
    ],
    "weight-decay": [
        ("dL_dW", "X.T @ dL_dz + dL_dR * c * W", [], "constant factor"),
        (
            "dL_dW",
            "2 * (X.T @ dL_dz + c * W)",
            [],
            "The factor 2 is one too many on the term X.T @ dL_dz",
        ),
        ("dL_dW", "X.T @ dL_dz", [], "One term is missing"),
    ],
    "dense-layer": [("dL_dW", "X * dL_dZ", TURNED, "operator * before dL_dZ")],
    "rnn": [
        ("dL_dw", "dL_dz1 * x1 + dL_dz2 * x2 + dL_dz3 * x2", [], "Only x2 in dL_dz3 * x2 is wrong")
    ],
}
"""Of each lesson a step, what is typed there, the mistakes that are named, and what is said."""


@pytest.mark.parametrize(
    ("lesson", "step", "typed", "ids", "said"),
    [(lesson, *case) for lesson, cases in PLACES.items() for case in cases],
)
def test_the_place_is_named_in_the_learners_own_formula(
    lesson: str, step: str, typed: str, ids: list[str], said: str
) -> None:
    loaded = load(lesson)
    asked = next(each for each in steps(loaded) if each.id == step)
    known = {*loaded.shapes, *(each.id for each in steps(loaded))}
    found = repaired(loaded, asked, parse_expression(typed, known))
    assert found is not None
    assert list(found.ids) == ids
    assert said in str(found.explanation)


@pytest.mark.parametrize(
    ("lesson", "step", "typed", "ids"),
    [
        ("softmax", "dL_db", "sum(dL_dZ, axis=1)", [("sum-wrong-axis",)]),  # 0, but no bias-zero
        ("softmax", "dL_db", "0", [("bias-zero",)]),
        ("batch", "dL_dZ", "(Z - T) ** 2 / 3", [("loss-for-gradient",)]),
        ("sigmoid-network", "dL_dY", "(Y - T) ** 2 / 2", [("loss-for-gradient",)]),
        ("softmax", "dL_dZ", "P - 1", []),
        ("batch", "dL_db", "sum(ones_like(Z), axis=0)", [("seed-missing",)]),
        ("batch-normalisation", "dL_dgamma", "sum(dL_dy) * sum(x_hat)", []),
    ],
)
def test_no_mistake_is_named_by_an_identity_of_the_values(
    lesson: str, step: str, typed: str, ids: list[tuple[str, ...]]
) -> None:
    loaded = load(lesson)
    asked = next(each for each in steps(loaded) if each.id == step)
    known = {*loaded.shapes, *(each.id for each in steps(loaded))}
    facts = facts_of(loaded)
    found = facts.diagnostician(asked, "ascii").of_formula(
        parse_expression(typed, known), facts.worlds(asked)
    )
    assert [each.ids for each in found] == ids


def test_a_multiple_of_the_gradient_is_left_to_the_verdict() -> None:
    lesson = load("sigmoid-neuron")
    step = next(each for each in steps(lesson) if each.id == "dL_da")
    assert repaired(lesson, step, parse_expression("3 * (a - y)")) is None


def test_what_no_single_change_mends_is_told_nothing() -> None:
    lesson = load("sigmoid-neuron")
    step = next(each for each in steps(lesson) if each.id == "dL_dz")
    assert repaired(lesson, step, parse_expression("dL_da ** 3 * sqrt(x0) - y ** 2 * b")) is None


@settings(
    max_examples=some(100), deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(st.data())
def test_one_change_is_found_again(data: st.DataObject) -> None:
    lesson = load(data.draw(st.sampled_from(LESSONS)))
    step = data.draw(st.sampled_from(backward(lesson)))
    typed = data.draw(edited(lesson, step))
    worlds = facts_of(lesson).worlds(step)
    try:
        judged = judge_formula(typed, worlds)
    except ShapeError:
        assume(False)
    assume(any(names(typed)))
    # What is right as well, or is a multiple of the gradient, is no mistake of one place.
    assume(judged.verdict == "wrong")
    assume(not any(word in str(judged.message) for word in ("times", "sign", "Close")))
    assume(worlds[0].truth.any())
    found = repaired(lesson, step, typed)
    written = write(typed, "ascii")
    assert found is not None, written
    assert holds_anywhere(found.formula, step, other_values(lesson)), written
    assert write(found.formula, "ascii") not in f"{found.explanation} {found.advice}"


def repaired(lesson: Lesson, step: Step, typed: Expression) -> Repair | None:
    return repair(situation(lesson, step, "ascii"), typed, facts_of(lesson).worlds(step))


@st.composite
def edited(draw: st.DrawFn, lesson: Lesson, step: Step) -> Expression:
    """The right formula of a step with one thing changed."""
    right = step.product
    place, part = draw(st.sampled_from(list(places(right))))
    edits = [each for each in changes(lesson, step, part, place) if each != part]
    assume(edits)
    return at(right, place, draw(st.sampled_from(edits)))


def changes(lesson: Lesson, step: Step, part: Expression, place: Place) -> list[Expression]:
    found: list[Expression] = []
    if isinstance(part, Number):
        return [Number(part.value + 1), Number(part.value * 2)] if place else []
    if isinstance(part, Name) and place:
        found += [Name(name) for name in of_one_shape(lesson, step, part.id)]
        found += [Apply("power", (part, Number(2)))]
    if isinstance(part, Apply) and len(part.operands) == 2:
        left, right = part.operands
        if traits_of(part).terms:
            found += [Apply("add", (left, right)), Apply("subtract", (left, right)), left]
        if traits_of(part).product == "cells":
            found += [left, right, Apply("add", (left, right)), Apply("divide", (left, right))]
        if traits_of(part).product == "matrices":
            found += [
                Apply("matmul", (right, left)),
                Apply("matmul", (left, Apply("transpose", (right,)))),
                Apply("matmul", (Apply("transpose", (left,)), right)),
                Apply("multiply", (left, right)),
            ]
    if isinstance(part, Apply) and traits_of(part).reduces:
        found += [part.operands[0], Apply(part.operation, part.operands)]
    return found


def of_one_shape(lesson: Lesson, step: Step, name: str) -> list[str]:
    shapes = dict(lesson.shapes) | {each.id: each.shape for each in steps(lesson)}
    known = known_names(lesson, places_of_steps(lesson)[step.id])
    usable = {*lesson.shapes, *factors(lesson), *(each.id for each in backward(lesson))}
    return [each for each in known if each in usable and shapes[each] == shapes[name]]


@pytest.mark.parametrize(
    ("lesson", "step", "formula"),
    [
        ("initialisation", "dL_dW1", "sub(W1, W2_new) @ (Z - Z @ (dL_dH == dL_dZ))"),
        ("multi-head-attention", "dL_dW_v2", f"sum({'·'.join(['S2'] * 125)}, axis=-1)"),
    ],
    ids=["a product in a factor that is turned", "many products in a row"],
)
def test_a_wrong_formula_is_repaired_in_few_attempts_if_at_all(
    monkeypatch: pytest.MonkeyPatch, lesson: str, step: str, formula: str
) -> None:
    tried: list[Expression] = []
    is_right = Changes.gives_the_gradient

    def counted(self: Changes, changed: Expression) -> bool:
        tried.append(changed)
        return is_right(self, changed)

    monkeypatch.setattr(Changes, "gives_the_gradient", counted)
    assert Answers(load(lesson)).check(step, product=formula).verdict == "wrong"
    assert len(tried) < 2 * MOST_CHANGES
