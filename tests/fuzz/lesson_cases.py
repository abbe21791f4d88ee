"""Lesson files made in bad faith, and the sentence that each gets; some are sound all the same."""

from itertools import pairwise

from bptutor.language import limits
from bptutor.language.errors import LONGEST_QUOTE
from bptutor.text import Message

VERY = 900_000


def lesson(program: str, values: str = "x = 1.0", *, more: str = "", before: str = "") -> str:
    return (
        f'{before}program = """\n{program}\n"""\nloss = "L"\nparameters = ["x"]\n'
        f"[values]\n{values}\n{more}"
    )


def valued(x: str) -> str:
    return lesson("L = x", f"x = {x}")


def chain(count: int, line: str, start: str = "x") -> str:
    """So many assignments, each of which reads the one before it as `{h}`."""
    names = [start, *(f"h{number}" for number in range(count))]
    lines = [f"{name} = {line.format(h=h)}" for h, name in pairwise(names)]
    return "\n".join([*lines, f"L = sum({names[-1]})"])


def nested(times: int, before: str, after: str, inner: str = "x") -> str:
    return before * times + inner + after * times


def titled(title: str) -> str:
    return lesson("L = x", before=f'title = "{title}"\n')


SQUARE = "x = [[1.0, 2.0], [3.0, 4.0]]"
CUT = "k" * (LONGEST_QUOTE - 1) + "…"
TOO_LARGE = Message(
    "is larger than {limit} MB; make its matrices smaller",
    limit=limits.MOST_LESSON_BYTES // 1_000_000,
)

