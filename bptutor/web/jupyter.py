"""A tile in JupyterLab: what jupyter-server-proxy is to start, and to send to it."""

from __future__ import annotations

import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import bptutor
from bptutor.web.admission import TOKEN_HEADER, TOKEN_VARIABLE

STARTING = 30.0
"""Seconds."""


def tile() -> dict[str, Any]:
    """A server of the user's own, which takes requests from that user's Jupyter only."""
    if find_spec("textual_serve") is None:
        return {"command": ["false"], "launcher_entry": {"enabled": False}}
    token = secrets.token_hex(32)
    main = Path(bptutor.__file__).absolute().with_name("__main__.py")
    return {
        "command": [sys.executable, "-P", str(main), "serve", "--port", "{port}"],
        "environment": {TOKEN_VARIABLE: token},
        "request_headers_override": {TOKEN_HEADER: token},
        "timeout": STARTING,
        "launcher_entry": {
            "title": "bptutor",
            "icon_path": str(Path(__file__).parent / "page" / "bptutor.svg"),
        },
    }
