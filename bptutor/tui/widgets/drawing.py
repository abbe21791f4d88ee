"""The drawing of a lesson: of its network, or of its graph."""

from __future__ import annotations

from bptutor.service.messages import Direction, Pictured
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.graph import GraphDrawing
from bptutor.tui.widgets.network import NetworkDrawing
from bptutor.tui.widgets.page import Drawing


def drawing(pictured: Pictured, symbols: Symbols, language: str) -> Drawing | None:
    """What is to be drawn at a step."""
    asks: Direction = pictured.direction if pictured.open else ""
    if pictured.network:
        return NetworkDrawing(pictured.network, symbols, language, asks)
    return GraphDrawing(pictured.graph, symbols, asks) if pictured.graph else None
