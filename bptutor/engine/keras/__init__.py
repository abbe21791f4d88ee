"""A Keras model as a lesson: its layers as a program, its weights as the leaves' numbers."""

from bptutor.engine.keras.lesson import check_model, lesson_of, open_lesson

__all__ = ["check_model", "lesson_of", "open_lesson"]
