"""Quizzes and exams in lines of text: right answers, wrong ones, rubbish, and an early end."""

import asyncio
import re
from collections.abc import Iterator
from time import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bptutor.service.quiz_words import NOT_IN_AN_EXAM, TIME_IS_OVER, time_left
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.examples import every, some
from tests.near import COURSE
from tests.plain.quiz_player import code_of, play, right, wrong, wrong_once
from tests.plain.talk import talk

QUIZ = QuizSpec(lessons=[COURSE], items=3, seed=5, resume=False)
EXAM = QuizSpec(lessons=[COURSE], items=4, seed=2, exam=True, minutes=30, resume=False)
END = {"en": "The quiz is over.", "ko": "퀴즈가 끝났어요."}
OVER = {"en": "The exam is over.", "ko": "시험이 끝났어요."}


def and_on(view: StepView) -> Iterator[str]:
    yield from right(view)
    yield ""


@pytest.mark.parametrize("language", every(2, ["ko", "en"]))
async def test_a_quiz_from_its_first_item_to_the_menu(language: str) -> None:
    said, player = await play(QUIZ, and_on, "/menu", language=language)
    assert len(player.met) == 3
    _, end = said.split(END[language])
    points = {"en": "Points: 3 of 3, 100 %.", "ko": "3점 중 3점, 100 %."}[language]
    assert points in end
    places = {"en": r"item (\d) of 3; .+; (.+)\.$", "ko": r"3문항 중 (\d)번; .+; (.+)\.$"}
    found = re.findall(places[language], said, re.MULTILINE)
    assert [place for place, _ in found] == ["1", "2", "3"]
    assert [skill for _, skill in found] == [
        view.quiz.skill for view in player.met if view.quiz is not None
    ]
    assert said.count({"en": "; seed 5.", "ko": "; 시드 5."}[language]) == 3
    if language == "en":
        assert said.count("a right answer gives 1 of 1 point") == 3
        assert said.endswith("Type the number of a lesson, or /quiz for a quiz.\n")


async def test_a_wrong_answer_costs_and_is_gone_through_at_the_end() -> None:
    def answer(view: StepView) -> Iterator[str]:
        if view.index == 0:
            yield from wrong_once(view)
            yield "/hint"
        yield from and_on(view)

    said, player = await play(QUIZ, answer, "", "", "/items", "2", "/results", "/item 9", "/item x")
    assert "Now a right answer gives 0.5 of 1 point." in said
    assert "Now a right answer gives 0.4 of 1 point." in said
    end = said.split(END["en"])[1]
    assert "Points: 2.4 of 3, 80 %." in end
    first, second, _ = player.met
    mistakes, looked = end.split("Not right at the first try:\n")[1].split("\nitem 1 of 3; ")
    assert mistakes.startswith(f"1. {first.name}, {first.lesson}: partly right\n")
    assert "\n2. " not in mistakes
    assert f"2. {second.name}, {second.lesson}: right\n" in said
    assert "Press Enter for the next mistake, or type /results for the results." in looked
    assert "Typed in " in looked
    assert said.count(END["en"]) >= 3, "after the last mistake, and by the command"
    assert said.count("Type the number of an item, from 1 to 3.") == 2


async def test_whoever_leaves_a_quiz_goes_on_where_they_were() -> None:
    def answer(view: StepView) -> Iterator[str]:
        return and_on(view) if view.index == 0 else iter(())

    _, player = await play(QUIZ, answer)  # and the input ends at the second item
    listed = await talk(lesson=None)
    left = "Quiz in progress: 1 of 3 answered, seed 5. /quiz resumes it."
    assert left in listed.splitlines()
    said, again = await play(QuizSpec(), and_on)
    assert "You are back where you left." in said
    assert code_of(again.met[0]) == code_of(player.met[1])
    assert "item 2 of 3" in said
    assert END["en"] in said
    assert "in progress: " not in await talk(lesson=None)


async def test_a_quiz_and_an_exam_from_the_menu_as_they_are_typed() -> None:
    said = await talk("/quiz x 3", "/exam 2 9 seed 3 batch", "", "/menu", lesson=None)
    assert "Type the number of items, and optionally a seed" in said
    assert "item 1 of 2" in said
    assert "; seed 3." in said
    assert "9 minutes left." in said
    said = await talk("/exam", lesson=None)
    assert "You are back where you left." in said
    assert "item 1 of 2" in said


async def test_past_exams_are_listed_and_opened_by_their_number() -> None:
    said = await talk("/results", "/exam 2 0 seed 3 batch", "/hand-in", "/hand-in", lesson=None)
    assert "You have taken no exam yet." in said
    said = await talk("/results", "/results 1", "/results 2", "/results x", lesson=None)
    assert "seed 3" in said
    assert "points: 0 of 2, 0 %" in said
    assert "You have submitted this exam." in said
    assert "There is no exam 2." in said
    again = "/exam 2 0 seed 3 batch again"
    said = await talk("/exam 2 0 seed 3 batch", again, "/menu", "/results", lesson=None)
    assert "You have submitted this exam." in said
    assert "answered so far: 0; seed 3." in said
    assert "in progress, 0/2, attempt 2" in said
    assert "points: 0 of 2, 0 %" in said


