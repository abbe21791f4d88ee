"""`bptutor show` as a function: the course's numbers, and products that TensorFlow agrees with."""

import json
from pathlib import Path

import msgspec
import numpy as np

from bptutor.course.worked import work
from bptutor.course.worked_part import work_part
from bptutor.engine.runtime import tensorflow
from bptutor.lesson.lesson import Lesson

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
