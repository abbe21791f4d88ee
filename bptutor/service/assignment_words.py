"""What every front says in the same words of the assignments of a class."""

from collections.abc import Iterator, Sequence

from bptutor.quiz.schedule import HINT, WRONG
from bptutor.service.desk_words import NO_ZONE, moment
from bptutor.service.quiz_words import EXAM_RULES, points, time_left
from bptutor.text import Message, significant
from bptutor.views.assignments import AssignmentCover, AssignmentItem
from bptutor.views.classroom import AssignmentKind, Shown

KINDS: dict[AssignmentKind, Message] = {
    "practice": Message("Practice"),
    "homework": Message("Homework"),
    "exam": Message("Exam"),
}
SCORE_SHOWN: dict[Shown, Message] = {
    "submitted": Message("You see your score after you submit."),
    "closed": Message("You see your score after the assignment closes for everybody."),
    "released": Message("You see your score when your teacher releases it."),
}
ANSWERS_SHOWN: dict[Shown, Message] = {
    "submitted": Message("You see the right answers after you submit."),
    "closed": Message("You see the right answers after the assignment closes for everybody."),
    "released": Message("You see the right answers when your teacher releases them."),
}
FEEDBACK_RULES = (
    Message("bptutor marks each answer at once. Try as often as you like."),
    Message(
        "A wrong answer takes {wrong} % of the points of its item, a hint {hint} %.",
        wrong=round(100 * (1 - WRONG)),
        hint=round(100 * (1 - HINT)),
    ),
    Message("You can do the items in any order."),
)
LATE = Message("The due date is over. If you change an answer, {percent} % of your points count.")
REOPENED = Message("Your teacher has reopened this assignment. Press Enter to continue.")
UNREACHABLE = Message("Your class cannot be reached: {why}. Try again later.")
NO_CLASS = Message("You are not in a class here. Assignments need the setting `class`.")
NO_ASSIGNMENTS = Message("Your class has no assignments yet.")
ANSWER_LATER = Message("An assignment shows no answers before you submit it.")
LAST_HINT = Message("That was the last hint. An assignment shows no answers before you submit it.")
LOCKED = Message(
    "{title} is in progress. Until you submit it, bptutor opens no lessons, quizzes or answers."
)


def about(cover: AssignmentCover) -> Iterator[Message]:
    item = cover.item
    kind = KINDS[item.kind]
    if item.minutes:
        minutes = significant(item.minutes)
        yield Message(
            "{kind}. Items: {items}. Time limit: {minutes} min.",
            kind=kind,
            items=item.items,
            minutes=minutes,
        )
    else:
        yield Message("{kind}. Items: {items}.", kind=kind, items=item.items)
    yield Message("Lessons: {lessons}.", lessons=", ".join(cover.lessons))
    yield from _times(cover)


def _times(cover: AssignmentCover) -> Iterator[Message]:
    item = cover.item
    if item.opens is not None and item.opens > cover.now:
        yield Message("It opens on {time}.", time=moment(item.opens))
    if item.due is not None and item.due != item.closes:
        yield Message("It is due on {time}.", time=moment(item.due))
    if item.closes is not None:
        over = item.closes <= cover.now
        closed = Message("It closed on {time}.") if over else Message("It closes on {time}.")
        yield Message(closed.text, time=moment(item.closes))
    if cover.late < 1:
        yield Message(
            "If you change an answer after the due date, {percent} % of your points count.",
            percent=round(100 * cover.late),
        )


def rules(cover: AssignmentCover) -> Iterator[Message]:
    item = cover.item
    yield from EXAM_RULES[:4] if item.kind == "exam" else FEEDBACK_RULES
    if item.minutes:
        yield Message("The clock starts when you begin. It keeps running when you leave.")
    if item.minutes or item.closes is not None:
        yield Message("When the time is up, bptutor submits the answers so far.")
    if item.attempts:
        yield Message(
            "This is attempt {number} of {count}.", number=item.attempt + 1, count=item.attempts
        )
    if cover.own:
        yield Message("Everybody gets the same questions on different numbers.")
    yield SCORE_SHOWN[cover.score]
    yield ANSWERS_SHOWN[cover.answers]
    if item.lock:
        yield Message("While it is in progress, bptutor opens no lessons and no other quiz.")


