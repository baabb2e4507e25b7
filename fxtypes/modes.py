"""Where pickles of version 0.1 look for the modes; use `fxtypes.Rounding` and `fxtypes.Overflow`."""

from .format.modes import Overflow, Rounding

__all__ = ["Overflow", "Rounding"]
