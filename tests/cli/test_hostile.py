"""What strangers' names, files and addresses make a command say: one sentence, and nothing raw."""

import ast
import json
from pathlib import Path

import pytest

from bptutor.cli import output
from bptutor.cli.main import bptutor
from bptutor.lesson.find import directory
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from tests.cli.conftest import Run
from tests.examples import every
from tests.plain.script import speak
from tests.record.attempts import attempt

ADDRESSES = [
    ("postgresql+psycopg://u:SECRET@127.0.0.1:abc/db", "postgresql+psycopg://..."),
    ("postgresql://u@127.0.0.1:1/db?password=SECRET", "postgresql://..."),
    ("postgresql://u:a@SECRET@127.0.0.1/db", "postgresql://..."),
    ("mysql://u:SECRET@host/db", "mysql://..."),
    ("sqlite:////tmp/x.sqlite?timeout=abc", "sqlite:////tmp/x.sqlite"),
    ("sqlite:////tmp/x.sqlite?password=SECRET", "sqlite:////tmp/x.sqlite"),
    ("sqlite:////tmp/a%00b.sqlite", "sqlite:////tmp/a%00b.sqlite"),
]


@pytest.fixture(autouse=True)
def of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BPTUTOR_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.filterwarnings("error")  # one would stand beside the sentence
@pytest.mark.parametrize(("address", "shown"), ADDRESSES)
def test_a_bad_address_is_a_sentence_without_a_password(
    address: str, shown: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_RECORD", address)
    done = run("progress", "--json")
    assert done.status == 0
    assert shown in done.json["remark"]
    assert "SECRET" not in done.out
    asked = run("progress", "--forget", "--yes")
    assert (asked.status, asked.out, asked.err.count("\n")) == (2, "", 1)
    assert "SECRET" not in asked.err


@pytest.mark.parametrize("address", ["u:SECRET@host/db", "postgresql:/u:SECRET@host/db"])
def test_what_is_no_address_is_not_repeated(
    address: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_RECORD", address)
    done = run("progress")
    assert "BPTUTOR_RECORD" in done.err
    assert "SECRET" not in done.out + done.err


def test_a_learner_whose_name_is_no_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_LEARNER", b"\xff\x1b".decode("utf-8", "surrogateescape"))
    assert run("progress").sentence == (
        r"BPTUTOR_LEARNER is “\udcff\x1b”; it must be a name in UTF-8 without control characters."
    )


LESSON = """program = \"\"\"
# hid\u202eden
L = x * 2
\"\"\"
loss = "L"
title = "a\u202eb\u200bc"
[values]
x = 1.0
[notes]
"""


@pytest.mark.parametrize("table", ["notes", "sections"])
def test_lint_prints_no_key_raw(table: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "e.toml"
    path.write_text(LESSON.replace("[notes]", f"[{table}]") + '"\\u202ekey" = "x"\n')
    done = run("lint", str(path))
    assert done.status == 1
    assert r"“\u202ekey”" in done.out
    assert all(line.isprintable() for line in done.out.splitlines())
    as_json = run("lint", str(path), "--json")
    assert as_json.out.strip().isprintable()
    assert r"“\u202ekey”" in json.loads(as_json.out)["findings"][0]["message"]
    path.write_text(LESSON.replace("[notes]", f"[{table}]") + '"\\u001b]0;x\\u0007" = "x"\n')
    assert run("lint", str(path)).sentence == (
        rf"{path}, line 9: `{table}.\x1b]0;x\x07` contains a control character; remove it"
    )


@pytest.mark.parametrize("ending", [".html", ".md", ".ipynb"])
def test_titles_and_headings_are_seen_whole(ending: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(LESSON)
    shown = run("show", str(tmp_path / "e.toml")).out
    assert r"a\u202eb\u200bc" in shown
    assert r"hid\u202eden" in shown
    file = tmp_path / f"e\x1b]0;x\x07{ending}"
    said = run("export", str(tmp_path / "e.toml"), str(file))
    assert said.out == f"Wrote {tmp_path}/e\\x1b]0;x\\x07{ending}.\n"
    written = file.read_text()
    assert all(line.isprintable() for line in written.splitlines())
    assert "202eb" in written


def test_another_learners_row_is_printed_escaped(run: Run, tmp_path: Path) -> None:

    bad = "\x1b]0;PWNED\x07\u202e"
    record = Record(None)
    record.add(attempt(learner=learner_name(), lesson=bad, misconceptions=[bad], verdict="wrong"))
    for how in ([], ["--csv"], ["--json"]):
        out = run("progress", *how).out
        assert all(line.isprintable() for line in out.splitlines())
    assert run("progress", "--export", str(tmp_path / "all.jsonl")).status == 0
    assert (tmp_path / "all.jsonl").read_text().strip().isprintable()


NAME = "x" * 256


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "one-neuron", f"{NAME}.md"),
        ("new", f"{NAME}.toml", "--layers", "2,1"),
        ("progress", "--export", NAME),
    ],
)
def test_a_name_that_is_too_long(
    arguments: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).sentence.endswith("cannot be written: File name too long.")


def test_a_data_folder_whose_name_is_too_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPTUTOR_DATA_DIR", f"/tmp/{NAME}")
    done = run("progress", "--json")
    assert done.status == 0
    assert "(File name too long)" in done.json["remark"]


def test_a_folder_that_may_not_be_entered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:  # the administrator may enter everything
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    said = run("export", "one-neuron", "/closed/page.md").sentence
    assert said == "/closed/page.md cannot be written: permission is denied."


def test_a_line_of_a_stream_has_an_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bptutor.cli.check.MOST_BYTES", 1_000_000)
    given = b"x" * 5_000_000 + b'\n{"step": "nothing", "value": "1"}\n'
    done = run("check", "one-neuron", "--jsonl", stdin=given)
    first, second = map(json.loads, done.out.splitlines())
    assert first["message"] == "Line 1: it is larger than 1 megabytes"
    assert second["message"].startswith("Line 2: one-neuron has no step nothing")
    assert done.status == 2


SEQUENCE = "\x1b]0;PWNED\x07"
BAD = f"{SEQUENCE}\x9b31m\u202e\u200b\u3164"
COMMANDS: dict[str, tuple[str, ...]] = {
    "learn": ("LESSON", "--plain"),
    "quiz": ("LESSON", "--plain", "--items", "1"),
    "progress": (),
    "lessons": (),
    "show": ("LESSON",),
    "export": ("LESSON", f"{BAD}.html"),
    "check": ("LESSON", BAD, "--value", BAD),
    "train": ("LESSON", "--iterations", "1"),
    "new": (f"{BAD}.toml", "--title", BAD, "--layers", "1,1"),
    "lint": ("LESSON",),
    "doctor": (),
    "serve": ("--host", BAD),
    "class": ("assign", "LESSON"),
    "assignments": (),
    "do": (BAD, "--plain"),
    "record": ("init", f"sqlite:///{BAD}"),
}
"""Each command, with names and values that would drive the terminal."""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A lesson of such a name; around it a configuration and a record that are no better."""
    config = tmp_path / f"config{BAD}"
    config.mkdir()
    config.joinpath("config.toml").write_text(
        '"\\u001b[31mRED" = 1\ntheme = "\\u001b]0;PWNED\\u0007"\n[keys]\n"\\u009b" = "f3"\n'
    )
    monkeypatch.setenv("BPTUTOR_CONFIG_DIR", str(config))
    monkeypatch.setenv("BPTUTOR_STATE_DIR", str(tmp_path / f"state{BAD}"))
    monkeypatch.setenv("BPTUTOR_PRECISION", BAD)
    monkeypatch.chdir(tmp_path)
    Record(None).add(attempt(learner=learner_name(), lesson=BAD, misconceptions=[BAD]))
    lesson = tmp_path / f"e{BAD}.toml"
    lesson.write_bytes((directory() / "one-neuron.toml").read_bytes())
    return str(lesson)


def test_there_is_a_case_for_every_command() -> None:
    assert set(COMMANDS) == set(bptutor.commands)


@pytest.mark.parametrize("name", every(3, COMMANDS))
@pytest.mark.parametrize("there", every(2, [True, False]))
def test_no_command_prints_a_name_raw(name: str, there: bool, hostile: str, run: Run) -> None:
    lesson = hostile if there else f"{hostile}{BAD}"
    arguments = [lesson if each == "LESSON" else each for each in COMMANDS[name]]
    if "--plain" in arguments:
        spoken = speak("\n1\n/hint\n/quit\n", name, *arguments)
        status, out, err = spoken.status, spoken.out, spoken.err
    else:
        done = run(name, *arguments)
        status, out, err = done.status, done.out, done.err
    assert [line for line in (out + err).splitlines() if not line.isprintable()] == []
    assert r"\x1b[31mRED" in err + out or r"e\x1b]0;PWNED\x07" in err
    assert "Traceback" not in out + err
    assert status in (0, 1, 2)
    if not there and "LESSON" in COMMANDS[name]:
        assert status == 2
        assert r"e\x1b]0;PWNED\x07" in err


@pytest.mark.parametrize(
    "arguments", [(BAD,), (f"--{BAD}",), ("lint", f"--{BAD}"), ("--lang", BAD)]
)
def test_what_is_mistyped_is_not_repeated_raw(arguments: tuple[str, ...], run: Run) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.sentence.isprintable()


WRITES = (
    *("print", "sys.stdout.write", "sys.stdout.writelines", "sys.stdout.buffer.write"),
    *("click.echo", "click.echo_via_pager", "click.secho", "click.prompt", "click.confirm"),
    *("sys.stderr.write", "sys.excepthook", "traceback.print_exc", "logging.Formatter"),
)
WRITERS = {"cli/output.py"}
"""Where it is made printable first."""


def test_one_place_writes_for_every_command() -> None:
    package = Path(output.__file__).parents[1]
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITES
    }
    assert found == WRITERS
