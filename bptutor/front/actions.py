"""The table of actions: all that a learner can do in the screen app and in text mode.

Bindings, the line of keys, the `keys` setting, the commands of text mode and every list of them are
read from here. A row with a `key` is for the screen app, one with a `word` for text mode, one with
both for both. In the order of the table text mode lists its commands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bptutor.front.here import Here, has_picture
from bptutor.front.tour import Tour
from bptutor.service.protocol import Tutor
from bptutor.text import Message

FIRST = (
    *("enter", "tab", "left", "right", "pageup", "pagedown", "escape"),
    *("f10", "ctrl+q", "ctrl+z"),
)
"""Keys that the field with the focus does not get."""


def always(_: Here) -> bool:
    """It is always there."""
    return True


def look(
    place: str, ask: Callable[[Tutor], Awaitable[object]]
) -> Callable[[Tour], Awaitable[None]]:
    """Ask the tutor for something, and show it in its place."""

    async def do(tour: Tour) -> None:
        await tour.stage.show(place, await tour.look(lambda: ask(tour.tutor)))

    return do


@dataclass(frozen=True)
class Action:
    """One thing that can be done in one or several places."""

    id: str
    """Its name in the `keys` setting; in one place only one action with a key has it."""
    places: str
    """Where it is: screens by their names, `app` for all of them, `list` and `field` for widgets;
    text mode has `menu`, `step`, `summary`, `quiz-end`, `changed`, and `app` for all of them."""
    do: str | Callable[..., Awaitable[None]]
    """A method of the tour; or by its name what the screen, the widget or the place in text mode
    does."""
    key: str = ""
    """By default; several with commas between them."""
    label: Message | None = None
    """Beside the key in the line of keys; None for what is not shown there."""
    word: Message | None = None
    """The command of text mode."""
    does: Message | None = None
    """What the command does."""
    takes: Message | None = None
    """What may be typed after the command; the tour's method gets it."""
    help: Message | None = None
    """What the key does in a lesson, for help; keys that have the same share a line."""
    quiz_help: Message | None = None
    """What it does in a quiz, where that is something else."""
    when: Callable[[Here], bool] = always
    rank: int = 5
    """The lower, the earlier it stands in the line of keys, which may not have room for all."""
    idle: bool = False
    """Does it only say why its key does nothing? Any other action may have the key too."""

    @property
    def keys(self) -> list[str]:
        return self.key.split(",")

    @property
    def priority(self) -> bool:
        return any(key in FIRST or key.removeprefix("shift+") in FIRST for key in self.keys)

    def run(self, tour: Tour, argument: str = "") -> Awaitable[None]:
        """Do it, where it is the tour's."""
        assert not isinstance(self.do, str)
        return self.do(tour, argument) if self.takes else self.do(tour)


CHECKS = Message("check the answer; once it is right, continue")
LAST = 99
BACK, HAND_IN = Message("Back"), Message("Submit")
GO_ON, BEGIN, START_AGAIN = Message("Continue"), Message("Begin"), Message("Start again")
MENU, CLOSE, ATTEMPTS = Message("Menu"), Message("Close"), Message("Past attempts")
VALUES = Message("show all known values in full; in the symbolic part, watch the gradient flow")
QUESTION = Message("go to the next question, or fill in the numbers where offered")
BEFORE = Message("go to the previous step")
AFTER = Message("go to the next step, up to the last one you reached")
QUIT = Message("quit; your place is saved")
LATER = Message("skip this item until the others are done")
KEPT = Message("go to the menu; your input is saved")
ONCE_MORE = Message("repeat this message")
TO_ITEM, NUMBER = Message("go to an item"), Message("NUMBER")
TIME = Message("show the time left")

SECOND = {
    "f1": "ctrl+g",
    "f2": "ctrl+t",
    "f3": "ctrl+r",
    "f4": "ctrl+o",
    "f5": "ctrl+n",
    "f6": "ctrl+l",
    "f7": "ctrl+s",
    "f8": "ctrl+b",
    "f9": "ctrl+y",
    "f12": "ctrl+p",
}
"""What does the same as a function key, which many terminals keep to themselves.

They leave alone the keys with which a field is edited (Ctrl+A, D, E, K, U, W, X, V), and those that
terminals take for others (Ctrl+H, I, J, M).
"""


