"""`bptutor doctor`: what this machine and this terminal give, and what to do about it."""

import os
import sys

import click

from bptutor.cli.help import ReportsFindings, start_of
from bptutor.cli.output import write_json, write_lines
from bptutor.text import Message


@click.command(
    cls=ReportsFindings,
    short_help=Message("Check this machine and terminal for problems.").text,
    help=Message(
        "Check Python, TensorFlow (loaded once), the processor, memory, the terminal, your "
        "folders, your saved answers, your class and your settings. For each problem, bptutor "
        "prints what to do; the exit status is then 1.\n\n"
        "Attach the output of --json to a report of a problem. It contains neither your name nor "
        "the name of this machine."
    ).text,
)
@click.option("--json", "as_json", is_flag=True, help=Message("Print JSON.").text)
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    from bptutor.cli.tutor import with_key_findings
    from bptutor.doctor import report

    start = start_of(context)
    configuration = with_key_findings(start.configuration)
    encoding = sys.stdout.encoding if sys.stdout else None
    examined = report.examine(configuration, os.environ, encoding, start.language)
    findings = list(report.findings(examined, configuration))
    if as_json:
        write_json(report.as_json(examined, findings, start.language))
    else:
        write_lines(report.lines(examined, findings, start.language))
    return int(any(finding.mend for finding in findings))
