"""The picture as data: what is a stack of layers, and what may be seen of it, held by the trace."""

from math import isnan
from pathlib import Path

import numpy as np
import pytest

from bptutor.course.layers import stack
from bptutor.course.picture import NetworkPicture, graph
from bptutor.course.session import Session
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.views.picture import NetworkView, UnitColumn
from tests.course.conftest import Begin

NETWORKS = {
    "one-neuron": ["z"],
    "sigmoid-neuron": ["a"],
    "tanh-neuron": ["a"],
    "batch": ["Z"],
    "dead-relu": ["a", "Y"],
    "sigmoid-network": ["a1", "Y"],
    "two-hidden-layers": ["a1", "a2", "Y_pred"],
    "vanishing": ["h1", "h2", "h3", "h4"],
    "binary-cross-entropy": ["p"],
    "softmax": ["P"],
}
"""What the layers of a lesson give; every other lesson is no stack of layers."""
GRAPHS = [
    "circuit",
    "residual",
    "rnn",
    "weight-twice",
    "weight-decay",
    "relu-at-zero",
    "batch-normalisation",
    "attention",
]


def at(session: Session, step: str) -> Session:
    """The session where a step is asked."""
    place = [each.id for each in session.steps].index(step)
    session.sitting.index = session.sitting.furthest = place
    return session


def at_end(session: Session) -> Session:
    session.sitting.index = session.sitting.furthest = len(session.steps)
    return session


def drawn(session: Session, example: int = 0) -> NetworkView:
    layers = stack(session.lesson)
    assert layers
    return NetworkPicture(session, layers, example).drawn()


def lesson_of(tmp_path: Path, program: str, values: str, parameters: str) -> Lesson:
    """A lesson that nobody has written yet."""
    path = tmp_path / "own.toml"
    path.write_text(
        f'title = "t"\nsummary = "s"\nprogram = """\n{program}\n"""\nloss = "E"\n'
        f"parameters = [{parameters}]\nlearning_rate = 0.1\n[values]\n{values}\n",
        encoding="utf-8",
    )
    return load(str(path))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_stack_of_layers_is_found(name: str) -> None:
    found = stack(load(name))
    assert found
    assert [layer.value for layer in found.layers] == NETWORKS[name]


@pytest.mark.parametrize("name", GRAPHS)
def test_what_is_no_stack_of_layers_is_none(name: str) -> None:
    assert stack(load(name)) is None


def test_the_rule_and_no_name_decides(tmp_path: Path) -> None:
    program = "q = u @ hat + cat\nr = tanh(q)\nE = sum((r - dog) ** 2)"
    values = "u = [[1, 2]]\nhat = [[0.5, 1], [2, 0.1]]\ncat = [0.1, 0.2]\ndog = [[1, 0]]"
    found = stack(lesson_of(tmp_path, program, values, '"hat", "cat"'))
    assert found
    assert (found.inputs, found.layers[0].parameters) == (("u",), ("hat", "cat"))
    assert (found.layers[0].total, found.layers[0].value) == ("q", "r")


def test_the_same_names_with_another_rule_are_no_stack(tmp_path: Path) -> None:
    program = "Z = X @ W + b + X\nE = sum(Z ** 2)"
    values = "X = [[1, 2]]\nW = [[0.5, 1], [2, 0.1]]\nb = [0.1, 0.2]"
    assert stack(lesson_of(tmp_path, program, values, '"W", "b"')) is None


def test_columns_may_be_examples(tmp_path: Path, begin: Begin) -> None:
    program = "Z = W @ X + b\nA = relu(Z)\nE = sum(A ** 2)"
    values = "X = [[1, 3], [2, 4]]\nW = [[1, 0.5], [2, 3], [-1, -7]]\nb = [[0.1], [0.2], [0.3]]"
    session = at_end(begin(lesson=lesson_of(tmp_path, program, values, '"W", "b"')))
    network = drawn(session, example=1)
    data, layer, loss = network.columns
    assert network.examples == 2
    assert [unit.value for unit in data.units] == [3, 4]
    assert [unit.total for unit in layer.units] == pytest.approx([5.1, 18.2, -30.7])
    assert [unit.bias for unit in layer.units] == pytest.approx([0.1, 0.2, 0.3])
    assert [unit.life for unit in layer.units] == ["", "", "dead"]
    assert network.wires[0].weights == [[1, 2, -1], [0.5, 3, -7]]
    assert len(loss.units) == 1


def numbers(column: UnitColumn, what: str) -> list[float]:
    return [getattr(unit, what) for unit in column.units]


def lives(column: UnitColumn) -> list[str]:
    return [unit.life for unit in column.units]


