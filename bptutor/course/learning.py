"""Questions on learning: which gradients it needs, and the order of an iteration."""

import re
from collections.abc import Iterator, Sequence

from bptutor.course.derive import read_names
from bptutor.course.exercise import Exercise, Remark
from bptutor.course.parts import gradients_of, wanted_gradients
from bptutor.grading.formula import JudgedFormula
from bptutor.language import limits
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import LanguageError, shortened
from bptutor.language.render import display_name
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message


class WantedGradients(Exercise):
    """Which of all gradients the updates use."""

    rungs = 2

    def name(self) -> Message | str:
        return Message("gradients for learning")

    def question(self) -> Message:
        return Message(
            "{loss} has a gradient with respect to each of these names. Which of the gradients "
            "does learning need?",
            loss=self.lesson.loss,
        )

    def formula(self) -> str:
        order = [*self.lesson.program.leaves, *self.lesson.program.by_target]
        return ", ".join(name for name in order if name in gradients_of(self.lesson))

    def _remarks(self) -> Sequence[Remark]:
        return [Message("Type their names in any order. Think of what an update changes.")]

    def _judge(self, text: str) -> JudgedFormula:
        lesson, gradients = self.lesson, gradients_of(self.lesson)
        by_id = {step.id: by for by, step in gradients.items()}
        if not text.strip():
            return JudgedFormula.unreadable(Message("Type names from the list."))
        named = {by_id.get(name, name) for name in read_names(text, {*gradients, *by_id}, lesson)}
        for by in gradients:
            if by in named.difference(lesson.parameters):
                return JudgedFormula.wrong(self._unused(by))
        if missing := len(set(wanted_gradients(lesson)) - named):
            said = Message("Right so far. Names that are still missing: {count}.", count=missing)
            return JudgedFormula("imprecise", said)
        return JudgedFormula(
            "right",
            Message(
                "Right. An update uses the gradient with respect to a parameter. The chain rule "
                "needs the others on the way."
            ),
        )

    def _unused(self, by: str) -> Message:
        """Why no update uses this gradient."""
        gradient = display_name(gradient_name(self.lesson.loss, by), self.style)
        if by in self.lesson.program.by_target:
            return Message(
                "No update uses {gradient}: {name} is computed, so learning cannot set it. The "
                "gradient is needed on the way only. Name what learning changes.",
                gradient=gradient,
                name=by,
            )
        return Message(
            "No update uses {gradient}: {name} is given, and learning does not change it. Name "
            "what learning changes.",
            gradient=gradient,
            name=by,
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message(
            "An update subtracts {rate} times a gradient from a value. Which values does "
            "learning change?",
            rate=LEARNING_RATE,
        )
        yield Message("Learning changes the parameters: the weights and the biases.")

    def written(self) -> str | None:
        return ", ".join(wanted_gradients(self.lesson))

    def says(self, language: str) -> str:
        loss, style = self.lesson.loss, self.style
        wanted = wanted_gradients(self.lesson)
        return ", ".join(display_name(gradient_name(loss, name), style) for name in wanted)


# ── one iteration ─────────────────────────────────────────────────────────────────────────────────


STAGES = (Message("forward pass"), Message("loss"), Message("backward pass"), Message("update"))
"""The stages of an iteration, in order."""
_WORDS = (
    ("forward", "순전파"),
    ("loss", "손실"),
    ("backward", "backpropagation", "backprop", "역전파"),
    ("update", "갱신", "업데이트"),
)
"""What each is called, in a word."""
_FILLING = ("pass", "the", "then", "계산")
_BETWEEN = re.compile(r"[\s,;.，、→>|-]+")
_TOO_EARLY = {
    1: Message(
        "The loss comes too early: it compares the output with the target. Compute the output "
        "first, in the forward pass."
    ),
    2: Message("The backward pass comes too early: it starts at the loss. Compute the loss first."),
    3: Message(
        "The update comes too early: it subtracts the gradients. Compute them first, in the "
        "backward pass."
    ),
}
"""What is wrong where a stage comes before the one that it needs."""


class IterationOrder(Exercise):
    """In which order the stages of an iteration run."""

    rungs = 2

    def name(self) -> Message | str:
        return Message("one iteration")

    def question(self) -> Message:
        return Message("In which order do the stages of one training iteration run?")

    def _remarks(self) -> Sequence[Remark]:
        forward, loss, backward, update = STAGES
        return [
            Message(
                "Type them from first to last: {one}, {two}, {three}, {four}.",
                one=update,
                two=loss,
                three=backward,
                four=forward,
            )
        ]

    def _judge(self, text: str) -> JudgedFormula:
        done = 0
        for stage in _read_stages(text):
            if stage > done % len(STAGES):
                return JudgedFormula.wrong(_TOO_EARLY[stage])
            if stage < done % len(STAGES):
                return JudgedFormula.wrong(
                    Message("{name} is there twice; type each name once.", name=STAGES[stage])
                )
            done += 1
        if done < len(STAGES):
            missing = len(STAGES) - done
            said = Message("Right so far. Stages that are still missing: {count}.", count=missing)
            return JudgedFormula("imprecise", said)
        return JudgedFormula(
            "right",
            Message("The order is right. Then the next iteration begins with a forward pass."),
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message("Which stage needs only the data and the weights?")
        yield Message("The backward pass starts at the loss. The update needs the gradients.")

    def written(self) -> Message | str | None:
        one, two, three, four = STAGES
        return Message("{one}, {two}, {three}, {four}", one=one, two=two, three=three, four=four)


def _read_stages(text: str) -> list[int]:
    """The stages in a text, by their place in an iteration.

    Raises LanguageError: the text is too long, a word in it names no stage, or there is none.
    """
    if len(text) > limits.MOST_CHARACTERS:
        raise LanguageError(limits.TOO_LONG)
    found = []
    for word in _BETWEEN.split(text.strip("[](){} ").lower()):
        if word and word not in _FILLING:
            place = next((at for at, words in enumerate(_WORDS) if word in words), None)
            if place is None:
                unknown = Message(
                    "{name} is no stage of an iteration. Type the names that the task lists.",
                    name=shortened(word),
                )
                raise LanguageError(unknown, column=max(text.lower().find(word), 0))
            found.append(place)
    if not found:
        raise LanguageError(Message("Type the stages in order."))
    return found
