"""What a number is: its format, how it lies in memory, how it is read and written."""

from .format import Format, _restore

__all__ = ["Format", "_restore"]  # `_restore`: pickles name it here
