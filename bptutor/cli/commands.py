"""The command `bptutor` and the commands under it."""

from __future__ import annotations

import click

from bptutor import __version__
from bptutor.cli.check import check
from bptutor.cli.doctor import doctor
from bptutor.cli.export import export
from bptutor.cli.learn import learn
from bptutor.cli.lessons import lessons
from bptutor.cli.lint import lint
from bptutor.cli.new import new
from bptutor.cli.progress import progress
from bptutor.cli.quiz import quiz
from bptutor.cli.show import show
from bptutor.cli.train import train
from bptutor.cli.tutor import plain_option, start
from bptutor.cli.usage import Group, start_of
from bptutor.locale import Message


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(f"bptutor {__version__}")
        context.exit()


@click.group(
    cls=Group,
    invoke_without_command=True,
    help=Message(
        "Learn backpropagation by doing it: a network is walked one step at a time, forward and "
        "then backward, and TensorFlow says whether your answers are right.\n\n"
        "Without a command it opens the menu: go on where you were, or choose a lesson. LESSON "
        "stands for a lesson's name everywhere, or for the path to a .toml file or a Keras model."
    ).text,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=Message("Show the version.").text,
)
@plain_option
@click.pass_context
def bptutor(context: click.Context, plain: bool) -> int:
    """Opens the menu where no command is given."""
    if context.invoked_subcommand is None:
        known = start_of(context)
        return start(None, known.language, known.configuration, plain=plain)
    return 0


for command in (learn, quiz, progress, lessons, show, export, check, train, new, lint, doctor):
    bptutor.add_command(command)
