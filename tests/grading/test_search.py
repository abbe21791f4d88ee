"""An unknown mistake is described by an expression that gives its numbers, and noise by none."""

from collections.abc import Callable, Iterator, Mapping
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bptutor.engine.trace import Array, work_out
from bptutor.grading import combine, search
from bptutor.grading.combine import Stack
from bptutor.grading.facts import arithmetic
from bptutor.grading.fit import Answered
from bptutor.grading.read import read_cell
from bptutor.grading.search import Described, describe
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build
from bptutor.language.parse import parse_expression
from bptutor.language.render import write
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Expression, Name, Shape, names, size
from tests.examples import every, some

MANY = 1 << 40
"""Elements: the search ends by itself."""


def answered(
    typed: Array, truth: Array, digits: int = 5, positions: list[int] | None = None
) -> list[Answered]:
    """The elements of a value as they are typed to so many significant digits."""
    texts = [f"{number:.{digits - 1}e}" for number in typed.reshape(-1).tolist()]
    right = truth.reshape(-1).tolist()
    return [
        Answered(
            read_cell(texts[at], arithmetic),
            right[at],
            abs(float(texts[at]) - right[at]) <= 0.005 * abs(right[at]),
            at,
        )
        for at in positions or range(len(texts))
    ]


def values(seed: int, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    return {name: random.normal(size=shape) for name, shape in shapes.items()}


LAYER: dict[str, Shape] = {
    "dL_da": (4, 3),
    "a": (4, 3),
    "Z": (4, 3),
    "dL_dY": (4, 2),
    "W2": (3, 2),
    "X": (4, 2),
    "W": (2, 3),
    "b": (3,),
}
WRONG = {
    "dL_da * (1 - a)": (4, 3),
    "dL_da * a ** 2": (4, 3),
    "dL_da * (Z > 0)": (4, 3),
    "dL_dY @ W2.T * a": (4, 3),
    "dL_dY @ W2.T + dL_da": (4, 3),
    "-dL_da / 2": (4, 3),
    "X.T @ (dL_da * (1 - a))": (2, 3),
    "X.T @ dL_da / 4": (2, 3),
    "X.T @ a - W": (2, 3),
    "X.T @ dL_da + 2 * W": (2, 3),
    "sum(dL_da * (1 - a ** 2), axis=0)": (3,),
    "2 * sum(dL_da, axis=0)": (3,),
    "first((dL_da * a).T, count=1).T": (3,),
    "dL_da - sum(dL_da, axis=1, keepdims=True)": (4, 3),
}


@pytest.mark.parametrize("formula", WRONG)
def test_the_wrong_formula_is_found(formula: str) -> None:
    known = values(3, LAYER)
    tree = parse_expression(formula, set(known))
    typed = work_out(tree, known).reshape(WRONG[formula])
    found = describe(answered(typed, typed + 1), typed.shape, known, MANY)
    assert found is not None
    assert gives(found, typed, known)
    assert size(found.expression) <= size(tree)
    assert parse_expression(write(found.expression, "unicode"), set(known)) == found.expression


def gives(found: Described, typed: Array, known: Mapping[str, Array]) -> bool:
    """Does TensorFlow come to the typed numbers by what was found?"""
    value = work_out(found.expression, known)
    value = value.reshape([length for length in value.shape if length > 1])
    return bool(np.allclose(np.broadcast_to(value, typed.shape), typed, rtol=1e-3, atol=1e-12))


def minus(left: Expression, right: Expression) -> Apply:
    return Apply("subtract", (left, right))


TURNED = [build.transpose(Name(name)) for name in LAYER if name != "b"]
LEAVES: list[Expression] = [*map(Name, LAYER)]
JOINED = (build.product, build.added, minus)


def fitting(first: Expression) -> list[Expression]:
    """An expression joined to a name or its transpose, where that comes to the shape of a name."""
    every = [join(first, leaf) for join in JOINED for leaf in LEAVES if leaf != first]
    every += [build.matmul(first, leaf) for leaf in (*LEAVES, *TURNED)]
    every += [build.matmul(leaf, first) for leaf in (*LEAVES, *TURNED)]
    return [each for each in every if shape_of(each) in SHAPES]


def shape_of(expression: Expression) -> Shape | None:
    try:
        return infer_shape(expression, LAYER)
    except ShapeError:
        return None


SHAPES = frozenset(LAYER.values())
PAIRS = [pair for leaf in LEAVES for pair in fitting(leaf)]
DRAWN = st.sampled_from(PAIRS).flatmap(lambda pair: st.sampled_from([pair, *fitting(pair)]))
WRAPPED = st.sampled_from(["{}", "2 * {}", "-{}", "{} / 4", "sum({}, axis=0)"])


@settings(max_examples=some(15), deadline=None)
@given(DRAWN, WRAPPED, st.integers(0, 1_000))
def test_what_is_drawn_is_found_or_a_shorter_one(
    drawn: Expression, wrapped: str, seed: int
) -> None:
    known = values(seed, LAYER)
    text = wrapped.format(f"({write(drawn, 'ascii')})")
    tree = parse_expression(text, set(known))
    typed = work_out(tree, known)
    assume(typed.ndim and not np.allclose(typed, 0))
    found = describe(answered(typed, typed * 3 + 1, 6), typed.shape, known, MANY)
    assert found is not None, text
    assert gives(found, typed, known)
    assert size(found.expression) <= size(tree), write(found.expression, "ascii")
    assert set(names(found.expression)) <= set(known)


@pytest.mark.parametrize("digits", every(4, [3, 2, 4, 6]))
@pytest.mark.parametrize("positions", [[0, 5], [0, 5, 10], list(range(12))])
def test_random_numbers_are_hardly_ever_described(digits: int, positions: list[int]) -> None:
    described = 0
    for seed in range(8):
        known = values(seed, {name: LAYER[name] for name in ("dL_dY", "W2", "a", "X")})
        typed = np.random.default_rng(seed + 500).normal(size=(4, 3))
        cells = answered(typed, typed + 1, digits, positions)
        described += describe(cells, typed.shape, known, MANY) is not None
    assert described == 0


def test_names_nearest_to_the_step_are_taken() -> None:
    known = values(1, {"near": (2, 3), "other": (2, 3)})
    twins = {"near": known["near"], "far": known["near"], "other": known["other"]}
    typed = known["near"] * known["other"]
    found = describe(answered(typed, typed + 1), (2, 3), twins, MANY)
    assert found is not None
    assert sorted(names(found.expression)) == ["near", "other"]


def test_every_cell_must_fit() -> None:
    known = values(1, LAYER)
    typed = known["dL_da"] * known["a"]
    typed[3, 2] *= 1.01
    assert describe(answered(typed, typed + 1), (4, 3), known, MANY) is None
    rest = answered(typed, typed + 1, positions=list(range(11)))
    assert describe(rest, (4, 3), known, MANY) is not None


def test_right_cells_alone_say_nothing() -> None:
    known = values(1, LAYER)
    typed = known["dL_da"] * known["a"]
    truth = typed.copy()
    assert describe(answered(typed, truth), (4, 3), known, MANY) is None
    truth[0, 0] += 1  # one wrong cell
    assert describe(answered(typed, truth), (4, 3), known, MANY) is None


def test_a_new_weight_is_described_by_its_change() -> None:
    known = {**values(2, {"W": (2, 3), "dL_dW": (2, 3), "dL_da": (2, 3)}), "lr": np.asarray(0.01)}
    right = known["W"] - 0.01 * known["dL_dW"]
    typed = known["W"] - 0.01 * known["dL_da"]
    cells = [
        Answered(read_cell(f"{new:.8f}", arithmetic), truth, False, at, old, float(f"{old:.9g}"))
        for at, (new, truth, old) in enumerate(
            zip(*(each.reshape(-1).tolist() for each in (typed, right, known["W"])), strict=True)
        )
    ]
    found = describe(cells, (2, 3), known, MANY)
    assert found is not None
    assert gives(found, typed, known)
    assert set(names(found.expression)) == {"W", "lr", "dL_da"}


def test_a_scalar_and_a_large_value_are_not_looked_for() -> None:
    known = {"a": np.asarray(0.37), "b": np.asarray(1.9)}
    assert describe(answered(known["a"] * known["b"], np.ones(())), (), known, MANY) is None
    large = np.random.default_rng(0).normal(size=(50, 41))
    assert describe(answered(large, large + 1), large.shape, {"a": large}, MANY) is None


@pytest.mark.parametrize("elements", [100_000, 1_000_000])
def test_the_search_ends_before_more_is_worked_out_than_may_be(
    monkeypatch: pytest.MonkeyPatch, elements: int
) -> None:
    """A count, and no clock: on a slow machine a learner is told the same."""
    made: list[int] = []
    whole = combine.Job

    def watched(shape: Shape, number: int, make: Callable[[], Iterator[Stack]]) -> combine.Job:
        def watch() -> Iterator[Stack]:
            for stack in make():
                made.append(max(search.AT_ONCE, stack.values.size))
                assert stack.values.size <= max(combine.CHUNK, prod(shape))
                yield stack

        return whole(shape, number, watch)

    monkeypatch.setattr(combine, "Job", watched)
    monkeypatch.setattr(search, "Job", watched)
    known = values(1, LAYER)
    noise = np.random.default_rng(9).normal(size=(4, 3))
    assert describe(answered(noise, noise + 1, 6), (4, 3), known, elements) is None
    assert sum(made[:-1]) <= elements < sum(made)
