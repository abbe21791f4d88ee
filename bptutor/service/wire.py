"""How a call and its reply travel: frames, and arguments and results by a method's signature.

A frame is a length in four bytes and a MessagePack array. What a method takes and gives is read
from `Tutor` and `Desk`; nothing else is let across.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from bptutor.service.desk import Desk
from bptutor.service.protocol import Event, Tutor

LONGEST_REQUEST = 16_000_000  # bytes; the longest text that may be pasted fits in
LONGEST_REPLY = 128_000_000  # bytes; a screen with a matrix of ten million numbers fits in

MOST_QUOTED = 200  # characters of what is wrong with a message, which may quote it

HEAD = 4  # bytes of a length


class WireError(Exception):
    """What cannot be read as a frame, or written as one, and why."""


class Call(msgspec.Struct, frozen=True, array_like=True):
    """A request on the wire."""

    id: int
    method: str
    arguments: msgspec.Raw


class Reply(msgspec.Struct, frozen=True, array_like=True):
    """To a call its result or, in a sentence, why it is refused; to none an event or the end."""

    id: int | None
    refusal: str = ""  # without an id: why the connection closes
    body: msgspec.Raw = msgspec.Raw(b"\xc0")  # of a refusal: the path of a file that is wanted


class Method:
    """A method of the protocol, as it travels.

    What its annotations say is read once it is used: an app uses some of fifty at its start.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self._function = function

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self._function)

    @cached_property
    def signature(self) -> inspect.Signature:
        """Without `self`."""
        signature = inspect.signature(self._function)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    @cached_property
    def arguments(self) -> msgspec.msgpack.Decoder[msgspec.Struct]:
        fields = [(name, self._hints[name]) for name in self.signature.parameters]
        kind = msgspec.defstruct(self.name, fields, array_like=True, forbid_unknown_fields=True)
        return msgspec.msgpack.Decoder(kind)

    @cached_property
    def result(self) -> msgspec.msgpack.Decoder[Any]:
        return msgspec.msgpack.Decoder(self._hints["return"])

    def bind(self, *given: Any, **named: Any) -> tuple[Any, ...]:
        """All arguments in order, those left out among them."""
        bound = self.signature.bind(*given, **named)
        bound.apply_defaults()
        return bound.args

    def read(self, arguments: msgspec.Raw) -> tuple[Any, ...]:
        """The arguments that have come. Raises WireError: they are not this method's."""
        return msgspec.structs.astuple(unpacked(self.arguments, arguments))


SPEAKS_FOR = "speaks_for"  # what a web server sends before its hello: the learner's login
DESK = "desk."  # before the names of a desk's methods: `close` is a tutor's, too


def _methods(protocol: type, before: str = "") -> dict[str, Method]:
    return {
        before + name: Method(before + name, function)
        for name, function in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }


METHODS = {**_methods(Tutor), **_methods(Desk, DESK)}

Calling = Callable[[Method, tuple[Any, ...]], Awaitable[Any]]
"""Has a method called with all its arguments."""


class _Caller:
    """Has each method of a protocol; what becomes of a call is for `call` to say."""

    def __init__(self, call: Calling, before: str = "") -> None:
        self._call = call
        self._before = before

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = METHODS.get(self._before + name)
        if method is None:
            raise AttributeError(name)
        return lambda *given, **named: self._call(method, method.bind(*given, **named))


def caller(call: Calling) -> Tutor:
    """A tutor of which each call is handed to `call`, with its method and all its arguments."""
    return cast(Tutor, _Caller(call))


def desk_caller(call: Calling) -> Desk:
    """The same of a desk."""
    return cast(Desk, _Caller(call, DESK))


# ── frames ────────────────────────────────────────────────────────────────────────────────────

_encoder = msgspec.msgpack.Encoder()
calls = msgspec.msgpack.Decoder(Call)
replies = msgspec.msgpack.Decoder(Reply)
logins: msgspec.msgpack.Decoder[tuple[str]] = msgspec.msgpack.Decoder(tuple[str])
wanted: msgspec.msgpack.Decoder[str | None] = msgspec.msgpack.Decoder(str | None)
events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)

T = TypeVar("T")


def frame(message: tuple[object, ...], longest: int) -> bytes:
    """The fields of a call or of a reply as they travel.

    Raises WireError: they are longer than `longest` bytes, or hold what is no text or too large.
    """
    body = bytearray()
    try:
        _encoder.encode_into(message, body, HEAD)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError) as error:
        raise WireError(f"cannot be encoded: {error}") from error
    length = len(body) - HEAD
    if length > longest:
        raise WireError(f"{length} bytes are more than {longest}")
    body[:HEAD] = length.to_bytes(HEAD, "big")
    return bytes(body)


async def receive(
    stream: asyncio.StreamReader, decoder: msgspec.msgpack.Decoder[T], longest: int
) -> T | None:
    """The next message of a stream, or None where the stream has ended.

    Raises WireError: what came is no such message. Nothing after it can be read.
    """
    try:
        length = int.from_bytes(await stream.readexactly(HEAD), "big")
        if length > longest:
            raise WireError(f"{length} bytes are more than {longest}")
        body = await stream.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return unpacked(decoder, body)


def unpacked(decoder: msgspec.msgpack.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """What has come. Raises WireError: it is something else."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MemoryError) as error:
        raise WireError(str(error)[:MOST_QUOTED] or type(error).__name__) from error
