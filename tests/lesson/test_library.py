"""The lessons that come with bptutor: sound, complete, and good to work through."""

import re
import tomllib
from functools import cache
from itertools import groupby

import pytest

from bptutor.course.answers import Answers
from bptutor.course.asked import too_long
from bptutor.engine.agreement import disagreements
from bptutor.language.render import in_style
from bptutor.lesson.find import available
from bptutor.lesson.lesson import GROUPS, Lesson
from bptutor.lesson.lint import lint
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.text import LANGUAGES, shortest
from bptutor.text.printable import cells, wrap
from tests.examples import every
from tools.feedback.written import matrix, texts

MOST_STEPS = 45
WIDTH = 76
"""Cells of a line of text on a screen of 80."""
MOST_LINES = {"summary": 2, "introduction": 14, "closing": 6}
"""What fits a screen of 24 lines beside the rest that is on it."""
LONGEST_NOTE = 150
MOST_WORDS = 20
"""Of an English sentence."""

BELONGING = {
    "one-neuron": "loss-factor-dropped error-reversed input-missing weight-for-input bias-one",
    "circuit": "first-path-only last-path-only paths-averaged paths-multiplied upstream-missing",
    "sigmoid-neuron": "activation-slope-missing slope-at-activation slope-half slope-twice"
    " output-slope-skipped slope-of-error preactivation-for-slope",
    "tanh-neuron": "slope-at-activation slope-half activation-for-slope weight-for-input"
    " activation-for-weight weights-omitted updated-weight",
    "dense-layer": "relu-mask-missing mask-from-gradient mask-inverted input-missing"
    " upstream-missing weights-omitted weights-absolute",
    "batch": "batch-mean-dropped batch-mean-twice mean-missing bias-averaged bias-unsummed"
    " first-sample-only last-sample-only mean-input inner-product",
    "dead-relu": "relu-mask-missing mask-from-gradient mask-inverted preactivation-for-slope"
    " preactivation-for-activation updated-weight",
    "sigmoid-network": "loss-factor-added output-slope-skipped transpose-missing updated-weight"
    " weights-transposed outer-product-transposed slope-at-activation",
    "two-hidden-layers": "loss-factor-dropped relu-mask-missing mask-from-gradient"
    " transpose-missing local-sum-as-jacobian preactivation-for-activation",
    "relu-at-zero": "mask-at-zero relu-mask-missing mask-from-gradient mask-inverted",
    "vanishing": "activation-slope-missing slope-at-activation weights-omitted weights-absolute"
    " updated-weight upstream-missing",
    "residual": "first-path-only last-path-only paths-averaged paths-multiplied"
    " activation-slope-missing",
    "binary-cross-entropy": "output-slope-skipped output-slope-added crossentropy-without-jacobian"
    " batch-mean-dropped log-base slope-twice",
    "softmax": "softmax-unnormalised softmax-linear softmax-diagonal-only output-slope-added"
    " crossentropy-without-jacobian error-reversed log-base",
    "gradient-checking": "loss-factor-dropped slope-twice slope-at-activation target-for-gradient"
    " value-for-derivative factors-added",
    "initialisation": "slope-half slope-at-activation updated-weight weights-omitted"
    " weight-for-input upstream-missing",
    "exploding": "weights-omitted weight-from-other-layer updated-weight factors-added"
    " output-for-input input-missing",
    "layer-normalisation": "first-path-only last-path-only paths-averaged paths-multiplied"
    " batch-mean-dropped bias-unsummed bias-averaged",
    "lstm": "activation-slope-missing slope-at-activation preactivation-for-activation"
    " weights-omitted input-gradient-of-other-layer slope-half",
    "multi-head-attention": "softmax-diagonal-only transpose-missing softmax-unnormalised"
    " softmax-linear weight-from-other-layer first-sample-only",
    "transformer-block": "first-path-only last-path-only paths-averaged paths-multiplied"
    " softmax-diagonal-only relu-mask-missing transpose-missing shared-use-dropped",
    "weight-decay": "shared-use-dropped paths-averaged paths-multiplied loss-factor-dropped"
    " coefficient-missing",
    "weight-twice": "shared-use-dropped paths-averaged paths-multiplied updated-weight",
    "rnn": "shared-use-dropped paths-averaged paths-multiplied updated-weight"
    " preactivation-for-activation activation-slope-missing",
    "batch-normalisation": "first-path-only last-path-only paths-averaged paths-multiplied"
    " batch-mean-dropped",
    "logits": "first-path-only last-path-only paths-averaged paths-multiplied shared-use-dropped"
    " error-reversed",
    "dropout": "coefficient-missing relu-mask-missing mask-from-gradient updated-weight"
    " weights-omitted",
    "gate": "activation-slope-missing slope-at-activation first-path-only last-path-only"
    " paths-averaged paths-multiplied",
    "convolution": "shared-use-dropped paths-averaged paths-multiplied input-missing",
    "max-pooling": "batch-mean-dropped batch-mean-twice first-sample-only updated-weight",
    "embedding": "batch-mean-dropped batch-mean-twice first-sample-only last-sample-only"
    " updated-weight",
    "attention": "first-path-only last-path-only transpose-missing elementwise-for-matmul"
    " softmax-diagonal-only coefficient-missing"
    " softmax-linear softmax-unnormalised slope-twice"
    " activation-slope-missing",
    "momentum": "moment-missing averaging-factor-missing averaging-factors-swapped update-sign"
    " learning-rate-missing learning-rate-twice",
    "adam": "averaging-factors-swapped averaging-factor-missing square-missing moments-swapped"
    " bias-correction-missing bias-correction-partial bias-correction-inverted root-missing",
    "clipping": "clipping-missing clipping-inverted norm-of-sizes root-missing",
}
"""The misconceptions that a lesson is about: whoever has one hears of it there."""

