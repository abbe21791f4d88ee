"""`bptutor learn model.keras` in a terminal, also where its service dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_learn import bptutor, service_of
from tests.engine import keras_models


@pytest.mark.whole
def test_a_model_is_opened_answered_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    keras_models.no_bias().save(path)
    command = bptutor("learn", str(path), "--loss", "mse", "--lang", "en")
    with Terminal(command) as terminal:
        terminal.wait_for("Opening the lesson")
        terminal.wait_for("This is your Keras model, layer by layer")
        terminal.press("enter")
        terminal.wait_for("Z1 = X @ W1")
        terminal.wait_for_quiet(0.2)
        terminal.press("f3")
        terminal.wait_for("Ask again to show the answer.")
        terminal.press("f3")
        terminal.wait_for("This is the answer.")
        os.kill(service_of(terminal), signal.SIGKILL)
        terminal.press("enter")  # the app notices, starts another service, and asks it
        terminal.wait_for("step 2/")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    with Terminal(command) as terminal:
        terminal.wait_for("step 2/")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


def test_what_is_not_taken_of_a_model_is_said_before_the_first_screen(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    path.write_text("no model")
    with Terminal(bptutor("learn", str(path), "--lang", "ko"), columns=200) as terminal:
        assert terminal.wait_for_end() == 2
        assert "model.save()로 다시 저장하세요" in terminal.text
