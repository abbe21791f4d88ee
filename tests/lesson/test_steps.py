"""The steps that follow from a program, and the names that people give to its quantities."""

import json
import re
from pathlib import Path

import pytest

from bptutor.language.parse import parse_expression
from bptutor.language.tree import names
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import LessonError, load
from bptutor.lesson.names import in_own_names, named, own_name
from bptutor.lesson.steps import known_names, places, steps
from tests.examples import every
from tests.lesson.sound import SOUND, Write

COURSE = Path(__file__).parents[1] / "data" / "course_values.json"


def write(
    folder: Path,
    program: str,
    values: dict[str, object],
    *,
    loss: str = "L",
    parameters: list[str] | None = None,
    watch: list[str] | None = None,
) -> Lesson:
    lines = [f"program = '''{program}'''", f'loss = "{loss}"']
    lines += [f"parameters = {json.dumps(parameters or [])}", f"watch = {json.dumps(watch or [])}"]
    lines += ["[values]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    path = folder / "written.toml"
    path.write_text("\n".join(lines))
    return load(str(path))


def ids(lesson: Lesson) -> list[str]:
    return [step.id for step in steps(lesson)]


def test_the_course_is_walked_in_its_own_order() -> None:
    assert ids(load("two-hidden-layers")) == list(json.loads(COURSE.read_text()))


def test_a_scalar_circuit_without_sections(tmp_path: Path) -> None:
    lesson = write(
        tmp_path,
        "q = x + y\nf = q * z\n",
        {"x": -2.0, "y": 5.0, "z": -4.0},
        loss="f",
        watch=["x", "y", "z"],
    )
    assert ids(lesson) == [*("q", "dq_dx", "dq_dy", "f", "df_dq", "df_dz", "df_dx", "df_dy")]
    assert [step.kind for step in steps(lesson)][4:] == ["backward"] * 4


def test_a_name_with_several_consumers_is_asked_once_all_of_them_are_done(tmp_path: Path) -> None:
    lesson = write(
        tmp_path,
        "a = w * x\nb = a * a\nc = a + b\nL = c * a\n",
        {"w": 0.5, "x": 3.0},
        parameters=["w"],
    )
    backward = [step.id for step in steps(lesson) if step.kind == "backward"]
    assert backward == ["dL_dc", "dL_db", "dL_da", "dL_dw"]
    assert "dL_da" not in [step.id for step in steps(lesson) if step.kind == "local"]


def test_a_parameter_in_the_loss_itself_waits_for_its_other_path(tmp_path: Path) -> None:
    lesson = write(
        tmp_path,
        "y = w * x\nL = (y - t) ** 2 + 0.1 * w ** 2\n",
        {"w": 0.5, "x": 3.0, "t": 1.0},
        parameters=["w"],
    )
    assert ids(lesson)[-3:] == ["dL_dy", "dL_dw", "w_new"]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("Z = X * V", ["V"]),  # element-wise
        ("Z = tanh(X * V) * V - V", ["V"]),  # read several times, each time at the same element
        ("Z = where(X > V, V, X)", ["V"]),
        ("Z = V", ["V"]),
        ("Z = V + b", ["V"]),  # b is broadcast, V is not
        ("Z = X @ W", []),
        ("Z = V * mean(V)", []),
        ("Z = V + V.T", []),
        ("Z = softmax(V)", []),
        ("Z = dot(X, V)", []),  # a matrix product by its shapes
        ("Z = s * X", []),  # broadcast
        ("Z = s * mean(X)", ["s"]),  # scalars
        ("Z = s ** 2 * sum(exp(s * X))", ["s"]),
        ("Z = sum(V)", []),
    ],
)
def test_a_local_derivative_is_asked_where_it_is_a_factor(
    tmp_path: Path, line: str, asked: list[str]
) -> None:
    square = [[1.0, 2.0], [3.0, 4.0]]
    values = {"X": square, "V": square, "W": square, "b": [1.0, 2.0], "s": 0.5}
    read = {name: value for name, value in values.items() if re.search(rf"\b{name}\b", line)}
    parameters = [name for name in read if name != "X"]
    lesson = write(tmp_path, f"{line}\nL = sum(Z)\n", read, parameters=parameters)
    assert [step.by for step in steps(lesson) if step.kind == "local"] == asked
    own = tmp_path / "written.toml"
    own.write_text('local = "tape"\n' + own.read_text())
    on_tape = [step.by for step in steps(load(str(own))) if step.kind == "local"]
    assert sorted(map(str, on_tape)) == sorted(parameters)


def test_the_derivative_of_the_loss_itself_is_asked_once() -> None:
    for name in available():
        lesson = load(name)
        about = [step.id for step in steps(lesson) if step.by and step.target == lesson.loss]
        assert len(about) == len(set(about))
        assert not [s for s in steps(lesson) if s.kind == "local" and s.target == lesson.loss]


def test_data_is_not_differentiated(tmp_path: Path) -> None:
    lesson = write(
        tmp_path,
        "T = one_hot(labels, 3)\nP = softmax(X @ W)\nL = -mean(sum(T * log(P), axis=1))\n",
        {"labels": [0, 2], "X": [[1.0, 2.0], [0.5, 1.0]], "W": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]},
        parameters=["W"],
    )
    assert not [name for name in ids(lesson) if name.endswith(("dT", "dX", "dlabels"))]


def test_what_the_loss_does_not_need_is_worked_out_and_never_differentiated(tmp_path: Path) -> None:
    lesson = write(
        tmp_path,
        "y = w * x\nhit = y > t\nL = (y - t) ** 2\n",
        {"w": 0.5, "x": 3.0, "t": 1.0},
        parameters=["w"],
    )
    assert ids(lesson) == ["y", "dy_dw", "hit", "L", "dL_dy", "dL_dw", "w_new"]


