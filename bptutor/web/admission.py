"""Who may come in, and as which learner. What the browser itself says decides nothing of it."""

from __future__ import annotations

import os
import pwd
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from bptutor.text import Message, UserError
from bptutor.web import peers

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

TOKEN_VARIABLE = "BPTUTOR_WEB_TOKEN"
TOKEN_HEADER = "X-Bptutor-Token"
"""What a proxy sends that was given the token, instead of the one in the URL."""
SHORTEST_TOKEN = 16
LONGEST_LOGIN = 100

NOT_ADMITTED = Message(
    "The token in this address is missing or wrong. Open the address that `bptutor serve` printed."
)
NO_PROXY = Message("This server accepts requests only from its proxy. Open the proxy's address.")
OTHER_USER = Message(
    "This server is for the user who started it. Start your own with `bptutor serve`."
)
OTHER_SITE = Message("This request comes from another site. Open bptutor at its own address.")


class RefusedError(UserError):
    """The request is not answered, and why."""


@dataclass(frozen=True)
class Request:
    """What of a request decides about it."""

    headers: Mapping[str, Sequence[str]]
    """By the name in lower case, each as often as it was sent."""
    token: str
    """In the URL."""
    client: tuple[str, int]
    server: tuple[str, int]

    def header(self, name: str) -> str:
        """The one header of this name. Raises RefusedError: there are several."""
        sent = self.headers.get(name.lower(), ())
        if len(sent) > 1:
            raise RefusedError(
                Message("The request has the header {name} more than once.", name=name)
            )
        return sent[0].strip(" \t") if sent else ""


@dataclass(frozen=True, kw_only=True)
class Door:
    """The rules of one server: for a proxy that names the learner, a token, or one user."""

    port: int
    token: str = ""
    header: str = ""
    """It names the learner, if a proxy sent it."""
    proxies: tuple[Network, ...] = ()
    users: frozenset[int] = frozenset()
    """The uids from which connections over the loopback interface may come."""

    @property
    def cookie(self) -> str:
        """Its name: cookies are shared between the ports of a host."""
        return f"bptutor-{self.port}"

    def learner(self, request: Request) -> str:
        """The login of the learner; "" for the user who runs the server. Raises RefusedError."""
        if self.header:
            return self._named(request)
        if self.token:
            if not any(self.is_token(given) for given in self._tokens(request)):
                raise RefusedError(NOT_ADMITTED)
            return ""
        self._require_user(request)
        if not _is_this_machine(_place(request.header("Host"), 80)[0]):  # DNS may name it anything
            raise RefusedError(OTHER_SITE)
        return ""

    def require_same_site(self, request: Request) -> None:
        """Is the page that opens a connection ours? Raises RefusedError."""
        origin = urlsplit(request.header("Origin"))
        usual = {"http": 80, "https": 443}.get(origin.scheme)
        if usual is None or _place(origin.netloc, usual) != _place(request.header("Host"), usual):
            raise RefusedError(OTHER_SITE)

    def _named(self, request: Request) -> str:
        address = ip_address(request.client[0])
        if not any(address in network for network in self.proxies):
            raise RefusedError(NO_PROXY)
        if peers.is_here(request.client[0]) and not self._is_user(request):
            raise RefusedError(NO_PROXY)
        login = request.header(self.header)
        if not (0 < len(login) <= LONGEST_LOGIN and login.isprintable()):
            raise RefusedError(
                Message("The proxy sent no learner in the header {name}.", name=self.header)
            )
        return login

    def _require_user(self, request: Request) -> None:
        if not self._is_user(request):
            raise RefusedError(OTHER_USER)

    def _is_user(self, request: Request) -> bool:
        if not peers.can_tell():
            return True
        return peers.user_of(request.client, request.server) in self.users

    def _tokens(self, request: Request) -> tuple[str, ...]:
        jar = SimpleCookie()
        try:
            jar.load(request.header("Cookie"))
        except CookieError:
            jar.clear()
        kept = jar[self.cookie].value if self.cookie in jar else ""
        return request.token, request.header(TOKEN_HEADER), kept

    def is_token(self, given: str) -> bool:
        """Is it the token of this server? Always in the same time."""
        return bool(self.token) and secrets.compare_digest(
            given.encode("utf-8", "replace"), self.token.encode()
        )


def _is_this_machine(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _place(sent: str, usual: int) -> tuple[str, int]:
    """Host and port."""
    try:
        parts = urlsplit(f"//{sent}")
        return parts.hostname or "", parts.port or usual
    except ValueError:
        return "", usual


def door(
    host: str,
    port: int,
    *,
    token: bool,
    header: str,
    proxies: Sequence[str],
    proxy_user: str,
    environment: Mapping[str, str] = os.environ,
) -> Door:
    """The rules for what the command line says. Raises UserError: they would admit anybody."""
    given = environment.get(TOKEN_VARIABLE, "")
    if header and (token or given):
        raise UserError(Message("Use --user-header or a token, not both."))
    if bool(header) != bool(proxies):
        raise UserError(
            Message("--user-header needs --proxy, and --proxy needs --user-header: use both.")
        )
    if given and len(given) < SHORTEST_TOKEN:
        raise UserError(
            Message(
                "The token in {variable} is too short; use at least {least} characters.",
                variable=TOKEN_VARIABLE,
                least=SHORTEST_TOKEN,
            )
        )
    if token and not given:
        given = secrets.token_urlsafe(32)
    if not (given or header or _is_loopback(host)):
        raise UserError(
            Message(
                "{host} can be reached from other machines: add --token for yourself, or "
                "--user-header with --proxy for a class.",
                host=host,
            )
        )
    return Door(
        port=port,
        token=given,
        header=header,
        proxies=tuple(map(_network, proxies)),
        users=frozenset({os.geteuid(), 0, *_user(proxy_user)}),
    )


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return all(ip_address(each[4][0]).is_loopback for each in found)


def _network(written: str) -> Network:
    try:
        return ip_network(written, strict=False)
    except ValueError:
        raise UserError(
            Message("“{given}” is not an address; write --proxy 10.0.0.5.", given=written)
        ) from None


def _user(name: str) -> tuple[int, ...]:
    if not name:
        return ()
    try:
        return (pwd.getpwnam(name).pw_uid,)
    except KeyError:
        raise UserError(Message("There is no user {user}.", user=name)) from None
