"""A sitting in which something has happened, and the files that are kept of it."""

import math
from pathlib import Path

from bptutor.record.locks import NAME
from bptutor.record.sittings import Mark, Numbers, Sitting, Sittings


def sitting(index: int = 3, size: int = 1) -> Sitting:
    """One in which something has happened."""
    return Sitting(
        lesson="two-hidden-layers",
        digest="d" * 64,
        ask="all",
        iterations=1,
        index=index,
        furthest=7,
        leaves={"W1": Numbers([2, size], [0.1] * (2 * size)), "lr": Numbers([], [1e-3])},
        marks={
            "Z1": Mark("solved", "", ["0,5", "½"], None, ["exact", None], 1, 2),
            "dL_dW3": Mark("open", "a2.T @ ∂L"),
        },
        losses=[0.0012959, math.inf],
    )


def folder_of(kept: Sittings) -> Path:
    return Path(kept.drawer.place)


def files(kept: Sittings) -> list[str]:
    """Besides the locks."""
    return sorted(path.name for path in folder_of(kept).iterdir() if path.name != NAME)
