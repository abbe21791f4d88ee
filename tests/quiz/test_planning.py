"""What comes next: on a few steps made by hand, and with learners who hold one misconception."""

import os
import random
import subprocess
import sys
from collections import defaultdict
from functools import cache
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.skills import Skill
from bptutor.literals import Rating
from bptutor.quiz.planner import GENTLE, Candidate, Choice, Memory, Outcome, Planner
from bptutor.quiz.schedule import reviewed
from bptutor.record.attempts import Met
from tests.quiz.simulated import (
    DAY,
    NOW,
    WITHIN,
    Run,
    candidates,
    learner,
    misconceptions,
    quiz,
    remembered,
    runs,
)


def step(name: str, skill: Skill, burden: float = 1.0, mistakes: str = "") -> Candidate:
    return Candidate("made up", name, skill, burden, frozenset(mistakes))


SMALL = (
    step("dL_dW1", "weight-gradient", 9, "ab"),
    step("dL_dw", "weight-gradient", 1, "a"),
    step("dL_dv", "weight-gradient", 2, "b"),
    step("dL_db", "bias-gradient", 3, "c"),
    step("Z1", "affine-forward", 2, "d"),
    step("W1_new", "update", 4, "e"),
    step("a1", "activation-forward", 2, "f"),
)
W1, W, V = SMALL[:3]


def right(candidate: Candidate) -> Outcome:
    return Outcome(candidate, solved=True)


def wrong(candidate: Candidate, *mistakes: str, solved: bool = True) -> Outcome:
    return Outcome(candidate, solved, wrong=1, shown=not solved, mistakes=mistakes)


def planner(memory: Memory | None = None, seed: int = 1) -> Planner:
    return Planner(SMALL, memory or Memory(), seed, NOW)


def all_right(done: list[Outcome], count: int, plan: Planner) -> list[Choice]:
    """Go on with right answers; what was chosen."""
    choices = []
    for _ in range(count):
        choices.append(plan.next(done))
        done.append(right(choices[-1].candidate))
    return choices


def card(how: Rating, days_ago: float) -> str:
    return reviewed(None, how, NOW - days_ago * DAY)[0]


# ── what went wrong comes back ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("mistake", "easiest"), [("a", W), ("b", V)])
def test_a_mistake_comes_back_after_three_others_in_the_form_that_is_least_work(
    mistake: str, easiest: Candidate
) -> None:
    done = [wrong(W1, mistake)]
    others = all_right(done, 3, planner())
    assert not {each.candidate.skill for each in others} & {W1.skill}
    assert planner().next(done) == Choice(easiest, "easier")


def test_once_that_is_right_it_comes_back_at_full_difficulty_and_then_rests() -> None:
    done = [wrong(W1, "a")]
    choices = all_right(done, 12, planner())
    assert [each.why for each in choices].count("easier") == 1
    assert choices[3] == Choice(W, "easier")
    assert choices[7] == Choice(W1, "again")
    assert {each.why for each in choices[8:]} <= {"new", "ahead"}


def test_as_long_as_the_easier_form_goes_wrong_it_comes_back() -> None:
    done = [wrong(W1, "a")]
    for _ in range(3):
        all_right(done, 3, planner())
        assert planner().next(done) == Choice(W, "easier")
        done.append(wrong(W, "a", solved=False))


def test_where_nothing_is_easier_it_comes_back_as_it_is() -> None:
    done = [wrong(W, "a")]
    all_right(done, 3, planner())
    choice = planner().next(done)
    assert choice.why == "again"
    assert "a" in choice.candidate.mistakes


def test_a_slip_comes_back_at_once_in_full() -> None:
    done = [wrong(W1, "sign-slip")]
    all_right(done, 3, planner())
    assert planner().next(done) == Choice(W1, "again")


def test_what_was_shown_comes_back_too() -> None:
    done = [Outcome(W1, solved=False, shown=True)]
    all_right(done, 3, planner())
    assert planner().next(done).why == "easier"


def test_a_hint_alone_brings_nothing_back() -> None:
    done = [Outcome(W1, solved=True, hints=2)]
    assert {each.why for each in all_right(done, 10, planner())} <= {"new", "ahead"}


def test_two_mistakes_come_back_the_older_one_first() -> None:
    done = [wrong(W1, "a"), wrong(SMALL[3], "c")]
    choices = all_right(done, 4, planner())
    assert choices[2] == Choice(W, "easier")
    assert choices[3] == Choice(SMALL[3], "again")


