"""A lesson that is quickly walked, and what is right at each of its steps, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TEXT = '''
program = """
z = w * x + b
L = (z - y) ** 2
"""
loss = "L"
parameters = ["w", "b"]
learning_rate = 0.1
[values]
w = 0.5
x = 3.0
b = 1.0
y = 2.0
'''


@dataclass(frozen=True)
class Answer:
    """What is typed at a step: the product (where it is asked) and the value."""

    step: str
    value: str
    product: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """As they stand on the screen, from above."""
        return (self.product, self.value) if self.product else (self.value,)


ANSWERS = (
    Answer("z", "2.5"),
    Answer("dz_dw", "3"),
    Answer("dz_db", "1"),
    Answer("L", "0.25"),
    Answer("dL_dz", "1", "2*(z - y)"),
    Answer("dL_dw", "3", "dL_dz * x"),
    Answer("dL_db", "1", "dL_dz"),
    Answer("w_new", "0.2"),
    Answer("b_new", "0.9"),
)
"""In the order of the steps."""


def write_lesson(folder: Path, number: int) -> Path:
    """The lesson as a file of its own, in which nobody has been."""
    path = folder / f"kills-{number}.toml"
    path.write_text(TEXT)
    return path
