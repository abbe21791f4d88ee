"""What text mode says to what is typed: right, wrong, rubbish, commands, in both languages."""

import asyncio
import io
import os
import re
from collections.abc import Callable
from itertools import cycle, groupby
from pathlib import Path
from typing import Any, get_args
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bptutor import __version__
from bptutor.course.parts import steps_of
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.literals import Part
from bptutor.plain.dialogue import Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.plain.picture_text import WAYS
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.service.process import ServiceLost
from bptutor.service.protocol import Event, Hello
from bptutor.service.words import HOW_MANY, WORKED_OUT
from bptutor.text import UserError, significant
from tests.examples import every, some
from tests.near import ASKED, COURSE, FORMULAS, Near
from tests.plain.script import answer, course
from tests.plain.talk import Watched, talk
from tests.service.desk import Desk

TO_DZ1 = [*course(ASKED[: ASKED.index("dZ1_dW1")])]
TO_W3 = [*course(ASKED[: ASKED.index("dLoss_dW3")])]
"""Right answers up to the gradient by W3."""


def after(said: str, text: str) -> list[str]:
    """The lines after the one that has a text in it."""
    assert text in said, said
    return said.partition(text)[2].splitlines()[1:]


async def test_only_wrong_rows_are_typed_anew() -> None:
    said = await talk(*TO_DZ1, "1, 1, 1", "2, 3, 2", "2, 2, 2")
    lines = after(said, "row 2, column 2: not right")
    assert lines[1] == "Type row 2: 3 numbers."
    assert lines[2] == "The value is right, to every digit shown."


async def test_rubbish_costs_nothing() -> None:
    said = await talk(
        "", "hm", "1.4 -1", "a b c", "1,4; x", "\x1b[2J\x00", "", "1.4 -1 0.4", "", "/show", "/show"
    )
    assert "There is no number in “hm”. Expected numbers: 3" in said
    assert "Expected numbers: 3; you typed 2." in said
    assert "column 1: cannot be read; you typed a." in said
    assert "The value is right" in said
    assert "step 2 of 40" in said


async def test_a_whole_matrix_at_once_however_it_is_written() -> None:
    start = TO_DZ1
    for typed in (
        ["[[1, 1, 1], [2, 2, 2]]"],
        ["tf.Tensor(", "[[1. 1. 1.]", " [2. 2. 2.]], shape=(2, 3), dtype=float32)"][1:],
        ["[[1 1 1]", "[2 2 2]]"],
        ["1\t1\t1", "2; 2; 2"],
        ["[1, 1, 1]", "[2, 2, 2]"],
    ):
        said = await talk("/anew two-hidden-layers", *start, *typed, lesson=None)
        assert "tape.gradient(Z1, W1), 2 by 3." in said, typed
    said = await talk(
        "/menu", "/anew two-hidden-layers", *start, "[[1, 1, 1],", "", "1 1 1", "2 2 2"
    )
    assert "The matrix is incomplete" in said
    assert "tape.gradient(Z1, W1), 2 by 3." in said


async def test_a_row_can_be_typed_anew_before_it_is_checked() -> None:
    said = await talk(*TO_DZ1, "9 9 9", "/row 1", "1 1 1", "2 2 2", "/row 7")
    assert "not right" not in said
    assert "tape.gradient(Z1, W1), 2 by 3." in said
    assert "Unknown command /row 7." in said  # the step is done


async def test_the_value_before_the_product() -> None:
    said = await talk(
        *TO_W3, "/swap", "0.0317", "0", "9", "0.0979", "/swap", "a2 @ a2", "a2.T @ dLoss_dY_pred"
    )
    told = after(said, "row 3: not right; you typed 9.")
    assert told[:2] == ["The other 2 are right.", "Type row 3: 1 number."]
    tail = after(said, "The value is right. Now the formula it comes from.")
    assert tail[0] == "Type the formula."
    assert "Only one of the two is left to answer." in said
    assert "∂Loss/∂W3 = a2.T @ ∂Loss/∂Y_pred" in said


