"""How much a formula or a program may ask for: every limit, and the sentence that names it.

The text, the tree and the shapes are held against these before anything is computed, so that
whatever is typed is refused at once or worked out in bounded time and memory.
"""

from bptutor.text import Message

MOST_CHARACTERS = 4_000
TOO_LONG = Message("This is longer than {most} characters; write it shorter.", most=MOST_CHARACTERS)

MOST_NODES = 400
TOO_MANY_PARTS = Message("This has more than {most} parts; write it shorter.", most=MOST_NODES)

GRADIENT_TOO_LONG = Message(
    "a gradient here has more than {most} parts; split the line, or use a name in fewer places",
    most=MOST_NODES,
)
"""What a lesson asks for can be typed: a derived formula keeps to what a typed one keeps to."""

MOST_NESTING = 60
NESTED_TOO_DEEPLY = Message("This is nested too deeply; simplify it.")

LARGEST_NUMBER = 1e300
LARGEST_OPTION = 10**9
NUMBER_TOO_LARGE = Message("This number is too large.")

MOST_EXPONENT = 64
"""The largest exponent, up or down, of a power, and of a power of a power in all."""
EXPONENT_TOO_LARGE = Message(
    "An exponent here must be a number of at most {most}.", most=MOST_EXPONENT
)
POWERS_TOO_LARGE = Message(
    "The exponents of nested powers multiply; here their product may be at most {most}.",
    most=MOST_EXPONENT,
)

MOST_PROGRAM_CHARACTERS = 200_000
PROGRAM_TOO_LONG = Message(
    "the program is longer than {most} characters; write it shorter", most=MOST_PROGRAM_CHARACTERS
)

MOST_ASSIGNMENTS = 500
TOO_MANY_ASSIGNMENTS = Message(
    "the program has more than {most} assignments; make it shorter", most=MOST_ASSIGNMENTS
)

MOST_ELEMENTS = 10_000_000
"""Of one tensor."""

MOST_FORMULA_ELEMENTS = 20_000_000
"""Of all tensors that a typed formula makes on the way."""
FORMULA_TOO_LARGE = Message(
    "this makes tensors with more than {most} elements in total; use smaller ones",
    most=MOST_FORMULA_ELEMENTS,
)

MOST_FORMULA_WORK = 1_000_000_000
"""Multiplications and additions of a typed formula: about a second."""
FORMULA_TOO_LABORIOUS = Message(
    "this takes more than {most} multiplications; use smaller matrices",
    most=MOST_FORMULA_WORK,
)

MOST_PROGRAM_ELEMENTS = 2_000_000
"""Of all tensors that a program makes; a lesson is worked out on some dozens of sets of values."""
PROGRAM_TOO_LARGE = Message(
    "the program makes tensors with more than {most} elements in total; make them smaller",
    most=MOST_PROGRAM_ELEMENTS,
)

MOST_PROGRAM_WORK = 200_000_000
"""Multiplications and additions of one forward pass."""
PROGRAM_TOO_LABORIOUS = Message(
    "the program takes more than {most} multiplications; make its matrices smaller",
    most=MOST_PROGRAM_WORK,
)

MOST_READINGS = 16
"""How many readings of a formula with `·` are tried where both @ and * fit."""
