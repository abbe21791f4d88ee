"""What is typed into a blank of Keras code: taken apart by Python's parser, never executed.

Names, dotted names, numbers, texts, tuples, lists, minus and products; nothing else is read.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bptutor.language.errors import LanguageError
from bptutor.locale import Message

MOST_CHARACTERS = 400
MOST_NODES = 200


@dataclass(frozen=True)
class Word:
    """A name, dotted or not."""

    name: str


@dataclass(frozen=True)
class Times:
    """A product of two things."""

    left: Value
    right: Value


@dataclass(frozen=True)
class Items:
    """A tuple, or a list where `brackets`."""

    values: tuple[Value, ...]
    brackets: bool


Value: TypeAlias = "Word | Times | Items | int | float | str | bool | None"


@dataclass(frozen=True)
class Arguments:
    """What stands between the parentheses of a call, or the brackets of a list."""

    values: tuple[Value, ...]
    named: Mapping[str, Value]


def read_arguments(text: str, line: str, gap: str) -> Arguments:
    """What is typed into the gap of a line; the line as a whole is understood too.

    Raises:
        LanguageError: it is no Python, or something that is not read here.
    """
    inside = inside_of(text, line, gap)
    if len(inside) > MOST_CHARACTERS:
        raise LanguageError(
            Message(
                "This is longer than {most} characters; write it shorter.", most=MOST_CHARACTERS
            )
        )
    if not inside:
        raise LanguageError(Message("There is nothing here yet; type what stands in the gap."))
    try:
        with warnings.catch_warnings(action="ignore"):  # of an odd backslash in a text
            call = ast.parse(f"f({inside}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LanguageError(Message("Python cannot read this: look at its brackets.")) from None
    plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    if not plain or sum(1 for _ in ast.walk(call)) > MOST_NODES:
        raise LanguageError(UNREAD)
    assert isinstance(call, ast.Call)
    if any(keyword.arg is None for keyword in call.keywords):
        raise LanguageError(UNREAD)
    return Arguments(
        tuple(map(_value, call.args)),
        {keyword.arg or "": _value(keyword.value) for keyword in call.keywords},
    )


UNREAD = Message(
    "Only what stands in the gap is read: names, numbers, texts, tuples, lists and products."
)


def inside_of(text: str, line: str, gap: str) -> str:
    """What belongs into the gap, where the whole line has been typed."""
    plain = text.strip()
    before, _, after = (part.strip() for part in line.partition(gap))
    if before and after and plain.startswith(before) and plain.endswith(after):
        return plain[len(before) : len(plain) - len(after)].strip()
    return plain


def _value(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return Word(name)
        case ast.Attribute():
            return Word(_dotted(node))
        case ast.Tuple(elts=parts):
            return Items(tuple(map(_value, parts)), brackets=False)
        case ast.List(elts=parts):
            return Items(tuple(map(_value, parts)), brackets=True)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand)
            plain = isinstance(inner, int | float) and not isinstance(inner, bool)
            return -inner if plain else Times(-1, inner)  # type: ignore[operator]
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return Times(_value(left), _value(right))
    raise LanguageError(UNREAD)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise LanguageError(UNREAD)
