"""Markdown: what stands in it, and that a text of a lesson's is never markup."""

import re

import pytest

from bptutor.export.document import document
from bptutor.export.pages import escaped, markdown
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load

from .conftest import course

LESSON = load("two-hidden-layers")


def test_a_step_worked_out() -> None:
    note = LESSON.notes["dLoss_dW3"].to("en")
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
    assert closing == escaped(LESSON.closing.to("en"))


def test_a_new_weight_has_the_digits_that_change() -> None:
    assert "| 0.09996832 |\n| 0.5 |\n| -0.30009794 |" in markdown(course())


def test_both_languages() -> None:
    korean = markdown(course("ko"))
    assert korean.startswith("# 은닉층이 둘인 신경망\n")
    assert "## 출력층\n" in korean
    assert f"> {escaped(LESSON.notes['dLoss_dW3'].to('ko'))}" in korean
    assert korean.count("### ") == markdown(course()).count("### ") == 35
    assert not re.search("[가-힣]", markdown(course()))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_answer_leaks_into_what_is_handed_out(language: str) -> None:
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


def test_a_text_is_never_markup(hostile: Lesson) -> None:
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
