"""Lines of keys, against `tomlkit`'s and `tomllib`'s idea of the same file."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bptutor.lesson.positions import positions

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