# ── what is due, what is not known yet, what is weakest ───────────────────────────────────────


def test_due_skills_come_before_new_ones_and_the_likeliest_forgotten_first() -> None:
    memory = Memory(
        {
            "update": card("good", days_ago=3),
            "bias-gradient": card("good", days_ago=30),
            "weight-gradient": card("again", days_ago=4),
            "affine-forward": card("good", days_ago=1),  # not due yet
        }
    )
    choices = all_right([], 5, planner(memory))
    assert [each.why for each in choices] == ["due", "due", "due", "new", "new"]
    assert [each.candidate.skill for each in choices[:3]] == [
        "weight-gradient",  # retrievability 0.71, by the forgetting curve
        "bias-gradient",  # 0.73
        "update",  # 0.88
    ]


def test_of_a_due_skill_the_mistakes_that_were_made_before_are_looked_at() -> None:
    memory = Memory(
        {"weight-gradient": card("good", days_ago=9)},
        {"a": Met(9, 0, 0), "b": Met(4, 4, NOW - 9 * DAY)},
    )
    plan = Planner([W, V], memory, 1, NOW)
    assert plan.next([]) == Choice(V, "due")


KNOWN = Memory({"order": card("good", days_ago=1)})
"""Of somebody who has been here before."""


def test_after_light_ones_the_item_comes_that_tells_most_and_of_such_the_least_work() -> None:
    before = [right(step(f"s{n}", "order", mistakes=f"{n}")) for n in range(GENTLE)]
    assert planner(KNOWN).next(before) == Choice(W1, "new")
    heavy, light = step("dL_dU", "gradient", 5, "xyz"), step("dL_du", "gradient", 4, "xyw")
    assert Planner([*SMALL, heavy, light], KNOWN, 1, NOW).next(before).candidate == light


def test_a_quiz_begins_with_light_items() -> None:
    choices = all_right([], 5, planner())
    assert [each.candidate.burden for each in choices] == [2, 2, 3, 9, 4]


def test_every_mistake_has_its_occasion_before_anything_is_practised_ahead() -> None:
    choices = all_right([], 8, planner())
    assert [each.why for each in choices] == ["new"] * 5 + ["ahead"] * 3
    met = frozenset[str]().union(*(each.candidate.mistakes for each in choices[:5]))
    assert met == set("abcdef")


def test_an_item_that_was_given_up_has_told_nothing() -> None:
    given_up = Outcome(W1, solved=False, shown=True)
    assert given_up.evidence == frozenset()
    assert wrong(W1, "a", solved=False).evidence == {"a"}
    assert wrong(W1, "a").evidence == {"a", "b"}


def test_with_a_strong_record_the_weakest_skill_is_practised_ahead() -> None:
    strong = reviewed(card("good", days_ago=60), "good", NOW - 2 * DAY)[0]
    cards: dict[str, str] = {each.skill: strong for each in SMALL}
    cards["update"] = card("good", days_ago=1)
    memory = Memory(cards, {id_: Met(5, 0, 0) for id_ in "abcdef"})
    choices = all_right([], 6, planner(memory))
    assert {each.why for each in choices} == {"ahead"}
    assert choices[0].candidate.skill == "update"
    assert len({each.candidate.skill for each in choices[:4]}) == 4


@given(st.lists(st.sampled_from(SMALL)), st.data())
def test_no_step_comes_twice_in_a_row(asked: list[Candidate], data: st.DataObject) -> None:
    done = [
        Outcome(
            each,
            data.draw(st.booleans()),
            data.draw(st.integers(0, 2)),
            data.draw(st.integers(0, 2)),
            data.draw(st.booleans()),
            tuple(data.draw(st.lists(st.sampled_from([*each.mistakes, "sign-slip"]), max_size=2))),
        )
        for each in asked
    ]
    choice = planner().next(done)
    assert not done or choice.candidate != done[-1].candidate
    assert choice.candidate in SMALL


def test_the_only_step_comes_again_and_again() -> None:
    choices = all_right([], 5, Planner([W], Memory(), 1, NOW))
    assert {each.candidate for each in choices} == {W}


# ── the same again ────────────────────────────────────────────────────────────────────────────


@pytest.mark.whole
def test_a_quiz_that_goes_on_goes_on_as_it_would_have() -> None:
    memory = Memory({"update": card("good", 3)}, {"upstream-missing": Met(3, 2, NOW - DAY)})
    whole = quiz("relu-mask-missing", learner("relu-mask-missing", 5), 5, memory=memory)
    for count in range(0, len(whole.choices), 3):
        resumed = Planner(reversed(candidates()), memory, 5, NOW)
        assert resumed.next(whole.outcomes[:count]) == whole.choices[count]


