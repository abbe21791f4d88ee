"""A lesson by whatever names it: a lesson's name, the path to a `.toml`, or a Keras model."""

from __future__ import annotations

from bptutor.engine.keras import lesson_of
from bptutor.lesson.find import ModelReference
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load


def open_lesson(reference: str) -> Lesson:
    """The lesson; of a Keras model one is made, which takes TensorFlow.

    Raises:
        LessonError: there is none, or its file is not sound.
    """
    model = ModelReference.read(reference)
    return lesson_of(model) if model else load(reference)
