"""`bptutor progress`: a learner's progress, and the export and deletion of the record."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor import budget
from bptutor.cli.help import Command, print_error, start_of
from bptutor.cli.options import json_option
from bptutor.cli.output import ask, require_free, write_json, write_lines, write_wrapped
from bptutor.cli.tutor import ClassAwayError, asked_of_class, suitable_notation
from bptutor.files import write_file
from bptutor.text import Message, UserError
from bptutor.text.printable import printable_json

if TYPE_CHECKING:
    from bptutor.record.record import Record
    from bptutor.service.answers import Unnamed
    from bptutor.views.quiz import ExamResult, ProgressView

NOT_OF_CLASS = Message("This is your own record. Your class keeps another one on its host.")
YES = "yes"


@click.command(
    cls=Command,
    short_help=Message("Show your progress; export or delete your record.").text,
    help=Message(
        "Show your progress: the lessons, the kinds of step with their strength and due date, "
        "your frequent mistakes, and the days you practised.\n\n"
        "--unnamed lists the wrong answers without an explanation, the most frequent first. "
        "--exams lists your exams with the points of each item. It begins no exam, and submits one "
        "only if its time is up.\n\n"
        "--export writes all of your attempts to FILE, one JSON object per line; it never "
        "overwrites a file. --forget deletes your record after you type yes. With both, bptutor "
        "exports first."
    ).text,
)
@json_option
@click.option(
    "--csv", "as_csv", is_flag=True, help=Message("Print CSV, one line for each kind of step.").text
)
@click.option(
    "--unnamed", is_flag=True, help=Message("List the wrong answers without an explanation.").text
)
@click.option("--exams", is_flag=True, help=Message("List your exams, item by item.").text)
@click.option(
    "--export",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=Message("Write all attempts to FILE.").text,
)
@click.option("--forget", is_flag=True, help=Message("Delete your record.").text)
@click.option("--yes", is_flag=True, help=Message("Delete it without confirmation.").text)
@click.pass_context
def progress(
    context: click.Context,
    as_json: bool,
    as_csv: bool,
    unnamed: bool,
    exams: bool,
    file: Path | None,
    forget: bool,
    yes: bool,
) -> int:
    from bptutor.quiz.recorder import Recorder, said_together
    from bptutor.record.attempts import learner_name
    from bptutor.record.record import Record
    from bptutor.record.sittings import QuizSittings
    from bptutor.record.spool import Spool

    if as_json + as_csv + (file is not None or forget) > 1:
        raise UserError("Choose one: --json, --csv, or --export and --forget.")
    if unnamed and (as_csv or file is not None or forget):
        raise UserError("--unnamed works alone or with --json; leave out the other options.")
    if exams and (unnamed or file is not None or forget):
        raise UserError("--exams works alone, with --json or --csv; leave out the other options.")
    start, learner = start_of(context), learner_name()
    away: Message | None = None
    if start.configuration.settings.class_:
        if unnamed or file or forget:
            print_error(NOT_OF_CLASS, start.language)
        else:
            try:
                kept = asked_of_class(start, lambda tutor: tutor.progress())
                return _show(kept, start.language, as_json=as_json, as_csv=as_csv, exams=exams)
            except ClassAwayError as error:
                away = error.message
    record = Record(start.configuration.settings.record)
    news = Recorder(record, learner, Spool(learner)).bring_in()
    if file:
        every = record.count(learner)
        count = _export(record, learner, file)
        message = Message("Wrote {file}; attempts: {count}.", file=str(file), count=count)
        write_lines([message.to(start.language)])
        if every > count:
            from bptutor.service.progress import unreadable

            write_lines([unreadable(every - count).to(start.language)])
    if forget:
        return _forget(record, learner, start.language, sure=yes)
    if file:
        return 0
    if unnamed:
        return _unnamed(record, learner, start.language, as_json=as_json)
    damaged = QuizSittings().set_damaged_aside()
    results = _exams(context, record, start.language)
    if exams:
        for message in filter(None, (away, damaged)):
            print_error(message, start.language)
        return _show_exams(learner, results, start.language, as_json=as_json, as_csv=as_csv)
    view = _view(record, learner, results, start.language, said_together(away, damaged, news))
    return _show(view, start.language, as_json=as_json, as_csv=as_csv)


def _show(
    view: ProgressView, language: str, *, as_json: bool, as_csv: bool, exams: bool = False
) -> int:
    if exams:
        return _show_exams(view.learner, view.exams, language, as_json=as_json, as_csv=as_csv)
    if as_json:
        write_json(view)
    elif as_csv:
        write_lines(_csv(view))
    else:
        from bptutor.plain.quiz_text import progress as page

        for line in page(view, time.time()):
            write_wrapped(line, language)
    return 0


def _unnamed(record: Record, learner: str, language: str, *, as_json: bool) -> int:
    """List the wrong answers that nothing explained."""
    from bptutor.service.answers import unnamed

    found = unnamed(record.every(learner))
    if as_json:
        write_json({"learner": learner, "unnamed": found})
    else:
        for line in _answers(found):
            write_wrapped(line, language)
    return 0


def _answers(found: Sequence[Unnamed]) -> Iterator[Message]:
    """A line for each, under its step."""
    from bptutor.service.progress import present_name
    from bptutor.service.quiz_words import day_of

    if not found:
        yield Message("No wrong answer in your record is unexplained.")
        return
    yield Message("Wrong answers without an explanation, the most frequent first:")
    for (lesson, step), answers in groupby(found, key=lambda each: (each.lesson, each.step)):
        name = present_name(lesson, step, suitable_notation())
        yield Message("{lesson}, {step}:", lesson=lesson, step=name)
        for each in answers:
            yield Message(
                "- {answer}; times: {times}, last on {date}.",
                answer="; ".join(filter(None, (each.formula, ", ".join(each.value)))),
                times=each.times,
                date=day_of(each.last),
            )


def _exams(context: click.Context, record: Record, language: str) -> list[ExamResult]:
    """The learner's exams. One whose time is up is submitted now, which takes TensorFlow."""
    from bptutor.record.sittings import QuizSittings
    from bptutor.service.progress import exam_results

    now, notation = time.time(), suitable_notation()
    results = exam_results(QuizSittings(), notation, language, now)
    if all(each.state != "over" for each in results):
        return results
    from bptutor.service.engine import EngineHere
    from bptutor.service.quiz_opening import submit_overdue
    from bptutor.service.tutor import LocalTutor

    context.with_resource(budget.limited())
    submit_overdue(LocalTutor(EngineHere(), lambda _: None, record).learner)
    return exam_results(QuizSittings(), notation, language, now)


