"""The words that all parts of bptutor have for a kind of step, a verdict, a stage and the like."""

from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "forward", "local", "backward", "optimizer", "update", "goal", "order", "memory", "code"
]
"""Of a step. optimizer: what an optimizer computes for an update."""
OF_PROGRAM: tuple[Kind, ...] = ("forward", "local", "backward", "optimizer", "update")
"""The kinds of steps that are about one quantity; the others are about all of them, or code."""
IN_LETTERS = OF_PROGRAM[1:]
"""Those of which a formula may be asked."""
Part: TypeAlias = Literal["derive", "tape", "keras"]
"""The parts of the course: in symbols, in numbers with the tape, in Keras."""
Asks: TypeAlias = Literal["all", "formula", "nothing"]
"""What a lesson asks at a step: formula and numbers; the formula alone, if it has one; nothing."""
Ask: TypeAlias = Literal["all", "backward", "products", "values"]
"""What a learner is asked in a lesson."""
Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]
Stage: TypeAlias = Literal["open", "solved", "shown", "worked", "waiting"]
"""open: being asked; solved: by the learner; shown: the answer was asked for; worked: not asked,
worked out by the tutor; waiting: to be worked out once TensorFlow is there."""
Support: TypeAlias = Literal["example", "line", "alone"]
"""What a question comes with: a worked example first; the chain rule; nothing."""
Target: TypeAlias = Literal["here", "next", "question", "summary"]
"""Where one goes in a lesson or a quiz, besides a step by its index."""
Judged: TypeAlias = Literal["product", "value", "both"]
"""What of an answer is to be checked."""

Direction: TypeAlias = Literal["down", "up", ""]
"""Which way the signal travels at a step."""
Signal: TypeAlias = Literal["waiting", "down", "up", "silent"]
"""On a line: nothing has come yet; a value has passed; the error signal has come back; what has
passed is 0."""
Life: TypeAlias = Literal["", "off", "dead"]
"""Of a unit whose slope is 0: in the example that is shown, or in all of them."""
Role: TypeAlias = Literal["data", "layer", "loss"]
"""Of a column of units."""
Rating: TypeAlias = Literal["again", "hard", "good"]
"""How a review went, in FSRS' terms. Its fourth, easy, is for answers without any thought;
arithmetic by hand is never that."""
