"""The table, and where it misses the targets of the issue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from statistics import median

from tools.outside.measure import Outcome

WRONG = ("catalogued", "settings", "carried", "pairs", "unnamed", "arithmetic")
CATEGORIES = (*WRONG, "right", "formulas")
NAMED = {"catalogued": 92.0, "settings": 80.0, "carried": 40.0, "pairs": 40.0}
"""Percent named at the least."""
FALSE, FALSE_PAIRS = 0.2, 0.5
"""Percent of answers falsely explained at the most."""
REFUSED = 2 / 3000
BY_SIGN = 2.0
"""Percent of formulas right only by sign or on these numbers that may be accepted."""
SEARCH = 150.0
"""Milliseconds that the search for unknown mistakes may add."""
CLASSES = (
    ("1 to 4 cells", 1, 4, 60.0),
    ("5 to 12 cells", 5, 12, 60.0),
    ("784 x 64", 13, 10**9, 500.0),
)
"""A size of answer, and the milliseconds that a diagnosis of it may take (median)."""
SHOWN = 60


def of(found: Iterable[Outcome], category: str) -> list[Outcome]:
    return [each for each in found if each.answer.category == category]


def percent(some: list[Outcome], counts: Callable[[Outcome], bool]) -> float:
    return 100 * sum(map(counts, some)) / len(some) if some else 0.0


def table(found: list[Outcome]) -> tuple[str, list[str]]:
    missed: list[str] = []
    lines = [*_wrong(found, missed), "", *_kinds(found), "", *_right(found, missed), ""]
    lines += [*_formulas(found, missed), "", *_times(found, missed)]
    return "\n".join(lines) + "\n", missed


def _row(name: str, some: list[Outcome]) -> str:
    asked = [each for each in some if each.answer.wanted]
    cells = [
        f"{len(some):,}",
        *(
            f"{percent(asked, counts):.1f}" if asked else ""
            for counts in (lambda each: each.named, lambda each: each.one_named)
        ),
        f"{percent(some, lambda each: each.silent):.1f}",
        f"{sum(each.false for each in some)} ({percent(some, lambda each: each.false):.2f} %)",
        f"{sum(each.surely_false for each in some)}"
        f" ({percent(some, lambda each: each.surely_false):.2f} %)",
    ]
    return f"| {name} | {' | '.join(cells)} |"


HEAD = (
    "| {} | n | named % | one named % | silent % | false | false, certain or likely |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)


def _wrong(found: list[Outcome], missed: list[str]) -> Iterator[str]:
    yield HEAD[0].format("wrong values")
    yield HEAD[1]
    for category in WRONG:
        some = of(found, category)
        yield _row(category, some)
        named = percent(some, lambda each: each.named)
        if some and named < NAMED.get(category, 0):
            missed.append(f"{category} named {named:.1f} %, not {NAMED[category]:.0f} %")
    every = [each for category in WRONG for each in of(found, category)]
    yield _row("all", every)
    pairs = of(every, "pairs")
    others = [each for each in every if each.answer.category != "pairs"]
    for name, some, most in (("pairs", pairs, FALSE_PAIRS), ("others", others, FALSE)):
        false = percent(some, lambda each: each.false)
        if false > most:
            missed.append(f"{name} falsely explained {false:.2f} %, not {most} %")
    accepted = sum(each.accepted for each in every)
    yield ""
    yield f"wrong values accepted: {accepted} of {len(every):,}"
    if accepted:
        missed.append(f"{accepted} wrong values accepted")
    affirmed = sum(each.verdict == "imprecise" for each in every)
    yield f"wrong values called right so far: {affirmed} of {len(every):,}"


def _kinds(found: list[Outcome]) -> Iterator[str]:
    yield HEAD[0].format("by kind")
    yield HEAD[1]
    for category in ("catalogued", "settings", "carried", "pairs"):
        some = of(found, category)
        for kind in sorted({each.answer.kind for each in some}):
            yield _row(f"{category}: {kind}", [e for e in some if e.answer.kind == kind])


def _right(found: list[Outcome], missed: list[str]) -> Iterator[str]:
    some = of(found, "right")
    refused = [each for each in some if not each.accepted]
    yield f"right values refused: {len(refused)} of {len(some):,}"
    yield f"right values explained: {sum(each.false for each in some)}"
    if some and len(refused) / len(some) > REFUSED:
        missed.append(f"{len(refused)} of {len(some):,} right values refused")


def _formulas(found: list[Outcome], missed: list[str]) -> Iterator[str]:
    some = of(found, "formulas")
    for kind in sorted({each.answer.kind for each in some}):
        mine = [each for each in some if each.answer.kind == kind]
        accepted = sum(each.accepted for each in mine)
        yield f"formulas, {kind}: {accepted} of {len(mine):,} accepted"
        if kind == "right" and accepted < len(mine):
            missed.append(f"{len(mine) - accepted} of {len(mine)} right formulas refused")
        if kind == "plainly wrong" and accepted:
            missed.append(f"{accepted} plainly wrong formulas accepted")
        if kind.startswith("only") and 100 * accepted > BY_SIGN * len(mine):
            missed.append(f"{accepted} of {len(mine)} formulas right {kind} accepted")


def _times(found: list[Outcome], missed: list[str]) -> Iterator[str]:
    """Of the large layer, without the time that reading its numbers takes."""
    values = [each for each in found if not each.answer.product]
    reading = [1000 * each.seconds for each in of(found, "large") if each.accepted]
    spent = median(reading) if reading else 0.0
    yield "milliseconds of processor time a diagnosis: median, 95 %, most"
    for explained in (True, False):
        for name, least, largest, most in CLASSES:
            some = [
                each
                for each in values
                if least <= each.answer.cells <= largest
                and bool(each.ids) == explained
                and not each.accepted
            ]
            large = all(each.answer.category == "large" for each in some)
            times = sorted(1000 * each.seconds - (spent if large else 0) for each in some)
            if not times:
                continue
            allowed = most if explained else most + SEARCH
            told = "explained" if explained else "not explained"
            middle, high = median(times), times[int(0.95 * (len(times) - 1))]
            yield f"{name}, {told}: {middle:.0f}, {high:.0f}, {times[-1]:.0f} (n {len(times)})"
            if middle > allowed:
                missed.append(f"{name}, {told}: median of {middle:.0f} ms, not {allowed:.0f}")
    if reading:
        yield f"784 x 64, reading and judging the numbers of a right answer: {spent:.0f}"


def listed(found: list[Outcome], category: str) -> Iterator[str]:
    for each in of(found, category):
        answer = each.answer
        if category == "right" or answer.kind == "right":
            told = None if each.accepted and not each.ids else "REFUSED"
        elif category == "formulas" or each.accepted:
            told = "ACCEPTED" if each.accepted else None
        elif each.false or each.surely_false:
            told = "false" if each.surely_false else "false?"
        else:
            told = None if each.named or not answer.wanted else "missed"
        if told:
            text = answer.text if len(answer.text) <= SHOWN else answer.text[: SHOWN - 1] + "…"
            wanted = " & ".join("/".join(sorted(ids)) for ids in answer.wanted)
            said = "; ".join(f"{sure} {'+'.join(sorted(ids))}" for sure, ids in each.claims)
            said = said or ", ".join(each.ids) or each.verdict
            yield (
                f"{told}: {answer.lesson} {answer.step} [{answer.label}] {text}"
                f" | wanted {wanted or 'none'} | said {said}"
            )