def with_second(key: str) -> str:
    """A list of keys, each function key followed by the one that does the same."""
    keys = [each for one in key.split(",") for each in (one, SECOND.get(one, ""))]
    return ",".join(filter(None, keys))


# fmt: off
_ACTIONS: tuple[Action, ...] = (
    # ── the menu ──
    Action("open", "menu", "open", "enter", BEGIN,
           when=lambda here: here.lesson is not None and not here.begun),
    Action("resume", "menu", "resume", "enter", GO_ON, when=lambda here: here.begun),
    Action("anew", "menu", "anew", "f8", START_AGAIN, when=lambda here: here.begun),
    Action("anew", "menu", "anew", word=Message("/anew"), takes=NUMBER,
           does=Message("start a lesson again; its answers are cleared")),
    Action("ask", "menu", "ask", word=Message("/ask"), takes=NUMBER,
           does=Message("choose which steps to answer")),
    Action("repeat", "menu", "repeat", word=Message("/repeat"), does=ONCE_MORE),

    # ── a step ──
    Action("check", "step", "check", "enter", Message("Check"), help=CHECKS, rank=0,
           when=lambda here: here.open and here.told and not here.example),
    Action("example", "step", "check", "enter", GO_ON, help=CHECKS, rank=0,
           when=lambda here: here.example),
    Action("note", "step", "check", "enter", Message("Save"), rank=0,
           quiz_help=Message("exam: save the answer and go to the next item"),
           when=lambda here: here.open and here.silent),
    Action("go-on", "step", Tour.next, "enter", GO_ON, help=CHECKS, rank=0,
           when=lambda here: here.step is not None and not here.open),
    Action("repeat", "step", "repeat", word=Message("/repeat"),
           does=Message("repeat your place and the question")),
    Action("results", "step", Tour.overview, word=Message("/results"),
           does=Message("go to the results"), when=lambda here: here.reviewing),
    Action("hint", "step", Tour.hint, "f2", Message("Hint"), Message("/hint"), rank=2,
           does=Message("show a hint; after the last hint, the answer"),
           help=Message("show a hint; after the last hint, the answer"),
           when=lambda here: here.open and here.told),
    Action("show", "step", Tour.show_answer, "f3", Message("Answer"), Message("/show"), rank=2,
           does=Message("show the answer (the step counts as shown, not as solved)"),
           help=Message("show the answer (the step counts as shown, not as solved)"),
           when=lambda here: here.open and here.told),
    Action("no-hints", "step", Tour.no_hints, "f2,f3", idle=True, rank=LAST,
           when=lambda here: here.silent),
    Action("row", "step", "row", word=Message("/row"), takes=Message("ROW"),
           does=Message("type one row of the value again"),
           when=lambda here: here.open and here.asks_rows),
    Action("swap", "step", "swap", word=Message("/swap"),
           does=Message("answer the value first (again: the formula first)"),
           when=lambda here: here.open and here.asks_both),
    Action("fill-in", "step", Tour.fill_in, "f8", Message("Fill in the numbers"),
           Message("/numbers"), does=Message("fill in the numbers"), help=QUESTION, rank=1,
           when=lambda here: here.open and here.step is not None and here.step.offers_numbers),
    Action("next", "step", Tour.next, word=Message("/next"), does=Message("go to the next step"),
           when=lambda here: here.in_lesson and not here.open),
    Action("question", "step", Tour.to_question, "f8", Message("Next question"),
           help=QUESTION, rank=1, when=lambda here: here.in_lesson and here.worked),
    Action("question", "step", Tour.to_question, word=Message("/question"),
           does=Message("skip the steps that TensorFlow computed, to the next question"),
           when=lambda here: here.in_lesson and not here.open),
    Action("next", "step", Tour.next, word=Message("/next"), does=Message("go to the next item"),
           when=lambda here: here.in_quiz and not here.reviewing
           and (here.silent or not here.open)),
    Action("retype", "step", "retype", word=Message("/retype"),
           does=Message("clear the answer and type it again"), when=lambda here: here.silent),
    Action("flag", "step", Tour.flag, "f8", Message("Flag"), Message("/flag"), rank=1,
           does=Message("flag this item for later, or remove the flag"),
           quiz_help=Message("exam: flag this item for later, or remove the flag"),
           when=lambda here: here.silent),
    Action("hand-in", "step", Tour.overview, "f9", HAND_IN, Message("/hand-in"), rank=1,
           does=Message("review your answers and submit"),
           quiz_help=Message("exam: review your answers and submit"),
           when=lambda here: here.silent),
    Action("time", "step", "time", word=Message("/time"), does=TIME,
           when=lambda here: here.silent and here.timed),
    Action("skip", "step", Tour.skip, "f5", Message("Skip"), Message("/skip"), rank=4,
           does=LATER, quiz_help=LATER,
           when=lambda here: here.open and here.in_quiz and (here.told or not here.text)
           and here.step is not None and here.step.total > 1),
    Action("values", "step", Tour.values, "f7", Message("Values"), Message("/values"), rank=7,
           takes=Message("NAME"), help=VALUES,
           does=Message("list all known values, or show one in full; W1 row 2 and W1 column 3 "
                        "are parts"),
           quiz_help=Message("show the item's code; a teacher who types it sees the same numbers"),
           when=lambda here: here.step is not None and (here.text or here.step.part != "derive")),
    Action("signal", "step", "signal", "f7", Message("Flow"), help=VALUES, rank=7,
           when=lambda here: here.moves and here.step is not None and here.step.part == "derive"),
    Action("program", "step", "program", word=Message("/program"),
           does=Message("show the program with its values and gradients so far")),
    Action("code", "step", "code", word=Message("/code"),
           does=Message("show the last lines of the TensorFlow code so far")),
    Action("why", "step", look("why", lambda tutor: tutor.explain()), "f9",
           Message("Why"), Message("/why"), rank=6, does=Message("explain this step"),
           help=Message("explain this step; test the gradient by changing one number"),
           when=lambda here: here.told and (here.text or here.explained)),
    Action("picture", "step", Tour.picture, "f12", Message("Picture"), Message("/picture"),
           takes=Message("EXAMPLE"), rank=8,
           does=Message("describe the picture in words; of a batch, for one example"),
           help=Message("show the network or graph as a picture, and matrices as heat maps"),
           when=lambda here: here.step is not None and has_picture(here.step)),
    Action("nudge", "step", "nudge", word=Message("/nudge"), takes=Message("ROW COLUMN AMOUNT"),
           does=Message("change one number a little and see how the loss changes"),
           when=lambda here: here.told and here.step is not None and bool(here.step.nudgeable)),
    Action("try-again", "step", Tour.try_again, "f8", Message("New numbers"), Message("/retry"),
           rank=3, does=Message("try this step again on new numbers"),
           help=Message("after an answer: try the step again on new numbers"),
           when=lambda here: here.may_try_again),
    Action("forward", "step", Tour.forward, "f5", Message("Next"), help=AFTER, rank=4,
           when=lambda here: here.may_go_forward),
    Action("page-forward", "step", Tour.forward, "pagedown", help=AFTER,
           when=lambda here: here.may_go_forward),

    Action("no-further", "step", Tour.no_further, "f5", idle=True, rank=LAST,
           when=lambda here: here.step is not None and not here.may_go_forward
           and not (here.open and here.in_quiz and here.step.total > 1)),
    Action("no-numbers", "step", Tour.no_numbers, "f8", idle=True, rank=LAST,
           when=lambda here: here.step is not None and not here.silent
           and not here.step.offers_numbers and not here.may_try_again
           and not (here.in_lesson and here.worked)),

    # ── the end of an iteration ──
    Action("repeat", "summary", "repeat", word=Message("/repeat"), does=ONCE_MORE),
    Action("train-typed", "summary", "train", "enter", Message("Train"), rank=0,
           when=lambda here: here.trains and here.typed),
    Action("train", "summary", "train", "f8", Message("Train"), rank=1,
           when=lambda here: here.trains),
    Action("train", "summary", "train", word=Message("/train"), takes=Message("ITERATIONS"),
           does=Message("run more iterations in TensorFlow"),
           when=lambda here: here.trains),
    Action("train-larger", "summary", "train_larger", "f2", Message("Larger rate"),
           rank=3, when=lambda here: here.larger),
    Action("train-larger", "summary", "larger", word=Message("/larger"),
           takes=Message("ITERATIONS"),
           does=Message("train with the larger learning rate for so many iterations"),
           when=lambda here: here.larger),
    Action("in-numbers", "summary", Tour.onward, "enter", Message("In numbers"), rank=0,
           when=lambda here: here.at_rest and here.into == "tape"),
    Action("in-keras", "summary", Tour.onward, "enter", Message("Keras"), rank=0,
           when=lambda here: here.at_rest and here.into == "keras"),
    Action("onward", "summary", Tour.onward, "enter", Message("Next lesson"), rank=0,
           when=lambda here: here.at_rest and here.another and here.into is None),
    Action("all-done", "summary", Tour.menu, "enter", MENU, rank=0,
           when=lambda here: here.at_rest and not here.onward),
    Action("next-lesson", "summary", Tour.next_lesson, "f5", Message("Next"), rank=4,
           when=lambda here: here.another and here.into is not None),
    Action("next-lesson", "summary", Tour.next_lesson, word=Message("/next"),
           does=Message("to the next lesson"), when=lambda here: here.another),
    Action("cancel", "summary", "cancel", "escape", Message("Stop the training"), rank=0,
           when=lambda here: here.training),
    Action("again", "summary", Tour.again, "f9", Message("By hand"),
           Message("/again"), rank=2, does=Message("do another iteration by hand"),
           when=lambda here: here.trains),

    # ── the way among the steps of a lesson and the items of a quiz ──
    Action("back", "step summary", Tour.back, "f4", BACK, help=BEFORE, rank=3,
           when=lambda here: here.may_go_back),
    Action("back", "step summary", Tour.back, word=Message("/back"), does=BEFORE,
           when=lambda here: not here.in_quiz),
    Action("page-back", "step summary", Tour.back, "pageup", help=BEFORE,
           when=lambda here: here.may_go_back),
    Action("steps", "step summary", Tour.steps, word=Message("/steps"),
           does=Message("list the steps"), when=lambda here: not here.in_quiz),
    Action("steps", "step", Tour.steps, "f6", Message("Steps"),
           help=Message("list the steps and go to one of them"),
           when=lambda here: here.in_lesson),
    Action("step", "step summary", "step", word=Message("/step"), takes=NUMBER,
           does=Message("go to a step you have reached"), when=lambda here: not here.in_quiz),
    Action("back", "step", Tour.back, word=Message("/back"),
           does=Message("go to the previous item"), when=lambda here: here.in_quiz),

    # ── the end of a quiz ──
    Action("visit", "quiz-end", "visit", "enter", Message("Open")),
    Action("repeat", "quiz-end", "repeat", word=Message("/repeat"), does=ONCE_MORE),
    Action("items", "step", Tour.items, "f6", Message("Items"), Message("/items"),
           does=Message("list the items"),
           quiz_help=Message("list the items (at the end, with results); Enter opens one"),
           when=lambda here: here.in_quiz),
    Action("items", "quiz-end", "items", word=Message("/items"), does=Message("list the items")),
    Action("item", "step quiz-end", "item", word=Message("/item"), takes=NUMBER, does=TO_ITEM,
           when=lambda here: not here.in_lesson),
    Action("hand-in", "quiz-end", "hand_in", "f9", HAND_IN, when=lambda here: not here.finished),
    Action("hand-in", "quiz-end", Tour.hand_in, word=Message("/hand-in"),
           does=Message("submit the exam and see your results"),
           when=lambda here: not here.finished),
    Action("time", "quiz-end", "time", word=Message("/time"), does=TIME,
           when=lambda here: here.timed),
    Action("another", "quiz-end", Tour.choose_quiz, "f3", Message("Another quiz"),
           when=lambda here: here.finished),
    Action("back", "quiz-end", Tour.back, "escape,f4", BACK,
           when=lambda here: not here.finished),
    Action("seed", "step", "seed", word=Message("/seed"),
           does=Message("show the seed of the quiz and the code of this item"),
           when=lambda here: here.in_quiz),

    # ── between lessons ──
    Action("quiz", "menu", "quiz", "f3", Message("Quiz")),
    Action("quiz", "progress", Tour.choose_quiz, "f3", Message("Quiz")),
    Action("quiz", "menu quiz-end", "quiz", word=Message("/quiz"), takes=Message("ITEMS"),
           does=Message("start a practice quiz; without a number, resume the last one"),
           when=lambda here: here.between),
    Action("exam", "menu quiz-end", "exam", word=Message("/exam"), takes=Message("ITEMS MINUTES"),
           does=Message("start an exam (marked at the end); without numbers, resume the last one"),
           when=lambda here: here.between),
    Action("replay", "menu quiz-end", "replay", word=Message("/replay"), takes=NUMBER,
           does=Message("repeat a past item with the same numbers, by attempt number or code"),
           when=lambda here: here.between),
    Action("progress", "menu quiz-end", look("progress", lambda tutor: tutor.progress()),
           "f4", Message("Progress"), Message("/progress"),
           does=Message("show your progress and the steps to practise"),
           when=lambda here: here.between),
    Action("attempts", "progress", Tour.attempts, "f6", ATTEMPTS,
           when=lambda here: here.attempts > 0),
    Action("attempts", "menu quiz-end", Tour.attempts, word=Message("/attempts"),
           does=Message("list your past attempts, latest first"), when=lambda here: here.between),
    Action("more", "menu quiz-end", "more", word=Message("/more"),
           does=Message("list older attempts"), when=lambda here: here.between and here.older),
    Action("settings", "menu", "settings", "f2", Message("Settings")),
    Action("settings", "menu quiz-end", "settings", word=Message("/settings"),
           takes=Message("NAME VALUE"), when=lambda here: here.between,
           does=Message("list the settings; with a name, explain one; with a value, change it")),
    Action("ask-before", "menu", "ask(-1)", "left"),
    Action("ask-after", "menu", "ask(1)", "right"),

    # ── before a lesson, and before a quiz ──
    Action("begin", "introduction", Tour.here, "enter", BEGIN, when=lambda here: here.opened),
    Action("begin", "exam", Tour.begin_exam, "enter", BEGIN),
    Action("repeat", "exam", "repeat", word=Message("/repeat"), does=ONCE_MORE),
    Action("quiz-go-on", "quiz", "go_on", "enter", GO_ON),
    Action("quiz-begin", "quiz", "begin", "enter", BEGIN),
    Action("choice-after", "quiz", "change(1)", "right", Message("Change")),
    Action("choice-before", "quiz", "change(-1)", "left"),
    Action("changed-go-on", "changed", Tour.go_on_changed, "enter", GO_ON),
    Action("changed-anew", "changed", Tour.start_again, "f8", START_AGAIN, Message("/anew"),
           does=Message("start the lesson again; its answers are cleared")),
    Action("changed-leave", "changed", "leave", "escape", Message("Cancel")),

    # ── everywhere ──
    Action("menu", "step", Tour.menu, "escape", MENU, help=KEPT, rank=9,
           when=lambda here: not (here.replays or here.returns or here.reviewing)),
    Action("results", "step", Tour.overview, "escape", Message("Results"), rank=9,
           when=lambda here: here.reviewing and not here.returns),
    Action("menu", "introduction quiz exam progress", Tour.menu, "escape", MENU),
    Action("menu", "summary", Tour.menu, "escape", MENU, rank=2,
           when=lambda here: not here.training),
    Action("menu", "quiz-end", Tour.menu, "escape", MENU, rank=9,
           when=lambda here: here.finished and not here.replays and not here.returns),
    Action("to-lesson", "step quiz-end", Tour.to_lesson, "escape", Message("To the lesson"),
           Message("/lesson"), rank=9, does=Message("go back to the lesson"),
           when=lambda here: here.returns),
    Action("attempts", "step quiz-end", Tour.to_attempts, "escape", ATTEMPTS, rank=9,
           when=lambda here: here.replays),
    Action("menu", "step summary exam quiz-end changed", Tour.menu, word=Message("/menu"),
           does=KEPT, when=lambda here: not here.training),
    Action("help", "app", "help", "f1", Message("Help"), Message("/help"),
           does=Message("show this list (also: ?)"), help=Message("show this help")),
    Action("help", "changed steps attempts values why picture settings", "app.help",
           "f1", Message("Help"), rank=9),
    Action("help-too", "menu introduction quiz quiz-end progress", "app.help", "question_mark"),
    Action("quit", "app", "leave", "f10", Message("Quit"), Message("/quit"), does=QUIT, help=QUIT),
    Action("quit-too", "app", "leave", "ctrl+q", help=QUIT),
    Action("how-to-quit", "app", "how_to_quit", "ctrl+c"),
    Action("suspend", "app", "suspend_process", "ctrl+z"),

    # ── over a screen ──
    Action("jump", "steps", "jump", "enter", Message("Open")),
    Action("replay", "attempts", "replay", "enter", Message("Try again")),
    Action("to-table", "values", "app.focus_next", "tab", Message("Go to the table")),
    Action("nudge", "why", "nudge", "enter", Message("Change it"),
           when=lambda here: here.step is not None and bool(here.step.nudgeable)),
    Action("close-enter", "why", "close", "enter"),
    Action("to-heat", "picture", "heat", "tab", Message("Heat maps")),
    Action("to-drawing", "picture", "drawing", "tab", Message("Picture")),
    Action("next-matrix", "picture", "choose(1)", "right", Message("Next matrix")),
    Action("matrix-before", "picture", "choose(-1)", "left"),
    Action("walk-back", "picture", "walk(-1)", "f4,pageup", BACK),
    Action("walk-on", "picture", "walk(1)", "f5,pagedown", Message("Next")),
    Action("next-example", "picture", "example(1)", "down", Message("Next example")),
    Action("example-before", "picture", "example(-1)", "up"),
    Action("picture-down", "picture", "scroll(0, 1)", "down"),
    Action("picture-up", "picture", "scroll(0, -1)", "up"),
    Action("picture-right", "picture", "scroll(4, 0)", "right"),
    Action("picture-left", "picture", "scroll(-4, 0)", "left"),
    Action("setting-before", "settings", "change(-1)", "left"),
    Action("setting-after", "settings", "change(1)", "right", Message("Change")),
    Action("setting-change", "settings", "change(1)", "enter"),
    Action("close", "steps attempts values why picture help settings", "close", "escape", CLOSE),
    Action("close-too", "steps attempts", "close", "f6"),
    Action("close-too", "values", "close", "f7,enter"),
    Action("close-too", "help", "close", "f1,enter"),
    Action("close-too", "why", "close", "f9"),
    Action("close-too", "picture", "close", "f12,enter"),
    Action("close-too", "settings", "close", "f2"),

    # ── the focus, and what is out of sight ──
    Action("next-field", "step why", "app.focus_next", "tab"),
    Action("field-before", "step", "app.focus_previous", "shift+tab"),
    Action("scroll-up", "step", "scroll(-1)", "up,ctrl+up"),
    Action("scroll-down", "step", "scroll(1)", "down,ctrl+down"),
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
TABLE = tuple(replace(each, key=with_second(each.key)) for each in _ACTIONS)
