"""What holds around an operation: the random stream, counted events, blocks, threads."""

from .events import Events

__all__ = ["Events"]  # pickles of version 0.1 name it here