async def test_what_is_typed_and_not_checked_is_kept() -> None:
    start = TO_DZ1
    await talk(*start, "1, 1, 1")  # and the input ends
    said = await talk("2 2 2")
    assert "You are back where you left." in said
    assert "Typed in row 1: 1, 1, 1" in said
    assert "tape.gradient(Z1, W1), 2 by 3." in said
    for leave in ("/back", "/menu", "/step 1", "/quit", "/values", "/hint"):
        await talk("/menu", "/anew two-hidden-layers", *start, "7, 7, 7", leave)
        assert "Typed in row 1: 7, 7, 7" in await talk("/step 6", "/repeat"), leave


async def test_back_and_forth() -> None:
    said = await talk(
        *course(["Z1", "a1"]), "/back", "/back", "/back", "/next", "/step 3", "/step 9"
    )
    assert "This is the first step." in said
    places = [line.split("; ")[1] for line in said.splitlines() if "; step " in line]
    places = [place for place, _ in groupby(places)]  # an example has the place of its question
    assert places == [f"step {number} of 40" for number in (1, 2, 3, 2, 1, 2, 3)]
    assert "A step is still open" in said
    assert "from 1 to 40" in await talk("/step 99")
    assert "from 1 to 40" in await talk("/step what")


async def test_the_picture_of_one_example_in_words() -> None:
    said = await talk(*["/show", "/show", ""] * 8, "/picture 2", "/picture 99", lesson="dead-relu")
    assert "Example 2 of 2." in said
    assert "inactive in this example" in said


async def test_the_picture_of_a_graph_in_words() -> None:
    said = await talk(*["/show", "/show", ""] * 4, "/picture", lesson="circuit")
    lines = after(said, str(WAYS["down"]))
    made = [line for line in lines if ", computed from " in line]
    assert made
    assert any(line.startswith("value: ") for line in lines)


async def test_a_lesson_that_has_changed_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    text = 'program = "z = w * x\\nL = z ** 2"\nloss = "L"\n[values]\nw = 2.0\nx = 3.0\n'
    path.write_text(text)
    await talk("6", "", lesson=str(path))
    path.write_text(text + "# changed\n")
    said = await talk("", "/back", lesson=str(path))
    assert "has changed since you were here. Steps answered: 1." in said
    assert "Press Enter to continue, or type /anew or /menu." in said
    assert "z: 6" in said
    path.write_text(text + "# changed again\n")
    assert "step 1 of" in await talk("what", "/anew", lesson=str(path))


async def test_a_nudge() -> None:
    said = await talk(*TO_W3, *answer("dLoss_dW3"), "/nudge 3 0.01", "/nudge 9 1 1", "/nudge x")
    assert "W3 at row 3, column 1 changed by 0.01" in said
    assert "the gradient is 0.09792" in said
    assert "Choose one of the numbers" in said
    assert "Type the row, the column (counted from 1)" in said


async def test_commands_in_either_language_and_abbreviated() -> None:
    for typed in ("/hint", "/힌트", "／힌트", "/hi", normalize("NFD", "/힌트")):
        assert "Hint 1: " in await talk("/menu", "/anew two-hidden-layers", typed), typed
    said = await talk("/힌", "/모름", "?", language="ko")
    assert "힌트 1: " in said
    assert "여기에 없는 명령이에요: /모름" in said
    assert "/끝: " in said
    said = await talk("/s")
    assert "Unknown command /s." in said


@pytest.mark.parametrize("how", ["solved", "shown"])
async def test_what_another_terminal_has_answered_meanwhile_is_said_once(how: str) -> None:
    def meanwhile(name: str, arguments: tuple[Any, ...]) -> bool:
        if name == "check":
            other = Desk.anew()
            other.opened("one-neuron")
            tutor = other.tutor
            other.ask(tutor.show() if how == "shown" else tutor.check("", ["1.2"], "value"))
        return False

    said = await talk("7", lesson="one-neuron", lost=meanwhile)
    assert said.count("Another terminal has answered z") == 1
    assert said.count("z: 1.2\n") == 1
    assert said.endswith("Press Enter to continue.\n")


