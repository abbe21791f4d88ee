"""What the menu shows beside the lessons: a pace is the median of measured steps, or none."""

from bptutor.record.attempts import Attempt
from bptutor.service.progress import pace_of
from tests.record.attempts import attempt


def steps(kind: str, *seconds: float) -> list[Attempt]:
    return [
        attempt(step=f"{kind} {i}", kind=kind, closed=True, milliseconds=round(1000 * each))
        for i, each in enumerate(seconds)
    ]


def test_a_pace_is_the_median_by_kind_and_of_all() -> None:
    backward = steps("backward", 10, 20, 30, 40, 9_000)  # somebody went for lunch
    forward = steps("forward", 4, 6, 8, 10)
    pace = pace_of([*backward, *forward, *steps("update", 50)])
    assert pace == {"backward": 30, "forward": 7, "": 15}


def test_what_is_typed_wrong_first_counts_to_its_step_and_open_steps_do_not() -> None:
    twice = [
        attempt(step="twice", kind="local", milliseconds=5_000),
        attempt(step="twice", kind="local", closed=True, number=2, milliseconds=7_000),
    ]
    others = steps("forward", *[1] * 9)
    assert pace_of([*twice, *others, attempt(step="open", milliseconds=90_000)])[""] == 1
    assert pace_of([*twice, *others][1:])[""] == 1
    assert pace_of([*twice, *others[1:]]) == {}  # nine steps are too few
    assert pace_of([attempt(step=str(i), sitting="quiz", closed=True) for i in range(99)]) == {}
