"""The class FixedArray, its methods, and the table of operations behind them."""

from .array import FixedArray, _restore, array

__all__ = ["FixedArray", "_restore", "array"]  # `_restore`: pickles name it here
