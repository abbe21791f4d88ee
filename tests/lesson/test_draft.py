"""Drafts of lessons: every stack is a sound lesson, and what makes none is said."""

from pathlib import Path

import numpy as np
import pytest

from bptutor.lesson.draft import ACTIVATIONS, LOSSES, Draft, Loss, drafted, toml_text
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.lesson.source import Translations
from bptutor.text import UserError


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("units", [(1, 2), (2, 3, 2), (3, 2, 4, 2)])
def test_a_draft_is_a_sound_lesson(
    tmp_path: Path, activation: str, loss: Loss, units: tuple[int, ...]
) -> None:
    draft = Draft(units, activation, loss, rows=2, learning_rate=0.1)
    values = {name: np.full(shape, 0.5).tolist() for name, shape in draft.shapes.items()}
    path = tmp_path / "draft.toml"
    file = drafted(draft, Translations('A "draft"', "초안"), values)
    path.write_text(toml_text(file), encoding="utf-8")
    lesson = load(str(path))
    assert lint(lesson) == []
    assert lesson.title.to("en") == 'A "draft"'
    assert lesson.parameters == draft.parameters
    assert {name: lesson.shapes[name] for name in draft.shapes} == draft.shapes


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"units": (2,)}, "inputs, layers and outputs"),
        ({"units": (2, 0, 1)}, "can have 1 to"),
        ({"units": (2, 9999, 1)}, "can have 1 to"),
        ({"rows": 0}, "batch"),
        ({"loss": "cross-entropy", "units": (2, 1)}, "two outputs"),
        ({"learning_rate": 0.0}, "positive number"),
        ({"learning_rate": float("nan")}, "positive number"),
    ],
)
def test_what_makes_no_network_is_said(changed: dict[str, object], said: str) -> None:
    sound: dict[str, object] = {
        "units": (2, 3, 1),
        "activation": "relu",
        "loss": "squares",
        "rows": 1,
        "learning_rate": 0.1,
    }
    with pytest.raises(UserError, match=said):
        Draft(**{**sound, **changed})  # type: ignore[arg-type]
