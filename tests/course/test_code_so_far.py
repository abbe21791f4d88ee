"""The code of a lesson, step by step and so far: it runs, and computes what the lesson says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bptutor.course.code_so_far import lines_so_far, program_so_far
from bptutor.course.iterations import again
from bptutor.course.session import Session
from bptutor.course.tape_code import assertion
from bptutor.course.worked import work
from bptutor.course.worked_part import work_part
from bptutor.engine.runtime import tensorflow
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from bptutor.literals import Part
from bptutor.text import UserError
from tests.course.conftest import Begin, begin_part
from tests.examples import every


def ran(lines: list[str]) -> dict[str, Any]:
    """The names that a program leaves behind."""
    names: dict[str, Any] = {"print": lambda *_: None}
    exec("\n".join(lines), names)
    return names


def walked_to(session: Session, count: int) -> Session:
    session.sitting.index = session.sitting.furthest = count
    return session


def agree(session: Session, names: dict[str, Any], done: Iterator[str]) -> None:
    facts = session.prepare()
    for id_ in done:
        computed = names[id_] if id_ in names else names[id_.removesuffix("_new")]
        np.testing.assert_allclose(computed, facts.known(id_), rtol=1e-5, atol=1e-6, err_msg=id_)


@pytest.mark.parametrize("name", every(3, available()))
def test_the_program_of_a_lesson_computes_its_values(name: str) -> None:
    session = begin_part(load(name), part="tape")
    names = ran(program_so_far(walked_to(session, len(session.steps)), "en"))
    updated = {step.id for step in steps(session.lesson) if step.kind == "update"}
    agree(session, names, iter(places(session.lesson).keys() - updated))
    agree(session, names, iter(updated))


def test_it_runs_at_every_step_of_the_course(course: Lesson) -> None:
    session = begin_part(course, part="tape")
    for count in range(1, len(session.steps) + 1):
        names = ran(program_so_far(walked_to(session, count), "ko"))
        done = [step.id for step in session.steps[:count] if step.kind != "code"]
        agree(session, names, iter(done[-1:]))


@pytest.mark.parametrize("part", ["derive", "keras"])
def test_the_other_parts_run_at_every_step(course: Lesson, part: Part) -> None:
    session = begin_part(course, part=part)
    for count in every_other(len(session.steps)):
        names = ran(program_so_far(walked_to(session, count), "en"))
    facts = session.prepare()
    if part == "derive":
        np.testing.assert_allclose(names["dLoss_dW1"], facts.known("dLoss_dW1"), rtol=1e-5)
    else:
        weights = names["model"].trainable_weights
        np.testing.assert_allclose(weights[0], facts.known("W1_new"), rtol=1e-6)


def every_other(count: int) -> list[int]:
    return [*range(0, count, 3), count]


def test_the_second_iteration_starts_from_its_weights(begin: Begin) -> None:
    session = begin("values")
    walked_to(session, len(session.steps))
    again(session)
    names = ran(program_so_far(walked_to(session, len(session.steps)), "en"))
    agree(session, names, iter(["Loss", "dLoss_dX", "W1_new"]))


def test_it_is_the_notebook(course: Lesson) -> None:
    """Line for line the notebook's cells, with bptutor's names for what it calls grad_A_B."""
    session = begin_part(course, part="tape")
    session = walked_to(session, len(session.steps))
    program = program_so_far(session, "en")
    text = "\n".join(program)
    for cell in (
        "import tensorflow as tf",
        "X = tf.constant([[1.0, 2.0]])",
        "b1 = tf.Variable([0.3, -0.3, 0.2])",
        "with tf.GradientTape(persistent=True) as tape:\n    tape.watch(X)\n"
        "    Z1 = X @ W1 + b1\n    a1 = tf.maximum(Z1, 0.0)\n"
        "dZ1_dW1 = tape.gradient(Z1, W1)\ndZ1_db1 = tape.gradient(Z1, b1)\n"
        "dZ1_dX = tape.gradient(Z1, X)\nda1_dZ1 = tape.gradient(a1, Z1)\n",
        "    tape.watch(a1)\n    Z2 = ",
        "    tape.watch(Y_pred)\n    Loss = ",
        "    Y_pred = a2 @ W3 + b3\n    Loss = ",
        "dLoss_dW3 = tape.gradient(Loss, W3)\n"
        "tf.debugging.assert_equal(dLoss_dW3, dLoss_dY_pred * dY_pred_dW3)\n",
        "tf.debugging.assert_equal(dLoss_dZ2, dLoss_da2 * da2_dZ2)\n",
        "tf.debugging.assert_equal(dLoss_dZ1, dLoss_da1 * da1_dZ1)\n",
        "\nW3.assign_sub(lr * dLoss_dW3)\n",
    ):
        assert cell in text
    assert text.count("persistent=True") == 5  # a layer each, the loss, and the whole
    assert max(map(len, program)) <= 79
    assert lines_so_far(session, "en", 1) == ["b1.assign_sub(lr * dLoss_db1)"]


def test_every_gradient_of_the_course_equals_its_product(course: Lesson, begin: Begin) -> None:
    session = begin("values")
    for _ in range(3):
        facts = session.prepare()
        lines = [assertion(facts, step) for step in session.steps]
        assert sum(line is not None for line in lines) == 12
        for line in filter(None, lines):  # by one product, and not by a sum of them
            alone = any(name in line for name in ("(dLoss_dW3", "(dLoss_dZ2", "(dLoss_dZ1"))
            assert "assert_equal" in line or not alone
        again(walked_to(session, len(session.steps)))


def test_a_derivative_is_by_its_line_alone_whatever_else_is_on_a_tape(tmp_path: Path) -> None:
    """By hand: h = tanh(x) + x grows with x by 1 in its own line, and by 2 - tanh(x)**2 in all."""
    text = 'program = """\n# unit\na = tanh(x)\nh = a + x\n# loss\nL = h * h\n"""\nloss = "L"\n'
    (tmp_path / "two.toml").write_text(text + 'watch = ["x"]\nvalues.x = 0.5\n')
    session = begin_part(load(str(tmp_path / "two.toml")), part="tape")
    names = ran(program_so_far(walked_to(session, len(session.steps)), "en"))
    assert float(names["dh_dx"]) == 1
    assert float(names["dL_dx"]) == pytest.approx(2 * names["h"] * (2 - np.tanh(0.5) ** 2))


