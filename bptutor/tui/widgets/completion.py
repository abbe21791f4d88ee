"""What a name that is being typed may be going to be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.suggester import Suggester

from bptutor.service.messages import Known

_WORD = re.compile(r"[^\W\d]\w*$")


class Names(Suggester):
    """The quantities that are known, for the field in which a formula is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.knowns: Sequence[Known] = ()

    def matching(self, text: str) -> list[Known]:
        """What the word at the end of a text may become; nothing where it is whole already."""
        word = _WORD.search(text)
        if not word:
            return []
        begun = word.group()
        found = [known for known in self.knowns if known.typed.startswith(begun)]
        if not found:
            found = [each for each in self.knowns if each.typed.lower().startswith(begun.lower())]
        return [] if [each.typed for each in found] == [begun] else found

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed; only where the letters typed may stay."""
        word = _WORD.search(value)
        if word is None or any(known.typed == word.group() for known in self.knowns):
            return None
        for known in self.matching(value):
            if known.typed.startswith(word.group()):
                return value[: word.start()] + known.typed
        return None
