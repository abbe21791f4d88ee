"""Hints say the chain rule or the rule applied here, the factors, the formula; no more per rung."""

import re

import numpy as np
import pytest

from bptutor.course.hints import RUNGS, Hints, applied_rule
from bptutor.course.questions import asked_cells
from bptutor.course.why import Why
from bptutor.engine.keras import open_lesson
from bptutor.grading.facts import Facts
from bptutor.language.ops import operations, spellings
from bptutor.language.parse import parse_expression
from bptutor.lesson.find import available
from bptutor.lesson.steps import LEARNING_RATE, places, steps
from bptutor.text import LANGUAGES, Message
from tests.course.conftest import Begin

OPTIONS = {"TensorFlow", "True", "diag", "e", "tape", "gradient"}.union(
    *(operation.options for operation in operations().values())
)
"""In formulas beside names and functions; `e` is in numbers such as 4e-05."""


@pytest.mark.parametrize("index", range(30))
def test_the_element_that_is_worked_out_comes_to_what_it_says(begin: Begin, index: int) -> None:
    session = begin()
    if index >= len(steps(session.lesson)):
        pytest.skip("The lesson has fewer steps.")
    step, facts = steps(session.lesson)[index], session.prepare()
    _, _, third = Hints(facts, step, "ascii", session.cells(step)).all()
    sides = str(third.fields["equation"]).split(" = ")
    place = re.search(r"\[([\d, ]+)\]", sides[0])
    at = tuple(int(number) for number in place.group(1).split(",")) if place else ()
    truth = float(np.asarray(facts.truth(step), "float64")[at])
    for side in sides[1:]:
        worked = eval(side, {"maximum": max, "mean": lambda x: x})
        assert float(worked) == pytest.approx(truth, rel=2e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_its_ladder_in_every_language(begin: Begin, language: str) -> None:
    session = begin()
    for step in steps(session.lesson):
        hints = Hints(session.prepare(), step, "unicode", session.cells(step)).all()
        said = [hint.to(language) for hint in hints]
        assert len(set(said)) == RUNGS
        assert not any("{" in hint for hint in said)


def test_the_first_rungs_hold_no_number_of_the_answer(begin: Begin) -> None:
    session = begin()
    step = next(step for step in steps(session.lesson) if step.id == "dLoss_dW3")
    first, second, _ = Hints(session.prepare(), step, "ascii", session.cells(step)).all()
    assert "0.03168" not in str(first) + str(second)
    assert "dLoss_dY_pred (1, 1)" in str(second)


@pytest.mark.parametrize("name", available())
def test_hints_speak_of_nothing_but_this_lesson(name: str) -> None:
    """In Korean, whatever is written in Latin letters is a name or a function."""
    lesson = open_lesson(name)
    facts = Facts(lesson)
    program = lesson.program
    known = {*lesson.leaves, *program.by_target, *places(lesson), LEARNING_RATE}
    known |= {*spellings(), *OPTIONS}
    for step in steps(lesson):
        asked = asked_cells(step, facts.truth(step))
        for letters in (False, True):
            hints = Hints(facts, step, "ascii", asked, letters=letters)
            why = Why(facts, step, "ascii")
            said = [*hints.all(), why.rule(), *why.story(False), *why.story(True)]
            for message in said:
                words = set(
                    re.findall(r"[^\W\d가-힣]\w*", re.sub(r"[가-힣]+|\.T\b", " ", message.to("ko")))
                )
                assert words <= known, (step.id, words - known)


@pytest.mark.parametrize("name", available())
def test_the_third_rung_has_the_formula_that_is_asked(name: str) -> None:
    lesson = open_lesson(name)
    facts = Facts(lesson)
    for step in steps(lesson):
        if step.kind != "backward" or step.product == parse_expression("1", set()):
            continue
        asked = asked_cells(step, facts.truth(step))
        _, _, third = Hints(facts, step, "ascii", asked, letters=True).all()
        text = str(third.fields.get("formula", third.fields.get("line", third)))
        formula = text.partition(" = ")[2].partition(" = ")[0].removesuffix(".")
        assert parse_expression(formula, set(places(lesson)) | set(lesson.shapes)) == step.product


def test_one_number_has_three_different_rungs() -> None:
    lesson = open_lesson("one-neuron")
    facts = Facts(lesson)
    step = next(step for step in steps(lesson) if step.id == "dL_dz")
    rule, factors, formula = Hints(facts, step, "ascii", [0], letters=True).all()
    assert str(rule.fields["node"]) == "(z - y) ** 2"
    assert "z = 1.2" in str(factors)
    assert "y = 2" in str(factors)
    assert str(formula.fields["line"]) == "dL_dz = 2 * (z - y) = 2 * (1.2 - 2)"
    assert "-1.6" not in " ".join(map(str, (rule, factors, formula)))


def test_where_the_line_is_not_shown_it_is_the_first_hint() -> None:
    lesson = open_lesson("one-neuron")
    step = next(step for step in steps(lesson) if step.id == "dL_dw")
    first = next(Hints(Facts(lesson), step, "ascii", [0], line="dL_dw = dL_dz * dz_dw").all())
    assert first.fields["line"] == "dL_dw = dL_dz * dz_dw"


def said_of(message: Message) -> set[str]:
    """The ids of the sentences that a rule is made of."""
    parts = [part for part in message.fields.values() if isinstance(part, Message)]
    return {message.text}.union(*map(said_of, parts))


BROADCAST = "each element is used several times"


@pytest.mark.parametrize(
    ("lesson", "step", "broadcast"),
    [
        ("two-hidden-layers", "dLoss_dY_pred", False),  # a mean spreads a scalar
        ("two-hidden-layers", "dLoss_db1", False),  # (3,) in (1, 3)
        ("batch", "dL_db", True),
        ("batch-normalisation", "dL_dgamma", True),
    ],
)
def test_only_what_is_repeated_is_broadcast(lesson: str, step: str, broadcast: bool) -> None:
    opened = open_lesson(lesson)
    said = said_of(applied_rule(opened, steps(opened)[places(opened)[step]], "ascii"))
    assert any(BROADCAST in text for text in said) == broadcast


@pytest.mark.parametrize(
    ("lesson", "step", "kink"),
    [
        ("two-hidden-layers", "da1_dZ1", "Z1 = 0"),
        ("dense-layer", "dL_dZ", "Z = 0"),
        ("sigmoid-neuron", "da_dz", None),
    ],
)
def test_at_a_kink_the_derivative_is_tensorflows_choice(
    lesson: str, step: str, kink: str | None
) -> None:
    opened = open_lesson(lesson)
    said = str(applied_rule(opened, steps(opened)[places(opened)[step]], "ascii"))
    assert (f"At {kink} no derivative exists" in said) == (kink is not None)


def test_what_is_subtracted_inside_of_an_assignment_is_told_its_sign() -> None:
    """d log(1 - p) / dp = -1 / (1 - p)."""
    opened = open_lesson("binary-cross-entropy")
    said = str(applied_rule(opened, steps(opened)[places(opened)["dL_dp"]], "ascii"))
    assert said.endswith("p is subtracted: it gets the upstream gradient with the opposite sign.")
