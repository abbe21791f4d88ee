"""Formulas as text, in Unicode, in ASCII or as TensorFlow code, and operations in words."""

import re
from collections.abc import Callable, Iterator

from bptutor.language.algebra import LARGEST_INTEGER
from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Infix, Operation, Style
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number, Shape, names
from bptutor.text import Message

COMPARISON, NEGATION, POWER, ATOM = 1, 4, 5, 6
"""Precedence, as in Python; infix operations have their own (1 to 3, 5)."""

_GRADIENT = re.compile(r"d([^\W\d]\w*?)_d([^\W\d]\w*)")

_ASCII = str.maketrans(
    {"ᵀ": ".T", "λ": "lambda", "ε": "epsilon", "\N{COMBINING CIRCUMFLEX ACCENT}": "^"}
)


def display_name(name: str, style: Style) -> str:
    """dL_dW3 is ∂L/∂W3 in Unicode."""
    if style != "unicode":
        return name
    return _GRADIENT.sub(r"∂\1/∂\2", name) if _GRADIENT.fullmatch(name) else name


def in_style(text: str, style: Style) -> str:
    """An author's text, with ∂L/∂W3, Xᵀ and the like as the style writes them."""
    if style == "unicode":
        return text
    text = re.sub(r"∂(\w+)/∂(\w+)", r"d\1_d\2", text)
    return re.sub(r"√(\w+)", r"sqrt(\1)", text).translate(_ASCII)


def named_cell(name: str, position: int, shape: Shape) -> str:
    """A cell as it is indexed in code: W2[0, 2]; a scalar is its name alone."""
    return name + str(list(index_of(position, shape))) if shape else name


def index_of(position: int, shape: Shape) -> tuple[int, ...]:
    """The index of the cell at a position row after row."""
    found: list[int] = []
    for length in reversed(shape):
        position, index = divmod(position, length)
        found.insert(0, index)
    return tuple(found)


def write(expression: Expression, style: Style, dtype: str = "float32") -> str:
    """A formula as text; what is written in Unicode or ASCII can be typed back.

    `dtype` is the type that a mask is cast to in TensorFlow code.
    """
    return _Writer(style, dtype).write(expression)


