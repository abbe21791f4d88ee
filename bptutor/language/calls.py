"""Calls and brackets, in the spellings of TensorFlow, Keras and NumPy as well as our own."""

import ast
from collections.abc import Iterator, Set
from functools import partial, reduce
from typing import Protocol

from bptutor.language import limits
from bptutor.language.errors import LanguageError, shortened, suggestion
from bptutor.language.ops import operations, spellings
from bptutor.language.ops.base import Operation
from bptutor.language.ops.joining import joined, part, stacked
from bptutor.language.tree import Apply, Expression, Name, Option
from bptutor.text import Message

_MODULES = {
    *("tf", "tensorflow", "np", "numpy", "jnp", "math", "nn", "linalg", "keras", "activations"),
    *("backend", "ops", "K", "torch", "F", "functional", "special"),
}
_TRANSPOSING = {"transpose_a": 0, "transpose_b": 1, "adjoint_a": 0, "adjoint_b": 1}
_KEYWORDS = {"keep_dims": "keepdims", "keepdim": "keepdims", "dim": "axis"}
"""What an option is called elsewhere."""
_CASTS = {"cast", "astype", "constant"}  # they give the numbers a type, of which there is one here
_FLOATS = {"float", "float32", "float64", "floatx"}
_JOINING = {"concat": -1, "concatenate": -1, "hstack": -1, "stack": 0}  # by default along this
_ENDS = ("first", "last")  # they take so many columns at one end of rows


class TreeReader(Protocol):
    """What `read_call` needs of the parser."""

    known: Set[str]

    def tree(self, node: ast.expr) -> Expression: ...

    def apply(self, key: str, operands: list[Expression], last: ast.expr) -> Expression: ...

    def refuse(self, node: ast.AST, message: Message) -> LanguageError: ...

    def foreign(self, node: ast.AST) -> LanguageError: ...


def read_call(reader: TreeReader, node: ast.Call) -> Expression:
    """The tree of a call.

    Raises LanguageError: no such function, or arguments that it does not take.
    """
    if (gradient := _from_the_tape(node)) is not None and "tape" not in reader.known:
        return gradient
    name, receiver = _callee(reader, node.func)
    arguments = [*([receiver] if receiver else []), *node.args]
    if any(isinstance(argument, ast.Starred) for argument in arguments):
        raise reader.foreign(node)
    if name in _CASTS:
        return _cast(reader, node, name, arguments)
    if name in _JOINING:
        return _joined(reader, node, name, arguments)
    if name in _ENDS:
        return _end(reader, node, name, arguments)
    operation = spellings().get(name)
    if operation is None:
        raise reader.refuse(node.func, _unknown_function(name, reader.known))
    if operation.of_one and name != operation.key and len(arguments) == 1:
        operation = operations()[operation.of_one]
    operands, positional = arguments[: operation.arity], arguments[operation.arity :]
    if "shape" in operation.options and len(positional) > 1:  # x.reshape(2, 3)
        positional = [ast.copy_location(ast.Tuple(positional, ast.Load()), positional[0])]
    if len(operands) < operation.arity or len(positional) > len(operation.options):
        raise reader.refuse(node, _arguments(operation))
    trees = [reader.tree(operand) for operand in operands]
    given = dict(zip(operation.options, positional, strict=False))
    for keyword in node.keywords:
        called = keyword.arg or ""
        if operation.key == "matmul" and called in _TRANSPOSING:
            if _option(reader, keyword.value):
                place = _TRANSPOSING[called]
                trees[place] = Apply("transpose", (trees[place],))
            continue
        called = _KEYWORDS.get(called, called)
        if called not in operation.options or called in given:
            raise reader.refuse(keyword.value, _arguments(operation))
        given[called] = keyword.value
    options = tuple(sorted(_options(reader, operation, given)))
    if options:
        return Apply(operation.key, tuple(trees), options)
    return reader.apply(operation.key, trees, operands[-1])


def _from_the_tape(node: ast.Call) -> Name | None:
    """The quantity that `tape.gradient(Y, W3)` returns, under its name: dY_dW3."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="tape"), attr="gradient"),
            args=positional,
            keywords=named,
        ):
            given = dict(zip(("target", "sources"), positional, strict=False))
            given |= {each.arg or "": each.value for each in named}
            match given:
                case {"target": ast.Name(id=target), "sources": ast.Name(id=by)}:
                    return Name(f"d{target}_d{by}") if len(given) == 2 else None
    return None


def _callee(reader: TreeReader, node: ast.expr) -> tuple[str, ast.expr | None]:
    """The function's name, and the operand before it in `A.T.dot(B)`."""
    if isinstance(node, ast.Name):
        return node.id, None
    if not isinstance(node, ast.Attribute):
        raise reader.refuse(node, Message("An operator is missing here; write a product with *."))
    base = node.value
    while isinstance(base, ast.Attribute) and base.attr in _MODULES:
        base = base.value
    if isinstance(base, ast.Name) and base.id in _MODULES and base.id not in reader.known:
        return node.attr, None
    return node.attr, node.value


