"""`bptutor class init`: the tables of a class in a file; of a server see tests/classroom."""

from pathlib import Path

import pytest

from bptutor.classroom.store import ClassStore
from tests.cli.conftest import Run


def test_init_makes_the_tables_of_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "class" / "class.sqlite"
    for _ in range(2):
        done = run("class", "init", f"sqlite:///{file}")
        assert (done.status, done.err) == (0, "")
        assert "class.sqlite" in done.out
    assert file.stat().st_mode & 0o777 == 0o600
    assert ClassStore(f"sqlite:///{file}").people() == []


@pytest.mark.parametrize(
    "given",
    [
        ("sqlite:///:memory:",),
        ("file",),
        ("sqlite:////proc/class.sqlite",),
        ("postgresql+psycopg://user:secret@localhost:1/name",),
        ("sqlite:////tmp/class.sqlite", "--role", "Robert'); --"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(run: Run, given: tuple[str, ...]) -> None:
    assert "secret" not in run("class", "init", *given).sentence
