"""Each fault of a lesson file is one sentence that says where, what, and what would be right."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bptutor.lesson.lint import lint
from bptutor.lesson.load import LessonError, load
from tests.examples import some
from tests.lesson.sound import SOUND, Write

Refused = Callable[[str | bytes], str]


@pytest.fixture
def refused(write: Write) -> Refused:
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


CHANGED = [
    ("loss =", "los =", 9, "unknown key `los`; did you mean `loss`?"),
    ("title.ko", "title.kr", 2, "unknown key `title.kr`; the keys here are en, ko"),
    ('loss = "L"\n', "", 0, "`loss` is missing; write the name of the assignment to"),
    ('loss = "L"', "loss = 3", 9, "`loss` must be the name of the assignment to differentiate"),
    ('["w", "b"]', '["w", 1]', 10, "`parameters` must be a list of names in quotes"),
    ('title.ko = "유닛 하나"', "title.ko = 3", 1, "`title` must be a text in quotes, or a table"),
    ('loss = "L"', 'loss = "loss"', 9, "`loss` is loss, but no line of the program assigns it"),
    ('loss = "L"', 'loss = "x"', 9, "`loss` is x, but no line of the program assigns it; the last"),
    ("mean((z - y) ** 2)", "(z - y) * x", 9, "`loss` must be a scalar, but L has the shape (1, 2)"),
    ('["w", "b"]', '["w", "z"]', 10, "`parameters` lists z, which is not a leaf of the program;"),
    ("b = 0.1\n", "", 12, "the program uses b, which has no value; add one under [values]"),
    ("b = 0.1", "b = 0.1\nbias = 0.1", 16, "[values] has bias, which is not a leaf of the program"),
    ("b = 0.1", "b = 0.1\nlearning_rate = 0.1", 16, "`learning_rate` is under [values]; move it"),
    ("x @ w + b", "x @ w +", 5, "line 2 of the program: A value is missing after +."),
    ("x @ w + b", "rellu(x @ w)", 5, "line 2 of the program: There is no function rellu here;"),
    ("# loss", "z = x * 2", 6, "line 3 of the program: z is assigned twice; use a new name"),
    ("# unit", "# \\u001b[2Junit", 3, "`program` contains a control character; remove it"),
    ("One unit", "One \\u001b[2Junit", 1, "`title` contains a control character; remove it"),
    ("parameters =", "parameters", 10, "not valid TOML: Expected '=' after a key in a key/value"),
    ('"""\nloss', "loss", 16, "not valid TOML: "),
    ("b = 0.1", f"b = {'[' * 5000}1{']' * 5000}", 15, "its lists are nested deeper than 16;"),
    ("b = 0.1", f"b = 1{'0' * 5000}", 15, "a number or a key has more than 100 characters;"),
]
RULES = '"sgd", "momentum", "nesterov", "rmsprop", "adam"'
ADDED = [
    ('update = "adm"', 12, f"`update` must be {RULES}; or a table whose `rule` is one of these"),
    ("[update]\nmomentun = 0.5", 13, "unknown key `update.momentun`; did you mean"),
    ('[update]\nrule = "adam"\nbeta_1 = "a"', 14, "`update.beta_1` must be a number between 0 and"),
    ('[update]\nrule = "adam"\nbeta_1 = 1', 14, "`update.beta_1` must be a number between 0 and 1"),
    ('[update]\nrule = "adam"\nmomentum = 0.5', 14, 'the rule "adam" has no `momentum`; remove it'),
    ("[update]\nclipnorm = 1\nglobal_clipnorm = 1", 14, "`update` takes one of `clipnorm` and"),
    ('learning_rate = "fast"', 12, "`learning_rate` must be a positive number"),
    ("learning_rate = -0.1", 12, "`learning_rate` must be a positive number"),
    ("learning_rate = nan", 12, "`learning_rate` must be a positive number"),
    ("order = 1.5", 12, "`order` must be a whole number"),
    ('group = "layer"', 12, '`group` must be one of "scalars", "layers", "losses", "depth",'),
    ('skip = ["dL_dw", "dL_w"]', 12, "`skip` lists dL_w, which is no step; did you mean dL_dw?"),
    ('ask = ["gradients of all"]', 12, "`ask` lists gradients of all, which is no step; `bptutor"),
    ('skip = ["forward", "local", "backward", "update"]', 12, "`skip` leaves no step to ask;"),
    ('elements = "none"\nask = ["forward", "update"]', 13, "`ask` leaves no step to ask; change"),
    (
        'ask = "all"',
        12,
        "`ask` must be a list of steps in quotes: ids, or the kinds forward, local",
    ),
    ('elements = "some"', 12, '`elements` must be "few", "all" or "none"'),
    ('dtype = "float16"', 12, '`dtype` must be "float32" or "float64"'),
    ("[notes]\nz = 1", 13, "`notes.z` must be a text in quotes, or a table of languages (en, ko)"),
]
"""Above the values."""
OF_X = [
    ("[[1, 2], [3]]", "its rows differ in length; give every row as many numbers as the first"),
    ("[[1, [2]]]", "its rows differ in length; give every row as many numbers as the first"),
    ("[[]]", "it has an empty list; give it at least one number"),
    ('[[1, "2"]]', "'2' is not a number; write a number such as 0.5"),
    ("[[1, true]]", "True is not a number; write a number such as 0.5"),
    ("2026-11-24", "2026-11-24 is not a number; write a number such as 0.5"),
    ("{ a = 1 }", "{'a': 1} is not a number; write a number such as 0.5"),
    ("[[1, nan]]", "its numbers must be finite; it has nan"),
    ("[[[[[1]]]]]", "its lists are nested deeper than 4; flatten it"),
]
ADAM, SMALL = 'update = "adam"\n[values]\n', 'dtype = "float32"\n[values]\nx = [[1, 1e39]]'
FAULTS = [
    *CHANGED,
    *(("[values]", f"{added}\n[values]", *said) for added, *said in ADDED),
    *(("x = [[1, 2]]", f"x = {x}", 13, f"the value of x: {said}") for x, said in OF_X),
    ("[values]", f"{ADAM}v_b = -1", 14, "`values.v_b` must be numbers that are not negative"),
    ("[values]", f"{ADAM}m_w = [1]", 14, "the value of m_w must have the shape (2, 1)"),
    ("[[1, 2]]", f"[[1, 1{'0' * 400}]]", 13, "a number or a key has more than 100 characters;"),
    ("[values]\nx = [[1, 2]]", SMALL, 14, "the value of x: 1e+39 is too large for float32; write"),
]