async def test_support_fades_from_an_example_to_the_question_alone() -> None:
    """The course's three weights, asked for their formulas alone."""
    answers = [typed for formula in FORMULAS.values() for typed in (formula, "/question")]
    said = await talk("/question", *answers, ask="products", notation="ascii")
    example = "An example, with other names and numbers:"
    (first, second, third) = (
        (said.count(example, 0, said.index(asked)), after(said, asked)[0])
        for asked in (
            f"Compute the gradient of Loss with respect to {name}." for name in ("W3", "W2", "W1")
        )
    )
    assert first == (
        2,
        "Y_pred = a2 @ W3 + b3:  dLoss_dY_pred to dLoss_dW3",
    )  # of dLoss_dY_pred, and of this kind
    assert second[1] == "Z2 = a1 @ W2 + b2:  dLoss_dZ2 to dLoss_dW2"
    assert third[1] == "dLoss_dW1 = ?"
    learner = learner_name()
    asked_with = {each.step: each.rule_shown for each in Record().attempts(learner)}
    assert [asked_with[step] for step in ("dLoss_dW3", "dLoss_dW2", "dLoss_dW1")] == [
        True,
        True,
        False,
    ]
    assert "weight-gradient" in Record().cards(learner)
    assert "activation-gradient" not in Record().cards(learner)  # twice, both with the line
    assert example in await talk("/step dLoss_dW1", "/why", ask="products", notation="ascii")


async def test_help_in_ascii_is_ascii() -> None:
    answers = ["1.2", "", "3", "", "1", "", "0.64", "", "2*(z - y)", "-1.6", ""]
    said = await talk(*answers, "?", lesson="one-neuron")
    assert "∂L/∂z is typed dL_dz." in said
    assert (await talk("?", notation="ascii")).isascii()


async def test_the_menu() -> None:
    said = await talk(
        "/ask", "/ask 4", "/ask 99", "two-hidden-layers", "/menu", "no", "999", lesson=None
    )
    assert "steps to answer when you begin: 2 numbers; the formulas." in said
    assert said.count("1. 1 symbols") == 2
    assert "There is no lesson no." in said
    assert "There is no lesson 999." in said
    number = next(
        line.partition(".")[0] for line in said.splitlines() if "Two hidden layers: " in line
    )
    assert "step 1 of 40" in await talk(number, lesson=None)
    assert str(WORKED_OUT) in said


async def test_to_the_next_question() -> None:
    said = await talk("/question", "2*(Y-Y_true)", lesson="two-hidden-layers", ask="backward")
    assert "step 22 of 40" in said
    assert "The formula is right." in said


async def test_the_end_a_training_and_another_iteration() -> None:
    said = await talk(*course(), "/train", "0", "100", "/again", "/menu", out=Watched())
    assert "The loss during training: 0.001296, " in said
    assert said.count(str(HOW_MANY)) == 2
    assert "100 of 100, loss " in said
    assert "iteration 2" in said
    assert all(len(line) <= 80 for line in said.splitlines())


@pytest.mark.parametrize("part", get_args(Part))
@pytest.mark.parametrize("language", every(2, ["ko", "en"]))
async def test_every_part_can_be_walked_to_its_end(part: Part, language: str) -> None:
    count = len(steps_of(load(COURSE), part))
    said = await talk(*["/show", "/show", ""] * count, part=part, language=language)
    assert {"en": "after iteration 1", "ko": "1번 반복한 뒤"}[language] in said
    assert "____" not in said
    gap = {"en": "Input(GAP)", "ko": "Input(빈칸)"}[language]
    assert (gap in said) == (part == "keras")


@pytest.mark.whole
async def test_some_lessons_can_be_walked_to_their_end() -> None:
    """The commands that change nothing take turns."""
    for lesson, also in zip(available()[::9], cycle((["/why"], ["/values"])), strict=False):
        said = await talk(*["/show", "/show", *also, ""] * 80, lesson=lesson)
        assert "after iteration 1" in said, lesson
        assert "Something went wrong" not in said


