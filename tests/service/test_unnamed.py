"""Wrong answers that nothing explained are listed once, with how often they were given."""

from __future__ import annotations

import pytest

from bptutor.record.attempts import Attempt
from bptutor.service.answers import unnamed
from tests.record.attempts import attempt


def counts(*attempts: Attempt) -> list[tuple[str, str, str, int]]:
    return [
        (each.step, each.formula, ", ".join(each.value), each.times) for each in unnamed(attempts)
    ]


def formula(text: str, **fields: object) -> Attempt:
    return attempt(product=text, **fields)


def value(*cells: str, **fields: object) -> Attempt:
    return attempt(cells=list(cells), **fields)


def test_what_was_explained_is_not_listed() -> None:
    assert not unnamed(
        [
            formula("a", misconceptions=["relu-mask-missing"]),
            formula("b", explained=True),
            formula("c", verdict="right"),
            formula("d", verdict="unreadable"),
            attempt(verdict="shown"),
            value("b1", part="keras", kind="code", step="units_1"),
        ]
    )


@pytest.mark.parametrize(
    "other", ["∂L/∂Y  @ W3ᵀ", "(dL/dY)@W3.T", "tf.matmul(dL_dY, W3, transpose_b=True)"]
)
def test_a_formula_is_one_however_it_is_spelled(other: str) -> None:
    assert counts(formula("dL_dY @ W3.T"), formula(other), formula("W3.T @ dL_dY")) == [
        ("dL_dW3", "dL_dY @ W3.T", "", 2),
        ("dL_dW3", "W3.T @ dL_dY", "", 1),
    ]


@pytest.mark.parametrize("other", ["0.0317", ".03171", "3.17e-2", "0.032", "317/10000"])
def test_numbers_are_the_same_up_to_rounding(other: str) -> None:
    assert counts(value("0.0317", "0"), value(other, "0.0")) == [("dL_dW3", "", "0.0317, 0", 2)]


@pytest.mark.parametrize("other", ["0.03", "0.0319", "-0.0317", "0.317", "", "x", "1/0"])
def test_other_numbers_are_not(other: str) -> None:
    assert len(counts(value("0.0317"), value(other))) == 2


def test_a_formula_that_cannot_be_read_is_itself() -> None:
    assert counts(formula("a @@ b"), formula("a  @@ b "), formula("a @@ c"))[0][3] == 2


def test_numbers_are_compared_on_the_same_numbers_of_the_step_alone() -> None:
    same = [value("2", seed=seed, iteration=iteration) for seed, iteration in ((1, 0), (2, 0))]
    assert len(counts(*same, value("2"), value("2", iteration=1))) == 4
    assert len(counts(formula("a", seed=1), formula("a", seed=2), formula("a"))) == 1


def test_what_is_frequent_comes_first_step_by_step() -> None:
    rare = [formula("a", step="dL_dW1", at=1.0)]
    often = [formula("b", at=2.0), formula("c", at=3.0), formula("d", at=4.0), formula("d", at=9.0)]
    listed = unnamed([*rare, *often])
    assert [(each.step, each.formula, each.times) for each in listed] == [
        ("dL_dW3", "d", 2),
        ("dL_dW3", "c", 1),
        ("dL_dW3", "b", 1),
        ("dL_dW1", "a", 1),
    ]
    assert listed[0].last == 9.0
    assert listed[0].code == "two-hidden-layers:dL_dW3:i0:dddddddd"
