"""The many ways to write the same formula, and errors that point at the place."""

import pytest

from bptutor.language.errors import LanguageError
from bptutor.language.parse import parse_expression, parse_program
from bptutor.language.render import write

SPELLINGS = [
    ("∂L/∂W3", "dL_dW3"),
    ("dL/dW3", "dL_dW3"),
    ("dL / dW3", "dL_dW3"),
    ("∂L⁄∂W₃", "dL_dW3"),
    ("dL_dW3", "dL_dW3"),
    ("dL/dY * dY/dW3", "dL_dY * dY_dW3"),
    ("∂L/∂Y · ∂Y/∂W3", "dot(dL_dY, dY_dW3)"),
    ("a2ᵀ @ ∂L/∂Y", "a2.T @ dL_dY"),
    ("a2.T @ dL_dY", "a2.T @ dL_dY"),
    ("a2^T @ dL_dY", "a2.T @ dL_dY"),
    ("a2**T @ dL_dY", "a2.T @ dL_dY"),
    ("a2⊤ @ dL_dY", "a2.T @ dL_dY"),
    ("transpose(a2) @ dL_dY", "a2.T @ dL_dY"),
    ("a2.transpose() @ dL_dY", "a2.T @ dL_dY"),
    ("np.transpose(a2) @ dL_dY", "a2.T @ dL_dY"),
    ("tf.transpose(a2) @ dL_dY", "a2.T @ dL_dY"),
    ("tf.matmul(a2, dL_dY, transpose_a=True)", "a2.T @ dL_dY"),
    ("dL_dY * tape.gradient(Y, W3)", "dL_dY * dY_dW3"),
    ("dL_da1 * 1[Z1 ≥ 0]", "dL_da1 * (Z1 >= 0)"),
    ("tf.linalg.matmul(a2, dL_dY, transpose_a = True)", "a2.T @ dL_dY"),
    ("tf.matmul(dL_dY, W3, transpose_b=True)", "dL_dY @ W3.T"),
    ("tf.matmul(dL_dY, W3, transpose_b=False)", "dL_dY @ W3"),
    ("np.matmul(a, b)", "a @ b"),
    ("np.dot(a2.T, dL_dY)", "dot(a2.T, dL_dY)"),
    ("a2.T.dot(dL_dY)", "dot(a2.T, dL_dY)"),
    ("(a @ b).dot(c)", "dot(a @ b, c)"),
    ("outer(a2, dL_dY)", "outer(a2, dL_dY)"),
    ("np.outer(a2, dL_dY)", "outer(a2, dL_dY)"),
    ("2·x", "2 * x"),
    ("2 × x", "2 * x"),
    ("a ⊙ b", "a * b"),
    ("a ∘ b", "a * b"),
    ("tf.multiply(a, b)", "a * b"),
    ("np.add(a, b)", "a + b"),
    ("tf.subtract(a, b)", "a - b"),
    ("tf.divide(a, b)", "a / b"),
    ("tf.negative(a)", "-a"),
    ("a ÷ b", "a / b"),
    ("a − b", "a - b"),
    ("x²", "x ** 2"),
    ("x³", "x ** 3"),
    ("x⁻¹", "x ** -1"),
    ("x⁻¹⁰", "x ** -10"),
    ("x^2", "x ** 2"),
    ("x ^ (1/2)", "x ** 0.5"),
    ("tf.pow(x, 2)", "x ** 2"),
    ("np.power(x, 3)", "x ** 3"),
    ("tf.square(x)", "square(x)"),
    ("Z ≥ 0", "Z >= 0"),
    ("Z ≤ 0", "Z <= 0"),
    ("Z ≠ 0", "Z != 0"),
    ("tf.cast(Z > 0, tf.float32)", "Z > 0"),
    ("tf.cast(Z > 0, dtype=tf.float64)", "Z > 0"),
    ("x / tf.sqrt(tf.constant(2.0, tf.float64))", "x / sqrt(2)"),
    ("tf.constant(0.5, dtype=tf.float32) * x", "0.5 * x"),
    ("tf.constant(2.0) * x", "2 * x"),
    ("(Z > 0).astype(float)", "Z > 0"),
    ("(Z > 0).astype(np.float32)", "Z > 0"),
    ("np.where(Z > 0, 1, 0)", "where(Z > 0, 1, 0)"),
    ("tf.greater(Z, 0)", "Z > 0"),
    ("tf.reduce_sum(x, axis=0)", "sum(x, axis=0)"),
    ("tf.math.reduce_sum(x, axis=[0, 1], keepdims=True)", "sum(x, axis=(0, 1), keepdims=True)"),
    ("np.sum(x, axis=0)", "sum(x, axis=0)"),
    ("np.sum(x, axis=(0,), keepdims=1)", "sum(x, axis=0, keepdims=True)"),
    ("np.sum(x, 0)", "sum(x, axis=0)"),
    ("x.sum(axis=0)", "sum(x, axis=0)"),
    ("x.mean()", "mean(x)"),
    ("sum(x, axis=None, keepdims=False)", "sum(x)"),
    ("sum(x, axis=-1)", "sum(x, axis=-1)"),
    ("tf.reduce_mean(x)", "mean(x)"),
    ("K.mean(x, axis=1)", "mean(x, axis=1)"),
    ("∑(x)", "sum(x)"),
    ("Σ(x)", "sum(x)"),
    ("σ(x)", "sigmoid(x)"),
    ("σ * x", "σ * x"),
    ("√(x)", "sqrt(x)"),
    ("x/√2", "x / sqrt(2)"),
    ("√ x.T * x", "sqrt(x.T) * x"),
    ("ln(x)", "log(x)"),
    ("tf.math.log(x)", "log(x)"),
    ("math.exp(x)", "exp(x)"),
    ("tf.concat([a, b], axis=-1)", "concat(a, b)"),
    ("tf.concat([a, b], 1)", "concat(a, b, axis=1)"),
    ("tf.concat([a, b], axis=0)", "concat(a, b, axis=0)"),
    ("concat(a, b, c)", "concat(concat(a, b), c)"),
    ("tf.stack([a, b])", "concat(expand_dims(a, axis=0), expand_dims(b, axis=0), axis=0)"),
    ("np.concatenate([a, b, c], axis=1)", "concat(concat(a, b, axis=1), c, axis=1)"),
    ("np.hstack([a, b])", "concat(a, b)"),
    ("dL_dC[..., :3]", "dL_dC[..., :3]"),
    ("(a @ b)[:, :3]", "(a @ b)[:, :3]"),
    ("first(dL_dC, 3)", "dL_dC[..., :3]"),
    ("last(x, count=2)", "x[..., -2:]"),
    ("x[:, 1:4]", "x[:, 1:4]"),
    ("x[0:2, 1:]", "x[:2][:, 1:]"),
    ("x[..., 1:2, :]", "x[..., 1:2, :]"),
    ("x.reshape(2, 3)", "reshape(x, shape=(2, 3))"),
    ("tf.reshape(x, [-1])", "reshape(x, shape=(-1,))"),
    ("max(x)", "reduce_max(x)"),
    ("np.max(x, axis=1)", "reduce_max(x, axis=1)"),
    ("max(x, y)", "maximum(x, y)"),
    ("x ** y", "x ** y"),
    ("tf.pow(x, y + 1)", "x ** (y + 1)"),
    ("tf.nn.embedding_lookup(x, y)", "gather(x, y)"),
    ("dL_dC[:, -2:] @ W.T", "dL_dC[:, -2:] @ W.T"),
    ("tf.nn.relu(x)", "relu(x)"),
    ("ReLU(x)", "relu(x)"),
    ("tf.keras.activations.relu(x)", "relu(x)"),
    ("keras.activations.sigmoid(x)", "sigmoid(x)"),
    ("tf.keras.backend.softmax(x)", "softmax(x)"),
    ("tf.nn.leaky_relu(x, alpha=0.1)", "leaky_relu(x, alpha=0.1)"),
    ("leaky_relu(x, 0.2)", "leaky_relu(x)"),
    ("tf.nn.softmax(x, axis=-1)", "softmax(x)"),
    ("F.softmax(x, dim=1)", "softmax(x, axis=1)"),
    ("np.maximum(0, x)", "maximum(0, x)"),
    ("tf.one_hot(y, depth=3)", "one_hot(y, depth=3)"),
    ("２＊（Ｙ－Ｙ＿ｔｒｕｅ）", "2 * (Y - Y_true)"),
    ("٣ * x", "3 * x"),
    ("½ * x", "1 / 2 * x"),
    ("0.50", "0.5"),
    (".5", "0.5"),
    ("5.", "5"),
    ("007", "7"),
    ("00.5", "0.5"),
    ("1e-5", "1e-05"),
    ("-3", "-3"),
    ("- 3", "-3"),
    ("+x", "x"),
    ("  a\n + b  ", "a + b"),
    ("a\r\n+ b", "a + b"),
    ("\ta", "a"),
    ("a * -b", "a * (-b)"),
]


