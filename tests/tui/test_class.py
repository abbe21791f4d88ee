"""The teacher's app: what it shows of a class, and what it changes, with author and reason."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bptutor.classroom.papers import Papers
from bptutor.config.settings import Configuration
from bptutor.text import Message
from bptutor.tui.desk import ROOMS, pause
from bptutor.tui.symbols import Notation
from tests.classroom.near_host import NOW, TEACHER
from tests.classroom.people import Learner, begin, class_in
from tests.examples import every
from tests.tui.teacher import Teacher, teaching
from tests.tui.test_looks import lines_fit

WAYS = {
    "class": [],
    "class-people": ["f6"],
    "class-preview": ["f12"],
    "class-live": ["enter"],
    "class-mistakes": ["f3"],
    "class-marks": ["f4"],
    "class-paper": ["enter", "enter"],
    "class-change": ["enter", "f5"],
    "class-help": ["enter", "f1"],
    "palette": ["enter", "ctrl+underscore"],
}
"""The keys that lead to each screen from the first one."""
SMALLEST = (40, 12)


def row(teacher: Teacher, text: str) -> str:
    return next(line for line in teacher.screen.splitlines() if text in line)


def counts(teacher: Teacher) -> list[str]:
    """Item by item how many are right, partly right, wrong, answered, and open."""
    lines = teacher.screen.splitlines()
    start = next(index for index, line in enumerate(lines) if " # " in line)
    return [" ".join(line.split()[-5:]) for line in lines[start + 1 :][:4]]


@pytest.mark.parametrize(("language", "notation"), every(2, [("ko", "unicode"), ("en", "ascii")]))
async def test_every_screen_is_whole_in_both_languages_and_notations(
    language: str, notation: Notation, tmp_path: Path
) -> None:
    async with teaching(tmp_path, language=language, notation=notation) as teacher:
        assert {*WAYS} == {*ROOMS}
        for place, keys in WAYS.items():
            await teacher.press(*keys)
            assert teacher.app.screen.id == place
            lines_fit(teacher)
            last = teacher.screen.splitlines()[-1]
            quits = "Esc" if place in ("class-change", "class-help", "palette") else "F10"
            assert quits in last
            await teacher.press(*["escape"] * len(keys))
            assert teacher.app.screen.id == "class"


async def test_every_screen_can_be_used_on_the_smallest_terminal(tmp_path: Path) -> None:
    async with teaching(tmp_path, size=SMALLEST) as teacher:
        for keys in WAYS.values():
            await teacher.press(*keys)
            lines_fit(teacher)
            await teacher.press(*["escape"] * len(keys))


async def test_a_class_without_assignments_leads_to_the_first_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with teaching(tmp_path, store=class_in(tmp_path)) as teacher:
        assert teacher.shows("Nothing here yet.")
        assert "Live" not in teacher.screen
        await teacher.press("f7")
        file = tmp_path / "quiz1.toml"
        monkeypatch.chdir(tmp_path)  # whose own name may be longer than the line
        await teacher.fill(file=file.name)
        assert teacher.shows("the file does not exist")
        file.write_text('title = "Quiz 1"\nkind = "homework"\nlessons = ["one-neuron"]\nitem = 2\n')
        await teacher.press("enter")
        assert teacher.shows("quiz1.toml, line 4")
        file.write_text(file.read_text().replace("item", "items"))
        assert "Quiz 1" in await teacher.press("enter")
        assert teacher.store.assignment("quiz1").author == TEACHER


async def test_the_live_view_has_a_row_for_each_learner_and_a_bar_for_each_item(
    tmp_path: Path,
) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        assert teacher.app.screen.id == "class-live"
        anna, ben, chloe = (row(teacher, name) for name in ("anna", "ben", "chloe"))
        assert "●" in anna
        assert "working" in anna
        assert "2/4" in anna
        assert "25:00" in anna  # of 45 minutes 20 are over
        assert "5 s" in anna
        assert "submitted" in ben
        assert "not begun" in chloe
        assert "○" in chloe
        assert "begun 2, submitted 1 of 3" in teacher.screen
        assert counts(teacher) == ["0 0 0 2 0", "0 0 0 1 1", "0 0 0 0 2", "0 0 0 0 2"]
        await teacher.press("f4", "f2")  # there Ben's paper is graded
        assert counts(teacher) == ["1 0 0 1 0", "0 0 0 1 1", "0 0 0 0 2", "0 0 0 0 2"]
        first = row(teacher, "1 0 0 1 0".replace(" ", "  "))
        assert f"{'█' * 10}{'▒' * 10}" in first


async def test_the_live_view_follows_and_keeps_what_is_chosen(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("down", "down")
        assert "▶" in row(teacher, "chloe")
        papers = Papers(teacher.store)
        chloe = Learner(papers, begin(papers, "midterm", "chloe", NOW))
        chloe.answer(0, NOW + 1)
        teacher.host.now = NOW + 2
        await teacher.app.look()
        await teacher.settle()
        assert "▶" in row(teacher, "chloe")
        assert "1/4" in row(teacher, "chloe")
        assert "begun 3" in teacher.screen


async def test_the_learners_are_sorted_by_what_a_teacher_looks_for(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:

        def order() -> list[str]:
            lines = teacher.screen.splitlines()
            words = [word for line in lines for word in line.split()[:3]]
            return [word for word in words if word in ("anna", "ben", "chloe")]

        assert order() == ["anna", "ben", "chloe"]
        await teacher.press("ctrl+k")
        assert order() == ["chloe", "anna", "ben"]
        assert "▶" in row(teacher, "anna")
        assert teacher.shows("Sorted by state")
        await teacher.app.look()
        await teacher.settle()
        assert order() == ["chloe", "anna", "ben"]
        await teacher.press("ctrl+k", "ctrl+k", "ctrl+k")
        assert order() == ["anna", "ben", "chloe"]


def test_a_large_class_is_looked_at_less_often() -> None:
    assert pause(2, took=0.1) == 2
    assert pause(2, took=0.5) == 5


async def test_the_live_view_looks_again_and_again(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm", every=0.01) as teacher:
        for _ in range(3):
            asked = asyncio.Event()
            teacher.host.on_request = asked.set
            await asyncio.wait_for(asked.wait(), 30)
        assert {*teacher.host.requests[3:]} == {"desk.watch"}


async def test_a_host_that_is_away_is_told_and_the_old_view_stays(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        teacher.host.is_down = True
        await teacher.app.look()
        await teacher.settle()
        assert teacher.shows("The host does not answer.")
        assert "anna" in teacher.screen
        assert "nobody listens" in await teacher.press("f4")
        teacher.host.is_down = False
        await teacher.app.look()
        await teacher.settle()
        assert "does not answer" not in teacher.screen
        assert teacher.app.screen.id == "class-live"


async def test_without_a_host_the_first_screen_says_so(tmp_path: Path) -> None:
    async with teaching(tmp_path, down=True) as teacher:
        assert teacher.shows("The host of the class does not answer: nobody listens.")


async def test_time_is_given_with_a_reason(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f5")
        await teacher.type("10")
        await teacher.press("enter", "enter")
        assert teacher.shows("Fill in “Reason”.")
        assert teacher.events("extend") == []
        await teacher.type("fire alarm")
        await teacher.press("enter")
        (event,) = teacher.events("extend")
        assert (event.author, event.login, event.number) == (TEACHER, "anna", 10)
        assert event.why == "fire alarm"
        assert "35:00 +10" in row(teacher, "anna")
        assert teacher.shows("anna: ends")
        await teacher.press("f5")
        await teacher.fill(who="*", minutes="5", why="for all")
        assert [event.login for event in teacher.events("extend")] == ["anna", ""]
        assert "40:00 +15" in row(teacher, "anna")


IMPOSSIBLE = [
    ({"minutes": "soon"}, "Minutes are a positive number"),
    ({"minutes": "-5"}, "Minutes are a positive number"),
    ({"minutes": "1", "who": "nobody"}, "nobody is not on the roster"),
    ({"who": ","}, "Type the logins of the learners"),
]


async def test_what_cannot_be_changed_is_told_in_the_form(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f5")
        for fields, said in IMPOSSIBLE:
            await teacher.fill(**{"why": "x", **fields})
            assert teacher.app.screen.id == "class-change"
            assert said in teacher.screen
        await teacher.press("escape")
        assert teacher.events("extend") == []


async def test_a_change_whose_reply_is_lost_is_not_made_twice(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        teacher.host.lost_after = ["desk.extend"]
        await teacher.press("f5")
        await teacher.fill(minutes="10", why="x")
        assert teacher.shows("Check whether the change is made")
        assert len(teacher.events("extend")) == 1
        teacher.host.lost_after = ["desk.watch"]
        await teacher.press("escape", "escape")
        assert "anna" in await teacher.press("enter")


async def test_a_paper_is_reopened_and_closed(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        assert "F8" not in await teacher.press("f1")  # Anna's is not submitted
        assert "F8" in await teacher.press("escape", "down", "f1")
        await teacher.press("escape", "f8")
        await teacher.fill(minutes="15", why="the terminal froze")
        assert "working" in row(teacher, "ben")
        assert "15:00" in row(teacher, "ben")
        (event,) = teacher.events("reopen")
        assert (event.author, event.login, event.why) == (TEACHER, "ben", "the terminal froze")
        await teacher.press("home", "ctrl+x")
        await teacher.fill(why="caught cheating")
        assert "submitted by lee" in row(teacher, "anna") or "submitted" in row(teacher, "anna")
        (event,) = teacher.events("close")
        assert (event.author, event.login) == (TEACHER, "anna")
        paper, _ = Papers(teacher.store).paper(("midterm", "anna", 1))
        assert paper.author == TEACHER


async def test_mistakes_are_shown_by_item_with_answers(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("ctrl+x")
        await teacher.fill(who="*", why="time")
        await teacher.press("f3", "down")
        wrong = row(teacher, "▶").split()
        assert wrong[-1] == "1"
        assert teacher.shows("Learners: 1.") or teacher.shows("Without an explanation:")
        assert "No wrong answers." in await teacher.press("up")
        await teacher.press("f2", "tab", "down", "down", "enter")
        assert teacher.app.screen.id == "class-mistakes"
        assert row(teacher, "▶").split()[1] == "3"


async def test_points_are_changed_and_taken_back(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f4", "down", "enter")
        assert teacher.app.screen.id == "class-paper"
        assert "Ben Lee" in teacher.screen.splitlines()[0]
        before = teacher.screen.splitlines()[0].split()[-1]
        await teacher.press("down", "down", "enter")
        await teacher.fill(points="2", why="x")
        assert teacher.shows("Points are a number from 0 to 1")
        await teacher.fill(points="0.5", why="he said it aloud")
        assert "0.5*" in row(teacher, "▶")
        assert teacher.shows("lee gave 0.5 points")
        assert "he said it aloud" in teacher.screen
        (event,) = teacher.events("mark")
        assert (event.author, event.login, event.item, event.number) == (TEACHER, "ben", 2, 0.5)
        await teacher.press("enter")
        await teacher.fill(points="-", why="it was Chloe")
        assert "*" not in row(teacher, "▶")
        assert teacher.screen.splitlines()[0].split()[-1] == before


async def test_results_are_shown_to_learners_when_the_teacher_says_so(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f4", "f9")
        await teacher.fill(what="4", why="done")
        assert teacher.shows("Type 1, 2 or 3.")
        await teacher.fill(what="1", why="done")
        assert teacher.shows("Learners see: their score.")
        (event,) = teacher.events("release")
        assert (event.author, event.why) == (TEACHER, "done")


async def test_papers_are_graded_again(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f4", "f8")
        await teacher.fill(why="a lesson was wrong")
        assert teacher.shows("No points have changed.")
        (event,) = teacher.events("regrade")
        assert (event.author, event.why) == (TEACHER, "a lesson was wrong")


async def test_the_roster_is_read_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("login,name\nanna,Anna\ndan,[bold]Dan[/bold]\nb n,x\n")
    async with teaching(tmp_path) as teacher:
        await teacher.press("f6", "f7")
        monkeypatch.chdir(tmp_path)  # whose own name may be longer than the line
        await teacher.fill(file=file.name)
        assert teacher.shows("roster.csv, line 4")
        file.write_bytes("login,name\nanna,안나\n".encode("cp949"))
        await teacher.press("enter")
        assert teacher.shows("roster.csv, line 2: this is not UTF-8")
        file.write_text("login,name\nanna,Anna\ndan,[bold]Dan[/bold]\n")
        await teacher.press("enter")
        assert teacher.shows("People: 2. New: 1, changed: 1, removed: 2.")
        assert "[bold]Dan[/bold]" in teacher.screen


async def test_the_questions_are_shown_as_a_learner_gets_them(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        of_anna = await teacher.press("f12")
        assert "as anna" in of_anna
        assert "Right " in of_anna
        await teacher.press("escape", "down", "f12")
        assert "as ben" in teacher.screen
        assert teacher.screen.splitlines()[2:] != of_anna.splitlines()[2:]


async def test_help_says_what_every_key_does(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        helped = await teacher.press("f1")
        for text in ("Ctrl+X", "submit papers now", "Tab", "F10"):
            assert text in helped


async def test_names_do_not_drive_the_terminal(tmp_path: Path) -> None:
    async with teaching(tmp_path, assignment="midterm") as teacher:
        await teacher.press("f5")
        await teacher.fill(minutes="1", why="\x1b]0;PWNED\x07 [red]x[/red]")
        await teacher.press("enter")
        shown = teacher.screen
        assert "\x1b" not in shown
        assert "[red]x[/red]" in shown


async def test_what_is_wrong_in_the_configuration_is_told(tmp_path: Path) -> None:
    wrong = Configuration().with_findings(Message("`them` is no setting"))
    async with teaching(tmp_path, configuration=wrong) as teacher:
        assert teacher.shows("Ignored setting: `them` is no setting")