@pytest.mark.parametrize(("before", "after", "line", "said"), FAULTS, ids=range(len(FAULTS)))
def test_each_fault_is_named(
    before: str, after: str, line: int, said: str, refused: Refused
) -> None:
    assert before in SOUND
    place = f", line {line}: " if line else ": "
    assert refused(SOUND.replace(before, after, 1)).startswith(place + said)


def test_shapes_that_do_not_fit_are_named_with_their_assignment(refused: Refused) -> None:
    sentence = refused(SOUND.replace("[[1, 2]]", "[[1, 2, 3]]"))
    assert sentence.startswith(", line 5: z (line 2 of the program): ")
    assert "x (1, 3)" in sentence
    assert "w (2, 1)" in sentence


TWINS = """\
program = "z = x_dw * w\\nz_dx = z * w\\nL = square(z_dx - y)"
loss = "L"
parameters = ["w"]
watch = ["x_dw"]
values = { x_dw = 1, w = 2, y = 3 }
"""
"""dz_dx_dw is z by x_dw, and z_dx by w."""


def renamed(name: str) -> str:
    """The sound lesson with another name for b."""
    return re.sub(r"\bb\b", name, SOUND)


ADAMS = renamed("beta_1").replace("[values]", 'update = "adam"\n[values]')
WHOLE = [
    (SOUND.encode("cp949"), ", line 2: not UTF-8 text; save the file as UTF-8"),
    ("", ": `program` is missing; write the program as one text in quotes"),
    (SOUND + "#" * 1_000_000, ": is larger than 1 MB; make its matrices smaller"),
    # No name may stand for two things: the tutor could not tell which of them is meant.
    (renamed("lr"), ", line 3: lr is the name of the learning rate; choose another name"),
    (renamed("dL_dw"), ", line 3: dL_dw in the program is also the name of a step; rename it"),
    (renamed("w_new"), ", line 3: w_new in the program is also the name of a step; rename it"),
    (ADAMS, ", line 3: beta_1 is a name of the optimizer; choose another name in the program"),
    (TWINS, ", line 1: two steps get the same name dz_dx_dw; rename one of the names in it"),
]


@pytest.mark.parametrize(("content", "sentence"), WHOLE, ids=range(len(WHOLE)))
def test_a_file_with_a_fault_is_told_it(
    content: str | bytes, sentence: str, refused: Refused
) -> None:
    assert refused(content) == sentence


ANY = """\
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
        st.tuples(st.integers(0, len(ANY)), st.integers(0, 12), st.lists(PIECES, max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_a_sound_file_with_pieces_put_into_it(
    file: Path, changes: list[tuple[int, int, list[str]]]
) -> None:
    content = ANY
    for place, length, pieces in changes:
        content = content[:place] + "".join(pieces) + content[place + length :]
    _open(file, content.encode("utf-8", "surrogatepass"))
