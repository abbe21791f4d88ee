"""What the README, the guides and the author's guide promise."""

import re
from pathlib import Path

import pytest

from bptutor.front.actions import TABLE
from bptutor.grading.authored import right_ones
from bptutor.language import limits
from bptutor.language.ops import operations
from bptutor.lesson.find import available
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.lesson.source import LessonFile
from tools.reference import FILES, ROOT, with_tables

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "lessons" / "README.md"])
GUIDE = (ROOT / "lessons" / "README.md").read_text(encoding="utf-8")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_lesson_in_the_guide_has_no_problems(tmp_path: Path) -> None:
    lesson, mistakes = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(f"{lesson}\n{mistakes}", encoding="utf-8")
    assert lint(load(str(path))) == []
    assert right_ones(load(str(path))) == []
    assert len(lesson.splitlines()) <= 12


def test_the_guide_has_every_key() -> None:
    documented = set(re.findall(r"^\| `\[*(\w+)\]*`", GUIDE, re.MULTILINE))
    assert set(LessonFile.__struct_fields__) <= documented


def test_the_page_on_classes_has_every_key_and_every_command() -> None:
    from bptutor.classroom.assignment import AssignmentFile
    from bptutor.cli.classroom import classroom

    page = _text("docs/class.md")
    keys = {f"| `{key}` |" for key in AssignmentFile.__struct_fields__}
    assert {each for each in keys if each not in page} == set()
    missing = {
        name for name in classroom.commands if not re.search(rf"(class |\| `){name}\b", page)
    }
    assert missing <= {"serve", "init"}


def test_the_guide_has_every_function() -> None:
    written_with_signs = {"negate", "slice"}
    called = {name for name, operation in operations().items() if operation.infix is None}
    assert {name for name in called - written_with_signs if f"`{name}" not in GUIDE} == set()


def test_the_guide_has_every_limit() -> None:
    table = GUIDE.partition("## Limits")[2].partition("## ")[0]
    numbers = {int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", table)}
    megabytes = {int(found) * 10**6 for found in re.findall(r"(\d+) MB", table)}
    names = [
        *("ASSIGNMENTS", "AXES", "DERIVED_PARTS", "DIGITS", "EXPONENT", "HEADING", "KEYS"),
        *("KEY_PARTS", "LAYERS", "LISTS", "NAME", "NODES", "PROGRAM_ELEMENTS", "PROGRAM_PARTS"),
        *(
            "PROGRAM_WORK",
            "TEXT",
            "LINE_PARTS",
            "READS",
            "WEIGHTS",
            "WRONG_ANSWERS",
            "VALUES",
            "LESSON_BYTES",
            "MODEL_BYTES",
            "DATA_BYTES",
        ),
    ]
    assert {getattr(limits, f"MOST_{name}") for name in names} <= numbers | megabytes
    assert len(names) >= len(numbers)


@pytest.mark.parametrize(("name", "language"), FILES.items())
def test_the_tables_are_those_of_the_program(name: str, language: str) -> None:
    """`python -m tools.reference` writes them."""
    assert _text(name) == with_tables(_text(name), language)


def test_the_reference_has_every_command_setting_and_action() -> None:
    from bptutor.cli.help import every_command
    from bptutor.cli.main import bptutor
    from bptutor.config.settings import SETTINGS

    reference = _text("docs/reference.md")
    wanted = [f"### `{path}`" for path, _ in every_command(bptutor, "bptutor")]
    wanted += [f"| `{key}` | `{setting.variable}` |" for key, setting in SETTINGS.items()]
    wanted += [f"| `{each.id}` |" for each in TABLE if each.key and not each.idle]
    assert [each for each in wanted if each not in reference] == []


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_first_command_starts_the_first_lesson(name: str) -> None:
    commands = re.findall(r"^    (python3 .*)$", _text(name), re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith(f" learn {available()[0]}")
    assert commands[1].endswith(".venv/bin/pytest -n 3")


@pytest.mark.parametrize("name", ["README.md", "README.ko.md", "CONTRIBUTING.md"])
def test_it_is_short(name: str) -> None:
    assert len(_text(name).split()) <= 900


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists()


def test_the_pictures_are_small_and_load_nothing() -> None:
    pictures = {each.name: each.read_text("utf-8") for each in ROOT.glob("docs/pictures/*")}
    shown = {name for page in PAGES for name in re.findall(r"pictures/(.*?)\)", page.read_text())}
    assert shown == set(pictures)
    for name, drawn in pictures.items():
        assert len(drawn.encode()) < 100_000, name
        assert not re.search(r"url\(|href|<script|http(?!://www.w3.org/2000/svg)", drawn), name
