"""Commands for the service, one at a time; what goes wrong is said."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from textual.app import App

from bptutor.service.client import Client
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.words import kept, late
from bptutor.text import Message

LOST = Message("The service cannot start: {why}. {kept} Press F10 to quit.")
OURS = Message("An error occurred in the app. You can continue; details are in {path}.")


class Commands:
    """Runs one command at a time; an error is said, and the learner can go on."""

    def __init__(
        self,
        app: App[Any],
        client: Client,
        say: Callable[[Message | str], None],
        on_end: Callable[[], None],
    ) -> None:
        """`on_end` is called when a command has been carried out, or has failed."""
        self._app = app
        self._client = client
        self._say = say
        self._on_end = on_end
        self.busy = True
        """Is a command on its way? One is from the start, whatever was typed before that."""
        self._late = ""
        """The request whose reply is late, if one is."""

    def run(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one thing with the service; while it is on its way, there is no second one."""
        if self.busy:
            if self._late:
                self._say(late(self._late))
            return False
        self.busy = True
        self.start(work)
        return True

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        self._app.run_worker(self._carry_out(work), group="command", exit_on_error=False)

    async def _carry_out(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except RequestRefused as refused:
            self._say(refused.message)
        except ServiceLost as lost:
            self._write_down(lost)
            self._say(Message(LOST.text, why=str(lost), kept=kept(self._client)))
        except Exception as error:
            self._say(Message(OURS.text, path=self._write_down(error)))
        finally:
            self.busy = False
            self._on_end()

    def beside(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something besides any command; what goes wrong with it the next command says."""

        async def quietly() -> None:
            with suppress(RequestRefused, ServiceLost):
                await work

        self._app.run_worker(quietly(), group="beside", exit_on_error=False)

    def tell_late(self, request: str) -> None:
        """The reply to a request is late, or (with nothing) has come after all."""
        self._late = request
        if self._app.screen_stack:  # else the app is on its way out
            self._say(late(request) if request else "")

    def _write_down(self, error: Exception) -> str:
        from bptutor.tui.log import write_down  # logging is slow to import, and rarely needed

        return str(write_down("A command failed.", error))
