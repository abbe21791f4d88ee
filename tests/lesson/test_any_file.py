"""Whatever a file holds: it is a lesson, or one sentence says why not."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bptutor.lesson.lint import lint
from bptutor.lesson.load import LessonError, load
from tests.examples import some

SOUND = """\
title.en = "One unit"
title.ko = "유닛 하나"
program = '''
# unit
z = x @ w + b
# loss
L = mean((z - y) ** 2)
'''
loss = "L"
parameters = ["w", "b"]
watch = ["x"]
learning_rate = 0.1
dtype = "float32"
[values]
x = [[1, 2]]
w = [[0.5], [-0.5]]
b = 0.1
y = [[0.0]]
[notes]
dL_dw.en = "note"
"""

PIECES = st.sampled_from(
    [
        *("x", "w", "L", "z", "dL_dw", "lr", "lambda", "__class__", "True", "None"),
        *("=", "==", "@", "+", "-", "*", "**", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";"),
        *("'", '"', "'''", '"""', "\\", "#", "\n", "\t", " ", "\x00", "\x1b", "\ufeff", "\u202e"),
        *("0", "1", "-1", "1e999", "1e-999", "nan", "inf", "0x1f", "1_000", "true", "2026-11-24"),
        *("sum(", "softmax(", "axis=", "one_hot(", ".T", "σ", "∂", "²", "한글", "😀", "\ud800"),
        *("[[[[[[", "]]]]]]", "[[]]", "{ a = 1 }", "[values]", "[notes]", "program", "title.en"),
    ]
)


def _open(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        lesson = load(str(path))
    except LessonError as error:
        for language in ("en", "ko"):
            sentence = error.message.to(language)
            assert sentence.startswith(str(path))
            assert len(sentence) < 2_000
    else:
        lint(lesson)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "any.toml"


@given(st.binary(max_size=200))
def test_any_bytes(file: Path, content: bytes) -> None:
    _open(file, content)


@settings(max_examples=some(400), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, len(SOUND)), st.integers(0, 12), st.lists(PIECES, max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_a_sound_file_with_pieces_put_into_it(
    file: Path, changes: list[tuple[int, int, list[str]]]
) -> None:
    content = SOUND
    for place, length, pieces in changes:
        content = content[:place] + "".join(pieces) + content[place + length :]
    _open(file, content.encode("utf-8", "surrogatepass"))
