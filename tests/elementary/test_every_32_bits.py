"""Every argument of a 32-bit format, against the same function's 64-bit results."""

import numpy as np
import pytest

import fxtypes as fx

NAMES = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "arctan")
CHUNK = 1 << 20
ARGUMENTS = fx.Format(32, 20)
RESULTS = [fx.Format(32, 20), fx.Format(32, 20, rounding="floor", overflow="wrap")]


def compare(name, raws):
    """To odd with 20 bits more, then rounded once: what 32 bits must give."""
    x = fx.FixedArray.from_raw(raws, ARGUMENTS)
    y = fx.FixedArray.from_raw(raws, fx.Format(64, 20))
    function = getattr(fx, name)
    for result in RESULTS:
        if result.overflow == "wrap" and name == "exp":
            continue  # a result that saturates 64 bits says nothing about the low bits
        wide = function(y, format=fx.Format(64, 40, rounding="odd")).astype(result)
        found = function(x, format=result)
        wrong = np.flatnonzero(found.raw != wide.raw)
        assert not wrong.size, (name, result, raws[wrong[:5]])


def first_argument(name):
    return {"log": 1, "sqrt": 0}.get(name, ARGUMENTS.raw_min)


@pytest.mark.parametrize("name", NAMES)
def test_some_arguments(name):
    chosen = np.random.default_rng(32)
    compare(name, chosen.integers(first_argument(name), 1 << 31, 500))


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_argument(name):
    """A minute or two on a quiet machine."""
    first = first_argument(name)
    for start in range(first, 1 << 31, CHUNK):
        compare(name, np.arange(start, min(start + CHUNK, 1 << 31)))
