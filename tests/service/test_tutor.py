"""The tutor as the service has it: what it answers, and what it never lets across."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bptutor import __version__
from bptutor.engine.runtime import tensorflow
from bptutor.grading.facts import Facts
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSittings, Sittings
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Again,
    Check,
    Done,
    Draft,
    EngineState,
    Event,
    Go,
    Hello,
    Hint,
    Keeping,
    LessonChanged,
    Lessons,
    ListKnowns,
    ListLessons,
    Open,
    Opened,
    Reply,
    Request,
    Show,
    StepReply,
    Steps,
    SummaryReply,
    Train,
    Training,
)
from bptutor.service.tutor import Tutor
from bptutor.text import UserError, significant

Talk = Callable[[Request], Reply]


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def talk(tmp_path: Path, events: list[Event]) -> Talk:
    tensorflow()
    tutor = Tutor(Sittings(tmp_path / "sittings"), QuizSittings(), Record())
    learner = greet(tutor)
    return lambda request: tutor.handle(learner, request, events.append, lambda: False)


def greet(tutor: Tutor, language: str = "en") -> Learner:
    hello = Hello(version=__version__, language=language, notation="ascii")
    learner, welcome = tutor.hello(hello, EngineState(state="ready", detail=""))
    assert welcome.version == __version__
    return learner


def opened(talk: Talk, lesson: str = "two-hidden-layers", *, resume: bool = True) -> Opened:
    reply = talk(Open(lesson=lesson, ask="all", resume=resume))
    assert isinstance(reply, Opened)
    return reply


def test_no_number_of_a_step_is_seen_before_it_is_answered(talk: Talk) -> None:
    """What the app is told at a step holds none of the answers that are still to come."""
    lesson = load("two-hidden-layers")
    facts = Facts(lesson)
    session = opened(talk).session
    known = {significant(0.0), significant(1.0)}
    for name in lesson.program.leaves:
        known |= shown(facts.known(name))
    for index, step in enumerate(steps(lesson)):
        answer = shown(facts.truth(step)) - known
        for request in (Go(session=session, to="here"), ListKnowns(session=session)):
            told = shown_in(msgspec.to_builtins(talk(request)))
            assert not answer & told, (step.id, answer & told)
        for later in steps(lesson)[index:]:
            assert not (shown(facts.truth(later)) - known) & told
        talk(Show(session=session))
        known |= shown(facts.truth(step))
        talk(Go(session=session, to="next"))


def shown(array: np.ndarray) -> set[str]:
    return {significant(abs(float(value)), 4) for value in array.reshape(-1)}


def shown_in(told: object) -> set[str]:
    """Every number in what the app is told, wherever it stands."""
    if isinstance(told, float):
        return {significant(abs(told), 4)}
    if isinstance(told, dict):
        return set().union(*map(shown_in, told.values()), set())
    if isinstance(told, list | tuple):
        return set().union(*map(shown_in, told), set())
    return set()


def test_before_tensorflow_is_there_the_first_screen_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.service.tutor.loaded", lambda: False)
    monkeypatch.setattr("bptutor.service.sittings.loaded", lambda: False)
    tutor = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    learner = greet(tutor)
    reply = tutor.handle(
        learner,
        Open(lesson="two-hidden-layers", ask="backward", resume=True),
        lambda event: None,
        lambda: False,
    )
    assert isinstance(reply, Opened)
    assert reply.view.stage == "waiting"
    assert {known.name for known in reply.view.knowns} == {"X", "W1", "b1"}
    assert not tutor.needs_engine(ListLessons())
    assert tutor.needs_engine(Check(session="1", product=None, cells=["1"]))


def test_an_answer_that_was_shown_has_no_marks_of_what_stood_there(talk: Talk) -> None:
    session = opened(talk).session
    talk(Check(session=session, product=None, cells=["1", "-1", "("]))
    reply = talk(Show(session=session))
    assert isinstance(reply, StepReply)
    assert [asked.verdict for asked in reply.view.grid.asked] == [None] * 3


def test_a_sitting_goes_on_where_it_was(tmp_path: Path) -> None:
    tensorflow()
    first = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    learner = greet(first)

    def ask(tutor: Tutor, learner: Learner, request: Request) -> Reply:
        return tutor.handle(learner, request, lambda event: None, lambda: False)

    begun = ask(first, learner, Open(lesson="one-neuron", ask="all", resume=True))
    assert isinstance(begun, Opened)
    assert not begun.resumed
    ask(first, learner, Check(session=begun.session, product=None, cells=["1.2"]))
    left = ask(Tutor(Sittings(tmp_path), QuizSittings(), Record()), learner, ListLessons())
    assert isinstance(left, Lessons)
    assert next(item for item in left.items if item.name == "one-neuron").answered == 1
    ask(first, learner, Go(session=begun.session, to="next"))
    ask(first, learner, Check(session=begun.session, product=None, cells=["2"]))

    second = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    other = greet(second)
    listed = ask(second, other, ListLessons())
    assert isinstance(listed, Lessons)
    assert next(item for item in listed.items if item.name == "one-neuron").answered == 1
    gone_on = ask(second, other, Open(lesson="one-neuron", ask="all", resume=True))
    assert isinstance(gone_on, Opened)
    assert gone_on.resumed
    assert gone_on.view.index == 1
    assert gone_on.view.grid.asked[0].text == "2"
    assert gone_on.view.grid.asked[0].verdict == "wrong"
    anew = ask(second, other, Open(lesson="one-neuron", ask="all", resume=False))
    assert isinstance(anew, Opened)
    assert anew.view.index == 0


MINE = """
program = "z = w * x\\nL = (z - y) ** 2"
loss = "L"
parameters = ["w"]
[values]
w = 0.5
x = 3.0
y = 2.0
"""


def test_of_a_lesson_that_has_changed_the_learner_is_asked_and_nothing_is_lost_before(
    tmp_path: Path,
) -> None:
    tensorflow()
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    sittings = Sittings(tmp_path / "sittings")
    tutor = Tutor(sittings, QuizSittings(), Record())
    learner = greet(tutor)

    def ask(request: Request) -> Reply:
        return tutor.handle(learner, request, lambda event: None, lambda: False)

    request = Open(lesson=str(path), ask="all", resume=True)
    begun = ask(request)
    assert isinstance(begun, Opened)
    ask(Check(session=begun.session, product=None, cells=["1.5"]))
    ask(Go(session=begun.session, to="next"))
    ask(Draft(session=begun.session, product="", cells=["x*"]))
    before = sittings.load(str(path))

    path.write_text(MINE.replace("y = 2.0", "y = 1.0"))
    assert ask(request) == LessonChanged("mine", 1)
    assert sittings.load(str(path)) == before
    assert tutor.needs_engine(msgspec.structs.replace(request, changed=True))
    gone_on = ask(msgspec.structs.replace(request, changed=True))
    assert isinstance(gone_on, Opened)
    assert gone_on.resumed
    assert gone_on.view.index == 1
    assert gone_on.view.grid.asked[0].text == "x*"
    assert "answers that still hold: 1 of 1" in gone_on.remark
    again = ask(request)
    assert isinstance(again, Opened)  # it is not asked twice

    path.write_text(MINE)
    anew = ask(msgspec.structs.replace(request, resume=False))
    assert isinstance(anew, Opened)
    assert not anew.resumed
    again = ask(request)
    assert isinstance(again, Opened)
    assert again.view.index == 0


def test_that_a_draft_cannot_be_kept_is_said_once_with_the_next_screen(
    talk: Talk, tmp_path: Path
) -> None:
    session = opened(talk).session
    shutil.rmtree(tmp_path / "sittings")
    (tmp_path / "sittings").write_text("no directory")
    assert talk(Draft(session=session, product="", cells=["1", "", ""])) == Done()
    said = []
    for _ in range(2):
        reply = talk(Go(session=session, to="here"))
        assert isinstance(reply, StepReply)
        said.append("cannot be kept" in reply.view.message)
    assert said == [True, False]


def test_whether_all_is_kept_is_told_when_that_changes(tmp_path: Path) -> None:
    folder = tmp_path / "sittings"
    tutor = Tutor(Sittings(folder), QuizSittings(), Record())
    learner = greet(tutor)
    told: list[Event] = []

    def ask(request: Request) -> Reply:
        return tutor.handle(learner, request, told.append, lambda: False)

    def type_in(session: str) -> None:
        ask(Draft(session=session, product="", cells=["1", "", ""]))

    one, other = opened(ask).session, opened(ask, "one-neuron").session
    shutil.rmtree(folder)
    folder.write_text("no folder")
    type_in(one)
    type_in(one)
    assert told == [Keeping(False)]
    folder.unlink()
    ask(Go(session=other, to="here"))
    assert told == [Keeping(False)]  # the first lesson is not on the disk by that
    type_in(one)
    assert told == [Keeping(False), Keeping(True)]


def test_another_iteration_that_has_just_begun_is_gone_on_with_and_so_are_its_weights(
    tmp_path: Path,
) -> None:
    tensorflow()
    tutor = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    learner = greet(tutor)

    def ask(request: Request) -> Reply:
        return tutor.handle(learner, request, lambda event: None, lambda: False)

    session = opened(ask, "one-neuron").session
    reply: Reply = StepReply(opened(ask, "one-neuron").view)
    while not isinstance(reply, SummaryReply):
        ask(Show(session=session))
        reply = ask(Go(session=session, to="next"))
    new = {change.name: change.after for change in reply.view.parameters}
    ask(Again(session=session))
    again = opened(ask, "one-neuron")
    assert again.resumed
    assert again.view.iteration == 2
    knowns = {known.name: known.matrix for known in again.view.knowns}
    assert knowns["w"] == new["w"]


def test_training_tells_how_far_it_has_come(talk: Talk, events: list[Event]) -> None:
    session = opened(talk, "one-neuron").session
    reply = talk(Show(session=session))
    while not isinstance(reply, SummaryReply):
        talk(Show(session=session))
        reply = talk(Go(session=session, to="next"))
    before = reply.view.loss_after
    trained = talk(Train(session=session, iterations=500))
    assert isinstance(trained, SummaryReply)
    assert trained.view.loss_after < before
    assert trained.view.iteration == 501
    told = [event for event in events if isinstance(event, Training)]
    assert told[-1].done == told[-1].total == 500
    assert all(len(event.losses) <= 240 for event in told)
    with pytest.raises(UserError, match="at most"):
        talk(Train(session=session, iterations=10**9))


def test_hints_travel_in_the_learners_language(tmp_path: Path) -> None:
    tensorflow()
    tutor = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    said = {}
    for language in ("en", "ko"):
        learner = greet(tutor, language)
        reply = tutor.handle(
            learner,
            Open(lesson="one-neuron", ask="all", resume=False),
            lambda event: None,
            lambda: False,
        )
        assert isinstance(reply, Opened)
        hinted = tutor.handle(
            learner, Hint(session=reply.session), lambda event: None, lambda: False
        )
        assert isinstance(hinted, StepReply)
        said[language] = hinted.view.hints[0], hinted.view.question
    assert said["en"] != said["ko"]


@pytest.mark.parametrize("cells", [["1"], ["1"] * 4])
def test_an_answer_of_another_size_is_refused(talk: Talk, cells: list[str]) -> None:
    session = opened(talk).session
    with pytest.raises(UserError, match="3 numbers"):
        talk(Check(session=session, product=None, cells=cells))


def test_a_session_that_is_not_there_is_refused(talk: Talk) -> None:
    with pytest.raises(UserError, match="no longer open"):
        talk(Steps(session="9999"))


def test_another_version_or_language_is_refused(tmp_path: Path) -> None:
    tutor = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    state = EngineState(state="loading", detail="")
    with pytest.raises(UserError, match="start it again"):
        tutor.hello(Hello(version="0", language="en", notation="ascii"), state)
    with pytest.raises(UserError, match="no language"):
        tutor.hello(Hello(version=__version__, language="xx", notation="ascii"), state)


def test_what_is_asked_can_be_switched_in_a_sitting_that_goes_on(tmp_path: Path) -> None:
    tensorflow()
    tutor = Tutor(Sittings(tmp_path), QuizSittings(), Record())
    learner = greet(tutor)

    def ask(request: Request) -> Reply:
        return tutor.handle(learner, request, lambda event: None, lambda: False)

    session = opened(ask, "one-neuron").session
    ask(Show(session=session))
    ask(Go(session=session, to="next"))
    request = Open(lesson="one-neuron", ask="backward", resume=True)
    kept = ask(request)
    assert isinstance(kept, Opened)
    assert kept.view.stage == "open"
    switched = ask(msgspec.structs.replace(request, switch=True))
    assert isinstance(switched, Opened)
    assert switched.view.stage == "worked"
    onward = ask(Go(session=switched.session, to="question"))
    assert isinstance(onward, StepReply)
    assert onward.view.kind == "backward"
    back = ask(msgspec.structs.replace(request, ask="all", switch=True))
    assert isinstance(back, Opened)
    ask(Go(session=back.session, to=0))
    assert isinstance(ask(Go(session=back.session, to="next")), StepReply)
