"""Everything random in training, derived from one seed by published integer arithmetic."""

from __future__ import annotations

import contextlib
import hashlib

import numpy as np
import numpy.typing as npt

from fxtypes.context.random_stream import isolated


def derive(seed: int, *purpose: object) -> int:
    """Return the seed of one purpose: the first 8 bytes of a SHA-256, big-endian.

    What is hashed is the ASCII text of `seed` and the parts of `purpose`, joined by ``/``,
    so that streams of different purposes share nothing.

    Examples
    --------
    >>> derive(0, "order", 0)
    7911382446399801966
    """
    text = "/".join(map(str, (seed, *purpose)))
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:8], "big")


def permutation(count: int, seed: int) -> npt.NDArray[np.int64]:
    """Return a random order of ``range(count)``: the same for a seed in every version of NumPy.

    It sorts `count` outputs of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
    number generators", OOPSLA 2014) started at `seed`, ties in their own order.

    Parameters
    ----------
    count : int
        How many indices.
    seed : int
        0 to 2**64 - 1, as `derive` gives it.

    Returns
    -------
    numpy.ndarray
        The indices, int64 of shape (count,).

    Examples
    --------
    >>> permutation(5, seed=0).tolist()
    [2, 4, 1, 0, 3]
    """
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.argsort(z, kind="stable").astype(np.int64)


def drawing(seed: int, *purpose: object) -> contextlib.AbstractContextManager[None]:
    """A context whose random draws are those of one purpose, whatever surrounds it.

    Of a caller's settings only the recorder of events goes on inside.
    """
    return isolated(derive(seed, *purpose))
