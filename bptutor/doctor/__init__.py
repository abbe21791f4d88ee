"""Diagnosis of this machine, this terminal and the learner's folders."""

from dataclasses import dataclass

from bptutor.text import Message

MB = 1_000_000


@dataclass(frozen=True)
class Finding:
    """A fact, and what to do about it."""

    code: str  # the same in every language
    what: Message
    advice: Message
    mend: bool = True  # Is something wrong? Else it is only worth knowing.
