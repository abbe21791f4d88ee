"""What asks for too much is refused in one sentence before it is worked out; the rest is quick."""

from collections.abc import Callable

import pytest

from bptutor.language import limits
from bptutor.language.algebra import CUT_SHORT
from bptutor.language.differentiate import gradients
from bptutor.language.errors import LanguageError, TooMuchError
from bptutor.language.evaluate import MOST_PARTS, cell
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import write
from bptutor.language.shapes import (
    infer_shape,
    program_shapes,
    readings,
    require_affordable,
    resolved,
)
from bptutor.language.tree import Shape, parts, size
from bptutor.text import Message, UserError

SQUARE: dict[str, Shape] = {"x": (2, 2), "y": (2, 2), "v": (2,), "b": (1, 3), "s": ()}
WIDE = "(one_hot(b, 2000).T @ one_hot(b, 2000))"


def said(error: UserError) -> Message:
    for language in ("en", "ko"):
        assert str(error.message.to(language)).strip()
    assert error.message.to("en") != error.message.to("ko")
    return error.message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 4001, limits.TOO_LONG),
        ("+".join(["x"] * 201), limits.TOO_MANY_PARTS),
        ("(" * 61 + "x" + ")" * 61, limits.NESTED_TOO_DEEPLY),
        ("9" * 301, limits.NUMBER_TOO_LARGE),
        ("1e301", limits.NUMBER_TOO_LARGE),
        ("one_hot(x, 1000000001)", limits.NUMBER_TOO_LARGE),
        ("x ** 65", limits.EXPONENT_TOO_LARGE),
        ("(x ** 64) ** 64", limits.POWERS_TOO_LARGE),
        ("(-(x ** 8) * y) ** 9", limits.POWERS_TOO_LARGE),
        ("((1 / x ** -8) / y) ** -9", limits.POWERS_TOO_LARGE),
        ("(((((x ** 64) ** 64) ** 64) ** 64) ** 64)", limits.POWERS_TOO_LARGE),
    ],
)
def test_a_text_that_is_refused(text: str, sentence: Message) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_expression(text)
    assert said(caught.value) == sentence


@pytest.mark.parametrize("text", ["(x ** 8) ** 8", "sigmoid(x ** 64) ** 64", "(x ** 0.5) ** 64"])
def test_powers_that_are_read(text: str) -> None:
    assert parse_expression(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{WIDE} @ {WIDE}", limits.FORMULA_TOO_LABORIOUS),
        (f"{WIDE} · {WIDE}", limits.FORMULA_TOO_LABORIOUS),
        (" @ ".join([WIDE] * 8), limits.FORMULA_TOO_LARGE),
        (" + ".join([WIDE] * 3), limits.FORMULA_TOO_LARGE),
    ],
)
def test_a_formula_that_is_refused(text: str, sentence: Message) -> None:
    expression = parse_expression(text)
    shapes = {"b": (3,)}
    for refuse in (require_affordable, lambda *given: next(readings(*given))):
        with pytest.raises(TooMuchError) as caught:
            refuse(expression, shapes)
        assert said(caught.value) == sentence


