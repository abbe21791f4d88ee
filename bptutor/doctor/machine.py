"""Python, the processor and the memory."""

from __future__ import annotations

import os
import platform
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from bptutor.doctor.finding import Finding
from bptutor.locale import Message

FIRST, LAST = (3, 11), (3, 13)
"""The Pythons that TensorFlow and the tutor both run on."""
FEATURES = ("sse4_2", "avx", "avx2", "fma", "avx512f", "asimd")
"""What TensorFlow asks a processor for, by its name in `/proc/cpuinfo`."""
LEAST_MB = 700
"""Memory that one learner's app and service take together, with room to compute."""
LEAST_ADDRESSES_MB = 2000
"""Addresses that a service maps, with room to compute; 1,250 of them as it starts."""
MB = 1_000_000


class Python(Struct, frozen=True):
    """The interpreter."""

    version: str
    implementation: str
    bits: int
    own_environment: bool
    """Is it that of a virtual environment?"""


class Processor(Struct, frozen=True):
    """What computes."""

    machine: str
    system: str
    cores: int
    usable: int
    """Cores that this process may use."""
    features: list[str]


class Memory(Struct, frozen=True):
    """In MB; None where it cannot be told."""

    total: int | None
    available: int | None
    limit: int | None
    """What this process' group or its limits leave it."""
    addresses: int | None
    """The limit of addresses (`ulimit -v`)."""


def python() -> Python:
    """This interpreter."""
    return Python(
        platform.python_version(),
        platform.python_implementation(),
        64 if sys.maxsize > 2**32 else 32,
        sys.prefix != sys.base_prefix,
    )


def python_findings(found: Python) -> Iterator[Finding]:
    """Whether the tutor can run on it."""
    version = tuple(map(int, found.version.split(".")[:2]))
    if found.bits != 64 or not FIRST <= version <= LAST:
        yield Finding(
            "python-unsuitable",
            Message(
                "Python {version} ({bits} bits) is none that TensorFlow runs on.",
                version=found.version,
                bits=found.bits,
            ),
            Message("Install bptutor with a 64-bit Python from 3.11 to 3.13."),
        )


def processor() -> Processor:
    """This machine's processor."""
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


def processor_findings(found: Processor) -> Iterator[Finding]:
    """Whether TensorFlow's instructions are there."""
    if found.machine in ("x86_64", "AMD64") and found.features and "avx" not in found.features:
        yield Finding(
            "processor-without-avx",
            Message("This processor has no AVX instructions, and TensorFlow is built with them."),
            Message("Use another machine; an emulator may have to be told to offer AVX."),
        )


def memory() -> Memory:
    """This machine's memory, and what is left of it to this process."""
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
    """The least limit of this process' control group and those around it (version 2), in MB."""
    found = re.search(r"^0::(/.*)$", _read("/proc/self/cgroup"), re.M)
    if not found:
        return None
    root = Path("/sys/fs/cgroup")
    here = root / found[1].lstrip("/")
    groups = [group for group in (here, *here.parents) if group.is_relative_to(root)]
    limits = [_read(group / "memory.max") for group in groups]
    return min((int(limit) // MB for limit in limits if limit.strip().isdigit()), default=None)


def memory_findings(found: Memory) -> Iterator[Finding]:
    """Whether there is enough for one learner."""
    sizes = [size for size in (found.available, found.limit) if size is not None]
    if sizes and min(sizes) < LEAST_MB:
        yield Finding(
            "memory-short",
            Message(
                "{have} MB of memory are free for you; the tutor with TensorFlow takes about "
                "{need}.",
                have=min(sizes),
                need=LEAST_MB,
            ),
            Message("End what you do not need, or ask for a higher limit."),
        )
    if found.addresses is not None and found.addresses < LEAST_ADDRESSES_MB:
        yield Finding(
            "addresses-short",
            Message(
                "The limit of addresses (ulimit -v) is {have} MB; TensorFlow takes about {need}.",
                have=found.addresses,
                need=LEAST_ADDRESSES_MB,
            ),
            Message("Raise it, or limit the memory of a control group instead (README: a lab)."),
        )


def _read(path: str | Path) -> str:
    """A small file of the system's; nothing where there is none."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
