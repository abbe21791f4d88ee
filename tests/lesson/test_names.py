"""The names that people give to a lesson's quantities, and the ones that an author adds."""

import pytest

from bptutor.language.parse import parse_expression
from bptutor.lesson.find import available
from bptutor.lesson.load import LessonError, load
from bptutor.lesson.names import in_own_names, named, own_name
from bptutor.lesson.steps import known_names, steps
from tests.examples import every
from tests.lesson.sound import SOUND, Write

LESSONS = available()


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


@pytest.mark.parametrize("name", every(4, LESSONS))
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
