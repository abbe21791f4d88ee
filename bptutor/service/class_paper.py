"""What a teacher sees of papers: their questions, their answers, the mistakes in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bptutor.classroom.lessons import Opener
from bptutor.classroom.offers import ends
from bptutor.classroom.papers import sitting_of
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import Answer, Paper
from bptutor.course.questions import asks_product, asks_value
from bptutor.course.session import Session
from bptutor.engine.trace import Array
from bptutor.language.errors import shortened
from bptutor.quiz.assigned import paper_of
from bptutor.quiz.quiz import Quiz
from bptutor.record.sittings import AskedItem, Mark
from bptutor.service.class_view import (
    ClassView,
    event_lines,
    is_whole,
    name_of,
    person_line,
    said,
    title_of,
    typed,
)
from bptutor.service.present import Viewer
from bptutor.service.tape import knowns
from bptutor.service.words import mistake
from bptutor.text.numbers import nested
from bptutor.views.classroom import (
    ItemMistakes,
    NamedMistake,
    PaperAnswer,
    PaperItem,
    PaperView,
    PreviewItem,
    UnnamedAnswer,
)


def preview_items(quiz: Quiz, viewer: Viewer) -> list[PreviewItem]:
    return [_question(quiz, index, viewer) for index in range(len(quiz.sitting.items))]


def _question(quiz: Quiz, index: int, viewer: Viewer) -> PreviewItem:
    session = quiz.session_at(index)
    facts = session.prepare()
    formula, value = _right(session)
    return PreviewItem(
        index=index,
        lesson=viewer.words(session.lesson.title),
        step=session.step.id,
        name=viewer.words(session.exercise.name()),
        question=viewer.words(session.exercise.question()),
        knowns=[
            f"{known.name} = {_written(facts.known(known.typed))}"
            for known in knowns(session, viewer.style)
            if known.relevant
        ],
        formula=formula,
        value=value,
    )


def _right(session: Session) -> tuple[str, str]:
    """The formula and the value, as far as they are asked."""
    step, asked, ask = session.step, session.exercise, session.sitting.ask
    truth = asked.truth()
    formula = asked.written() if asks_product(step, ask) else None
    return str(formula or ""), "" if truth is None or not asks_value(step, ask) else _written(truth)


def _written(array: Array) -> str:
    return nested(array.tolist())


def paper_view(
    look: ClassView, paper: Paper, answers: list[Answer], opener: Opener, viewer: Viewer
) -> PaperView:
    """A learner's paper with all that happened to it."""
    assignment, person = look.given.assignment, look.person(paper.login)
    last = {answer.item: answer for answer in answers}
    sitting = sitting_of(paper, assignment.kind, last)
    sitting.finished = True  # a teacher may see all values
    quiz = paper_of(sitting, opener, viewer.style)
    result = look.results.get(paper.key)
    items = []
    for index in range(len(paper.items)):
        session = quiz.session_at(index)
        session.prepare()
        graded = result.given[index] if result else None
        override = result.overrides.get(index) if result else None
        points = graded.points if graded else None
        state = "answered" if index in last and is_whole(last[index].mark) else "open"
        items.append(
            PaperItem(
                index=index,
                name=viewer.words(session.exercise.name()),
                lesson=viewer.words(session.lesson.title),
                state=graded.state if graded else state,
                points=override.points if override else points,
                answers=[_answer(each) for each in answers if each.item == index],
                right="; ".join(filter(None, _right(session))),
                said=said(graded.said, viewer.language) if graded else "",
                override=override,
            )
        )
    return PaperView(
        now=look.now,
        assignment=look.line(),
        person=person_line(person),
        attempt=paper.attempt,
        attempts=len(look.papers_of(paper.login)),
        begun=paper.begun,
        ends=ends(assignment, person, look.events, paper),
        submitted=paper.submitted,
        by=paper.author,
        points=result.total if result else None,
        possible=float(assignment.count),
        items=items,
        events=event_lines(look.events, paper, viewer.language),
    )


