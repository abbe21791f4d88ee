"""`bptutor check`: an answer, or a stream of them, against TensorFlow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import click

from bptutor import budget
from bptutor.cli.help import Command, language_of
from bptutor.cli.model import opened, takes_model, takes_numbers
from bptutor.cli.options import LessonReference, StepId, json_option
from bptutor.cli.output import write_json, write_lines
from bptutor.cli.tutor import suitable_notation
from bptutor.text import Message, UserError

if TYPE_CHECKING:
    from bptutor.course.answers import Answers, Checked

STATUS = {"exact": 0, "right": 0, "imprecise": 1, "wrong": 1, "unreadable": 2}
"""The exit status of a verdict; that of a stream is the highest of its lines'."""

MOST_BYTES = 20_000_000  # the longest line of a stream
MOST_MARKS = 24  # so many rows or columns of marks can be taken in


@click.command(
    cls=Command,
    short_help=Message("Check one answer, or many.").text,
    help=Message(
        "Check one answer to STEP of LESSON: a value (rows in brackets, or a number) or a "
        "formula. For example:\n\n"
        'bptutor check two-hidden-layers dLoss_dW3 --product "a2.T @ dLoss_dY_pred"\n\n'
        "With --jsonl, bptutor reads answers from standard input, one JSON object per line: "
        '{"step": "dLoss_dW3", "value": "[[0.0317], [0], [0.0979]]"} or {"step": "dLoss_dW3", '
        '"product": "a2.T @ dLoss_dY_pred"}. It prints the verdicts in the same order, one JSON '
        "object per line.\n\n"
        "The exit status is 0 for a right answer, 1 for a wrong one, 2 for one that bptutor "
        "cannot read."
    ).text,
)
@click.argument("lesson", type=LessonReference())
@click.argument("step", type=StepId(), required=False)
@click.option("--value", metavar="TEXT", help=Message("The value to check.").text)
@click.option("--product", metavar="TEXT", help=Message("The formula to check.").text)
@json_option
@click.option(
    "--jsonl",
    "stream",
    is_flag=True,
    help=Message("Read answers from standard input and print verdicts.").text,
)
@click.pass_context
@takes_numbers("lesson")
@takes_model("lesson")
def check(
    context: click.Context,
    lesson: str,
    step: str | None,
    value: str | None,
    product: str | None,
    as_json: bool,
    stream: bool,
) -> int:
    _require_one_way(step, value, product, stream)
    loaded = opened(lesson)
    from bptutor.course.answers import Answers

    answers = Answers(loaded, language_of(context))
    if step is None:
        return _check_stream(answers)
    checked = answers.check(step, value, product)
    if as_json:
        write_json(checked)
    else:
        write_lines(_lines(checked))
    return STATUS[checked.verdict]


def _require_one_way(
    step: str | None, value: str | None, product: str | None, stream: bool
) -> None:
    """A step and one answer to it, or a stream."""
    if stream:
        if step is not None or value is not None or product is not None:
            raise UserError(
                "--jsonl reads steps and answers from standard input; leave out STEP, --value "
                "and --product."
            )
    elif step is None:
        raise UserError(
            "STEP is missing. Give a step such as dLoss_dW3; `bptutor show LESSON` lists them."
        )
    elif (value is None) == (product is None):
        raise UserError("Give either --value TEXT or --product TEXT.")


def _lines(checked: Checked) -> list[str]:
    """The verdict in words; below it a mark for each cell, where there are several."""
    lines = [f"{checked.step}: {checked.message}"]
    rows = checked.cells or [[]]
    if max(len(rows), len(rows[0])) in range(2, MOST_MARKS + 1):
        from bptutor.tui.symbols import SYMBOLS

        mark = SYMBOLS[suitable_notation()].mark
        lines += ["  " + " ".join(map(mark, row)) for row in rows]
    return lines


# ── a stream of answers ───────────────────────────────────────────────────────────────────────


def _check_stream(answers: Answers) -> int:
    status = 0
    if sys.stdin is None:
        return status
    for number, line in enumerate(_lines_within(sys.stdin.buffer, MOST_BYTES), 1):
        if line.strip():
            budget.renew()
            checked = _check_line(answers, number, line)
            write_json(checked)
            status = max(status, STATUS[checked.verdict])
    return status


def _lines_within(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """The lines of a stream; of one that is longer than that only as much, and a byte more."""
    while line := stream.readline(most + 1):
        yield line
        while len(line) > most and not line.endswith(b"\n"):  # the rest of it is passed over
            line = stream.readline(most + 1)


def _check_line(answers: Answers, number: int, line: bytes) -> Checked:
    """The verdict on one line; what cannot be read is a verdict too, and the stream goes on."""
    import msgspec

    from bptutor.course.answers import Checked

    step, asked = "", "value"
    try:
        if len(line) > MOST_BYTES:
            raise UserError("it is larger than {limit} megabytes", limit=MOST_BYTES // 1_000_000)
        answer = msgspec.json.decode(line)
        if not isinstance(answer, dict):
            raise UserError("this is not a JSON object")
        step = _text(answer, "step") or ""
        value, product = _text(answer, "value"), _text(answer, "product")
        asked = "value" if product is None else "product"
        if unknown := answer.keys() - {"step", "value", "product"}:
            raise UserError("the key {key} is unknown", key=repr(min(unknown)))
        return answers.check(step, value, product)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        problem = Message("this is not JSON")
    except UserError as error:
        problem = error.message
    message = Message("Line {number}: {problem}", number=number, problem=problem)
    return Checked(
        step=step,
        asked=asked,
        correct=False,
        verdict="unreadable",
        cells=None,
        misconceptions=[],
        message=message.to(answers.language),
        claims=[],
    )


def _text(answer: dict[str, object], key: str) -> str | None:
    """A text of an answer; a number or a matrix serves as its own text."""
    found = answer.get(key)
    if found is None or isinstance(found, str):
        return found
    if key == "value" and isinstance(found, int | float | list) and not isinstance(found, bool):
        import msgspec

        return msgspec.json.encode(found).decode()
    raise UserError("the value of {key} is not text", key=key)
