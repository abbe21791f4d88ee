"""Frames and signatures: what is said is heard however it is cut, and nothing else is."""

import asyncio
import inspect
import math
import struct
from contextlib import suppress
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor import views
from bptutor.literals import Verdict
from bptutor.service import desk, protocol, wire
from bptutor.service.tutor import LocalTutor
from bptutor.views import Matrix, classroom, lesson, picture, quiz
from bptutor.views.quiz import QuizSpec
from tests.examples import some

LONGEST = 100_000

st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


def _whole(kind: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """A struct with every field drawn; by itself a field may be given its default's factory."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: st.from_type(hint) for name, hint in hints.items()})


for module in (views, classroom, lesson, picture, quiz, protocol):
    for struct_ in vars(module).values():
        if isinstance(struct_, type) and issubclass(struct_, msgspec.Struct):
            st.register_type_strategy(struct_, _whole)

HINTS = {
    name: get_type_hints(
        getattr(desk.Desk, name.removeprefix(wire.DESK))
        if name.startswith(wire.DESK)
        else getattr(protocol.Tutor, name)
    )
    for name in wire.METHODS
}


def arguments(name: str) -> st.SearchStrategy[tuple[Any, ...]]:
    hints = {each: hint for each, hint in HINTS[name].items() if each != "return"}
    return st.tuples(*map(st.from_type, hints.values()))


def bound(name: str) -> st.SearchStrategy[tuple[str, tuple[Any, ...]]]:
    return st.tuples(st.just(name), arguments(name))


def results(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.just(name), st.from_type(HINTS[name]["return"]))


calls = st.sampled_from(sorted(wire.METHODS)).flatmap(bound)
answers = st.sampled_from(sorted(wire.METHODS)).flatmap(results)


def heard(data: bytes, cuts: list[int] | None = None) -> list[wire.Call]:
    """The calls in a stream of these bytes, arriving in pieces that end at `cuts`."""

    async def read() -> list[wire.Call]:
        stream = asyncio.StreamReader()

        async def feed() -> None:
            ends = sorted({*(cut % (len(data) + 1) for cut in cuts or []), len(data)})
            for start, end in zip([0, *ends], ends, strict=False):
                stream.feed_data(data[start:end])
                await asyncio.sleep(0)
            stream.feed_eof()

        feeding = asyncio.create_task(feed())
        found = []
        while (call := await wire.receive(stream, wire.calls, LONGEST)) is not None:
            wire.METHODS[call.method].read(call.arguments)
            found.append(call)
        await feeding
        return found

    return asyncio.run(read())


@settings(max_examples=some(60), deadline=None)
@given(st.lists(calls, max_size=4), st.lists(st.integers(0, 10_000), max_size=8))
def test_calls_are_heard_whole_however_they_are_cut(
    said: list[tuple[str, tuple[Any, ...]]], cuts: list[int]
) -> None:
    data = b"".join(wire.frame((i, *call), LONGEST) for i, call in enumerate(said))
    found = heard(data, cuts)
    assert [each.id for each in found] == list(range(len(said)))
    assert [(each.method, wire.METHODS[each.method].read(each.arguments)) for each in found] == said


@settings(max_examples=some(100), deadline=None)
@given(answers)
def test_results_travel_whole(said: tuple[str, Any]) -> None:
    name, result = said
    reply = wire.replies.decode(wire.frame((1, "", result), 10 * LONGEST)[4:])
    assert wire.unpacked(wire.METHODS[name].result, reply.body) == result


@settings(max_examples=some(150), deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_an_end_or_an_error_and_nothing_else(noise: bytes) -> None:
    for data in (noise, struct.pack(">I", len(noise)) + noise):
        with suppress(wire.WireError, KeyError):
            heard(data)


@settings(max_examples=some(60), deadline=None)
@given(calls, st.data())
def test_a_damaged_frame_says_something_or_is_an_error(
    call: tuple[str, tuple[Any, ...]], data: st.DataObject
) -> None:
    damaged = bytearray(wire.frame((1, *call), LONGEST))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    with suppress(wire.WireError, KeyError):
        heard(bytes(damaged))


@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 50_000,  # lists in lists
        b"\x93\x01\xa5check" + b"\x91" * 50_000,
        b"\x93\x01\xa4quiz\x91\x81\xa1x" + b"\x91" * 50_000,  # where no key is known
        b"\xdd\xff\xff\xff\xff",  # a list of four thousand million
        b"\x93\x01\xa5check\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\x93\x01\xa5split\x92\xa2\xff\xfe\xc0",  # no UTF-8
        msgspec.msgpack.encode((1, "check", ("x", ["1"]))),
        msgspec.msgpack.encode((1, "go", ("away",))),
        msgspec.msgpack.encode((1, "train", ("many",))),
        msgspec.msgpack.encode({"id": 1, "method": "menu", "arguments": []}),
    ],
    ids=range(12),
)
def test_hostile_bodies_are_errors(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        heard(len(body).to_bytes(4, "big") + body)


def test_a_frame_beyond_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(wire.WireError, match="100001 bytes"):
        heard(struct.pack(">I", LONGEST + 1))


def test_a_message_beyond_the_bound_is_not_sent() -> None:
    with pytest.raises(wire.WireError, match="more than"):
        wire.frame((None, "x" * LONGEST), LONGEST)


def test_what_is_no_text_is_not_sent() -> None:
    with pytest.raises(wire.WireError, match="surrogates"):
        wire.frame((None, "\udcff"), LONGEST)


def test_a_half_frame_is_the_end() -> None:
    data = wire.frame((1, "menu", ()), LONGEST)
    assert len(heard(data + data[:-1])) == 1


def test_a_number_that_may_not_be_seen_yet_travels() -> None:
    said = Matrix([1, 2], [math.nan, 1.5], "float32")
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(said), type=Matrix)
    assert math.isnan(sent.values[0])
    assert sent.values[1] == 1.5


async def test_a_caller_gives_all_arguments_in_order_and_refuses_others() -> None:
    called: list[tuple[str, tuple[Any, ...]]] = []

    async def call(method: wire.Method, arguments: tuple[Any, ...]) -> None:
        called.append((method.name, arguments))

    tutor = wire.caller(call)
    await tutor.open("one-neuron", resume=True, ask="all")
    await tutor.quiz(QuizSpec())
    assert called == [
        ("open", ("one-neuron", "all", True, "tape", False, False)),
        ("quiz", (QuizSpec(),)),
    ]
    with pytest.raises(TypeError):
        await tutor.go()  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        tutor.away()  # type: ignore[attr-defined]


def test_the_tutor_has_the_very_signatures_of_the_protocol() -> None:
    for name in (each for each in wire.METHODS if not each.startswith(wire.DESK)):
        own = inspect.signature(getattr(LocalTutor, name))
        assert own == inspect.signature(getattr(protocol.Tutor, name)), name


def test_there_is_one_list_of_verdicts() -> None:
    assert get_type_hints(lesson.AskedCell)["verdict"] == Verdict | None
