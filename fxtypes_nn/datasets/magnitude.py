"""What elements are divided by where they aren't images."""

from typing import Any

from numpy.typing import NDArray


def largest_magnitude(x: NDArray[Any]) -> int | float:
    """Return the largest magnitude, exact; 1 if all is 0."""
    low, high = x.min().item(), x.max().item()
    return max(-low, high) or 1
