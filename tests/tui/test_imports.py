"""The app is light: what it imports, and what it may not."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    *("tensorflow", "numpy", "keras", "sqlalchemy", "sqlite3", "fsrs"),
    *("bptutor.engine", "bptutor.grading", "bptutor.language"),
)
LATER = (
    "logging.handlers",
    "bptutor.tui.clock",
    *(f"bptutor.tui.screens.{name}" for name in ("step", "summary", "quiz_end", "progress")),
)


def modules(code: str) -> set[str]:
    """What has been imported once the code has run."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_app_with_all_its_screens_knows_neither_tensorflow_nor_numpy() -> None:
    found = modules(
        "import bptutor.tui.app, bptutor.tui.log\n"
        "for name in ('menu', 'introduction', 'step', 'summary', 'dialogs', 'help',\n"
        "             'quiz', 'quiz_end', 'progress'):\n"
        "    __import__(f'bptutor.tui.screens.{name}')\n"
    )
    assert "bptutor.tui.screens.summary" in found
    assert not found & set(HEAVY)


def test_the_teachers_app_is_as_light() -> None:
    names = ("classroom", "class_forms", "class_live", "class_results")
    found = modules(
        "import bptutor.tui.desk, bptutor.service.host_connection\n"
        + "".join(f"import bptutor.tui.screens.{name}\n" for name in names)
    )
    assert "bptutor.tui.screens.class_results" in found
    assert not found & set(HEAVY)


def test_the_first_frame_waits_for_nothing_it_does_not_show() -> None:
    found = modules("import bptutor.tui.app\nimport bptutor.tui.screens.menu")
    assert "textual.app" in found
    assert not found & set(LATER)
