"""Which user of this machine is at the other end of a connection, if one is."""

from __future__ import annotations

import socket
import sys
from ipaddress import ip_address
from pathlib import Path

TABLES = {4: Path("/proc/net/tcp"), 6: Path("/proc/net/tcp6")}
"""Linux lists each end of each connection here, with the uid of its process."""
LOCAL, REMOTE, UID, INODE = 1, 2, 7, 9
"""Columns."""
MAPPED = "::ffff:"  # before an IPv4 address in a socket of IPv6, as many programs have them
NOBODYS = "0"
"""The inode of an end that its process has closed. Many kernels call that root's."""


def can_tell() -> bool:
    """Does this system say so?"""
    return TABLES[4].exists()


def user_of(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """The uid of the process that connected from `client` to `server`; None if it is not known."""
    before = ("", MAPPED) if ip_address(client[0]).version == 4 else ("",)
    for prefix in before:
        wanted = [_written(f"{prefix}{host}", port) for host, port in (client, server)]
        try:
            lines = TABLES[ip_address(f"{prefix}{client[0]}").version].read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if [columns[LOCAL], columns[REMOTE]] == wanted and columns[INODE] != NOBODYS:
                return int(columns[UID])
    return None


def is_here(host: str) -> bool:
    """Is this an address of this machine, which one of its users may connect from?"""
    family = socket.AF_INET if ip_address(host).version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


def _written(host: str, port: int) -> str:
    """An address as the table has it: words of four bytes, each in the machine's order."""
    address = ip_address(host)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    packed = socket.inet_pton(family, host)
    words = [packed[start : start + 4] for start in range(0, len(packed), 4)]
    number = [int.from_bytes(word, sys.byteorder) for word in words]
    return "".join(f"{each:08X}" for each in number) + f":{port:04X}"
