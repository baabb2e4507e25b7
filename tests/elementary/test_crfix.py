"""The package against crfix, which rounds some functions correctly to 32 bits, in four modes."""

import numpy as np
import pytest

import fxtypes as fx

crfix = pytest.importorskip("crfix", reason="crfix is built for x86-64 Linux only")

NAMES = [*{*crfix.FUNCTIONS} - {"recip"}, "reciprocal"]
MODES = {"nearest": "nearest_even", "up": "ceil", "down": "floor", "zero": "toward_zero"}
POSITIVE = ("log", "log2", "rsqrt", "sqrt", "reciprocal")  # where both are defined alike


def compare(name, raws, places, result_places, width):
    if name in POSITIVE:
        raws = raws[raws > 0]
    fmt = fx.Format(32, places)
    x = fx.FixedArray.from_raw(raws, fmt)
    theirs = "recip" if name == "reciprocal" else name
    for mode, rounding in MODES.items():
        wanted = crfix.eval(theirs, raws, places, result_places, width, mode)
        result = fx.Format(width, result_places, rounding=rounding)
        found = getattr(fx, name)(x, format=result).raw
        wrong = np.flatnonzero(found != wanted)
        assert not wrong.size, (name, places, result, raws[wrong[:3]])


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("width", [8, 16, 32])
@pytest.mark.parametrize(
    "count", [pytest.param(300, id="some"), pytest.param(50_000, id="many", marks=pytest.mark.long)]
)
def test_crfix(name, width, count):
    chosen = np.random.default_rng(width)
    for places, result_places in ((0, 0), (8, 7), (16, 20), (31, 31), (12, 31), (24, 3)):
        if result_places >= width + 3:
            continue
        magnitudes = chosen.integers(1, 31, count)
        raws = chosen.integers(-(1 << 31), 1 << 31, count, dtype=np.int64) >> magnitudes
        ends = [-(1 << 31), (1 << 31) - 1, 0, 1, -1, 1 << min(places, 30)]
        compare(name, np.append(raws, ends), places, result_places, width)
