"""What an author should fix in a lesson that can be opened, as far as its file shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bptutor.language.errors import suggestion
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.steps import steps
from bptutor.text import Message


@dataclass(frozen=True)
class Finding:
    code: str  # what kind of thing it is: "note-unknown"
    message: Message
    where: str  # the key in the file, or the step, that it is about


def lint(lesson: Lesson) -> list[Finding]:
    """The findings that need no TensorFlow; `engine.agreement` has the others."""
    return [finding for rule in _RULES for finding in rule(lesson)]


def _languages(lesson: Lesson) -> Iterator[Finding]:
    """Texts given in one language that lack another."""
    texts: dict[str, Texts] = {
        "title": lesson.title,
        "summary": lesson.summary,
        "introduction": lesson.introduction,
        "closing": lesson.closing,
        **{f"sections.{name}": text for name, text in lesson.sections.items()},
        **{f"notes.{name}": text for name, text in lesson.notes.items()},
    }
    for where, text in texts.items():
        if any(text.by_language.values()):
            for language in text.missing:
                message = Message(
                    "`{key}` has no text in “{language}”; add `{key}.{language}`",
                    key=where,
                    language=language,
                )
                yield Finding("language-missing", message, where)


def _mistakes(lesson: Lesson) -> Iterator[Finding]:
    """The same of the words on a wrong answer."""
    for step, wrong in lesson.mistakes.items():
        for language in (language for each in wrong for language in each.words.missing):
            message = Message(
                "a mistake at {step} has no words in “{language}”; add `{language}`",
                step=step,
                language=language,
            )
            yield Finding("language-missing", message, f"mistakes.{step}")


def _sections(lesson: Lesson) -> Iterator[Finding]:
    """Headings of sections that the program lacks, and sections without a heading."""
    present = {line.section for line in lesson.program.assignments if line.section}
    for section in lesson.sections:
        if section not in present:
            yield _unknown("section-unknown", f"sections.{section}", section, present)
    if lesson.sections:
        for section in sorted(present - set(lesson.sections)):
            message = Message(
                "the section “{section}” has no heading; add it under [sections]", section=section
            )
            yield Finding("section-missing", message, "sections")


def _notes(lesson: Lesson) -> Iterator[Finding]:
    ids = {step.id for step in steps(lesson)}
    for step in lesson.notes:
        if step not in ids:
            yield _unknown("note-unknown", f"notes.{step}", step, ids)


def _watched(lesson: Lesson) -> Iterator[Finding]:
    """Parameters that are watched, too."""
    for name in lesson.watch:
        if name in lesson.parameters:
            message = Message(
                "{name} is a parameter, so its gradient is asked anyway; remove it from `watch`",
                name=name,
            )
            yield Finding("watched-parameter", message, "watch")


def _unused(lesson: Lesson) -> Iterator[Finding]:
    """Assignments that neither the loss depends on nor one that a note explains."""
    wanted = {lesson.loss, *lesson.program.by_target.keys() & lesson.notes.keys()}
    reached = wanted.union(*map(lesson.program.ancestors, wanted))
    for assignment in lesson.program.assignments:
        if assignment.target not in reached:
            message = Message(
                "{loss} does not depend on {name}, so {name} has no gradient; use it, remove it, or"
                " write a note at it",
                loss=lesson.loss,
                name=assignment.target,
            )
            yield Finding("not-reached", message, "program")


def _unknown(code: str, where: str, word: str, choices: set[str]) -> Finding:
    message = suggestion(
        word,
        sorted(choices),
        Message("there is no “{name}”; did you mean “{nearest}”?"),
        Message("this lesson has no “{name}”; remove it"),
        name=word,
    )
    return Finding(code, message, where)


_RULES: tuple[Callable[[Lesson], Iterator[Finding]], ...] = (
    _languages,
    _mistakes,
    _sections,
    _notes,
    _watched,
    _unused,
)