def how_to_begin(cover: AssignmentCover) -> Message:
    """What to type to begin; or why that is not possible now."""
    if reason := why_not(cover):
        return reason
    if cover.asks_password:
        return Message("Type the password from your teacher, and press Enter to begin.")
    if cover.item.minutes:
        return Message("Press Enter to begin. The clock starts then.")
    return Message("Press Enter to begin.")


def why_not(cover: AssignmentCover) -> Message | None:
    item = cover.item
    if item.state == "open":
        return None
    if item.state == "planned" and item.opens is not None:
        return Message("You can begin on {time}.", time=moment(item.opens))
    if item.state == "submitted":
        return Message("You have used all of your attempts.")
    return Message("This assignment is closed.")


GROUPS = {"open": Message("Open now"), "planned": Message("Later"), "done": Message("Done")}


def grouped(items: Sequence[AssignmentItem]) -> Iterator[tuple[str, list[AssignmentItem]]]:
    """The assignments of a list under its headings, in their order."""
    for name in GROUPS:
        if found := [item for item in items if group_of(item) == name]:
            yield name, found


def group_of(item: AssignmentItem) -> str:
    if item.state == "begun" or (item.state == "open" and item.submitted is None):
        return "open"
    return "planned" if item.state == "planned" else "done"


# ── in a list ─────────────────────────────────────────────────────────────────────────────────────


def standing(item: AssignmentItem, now: float) -> Message:
    """How far an assignment has come, in a few words."""
    if item.state == "begun":
        done = Message("{answered}/{total}", answered=item.answered, total=item.items)
        if item.seconds_left is None:
            return Message("in progress, {done}", done=done)
        return Message("in progress, {done}, {left}", done=done, left=time_left(item.seconds_left))
    if item.state == "planned":
        return Message("opens on {time}", time=moment(item.opens or now, NO_ZONE))
    if item.submitted is None:
        over = Message("not submitted") if item.state == "closed" else Message("not begun")
        return ends(item, now) or over
    if item.points is None:
        return Message("submitted")
    return Message(
        "{points} of {possible}", points=points(item.points), possible=points(item.possible)
    )


def ends(item: AssignmentItem, now: float) -> Message | None:
    """The next time that matters for an assignment that is open; None where there is none."""
    if group_of(item) != "open":
        return None
    if item.due is not None and item.due > now and item.due != item.closes:
        return Message("due on {time}", time=moment(item.due, NO_ZONE))
    if item.closes is not None:
        return Message("closes on {time}", time=moment(item.closes, NO_ZONE))
    return None


def in_menu(items: Sequence[AssignmentItem]) -> Message | None:
    """What the menu says of the assignments that can be worked on; None where none can."""
    here = [item for item in items if group_of(item) == "open"]
    if not here:
        return None
    running = next((item for item in here if item.state == "begun"), None)
    if running:
        return Message("Assignment in progress: {title}.", title=running.title)
    return Message("Open assignments: {titles}.", titles=", ".join(item.title for item in here))


def no_lessons(items: Sequence[AssignmentItem]) -> Message:
    locking = next((item for item in items if item.lock and item.state == "begun"), None)
    if locking:
        return Message("No lessons while {title} is in progress.", title=locking.title)
    return Message("There are no lessons here.")


def more_about(item: AssignmentItem, now: float) -> Iterator[Message]:
    yield Message("Items: {count}.", count=item.items)
    if item.minutes:
        yield Message("Time limit: {minutes} min.", minutes=significant(item.minutes))
    if said := submitted(item):
        yield said
    if item.submitted is not None and item.state == "open":
        yield Message("You can begin another attempt.")


def submitted(item: AssignmentItem) -> Message | None:
    return None if item.submitted is None else submitted_by(item.by, item.submitted)


def submitted_by(who: str, at: float) -> Message:
    """Who submitted a paper (the learner, `time`, or a teacher), and when."""
    when = moment(at)
    if who == "time":
        return Message("bptutor submitted it when the time was up, on {time}.", time=when)
    if who == "teacher":
        return Message("Your teacher submitted it on {time}.", time=when)
    return Message("You submitted it on {time}.", time=when)
