"""The Textual app: it asks and shows, and decides nothing. It talks to the service only."""

import os
import re
import sys

from bptutor.text.languages import misleading

BROWSER = "textual.drivers.web_driver:WebDriver"
"""The driver that textual-serve asks for; bptutor has its own for the same protocol."""
READY = b"__GANGLION__\n"
"""What textual-serve waits for: packets follow."""

USABLE = {
    "ESCDELAY": r"\d{1,4}",
    "TEXTUAL_ANIMATIONS": r"(?i:none|basic|full)",
    "TEXTUAL_COLOR_SYSTEM": r"auto|standard|256|truecolor",
    "TEXTUAL_DISABLE_KITTY_KEY": r"[01]",
    "TEXTUAL_DRIVER": re.escape(BROWSER),
}
"""The variables of Textual's that it may read, with their values."""

# Textual reads them as it is imported, which only this package does. It ends with an error at a
# colour system or a log file that there is not, and others press keys or write screenshots.
for _name in [name for name in os.environ if name in USABLE or name.startswith("TEXTUAL")]:
    if not re.fullmatch(USABLE.get(_name, "(?!)"), os.environ[_name]):
        del os.environ[_name]
for _name in misleading(os.environ):
    del os.environ[_name]


def in_browser() -> bool:
    """Is there a server for a browser at the other end of standard input?"""
    served = os.environ.get("TEXTUAL_DRIVER") == BROWSER
    return served and sys.stdin is not None and not sys.stdin.isatty()
