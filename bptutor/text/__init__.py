"""How things are said: messages and their translations, numbers as text. Knows nothing else."""

from __future__ import annotations

from bptutor.text.message import LANGUAGES, Clause, Message, UserError, catalogue, joined, sentences
from bptutor.text.numbers import shortest, significant

__all__ = [
    "LANGUAGES",
    "Clause",
    "Message",
    "UserError",
    "catalogue",
    "joined",
    "sentences",
    "shortest",
    "significant",
]
