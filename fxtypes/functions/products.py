"""The products of arrays: exact sums of products, each rounded once.

All take ``format=`` (the result's; without it as for `add`, over all operands) and ``out=``. At
least one operand is a FixedArray; numbers and NumPy's arrays are read as by `add`. Nothing is
conjugated where NumPy does that, as there are no complex numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ..fixed_array import FixedArray
from ..fixed_array.array import apply, check_format, product, small_product
from .arguments import check_fixed, shape_of, size_of, wrap

if TYPE_CHECKING:
    from ..fixed_array.operand_types import OperandLike, OverlapMode
    from ..format import Format

__all__ = [
    "convolve",
    "correlate",
    "cross",
    "dot",
    "einsum",
    "einsum_path",
    "inner",
    "kron",
    "matmul",
    "matrix_power",
    "matvec",
    "multi_dot",
    "outer",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
    "vecmat",
]


_SMALL = 1000  # elements: above, what `small_product` takes is less


def _with_accumulator(accumulator: Format | None, **options: Any) -> dict[str, Any]:
    """An operation's options with a checked accumulator among them."""
    if accumulator is not None:
        check_format(accumulator)
    return {"accumulator": accumulator, **options}


# -- of two arrays ------------------------------------------------------------------------


def matmul(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
    *,
    initial: FixedArray | None = None,
) -> FixedArray:
    """The matrix product, exact sums rounded once; shapes as for `numpy.matmul`.

    Parameters
    ----------
    a, b : FixedArray or numpy.ndarray
        One of them a FixedArray. (..., m, k) and (..., k, n); a vector counts as a row on the
        left and a column on the right.
    format : Format, optional
        The result's; without it as for `add`.
    accumulator : Format, optional
        Compute ``acc = acc + a*b`` from 0 in index order instead, as a hardware loop does: at
        each step the exact sum is rounded and overflowed once into this format, and the last
        sum is converted once into the result's.
    out : FixedArray, optional
        Where the result goes, rounded into its format; it may overlap what it is computed from.
    initial : FixedArray, optional
        One more exact term of each sum, such as a layer's bias; it broadcasts to the result. It
        has no part in the choice of the result's format, and modes need not agree; in
        `full_precision` the result's format is that of ``a @ b + initial``. With `accumulator`
        the loop begins from `initial`, rounded and overflowed once into that format instead of
        from 0: one step more, the first.

    Returns
    -------
    FixedArray
        (..., m, n). Without `accumulator` the bits do not depend on order, blocking or machine.

    Raises
    ------
    ValueError
        If the shapes don't fit.
    TypeError
        If `initial` is no FixedArray.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> a, b = fx.array([[1, 2], [3, 4]], q), fx.array([0.5, -1], q)
    >>> fx.matmul(a, b)
    FixedArray([-1.5, -2.5], format=Format(16, 8))
    >>> fx.matmul(a, b, initial=fx.array(0.25, q))
    FixedArray([-1.25, -2.25], format=Format(16, 8))
    """
    return product(a, b, format, accumulator, out, initial)


