"""A lesson as a page of Markdown or HTML."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from bptutor.export.document import BLANK, Document, Entry, Quantity, rows
from bptutor.text import Message
from bptutor.text.printable import printable_lines

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&]")
_AT_THE_START = re.compile(r"^(\d*)([-+=.):])(?=[-=\s]|$)")


def markdown(document: Document) -> str:
    text = "\n".join(_blocks(document)).rstrip("\n")
    return printable_lines(text.replace(BLANK, "_")) + "\n"


def escaped(text: str) -> str:
    """A text on one line, its special characters escaped for Markdown."""
    plain = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _AT_THE_START.sub(r"\1\\\2", plain)


def fenced(lines: Iterable[str], language: str = "") -> str:
    """A block of code; its fence is longer than any in the lines."""
    text = "\n".join(lines).replace(BLANK, "_")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def opening(document: Document) -> Iterator[str]:
    yield from (f"# {escaped(document.title)}", "")
    if document.name_line:
        yield from (document.name_line.replace(BLANK, "\\_"), "")
    for paragraph in document.introduction:
        yield from (escaped(paragraph), "")
    yield from (f"## {PROGRAM.to(document.language)}", "", fenced(document.program), "")


PROGRAM = Message("The program")
GIVEN = Message("What is given")


def _blocks(document: Document) -> Iterator[str]:
    yield from opening(document)
    if document.given:
        yield from (f"## {GIVEN.to(document.language)}", "")
    for quantity in document.given:
        yield from _table(quantity)
    for section in document.sections:
        if section.heading:
            yield from (f"## {escaped(section.heading)}", "")
        for entry in section.entries:
            yield from _entry(entry)
    if document.loss:
        yield from (f"**{escaped(document.loss)}**", "")
    if document.comparison:
        yield from _aligned(document.comparison)
    for paragraph in document.closing:
        yield from (escaped(paragraph), "")


def _entry(entry: Entry) -> Iterator[str]:
    yield from (f"### {escaped(entry.heading)}", "")
    yield from (escaped(entry.question), "")
    if entry.equations:
        yield from (fenced(entry.equations), "")
    if entry.note:
        yield from (f"> {escaped(entry.note)}", "")
    if entry.code:
        yield from (fenced([entry.code], "python"), "")
    if entry.quantity:
        yield from _table(entry.quantity)


def _table(quantity: Quantity) -> Iterator[str]:
    table = rows(quantity)
    yield from _aligned([[escaped(quantity.name), *[""] * (len(table[0]) - 1)], *table])


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table; its first line has the headings."""
    head, *rest = lines
    yield "|" + "".join(f" {text} |" for text in head)
    yield "|" + " ---: |" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rest)
    yield ""


# ── page ──────────────────────────────────────────────────────────────────────────────────────────


STYLE = """
:root { color-scheme: light dark; }
body {
  max-width: 44rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5;
  font-family: "Noto Sans", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif;
}
h2 { margin-top: 2.5rem; border-bottom: 1px solid; }
h3 { margin-bottom: 0.25rem; }
h3, .formula, td, .name {
  font-family: "Cambria Math", "STIX Two Math", "Latin Modern Math", "DejaVu Serif", serif;
}
p { margin: 0.5rem 0; }
.formula { font-size: 1.15rem; margin: 0.4rem 1.5rem; overflow-wrap: anywhere; }
.note { margin: 0.5rem 0; padding-left: 0.75rem; border-left: 3px solid; font-style: italic; }
pre, code { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: 0.9rem; }
pre { margin: 0.5rem 1.5rem; white-space: pre-wrap; }
.matrix { display: inline-flex; align-items: center; gap: 0.5rem; margin: 0.5rem 1.5rem; }
table { border-collapse: collapse; border: solid; border-width: 0 2px; border-radius: 6px; }
table.number { border: none; }
td { padding: 0.15rem 0.7rem; text-align: right; }
.blank { display: inline-block; max-width: 100%; height: 1.4rem; border-bottom: 1px solid; }
table.sheet, .sheet td, .sheet th { border: 1px solid; text-align: left; }
.sheet td, .sheet th { padding: 0.15rem 0.5rem; overflow-wrap: anywhere; }
.sheet th, .sheet td:nth-child(-n+2) { white-space: nowrap; }
@page { margin: 2cm; @bottom-center { content: counter(page) " / " counter(pages); } }
@media print {
  body { max-width: none; margin: 0; font-size: 11pt; }
  section.step { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""


WIDER = 1.5  # how much wider writing by hand is than print


def page(document: Document) -> str:
    return printable_lines("\n".join(_lines(document))) + "\n"


def _lines(document: Document) -> Iterator[str]:
    title = escape(document.title)
    yield "<!doctype html>"
    yield f'<html lang="{document.language}">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>"
    yield f"<style>{STYLE}</style></head>"
    yield f"<body><h1>{title}</h1>"
    if document.name_line:
        yield f"<p>{_filled(document.name_line)}</p>"
    yield from _paragraphs(document.introduction)
    yield f"<h2>{escape(PROGRAM.to(document.language))}</h2>"
    program = "\n".join(document.program)
    yield f"<pre>{escape(program)}</pre>"
    if document.given:
        yield f"<h2>{escape(GIVEN.to(document.language))}</h2>"
        yield from map(_matrix, document.given)
    for section in document.sections:
        if section.heading:
            yield f"<h2>{escape(section.heading)}</h2>"
        for entry in section.entries:
            yield from _step(entry)
    if document.loss:
        yield f"<p><strong>{escape(document.loss)}</strong></p>"
    if document.comparison:
        yield f"<table>{''.join(map(_row, document.comparison))}</table>"
    yield from _paragraphs(document.closing)
    yield "</body></html>"


def _paragraphs(texts: tuple[str, ...]) -> Iterator[str]:
    return (f"<p>{escape(text)}</p>" for text in texts)


def _step(entry: Entry) -> Iterator[str]:
    yield '<section class="step">'
    yield f"<h3>{escape(entry.heading)}</h3>"
    yield f"<p>{escape(entry.question)}</p>"
    yield from (f'<p class="formula">{_filled(equation)}</p>' for equation in entry.equations)
    if entry.note:
        yield f'<p class="note">{escape(entry.note)}</p>'
    if entry.code:
        yield f"<pre><code>{escape(entry.code)}</code></pre>"
    if entry.quantity:
        yield _matrix(entry.quantity)
    yield "</section>"


def _matrix(quantity: Quantity) -> str:
    table = "".join(map(_row, rows(quantity)))
    name = f'<span class="name">{escape(quantity.name)} =</span>'
    kind = "" if quantity.shape else ' class="number"'
    return f'<div class="matrix">{name}<table{kind}>{table}</table></div>'


def _row(texts: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{_filled(text)}</td>" for text in texts) + "</tr>"


def _filled(text: str) -> str:
    return re.sub(f"{BLANK}+", _blank, escape(text))


def _blank(blank: re.Match[str]) -> str:
    """A line as long as the answer takes by hand."""
    return f'<span class="blank" style="width: {WIDER * len(blank[0]):g}ch"></span>'
