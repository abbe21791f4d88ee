"""Pages in HTML and Markdown: sound, whole in every part, and nothing is taken for markup."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from bptutor.course.parts import steps_of
from bptutor.export.document import Document, document
from bptutor.export.notebook import notebook
from bptutor.export.pages import WIDER, escaped, markdown, page
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.literals import Part
from bptutor.text import UserError

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


LESSON = "batch"
ANSWERS: dict[Part, str] = {"derive": "Xᵀ @", "keras": r"model.set_weights([W, b])"}


@pytest.mark.parametrize("part", ["derive", "keras"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_of_a_part_has_every_step_and_its_answers_on_demand(
    part: Part, language: str
) -> None:
    lesson = load(LESSON)
    blank, full = (
        document(lesson, language, "unicode", answers, part) for answers in (False, True)
    )
    for content, answers in ((blank, False), (full, True)):
        text, read = markdown(content), Reader(page(content))
        count = len(steps_of(lesson, part))
        assert len(read.of("h3")) == text.count("\n### ") == count
        assert (ANSWERS[part] in text) == answers
        assert ("________" in text) != answers
    assert bool(full.comparison) == (part == "keras")
    assert not blank.comparison


def test_the_page_of_the_part_in_keras_has_all_gradients_in_one_table() -> None:
    lesson = load(LESSON)
    _, *rows = document(lesson, "en", "unicode", True, "keras").comparison
    assert [name for name, _, _ in rows if name] == ["W", "b"]
    for _, tape, keras in rows:
        assert [float(x) for x in keras.split()] == pytest.approx([float(x) for x in tape.split()])


def test_a_notebook_of_one_part() -> None:
    derive = _cells("derive")
    assert {cell["cell_type"] for cell in derive} == {"markdown"}
    names: dict[str, Any] = {}
    for cell in _cells("keras"):
        if cell["cell_type"] == "code":
            exec(cell["source"], names)
    assert len(names["gradients"]) == 2
    assert "line_tape" not in names
    with pytest.raises(UserError, match="no Keras part"):
        notebook(load("circuit"), "en", ("keras",))


def _cells(part: Part) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(notebook(load(LESSON), "en", (part,)))["cells"]
    return made


TWO_LAYERS = load("two-hidden-layers")


def test_a_step_worked_out() -> None:
    note = TWO_LAYERS.notes["dLoss_dW3"].to("en")
    assert (
        "### ∂Loss/∂W3\n\n"
        "Compute the gradient of Loss with respect to W3.\n\n"
        "```\nY_pred = a2 @ W3 + b3:  ∂Loss/∂Y_pred → ∂Loss/∂W3\n"
        "∂Loss/∂W3 = a2ᵀ @ ∂Loss/∂Y_pred\n```\n\n"
        f"> {escaped(note)}\n\n"
        "```python\ntape.gradient(Loss, W3)\n```\n\n"
        "| ∂Loss/∂W3 |\n| ---: |\n| 0.03168 |\n| 0 |\n| 0.09792 |\n"
    ) in markdown(course())


def test_the_loss_and_the_closing_stand_at_the_end() -> None:
    *_, loss, _, closing, _ = markdown(course()).split("\n")
    assert loss == "**Loss: 0.001296 before the update, 0.0012779 after it**"
    assert closing == escaped(TWO_LAYERS.closing.to("en"))


def test_a_new_weight_has_the_digits_that_change() -> None:
    assert "| 0.09996832 |\n| 0.5 |\n| -0.30009794 |" in markdown(course())


def test_both_languages() -> None:
    korean = markdown(course("ko"))
    assert korean.startswith("# 은닉층이 둘인 신경망\n")
    assert "## 출력층\n" in korean
    assert f"> {escaped(TWO_LAYERS.notes['dLoss_dW3'].to('ko'))}" in korean
    assert korean.count("### ") == markdown(course()).count("### ") == 35
    assert not re.search("[가-힣]", markdown(course()))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_answer_leaks_into_markdown(language: str) -> None:
    page = markdown(course(language, answers=False))
    whole = markdown(course(language))
    of_code = {"0.0"}  # tf.maximum(Z1, 0.0)
    given = of_code | set(re.findall(r"-?\d+\.\d+", whole.partition("### ")[0]))
    worked = set(re.findall(r"-?\d+\.\d+(?:e-?\d+)?", whole.partition("### ")[2])) - given
    assert {"0.03168", "0.09996832", "0.001296", "1.36"} <= worked
    assert {number for number in worked if re.search(rf"(?<!\d){re.escape(number)}", page)} == set()
    assert "a2ᵀ @ ∂Loss/∂Y_pred" in whole
    assert "a2ᵀ" not in page
    formula = "∂Loss/∂W3 = " + "_" * len("a2ᵀ @ ∂Loss/∂Y_pred")
    assert f"Y_pred = a2 @ W3 + b3:  ∂Loss/∂Y_pred → ∂Loss/∂W3\n{formula}\n" in page
    assert "| ∂Loss/∂W3 |\n| ---: |\n| ________ |\n| ________ |\n| ________ |\n" in page


def test_a_text_is_never_markdown(hostile: Lesson) -> None:
    page = markdown(document(hostile, "en", "unicode"))
    title = r'\</script\>\<b a="x"\>\&\*x\*\[y\](http://z)\`"""\\\</b\>'
    assert page.startswith(f"# {title}\n\n\\- {title}\n")
    assert f"> 1\\. {title}\n" in page
    assert "````\n# ``` </script><b a" in page  # the fence is longer than what stands within


def test_a_large_matrix_is_cut() -> None:
    from bptutor.export.document import Quantity, rows

    for value in ([[0.5] * 40] * 20, None):
        table = rows(Quantity("W", (20, 40), value))
        assert [len(row) for row in table] == [8] * 8
        assert {row[7] for row in table} | set(table[7]) == {"…"}


@pytest.mark.parametrize("text", ["0.5 of it", "two-hidden", "a - b"])
def test_what_is_no_markup_is_left_as_it_is(text: str) -> None:
    assert escaped(text) == text
