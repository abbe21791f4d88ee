"""Questions on the tape itself: what is a variable, what is watched, how long it is kept."""

from collections.abc import Iterator, Sequence
from functools import partial

from bptutor.course.coding import GAP
from bptutor.course.derive import read_names
from bptutor.course.exercise import Exercise, Remark
from bptutor.course.keras_blanks import inside_of, read_arguments
from bptutor.course.tapes import (
    KEPT,
    ONE_TAPE,
    VARIABLES,
    Tape,
    first_parameter,
    on_the_way,
    right_side,
    tapes,
)
from bptutor.grading.formula import JudgedFormula
from bptutor.lesson.names import own_name
from bptutor.lesson.steps import Step
from bptutor.text import Message


class TapeQuestion(Exercise):
    """A question about the code, answered with names or with what stands in a gap."""

    rungs = 2
    empty = Message("Type names from the list.")

    def _judge(self, text: str) -> JudgedFormula:
        if not text.strip():
            return JudgedFormula.unreadable(self.empty)
        problem = self._problem(text)
        if problem:
            return JudgedFormula.wrong(problem)
        return JudgedFormula("right", Message("Right."))

    def _problem(self, text: str) -> Message | None:
        """What is wrong with an answer; raises LanguageError where it cannot be read."""
        raise NotImplementedError

    def _names(self, text: str) -> list[str]:
        program = self.lesson.program
        return read_names(text, {*program.leaves, *program.by_target}, self.lesson)

    def says(self, language: str) -> str:
        return self._because().to(language)

    def _because(self) -> Message:
        raise NotImplementedError


