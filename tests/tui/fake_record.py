"""What a scripted record knows of a learner."""

from __future__ import annotations

from bptutor.views.quiz import (
    AttemptLine,
    Day,
    LessonProgress,
    MistakeProgress,
    ProgressView,
    SkillProgress,
    Week,
)

NOON = 1_764_000_000.0
"""24 November 2025, 16:00 UTC."""


def attempt(number: int) -> AttemptLine:
    """A past attempt; a higher number is a later one."""
    return AttemptLine(
        id=f"a{number}",
        at=NOON + number * 60,
        lesson="Two hidden layers",
        name="∂L/∂Y",
        typed=f"0.{number}",
        verdict="wrong",
        mistakes=["sign"],
        code=f"two-hidden-layers:dL_dY:{number}:1a2b3c4d",
    )


PROGRESS = ProgressView(
    learner="ada",
    attempts=31,
    since=NOON - 40 * 86400,
    lessons=[LessonProgress("Two hidden layers", 35, 7), LessonProgress("One neuron", 9, 0)],
    skills=[
        SkillProgress("mask", "mask", 0.4, NOON - 86400, 4, 0.25),
        SkillProgress("loss", "slope of the loss", 0.95, NOON + 3 * 86400, 8, 0.75),
    ],
    mistakes=[MistakeProgress("mask-dropped", "The mask was forgotten.", 5, 3, NOON)],
    days=[Day("2025-11-24", 3, 2), Day("2025-11-17", 25, 20)],
    weeks=[Week("2025-11-17", 10, 0.5), Week("2025-11-24", 4, 0.75)],
    remark="",
)
