"""Quizzes as the service has them: what they ask, what it costs, and what is kept of them."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bptutor.lesson.find import available
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.service.quiz_opening import FIRST, NOTHING_BEGUN
from bptutor.text import UserError
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec, QuizView
from tests.near import stand_at
from tests.service.desk import EASY, KEPT_NOWHERE, MINE, Desk, nothing_can_be_kept, placed

pytestmark = pytest.mark.usefixtures("warm")


def codes(desk: Desk, spec: QuizSpec) -> list[str]:
    found = []
    for view in desk.items(desk.step(spec)):
        found.append(placed(view).code)
        assert desk.view(desk.right(view)).stage == "solved"
    return found


def test_a_quiz_is_answered_from_its_first_item_to_its_score(desk: Desk) -> None:
    spec = QuizSpec(lessons=EASY, items=4, seed=3)
    for view in desk.items(desk.step(spec)):
        assert view.total == 4
        assert view.kind != "backward" or view.formula == f"{view.name} = ?"
        assert placed(view).seed == 3
        assert placed(view).credit == 1
        if view.kind == "backward":  # no chain rule to copy
            assert view.formula == f"{view.name} = ?"
        with pytest.raises(UserError):
            desk.ask(desk.tutor.go("next"))
        assert desk.view(desk.right(view)).stage == "solved"
    end = desk.end(desk.tutor.go("here"))
    assert end.finished
    assert (end.points, end.possible) == (4, 4)
    assert {item.state for item in end.items} == {"right"}
    assert sum(skill.possible for skill in end.skills) == 4


def test_a_seed_gives_everybody_the_same_quiz_whatever_is_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = QuizSpec(lessons=EASY, items=5, seed=11, resume=False)
    first = codes(desk, spec)
    assert codes(desk, spec) == first
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "another learner's"))
    assert codes(Desk.anew(), spec) == first
    assert codes(Desk.anew(), replace(spec, seed=12)) != first


def test_wrong_answers_and_hints_cost_and_the_answer_costs_all(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=1, seed=5))
    view = desk.view(desk.wrong(view))
    assert view.stage == "open"
    assert placed(view).credit == 0.5
    view = desk.view(desk.tutor.hint())
    assert view.quiz
    assert placed(view).credit == pytest.approx(0.4)
    assert desk.view(desk.right(view)).stage == "solved"
    end = desk.end(desk.tutor.go("next"))
    assert end.points == pytest.approx(0.4)
    assert [item.state for item in end.items] == ["partly"]
    assert end.items[0].diagnosis
    view = desk.step(QuizSpec(lessons=EASY, items=1, seed=5, resume=False))
    assert desk.view(desk.tutor.show()).stage == "shown"
    assert desk.end(desk.tutor.go("next")).points == 0


def test_what_is_put_off_comes_again_at_the_end(desk: Desk) -> None:
    first = desk.step(QuizSpec(lessons=EASY, items=3, seed=8))
    view = desk.view(desk.tutor.skip())
    assert (view.lesson, view.step) != (first.lesson, first.step)
    seen = []
    for _ in range(3):
        seen.append(placed(view).code)
        assert desk.view(desk.right(view)).stage == "solved"
        reply = desk.ask(desk.tutor.go("next"))
        if isinstance(reply, StepView):
            view = reply
    assert isinstance(reply, QuizView)
    assert seen[-1] == placed(first).code
    assert len(set(seen)) == 3


def test_the_only_one_left_cannot_be_put_off(desk: Desk) -> None:
    desk.step(QuizSpec(lessons=EASY, items=1, seed=8))
    with pytest.raises(UserError, match="last item"):
        desk.ask(desk.tutor.skip())


def test_after_a_kill_the_quiz_goes_on_with_what_was_typed(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=4))
    desk.view(desk.right(view))
    view = desk.view(desk.tutor.go("next"))
    desk.view(desk.wrong(view))
    desk.ask(desk.tutor.draft("half a pro", ["0.1"] * len(view.grid.asked)))
    left = Desk.anew().menu()
    assert [(each.exam, each.answered, each.total) for each in left.quizzes] == [(False, 1, 4)]
    again = Desk.anew().open(QuizSpec())
    assert again.resumed
    assert isinstance(again.screen, StepView)
    there = again.screen
    assert there.index == 1
    assert placed(there).code == placed(view).code
    assert placed(there).credit == 0.5
    assert [known.matrix for known in there.knowns] == [known.matrix for known in view.knowns]
    assert {cell.text for cell in there.grid.asked} == {"0.1"}
    if view.asks_product:
        assert there.product == "half a pro"


def test_a_quiz_is_over_once_its_end_was_reached(desk: Desk) -> None:
    """Not by its last answer, whose verdict may not have been seen; and looking back is no more."""
    view = desk.step(QuizSpec(lessons=EASY, items=2))
    desk.view(desk.right(view))
    view = desk.view(desk.tutor.go("next"))
    told = desk.view(desk.right(view))
    left = Desk.anew().menu()
    assert [(each.answered, each.total) for each in left.quizzes] == [(2, 2)]
    again = Desk.anew()
    there = again.step(QuizSpec())
    assert (there.index, there.stage, there.grid) == (1, "solved", told.grid)
    assert again.end(again.tutor.go("next")).points == 2
    again.view(again.tutor.go(0))
    after = Desk.anew().menu()
    assert not after.quizzes
    assert not Desk.anew().open(QuizSpec(lessons=EASY)).resumed


def test_every_answer_is_on_record_before_it_is_judged(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=2))
    desk.screen(desk.wrong(view))
    desk.screen(desk.right(view))
    kept = Record().attempts(learner_name())
    assert [(each.verdict, each.number, each.closed) for each in kept] == [
        ("right", 2, True),
        ("wrong", 1, False),
    ]
    assert all(str(each.seed) in placed(view).code for each in kept)
    assert kept[1].cells == ["77.7"] * len(view.grid.asked)
    assert set(Record().cards(kept[0].learner)) == {kept[0].skill}


def test_whoever_names_other_lessons_is_not_led_back(desk: Desk) -> None:
    for exam in (False, True):
        desk.open(QuizSpec(lessons=EASY, items=2, exam=exam))
        assert Desk.anew().open(QuizSpec(exam=exam)).resumed
        assert Desk.anew().open(QuizSpec(lessons=EASY[::-1], exam=exam)).resumed
        other = Desk.anew().open(QuizSpec(lessons=["batch"], items=2, exam=exam))
        assert not other.resumed


def test_a_quiz_of_a_lesson_that_has_changed_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    Desk.anew().open(QuizSpec(lessons=[str(path)], items=3))
    path.write_text(MINE.replace("w * x", "x * w + x"))
    again = Desk.anew().open(QuizSpec(lessons=[str(path)], items=3))
    assert not again.resumed
    assert "changed" in again.remark


def test_a_lesson_s_file_may_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
        (folder / "mine.toml").write_text(MINE)
    spec = QuizSpec(lessons=["mine.toml"], items=2, seed=4, resume=False)
    views = []
    for folder in folders:
        monkeypatch.chdir(folder)
        views.append(Desk.anew().step(spec))
    assert views[0].knowns == views[1].knowns
    monkeypatch.chdir(tmp_path)
    assert Desk.anew().open(QuizSpec()).resumed


def test_what_could_not_be_kept_is_said_of_both_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    desk = Desk.anew()
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=4))
    nothing_can_be_kept(tmp_path)
    said = [desk.view(desk.wrong(view)).message for _ in range(2)]
    assert [[said[0].count(each), said[1].count(each)] for each in KEPT_NOWHERE] == [[1, 0]] * 2


def test_that_a_quiz_cannot_be_kept_is_said_as_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path))
    (tmp_path / "quizzes").write_text("no folder")
    opened = Desk.anew().open(QuizSpec(lessons=EASY, items=2, seed=4))
    assert "cannot save your answers in" in opened.remark
    assert isinstance(opened.screen, StepView)
    assert not opened.screen.message


def test_what_is_for_lessons_is_refused_in_a_quiz(desk: Desk) -> None:
    desk.step(QuizSpec(lessons=EASY, items=2, seed=4))
    with pytest.raises(UserError):
        desk.ask(desk.tutor.train(10))
    for bad in (QuizSpec(items=0), QuizSpec(items=10_000), QuizSpec(seed=-1), QuizSpec(["no"])):
        with pytest.raises(UserError):
            desk.open(replace(bad, resume=False))


def test_two_terminals_in_one_quiz_lose_no_answer() -> None:
    one, two = Desk.anew(), Desk.anew()
    here = one.step(QuizSpec(lessons=EASY, items=4, seed=6))
    there = two.step(QuizSpec())
    assert there.quiz == here.quiz
    for view in two.items(there):
        assert two.view(two.right(view)).stage == "solved"
        if view.index == 2:
            break
    wrong = one.wrong(here)
    one.ask(one.tutor.draft(wrong.product or "", wrong.cells or []))
    assert "Another terminal has answered" in one.view(wrong).message
    left = Desk.anew().menu()
    assert [each.answered for each in left.quizzes] == [3]
    assert one.view(one.tutor.go("next")).index == 3


def asked_lessons(desk: Desk, spec: QuizSpec) -> set[str]:
    desk.open(spec)
    return set(desk.quiz.sitting.lessons)


def test_a_quiz_asks_about_the_lessons_that_are_begun_unless_all_are_wanted(desk: Desk) -> None:
    opened = desk.open(QuizSpec(items=2))
    assert opened.remark == NOTHING_BEGUN.to("en")
    assert desk.quiz.sitting.lessons == available()[:FIRST]
    stand_at("dL_dz", "sigmoid-neuron")
    stand_at("z", "one-neuron")
    new = QuizSpec(items=2, resume=False)
    assert asked_lessons(desk, new) == {"sigmoid-neuron"}  # a first step that is open is no answer
    for spec in (replace(new, all_lessons=True), replace(new, seed=3), replace(new, exam=True)):
        assert asked_lessons(desk, spec) == set()
    assert not Desk.anew().open(QuizSpec(lessons=["batch"])).resumed
    assert Desk.anew().open(QuizSpec()).resumed
    assert not Desk.anew().open(QuizSpec(all_lessons=True)).resumed
