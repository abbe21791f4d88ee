"""The server: a page, what it loads, and a websocket for each tab."""

from __future__ import annotations

import asyncio
import errno
import html
import json
import logging
import re
import resource
import signal
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from string import Template
from typing import cast

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.http import HttpProcessingError

from bptutor.config.settings import SETTINGS
from bptutor.files import make_private, user_folder
from bptutor.host.loop import Visits
from bptutor.service.child import child_environment
from bptutor.service.host_connection import WEB_LEARNER
from bptutor.service.log import PrintableFormatter
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.tui import BROWSER
from bptutor.web.admission import TOKEN_VARIABLE, Door, RefusedError, Request
from bptutor.web.session import LEAVING, Session

LEARNER = web.RequestKey("learner", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = Path(__file__).parent / "page"
STATIC = Path(textual_serve.__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""Nothing comes from elsewhere; xterm.js writes styles."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
HEARTBEAT = 15.0
"""Seconds after which a page that is gone is noticed."""
LONGEST_MESSAGE = 2**18
MOST_TABS = 4
"""Of one learner; one that is closed counts until its app has ended."""
LARGEST = 1_000
"""Columns, or lines, of a page."""
DIGITS = 4  # of a number of them that are read
LONGEST_PATH = 200  # characters
IDLE = 20.0  # seconds after which a connection that asks for nothing is closed
TERMINAL = re.compile(r"SSH_|LC_|TERM|COLORTERM|TMUX|STY$|TEXTUAL|LINES$|LANGUAGE$|NO_COLOR$")
"""Variables that tell of the server's own terminal and locale."""
LOCALES = {"en": "en_US.UTF-8", "ko": "ko_KR.UTF-8"}

TOO_MANY_TABS = Message(
    "You have {count} tabs with bptutor open. Close one, then reload this page."
)
OFTEN = Message("You open bptutor too often. Wait ten seconds, then reload this page.")
FULL = Message("All {count} places of this server are taken. Reload this page later.")


@dataclass(frozen=True, kw_only=True)
class Options:
    host: str
    sessions: int
    """How many tabs at once, of all learners."""
    data: Path | None
    """The folder with the learners' folders, where a proxy names them."""
    language: str
    tells_token: bool
    """Is the token printed? One that is given by a variable stays where it came from."""
    fixed: bool
    """Is the language set, whatever the browser prefers?"""
    class_: str = ""  # the socket of the class host


class Server:
    def __init__(self, door: Door, options: Options) -> None:
        self._door = door
        self._options = options
        self._tabs: Counter[str] = Counter()
        self._visits: dict[str, Visits] = {}
        self._sockets: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._admit], client_max_size=1024)
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/ws", self._socket),
                web.static("/page", PAGE),
                web.static("/static", STATIC),
            ]
        )
        application.on_shutdown.append(self._close_all)
        return application

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if len(request.path) > LONGEST_PATH:
            return web.Response(status=404, headers=HEADERS)
        try:
            asked = _asked(request)
            request[LEARNER] = self._door.learner(asked)
            if request.path == "/ws":
                self._door.require_same_site(asked)
        except RefusedError as refused:
            text = refused.message.to(self._language(request))
            return web.Response(text=f"{text}\n", status=403, headers=HEADERS)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if self._door.is_token(request.query.get("token", "")):  # not to stay in the address
            response = web.Response(status=302, headers={"Location": "./"})
            response.set_cookie(self._door.cookie, self._door.token, httponly=True, samesite="Lax")
            return response
        language = self._language(request)
        words = {
            "waiting": Message("bptutor starts …"),
            "ended": Message("bptutor has ended; your place is saved."),
            "again": Message("Start again"),
        }
        said = {name: html.escape(message.to(language)) for name, message in words.items()}
        text = Template((PAGE / "page.html").read_text()).substitute(said, language=language)
        return web.Response(
            text=text, content_type="text/html", headers={"Cache-Control": "no-store"}
        )

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE, compress=False
        )
        await websocket.prepare(request)
        learner = request[LEARNER]
        if said := self._no_place(learner):
            await websocket.send_bytes(said.to(self._language(request)).encode())
            await websocket.close()
            return websocket
        self._tabs[learner] += 1
        self._sockets.add(websocket)
        try:
            session = Session(self._environment(request), websocket.send_bytes, websocket.close)
            try:
                await session.start(*(_cells(request.query.get(side)) for side in SIDES))
                await _listen(websocket, session)
            finally:
                await session.stop()
        finally:
            self._sockets.discard(websocket)
            self._tabs[learner] -= 1
        return websocket

    def _no_place(self, learner: str) -> Message | None:
        if self._tabs[learner] >= MOST_TABS:
            return Message(TOO_MANY_TABS.text, count=MOST_TABS)
        if self._tabs.total() >= self._options.sessions:
            return Message(FULL.text, count=self._options.sessions)
        if self._visits.setdefault(learner, Visits()).too_often(time.monotonic()):
            return OFTEN
        return None

    def _language(self, request: web.Request) -> str:
        """The language that is set, else the browser's."""
        if self._options.fixed:
            return self._options.language
        wanted = request.headers.get("Accept-Language", "").lower().split(",")
        spoken = (part.strip().partition(";")[0].partition("-")[0] for part in wanted)
        return next((each for each in spoken if each in LANGUAGES), self._options.language)

    def _environment(self, request: web.Request) -> dict[str, str]:
        """The app's: the server decides whose work it opens."""
        environment = {
            name: value
            for name, value in child_environment().items()
            if not TERMINAL.match(name) and name != TOKEN_VARIABLE
        }
        environment |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": LOCALES[self._language(request)],
            "PYTHONUTF8": "1",
            "TEXTUAL_DRIVER": BROWSER,
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
        }
        if login := request[LEARNER]:
            folder = (self._options.data or user_folder("data") / "web") / _name(login)
            make_private(folder)
            environment |= {
                f"BPTUTOR_{kind}_DIR": str(folder / kind.lower())
                for kind in ("DATA", "STATE", "CONFIG")
            }
            environment |= {
                "BPTUTOR_LEARNER": login,
                WEB_LEARNER: login,
                SETTINGS["class"].variable: self._options.class_,
            }
        return environment

    async def _close_all(self, _: web.Application) -> None:
        await asyncio.gather(
            *(each.close(code=WSCloseCode.GOING_AWAY) for each in set(self._sockets))
        )


