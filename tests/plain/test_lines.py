"""Lines as they come: from a file, a pipe, in pieces, and without an end."""

import asyncio
import os
from pathlib import Path

from bptutor.plain.dialogue import Lines


async def every(lines: Lines) -> list[str]:
    found = []
    while (line := await lines.next()) is not None:
        found.append(line)
    return found


async def test_a_file_and_its_last_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    path.write_bytes("\ufeff1, 2\r\n\n힌트\nlast".encode())
    with path.open("rb") as file:
        assert await every(Lines(file.fileno())) == ["1, 2", "", "힌트", "last"]


async def test_nothing_and_a_closed_input() -> None:
    with open(os.devnull, "rb") as file:
        assert await every(Lines(file.fileno())) == []
    assert await every(Lines(None)) == []


async def test_a_pipe_in_pieces_keeps_nothing_waiting() -> None:
    reading, writing = os.pipe()
    lines = Lines(reading)
    waiting = asyncio.create_task(lines.next())
    for piece in ("0.", "5, ", "1\n2"):
        await asyncio.sleep(0)
        assert not waiting.done()
        os.write(writing, piece.encode())
    assert await waiting == "0.5, 1"
    waiting = asyncio.create_task(lines.next())
    await asyncio.sleep(0)
    waiting.cancel()  # whoever gives up waiting loses nothing
    await asyncio.wait({waiting})
    os.write(writing, b"3\n")
    os.close(writing)
    assert await every(lines) == ["23"]
    os.close(reading)


async def test_what_cannot_be_decoded_is_a_line_too() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xff\xfe\n")
    os.close(writing)
    assert await every(Lines(reading)) == ["\ufffd\ufffd"]
    os.close(reading)
