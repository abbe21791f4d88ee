"""Python, TensorFlow, the processor and the memory."""

import os
import platform
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from bptutor.doctor import MB, Finding
from bptutor.service.child import FOLDER
from bptutor.text import Message

FIRST, LAST = (3, 11), (3, 13)  # the Python versions that both TensorFlow and the tutor run on
FEATURES = ("sse4_2", "avx", "avx2", "fma", "avx512f", "asimd")  # as in `/proc/cpuinfo`
LEAST_MB = 700  # memory of one learner's app and service together, with room to compute
LEAST_ADDRESSES_MB = 2000  # address space of a service, with room to compute; it starts with 1,250
PATIENCE = 180.0  # seconds after which an import is given up
SLOW = 20.0  # seconds after which an import is called slow
CODE = """
import json, resource, time
began = time.perf_counter()
from bptutor.engine.runtime import tensorflow
version = str(tensorflow().__version__)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"version": version, "seconds": seconds, "peak": peak}))
"""


class Python(Struct, frozen=True):
    version: str
    implementation: str
    bits: int
    own_environment: bool  # is it a virtual environment's?


class Engine(Struct, frozen=True):
    version: str | None = None
    seconds: float | None = None
    memory: int | None = None  # the process' peak memory, in MB
    error: str | None = None


class Processor(Struct, frozen=True):
    machine: str
    system: str
    cores: int
    usable: int  # cores that this process may use
    features: list[str]


class Memory(Struct, frozen=True):
    """In MB; None for unknown."""

    total: int | None
    available: int | None
    limit: int | None  # of this process' control group
    addresses: int | None  # the limit of address space (`ulimit -v`)


def python() -> Python:
    return Python(
        platform.python_version(),
        platform.python_implementation(),
        64 if sys.maxsize > 2**32 else 32,
        sys.prefix != sys.base_prefix,
    )


def python_findings(python: Python) -> Iterator[Finding]:
    version = tuple(map(int, python.version.split(".")[:2]))
    if python.bits != 64 or not FIRST <= version <= LAST:
        yield Finding(
            "python-unsuitable",
            Message(
                "TensorFlow does not support Python {version} ({bits}-bit).",
                version=python.version,
                bits=python.bits,
            ),
            Message("Install bptutor with a 64-bit Python from 3.11 to 3.13."),
        )


def engine(environment: dict[str, str]) -> Engine:
    """Import TensorFlow as the service does."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", CODE],
            env=environment,
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return Engine(error=f"no answer within {PATIENCE:.0f} s")
    except OSError as error:
        return Engine(error=error.strerror or str(error))
    if done.returncode:
        return Engine(error=_reason(done.returncode, done.stderr.decode(errors="replace")))
    result = msgspec.json.decode(done.stdout.splitlines()[-1])
    peak = result["peak"] * (1 if sys.platform == "darwin" else 1024)
    return Engine(result["version"], round(result["seconds"], 2), peak // MB)


def _reason(status: int, errors: str) -> str:
    """The signal that ended the process, or the last error that it printed."""
    if status < 0:
        return signal.Signals(-status).name
    lines = [line.strip() for line in errors.splitlines()]
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return (raised or lines or [f"status {status}"])[-1][:300]


def engine_findings(engine: Engine) -> Iterator[Finding]:
    if engine.error is not None:
        yield Finding(
            "tensorflow-fails",
            Message("TensorFlow cannot be loaded: {reason}.", reason=engine.error.rstrip(".")),
            _advice(engine.error),
        )
    elif engine.seconds is not None and engine.seconds > SLOW:
        yield Finding(
            "tensorflow-slow",
            Message("TensorFlow takes {seconds} s to load.", seconds=round(engine.seconds)),
            Message(
                "The first start after an installation is slow. If later ones are slow too, "
                "install bptutor on a local disk."
            ),
            mend=False,
        )


def _advice(error: str) -> Message:
    if "ModuleNotFoundError" in error:
        return Message(
            "The installation is incomplete; install bptutor again, in its own virtual environment."
        )
    if error == "SIGILL":
        return Message("This processor lacks instructions that TensorFlow needs.")
    if error == "SIGKILL" or "MemoryError" in error or "annot allocate memory" in error:
        return Message("There is too little memory; free some, or ask for a higher limit.")
    return Message(
        "Install bptutor again, in its own virtual environment. If the problem remains, report it."
    )


def processor() -> Processor:
    cores = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    words = set(re.findall(r"^(?:flags|Features)\s*:(.*)$", _read("/proc/cpuinfo"), re.M)[:1])
    flags = {flag for line in words for flag in line.split()}
    return Processor(
        platform.machine(),
        platform.system(),
        cores,
        usable,
        [feature for feature in FEATURES if feature in flags],
    )


def processor_findings(processor: Processor) -> Iterator[Finding]:
    if (
        processor.machine in ("x86_64", "AMD64")
        and processor.features
        and "avx" not in processor.features
    ):
        yield Finding(
            "processor-without-avx",
            Message("This processor lacks the AVX instructions, which TensorFlow needs."),
            Message("Use another machine. In an emulator, enable AVX."),
        )


def memory() -> Memory:
    sizes = dict(re.findall(r"^(\w+): +(\d+) kB", _read("/proc/meminfo"), re.M))
    total, available = sizes.get("MemTotal"), sizes.get("MemAvailable")
    addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
    return Memory(
        int(total) * 1024 // MB if total else None,
        int(available) * 1024 // MB if available else None,
        _group_limit(),
        None if addresses == resource.RLIM_INFINITY else addresses // MB,
    )


def _group_limit() -> int | None:
    """The least limit of this process' control group and its parents (version 2), in MB."""
    match = re.search(r"^0::(/.*)$", _read("/proc/self/cgroup"), re.M)
    if not match:
        return None
    root = Path("/sys/fs/cgroup")
    here = root / match[1].lstrip("/")
    groups = [group for group in (here, *here.parents) if group.is_relative_to(root)]
    limits = [_read(group / "memory.max") for group in groups]
    return min((int(limit) // MB for limit in limits if limit.strip().isdigit()), default=None)


def memory_findings(memory: Memory) -> Iterator[Finding]:
    sizes = [size for size in (memory.available, memory.limit) if size is not None]
    if sizes and min(sizes) < LEAST_MB:
        yield Finding(
            "memory-short",
            Message(
                "{have} MB of memory are free; bptutor with TensorFlow needs about {need} MB.",
                have=min(sizes),
                need=LEAST_MB,
            ),
            Message("Close programs that you do not need, or ask for a higher limit."),
        )
    if memory.addresses is not None and memory.addresses < LEAST_ADDRESSES_MB:
        yield Finding(
            "addresses-short",
            Message(
                "The address space (ulimit -v) is limited to {have} MB; TensorFlow needs about "
                "{need} MB.",
                have=memory.addresses,
                need=LEAST_ADDRESSES_MB,
            ),
            Message("Raise the limit, or limit a control group instead (see docs/lab.md)."),
        )


def _read(path: str | Path) -> str:
    """A small system file; empty where there is none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
