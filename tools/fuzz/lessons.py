"""Lesson files: drawn by the grammar, or sound ones with damaged bytes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

from bptutor.cli import main
from bptutor.engine.agreement import disagreements
from bptutor.engine.keras import open_lesson
from bptutor.language.ops import operations
from bptutor.language.parse import parse_expression
from bptutor.language.shapes import infer_shape
from bptutor.lesson.find import available, directory
from bptutor.lesson.lint import lint
from bptutor.quiz.choosing import advice
from bptutor.service.log import state_directory
from bptutor.text import UserError
from bptutor.views.lesson import StepView
from tests.service.desk import Desk
from tools.fuzz.damage import damaged

PIECES = [
    *("x", "W", "L", "dL_dx", "lr", "lambda", "__class__", "True", "None", "nan", "inf"),
    *("=", "==", "@", "+", "-", "*", "**", "(", ")", "[", "]", "{", "}", ",", ".", ":", "·"),
    *("'", '"', "'''", '"""', "\\", "#", "\n", "\t", " ", "\x00", "\x1b", "\ufeff", "\u202e"),
    *("0", "1", "-1", "1e999", "1e-999", "0x1f", "1_000", "true", "2026-11-24", "9" * 101),
    *("sum(", "softmax(", "axis=", "one_hot(", ".T", "σ", "∂", "²", "한글", "😀", "e\u0301"),
    *("[[[[[[", "]]]]]]", "[[]]", "{ a = 1 }", "[values]", "[notes]", "program", "title.en"),
    *("\\u001b[31m", "\\ud800", "[" * 20, "a." * 9, "(" * 61, "\u0301" * 31, "x" * 61),
]
NUMBERS = ("0", "1", "-1", "2", "0.5", "3", "64", "1e-300", "1e300", "1e9", "-0.0", "0.1", "1e-8")
SIDES = (1, 1, 2, 2, 3, 4)
UPDATES = (
    *(
        '"sgd"',
        '"sgd"',
        '"sgd"',
        '"momentum"',
        '"adam"',
        '"nesterov"',
        '"rmsprop"',
        "{ global_clipnorm = 1e-8 }",
    ),
    '{ rule = "adam", clipnorm = 1, weight_decay = 0.1, epsilon = 1e300 }',
)


def made(random: Random) -> tuple[str, bytes]:
    """A lesson by the grammar, or one of those that come along with some damage."""
    if random.random() < 0.6:
        text = _drawn(random)
        content = text.encode("utf-8", "surrogatepass")
        return "drawn.toml", damaged(random, content, PIECES) if random.random() < 0.2 else content
    path = directory() / f"{random.choice(available())}.toml"
    return "damaged.toml", damaged(random, path.read_bytes(), PIECES)


def attempt(path: Path) -> str:
    """Lint it as `bptutor lint` does, show and export it, open it, and go some steps."""
    lesson = open_lesson(str(path))
    findings = [*lint(lesson), *disagreements(lesson), *advice(lesson)]
    command("show", str(path))
    for ending in ("html", "ipynb"):
        command("export", str(path), str(path.with_suffix(f".{ending}")), "--force")
    desk = Desk.anew()
    view = desk.opened(str(path), resume=False).view
    for _ in range(STEPS):
        cells = ["1"] * len(view.grid.asked)
        for asked in (desk.tutor.check("x · x", cells, "both"), desk.tutor.hint()):
            desk.screen(asked)
        desk.ask(desk.tutor.knowns())
        desk.ask(desk.tutor.picture())
        desk.ask(desk.tutor.explain())
        desk.screen(desk.tutor.show())
        screen = desk.screen(desk.tutor.go("next"))
        if not isinstance(screen, StepView):
            break
        view = screen
    wrong = [finding for finding in findings if finding.code == "product-disagrees"]
    assert not wrong, [finding.message.to("en") for finding in wrong]
    return f"{view.total} steps"


STEPS = 4


def command(*arguments: str) -> None:
    """Run a command, which must succeed or refuse."""
    if main(arguments) not in (0, 1, 2):
        reports = sorted(
            state_directory().glob("fault-*.log"), key=lambda file: file.stat().st_mtime
        )
        raise AssertionError(reports[-1].read_text())


# ── by the grammar ────────────────────────────────────────────────────────────────────────────


