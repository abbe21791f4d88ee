"""What the teacher's commands and the teacher's app say in the same words."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from bptutor.service.quiz_words import points
from bptutor.text import Message, UserError, sentences
from bptutor.views.classroom import (
    AssignmentKind,
    AssignmentLine,
    AssignmentState,
    Changed,
    ItemMistakes,
    LearnerLine,
    MarksView,
    PaperAnswer,
    PaperItem,
    PaperState,
    PaperView,
    PreviewItem,
    Regraded,
    RosterView,
)

Speak = Callable[[Message], str]

KINDS: dict[AssignmentKind, Message] = {
    "practice": Message("practice"),
    "homework": Message("homework"),
    "exam": Message("exam"),
}
STATES: dict[AssignmentState, Message] = {
    "planned": Message("planned"),
    "open": Message("open"),
    "closed": Message("closed"),
}
PAPERS: dict[PaperState, Message] = {
    "absent": Message("not begun"),
    "working": Message("working"),
    "submitted": Message("submitted"),
}
ITEMS: dict[str, Message] = {
    "open": Message("not answered"),
    "answered": Message("answered"),
    "right": Message("right"),
    "carried": Message("right, given an earlier answer"),
    "partly": Message("partly right"),
    "wrong": Message("not right"),
    "shown": Message("the answer was shown"),
}
TRIES: dict[str, Message] = {
    "draft": Message("typed"),
    "check": Message("checked"),
    "hint": Message("hint"),
    "show": Message("answer shown"),
    "flag": Message("flagged"),
}
VERDICTS: dict[str, Message] = {
    "exact": Message("right"),
    "right": Message("right"),
    "imprecise": Message("too few digits"),
    "wrong": Message("not right"),
    "unreadable": Message("cannot be read"),
}
OPENS, DUE = Message("Opens {when}."), Message("Due {when}.")
CLOSES = Message("Closes {when}.")
STAR = Message("* marks points that a teacher gave.")
TIME = "time"  # who submitted a paper, where it was the host when the time was up
MOST_MINUTES = 100_000  # of an extension: about ten weeks
ALL = "*"  # everybody, where logins are typed


# ── moments ───────────────────────────────────────────────────────────────────────────────────


NO_ZONE = "%Y-%m-%d %H:%M"


def moment(at: float, form: str = f"{NO_ZONE} %Z") -> str:
    """A moment of this machine's calendar, with its zone: 2026-12-01 10:00 KST."""
    return datetime.fromtimestamp(at).astimezone().strftime(form)


def day_and_time(at: float) -> str:
    """The same without its year, where there is little room: 12-01 10:00 KST."""
    return moment(at, "%m-%d %H:%M %Z")


def clock(seconds: float) -> str:
    """Time that is left: 21:10, or 1:05:00."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def time_left(seconds: float) -> Message:
    """Time that is left: by the clock, or in days."""
    days = int(seconds // 86_400)
    if days > 1:
        return Message("{days} days", days=days)
    return Message("{what}", what=clock(seconds))


def ago(seconds: float) -> Message:
    if seconds < 60:
        return Message("{seconds} s", seconds=max(0, int(seconds)))
    if seconds < 3600:
        return Message("{minutes} min", minutes=int(seconds // 60))
    return Message("{hours} h", hours=int(seconds // 3600))


# ── assignments ───────────────────────────────────────────────────────────────────────────────


def standing(line: AssignmentLine) -> Message:
    """An assignment's state, and the moment at which it changes next."""
    if line.state == "planned" and line.opens is not None:
        return Message("opens {when}", when=moment(line.opens))
    if line.state == "open" and line.closes is not None:
        return Message("open until {when}", when=moment(line.closes))
    return STATES[line.state]


def turnout(line: AssignmentLine) -> Message:
    return Message(
        "begun {begun}, submitted {submitted} of {people}",
        begun=line.begun,
        submitted=line.submitted,
        people=line.people,
    )