@pytest.mark.parametrize(("typed", "meant"), SPELLINGS)
def test_spellings(typed: str, meant: str) -> None:
    assert write(parse_expression(typed), "ascii") == meant


def test_names_that_are_known_are_not_taken_apart() -> None:
    assert write(parse_expression("dx / dy", {"dx", "dy"}), "ascii") == "dx / dy"
    assert write(parse_expression("dx / dy", {"dx"}), "ascii") == "dx_dy"
    assert write(parse_expression("K.dot(b)", {"K", "b"}), "ascii") == "dot(K, b)"


REFUSED = [
    ("", 1, 0, "Nothing is typed here yet"),
    ("0,5", 1, 0, "Write the decimal point as a point: 0.5, not 0,5."),
    ("2 * (0,5 + x)", 1, 4, "Write the decimal point"),
    ("a, b", 1, 0, "A comma has no meaning here; remove it."),
    ("2a", 1, 1, "An operator is missing between 2 and a; write a product as 2 * a."),
    ("2 a", 1, 2, "An operator is missing between 2 and a"),
    (
        "a2.T dL_dY",
        1,
        5,
        "An operator is missing between a2.T and dL_dY; write a product with *, a matrix product "
        "with @.",
    ),
    ("2(a + b)", 1, 1, "An operator is missing here; write a product with *."),
    (
        "(a)(b)",
        1,
        3,
        "An operator is missing here; write a product with *, a matrix product with @.",
    ),
    ("x²y", 1, 2, "An operator is missing between 2 and y"),
    ("W3(a + b)", 1, 0, "There is no function W3 here."),
    ("a + rellu(b)", 1, 4, "There is no function rellu here; did you mean relu?"),
    ("tf.exec(b)", 1, 0, "There is no function exec here"),
    ("∂L/∂Y + rellu(b)", 1, 8, "There is no function rellu here"),
    ("Xᵀ @ ∂L/∂Z1 + ?", 1, 14, "The character ? has no meaning here; remove it."),
    ("a +", 1, 2, "A value is missing after +."),
    ("a @ @ b", 1, 2, "A value is missing after @."),
    ("(a *) b", 1, 3, "A value is missing after *."),
    ("* a", 1, 0, "A value is missing before *."),
    ("sum(* a)", 1, 4, "A value is missing before *."),
    ("(a + (b", 1, 5, "This bracket is never closed; add the closing one."),
    ("a + b)", 1, 5, "This closing bracket has no opening one; remove it."),
    ("(a]", 1, 2, "This bracket does not match the opening one."),
    ("dL_dW = a.T @ b", 1, 6, "Leave out the name and the = sign; type only what follows it."),
    ("a and b", 1, 2, "The word and has no meaning here; write a mask as a comparison"),
    ("lambda", 1, 0, "The word lambda has no meaning here; remove it."),
    ("a < b < c", 1, 0, "a < b < c is not part of the notation"),
    ("x[0]", 1, 2, "Take a part as in x[:, 1:4]"),
    ("x[::2]", 1, 2, "Take a part as in x[:, 1:4]"),
    ("x[y:]", 1, 3, "The character : has no meaning here"),
    ("a.shape", 1, 0, "a.shape is not part of the notation"),
    ("True", 1, 0, "True is not part of the notation"),
    ("a // b", 1, 2, "A value is missing after /."),
    ("x ** 65", 1, 5, "An exponent here must be a number of at most 64."),
    ("x ** 65", 1, 5, "An exponent here must be a number of at most 64."),
    ("2 ** 2 ** 2", 1, 5, "An exponent here must be a number of at most 64."),
    ("pow(x, 2 * 3)", 1, 7, "An exponent here must be a number"),
    ("1e400", 1, 0, "This number is too large."),
    ("1 +\n 1e308", 2, 1, "This number is too large."),
    ("sum(a, b, c, d)", 1, 0, "Write it as sum(x, axis=None, keepdims=False)."),
    ("sum()", 1, 0, "Write it as sum(x"),
    ("maximum(x)", 1, 0, "Write it as maximum(x, y)."),
    ("sum(x, axes=0)", 1, 12, "Write it as sum(x"),
    ("sum(x, axis=0.5)", 1, 12, "Write it as sum(x"),
    ("sum(x, axis=y)", 1, 12, "An option must be a number, True or False."),
    ("sum(x, keepdims=2)", 1, 16, "Write it as sum(x"),
    ("leaky_relu(x, alpha=None)", 1, 20, "Write it as leaky_relu(x, alpha=0.2)."),
    ("leaky_relu(x, alpha=(1, 2))", 1, 20, "Write it as leaky_relu"),
    ("softmax(x, axis=True)", 1, 16, "Write it as softmax(x, axis=-1)."),
    ("one_hot(x, depth=0)", 1, 17, "Write it as one_hot(x, depth=3)."),
    ("tf.cast(x, tf.int32)", 1, 11, "Numbers here are float32 or float64."),
    ("cast(x)", 1, 0, "Write it as cast(x, float32)."),
    ("tf.constant(2, a, b)", 1, 0, "Write it as constant(2.0, float32)."),
    ('"a"', 1, 0, 'The character " has no meaning here; remove it.'),
    ("[1:2]", 1, 0, "A value is missing before [1:2]."),
    ("x + a:1", 1, 5, "The character : has no meaning here"),
    ("tf.concat([a], 1)", 1, 0, "Write it as concat(x, y, axis=-1)."),
    ("stack(a)", 1, 0, "Write it as stack(x, y, axis=0)."),
    ("a2' @ b", 1, 2, "' has no meaning here; write a transpose as .T."),
    ("2 * e^x", 1, 6, "Write a power of e as exp(x)."),
    ("ㅁ2.ㅅ @ b", 1, 0, "ㅁ is a Korean letter; switch the keyboard"),
    ("xⁿ", 1, 1, "The character ⁿ has no meaning here"),
    ("a\u200bb", 1, 1, "The character U+200B has no meaning here"),
    ("가중치 + 편향 편향", 1, 9, "An operator is missing between 편향 and 편향"),
    ("a +\n  b c", 2, 4, "An operator is missing between b and c"),
    ("a..b", 1, 1, "The character . has no meaning here; remove it."),
    (r"\frac{a}{b}", 1, 0, "bptutor does not read LaTeX"),
    ("|a|", 1, 0, "| has no meaning here; write an absolute value as abs(x)."),
    ("a.astype('float32')", 1, 9, "The character ' has no meaning here; remove it."),
]