async def test_an_exam_whose_time_ran_out_is_submitted_by_the_list_of_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await talk("/exam 2 9 seed 3 batch", "", lesson=None)
    later = time() + 600
    monkeypatch.setattr("time.time", lambda: later)
    said = await talk("/results", "/menu", lesson=None)
    menu, _, listed = said.partition("Type the number of a lesson")
    assert "An exam's time is up: 0 of 2 answered, seed 3. /results submits it." in menu
    assert "points: 0 of 2, 0 %" in listed
    assert "time is up" not in listed


async def test_a_code_asks_the_same_item_with_the_same_numbers_again() -> None:
    _, player = await play(QUIZ, lambda view: [])
    code = code_of(player.met[0])
    said, again = await play(QuizSpec(replay=code), and_on)
    assert again.met[0].knowns == player.met[0].knowns
    assert END["en"] in said
    told = await talk(f"/replay {code}", "/menu", "/replay", "/replay nonsense", lesson=None)
    assert "item 1 of 1" in told
    assert "Type the number of an attempt, listed by /attempts, or the code of an item." in told
    assert "nonsense is not the code of an item" in told


@pytest.mark.parametrize("language", every(2, ["ko", "en"]))
async def test_an_exam_from_its_paper_to_its_marks(language: str) -> None:
    hand_in = {"en": "/hand-in", "ko": "/제출"}[language]
    said, player = await play(EXAM, right, hand_in, "/menu", language=language)
    before, end = said.split(OVER[language])
    assert len(player.met) == 4
    assert {"en": "Points: 4 of 4, 100 %.", "ko": "4점 중 4점, 100 %."}[language] in end
    assert before.count(time_left(30 * 60).to(language)) == 5, (
        "at each item, and before it is handed in"
    )
    if language == "en":
        assert before.count("Your answer is saved") == 4
        assert "The value is right" not in said
        assert "/hint" not in before.partition("\n\n")[2]
    again = replace(EXAM, again=True)
    skipped, _ = await play(again, lambda view: ["/next"], language=language)
    earlier = {
        "en": r"Your answer to a\), .+: not answered",
        "ko": r"\(a\)에 입력한 답, .+: 답하지 않음",
    }
    assert re.search(earlier[language], skipped)


async def test_in_an_exam_nothing_is_said_on_a_wrong_answer_until_the_end() -> None:
    then = "/hand-in", "", "/seed", "", "", "", "/items"
    said, player = await play(EXAM, lambda view: ["/seed", "/hint", *wrong(view)], *then)
    before, end = said.split(OVER["en"], 1)
    assert before.count(str(NOT_IN_AN_EXAM)) == 4
    assert "not right" not in before
    assert before.count("The seed is 2") == 5, "on the cover too"
    assert "The code of this item" not in before
    assert f"The code of this item is {code_of(player.met[0])}. " in end
    assert before.count("Your answer is saved") == 4
    first = player.met[0]
    assert "Points: 0 of 4, 0 %." in end
    walk = end.split("\n\n")[1]
    assert walk.startswith(f"item 1 of 4; {first.lesson}; ")
    assert "not right; you typed" in walk
    assert "In TensorFlow: " in walk
    assert "Press Enter for the next mistake" in walk
    names = [f"\n{view.index + 1}. {view.name}" for view in player.met]
    assert all(name in end.rpartition("Press Enter for the next mistake")[2] for name in names)


async def test_an_answer_in_an_exam_is_flagged_taken_back_and_typed_anew() -> None:
    def answer(view: StepView) -> Iterator[str]:
        yield from wrong(view)

    flagging = ["1", "/flag", "/flag", "/flag", "9", "/retype"]
    said, player = await play(EXAM, answer, *flagging)
    assert said.count("Flagged.") == 2
    assert said.count("Flag removed.") == 1
    assert "This item has an answer. Press Enter to continue, or type /retype to change it." in said
    said, _ = await play(QuizSpec(exam=True), lambda view: [], *right(player.met[0]), "/items")
    assert "You are back where you left." in said
    assert "4 of 4 answered, 0 open, 1 flagged." in said
    said, _ = await play(QuizSpec(exam=True), lambda view: [], "/hand-in", "/hand-in")
    assert "Points: 1 of 4, 25 %." in said
    assert f"1. {player.met[0].name}" not in said.split("Not right at the first try:")[1]