def about(line: AssignmentLine) -> Iterator[Message]:
    """What there is to know of an assignment, a line each."""
    yield Message(
        "{name}: {kind}, {state}. Items: {items}.",
        name=line.name,
        kind=KINDS[line.kind],
        state=standing(line),
        items=line.items,
    )
    due = line.due if line.due != line.closes else None
    dates = [
        Message(what.text, when=moment(at))
        for at, what in ((line.opens, OPENS), (due, DUE), (line.closes, CLOSES))
        if at is not None
    ]
    if dates:
        yield sentences(*dates)
    if line.minutes:
        yield Message("Time limit: {minutes} min.", minutes=f"{line.minutes:g}")
    yield Message(
        "Begun: {begun}. Submitted: {submitted} of {people}.",
        begun=line.begun,
        submitted=line.submitted,
        people=line.people,
    )
    yield shown_to_learners(line)


def shown_to_learners(line: AssignmentLine) -> Message:
    what = Message("no results yet")
    if line.score_shown and line.answers_shown:
        what = Message("their score and the answers")
    elif line.score_shown or line.answers_shown:
        what = Message("their score") if line.score_shown else Message("the answers")
    return Message("Learners see: {what}.", what=what)


def assigned(line: AssignmentLine) -> Message:
    what = Message("“{title}” is changed.") if line.changed else Message("“{title}” is assigned.")
    return Message(what.text, title=line.title)


# ── people and papers ─────────────────────────────────────────────────────────────────────────


def submitter(by: str, login: str) -> Message:
    if by == TIME:
        return Message("time was up")
    if by == login:
        return PAPERS["submitted"]
    return Message("submitted by {teacher}", teacher=by)


def paper_state(line: LearnerLine) -> Message:
    return submitter(line.by, line.login) if line.state == "submitted" else PAPERS[line.state]


def read_in(view: RosterView) -> Message:
    return Message(
        "People: {people}. New: {added}, changed: {changed}, removed: {removed}.",
        people=len(view.people),
        added=len(view.added),
        changed=len(view.changed),
        removed=len(view.removed),
    )


def new_ends(changes: Sequence[Changed]) -> Iterator[Message]:
    if not changes:
        yield Message("No paper has changed.")
    for each in changes:
        if each.ends is None:
            yield Message("{login}: no end", login=each.login)
        else:
            yield Message("{login}: ends {when}", login=each.login, when=moment(each.ends))


def regraded(changes: Sequence[Regraded]) -> Iterator[Message]:
    if not changes:
        yield Message("No points have changed.")
    for each in changes:
        yield Message(
            "{login}, item {number}: {before} → {after} points",
            login=each.login,
            number=each.index + 1,
            before=points(each.before),
            after=points(each.after),
        )


TAKEN_BACK = "-"


def points_of(typed: str) -> float | None:
    """Points as a teacher types them; None where theirs are taken back. Raises UserError."""
    if typed.strip() == TAKEN_BACK:
        return None
    try:
        given = float(typed.replace(",", "."))
    except ValueError:
        given = -1.0
    if not 0 <= given <= 1:
        raise UserError(
            "Points are a number from 0 to 1, or - to take yours back, not “{given}”.",
            given=typed[:40],
        )
    return given


def minutes_of(typed: str) -> float:
    """Minutes as a teacher types them. Raises UserError."""
    try:
        given = float(typed.replace(",", "."))
    except ValueError:
        given = 0.0
    if not 0 < given <= MOST_MINUTES:
        raise UserError(
            "Minutes are a positive number of at most {most}, not “{given}”.",
            most=MOST_MINUTES,
            given=typed[:40],
        )
    return given


def logins_of(typed: str) -> list[str]:
    """Logins as a teacher types them; none of them for everybody. Raises UserError."""
    logins = typed.replace(",", " ").split()
    if not logins:
        raise UserError("Type the logins of the learners, or {all} for all.", all=ALL)
    return [] if ALL in logins else logins


