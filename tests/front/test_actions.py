"""The table of actions holds together: whatever it names is there, and once."""

import inspect
import re
from collections import Counter
from importlib import import_module
from typing import get_args

import pytest

from bptutor.front.action import SECOND
from bptutor.front.actions import TABLE
from bptutor.front.here import Here
from bptutor.front.keys import ROOMS as LARGE
from bptutor.front.keys import keyed, worded
from bptutor.literals import Kind, Stage
from bptutor.text.message import LANGUAGES
from bptutor.tui import desk
from bptutor.tui.app import TutorApp
from bptutor.tui.keymap import kept_keys, told_keys
from bptutor.tui.stage import ROOMS
from bptutor.views.lesson import Grid, StepView
from bptutor.views.quiz import QuizPlace

SCREENS = {**ROOMS, **desk.ROOMS}
PLACES = [*SCREENS, "app"]


def step(kind: Kind = "backward", stage: Stage = "open", quiz: QuizPlace | None = None) -> StepView:
    """A step in the middle of a lesson."""
    return StepView(
        lesson="",
        iteration=1,
        index=1,
        total=4,
        step="dL_dW",
        kind=kind,
        section=None,
        name="",
        question="",
        formula="",
        remarks=[],
        tape=[],
        knowns=[],
        asks_product=True,
        asks_value=True,
        product="",
        product_verdict=None,
        grid=Grid(2, 1, [], None),
        stage=stage,
        message="",
        hints=[],
        result=None,
        code=[],
        furthest=2,
        quiz=quiz,
    )


def exam(reviewing: bool = False) -> QuizPlace:
    place = ("", "", "", 1.0, "", False, 0, None, reviewing)
    return QuizPlace(True, 1, *place)


@pytest.mark.parametrize("place", PLACES)
def test_what_a_screen_does_by_itself_is_a_method_of_it(place: str) -> None:
    cls = TutorApp
    if place != "app":
        module, _, name = SCREENS[place].partition(":")
        cls = getattr(import_module(f"bptutor.tui.screens.{module}"), name)
    for each in keyed(place):
        if isinstance(each.do, str) and not each.do.startswith("app."):
            method = getattr(cls, "action_" + each.do.partition("(")[0])
            given = re.findall(r"-?\d+|'[^']*'", each.do)
            inspect.signature(method).bind(None, *given)


def test_every_place_with_keys_is_a_screen_and_every_screen_has_keys() -> None:
    named = {place for each in TABLE if each.key for place in each.places.split()}
    assert named - {"app", "list", "field"} == {*SCREENS} - {"signal"}  # any key ends that one


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_that_of_one_key_in_a_place(place: str) -> None:
    assert max(Counter(each.id for each in keyed(place)).values(), default=1) == 1


STEPS = [
    Here(step=step(kind, stage, quiz), text=True, timed=quiz is not None)
    for kind in get_args(Kind)
    for stage in get_args(Stage)
    for quiz in (None, exam(), exam(reviewing=True))
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("here", [*STEPS, Here(text=True)])
def test_a_command_is_understood_in_one_way(here: Here, language: str) -> None:
    for place in ("step",) if here.step else ("menu", "summary", "quiz-end", "changed"):
        words = [str(each.word and each.word.to(language)) for each in worded(place, here)]
        assert len({*words}) == len(words)
        assert all(word.startswith("/") and " " not in word for word in words)


@pytest.mark.parametrize("here", STEPS)
def test_a_key_does_one_thing_at_a_step(here: Here) -> None:
    keys = [key for each in keyed("step") if each.when(here) for key in each.keys]
    assert len({*keys}) == len(keys)
    assert "enter" in keys


def test_in_an_exam_nothing_helps() -> None:
    here = Here(step=step(quiz=exam()), text=True)
    told = {"hint", "show", "why", "picture", "nudge"}
    assert not told & {each.id for each in worded("step", here)}
    assert not told & {each.id for each in keyed("step") if each.when(here)}
    over = Here(step=step(quiz=exam(reviewing=True)))
    assert "why" in {each.id for each in keyed("step") if each.when(over)}


MEANS = {
    "f1": {"help"},
    "f2": {"hint"},
    "f3": {"show"},
    "f4": {"back", "walk-back"},
    "f5": {"skip", "question", "fill-in", "forward", "next-lesson", "walk-on"},
    "f6": {"steps", "items", "attempts", "exams", "assignments"},
    "f7": {"values", "signal"},
    "f8": {"anew", "changed-anew", "try-again", "again", "attempt", "flag"},
    "f9": {"why"},
    "f10": {"quit"},
    "f11": {"code"},
    "f12": {"picture"},
    "ctrl+c": {"how-to-quit"},
    "ctrl+d": {"progress"},
    "ctrl+e": {"settings"},
    "ctrl+k": {"quiz", "another"},
    "ctrl+q": {"quit-too"},
    "ctrl+u": {"train"},
    "ctrl+x": {"hand-in"},
    "ctrl+z": {"suspend"},
    "ctrl+slash": {"palette"},
    "ctrl+underscore": {"palette"},
    "alt+m": {"train-larger"},
}
TEACHER_MEANS = {
    "f2": {"class-live"},
    "f3": {"class-mistakes"},
    "f4": {"class-marks"},
    "f5": {"class-extend"},
    "f6": {"class-people"},
    "f7": {"class-assign", "class-read"},
    "f8": {"class-reopen", "class-regrade"},
    "f9": {"class-release"},
    "f12": {"class-preview"},
    "ctrl+k": {"class-sort"},
    "ctrl+x": {"class-close"},
}
"""What each key of its own means, in the learner's app and in the teacher's."""


def test_a_key_means_the_same_on_all_screens() -> None:
    seconds = {second for keys in SECOND.values() for second in keys}
    for each in TABLE:
        of_teacher = each.places.startswith("class")
        for key in each.keys if each.key and not each.idle and each.id != "close-too" else ():
            with_alt = key.startswith("alt+") and f"ctrl+{key[-1]}" in each.keys
            of_its_own = re.match(r"f\d|(ctrl|alt)\+.$|ctrl\+(slash|und)", key)
            if of_its_own and not with_alt and key not in seconds:
                means = {**MEANS, **TEACHER_MEANS} if of_teacher else MEANS
                assert each.id in means.get(key, ()), (key, each.id)


def test_nothing_needs_a_function_key() -> None:
    """Nor a key that a browser or an editor keeps."""
    for kept in (kept_keys({}, True), kept_keys({"TERM_PROGRAM": "vscode"}, False)):
        for each in TABLE:
            if each.key and each.label:
                assert told_keys(each.keys, kept)[0] not in kept, each.id


def test_help_opens_on_every_screen() -> None:
    """The app's own key does not reach past a dialog."""
    opens = {place for each in TABLE if each.id == "help" for place in each.places.split()}
    no_dialogs = {*LARGE, "assignments", "assignment"}
    assert {*SCREENS} - no_dialogs - {"help", "class-help", "signal"} <= opens
