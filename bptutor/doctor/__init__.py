"""What this machine and this terminal give the tutor, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from bptutor.text import Message


@dataclass(frozen=True)
class Finding:
    """One sentence on what is, and one on what to do."""

    code: str
    """The same in every language, for whoever reads many reports."""
    what: Message
    advice: Message
    mend: bool = True
    """Is something wrong? Else it is only worth knowing."""
