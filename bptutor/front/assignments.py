"""The way into the assignments of a class, and from one attempt to the next."""

from __future__ import annotations

from bptutor.front.tour import Tour
from bptutor.service.assignment_words import ANSWER_LATER


async def open_assignment(
    tour: Tour, name: str, password: str = "", *, again: bool = False
) -> None:
    """To an assignment: its cover, the item where it was left, or its end."""
    await tour.close()
    opened = await tour.client.open_assignment(name, password, again)
    await tour.arrive(opened.screen, remark=opened.remark)


async def begin(tour: Tour, password: str = "") -> None:
    """Begin the assignment whose cover is shown; with its password, where it takes one."""
    if password:
        await tour.client.open_assignment(tour.client.assignment, password, again=True)
    await tour.begin_exam()


async def no_answer(tour: Tour) -> None:
    """Say why the key of the answer does nothing."""
    tour.stage.say(ANSWER_LATER)


async def another_attempt(tour: Tour) -> None:
    """From the end of one attempt to the cover of the next."""
    await open_assignment(tour, tour.client.assignment, again=True)
