"""Support fades with what was right at once; a worked example comes out as it says."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.example import worked_example
from bptutor.course.parts import places_of
from bptutor.course.questions import bare, chain_rule
from bptutor.course.session import Session
from bptutor.course.skills import skill, support
from bptutor.grading.facts import arithmetic
from bptutor.language.parse import parse_expression
from bptutor.language.render import in_style
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from tests.near import right

LEVELS = ["example", "line", "alone"]


@given(st.lists(st.booleans()))
def test_support_never_grows_and_fades_after_two_right_first_tries(answers: list[bool]) -> None:
    """Each is one step of a kind: was it right at once?"""
    counts = [None, *(sum(answers[:place]) for place in range(1, len(answers) + 1))]
    given_ = [support(count) for count in counts]
    assert all(LEVELS.index(a) <= LEVELS.index(b) for a, b in pairwise(given_))
    assert given_[0] == "example"
    assert given_.count("example") == 1
    for count, level in zip(counts, given_, strict=True):
        assert (level == "alone") == (count is not None and count >= 2)


def at(session: Session, id_: str) -> Session:
    place = places_of(session.lesson, "tape")[id_]
    session.sitting.index = session.sitting.furthest = place
    session.prepare()
    return session


def begun(practised: dict[str, int] | None) -> Session:
    session = Session.begin(load("two-hidden-layers"), "all", "two-hidden-layers", "ascii")
    session.practised = practised
    return session


def begun_at(id_: str, practised: dict[str, int]) -> Session:
    return at(begun(practised), id_)


def test_the_line_is_shown_until_two_were_right_at_once_and_is_then_the_first_hint() -> None:
    session = begun({})
    lesson = session.lesson
    shown = []
    for id_ in ("dLoss_dW3", "dLoss_dW2", "dLoss_dW1"):
        at(session, id_)
        shown.append((session.support, session.exercise.formula()))
        session.check(*right(session))
        assert session.stage(session.index) == "solved"
        assert session.exercise.formula() == chain_rule(lesson, session.step, "ascii")
    note = in_style(lesson.notes["dLoss_dW3"].to("en"), "ascii")
    assert note in begun_at("dLoss_dW3", {}).exercise.remarks("en")
    alone = begun_at("dLoss_dW3", {"weight-gradient": 2})
    assert note not in alone.exercise.remarks("en")
    alone.check(*right(alone))
    assert note in alone.exercise.remarks("en")
    three = [steps(lesson)[places(lesson)[id_]] for id_ in ("dLoss_dW3", "dLoss_dW2", "dLoss_dW1")]
    assert [level for level, _ in shown] == LEVELS
    assert [line for _, line in shown] == [
        *(chain_rule(lesson, step, "ascii") for step in three[:2]),
        bare(lesson, three[2], "ascii"),
    ]
    alone = at(begun({skill(lesson, three[2]): 2}), "dLoss_dW1")
    assert not alone.rule_shown
    (first,) = alone.exercise.hints(1, [])
    assert first.fields["line"] == chain_rule(lesson, three[2], "ascii")


@pytest.mark.parametrize("how", ["hint", "show", "wrong"])
def test_only_what_was_right_at_once_counts(how: str) -> None:
    session = at(begun({"weight-gradient": 1}), "dLoss_dW3")
    if how == "show":
        session.show()
    elif how == "hint":
        session.hint()
    else:
        session.check("a2", ["7"] * len(session.cells(session.step)))
    session.check(*right(session))
    assert session.practised == {"weight-gradient": 1}


def test_an_example_is_over_once_something_is_typed_or_asked_for() -> None:
    for act in (lambda s: s.draft("a", None), Session.hint, Session.show):
        session = at(begun({}), "dLoss_dW3")
        levels = [session.support]
        act(session)
        assert [*levels, session.support] == ["example", "line"]


def test_of_a_sitting_that_was_begun_without_examples_none_is_shown() -> None:
    session = begun(None)
    at(session, "dLoss_dW3").draft("a2", None)
    session.practised = {}
    assert session.support == "line"


def test_a_quiz_shows_no_line() -> None:
    session = at(begun(None), "dLoss_dW3")
    assert session.support == "alone"
    assert session.exercise.formula() == "dLoss_dW3 = ?"


@pytest.mark.parametrize("name", available())
def test_an_example_has_other_names_and_comes_to_what_it_says(name: str) -> None:
    lesson = load(name)
    own = {*lesson.program.leaves, *lesson.program.by_target} - {lesson.loss}
    for step in steps(lesson):
        panels = worked_example(lesson, step.id, "ascii")
        assert len(panels) == (4 if step.asks_formula else 3)
        lines = [line for panel in panels for line in panel if isinstance(line, str)]
        for line in lines:
            assert not set(re.findall(r"[^\W\d]\w*", line.replace(".T", ""))) & own, (step.id, line)
        _, *middle, result = str(panels[-1][1]).split(" = ")
        for side in middle:
            value = arithmetic(parse_expression(side, set()))
            assert value == pytest.approx(float(result), rel=2e-3, abs=1e-4), (step.id, side)


@pytest.mark.parametrize("step", ["a1", "da1_dZ1", "dLoss_dZ1", "a2", "dLoss_dZ2"])
def test_an_example_of_a_mask_has_a_number_on_both_sides(step: str) -> None:
    panels = worked_example(load("two-hidden-layers"), step, "ascii")
    (matrix,) = (
        line.partition(" = ")[2]
        for line in panels[0]
        if isinstance(line, str) and line.startswith("Q = ")
    )
    numbers = [float(number) for number in re.findall(r"[-\d.]+", matrix)]
    assert min(numbers) < 0 < max(numbers)
