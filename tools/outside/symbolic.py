"""The gradient's formula at a step, and its spellings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.outside.mistakes.case import Case
from tools.outside.program import Array, Edge, Node, downstream, evaluate, routes

PRECEDENCE = {">": 0, ">=": 0, "<": 0, "<=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "neg": 3}
ATOM = 5


def name(text: str) -> Node:
    return Node("name", name=text)


def constant(value: float) -> Node:
    return Node("number", number=value)


def op(mark: str, *args: Node) -> Node:
    return Node(mark, args)


def turned(node: Node) -> Node:
    return node.args[0] if node.op == "T" else op("T", node)


def times(first: Node | None, second: Node) -> Node:
    return second if first is None else op("*", first, second)


def formula(case: Case) -> Node | None:
    """The chain-rule product of a backward step; None where this needs more than it can say."""
    total: Node | None = None
    for line in case.lines:
        loss = case.program.loss
        values: dict[Node, Array] = {}
        evaluate(line.root, case.env, values)
        for route in routes(line.root, case.name):
            G = None if line.target == loss else name(f"d{loss}_d{line.target}")
            numbers = case.working.upstream(line, case.env)
            for node, index in route:
                operands = [values[part] for part in node.args]
                edge = Edge(node, index, numbers, operands, values[node], line.target)
                numbers = downstream(edge)
                out = name(line.target) if node is line.root else node
                G = _step(edge, G, out)
            part = constant(1) if G is None else G
            total = part if total is None else op("+", total, part)
    if total is None:
        return None
    return total if evaluate(total, case.env).shape == case.shape else None


def _step(edge: Edge, G: Node | None, out: Node) -> Node | None:
    """The formula of `program.downstream`; a G of None is 1."""
    node, index = edge.node, edge.index
    x = node.args[index]
    other = node.args[1 - index] if len(node.args) > 1 else x
    one = constant(1)
    match node.op:
        case "+":
            return _summed(edge, G, edge.upstream)
        case "-":
            signed = G if index == 0 else op("neg", G or one)
            return _summed(edge, signed, edge.upstream)
        case "*":
            return _summed(edge, times(G, other), edge.upstream * edge.other)
        case "/" if index == 0:
            return _summed(edge, op("/", G or one, other), edge.upstream / edge.other)
        case "/":
            below = op("**", x, constant(2))
            whole = op("neg", op("/", times(G, other), below))
            return _summed(edge, whole, edge.upstream * edge.other)
        case "**":
            if G and G.op == "/" and G.args[0].op == "number":  # 2 x / n, not 1 / n * 2 x
                return op("/", op("*", constant(2 * G.args[0].number), x), G.args[1])
            return op("*", constant(2) if G is None else op("*", constant(2), G), x)
        case "@" if index == 0:
            return op("@", G or one, turned(other))
        case "@":
            return op("@", turned(other), G or one)
        case "neg":
            return op("neg", G or one)
        case "T":
            return turned(G or one)
        case "sigmoid":
            return op("*", times(G, out), op("-", one, out))
        case "tanh":
            return times(G, op("-", one, op("**", out, constant(2))))
        case "relu":
            return times(G, op(">", x, constant(0)))
        case "maximum":
            return times(G, op(">=", x, constant(0)))
        case "leaky_relu":
            shaped = op("-", one, op("*", constant(0.8), op("<=", x, constant(0))))
            return times(G, shaped)
        case "softplus":
            return times(G, op("sigmoid", x))
        case "softmax":
            mean = Node("sum", (times(G, out),), axis=-1, keepdims=True)
            return op("*", out, op("-", G or one, mean))
        case "log":
            return op("/", G or one, x)
        case "sqrt":
            return op("/", G or one, op("*", constant(2), out))
        case "abs":
            return times(G, op("sign", x))
        case "mean":
            return op("/", G or one, constant(edge.x.size / edge.value.size))
        case "sum":
            return G
    raise ValueError(node.op)


def _summed(edge: Edge, G: Node | None, numbers: Array) -> Node | None:
    shape = edge.x.shape
    if G is None or numbers.shape == shape or numbers.size < edge.x.size:
        return G
    if shape == ():
        return Node("sum", (G,))
    if len(shape) < numbers.ndim:
        return Node("sum", (G,), axis=0)
    return Node("sum", (G,), axis=shape.index(1), keepdims=True)


def text(node: Node, style: str = "plain") -> str:
    """The formula as it is typed: plain, `dots`, `signs` or as TensorFlow's functions."""
    parts = [text(part, style) for part in node.args]
    match node.op:
        case "name":
            return node.name
        case "number":
            return f"{node.number:g}"
        case "T":
            mark = "ᵀ" if style == "signs" else ".T"
            return f"{_inside(node.args[0], parts[0], ATOM)}{mark}"
        case "neg":
            return f"-{_inside(node.args[0], parts[0], 3)}"
        case "**":
            if style == "signs" and node.args[1].number == 2:
                return f"{_inside(node.args[0], parts[0], ATOM)}²"
            return f"{_inside(node.args[0], parts[0], ATOM)} ** {parts[1]}"
        case "@" if style == "functions":
            return _matmul(node)
        case mark if mark in PRECEDENCE:
            level = PRECEDENCE[mark]
            left = _inside(node.args[0], parts[0], level)
            right = _inside(node.args[1], parts[1], level + 1)
            return f"{left} {_mark(mark, style)} {right}"
        case "sum" | "mean":
            options = "" if node.axis is None else f", axis={node.axis}"
            options += ", keepdims=True" if node.keepdims else ""
            function = f"tf.reduce_{node.op}" if style == "functions" else node.op
            return f"{function}({parts[0]}{options})"
    return f"{node.op}({', '.join(parts)})"


