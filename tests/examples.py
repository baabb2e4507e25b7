"""Arrays that several tests share, beside NumPy's arrays of the same raw integers."""

import math

import numpy as np
import pytest
import strategies
from checks import fixed, objects, raw_list
from hypothesis import strategies as st

import fxtypes as fx

# Formats of every storage, for functions that move elements, and for those that order them.
MOVED = [
    fx.Format(6, 2),
    fx.Format(16, 4, signed=False),
    fx.Format(32, 8),
    fx.Format(64, 3, rounding="stochastic", overflow="raise"),
    fx.Format(65, 9, signed=False),
    fx.Format(100, 60, rounding="ceil", overflow="wrap"),
    fx.Format(128, -4),
]

ORDERED = [
    fx.Format(6, 2),
    fx.Format(16, 4, signed=False),
    fx.Format(33, 8),
    fx.Format(64, 3, signed=False),
    fx.Format(64, 64, overflow="raise"),
    fx.Format(65, 9),
    fx.Format(100, 60, signed=False),
    fx.Format(128, -4),
    fx.Format(128, 128, signed=False),
]


def example(width, shape=(3, 4, 2), **modes):
    """A FixedArray beside an object array of its raw integers."""
    fmt = fx.Format(width, 2, **modes)
    size = math.prod(shape)
    raws = [(37 * i - 11) % (2**width) + fmt.raw_min for i in range(size)]
    return fixed(raws, fmt, shape), objects(raws, shape)


def numbered(fmt, shape, offset=0):
    """A FixedArray and an object array of its raw integers, all bits in use."""
    size = math.prod(shape)
    span = fmt.raw_max - fmt.raw_min + 1
    raws = [fmt.raw_min + (span * (7 * i + 3 + offset) // 31) % span for i in range(size)]
    return fixed(raws, fmt, shape), objects(raws, shape)


def repeated_raws(fmt, size=40, distinct=15):
    """Raw integers with duplicates; neighbours in the high and in the low word are among them."""
    rng = np.random.default_rng(fmt.width)
    span = fmt.raw_max - fmt.raw_min + 1
    pool = [fmt.raw_min, fmt.raw_max, fmt.raw_max - 1, fmt.raw_min + 1, 0, 1, span // 2 - 1]
    pool += [int.from_bytes(rng.bytes(17)) % span + fmt.raw_min for _ in range(distinct)]
    pool += [raw ^ 1 for raw in pool[-5:]] + [raw ^ (span >> 2) for raw in pool[-5:]]
    pool = [raw for raw in pool if fmt.raw_min <= raw <= fmt.raw_max]
    return [pool[i] for i in rng.integers(0, len(pool), size)]


def repeated(fmt, shape):
    """A FixedArray with duplicates, and an object array of its raw integers."""
    raws = repeated_raws(fmt, math.prod(shape))
    return fixed(raws, fmt, shape), objects(raws, shape)


def same(array, plain):
    assert isinstance(array, fx.FixedArray)
    assert array.shape == np.shape(plain)
    assert raw_list(array) == np.ravel(np.asarray(plain, object)).tolist()


def agree(found, wanted, fmt):
    """Assert that FixedArrays, tuples of them and NumPy's results are those of the reference."""
    if isinstance(wanted, tuple | list):
        assert type(found) is type(wanted)
        assert len(found) == len(wanted)
        for f, w in zip(found, wanted, strict=True):
            agree(f, w, fmt)
    elif isinstance(wanted, np.ndarray) and wanted.dtype != object:
        assert np.array_equal(found, wanted)
    else:
        wanted = np.asarray(wanted, dtype=object)
        assert isinstance(found, fx.FixedArray)
        assert found.format is fmt
        assert found.shape == wanted.shape
        assert raw_list(found) == wanted.reshape(-1).tolist()


def move_tests(cases):
    """Two tests of functions that move elements: against NumPy's of raw integers.

    Parameters
    ----------
    cases : list of tuple
        (name, shape, arguments after the array, keywords).
    """
    over_cases = pytest.mark.parametrize("case", cases, ids=_move_id)

    @over_cases
    @pytest.mark.parametrize("fmt", MOVED, ids=str)
    def test_moves(case, fmt):
        _check_move(case, fmt)

    @over_cases
    @pytest.mark.parametrize("width", [16, 100])
    def test_views_are_numpys(case, width):
        _check_view(case, width)

    return test_moves, test_views_are_numpys


def _move_id(case):
    name, shape, args, kwargs = case
    return f"{name}-{shape}-{args}-{kwargs}".replace(" ", "")


def _check_move(case, fmt):
    """Ours, and NumPy's of its name."""
    name, shape, args, kwargs = case
    a, plain = numbered(fmt, shape)
    wanted = getattr(np, name)(plain, *args, **kwargs)
    agree(getattr(fx, name)(a, *args, **kwargs), wanted, fmt)
    agree(getattr(np, name)(a, *args, **kwargs), wanted, fmt)


def _check_view(case, width):
    """The result shares memory where NumPy's does."""
    name, shape, args, kwargs = case
    a, _ = numbered(fx.Format(width, 4), shape)
    plain = np.zeros(shape, np.int64)
    found, wanted = (getattr(np, name)(x, *args, **kwargs) for x in (a, plain))
    if not isinstance(wanted, tuple | list):
        found, wanted = [found], [wanted]
    for f, w in zip(found, wanted, strict=True):
        assert np.shares_memory(f, a) == np.shares_memory(w, plain)


@st.composite
def any_arrays(draw):
    """FixedArrays of any format and shape, in most layouts."""
    fmt, shape = draw(strategies.formats()), draw(strategies.shapes())
    layout = draw(st.sampled_from(["contiguous", "transposed", "reversed"]))
    return fixed(
        draw(strategies.raw_lists(fmt, shape)), fmt, shape, layout if all(shape) else "contiguous"
    )


def equal(a, b):
    return (a.format, a.shape, raw_list(a)) == (b.format, b.shape, raw_list(b))


def extremes(width, signed=True):
    fmt = fx.Format(width, 3, signed, "floor", "wrap")
    return fx.FixedArray.from_raw([fmt.raw_min, fmt.raw_max, 0, 1, fmt.raw_max // 3], fmt)