def starred(view: MarksView) -> Iterator[Message]:
    """What a star beside points means, where there is one."""
    if any(mark.overridden for each in view.people for mark in each.marks):
        yield STAR


def score(got: float | None, possible: float) -> str:
    """Points of those possible: 9.5/12."""
    return f"{points(got)}/{points(possible)}" if got is not None else "-"


def paper_heading(view: PaperView) -> Message:
    person = view.person
    return Message(
        "{title}: {name} ({login})",
        title=view.assignment.title,
        name=person.name or person.login,
        login=person.login,
    )


def about_paper(view: PaperView) -> Iterator[Message]:
    if view.attempts > 1:
        yield Message(
            "Attempt {attempt} of {attempts}.", attempt=view.attempt, attempts=view.attempts
        )
    yield Message("Begun {when}.", when=moment(view.begun))
    if view.submitted is not None:
        yield Message(
            "{when}: {how}.", when=moment(view.submitted), how=submitter(view.by, view.person.login)
        )
    elif view.ends is not None:
        yield Message("Ends {when}.", when=moment(view.ends))
    if view.points is not None:
        yield Message("Points: {points}.", points=score(view.points, view.possible))


def item_heading(item: ItemMistakes | PaperItem | PreviewItem) -> Message:
    return Message(
        "{number}. {name}, {lesson}", number=item.index + 1, name=item.name, lesson=item.lesson
    )


def about_question(item: PreviewItem) -> Iterator[Message]:
    yield Message("{what}", what=item.question)
    for known in item.knowns:
        yield Message("    {what}", what=known)
    if item.formula:
        yield Message("Right formula: {formula}", formula=item.formula)
    if item.value:
        yield Message("Right value: {value}", value=item.value)


def about_item(item: PaperItem) -> Iterator[Message]:
    """Everything that was answered to an item, and what came of it."""
    for each in _without_passing_drafts(item.answers):
        what = TRIES.get(each.what, Message("{what}", what=each.what))
        if each.verdict:
            what = VERDICTS.get(each.verdict, Message("{what}", what=each.verdict))
        yield Message(
            "{when}  {typed}: {what}", when=_time(each.at), typed=each.typed or "-", what=what
        )
    if not item.answers:
        yield Message("No answer.")
    elif item.said:
        yield Message("Feedback: {what}", what=item.said)
    if item.right:
        yield Message("Right answer: {answer}", answer=item.right)
    if item.override:
        yield Message(
            "{author} gave {points} points on {when}: {why}",
            author=item.override.author,
            points=points(item.override.points),
            when=moment(item.override.at),
            why=item.override.why,
        )


def _without_passing_drafts(answers: Sequence[PaperAnswer]) -> Iterator[PaperAnswer]:
    """The answers without the drafts that a later one replaced: typing makes two in a second."""
    for each, after in pairwise([*answers, None]):
        if each and not (each.what == "draft" and after and after.what in ("draft", "check")):
            yield each


def events(view: PaperView) -> Iterator[Message]:
    for each in view.events:
        what = Message(
            "{when}  {author}: {what}",
            when=moment(each.at),
            author=Message("time was up") if each.author == TIME else each.author,
            what=each.what,
        )
        yield Message("{what} ({why})", what=what, why=each.why) if each.why else what


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")


def about_mistakes(item: ItemMistakes) -> Iterator[Message]:
    if not item.named and not item.unnamed:
        yield Message("No wrong answers.")
    for mistake in item.named:
        yield Message("Learners: {people}. {text}", people=mistake.people, text=mistake.text)
        yield Message("    Answers: {answers}", answers="  |  ".join(mistake.answers))
    if item.unnamed:
        yield Message("Without an explanation:")
    for answer in item.unnamed:
        yield Message(
            "    {answer}; times: {times}, learners: {people}",
            answer=answer.answer,
            times=answer.times,
            people=answer.people,
        )
