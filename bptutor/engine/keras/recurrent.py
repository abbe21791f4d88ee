"""Recurrent layers, unrolled: the lines of a cell once for each time step, with shared weights."""

from abc import ABC, abstractmethod

from bptutor.engine.keras.archive import ModelError, refuse_setting
from bptutor.engine.keras.graph import Call
from bptutor.engine.keras.losses import Value, Written
from bptutor.engine.keras.writing import NUMBERED, count, function_of, weight

MOST_TIME_STEPS = 12  # a longer sequence makes a lesson that nobody works through
MOST_ADDED = 4  # of more time steps, the sum that is the gradient of a weight is only shown


def recurrent(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    steps, features = read.shape
    for setting in ("return_state", "stateful"):
        if call.config.get(setting):
            raise refuse_setting(call.name, setting, True, wanted=False)
    if steps > MOST_TIME_STEPS:
        raise ModelError(
            "the layer {name} reads {count} time steps; bptutor unrolls at most {most}, so shorten"
            " the sequence",
            name=call.name,
            count=steps,
            most=MOST_TIME_STEPS,
        )
    cell = _CELLS[call.kind](written, call, features, steps)
    if steps > MOST_ADDED:
        written.scattered.update((cell.kernel, cell.recurrent_kernel, cell.bias))
    written.scattered.add(read.name)
    times = range(steps - 1, -1, -1) if call.config.get("go_backwards") else range(steps)
    states = [
        cell.step(f"reshape({read.name}[:, {time}:{time + 1}], {(-1, features)})", time + 1)
        for time in times
    ]
    if not call.config.get("return_sequences"):
        return Value(states[-1], (cell.units,), cell.number)
    stacked = f"stack({', '.join(states)}, axis=1)" if steps > 1 else f"expand_dims({states[0]}, 1)"
    target = written.move(states[-1], f"H{cell.number}", stacked)
    written.scattered.update(states)
    return Value(target, (steps, cell.units), cell.number)


class _Cell(ABC):
    """A cell with its state, whose values at a time step are named by the layer and the step.

    Before the first step the state is 0, and so no line reads it.
    """

    gates = 1

    def __init__(self, written: Written, call: Call, features: int, steps: int) -> None:
        self.written = written
        self.call = call
        self.units = units = count(call, "units")
        self.number = written.number(call.name, NUMBERED)
        size = self.gates * units
        self.kernel = weight(written, call, "cell.kernel", f"W{self.number}", (features, size))
        self.bias = (
            weight(written, call, "cell.bias", f"b{self.number}") if call.config["use_bias"] else ""
        )
        self.recurrent_kernel = (
            weight(written, call, "cell.recurrent_kernel", f"U{self.number}", (units, size))
            if steps > 1
            else ""
        )
        self.h = ""
        self.time = 0

    @abstractmethod
    def step(self, read: str, time: int) -> str:
        """Adds the lines of a time step; the name of the new state."""

    def line(self, letter: str, formula: str) -> str:
        return self.written.line(self.written.name(f"{letter}{self.number}_{self.time}"), formula)

    def gate(self, name: str, place: int) -> str:
        self.written.scattered.add(name)
        return f"{name}[:, {place * self.units}:{(place + 1) * self.units}]"

    def applied(self, setting: str, formula: str) -> str:
        """An activation of the layer, applied to a formula."""
        _, function = function_of(self.call.name, setting, self.call.config[setting])
        return function.format(z=formula)

    def preactivation(self, read: str) -> str:
        terms = [f"{read} @ {self.kernel}"]
        if self.h:
            terms.append(f"{self.h} @ {self.recurrent_kernel}")
        return " + ".join([*terms, self.bias] if self.bias else terms)


class _SimpleRNN(_Cell):
    def step(self, read: str, time: int) -> str:
        self.time = time
        z = self.line("Z", self.preactivation(read))
        self.h = self.line("h", self.applied("activation", z))
        return self.h


class _LSTM(_Cell):
    gates = 4
    c = ""

    def step(self, read: str, time: int) -> str:
        self.time = time
        z = self.line("Z", self.preactivation(read))
        i = self.line("i", self.applied("recurrent_activation", self.gate(z, 0)))
        g = self.line("g", self.applied("activation", self.gate(z, 2)))
        formula = f"{i} * {g}"
        if self.c:
            f = self.line("f", self.applied("recurrent_activation", self.gate(z, 1)))
            formula = f"{f} * {self.c} + {formula}"
        self.c = self.line("c", formula)
        o = self.line("o", self.applied("recurrent_activation", self.gate(z, 3)))
        self.h = self.line("h", f"{o} * {self.applied('activation', self.c)}")
        return self.h


class _GRU(_Cell):
    """Cho et al. 2014; by default Keras multiplies by the reset gate behind the matrix product."""

    gates = 3

    def step(self, read: str, time: int) -> str:
        self.time = time
        behind = bool(self.call.config["reset_after"])
        bias, own = self.bias, ""
        if behind and bias:  # a row for the input, a row for the state
            self.written.scattered.add(bias)
            bias, own = f"{self.bias}[:1]", f"{self.bias}[1:]"
        x = self.line("X", f"{read} @ {self.kernel}" + (f" + {bias}" if bias else ""))
        terms = [f"{self.h} @ {self._recurrent(0, 3 if behind else 2)}"] if self.h else []
        terms += [own] if own else []
        s = self.line("S", " + ".join(terms)) if terms else ""
        z = self.line("z", self._gate("recurrent_activation", x, s, 0))
        if not s or not (behind or self.h):
            candidate = self.gate(x, 2)
        else:
            r = self.line("r", self._gate("recurrent_activation", x, s, 1))
            reset = f"{r} * {self.gate(s, 2)}" if behind else self._reset(r)
            candidate = f"{self.gate(x, 2)} + {reset}"
        n = self.line("n", self.applied("activation", candidate))
        self.h = self.line("h", f"(1 - {z}) * {n}" + (f" + {z} * {self.h}" if self.h else ""))
        return self.h

    def _gate(self, setting: str, x: str, s: str, place: int) -> str:
        both = self.gate(x, place) + (f" + {self.gate(s, place)}" if s else "")
        return self.applied(setting, both)

    def _reset(self, r: str) -> str:
        return f"({r} * {self.h}) @ {self._recurrent(2, 3)}"

    def _recurrent(self, start: int, stop: int) -> str:
        if (start, stop) == (0, self.gates):
            return self.recurrent_kernel
        self.written.scattered.add(self.recurrent_kernel)
        return f"{self.recurrent_kernel}[:, {start * self.units}:{stop * self.units}]"


_CELLS: dict[str, type[_Cell]] = {"LSTM": _LSTM, "GRU": _GRU, "SimpleRNN": _SimpleRNN}
