"""Frames: a message's length in four bytes, then the message in MessagePack."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import msgspec

from bptutor.service.messages import FromApp, FromService

LONGEST_REQUEST = 16_000_000
"""Bytes; the longest text that may be pasted fits in."""
LONGEST_REPLY = 128_000_000
"""Bytes; a screen with a matrix of ten million numbers fits in."""

_HEAD = 4

Received = TypeVar("Received", FromApp, FromService)

_encoder = msgspec.msgpack.Encoder()
from_app = msgspec.msgpack.Decoder(FromApp)
from_service: msgspec.msgpack.Decoder[FromService] = msgspec.msgpack.Decoder(FromService)


class WireError(Exception):
    """What cannot be read as a frame, or written as one, and why."""


def frame(message: FromApp | FromService, longest: int) -> bytes:
    """A message as it travels.

    Raises:
        WireError: it is longer than `longest` bytes, or holds what is no text or too large.
    """
    body = bytearray()
    try:
        _encoder.encode_into(message, body, _HEAD)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError) as error:
        raise WireError(f"cannot be encoded: {error}") from error
    length = len(body) - _HEAD
    if length > longest:
        raise WireError(f"{length} bytes are more than {longest}")
    body[:_HEAD] = length.to_bytes(_HEAD, "big")
    return bytes(body)


async def receive(
    stream: asyncio.StreamReader, decoder: msgspec.msgpack.Decoder[Received], longest: int
) -> Received | None:
    """The next message of a stream, or None where the stream has ended.

    Raises:
        WireError: what came is no such message. Nothing after it can be read.
    """
    try:
        length = int.from_bytes(await stream.readexactly(_HEAD), "big")
        if length > longest:
            raise WireError(f"{length} bytes are more than {longest}")
        body = await stream.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MemoryError) as error:
        raise WireError(str(error) or type(error).__name__) from error