def _mark(mark: str, style: str) -> str:
    if style == "dots" and mark in {"*", "@"}:
        return "·"
    if style == "signs" and mark == "*":
        return "×"
    return mark


def _matmul(node: Node) -> str:
    told = []
    options = ""
    for letter, part in zip("ab", node.args, strict=True):
        flipped = part.op == "T"
        told.append(text(part.args[0] if flipped else part, "functions"))
        options += f", transpose_{letter}=True" if flipped else ""
    return f"tf.matmul({', '.join(told)}{options})"


def _inside(node: Node, told: str, level: int) -> str:
    own = PRECEDENCE.get(node.op, 4 if node.op == "**" else ATOM)
    if node.op == "number" and node.number < 0:
        own = 3
    return f"({told})" if own < level else told


def rewritten(node: Node, rule: Callable[[Node], Node | None]) -> Node:
    """The rule wherever it applies, from the leaves up."""
    parts = tuple(rewritten(part, rule) for part in node.args)
    built = Node(node.op, parts, node.name, node.number, node.axis, node.keepdims)
    return rule(built) or built


def commuted(node: Node) -> Node | None:
    return op(node.op, *reversed(node.args)) if node.op in {"*", "+"} else None


def associated(node: Node) -> Node | None:
    """(a b) c as a (b c)."""
    for mark in ("*", "@"):
        if node.op == mark and node.args[0].op == mark:
            first, second = node.args[0].args
            return op(mark, first, op(mark, second, node.args[1]))
    return None


def expanded(node: Node) -> Node | None:
    """a (b - c) as a b - a c."""
    if node.op == "*" and node.args[1].op in {"-", "+"}:
        first, second = node.args[1].args
        return op(node.args[1].op, op("*", node.args[0], first), op("*", node.args[0], second))
    return None


def turned_twice(node: Node) -> Node | None:
    """A B as (Bᵀ Aᵀ)ᵀ."""
    if node.op != "@":
        return None
    first, second = node.args
    return op("T", op("@", turned(second), turned(first)))


def divided(node: Node) -> Node | None:
    """a / n as 1 / n * a."""
    if node.op == "/" and node.args[1].op == "number":
        return op("*", op("/", constant(1), node.args[1]), node.args[0])
    return None


def subtracted(node: Node) -> Node | None:
    """a - b as -(b - a)."""
    if node.op == "-":
        return op("neg", op("-", node.args[1], node.args[0]))
    return None


def spellings(node: Node) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for label, told in (
        ("plain", text(node)),
        ("commuted", text(rewritten(node, commuted))),
        ("re-associated", text(rewritten(node, associated))),
        ("expanded", text(rewritten(node, expanded))),
        ("transposed twice", text(rewritten(node, turned_twice))),
        ("divided first", text(rewritten(node, divided))),
        ("differences turned", text(rewritten(node, subtracted))),
        ("TensorFlow's functions", text(node, "functions")),
        ("dots", text(node, "dots")),
        ("signs", text(node, "signs")),
        ("commuted dots", text(rewritten(node, commuted), "dots")),
    ):
        if told not in seen:
            seen.add(told)
            yield label, told
