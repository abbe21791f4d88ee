"""Items: fresh numbers that can be worked by hand and tell every mistake apart."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.skills import Skill, skill
from bptutor.grading.cells import diagnose_cells, grade_cells
from bptutor.grading.named import Named
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, places, steps
from bptutor.quiz.items import Item, applicable, askable, burden, make_item
from bptutor.quiz.numbers import drawn
from bptutor.quiz.practice import A_MINUTE, candidates_of, practicable
from bptutor.text import UserError, significant
from tests.examples import every
from tests.quiz.item_rules import broken, inseparable, mistakes_of

DATA = Path(__file__).parents[1] / "data" / "lessons"

GATE = """
program = \"\"\"
z = w * x + b
a = relu(z)
L = (a - y) ** 2
\"\"\"
loss = "L"
parameters = ["w", "b"]
learning_rate = 0.1
[values]
x = 1.5
w = 0.8
b = -0.3
y = 0.7
"""


@cache
def lesson(name: str) -> Lesson:
    return load(name)


def step_of(of: Lesson, id_: str) -> Step:
    return steps(of)[places(of)[id_]]


def written(folder: Path, text: str) -> Lesson:
    path = folder / "written.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


def named(item: Item, cells: Sequence[float]) -> list[Named]:
    """What is named of someone who types these numbers to three figures."""
    positions = list(range(len(cells)))
    texts = [significant(float(cell), 3) for cell in cells]
    graded = grade_cells(item.facts, item.step, texts, positions)
    return diagnose_cells(item.facts, item.step, graded, positions, "ascii")


# ── what every item is ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", every(4, available()[1::4]))
def test_almost_every_step_has_items_that_serve(name: str) -> None:
    """Where two mistakes can never be told apart, a step is passed over."""
    without = []
    for number, step in enumerate(askable(lesson(name))):
        try:
            item = make_item(lesson(name), step.id, number)
        except UserError:
            without.append(step.id)
            continue
        assert broken(item) == [], (step.id, number)
    assert len(without) <= 1, without


@pytest.mark.whole
@pytest.mark.parametrize("name", ["two-hidden-layers", "residual", "binary-cross-entropy"])
def test_whoever_makes_a_mistake_is_told_which(name: str) -> None:
    for seed, step in enumerate(askable(lesson(name))):
        if step.kind == "update":  # of which two or three figures of the change are typed
            continue
        item = make_item(lesson(name), step.id, seed)
        for mistake in mistakes_of(item):
            if inseparable(item, mistake.expression, step.product):
                continue
            found = {
                id_ for each in named(item, mistake.value.ravel().tolist()) for id_ in each.ids
            }
            assert mistake.ids[0] in found, (step.id, seed)


def test_every_kind_of_step_is_asked_somewhere() -> None:
    there: set[Skill] = set()
    asked: set[Skill] = set()
    for name in available():
        there |= {skill(lesson(name), step) for step in steps(lesson(name))}
        asked |= {skill(lesson(name), step) for step in practicable(lesson(name))}
    assert asked == there


def test_what_practice_asks_is_a_minute_s_work_and_fits_a_small_terminal() -> None:
    """No product of three matrices, nor a formula that scrolls its own question away."""
    for name in available():
        for candidate in candidates_of(name, lesson(name)):
            assert candidate.burden <= A_MINUTE
    assert not {step.id for step in practicable(lesson("attention"))} & {"dL_dX"}


@pytest.mark.parametrize("name", ["attention", "dead-relu", "softmax", "binary-cross-entropy"])
def test_the_truth_is_how_fast_the_loss_changes(name: str) -> None:
    """Against the loss as it is written down here, moved a little either way."""
    for seed, parameter in enumerate(lesson(name).parameters):
        item = make_item(lesson(name), f"dL_d{parameter}", seed)
        values = {leaf: np.array(item.lesson.values[leaf]) for leaf in item.lesson.program.leaves}
        moved = np.zeros_like(values[parameter])
        for place in np.ndindex(moved.shape):
            there = [dict(values), dict(values)]
            for leaves, by in zip(there, (1e-6, -1e-6), strict=True):
                leaves[parameter] = values[parameter].copy()
                leaves[parameter][place] += by
            up, down = (LOSSES[name](**leaves) for leaves in there)
            moved[place] = (up - down) / 2e-6
        assert item.facts.truth(item.step) == pytest.approx(moved, rel=1e-4, abs=1e-7)


def _softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def _attention(X: Any, Wq: Any, Wk: Any, Wv: Any, T: Any) -> Any:
    shares = _softmax((X @ Wq) @ (X @ Wk).T / np.sqrt(2))
    return ((shares @ (X @ Wv) - T) ** 2).sum()


def _dead_relu(X: Any, W1: Any, b1: Any, W2: Any, T: Any) -> Any:
    return ((np.maximum(X @ W1 + b1, 0) @ W2 - T) ** 2).sum()


def _cross_entropy(X: Any, W: Any, b: Any, T: Any) -> Any:
    return -(T * np.log(_softmax(X @ W + b))).sum()


def _yes_or_no(X: Any, w: Any, b: Any, t: Any) -> Any:
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(np.where(t == 1, np.log(p), np.log(1 - p)))


LOSSES: dict[str, Callable[..., Any]] = {
    "attention": _attention,
    "dead-relu": _dead_relu,
    "softmax": _cross_entropy,
    "binary-cross-entropy": _yes_or_no,
}


def test_a_seed_gives_the_same_item_everywhere(tmp_path: Path) -> None:
    """These numbers are those of every machine and version: a teacher hands on the seed."""
    gate = written(tmp_path, GATE)
    assert make_item(gate, "dL_dw", 7).lesson.values == {"x": 1.1, "w": 0.4, "b": -0.05, "y": 0.3}
    assert make_item(gate, "dL_dw", 8).lesson.values != make_item(gate, "dL_dw", 7).lesson.values


def test_an_item_is_a_lesson_on_other_numbers() -> None:
    item = make_item(lesson("batch"), "dL_dW", 1)
    assert item.lesson.form is lesson("batch")
    assert steps(item.lesson) is steps(lesson("batch"))
    assert item.lesson.digest == lesson("batch").digest
    assert item.lesson.values != lesson("batch").values
    again = make_item(item.lesson, "dL_dW", 1)
    assert again.lesson.values == item.lesson.values


# ── masks and signs of a single number ────────────────────────────────────────────────────────


def test_a_lone_unit_is_on_in_some_items_and_off_in_others(tmp_path: Path) -> None:
    gate = written(tmp_path, GATE)
    units = [make_item(gate, "dL_dz", seed).facts.known("z") for seed in range(30)]
    assert 5 < sum(unit > 0 for unit in units) < 25


def test_where_a_lone_unit_is_off_a_missing_mask_shows(tmp_path: Path) -> None:
    gate = written(tmp_path, GATE)
    items = [make_item(gate, "dL_dz", seed) for seed in range(30)]
    off = [item for item in items if item.facts.known("z") < 0]
    for item in off:
        assert item.facts.truth(item.step) == 0
        arrives = item.facts.known("dL_da").item()
        assert "relu-mask-missing" in named(item, [arrives])[0].ids


def test_a_lone_error_has_either_sign() -> None:
    items = [make_item(lesson("one-neuron"), "dL_dz", seed) for seed in range(30)]
    signs = [np.sign(item.facts.truth(item.step)).item() for item in items]
    assert {-1, 1} == set(signs)
    for item, sign in zip(items, signs, strict=True):
        backwards = -item.facts.truth(item.step).item()
        assert "error-reversed" in {id_ for each in named(item, [backwards]) for id_ in each.ids}
        if sign < 0:
            found = {id_ for each in named(item, [backwards]) for id_ in each.ids}
            assert "error-absolute" in found


def test_a_lesson_about_the_kink_has_items_at_the_kink() -> None:
    for seed in range(5):
        z = make_item(lesson("relu-at-zero"), "dm_dz", seed).facts.known("z")
        assert (z == 0).any()
        hidden = make_item(lesson("dead-relu"), "da_dZ", seed).facts.known("Z")
        assert (np.abs(hidden) > 0.04).all()


# ── how leaves are drawn ──────────────────────────────────────────────────────────────────────


@given(st.integers(0, 10**9))
def test_each_leaf_stays_of_its_sort(seed: int) -> None:
    random = Random(str(seed))
    classes = drawn(lesson(str(DATA / "softmax_cross_entropy.toml")), random)["labels"]
    assert set(classes.tolist()) <= {0.0, 1.0, 2.0}
    soft = drawn(lesson(str(DATA / "soft_targets.toml")), random)["P_true"]
    assert np.sort(soft).tolist() == [[0.1, 0.2, 0.7], [0.0, 0.0, 1.0]]
    assert sorted(drawn(lesson("softmax"), random)["T"].reshape(-1)) == [0, 0, 1]
    assert sorted(drawn(lesson("binary-cross-entropy"), random)["t"].reshape(-1)) == [0, 1]
    neuron = drawn(lesson("sigmoid-neuron"), random)
    assert 0 < neuron["y"] < 1
    assert neuron["x0"] > 0 > neuron["x1"]
    cells = drawn(lesson("two-hidden-layers"), random)["W2"]
    assert np.unique(np.abs(cells)).size > 4  # not all alike
    assert cells == pytest.approx(np.round(cells, 1))


# ── what can be asked, and what it takes ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("softmax", "nowhere"),
        (str(DATA / "residual.toml"), "dL_dW2"),  # two signs add up to 0: two mistakes are alike
    ],
)
def test_what_cannot_be_asked_is_said(name: str, step: str) -> None:
    with pytest.raises(UserError):
        make_item(lesson(name), step, 1)


def test_nobody_works_with_thousands_of_numbers(tmp_path: Path) -> None:
    row = [0.5] * 60
    large = written(
        tmp_path,
        'program = """\nz = x @ W\nL = sum(z ** 2)\n"""\nloss = "L"\nparameters = ["W"]\n'
        f"[values]\nx = [{row}]\nW = {[row] * 60}\n",
    )
    assert askable(large) == ()
    assert applicable(large, step_of(large, "dL_dW")) == frozenset()


def test_what_takes_more_work_is_a_greater_burden() -> None:
    course = lesson("two-hidden-layers")

    def work(id_: str) -> float:
        return burden(course, step_of(course, id_))

    assert work("dLoss_db3") < work("dLoss_dW3") < work("dLoss_dW2")
    assert work("dLoss_dZ2") < work("dLoss_da1")
    assert work("b1_new") < work("W1_new")


def test_the_misconceptions_of_a_step() -> None:
    course = lesson("two-hidden-layers")
    at_loss = applicable(course, step_of(course, "dLoss_dY_pred"))
    assert {"loss-factor-dropped", "error-reversed"} <= at_loss
    assert "relu-mask-missing" in applicable(course, step_of(course, "dLoss_dZ2"))
    assert "relu-mask-missing" not in applicable(course, step_of(course, "dLoss_dW2"))
    assert "transpose-missing" in applicable(course, step_of(course, "dLoss_da1"))
    assert "mask-at-zero" not in applicable(course, step_of(course, "dLoss_dZ2"))
    kink = lesson("relu-at-zero")
    assert "mask-at-zero" in applicable(kink, step_of(kink, "dm_dz"))


def test_planning_does_without_tensorflow() -> None:
    code = (
        "import sys\n"
        "from bptutor.lesson.load import load\n"
        "from bptutor.quiz.items import applicable, askable, burden\n"
        "of = load('dead-relu')\n"
        "print(sum(len(applicable(of, step)) + burden(of, step) for step in askable(of)))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0
