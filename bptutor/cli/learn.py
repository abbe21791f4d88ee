"""`bptutor learn` and `bptutor quiz`."""

from typing import get_args

import click

from bptutor.cli.help import ReportsFindings, language_of
from bptutor.cli.model import takes_model
from bptutor.cli.options import Count, LessonReference, OneOf
from bptutor.cli.tutor import required_lesson, start, tutor_options
from bptutor.config.settings import Configuration
from bptutor.literals import Ask, Part
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED, MOST_ITEMS, MOST_MINUTES, USUAL_ITEMS, QuizSpec


@click.command(
    cls=ReportsFindings,
    short_help=Message("Walk through a lesson, or choose one in the menu.").text,
    help=Message(
        "Walk through LESSON, step by step; without one, the menu opens. Where you were is kept, "
        "and the next time you go on from there.\n\n"
        "--ask chooses what you are asked; the rest is worked out before your eyes: everything "
        "(all), the backward pass only (backward), its products only (products), or numbers only "
        "(values).\n\n"
        "--part chooses the part of the course: in symbols (derive), in numbers with the tape "
        "(tape), or in Keras (keras). Each part keeps its own place."
    ).text,
)
@click.argument("lesson", type=LessonReference(), required=False)
@click.option(
    "--ask",
    type=OneOf(get_args(Ask)),
    help=Message("What you are asked (else all; where you go on, what was asked there).").text,
)
@click.option(
    "--part",
    type=OneOf(get_args(Part)),
    default="tape",
    show_default=True,
    help=Message("The part of the course: in symbols, in numbers, or in Keras.").text,
)
@click.pass_context
@takes_model("lesson")
@tutor_options
def learn(
    context: click.Context,
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    configuration: Configuration,
    plain: bool,
) -> int:
    return start(lesson, language_of(context), configuration, ask, part, plain)


# ── quiz ──────────────────────────────────────────────────────────────────────────────────────────


@click.command(
    cls=ReportsFindings,
    short_help=Message("Practise what you should practise now; or sit an exam.").text,
    help=Message(
        "Ask single steps of LESSONs (of all of them, where none is named) on fresh numbers: what "
        "is due, what went wrong, what is new to you. A quiz that was left goes on where it "
        "was.\n\n"
        "--seed gives everybody the same questions and numbers. --exam asks fixed questions and "
        "says nothing about your answers until you hand it in. --replay asks one item again, with "
        "the numbers that it had: its code stands beside it, and with your past attempts.\n\n"
        "As in: bptutor quiz --exam --items 8 --minutes 30 --seed 7"
    ).text,
)
@click.argument("lesson", type=LessonReference(), nargs=-1)
@click.option(
    "--items",
    type=Count(MOST_ITEMS),
    default=USUAL_ITEMS,
    show_default=True,
    help=Message("How many items.").text,
)
@click.option("--seed", type=Count(LARGEST_SEED), help=Message("Which questions and numbers.").text)
@click.option("--exam", is_flag=True, help=Message("An exam.").text)
@click.option(
    "--minutes",
    type=Count(MOST_MINUTES),
    default=0,
    help=Message("Minutes there are for an exam (else as many as it takes).").text,
)
@click.option(
    "--replay", default="", metavar="CODE", help=Message("One item again, by its code.").text
)
@click.pass_context
@tutor_options
def quiz(
    context: click.Context,
    lesson: tuple[str, ...],
    items: int,
    seed: int | None,
    exam: bool,
    minutes: int,
    replay: str,
    configuration: Configuration,
    plain: bool,
) -> int:
    if replay and (lesson or exam or seed is not None or minutes):
        raise UserError(Message("--replay asks one item: give nothing but its code."))
    if minutes and not exam:
        raise UserError(Message("--minutes is for an exam: say --exam, too."))
    if not items:
        raise UserError(Message("A quiz has 1 to {most} items.", most=MOST_ITEMS))
    spec = QuizSpec(
        lessons=[required_lesson(reference) for reference in lesson],
        items=items,
        seed=seed,
        exam=exam,
        minutes=minutes,
        replay=_from_anywhere(replay),
    )
    return start(None, language_of(context), configuration, plain=plain, quiz=spec)


def _from_anywhere(code: str) -> str:
    """The code with an absolute path, since the service works in another folder."""
    from bptutor.lesson.find import from_anywhere

    lesson, colon, rest = code.partition(":")
    return f"{from_anywhere(lesson)}{colon}{rest}"