def test_another_process_chooses_the_same() -> None:
    code = (
        "from bptutor.lesson.load import load\n"
        "from bptutor.quiz.practice import candidates_of\n"
        "from bptutor.quiz.planner import Memory, Outcome, Planner\n"
        "planner, done = Planner(candidates_of('rnn', load('rnn')), Memory(), 7, 1e9), []\n"
        "for place in range(30):\n"
        "    choice = planner.next(done)\n"
        "    done.append(Outcome(choice.candidate, solved=True, wrong=place % 4))\n"
        "    print(choice.candidate.step, choice.why)\n"
    )

    def chosen(hashes: str) -> str:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hashes,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        found = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        return found.stdout

    assert chosen("1") == chosen("2") != ""


def test_another_seed_chooses_otherwise_where_that_is_as_good() -> None:
    chosen = {quiz("", right, seed, length=12).choices for seed in range(5)}
    assert len(chosen) > 1


# ── learners who hold one misconception ───────────────────────────────────────────────────────


@cache
def simulated() -> tuple[Run, ...]:
    return tuple(runs(2))


@pytest.mark.whole
def test_the_weak_skill_is_found_within_twelve_items() -> None:
    assert len(misconceptions()) >= 60
    found = [each.in_time for each in simulated()]
    assert len(found) >= 150
    assert mean(found) >= 0.97 * most_within_a_dozen() / len(misconceptions())


def most_within_a_dozen() -> int:
    """The misconceptions that the best dozen items show, which is far from all: many show at one or
    two steps alone. It is looked for by chance here, with nothing of the planner's.
    """
    chance, sets = random.Random(5), [each.mistakes for each in candidates() if each.mistakes]
    best = 0
    for _ in range(20):
        dozen = chance.sample(sets, WITHIN)
        for place in 5 * [*range(WITHIN)]:
            others = frozenset[str]().union(*dozen[:place], *dozen[place + 1 :])
            dozen[place] = max(sets, key=lambda each: len(each - others))
        best = max(best, len(frozenset[str]().union(*dozen)))
    return best


@pytest.mark.whole
def test_from_then_on_practice_goes_to_the_weak_skill() -> None:
    shares = defaultdict(list)
    for run in simulated():
        if run.found is not None and run.in_time:
            shares[run.held].append(run.share(run.held, run.found))
    for held, found in shares.items():
        fair = mean(held in each.mistakes for each in candidates())
        assert mean(found) >= 1.5 * fair, held
    everyone = [quiz("", learner("", seed), seed) for seed in range(5)]
    without = mean(run.share(held, WITHIN) for run in everyone for held in shares)
    assert mean(mean(found) for found in shares.values()) >= 3 * without


@pytest.mark.whole
def test_days_later_the_weak_skill_is_found_again() -> None:
    later = [
        quiz(
            run.held, learner(run.held, 1), 1, length=WITHIN, memory=remembered(run, NOW - 4 * DAY)
        )
        for run in simulated()[::2]
        if run.in_time
    ]
    assert mean(run.in_time for run in later) >= 0.95
    assert {choice.why for run in later for choice in run.choices[:3]} == {"due"}


@pytest.mark.whole
def test_what_went_wrong_rests_for_three_items_and_is_asked_at_the_fourth() -> None:
    for run in simulated():
        for count, outcome in enumerate(run.outcomes[:-4]):
            if outcome.mistakes == (run.held,):
                kind = outcome.candidate.skill
                again = [
                    each.candidate.skill == kind and run.held in each.candidate.mistakes
                    for each in run.choices[count + 1 : count + 4]
                ]
                assert not any(again)
        returned = [each for each in run.choices if each.why in ("easier", "again")]
        assert returned or run.found is None or run.found > len(run.choices) - 4


def test_of_items_that_are_as_good_one_of_another_lesson_comes() -> None:
    first = Candidate("one", "dL_dw", "weight-gradient", 1, frozenset("x"))
    same = Candidate("one", "dL_dz", "gradient", 2, frozenset("y"))
    other = Candidate("two", "dL_dz", "gradient", 2, frozenset("y"))
    for seed in range(9):
        chosen = Planner([first, same, other], Memory(), seed, NOW).next([right(first)])
        assert chosen.candidate == other
