"""The folders of the setting `lessons`."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bptutor.doctor import Finding
from bptutor.lesson.find import directory
from bptutor.text import Message


def lesson_findings(folders: Sequence[str]) -> Iterator[Finding]:
    """Folders that cannot be read, and lessons that one of the same name hides."""
    found = {path.stem: path.parent for path in directory().glob("*.toml")}
    for folder in map(Path, folders):
        if not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
            yield Finding(
                "lessons-unreadable",
                Message(
                    "The folder {path} of the setting `lessons` cannot be read.", path=str(folder)
                ),
                Message("Create it, open it to everybody, or correct the setting."),
            )
            continue
        for path in sorted(folder.glob("*.toml")):
            if (other := found.setdefault(path.stem, folder)) != folder:
                yield Finding(
                    "lesson-hidden",
                    Message(
                        "{path} is hidden by the lesson of the same name in {other}.",
                        path=str(path),
                        other=str(other),
                    ),
                    Message("Rename the file."),
                )
