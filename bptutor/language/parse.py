"""Texts to trees: Python's own parser reads them, and only what the notation has is let through.

Names, numbers, operators, comparisons, `.T`, and calls of the listed functions. Everything else
is refused in one sentence that says what and where.
"""

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Set
from keyword import iskeyword

from bptutor.language import limits
from bptutor.language.algebra import LARGEST_INTEGER, largest_exponent
from bptutor.language.calls import read_call, read_part
from bptutor.language.errors import LanguageError, shortened
from bptutor.language.notation import Notation, check_words
from bptutor.language.ops import build, operations
from bptutor.language.tree import (
    Apply,
    Assignment,
    Expression,
    Name,
    Number,
    Program,
    depth,
    names,
    size,
)
from bptutor.text import Message

_OPERATORS: dict[type[ast.operator] | type[ast.cmpop], str] = {
    each.infix.python: key for key, each in operations().items() if each.infix
}


class _Reader:
    """Reads one text into a tree."""

    def __init__(self, notation: Notation, known: Set[str]) -> None:
        self.notation = notation
        self.known = known
        self.lines = notation.text.split("\n")

    def expression(self) -> Expression:
        try:
            # In parentheses a formula may run over several lines, and leading spaces are no harm.
            body = ast.parse(f"({self.notation.text}\n)", mode="eval").body
        except SyntaxError as error:
            message = Message("This is not a formula; look at the marked place.")
            raise self._at(message, error.lineno or 1, (error.offset or 1) - 1) from None
        except (ValueError, RecursionError, MemoryError):
            raise LanguageError(limits.NESTED_TOO_DEEPLY) from None
        # Python's tree has nodes for operators and contexts besides: at most three for one here.
        if sum(1 for _ in ast.walk(body)) > 3 * limits.MOST_NODES:
            raise LanguageError(limits.TOO_MANY_PARTS)
        tree = self.tree(body)
        if size(tree) > limits.MOST_NODES:
            raise LanguageError(limits.TOO_MANY_PARTS)
        if depth(tree) > limits.MOST_DEPTH:
            raise LanguageError(limits.NESTED_TOO_DEEPLY)
        return tree

    def tree(self, node: ast.expr) -> Expression:
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
            case ast.Subscript(value=ast.Constant(value=1), slice=ast.Compare() as mask):
                return self.tree(mask)
            case ast.Subscript():
                return read_part(self, node)
            case ast.Attribute(value=value, attr="T"):
                return build.transpose(self.tree(value))
            case ast.Call():
                return read_call(self, node)
            case ast.Tuple(elts=[_, *_]):
                raise self.refuse(node, self._comma())
        raise self.foreign(node)

    def apply(self, key: str, operands: list[Expression], last: ast.expr) -> Expression:
        """An operation applied; `last` is where the last operand stands.

        Raises LanguageError: an exponent that is no number.
        """
        if key == "power":
            if operands[0] == Name("e") and "e" not in self.known:
                raise self.refuse(last, Message("Write a power of e as exp(x)."))
            if not any(names(operands[1])):
                operands[1] = self._exponent(operands[1], last)
            if largest_exponent(Apply(key, tuple(operands))) > limits.MOST_EXPONENT:
                raise self.refuse(last, limits.POWERS_TOO_LARGE)
        if key == "dot" and any(isinstance(operand, Number) for operand in operands):
            key = "multiply"
        return Apply(key, tuple(operands))

    def refuse(self, node: ast.AST, message: Message) -> LanguageError:
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        source = ("(" if line == 1 else "") + self.lines[line - 1]
        return self._at(message, line, len(source.encode()[:offset].decode(errors="ignore")))

    def foreign(self, node: ast.AST) -> LanguageError:
        """The error about something that Python has and the notation has not."""
        try:
            text = ast.unparse(node)
        except (RecursionError, ValueError):
            text = "..."
        message = Message(
            "{text} is not part of the notation. Use + - * / @ **, comparisons, .T and functions.",
            text=shortened(text.replace(" % ", " · ")),
        )
        return self.refuse(node, message)

    def _at(self, message: Message, line: int, column: int) -> LanguageError:
        """The error at a place as Python counts it, in the text behind our own parenthesis."""
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
        return Message("A comma has no meaning here; remove it.")