def test_a_name_of_the_code_itself_is_refused(tmp_path: Path) -> None:
    text = 'program = "L = tf * w"\nloss = "L"\nparameters = ["w"]\nvalues = { tf = 1, w = 2 }\n'
    (tmp_path / "tf.toml").write_text(text)
    with pytest.raises(UserError, match="needs tf for itself"):
        program_so_far(begin_part(load(str(tmp_path / "tf.toml")), part="tape"), "en")


COURSE = json.loads((Path(__file__).parents[1] / "data" / "course_values.json").read_text())


def test_every_value_is_the_courses_to_the_last_bit(course: Lesson) -> None:
    worked = work(course)
    assert [step.id for step in worked.steps] == list(COURSE)
    for step in worked.steps:
        found = np.asarray(step.value, "float32")
        np.testing.assert_array_equal(found, np.asarray(COURSE[step.id], "float32"), step.id)
        assert list(found.shape) == step.shape


def test_the_json_is_the_contract(course: Lesson) -> None:
    plain = json.loads(msgspec.json.encode(work(course)))
    assert list(plain) == ["lesson", "dtype", "loss", "steps", "loss_before", "loss_after"]
    step = next(step for step in plain["steps"] if step["id"] == "dLoss_dW3")
    assert list(step) == ["id", "kind", "section", "name", "product", "shape", "value", "code"]
    assert step["name"] == "∂Loss/∂W3"
    assert step["section"] == "output layer"
    assert step["product"] == "a2.T @ dLoss_dY_pred"
    assert step["code"] == "tape.gradient(Loss, W3)"
    assert plain["steps"][0]["product"] is None
    assert plain["loss_after"] < plain["loss_before"]


def test_the_other_parts_have_the_same_keys_and_keras_stands_beside_the_tape(
    course: Lesson,
) -> None:
    derive = json.loads(msgspec.json.encode(work_part(course, "derive")))
    assert list(derive) == ["lesson", "part", "dtype", "loss", "steps"]
    assert [step["value"] for step in derive["steps"] if step["value"]] == [[10.0, 40.0]]
    orders = [step["product"] for step in derive["steps"] if step["kind"] == "order"]
    assert orders[1] == "forward pass, loss, backward pass, update"
    keras = json.loads(msgspec.json.encode(work_part(course, "keras")))
    assert list(keras) == [*derive, "gradients", "largest_difference"]
    assert keras["largest_difference"] == 0
    assert [pair["parameter"] for pair in keras["gradients"]] == list(course.parameters)
    for pair in keras["gradients"]:
        wanted = np.asarray(COURSE[f"d{course.loss}_d{pair['parameter']}"], "float32")
        for side in ("tape", "keras"):
            np.testing.assert_array_equal(np.asarray(pair[side], "float32"), wanted)


def test_the_code_of_a_step_computes_it(course: Lesson) -> None:
    """The lines are run, in order, on one persistent tape."""
    tf = tensorflow()
    known: dict[str, object] = {"tf": tf, "lr": course.learning_rate}
    for name, value in course.values.items():
        tensor = tf.constant(value, tf.float32)
        known[name] = tf.Variable(tensor) if name in course.parameters else tensor
    steps = work(course).steps
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(known["X"])
        for step in steps:
            if step.kind == "forward":
                known[step.id] = eval(step.code, known)
    known["tape"] = tape
    for step in steps:
        if step.kind != "forward":
            known[step.id] = eval(step.code, known)
        found, wanted = np.asarray(known[step.id]), np.asarray(step.value, "float32")
        np.testing.assert_array_equal(found, wanted, step.id)
