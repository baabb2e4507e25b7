"""Matrix products of integers in float64, by the BLAS that NumPy brings."""

import numpy as np

from ..kernels import products

BLOCK = 1024  # rows and columns of a block; of several planes half as many
TERMS = 1 << 20  # elements of an operand at once, all its planes together: 8 MiB
_checked = None


def is_exact():
    """Whether NumPy's float64 product is exact for integers; checked once, at first use."""
    global _checked
    if _checked is None:
        _checked = multiplies_exactly(np.matmul)
    return _checked


def multiplies_exactly(matmul):
    """Whether a product of float64 matrices is exact for integers whose sums stay within 2**53.

    Reduced precision loses the last bits of large sums, and an algorithm that adds blocks of an
    operand before it multiplies (Strassen's) leaves the bound. Here the sums reach 2**53; the
    product is told from the true one by products with vectors, modulo 2**64.
    """
    rng = np.random.Generator(np.random.Philox(1))
    n, lowest, highest = 512, -(1 << 22), (1 << 22) - 1
    a, b = highest - rng.integers(0, 1000, (2, n, n))
    a[0], b[:, 0] = lowest, lowest
    a[1] = np.where(np.arange(n) % 2, highest, lowest)
    a[4] = 0
    a[4, 7] = (1 << 31) - 1  # more bits than float32 has
    a[2:4], b[:, 2:4] = rng.integers(-100, 100, (2, n)), rng.integers(-100, 100, (n, 2))
    found = matmul(a.astype(np.float64), b.astype(np.float64)).astype(np.int64)
    v = rng.integers(-(1 << 31), 1 << 31, (n, 4)) | 1
    return bool((found @ v == a @ (b @ v)).all())


def blocks(product, choice, a, b, out, first):
    """Functions that each compute a block of out = a b (2-D) in less than half a second.

    Parameters
    ----------
    product : Product
    choice : Choice
        One of float64's: it says how many planes either operand has.
    a, b : numpy.ndarray
        Storage.
    out : numpy.ndarray
        A matrix of the product's result.
    first : int
        The index in C order of the first element of `out` in the entire result.
    """
    a_code, b_code = product.codes
    x_planes, y_planes, width = choice.planes
    m, k, n = a.shape[0], a.shape[1], b.shape[1]
    planes = max(x_planes, y_planes)
    side = BLOCK if planes == 1 else -(-BLOCK // 2)
    terms = max(TERMS // planes // max(min(m, side), min(n, side)), 256)

    def block(i, j):
        rows, columns = slice(i, i + side), slice(j, j + side)
        sums = np.empty((x_planes + y_planes - 1, min(side, m - i), min(side, n - j)))
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
        product.block(choice.scheme, sums, None, out, first, (i, j))

    for i in range(0, m, side):
        for j in range(0, n, side):
            yield lambda i=i, j=j: block(i, j)
