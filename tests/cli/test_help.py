"""The pages of help: in the learner's language, and whole at 80 columns."""

from collections.abc import Iterator

import click
import pytest
from rich.cells import cell_len

from bptutor.cli.help import every_command
from bptutor.cli.main import bptutor

from .conftest import Run

COMMANDS = [path for path, _ in every_command(bptutor, "")]
HANGUL = range(0xAC00, 0xD7A4)


def _has_hangul(text: str) -> bool:
    return any(ord(mark) in HANGUL for mark in text)


def _texts() -> Iterator[str]:
    """Every text that stands beside a command or an option."""
    for _, command in every_command(bptutor, ""):
        yield command.help or ""
        yield from (each.help or "" for each in command.params if isinstance(each, click.Option))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_fits_80_columns(command: str, language: str, run: Run) -> None:
    page = run(*command.split(), "--lang", language, "--help")
    assert page.status == 0
    assert all(cell_len(line) <= 80 for line in page.out.splitlines())
    assert _has_hangul(page.out) == (language == "ko")


def test_every_option_says_what_it_is_for() -> None:
    assert all(_texts())


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_holds_without_an_option_is_said_where_the_command_says_it_is_told(
    language: str, run: Run
) -> None:
    def said(command: str, option: str) -> str:
        options = run(command, "--lang", language, "--help").out.rpartition("\n\n")[2]
        return " ".join(options.partition(f" {option} ")[2].partition("  -")[0].split())

    default = {"en": "Default:", "ko": "기본값:"}[language]
    assert f"{default} 10." in said("quiz", "--items")
    assert f"{default} tape." in said("learn", "--part")
    assert {"en": "Required.", "ko": "필수."}[language] in said("train", "--iterations")
    assert default not in said("quiz", "--seed")


def test_every_text_of_help_is_there_in_korean() -> None:
    from bptutor.text import catalogue

    words = catalogue("ko").gettext
    assert [text for text in _texts() if not _has_hangul(words(text))] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "ko", "show", "--help"],
        ["show", "--lang", "ko", "--help"],
        ["show", "--help", "--lang", "ko"],
        ["show", "--help", "--lang=ko"],
    ],
)
def test_the_language_may_stand_anywhere(arguments: list[str], run: Run) -> None:
    assert run(*arguments).out.startswith("사용법: bptutor show")


def test_the_language_follows_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert _has_hangul(run("--help").out)
    monkeypatch.setenv("BPTUTOR_LANG", "en")
    assert not _has_hangul(run("--help").out)
    assert _has_hangul(run("--help", "--lang", "ko").out)


def test_a_narrow_terminal_is_kept_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    page = run("--help", "--lang", "ko").out
    assert all(cell_len(line) <= 50 for line in page.splitlines())


def test_the_version(run: Run) -> None:
    from bptutor import __version__

    assert run("--version").out == f"bptutor {__version__}\n"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("bptutor le", {"learn", "lessons"}),
        ("bptutor show two", {"two-hidden-layers"}),
        ("bptutor check two-hidden-layers dLoss_dW", {"dLoss_dW1", "dLoss_dW2", "dLoss_dW3"}),
        ("bptutor learn --ask p", {"products"}),
        ("bptutor learn --part d", {"derive"}),
    ],
)
def test_a_shell_completes_what_is_begun(
    words: str, wanted: set[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_BPTUTOR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    found = {line.partition(",")[2] for line in run().out.split()}
    assert found == wanted


def test_a_shell_completes_in_a_lesson_that_there_is_not(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_BPTUTOR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "bptutor check zzz dL")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert run().out.strip() == ""