@pytest.mark.parametrize("index", range(35))
def test_a_step_needs_only_what_is_known_by_then(index: int) -> None:
    lesson = load("two-hidden-layers")
    step = steps(lesson)[index]
    known = known_names(lesson, index)
    assert step.id not in known
    assert set(names(step.product)) <= {*known, step.target}
    assert places(lesson)[step.id] == index


def test_without_parameters_no_learning_rate_is_known() -> None:
    circuit, neuron = load("circuit"), load("one-neuron")
    assert "lr" not in known_names(circuit, len(steps(circuit)))
    assert "lr" in known_names(neuron, 0)


NAMES = available()


@pytest.mark.parametrize(
    ("typed", "own"),
    [
        # the notebook's
        ("grad_Loss_W3", "dLoss_dW3"),
        ("grad_Loss_Ypred", "dLoss_dY_pred"),
        ("grad_Ypred_W3", "dY_pred_dW3"),
        ("grad_a1_Z1", "da1_dZ1"),
        ("dLoss/dY_pred", "dLoss_dY_pred"),
        ("∂Loss/∂Y_pred", "dLoss_dY_pred"),
        ("tape.gradient(Loss, W3)", "dLoss_dW3"),
        ("tape.gradient(target=Y_pred, sources=W3)", "dY_pred_dW3"),
        ("Ypred", "Y_pred"),
        ("λ", "lr"),
        # the aliases, which were its names once
        ("Y", "Y_pred"),
        ("L", "Loss"),
        ("dL_dW3", "dLoss_dW3"),
        ("dL_dY", "dLoss_dY_pred"),
        ("dY_da2", "dY_pred_da2"),
        ("∂L/∂Y", "dLoss_dY_pred"),
        ("tape.gradient(L, Y)", "dLoss_dY_pred"),
        # no names of it
        ("dLoss_dY_true", "dLoss_dY_true"),
        ("grad_Loss_", "grad_Loss_"),
        ("nobody", "nobody"),
        ("W3 +", "W3 +"),
    ],
)
def test_what_people_call_the_quantities_of_the_course(typed: str, own: str) -> None:
    assert named(load("two-hidden-layers"), typed) == own


@pytest.mark.parametrize("name", every(4, NAMES))
def test_a_name_of_the_lesson_is_itself_and_its_other_spellings_lead_to_it(name: str) -> None:
    lesson = load(name)
    for step in steps(lesson):
        assert own_name(lesson, step.id) == step.id
        if step.by:
            assert own_name(lesson, f"grad_{step.target}_{step.by}") == step.id
    assert [own_name(lesson, each) for each in lesson.shapes] == [*lesson.shapes]


def test_a_formula_in_other_names_is_the_same_formula() -> None:
    lesson = load("two-hidden-layers")
    typed = parse_expression("W3 - λ * grad_L_W3 + a2.T @ ∂Loss/∂Ypred")
    own = parse_expression("W3 - lr * dLoss_dW3 + a2.T @ dLoss_dY_pred")
    assert in_own_names(lesson, typed) == own


def test_a_lesson_may_give_the_learning_rate_s_letter_to_something_else() -> None:
    lesson = load("weight-decay")
    assert own_name(lesson, "λ") == "c"
    assert "lr" in known_names(lesson, 0)


def test_of_two_names_that_differ_by_an_underscore_neither_is_guessed(write: Write) -> None:
    text = SOUND.replace('"b"]', '"b_1", "b1_"]').replace("+ b", "+ b_1 + b1_")
    lesson = load(str(write(text.replace("b = 0.1", "b_1 = 0.1\nb1_ = 0.2"))))
    assert own_name(lesson, "b1") == "b1"
    assert own_name(lesson, "grad_L_b1") == "grad_L_b1"


def test_an_author_s_notes_and_mistakes_may_use_other_names(write: Write) -> None:
    notes = '\n[notes]\ngrad_J_w.en = "Look."\n\n[[mistakes]]\n'
    mistake = 'step = "dJ_dz"\nformula = "J"\nen = "That is the loss."\n'
    lesson = load(
        str(write('aliases = { J = "L" }\n' + SOUND.split("[notes]")[0] + notes + mistake))
    )
    assert lesson.notes["dL_dw"].to("en") == "Look."
    assert lesson.mistakes["dL_dz"][0].formula == parse_expression("L")


@pytest.mark.parametrize(
    ("aliases", "sentence"),
    [
        ('aliases = ["Y"]', "`aliases` must be a table of other names"),
        ("aliases = { J = 3 }", "`aliases` must be a table of other names"),
        ('aliases = { J = "Q" }', "the alias J stands for Q, which is not in the program"),
        ('aliases = { z = "L" }', "the alias z is already a name"),
        ('aliases = { dL_dw = "L" }', "the alias dL_dw is already a name"),
        ('aliases = { lr = "b" }', "the alias lr is already a name"),
        ('aliases = { "a b" = "b" }', "the alias a b cannot be a name"),
        ('aliases = { lambda = "b" }', "the alias lambda cannot be a name"),
        (f'aliases = {{ {"n" * 61} = "b" }}', f"the alias {'n' * 39}… cannot be a name"),
    ],
)
def test_an_alias_that_is_none(aliases: str, sentence: str, write: Write) -> None:
    with pytest.raises(LessonError) as refused:
        load(str(write(f"{aliases}\n{SOUND}")))
    assert f"unit.toml, line 1: {sentence}" in str(refused.value)
