"""and, or, xor and invert."""

import operator

import numpy as np
import oracle
import pytest
import strategies
from checks import arrays, check_stored, fixed, raw_list
from hypothesis import assume, given
from hypothesis import strategies as st

import fxtypes as fx

BITWISE = {"and": operator.and_, "or": operator.or_, "xor": operator.xor}

IN_PLACE = {"and": operator.iand, "or": operator.ior, "xor": operator.ixor}


@given(st.data(), st.sampled_from(list(BITWISE)), strategies.formats(), strategies.formats())
def test_bitwise(data, name, x_fmt, y_fmt):
    target = data.draw(st.none() | strategies.formats())
    if target is None:
        y_fmt = y_fmt.replace(rounding=x_fmt.rounding, overflow=x_fmt.overflow)
        try:
            result = fx.Format(*oracle.common_format(x_fmt, y_fmt))
        except oracle.OracleFormatError:
            assume(False)
    (_, x), (_, y) = data.draw(arrays(x_fmt, (5,))), data.draw(arrays(y_fmt, (5,)))
    exact = [
        oracle.exact_bitwise(name, a, x_fmt, b, y_fmt)
        for a, b in zip(raw_list(x), raw_list(y), strict=True)
    ]

    def compute():
        if target is None:
            return BITWISE[name](x, y)
        return getattr(fx, f"bitwise_{name}")(x, y, format=target)

    check_stored(compute, exact, target or result, (5,), f"bitwise_{name}")


@pytest.mark.parametrize("name", BITWISE)
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_bitwise_on_raw_integers(name, width):
    fmt = fx.Format(width, 3)
    raws = [fmt.raw_min, -1, 0, 5, fmt.raw_max]
    x, y = fixed(raws, fmt), fixed(raws[::-1], fmt)
    expected = [BITWISE[name](a, b) for a, b in zip(raws, raws[::-1], strict=True)]
    assert raw_list(BITWISE[name](x, y)) == expected
    z = x.copy()
    same = z
    z = IN_PLACE[name](z, y)
    assert z is same
    assert raw_list(z) == expected


@pytest.mark.parametrize("name", BITWISE)
@pytest.mark.parametrize("other", [1, -2, 12, 10**60, np.int16(7), np.arange(5), True])
def test_bitwise_with_integers(name, other):
    """An integer stands for its value: 1 is the bit of weight 1."""
    fmt = fx.Format(16, 4)
    x = fixed([-300, -1, 0, 77, 32767], fmt)
    whole = fx.Format(8, 0)
    others = np.broadcast_to(np.array(other, object), 5)
    wide = oracle.Fmt(400, 0)
    exact = [
        oracle.exact_bitwise(name, raw, fmt, int(b), wide)
        for raw, b in zip(raw_list(x), others, strict=True)
    ]
    assert whole.frac_bits == 0
    check_stored(lambda: BITWISE[name](x, other), exact, fmt, (5,), f"bitwise_{name}")
    check_stored(lambda: BITWISE[name](other, x), exact, fmt, (5,), f"bitwise_{name}")


@given(st.data(), strategies.formats())
def test_invert(data, fmt):
    _, x = data.draw(arrays(fmt, (5,)))
    target = data.draw(st.none() | strategies.formats())
    exact = [oracle.value(oracle.invert(raw, fmt), fmt) for raw in raw_list(x)]
    compute = (lambda: ~x) if target is None else lambda: fx.invert(x, format=target)
    check_stored(compute, exact, target or fmt, (5,), "invert")
