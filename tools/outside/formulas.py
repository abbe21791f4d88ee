"""Formulas: right ones in other spellings, wrong ones, and those that only happen to be right.

What a formula is, is decided here by its value on the lesson's numbers and on drawn ones of both
signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tools.outside.mistakes.case import Case
from tools.outside.program import Array, Node, evaluate
from tools.outside.symbolic import constant, formula, name, op, spellings, text
from tools.outside.working import Known, Working
from tools.outside.wrong import Answer, Wrong

DRAWS = 6
MOST = {"plainly wrong": 4, "only by sign": 4, "only by a mask": 1, "only on these numbers": 3}
"""A step, at most."""

CHANCE = {"sign": "only by sign", "mask": "only by a mask"}


def formulas(wrong: Wrong) -> Iterator[Answer]:
    draws = _drawn(wrong)
    for case in wrong.cases.values():
        node = formula(case) if case.step.kind == "backward" else None
        if node is None or not _equal(node, case, [case.env, *draws]):
            continue
        for label, told in spellings(node):
            yield _answer(case, told, "right", label)
        local = _with_local(case)
        if local:
            yield _answer(case, text(local), "right", "with the local derivative")
        counts = dict.fromkeys(MOST, 0)
        mutants = list(_mutants(node, case))
        seen: set[str] = {text(node)}
        for place in wrong.random.permutation(len(mutants)):
            label, mutant = mutants[place]
            told = text(mutant)
            if told in seen:
                continue
            seen.add(told)
            kind = _kind(label, mutant, case, draws)
            if kind and counts[kind] < MOST[kind]:
                counts[kind] += 1
                yield _answer(case, told, kind, label)


def _with_local(case: Case) -> Node | None:
    """The upstream gradient times a local derivative that was a step of its own."""
    if len(case.lines) != 1 or case.lines[0].target == case.program.loss:
        return None
    target = case.lines[0].target
    local = f"d{target}_d{case.name}"
    if local not in case.working.index:
        return None
    product = op("*", name(f"d{case.program.loss}_d{target}"), name(local))
    return product if _equal(product, case, [case.env]) else None


def _answer(case: Case, told: str, kind: str, label: str) -> Answer:
    lesson = case.program.name
    return Answer(lesson, case.step.id, told, "formulas", kind, label, product=True)


def _drawn(wrong: Wrong) -> list[Known]:
    """The lesson on other numbers, of both signs, with all its gradients."""
    found: list[Known] = []
    while len(found) < DRAWS:
        leaves = {
            each: np.asarray(
                wrong.random.uniform(0.2, 1.5, value.shape)
                * wrong.random.choice([-1.0, 1.0], value.shape)
            )
            for each, value in wrong.program.leaves.items()
        }
        with np.errstate(all="ignore"):
            known = Working(replace(wrong.program, leaves=leaves), wrong.lesson).right
        if all(np.isfinite(value).all() for value in known.values()):
            found.append(known)
    return found


def _equal(node: Node, case: Case, some: list[Known]) -> bool:
    for known in some:
        try:
            with np.errstate(all="ignore"):
                value = evaluate(node, known)
        except ValueError:
            return False
        truth = known[case.step.id]
        if value.shape != truth.shape or not np.allclose(value, truth, 1e-7, 1e-12):
            return False
    return True


def _kind(label: str, node: Node, case: Case, draws: list[Known]) -> str | None:
    """None for a formula that is right after all, or has no value of the right shape."""
    try:
        with np.errstate(all="ignore"):
            value = evaluate(node, case.env)
    except ValueError:
        return None
    if value.shape != case.shape or not np.isfinite(value).all():
        return None
    if np.allclose(value, case.truth, 1e-7, 1e-12):
        if _equal(node, case, draws):
            return None
        return CHANCE.get(label.split(":")[0], "only on these numbers")
    near = np.all(np.abs(value - case.truth) <= 0.01 * np.abs(case.truth) + 1e-9)
    return None if near else "plainly wrong"


def _mutants(node: Node, case: Case) -> Iterator[tuple[str, Node]]:
    yield from _everywhere(node, node, case)
    yield "negative", op("neg", node)
    for each in case.program.leaves:
        value = case.env[each]
        if not _flags(value):
            if (value > 0).all() and value.shape in {(), case.shape}:
                yield "mask: positive leaf", op("*", node, op(">", name(each), constant(0)))
            if np.all(value == 1) and value.shape in {(), case.shape}:
                yield "a factor of 1", op("*", node, name(each))


def _flags(value: Array) -> bool:
    """Zeros and ones: targets of a classifier, which have no other sign."""
    return bool(np.isin(value, (0, 1)).all())


def _everywhere(root: Node, node: Node, case: Case) -> Iterator[tuple[str, Node]]:
    for label, mutant in _here(node, case):
        yield label, mutant
    for place, part in enumerate(node.args):
        for label, mutant in _everywhere(root, part, case):
            parts = (*node.args[:place], mutant, *node.args[place + 1 :])
            yield label, Node(node.op, parts, node.name, node.number, node.axis, node.keepdims)


def _here(node: Node, case: Case) -> Iterator[tuple[str, Node]]:
    match node.op:
        case "*":
            yield "factor dropped", node.args[0]
            yield "factor dropped", node.args[1]
            yield "added", op("+", *node.args)
        case "+":
            yield "term dropped", node.args[0]
            yield "term dropped", node.args[1]
            yield "subtracted", op("-", *node.args)
        case "-":
            if not all(_flags(case.env[each]) for each in node.names):
                yield "sign: absolute difference", op("abs", node)
            yield "difference turned", op("-", *reversed(node.args))
            yield "term dropped", node.args[0]
        case "@":
            yield "factors exchanged", op("@", *reversed(node.args))
        case "T":
            yield "not transposed", node.args[0]
        case ">" | ">=":
            yield "mask inverted", op("<", *node.args)
            yield "mask dropped", constant(1)
        case "number" if node.number != 0:
            yield "another number", constant(node.number + 1)
            for each, value in case.program.leaves.items():
                if value.shape == () and float(value) == node.number:
                    yield "a leaf of that value", name(each)
        case "neg":
            yield "sign dropped", node.args[0]
        case "sum" if node.axis is not None:
            yield "one row", Node("mean", node.args, axis=node.axis, keepdims=node.keepdims)
        case "name":
            yield from _instead(node, case)


def _instead(node: Node, case: Case) -> Iterator[tuple[str, Node]]:
    value = case.env[node.name]
    if not _flags(value):
        yield "sign: absolute value", op("abs", node)
        yield "sign: root of the square", op("sqrt", op("square", node))
        if value.size == 1 and value.ndim in {0, 2}:
            yield "its number", constant(float(f"{value.reshape(-1)[0]:.10g}"))
        if np.isin(np.abs(value), (0, 1)).all() or np.all(value == 1):
            yield "squared", op("**", node, constant(2))
    index = case.working.index
    for each, other in case.env.items():
        before = each in case.program.leaves or (
            each in index and index[each] < index[case.step.id]
        )
        if before and each != node.name and other.shape == value.shape:
            yield f"{each} for {node.name}", name(each)
