"""Arguments and keys that cannot be used: one sentence, in the language of the learner."""

import json
from pathlib import Path

import pytest

from bptutor.cli.tutor import with_key_findings
from bptutor.config.settings import Configuration, Settings

from .conftest import Run

L = "two-hidden-layers"


WRONG = [
    ("lern", "There is no command “lern”; did you mean `bptutor learn`?"),
    ("zzz", "There is no command “zzz”; `bptutor --help` lists them."),
    ("L", f"There is no command “{L}”; did you mean `bptutor learn {L}`?"),
    ("my.toml", "There is no command “my.toml”; did you mean `bptutor learn my.toml`?"),
    ("show", "LESSON is missing; see `bptutor show --help`."),
    ("show L x", "bptutor show does not take “x”; see `bptutor show --help`."),
    ("show --jsn", "bptutor show has no option --jsn; did you mean --json?"),
    ("show --qqq", "bptutor show has no option --qqq; `bptutor show --help` lists them."),
    ("train L", "--iterations is missing; see `bptutor train --help`."),
    ("train L --iterations", "--iterations is used in the wrong way; see `bptutor train --help`."),
    ("train L --iterations -1", "--iterations takes a whole number from 0 to 1000000, not “-1”."),
    (
        "train L --iterations many",
        "--iterations takes a whole number from 0 to 1000000, not “many”.",
    ),
    ("--lang fr", "--lang takes one of en, ko, not “fr”."),
    (
        "learn --ask everything",
        "--ask takes one of all, backward, products, values, not “everything”.",
    ),
    ("quiz --minutes 5", "--minutes needs --exam."),
    ("quiz --items 0", "A quiz has 1 to 200 items."),
    ("quiz L --replay x", "--replay repeats one item; give only its code."),
    ("learn --part two", "--part takes one of derive, tape, keras, not “two”."),
    (
        "check L",
        "STEP is missing. Give a step such as dLoss_dW3; `bptutor show LESSON` lists them.",
    ),
    ("check L Z1", "Give either --value TEXT or --product TEXT."),
    ("check L Z1 --value 1 --product X", "Give either --value TEXT or --product TEXT."),
    (
        "check L Z1 --jsonl",
        "--jsonl reads steps and answers from standard input; leave out STEP, --value "
        "and --product.",
    ),
    ("show two-hiden-layers", f"There is no lesson “two-hiden-layers”; did you mean {L}?"),
    ("show nowhere.toml", "nowhere.toml: the file does not exist; check its path"),
    (
        "show zzz",
        "There is no lesson “zzz”. `bptutor lessons` lists them; you can also give the "
        "path of a .toml file.",
    ),
    ("learn two-hiden-layers", f"There is no lesson “two-hiden-layers”; did you mean {L}?"),
]
"""What is typed after `bptutor`, L being the course's lesson, and what is said."""


@pytest.mark.parametrize(("typed", "sentence"), WRONG)
def test_one_sentence_says_what_is_wrong(typed: str, sentence: str, run: Run) -> None:
    assert run(*(L if word == "L" else word for word in typed.split())).sentence == sentence


def test_it_is_said_in_the_learner_s_language(run: Run) -> None:
    assert run("--lang", "ko", "lern").sentence == "“lern” 명령은 없어요. `bptutor learn` 아닌가요?"
    assert "빠진 것이 있어요: LESSON" in run("show", "--lang", "ko").sentence


def test_a_language_that_there_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_LANG", "fr")
    done = run("lessons", "--json")
    assert done.err == ("Ignored setting: BPTUTOR_LANG is “fr”; it must be one of auto, en, ko\n")
    assert done.status == 0
    assert json.loads(done.out)


@pytest.mark.parametrize("command", [["show"], ["lint"], ["train", "--iterations", "1"], ["learn"]])
def test_a_lesson_that_cannot_be_opened(command: list[str], tmp_path: Path, run: Run) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('loss = "L"\nprogam = "L = x"\n')
    sentence = run(*command, str(path)).sentence
    assert sentence == f"{path}, line 2: unknown key `progam`; did you mean `program`?"


