"""Matrix products of integers in float64, by the BLAS that NumPy brings."""

import numpy as np

from ._kernels import products

_BLOCK = 1024  # rows and columns of a block
_TERMS = 1 << 20  # elements of an operand's plane at once: 8 MiB each
_checked = None


def exact():
    """Whether NumPy's float64 product is exact for integers whose sums stay within 2**53.

    Checked once: reduced precision loses the last bits of large sums, and an algorithm that adds
    blocks of an operand before it multiplies (Strassen's) leaves the bound. The operands' sums
    reach 2**53; the product is told from the true one by products with vectors, modulo 2**64.
    """
    global _checked
    if _checked is None:
        rng = np.random.Generator(np.random.Philox(1))
        n = 512
        a, b = rng.integers(-(1 << 22), 1 << 22, (2, n, n))
        a[0], b[:, 0] = -(1 << 22), (1 << 22) - 1
        a[1] = np.where(np.arange(n) % 2, (1 << 22) - 1, -(1 << 22))
        a |= 1
        found = (a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)
        v = rng.integers(-(1 << 31), 1 << 31, (n, 4)) | 1
        _checked = bool((found @ v == a @ (b @ v)).all())
    return _checked


def blocks(product, choice, a, a_code, b, b_code, out, first, pitch):
    """Functions that each compute a block of out = a b (2-D) in less than half a second."""
    x_planes, y_planes, width = choice.planes
    m, k, n = a.shape[0], a.shape[1], b.shape[1]
    terms = max(_TERMS // max(min(m, _BLOCK), min(n, _BLOCK)), 256)

    def block(i, j):
        rows, columns = slice(i, i + _BLOCK), slice(j, j + _BLOCK)
        target = out[rows, columns]
        sums = np.empty((x_planes + y_planes - 1, *target.shape))
        begun = set()
        for t in range(0, k, terms):
            inner = slice(t, t + terms)
            x = products.slices(a[rows, inner], a_code, x_planes, width)
            y = products.slices(b[inner, columns], b_code, y_planes, width)
            for d, e in np.ndindex(x_planes, y_planes):
                if d + e in begun:
                    sums[d + e] += x[d] @ y[e]
                else:
                    np.matmul(x[d], y[e], out=sums[d + e])
                    begun.add(d + e)
        product.block(choice.way, sums, None, target, first + i * pitch + j, pitch)

    for i in range(0, m, _BLOCK):
        for j in range(0, n, _BLOCK):
            yield lambda i=i, j=j: block(i, j)
