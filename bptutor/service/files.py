"""The learner's own files on their way to a service that cannot read them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from bptutor.service.process import RequestRefused
from bptutor.text import Message

PIECE = 8_000_000  # bytes that travel at once

Send = Callable[[str, bytes, bool], Awaitable[None]]  # path, piece, and whether more comes


class SentFiles:
    """What has been sent over one connection. Most learners have no such file: imports are late."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._stamps: dict[str, tuple[int, int] | None] = {}

    def has(self, path: str) -> bool:
        return path in self._stamps

    async def send(self, path: str, send: Send) -> None:
        """Send a file. Raises RequestRefused: it cannot be read."""
        from bptutor.lesson.content import ContentError, content_of, stamp_of

        file = Path(path)
        try:
            stamp, content = stamp_of(file), content_of(file, _most(file), file.suffix)
        except ContentError as error:
            problem = Message("{file}: {problem}", file=path, problem=error.message)
            raise RequestRefused(problem.to(self._language)) from None
        for start in range(0, max(1, len(content)), PIECE):
            more = start + PIECE < len(content)
            await send(path, content[start : start + PIECE], more)
        self._stamps[path] = stamp

    async def renew(self, send: Send) -> None:
        """Send again what has changed since. Raises RequestRefused: it cannot be read now."""
        if self._stamps:
            from bptutor.lesson.content import stamp_of

            for path, stamp in list(self._stamps.items()):
                if stamp_of(Path(path)) != stamp:
                    await self.send(path, send)


def _most(file: Path) -> int:
    """Bytes that are sent of a file.

    Raises ContentError: a service gets nothing of a learner's folders but lessons and models.
    """
    from bptutor.language import limits
    from bptutor.lesson.content import ContentError

    most = {
        ".toml": limits.MOST_LESSON_BYTES,
        ".keras": limits.MOST_MODEL_BYTES,
        ".npz": limits.MOST_DATA_BYTES,
        ".npy": limits.MOST_DATA_BYTES,
    }
    if file.suffix not in most or not file.is_absolute():
        raise ContentError("the service wanted it, and does not get such a file")
    return most[file.suffix]
