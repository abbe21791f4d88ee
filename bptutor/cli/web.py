"""`bptutor serve`: the app in a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from bptutor.cli.help import Command, language_of, start_of
from bptutor.cli.options import Count
from bptutor.cli.output import write_lines
from bptutor.text import Message, UserError

PORT = 8000
MOST_SESSIONS = 500


@click.command(
    cls=Command,
    short_help=Message("Open bptutor in a browser.").text,
    help=Message(
        "Serve bptutor to a browser, until Ctrl+C. Without options, only you can open it, on this "
        "machine. --token lets you open it from other machines. --user-header serves a class: a "
        "proxy that authenticates learners names each of them. docs/web.md sets it up."
    ).text,
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help=Message("The address to listen on.").text
)
@click.option(
    "--port",
    type=Count(65535),
    default=PORT,
    show_default=True,
    help=Message("The port to listen on; 0 takes a free one.").text,
)
@click.option(
    "--token",
    is_flag=True,
    help=Message("Print an address with a token, which opens bptutor as you.").text,
)
@click.option(
    "--user-header",
    metavar="NAME",
    default="",
    help=Message("The header in which a proxy names the learner.").text,
)
@click.option(
    "--proxy",
    metavar="ADDRESS",
    multiple=True,
    help=Message("The address or network of that proxy; requests from others are refused.").text,
)
@click.option(
    "--proxy-user",
    metavar="NAME",
    default="",
    help=Message("The user that runs the proxy, if it is on this machine.").text,
)
@click.option(
    "--sessions",
    type=Count(MOST_SESSIONS),
    default=20,
    show_default=True,
    help=Message("How many tabs may be open at once.").text,
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help=Message("The folder for the learners' work (default: web in your data folder).").text,
)
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    token: bool,
    user_header: str,
    proxy: tuple[str, ...],
    proxy_user: str,
    sessions: int,
    data: Path | None,
) -> int:
    if find_spec("textual_serve") is None:
        raise UserError("`bptutor serve` needs the extra `web`: pip install 'bptutor[web]'.")
    from bptutor.service.host_connection import WEB_LEARNER
    from bptutor.web.admission import door
    from bptutor.web.server import Options, listen
    from bptutor.web.server import serve as serve_pages

    os.environ.pop(WEB_LEARNER, None)  # this server is nobody's app
    settings = start_of(context).configuration.settings
    language = language_of(context)
    rules = door(host, port, token=token, header=user_header, proxies=proxy, proxy_user=proxy_user)
    options = Options(
        host=host,
        sessions=sessions,
        data=data.absolute() if data else None,
        language=language,
        tells_token=token,
        fixed=settings.language != "auto",
        class_=settings.class_,
    )
    listening = listen(host, port)  # first: who connects meanwhile waits
    if user_header and settings.class_:
        for note in _about_class(settings.class_, language):
            _say(note.to(language))
    serve_pages(listening, rules, options, _say)
    return 0


def _about_class(path: str, language: str) -> Iterator[Message]:
    """Why learners in the browser do not reach the host of their class, if they do not."""
    from bptutor.doctor.host import host, host_findings

    found = host(path, language)
    if found.state == "ready":
        yield Message(
            "This user may not connect to the class host for learners in the browser. docs/web.md "
            "shows how to allow it."
        )
    yield from (finding.what for finding in host_findings(found) if finding.mend)


def _say(text: str) -> None:
    """Write a line at once: whoever starts the server may read the address."""
    write_lines([text])
    if sys.stdout is not None:
        sys.stdout.flush()
