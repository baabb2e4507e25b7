"""Every argument of a 32-bit format, against the same function's 64-bit results."""

import time

import numpy as np
import pytest

import fxtypes as fx

NAMES = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "arctan")
CHUNK = 1 << 20
HOUR = 3600.0
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
    """At kernels' speed a minute; where there is none it would take days."""
    first = first_argument(name)
    sample = np.random.default_rng(1).integers(first, 1 << 31, 1 << 13)
    compare(name, sample)  # makes tables, which takes longer than the sample
    begun = time.perf_counter()
    compare(name, sample)
    hours = (time.perf_counter() - begun) / sample.size * (1 << 32) / HOUR
    if hours > 10:
        pytest.skip(f"without a kernel this takes {hours:.0f} hours")
    for start in range(first, 1 << 31, CHUNK):
        compare(name, np.arange(start, min(start + CHUNK, 1 << 31)))
