"""What came of a case."""

from typing import Literal, TypeAlias

import msgspec

Result: TypeAlias = Literal["accepted", "refused", "fault", "hang", "died"]


class Outcome(msgspec.Struct, frozen=True):
    result: Result
    said: str
    """The sentence of a refusal, or the traceback of a fault."""
    seconds: float
    """Of processor time: the machine may be busy."""
    megabytes: int = 0
    """Of memory at most, all that is loaded included."""

    @property
    def sound(self) -> bool:
        return self.result in ("accepted", "refused")
