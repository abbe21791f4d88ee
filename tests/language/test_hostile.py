"""Whatever is typed is read or gets one sentence: no crash, no hang, nothing executed."""

import sys
import warnings
from collections.abc import Callable, Iterator
from time import thread_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.ops import spellings
from bptutor.language.ops.base import Style
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import write
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Expression, names
from bptutor.text import UserError
from tests.examples import some
from tests.language.hostile import CORPUS

PIECES = [
    *("(", ")", "[", "]", "+", "-", "*", "/", "@", "**", "^", ".", ",", "=", "==", "<", ">=", "%"),
    *("x", "W1", "dL", "∂L/∂x", "T", ".T", "ᵀ", "²", "⁻¹", "1", "0.5", "1e9", "1e300", "64", " "),
    *("\n", "\r", "\t", "axis=", "keepdims=True", "lambda", "if", "for", ":", ":=", "'", "_", "__"),
    *("\x00", "\ud800", "½", "σ", "·", "{", "}", "#", "\\", "None", "tf.", "np.", ".dot", "()"),
    *sorted(spellings()),
]
texts = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
LONGEST = 0.1
"""Seconds, of this thread's own, for any text."""


def one_sentence(error: UserError) -> None:
    for language in ("en", "ko"):
        sentence = error.message.to(language)
        assert sentence.strip()
        assert "\n" not in sentence
        assert len(sentence) < 300


def quickly(work: Callable[[str], None], text: str) -> None:
    """Does the work within the time; a pause of Python's own does not happen thrice in a row."""
    times = []
    for _ in range(3):
        start = thread_time()
        work(text)
        times.append(thread_time() - start)
        if times[-1] < LONGEST:
            return
    raise AssertionError(f"{text!r} took {times}")


def read(text: str) -> None:
    try:
        tree = parse_expression(text)
    except LanguageError as refused:
        error = refused
    else:
        return written(tree)
    one_sentence(error)
    lines = text.split("\n")
    assert 1 <= error.line <= len(lines)
    assert 0 <= error.column <= len(lines[error.line - 1])
    return None


def written(tree: Expression) -> None:
    styles: tuple[Style, ...] = ("unicode", "ascii", "tensorflow")
    for style in styles:
        assert "\n" not in write(tree, style)
    try:
        infer_shape(tree, dict.fromkeys(names(tree), (2, 2)))
    except UserError as error:
        one_sentence(error)


def read_program(text: str) -> None:
    try:
        parse_program(text)
    except LanguageError as error:
        one_sentence(error)


@pytest.fixture(autouse=True, scope="module")
def nothing_is_executed() -> Iterator[None]:
    """Fails on anything that Python reports when code is compiled, imported or run."""
    seen: list[str] = []
    watched = ("exec", "import", "open", "os.", "subprocess.", "ctypes.", "socket.")
    listening = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not listening or not event.startswith(watched):
            return
        caller = sys._getframe(1)
        while caller is not None:
            if caller.f_code.co_filename.endswith(("parse.py", "reader.py", "calls.py", "scan.py")):
                seen.append(event)
                return
            caller = caller.f_back  # type: ignore[assignment]

    read("relu(x)")  # loads the operations
    sys.addaudithook(hook)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    listening = False
    assert not seen


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_corpus(text: str) -> None:
    quickly(read, text)
    for program in (text, f"Z = {text}", f"a = x\nZ = a @ ({text})"):
        quickly(read_program, program)


@settings(max_examples=some(1000), deadline=None)
@given(text=texts)
@example(text="")
def test_any_text(text: str) -> None:
    quickly(read, text)
    quickly(read_program, f"Z = {text}")


@settings(max_examples=some(300), deadline=None)
@given(text=st.lists(texts, max_size=6).map("\n".join))
def test_any_program(text: str) -> None:
    quickly(read_program, text)


def test_too_long() -> None:
    for text in ("x" * 4001, "1 + " * 100_000):
        with pytest.raises(LanguageError, match="longer than 4000 characters"):
            parse_expression(text)
    with pytest.raises(LanguageError, match="longer than 200000 characters"):
        parse_program("x" * 200_001)


def test_long_names_are_cut_in_sentences() -> None:
    long = "x" * 3000
    for program in (f"{long} = y\n{long} = z", f"a = {long}\n{long} = b", f"a = {long}(b)"):
        with pytest.raises(LanguageError) as caught:
            parse_program(program)
        one_sentence(caught.value)
    with pytest.raises(ShapeError) as unknown:
        infer_shape(parse_expression(long), {})
    one_sentence(unknown.value)


def test_too_many_parts() -> None:
    assert names(parse_expression("+".join(["x"] * 200)))
    with pytest.raises(LanguageError, match="more than 400 parts"):
        parse_expression("+".join(["x"] * 201))
