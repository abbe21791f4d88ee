"""A paper as data for a teacher: its questions, its answers, and what is right."""

from bptutor.classroom.lessons import Opener
from bptutor.classroom.papers import sitting_of
from bptutor.classroom.rows import Answer, Paper
from bptutor.classroom.times import ends
from bptutor.course.questions import asks_product, asks_value
from bptutor.course.session import Session
from bptutor.engine.trace import Array
from bptutor.quiz.assigned import paper_of
from bptutor.quiz.quiz import Quiz
from bptutor.service.class_view import ClassView, event_lines, is_whole, person_line, said, typed
from bptutor.service.present import Viewer
from bptutor.service.tape import knowns
from bptutor.text.numbers import nested
from bptutor.views.classroom import PaperAnswer, PaperItem, PaperView, PreviewItem


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
