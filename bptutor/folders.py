"""The user's folders for bptutor: settings, what is kept of the learner, logs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from bptutor.text import Message, UserError

Kind: TypeAlias = Literal["config", "data", "state"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def user_folder(kind: Kind, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder that `BPTUTOR_<KIND>_DIR` names, else the usual one of this system.

    Raises:
        UserError: the home folder, in which the usual one is, is not known.
    """
    variable = f"BPTUTOR_{kind.upper()}_DIR"
    if named := environment.get(variable):
        return Path(named)
    import platformdirs

    try:
        found = Path(getattr(platformdirs, f"user_{kind}_dir")("bptutor"))
    except RuntimeError:
        found = Path()
    if not found.is_absolute():
        raise UserError(
            Message(
                "Your home folder is not known: set HOME (or {variable}) to an absolute path.",
                variable=variable,
            )
        )
    return found