OF: dict[Message | str | None, dict[str, str]] = {
    limits.READ_TOO_OFTEN: {
        "dots of a matrix": lesson(f"L = sum({' · '.join(['x'] * 30)})", SQUARE),
        "outers": lesson(f"L = sum({nested(20, 'outer(', ', x)')})", "x = [1.0]"),
        "a long product": lesson(f"L = {' * '.join(['x'] * 40)}"),
    },
    limits.LINE_OF_TOO_MANY_PARTS: {
        "dots of a vector": lesson(f"L = sum({' · '.join(['x'] * 60)})", "x = [1.0, 2.0]"),
        "a long sum": lesson(f"L = {' + '.join(['x'] * 190)}"),
    },
    None: {
        "dots of many matrices": lesson(
            f"L = sum({' · '.join(f'x{n}' for n in range(20))})",
            "\n".join(f"x{n} = [[1.0, 2.0], [3.0, 4.0]]" for n in range(20)),
        ).replace('["x"]', '["x0"]'),
        "dots that fit": lesson(f"L = sum({' · '.join(['x'] * 5)})", SQUARE),
        "outers that fit": lesson(f"L = sum({nested(20, 'outer(', ', 2)')})", "x = [1.0]"),
        "powers line by line": lesson(chain(30, "{h} ** 64")),
        "axes that fit": lesson(chain(limits.MOST_AXES, "tanh(expand_dims({h}, 0))")),
        "transposes that fit": lesson("L = sum(x" + ".T" * 90 + ")", SQUARE),
        "a product": lesson(f"L = {' * '.join(['x'] * 6)}", "x = 2.0"),
        "a chain of 499": lesson(chain(499, "tanh({h})")),
        "an alias of 99": lesson(chain(99, "{h}")),
        "comments": lesson("# a\n" * 40_000 + "L = x"),
        "empty lines": lesson("\n" * 190_000 + "L = x"),
        "a name in 90 lines": lesson(
            "\n".join(f"h{n} = {'tanh(x)' if n == 0 else f'h{n - 1} * x'}" for n in range(90))
            + "\nL = h89"
        ),
        "names of one letter": lesson(
            "\n".join(f"{chr(0x4E00 + n)} = x" for n in range(400)) + "\nL = x"
        ),
        "numbers of physics": lesson("L = m * c * x", "m = 0.5\nc = 299792458.0\nx = 1e8"),
        "the longest text": lesson("L = x", before=f'introduction = "{"a " * 5_000}"\n'),
    },
    limits.GRADIENT_TOO_LONG: {
        "squares of squares": lesson(f"L = {nested(59, 'square(', ')')}"),
        "softmaxes": lesson(f"L = sum({nested(40, 'softmax(', ')')})", SQUARE),
        "a name in 250 lines": lesson(
            "\n".join(f"h{n} = {'tanh(x)' if n == 0 else f'h{n - 1} * x'}" for n in range(250))
            + "\nL = h249"
        ),
    },
    limits.PROGRAM_TOO_LARGE: {
        "one_hot": lesson("L = sum(one_hot(x, 10000000))"),
        "many one_hots": lesson(
            "\n".join(f"h{n} = one_hot(x, 99999)" for n in range(30)) + "\nL = sum(h0)"
        ),
        "doubling": lesson(chain(60, "concat({h}, {h})"), "x = [1.0]"),
    },
    limits.TOO_MANY_AXES: {
        "axes": lesson(f"L = sum({nested(50, 'expand_dims(', ', 0)')})"),
        "axes line by line": lesson(chain(490, "expand_dims({h}, 0)")),
    },
    limits.NESTED_TOO_DEEPLY: {
        "brackets": lesson(f"L = {nested(100, 'tanh(', ')')}"),
        "transposes": lesson("L = sum(x" + ".T" * 390 + ")", SQUARE),
    },
    limits.TOO_MANY_MARKS: {
        "combining marks in a name": lesson(f"L = a{chr(0x301) * 5000}"),
        "combining marks in a key": lesson("L = x", more=f'"a{chr(0x301) * 300_000}" = 1\n'),
    },
    limits.NAME_TOO_LONG: {
        "a name of many marks": lesson("L = " + "a\u0301" * 1900),
        "a long name": lesson("L = " + "x" * 3900, "x" * 99 + " = 1.0"),
    },
    limits.WORD_TOO_LONG: {
        "300 digits": valued("" + "9" * 300),
        "hexadecimal digits": valued("0x" + "f" * 200),
        "many hexadecimal digits": valued("0x" + "f" * VERY),
        "binary digits": valued("0b" + "1" * VERY),
        "decimals": valued("0." + "1" * VERY),
        "an exponent": valued("1e" + "9" * VERY),
        "digits with underscores": valued("" + "1_" * 450_000 + "1"),
        "digits in a row": valued(f"[{'9' * 300}, 1]"),
        "a long key": f"{'k' * VERY} = 1",
    },
    "Choose values that keep every assignment finite": {
        "a logarithm of 0": lesson("L = log(x)", "x = 0.0"),
        "numbers that overflow": lesson("L = exp(exp(exp(x)))", "x = 100.0"),
    },
    limits.TOO_MANY_VALUES: {
        "an array": valued(f"[{'1,' * 400_000}]"),
        "an array of rows": valued(f"[{'[1],' * 220_000}]"),
        "parameters": "parameters = ["
        + '"x",' * 240_000
        + "]\n"
        + lesson("L = x").replace('parameters = ["x"]\n', ""),
    },
    limits.LISTS_TOO_DEEP: {
        "lists in lists": valued(f"{nested(300_000, '[', ']', '')}"),
        "tables in tables": f"a = {nested(150_000, '{a = ', '}', '1')}",
    },
    limits.TOO_MANY_KEYS: {
        "arrays of tables": "[[a]]\n" * 150_000,
        "headers": "".join(f"[a{n}]\n" for n in range(100_000)),
        "an inline table": f"a = {{{','.join(f'a{n}=1' for n in range(90_000))}}}",
        "keys": lesson("L = x", "\n".join(f"k{n}=1" for n in range(80_000))),
        "quoted keys": lesson("L = x", "\n".join(f'"k{n}"=1' for n in range(70_000))),
        "notes": lesson("L = x", more="[notes]\n" + "\n".join(f'k{n}="n"' for n in range(70_000))),
        "dotted keys": "".join(f"a.b.c.d.e.f.g.k{n} = 1\n" for n in range(40_000)),
        "quotes": "title = '" * 100_000,
        "quotes of three": "a='''" * 190_000,
        "brackets alone": "[" * 999_000,
    },
    limits.KEY_OF_TOO_MANY_PARTS: {
        "a dotted key": f"{'.'.join('a' * 400_000)} = 1",
        "a dotted header": f"[{'.'.join('a' * 400_000)}]",
        "a dotted key in a table": f"q = {{{'.'.join('a' * 80_000)} = 1}}",
    },
    "not valid TOML": {
        "a string that is not closed": 'title = """' + 'a"' * 480_000,
        "escapes that are not closed": 'title = "' + '\\"' * 480_000,
        "spaces": "a=" + " " * 999_000,
        "zeros": "\0" * 1000,
        "a surrogate": 'title = "\\ud800"\n',
        "a date": "a = 9999-99-99",
    },
    "outer multiplies two vectors": {
        "outers that do not fit": lesson(
            f"L = sum({nested(2, 'outer(', ', x)')})", "x = [1.0, 2.0]"
        )
    },
    limits.PROGRAM_TOO_LONG: {
        "a long program": lesson(
            "\n".join(f"h{n} = {' + '.join(['x'] * 150)}" for n in range(400)) + "\nL = h0"
        )
    },
    limits.PROGRAM_OF_TOO_MANY_PARTS: {
        "many parts": lesson("\n".join(f"h{n} = x{' + 1' * 45}" for n in range(400)) + "\nL = h0")
    },
    limits.DERIVED_TOO_LONG: {
        "long derivatives": lesson(
            "\n".join(
                f"h{n} = softmax({' * '.join(f'x{n}_{k}' for k in range(50))})" for n in range(10)
            )
            + f"\nL = sum({' + '.join(f'h{n}' for n in range(10))})",
            "\n".join(f"x{n}_{k} = [1.0, 2.0]" for n in range(10) for k in range(50)),
        ).replace('["x"]', '["x0_0"]')
    },
    "`program` has more than 200 characters": {
        "a long section": lesson("# " + "가" * 300 + "\nL = x")
    },
    "gives infinity": {
        "the largest number": lesson("L = m * c * x", "m = 0.5\nc = 1e300\nx = 1e300")
    },
    f"`parameters` lists {CUT}": {
        "other parameters": lesson("L = x").replace('["x"]', f'["{"k" * VERY}"]')
    },
    "`introduction` has more than 10000 characters": {
        "a long text": lesson("L = x", before=f'introduction = "{"a b " * 200_000}"\n')
    },
    "`notes.L` has more than 10000 characters": {
        "a long note": lesson("L = x", more=f"[notes]\nL = '{'a b ' * 200_000}'\n")
    },
    "`notes` has more than 200 characters": {
        "a long key of a note": lesson("L = x", more=f'[notes]\n"{"k" * VERY}" = "n"\n')
    },
    "`notes.\\x1b[31m` contains a control character": {
        "an escape in a key of a note": lesson("L = x", more='[notes]\n"\\u001b[31m" = "n"\n')
    },
    "`program` contains a control character": {
        "an escape in the program": lesson("L = \\u001b[31m")
    },
}
ALONE: dict[str, tuple[str, Message | str | None]] = {
    "powers": (lesson(f"L = {nested(30, '(', ' ** 64)')}"), limits.POWERS_TOO_LARGE),
    "digits in the program": (lesson(f"L = x * {'9' * 301}"), limits.NUMBER_TOO_LARGE),
    "hexadecimal in the program": (lesson(f"L = x * 0x{'f' * 200}"), "An operator is missing"),
    "a chain of 8000": (lesson(chain(8000, "{h}")), limits.TOO_MANY_ASSIGNMENTS),
    "marks that are not in a row": (titled(("a" + "\u0301" * 30) * 5_000), "`title` has more than"),
    "20 MB": ("#" * 20_000_000, TOO_LARGE),
    "an array of other rows": (valued(f"[{'[1,2],' * 90_000}[1]]"), "differ in length"),
    "a long quoted key": (f'"{"k" * VERY}" = 1', f"unknown key `{CUT}`"),
    "comment lines": ("#\n" * 499_000, "`program` is missing"),
    "a long title": (titled("가" * 300_000), "`title` has more than 200 characters"),
    "an escape in a text": (titled("\\u001b[31m"), "`title` contains a control character"),
}
"""What each is told; None of those that are taken."""
CASES = ALONE | {name: (each, says) for says, cases in OF.items() for name, each in cases.items()}
