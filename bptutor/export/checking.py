"""The check of a notebook with blanks, which contains this class as it stands here.

An answer is rounded, and its salted hash is compared: the right number cannot be read. A lesson may
have Python's names, so the methods take Python's own from `builtins`.
"""

from typing import Any


class Check:
    """Compares answers with salted hashes of the right ones."""

    def __init__(self, salt: str, right: str, wrong: str, misshapen: str) -> None:
        self.salt, self.right, self.wrong, self.misshapen = salt, right, wrong, misshapen

    def __call__(
        self, where: str, value: "Any", shape: "Any", hashes: str, decimals: int | None = None
    ) -> None:
        import builtins as python

        import numpy

        found = numpy.asarray(value, "float64")
        if found.shape != shape:
            said = self.misshapen.format(where=where, shape=shape, given=found.shape)
            raise python.AssertionError(said)
        largest = numpy.abs(found).max(initial=0.0)
        pairs = python.zip(self.places(found.size), hashes.split(), strict=True)
        for place, expected in pairs:
            number = python.float(found.reshape(-1)[place])
            near = self.near(number, largest, decimals)
            if expected not in [self.hashed(where, place, text) for text in near]:
                at = ", ".join(f"{index}" for index in numpy.unravel_index(place, shape))
                at = f"[{at}]" if at else ""
                raise python.AssertionError(self.wrong.format(where=where, at=at, value=number))
        python.print(self.right.format(where=where), numpy.asarray(value), sep="\n")

    @staticmethod
    def places(size: int) -> "Any":
        """The elements that are compared; of a large tensor not all."""
        import builtins as python

        return python.range(0, size, 1 + size // 200)

    @staticmethod
    def near(number: float, largest: float, decimals: int | None) -> "Any":
        """What a number may stand for once it is rounded, the nearest first.

        It is rounded to so many decimals, or in steps of 0.1 %; its neighbours serve, too, since
        it may lie at an edge.
        """
        import builtins as python
        import math

        if not math.isfinite(number):
            return []
        size = python.abs(number)
        if decimals is not None:
            sign, middle, reach = "", python.round(number * 10**decimals), 1
        elif size <= 1e-8 or size <= 1e-6 * largest:
            return ["0"]
        else:
            sign, middle, reach = "-" if number < 0 else "+", python.round(1e3 * math.log(size)), 5
        away = python.sorted(python.range(-reach, reach + 1), key=python.abs)
        return [f"{sign}{middle + steps}" for steps in away]

    def hashed(self, where: str, place: int, text: str) -> str:
        import hashlib

        told = f"{where} {place} {text}".encode()
        return hashlib.pbkdf2_hmac("sha256", told, self.salt.encode(), 500).hex()[:8]
