"""The notebook: its code runs from top to bottom and comes to the lesson's numbers."""

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptutor.course.coding import IN_KERAS_CODE
from bptutor.export.code import Code
from bptutor.export.notebook import notebook
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import LEARNING_RATE, steps
from bptutor.text import UserError
from tests.examples import every

from .conftest import COURSE, HOSTILE

VALUES = json.loads(
    (Path(__file__).parents[1] / "data" / "course_values.json").read_text(encoding="utf-8")
)


def _ran(made: dict[str, Any]) -> dict[str, Any]:
    """What the code cells leave behind."""
    names: dict[str, Any] = {}
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            exec(cell["source"], names)
    return names


def _texts(made: dict[str, Any]) -> str:
    return "\n".join(cell["source"] for cell in made["cells"] if cell["cell_type"] == "markdown")


def test_the_course_comes_to_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    names = _ran(json.loads(notebook(load(COURSE), "en")))
    for step, expected in VALUES.items():
        np.testing.assert_allclose(names[step], expected, rtol=2e-6, atol=1e-9, err_msg=step)
    in_keras = names["model"].trainable_weights
    for name, weight in zip(("W1", "b1", "W2", "b2", "W3", "b3"), in_keras, strict=True):
        np.testing.assert_allclose(weight, VALUES[f"{name}_new"], rtol=2e-6)
    assert float(names["loss_again"]()) == pytest.approx(VALUES["Loss"])  # of the old weights again
    assert "Loss = 0.0012779" in capsys.readouterr().out


@pytest.mark.parametrize("name", every(4, available()))
def test_every_lesson_s_notebook_runs(name: str) -> None:
    made = json.loads(notebook(load(name), "ko"))
    _ran(made)
    assert "## 3\\. " in _texts(made)


def test_a_number_that_is_not_the_lesson_s_is_noticed() -> None:
    made = notebook(load(COURSE), "en")
    assert made.count("0.031679954") == 2  # the tape's and Keras'
    with pytest.raises(AssertionError):
        _ran(json.loads(made.replace("0.031679954", "0.0317")))


def test_the_form_is_that_of_nbformat() -> None:
    made = json.loads(notebook(load(COURSE), "en"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        common = {"cell_type", "metadata", "source", "id"}
        extra = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == common | extra


def test_three_parts_in_either_language() -> None:
    english, korean = (_texts(json.loads(notebook(load(COURSE), each))) for each in ("en", "ko"))
    for part in ("1. Derive the formulas", "2. Compute with GradientTape", "3. Write it in Keras"):
        assert f"## {part.replace('.', chr(92) + '.')}" in english
    assert (
        "Y_pred = a2 @ W3 + b3:  ∂Loss/∂Y_pred → ∂Loss/∂W3\n∂Loss/∂W3 = a2ᵀ @ ∂Loss/∂Y_pred\n"
        in english
    )
    assert korean.startswith("# 은닉층이 둘인 신경망")
    assert "### 출력층" in korean


def test_where_keras_has_nothing_the_notebook_says_so() -> None:
    made = json.loads(notebook(load("circuit"), "en"))
    assert "There is no Keras part here." in _texts(made)
    assert "import keras" not in json.dumps(made)


def test_names_that_the_code_has_itself_and_texts_that_would_be_markup(
    hostile: Lesson, tmp_path: Path
) -> None:
    made = json.loads(notebook(hostile, "en"))
    assert HOSTILE not in _texts(made).replace("# ``` " + HOSTILE, "")
    assert _ran(made)["w_new"] == pytest.approx(3 - 0.1 * 24)
    path = tmp_path / "names.toml"
    path.write_text(
        'program = """\ntape = inputs @ check\nnp = mean(square(tape))\n"""\nloss = "np"\n'
        'parameters = ["check"]\nlearning_rate = 0.5\n[values]\ninputs = [[2.0]]\ncheck = [[3.0]]\n'
    )
    made = json.loads(notebook(load(str(path)), "en"))
    assert _ran(made)["check_new"] == pytest.approx(3 - 0.5 * 24)
    assert "the names inputs, tape" in _texts(made)


OWN_NAMES = (
    *("check", "float", "keras", "max", "print", "np", "zip", "sum", "len", "range"),
    *("list", "dict", "str", "type", "min", "abs", "object", "isinstance", "tape"),
    *("loss_again", "line_tape", "line_value", "name", "value", "expected", "builtins"),
    *("builtins_", "np_", "numpy", "tensorflow", "inputs", "outputs", "model"),
    *("gradients", "weight", "gradient", "Input", "Model", "Dense", "loss", "display"),
    *("open", "exec", "eval", "rounding"),
)
REFUSED = {
    "tf": "needs tf for itself",
    "__builtins__": "needs __builtins__ for itself",
    "__import__": "needs __import__ for itself",
}


def _named(folder: Path, x: str = "x", w: str = "w", y: str = "y") -> Lesson:
    path = folder / "names.toml"
    path.write_text(
        f'program = """\nz = {x} @ {w}\nL = mean(square(z - {y}))\n"""\nloss = "L"\n'
        f'parameters = ["{w}"]\nlearning_rate = 0.5\n'
        f"[values]\n{x} = [[2.0]]\n{w} = [[3.0]]\n{y} = [[1.0]]\n"
    )
    return load(str(path))


@pytest.mark.parametrize(("x", "w"), every(5, zip(OWN_NAMES, (*OWN_NAMES[1:], "x"), strict=True)))
def test_names_that_python_or_the_code_has_too(x: str, w: str, tmp_path: Path) -> None:
    names = _ran(json.loads(notebook(_named(tmp_path, x=x, w=w), "en")))
    assert names[f"{w}_new"] == pytest.approx(3 - 0.5 * 20)


@pytest.mark.parametrize(("name", "why"), REFUSED.items())
@pytest.mark.parametrize("of", ["x", "y"])
def test_a_name_with_which_no_code_can_run(name: str, why: str, of: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=why):
        notebook(_named(tmp_path, **{of: name}), "en")


@pytest.mark.parametrize("name", available())
def test_the_code_takes_no_other_names(name: str) -> None:
    """Of whatever the code reads, a lesson may have the name too; so each is in a list above."""
    lesson = load(name)
    try:
        keras = "\n".join(Code(lesson).keras())
    except UserError:
        keras = ""
    read = {node.id for node in ast.walk(ast.parse(keras)) if isinstance(node, ast.Name)}
    units = {name for name in read if name.startswith("dense_")}
    own = {*lesson.shapes, *(step.id for step in steps(lesson)), LEARNING_RATE, "check", "tf"}
    assert read - units - own <= IN_KERAS_CODE
    cells = json.loads(notebook(lesson, "en"))["cells"]
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    tree = ast.parse(code.removesuffix(keras))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
    assert read <= {*OWN_NAMES, "lr", "tf"}


def test_a_lesson_too_large_for_a_notebook_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    row = f"[{', '.join(['0.5'] * 300)}]"
    path.write_text(
        'program = "L = sum(x * square(w))"\nloss = "L"\nparameters = ["w"]\nlearning_rate = 0.1\n'
        f"[values]\nx = 1.0\nw = [{', '.join([row] * 400)}]\n"
    )
    with pytest.raises(UserError, match="at most 200000 numbers, and this lesson has 240001"):
        notebook(load(str(path)), "en")