def _cast(reader: TreeReader, node: ast.Call, name: str, arguments: list[ast.expr]) -> Expression:
    """A cast to floats changes nothing here; `constant(2.0)` needs no type."""
    kinds = arguments[1:] + [keyword.value for keyword in node.keywords]
    if name == "constant" and len(arguments) == 1 and not kinds:
        return reader.tree(arguments[0])
    if len(arguments) < 1 or len(kinds) != 1:
        call = "constant(2.0, float32)" if name == "constant" else "cast(x, float32)"
        raise reader.refuse(node, Message("Write it as {call}.", call=call))
    (kind,) = kinds
    called = kind.attr if isinstance(kind, ast.Attribute) else getattr(kind, "id", "")
    if called not in _FLOATS:
        raise reader.refuse(kind, Message("Numbers here are float32 or float64."))
    return reader.tree(arguments[0])


def _joined(reader: TreeReader, node: ast.Call, name: str, arguments: list[ast.expr]) -> Expression:
    """`tf.concat([a, b, c], axis=-1)`, `stack(a, b)`: any number of operands, two by two."""
    operands, axes = arguments, [keyword.value for keyword in node.keywords]
    if arguments and isinstance(arguments[0], ast.List | ast.Tuple):
        operands, axes = arguments[0].elts, [*arguments[1:], *axes]
    named = all(_KEYWORDS.get(each.arg or "", each.arg) == "axis" for each in node.keywords)
    axis = _option(reader, axes[0]) if axes else _JOINING[name]
    if len(operands) < 2 or len(axes) > 1 or not named or type(axis) is not int:
        call = f"{name}(x, y, axis={_JOINING[name]})"
        raise reader.refuse(node, Message("Write it as {call}.", call=call))
    trees = list(map(reader.tree, operands))
    return reduce(partial(joined, axis=axis), stacked(trees, axis) if name == "stack" else trees)


def _end(reader: TreeReader, node: ast.Call, name: str, arguments: list[ast.expr]) -> Expression:
    """`first(x, 2)` and `last(x, 2)`: the columns at either end."""
    counts = [*arguments[1:], *(each.value for each in node.keywords if each.arg == "count")]
    count = _option(reader, counts[0]) if len(counts) == 1 else None
    if len(arguments) + len(node.keywords) != 2 or type(count) is not int or count < 1:
        raise reader.refuse(node, Message("Write it as {call}.", call=f"{name}(x, 2)"))
    bounds = (None, count) if name == "first" else (-count, None)
    return part(reader.tree(arguments[0]), -1, *bounds)


def read_part(reader: TreeReader, node: ast.Subscript) -> Expression:
    """The tree of `x[:, 1:4]`, axis by axis.

    Raises LanguageError: brackets with anything else in them.
    """
    places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    tree, behind = reader.tree(node.value), False
    for index, place in enumerate(places):
        if isinstance(place, ast.Constant) and place.value is ... and not behind:
            behind = True
            continue
        start, stop = _bounds(reader, place)
        if start is not None or stop is not None:
            tree = part(tree, index - len(places) if behind else index, start, stop)
    return tree


def _bounds(reader: TreeReader, place: ast.expr) -> list[int | None]:
    if isinstance(place, ast.Slice) and place.step is None:
        given = [
            None if each is None else _option(reader, each) for each in (place.lower, place.upper)
        ]
        if all(each is None or type(each) is int for each in given):
            start, stop = (each if isinstance(each, int) else None for each in given)
            return [start or None, stop]
    call = "x[:, 1:4]"
    raise reader.refuse(
        place,
        Message(
            "Take a part as in {call}: from one place up to another, counted from 0.", call=call
        ),
    )


def _options(
    reader: TreeReader, operation: Operation, given: dict[str, ast.expr]
) -> Iterator[tuple[str, Option]]:
    for name, node in given.items():
        value = _option(reader, node)
        parameter = operation.options[name]
        if value == parameter.default:
            continue
        if (read := parameter.read(value)) is None:
            raise reader.refuse(node, _arguments(operation))
        if read != parameter.default:
            yield name, read


def _option(reader: TreeReader, node: ast.expr) -> Option:
    match node:
        case ast.Constant(value=bool() | None as value):
            return value
        case ast.Constant(value=int() | float() as number):
            if number > limits.LARGEST_OPTION:
                raise reader.refuse(node, limits.NUMBER_TOO_LARGE)
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            positive = _option(reader, operand)
            if not isinstance(positive, bool | None | tuple):
                return -positive
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            axes = [_option(reader, element) for element in elements]
            if all(type(axis) is int for axis in axes):
                return tuple(axis for axis in axes if isinstance(axis, int))
    raise reader.refuse(node, Message("An option must be a number, True or False."))


def _unknown_function(name: str, known: Set[str]) -> Message:
    if name in known:
        return Message(
            "{name} is not a function; write a product as {name} * (...).", name=shortened(name)
        )
    return suggestion(
        name,
        (*spellings(), *_JOINING, *_ENDS),
        Message("There is no function {name} here; did you mean {nearest}?"),
        Message("There is no function {name} here."),
        name=shortened(name),
    )


def _arguments(operation: Operation) -> Message:
    signature = list(operation.operand_names[: operation.arity])
    signature += [f"{name}={given.shown}" for name, given in operation.options.items()]
    return Message("Write it as {call}.", call=f"{operation.key}({', '.join(signature)})")
