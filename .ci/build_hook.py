"""Compiles the catalogues before a wheel is built or the checkout is installed as it stands.

Run as a script, it compiles them in place: do that after editing a `.po`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every `.po` under `root`; the files written."""
    written = []
    for source in sorted((root / "bptutor" / "text").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        # Replaced as a whole: a tutor that runs from this checkout may be reading it, and another
        # run of the tests may be compiling it.
        unfinished = target.with_suffix(f".mo.{os.getpid()}")
        with unfinished.open("wb") as compiled:
            write_mo(compiled, catalogue)
        unfinished.replace(target)
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface[Any]):
    """The compiled catalogues are part of the wheel, though git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues of the project that is being built."""
        for compiled in compile_catalogues(Path(self.root)):
            build_data["artifacts"].append(compiled.relative_to(self.root).as_posix())


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parents[1])
