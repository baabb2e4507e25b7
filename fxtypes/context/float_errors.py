"""NumPy's reports of floating-point errors, where they say nothing about the numbers."""

from contextvars import copy_context

import numpy as np


def unreported(function, *args):
    """``function(*args)`` without warnings or errors, whatever `numpy.seterr` says.

    NumPy reads the processor's flags after a loop over objects too, where they are what Python's
    own code left: comparing with NaN is an invalid operation, for example. The function runs in a
    copy of the context, as a signal handler's exception can leave `numpy.errstate` in force.
    """
    return copy_context().run(_ignoring, function, args)


def mapped(function, *arrays, dtype=object):
    """A Python function of each element of arrays that broadcast, as an array."""
    found = unreported(np.frompyfunc(function, len(arrays), 1), *arrays)
    return np.asarray(found, dtype=dtype)


def _ignoring(function, args):
    np.seterr(all="ignore")
    return function(*args)