def dot(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The sum over the last axis of `a` and the last but one (of a vector: the only) of `b`.

    A 0-d operand scales the other one. Parameters and errors as for `matmul`.

    Returns
    -------
    FixedArray
        ``a.shape[:-1] + b.shape[:-2] + b.shape[-1:]``

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.dot(fx.array([1, 2], q), fx.array([0.5, -1], q))
    FixedArray(-1.5, format=Format(16, 8))
    """
    if format is None and accumulator is None and out is None:
        found = small_product(a, b)
        if found is not None:
            return found
    return apply("dot", (a, b), format, out, True, _with_accumulator(accumulator))


def vdot(
    a: OperandLike,
    b: OperandLike,
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The dot product of all elements, in C order, of two arrays of one size.

    Parameters as for `matmul`.

    Raises
    ------
    ValueError
        If the sizes differ.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.vdot(fx.array([[1, 2], [3, 4]], q), fx.array([[0.5, 0], [0, -1]], q))
    FixedArray(-3.5, format=Format(16, 8))
    """
    if format is None and accumulator is None and out is None:
        found = small_product(a, b, 1, 1)
        if found is not None:
            return found
    return apply("vdot", (a, b), format, out, True, _with_accumulator(accumulator))


def inner(
    a: OperandLike, b: OperandLike, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The sum over the last axes of both; a 0-d operand scales the other one.

    Returns
    -------
    FixedArray
        ``a.shape[:-1] + b.shape[:-1]``

    Raises
    ------
    ValueError
        If the last axes differ in length.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.inner(fx.array([[1, 2], [3, 4]], q), fx.array([0.5, -1], q))
    FixedArray([-1.5, -2.5], format=Format(16, 8))
    """
    if format is None and out is None:
        found = small_product(a, b, 1, 1)
        if found is not None:
            return found
    return apply("inner", (a, b), format, out)


def vecdot(
    a: OperandLike,
    b: OperandLike,
    axis: SupportsIndex = -1,
    format: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The dot products of vectors along an axis; the other axes broadcast.

    Parameters
    ----------
    axis : int
        Where the vectors lie, in either operand.

    Raises
    ------
    ValueError
        If the vectors differ in length, or the other axes don't broadcast.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.vecdot(fx.array([[1, 2], [3, 4]], q), fx.array([0.5, -1], q))
    FixedArray([-1.5, -2.5], format=Format(16, 8))
    """
    axis = operator.index(axis)
    if format is None and out is None and axis == -1:
        found = small_product(a, b, 1, 1)
        if found is not None:
            return found
    return apply("vecdot", (a, b), format, out, True, {"axis": axis})


def matvec(
    a: OperandLike, b: OperandLike, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The products of matrices (..., m, n) and vectors (..., n); the leading axes broadcast.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.matvec(fx.array([[1, 2], [3, 4]], q), fx.array([[0.5, -1], [1, 0]], q))
    FixedArray([[-1.5, -2.5],
                [ 1. ,  3. ]], format=Format(16, 8))
    """
    if format is None and out is None:
        found = small_product(a, b, 2, 1)
        if found is not None:
            return found
    return apply("matvec", (a, b), format, out)


def vecmat(
    a: OperandLike, b: OperandLike, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The products of vectors (..., n) and matrices (..., n, m); the leading axes broadcast.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.vecmat(fx.array([[0.5, -1], [1, 0]], q), fx.array([[1, 2], [3, 4]], q))
    FixedArray([[-2.5, -3. ],
                [ 1. ,  2. ]], format=Format(16, 8))
    """
    if format is None and out is None:
        found = small_product(a, b, 1, 2)
        if found is not None:
            return found
    return apply("vecmat", (a, b), format, out)


def tensordot(
    a: OperandLike,
    b: OperandLike,
    axes: SupportsIndex | Sequence[SupportsIndex | Sequence[SupportsIndex]] = 2,
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The sum of products over some axes of either operand.

    Parameters
    ----------
    a, b : FixedArray or array
    axes : int or pair of sequences of int
        So many last axes of `a` and first ones of `b`; or those of `a` and those of `b`, pair by
        pair. 0: the outer product.
    format, accumulator, out
        As for `matmul`; the accumulator's loop has the first pair of axes outermost.

    Returns
    -------
    FixedArray
        The other axes of `a`, then those of `b`.

    Raises
    ------
    ValueError
        If the axes of a pair differ in length, or there aren't as many.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> a, b = fx.ones((2, 3, 4), q), fx.ones((4, 3, 5), q)
    >>> fx.tensordot(a, b, axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    options = _with_accumulator(accumulator, axes=axes)
    return apply("tensordot", (a, b), format, out, True, options)


def outer(
    a: OperandLike, b: OperandLike, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """All products of an element of `a` and one of `b`, read in C order: a matrix.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.outer(fx.array([1, 2], fx.Format(16, 8)), [0.5, -1])
    FixedArray([[ 0.5, -1. ],
                [ 1. , -2. ]], format=Format(16, 8))
    """
    return apply("outer", (a, b), format, out)


def kron(
    a: OperandLike, b: OperandLike, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The Kronecker product: each element of `a` times all of `b`, in blocks.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.kron(fx.array([1, 2], fx.Format(16, 8)), [0.5, -1])
    FixedArray([ 0.5, -1. ,  1. , -2. ], format=Format(16, 8))
    """
    return apply("kron", (a, b), format, out)


def cross(
    a: OperandLike,
    b: OperandLike,
    axisa: SupportsIndex = -1,
    axisb: SupportsIndex = -1,
    axisc: SupportsIndex = -1,
    axis: SupportsIndex | None = None,
    format: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The cross products of vectors of 3 elements, each element rounded once.

    Parameters
    ----------
    a, b : FixedArray or array
        The other axes broadcast.
    axisa, axisb, axisc : int
        Where the vectors lie in `a`, in `b` and in the result.
    axis : int, optional
        All three of these.

    Raises
    ------
    ValueError
        If a vector has not 3 elements.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.cross(fx.array([1, 2, 3], fx.Format(16, 8)), [0.5, 0, -1])
    FixedArray([-2. ,  2.5, -1. ], format=Format(16, 8))
    """
    given = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    options = {"axes": tuple(operator.index(n) for n in given)}
    return apply("cross", (a, b), format, out, True, options)


def convolve(
    a: OperandLike,
    v: OperandLike,
    mode: OverlapMode = "full",
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The discrete convolution of two vectors: at n the sum of ``a[m] * v[n - m]``.

    Parameters
    ----------
    a, v : FixedArray or array
        Vectors of any lengths but 0.
    mode : {"full", "same", "valid"}
        Wherever they overlap; the middle, as long as the longer one; where one covers the other.
    format, accumulator, out
        As for `matmul`. The accumulator's loop takes m upward; each sum has as many steps as the
        shorter vector has elements, and zeros stand beyond the longer one's ends.

    Raises
    ------
    ValueError
        If an operand is no vector, or empty, or there is no such mode.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.convolve(fx.array([1, 2, 3], fx.Format(16, 8)), [0.5, -1])
    FixedArray([ 0.5,  0. , -0.5, -3. ], format=Format(16, 8))
    """
    if format is None and accumulator is None and out is None:
        long, short = (v, a) if size_of(a) < size_of(v) else (a, v)
        found = _small_sums(long, short, mode, -1)
        if found is not None:
            return found
    return apply("convolve", (a, v), format, out, True, _with_accumulator(accumulator, mode=mode))


def correlate(
    a: OperandLike,
    v: OperandLike,
    mode: OverlapMode = "valid",
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The cross-correlation of two vectors: at k the sum of ``a[n + k] * v[n]``.

    Parameters and errors as for `convolve`; the accumulator's loop takes n upward.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.correlate(fx.array([1, 2, 3], fx.Format(16, 8)), [0.5, -1])
    FixedArray([-1.5, -2. ], format=Format(16, 8))
    """
    if format is None and accumulator is None and out is None:
        found = _small_sums(a, v, mode, 1)
        if found is not None:
            return found
    if not shape_of(a) or not shape_of(v):
        raise ValueError("correlate takes arrays of one axis; one of them has none")
    return apply("correlate", (a, v), format, out, True, _with_accumulator(accumulator, mode=mode))


def _small_sums(long: OperandLike, short: OperandLike, mode: str, step: int) -> FixedArray | None:
    """Windows of a vector times another one of its format, read by `step`; None: not this way."""
    if not (isinstance(long, FixedArray) and isinstance(short, FixedArray)):
        return None
    x, y, taps = long._storage, short._storage, short.size
    if long.format is not short.format or x.ndim != 1 or y.ndim != 1:
        return None
    before = {"full": taps - 1, "same": taps // 2, "valid": 0}.get(mode)
    if before is None or not 0 < taps <= len(x) <= _SMALL:
        return None
    count = {"full": len(x) + taps - 1, "same": len(x), "valid": len(x) - taps + 1}[mode]
    padded = np.zeros(count + taps - 1, x.dtype)
    padded[before:][: len(x)] = x[: len(padded) - before]
    windows = np.ndarray((count, taps), x.dtype, padded, strides=2 * padded.strides)
    return small_product(wrap(windows, long.format), short[::step], 2, 1)


# -- of several, and of one ---------------------------------------------------------------


def einsum(
    *operands: str | OperandLike,
    format: Format | None = None,
    accumulator: Format | None = None,
    out: FixedArray | None = None,
    optimize: bool | str | Sequence[Any] = False,
) -> FixedArray:
    """Sums of products by Einstein's convention; as `numpy.einsum`.

    Parameters
    ----------
    *operands
        Subscripts and the arrays, ``"ij,jk->ik", a, b``; or each array and its list of integers
        for letters, ``a, [0, 1], b, [1, 2], [0, 2]``. Subscripts that come again are multiplied,
        those not in the output are summed over. Without ``->`` the output has the subscripts
        that come once, in alphabetical order. ``...`` stands for axes that broadcast.
    format : Format, optional
        The result's; without it as for `add`, over all operands.
    accumulator : Format, optional
        Compute ``acc = acc + a*b*c...`` from 0 as `matmul` does, in the order of the summed
        subscripts: the one that comes first in the operands is outermost. More than two
        operands are multiplied out first, exactly, into an array with all of their subscripts.
    out : FixedArray, optional
    optimize : bool, str or sequence
        In which order more than two operands are multiplied, for time and space only: the result
        is the same. As for `numpy.einsum_path`; False counts as "greedy".

    Returns
    -------
    FixedArray
        Each element is the exact sum of exact products, of however many operands, rounded once.
        A view, where one operand is only transposed or its diagonal taken.

    Raises
    ------
    ValueError
        If the subscripts are none, or the shapes don't fit them.
    FormatError
        With `accumulator`, if the product of three or more operands needs more than 128 bits.

    Notes
    -----
    Products of all operands but the last are kept in formats as wide as the numbers in them need;
    past 128 bits, in Python integers, which is slow.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> a, b = fx.array([[1, 2], [3, 4]], q), fx.array([0.5, -1], q)
    >>> fx.einsum("ij,j", a, b)
    FixedArray([-1.5, -2.5], format=Format(16, 8))
    >>> fx.einsum("ii", a), fx.einsum("i,ij,j", b, a, b)
    (FixedArray(5., format=Format(16, 8)), FixedArray(1.75, format=Format(16, 8)))
    """
    from ..products import subscripts  # late: products are a good part of the package

    text, arrays = subscripts.read(operands)
    options = _with_accumulator(accumulator, text=text, optimize=optimize)
    return apply("einsum", tuple(arrays), format, out, True, options)


def einsum_path(
    *operands: str | OperandLike, optimize: bool | str | Sequence[Any] = "greedy"
) -> tuple[list[Any], str]:
    """The order of multiplications that NumPy takes for operands of these shapes, and its cost.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.ones((2, 2), fx.Format(16, 8))
    >>> fx.einsum_path("ij,jk,kl", a, a, a)[0]
    ['einsum_path', (0, 1), (0, 1)]
    """
    from ..products import subscripts

    text, arrays = subscripts.read(operands)
    like = [np.broadcast_to(np.int8(0), shape_of(array)) for array in arrays]
    return np.einsum_path(text, *like, optimize=optimize)


def multi_dot(
    arrays: Iterable[OperandLike], format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The product of a chain of matrices, rounded once: not after each of them.

    Parameters
    ----------
    arrays : sequence of FixedArray or array
        Two at least, of two axes each; the first and the last may be vectors.

    Raises
    ------
    ValueError
        If the shapes don't fit.

    Notes
    -----
    For roundings in between write ``a @ b @ c``. As in `einsum`, exact products on the way take
    as many bits as their numbers need.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([[1, 2], [3, 4]], fx.Format(16, 8))
    >>> fx.multi_dot([a / 16, a / 16, [64, 0]])
    FixedArray([1.75, 3.75], format=Format(16, 8))
    """
    return apply("multi_dot", tuple(arrays), format, out)


def matrix_power(
    a: FixedArray, n: SupportsIndex, format: Format | None = None, out: FixedArray | None = None
) -> FixedArray:
    """The n-th power of square matrices, exact and rounded once; not after each product.

    Parameters
    ----------
    a : FixedArray
        (..., m, m)
    n : int
        0 gives identities.

    Raises
    ------
    ValueError
        If the matrices aren't square, `n` is negative, or an element of the exact power takes more
        than 65,536 bits.

    Notes
    -----
    For roundings in between multiply in a loop. Past 128 bits the exact products are Python
    integers, which is slow.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.matrix_power(fx.array([[1, 1], [1, 0]], fx.Format(16, 4)), 10)
    FixedArray([[89., 55.],
                [55., 34.]], format=Format(16, 4))
    """
    a, power = check_fixed("matrix_power", a), operator.index(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power takes square matrices, got shape {a.shape}")
    if power < 0:
        raise ValueError(f"matrix_power: there is no inverse, so n must not be negative, got {n}")
    return apply("matrix_power", (a,), format, out, True, {"n": power})


def trace(
    a: FixedArray,
    offset: SupportsIndex = 0,
    axis1: SupportsIndex = 0,
    axis2: SupportsIndex = 1,
    format: Format | None = None,
    out: FixedArray | None = None,
) -> FixedArray:
    """The exact sum of a diagonal, rounded once; as `numpy.trace`.

    Parameters
    ----------
    a : FixedArray
    offset : int
        How far above the main diagonal it lies.
    axis1, axis2 : int
        The axes whose diagonal it is.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.trace(fx.array([[1, 2], [3, 4]], fx.Format(16, 8)))
    FixedArray(5., format=Format(16, 8))
    """
    return check_fixed("trace", a).trace(offset, axis1, axis2, format, out)
