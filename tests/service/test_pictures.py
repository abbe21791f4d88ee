"""Pictures as data: nothing that may not be seen yet is in them; heat maps of any size."""

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np
import pytest
from msgspec import msgpack

from bptutor.course.session import Session
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import known_names
from bptutor.service.tape import heat_map, pictured
from bptutor.text import UserError
from bptutor.views.picture import Pictured


def begun(name: str) -> Session:
    session = Session.begin(load(name), "all", name, "unicode")
    session.prepare()
    return session


def floats(part: Any) -> Iterator[float]:
    """All floats in a message as it travels."""
    if isinstance(part, float):
        yield part
    elif isinstance(part, list):
        for each in part:
            yield from floats(each)
    elif isinstance(part, dict):
        yield from floats(list(part.values()))


@pytest.mark.parametrize("name", available())
def test_no_number_is_in_a_picture_before_it_may_be_seen(name: str) -> None:
    session = begun(name)
    facts = session.prepare()
    for index in range(len(session.steps)):
        session.sitting.index = session.sitting.furthest = index
        shown = session.stage(index) == "worked"  # the lesson does not ask it
        known = known_names(session.lesson, index + shown)
        numbers = {float(n) for each in known for n in facts.known(each).reshape(-1).tolist()}
        for each in known:  # of what is known, the norm may be seen too
            numbers.add(float(np.linalg.norm(facts.known(each).astype("float64"))))
        view = pictured(session, "unicode", 0)
        seen = {n for n in floats(msgpack.decode(msgpack.encode(view))) if not isnan(n)}
        assert seen <= numbers, session.steps[index].id
        assert {quantity.id for quantity in view.quantities} <= set(known)
        for step in session.steps[index + shown :]:
            with pytest.raises(UserError):
                heat_map(session, step.id, 10, 10)


@pytest.mark.parametrize("name", available())
def test_in_the_end_every_number_of_a_quantity_with_a_place_is_there(name: str) -> None:
    session = begun(name)
    session.sitting.index = session.sitting.furthest = len(session.steps)
    view = pictured(session, "unicode", 0)
    loss = session.prepare().trace.loss
    if view.network:
        last = view.network.columns[-1]
        assert (last.role, last.units[0].value) == ("loss", loss)
        assert all(unit.value == unit.value for unit in view.network.columns[0].units)
    else:
        nodes = [node for row in view.graph.rows for node in row if not node.passing]
        assert all(node.value for node in nodes)
        assert any(node.value and node.value.values == [loss] for node in nodes)
    for quantity in view.quantities:
        truth = session.prepare().known(quantity.id)
        heat = heat_map(session, quantity.id, 200, 200)
        assert np.allclose(heat.values, truth.reshape(-1))
        assert (heat.block, heat.shape) == ((1, 1), list(truth.shape))


def test_the_backward_pass_ends_with_one_step() -> None:
    session, ends = begun("two-hidden-layers"), []
    for index, step in enumerate(session.steps):
        session.sitting.index = session.sitting.furthest = index
        ends += [step.id] * pictured(session, "unicode", 0).all_back
    assert ends == ["dLoss_dX"]


def test_a_picture_travels() -> None:
    view = pictured(begun("two-hidden-layers"), "unicode", 0)
    again = msgpack.decode(msgpack.encode(view), type=Pictured)
    assert again.network
    assert [column.names for column in again.network.columns][1] == ["Z1", "a1"]


def test_of_a_large_matrix_a_cell_is_the_number_furthest_from_0() -> None:
    session = begun("two-hidden-layers")
    heat = heat_map(session, "W2", 2, 2)
    # W2 is 0.1 -0.2 0.5 / -0.2 0.4 -0.3 / 0.5 0.3 0.4, in blocks of 2 x 2 that end with it.
    assert (heat.rows, heat.columns, heat.block) == (2, 2, (2, 2))
    assert heat.values == pytest.approx([0.4, 0.5, 0.5, 0.4])
    assert heat.largest == pytest.approx(0.5)
    wide = heat_map(session, "W2", 1, 3)
    assert (wide.rows, wide.columns, wide.block) == (1, 3, (3, 1))
    assert wide.values == pytest.approx([0.5, 0.4, 0.5])


def test_the_current_quantity_is_the_one_that_the_step_is_about() -> None:
    session = begun("two-hidden-layers")
    ids = [step.id for step in session.steps]
    session.sitting.index = session.sitting.furthest = ids.index("dLoss_da2")
    view = pictured(session, "unicode", 0)
    assert (view.step, view.direction, view.open) == ("∂Loss/∂a2", "up", True)
    assert [quantity.id for quantity in view.quantities if quantity.current] == ["a2"]
