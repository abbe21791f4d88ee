"""The Korean catalogue says all that the program says, and nothing that it does not."""

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import bptutor
from bptutor.text import LANGUAGES, Message, catalogue

PACKAGE = Path(bptutor.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
HANGUL = range(0xAC00, 0xD7A4)
SAID = (
    *("Message", "UserError", "ContentError", "EngineError", "LessonError", "ModelError"),
    *("PaperOverError", "SetAsideError"),
)
"""A message, and the errors that take one, or its text and fields."""


@cache
def _said() -> list[tuple[str, str, ast.expr]]:
    """What all messages of the program are made of: who says it, the place, what is said."""
    return [
        (node.func.id, f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args[0])
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
        if node.func.id in SAID
    ]


def _messages() -> dict[str, str]:
    """The texts of all messages in the program, each with a place where it stands."""
    found: dict[str, str] = {}
    for _, place, text in _said():
        if isinstance(text, ast.Constant):
            found.setdefault(str(text.value), place)
    return found


@cache
def _catalogue(language: str) -> Catalog:
    with (PACKAGE / "text" / language / "LC_MESSAGES" / "bptutor.po").open("rb") as file:
        return read_po(file, locale=language)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module", params=TRANSLATED)
def translations(request: pytest.FixtureRequest) -> Catalog:
    return _catalogue(request.param)


def test_what_is_said_is_translated_and_nothing_else(translations: Catalog) -> None:
    said = _messages()
    translated = {message.id for message in translations if message.string}
    assert {text: place for text, place in said.items() if text not in translated} == {}
    assert [each.id for each in translations if each.id and each.id not in said] == []
    assert not translations.obsolete


def test_no_translation_is_a_guess(translations: Catalog) -> None:
    assert [each.id for each in translations if each.id and each.fuzzy] == []


def test_every_translation_has_the_fields_of_its_message(translations: Catalog) -> None:
    differing = {
        str(each.id): str(each.string)
        for each in translations
        if each.id and _fields(str(each.id)) != _fields(str(each.string))
    }
    assert differing == {}


def test_paragraphs_are_kept(translations: Catalog) -> None:
    assert [
        each.id
        for each in translations
        if each.id and str(each.id).count("\n\n") != str(each.string).count("\n\n")
    ] == []


def test_no_particle_hangs_on_the_sound_of_a_field() -> None:
    """`{name}은` would be wrong after a vowel, and nobody knows what the field ends on.

    In brackets it does no harm: the particle belongs to the word before them.
    """
    depending = ("은", "는", "이", "가", "을", "를", "과", "와", "으로", "로", "이나", "나")
    wrong = []
    for each in _catalogue("ko"):
        for literal in [part for part in str(each.string).split("}")[1:] if each.id]:
            word = literal.lstrip("`”’'\"").partition(" ")[0].rstrip(".,;:!?")
            if word in depending and literal[:1] != " ":
                wrong.append(each.string)
    assert wrong == []


def test_no_particle_stands_apart_from_its_word() -> None:
    """`{shape} 예요` is no Korean; where the sound is not known, the sentence is turned."""
    apart = re.compile(
        r"[)}`”] (?:은|는|이|가|을|를|과|와|에서|로|예요|이에요|이고|인데|까지)(?![가-힣])"
    )
    found = [each.string for each in _catalogue("ko") if apart.search(str(each.string))]
    assert found == []


def test_every_message_is_one_literal_that_can_be_extracted() -> None:
    """`Message(f"...")` would never reach a translator; the `text` of another message has."""
    literal = {"Message": ast.Constant | ast.Attribute}
    for who, place, text in _said():
        if not place.startswith("text/message.py"):
            assert isinstance(text, literal.get(who, ast.expr)), place
            assert not isinstance(text, ast.JoinedStr | ast.BinOp), place


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_the_one_that_is_read(language: str) -> None:
    entry = next(each for each in _catalogue(language) if each.id and not _fields(str(each.id)))
    assert catalogue(language).gettext(str(entry.id)) == entry.string
    assert Message(str(entry.id)).to(language) == entry.string


def test_the_lessons_speak_every_language() -> None:
    from bptutor.lesson.find import available
    from bptutor.lesson.load import load

    for name in available():
        lesson = load(name)
        assert any(ord(mark) in HANGUL for mark in lesson.title.to("ko"))
        assert not any(ord(mark) in HANGUL for mark in lesson.title.to("en"))
