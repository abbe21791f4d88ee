"""`python -m tests.golden.record [NAME ...]`: what is seen now is what is right.

Makes the groups whose names begin with one of those given anew (without one, all of them), writes
their files, and says which have changed; `git diff tests/golden/files` shows how.
"""

from __future__ import annotations

import sys

from tests.golden.groups import Group, groups
from tests.golden.outside import FILES, forget_this_machine, machine


def record(group: Group) -> list[str]:
    """Make a group's files anew; the paths of those that have changed."""
    before, after = group.there, group.made()
    at = FILES / group.name
    at.mkdir(parents=True, exist_ok=True)
    for name in before.keys() - after.keys():
        (at / name).unlink()
    names = before.keys() | after.keys()
    changed = sorted(name for name in names if before.get(name) != after.get(name))
    for name in changed:
        if name in after:
            (at / name).write_text(after[name], encoding="utf-8")
    return [f"{group.name}/{name}" for name in changed]


def main(names: list[str]) -> None:
    """Record the groups whose names begin so."""
    forget_this_machine()
    chosen = [group for group in groups() if group.name.startswith(tuple(names) or "")]
    if not chosen:
        sys.exit(f"No such group; there are {', '.join(group.name for group in groups())}.")
    for group in chosen:
        sys.stderr.write(f"{group.name}\n")
        for path in record(group):
            sys.stdout.write(f"changed: {path}\n")
            sys.stdout.flush()
    (FILES / "machine.txt").write_text(machine())


if __name__ == "__main__":
    main(sys.argv[1:])
