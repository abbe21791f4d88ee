"""Frames: what is said is heard however it is cut, and nothing else is."""

import asyncio
import math
import struct
from contextlib import suppress
from typing import get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.service import messages, wire
from bptutor.service.messages import Answered, Asked, FromService, Goodbye, Told

LONGEST = 100_000

requests = st.sampled_from(get_args(messages.Request)).flatmap(st.from_type)
replies = st.sampled_from(get_args(messages.Reply)).flatmap(st.from_type)
events = st.sampled_from(get_args(messages.Event)).flatmap(st.from_type)
numbers = st.integers(0, 2**53)
from_app = st.builds(Asked, numbers, requests)
from_service: st.SearchStrategy[FromService] = st.one_of(
    st.builds(Answered, numbers, replies),
    st.builds(Told, events),
    st.builds(Goodbye, st.text()),
)

st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"])))


def _whole(kind: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """A message with every field drawn; by itself a field may be given its default's factory."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: st.from_type(hint) for name, hint in hints.items()})


for struct_ in vars(messages).values():
    if isinstance(struct_, type) and issubclass(struct_, msgspec.Struct):
        st.register_type_strategy(struct_, _whole)


def heard(data: bytes, cuts: list[int] | None = None) -> list[FromService]:
    """What a stream of these bytes says, arriving in pieces that end at `cuts`."""

    async def read() -> list[FromService]:
        stream = asyncio.StreamReader()

        async def feed() -> None:
            ends = sorted({*(cut % (len(data) + 1) for cut in cuts or []), len(data)})
            for start, end in zip([0, *ends], ends, strict=False):
                stream.feed_data(data[start:end])
                await asyncio.sleep(0)
            stream.feed_eof()

        feeding = asyncio.create_task(feed())
        found = []
        while (message := await wire.receive(stream, wire.from_service, LONGEST)) is not None:
            found.append(message)
        await feeding
        return found

    return asyncio.run(read())


@settings(max_examples=60, deadline=None)
@given(st.lists(from_service, max_size=4), st.lists(st.integers(0, 10_000), max_size=8))
def test_what_is_said_is_heard_however_it_is_cut(said: list[FromService], cuts: list[int]) -> None:
    data = b"".join(wire.frame(message, LONGEST) for message in said)
    assert heard(data, cuts) == said


@settings(max_examples=60, deadline=None)
@given(from_app)
def test_requests_travel_whole(asked: Asked) -> None:
    data = wire.frame(asked, LONGEST)
    assert wire.from_app.decode(data[4:]) == asked
    assert int.from_bytes(data[:4], "big") == len(data) - 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_an_end_or_an_error_and_nothing_else(noise: bytes) -> None:
    for data in (noise, struct.pack(">I", len(noise)) + noise):
        with suppress(wire.WireError):
            heard(data)


@settings(max_examples=60, deadline=None)
@given(from_service, st.data())
def test_a_damaged_frame_says_something_or_is_an_error(
    message: FromService, data: st.DataObject
) -> None:
    damaged = bytearray(wire.frame(message, LONGEST))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    with suppress(wire.WireError):
        heard(bytes(damaged))


@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 50_000,  # lists in lists
        b"\x82\xa4type\xa4Told\xa1x" + b"\x91" * 50_000,  # where no key is known
        b"\xdd\xff\xff\xff\xff",  # a list of four thousand million
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\x82\xa4type\xa7Goodbye\xa6reason\xa2\xff\xfe",  # no UTF-8
        msgspec.msgpack.encode({"type": "Goodbye"}),
        msgspec.msgpack.encode({"type": "Goodbye", "reason": 3}),
        msgspec.msgpack.encode({"type": "Asked", "id": 1, "request": {"type": "ListLessons"}}),
        msgspec.msgpack.encode({"type": "Told", "event": {"type": "Exec", "code": "1"}}),
    ],
    ids=range(10),
)
def test_hostile_bodies_are_errors(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        heard(len(body).to_bytes(4, "big") + body)


def test_a_frame_beyond_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(wire.WireError, match="100001 bytes"):
        heard(struct.pack(">I", LONGEST + 1))


def test_a_message_beyond_the_bound_is_not_sent() -> None:
    with pytest.raises(wire.WireError, match="more than"):
        wire.frame(Goodbye("x" * LONGEST), LONGEST)


def test_what_is_no_text_is_not_sent() -> None:
    with pytest.raises(wire.WireError, match="surrogates"):
        wire.frame(Goodbye("\udcff"), LONGEST)


def test_a_half_frame_is_the_end() -> None:
    data = wire.frame(Goodbye("x"), LONGEST)
    assert heard(data + data[:-1]) == [Goodbye("x")]


def test_a_number_that_may_not_be_seen_yet_travels() -> None:
    said = messages.Matrix([1, 2], [math.nan, 1.5], "float32")
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=messages.Matrix)
    assert math.isnan(sent.values[0])
    assert sent.values[1] == 1.5