def parse_expression(text: str, known: Set[str] = frozenset()) -> Expression:
    """The tree of one formula as it was typed, in Unicode, TensorFlow's or NumPy's spellings.

    Names that are `known` are not taken apart: with `dx` and `dy` known, `dx / dy` is a quotient,
    else it is the gradient dx_dy. Raises LanguageError: it is not in the notation; what and where.
    """
    if len(text) > limits.MOST_CHARACTERS:
        raise LanguageError(limits.TOO_LONG)
    if not text.strip():
        raise LanguageError(Message("Nothing is typed here yet; type a formula or a number."))
    notation = Notation(text, known)
    check_words(notation)
    return _Reader(notation, known).expression()


def parse_program(text: str) -> Program:
    """The tree of a program: one assignment a line; a comment line begins a section.

    Raises LanguageError: a line that is no assignment, or a name assigned twice or read before it
    is assigned.
    """
    if len(text) > limits.MOST_PROGRAM_CHARACTERS:
        raise LanguageError(limits.PROGRAM_TOO_LONG)
    # A program has no gradients in it: `dx / dt` is a quotient there.
    written = frozenset(re.findall(r"\b\w+\b(?!\s*\(|\s*\.(?!T\b))", text))
    assignments: list[Assignment] = []
    section: str | None = None
    parts = 0
    for number, line in enumerate(text.splitlines(), 1):
        code, _, comment = line.partition("#")
        if not code.strip():
            section = comment.strip() or section
            continue
        if len(assignments) == limits.MOST_ASSIGNMENTS:
            raise LanguageError(limits.TOO_MANY_ASSIGNMENTS, number)
        try:
            assignments.append(_assignment(code, number, section, written))
        except LanguageError as error:
            raise _in_line(error.message, number, error.column) from error
        parts += size(assignments[-1].expression)
        if parts > limits.MOST_PROGRAM_PARTS:
            raise LanguageError(limits.PROGRAM_OF_TOO_MANY_PARTS, number)
        _require_short(assignments[-1])
    program = Program(tuple(assignments))
    _check_order(program)
    return program


def _require_short(line: Assignment) -> None:
    if size(line.expression) > limits.MOST_LINE_PARTS:
        raise _in_line(limits.LINE_OF_TOO_MANY_PARTS, line.line)
    if max(Counter(names(line.expression)).values(), default=0) > limits.MOST_READS:
        raise _in_line(limits.READ_TOO_OFTEN, line.line)


def _assignment(code: str, line: int, section: str | None, written: Set[str]) -> Assignment:
    target, equals, right = code.partition("=")
    if len(target) > limits.MOST_CHARACTERS:  # before its characters are composed
        raise LanguageError(limits.TOO_LONG, line)
    indent = len(code) - len(code.lstrip())
    name = unicodedata.normalize("NFKC", Notation(target, written).text.strip())
    if not equals or right.startswith("=") or not name.isidentifier():
        message = Message("write an assignment here, such as Z1 = X @ W1 + b1")
        raise LanguageError(message, line, indent)
    if iskeyword(name):
        message = Message("{name} is a Python keyword; choose another name", name=name)
        raise LanguageError(message, line, indent)
    try:
        return Assignment(name, parse_expression(right, written), line, section)
    except LanguageError as error:
        raise LanguageError(error.message, line, error.column + len(target) + 1) from error


def _check_order(program: Program) -> None:
    if not program.assignments:
        raise LanguageError(Message("the program is empty; it needs at least one assignment"))
    assigned: set[str] = set()
    for assignment in program.assignments:
        for name in (assignment.target, *assignment.inputs):
            if len(name) > limits.MOST_NAME:
                raise _in_line(limits.NAME_TOO_LONG, assignment.line)
        name = assignment.target
        if name in assigned:
            problem = Message("{name} is assigned twice; use a new name", name=name)
            raise _in_line(problem, assignment.line)
        for name in assignment.inputs:
            if name in program.by_target and name not in assigned:
                problem = Message(
                    "{name} is used before it is assigned; move its assignment up", name=name
                )
                raise _in_line(problem, assignment.line)
        assigned.add(assignment.target)


def _in_line(problem: Message, line: int, column: int = 0) -> LanguageError:
    message = Message("line {line} of the program: {problem}", line=line, problem=problem)
    return LanguageError(message, line, column)
