"""Random arguments, good, odd and bad, for the fuzzer.

Sizes are small, or so large that nothing could hold them: what lies between would only test
the machine's memory.
"""

import datetime
import functools
import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np

import fxtypes as fx
from fxtypes.format import storage

WIDTHS = (2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128)
ROUNDINGS, OVERFLOWS = list(fx.Rounding), list(fx.Overflow)
HUGE = (1 << 62, 1 << 63, 1 << 64, (1 << 63) - 1, -(1 << 63), 1 << 200)
DTYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", ">i4", ">f8")
ODD_DTYPES = ("c16", "O", "U3", "S3", "M8[s]", "m8[s]", "V16", "V3")
SPECS = ("", ".4f", "x", "b", "#_x", "e", "+g", "%", "010.2f", "q", ".999f", "\0")


class Random(random.Random):
    """Choices from a handful, quicker than the standard library's and as good as even."""

    def choice(self, options):
        return options[int(self.random() * len(options))]

    def randrange(self, stop):
        return int(self.random() * stop) if stop < 1 << 32 else self._randbelow(stop)

    def randint(self, low, high):
        return low + self.randrange(high - low + 1)


class Ratio:
    """A number of another library's: all that it tells is its ratio, or that it has none."""

    def __init__(self, *ratio):
        self.ratio = ratio

    def as_integer_ratio(self):
        if not self.ratio[1]:
            raise (OverflowError if self.ratio[0] else ValueError)("no ratio")
        return self.ratio

    def __gt__(self, other):
        return self.ratio[0] > other


def small_int(rng):
    return rng.choice((0, 1, -1, 2, 3, -2, 5, rng.randint(-70, 70)))


def any_int(rng):
    kind = rng.random()
    if kind < 0.7:
        return small_int(rng)
    if kind < 0.9:
        return rng.randint(-(1 << 70), 1 << 70)
    return rng.choice(HUGE)


def any_number(rng):
    kind = rng.randrange(10)
    if kind < 3:
        return any_int(rng)
    if kind < 5:
        return rng.uniform(-10, 10)
    if kind == 5:
        return rng.choice((0.0, -0.0, 0.5, 1e308, 5e-324, math.inf, -math.inf, math.nan, 2.0**64))
    if kind == 6:
        kind = rng.choice((Fraction, Fraction, Ratio))
        return kind(small_int(rng), rng.choice((1, 2, 3, 1024, 1 << 200)))
    if kind == 7:
        return Decimal(rng.choice(("0.1", "-1e400", "1e-400", "NaN", "Infinity", "1e999999", "-0")))
    if kind == 8:
        return rng.choice(
            ("0.5", "1e-999999", "1e999999", "-3", "0x", "", "inf", "1_0", " 1 ", "é")
        )
    return np.dtype(rng.choice(DTYPES)).type(rng.choice((0, 1, 100)))


_GARBAGE = (
    lambda: None,
    lambda: "text",
    lambda: b"\2",
    lambda: 1j,
    lambda: object,
    lambda: object(),
    lambda: {},
    lambda: {"a": 1},
    lambda: set(),
    lambda: ...,
    lambda: slice(None),
    lambda: datetime.date(2000, 1, 1),
    lambda: [[1], [1, 2]],
    lambda: [None],
    lambda: [1j],
    lambda: np.array([1j]),
    lambda: np.array(["a"]),
    lambda: np.array([None]),
    lambda: np.array(["2000"], "M8[Y]"),
    lambda: np.ma.array([1, 2], mask=[0, 1]),
    lambda: np.zeros(3, "i4,f8"),
    lambda: np.zeros((1,) * 64),
    lambda: fx.Format(8, 4),
    lambda: fx,
    lambda: lambda: None,
    lambda: [fx],
    lambda: memoryview(b"\1\2"),
    lambda: range(3),
    lambda: iter([1, 2]),
    lambda: float,
    lambda: True,
    lambda: Ratio(1, 0),
    lambda: Ratio(-1, 0),
    lambda: Ratio(0, 0),
)


def garbage(rng):
    return rng.choice(_GARBAGE)()


_format = functools.lru_cache(1 << 14)(fx.Format)  # the same ones again: quicker


def a_format(rng):
    return _format(
        rng.choice(WIDTHS),
        rng.choice((0, 1, 4, 8, 30, 60, rng.randint(-256, 256))),
        rng.random() < 0.7,
        rng.choice(ROUNDINGS),
        rng.choice(OVERFLOWS),
    )


def similar_format(rng, fmt):
    """One that often has a common format with `fmt`."""
    if rng.random() < 0.4:
        return fmt
    if rng.random() < 0.3:
        return a_format(rng)
    modes = fmt.signed, fmt.rounding, fmt.overflow
    return _format(rng.choice(WIDTHS), rng.randint(0, 16), *modes)


def a_shape(rng):
    kind = rng.random()
    if kind < 0.06:
        return ()
    if kind < 0.4:
        return (rng.choice((0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 31, 33, 64, 65)),)
    if kind < 0.98:
        return tuple(rng.choice((0, 1, 1, 2, 3, 4, 5)) for _ in range(rng.randint(1, 4)))
    return rng.choice(((2100,), (1, 2500), (50, 50), (1,) * 20))


def broadcastable(rng, shape):
    """A shape that broadcasts with `shape`, most often."""
    if rng.random() < 0.1:
        return a_shape(rng)
    kept = [n if rng.random() < 0.7 else 1 for n in shape]
    return tuple(kept[rng.randrange(len(kept) + 1) if rng.random() < 0.3 else 0 :])