SIDES = ("width", "height")


def _cells(given: object) -> int:
    """A number of columns or lines that a page names; a usual one where it is none."""
    written = str(given) if isinstance(given, int | str) else ""
    number = int(written[:DIGITS]) if written.isdecimal() else 0
    return min(number, LARGEST) or 24


def _name(login: str) -> str:
    """The name of a learner's folder: a readable one, and a hash that makes it unique."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", login)[:40].strip("-") or "learner"
    return f"{readable}-{blake2b(login.encode(), digest_size=6).hexdigest()}"


def _asked(request: web.Request) -> Request:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    transport = cast(asyncio.Transport, request.transport)
    return Request(
        headers,
        request.query.get("token", ""),
        transport.get_extra_info("peername")[:2],
        transport.get_extra_info("sockname")[:2],
    )


async def _listen(websocket: web.WebSocketResponse, session: Session) -> None:
    """Pass on what the page sends, until it is closed."""
    async for message in websocket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            told = json.loads(message.data)
        except (ValueError, RecursionError):
            return
        match told:
            case ["stdin", str(typed)]:
                await session.send_bytes(typed.encode("utf-8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await session.set_terminal_size(_cells(width), _cells(height))
            case ["ping", str(sent)]:
                await websocket.send_json(["pong", sent])


# ── running it ────────────────────────────────────────────────────────────────────────────────


def listen(host: str, port: int) -> socket.socket:
    """Raises UserError: that address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise UserError(
                Message("Port {port} is already in use: choose another --port.", port=port)
            ) from error
        raise UserError(
            Message(
                "bptutor cannot listen on {host}, port {port} ({reason}).",
                host=host,
                port=port,
                reason=getattr(error, "strerror", None) or str(error),
            )
        ) from error


def _is_ours(record: logging.LogRecord) -> bool:
    """Is it more than a request that is no HTTP? Anybody could fill the log with those."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def serve(
    listening: socket.socket, door: Door, options: Options, say: Callable[[str], None]
) -> None:
    """Say where, and serve until SIGINT or SIGTERM."""
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(_is_ours)
    with suppress(OSError, ValueError):  # so that idle connections keep nobody out
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    door = replace(door, port=listening.getsockname()[1])
    asyncio.run(_serve(listening, door, options, say))


async def _serve(
    listening: socket.socket, door: Door, options: Options, say: Callable[[str], None]
) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    runner = web.AppRunner(
        Server(door, options).application(),
        access_log=None,
        shutdown_timeout=2 * LEAVING,
        keepalive_timeout=IDLE,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        address = f"[{options.host}]" if ":" in options.host else options.host
        query = f"?token={door.token}" if options.tells_token else ""
        text = Message(
            "bptutor is at {url} until you press Ctrl+C.",
            url=f"http://{address}:{door.port}/{query}",
        )
        say(text.to(options.language))
        await ended.wait()
    finally:
        await runner.cleanup()
