"""The command line, ``fxtypes-nn`` or ``python -m fxtypes_nn``."""

from .main import PROGRAM, main

__all__ = ["PROGRAM", "main"]