def _answer(answer: Answer) -> PaperAnswer:
    return PaperAnswer(
        at=answer.at,
        what=answer.what,
        typed=typed(answer.mark),
        verdict=answer.verdict,
        mistakes=list(answer.mistakes),
    )


SAMPLES = 3  # answers that are quoted with a mistake
UNNAMED = 5
LONGEST_QUOTED = 300  # characters of an answer
WRONG = ("wrong", "unreadable")  # verdicts


def mistakes(
    look: ClassView, viewer: Viewer, opener: Opener, answers: Iterable[tuple[Key, Answer]]
) -> list[ItemMistakes]:
    """What went wrong at each item; `answers` has all that was done, by paper."""
    by_item: dict[int, list[_Wrong]] = defaultdict(list)
    answered: dict[int, set[str]] = defaultdict(set)
    for wrong_item, login, wrong in _wrong(look, answers):
        answered[wrong_item].add(login)
        if wrong:
            by_item[wrong_item].append(wrong)
    return [
        _mistakes(index, item, by_item[index], len(answered[index]), viewer, opener)
        for index, item in enumerate(look.items())
    ]


def _wrong(
    look: ClassView, answers: Iterable[tuple[Key, Answer]]
) -> Iterator[tuple[int, str, "_Wrong | None"]]:
    """Items that were answered, by whom, and the wrong answers among them."""
    exam = look.given.assignment.kind == "exam"
    for key, answer in answers:
        text = _quoted(answer.mark)
        if not text or answer.what not in ("check", "draft") or (exam and key in look.results):
            continue
        wrong = answer.what == "check" and answer.verdict in (*WRONG, "partly")
        made = tuple(answer.mistakes) if wrong else ()
        yield answer.item, key[1], _Wrong(key[1], text, made) if wrong else None
    if not exam:
        return
    for key, result in look.results.items():  # the last answers alone, with carried errors
        for points in result.given:
            answer_ = look.last.get(key, {}).get(points.item)
            text = _quoted(answer_.mark) if answer_ else ""
            if text:
                wrong = points.state in ("partly", "wrong")
                found = _Wrong(key[1], text, tuple(points.mistakes)) if wrong else None
                yield points.item, key[1], found


def _quoted(mark: Mark) -> str:
    """What was typed; nobody fills the page with it, nor with many tries."""
    return shortened(typed(mark), LONGEST_QUOTED)


@dataclass(frozen=True)
class _Wrong:
    login: str
    typed: str
    mistakes: tuple[str, ...]


def _mistakes(
    index: int,
    item: AskedItem,
    wrong: Sequence[_Wrong],
    answered: int,
    viewer: Viewer,
    opener: Opener,
) -> ItemMistakes:
    named: dict[str, list[_Wrong]] = defaultdict(list)
    unnamed: dict[str, list[_Wrong]] = defaultdict(list)
    for each in wrong:
        for id_ in each.mistakes:
            named[id_].append(each)
        if not each.mistakes:
            unnamed[each.typed].append(each)
    by_people = sorted(named.items(), key=lambda pair: (-_people(pair[1]), pair[0]))
    by_times = sorted(unnamed.items(), key=lambda pair: _frequent(*pair))
    return ItemMistakes(
        index=index,
        name=name_of(opener, item.lesson, item.step, viewer),
        lesson=title_of(opener, item, viewer),
        answered=answered,
        wrong=_people(wrong),
        named=[
            NamedMistake(
                id=id_,
                text=viewer.words(mistake(id_)),
                people=_people(made),
                answers=list(dict.fromkeys(each.typed for each in made))[:SAMPLES],
            )
            for id_, made in by_people
        ],
        unnamed=[
            UnnamedAnswer(text, len(made), _people(made)) for text, made in by_times[:UNNAMED]
        ],
    )


def _frequent(text: str, made: Sequence[_Wrong]) -> tuple[int, int, str]:
    return -_people(made), -len(made), text


def _people(wrong: Sequence[_Wrong]) -> int:
    return len({each.login for each in wrong})
