"""All that is frozen, in groups which are made by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.golden.answers import answers
from tests.golden.outside import COURSE, FILES, LESSONS, run
from tests.golden.record_kept import kept
from tests.golden.screens import SITTINGS, Sitting, screens, sizes
from tests.golden.transcripts import TALKS, talk

Texts = Mapping[str, str]
"""Texts by the paths of their files."""

COMMANDS = ["", "learn", "quiz", "lessons", "show", "export", "check", "train", "new", "lint"]
COMMANDS += ["progress", "doctor"]
IN_KOREAN = ("menu", "backward", "summary")
"""Sittings whose screens are compared in Korean, too."""
KOREAN_ANSWERS = (COURSE, "attention")
"""Lessons whose answers are checked in Korean too."""


@dataclass(frozen=True)
class Group:
    """Files that are made together, and compared by default or only in the whole run."""

    name: str
    make: Callable[[Path, Texts], Texts]
    """From an empty folder, and the files as they are."""
    quick: bool = False

    @property
    def there(self) -> Texts:
        """Its files as they are."""
        paths = sorted((FILES / self.name).rglob("*.*"))
        return {path.name: path.read_text(encoding="utf-8") for path in paths}

    def made(self) -> Texts:
        """Its files as they would be now; in a folder whose path is always as long as on screen."""
        with TemporaryDirectory(dir="/tmp") as folder:
            return self.make(Path(folder), self.there)


def groups() -> list[Group]:
    """Every group there is."""
    return [*_groups()]


def _groups() -> Iterator[Group]:
    yield Group("words", _words)
    yield Group("kept", lambda folder, _: kept(folder))
    for lesson in LESSONS:
        make = partial(_answers, lesson)
        yield Group(f"answers/{lesson}", make, quick=lesson == "one-neuron")
    for name in TALKS:
        for language in ("en", "ko"):
            quick = (name, language) == ("exam", "en")
            yield Group(f"talks/{name}.{language}", partial(_talk, name, language), quick)
    for sitting in SITTINGS:
        for language in ("en", "ko"):
            for size, (columns, rows) in sizes(language).items():
                if language == "ko" and sitting.name not in IN_KOREAN:
                    continue
                yield Group(
                    f"screens/{sitting.name}.{language}.{size}",
                    partial(_screens, sitting, language, columns, rows),
                )


def _answers(lesson: str, folder: Path, there: Texts) -> Texts:
    return answers(folder, lesson, *(("en", "ko") if lesson in KOREAN_ANSWERS else ("en",)))


def _talk(name: str, language: str, folder: Path, there: Texts) -> Texts:
    return {"talk.txt": talk(folder, name, language)}


def _screens(
    sitting: Sitting, language: str, columns: int, rows: int, folder: Path, there: Texts
) -> Texts:
    before = there.get("screens.txt", "")
    return {"screens.txt": screens(folder, sitting, language, columns, rows, before)}


def _words(folder: Path, there: Texts) -> Texts:
    """The help pages, the list of lessons, a lesson worked through, and wrong uses."""
    texts = {}
    for language in ("en", "ko"):
        lang = ("--lang", language)
        pages = [
            run(folder, *filter(None, [name]), "--help", *(lang if name else ()))
            if name or language == "en"
            else run(folder, "--lang", language, "--help")
            for name in COMMANDS
        ]
        texts[f"help.{language}.txt"] = "\n".join(pages)
        texts[f"lessons.{language}.txt"] = run(folder, "lessons", *lang)
        texts[f"show.{language}.txt"] = run(folder, "show", COURSE, *lang)
        texts[f"wrong-use.{language}.txt"] = "\n".join(
            run(folder, *arguments, *lang)
            for arguments in (
                ["learn", "two-hiden-layers"],
                ["show", "none.toml"],
                ["check", COURSE, "Z1"],
                ["check", COURSE, "Z9", "--value", "1"],
                ["train", COURSE],
                ["train", COURSE, "--iterations", "-1"],
                ["quiz", "--replay", "nonsense"],
                ["quiz", "--items", "x"],
                ["lint", "none.toml"],
                ["export", COURSE, "page.pdf"],
                ["nonsense"],
            )
        )
    texts["lessons.json"] = run(folder, "lessons", "--json").replace("},{", "},\n{")
    return texts
