"""Where pickles of version 0.1 look for the modes: now `fxtypes.Rounding`, `fxtypes.Overflow`."""

from .format.modes import Overflow, Rounding

__all__ = ["Overflow", "Rounding"]
