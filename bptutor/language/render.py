"""Formulas as text: in Unicode, in ASCII, or as TensorFlow code."""

from __future__ import annotations

import re

from bptutor.language.ops import operations
from bptutor.language.ops.base import Operation, Style
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number, Option

NEGATION, POWER, ATOM = 4, 5, 6
"""How tightly things bind, as in Python; infix operations say it of themselves (1 to 3, 5)."""

_GRADIENT = re.compile(r"d([^\W\d]\w*)_d([^\W\d]\w*)")


def display_name(name: str, style: Style) -> str:
    """A quantity's name as it is written: dL_dW3 is ∂L/∂W3 in Unicode."""
    if style != "unicode":
        return name
    return _GRADIENT.sub(r"∂\1/∂\2", name) if _GRADIENT.fullmatch(name) else name


def write(expression: Expression, style: Style, dtype: str = "float32") -> str:
    """A formula as text; what is written in Unicode or ASCII can be typed back.

    `dtype` is the type that a mask is cast to in TensorFlow code.
    """
    return _Writer(style, dtype).write(expression)


def write_assignment(assignment: Assignment, style: Style, dtype: str = "float32") -> str:
    """A line of the program as text."""
    return f"{assignment.target} = {write(assignment.expression, style, dtype)}"


class _Writer:
    def __init__(self, style: Style, dtype: str) -> None:
        self.style = style
        self.dtype = dtype

    def write(self, expression: Expression, binds: int = 0, decimal: bool = False) -> str:
        """The text, in parentheses where it binds less tightly than `binds`."""
        text, own = self._text(expression, decimal)
        return f"({text})" if own < binds else text

    def _text(self, expression: Expression, decimal: bool) -> tuple[str, int]:
        if isinstance(expression, Number):
            return self._number(expression.value, decimal)
        if isinstance(expression, Name):
            text = display_name(expression.id, self.style)
            return text, ATOM if text == expression.id else POWER
        operation = operations()[expression.operation]
        if expression.operation == "transpose":
            return self._transpose(operation, expression.operands[0]), ATOM
        if expression.operation == "negate":
            return "-" + self.write(expression.operands[0], NEGATION), NEGATION
        if operation.infix is not None:
            return self._infix(operation, expression)
        return self._call(operation, expression), ATOM

    def _number(self, value: float, decimal: bool) -> tuple[str, int]:
        text = repr(value) if decimal or value != int(value) else repr(int(value))
        if decimal and isinstance(value, int):
            text = repr(float(value))
        return text, NEGATION if value < 0 else ATOM

    def _transpose(self, operation: Operation, operand: Expression) -> str:
        if self.style == "tensorflow":
            return f"{operation.code}({self.write(operand)})"
        return self.write(operand, ATOM) + ("ᵀ" if self.style == "unicode" else ".T")

    def _infix(self, operation: Operation, expression: Apply) -> tuple[str, int]:
        assert operation.infix is not None
        binds = operation.infix.binds
        first, second = expression.operands
        if self.style == "unicode" and expression.operation == "power" and second in _RAISED:
            return self.write(first, ATOM) + _RAISED[second], POWER
        leftmost = binds + 1 if binds in (1, POWER) else binds
        left = self.write(first, leftmost)
        right = self.write(second, NEGATION if binds == POWER else binds + 1)
        text = f"{left} {operation.infix.sign[self.style]} {right}"
        if binds == 1 and self.style == "tensorflow":
            return f"tf.cast({text}, tf.{self.dtype})", ATOM
        return text, binds

    def _call(self, operation: Operation, expression: Apply) -> str:
        code = self.style == "tensorflow"
        arguments = [self.write(operand, decimal=code) for operand in expression.operands]
        arguments += [f"{name}={_option(value)}" for name, value in expression.options]
        return f"{operation.code if code else operation.key}({', '.join(arguments)})"


_RAISED: dict[Expression, str] = {Number(2): "²", Number(3): "³"}


def _option(value: Option) -> str:
    return repr(value)
