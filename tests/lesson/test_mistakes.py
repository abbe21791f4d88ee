"""The wrong answers that an author foresees, and what lint finds to mend."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bptutor.language.limits import MOST_WRONG_ANSWERS
from bptutor.language.parse import parse_expression
from bptutor.lesson.lint import Finding, lint
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


MANY = "".join(table(step="dL_dw", formula=f"{n}") for n in range(MOST_WRONG_ANSWERS + 1))
CONTROL = table(step="dL_dz", formula="z", en="\\u001b[2J").replace("'", '"').replace("\\\\", "\\")
FAULTS = [
    (table(step="dL_dW", formula="x"), 20, "did you mean “dL_dw”?"),
    (table(step="q" * 99, formula="x"), 20, "`bptutor show` lists"),
    (table(formula="x"), 17, "a mistake is at “”, which is no step"),
    (table(step="dL_dw"), 20, "needs either `formula` or `value`"),
    (table(step="dL_dw", formula="x", value=1), 20, "either `formula` or"),
    (table(step="dL_dw", formula="x +"), 21, "mistake at dL_dw: A value is missing after +."),
    (table(step="dL_dw", formula="dL_dq * x"), 21, "at dL_dw: dL_dq is not known at this step"),
    (table(step="dL_dw", formula="dL_dw * 2"), 21, "dL_dw is not known"),
    (table(step="dL_dw", formula="one_hot(x, 100000000)"), 21, "is too large here"),
    (
        table(step="dL_dw", value=[[1, 2]]),
        21,
        "it has the shape (1, 2); dL_dw has the shape (2, 1)",
    ),
    (table(step="dL_dw", value=[["1"], [2]]), 21, "'1' is not a number"),
    (table(step="dL_dw", formula="x.T", en="", ko=""), 20, "needs words"),
    (VALUE + VALUE, 25, "two mistakes at dL_dw have the same answer"),
    (FORMULA + table(step="dL_dz", formula="2*(y-z)"), 25, "the same answer"),
    (
        FORMULA + table(step="dL_dz", formla="x"),
        26,
        "unknown key `mistakes.2.formla`; did you mean",
    ),
    (table(step="dL_dz", formula=2), 21, "`mistakes.1.formula` must be a text"),
    (CONTROL, 17, "contains a control character"),
    ("[mistakes]\nstep = 'z'\n", 17, "must be tables [[mistakes]]"),
    (MANY, 17, "more than 200 tables"),
]


@pytest.mark.parametrize(("tables", "line", "sentence"), FAULTS, ids=range(len(FAULTS)))
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


TWO_LINES = """\
title = { en = "One unit", ko = "유닛 하나" }
program = '''
# unit
z = x * w
# loss
L = square(z - y)
'''
loss = "L"
parameters = ["w"]
watch = ["x"]
values = { x = 1, w = 2, y = 3 }
"""

NOT_REACHED = "L does not depend on q, so q has no gradient; use it, remove it, or write a note"
Find = Callable[[str], list[Finding]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def find(content: str) -> list[Finding]:
        path = tmp_path / "unit.toml"
        path.write_text(content)
        return lint(load(str(path)))

    return find


def test_a_sound_lesson_has_nothing_to_mend(find: Find) -> None:
    assert find(TWO_LINES) == []


SECTIONS = TWO_LINES + "[sections]\nunit = 'x'\n"
PARAMETER = TWO_LINES.replace("# loss", "q = y * v").replace("y = 3", "y = 3, v = 1")
FINDINGS = [
    (TWO_LINES.replace(', ko = "유닛 하나"', ""), "language-missing", "title", "add `title.ko`"),
    (TWO_LINES.replace("# loss", "q = x * 2\n# loss"), "not-reached", "program", NOT_REACHED),
    (PARAMETER.replace('["w"]', '["w", "v"]'), "not-reached", "program", NOT_REACHED),
    (TWO_LINES + "[notes]\nz.ko = '말'\n", "language-missing", "notes.z", "no text in “en”; add"),
    (TWO_LINES + "[notes]\ndL_w = 'x'\n", "note-unknown", "notes.dL_w", "did you mean “dL_dw”?"),
    (TWO_LINES + "[notes]\nqqq = 'x'\n", "note-unknown", "notes.qqq", "no “qqq”; remove it"),
    (SECTIONS + "los = 'y'\nloss = 'z'\n", "section-unknown", "sections.los", "mean “loss”?"),
    (SECTIONS, "section-missing", "sections", "“loss” has no heading; add it under [sections]"),
    (TWO_LINES.replace('["x"]', '["w"]'), "watched-parameter", "watch", "w is a parameter, so its"),
]


@pytest.mark.parametrize(("content", "code", "where", "words"), FINDINGS)
def test_each_finding(content: str, code: str, where: str, words: str, find: Find) -> None:
    (finding,) = find(content)
    assert (finding.code, finding.where) == (code, where)
    assert words in str(finding.message)


def test_a_note_says_what_an_assignment_beside_the_loss_is_for(find: Find) -> None:
    lines = TWO_LINES.replace("# loss", "p = x * 2\nq = p + 1\n# loss")
    assert len(find(lines)) == 2
    assert find(lines + "[notes]\nq = { en = 'Compare it.', ko = '비교하세요.' }\n") == []