def program(*lines: str) -> Callable[[], object]:
    return lambda: program_shapes(parse_program("\n".join(lines)), {"x": (), "m": (700, 700)})


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (program("h = one_hot(x, 10000000)", "L = sum(h)"), limits.PROGRAM_TOO_LARGE),
        (
            program(*(f"h{n} = one_hot(x, 200000)" for n in range(20)), "L = sum(h0)"),
            limits.PROGRAM_TOO_LARGE,
        ),
        (program("h = m @ m", "L = sum(h)"), limits.PROGRAM_TOO_LABORIOUS),
        (program(*(f"h{n} = x" for n in range(501))), limits.TOO_MANY_ASSIGNMENTS),
        (program("x" * 200_001), limits.PROGRAM_TOO_LONG),
        (program("x" * 4001 + " = 1"), limits.TOO_LONG),
        (program("x" * 61 + " = 1"), limits.NAME_TOO_LONG),
        (program("L = " + "x" * 61), limits.NAME_TOO_LONG),
        (program("L = " + " * ".join(["x"] * 7)), limits.READ_TOO_OFTEN),
        (program("L = x" + " + 1" * 50), limits.LINE_OF_TOO_MANY_PARTS),
        (
            program(*(f"h{n} = x{' + 1' * 49}" for n in range(102))),
            limits.PROGRAM_OF_TOO_MANY_PARTS,
        ),
        (
            program(*(f"h{n} = expand_dims({f'h{n - 1}' if n else 'x'}, 0)" for n in range(9))),
            limits.TOO_MANY_AXES,
        ),
    ],
)
def test_a_program_that_is_refused(work: Callable[[], object], sentence: Message) -> None:
    with pytest.raises(UserError) as caught:
        work()
    message = said(caught.value)
    assert sentence in (message, message.fields.get("problem"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["x", "v", "s"])
@pytest.mark.parametrize("text", ["dots", "outers"])
def test_what_is_short_for_another_costs_no_more_than_it_is_long(name: str, text: str) -> None:
    typed = {
        "dots": " · ".join([name] * 200),
        "outers": f"outer({name[0]}, " * 50 + name + ")" * 50,
    }[text]
    expression = parse_expression(typed)
    given = {**SQUARE, "x": (1, 1), "v": (1,)}
    shape = infer_shape(expression, given)
    plain = resolved(expression, given)
    assert infer_shape(plain, given) == shape
    assert "·" not in write(plain, "unicode")
    assert size(plain) < 3 * size(expression)
    assert 1 <= len(list(readings(expression, given))) <= limits.MOST_READINGS
    lesson = parse_program(f"L = sum({' · '.join([name] * limits.MOST_READS)})")
    leaves = {name: given[name]}
    shapes = {**leaves, **program_shapes(lesson, leaves)}
    assert gradients(lesson, "L", shapes)[name]
    assert cell(lesson.assignments[0].expression, (), shapes, lambda *_: 0.5)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("lines", "at", "sentence"),
    [
        # Softmax uses what arrives twice: written out, this is 2^40 parts.
        (["s = " + "softmax(" * 40 + "x" + ")" * 40, "L = sum(s)"], 1, limits.GRADIENT_TOO_LONG),
        (
            ["h0 = x", *(f"h{n} = h{n - 1} * x" for n in range(1, 490)), "L = sum(h489)"],
            1,
            limits.GRADIENT_TOO_LONG,
        ),
        (["h = x", "L = sum(" + " @ ".join(["m"] * 5) + ")"], 2, limits.FORMULA_TOO_LABORIOUS),
    ],
)
def test_a_program_whose_gradient_is_refused(lines: list[str], at: int, sentence: Message) -> None:
    lesson = parse_program("\n".join(lines))
    leaves: dict[str, Shape] = {"x": (2, 2), "m": (360, 360)}
    shapes = {**leaves, **program_shapes(lesson, leaves)}
    with pytest.raises(TooMuchError) as caught:
        gradients(lesson, "L", shapes)
    message = said(caught.value)
    assert sentence in (message, message.fields.get("problem"))
    assert caught.value.line == at


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        " @ ".join(["m"] * 190),
        "softmax(" * 50 + "m" + ")" * 50,
        "*".join(["m"] * 190),
        "reduce_min(w) * m",
        "argmax(w) * m",
        "m @ m",
    ],
)
def test_a_cell_written_out_has_an_end(text: str) -> None:
    worked = cell(parse_expression(text), (1, 2), {"m": (16, 16), "w": (3000,)}, lambda *_: 0.5)
    assert size(worked) < 4 * MOST_PARTS
    assert write(worked, "unicode")
    assert (CUT_SHORT in parts(worked)) == (text != "m @ m")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x · y", ["x @ y", "x * y"]),
        ("v · v", ["sum(v * v, axis=0)", "v * v"]),
        ("s · x", ["s * x"]),
        ("b · x", ["b * x"]),
        ("x · y · x", ["(x @ y) @ x", "x * y * x", "(x * y) @ x", "(x @ y) * x"]),
        ("x · y + x · y", ["(x @ y) + (x @ y)", "x * y + x * y"]),
    ],
)
def test_every_reading_of_a_dot_that_fits(text: str, meant: list[str]) -> None:
    found = readings(parse_expression(text), {**SQUARE, "b": ()})
    assert list(found) == [parse_expression(each) for each in meant]
