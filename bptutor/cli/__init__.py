"""The commands. Nothing heavy is imported before it is known which one is wanted."""

from bptutor.cli.main import main

__all__ = ["main"]
