"""Commands for the service, one at a time; what goes wrong is said."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from textual.app import App

from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.words import late
from bptutor.text import Message, UserError

OURS = Message("An error occurred in the app. You can continue; details are in {path}.")


class Commands:
    """Runs one command at a time; an error is said, and the learner can go on."""

    def __init__(
        self,
        app: App[Any],
        lost: Callable[[str], Message],
        say: Callable[[Message | str], None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Run commands of an app.

        Args:
            app: in whose workers they run.
            lost: the sentence for a service that is gone, and why.
            say: shows a sentence.
            on_end: called when a command has been carried out, or has failed.
        """
        self._app = app
        self._lost = lost
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
        except UserError as error:
            self._say(error.message)
        except ServiceLost as lost:
            self._write_down(lost)
            self._say(self._lost(str(lost)))
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
