"""convolve and correlate: the windows of the longer operand times the shorter one."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..format import derived, storage
from ..kernels import calls, plan
from ..kernels.calls import Limits
from ..operations.operand import Operand
from .contraction import check_terms, reported_as, rounded
from .exact_products import in_pieces
from .matrix_product import matmul
from .pair_products import with_formats
from .terms import Term, log2_ceil, product_bits

_BLOCK = 1 << 17  # elements multiplied in one call: the product may copy them
_FEW, _MANY = 12, 256  # taps: see `_blocks`
_WIDE = 4  # bytes of elements of which a sum of few products is no faster as a product of matrices
_MODES = ("full", "same", "valid")


def convolve(name, operands, result, mode="full", accumulator=None):
    """The sums of x[m] * y[n - m], m ascending, in storage of the format `result`."""
    x, y = _terms(name, operands, mode)
    if len(x.raw) < len(y.raw):
        return _sums(name, y, x, mode, result, accumulator, "windows")
    return _sums(name, x, y._replace(raw=y.raw[::-1]), mode, result, accumulator)


def correlate(name, operands, result, mode="valid", accumulator=None):
    """The sums of x[n + k] * y[n], n ascending, in storage of the format `result`."""
    x, y = _terms(name, operands, mode)
    if len(x.raw) < len(y.raw):
        return _sums(name, y, x, mode, result, accumulator, "result")
    return _sums(name, x, y, mode, result, accumulator)


def _terms(name, operands, mode):
    shapes = [raw.shape for raw, _ in operands]
    if any(len(shape) > 1 for shape in shapes):
        raise ValueError(f"{name} takes vectors, got shapes {shapes[0]} and {shapes[1]}")
    if (0,) in shapes:
        raise ValueError(f"{name} of no elements: shapes {shapes[0]} and {shapes[1]}")
    if mode not in _MODES:
        raise ValueError(f"{name}: mode is one of {', '.join(_MODES)}, got {mode!r}")
    return [Term(raw.reshape(-1), *derived.split_frac_bits(fmt), (0,)) for raw, fmt in operands]


def _sums(name, long, short, mode, result, accumulator, backward=None):
    """Each window of `long` times `short`; zeros where a window goes beyond the ends.

    Parameters
    ----------
    name : str
    long, short : Term
        Of one axis each, with the label 0.
    mode : str
        One of `_MODES`.
    result, accumulator : Format
        As for `contraction.contract`.
    backward : str, optional
        "windows": these are read from their ends; "result": the last window comes first.
    """
    taps, length = len(short.raw), len(long.raw)
    before = {"full": taps - 1, "same": taps // 2, "valid": 0}[mode]
    count = {"full": length + taps - 1, "same": length, "valid": length - taps + 1}[mode]
    window_order, result_order = (
        slice(None, None, -1 if backward == which else 1) for which in ("windows", "result")
    )
    with reported_as(name, (count,), result, accumulator):
        if accumulator is not None or None in (long.format, short.format):
            padded = _padded(long.raw, -before, count - before + taps - 1)
            windows = sliding_window_view(padded, taps)[result_order, window_order]
            terms = long._replace(raw=windows, labels=(0, 1)), short._replace(labels=(1,))
            if accumulator is None:
                return rounded(name, terms, (0,), result)
            check_terms(name, *terms)
            x, y = with_formats(*terms)
            row = y.raw[np.newaxis]
            windows = Operand(x.raw.T, x.format)
            return matmul(Operand(row, y.format), windows, result, accumulator)[0]
        short = short._replace(raw=short.raw[window_order])
        step = None if backward == "result" else _combination(name, long, short, result)
        if step is not None:
            padded = _padded(long.raw, -before, count - before + taps - 1)
            return calls.elementwise(step, tuple(padded[i : i + count] for i in range(taps)))

        def multiply(x, y, target):
            found = storage.allocate(count, storage.dtype(target))
            for start, sums in _blocks(x, y, before, count, target):
                found[start : start + len(sums)] = sums
            return found[result_order]

        # A second block doesn't know its elements' indices in the entire result.
        size = _block_size(taps, count, long.raw.dtype.itemsize)
        one_block = count == size and backward != "result"
        if one_block or not derived.depends_on_index(result):
            return multiply(*with_formats(long, short), result)
        sums = in_pieces(
            product_bits(long, short) + log2_ceil(taps),
            long.frac_bits + short.frac_bits,
            (0,),
            lambda target: multiply(long, short, target),
        )
        return rounded(name, [sums], (0,), result)


def _combination(name, long, short, result):
    """The plan of few taps as coefficients of as many windows; None: a product takes less time."""
    if len(short.raw) > Limits.OPERANDS or long.raw.dtype.itemsize < _WIDE:
        return None
    coefficients = [int(v) for v in storage.integers(short.raw, short.format)]
    if max(map(abs, coefficients)) >= 1 << 63:
        return None
    try:
        x, y = with_formats(long, short)
        return plan.linear_combination(
            tuple((c, -y.format.frac_bits) for c in coefficients),
            (x.format,) * len(coefficients),
            result,
            name,
        )
    except OverflowError:
        return None


def _padded(raw, start, stop):
    """Elements from `start` to `stop`, zeros beyond the ends."""
    part = raw[max(start, 0) : min(stop, len(raw))]
    if len(part) == stop - start:
        return part
    padded = np.zeros(stop - start, raw.dtype)
    padded[max(-start, 0) :][: len(part)] = part
    return padded


def _columns(taps):
    """How many columns `_blocks` gives many taps: more of them need fewer copies, more products."""
    return 16 if taps < _MANY else 64


def _is_row(taps, count, itemsize):
    """Whether taps make a row; of elements of 16 bytes that takes longer, however few they are."""
    return (taps < _FEW and itemsize < 16) or count < _columns(taps)


def _block_size(taps, count, itemsize):
    """How many of `count` sums are computed in one call."""
    columns = _columns(taps)
    if _is_row(taps, count, itemsize):
        return min(max(_BLOCK // taps, 1), count)
    rows = _BLOCK // (taps + columns)
    if taps >= _MANY:  # at the ends, smaller blocks leave out more taps that only meet zeros
        rows = min(rows, max(taps // (4 * columns), 32))
    return min(max(rows, 1), count // columns) * columns


def _blocks(x, y, before, count, target):
    """The windows of x, which begin `before` elements ahead of it, times y: (start, sums).

    Few taps make a row, times a matrix whose columns are the windows. Many make a matrix whose
    columns are the taps, each one row lower, times a matrix of rows, each a row's length further
    in x: of n columns and rows they take n times fewer elements than all the windows.
    """
    start = 0
    while start < count:
        # Taps that only meet zeros are left out.
        itemsize = x.raw.dtype.itemsize
        size = _block_size(len(y.raw), count - start, itemsize)
        low = max(before - start - size + 1, 0)
        high = min(len(y.raw), len(x.raw) + before - start)
        taps, first = y.raw[low:high], start + low - before
        n = _columns(len(y.raw))
        if _is_row(len(y.raw), size, itemsize):
            padded = _padded(x.raw, first, first + size + len(taps) - 1)
            windows = sliding_window_view(padded, len(taps))
            row = Operand(taps[np.newaxis], y.format)
            sums = matmul(row, Operand(windows.T, x.format), target)
        else:
            inner = len(taps) + n - 1
            padded = _padded(x.raw, first, first + size - n + inner)
            rows = sliding_window_view(padded, inner)[::n]
            lower = _padded(taps, 1 - n, inner)
            columns = sliding_window_view(lower, n)[:, ::-1]
            sums = matmul(Operand(rows, x.format), Operand(columns, y.format), target)
        yield start, sums.reshape(-1)
        start += size
