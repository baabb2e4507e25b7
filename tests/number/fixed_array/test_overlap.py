"""Operands and results that share memory: as if the operands were copied first."""

import operator

import numpy as np
import oracle
import pytest
from checks import fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st
from oracle import ARITHMETIC

import fxtypes as fx

IN_PLACE = {
    "add": operator.iadd,
    "subtract": operator.isub,
    "multiply": operator.imul,
    "divide": operator.itruediv,
}
FMT = fx.Format(16, 8)


@pytest.mark.parametrize("width", [8, 32, 64, 128])
@pytest.mark.parametrize("name", ARITHMETIC)
def test_overlapping_operands(width, name):
    """Overlap behaves as if the inputs were copied first."""
    fmt = fx.Format(width, 3, overflow="wrap")
    raws = [3, -7, 11, 19, -23, 41, 5, 9] * 9
    for target, operand in (
        (slice(1, None), slice(None, -1)),
        (slice(None, -1), slice(1, None)),
        (slice(None), slice(None, None, -1)),
    ):
        x = fixed(raws, fmt)
        expected = ARITHMETIC[name](x[target].copy(), x[operand].copy())
        part = x[target]
        IN_PLACE[name](part, x[operand])
        assert raw_list(part) == raw_list(expected)


@pytest.mark.parametrize("width", [8, 32, 64, 128])
def test_overlapping_out(width):
    """The result of NumPy, which copies overlapping operands first."""
    fmt = fx.Format(width, 1)
    base = [3, -1, 2, 5, -4, 1, 0, 2, 6]

    def check(call):
        a, plain = fixed(base, fmt), np.array(base) / 2
        call(a, fx)
        call(plain, np)
        assert a.tolist() == np.clip(plain, float(fmt.min), float(fmt.max)).tolist()

    check(lambda a, xp: xp.add(a[:-1], a[1:], out=a[1:]))
    check(lambda a, xp: xp.subtract(a[1:], a[:-1], out=a[:-1]))
    check(lambda a, xp: xp.add(a, a[::-1], out=a))
    check(lambda a, xp: xp.subtract(a[::-1], 1, out=a))
    check(lambda a, xp: xp.maximum(a[2:], a[:-2], out=a[1:-1]))
    check(lambda a, xp: xp.negative(a[::-1], out=a))
    check(lambda a, xp: xp.cumsum(a[::-1], out=a))
    check(lambda a, xp: xp.sum(a.reshape(3, 3), axis=0, out=a[1:4]))
    check(lambda a, xp: xp.matmul(a.reshape(3, 3) * 2, a[:3] * 2, out=a[1:4]))
    check(lambda a, xp: xp.add(a.reshape(3, 3), a.reshape(3, 3).T, out=a.reshape(3, 3)))
    check(lambda a, _: a.__iadd__(a[::-1]))
    check(lambda a, _: a[1:].__isub__(a[:-1]))
    check(lambda a, _: a.__setitem__(slice(None, -1), a[1:]))
    check(lambda a, _: a.__setitem__(slice(1, None), a[:-1]))
    check(lambda a, _: a.reshape(3, 3).__setitem__(Ellipsis, a.reshape(3, 3).T))


BINARY = {
    **oracle.BINARY,
    "floor_divide": oracle.exact_floor_divide,
    "remainder": oracle.exact_remainder,
}


@given(
    st.sampled_from(list(BINARY)),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
)
def test_overlap(name, i, j, k, backwards):
    """As if the operands were copied first."""
    base = fx.array(np.arange(1, 9) * 3 % 7 + 1, FMT)
    step = -1 if backwards else 1
    copies = base.copy()
    expected = getattr(fx, name)(copies[i : i + 6], copies[j : j + 6][::step])
    out = base[k : k + 6]
    getattr(fx, name)(base[i : i + 6], base[j : j + 6][::step], out=out)
    assert raw_list(out) == raw_list(expected)
