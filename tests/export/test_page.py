"""The HTML page: sound, alone, and with nothing of the lesson's taken for markup."""

import re
from html.parser import HTMLParser

import pytest

from bptutor.export.document import Document, document
from bptutor.export.pages import WIDER, page
from bptutor.lesson.lesson import Lesson

from .conftest import HOSTILE, course

ALONE = {"meta"}


class Reader(HTMLParser):
    """Reads a page; every element must be closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def of(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("answers", [True, False])
def test_it_is_sound_and_stands_alone(language: str, answers: bool) -> None:
    text = page(course(language, answers))
    read = Reader(text)
    assert not re.search("https?:|url\\(|@import", text)
    assert read.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert read.attributes.isdisjoint({"src", "href"})
    assert f'<html lang="{language}">' in text
    assert len(read.of("h3")) == 35


def test_the_mathematics_is_text_and_a_matrix_a_table() -> None:
    text = page(course())
    assert '<p class="formula">∂Loss/∂W3 = a2ᵀ @ ∂Loss/∂Y_pred</p>' in text
    assert (
        '<span class="name">∂Loss/∂W3 =</span><table><tr><td>0.03168</td></tr>'
        "<tr><td>0</td></tr><tr><td>0.09792</td></tr></table>"
    ) in text
    assert "Loss: 0.001296 before the update, 0.0012779 after it" in Reader(text).of("strong")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_answer_leaks_into_what_is_handed_out(language: str) -> None:
    def numbers(made: Document) -> set[str]:
        """The numbers that stand in a step's table."""
        return set(re.findall(r"<td>([^<]+)</td>", page(made).partition("<section")[2]))

    assert {"0.03168", "0.09996832", "0.001296", "1.36"} <= numbers(course(language))
    handed_out = page(course(language, answers=False))
    assert numbers(course(language, answers=False)) == set()
    assert not re.search(r"0\.03168|0\.0999|0\.0012|a2ᵀ", handed_out)
    formula = "a2ᵀ @ ∂Loss/∂Y_pred"  # a blank is as long as its formula
    width = WIDER * len(formula)
    assert f'∂Loss/∂W3 = <span class="blank" style="width: {width:g}ch"></span>' in handed_out


def test_a_text_is_never_markup(hostile: Lesson) -> None:
    text = page(document(hostile, "en", "unicode"))
    read = Reader(text)
    assert "b" not in read.tags
    assert read.of("title") == read.of("h1") == [HOSTILE]
    assert "&lt;/script&gt;&lt;b a=&quot;x&quot;&gt;&amp;" in text
