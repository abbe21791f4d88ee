"""The steps that follow from a program: the course's order, and other programs."""

import json
import re
from pathlib import Path

import pytest

from bptutor.language.tree import names
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import known_names, places, steps

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
