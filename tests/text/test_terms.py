"""What people read says one term for one concept: the field's, in both languages."""

import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import bptutor

PACKAGE = Path(bptutor.__file__).parent
ROOT = PACKAGE.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "lessons" / "README.md"]

ENGLISH = {
    r"\bslopes?\b": "derivative, local derivative",
    r"\bgradients? by (?:\{|(?-i:[A-Z]\d?\b))": "gradient with respect to",
    r"\bwhat arrives\b|\bfrom above\b|\btravels? on\b|\bsignals?\b": "upstream gradient",
    r"\bways? (?:back|down|up)\b|\bstraight way\b": "backward pass, path, skip connection",
    r"\b(?:the|this|your|no|which|any|its|derived|chain-rule) products?\b": "formula",
    r"\bcell by cell\b": "element-wise, element by element",
    r"\b(?:above|below) (?:zero|0)\b": "positive, negative",
    r"\bunits? (?:is|are|was|were) (?:off|stopped)\b|\bwas stopped\b": "inactive",
    r"\bc[ao]mes? through\b": "mask",
    r"\bdead\b": "inactive",
    r"\bfigures?\b": "significant digits",
    r"\bmoments?\b": "time step",
    r"\bshares? (?:of|is|are)\b|\bthe shares\b": "attention weights, fraction",
    r"\bprices?\b": "penalty",
    r"\bkept\b": "save",
    r"\bgo(?:es|ing)? on\b|\bwent on\b": "resume, continue",
    r"(?<!by )\bhand(?:s|ed|ing)?(?: it)? in\b": "submit",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\banew\b": "again",
    r"\bby (?:itself|themselves)\b": "by default, automatic",
    r"\blines? of text\b": "text mode",
    r"\bworth\b|\bcredits?\b": "points",
    r"\bwhat is asked\b|\bwhoever\b|\basked is\b": "the name of the thing",
}
"""What words.md rules out, and what stands in its place."""
KOREAN = {
    r"값으로 미분": "에 대한",
    r"위에서 (?:온|전해)": "상류 그래디언트",
    r"(?<![가-힣])길(?:을|로|은|에|마다|끼리)": "순전파, 역전파, 경로",
    r"칸(?:마다|끼리)": "원소별",
    r"(?<![가-힣])시각(?!화)": "시점",
    r"(?:되는|이) 비율": "어텐션 가중치",
    r"벌점": "페널티",
    r"간직": "저장",
    r"글줄": "텍스트 모드",
    r"낭독기": "스크린 리더",
    r"수업": "레슨",
    r"(?:같은|다음|이) 문제|문제를 (?:받|풀|내)": "문항",
    r"[}\d] 곱하기": "2×3",
    r"움직이면": "변하면",
    r"행렬 곱": "행렬곱",
    r"구역": "구간",
}
ALLOWED = {
    r"the product (?:r\b|with W2ᵀ)": "it is a product: of two numbers, of two matrices",
    r"the (?:matrix|dot|outer|vector-Jacobian) products?": "the field's terms",
    r"multiply \S+ by itself": "a square",
    r"dead ReLU|dead units|called dead|\(dead\)|^dead$": "a unit inactive on every example",
    r"(?:first|second|old|one|two|both|each|other|a) moments?\b": "those of Adam, of the gradient",
    r"/anew": "the name of a command, which scripts use",
    r"수업용|수업에서": "a class, not a lesson of bptutor",
    r"칸마다 채점": "the cells of the form",
}
"""What the patterns find in another, plain meaning, and which."""
NOT_WORDS = r"`[^`]*`|--[a-z]+|\"product\"|\(products\)|(?<=\{)\w+(?=\})|^    .*"
"""Code, options, fields, and what a terminal shows."""


def _lesson_texts(table: object, language: str) -> Iterator[str]:
    if isinstance(table, dict):
        if isinstance(text := table.get(language), str):
            yield text
        for each in table.values():
            yield from _lesson_texts(each, language)


def read_by_people(language: str) -> Iterator[tuple[str, str]]:
    """Everything that people read, with the place where it stands."""
    with (PACKAGE / "text" / "ko" / "LC_MESSAGES" / "bptutor.po").open("rb") as file:
        for each in read_po(file):
            if each.id:
                yield "catalogue", str(each.id if language == "en" else each.string)
    for path in sorted(ROOT.glob("lessons/*.toml")):
        for text in _lesson_texts(tomllib.loads(path.read_text(encoding="utf-8")), language):
            yield path.name, text
    for path in PAGES:
        korean = path.name.endswith(".ko.md")
        if korean == (language == "ko"):
            for line in path.read_text(encoding="utf-8").splitlines():
                yield path.name, line


def ruled_out(language: str) -> list[str]:
    patterns = {"en": ENGLISH, "ko": KOREAN}[language]
    found = []
    for place, text in read_by_people(language):
        words = re.sub("|".join((NOT_WORDS, *ALLOWED)), "", text, flags=re.I | re.M)
        for pattern, better in patterns.items():
            found += [
                f"{place}: “{hit[0]}” in “{text}”; write {better}"
                for hit in re.finditer(pattern, words, re.I | re.M)
            ]
    return found


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_term_is_ruled_out(language: str) -> None:
    assert ruled_out(language) == []


def test_every_exception_is_needed() -> None:
    texts = [text for language in ("en", "ko") for _, text in read_by_people(language)]
    unneeded = [
        allowed
        for allowed in ALLOWED
        if not any(re.search(allowed, text, re.I | re.M) for text in texts)
    ]
    assert unneeded == []


def test_sentences_are_short() -> None:
    sentences = [
        sentence
        for place, text in read_by_people("en")
        if place == "catalogue"
        for sentence in re.split(r"(?<=[.!?])\s+", text)
        if sentence[-1:] in (".", "!", "?")
    ]
    assert statistics.median(len(sentence.split()) for sentence in sentences) <= 14


def test_every_text_of_a_lesson_is_there_in_both_languages() -> None:
    english, korean = (
        [place for place, _ in read_by_people(language) if place.endswith(".toml")]
        for language in ("en", "ko")
    )
    assert english == korean
