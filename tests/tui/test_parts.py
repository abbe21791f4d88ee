"""The other parts of the course, walked through: in symbols and in Keras."""

from __future__ import annotations

import pytest

from bptutor.course.keras_steps import beside_the_tape, difference_of_gradients
from bptutor.literals import Part
from bptutor.service.present import AFTER_DERIVING, INTRODUCTIONS
from bptutor.tui.app import TutorApp
from bptutor.tui.driver import may_move
from bptutor.tui.screens.signal import SignalScreen, lines_at, way
from bptutor.views import Matrix
from bptutor.views.lesson import TapeLine
from tests.keys import key_label
from tests.near import Near
from tests.tui.learner import SIZE, Learner

LESSON = "batch"
IN_SYMBOLS = {
    "wanted-gradients": ("names", "W b"),
    "dL_dZ": ("product", "2 * (Z - T) / 3"),
    "dL_dW": ("product", "X.T @ dL_dZ"),
    "dL_db": ("product", "sum(dL_dZ, axis=0)"),
    "order": ("order", "Z b W"),
    "iteration-order": ("order", "forward, loss, backward, update"),
    "memory neuron:": ("names", "X"),
    "memory loss:": ("names", "Z, T"),
}
IN_KERAS = {
    "inputs": "(2,)",
    "outputs": "1",
    "model": "inputs, outputs",
    "set_weights": "[W, b]",
    "forward": "X",
    "loss": "mean((Z - T) ** 2)",
    "shapes": "(2, 1), (1,)",
    "gradients": "L, model.trainable_weights",
    "which": "1",
    "zip": "model.trainable_weights, gradients",
    "assign_sub": "lr * gradient",
}


async def walk(learner: Learner, label: str, text: str) -> str:
    """Answer the step that is shown in its text field, look at the verdict, and go on."""
    app = learner.app
    assert f" {label}" in learner.screen
    await learner.type(text)
    told = await learner.press("enter")
    view = app.client.place
    assert view
    assert view.stage == "solved", (view.step, view.message)
    assert learner.marks("✓")
    await learner.press("enter")
    return told


@pytest.mark.whole
async def test_a_lesson_in_symbols() -> None:
    app = TutorApp(Near, lesson=LESSON, part="derive")
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert INTRODUCTIONS["derive"].to("en")[:40] in learner.screen
        await learner.press("enter")
        assert "Z = X @ W + b" in learner.screen
        assert "│ (3, 1)" in learner.screen
        assert key_label("step", "values") not in learner.screen
        seen = []
        while app.client.place and app.client.place.asks_product:
            step = app.client.place.step
            seen.append(step)
            await walk(learner, *IN_SYMBOLS[step])
        assert seen == list(IN_SYMBOLS)

        await learner.type("12", "96")
        told = await learner.press("enter")
        assert learner.marks("✓") == 2
        assert "With 256 examples at once" in told
        end = await learner.press("enter")
        assert AFTER_DERIVING.to("en")[:30] in end
        assert "9 of 9 steps solved" in end
        assert "Loss " not in end
        assert "step 9/9" in await learner.press("f4")
        await learner.press("enter")
        first = await learner.press("enter")  # on to the same lesson with numbers
        assert "Three examples, one in each row" in first
        assert "step 1/" in await learner.press("enter")
        assert learner.view.asks_value


@pytest.mark.whole
async def test_a_lesson_in_keras() -> None:
    app = TutorApp(Near, lesson=LESSON, part="keras")
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        await learner.press("enter")
        assert "inputs = Input(____)" in learner.screen
        await learner.type("2")
        assert "Keras 3 takes a shape" in await learner.press("enter")
        await learner.press("backspace")
        seen = []
        while app.room.id == "step":
            view = app.client.place
            assert view
            seen.append(view.step)
            if view.asks_product:
                await walk(learner, "code", IN_KERAS[view.step])
            else:
                await learner.press("f3", "f3")
                assert "F9" not in await learner.press("enter")
        assert [step for step in seen if "[" not in step] == list(IN_KERAS)
        facts = learner.service.session.prepare()
        assert learner.shows(str(beside_the_tape(facts)))
        assert f"largest difference: {difference_of_gradients(facts):.2g}" in learner.screen
        (heading,) = [line.split() for line in learner.screen.splitlines() if "tape  " in line]
        assert heading == ["tape", "Keras"]
        assert "before" in learner.screen


@pytest.mark.parametrize(("part", "said"), [("keras", "There is no Keras part here")])
async def test_a_lesson_that_is_no_stack_of_layers(part: Part, said: str) -> None:
    app = TutorApp(Near, lesson="circuit", part=part)
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert said in learner.screen


async def test_the_menu_has_the_parts_and_each_keeps_its_own_place() -> None:
    app = TutorApp(Near)
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        assert "[1 symbols ○]" in await learner.press("left")
        wrapped = await learner.press("left")
        assert "[3 Keras" in wrapped
        assert "no Keras part" in wrapped
        assert "[1 symbols ○]" in await learner.press("right")
        await learner.press("enter", "enter")
        await learner.type("x")
        await learner.press("enter", "enter")
        menu = await learner.press("escape")
        assert "1/11" in menu
        assert "▶ ◐○" in menu
        assert "[1 symbols ◐]" in menu
        other = await learner.press("right")
        assert "▶ ◐○" in other
        assert "1/11" in await learner.press("left")
        assert "step 2/11" in await learner.press("enter")


@pytest.mark.whole
async def test_the_signal_travels_until_a_key_is_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    app = TutorApp(Near, lesson=LESSON, part="derive")
    async with app.run_test(size=SIZE) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        await learner.press("enter")
        await learner.press("f7")
        screen = app.screen
        assert isinstance(screen, SignalScreen)
        assert screen.moving
        await learner.press("x")
        assert app.screen is app.room
        assert not screen.moving
        assert " names" in learner.screen
        assert not app.client.place or not app.client.place.product

        monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 50000 10.0.0.1 22")
        app.room.refresh_bindings()
        await learner.press("f7")
        assert app.screen is app.room


def test_the_signal_visits_each_line_twice_and_leaves_its_trace() -> None:
    lines = [
        TapeLine(name, name, None, Matrix([1], [], "float64"), None, False, "") for name in "zaL"
    ]
    places = list(way(len(lines)))
    assert places == [(0, "down"), (1, "down"), (2, "down"), (2, "up"), (1, "up"), (0, "up")]
    frames = [lines_at(lines, place) for place in places]
    assert [sum(line.value is not None for line in frame) for frame in frames] == [1, 2, 3, 3, 3, 3]
    gradients = [sum(line.gradient is not None for line in frame) for frame in frames]
    assert gradients == [0, 0, 0, 0, 1, 2]
    for frame, (here, direction) in zip(frames, places, strict=True):
        assert [line.current for line in frame].index(True) == here
        assert frame[here].direction == direction


@pytest.mark.parametrize(
    ("environment", "slow", "moves"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}, False, False),
        ({"TEXTUAL_ANIMATIONS": "none"}, False, False),
        ({"NO_MOTION": "1"}, False, False),
    ],
)
def test_nothing_moves_on_a_slow_link(environment: dict[str, str], slow: bool, moves: bool) -> None:
    assert may_move(environment, slow) == moves
