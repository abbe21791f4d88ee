"""`bptutor learn` and `bptutor quiz`."""

from typing import get_args

import click

from bptutor.cli.help import ReportsFindings, language_of
from bptutor.cli.model import takes_model, takes_numbers
from bptutor.cli.options import Count, LessonReference, OneOf, part_option
from bptutor.cli.tutor import required_lesson, start, tutor_options
from bptutor.config.settings import Configuration
from bptutor.literals import Ask, Part
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED, MOST_ITEMS, MOST_MINUTES, USUAL_ITEMS, QuizSpec


@click.command(
    cls=ReportsFindings,
    short_help=Message("Start or resume a lesson.").text,
    help=Message(
        "Work through LESSON step by step. Without LESSON, the menu opens. Your place is saved, "
        "and you resume there the next time.\n\n"
        "--ask chooses the steps that you answer: all of them (all), the backward pass "
        "(backward), its formulas (products), or numbers only (values). bptutor works out the "
        "others for you.\n\n"
        "--part chooses the part of the lesson: in symbols (derive), in numbers with TensorFlow's "
        "tape (tape), or in Keras (keras). Each part saves its own place."
    ).text,
)
@click.argument("lesson", type=LessonReference(), required=False)
@click.option(
    "--ask",
    type=OneOf(get_args(Ask)),
    help=Message("Which steps to answer (default: all, or as before when you resume).").text,
)
@click.option(
    "--part",
    type=OneOf(get_args(Part)),
    default="tape",
    show_default=True,
    help=Message("The part of the lesson: in symbols, in numbers, or in Keras.").text,
)
@click.pass_context
@takes_numbers("lesson")
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
    short_help=Message("Practise the steps that are due, or take an exam.").text,
    help=Message(
        "Practise single steps of LESSONs on new numbers: the steps that are due, the ones you "
        "missed, and new ones. Without LESSON, the items come from the lessons that you have "
        "begun. Run it again to resume an unfinished quiz.\n\n"
        "--seed gives everybody the same questions and numbers. --exam asks fixed questions and "
        "shows no verdict until you submit. Both take all lessons without LESSON. The same command "
        "leads back to an exam, also once it is submitted; --again takes it again. --part asks "
        "about symbols (derive), numbers (tape) or Keras code (keras); without it practice asks "
        "about the parts that you have begun, an exam about numbers. --replay "
        "repeats one item with the same numbers; its code is shown with the item and with your "
        "past attempts.\n\n"
        "For example: bptutor quiz --exam --items 8 --minutes 30 --seed 7"
    ).text,
)
@click.argument("lesson", type=LessonReference(), nargs=-1)
@click.option(
    "--items",
    type=Count(MOST_ITEMS),
    default=USUAL_ITEMS,
    show_default=True,
    help=Message("The number of items.").text,
)
@click.option(
    "--seed", type=Count(LARGEST_SEED), help=Message("The seed for the questions and numbers.").text
)
@click.option("--exam", is_flag=True, help=Message("Take an exam.").text)
@click.option(
    "--minutes",
    type=Count(MOST_MINUTES),
    default=0,
    help=Message("Time limit for an exam, in minutes (default: none).").text,
)
@click.option(
    "--again",
    is_flag=True,
    help=Message("Take an exam again that you have submitted; both results stay.").text,
)
@part_option
@click.option("--all-lessons", is_flag=True, help=Message("Take items from all lessons.").text)
@click.option(
    "--replay", default="", metavar="CODE", help=Message("Repeat one item, by its code.").text
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
    again: bool,
    part: Part | None,
    all_lessons: bool,
    replay: str,
    configuration: Configuration,
    plain: bool,
) -> int:
    if replay and (lesson or exam or seed is not None or minutes or part):
        raise UserError("--replay repeats one item; give only its code.")
    if all_lessons and (lesson or replay):
        raise UserError("--all-lessons takes items from all lessons; leave out LESSON.")
    if minutes and not exam:
        raise UserError("--minutes needs --exam.")
    if again and not (exam and seed is not None):
        raise UserError("--again needs --exam and --seed.")
    if not items:
        raise UserError("A quiz has 1 to {most} items.", most=MOST_ITEMS)
    spec = QuizSpec(
        lessons=[required_lesson(reference) for reference in lesson],
        items=items,
        seed=seed,
        exam=exam,
        minutes=minutes,
        again=again,
        replay=_from_anywhere(replay),
        all_lessons=all_lessons,
        part=part,
    )
    return start(None, language_of(context), configuration, plain=plain, quiz=spec)


def _from_anywhere(code: str) -> str:
    """The code with an absolute path, since the service works in another folder."""
    from bptutor.lesson.find import from_anywhere

    lesson, colon, rest = code.partition(":")
    return f"{from_anywhere(lesson)}{colon}{rest}"
