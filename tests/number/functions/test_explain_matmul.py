"""explain_matmul."""

import random

import numpy as np
import pytest
from checks import fixed, some_raws

import fxtypes as fx
from fxtypes.products import paths


def test_an_explanation():
    chosen, fmt = random.Random(5), fx.Format(32, 16)
    a = fixed(some_raws(chosen, fmt, 64 * 300), fmt, (64, 300))
    b = fixed(some_raws(chosen, fmt, 300 * 128), fmt, (300, 128))
    found = fx.explain_matmul(a, b)
    assert (found.rows, found.inner, found.columns, found.products) == (64, 300, 128, 1)
    assert (found.a_bits, found.b_bits) == (32, 32)
    assert found.sum_bits == (300 << 62).bit_length() + 1
    assert set(found.others) == set(paths.PATHS) - {found.path}
    assert isinstance(found.others["blas"], str)
    text = str(found)
    assert "(64, 300) @ (300, 128) -> Q15.16" in text
    assert found.path in text
    assert found.why in text
    assert fx.explain_matmul(fx.stack([a, a]), b).products == 2
    with pytest.raises(ValueError, match="inner lengths"):
        fx.explain_matmul(a, a)
    with pytest.raises(TypeError, match="needs a FixedArray"):
        fx.explain_matmul(np.ones(3), np.ones(3))


def test_data_decide_not_formats():
    fmt = fx.Format(128, 64)
    small = fixed([1, 2, 3, 4] * 600, fmt).reshape(40, 60)
    assert fx.explain_matmul(small, small.T).a_bits == 4
