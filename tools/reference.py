"""Write the tables of commands, keys and settings into the documentation.

`python -m tools.reference` writes them; `tests/packaging/test_readme.py` fails where they differ
from what the program says.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from bptutor.cli.help import about, every_command
from bptutor.cli.main import bptutor
from bptutor.config.settings import DEFAULT, SETTINGS
from bptutor.front.action import Action
from bptutor.front.actions import TABLE
from bptutor.front.keys import help_rows
from bptutor.text import Message, catalogue
from bptutor.tui.keymap import key_name, told_keys

ROOT = Path(__file__).parents[1]
FILES = {"README.md": "en", "README.ko.md": "ko", "docs/reference.md": "en"}
BAR = "\\|"
MAIN_KEYS = ("check", "hint", "show", "back", "why", "menu", "quit")


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [headings, ("---",) * len(headings), *rows]
    return [f"| {' | '.join(cell.replace('|', BAR) for cell in line)} |" for line in lines]


def main_keys(language: str) -> list[str]:
    """The keys that a lesson is done with, in the words of help."""
    told = [
        (
            ", ".join(key_name(key, language) for key in told_keys(each.keys, set())),
            text.to(language),
        )
        for actions, text in help_rows("help")
        for each in actions
        if each.id in MAIN_KEYS
    ]
    return _table({"en": ("Key", "Action"), "ko": ("키", "하는 일")}[language], told)


def commands(language: str) -> list[str]:
    words = catalogue(language).gettext
    every = every_command(bptutor, "bptutor")
    return [line for path, one in every for line in _options(path, one, words)]


def _options(title: str, command: click.Command, words: Callable[[str], str]) -> list[str]:
    with click.Context(command, info_name=title) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        rows = [
            (f"`{record[0]}`", about(option, words(option.help or "")).to("en").rstrip("."))
            for option in command.params
            if isinstance(option, click.Option)
            and not {*option.opts} & {"--help", SETTINGS["language"].option}
            and (record := option.get_help_record(context))
        ]
    prose = words(command.help or "").replace("\n\n", "\n\n\n").split("\n\n")
    table = ["", *_table(("Option", "Effect"), rows)] if rows else []
    return [f"### `{title}`", "", f"    {title} {usage}", "", *prose, *table, ""]


def keys(language: str) -> list[str]:
    """Every key, in the place where it works, with its name for the setting `keys`."""
    return _table(
        ("Place", "Key", "Name", "Effect"),
        (
            (
                each.places.replace(" ", ", "),
                ", ".join(dict.fromkeys(key_name(key, language) for key in each.keys)),
                f"`{each.id}`",
                _effect(_key_effect(each), language),
            )
            for each in TABLE
            if each.key and not each.idle
        ),
    )


def text_commands(language: str) -> list[str]:
    return _table(
        ("Place", "Command", "Effect"),
        (
            (
                each.places.replace(" ", ", "),
                f"`{' '.join(part.to(language) for part in (each.word, each.takes) if part)}`",
                _effect(each.does, language),
            )
            for each in TABLE
            if each.word
        ),
    )


def _key_effect(each: Action) -> Message | None:
    """What a key does; what a command of text mode does, is said with the command."""
    return each.help or each.quiz_help or (None if each.word else each.does) or each.label


def _effect(text: Message | None, language: str) -> str:
    return text.to(language) if text else ""


def settings(language: str) -> list[str]:
    rows = []
    for key, setting in SETTINGS.items():
        value = DEFAULT.value(key)
        default = f"`{str(value).lower() if isinstance(value, bool) else value}`"
        rows.append(
            (
                f"`{key}`",
                f"`{setting.variable}`",
                f"`{setting.option}`" if setting.option else "",
                setting.expected.to(language),
                "" if value in ("", {}) else default,
                setting.about.to(language),
            )
        )
    return _table(("Key", "Variable", "Option", "Values", "Default", "Effect"), rows)


TABLES = {
    "main keys": main_keys,
    "commands": commands,
    "keys": keys,
    "text commands": text_commands,
    "settings": settings,
}


def with_tables(text: str, language: str) -> str:
    """The text, with each table that it marks as the program has it now."""

    def table(mark: re.Match[str]) -> str:
        lines = "\n".join(TABLES[mark["name"]](language)).rstrip()
        return f"<!-- {mark['name']} -->\n\n{lines}\n\n<!-- end -->"

    return re.sub(r"<!-- (?P<name>[a-z ]+) -->\n.*?<!-- end -->", table, text, flags=re.DOTALL)


if __name__ == "__main__":
    for name, language in FILES.items():
        path = ROOT / name
        path.write_text(with_tables(path.read_text(encoding="utf-8"), language), encoding="utf-8")
