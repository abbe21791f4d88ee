"""A Keras model in the service, never too much to send; how many figures are shown and count."""

from math import prod
from pathlib import Path
from typing import TypeVar

import pytest
from keras import Input, Sequential, layers

from bptutor.lesson.find import ModelReference
from bptutor.service import wire
from bptutor.service.protocol import Screen
from bptutor.text import significant
from bptutor.text.numbers import SHOWN, showing, shown
from bptutor.views.lesson import LessonChanged, StepView, SummaryView
from tests.engine import keras_models
from tests.service.desk import Desk, Loading

T = TypeVar("T")

LONGEST = 1_000_000
"""Bytes of one answer; a screen of a small lesson takes 10 thousand."""

LONGEST_WHOLE = 20_000_000
"""The same where somebody looks at what a large step takes, whole."""


def short(answer: T, longest: int = LONGEST) -> T:
    """An answer, which is not too much to send."""
    wire.frame((1, "", answer), longest)
    return answer


def test_a_model_waits_for_tensorflow_and_a_lesson_does_not() -> None:
    desk = Desk.anew(engine=Loading())
    desk.opened("two-hidden-layers")
    for model in ("a.keras", "a.keras?loss=mse"):
        with pytest.raises(AssertionError, match="TensorFlow"):
            desk.opened(model)


def test_a_reference_says_what_it_was_told() -> None:
    told = ModelReference("a b?.keras", "mse", "x&y=?.npz")
    assert ModelReference.read(str(told)) == told
    assert ModelReference.read("a.keras") == ModelReference("a.keras")
    assert str(ModelReference("a.keras")) == "a.keras"
    for other in ("two-hidden-layers", "a.keras.toml", ".toml", "a.keras/b.toml", ""):
        assert ModelReference.read(other) is None


def test_a_sitting_goes_on_until_the_model_is_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    keras_models.course().save(path)
    desk = Desk.anew(notation="ascii")
    opened = desk.opened(str(path))
    assert opened.view.name == "Z1"
    assert opened.view.tape[0].text == "Z1 = X @ W1 + b1"
    desk.ask(desk.tutor.show())
    desk.ask(desk.tutor.go("next"))
    again = Desk.anew(notation="ascii").opened(str(path))
    assert again.resumed
    assert again.view.index == 1
    keras_models.no_bias().save(path)
    asked = Desk.anew(notation="ascii")
    assert isinstance(asked.ask(asked.tutor.open(str(path), "all", True)), LessonChanged)
    other = asked.opened(str(path), changed=True)
    assert other.view.tape[0].text == "Z1 = X @ W1"


@pytest.mark.whole
def test_a_large_model_is_walked_with_short_answers_and_kept_in_a_small_file(
    desk: Desk, tmp_path: Path, data_directory: Path
) -> None:
    stack = layers.Dense(800, "relu"), layers.Dense(10, "softmax")
    model = Sequential([Input((28, 28)), layers.Flatten(), *stack])
    model.compile(loss="sparse_categorical_crossentropy")
    model.save(tmp_path / "large.keras")
    tutor = desk.tutor
    screen: Screen = short(desk.opened(str(tmp_path / "large.keras"))).view
    while isinstance(screen, StepView):
        if screen.grid.rows * screen.grid.columns > 12:
            few = {"Z1": 0, "Z2": 0, "P": 2}.get(screen.step)  # sums of 784 terms are not asked
            if few is None:
                few = 1 if screen.kind in ("update", "backward") else 4
            assert len(screen.grid.asked) == few, screen.step
        typed = ["1"] * len(screen.grid.asked)
        product = "dL_dZ1 * 2" if screen.asks_product else ""
        short(desk.ask(tutor.check(product, typed, "both" if product else "value")))
        assert short(desk.view(tutor.show())).result is not None
        for known in short(desk.ask(tutor.knowns()), LONGEST_WHOLE):
            if known.relevant:  # a cell may take any row and any column
                assert len(known.matrix.values) == prod(known.matrix.shape)
        screen = short(desk.ask(tutor.go("next")))
    assert isinstance(screen, SummaryView)
    assert screen.parameters[0].before.shape == [784, 800]
    (kept,) = (data_directory / "sittings").glob("*.sitting")
    assert kept.stat().st_size < 20_000
    short(desk.ask(tutor.again()))


LESSON = """
title = "A small difference"
program = '''
d = a - b
L = square(d)
'''
loss = "L"
parameters = ["a"]
learning_rate = 0.1
values = { a = 1.23456, b = 1.23411 }
"""


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("figures", "right", "wrong"),
    [
        (4, "0.00100", "0.000500"),  # 1.235 - 1.234
        (5, "0.000500", "0.00100"),  # 1.2346 - 1.2341
        (6, "0.000450", "0.000500"),
        (8, "0.000450", "0.00100"),
    ],
)
def test_arithmetic_on_what_is_shown_is_right(
    tmp_path: Path, figures: int, right: str, wrong: str
) -> None:
    path = tmp_path / "difference.toml"
    path.write_text(LESSON)
    desk = Desk.anew(figures=figures)
    desk.opened(str(path))

    def verdict(typed: str) -> str:
        return str(desk.view(desk.tutor.check("", [typed], "value")).grid.asked[0].verdict)

    assert verdict(wrong) == "wrong"
    assert verdict(right) in ("right", "exact")


@pytest.mark.usefixtures("warm")
def test_numbers_are_shown_to_as_many_as_are_set() -> None:
    with showing(7):
        assert significant(1.23456789) == "1.234568"
        assert significant(1.23456789, 3) == "1.23"
    assert shown() == SHOWN
