"""What names a Keras model as a lesson: its file, and what else it takes to make a lesson of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from bptutor.lesson.content import path_of

SUFFIX = ".keras"
_REFERENCE = re.compile(rf"(.*{re.escape(SUFFIX)})(?:\?([^?]*))?", re.DOTALL)


@dataclass(frozen=True)
class ModelReference:
    """A model's file, the loss that is asked for, and a file of examples; or nothing of these.

    It travels as one text wherever a lesson's name does: `model.keras?loss=mse&data=xy.npz`.
    """

    file: str
    loss: str = ""
    data: str = ""

    @classmethod
    def read(cls, reference: str) -> ModelReference | None:
        """The model that a lesson's reference names, or None where it names none."""
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            return None
        told = {name: values[-1] for name, values in parse_qs(found[2] or "").items()}
        return cls(found[1], told.get("loss", ""), told.get("data", ""))

    def __str__(self) -> str:
        told = {"loss": self.loss, "data": self.data}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{self.file}?{query}" if query else self.file

    @property
    def path(self) -> Path:
        """Where the model is."""
        return path_of(self.file)

    def absolute(self) -> ModelReference:
        """The same model and examples from whatever directory."""
        data = str(path_of(self.data).resolve()) if self.data else ""
        return replace(self, file=str(self.path.resolve()), data=data)
