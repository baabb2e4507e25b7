"""+=, -=, *=, /=, <<= and >>= keep the array, its format and its memory."""

import operator

import oracle
import strategies
from checks import arrays, broadcast, check_stored, fixed, nonzero, raw_list
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

symbols = st.sampled_from(list(ARITHMETIC))


@given(st.data(), symbols, strategies.formats(), strategies.formats())
def test_in_place(data, name, fmt, other):
    """In place, the exact result is rounded once into the target's format."""
    raws, x = data.draw(arrays(fmt, (2, 3)))
    y_raws, y = data.draw(arrays(other, (3,)))
    if name == "divide":
        y_raws = nonzero(y_raws)
        y = fixed(y_raws, other)
    xs = [oracle.value(raw, fmt) for raw in raws]
    ys = broadcast(y_raws, other, (3,), (2, 3))
    view, start = x[:, ::-1], x._storage.copy()
    exact = [ARITHMETIC[name](a, b) for a, b in zip(xs, ys, strict=True)]

    def compute():
        x._storage[...] = start  # it is done twice
        target = x
        target = IN_PLACE[name](target, y)
        assert target is x
        return target

    if check_stored(compute, exact, fmt, (2, 3), name) is None:
        assert raw_list(x) == raws
    assert raw_list(view[:, ::-1]) == raw_list(x)


def test_in_place_shifts():
    x = fixed([-5, 3, 100], fx.Format(8, 2))
    same = x
    x <<= 1
    assert x is same
    assert raw_list(x) == [-10, 6, 127]
    x >>= 2
    assert x is same
    assert raw_list(x) == [-2, 2, 32]
