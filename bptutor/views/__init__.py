"""What is shown, as data that travels; see `bptutor.service.protocol` for who asks for it."""

from msgspec import Struct


class Matrix(Struct, frozen=True):
    """Numbers in their shape, row after row. NaN stands for a number that may not be seen yet.

    In the part in symbols there are none, and the shape is all there is.
    """

    shape: list[int]
    values: list[float]
    dtype: str
