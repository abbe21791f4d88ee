"""The rows of the teacher's app, of the focus, and of what is out of sight (see `actions`)."""

from __future__ import annotations

from bptutor.front.action import BACK, QUIZ, SUBMIT, Action
from bptutor.text import Message

LIVE = Message("Live")
SIDE = Message("scroll the graph beside the step, where it is larger than its panel")

# fmt: off
DESK_ACTIONS: tuple[Action, ...] = (
    # ── the teacher's app ──
    Action("class-watch", "class", "go('class-live')", "enter", LIVE, rank=0,
           does=Message("watch the chosen assignment: who is where, and how the items go")),
    Action("class-paper", "class-live class-marks", "paper", "enter", Message("Paper"), rank=0,
           does=Message("show the chosen learner's paper; on an item, its mistakes")),
    Action("class-mark", "class-paper", "mark", "enter", Message("Points"), rank=0,
           does=Message("change the points of the chosen item, with a reason")),
    Action("class-save", "class-change", "save", "enter", Message("Save"), rank=0),
    Action("class-live", "class-mistakes class-marks", "go('class-live')", "f2", LIVE, rank=2,
           does=Message("watch the assignment: who is where, and how the items go")),
    Action("class-mistakes", "class class-live class-marks", "go('class-mistakes')", "f3",
           Message("Mistakes"), rank=2,
           does=Message("show the mistakes by item, with sample answers")),
    Action("class-marks", "class class-live class-mistakes", "go('class-marks')", "f4",
           Message("Mark sheet"), rank=2, does=Message("show everybody's marks")),
    Action("class-people", "class", "go('class-people')", "f6", Message("People"), rank=3,
           does=Message("show the roster, and read it from a file")),
    Action("class-assign", "class", "assign", "f7", Message("Assign"), rank=3,
           does=Message("assign what a file says, or change an assignment")),
    Action("class-read", "class-people", "read", "f7", Message("Read a file"), rank=1,
           does=Message("read the roster from a CSV file")),
    Action("class-extend", "class-live", "extend", "f5", Message("Extend"), rank=1,
           does=Message("give learners more time, with a reason")),
    Action("class-reopen", "class-live", "reopen", "f8", Message("Reopen"), rank=3,
           does=Message("let the chosen learner continue a submitted paper, with a reason")),
    Action("class-close", "class-live", "close", SUBMIT, Message("Close"), rank=3,
           does=Message("submit papers now, or close the assignment, with a reason")),
    Action("class-regrade", "class-marks", "regrade", "f8", Message("Grade again"), rank=3,
           does=Message("grade every submitted paper again, with a reason")),
    Action("class-release", "class-marks", "release", "f9", Message("Release"), rank=1,
           does=Message("show learners their score or the answers, with a reason")),
    Action("class-preview", "class class-live", "go('class-preview')", "f12",
           Message("Preview"), rank=4,
           does=Message("show the questions as a learner gets them, with the right answers")),
    Action("class-sort", "class-live", "sort", QUIZ, Message("Sort"), rank=3,
           does=Message("sort the learners by state, time left, last key or login")),
    Action("class-items", "class-live", "app.focus_next", "tab", Message("Items"), rank=4,
           does=Message("go from the learners to the items, and back")),
    Action("class-back", "class-people class-preview class-live class-mistakes class-marks "
           "class-paper", "back", "escape", BACK, rank=5, does=Message("go to the screen before")),
    Action("class-cancel", "class-change", "close", "escape", Message("Cancel")),

    # ── the focus, and what is out of sight ──
    Action("next-field", "step why class-change", "app.focus_next", "tab"),
    Action("field-before", "step class-change", "app.focus_previous", "shift+tab"),
    Action("scroll-up", "class class-people class-preview class-mistakes class-marks class-paper",
           "scroll(-1)", "ctrl+up"),
    Action("scroll-down", "class class-people class-preview class-mistakes class-marks "
           "class-paper", "scroll(1)", "ctrl+down"),
    Action("scroll-up", "step", "scroll(-1)", "up,ctrl+up"),
    Action("scroll-down", "step", "scroll(1)", "down,ctrl+down"),
    Action("side-up", "step", "scroll_side(0, -1)", "alt+up", help=SIDE),
    Action("side-down", "step", "scroll_side(0, 1)", "alt+down", help=SIDE),
    Action("side-left", "step", "scroll_side(-4, 0)", "alt+left", help=SIDE),
    Action("side-right", "step", "scroll_side(4, 0)", "alt+right", help=SIDE),
    Action("scroll-up", "summary", "scroll(-1)", "up"),
    Action("scroll-down", "summary", "scroll(1)", "down"),
    Action("choice-up", "list", "step(-1)", "up"),
    Action("choice-down", "list", "step(1)", "down"),
    Action("choice-page-up", "list", "page(-1)", "pageup"),
    Action("choice-page-down", "list", "page(1)", "pagedown"),
    Action("choice-first", "list", "end(-1)", "home"),
    Action("choice-last", "list", "end(1)", "end"),
    Action("cell-up", "field", "move(0, -1)", "up"),
    Action("cell-down", "field", "move(0, 1)", "down"),
)
# fmt: on
