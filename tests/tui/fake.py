"""A scripted service: the course's lesson with its printed numbers, in the app's own process.

It answers as the real one does, without TensorFlow: what a test wants to see (a service that
dies, an engine that is not ready, a request that was made) it does on demand.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bptutor.literals import Ask, Judged, Kind, Part, Stage, Verdict
from bptutor.service import wire
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Event, Hello, Screen, Training
from bptutor.views import Matrix
from bptutor.views.lesson import (
    AskedCell,
    Explained,
    Grid,
    Known,
    LessonItem,
    Lessons,
    Nudged,
    Opened,
    ParameterChange,
    Place,
    Result,
    StepName,
    StepView,
    SummaryView,
    TapeLine,
    UpdateTable,
)
from bptutor.views.picture import Pictured

LESSON = "two-hidden-layers"
VALUES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "course_values.json").read_text("utf-8")
)
LEAVES: dict[str, Any] = {
    "X": [[1.0, 2.0]],
    "W1": [[0.5, 0.3, -0.4], [0.3, -0.5, 0.3]],
    "b1": [0.3, -0.3, 0.2],
    "W2": [[0.1, -0.2, 0.5], [-0.2, 0.4, -0.3], [0.5, 0.3, 0.4]],
    "b2": [0.1, -0.6, 0.5],
    "W3": [[0.1], [0.5], [-0.3]],
    "b3": [0.5],
    "Y_true": [[0.1]],
}
PROGRAM = {
    "Z1": ("Z1 = X @ W1 + b1", "Layer 1"),
    "a1": ("a1 = maximum(Z1, 0)", "Layer 1"),
    "Z2": ("Z2 = a1 @ W2 + b2", "Layer 2"),
    "a2": ("a2 = maximum(Z2, 0)", "Layer 2"),
    "Y": ("Y = a2 @ W3 + b3", "Output layer"),
    "L": ("L = mean((Y - Y_true)²)", "Loss"),
}
PRODUCTS = {
    "dL_dY": "2 * (Y - Y_true)",
    "dL_dW3": "a2.T @ dL_dY",
    "dL_db3": "dL_dY",
    "dL_da2": "dL_dY @ W3.T",
    "dL_dZ2": "dL_da2 * (Z2 >= 0)",
    "dL_dW2": "a1.T @ dL_dZ2",
    "dL_db2": "dL_dZ2",
    "dL_da1": "dL_dZ2 @ W2.T",
    "dL_dZ1": "dL_da1 * (Z1 >= 0)",
    "dL_dW1": "X.T @ dL_dZ1",
    "dL_db1": "dL_dZ1",
    "dL_dX": "dL_dZ1 @ W1.T",
}
READERS = {"W1": "Z1", "b1": "Z1", "X": "Z1", "W2": "Z2", "b2": "Z2", "W3": "Y", "b3": "Y"}
TOLERANCE = 0.005
LOSSES = [0.0012959961, 0.0012778865]


def flat(value: Any) -> list[float]:
    """The numbers of nested lists, in order."""
    if isinstance(value, list):
        return [number for part in value for number in flat(part)]
    return [float(value)]


def matrix(value: Any) -> Matrix:
    """Nested lists as a message carries them."""
    shape: list[int] = []
    part = value
    while isinstance(part, list):
        shape.append(len(part))
        part = part[0]
    return Matrix(shape, flat(value), "float32")


def answer(step: str) -> list[str]:
    """The right cells of a step, as a careful learner types them."""
    return [f"{number:.9g}" for number in flat(VALUES[step])]


@dataclass
class Mark:
    """What has become of a step."""

    stage: Stage = "open"
    product: str = ""
    product_verdict: Verdict | None = None
    cells: list[str] = field(default_factory=list)
    verdicts: list[Verdict | None] = field(default_factory=list)
    hints: int = 0
    message: str = ""


class Course:
    """A sitting of the course's lesson, which outlives the services it is asked of."""

    def __init__(self) -> None:
        self.steps = list(VALUES)
        self.begin("all")

    def begin(self, ask: Ask) -> None:
        """Forget everything and begin anew."""
        self.marks = {step: Mark() for step in self.steps}
        self.ask = ask
        self.index = self.furthest = 0
        self.iteration = 1
        self.losses = list(LOSSES)

    @property
    def step(self) -> str:
        return self.steps[self.index]

    @property
    def begun(self) -> bool:
        return self.furthest > 0 or any(mark.cells or mark.product for mark in self.marks.values())

    def known(self) -> dict[str, Any]:
        """Everything known at the current step."""
        return LEAVES | {step: VALUES[step] for step in self.steps[: self.index]}

    def asks(self, step: str) -> tuple[bool, bool]:
        """Is the product of a step asked, and is its value?"""
        backward = step.startswith("dL_") or step.endswith("_new")
        product = step in PRODUCTS and self.ask != "values"
        return product, self.ask != "products" and (backward or self.ask != "backward")

    def name_and_kind(self, step: str) -> tuple[str, Kind, str]:
        """A step as it is shown, what it is, and the assignment it belongs to."""
        if step.endswith("_new"):
            return step, "update", READERS[step.removesuffix("_new")]
        if step in PROGRAM:
            return step, "forward", step
        over, by = step[1:].split("_d")
        kind: Kind = "backward" if over == "L" else "local"
        line = over if kind == "local" else READERS.get(by, by)
        return f"∂{over}/∂{by}", kind, line


