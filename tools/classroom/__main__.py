"""`python -m tools.classroom [KILLS]`: hosts are killed among learners in an exam; what is lost?

Needs root: each learner is another user to the host. With `--database URL` (PostgreSQL) there are
two hosts, and learners move between them. The exit status is 1 where something is lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from sqlalchemy import Connection, select

from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore
from bptutor.classroom.tables import marks
from tools.classroom.learners import AS_ANOTHER, EXAM, Learner, teacher
from tools.classroom.running import Running, running

WAYS = ("host", "service", "all", "machine")
"""The process that accepts; one service, or the clerk; the first with all services; and its keeper,
with all that it has started."""
PAUSE = 0.5
"""Seconds between two answers of a learner, on the average."""
SPAN = (0.0, 2.0)
"""Seconds between two kills, once everybody has been answered again."""
PATIENCE = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.classroom", description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=200)
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", default="", help="of PostgreSQL, for two hosts")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="bpt-", dir="/tmp") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        machines = ("one", "two") if arguments.database else ("one",)
        hosts = [stack.enter_context(running(folder, m, arguments.database)) for m in machines]
        told, wrong = asyncio.run(
            killed(hosts, arguments.learners, arguments.kills, arguments.ways, arguments.seed)
        )
    sys.stdout.write("".join(f"{each}\n" for each in [*wrong, *told]))
    return 1 if wrong else 0


async def killed(
    hosts: list[Running], count: int, kills: int, ways: Sequence[str], seed: int
) -> tuple[list[str], list[str]]:
    """Kill what serves so many learners in an exam; what is to tell, and what is wrong."""
    chosen = random.Random(seed)

    def somewhere() -> str:
        return chosen.choice(hosts).socket

    await teacher(hosts[0].socket, count)
    learners = [Learner(n, somewhere, seed) for n in range(count)]
    over = asyncio.Event()
    sitting = [asyncio.create_task(each.sit(over, PAUSE)) for each in learners]
    done, began = Counter[str](), monotonic()
    back: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(kills):
        await asyncio.sleep(chosen.uniform(*SPAN))
        way, host = chosen.choice(ways), chosen.choice(hosts)
        done[way] += 1
        moment = monotonic()
        with AS_ANOTHER:
            _kill(host, way, chosen)
        while not all(each.answered_at > moment for each in learners):
            if monotonic() > moment + PATIENCE or any(each.done() for each in sitting):
                break
            await asyncio.sleep(0.02)
        back[way].append(monotonic() - moment)
        if any(each.done() for each in sitting):
            break  # one of them has failed, which is told below
    over.set()
    failed = await asyncio.gather(*sitting, return_exceptions=True)
    for each in learners:
        await each.stop()
    wrong = [f"{who.login}: {e!r}" for who, e in zip(learners, failed, strict=True) if e]
    await _until_graded(hosts[0])
    wrong += _compared(hosts[0], learners)
    answers = sum(len(each.kept) for each in learners)
    told = [
        f"kills: {sum(done.values())} ({', '.join(f'{w} {n}' for w, n in sorted(done.items()))})",
        f"seconds: {monotonic() - began:.0f}",
        f"answers that were acknowledged last: {answers}",
        f"losses that learners noticed: {sum(each.losses for each in learners)}",
        f"requests that were refused and made again: {sum(each.refused for each in learners)}",
        *(
            f"seconds until everybody was answered again, {way}: median "
            f"{_at(sorted(seconds), 0.5):.2f}, longest {_at(sorted(seconds), 1):.2f}"
            for way, seconds in back.items()
        ),
        f"lost or doubled: {len(wrong)}",
    ]
    return told, wrong


def _kill(host: Running, way: str, chosen: random.Random) -> None:
    if way == "service":
        with suppress(ProcessLookupError, IndexError):
            os.kill(chosen.choice(host.services), signal.SIGKILL)
        return
    host.kill(keeper=way == "machine", services=way != "host")
    if way == "machine":
        host.start()


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def _until_graded(host: Running) -> None:
    """The clerk grades, once it is there again."""
    papers, until = Papers(ClassStore(host.database)), monotonic() + PATIENCE
    while papers.ungraded() and monotonic() < until:
        await asyncio.sleep(0.1)


def _compared(host: Running, learners: list[Learner]) -> list[str]:
    """What the database has, against what was acknowledged."""
    papers = Papers(ClassStore(host.database))
    wrong = []
    submitted = Counter(e.login for e in papers.store.events(EXAM) if e.what == "submit")
    for each in learners:
        key = EXAM, each.login, 1
        paper, _ = papers.paper(key)
        last = papers.last_answers(key)
        for index, answer in each.kept.items():
            mark = last[index].mark if index in last else None
            found = (mark.product, mark.cells) if mark else None
            if found not in (answer, *each.unsure.get(index, [])):
                wrong.append(f"{each.login}, item {index}: {found}, not {answer}")
        if paper.is_open or submitted[each.login] != 1:
            wrong.append(f"{each.login}: submitted {submitted[each.login]} times")
        if Counter(marked(papers.store, *key)) != Counter(range(len(paper.items))):
            wrong.append(f"{each.login}: not one mark for each item")
    return wrong


def marked(store: ClassStore, assignment: str, login: str, attempt: int) -> list[int]:
    """The items that have a mark, as often as they have one."""
    mine = (marks.c.assignment == assignment, marks.c.login == login, marks.c.attempt == attempt)

    def look(on: Connection) -> list[int]:
        return list(on.scalars(select(marks.c.item).where(*mine)))

    return store.read(look, [])


if __name__ == "__main__":
    sys.exit(main())