def fixed(rng, fmt=None, shape=None):
    """A FixedArray of any values and memory layout."""
    fmt = a_format(rng) if fmt is None else fmt
    shape = a_shape(rng) if shape is None else shape
    layout = rng.randrange(5)
    full = shape if layout != 1 or not shape else (*shape[:-1], 2 * shape[-1] + 1)
    array = fx.FixedArray._from_storage(_raw(rng, fmt, full), fmt)
    if layout == 1 and shape:
        return array[..., 1::2]
    if layout == 2 and shape:
        return array[::-1]
    if layout == 3 and len(shape) > 1:
        return fx.FixedArray._from_storage(_raw(rng, fmt, shape[::-1]), fmt).T
    return array


def _raw(rng, fmt, shape):
    kind = storage.dtype(fmt)
    size = math.prod(shape)
    if kind.itemsize < 16:
        values = np.frombuffer(rng.randbytes(size * kind.itemsize), kind).reshape(shape)
        spare = (
            8 * kind.itemsize - fmt.width + (rng.randrange(fmt.width) if rng.random() < 0.4 else 0)
        )
        raw = values >> kind.type(spare)
    else:
        pairs = np.frombuffer(rng.randbytes(size * 16), np.uint64).reshape(*shape, 2).copy()
        spare = 128 - fmt.width
        if fmt.signed:
            pairs[..., 1] = (pairs[..., 1].view(np.int64) >> np.int64(spare)).view(np.uint64)
        else:
            pairs[..., 1] >>= np.uint64(spare) if spare < 64 else np.uint64(0)
        raw = pairs.view(kind)[..., 0] if size else np.empty(shape, kind)
    if size and rng.random() < 0.3:
        edge = rng.choice((fmt.raw_min, fmt.raw_max, 0, 1))
        one = np.array(edge, object).reshape(())
        raw[rng.choice((..., 0) if shape else (...,))] = storage.from_integers(one, fmt)
    return raw


def ndarray(rng, shape=None):
    shape = a_shape(rng) if shape is None else shape
    kind = np.dtype(rng.choice(DTYPES))
    size = math.prod(shape)
    if kind.kind == "f":
        with np.errstate(under="ignore"):  # a tiny one as float16
            values = np.array([rng.uniform(-9, 9) for _ in range(size)]).astype(kind)
    elif kind.kind == "b":
        values = np.frombuffer(rng.randbytes(size), np.uint8) & 1 == 1
    else:
        values = np.frombuffer(rng.randbytes(size * kind.itemsize), kind)
    return values.reshape(shape)


def nested(rng, depth=0):
    if depth > 2 or rng.random() < 0.4:
        return any_number(rng) if rng.random() < 0.9 else fixed(rng, shape=())
    return [nested(rng, depth + 1) for _ in range(rng.choice((0, 1, 2, 2, 3)))]


def operand(rng, beside=None):
    """Anything that may stand beside a FixedArray, which it most often fits."""
    kind = rng.random()
    if kind < 0.55:
        if beside is None:
            return fixed(rng)
        return fixed(rng, similar_format(rng, beside.format), broadcastable(rng, beside.shape))
    if kind < 0.75:
        return any_number(rng)
    if kind < 0.9:
        return ndarray(rng, None if beside is None else broadcastable(rng, beside.shape))
    if kind < 0.95:
        return nested(rng)
    return garbage(rng)


def axis(rng, ndim=3):
    kind = rng.random()
    if kind < 0.3:
        return None
    if kind < 0.85:
        return rng.randint(-ndim, max(ndim - 1, 0))
    if kind < 0.95:
        return tuple(rng.randint(-ndim, max(ndim - 1, 0)) for _ in range(rng.randint(0, 3)))
    return rng.choice((10, -70, 1 << 63, 1.5, "0", True))


def key(rng, shape):
    """An index, within the array most often."""
    parts = []
    for n in shape[: rng.randint(0, len(shape))]:
        kind = rng.randrange(8)
        if kind < 3:
            parts.append(rng.randint(-n, max(n - 1, 0)))
        elif kind < 5:
            parts.append(slice(*(rng.choice((None, 1, -1, 2, -2, 50)) for _ in range(3))))
        elif kind == 5:
            parts.append([rng.randint(-n, max(n - 1, 0)) for _ in range(rng.randint(0, 4))])
        elif kind == 6:
            parts.append(np.frombuffer(rng.randbytes(n), np.uint8) & 1 == 1)
        else:
            parts.append(rng.choice((None, ..., True, np.int8(0), 1 << 70, "a", 0.5, np.array(0))))
    return tuple(parts) if rng.random() < 0.8 or len(parts) != 1 else parts[0]


def text(rng):
    """A notation's text, often damaged."""
    whole = rng.choice(
        ("Q15.16", "UQ8.8", "ap_fixed<32,16,AP_RND_CONV,AP_SAT>",
         "ac_fixed<32,16,true,AC_TRN,AC_WRAP>", "sc_ufixed<32,16,SC_RND,SC_WRAP>",
         "fixdt(1,32,16)", "ap_ufixed<8,8>", "fixdt(0,16)")
    )  # fmt: skip
    letters = list(whole)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        place = rng.randrange(len(letters) + 1)
        change = rng.randrange(3)
        if change == 0:
            letters.insert(place, rng.choice("0159-.<>(),_ QqA\0é٣\n"))
        elif letters:
            letters[place % len(letters)] = "" if change == 1 else chr(rng.randrange(0x250))
    return "".join(letters)