def _show_exams(
    learner: str, exams: Sequence[ExamResult], language: str, *, as_json: bool, as_csv: bool
) -> int:
    from bptutor.plain import quiz_text

    if as_json:
        write_json({"learner": learner, "exams": exams})
    elif as_csv:
        write_lines(_exams_csv(learner, exams))
    else:
        if not exams:
            write_lines([Message("You have taken no exam yet.").to(language)])
        for line, exam in zip(quiz_text.exams(exams), exams, strict=True):
            for each in (line, *quiz_text.exam_items(exam)):
                write_wrapped(each, language)
    return 0


def _view(
    record: Record, learner: str, exams: list[ExamResult], language: str, news: Message | None
) -> ProgressView:
    from bptutor.record.sittings import Sittings, Standings
    from bptutor.service.progress import progress_view

    standing = Standings().read()
    return progress_view(record, learner, Sittings(), standing, language, time.time(), exams, news)


def _csv(view: ProgressView) -> list[str]:
    return _table(
        ("id", "skill", "strength", "due", "items", "first_try"),
        (
            (
                *(skill.id, skill.skill, round(skill.strength, 4), _moment(skill.due)),
                *(skill.items, round(skill.first_try, 4)),
            )
            for skill in view.skills
        ),
    )


def _exams_csv(learner: str, exams: Sequence[ExamResult]) -> list[str]:
    """A line for each item of each exam; where a value is not there yet, nothing."""
    return _table(
        (
            *("learner", "exam", "seed", "attempt", "minutes", "state", "begun", "submitted"),
            *("item", "lesson", "step", "skill", "answered", "points", "mistakes"),
        ),
        (
            (
                *(learner, exam.key, exam.seed, exam.number, f"{exam.minutes:g}", exam.state),
                *(_moment(exam.begun), _moment(exam.submitted)),
                *(place, item.lesson, item.step, item.skill, int(item.answered)),
                *("" if item.points is None else round(item.points, 4), " ".join(item.mistakes)),
            )
            for exam in exams
            for place, item in enumerate(exam.items, 1)
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    table.writerows([_harmless(value) for value in row] for row in rows)
    return text.getvalue().splitlines()


def _harmless(value: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {*"=+-@"} else value


def _moment(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _export(record: Record, learner: str, file: Path) -> int:
    import msgspec

    require_free(file)
    lines = [
        printable_json(msgspec.json.encode(attempt).decode()) for attempt in record.every(learner)
    ]
    write_file(file, "".join(f"{line}\n" for line in lines), private=True)
    return len(lines)


def _forget(record: Record, learner: str, language: str, *, sure: bool) -> int:
    """Delete the record once that is confirmed, and name what stays."""
    from bptutor.record.files import data_directory

    if not sure:
        count = record.activity(learner).attempts
        question = Message(
            "Delete the whole record of {learner} (attempts: {count})? Type {yes}:",
            learner=learner,
            count=count,
            yes=YES,
        )
        if ask(question.to(language)).lower() != YES:
            write_lines([Message("Nothing is deleted.").to(language)])
            return 1
    message = Message(
        "Your record ({count} attempts) is deleted. Your places in lessons, quizzes and exams, "
        "and what you typed there, remain in {path}.",
        count=record.forget(learner),
        path=str(data_directory()),
    )
    write_lines([message.to(language)])
    for file in record.set_aside():
        damaged = Message(
            "{path} is a damaged record that still contains answers; delete it, too.",
            path=str(file),
        )
        write_lines([damaged.to(language)])
    return 0