INDISTINCT = {"two-hidden-layers": {"updated-weight"}}
"""Mistakes that three figures do not show: the course's own learning rate is as small as that."""

every_lesson = pytest.mark.parametrize("name", available())


@cache
def answers(name: str) -> Answers:
    return Answers(load(name))


def lesson_texts(lesson: Lesson) -> dict[str, str]:
    """All that an author says, in each language, under its key."""
    return {
        f"{key}.{language}": text.to(language)
        for language in LANGUAGES
        for key, text in {
            "title": lesson.title,
            "summary": lesson.summary,
            "introduction": lesson.introduction,
            "closing": lesson.closing,
            **{f"sections.{name}": text for name, text in lesson.sections.items()},
            **{f"notes.{name}": text for name, text in lesson.notes.items()},
        }.items()
    }


def test_the_menu_is_a_path_on_which_each_lesson_has_a_place_of_its_own() -> None:
    places = [tomllib.loads(load(name).path.read_text("utf-8"))["order"] for name in available()]
    assert places == sorted(set(places))
    assert set(BELONGING) == set(available())
    groups = [load(name).group for name in available()]
    assert list(dict.fromkeys(groups)) == [group for group, _ in groupby(groups)] == list(GROUPS)


@every_lesson
def test_there_is_nothing_to_mend(name: str) -> None:
    assert [*lint(load(name)), *too_long(load(name))] == []
    assert disagreements(load(name)) == []


@every_lesson
def test_everything_is_said_in_both_languages(name: str) -> None:
    lesson = load(name)
    assert lesson.notes
    for key, text in lesson_texts(lesson).items():
        assert text, key
        korean = re.search("[가-힣]", text) is not None
        assert korean == key.endswith(".ko"), key


@every_lesson
def test_it_fits_a_small_screen(name: str) -> None:
    lesson = load(name)
    assert len(steps(lesson)) <= MOST_STEPS
    for key, text in lesson_texts(lesson).items():
        lines = [line for part in text.split("\n") for line in wrap(part, WIDTH)]
        part = key.split(".")[0]
        if part == "notes":
            assert cells(text) <= LONGEST_NOTE, key
        else:
            assert len(lines) <= MOST_LINES.get(part, 1), key


@every_lesson
def test_it_can_be_read_on_a_terminal_without_unicode(name: str) -> None:
    for key, text in lesson_texts(load(name)).items():
        assert in_style(text, "unicode") == text
        written = in_style(text, "ascii")
        assert written.isascii() == key.endswith(".en"), written
        assert not re.search("[∂ᵀ√]", written)


@every_lesson
def test_its_sentences_are_short(name: str) -> None:
    for key, text in lesson_texts(load(name)).items():
        if key.endswith(".en"):
            for sentence in re.split(r"(?<=[.?!])\s+|\n\n", text):
                assert len(re.findall(r"\S*\w\S*", sentence)) <= MOST_WORDS, sentence


@every_lesson
def test_its_numbers_are_short_and_its_loss_falls(name: str) -> None:
    lesson, facts = load(name), answers(name).facts
    for leaf in set(lesson.values).difference(lesson.optimizer.settings):
        for number in facts.known(leaf).reshape(-1).tolist():
            digits = shortest(number, lesson.dtype).lstrip("-0.").replace(".", "")
            assert len(digits) <= 2, leaf
    if lesson.parameters:
        assert facts.after.loss < 0.99 * facts.trace.loss


@pytest.mark.parametrize("name", every(4, available()))
def test_three_figures_tell_its_misconceptions_apart(name: str) -> None:
    met = set()
    belonging = set(BELONGING[name].split())
    for step in steps(load(name)):
        if step.kind == "update" or step.asks == "nothing":
            continue
        for mistake in answers(name).facts.diagnostician(step).candidates:
            typed = matrix(texts(mistake.value, 3), step.shape)
            checked = answers(name).check(step.id, value=typed)
            known = mistake.ids[0]
            if known not in INDISTINCT.get(name, ()):
                assert not checked.correct, (step.id, known, typed)
            if known in belonging:
                assert known in checked.misconceptions[:2], (step.id, typed)
                met.add(known)
    assert met == belonging
