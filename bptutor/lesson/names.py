"""What people call the quantities of a lesson.

`grad_A_B` is dA_dB. An underscore may be left out (`grad_Loss_Ypred`). λ is the learning rate. A
lesson's alias stands for its name, alone and in the names of steps: with the alias `L` for `Loss`,
`dL_dW3` is dLoss_dW3.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import TypeVar

from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import LanguageError
from bptutor.language.parse import parse_expression
from bptutor.language.tree import Expression, Name, renamed
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.optimizer import updated_name
from bptutor.lesson.steps import LEARNING_RATE, places

T = TypeVar("T")

_RATE = ("λ", "η", "learning_rate")  # the learning rate, as formulas and programs call it


def own_name(lesson: Lesson, name: str) -> str:
    """The lesson's own name of a leaf, an assignment or a step; any other name as it is."""
    form, steps = lesson.form, places(lesson)
    if name in steps or name in form.shapes or name == LEARNING_RATE:
        return name
    spelled = _spelled(form)
    if name in spelled:
        return spelled[name]
    return next((id_ for id_ in _step_ids(spelled, name) if id_ in steps), name)


def named(lesson: Lesson, text: str) -> str:
    """The lesson's own name of what is typed: ∂L/∂W3 and dL/dW3 are dL_dW3."""
    try:
        read = parse_expression(text, places(lesson).keys())
    except LanguageError:
        return text.strip()
    return own_name(lesson, read.id) if isinstance(read, Name) else text.strip()


def in_own_names(lesson: Lesson, expression: Expression) -> Expression:
    """A formula with the lesson's own names."""
    return renamed(expression, partial(own_name, lesson))


def by_own_names(lesson: Lesson, things: Mapping[str, T]) -> dict[str, T]:
    """What is kept by names, by the lesson's own ones."""
    return {own_name(lesson, name): thing for name, thing in things.items()}


@lru_cache(maxsize=64)
def _spelled(form: Lesson) -> dict[str, str]:
    """The name of each quantity by its other spellings, and by itself."""
    names = [*form.leaves, *form.program.by_target]
    plain: dict[str, str] = {}
    for name in names:
        short = name.replace("_", "")
        plain[short] = "" if short in plain else name  # x1_1 and x11 are two
    found = dict.fromkeys(_RATE, LEARNING_RATE) if form.parameters else {}
    for name in form.optimizer.settings:  # β_1 and β1 are beta_1
        greek = name.replace("beta", "β").replace("epsilon", "ε")
        found |= {greek: name, greek.replace("_", ""): name}
    found |= {short: name for short, name in plain.items() if name}
    return found | dict(form.aliases) | {name: name for name in names}


def _step_ids(spelled: dict[str, str], name: str) -> Iterator[str]:
    """The ids that a name may stand for, by each place at which it can be cut in two."""
    for prefix, between in (("grad_", "_"), ("d", "_d")):
        if name.startswith(prefix):
            for cut in re.finditer(between, name[len(prefix) :]):
                of, by = name[len(prefix) :][: cut.start()], name[len(prefix) :][cut.end() :]
                if of in spelled and by in spelled:
                    yield gradient_name(spelled[of], spelled[by])
    parameter = name.removesuffix(updated_name(""))
    if parameter in spelled:
        yield updated_name(spelled[parameter])
