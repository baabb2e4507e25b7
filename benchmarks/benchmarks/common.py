"""Operands: seeded, and of the same values for every kind of number."""

import numpy as np

import fxtypes as fx

SIZE = 1_000_000
WIDTHS = (16, 32, 64, 128)
# A curve each: the baseline, and signed formats of so many bits, half of them after the point.
NUMBERS = {"float64": None, **{f"{width} bits": width for width in WIDTHS}}


def format_of(width, **modes):
    return fx.Format(width, width // 2, **modes)


def anything(fmt, shape, seed=0):
    """Any values of a signed format but 0, so that they may be divisors."""
    random = np.random.default_rng(seed)
    if fmt.width <= 64:
        raw = random.integers(fmt.raw_min, fmt.raw_max, shape, np.int64, endpoint=True)
        raw[raw == 0] = 1
        return fx.FixedArray.from_raw(raw, fmt)
    # Without Python integers, of which a million take a second.
    top = 1 << (fmt.width - 65)
    high = fx.FixedArray.from_raw(random.integers(-top, top, shape, np.int64), fmt)
    low = fx.FixedArray.from_raw(random.integers(1, 1 << 64, shape, np.uint64), fmt)
    return high * (1 << 64) + low


def moderate(fmt, shape, seed=0):
    """Values from 1 up to the format's fourth root, whose sum is 0: nothing overflows."""
    one, end = 1 << fmt.frac_bits, 1 << (fmt.frac_bits + fmt.width // 4 - 1)
    half = (shape // 2,) if isinstance(shape, int) else (shape[0] // 2, *shape[1:])
    raw = np.random.default_rng(seed).integers(
        min(one, 1 << 62), min(end, (1 << 63) - 1), half, np.int64, endpoint=True
    )
    values = fx.FixedArray.from_raw(np.concatenate([raw, -raw]), fmt)
    return values * (1 << max(fmt.frac_bits - 62, 0))


def operands(number, shape, count=2):
    """So many arrays of any values: FixedArrays, or float64 with the values of 32 bits."""
    width = NUMBERS[number]
    arrays = [anything(format_of(width or 32), shape, seed) for seed in range(count)]
    return [a.to_numpy() for a in arrays] if width is None else arrays
