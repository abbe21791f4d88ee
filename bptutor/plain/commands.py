"""Commands: words that can be no answer, for they begin with a slash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bptutor.text import LANGUAGES, Message

SLASHES = ("/", "／")  # the second is what a Korean or Japanese keyboard may give
QUIT = Message("/quit")
HELP = ("?", "？")


@dataclass(frozen=True)
class Command:
    """One thing that can be done at a prompt."""

    word: Message
    """The word with its slash, as in `/hint`; the words of all languages are understood."""
    does: Message
    """What it does, for the list of commands."""
    do: Callable[[str], Awaitable[None]]
    """Do it; what is typed after the word is handed over."""
    takes: Message | None = None
    """What may be typed after the word."""

    def usage(self) -> Message:
        """A line of the list of commands."""
        if self.takes is None:
            return Message("{command}: {does}.", command=self.word, does=self.does)
        return Message(
            "{command} {argument}: {does}.",
            command=self.word,
            argument=self.takes,
            does=self.does,
        )


def is_command(line: str) -> bool:
    """Is a line a command, and no answer?"""
    return line.startswith(SLASHES) or line in HELP


def find(line: str, commands: Sequence[Command]) -> tuple[Command, str] | None:
    """The command that is typed, by its word or the beginning of it, and what follows the word."""
    word, _, argument = normalize("NFC", line).partition(" ")
    word = "/" + word[1:].casefold()
    spelled = [(spelling, each) for each in commands for spelling in _spellings(each)]
    found = {each for spelling, each in spelled if spelling == word}
    if not found and len(word) > 1:
        found = {each for spelling, each in spelled if spelling.startswith(word)}
    return (found.pop(), argument.strip()) if len(found) == 1 else None


def quits(line: str) -> bool:
    """Is a line the command that quits?"""
    word = normalize("NFC", line.strip())
    return word.startswith(SLASHES) and word[1:].casefold() in (
        QUIT.to(language)[1:] for language in LANGUAGES
    )


def _spellings(command: Command) -> Iterator[str]:
    return (command.word.to(language) for language in LANGUAGES)


def index_of(text: str, most: int) -> int | None:
    """A number from 1 to `most` as an index; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most:
        return int(text) - 1
    return None