async def test_of_a_large_value_a_few_numbers_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    numbers = [[(3 * row + column) % 7 / 10 for column in range(30)] for row in range(8)]
    path.write_text(
        'title = "Large"\nprogram = """\nZ = X * 2\nL = mean(Z)\n"""\nloss = "L"\n'
        f'watch = ["X"]\nvalues = {{ X = {numbers} }}\n',
        encoding="utf-8",
    )
    parts = "/values X column 30", "/values X row 2", "/values X row 9", "/values X 3열"
    past_the_example = [""] * 3
    said = await talk(*past_the_example, "/values X", *parts, "/values", lesson=str(path))
    (asked,) = [line for line in said.splitlines() if line.startswith("Type row ")][:1]
    assert "column" in asked
    assert "The other numbers are given. A question mark marks a number to find." in said
    assert "X, 8 by 30." in said
    assert "row 8: " in said
    assert "X, column 30: 0.1, 0.4, 0, 0.3, 0.6, 0.2, 0.5, 0.1" in said
    assert "X, row 2: 0.3, 0.4, 0.5" in said
    assert "X, column 3: 0.2, 0.5, 0.1" in said


async def test_a_lost_service_comes_back_with_a_sentence() -> None:
    died: list[str] = []

    def lost(name: str, arguments: tuple[Any, ...]) -> bool:
        dies = name == "check" and not died
        died.extend([name] * dies)
        return dies

    said = await talk("1.4 -1 0.4", "", lost=lost)
    assert said.count("The service has stopped. Another one is starting; nothing is lost.") == 1
    assert "Z1, 1 by 3: 1.4, -1, 0.4" in said
    assert "step 2 of 40" in said


async def test_without_tensorflow_there_is_one_sentence() -> None:
    with pytest.raises(UserError, match="TensorFlow cannot be loaded"):
        await talk("1.4 -1 0.4", failed="TensorFlow cannot be loaded.")


async def test_a_service_that_waits_long_for_a_line_rests_and_comes_back() -> None:
    reading, writing = os.pipe()
    services: list[Near] = []

    def start(hear: Callable[[Event], None]) -> Near:
        services.append(Near(hear))
        return services[-1]

    hello = Hello(version=__version__, language="en", notation="unicode")
    out = io.StringIO()
    mode = TextMode(Dialogue(start, hello, out, Lines(reading), patience=0.01), "all", "tape")
    await mode.begin(COURSE)
    going = asyncio.create_task(mode.go_on())
    (service,) = services
    await service.stopped.wait()
    os.write(writing, b"1.4 -1 0.4\n")
    os.close(writing)
    await going
    os.close(reading)
    assert service.starts == 2
    assert "Z1, 1 by 3: 1.4, -1, 0.4" in out.getvalue()
    assert "stopped" not in out.getvalue()


async def test_from_symbols_on_to_numbers() -> None:
    count = len(steps_of(load(COURSE), "derive"))
    said = await talk(*["/show", "/show", ""] * count, "", part="derive")
    assert "Press Enter for part 2, numbers." in said
    assert "step 1 of 40; Layer 1; forward pass." in said


@settings(max_examples=some(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["", "/show", "/next", "/back", "/hint", "/menu", "/values", "/why"]),
            st.sampled_from(["/swap", "/row 1", "/nudge 1", "/anew 3", "1", "1 2 3", "[[1, 2]"]),
            st.text(max_size=12),
        ),
        max_size=25,
    )
)
def test_whatever_is_typed_there_is_a_prompt_after_it(typed: list[str]) -> None:
    lines = [line.replace("\n", " ").replace("\r", " ") for line in typed]
    said = asyncio.run(talk(*(line.encode(errors="replace").decode() for line in lines)))
    assert said.endswith((".\n", "?\n"))
    assert "Something went wrong" not in said


async def test_a_service_that_ends_while_tensorflow_loads_is_replaced_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bptutor.plain.dialogue.HEARTBEAT", 0.01)
    asked: list[str] = []

    def lost(name: str, arguments: tuple[Any, ...]) -> bool:
        asked.append(name)
        return name == "go" and len(asked) > 2

    out = io.StringIO()
    with pytest.raises(ServiceLost):
        await talk("1.4 -1 0.4", "/quit", lost=lost, loading=True, out=out)
    assert out.getvalue().count("Another one is starting") == 1


async def test_results_have_the_learners_digits() -> None:
    said = await talk(*TO_W3)
    numbers = re.findall(r"(?<![\w.])-?\d+\.\d+(?:e-?\d+)?", said)
    assert numbers
    assert [text for text in numbers if float(text) != float(significant(float(text)))] == []
