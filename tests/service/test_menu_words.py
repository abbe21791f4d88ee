"""What the menu and the end of an iteration say, from what their views have."""

from datetime import date

from bptutor.service.lesson_words import in_a_row, moved, shown_steps, unmoved, walk
from bptutor.service.words import KINDS
from bptutor.views import Matrix
from bptutor.views.lesson import Outlook, ParameterChange, SummaryView, Walked
from bptutor.views.quiz import Day

TODAY = date(2026, 3, 1)


def test_days_in_a_row_end_today_or_yesterday() -> None:
    def said(*days: str) -> str:
        return str(in_a_row(Outlook(days=[Day(day, 1, 1) for day in days]), TODAY) or "")

    assert said("2026-02-25", "2026-02-27", "2026-02-28", "2026-03-01") == "3 days in a row"
    assert said("2026-02-27", "2026-02-28") == "2 days in a row"
    assert said("2026-02-26", "2026-02-27") == said("2026-03-01") == ""


def test_the_largest_change_of_each_parameter_and_the_walk() -> None:
    old, new = (
        Matrix([1, 3], values, "float64") for values in ([0.5, -0.25, 1], [0.5, -0.75, 1.1])
    )
    steps = [("Z", "local", "right"), ("L", "forward", "shown"), ("W_new", "update", "partly")]
    view = SummaryView(
        "", 1, 0.0, 0.0, [ParameterChange("W", old, new)], 0, 0, 0, 0, "", [], True,
        walk=[Walked(name, kind, None, state) for name, kind, state in steps],  # type: ignore[arg-type]
    )  # fmt: skip
    (of_w,) = moved(view)
    assert (of_w.before, of_w.after, of_w.largest) == ("-0.25", "-0.75", 0.5)
    assert str(unmoved([of_w])).endswith(" 1")
    assert [*walk(view)] == [KINDS["forward"], KINDS["update"]]
    assert [step.name for step in walk(view)[KINDS["forward"]]] == ["Z", "L"]
    assert str(shown_steps(view)).endswith(" L")
