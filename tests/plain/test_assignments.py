"""Assignments in text mode: the list, the cover, the items, what is shown at the end."""

import io
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.plain.dialogue import Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.service.paper_file import Watch
from bptutor.service.papers import PaperPlace
from bptutor.service.protocol import Event, Hello
from bptutor.text import Message
from tests.classroom.people import MINUTE, NINE
from tests.near import Near
from tests.plain.script import DRAWN
from tests.service.classroom import Class


@pytest.fixture
def class_(tmp_path: Path) -> Iterator[Class]:
    with Class.at(tmp_path) as made:
        yield made


async def talk(
    class_: Class, *typed: str, assignment: str = "", language: str = "en", login: str = "anna"
) -> str:
    """Type lines, to the end of the input; what is said."""
    out = io.StringIO()
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as keyboard:
        keyboard.writelines(f"{line}\n" for line in typed)
    dialogue = Dialogue(
        lambda hear: Near(hear, make=lambda tell: class_.tutor(tell, login)),
        Hello(__version__, language, "unicode"),
        out,
        Lines(reading),
        0,
    )
    mode = TextMode(dialogue, None, "tape")
    try:
        await mode.begin(None, None, assignment)
        await mode.go_on()
        await mode.tour.keep_draft(unsaid=True)
    finally:
        os.close(reading)
    assert not DRAWN.search(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_list_leads_to_the_rules_and_these_to_the_items(
    class_: Class, language: str
) -> None:
    command = Message("/assignments").to(language)
    do = Message("/do").to(language)
    said = await talk(class_, command, f"{do} 1", "", language=language)
    assert "Backward by hand (homework)" in said
    assert "Midterm (midterm)" in said
    _, _, after = said.partition(Message("You can do the items in any order.").to(language))
    assert Message("Press Enter to begin.").to(language) in after
    assert Message("a right answer gives {credit} of 1 point", credit=1).to(language) in after


async def test_an_exam_is_begun_answered_and_submitted_by_one_command(class_: Class) -> None:
    class_.now = NINE
    said = await talk(class_, "", "/hand-in", "1", "/items", assignment="midterm")
    assert "There are no hints and no verdicts before you submit." in said
    assert "45 minutes left." in said
    assert "Midterm\nBefore you submit:" in said
    class_.now += 10 * MINUTE
    said = await talk(class_, "/hand-in", "/hand-in", "", "1", assignment="midterm")
    assert "35 minutes left." in said
    assert "Submitted. Items with an answer: 0 of 4." in said
    assert said.count("You see the right answers when your teacher releases them.") == 2
    assert "seed" not in said
    assert "code of this item" not in said


async def test_what_an_assignment_lacks_is_no_command_there(class_: Class) -> None:
    said = await talk(class_, "", "?", assignment="homework")
    listed = said[said.index("/repeat: repeat your place") :]
    for word in ("/show", "/seed", "/retry"):
        assert f"\n{word}" not in listed
    for word in ("/hint", "/why", "/hand-in", "/flag"):
        assert f"\n{word}" in listed


async def test_a_password_is_typed_at_the_cover(class_: Class) -> None:
    said = await talk(class_, "", "crow", "owl", assignment="warm-up")
    assert said.count("Type the password from your teacher") == 3
    assert "This is not the password of Warm up." in said
    assert "item 1 of 2" in said
    assert said.count("Practice. Items: 2.") == 1


async def test_after_an_attempt_comes_another_one(class_: Class) -> None:
    said = await talk(
        class_, "owl", "/hand-in", "/hand-in", "/again", "owl", "/menu", assignment="warm-up"
    )
    assert "/again begins another attempt." in said
    assert said.count("item 1 of 2") == 2
    assert "Assignment in progress: Warm up." in said


async def test_a_locked_menu_offers_the_assignment_alone(class_: Class) -> None:
    class_.now = NINE
    said = await talk(
        class_, "", "/menu", "1", "batch", "/quiz", "/do midterm", assignment="midterm"
    )
    menu = said[said.index("Assignment in progress: Midterm.") :]
    assert "There is no lesson batch." in menu
    assert "Midterm is in progress. Until you submit it" in menu
    assert "item 1 of 4" in menu


@asynccontextmanager
async def begun(class_: Class) -> AsyncIterator[tuple[TextMode, Watch, io.StringIO]]:
    """The exam at its first item; what looks for a change of its time; what is said."""
    class_.now = NINE
    out = io.StringIO()
    hello = Hello(__version__, "en", "unicode")

    def service(hear: Callable[[Event], None]) -> Near:
        return Near(hear, make=lambda tell: class_.tutor(tell, "anna"))

    mode = TextMode(Dialogue(service, hello, out, Lines(None), 0), None, "tape")
    await mode.begin(None, None, "midterm")
    await mode.tour.begin_exam()
    near = mode.dialogue.client.service
    assert isinstance(near, Near)
    assert near.tutor
    assert isinstance(near.tutor.place, PaperPlace)
    yield mode, near.tutor.place._watch, out


async def test_an_extension_is_said(class_: Class) -> None:
    async with begun(class_) as (mode, watch, out):
        class_.happens("extend", "midterm", "anna", number=15)
        watch.look()
        await mode.tour.here()
        assert "Your time has changed: 60 minutes left." in out.getvalue()


async def test_a_paper_that_is_reopened_is_an_enter_away(class_: Class) -> None:
    async with begun(class_) as (mode, watch, out):
        await mode.tour.hand_in()
        class_.reopen("midterm", "anna")
        watch.look()
        await mode.tour.tutor.menu()
        assert "Your teacher has reopened this assignment." in out.getvalue()
        assert mode.place
        await mode.place.answer("")
        assert out.getvalue().count("item 1 of 4") == 2
        assert "10 minutes left." in out.getvalue()
