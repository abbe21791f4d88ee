"""What the README and the author's guide promise."""

import re
from pathlib import Path

import pytest

from bptutor.front.keys import help_rows
from bptutor.language.ops import operations
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.lesson.source import LessonFile
from bptutor.tui.keymap import key_name

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "lessons" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "lessons/README"])
def test_the_lesson_in_it_has_nothing_to_mend(text: str, tmp_path: Path) -> None:
    (lesson,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "one-neuron.toml"
    path.write_text(lesson, encoding="utf-8")
    assert lint(load(str(path))) == []
    assert len(lesson.splitlines()) <= 12


def test_the_guide_has_every_key() -> None:
    documented = set(re.findall(r"^\| `\[?(\w+)\]?`", GUIDE, re.MULTILINE))
    assert set(LessonFile.__struct_fields__) <= documented


def test_the_guide_has_every_function() -> None:
    called = {name for name, operation in operations().items() if operation.infix is None}
    assert {name for name in called - {"negate"} if f"`{name}" not in GUIDE} == set()


def test_the_readme_has_every_command() -> None:
    from bptutor.cli.main import bptutor

    assert all(re.search(f"`bptutor {name}[ `]", README) for name in bptutor.commands)


def test_the_readme_says_of_the_keys_what_help_says() -> None:
    table = README.partition("| key | name | |")[2].partition("In a quiz")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines() if "`" in row]
    there = {text: (keys, re.findall(r"`([a-z-]+)`", names)) for keys, names, text in rows}
    for actions, text in help_rows("help"):
        keys, names = there[str(text)]
        assert {*names} == {each.id for each in actions if not each.id.startswith("page-")}
        written = keys.replace("Page Up", "PgUp").replace("Page Down", "PgDn").split(", ")
        assert written == [*dict.fromkeys(key_name(key) for each in actions for key in each.keys)]


def test_the_picture_fits_a_terminal() -> None:
    (picture,) = re.findall(r"(?:^     .*\n|\n)+?^     .*F10 Quit\n", README, re.MULTILINE)
    lines = picture.strip("\n").splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 4 + 80 for line in lines)


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists()