def test_the_numbers_are_those_of_the_trace(begin: Begin) -> None:
    session = at_end(begin())
    trace = session.prepare().trace
    network = drawn(session)
    data, first, second, output, loss = network.columns
    assert numbers(data, "value") == trace.values["X"].reshape(-1).tolist()
    assert numbers(data, "gradient") == trace.gradients["dLoss_dX"].reshape(-1).tolist()
    for column, total, value in ((first, "Z1", "a1"), (second, "Z2", "a2")):
        assert column.names == [total, value]
        assert numbers(column, "total") == trace.values[total].reshape(-1).tolist()
        assert numbers(column, "value") == trace.values[value].reshape(-1).tolist()
        slope = trace.gradients[f"dLoss_d{total}"].reshape(-1).tolist()
        assert numbers(column, "gradient") == pytest.approx(slope)
        assert column.gradient == f"dLoss_d{total}"
    assert numbers(output, "gradient") == trace.gradients["dLoss_dY_pred"].reshape(-1).tolist()
    assert numbers(loss, "value") == [trace.loss]
    for wires, name in zip(network.wires, ("W1", "W2", "W3"), strict=False):
        assert wires.names == [name]
        assert np.allclose(wires.weights, trace.values[name])


def test_a_unit_is_inactive_once_its_derivative_may_be_seen(begin: Begin) -> None:
    session = begin()
    before, after = drawn(at(session, "da1_dZ1")), drawn(at(session, "Z2"))
    assert lives(before.columns[1]) == ["", "", ""]
    assert lives(after.columns[1]) == ["", "off", ""]
    assert session.prepare().trace.locals["da1_dZ1"].reshape(-1).tolist() == [1, 0, 1]


def test_what_is_inactive_in_one_example_only_is_not_dead(tmp_path: Path, begin: Begin) -> None:
    program = "Z = X @ W\nA = relu(Z)\nE = sum(A ** 2)"
    values = "X = [[1], [-1]]\nW = [[1, -2]]"
    session = at_end(begin(lesson=lesson_of(tmp_path, program, values, '"W"')))
    assert lives(drawn(session, 0).columns[1]) == ["", "off"]
    assert lives(drawn(session, 1).columns[1]) == ["off", ""]


def test_softmax_units_do_not_die_of_a_sum_that_is_0(begin: Begin) -> None:
    session = at_end(begin(lesson=load("softmax")))
    assert lives(drawn(session).columns[1]) == ["", "", ""]


def test_lines_say_what_has_passed(begin: Begin) -> None:
    session = begin()
    assert {s for row in drawn(at(session, "Z1")).wires[0].signals for s in row} == {"waiting"}
    forward = drawn(at(session, "a1"))
    assert {s for row in forward.wires[0].signals for s in row} == {"down"}
    assert {s for row in forward.wires[1].signals for s in row} == {"waiting"}
    # a1[1] is 0: nothing goes from there to layer 2, whatever the weights are.
    past = drawn(at(session, "Loss")).wires[1].signals
    assert [set(row) for row in past] == [{"down"}, {"silent"}, {"down"}]
    # Back: the second unit of layer 2 lets no signal through, to none of its inputs.
    back = drawn(at(session, "dLoss_dZ1")).wires[1].signals
    assert [list(row) for row in back] == [["up", "silent", "up"]] * 3


def test_before_tensorflow_is_there_a_picture_has_the_leaves_alone(course: Lesson) -> None:
    session = Session.begin(course, "all", course.name, "ascii")
    network = drawn(session)
    assert numbers(network.columns[0], "value") == [1, 2]
    assert all(isnan(unit.value) for column in network.columns[1:] for unit in column.units)
    assert np.allclose(network.wires[0].weights, np.asarray(course.values["W1"]))


@pytest.mark.parametrize("name", [*NETWORKS, *GRAPHS])
def test_a_graph_has_every_reading_and_no_other(name: str) -> None:
    lesson = load(name)
    plan = graph(lesson)
    real = {
        spot.name: (row, place)
        for row, spots in enumerate(plan.rows)
        for place, spot in enumerate(spots)
        if not spot.passing
    }
    assert set(real) == {*lesson.program.leaves, *lesson.program.by_target}
    followed = set()
    for source, start in real.items():
        waiting = [start]
        while waiting:
            row, place = waiting.pop()
            for link in plan.links:
                if (link.row, link.source) == (row, place):
                    spot = plan.rows[row + 1][link.target]
                    if spot.passing:
                        assert spot.name == source
                        waiting.append((row + 1, link.target))
                    else:
                        followed.add((source, spot.name))
    readings = {(each, line.target) for line in lesson.program.assignments for each in line.inputs}
    assert followed == readings
    assert all(real[source][0] < real[target][0] for source, target in readings)
