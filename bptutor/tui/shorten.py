"""The same screen in fewer bytes: any link may be a slow one.

Textual sets the style again for every piece of text, blanks included, and moves the cursor to where
nothing follows. Here a style is sent when a visible sign needs it, a move when something is written
there, and a run of blanks as one order to erase. What the terminal shows is the same.
"""

import re

TOKEN = re.compile(
    r"""
    \x1b\[ (?P<style> [\d;]* ) m
  | (?P<move>  \x1b\[ \d+ ; \d+ H )
  | (?P<frame> \x1b\[\?(?:2026|25)[hl] )
  | (?P<other> \x1b\[ [0-?]* [ -/]* [@-~] | \x1b\] [^\x07\x1b]* (?: \x07 | \x1b\\ )
               | \x1b. | [\x00-\x1f] )
  | (?P<blank> [ ]+ )
  | (?P<text>  [^\x1b\x00-\x1f ]+ (?: [ ]{1,3} [^\x1b\x00-\x1f ]+ )* )
    """,
    re.VERBOSE | re.DOTALL,
)
DEFAULTS = ("", "0", "39", "49")
"""What sets nothing, after a reset."""
UNSEEN = re.compile(r"(?:^|;)(?:[479]|21|4[0-8]|53|10[0-7])(?:;|$)")
"""Underlined, reversed, struck through, on a ground: what shows on a blank too."""


class Shortener:
    """Rewrites what goes to one terminal; it remembers the style that the terminal is in."""

    def __init__(self) -> None:
        self._style: str | None = None
        """The style that the terminal is in; None where that is not known."""
        self._wanted = ""
        self._move = ""
        """A move that nothing has followed yet."""
        self._blanks = 0
        """Blanks that have not been written yet."""

    def shorten(self, text: str) -> str:
        """The text in as few bytes as it takes; nothing is kept for the next call."""
        out: list[str] = []
        for token in TOKEN.finditer(text):
            kind, written = token.lastgroup, token[0]
            if kind == "style":
                self._wanted = _after(self._wanted, token["style"])
            elif kind == "blank" and not _shows(self._wanted):
                self._blanks += len(written)
            elif kind == "move":
                self._erase(out, stay=True)
                self._move = written
            else:
                self._erase(out, stay=False)
                self._write_move(out)
                self._set_style(out)
                out.append(written)
                if kind == "other":  # it may change the style too, as leaving the screen does
                    self._style = None
        self._erase(out, stay=False)
        self._write_move(out)
        self._set_style(out)
        return "".join(out)

    def _write_move(self, out: list[str]) -> None:
        out.append(self._move)
        self._move = ""

    def _set_style(self, out: list[str]) -> None:
        if self._style != self._wanted:
            out.append(f"\x1b[0;{self._wanted}m" if self._wanted else "\x1b[m")
            self._style = self._wanted

    def _erase(self, out: list[str], stay: bool) -> None:
        """Write the blanks that are due; `stay`: the cursor need not move past them."""
        count, self._blanks = self._blanks, 0
        if not count:
            return
        self._write_move(out)
        if self._style is None or _shows(self._style):
            out.append("\x1b[m")
            self._style = ""
        order = f"\x1b[{count}X" if stay else f"\x1b[{count}X\x1b[{count}C"
        out.append(min(" " * count, order, key=len))


def _after(style: str, codes: str) -> str:
    """The style once these codes have been sent in it."""
    if codes.startswith("0;") or codes in ("", "0"):
        style, codes = "", codes[2:]
    parts = codes.split(";")
    if not style and "38" not in parts and "48" not in parts:
        parts = [part for part in parts if part not in DEFAULTS]
    return ";".join(filter(None, [style, *parts]))


def _shows(style: str) -> bool:
    return bool(UNSEEN.search(style))
