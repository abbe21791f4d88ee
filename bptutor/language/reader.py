"""Python's tree to ours: only what the notation has is let through.

Names, numbers, operators, comparisons, `.T`, and calls of the listed functions. Everything else
is refused in one sentence that says what and where.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Set

from bptutor.language import limits
from bptutor.language.algebra import largest_exponent
from bptutor.language.calls import read_call
from bptutor.language.constants import LARGEST_INTEGER
from bptutor.language.errors import LanguageError, shortened
from bptutor.language.notation import Notation
from bptutor.language.ops import build, operations
from bptutor.language.tree import Apply, Expression, Name, Number, size
from bptutor.text import Message

_OPERATORS: dict[type[ast.operator] | type[ast.cmpop], str] = {
    each.infix.python: key for key, each in operations().items() if each.infix
}


class Reader:
    """Turns one text into a tree."""

    def __init__(self, notation: Notation, known: Set[str]) -> None:
        self.notation = notation
        self.known = known
        self.lines = notation.text.split("\n")

    def expression(self) -> Expression:
        """The tree of the whole text.

        Raises:
            LanguageError: it is not in the notation.
        """
        try:
            # In parentheses a formula may run over several lines, and leading spaces are no harm.
            body = ast.parse(f"({self.notation.text}\n)", mode="eval").body
        except SyntaxError as error:
            message = Message("This cannot be read as a formula; look at the place marked.")
            raise self._at(message, error.lineno or 1, (error.offset or 1) - 1) from None
        except (ValueError, RecursionError, MemoryError):
            raise LanguageError(limits.NESTED_TOO_DEEPLY) from None
        # Python's tree has nodes for operators and contexts besides: at most three for one here.
        if sum(1 for _ in ast.walk(body)) > 3 * limits.MOST_NODES:
            raise LanguageError(limits.TOO_MANY_PARTS)
        tree = self.tree(body)
        if size(tree) > limits.MOST_NODES:
            raise LanguageError(limits.TOO_MANY_PARTS)
        return tree

    def tree(self, node: ast.expr) -> Expression:
        """The tree of a part of the text.

        Raises:
            LanguageError: it is not in the notation.
        """
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name(id=name):
                return Name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.tree(operand)
                if isinstance(operand, ast.Constant) and isinstance(inner, Number):
                    return Number(-inner.value)
                return Apply("negate", (inner,))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.tree(operand)
            case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
                key = _OPERATORS[type(operator)]
                return self.apply(key, [self.tree(node.left), self.tree(node.right)], node.right)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                if type(operator) in _OPERATORS:
                    key = _OPERATORS[type(operator)]
                    return Apply(key, (self.tree(left), self.tree(right)))
            case ast.Attribute(value=value, attr="T"):
                return build.transpose(self.tree(value))
            case ast.Call():
                return read_call(self, node)
            case ast.Tuple(elts=[_, *_]):
                raise self.refuse(node, self._comma())
        raise self.foreign(node)

    def apply(self, key: str, operands: list[Expression], last: ast.expr) -> Expression:
        """An operation applied; `last` is where the last operand stands.

        Raises:
            LanguageError: an exponent that is no number.
        """
        if key == "power":
            if operands[0] == Name("e") and "e" not in self.known:
                raise self.refuse(last, Message("A power of e is written exp(x)."))
            operands[1] = self._exponent(operands[1], last)
            if largest_exponent(Apply(key, tuple(operands))) > limits.MOST_EXPONENT:
                raise self.refuse(last, limits.POWERS_TOO_LARGE)
        if key == "dot" and any(isinstance(operand, Number) for operand in operands):
            key = "multiply"
        return Apply(key, tuple(operands))

    def refuse(self, node: ast.AST, message: Message) -> LanguageError:
        """An error that points at a part of the text."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        source = ("(" if line == 1 else "") + self.lines[line - 1]
        return self._at(message, line, len(source.encode()[:offset].decode(errors="ignore")))

    def foreign(self, node: ast.AST) -> LanguageError:
        """An error about something that Python has and the notation has not."""
        try:
            text = ast.unparse(node)
        except (RecursionError, ValueError):
            text = "..."
        message = Message(
            "{text} is not part of the notation; it has + - * / @ **, comparisons, .T and"
            " functions.",
            text=shortened(text.replace(" % ", " · ")),
        )
        return self.refuse(node, message)

    def _at(self, message: Message, line: int, column: int) -> LanguageError:
        """An error at a place that Python names in the text that begins with our parenthesis."""
        column -= 1 if line == 1 else 0
        position = sum(len(before) + 1 for before in self.lines[: line - 1]) + max(column, 0)
        return LanguageError(message, *self.notation.line_and_column(position))

    def _number(self, node: ast.Constant) -> Number:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.foreign(node)
        if not value <= limits.LARGEST_NUMBER:
            raise self.refuse(node, limits.NUMBER_TOO_LARGE)
        return Number(value if value < LARGEST_INTEGER else float(value))

    def _exponent(self, exponent: Expression, node: ast.expr) -> Number:
        match exponent:
            case Apply("divide", (Number(above), Number(below))) if below:
                exponent = Number(above / below)
        if not isinstance(exponent, Number) or not abs(exponent.value) <= limits.MOST_EXPONENT:
            raise self.refuse(node, limits.EXPONENT_TOO_LARGE)
        return exponent

    def _comma(self) -> Message:
        if re.search(r"\d,\s*\d", self.notation.text):
            return Message("Write the decimal point as a point: 0.5, not 0,5.")
        return Message("A comma has no meaning here.")
