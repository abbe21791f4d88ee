"""Text to tree. The text is taken apart by Python's own parser and never executed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from keyword import iskeyword

from bptutor.language import limits
from bptutor.language.errors import LanguageError, shortened
from bptutor.language.notation import Notation
from bptutor.language.reader import Reader
from bptutor.language.scan import check
from bptutor.language.tree import Assignment, Expression, Program
from bptutor.text import Message


def parse_expression(text: str, known: Set[str] = frozenset()) -> Expression:
    """The tree of one formula.

    Args:
        text: as it was typed; Unicode, TensorFlow's and NumPy's spellings are understood.
        known: names that may not be taken apart: with `dx` and `dy` known, `dx / dy` is a
            quotient, else it is the gradient dx_dy.

    Raises:
        LanguageError: it is not in the notation; the error says what and where.
    """
    if len(text) > limits.MOST_CHARACTERS:
        raise LanguageError(limits.TOO_LONG)
    if not text.strip():
        raise LanguageError(Message("There is nothing here yet; type a formula or a number."))
    notation = Notation(text, known)
    check(notation)
    return Reader(notation, known).expression()


def parse_program(text: str) -> Program:
    """The tree of a program: one assignment a line; a comment line begins a section.

    Raises:
        LanguageError: a line that is no assignment, or a name assigned twice or read before it
            is assigned.
    """
    if len(text) > limits.MOST_PROGRAM_CHARACTERS:
        raise LanguageError(limits.PROGRAM_TOO_LONG)
    # A program has no gradients in it: `dx / dt` is a quotient there.
    written = frozenset(re.findall(r"\b\w+\b(?!\s*\()", text))
    assignments: list[Assignment] = []
    section: str | None = None
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
    program = Program(tuple(assignments))
    _check_order(program)
    return program


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
        message = Message("{name} is a word of Python; give it another name", name=name)
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
        name = assignment.target
        if name in assigned:
            problem = Message("{name} is assigned twice; give it a new name", name=shortened(name))
            raise _in_line(problem, assignment.line)
        for name in assignment.inputs:
            if name in program.by_target and name not in assigned:
                problem = Message("{name} is read before it is assigned", name=shortened(name))
                raise _in_line(problem, assignment.line)
        assigned.add(assignment.target)


def _in_line(problem: Message, line: int, column: int = 0) -> LanguageError:
    message = Message("line {line} of the program: {problem}", line=line, problem=problem)
    return LanguageError(message, line, column)
