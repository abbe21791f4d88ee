"""Each fault of a lesson file is one sentence that says where, what, and what would be right."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bptutor.lesson import source
from bptutor.lesson.find import available, directory
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import LessonError, load

SOUND = '''\
title.en = "One unit"
title.ko = "유닛 하나"
program = """
# unit
z = x @ w + b
# loss
L = mean((z - y) ** 2)
"""
loss = "L"
parameters = ["w", "b"]

[values]
x = [[1, 2]]
w = [[0.5], [-0.5]]
b = 0.1
y = [[0.0]]
'''

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "unit.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused(write: Write) -> Callable[[str | bytes], str]:
    """The sentence that says what is wrong with a file, after the file's own path."""

    def refused(content: str | bytes) -> str:
        path = write(content)
        with pytest.raises(LessonError) as error:
            load(str(path))
        text = str(error.value)
        assert text.startswith(str(path)), text
        assert "\n" not in text
        assert error.value.message.to("ko").startswith(str(path))
        return text.removeprefix(str(path))

    return refused


def test_a_sound_file_is_a_lesson(write: Write) -> None:
    lesson = load(str(write(SOUND)))
    assert isinstance(lesson, Lesson)
    assert lesson.name == "unit"
    assert lesson.title.to("ko") == "유닛 하나"
    assert lesson.loss == "L"
    assert lesson.parameters == ("w", "b")
    assert (lesson.dtype, lesson.learning_rate) == ("float64", 0.001)
    assert lesson.values == {
        "x": [[1.0, 2.0]],
        "w": [[0.5], [-0.5]],
        "b": 0.1,
        "y": [[0.0]],
    }
    assert lesson.shapes == {
        "x": (1, 2),
        "w": (2, 1),
        "b": (),
        "y": (1, 1),
        "z": (1, 1),
        "L": (),
    }
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(
            ("loss =", "los ="),
            ", line 9: unknown key `los`; did you mean `loss`?",
            id="unknown key",
        ),
        pytest.param(
            ("title.ko", "title.kr"),
            ", line 2: unknown key `title.kr`; the keys here are en, ko",
            id="unknown language",
        ),
        pytest.param(
            ('loss = "L"\n', ""),
            ": `loss` is missing; write the name of the assignment to differentiate, in quotes",
            id="missing key",
        ),
        pytest.param(
            ('loss = "L"', "loss = 3"),
            ", line 9: `loss` must be the name of the assignment to differentiate, in quotes",
            id="wrong type",
        ),
        pytest.param(
            ('["w", "b"]', '["w", 1]'),
            ", line 10: `parameters` must be a list of names in quotes",
            id="wrong type in a list",
        ),
        pytest.param(
            ("[values]", 'learning_rate = "fast"\n[values]'),
            ", line 12: `learning_rate` must be a positive number",
            id="learning rate no number",
        ),
        pytest.param(
            ("[values]", "learning_rate = -0.1\n[values]"),
            ", line 12: `learning_rate` must be a positive number",
            id="learning rate negative",
        ),
        pytest.param(
            ("[values]", "learning_rate = nan\n[values]"),
            ", line 12: `learning_rate` must be a positive number",
            id="learning rate NaN",
        ),
        pytest.param(
            ("[values]", "order = 1.5\n[values]"),
            ", line 12: `order` must be a whole number",
            id="order",
        ),
        pytest.param(
            ("[values]", 'group = "layer"\n[values]'),
            ', line 12: `group` must be one of "scalars", "layers", "losses", "depth", '
            '"architectures"',
            id="group",
        ),
        pytest.param(
            ("[values]", 'dtype = "float16"\n[values]'),
            ', line 12: `dtype` must be "float32" or "float64"',
            id="dtype",
        ),
        pytest.param(
            ('title.ko = "유닛 하나"', "title.ko = 3"),
            ", line 1: `title` must be a text in quotes, or a table of languages (en, ko)",
            id="text no text",
        ),
        pytest.param(
            ("[values]", "[notes]\nz = 1\n[values]"),
            ", line 13: `notes.z` must be a text in quotes, or a table of languages (en, ko)",
            id="note no text",
        ),
        pytest.param(
            ('loss = "L"', 'loss = "loss"'),
            ", line 9: `loss` is loss, but no line of the program assigns it; the last line "
            "assigns L",
            id="loss not assigned",
        ),
        pytest.param(
            ('loss = "L"', 'loss = "x"'),
            ", line 9: `loss` is x, but no line of the program assigns it; the last line assigns L",
            id="loss a leaf",
        ),
        pytest.param(
            ("mean((z - y) ** 2)", "(z - y) * x"),
            ", line 9: `loss` must be a scalar, but L has the shape [1, 2]; take its sum or mean",
            id="loss no number",
        ),
        pytest.param(
            ('["w", "b"]', '["w", "z"]'),
            ", line 10: `parameters` lists z, which is not a leaf of the program; the leaves "
            "are x, w, b, y",
            id="parameter no leaf",
        ),
        pytest.param(
            ("b = 0.1\n", ""),
            ", line 12: the program uses b, which has no value; add one under [values]",
            id="missing value",
        ),
        pytest.param(
            ("b = 0.1", "b = 0.1\nbias = 0.1"),
            ", line 16: [values] has bias, which is not a leaf of the program; the leaves "
            "are x, w, b, y",
            id="value of nothing",
        ),
        pytest.param(
            ("b = 0.1", "b = 0.1\nlearning_rate = 0.1"),
            ", line 16: `learning_rate` is under [values]; move it above the first line in "
            "brackets",
            id="a key under the values",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[1, 2], [3]]"),
            ", line 13: the value of x: its rows differ in length; give every row as many numbers "
            "as the first",
            id="ragged",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[1, [2]]]"),
            ", line 13: the value of x: its rows differ in length; give every row as many numbers "
            "as the first",
            id="ragged in depth",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[]]"),
            ", line 13: the value of x: it has an empty list; give it at least one number",
            id="empty",
        ),
        pytest.param(
            ("x = [[1, 2]]", 'x = [[1, "2"]]'),
            ", line 13: the value of x: '2' is not a number; write a number such as 0.5",
            id="number in quotes",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[1, true]]"),
            ", line 13: the value of x: True is not a number; write a number such as 0.5",
            id="boolean",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = 2026-11-24"),
            ", line 13: the value of x: 2026-11-24 is not a number; write a number such as 0.5",
            id="date",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = { a = 1 }"),
            ", line 13: the value of x: {'a': 1} is not a number; write a number such as 0.5",
            id="table",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[1, nan]]"),
            ", line 13: the value of x: its numbers must be finite; it has nan",
            id="NaN",
        ),
        pytest.param(
            ("x = [[1, 2]]", f"x = [[1, 1{'0' * 400}]]"),
            f", line 13: the value of x: its numbers must be finite; it has 1{'0' * 22}…",
            id="endless integer",
        ),
        pytest.param(
            ("[values]\nx = [[1, 2]]", 'dtype = "float32"\n[values]\nx = [[1, 1e39]]'),
            ', line 14: the value of x: 1e+39 is too large for float32; write dtype = "float64"',
            id="large in float32",
        ),
        pytest.param(
            ("x = [[1, 2]]", "x = [[[[[1]]]]]"),
            ", line 13: the value of x: its lists are nested deeper than 4; flatten it",
            id="deep",
        ),
        pytest.param(
            ("x @ w + b", "x @ w +"),
            ", line 5: line 2 of the program: A value is missing after +.",
            id="no formula",
        ),
        pytest.param(
            ("x @ w + b", "rellu(x @ w)"),
            ", line 5: line 2 of the program: There is no function rellu here; did you mean",
            id="unknown function",
        ),
        pytest.param(
            ("# loss", "z = x * 2"),
            ", line 6: line 3 of the program: z is assigned twice; use a new name",
            id="assigned twice",
        ),
        pytest.param(
            ("# unit", "# \\u001b[2Junit"),
            ", line 3: `program` contains a control character; remove it",
            id="control character in the program",
        ),
        pytest.param(
            ("One unit", "One \\u001b[2Junit"),
            ", line 1: `title` contains a control character; remove it",
            id="control character in a text",
        ),
        pytest.param(
            ("parameters =", "parameters"),
            ", line 10: not valid TOML: Expected '=' after a key in a key/value pair",
            id="no TOML",
        ),
        pytest.param(
            ('"""\nloss', "loss"),
            ", line 16: not valid TOML: ",
            id="open string",
        ),
        pytest.param(
            ("b = 0.1", f"b = {'[' * 5000}1{']' * 5000}"),
            ": its lists are nested too deeply; flatten them",
            id="very deep",
        ),
        pytest.param(
            ("b = 0.1", f"b = 1{'0' * 5000}"),
            ": one of its numbers is too long; shorten it",
            id="very long number",
        ),
    ],
)
def test_each_fault_is_named(
    change: tuple[str, str],
    sentence: str,
    refused: Callable[[str | bytes], str],
) -> None:
    before, after = change
    assert before in SOUND
    content = SOUND.replace(before, after, 1)
    assert refused(content).startswith(sentence)


