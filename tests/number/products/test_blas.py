"""A BLAS that is not exact is found out."""

import numpy as np

from fxtypes.products import blas


def strassen(x, y):
    """One level of Strassen's algorithm: sums of blocks before they are multiplied."""
    h = x.shape[0] // 2
    a, b, c, d = x[:h, :h], x[:h, h:], x[h:, :h], x[h:, h:]
    e, f, g, i = y[:h, :h], y[:h, h:], y[h:, :h], y[h:, h:]
    p1, p2, p3, p4 = a @ (f - i), (a + b) @ i, (c + d) @ e, d @ (g - e)
    p5, p6, p7 = (a + d) @ (e + i), (b - d) @ (g + i), (a - c) @ (e + f)
    return np.block([[p5 + p4 - p2 + p6, p1 + p2], [p3 + p4, p1 + p5 - p3 - p7]])


def reduced(x, y):
    """Operands of 11 bits, as some processors' fast modes have them."""
    bits = [v.astype(np.float32).view(np.uint32) & 0xFFFFE000 for v in (x, y)]
    return np.matmul(*(v.view(np.float32).astype(np.float64) for v in bits))


def single(x, y):
    """Operands of 24 bits."""
    return np.matmul(*(v.astype(np.float32).astype(np.float64) for v in (x, y)))


def flushed(x, y):
    product = x @ y
    return np.where(np.abs(product) < 1e6, 0, product)


def test_an_exact_blas_is_told_from_others():
    assert blas.multiplies_exactly(np.matmul)
    for other in (strassen, reduced, single, flushed):
        assert not blas.multiplies_exactly(other)