class Variables(TapeQuestion):
    def name(self) -> Message | str:
        return Message("variables")

    def question(self) -> Message:
        return Message("In TensorFlow, which of these numbers are a tf.Variable?")

    def formula(self) -> str:
        return ", ".join(self.lesson.program.leaves)

    def _remarks(self) -> Sequence[Remark]:
        return [Message("The others are a tf.constant. Type the names with commas between them.")]

    def _problem(self, text: str) -> Message | None:
        named, parameters = self._names(text), self.lesson.parameters
        for name in named:
            if name in self.lesson.program.by_target:
                return Message(
                    "{name} is computed in the forward pass. Choose among {names}.",
                    name=name,
                    names=self.formula(),
                )
            if name not in parameters:
                return Message(
                    "{name} is data: no update changes it, so a tf.constant is enough.", name=name
                )
        for name in parameters:
            if name not in named:
                return Message(
                    "{name} is missing. The update changes it with assign_sub, which only a "
                    "tf.Variable has.",
                    name=name,
                )
        return None

    def _because(self) -> Message:
        return Message(
            "assign_sub changes a tf.Variable in place; a tf.constant never changes. A tape "
            "always watches variables, but no constants."
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message("Which of these numbers does training change?")
        yield Message("The weights and the biases change; the data do not.")

    def written(self) -> str | None:
        return ", ".join(name for name in self.lesson.program.leaves if self._trained(name))

    def _trained(self, name: str) -> bool:
        return name in self.lesson.parameters

    def code(self) -> str:
        return f"{first_parameter(self.lesson)} = tf.Variable(...)"


class _OnTape(TapeQuestion):
    empty = Message("The gap is empty. Type the missing code.")

    @property
    def tape(self) -> Tape:
        return tapes(self.lesson).by_line[self.step.target]

    def _calls(self) -> list[str]:
        return [f"{self.tape.name}.gradient({each.target}, {each.by})" for each in self.tape.asked]

    def _body(self) -> list[str]:
        return [f"    {line.target} = {right_side(self.lesson, line)}" for line in self.tape.lines]


class Watched(_OnTape):
    def name(self) -> Message | str:
        return Message("what is watched")

    def question(self) -> Message:
        return Message(
            "Afterwards this tape is asked for {calls}. What must it be told to watch?",
            calls=", ".join(self._calls()),
        )

    def formula(self) -> str:
        name = self.tape.name
        opens = f"with tf.GradientTape(...) as {name}:"
        return "\n".join([opens, f"    {name}.watch({GAP})", *self._body()])

    def _remarks(self) -> Sequence[Remark]:
        return [Message("Type the code that replaces {gap}.", gap=GAP)]

    def _problem(self, text: str) -> Message | None:
        wanted = self.tape.watched
        line = f"{self.tape.name}.watch({GAP})"
        named = self._names(inside_of(text, line, GAP))
        for name in named:
            if name in self.lesson.parameters:
                return Message(
                    "{name} is a tf.Variable, and a tape always watches variables.", name=name
                )
            if name in {line.target for line in self.tape.lines}:
                return Message(
                    "{name} is computed on this tape, so the tape records it anyway.", name=name
                )
            if name not in wanted:
                return Message(
                    "This tape is not asked for a derivative with respect to {name}.", name=name
                )
        for name in wanted:
            if name not in named:
                return Message(
                    "As it stands, the tape returns None for {call}. Name what it must watch.",
                    call=self._call(name),
                )
        return None

    def _call(self, name: str) -> str:
        step = next(step for step in self.tape.asked if step.by == name)
        return f"{self.tape.name}.gradient({step.target}, {name})"

    def _because(self) -> Message:
        name = self.tape.watched[0]
        if name in self.lesson.program.by_target:
            return Message(
                "{name} was computed before this tape was opened. For this tape it is a constant: "
                "without watch, {call} returns None.",
                name=name,
                call=self._call(name),
            )
        return Message(
            "{name} is a constant, and a tape records a constant only if it is watched. Without "
            "watch, {call} returns None.",
            name=name,
            call=self._call(name),
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message(
            "A tape watches every tf.Variable, and it records what is computed from them."
        )
        yield Message(
            "Look at the right-hand sides: one name is no variable, and comes from outside."
        )

    def written(self) -> str | None:
        return ", ".join(self.tape.watched)

    def code(self) -> str:
        return self.tape.opening[-1].strip()


class Kept(_OnTape):
    def name(self) -> Message | str:
        return Message("several gradients from one tape")

    def question(self) -> Message:
        return Message("This tape is asked more than once. With which argument is it opened?")

    def formula(self) -> str:
        calls = [
            f"{each.id} = {call}" for each, call in zip(self.tape.asked, self._calls(), strict=True)
        ]
        return "\n".join([self._line, "    ...", *calls[:2]])

    @property
    def _line(self) -> str:
        return f"with tf.GradientTape({GAP}) as {self.tape.name}:"

    def _remarks(self) -> Sequence[Remark]:
        return [Message("Type the code that replaces {gap}.", gap=GAP)]

    def _problem(self, text: str) -> Message | None:
        read = read_arguments(text, self._line, GAP, partial(own_name, self.lesson))
        given = {**dict(zip(("persistent",), read.values, strict=False)), **read.named}
        if given == {"persistent": True} and len(read.values) < 2:
            return None
        return Message(
            "By default, a tape answers one tape.gradient, and this one is asked {count} times. "
            "One argument of tf.GradientTape changes that.",
            count=len(self.tape.asked),
        )

    def _because(self) -> Message:
        return Message(
            "By default, a tape frees its values after one tape.gradient. A persistent tape "
            "answers all {count} calls, and needs the memory until it is deleted.",
            count=len(self.tape.asked),
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message("By default, the second tape.gradient raises an error.")
        yield Message("The argument is called persistent. It is False by default.")

    def written(self) -> str | None:
        return "persistent=True"

    def code(self) -> str:
        return self.tape.opening[0]


class OneTape(TapeQuestion):
    @property
    def _call(self) -> str:
        return f"{tapes(self.lesson).whole.name}.gradient({self.lesson.loss}, {self._by})"

    @property
    def _by(self) -> str:
        return first_parameter(self.lesson)

    def name(self) -> Message | str:
        return Message("one tape for the backward pass")

    def question(self) -> Message:
        return Message(
            "The backward pass ends at {call}. Which assignments must be on one tape for it?",
            call=self._call,
        )

    def formula(self) -> str:
        return ", ".join(self.lesson.program.by_target)

    def _remarks(self) -> Sequence[Remark]:
        return [Message("So far each tape has recorded one section. Type the names.")]

    def _problem(self, text: str) -> Message | None:
        named, wanted = self._names(text), on_the_way(self.lesson)
        for name in named:
            if name in self.lesson.program.leaves:
                return Message(
                    "{name} is not computed. Choose among {names}.", name=name, names=self.formula()
                )
            if name not in wanted:
                return Message("{name} does not depend on {by}.", name=name, by=self._by)
        for name in wanted:
            if name not in named:
                return Message(
                    "A path from {loss} back to {by} goes through {name}. Off the tape, that path "
                    "is lost.",
                    name=name,
                    loss=self.lesson.loss,
                    by=self._by,
                )
        return None

    def _because(self) -> Message:
        return Message(
            "The tape of a section ends where the section ends. A gradient of {loss} needs the "
            "whole path, so one tape records the whole forward pass again.",
            loss=self.lesson.loss,
        )

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        yield Message(
            "tape.gradient goes back line by line. A line that is not on the tape breaks the path."
        )
        yield Message(
            "Start at {by} and follow its readers to {loss}.", by=self._by, loss=self.lesson.loss
        )

    def written(self) -> str | None:
        return ", ".join(on_the_way(self.lesson))

    def code(self) -> str:
        return tapes(self.lesson).whole.opening[0]


QUESTIONS: dict[str, type[TapeQuestion]] = {VARIABLES: Variables, KEPT: Kept, ONE_TAPE: OneTape}


def tape_question(step: Step) -> type[TapeQuestion]:
    return QUESTIONS.get(step.id, Watched)