def test_a_lesson_that_reaches_infinity(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "large.toml"
    path.write_text('program = """\nu = exp(x)\nL = u * 2\n"""\nloss = "L"\nvalues.x = 1000\n')
    sentence = run("show", str(path)).sentence
    assert "infinity in u (line 1 of the program)" in sentence


def test_what_is_repeated_cannot_drive_the_terminal(run: Run) -> None:
    assert run("\x1b[2J").sentence.startswith("There is no command “\\x1b[2J”")


def test_the_notation_s_and_the_questions_names_are_those_of_the_app() -> None:
    from typing import get_args

    import click

    from bptutor.cli.learn import learn
    from bptutor.literals import Ask, Part
    from bptutor.tui.symbols import Notation

    choices = {
        each.name: each.type.choices for each in learn.params if isinstance(each.type, click.Choice)
    }
    assert choices["ask"] == get_args(Ask)
    assert choices["part"] == get_args(Part)
    assert choices["notation"] == (*get_args(Notation), "spoken")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "--token"),
        (["--host", "::"], "--token"),
        (["--user-header", "X-User"], "--proxy"),
        (["--proxy", "10.0.0.1"], "--user-header"),
        (["--proxy", "next door", "--user-header", "X-User"], "next door"),
        (["--token", "--proxy", "10.0.0.1", "--user-header", "X-User"], "not both"),
    ],
)
def test_what_would_admit_anybody_is_refused_in_one_sentence(
    run: Run, options: list[str], words: str
) -> None:
    pytest.importorskip("textual_serve", reason="needs the extra `web`")
    assert words in run("serve", "--port", "0", *options).sentence


def test_without_the_extra_it_says_how_to_install_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptutor.cli.web.find_spec", lambda _: None)
    assert "pip install 'bptutor[web]'" in run("serve").sentence


@pytest.mark.parametrize(
    ("keys", "left", "said"),
    [
        ({"hint": "f13"}, {"hint": "f13"}, []),
        ({"hint": "f3"}, {}, ["`keys.hint`: f3 already belongs to show; change that key first"]),
        (
            {"help": "f12,ctrl+g"},
            {"help": "ctrl+g"},
            ["`keys.help`: f12 already belongs to picture, class-preview, close-too"],
        ),
        # The app's key is looked for on every screen:
        ({"quit": "f5"}, {}, ["`keys.quit`: f5 already belongs to fill-in, question, skip"]),
        # Two that change places, and two that want the same:
        ({"hint": "f3", "show": "f2"}, {"hint": "f3", "show": "f2"}, []),
        (
            {"hint": "f13", "show": "f13"},
            {"show": "f13"},
            ["`keys.hint`: f13 already belongs to show"],
        ),
        # What is given up again is in the way of the next one:
        (
            {"help": "f2", "hint": "f1"},
            {},
            [
                "`keys.help`: f2 already belongs to class-live",
                "`keys.hint`: f1 already belongs to help",
            ],
        ),
        # What is never done at the same moment may share its key, and what does the same:
        ({"check": "f13", "go-on": "f13"}, {"check": "f13", "go-on": "f13"}, []),
        ({"close": "f1"}, {}, ["`keys.close`: f1 already belongs to help"]),
        # On different screens:
        ({"another": "f12"}, {"another": "f12"}, []),
        ({"hnit": "f13"}, {"hnit": "f13"}, ["`keys.hnit` names no action; did you mean"]),
        ({"nonsense": "f6"}, {"nonsense": "f6"}, ["`keys.nonsense` names no action; docs"]),
    ],
)
def test_a_key_that_is_something_else_s_is_ignored(
    keys: dict[str, str], left: dict[str, str], said: list[str]
) -> None:
    found = with_key_findings(Configuration(Settings(keys=keys)))
    assert found.settings.keys == left
    assert len(found.findings) == len(said)
    for finding, beginning in zip(found.findings, said, strict=True):
        assert finding.to("en").startswith(beginning)