def write_assignment(assignment: Assignment, style: Style, dtype: str = "float32") -> str:
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
            return _number(expression.value, decimal), NEGATION if expression.value < 0 else ATOM
        if isinstance(expression, Name):
            text = display_name(expression.id, self.style)
            return text, ATOM if text == expression.id else POWER
        operation = operation_of(expression)
        if self.style in operation.postfix:
            return self._postfix(operation.postfix[self.style], expression.operands[0]), ATOM
        if brackets := operation.in_brackets(expression):
            return self.write(expression.operands[0], ATOM) + brackets, ATOM
        if operation.prefix:
            return operation.prefix + self.write(expression.operands[0], POWER), NEGATION
        if operation.infix is not None and self.style in operation.infix.sign:
            return self._infix(operation.infix, expression)
        return self._call(operation, expression), ATOM

    def _postfix(self, sign: str, operand: Expression) -> str:
        text = self.write(operand, ATOM)
        if isinstance(operand, Number) and operand.value >= 0:
            text = f"({text})"
        return text + sign

    def _infix(self, infix: Infix, expression: Apply) -> tuple[str, int]:
        first, second = expression.operands
        if self.style == "unicode" and infix.binds == POWER and second in _RAISED:
            return self.write(first, ATOM) + _RAISED[second], POWER
        if infix.binds == POWER:
            return f"{self.write(first, ATOM)} ** {self.write(second, NEGATION)}", POWER
        if infix.binds == COMPARISON:
            return self._comparison(infix, first, second)
        # A long sum is a deep tree that leans to the left: it is walked down, not recursed into.
        tail: list[str] = []
        left: Expression = expression
        while isinstance(left, Apply) and (sign := self._sign(left, expression)) is not None:
            left, right = left.operands
            text = self.write(right, infix.binds + 1)
            tail.append(f" {sign} ({text})" if text.startswith("-") else f" {sign} {text}")
        return self.write(left, infix.binds + 1) + "".join(reversed(tail)), infix.binds

    def _sign(self, expression: Apply, beside: Apply) -> str | None:
        """The sign of an expression that needs no parentheses to the left of another's sign.

        An element-wise product and a matrix product could do without them, but not for the reader.
        """
        first, second = operation_of(expression), operation_of(beside)
        own, other = first.infix, second.infix
        kinds = (first.traits.product, second.traits.product)
        apart = kinds.count("matrices") == 1
        if own is None or other is None or own.binds != other.binds or apart:
            return None
        return own.sign.get(self.style)

    def _comparison(self, infix: Infix, first: Expression, second: Expression) -> tuple[str, int]:
        left, right = self.write(first, COMPARISON + 1), self.write(second, COMPARISON + 1)
        text = f"{left} {infix.sign[self.style]} {right}"
        if self.style == "tensorflow":
            return f"tf.cast({text}, tf.{self.dtype})", ATOM
        if self.style == "unicode":  # an indicator: 1 where it holds, 0 elsewhere
            return f"1[{text}]", ATOM
        return text, COMPARISON

    def _call(self, operation: Operation, expression: Apply) -> str:
        code = self.style == "tensorflow"
        operands = [self.write(operand, decimal=code) for operand in expression.operands]
        options = [f"{name}={value!r}" for name, value in expression.options]
        if code:
            if self.dtype != "float32" and not any(names(expression)):
                operands = [self._constant(operand) for operand in operands]
            return operation.written_code(expression, operands, options, self.dtype)
        return f"{operation.key}({', '.join([*operands, *options])})"

    def _constant(self, text: str) -> str:
        """Arithmetic of bare numbers, which TensorFlow would take for float32."""
        return text if "tf." in text else f"tf.constant({text}, tf.{self.dtype})"


def _number(value: float, decimal: bool) -> str:
    whole = value == int(value) and abs(value) < LARGEST_INTEGER
    return repr(int(value)) if whole and not decimal else repr(float(value))


_RAISED: dict[Expression, str] = {Number(2): "²", Number(3): "³"}


Text = Callable[[Expression], str]  # an expression as it is written

UPSTREAM = Message("the upstream gradient")
ONE = "1"  # the upstream gradient of the loss itself


def forward_words(node: Apply, text: Text) -> Message:
    """How an operation's value is computed."""
    x, y, z, *_ = [*map(text, node.operands), "", ""]
    atom = f"({x})" if isinstance(node.operands[0], Apply) else x
    words = operation_of(node).forward
    return Message(words.text, node=text(node), x=x, y=y, z=z, atom=atom)


def rule_words(
    node: Apply, index: int, text: Text, *, upstream: Message | str, value: str
) -> Iterator[Message]:
    """How an operation passes its upstream gradient to one operand.

    `value` is the operation's value as it is named in the program.
    """
    operation = operation_of(node)
    slope = operation.slope(node, index)
    rule = operation.rule_for(index)
    if upstream == ONE and slope is not None and not operation.multiplies:
        rule = Operation.rule  # nothing comes that could be passed on
    yield Message(
        rule.text,
        node=text(node),
        operand=text(node.operands[index]),
        value=value,
        upstream=upstream,
        slope=text(slope) if slope else "0",
    )
    if operation.multiplies and upstream != ONE:
        yield Message("Multiply {upstream} by it.", upstream=upstream)
    kink = operation.kink(node)
    if isinstance(kink, Apply) and slope is not None:
        left, right = map(text, kink.operands)
        yield Message(
            "At {left} = {right} no derivative exists: the value there is TensorFlow's choice.",
            left=left,
            right=right,
        )
