"""What every test stands on: compiled catalogues, and nothing of this machine's learner."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.examples import ALL, PART

ROOT = Path(__file__).parents[1]

# How fast is for tools/benchmarks to say. The same examples every time: a change is judged by what
# it does; `--hypothesis-profile=default` looks for others.
settings.register_profile("part", max_examples=PART, deadline=None, derandomize=True)
settings.register_profile("whole", settings.get_profile("part"), max_examples=ALL)

AS_NO_LEARNER = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
"""A learner's Python holds output back, and keeps what it has compiled."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A property is tried on a part of its examples by default, and on all by `-m whole`."""
    if is_whole(config):
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("whole")


def is_whole(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "whole")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues once, before any worker reads them; let Ctrl-C reach what is run.

    A shell that runs the tests in the background has it ignored, and children inherit that.
    """
    if not config.option.hypothesis_profile:
        settings.load_profile("whole" if is_whole(config) else "part")
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        return
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / ".ci" / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    hook.compile_catalogues(ROOT)


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep records and logs in the test's own folder, and speak English whoever runs the tests."""
    for name in [*os.environ]:
        if name.startswith(("LC_", "BPTUTOR_")) or name in ("LANG", "LANGUAGE", "NO_COLOR"):
            monkeypatch.delenv(name)
    for name in AS_NO_LEARNER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BPTUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BPTUTOR_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BPTUTOR_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("BPTUTOR_LAB_CONFIG", str(tmp_path / "lab.toml"))
    monkeypatch.setenv("LANG", "C.UTF-8")
