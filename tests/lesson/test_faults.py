"""Each fault of a lesson file is one sentence that says where, what, and what would be right."""

import re
from collections.abc import Callable

import pytest

from bptutor.lesson.load import LessonError, load
from tests.lesson.sound import SOUND, Write


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
            ("[values]", 'update = "adm"\n[values]'),
            ', line 12: `update` must be "sgd", "momentum", "nesterov", "rmsprop", "adam"; or a '
            "table whose `rule` is one of these",
            id="unknown optimizer",
        ),
        pytest.param(
            ("[values]", "[update]\nmomentun = 0.5\n[values]"),
            ", line 13: unknown key `update.momentun`; did you mean `update.momentum`?",
            id="unknown setting of an optimizer",
        ),
        pytest.param(
            ("[values]", '[update]\nrule = "adam"\nbeta_1 = "a"\n[values]'),
            ", line 14: `update.beta_1` must be a number between 0 and 1",
            id="setting no number",
        ),
        pytest.param(
            ("[values]", '[update]\nrule = "adam"\nbeta_1 = 1\n[values]'),
            ", line 14: `update.beta_1` must be a number between 0 and 1",
            id="setting out of bounds",
        ),
        pytest.param(
            ("[values]", '[update]\nrule = "adam"\nmomentum = 0.5\n[values]'),
            ', line 14: the rule "adam" has no `momentum`; remove it, or use the rule "momentum"',
            id="setting of another rule",
        ),
        pytest.param(
            ("[values]", "[update]\nclipnorm = 1\nglobal_clipnorm = 1\n[values]"),
            ", line 14: `update` takes one of `clipnorm` and `global_clipnorm`; remove one",
            id="two bounds",
        ),
        pytest.param(
            ("[values]", 'update = "adam"\n[values]\nv_b = -1'),
            ", line 14: `values.v_b` must be numbers that are not negative",
            id="negative second moment",
        ),
        pytest.param(
            ("[values]", 'update = "adam"\n[values]\nm_w = [1]'),
            ", line 14: the value of m_w must have the shape [2, 1]",
            id="moment of another shape",
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
            ("[values]", 'skip = ["dL_dw", "dL_w"]\n[values]'),
            ", line 12: `skip` lists dL_w, which is no step; did you mean dL_dw?",
            id="no step",
        ),
        pytest.param(
            ("[values]", 'ask = ["gradients of all"]\n[values]'),
            ", line 12: `ask` lists gradients of all, which is no step; `bptutor show` lists them",
            id="nothing like a step",
        ),
        pytest.param(
            ("[values]", 'skip = ["forward", "local", "backward", "update"]\n[values]'),
            ", line 12: `skip` leaves no step to ask; change it so that at least one is left",
            id="all skipped",
        ),
        pytest.param(
            ("[values]", 'elements = "none"\nask = ["forward", "update"]\n[values]'),
            ", line 13: `ask` leaves no step to ask; change it so that at least one is left",
            id="nothing asked",
        ),
        pytest.param(
            ("[values]", 'ask = "all"\n[values]'),
            ", line 12: `ask` must be a list of steps in quotes: ids, or the kinds forward, local, "
            "backward, optimizer, update",
            id="ask no list",
        ),
        pytest.param(
            ("[values]", 'elements = "some"\n[values]'),
            ', line 12: `elements` must be "few", "all" or "none"',
            id="elements",
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
            ", line 13: a number or a key has more than 100 characters; shorten it",
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
            ", line 15: its lists are nested deeper than 16; flatten it",
            id="very deep",
        ),
        pytest.param(
            ("b = 0.1", f"b = 1{'0' * 5000}"),
            ", line 15: a number or a key has more than 100 characters; shorten it",
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


def test_bytes_that_are_no_utf8_are_named_with_their_line(
    refused: Callable[[str | bytes], str],
) -> None:
    content = SOUND.encode("cp949")
    assert refused(content) == ", line 2: not UTF-8 text; save the file as UTF-8"


def test_an_empty_file_lacks_its_program(refused: Callable[[str | bytes], str]) -> None:
    assert refused("") == ": `program` is missing; write the program as one text in quotes"


def test_a_large_file_is_not_read_whole(
    refused: Callable[[str | bytes], str],
) -> None:
    content = SOUND + "#" * 1_000_000
    assert refused(content) == ": is larger than 1 MB; make its matrices smaller"


TWINS = """\
program = "z = x_dw * w\\nz_dx = z * w\\nL = square(z_dx - y)"
loss = "L"
parameters = ["w"]
watch = ["x_dw"]
values = { x_dw = 1, w = 2, y = 3 }
"""
"""dz_dx_dw is z by x_dw, and z_dx by w."""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            re.sub(r"\bb\b", "lr", SOUND),
            ", line 3: lr is the name of the learning rate; choose another name",
            id="the learning rate's name",
        ),
        pytest.param(
            re.sub(r"\bb\b", "dL_dw", SOUND),
            ", line 3: dL_dw in the program is also the name of a step; rename it",
            id="a gradient's name",
        ),
        pytest.param(
            re.sub(r"\bb\b", "w_new", SOUND),
            ", line 3: w_new in the program is also the name of a step; rename it",
            id="an updated weight's name",
        ),
        pytest.param(
            re.sub(r"\bb\b", "beta_1", SOUND).replace("[values]", 'update = "adam"\n[values]'),
            ", line 3: beta_1 is a name of the optimizer; choose another name in the program",
            id="a setting's name",
        ),
        pytest.param(
            TWINS,
            ", line 1: two steps get the same name dz_dx_dw; rename one of the names in it",
            id="two steps of one name",
        ),
    ],
)
def test_no_name_stands_for_two_things(
    content: str, sentence: str, refused: Callable[[str | bytes], str]
) -> None:
    """The tutor could not tell which of them is meant, and would look for it without end."""
    assert refused(content) == sentence
