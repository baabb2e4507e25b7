"""Exact integers of any width, from kernels that compute 128 bits of them at a time."""

import numpy as np

from ..format import derived, storage

_INTEGER = 60  # bytes of a Python int beyond 64 bits, and of its reference in an array


def to_python(raw, fmt):
    """Storage as an object array of Python ints."""
    storage.reserve(raw.size, _INTEGER, "integers")
    return storage.to_integers(raw, fmt).astype(object)


def from_pieces(width, compute):
    """Integers of `width` bits, the sign included, as an object array of Python ints.

    Parameters
    ----------
    width : int
    compute : callable
        ``compute(format)`` gives the integers in storage of a format of 128 bits with modes
        `floor` and `wrap`, whose `frac_bits` are 0, -128, -256 and so on: 128 bits of each integer.
    """
    total = np.zeros((), object)
    for lowest in range(0, width, 128):  # the last piece holds the sign
        piece = derived.floor_wrap(derived.WIDEST).replace(
            frac_bits=-lowest, signed=lowest + 128 >= width
        )
        integers = to_python(compute(piece), piece)
        total = np.asarray(total + integers * (1 << lowest), dtype=object)
    return total
