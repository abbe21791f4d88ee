"""A lesson on other numbers: drawn with a seed, or set one by one; the sizes that are drawn."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st

from bptutor.course.iterations import larger_rate
from bptutor.engine.trace import run
from bptutor.grading.facts import Facts
from bptutor.lesson.find import available, split_reference
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.quiz import numbers as drawing
from bptutor.quiz import variant
from bptutor.quiz.choosing import advice
from bptutor.quiz.items import serves
from bptutor.quiz.variant import file_of, open_lesson, with_numbers
from bptutor.text import UserError
from tests.examples import every

COURSE = "two-hidden-layers"


def numbers(lesson: Lesson) -> list[float]:
    return [
        number
        for value in lesson.values.values()
        for number in np.asarray(value, "float64").reshape(-1).tolist()
    ]


def settings_of(lesson: Lesson) -> set[float]:
    return set(lesson.optimizer.settings.values())


def test_a_seed_gives_the_same_numbers_to_everybody_and_other_ones_than_another() -> None:
    name = "dead-relu"
    seven = open_lesson(f"{name}#seed=7")
    variant._variant.cache_clear()
    again, eight = open_lesson(f"{name}#seed=7"), open_lesson(f"{name}#seed=8")
    assert numbers(again) == numbers(seven) != numbers(eight)
    assert again.digest == seven.digest != eight.digest
    assert len({load(name).digest, seven.digest, eight.digest}) == 3
    assert seven.shapes == load(name).shapes


@pytest.mark.parametrize("name", every(12, [COURSE, *(n for n in available() if n != COURSE)]))
def test_drawn_numbers_are_short_and_tell_mistakes_apart(name: str) -> None:
    lesson = open_lesson(with_numbers(name, 3, ()))
    drawn = [number for number in numbers(lesson) if number not in settings_of(lesson)]
    assert all(number == round(number, 2) for number in drawn)
    unsuitable = [step.id for step in steps(lesson) if not serves(lesson, step)]
    assert len(unsuitable) <= max(1, len(steps(lesson)) // 3), unsuitable
    trace = run(lesson)
    assert all(np.isfinite(value).all() for value in trace.values.values())
    if lesson.parameters:
        assert run(lesson, trace.leaves).loss < trace.loss


def test_what_is_set_is_what_tensorflow_is_given() -> None:
    reference = with_numbers(COURSE, None, ["lr = 0.1", "X=[[2., -0.50]]"])
    assert reference == f"{COURSE}#lr=0.1&X=[[2,-0.5]]"
    assert reference == with_numbers(f"{COURSE}#X=[[2,-.5]]", None, ["lr=1e-1"])
    facts, own = Facts(open_lesson(reference)), load(COURSE)
    w1, b1 = (np.asarray(own.values[name], "float32") for name in ("W1", "b1"))
    expected = tf.constant([[2.0, -0.5]]) @ w1 + b1
    np.testing.assert_array_equal(facts.known("Z1"), expected)
    change = np.asarray(own.values["W3"]) - facts.known("W3_new")
    np.testing.assert_allclose(change, 0.1 * facts.gradient("W3"), atol=1e-7)


def test_a_seed_and_a_set_value_go_together() -> None:
    lesson = open_lesson(with_numbers("one-neuron", 5, ["x=7"]))
    assert lesson.values["x"] == 7.0
    assert {**lesson.values, "x": 3} != load("one-neuron").values
    assert lesson.name == "one-neuron#seed=5&x=7"
    assert lesson.title.to("ko").endswith("(시드 5, x = 7)")


def test_nothing_is_said_of_numbers_that_are_not_there() -> None:
    lesson = open_lesson("dead-relu#seed=1")
    assert not lesson.notes
    assert lesson.closing.to("en") == ""
    assert lesson.introduction.to("en") != load("dead-relu").introduction.to("en")


@pytest.mark.parametrize(
    ("reference", "changes", "said"),
    [
        (COURSE, ["lr=0"], "positive number"),
        (COURSE, ["lr=inf"], "positive number"),
        (COURSE, ["lr=x"], "not a number"),
        (COURSE, ["X=[[1,2,3]]"], "the value of X:"),
        (COURSE, ["X=[[1,nan]]"], "the value of X:"),
        (COURSE, ["X"], "--set takes a name and a value"),
        (COURSE, ["Q=1"], "no number Q to set"),
        (COURSE, ["Z1=1"], "no number Z1 to set"),
        (f"{COURSE}#seed=x", [], "A seed is a whole number"),
        ("circuit", ["lr=0.1"], "no learning rate"),
        ("model.keras", ["lr=0.1"], "bptutor new FILE.toml --from model.keras"),
        ("nowhere", ["lr=0.1"], "no lesson"),
    ],
)
def test_what_cannot_be_set_is_said(reference: str, changes: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        open_lesson(with_numbers(reference, None, changes))


def test_too_many_numbers_to_draw_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    row = ", ".join(["0.5"] * 3_000)
    path.write_text(
        'program = "L = mean(square(w * x))"\nloss = "L"\nparameters = ["w"]\n'
        f"[values]\nw = 0.5\nx = [{row}]\n"
    )
    with pytest.raises(UserError, match="too many numbers"):
        open_lesson(f"{path}#seed=1")
    with pytest.raises(UserError, match="too many numbers to set"):
        with_numbers(str(path), None, [f"x=[{row}]"])


@pytest.mark.parametrize(
    ("reference", "numbers"),
    [
        (COURSE, ""),
        (f"{COURSE}#seed=7", "seed=7"),
        ("/a/b.toml#lr=0.1&X=[[1,-2.5e-3]]", "lr=0.1&X=[[1,-2.5e-3]]"),
        ("/a#b/c.toml", ""),
        ("/a#b=1/c.toml", ""),
        ("a#b=1.toml", ""),
        ("m.keras?loss=mse#seed=7", "seed=7"),
        ("x#", ""),
        ("x#seed", ""),
    ],
)
def test_the_numbers_of_a_reference(reference: str, numbers: str) -> None:
    name, found = split_reference(reference)
    assert found == numbers
    assert name == (reference.removesuffix(f"#{numbers}") if numbers else reference)


def test_the_file_of_a_lesson_for_another_author() -> None:
    name = "one-neuron"
    same, other = file_of(name), file_of(f"{name}#seed=2")
    assert same.order is None
    assert set(same.notes) == set(load(name).notes)
    assert other.values == dict(open_lesson(f"{name}#seed=2").values)
    assert other.notes == {}


LARGER = """
program = '''
z = w * x
L = square(z - y)
'''
loss = "L"
parameters = ["w"]
learning_rate = 0.001
training_rate = %s
[values]
w = 0.5
x = 2.0
y = 3.0
"""


@pytest.mark.parametrize(("rate", "offered"), [("0.03", True), ("0.0011", False)])
def test_the_larger_rate_is_the_lesson_s_where_it_halves_the_loss(
    rate: str, offered: bool, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LARGER % rate)
    found = larger_rate(Facts(load(str(path))))
    assert (found is not None and found.rate == float(rate)) == offered
    assert ("training-rate" in {each.code for each in advice(load(str(path)))}) != offered
    path.write_text(LARGER % "-1")
    with pytest.raises(UserError, match="training_rate"):
        load(str(path))


LESSON = """
program = '''
E = m * c ** 2
L = (E - y) ** 2
'''
loss = "L"
parameters = ["m"]
[values]
m = 0.5
c = %s
y = 1e8
"""


@given(unit=st.sampled_from([1, 2, 5, 10]), most=st.integers(0, 3000))
def test_the_sizes_are_the_short_multiples_of_the_unit(unit: int, most: int) -> None:
    every = [unit * size for size in range(1, most // unit + 1)]
    short = [count for count in every if len(str(count).rstrip("0")) <= drawing.MOST_DIGITS]
    assert drawing._short_multiples(unit, most) == short


@pytest.mark.timeout(60)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4),
    share=st.booleans(),
)
@example(values=[2.2250738585e-313], share=False)
def test_any_number_gives_sizes_to_work_with(values: list[float], share: bool) -> None:
    numbers = np.asarray(values)
    largest = 0.99 if share else float(np.abs(numbers).max()) or 1.0
    sizes = drawing._sizes(numbers, largest)
    assert len(sizes) >= drawing.ENOUGH
    assert all(0 < size <= drawing.LARGEST for size in sizes)
    assert sizes == sorted(set(sizes))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("constant", ["299792458.0", "1e18", "1e300", "1.7e308"])
def test_a_large_constant_is_drawn_at_once(constant: str, tmp_path: Path) -> None:
    path = tmp_path / "mole.toml"
    path.write_text(LESSON % constant, encoding="utf-8")
    found = drawing.drawn(load(str(path)), Random(1))
    assert 0 < abs(found["c"]) <= drawing.LARGEST