def test_shapes_that_do_not_fit_are_named_with_their_assignment(
    refused: Callable[[str | bytes], str],
) -> None:
    sentence = refused(SOUND.replace("[[1, 2]]", "[[1, 2, 3]]"))
    assert sentence.startswith(", line 5: z (line 2 of the program): ")
    assert "x (1, 3)" in sentence
    assert "w (2, 1)" in sentence


def test_float64_holds_what_float32_does_not(write: Write) -> None:
    assert load(str(write(SOUND.replace("b = 0.1", "b = 1e39")))).values["b"] == 1e39


def test_bytes_that_are_no_utf8_are_named_with_their_line(
    refused: Callable[[str | bytes], str],
) -> None:
    content = SOUND.encode("cp949")
    assert refused(content) == ", line 2: not UTF-8 text; save the file as UTF-8"


def test_an_empty_file_lacks_its_program(refused: Callable[[str | bytes], str]) -> None:
    assert refused("") == ": `program` is missing; write the program as one text in quotes"


def test_a_large_file_is_not_read_whole(
    refused: Callable[[str | bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 1_000_000)
    content = SOUND + "#" * 1_000_000
    assert refused(content) == ": is larger than 1 megabytes; make its matrices smaller"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            SOUND.replace("One unit", "e" + "\u0301\u0323" * 200_000),
            ", line 1: has more than 30 combining marks in a row; remove them",
        ),
        (f"{SOUND}{'.'.join('a' * 80_000)} = 1\n", ", line 17: a key has more than 8 parts"),
        (f"{SOUND}[{'.'.join('a' * 80_000)}]\n", ", line 17: a key has more than 8 parts"),
        (f"{SOUND}q = {{{'.'.join('a' * 80_000)} = 1}}\n", ", line 17: a key has more than 8"),
        (SOUND.replace("b = 0.1", f"b = 0x{'f' * 80_000}"), ", line 15: the value of b"),
        (SOUND.replace("b = 0.1", f"b = {'9' * 80_000}"), ": one of its numbers is too long"),
        (
            SOUND.replace("z = x @ w + b", "z = x @ w + b\nh = one_hot(b, 10000000)"),
            ", line 6: the program makes tensors with more than 2000000 elements",
        ),
        (
            SOUND.replace("L = ", "".join(f"h{n} = z\n" for n in range(500)) + "L = "),
            ", line 506: the program has more than 500 assignments",
        ),
    ],
    ids=["marks", "key", "header", "inline", "hex", "digits", "elements", "assignments"],
)
def test_what_asks_for_too_much_is_refused_at_once(
    refused: Callable[[str | bytes], str], content: str, sentence: str
) -> None:
    assert refused(content).startswith(sentence)


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
    def test_a_name_that_is_nearly_right(self) -> None:
        with pytest.raises(LessonError, match="did you mean two-hidden-layers"):
            load("two-hiden-layer")

    def test_a_name_that_is_nothing_like_one(self) -> None:
        with pytest.raises(LessonError, match="`bptutor lessons` lists them"):
            load("zzz")

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