async def test_what_cannot_be_read_in_an_exam_is_asked_again() -> None:
    said, player = await play(EXAM, lambda view: [], "/retype")
    view = player.met[0]
    lines = [*right(view)]
    faulty = [*lines[:-1], re.sub(r"[^,]+$", " @@", lines[-1])]
    said, _ = await play(QuizSpec(exam=True), lambda view: [], *faulty, lines[-1], "/back")
    assert "A value is missing before @." in said
    assert ": cannot be read; you typed @@." in said
    assert said.count("Your answer is saved") == 1
    assert "item 2 of 4" in said


@pytest.mark.parametrize("exam", [False, True])
async def test_rubbish_costs_nothing(exam: bool) -> None:
    rubbish = ["", "hm", "[[", "", "1e999", "9" * 5000, "/row 7", "/row x", "/item", "/zz", "?"]
    said, _ = await play(EXAM if exam else QUIZ, lambda view: [*rubbish, "/repeat"])
    assert "Something went wrong" not in said
    assert said.count("\nitem 1 of ") == 2
    assert "\nitem 2 of " not in said


async def test_what_is_half_typed_at_an_item_is_there_again() -> None:
    def answer(view: StepView) -> list[str]:
        if view.grid.rows == 1:
            return ["/next"]
        return [*right(view)][: 1 + view.asks_product]

    exam = replace(EXAM, seed=1)  # whose third item has several rows
    _, player = await play(exam, answer)  # and the input ends after a row of the value
    typed = answer(player.met[-1])[-1]
    said, _ = await play(QuizSpec(exam=True), lambda view: [])
    assert f"Typed in row 1: {typed}\n" in said
    assert re.search(r"Type row 2: \d numbers?\.\n$", said)


async def test_an_exam_whose_time_is_over_is_handed_in_by_the_next_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(view: StepView) -> Iterator[str]:
        yield from right(view)
        if view.index == 1:  # all of it comes too late
            later = time() + 31 * 60
            for clock in ("time.time", "bptutor.plain.dialogue.time"):
                monkeypatch.setattr(clock, lambda: later)

    said, player = await play(EXAM, answer, "/time")
    before, end = said.split(OVER["en"])
    assert len(player.met) == 2
    assert "30 minutes left." in before
    assert str(TIME_IS_OVER) in before
    assert "Points: 1 of 4, 25 %." in end
    assert "Unknown command /time." in end


COMMANDS = ["/show", "/next", "/back", "/hint", "/menu", "/values", "/why", "/skip", "/items"]
COMMANDS += ["/item 2", "/item 9", "/flag", "/retype", "/hand-in", "/results", "/time", "/seed"]
COMMANDS += [
    "/quiz",
    "/quiz 2",
    "/exam",
    "/exam 2 5",
    "/progress",
    "/attempts",
    "/replay x",
    "/swap",
]


@settings(max_examples=some(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([QUIZ, EXAM]),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["", "", "1", "1 2 3", "[[1, 2]", "dLoss_dY_pred", "@@", "/row 1", "2"]
            ),
            st.sampled_from(COMMANDS),
            # What text mode draws none of itself: an answer that has it is repeated as it is.
            st.text(max_size=12).filter(lambda text: not re.search(r"[\u2190-\u28ff]", text)),
        ),
        max_size=25,
    ),
)
def test_whatever_is_typed_there_is_a_prompt_after_it(quiz: QuizSpec, typed: list[str]) -> None:
    lines = [line.replace("\n", " ").replace("\r", " ") for line in typed]
    encoded = [line.encode(errors="replace").decode() for line in lines]
    said = asyncio.run(talk(*encoded, lesson=None, quiz=quiz))
    assert said.endswith((".\n", "?\n"))
    assert "Something went wrong" not in said


@pytest.mark.whole
async def test_a_quiz_with_answers_is_not_dropped_for_another_one_unasked() -> None:
    await play(QUIZ, lambda view: ["/hint"])
    said = await talk("/quiz 4 seed 7", "/menu", lesson=None)
    assert "item 1 of 4" in said, "nothing was answered in it"
    await play(QUIZ, lambda view: and_on(view) if view.index == 0 else iter(()))
    said = await talk("/quiz 4 seed 7", "/quiz", "/menu", lesson=None)
    assert "Starting another one deletes it" in said
    assert "You are back where you left." in said
    assert "seed 5" in said
    said = await talk("/quiz 4 seed 7", "/quiz 4 seed 7", "/menu", lesson=None)
    assert "; seed 7." in said


async def test_an_exam_stays_where_another_one_begins() -> None:
    await play(EXAM, right)
    said = await talk("/exam 3 30 seed 7", "", "/menu", "/exam 4 0 seed 2 " + COURSE, lesson=None)
    assert "item 1 of 3" in said
    assert "Exam in progress: 4 of 4 answered, seed 2." in said
    assert "You are back where you left." in said
    said = await talk(lesson=None)
    assert said.count("Exam in progress: ") == 1
    assert "More exams in progress: 1. /results lists them." in said
