"""Text to tree. The text is taken apart by Python's own parser and never executed.

Only what the notation has is let through: names, numbers, operators, comparisons, `.T`, and calls
of the listed functions. Everything else is refused in one sentence that says what and where.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Set

from bptutor.language.errors import LanguageError
from bptutor.language.notation import Notation
from bptutor.language.ops import spellings
from bptutor.language.ops.base import Operation
from bptutor.language.suggest import nearest
from bptutor.language.tree import (
    Apply,
    Assignment,
    Expression,
    Name,
    Number,
    Option,
    Program,
    size,
)
from bptutor.locale import Message

MOST_CHARACTERS = 4_000
MOST_NODES = 400
MOST_NESTING = 60
MOST_EXPONENT = 64

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
    ast.Pow: "power",
    ast.Mod: "dot",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
_MODULES = {"tf", "tensorflow", "np", "numpy", "math", "nn", "linalg", "keras", "K", "activations"}
_TRANSPOSING = {"transpose_a": 0, "transpose_b": 1, "adjoint_a": 0, "adjoint_b": 1}


def parse_expression(text: str, known: Set[str] = frozenset()) -> Expression:
    """The tree of one formula.

    Args:
        text: as it was typed; Unicode, TensorFlow's and NumPy's spellings are understood.
        known: names that may not be taken apart: with `dx` and `dy` known, `dx / dy` is a
            quotient, else it is the gradient dx_dy.

    Raises:
        LanguageError: it is not in the notation; the error says what and where.
    """
    if len(text) > MOST_CHARACTERS:
        raise LanguageError(
            Message(
                "This is longer than {most} characters; write it shorter.", most=MOST_CHARACTERS
            )
        )
    if not text.strip():
        raise LanguageError(Message("There is nothing here yet; type a formula or a number."))
    return _Reader(Notation(text, known)).expression()


def parse_program(text: str) -> Program:
    """The tree of a program: one assignment a line; a comment line begins a section.

    Raises:
        LanguageError: a line that is no assignment, or a name assigned twice or read before it
            is assigned.
    """
    assignments: list[Assignment] = []
    section: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        code, _, comment = line.partition("#")
        if not code.strip():
            section = comment.strip() or section
            continue
        try:
            assignments.append(_assignment(code, number, section))
        except LanguageError as error:
            raise LanguageError(
                Message("line {line} of the program: {problem}", line=number, problem=error.message),
                number,
                error.column,
            ) from error
    program = Program(tuple(assignments))
    _check_order(program)
    return program


def _assignment(code: str, line: int, section: str | None) -> Assignment:
    target, equals, right = code.partition("=")
    name = target.strip()
    if not equals or right.startswith("=") or not name.isidentifier():
        raise LanguageError(Message("write an assignment here, such as Z1 = X @ W1 + b1"))
    try:
        return Assignment(name, parse_expression(right), line, section)
    except LanguageError as error:
        raise LanguageError(error.message, line, error.column + len(target) + 1) from error


def _check_order(program: Program) -> None:
    if not program.assignments:
        raise LanguageError(Message("the program is empty; it needs at least one assignment"))
    assigned: set[str] = set()
    for assignment in program.assignments:
        if assignment.target in assigned:
            problem = Message("{name} is assigned twice; give it a new name", name=assignment.target)
            raise _in_line(problem, assignment.line)
        for name in assignment.inputs:
            if name in program.by_target and name not in assigned:
                problem = Message("{name} is read before it is assigned", name=name)
                raise _in_line(problem, assignment.line)
        assigned.add(assignment.target)


def _in_line(problem: Message, line: int) -> LanguageError:
    return LanguageError(
        Message("line {line} of the program: {problem}", line=line, problem=problem), line
    )


class _Reader:
    """Turns one text into a tree."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.lines = notation.text.split("\n")

    def expression(self) -> Expression:
        self._check_nesting()
        try:
            # In parentheses a formula may run over several lines, and leading spaces are no harm.
            body = ast.parse(f"({self.notation.text}\n)", mode="eval").body
        except SyntaxError as error:
            raise self._at(self._syntax(error), error.lineno or 1, (error.offset or 1) - 1)
        except (ValueError, RecursionError, MemoryError):
            raise LanguageError(Message("This is nested too deeply; write it simpler.")) from None
        count = sum(1 for _ in ast.walk(body))
        if count > 3 * MOST_NODES:
            raise LanguageError(_too_long())
        tree = self._tree(body)
        if size(tree) > MOST_NODES:
            raise LanguageError(_too_long())
        return tree

    def _check_nesting(self) -> None:
        """Python's parser is deep-recursive: what nests too deeply never reaches it."""
        depth = signs = 0
        for position, character in enumerate(self.notation.text):
            depth += (character in "([{") - (character in ")]}")
            signs = signs + 1 if character in "+-~*" else 0 if character.strip() else signs
            if depth > MOST_NESTING or signs > MOST_NESTING:
                line, column = self.notation.line_and_column(position)
                raise LanguageError(
                    Message("This is nested too deeply; write it simpler."), line, column
                )
            if depth < 0:
                line, column = self.notation.line_and_column(position)
                raise LanguageError(
                    Message("There is a closing bracket too many here."), line, column
                )

    def _syntax(self, error: SyntaxError) -> Message:
        opened = self.notation.text.count("(") - self.notation.text.count(")")
        if opened > 0:
            return Message("A closing bracket is missing.")
        if opened < 0:
            return Message("There is a closing bracket too many here.")
        return Message("This cannot be read as a formula; look at the place marked.")

    def _at(self, message: Message, line: int, column: int) -> LanguageError:
        """An error at a place that Python names in the text that begins with our parenthesis."""
        column -= 1 if line == 1 else 0
        position = sum(len(before) + 1 for before in self.lines[: line - 1]) + max(column, 0)
        return LanguageError(message, *self.notation.line_and_column(position))

    def _refuse(self, node: ast.AST, message: Message) -> LanguageError:
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        source = ("(" if line == 1 else "") + self.lines[line - 1]
        column = len(source.encode()[:offset].decode(errors="ignore"))
        return self._at(message, line, column)

    def _tree(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name(id=name):
                return Name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._tree(operand)
                plain = isinstance(operand, ast.Constant) and isinstance(inner, Number)
                return Number(-inner.value) if plain else Apply("negate", (inner,))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._tree(operand)
            case ast.BinOp(op=operator):
                return self._binary(node, operator)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                if type(operator) in _COMPARISONS:
                    key = _COMPARISONS[type(operator)]
                    return Apply(key, (self._tree(left), self._tree(right)))
            case ast.Attribute(value=value, attr="T"):
                return Apply("transpose", (self._tree(value),))
            case ast.Call():
                return self._call(node)
            case ast.Tuple(elts=elements):
                raise self._refuse(node, _comma(elements))
        raise self._refuse(node, _foreign(node))

    def _number(self, node: ast.Constant) -> Number:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refuse(node, _foreign(node))
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite or abs(value) > 1e300:
            raise self._refuse(node, Message("This number is too large."))
        return Number(value)

    def _binary(self, node: ast.BinOp, operator: ast.operator) -> Expression:
        key = _BINARY.get(type(operator))
        if key is None:
            raise self._refuse(node, _foreign(node))
        left, right = self._tree(node.left), self._tree(node.right)
        if key == "power":
            right = self._exponent(node.right, right)
        if key == "dot" and (isinstance(left, Number) or isinstance(right, Number)):
            key = "multiply"
        return Apply(key, (left, right))

    def _exponent(self, node: ast.expr, exponent: Expression) -> Number:
        match exponent:
            case Apply("divide", (Number(above), Number(below))) if below:
                exponent = Number(above / below)
        if not isinstance(exponent, Number) or abs(exponent.value) > MOST_EXPONENT:
            raise self._refuse(
                node, Message("An exponent is a number of at most {most} here.", most=MOST_EXPONENT)
            )
        return exponent

    def _call(self, node: ast.Call) -> Expression:
        name, receiver = self._callee(node.func)
        operation = spellings().get(name)
        if operation is None:
            raise self._refuse(node.func, _unknown_function(name))
        arguments = [*([receiver] if receiver else []), *node.args]
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            raise self._refuse(node, _foreign(node))
        operands, positional = arguments[: operation.arity], arguments[operation.arity :]
        if len(operands) < operation.arity or len(positional) > len(operation.options):
            raise self._refuse(node, _arguments(operation))
        trees = [self._tree(operand) for operand in operands]
        given = dict(zip(operation.options, positional, strict=False))
        for keyword in node.keywords:
            place = _TRANSPOSING.get(keyword.arg or "") if operation.key == "matmul" else None
            if place is not None:
                if self._option(keyword.value):
                    trees[place] = Apply("transpose", (trees[place],))
                continue
            if keyword.arg not in operation.options or keyword.arg in given:
                raise self._refuse(keyword.value, _arguments(operation))
            given[keyword.arg] = keyword.value
        if operation.key == "power":
            trees[1] = self._exponent(operands[1], trees[1])
        return Apply(operation.key, tuple(trees), tuple(sorted(self._options(operation, given))))

    def _options(
        self, operation: Operation, given: dict[str, ast.expr]
    ) -> Iterator[tuple[str, Option]]:
        """The options that differ from their defaults."""
        for name, node in given.items():
            value = self._option(node)
            if value != operation.options[name]:
                yield name, value

    def _option(self, node: ast.expr) -> Option:
        match node:
            case ast.Constant(value=bool() | int() | None as value):
                return value
            case ast.Constant(value=float() as number) if math.isfinite(number):
                return number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                return -number
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                axes = [self._option(element) for element in elements]
                if all(type(axis) is int for axis in axes):
                    return tuple(axis for axis in axes if isinstance(axis, int))
        raise self._refuse(node, Message("An option is a plain number, True or False."))

    def _callee(self, node: ast.expr) -> tuple[str, ast.expr | None]:
        """The function's name, and the operand in front of it in `A.T.dot(B)`."""
        if isinstance(node, ast.Name):
            return node.id, None
        if not isinstance(node, ast.Attribute):
            raise self._refuse(node, _foreign(node))
        base = node.value
        while isinstance(base, ast.Attribute) and base.attr in _MODULES:
            base = base.value
        if isinstance(base, ast.Name) and base.id in _MODULES:
            return node.attr, None
        return node.attr, node.value


def _too_long() -> Message:
    return Message("This has more than {most} parts; write it shorter.", most=MOST_NODES)


def _comma(elements: list[ast.expr]) -> Message:
    if len(elements) == 2 and all(isinstance(element, ast.Constant) for element in elements):
        return Message("Write the decimal point as a point: 0.5, not 0,5.")
    return Message("A comma has no meaning here.")


def _foreign(node: ast.AST) -> Message:
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        text = "..."
    shown = text if len(text) <= 40 else text[:37] + "..."
    return Message(
        "{text} is not part of the notation; it has + - * / @ **, comparisons, .T and functions.",
        text=shown,
    )


def _unknown_function(name: str) -> Message:
    closest = nearest(name, spellings())
    if closest:
        return Message(
            "There is no function {name} here; did you mean {nearest}?", name=name, nearest=closest
        )
    return Message("There is no function {name} here.", name=name)


def _arguments(operation: Operation) -> Message:
    signature = ["x", "y"][: operation.arity]
    signature += [f"{name}={default!r}" for name, default in operation.options.items()]
    return Message(
        "Write it as {call}.", call=f"{operation.key}({', '.join(signature)})"
    )
