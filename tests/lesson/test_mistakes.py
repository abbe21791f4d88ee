"""The wrong answers that an author foresees: what a file may say of them, and what is refused."""

from __future__ import annotations

import pytest

from bptutor.language.limits import MOST_WRONG_ANSWERS
from bptutor.language.parse import parse_expression
from bptutor.lesson.lint import lint
from bptutor.lesson.load import LessonError, load
from bptutor.lesson.positions import positions
from tests.lesson.sound import SOUND, Write


def table(**keys: object) -> str:
    lines = [f"{key} = {value!r}" for key, value in {"en": "a", "ko": "가", **keys}.items()]
    return "\n".join(["[[mistakes]]", *lines, ""])


FORMULA = table(step="dL_dz", formula="2 * (y - z)", en="The difference  is reversed.")
VALUE = table(step="dL_dw", value=[[0.5], [1]])


def test_what_an_author_foresees(write: Write) -> None:
    lesson = load(str(write(SOUND + FORMULA + VALUE + table(step="dL_dw", formula="x @ z"))))
    (reversed_,) = lesson.mistakes["dL_dz"]
    assert reversed_.formula == parse_expression("2 * (y - z)")
    assert reversed_.words.by_language == {"en": "The difference is reversed.", "ko": "가"}
    value, formula = lesson.mistakes["dL_dw"]
    assert (value.formula, value.value) == (None, [[0.5], [1.0]])
    assert formula.formula == parse_expression("x @ z")  # whose shapes do not fit
    assert not load(str(write(SOUND))).mistakes


def test_a_value_is_of_the_lessons_own_numbers(write: Write) -> None:
    lesson = load(str(write(SOUND + FORMULA + VALUE)))
    other = lesson.on({**lesson.values, "b": 0.2})
    assert other.mistakes["dL_dz"] == lesson.mistakes["dL_dz"]
    assert other.mistakes["dL_dw"] == ()


@pytest.mark.parametrize(
    ("tables", "line", "sentence"),
    [
        pytest.param(table(step="dL_dW", formula="x"), 20, "did you mean “dL_dw”?", id="no step"),
        pytest.param(table(step="q" * 99, formula="x"), 20, "`bptutor show` lists", id="long"),
        pytest.param(table(formula="x"), 17, "a mistake is at “”, which is no step", id="none"),
        pytest.param(table(step="dL_dw"), 20, "needs either `formula` or `value`", id="neither"),
        pytest.param(
            table(step="dL_dw", formula="x", value=1), 20, "either `formula` or", id="both"
        ),
        pytest.param(
            table(step="dL_dw", formula="x +"),
            21,
            "the `formula` of a mistake at dL_dw: A value is missing after +.",
            id="unreadable",
        ),
        pytest.param(
            table(step="dL_dw", formula="dL_dq * x"),
            21,
            "the `formula` of a mistake at dL_dw: dL_dq is not known at this step",
            id="a name that there is not",
        ),
        pytest.param(
            table(step="dL_dw", formula="dL_dw * 2"), 21, "dL_dw is not known", id="itself"
        ),
        pytest.param(
            table(step="dL_dw", formula="one_hot(x, 100000000)"),
            21,
            "is too large here",
            id="too much",
        ),
        pytest.param(
            table(step="dL_dw", value=[[1, 2]]),
            21,
            "it has the shape (1, 2); dL_dw has the shape (2, 1)",
            id="shape",
        ),
        pytest.param(
            table(step="dL_dw", value=[["1"], [2]]), 21, "'1' is not a number", id="no number"
        ),
        pytest.param(
            table(step="dL_dw", formula="x.T", en="", ko=""), 20, "needs words", id="no words"
        ),
        pytest.param(
            VALUE + VALUE, 25, "two mistakes at dL_dw have the same answer", id="the same value"
        ),
        pytest.param(
            FORMULA + table(step="dL_dz", formula="2*(y-z)"), 25, "the same answer", id="the same"
        ),
        pytest.param(
            FORMULA + table(step="dL_dz", formla="x"),
            26,
            "unknown key `mistakes.2.formla`; did you mean `mistakes.2.formula`?",
            id="unknown key",
        ),
        pytest.param(
            table(step="dL_dz", formula=2), 21, "`mistakes.1.formula` must be a text", id="type"
        ),
        pytest.param(
            table(step="dL_dz", formula="z", en="\\u001b[2J")
            .replace("'", '"')
            .replace("\\\\", "\\"),
            17,
            "contains a control character",
            id="control character",
        ),
        pytest.param("[mistakes]\nstep = 'z'\n", 17, "must be tables [[mistakes]]", id="a table"),
        pytest.param(
            "".join(table(step="dL_dw", formula=f"{n}") for n in range(MOST_WRONG_ANSWERS + 1)),
            17,
            "more than 200 tables",
            id="many",
        ),
    ],
)
def test_each_fault_is_named(write: Write, tables: str, line: int, sentence: str) -> None:
    path = write(SOUND + tables)
    with pytest.raises(LessonError) as error:
        load(str(path))
    said = str(error.value).removeprefix(str(path))
    assert sentence in said
    assert said.startswith(f", line {line}: "), said
    assert len(said) < 200
    assert error.value.message.to("ko").startswith(str(path))


def test_a_language_that_is_missing_is_found(write: Write) -> None:
    (finding,) = lint(load(str(write(SOUND + table(step="dL_dz", formula="z", ko="")))))
    assert (finding.code, finding.where) == ("language-missing", "mistakes.dL_dz")
    assert str(finding.message) == "a mistake at dL_dz has no words in “ko”; add `ko`"


def test_every_table_has_its_own_lines() -> None:
    found = positions("a = 1\n[[m]]\nb = 2\n[[m]]  # two\n\nb = 3\n[n]\nb = 4\n[[m]]\nb = 5\n").keys
    assert [found["m", number] for number in "123"] == [2, 4, 9]
    assert [found["m", number, "b"] for number in "123"] == [3, 6, 10]
    assert found["m",] == 2
    assert found["n", "b"] == 8
