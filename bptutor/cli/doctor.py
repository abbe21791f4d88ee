"""`bptutor doctor`: what this machine and this terminal give, and what to do about it."""

import os
import sys

import click

from bptutor.cli.help import ReportsFindings, start_of
from bptutor.cli.output import write_json, write_lines
from bptutor.text import Message


@click.command(
    cls=ReportsFindings,
    short_help=Message("Look over this machine and this terminal.").text,
    help=Message(
        "Look over this machine and this terminal: Python, TensorFlow (which is loaded once), the "
        "processor, memory, the terminal, your folders, what is kept in them, and your settings; "
        "and say what to do about what is wrong. The exit status is then 1.\n\n"
        "--json is for a report of something that does not work. There is no name of yours or "
        "of this machine in it."
    ).text,
)
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    from bptutor.cli.tutor import with_key_findings
    from bptutor.doctor import report

    start = start_of(context)
    configuration = with_key_findings(start.configuration)
    encoding = sys.stdout.encoding if sys.stdout else None
    examined = report.examine(configuration, os.environ, encoding)
    findings = list(report.findings(examined, configuration))
    if as_json:
        write_json(report.as_json(examined, findings, start.language))
    else:
        write_lines(report.lines(examined, findings, start.language))
    return int(any(finding.mend for finding in findings))