@pytest.mark.parametrize(("typed", "line", "column", "says"), REFUSED)
def test_errors_say_what_and_where(typed: str, line: int, column: int, says: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_expression(typed)
    assert str(caught.value).startswith(says)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_name_that_is_known_is_no_function() -> None:
    with pytest.raises(LanguageError, match=r"W3 is not a function; write a product as W3 \*"):
        parse_expression("W3(a)", {"W3", "a"})


def test_a_program() -> None:
    program = parse_program(
        "# layer 1\nZ1 = X @ W1 + b1  # the sum\n\n# loss\n# mean\nL = mean((Z1 - Y) ** 2)\n"
    )
    assert [(a.target, a.line, a.section) for a in program.assignments] == [
        ("Z1", 2, "layer 1"),
        ("L", 6, "mean"),
    ]
    assert program.leaves == ("X", "W1", "b1", "Y")
    assert program.ancestors("L") == {"Z1", "X", "W1", "b1", "Y"}
    assert [a.target for a in program.consumers["Z1"]] == ["L"]


def test_names_of_a_program_are_what_they_are() -> None:
    (line,) = parse_program("v = dx / dt").assignments
    assert write(line.expression, "ascii") == "dx / dt"
    first, second = parse_program("Ｚ₁ = x\nσ = Z1 * sigmoid(Z1)").assignments
    assert (first.target, second.target) == ("Z1", "σ")
    assert second.inputs == ("Z1",)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 0, "the program is empty; it needs at least one assignment"),
        ("# only words", 1, 0, "the program is empty"),
        ("X @ W", 1, 0, "line 1 of the program: write an assignment here"),
        ("a = x\n  b * 2 = a", 2, 2, "line 2 of the program: write an assignment here"),
        ("a == x", 1, 0, "line 1 of the program: write an assignment here"),
        ("a = x\na = y", 2, 0, "line 2 of the program: a is assigned twice; use a new name"),
        (
            "a = b\nb = x",
            1,
            0,
            "line 1 of the program: b is used before it is assigned; move its assignment up",
        ),
        (
            "a = a + 1",
            1,
            0,
            "line 1 of the program: a is used before it is assigned; move its assignment up",
        ),
        ("a = x\n  b = a +* x", 2, 8, "line 2 of the program: A value is missing after +."),
        ("a = x ? y", 1, 6, "line 1 of the program: The character ? has no meaning here"),
        ("a? = x", 1, 1, "line 1 of the program: The character ? has no meaning here"),
        ("lambda = x", 1, 0, "line 1 of the program: lambda is a Python keyword"),
        ("a =", 1, 3, "line 1 of the program: Nothing is typed here yet"),
    ],
)
def test_errors_of_a_program(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_program(text)
    assert str(caught.value).startswith(says)
    assert (caught.value.line, caught.value.column) == (line, column)
