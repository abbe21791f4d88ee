"""What the tutor says about a model that it cannot take."""

from __future__ import annotations

from bptutor.locale import Message, UserError


class ModelError(UserError):
    """What is wrong, in words that follow the file's name."""


def refuse_setting(layer: str, setting: str, value: object) -> ModelError:
    """The error for a layer's setting for which the notation has no words."""
    return ModelError(
        Message(
            "the layer {name} has {setting} = {value}, which the tutor does not take",
            name=layer,
            setting=setting,
            value=str(value)[:60],
        )
    )
