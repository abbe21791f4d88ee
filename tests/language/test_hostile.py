"""Whatever is typed is read or gets one sentence: no crash, no hang, nothing executed."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from time import thread_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bptutor.language.errors import LanguageError
from bptutor.language.ops import spellings
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import write
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Program, names
from bptutor.locale import UserError

CORPUS = [
    "(" * 4000,
    "[" * 4000,
    ")" * 4000,
    "(" * 2000 + ")" * 2000,
    "(" * 1000 + "1" + ")" * 1000,
    "f(" * 1300,
    "sum(" * 900 + "x" + ")" * 300,
    "[" * 61 + "]" * 61,
    "-" * 4000,
    "-" * 3999 + "1",
    "- " * 50 + "1",
    "+-" * 1999 + "1",
    "~" * 100 + "1",
    "not " * 900 + "x",
    "x" + "**2" * 1300,
    "x**" * 1300 + "2",
    "x" + ".T" * 1900,
    "x" + "ᵀ" * 3999,
    "x" + "²" * 3999,
    "a" + "+a" * 1999,
    "a" + "@a" * 199,
    "a" + "*a" * 300,
    "1" + "<1" * 1500,
    "a" + ",a" * 1900,
    "sum(" + "a," * 1900 + ")",
    "9**9**9",
    "9^9^9",
    "9**9**9**9**9",
    "2**64**64",
    "1e308",
    "1e308*10",
    "1e400",
    "-1e400",
    "9" * 3999,
    "0." + "0" * 3990 + "1",
    "1e-400",
    "1e" + "9" * 100,
    "0x10",
    "0b1",
    "0o7",
    "1_000",
    "1j",
    "1.5J",
    "1if 1else 2",
    "1.real",
    "nan",
    "inf",
    "٣٤ + ४",
    "①",
    "Ⅷ",
    "½½",
    "𝟚 * 𝕏",
    "ﷺ",
    "Ǆ",
    "\u0301",
    "x\u0301",
    "\x00",
    "a\x00b",
    "\x1b[2J",
    "\u202e x",
    "\ufeffx",
    "\ud800",
    "x\udfff",
    "\U0010ffff",
    "\u2028",
    "a\u2029b",
    "\x0c",
    "\x85",
    "a\rb",
    "a\nb",
    "\n" * 4000,
    " " * 4000,
    "#",
    "a # b",
    "# a",
    "a;b",
    "a\\\nb",
    "import os",
    "__import__('os').system('true')",
    "__import__(os)",
    "().__class__.__bases__[0]",
    "x.__class__",
    "x.T.__class__",
    "x.__class__()",
    "__builtins__",
    "__debug__",
    "open(x)",
    "eval(x)",
    "exec(x)",
    "print(x)",
    "breakpoint()",
    "lambda: 0",
    "lambda x: x",
    "(lambda x: x)(1)",
    "(x := 1)",
    "x := 1",
    "[x for x in y]",
    "(x for x in y)",
    "{x: y}",
    "{1, 2}",
    "{}",
    "[]",
    "[1, 2]",
    "()",
    "(,)",
    ",",
    "...",
    "f'{x}'",
    "f''",
    "b''",
    "''",
    "'''",
    '"',
    "'a' 'b'",
    "r'\\d'",
    "'\\d'",
    "x if y else z",
    "await x",
    "yield x",
    "yield",
    "x is y",
    "x in y",
    "not x",
    "x or y",
    "x & y",
    "x | y",
    "x << 2",
    "x >> 2",
    "x // 2",
    "x % 2",
    "%",
    "x % % y",
    "~x",
    "*x",
    "**x",
    "sum(*x)",
    "sum(**x)",
    "sum(x, *y)",
    "sum(x, **y)",
    "sum(x, axis=0, axis=1)",
    "sum(x, axis=[[0]])",
    "sum(x, axis=(0, True))",
    "sum(x, axis=1e400)",
    "sum(x, axis=-y)",
    "sum(x, axis=" + "9" * 3000 + ")",
    "sum(x, axis=())",
    "sum(x, keepdims=y)",
    "sum(axis=0)",
    "sum(x=1)",
    "x(y)(z)",
    "1(2)",
    "(1)(2)",
    "x[0]",
    "x[:, 0]",
    "x.y",
    "x.y.z(w)",
    "x.dot",
    "x.dot()",
    "tf",
    "tf.nn",
    "tf.nn()",
    "tf(x)",
    "tf.nn.nn.nn.relu(x)",
    "tf.cast()",
    "tf.cast(x, y)",
    "tf.cast(x, tf)",
    "cast(dtype=float)",
    "x.astype(float)(y)",
    "leaky_relu(x, alpha=" + "9" * 3000 + ")",
    "leaky_relu(x, -1e300)",
    "one_hot(x, depth=" + "9" * 3000 + ")",
    "one_hot(x, 99999999)",
    "True",
    "None",
    "print",
    "self",
    "x" * 4000,
    "x" * 3990 + "(1)",
    "x" * 3900 + " " + "y" * 90,
    "rel" * 1300 + "(x)",
    "가" * 4000,
    "d" * 4000,
    "d" + " " * 3990 + "/",
    "dL/" * 1300,
    "dL/dx" * 800,
    "∂" * 4000,
    "∂/∂",
    "d/d",
    "^",
    "x^",
    "x^T^T",
    "x^-T",
    "T",
    ".T",
    "x..T",
    "x.T.",
    "²",
    "ᵀ",
    "⁻",
    "x⁻",
    "σ",
    "σ(",
    "√x",
    "=",
    "==",
    "x = ",
    "x == y",
    "x = = y",
    "!",
    "x ! y",
    "x !",
    "x <> y",
    "{placeholder}",
    "{",
    "}",
    "{0} + {x!r}",
    "[bold]x[/bold]",
    "[/]",
    "$(true)",
    "`true`",
    "%s%n",
    "../../etc/passwd",
    "<tf.Tensor>",
    "😀",
    "x😀",
]
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


def read(text: str) -> None:
    start = thread_time()
    try:
        tree = parse_expression(text)
    except LanguageError as error:
        one_sentence(error)
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 0 <= error.column <= len(lines[error.line - 1])
    else:
        for style in ("unicode", "ascii", "tensorflow"):
            assert "\n" not in write(tree, style)
        shapes = {name: (2, 2) for name in names(tree)}
        try:
            infer_shape(tree, shapes)
        except UserError as error:
            one_sentence(error)
    assert thread_time() - start < LONGEST


def read_program(text: str) -> Program | None:
    start = thread_time()
    try:
        return parse_program(text)
    except LanguageError as error:
        one_sentence(error)
        return None
    finally:
        assert thread_time() - start < LONGEST


@pytest.fixture(autouse=True)
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
    read(text)
    read_program(text)
    read_program(f"Z = {text}")
    read_program(f"a = x\nZ = a @ ({text})")


@settings(max_examples=3000, deadline=None)
@given(text=texts)
@example(text="")
def test_any_text(text: str) -> None:
    read(text)
    read_program(f"Z = {text}")


@settings(max_examples=300, deadline=None)
@given(text=st.lists(texts, max_size=6).map("\n".join))
def test_any_program(text: str) -> None:
    read_program(text)


def test_too_long() -> None:
    for text in ("x" * 4001, "1 + " * 100_000):
        with pytest.raises(LanguageError, match="longer than 4000 characters"):
            parse_expression(text)
    with pytest.raises(LanguageError, match="longer than 200000 characters"):
        parse_program("x" * 200_001)


def test_too_many_parts() -> None:
    assert names(parse_expression("+".join(["x"] * 200)))
    with pytest.raises(LanguageError, match="more than 400 parts"):
        parse_expression("+".join(["x"] * 201))
