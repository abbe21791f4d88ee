"""Lint: each thing that an author should mend is found, and where it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bptutor.lesson.find import available
from bptutor.lesson.lint import Finding, lint
from bptutor.lesson.load import load

SOUND = """\
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

NOT_REACHED = (
    "L does not depend on q, so q has no gradient; use it, remove it, or write a note at it"
)

Find = Callable[[str], list[Finding]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    def find(content: str) -> list[Finding]:
        path = tmp_path / "unit.toml"
        path.write_text(content)
        return lint(load(str(path)))

    return find


def test_a_sound_lesson_has_nothing_to_mend(find: Find) -> None:
    assert find(SOUND) == []


@pytest.mark.parametrize("name", available())
def test_the_lessons_that_come_with_bptutor_have_nothing_to_mend(name: str) -> None:
    assert lint(load(name)) == []


@pytest.mark.parametrize(
    ("content", "code", "where", "sentence"),
    [
        pytest.param(
            SOUND.replace(', ko = "유닛 하나"', ""),
            "language-missing",
            "title",
            "`title` has no text in “ko”; add `title.ko`",
            id="a language of the title",
        ),
        pytest.param(
            SOUND.replace("# loss", "q = x * 2\n# loss"),
            "not-reached",
            "program",
            NOT_REACHED,
            id="an assignment that never reaches the loss",
        ),
        pytest.param(
            SOUND + "[notes]\nz.ko = '말'\n",
            "language-missing",
            "notes.z",
            "`notes.z` has no text in “en”; add `notes.z.en`",
            id="a language of a note",
        ),
        pytest.param(
            SOUND + "[notes]\ndL_w = 'x'\n",
            "note-unknown",
            "notes.dL_w",
            "there is no “dL_w”; did you mean “dL_dw”?",
            id="a note at no step",
        ),
        pytest.param(
            SOUND + "[notes]\nqqq = 'x'\n",
            "note-unknown",
            "notes.qqq",
            "this lesson has no “qqq”; remove it",
            id="a note at nothing like a step",
        ),
        pytest.param(
            SOUND + "[sections]\nunit = 'x'\nlos = 'y'\nloss = 'z'\n",
            "section-unknown",
            "sections.los",
            "there is no “los”; did you mean “loss”?",
            id="a heading of no section",
        ),
        pytest.param(
            SOUND + "[sections]\nunit = 'x'\n",
            "section-missing",
            "sections",
            "the section “loss” has no heading; add it under [sections]",
            id="a section without heading",
        ),
        pytest.param(
            SOUND.replace('watch = ["x"]', 'watch = ["w"]'),
            "watched-parameter",
            "watch",
            "w is a parameter, so its gradient is asked anyway; remove it from `watch`",
            id="a watched parameter",
        ),
        pytest.param(
            SOUND.replace("# loss", "q = y * v")
            .replace("y = 3", "y = 3, v = 1")
            .replace('["w"]', '["w", "v"]'),
            "not-reached",
            "program",
            NOT_REACHED,
            id="a parameter without gradient",
        ),
    ],
)
def test_each_finding(content: str, code: str, where: str, sentence: str, find: Find) -> None:
    (finding,) = find(content)
    assert (finding.code, finding.where, str(finding.message)) == (code, where, sentence)


def test_a_note_says_what_an_assignment_beside_the_loss_is_for(find: Find) -> None:
    lines = SOUND.replace("# loss", "p = x * 2\nq = p + 1\n# loss")
    assert len(find(lines)) == 2
    assert find(lines + "[notes]\nq = { en = 'Compare it.', ko = '비교하세요.' }\n") == []
