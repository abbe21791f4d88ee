"""The parts of a lesson in a line, with how far each has come."""

from collections.abc import Mapping

from textual.content import Content

from bptutor.literals import Part
from bptutor.service.words import PARTS, numbered
from bptutor.tui.symbols import Look, Symbols
from bptutor.views.lesson import Place
from bptutor.views.quiz import Outcome

NUMBERS = "".join(str(number) for number, _ in enumerate(PARTS, 1))
"""The parts by their numbers."""


def mark_of(place: Place | None, symbols: Symbols) -> str:
    """Whether a part is finished, begun or new; nothing where there is none."""
    if place is None:
        return ""
    if place.done:
        return symbols.done
    return symbols.begun if place.answered else symbols.new


def marks(parts: Mapping[Part, Place], symbols: Symbols) -> str:
    """The marks of all parts behind their numbers; those of several lessons align."""
    texts = (
        f"{number}{mark_of(parts[part], symbols)}" if part in parts else "  "
        for number, part in enumerate(PARTS, 1)
    )
    return " ".join(texts)


def outcome_mark(of: Outcome, symbols: Symbols) -> str:
    """The mark of a past attempt."""
    if of == "shown":
        return symbols.stages[of]
    return symbols.mark("exact" if of == "product" else of)


def come(place: Place) -> int:
    """The steps of a part that are behind the learner."""
    return place.steps if place.done and not place.answered else place.answered


def count(place: Place) -> str:
    return f"{come(place)}/{place.steps}" if come(place) else str(place.steps)


def column(parts: Mapping[Part, Place], symbols: Symbols) -> str:
    """The marks of all parts side by side, as they stand under `NUMBERS`."""
    return "".join(mark_of(parts.get(part), symbols) or " " for part in PARTS)


def strip(parts: Mapping[Part, Place], here: Part, look: Look) -> Content:
    """All parts by name; the one that is open or chosen stands in brackets."""
    texts = []
    for part in PARTS:
        text = f"{look.words(numbered(part))} {mark_of(parts.get(part), look.symbols)}".rstrip()
        texts.append(Content(f"[{text}]").stylize("bold") if part == here else Content(f" {text} "))
    return Content(" ").join(texts)
