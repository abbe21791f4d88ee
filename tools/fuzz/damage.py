"""Damage that bytes can come to."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def damaged(random: Random, content: bytes, pieces: Sequence[str] = ()) -> bytes:
    """Some bytes are changed, taken out, doubled or cut off, and pieces are put in."""
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        place = random.randrange(len(content) + 1)
        length = random.choice((1, 1, 2, 8, 64, 512))
        kind = random.randrange(6 if pieces else 5)
        if kind == 0:
            changed = bytes(byte ^ (1 << random.randrange(8)) for byte in content[place:][:1])
            content = content[:place] + changed + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + random.randbytes(length) + content[place + length :]
        elif kind == 2:
            content = content[:place] + content[place + length :]
        elif kind == 3:
            content = content[: place + length] + content[place:]
        elif kind == 4:
            content = content[:place] if random.random() < 0.2 else content
        else:
            piece = "".join(random.choices(pieces, k=random.choice((1, 1, 2, 5))))
            taken = random.choice((0, 0, 1, 5))
            content = content[:place] + piece.encode() + content[place + taken :]
    return content
