"""How much a formula, a program or a file may ask for: every limit, and the sentence that names it.

The text, the tree and the shapes are held against these before anything is computed, so that
whatever is typed or opened is refused at once or worked out in bounded time and memory.
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

MOST_DEPTH = 200  # of a tree; a sum of 200 names has it. Functions that walk it recurse.

GRADIENT_TOO_DEEP = Message(
    "a gradient here is nested more than {most} deep; split the line", most=MOST_DEPTH
)

MOST_NESTING = 60
NESTED_TOO_DEEPLY = Message("This is nested too deeply; simplify it.")

LARGEST_NUMBER = 1e300
LARGEST_OPTION = 10**9
NUMBER_TOO_LARGE = Message("This number is too large.")

MOST_EXPONENT = 64  # the largest exponent, up or down, of a power, and of a power of a power in all
EXPONENT_TOO_LARGE = Message(
    "An exponent here must be a number of at most {most}.", most=MOST_EXPONENT
)
POWERS_TOO_LARGE = Message(
    "The exponents of nested powers multiply; here their product may be at most {most}.",
    most=MOST_EXPONENT,
)

# Of a program.

MOST_PROGRAM_CHARACTERS = 200_000
PROGRAM_TOO_LONG = Message(
    "the program is longer than {most} characters; write it shorter", most=MOST_PROGRAM_CHARACTERS
)

MOST_ASSIGNMENTS = 500
TOO_MANY_ASSIGNMENTS = Message(
    "the program has more than {most} assignments; make it shorter", most=MOST_ASSIGNMENTS
)

MOST_LINE_PARTS = 100
LINE_OF_TOO_MANY_PARTS = Message(
    "the line has more than {most} parts; split it into assignments", most=MOST_LINE_PARTS
)

MOST_READS = 6  # of one name in a line: what can go wrong at each place is tried for all of them
READ_TOO_OFTEN = Message(
    "the line uses a name more than {most} times; split it into assignments", most=MOST_READS
)

MOST_PROGRAM_PARTS = 10_000  # each is at least one operation of TensorFlow, in every forward pass
PROGRAM_OF_TOO_MANY_PARTS = Message(
    "the program has more than {most} parts; make it shorter", most=MOST_PROGRAM_PARTS
)

MOST_DERIVED_PARTS = 30_000  # of all derivatives of a program; 500 lines have 12,000
DERIVED_TOO_LONG = Message(
    "the formulas of the steps have more than {most} parts; make the program shorter",
    most=MOST_DERIVED_PARTS,
)

MOST_NAME = 60  # characters of a name; the name of a gradient has two of them
NAME_TOO_LONG = Message("a name has more than {most} characters; shorten it", most=MOST_NAME)

MOST_AXES = 8  # of one tensor; many operations of TensorFlow take no more
TOO_MANY_AXES = Message("a tensor here has more than {most} axes; use fewer", most=MOST_AXES)

MOST_ELEMENTS = 10_000_000  # of one tensor

MOST_FORMULA_ELEMENTS = 20_000_000  # of all tensors that a typed formula makes on the way
FORMULA_TOO_LARGE = Message(
    "this makes tensors with more than {most} elements in total; use smaller ones",
    most=MOST_FORMULA_ELEMENTS,
)

MOST_FORMULA_WORK = 1_000_000_000  # multiplications and additions of a typed one: about 1 s
FORMULA_TOO_LABORIOUS = Message(
    "this takes more than {most} multiplications; use smaller matrices", most=MOST_FORMULA_WORK
)

MOST_PROGRAM_ELEMENTS = 2_000_000  # of all tensors; a lesson is run on dozens of sets of values
PROGRAM_TOO_LARGE = Message(
    "the program makes tensors with more than {most} elements in total; make them smaller",
    most=MOST_PROGRAM_ELEMENTS,
)

MOST_PROGRAM_WORK = 200_000_000  # multiplications and additions of one forward pass
PROGRAM_TOO_LABORIOUS = Message(
    "the program takes more than {most} multiplications; make its matrices smaller",
    most=MOST_PROGRAM_WORK,
)

MOST_READINGS = 16  # how many readings of a formula with `·` are tried where both @ and * fit

# Of a file.

MOST_LESSON_BYTES = 1_000_000  # a matrix of 784x64 takes 0.6 MB

MOST_KEYS = 5_000  # a program of 500 assignments with two languages of notes takes 4,000
TOO_MANY_KEYS = Message("the file has more than {most} keys; remove some", most=MOST_KEYS)

MOST_VALUES = 200_000  # numbers and texts; a file of 1 MB has as many numbers as short as 0.5
TOO_MANY_VALUES = Message(
    "the file has more than {most} numbers and texts; remove some", most=MOST_VALUES
)

MOST_KEY_PARTS = 8  # of a dotted key: the time to read it grows with their square
KEY_OF_TOO_MANY_PARTS = Message("a key has more than {most} parts; shorten it", most=MOST_KEY_PARTS)

MOST_LISTS = 16
LISTS_TOO_DEEP = Message("its lists are nested deeper than {limit}; flatten it", limit=MOST_LISTS)

MOST_DIGITS = 100
WORD_TOO_LONG = Message(
    "a number or a key has more than {most} characters; shorten it", most=MOST_DIGITS
)

MOST_MARKS = 30
"""Combining marks in a row, as in Unicode's stream-safe text: the time to compose a text grows
with the square of their number."""
TOO_MANY_MARKS = Message(
    "has more than {most} combining marks in a row; remove them", most=MOST_MARKS
)

MOST_WRONG_ANSWERS = 200  # that the author foresees
TOO_MANY_WRONG_ANSWERS = Message(
    "`mistakes` has more than {most} tables; remove some", most=MOST_WRONG_ANSWERS
)

MOST_HEADING = 200
MOST_TEXT = 10_000  # characters of a heading, and of any other text

# Of a Keras model, and of its examples.

MOST_MODEL_BYTES = 100_000_000
"""Of the file, and of its weights: 4 million of them, and two moments of an optimizer for each,
in float64."""

MOST_CONFIG_BYTES = 4_000_000

MOST_LAYERS = 500
TOO_MANY_LAYERS = Message(
    "has more than {most} layers; bptutor supports smaller models", most=MOST_LAYERS
)

MOST_CONNECTIONS = 2_000
TOO_MANY_CONNECTIONS = Message(
    "has more than {most} connections between layers; bptutor supports smaller models",
    most=MOST_CONNECTIONS,
)

MOST_WEIGHTS = 4_000_000  # one of half that size takes the engine a gigabyte
TOO_MANY_WEIGHTS = Message(
    "has more than {most} weights; bptutor supports smaller models", most=f"{MOST_WEIGHTS:,}"
)

MOST_WEIGHT_PARTS = 10_000  # datasets and groups in the file of weights; a layer has some ten

MOST_DATA_BYTES = 100_000_000  # of a file of examples, and of an array that has to be read whole

MOST_RATIO = 100
MOST_UNPACKED = 10_000_000  # of a part of an archive, or so many times its stored size
