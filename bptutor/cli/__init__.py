"""The commands. Nothing heavy is imported before it is known which one is wanted."""

from bptutor.cli.entry import main

__all__ = ["main"]
