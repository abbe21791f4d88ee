"""The lessons of an assignment, and the items that are made of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bptutor.classroom import place_queries, queries
from bptutor.classroom.assignment import Assignment, files_of
from bptutor.classroom.offers import times
from bptutor.classroom.papers import Papers, Ticket
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Given
from bptutor.classroom.store import ClassStore, Transaction
from bptutor.engine.keras import lesson_of
from bptutor.files import write_whole
from bptutor.language import limits
from bptutor.lesson.content import ContentError, content_of, readable
from bptutor.lesson.find import LessonError, ModelReference, locate
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import lesson_in
from bptutor.lesson.source import fault
from bptutor.quiz.assigned import compose
from bptutor.record.sittings import AskedItem
from bptutor.text import Message, UserError
from bptutor.text.message import Field

Content = Callable[[str], bytes]  # the content of a file by its digest
Opener = Callable[[str], Lesson]


def contents(assignment: Assignment, sent: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """By lesson of an assignment its files: those that came with it, or bptutor's own.

    Raises UserError: there is no such lesson, or a file did not come.
    """
    found: dict[str, dict[str, bytes]] = {}
    for lesson in assignment.lessons:
        files = files_of(lesson)
        if not files:
            try:
                path = locate(lesson)
                content = content_of(path, limits.MOST_LESSON_BYTES, ".toml")
            except ContentError as error:
                raise fault(Path(lesson), None, error.message) from None
            found[lesson] = {path.name: content}
            continue
        for file in files:
            if file not in sent:
                raise LessonError("The file {file} did not come along.", file=file)
        found[lesson] = {file: sent[file] for file in files}
    return found


def opener(content: Content, lessons: Mapping[str, Mapping[str, str]]) -> Opener:
    """What opens the lessons of an assignment or of a paper; a changed file changes nothing.

    `lessons` has their files with their digests, which `content` looks up.
    """

    def open_(name: str) -> Lesson:
        files = lessons.get(name)
        if files is None:
            raise UserError("The assignment has no lesson {name}.", name=name)
        return opened(name, {file: content(digest) for file, digest in files.items()})

    return open_


def opened(name: str, files: Mapping[str, bytes]) -> Lesson:
    """A lesson from the contents of its files. Raises LessonError: they hold none."""
    model = ModelReference.read(name)
    if model is None:
        ((file, content),) = files.items()
        return lesson_in(Path(file), content)
    return _model(name, tuple(files.items()))


@lru_cache(maxsize=16)
def _model(name: str, files: tuple[tuple[str, bytes], ...]) -> Lesson:
    """A Keras model, which Keras reads from files only."""
    reference = ModelReference.read(name)
    assert reference is not None
    contents = dict(files)
    with _written(contents) as paths, readable({path.parent for path in paths.values()}):
        data = str(paths[reference.data]) if reference.data else ""
        there = ModelReference(str(paths[reference.file]), reference.loss, data)
        try:
            return lesson_of(there)
        except LessonError as error:
            names = {str(path): name for name, path in paths.items()}
            raise LessonError(_named(error.message, names)) from None


def _named(message: Message, names: Mapping[str, str]) -> Message:
    """A sentence that names files as the assignment does, not as they are called here."""
    fields: dict[str, Field] = {}
    for key, field in message.fields.items():
        if isinstance(field, Message):
            fields[key] = _named(field, names)
        else:
            fields[key] = names.get(field, field) if isinstance(field, str) else field
    return Message(message.text, **fields)


@contextmanager
def _written(files: Mapping[str, bytes]) -> Iterator[dict[str, Path]]:
    """Files in a folder that only this user can enter, each under its own name."""
    with TemporaryDirectory(prefix="bptutor-") as folder:
        paths = {}
        for place, (name, content) in enumerate(files.items()):
            path = Path(folder) / str(place) / Path(name).name
            path.parent.mkdir()
            write_whole(path, content)
            paths[name] = path
        yield paths


AHEAD = 3600.0  # seconds before an assignment opens in which its papers are made


def items_of(store: ClassStore, ticket: Ticket) -> list[AskedItem]:
    """The items of a paper. Needs TensorFlow where they were not made ahead.

    Raises UserError: they cannot be made.
    """
    nothing: list[AskedItem] | None = None
    found = store.read(lambda on: place_queries.select_prepared(on, *ticket.key), nothing)
    return _made(store, ticket) if found is None else found


def prepare(store: ClassStore, ticket: Ticket) -> None:
    """Make the items of a paper and keep them until it is begun. Needs TensorFlow.

    Raises UserError: they cannot be made, or not written.
    """
    items = _made(store, ticket)
    store.write(lambda on: place_queries.put_prepared(on, *ticket.key, items))


def composed(
    assignment: Assignment, lessons: Mapping[str, Lesson], seed: int, numbers: int
) -> list[AskedItem]:
    """Items of an assignment. Raises UserError: they cannot be made."""
    exam, items, steps = assignment.kind == "exam", assignment.items, assignment.steps
    return compose(lessons, seed, numbers, exam=exam, items=items, steps=steps)


def missing(papers: Papers, now: float) -> list[Ticket]:
    """First papers that may be begun now or soon and are not made yet; what opens next first."""

    def work(on: Transaction) -> list[tuple[float, Given, str]]:
        found: list[tuple[float, Given, str]] = []
        people = queries.select_people(on)
        for given in queries.select_assignments(on):
            assignment = given.assignment
            events = queries.select_events(on, assignment.name)
            allowed = times(assignment, Person(""), events)
            opens = allowed.opens if allowed.opens is not None else given.at
            if opens > now + AHEAD or allowed.is_closed(now):
                continue
            done = place_queries.prepared_or_begun(on, assignment.name, given.version)
            found += [
                (abs(now - opens), given, person.login)
                for person in people
                if person.login not in done
            ]
        return sorted(found, key=lambda each: each[0])

    nothing: list[tuple[float, Given, str]] = []
    return [papers.prepared(given, login) for _, given, login in papers.store.read(work, nothing)]


def _made(store: ClassStore, ticket: Ticket) -> list[AskedItem]:
    assignment = ticket.given.assignment
    open_lesson = opener(store.file, ticket.given.lessons)
    lessons = {name: open_lesson(name) for name in assignment.lessons}
    return composed(assignment, lessons, ticket.seed, ticket.numbers)
