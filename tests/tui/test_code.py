"""The program so far on one key: read, copied, saved."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.near import VALUES
from tests.tui.learner import learning


async def test_the_program_so_far_is_read_copied_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with learning(at="dZ2_dW2") as learner:
        screen = await learner.press("f11")
        for line in ("with tf.GradientTape(persistent=True) as tape:", "    tape.watch(a1)"):
            assert line in screen
        assert learner.shows("Saved as") is False
        await learner.press("space")
        assert learner.shows("Saved as")
        program = (tmp_path / "two-hidden-layers.py").read_text("utf-8")
        await learner.press("space")  # never over a file that is there
        assert (tmp_path / "two-hidden-layers-2.py").read_text("utf-8") == program
        await learner.press("enter")
        assert learner.app.clipboard == program
        await learner.press("escape")
        assert learner.step == "dZ2_dW2"
    ran = subprocess.run(
        [sys.executable, "two-hidden-layers.py"], capture_output=True, text=True, timeout=90
    )
    assert ran.returncode == 0, ran.stderr
    printed = [float(number) for number in ran.stdout.partition("[[")[2].split("]]")[0].split()]
    assert printed == pytest.approx(VALUES["a2"][0])
