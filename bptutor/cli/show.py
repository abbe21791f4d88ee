"""`bptutor show`: a lesson worked through, every step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bptutor.cli.learn import suitable_notation
from bptutor.cli.model import opened, takes_model
from bptutor.cli.output import matrix_lines, write_json, write_lines
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference
from bptutor.locale import Message, shortest

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson
    from bptutor.tutoring.worked import Worked


@click.command(
    cls=Command,
    help=Message("Show LESSON worked through, every step with its value.").text,
)
@click.argument("lesson", type=LessonReference())
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
@takes_model("lesson")
def show(context: click.Context, lesson: str, as_json: bool) -> int:
    """Works a lesson through."""
    loaded = opened(lesson)
    from bptutor.tutoring.worked import work

    worked = work(loaded)
    if as_json:
        write_json(worked)
    else:
        write_lines(_page(loaded, worked, language_of(context)))
    return 0


def _page(lesson: Lesson, worked: Worked, language: str) -> Iterator[str]:
    from bptutor.language.render import display_name, write
    from bptutor.lesson.steps import steps

    notation = suitable_notation()
    unicode = notation == "unicode"
    yield lesson.title.to(language)
    section: str | None = None
    for step, answer in zip(steps(lesson), worked.steps, strict=True):
        if step.section != section:
            section = step.section
            heading = lesson.heading(section, language)
            yield from ("", heading or "")
        yield ""
        yield f"  {display_name(step.id, notation)} = {write(step.product, notation)}"
        yield f"    {answer.code}"
        figures = 9 if step.kind == "update" else 5
        yield from matrix_lines(answer.value, 6, figures, unicode)
    yield ""
    before = shortest(worked.loss_before, worked.dtype)
    after = shortest(worked.loss_after, worked.dtype)
    loss = (
        Message("Loss: {before} before the update, {after} after it", before=before, after=after)
        if lesson.parameters
        else Message("Loss: {loss}; nothing is updated", loss=before)
    )
    yield loss.to(language)