def _drawn(random: Random) -> str:
    """A program whose shapes fit more often than not, with values for its leaves."""
    rows, inner, columns = (random.choice(SIDES) for _ in range(3))
    shapes: dict[str, tuple[int, ...]] = {
        "X": (rows, inner),
        "W": (inner, columns),
        "V": (inner, inner),
        "b": (columns,),
        "s": (),
    }
    known = dict(shapes)
    lines: list[str] = []
    count = random.choice((1, 2, 3, 5, 8, 40, 499)) if random.random() < 0.3 else 3
    for number in range(count):
        names = [*known][-8:] + [*shapes][: random.choice((0, 5))]
        text = _fitting(random, names, known, random.choice((1, 2, 3)))
        lines.append(f"h{number} = {text}")
    last = _fitting(random, [*known][-4:], known, 1)
    lines.append(f"L = {random.choice(('sum', 'mean'))}({last})")
    program = "\n".join(lines)
    used = [name for name in shapes if name in program]
    values = "\n".join(f"{name} = {_value(random, shapes[name])}" for name in used)
    parameters = ", ".join(f'"{name}"' for name in used if random.random() < 0.5)
    dtype = random.choice(("float32", "float64"))
    return (
        f'title = "Drawn"\nprogram = """\n{program}\n"""\nloss = "L"\n'
        f'parameters = [{parameters}]\ndtype = "{dtype}"\n'
        f"update = {random.choice(UPDATES)}\n[values]\n{values}\n"
    )


def _fitting(
    random: Random, names: list[str], known: dict[str, tuple[int, ...]], depth: int
) -> str:
    """An expression whose shapes fit, unless none of some tries does, or by chance."""
    for _ in range(10):
        text = _expression(random, names, depth)
        with suppress(UserError):
            known[f"h{len(known) - 5}"] = infer_shape(parse_expression(text), known)
            return text
        if random.random() < 0.01:
            break
    return text


def _expression(random: Random, names: list[str], depth: int) -> str:
    if depth == 0 or random.random() < 0.15:
        return random.choice(names) if random.random() < 0.8 else random.choice(NUMBERS)
    kind = random.random()
    if kind < 0.05:  # the same over and over
        sign = random.choice((" + ", " * ", " @ ", " · ", " - ", " / "))
        return "(" + sign.join([random.choice(names)] * random.choice((5, 30, 190))) + ")"
    inner = _expression(random, names, depth - 1)
    if kind < 0.1:
        times = random.choice((3, 20, 55))
        wrappers = [
            *(("tanh(", ")"), ("softmax(", ")"), ("(", " ** 2)"), ("outer(", f", {names[0]})")),
            *(("expand_dims(", ", 0)"), ("(", ").T"), ("-", ""), ("concat(", f", {inner})")),
        ]
        before, after = random.choice(wrappers)
        return before * times + inner + after * times
    if kind < 0.5:
        sign = random.choice(("+", "-", "*", "/", "@", "@", "·", ">", "**"))
        return f"({inner} {sign} {_expression(random, names, depth - 1)})"
    return _call(random, names, inner, depth)


def _call(random: Random, names: list[str], inner: str, depth: int) -> str:
    operation = random.choice([each for each in operations().values() if not each.infix])
    others = [_expression(random, names, depth - 1) for _ in range(operation.arity - 1)]
    options = [
        f"{name}={random.choice(_OPTIONS[parameter.kind])}"
        for name, parameter in operation.options.items()
        if random.random() < 0.6
    ]
    return f"{operation.key}({', '.join([inner, *others, *options])})"


_OPTIONS = {
    "axis": ("0", "1", "-1", "2", "-9"),
    "axes": ("0", "1", "-1", "None", "(0, 1)", "(1, 1)"),
    "shape": ("(-1,)", "(2, 2)", "(1, -1)", "3", "(-1, -1)", "(1000000000, 9)", "(0,)"),
    "place": ("0", "1", "-1", "3", "1000000000", "None"),
    "flag": ("True", "False"),
    "count": ("1", "2", "3", "100000", "1000000000"),
    "number": ("0.1", "0", "-1", "1e9"),
}


def _value(random: Random, shape: tuple[int, ...]) -> str:
    if shape:
        return "[" + ", ".join(_value(random, shape[1:]) for _ in range(shape[0])) + "]"
    if random.random() < 0.1:
        return random.choice(NUMBERS)
    return f"{random.uniform(-2, 2):.3f}"
