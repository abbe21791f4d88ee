"""A real class host whose users from `FIRST` on are scripted learners, by name.

`python hosted.py SOCKET STATE [DATABASE]`, as root. It serves as `nobody`.
"""

from __future__ import annotations

import os
import sys

from bptutor.host import serve
from bptutor.host.serve import Hosted, Options

FIRST = 50_000
"""The user id of the first learner: no account has it."""
TEACHER = 40_000
USER = "nobody"


def login(user: int) -> str:
    return f"learner{user - FIRST}" if user >= FIRST else "teacher"


class Scripted(Hosted):
    def run(self) -> None:
        os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        from bptutor.host import child
        from bptutor.host.visitor import Visitor

        def visitor(user: int) -> Visitor:
            return Visitor(login(user), frozenset([0] if user == TEACHER else []))

        setattr(child, "visitor", visitor)  # noqa: B010
        super().run()


def main(socket: str, state: str, database: str = "") -> None:
    os.environ["STATE_DIRECTORY"] = state
    serve.Hosted = Scripted  # type: ignore[misc]
    serve.serve(Options(socket, database, teachers="root", user=USER, idle_seconds=3600.0))


if __name__ == "__main__":
    main(*sys.argv[1:])
