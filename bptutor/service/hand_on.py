"""Requests that the place answers: the tutor's method of each, made from that of the place."""

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from bptutor.service.places import Place
from bptutor.service.protocol import Screen, Tutor

Given = ParamSpec("Given")
AtPlace = TypeVar("AtPlace", bound=Place)
T = TypeVar("T")


class HasPlace(Protocol):
    """A tutor, as far as calls are handed on."""

    async def act(self, work: Callable[[Place], None], needs_engine: bool = True) -> Screen: ...
    async def at_place(self, work: Callable[[Place], T], needs_engine: bool = False) -> T: ...


def looks(
    method: Callable[Concatenate[AtPlace, Given], T],
) -> Callable[Concatenate[HasPlace, Given], Coroutine[Any, Any, T]]:
    """Hand a call on to the method of the same name of the place."""
    name = method.__name__

    async def ask(self: HasPlace, /, *given: Given.args, **named: Given.kwargs) -> T:
        return await self.at_place(lambda place: place.method(name)(*given, **named))

    update_wrapper(ask, getattr(Tutor, name))
    return ask


def acts(
    method: Callable[Concatenate[AtPlace, Given], None], *, needs_engine: bool = True
) -> Callable[Concatenate[HasPlace, Given], Coroutine[Any, Any, Screen]]:
    """The same of a method that changes something; the screen shows what has become of it."""
    name = method.__name__

    async def act(self: HasPlace, /, *given: Given.args, **named: Given.kwargs) -> Screen:
        return await self.act(lambda place: place.method(name)(*given, **named), needs_engine)

    update_wrapper(act, getattr(Tutor, name))
    return act
