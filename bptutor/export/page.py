"""A document as an HTML page that stands alone: no network, no script, fit to be printed."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bptutor.export.document import BLANK, Document, Entry, Quantity
from bptutor.export.markdown import GIVEN, PROGRAM
from bptutor.export.tables import rows
from bptutor.locale.printable import printable_lines

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
.blank { display: inline-block; min-width: 4rem; height: 1.4rem; border-bottom: 1px solid; }
@media print {
  body { max-width: none; margin: 0; font-size: 11pt; }
  section.step { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""


def page(document: Document) -> str:
    """The document as a page of HTML."""
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
    yield from _paragraphs(document.introduction)
    yield f"<h2>{escape(PROGRAM.to(document.language))}</h2>"
    program = "\n".join(document.program)
    yield f"<pre>{escape(program)}</pre>"
    yield f"<h2>{escape(GIVEN.to(document.language))}</h2>"
    yield from map(_matrix, document.given)
    for section in document.sections:
        if section.heading:
            yield f"<h2>{escape(section.heading)}</h2>"
        for entry in section.entries:
            yield from _step(entry)
    if document.loss:
        yield f"<p><strong>{escape(document.loss)}</strong></p>"
    yield from _paragraphs(document.closing)
    yield "</body></html>"


def _paragraphs(texts: tuple[str, ...]) -> Iterator[str]:
    return (f"<p>{escape(text)}</p>" for text in texts)


def _step(entry: Entry) -> Iterator[str]:
    yield '<section class="step">'
    yield f"<h3>{escape(entry.quantity.name)}</h3>"
    yield f"<p>{escape(entry.question)}</p>"
    yield from (f'<p class="formula">{_filled(equation)}</p>' for equation in entry.equations)
    if entry.note:
        yield f'<p class="note">{escape(entry.note)}</p>'
    yield f"<pre><code>{escape(entry.code)}</code></pre>"
    yield _matrix(entry.quantity)
    yield "</section>"


def _matrix(quantity: Quantity) -> str:
    table = "".join(
        "<tr>" + "".join(f"<td>{_filled(text)}</td>" for text in row) + "</tr>"
        for row in rows(quantity)
    )
    name = f'<span class="name">{escape(quantity.name)} =</span>'
    kind = "" if quantity.shape else ' class="number"'
    return f'<div class="matrix">{name}<table{kind}>{table}</table></div>'


def _filled(text: str) -> str:
    """A text, with a line to write on where it has a blank."""
    return escape(text).replace(BLANK, '<span class="blank"></span>')
