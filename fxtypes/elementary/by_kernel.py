"""Elementary functions of storage in compiled loops."""

from functools import lru_cache

import numpy as np

from ..kernels import elementary
from .registry import FUNCTIONS


def evaluate(name, raws, formats, result, mask=None):
    """f(x), or f(x, y), for every element; what `mask` leaves out is 0.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`, of one that has a kernel.
    raws : sequence of numpy.ndarray
        Storage of `formats`; they broadcast, with the mask too. Elements outside the function's
        domain are left out by the mask, or their results mean nothing.
    """
    if mask is not None:
        raws = (*raws, mask.view(np.int8))
    return elementary.evaluate(_step(name, tuple(formats), result, mask is not None), tuple(raws))


@lru_cache(512)
def _step(name, formats, result, masked):
    function = FUNCTIONS[name]
    return elementary.ElementaryStep(
        name, function.kernel, formats, result, function.to_odd, masked
    )
