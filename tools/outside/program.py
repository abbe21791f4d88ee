"""Lesson programs, run forward and backward in NumPy, with rules that can be made wrong.

Written from the mathematics. It reads the lesson file itself and shares no code with the tutor:
what the tutor takes for right, and for a known mistake, is measured against it.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Env: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Node:
    """A part of an expression; `op` is an operator, a function, `name` or `number`."""

    op: str
    args: tuple[Node, ...] = ()
    name: str = ""
    number: float = 0.0
    axis: int | None = None
    keepdims: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once, in the order of reading."""
        found = [self.name] if self.op == "name" else []
        for part in self.args:
            found += part.names
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, eq=False)
class Line:
    target: str
    root: Node


OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
}


def parse(text: str) -> Node:
    return _node(ast.parse(text.strip(), mode="eval").body)


def _node(tree: ast.expr) -> Node:
    match tree:
        case ast.Name(id=name):
            return Node("name", name=name)
        case ast.Constant(value=int() | float() as number):
            return Node("number", number=float(number))
        case ast.BinOp(left=left, op=op, right=right):
            return Node(OPERATORS[type(op)], (_node(left), _node(right)))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return Node(COMPARISONS[type(op)], (_node(left), _node(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Node("neg", (_node(operand),))
        case ast.Attribute(value=value, attr="T"):
            return Node("T", (_node(value),))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            options = {word.arg: word.value for word in keywords}
            axis, keep = options.get("axis"), options.get("keepdims")
            return Node(
                name,
                tuple(_node(each) for each in args),
                axis=None if axis is None else int(ast.literal_eval(axis)),
                keepdims=keep is not None and bool(ast.literal_eval(keep)),
            )
    raise ValueError(f"not read: {ast.dump(tree)}")


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softmax": softmax,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": np.abs,
    "neg": np.negative,
    "T": np.transpose,
    "sign": np.sign,
}
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "@": np.matmul,
    "maximum": np.maximum,
    ">": lambda x, y: (x > y).astype(float),
    ">=": lambda x, y: (x >= y).astype(float),
    "<": lambda x, y: (x < y).astype(float),
    "<=": lambda x, y: (x <= y).astype(float),
}

Forward: TypeAlias = Callable[[Node, list[Array]], Array | None]
"""What a learner makes of an operation on these operands; None: what is right."""


def evaluate(
    node: Node, env: Env, values: dict[Node, Array] | None = None, wrong: Forward | None = None
) -> Array:
    """The value of an expression; `values` receives that of each of its parts."""
    operands = [evaluate(part, env, values, wrong) for part in node.args]
    value = wrong(node, operands) if wrong else None
    if value is None:
        value = _right(node, operands, env)
    if values is not None:
        values[node] = value
    return value


def _right(node: Node, operands: list[Array], env: Env) -> Array:
    if node.op == "name":
        return env[node.name]
    if node.op == "number":
        return np.asarray(node.number)
    if node.op == "**":
        return np.asarray(operands[0] ** node.args[1].number)
    if node.op in {"sum", "mean"}:
        reduce = np.sum if node.op == "sum" else np.mean
        return np.asarray(reduce(operands[0], axis=node.axis, keepdims=node.keepdims))
    if node.op in BINARY:
        return np.asarray(BINARY[node.op](operands[0], operands[1]))
    return np.asarray(FUNCTIONS[node.op](operands[0]))


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """A gradient summed over the axes along which an operand was repeated."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and gradient.shape[axis] != 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return np.asarray(np.broadcast_to(gradient, shape))


@dataclass(frozen=True, eq=False)
class Edge:
    """One step down an expression in the backward pass, from an operation to an operand."""

    node: Node
    index: int
    upstream: Array
    operands: list[Array]
    value: Array
    target: str
    """The assignment that the expression is in."""

    @property
    def x(self) -> Array:
        return self.operands[self.index]

    @property
    def other(self) -> Array:
        return self.operands[1 - self.index]

    @property
    def other_name(self) -> str | None:
        other = self.node.args[1 - self.index]
        while other.op == "T":
            other = other.args[0]
        return other.name or None


def slope(op: str, x: Array) -> Array:
    """The derivative of an element-wise function, as TensorFlow has it."""
    match op:
        case "relu":
            return (x > 0).astype(float)
        case "maximum":
            return (x >= 0).astype(float)
        case "leaky_relu":
            return np.where(x > 0, 1.0, 0.2)
        case "sigmoid":
            return sigmoid(x) * (1 - sigmoid(x))
        case "tanh":
            return np.asarray(1 - np.tanh(x) ** 2)
        case "softplus":
            return sigmoid(x)
    raise ValueError(op)


ACTIVATIONS = ("relu", "maximum", "leaky_relu", "sigmoid", "tanh", "softplus")


def downstream(edge: Edge) -> Array:
    """The gradient by an operand, from the gradient by the operation: the right rules."""
    G, x, op = edge.upstream, edge.x, edge.node.op
    match op:
        case "+":
            return unbroadcast(G, x.shape)
        case "-":
            return unbroadcast(G if edge.index == 0 else -G, x.shape)
        case "*":
            return unbroadcast(G * edge.other, x.shape)
        case "/" if edge.index == 0:
            return unbroadcast(G / edge.other, x.shape)
        case "/":
            return unbroadcast(-G * edge.other / x**2, x.shape)
        case "**":
            power = edge.node.args[1].number
            return np.asarray(G * power * x ** (power - 1))
        case "@":
            return np.asarray(G @ edge.other.T if edge.index == 0 else edge.other.T @ G)
        case "neg":
            return np.asarray(-G)
        case "T":
            return G.T
        case "sigmoid":
            return np.asarray(G * edge.value * (1 - edge.value))
        case "tanh":
            return np.asarray(G * (1 - edge.value**2))
        case "relu" | "leaky_relu" | "softplus" | "maximum":
            return np.asarray(G * slope(op, x))
        case "softmax":
            p = edge.value
            return np.asarray(p * (G - (G * p).sum(axis=-1, keepdims=True)))
        case "log":
            return np.asarray(G / x)
        case "exp":
            return np.asarray(G * edge.value)
        case "sqrt":
            return np.asarray(G / (2 * edge.value))
        case "square":
            return np.asarray(2 * G * x)
        case "abs":
            return np.asarray(G * np.sign(x))
        case "sum" | "mean":
            return spread(edge) / (x.size / edge.value.size if op == "mean" else 1)
    raise ValueError(op)


def spread(edge: Edge) -> Array:
    """The upstream gradient of a sum, at each of its terms."""
    G = edge.upstream
    if edge.node.axis is not None and not edge.node.keepdims:
        G = np.expand_dims(G, edge.node.axis)
    return np.asarray(np.broadcast_to(G, edge.x.shape))


Route: TypeAlias = tuple[tuple[Node, int], ...]


def routes(root: Node, name: str) -> list[Route]:
    """The ways from the root of an expression to each place where a name stands."""
    if root.op == "name":
        return [()] if root.name == name else []
    return [
        ((root, index), *rest)
        for index, part in enumerate(root.args)
        for rest in routes(part, name)
    ]


@dataclass(frozen=True, eq=False)
class Program:
    """A lesson file as this package reads it."""

    name: str
    file: Path
    lines: tuple[Line, ...]
    leaves: dict[str, Array]
    loss: str
    parameters: tuple[str, ...]
    rate: float
    by_target: dict[str, Line]

    def consumers(self, name: str) -> list[Line]:
        """The lines on a way to the loss that read a name."""
        reaching = {self.loss}
        for line in reversed(self.lines):
            if line.target in reaching:
                reaching.update(line.root.names)
        return [line for line in self.lines if line.target in reaching and name in line.root.names]


def read(file: Path) -> Program:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    texts = [text for text in content["program"].splitlines() if text.split("#")[0].strip()]
    lines = tuple(
        Line(target.strip(), parse(expression))
        for target, expression in (text.split("=", 1) for text in texts)
    )
    return Program(
        name=file.stem,
        file=file,
        lines=lines,
        leaves={name: np.asarray(value, float) for name, value in content["values"].items()},
        loss=content["loss"],
        parameters=tuple(content.get("parameters", ())),
        rate=float(content.get("learning_rate", 0.001)),
        by_target={line.target: line for line in lines},
    )
