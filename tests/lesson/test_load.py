"""A sound lesson file is read as it is written; a path that leads to none is told why."""

import os
import socket
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.lesson.find import available, directory
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import LessonError, load
from bptutor.lesson.positions import positions
from tests.lesson.sound import SOUND, Write


def test_a_sound_file_is_a_lesson(write: Write) -> None:
    lesson = load(str(write(SOUND)))
    assert isinstance(lesson, Lesson)
    assert lesson.name == "unit"
    assert lesson.title.to("ko") == "유닛 하나"
    assert lesson.loss == "L"
    assert lesson.parameters == ("w", "b")
    assert (lesson.dtype, lesson.learning_rate) == ("float64", 0.001)
    assert lesson.values == {"x": [[1.0, 2.0]], "w": [[0.5], [-0.5]], "b": 0.1, "y": [[0.0]]}
    assert lesson.shapes == {"x": (1, 2), "w": (2, 1), "b": (), "y": (1, 1), "z": (1, 1), "L": ()}
    assert [line.section for line in lesson.program.assignments] == ["unit", "loss"]


def test_the_course_s_lesson_comes_with_bptutor() -> None:
    assert "two-hidden-layers" in available()
    lesson = load("two-hidden-layers")
    assert lesson.path.parent == directory()
    assert lesson.dtype == "float32"
    assert lesson.shapes["W2"] == (3, 3)
    assert lesson.title.missing == ()


def test_the_digest_follows_the_content(write: Write) -> None:
    first = load(str(write(SOUND))).digest
    assert load(str(write(SOUND))).digest == first
    assert load(str(write(SOUND + "# a word\n"))).digest != first


def test_line_ends_byte_order_marks_and_decomposed_hangul_are_no_matter(write: Write) -> None:
    import unicodedata

    windows = "\ufeff" + unicodedata.normalize("NFD", SOUND).replace("\n", "\r\n")
    lesson = load(str(write(windows)))
    assert lesson.title.to("ko") == "유닛 하나"
    assert [line.target for line in lesson.program.assignments] == ["z", "L"]


def test_texts_flow_as_paragraphs(write: Write) -> None:
    text = 'introduction = """\nOne\nline.\n\nAnother\n one.\n"""\n'
    lesson = load(str(write(text + SOUND)))
    assert lesson.introduction.to("ko") == "One line.\n\nAnother one."


def test_float64_holds_what_float32_does_not(write: Write) -> None:
    assert load(str(write(SOUND.replace("b = 0.1", "b = 1e39")))).values["b"] == 1e39


def test_marks_that_are_composed(write: Write) -> None:
    content = SOUND.replace("One unit", "cafe\u0301 \u1112\u1161\u11ab").replace(
        "유닛", "\u1100" * 99
    )
    assert load(str(write(content))).title.to("en") == "café 한"


def test_a_matrix_of_many_numbers_is_read(write: Write) -> None:
    rows = ", ".join(f"[{', '.join(['0.123456'] * 64)}]" for _ in range(784))
    content = SOUND.replace("[[0.5], [-0.5]]", f"[{rows}]").replace(
        "[[1, 2]]", f"[[{', '.join('1' * 784)}]]"
    )
    assert load(str(write(content))).shapes["z"] == (1, 64)


class TestPaths:
    @pytest.mark.parametrize(
        ("name", "says"),
        [
            pytest.param("two-hiden-layer", "did you mean two-hidden-layers", id="nearly right"),
            pytest.param("zzz", "`bptutor lessons` lists them", id="nothing like one"),
        ],
    )
    def test_a_name_that_no_lesson_has(self, name: str, says: str) -> None:
        with pytest.raises(LessonError, match=says):
            load(name)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(LessonError, match="the file does not exist"):
            load(str(tmp_path / "none.toml"))

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(LessonError, match="is a folder"):
            load(f"{tmp_path}/")

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.toml")
        with pytest.raises(LessonError, match="is not a regular file"):
            load(str(tmp_path / "pipe.toml"))

    def test_a_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("s.toml")
            with pytest.raises(LessonError, match="is not a regular file"):
                load("s.toml")

    def test_a_file_that_may_not_be_read(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: Path, flags: int) -> int:
            raise PermissionError(13, "Permission denied", str(path))

        path = write(SOUND)
        monkeypatch.setattr("os.open", refuse)  # the administrator may read everything
        with pytest.raises(LessonError, match="permission is denied"):
            load(str(path))

    def test_a_path_that_no_file_can_have(self) -> None:
        with pytest.raises(LessonError, match="cannot be read"):
            load("/nowhere\0.toml")
        with pytest.raises(LessonError, match="cannot be read"):
            load(f"/{'a' * 5000}.toml")

    def test_a_path_with_braces_is_repeated_as_it_is(self, tmp_path: Path) -> None:
        with pytest.raises(LessonError, match=r"\{file\}"):
            load(str(tmp_path / "{file}.toml"))

    def test_a_path_that_begins_at_home(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(write(SOUND).parent))
        assert load("~/unit.toml").name == "unit"


def test_a_lesson_is_the_same_object_until_its_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('program = "L = x * w"\nloss = "L"\n[values]\nx = 1.0\nw = 2.0\n')
    first = load(str(path))
    assert load(str(path)) is first
    path.write_text(path.read_text().replace("2.0", "3.0"))
    assert load(str(path)).values["w"] == 3.0


FILE = '''\
title.en = "One # not a comment"
title.ko = "하나"   # a comment with "quotes" and [brackets]
program = """
Z = x * w
values = z
"""
"loss" = 'L'

[values]
x = [
  [1.0, 2.0],  # first = row
  [3.0, 4.0],
]
w = { a = 1 }
[notes."d L"]
en = """\\"quoted\\""""
'''


def test_every_key_has_the_line_on_which_it_stands() -> None:
    found = positions(FILE).keys
    assert found[("title",)] == 1
    assert found[("title", "ko")] == 2
    assert found[("program",)] == 3
    assert found[("loss",)] == 7
    assert found[("values",)] == 9
    assert found[("values", "x")] == 10
    assert found[("values", "w")] == 14
    assert found[("notes", "d L")] == 15
    assert found[("notes", "d L", "en")] == 16
    assert ("Z",) not in found


def test_a_text_that_opens_with_a_line_break_begins_on_the_next_line() -> None:
    assert positions(FILE).texts[("program",)] == 4
    assert positions(FILE).texts[("title", "en")] == 1


def test_a_key_inside_an_inline_table_has_the_line_of_the_table() -> None:
    assert positions(FILE).line(("values", "w", "a")) == 14
    assert positions("").line(("nowhere",)) == 1


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.text(alphabet="x[]{}=#.,' \n"), min_size=1))
def test_no_text_is_taken_for_keys(texts: dict[str, str]) -> None:
    text = "".join(f'{key} = """{value}"""\n' for key, value in texts.items())
    assert set(positions(text).keys) == {(key,) for key in tomllib.loads(text)}