class FakeService:
    """One service; `Course` is its store."""

    def __init__(self, hear: Callable[[Event], None], course: Course, ready: bool = True) -> None:
        self.hear = hear
        self.course = course
        self.state = EngineState("ready" if ready else "loading", "")
        self.loaded = asyncio.Event()
        if ready:
            self.loaded.set()
        self.requests: list[tuple[Any, ...]] = []
        """What was asked: its name, then its arguments."""
        self.dying = False
        self.startable = True
        self.starts = 0
        self.cancelled = asyncio.Event()
        self.draws = False

    # ── what a test makes it do ───────────────────────────────────────────────────────────────

    def finish_loading(self) -> None:
        """TensorFlow is there."""
        self.state = EngineState("ready", "2.21.0")
        self.loaded.set()
        self.hear(self.state)

    def die(self) -> None:
        """The next request finds nobody."""
        self.dying = True

    # ── what a client does ────────────────────────────────────────────────────────────────────

    async def start(self, hello: Hello) -> EngineState:
        if not self.startable:
            raise ServiceLost("no room for it")
        self.hello = hello
        self.starts += 1
        return self.state

    async def restart(self) -> EngineState:
        self.dying = not self.startable
        return await self.start(self.hello)

    async def stop(self) -> None:
        self.dying = True

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        if self.dying:
            raise ServiceLost("it has ended")
        self.requests.append((method.name, *arguments))
        await asyncio.sleep(0)
        if method.name in ("check", "show", "train"):
            await self.loaded.wait()
        return await self.answer(method.name, *arguments)

    async def answer(self, name: str, *of: Any) -> Any:
        course = self.course
        match name:
            case "menu":
                return Lessons([self.lesson()])
            case "open":
                lesson, ask, resume, *_ = of
                if lesson != LESSON:
                    raise RequestRefused(f"There is no lesson “{lesson}”; did you mean “{LESSON}”?")
                resumed = resume and course.begun
                if not resumed:
                    course.begin(ask)
                return Opened("Two hidden layers", "Down, then up.", resumed, self.view(), "")
            case "go":
                return self.go(of[0])
            case "check":
                product, cells, judge = of
                self.draft(product, cells)
                self.check(judge)
            case "draft":
                self.draft(*of)
                return None
            case "hint":
                course.marks[course.step].hints += 1
            case "show":
                course.marks[course.step].stage = "shown"
            case "steps":
                return [self.name(step) for step in course.steps]
            case "explain":
                story = [f"{course.step} moves, and the loss moves."]
                return Explained(
                    course.step, "The rule.", ["Z1 = X @ W1 + b1"], ["W1  (2, 3)"], story
                )
            case "nudge":
                row, column, by = of
                if (row, column) != (0, 2):
                    raise RequestRefused("There is no such number.")
                return Nudged("W1[0, 2]", by, 0.0012959961, 0.0012959911, -0.00504, -0.00504, "")
            case "fill_in":
                course.marks[course.step].stage = "solved"
            case "knowns":
                return self.knowns()
            case "split":
                cells = of[0].replace("[", " ").replace("]", " ").replace(",", " ").split()
                if len(cells) != len(flat(VALUES[course.step])):
                    raise RequestRefused("What was pasted has another shape.")
                return cells
            case "again":
                course.marks = {step: Mark() for step in course.steps}
                course.index, course.iteration = 0, course.iteration + 1
            case "train":
                return await self.train(of[0])
            case "draw":
                self.draws = of[0]
                return self.picture(0) if self.draws else None
            case "picture":
                return self.picture(of[0])
            case "close" | "cancel":
                return None
        return self.view()

    def go(self, to: int | str) -> Screen:
        course = self.course
        if to == "summary" or (to == "next" and course.index + 1 == len(course.steps)):
            return self.summary()
        if to == "next":
            course.index += 1
        elif to == "question":
            while not any(course.asks(course.step)):
                course.index += 1
        elif isinstance(to, int):
            course.index = to
        course.furthest = max(course.furthest, course.index)
        return self.view()

    def draft(self, product: str, cells: list[str]) -> None:
        """Keep what is typed; what has changed has no verdict any more."""
        mark = self.course.marks[self.course.step]
        if product != mark.product:
            mark.product, mark.product_verdict = product, None
        if cells != mark.cells:
            mark.cells, mark.verdicts = cells, [None] * len(cells)

    def check(self, judge: Judged) -> None:
        """Judge as `TOLERANCE` says; a product is right when it is spelled as in the course."""
        course = self.course
        step, mark = course.step, course.marks[course.step]
        if judge != "value":
            right = mark.product.replace(" ", "") == PRODUCTS[step].replace(" ", "")
            mark.product_verdict = "right" if right else "wrong"
        if judge != "product":
            truths = flat(VALUES[step])
            mark.verdicts = [judged(c, t) for c, t in zip(mark.cells, truths, strict=True)]
        asks_product, asks_value = course.asks(step)
        done = [mark.product_verdict] * asks_product + (mark.verdicts or [None]) * asks_value
        if all(verdict in ("exact", "right") for verdict in done):
            mark.stage = "solved"
            mark.message = "Right."
        else:
            mark.message = "Not yet. Look at it again, or take a hint."

    async def train(self, iterations: int) -> SummaryView:
        losses = [self.course.losses[-1] * 0.9**i for i in range(iterations + 1)]
        for done in (0, iterations // 2):
            self.hear(Training(done, iterations, losses[: done + 1]))
            await asyncio.sleep(0)
        if iterations > 100_000:
            await self.cancelled.wait()
        self.course.losses += losses[1:]
        return self.summary()

    def picture(self, example: int) -> Pictured | None:
        """The picture at the current step, where a test has one."""
        return None

    # ── what it shows ─────────────────────────────────────────────────────────────────────────

    def lesson(self) -> LessonItem:
        course = self.course
        answered = sum(mark.stage != "open" for mark in course.marks.values())
        ask = course.ask if course.begun else None
        title, summary = "Two hidden layers", "A network of 2-3-3-1 units."
        parts: dict[Part, Place] = {"tape": Place(len(course.steps), answered)}
        return LessonItem(LESSON, title, summary, ask, parts=parts)

    def stage(self, step: str) -> Stage:
        if any(self.course.asks(step)):
            return self.course.marks[step].stage
        return "worked" if self.loaded.is_set() else "waiting"

    def name(self, step: str) -> StepName:
        name, kind, line = self.course.name_and_kind(step)
        return StepName(step, kind, PROGRAM[line][1], name, self.stage(step))

    def view(self) -> StepView:
        course = self.course
        step, mark = course.step, course.marks[course.step]
        name, kind, line = course.name_and_kind(step)
        stage = self.stage(step)
        asks_product, asks_value = course.asks(step)
        known = course.known()
        if stage in ("solved", "shown", "worked"):
            known = known | {step: VALUES[step]}
        return StepView(
            lesson="Two hidden layers",
            iteration=course.iteration,
            index=course.index,
            total=len(course.steps),
            step=step,
            kind=kind,
            section=PROGRAM[line][1],
            name=name,
            question=f"What is {name}?",
            formula=f"{name} = ?",
            remarks=["Three figures are enough."],
            tape=[
                TapeLine(
                    target=target,
                    text=text,
                    section=section,
                    value=matrix(known[target]) if target in known else None,
                    gradient=matrix(known[f"dL_d{target}"]) if f"dL_d{target}" in known else None,
                    current=target == line,
                    direction={"forward": "down", "backward": "up"}.get(kind, ""),  # type: ignore[arg-type]
                )
                for target, (text, section) in PROGRAM.items()
            ],
            knowns=self.knowns(),
            asks_product=asks_product,
            asks_value=asks_value,
            product=mark.product,
            product_verdict=mark.product_verdict,
            grid=self.grid(step, mark),
            stage=stage,
            message=mark.message,
            hints=[f"Think of rule {number}." for number in range(1, mark.hints + 1)],
            result=self.result(step, kind) if step in known else None,
            code=[f"# {n}" for n in course.steps[: course.index]],
            furthest=course.furthest,
            product_fault=mark.product.find("$") if "$" in mark.product else None,
            offers_numbers=mark.product_verdict == "right" and stage == "open",
            nudgeable="W1" if step == "dL_dW1" and stage != "open" else "",
            picture=self.picture(0) if self.draws else None,
        )

    def knowns(self) -> list[Known]:
        """What is known before the current step; the lesson's own values are what matters."""
        course = self.course
        return [
            Known(course.name_and_kind(n)[0] if n in VALUES else n, matrix(v), n in LEAVES, n)
            for n, v in course.known().items()
        ]

    def grid(self, step: str, mark: Mark) -> Grid:
        shape = matrix(VALUES[step]).shape
        columns = shape[-1] if shape else 1
        count = math.prod(shape)
        texts = mark.cells or [""] * count
        verdicts = mark.verdicts or [None] * count
        cells = [
            AskedCell(index // columns, index % columns, text, verdict, "")
            for index, (text, verdict) in enumerate(zip(texts, verdicts, strict=True))
        ]
        return Grid(count // columns, columns, cells, None)

    def result(self, step: str, kind: Kind) -> Result:
        value = matrix(VALUES[step])
        update = None
        if kind == "update":
            name = step.removesuffix("_new")
            gradient = matrix(VALUES[f"dL_d{name}"])
            change = Matrix(gradient.shape, [-0.001 * g for g in gradient.values], "float32")
            update = UpdateTable(name, matrix(LEAVES[name]), gradient, change, value)
        says = f"tf.Tensor({VALUES[step]}, shape={tuple(value.shape)}, dtype=float32)"
        return Result(PRODUCTS.get(step), f"tape.gradient of {step}", says, value, update)

    def summary(self) -> SummaryView:
        course = self.course
        marks = course.marks.values()
        weights = ("W1", "b1", "W2", "b2", "W3", "b3")
        return SummaryView(
            lesson="Two hidden layers",
            iteration=course.iteration,
            loss_before=course.losses[0],
            loss_after=course.losses[-1],
            parameters=[
                ParameterChange(name, matrix(LEAVES[name]), matrix(VALUES[f"{name}_new"]))
                for name in weights
            ],
            solved=sum(mark.stage == "solved" for mark in marks),
            first_try=0,
            shown=sum(mark.stage == "shown" for mark in marks),
            asked=len(course.steps),
            closing="You have done by hand what tape.gradient does.",
            losses=course.losses,
            trains=True,
        )


def judged(cell: str, truth: float) -> Verdict | None:
    """The verdict on one cell."""
    if not cell.strip():
        return None
    try:
        value = float(cell)
    except ValueError:
        return "unreadable"
    if value == truth or f"{value:.9g}" == f"{truth:.9g}":
        return "exact"
    return "right" if truth and abs(value - truth) <= TOLERANCE * abs(truth) else "wrong"
