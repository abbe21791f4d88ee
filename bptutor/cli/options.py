"""Types of arguments and options: a lesson, a step, a whole number, a choice."""

from functools import cached_property
from typing import get_args

import click
from click.shell_completion import CompletionItem

from bptutor.literals import Part
from bptutor.text import Message, UserError


def _name(param: click.Parameter | None) -> str:
    """An option or an argument as the help writes it: --minutes, ITEM."""
    if isinstance(param, click.Argument):
        return (param.name or "").upper()
    return param.opts[-1] if param else ""


class OneOf(click.Choice[str]):
    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            raise UserError(
                "{option} takes one of {choices}, not “{given}”.",
                option=_name(param),
                choices=", ".join(self.choices),
                given=str(value),
            )
        return value


json_option = click.option("--json", "as_json", is_flag=True, help=Message("Print JSON.").text)
part_option = click.option(
    "--part",
    type=OneOf(get_args(Part)),
    help=Message("The part of the lesson: in symbols, in numbers, or in Keras.").text,
)


class HiddenActivation(OneOf):
    """An activation of hidden layers; the choices are imported when they are needed."""

    def __init__(self) -> None:
        self.case_sensitive = True

    @cached_property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]  # click sets it once
        from bptutor.lesson.draft import ACTIVATIONS

        return ACTIVATIONS


class Count(click.ParamType[int]):
    name = "N"

    def __init__(self, most: int, least: int = 0) -> None:
        self.least = least
        self.most = most

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self.name

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if not self.least <= number <= self.most:
            raise UserError(
                "{option} takes a whole number from {least} to {most}, not “{given}”.",
                option=_name(param),
                least=self.least,
                most=self.most,
                given=str(value)[:40],
            )
        return number


class LessonReference(click.ParamType[str]):
    """A lesson by its name, or by the path to a `.toml` or a Keras model."""

    name = "lesson"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from bptutor.lesson.find import available

        names = [CompletionItem(name) for name in available() if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]


class StepId(click.ParamType[str]):
    """A step of the lesson given in the argument before it."""

    name = "step"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from bptutor.lesson.load import load
        from bptutor.lesson.steps import steps

        try:
            ids = [step.id for step in steps(load(ctx.params.get("lesson") or ""))]
        except UserError:
            return []
        return [CompletionItem(step) for step in ids if step.startswith(incomplete)]
