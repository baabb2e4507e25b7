"""Views and copies."""

import copy
import re

import numpy as np
import pytest
from checks import raw_list
from examples import example, same

import fxtypes as fx

WIDTHS = [6, 8, 16, 24, 32, 64, 65, 128]
Q = fx.Format(16, 8)


@pytest.mark.parametrize("width", WIDTHS)
def test_views_share_memory(width):
    x, plain = example(width)
    for view, expected in (
        (x.T, plain.T),
        (x[1:, ::2], plain[1:, ::2]),
        (x.reshape(4, 6), plain.reshape(4, 6)),
        (x.reshape((2, -1)), plain.reshape(2, -1)),
        (x[None], plain[None]),
        (x.T.T, plain),
    ):
        same(view, expected)
        assert np.shares_memory(view.words, x.words)
    x.T[0, 0, 0] = 5
    x.reshape(-1)[1] = 6
    assert raw_list(x)[:2] == [20, 24]
    for other in (x.copy(), copy.copy(x), copy.deepcopy(x), x.T.reshape(-1), x.astype(x.format)):
        assert not np.shares_memory(other.words, x.words)
    same(x.T.reshape(-1), np.array(raw_list(x), object).reshape(3, 4, 2).T.reshape(-1))
    assert x.copy().format is x.format
    with pytest.raises(ValueError, match=r"24|\(3, 4, 2\)"):
        x.reshape(5, 5)


@pytest.mark.parametrize("width", WIDTHS)
def test_view_as(width):
    x, plain = example(width)
    other = fx.Format(width, -3, rounding="odd", overflow="wrap")
    view = x.view_as(other)
    same(view, plain)
    assert view.format is other
    assert np.shares_memory(view.words, x.words)
    for bad in (fx.Format(width + 1 if width < 128 else 2, 2), fx.Format(width, 2, signed=False)):
        with pytest.raises(ValueError, match=re.escape(repr(bad))):
            x.view_as(bad)


def test_methods_take_an_order():
    a, like = fx.arange(6, Q).reshape(2, 3), np.arange(6.0).reshape(2, 3)
    assert a.ravel("F").tolist() == like.ravel("F").tolist()
    assert a.flatten(order="F").tolist() == like.flatten("F").tolist()
    assert a.reshape(3, -1, order="F").tolist() == like.reshape(3, -1, order="F").tolist()
    assert not np.shares_memory(a.reshape((3, 2), copy=True), a)
    assert a.copy(order="F").words.flags.f_contiguous
    out = fx.zeros((2, 3), Q)
    assert a.clip(2, 4, out=out) is out
    assert out.tolist() == like.clip(2, 4).tolist()
