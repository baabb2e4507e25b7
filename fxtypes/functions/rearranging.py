"""Elements in another order, or repeated."""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from ..format import storage
from .arguments import check_fixed, move_elements, shape_of, wrap

if TYPE_CHECKING:
    from ..fixed_array import FixedArray
    from ..fixed_array.operand_types import Axes, Integers, Order, Shape

__all__ = [
    "copy",
    "flip",
    "fliplr",
    "flipud",
    "repeat",
    "resize",
    "roll",
    "rot90",
    "tile",
]

_COPY = 1 << 23  # elements copied at once, between two interrupt checks


def flip(m: FixedArray, axis: Axes = None) -> FixedArray:
    """A view with the elements in reverse order along `axis` (without it, along all).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flip(fx.array([1, 2, 3], fx.Format(8, 4)))
    FixedArray([3., 2., 1.], format=Format(8, 4))
    """
    return move_elements(np.flip, m, axis)


def fliplr(m: FixedArray) -> FixedArray:
    """A view with the second axis reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.fliplr(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[2., 1.],
                [4., 3.]], format=Format(8, 4))
    """
    return move_elements(np.fliplr, m)


def flipud(m: FixedArray) -> FixedArray:
    """A view with the first axis reversed.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.flipud(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[3., 4.],
                [1., 2.]], format=Format(8, 4))
    """
    return move_elements(np.flipud, m)


def rot90(
    m: FixedArray, k: SupportsIndex = 1, axes: tuple[SupportsIndex, SupportsIndex] = (0, 1)
) -> FixedArray:
    """A view turned by k times 90 degrees, from the first of `axes` toward the second.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.rot90(fx.array([[1, 2], [3, 4]], fx.Format(8, 4)))
    FixedArray([[2., 4.],
                [1., 3.]], format=Format(8, 4))
    """
    return move_elements(np.rot90, m, operator.index(k), axes)


def roll(a: FixedArray, shift: Shape, axis: Axes = None) -> FixedArray:
    """Elements moved round along `axis` (without it, along the array read in C order).

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.roll(fx.array([1, 2, 3], fx.Format(8, 4)), 1)
    FixedArray([3., 1., 2.], format=Format(8, 4))
    """
    for name, given in (("shift", shift), ("axis", axis)):
        if len(shape_of(given)) > 1:
            raise ValueError(f"roll: {name} is an integer or a tuple of them, got {given!r:.60}")
    return move_elements(np.roll, a, shift, axis)


def tile(A: FixedArray, reps: Shape) -> FixedArray:
    """The array repeated, `reps` times along each axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.tile(fx.array([1, 2], fx.Format(8, 4)), 2)
    FixedArray([1., 2., 1., 2.], format=Format(8, 4))
    """
    a = check_fixed("tile", A)
    try:
        counts = [operator.index(n) for n in (reps if np.iterable(reps) else (reps,))]
    except TypeError:
        raise TypeError(f"tile: reps are integers, got {reps!r:.60}") from None
    # NumPy repeats along one axis after the other. Where an intermediate size overflows its
    # integers, it writes beyond the end of its result.
    sizes = itertools.accumulate(counts, operator.mul, initial=a.size)
    storage.reserve(max(sizes), a._storage.itemsize, "elements")
    return move_elements(np.tile, a, counts)


def repeat(a: FixedArray, repeats: Integers, axis: SupportsIndex | None = None) -> FixedArray:
    """Each element `repeats` times, along `axis` or in one axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.repeat(fx.array([1, 2], fx.Format(8, 4)), [1, 3])
    FixedArray([1., 2., 2., 2.], format=Format(8, 4))
    """
    return check_fixed("repeat", a).repeat(repeats, axis)


def resize(a: FixedArray, new_shape: Shape) -> FixedArray:
    """A new array of another shape, filled with the elements of `a` again and again.

    From an array without elements it makes zeros.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.resize(fx.array([1, 2], fx.Format(8, 4)), 5)
    FixedArray([1., 2., 1., 2., 1.], format=Format(8, 4))
    """
    raw = check_fixed("resize", a)._storage.reshape(-1)
    out = storage.allocate(new_shape, raw.dtype, np.empty if raw.size else np.zeros)
    flat, done = out.reshape(-1), min(raw.size, out.size)
    flat[:done] = raw[:done]
    while raw.size and done < out.size:
        # What has been copied is a multiple of `raw`, so it can be copied again.
        more = min(done, out.size - done, max(_COPY // raw.size, 1) * raw.size)
        flat[done : done + more] = flat[:more]
        done += more
    return wrap(out, a.format)


def copy(a: FixedArray, order: Order = "K") -> FixedArray:
    """A new array of the same elements; `order` is that of the memory, as in NumPy.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2], fx.Format(8, 4))
    >>> b = fx.copy(a)
    >>> b[0] = 7
    >>> a
    FixedArray([1., 2.], format=Format(8, 4))
    """
    return check_fixed("copy", a).copy(order)
