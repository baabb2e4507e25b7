"""Reductions and running sums and products over axes: exact, rounded once."""

import itertools
import math
import operator
from fractions import Fraction

import numpy as np

from . import blocks, context, convert, inputs, operands, plan, scalar, storage
from ._kernels import kernels


def normalize_axes(axis, ndim):
    """An axis, a tuple of them or None as a tuple of distinct axes from 0 to ndim - 1.

    Raises
    ------
    numpy.exceptions.AxisError
        If an axis is out of range.
    ValueError
        If one is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = []
    for a in given:
        try:
            number = operator.index(a)
        except TypeError:
            raise TypeError(f"an axis is an integer, got {a!r}") from None
        if not ndim and number in (0, -1) and len(given) == 1:
            return ()  # as NumPy does
        if not -ndim <= number < ndim:
            raise np.exceptions.AxisError(number, ndim)
        axes.append(number % ndim)
    if len(set(axes)) != len(axes):
        raise ValueError(f"an axis is named twice in {axis!r}")
    return tuple(axes)


def evaluate(name, raw, fmt, axis, keepdims, format, **options):
    """A reduction of storage: (storage, its format); `format` None: as the operand's.

    Parameters
    ----------
    name : str
        A key of `_REDUCTIONS`.
    """
    result = format
    if result is None:
        result = fmt
        if name in ("sum", "cumsum") and context.current.get().full_precision:
            n = math.prod(raw.shape[a] for a in normalize_axes(axis, raw.ndim))
            result = plan.grown("sum", [fmt], (n,))
    return _REDUCTIONS[name](name, raw, fmt, axis, keepdims, result, **options), result


def by_results(compute, arrays, axes, keepdims, result):
    """A reduction over `axes` in blocks of its results, where the operand is large.

    Parameters
    ----------
    compute : callable
        ``compute(arrays, axes, keepdims)`` gives storage of the format `result`, in one step of
        the stream and with one report.
    arrays : list of numpy.ndarray or None
        The operand, and what has its shape.
    """
    operand = arrays[0]
    kept = tuple(a for a in range(operand.ndim) if a not in axes)
    shape = tuple(operand.shape[a] for a in kept)
    if operand.size <= blocks.SIZE or math.prod(shape) == 1:
        return compute(arrays, axes, keepdims)
    order = (*kept, *sorted(axes))
    arrays = [None if x is None else x.transpose(order) for x in arrays]
    size = max(blocks.SIZE // math.prod(operand.shape[a] for a in axes), 1)
    out = storage.allocate(shape, storage.dtype(result))
    found = result_shape(operand.shape, axes, keepdims)
    with context.one_operation(found) as whole:
        for key in blocks.cut(shape, size):
            parts = [None if x is None else x[key] for x in arrays]
            last = tuple(range(parts[0].ndim - len(axes), parts[0].ndim))
            block = out[key]
            block[...] = compute(parts, last, False)
            whole.first += block.size
    return out.reshape(found)


def reduce(name, raw, fmt, axis, keepdims, result, shown=None, fill=None):
    """sum, mean, min or max, which events call `shown`; into storage of the format `result`.

    `fill`: a mask of the elements that count, and the raw value (0-d) that stands for others.
    """
    axes = normalize_axes(axis, raw.ndim)
    n = _length(name, raw, axis, axes, "sum")
    # Sums are planned by powers of two, so that few plans serve all lengths.
    total = 1 << (n - 1).bit_length() if n else 1
    count = n if name == "mean" else 1
    if n > (_LONG if fill is None else blocks.SIZE):
        return _long(name, raw, fmt, axes, keepdims, result, n, count, shown or name, fill)
    if fill is not None:
        raw = np.where(fill[0], raw, fill[1])
    step = plan.reduction(
        name, fmt, result, count, total if name in ("sum", "mean", "squares") else 1, shown
    )
    return kernels.reduce(step, raw, axes, keepdims)


# Elements of one result that the kernel takes in one call. Longer reductions are done in parts,
# between which Python looks for Ctrl-C: below a second each, the slowest at 100 ns an element.
_LONG = 1 << 21


def _parts(raw, axes, n, fill):
    """Views that cut the longest of the axes, and their fills; each about `size` long a result."""
    size = _LONG if fill is None else blocks.SIZE
    axis = max(axes, key=lambda a: raw.shape[a])
    step = max(raw.shape[axis] * size // n, 1)
    keys = [(*(slice(None),) * axis, slice(i, i + step)) for i in range(0, raw.shape[axis], step)]
    return axis, ((raw[key], None if fill is None else (fill[0][key], fill[1])) for key in keys)


def _long(name, raw, fmt, axes, keepdims, result, n, count, shown, fill):
    """Exact partial results, and a reduction of these that rounds once."""
    exact = plan.exact(fmt)
    if name in ("sum", "mean"):
        width = fmt.width + (n - 1).bit_length()
        if width > 128:
            totals = exact_integers("sum", raw, fmt, axes, keepdims, n, fill)
            guard = plan.guard_bits(result)
            unit = fmt.resolution / count
            point = result.frac_bits + guard
            values = (scalar.to_odd(total * unit, point) for total in totals.reshape(-1))
            return scalar.finish(values, guard, result, shown, totals.shape)
        exact = exact.replace(width=width)
    axis, parts = _parts(raw, axes, n, fill)
    partial = "sum" if name == "mean" else name
    found = [reduce(partial, part, fmt, axes, True, exact, "move", some) for part, some in parts]
    total = 1 << (len(found) - 1).bit_length()
    step = plan.reduction(name, exact, result, count, total, shown)
    return kernels.reduce(step, np.concatenate(found, axis), axes, keepdims)


def _length(name, raw, axis, axes, *allowed):
    n = math.prod(raw.shape[a] for a in axes)
    if n == 0 and name not in allowed:
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    return n


def _prod(name, raw, fmt, axis, keepdims, result):
    axes = normalize_axes(axis, raw.ndim)
    final = result_shape(raw.shape, axes, keepdims)
    if math.prod(raw.shape[a] for a in axes) == 0:
        return product_of_nothing(name, final, result)

    def products(arrays, axes, keepdims):
        return _products(name, arrays[0], fmt, axes, keepdims, result)

    if _joined(raw, [a for a in range(raw.ndim) if a not in axes]) and _joined(raw, sorted(axes)):
        return products([raw], axes, keepdims)
    return by_results(products, [raw], axes, keepdims, result)


def _joined(x, axes):
    """Whether some axes of an array lie in memory as one."""
    sizes = [(x.shape[a], x.strides[a]) for a in axes if x.shape[a] != 1]
    return all(n * inner == outer for (_, outer), (n, inner) in itertools.pairwise(sizes))


def _products(name, raw, fmt, axes, keepdims, result):
    final = result_shape(raw.shape, axes, keepdims)
    kept = [a for a in range(raw.ndim) if a not in axes]
    moved = raw.transpose(*kept, *sorted(axes))
    outputs = math.prod(raw.shape[a] for a in kept)
    if outputs == 1:
        factors = (moved[key].reshape(-1) for key in blocks.cut(moved.shape))
        return one_product(name, factors, fmt, result, final)
    n = math.prod(raw.shape[a] for a in axes)
    lines = moved.reshape(1, outputs, n).swapaxes(1, 2)  # the outputs lie innermost
    first, rest = plan.running_product(name, fmt, result)
    return kernels.scan(first, rest, lines, False, final).reshape(final)


def one_product(name, factors, fmt, result, shape):
    """The only element of a prod; its factors come in arrays of one axis."""
    first, rest = plan.running_product(name, fmt, result)
    out, done = storage.allocate((1, 1), storage.dtype(result)), 0
    with context.one_element(shape):
        for some in factors:
            if some.size:
                kernels.scan(first, rest, some.reshape(1, -1, 1), False, shape, out, done)
                done += some.size
    return out.reshape(shape) if done else product_of_nothing(name, shape, result)


def result_shape(shape, axes, keepdims):
    """The shape of a reduction over `axes` (normalised)."""
    if keepdims:
        return tuple(1 if a in axes else n for a, n in enumerate(shape))
    return tuple(n for a, n in enumerate(shape) if a not in axes)


def product_of_nothing(name, shape, result):
    """Ones, rounded and overflowed as any product."""
    one = np.broadcast_to(np.ones((), np.int8), shape)
    return convert.cast(one, plan.TINY, result, name)


def _running(name, raw, fmt, axis, keepdims, result):
    """cumsum and cumprod, along one axis or, without one, all elements in C order."""
    if axis is None or not (raw.ndim or normalize_axes(axis, 0)):
        raw, axis = raw.reshape(-1), 0
    axes = normalize_axes(axis, raw.ndim)
    if len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    (axis,) = axes
    shape = raw.shape
    lines = raw.reshape(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    if name == "cumsum":
        total = 1 << max(shape[axis] - 1, 0).bit_length()
        first, rest = plan.prefix_sums(fmt, result, total), None
    else:
        first, rest = plan.running_product(name, fmt, result)
    return kernels.scan(first, rest, lines, True, shape).reshape(shape)


def _ptp(name, raw, fmt, axis, keepdims, result):
    _length(name, raw, axis, normalize_axes(axis, raw.ndim))
    exact = plan.exact(fmt)
    high, low = (
        reduce(extreme, raw, exact, axis, keepdims, exact, "move") for extreme in ("max", "min")
    )
    step = plan.elementwise("subtract", (exact, exact), result, name)
    return kernels.elementwise(step, (high, low))


def _spread(name, raw, fmt, axis, keepdims, result, ddof=0):
    return spread(name, raw, fmt, normalize_axes(axis, raw.ndim), keepdims, result, ddof)


def spread(name, raw, fmt, axes, keepdims, result, ddof=0, mask=None):
    """var and std of the elements that a mask names."""
    ddof = _ddof(name, ddof)

    def compute(arrays, axes, keepdims):
        return _spread_block(name, *arrays, fmt, axes, keepdims, result, ddof)

    return by_results(compute, [raw, mask], axes, keepdims, result)


def _spread_block(name, raw, mask, fmt, axes, keepdims, result, ddof):
    """(n * sum of squares - square of the sum) / (n * (n - ddof)), or its root."""
    n = math.prod(raw.shape[a] for a in axes)
    counts = n if mask is None else np.sum(mask, axis=axes, keepdims=keepdims, dtype=np.int64)
    given = np.asarray(counts).astype(object)
    fewest = min(given.reshape(-1), default=n)
    if fewest <= ddof:
        raise ValueError(f"{name} of {fewest} elements with ddof={ddof}: it needs more than ddof")
    fill = None if mask is None else (mask, np.zeros((), raw.dtype))
    squares, sums = (
        exact_integers(what, raw, fmt, axes, keepdims, n, fill) for what in ("squares", "sum")
    )
    numerators = np.asarray(given * squares - sums * sums, dtype=object)
    divisors = (
        count * (count - ddof) for count in np.broadcast_to(given, numerators.shape).reshape(-1)
    )
    guard = plan.guard_bits(result)
    point = result.frac_bits + guard
    finish = _root if name == "std" else _ratio
    values = (
        finish(v * divisor.denominator, divisor.numerator, fmt.frac_bits, point)
        for v, divisor in zip(numerators.reshape(-1), divisors, strict=True)
    )
    return scalar.finish(values, guard, result, name, numerators.shape)


def _ddof(name, ddof):
    number = inputs.exact(ddof)
    if isinstance(number, float):
        raise ValueError(f"{name}: ddof={ddof!r} is not finite")
    return Fraction(number)


def _ratio(numerator, divisor, frac_bits, point):
    """numerator / divisor * 2**(point - 2 * frac_bits) to odd."""
    shift = point - 2 * frac_bits
    quotient, rest = divmod(numerator << max(shift, 0), divisor << max(-shift, 0))
    return quotient | (rest != 0)


def _root(numerator, divisor, frac_bits, point):
    """sqrt(numerator / divisor) * 2**(point - frac_bits) to odd."""
    shift = 2 * (point - frac_bits)
    numerator, divisor = numerator << max(shift, 0), divisor << max(-shift, 0)
    root = math.isqrt(numerator // divisor)
    return root if root * root * divisor == numerator else root | 1


def exact_integers(name, raw, fmt, axes, keepdims, n, fill=None):
    """Sums of raw integers, or of their squares, as an object array of Python ints."""
    if n > (_LONG if fill is None else blocks.SIZE):
        _, parts = _parts(raw, axes, n, fill)
        total = sum(exact_integers(name, part, fmt, axes, True,
                                   math.prod(part.shape[a] for a in axes), some)
                    for part, some in parts)  # fmt: skip
        return np.asarray(total, object).reshape(result_shape(raw.shape, axes, keepdims))
    whole = plan.exact(fmt).replace(frac_bits=0)
    bits = (2 if name == "squares" else 1) * fmt.width + n.bit_length() + 1
    total = np.zeros((), object)
    for place in range(0, bits, 128):  # 128 bits at a time, the last ones with the sign
        piece = plan.WIDEST.replace(
            frac_bits=-place, signed=place + 128 >= bits, rounding="floor", overflow="wrap"
        )
        part = reduce(name, raw, whole, axes, keepdims, piece, "move", fill)
        integers = storage.to_integers(part, piece).astype(object)
        total = np.asarray(total + integers * (1 << place), dtype=object)
    return total


_REDUCTIONS = {
    **{name: reduce for name in ("sum", "mean", "min", "max")},
    "prod": _prod,
    "cumsum": _running,
    "cumprod": _running,
    "ptp": _ptp,
    "var": _spread,
    "std": _spread,
}


def differences(raw, fmt, times, axis, format, name="diff"):
    """n-th differences along an axis: (storage, its format)."""
    result = format
    if result is None:
        result = fmt
        if context.current.get().full_precision:
            for _ in range(times):
                result = plan.grown("subtract", [result])
    times = min(times, raw.shape[axis])  # nothing is left then
    if times == 0:
        return convert.cast(raw, fmt, result, name), result
    while times >= _TERMS and fmt.width + _TERMS <= 128:
        wide = plan.exact(fmt).replace(width=fmt.width + _TERMS - 1, signed=True)
        raw = _weighted(raw, fmt, _TERMS - 1, axis, wide, "move")
        fmt, times = wide, times - _TERMS + 1
    if times < _TERMS:
        return _weighted(raw, fmt, times, axis, result, name), result
    exact = storage.to_integers(raw, fmt).astype(object)
    for _ in range(times):
        before, after = _neighbours(exact, 1, axis)
        exact = np.asarray(after - before, dtype=object)
    exact = np.asarray(exact * Fraction(2) ** -fmt.frac_bits, dtype=object)
    return convert.from_numbers(exact, result, name), result


_TERMS = 8  # of one kernel's sum


def _neighbours(raw, times, axis):
    """The elements that make up one of the n-th differences, first to last: views."""
    n, lead = raw.shape[axis] - times, (slice(None),) * axis
    return [raw[(*lead, slice(start, start + n))] for start in range(times + 1)]


def _weighted(raw, fmt, times, axis, result, name):
    """n-th differences as sums with binomial coefficients: no differences in between."""
    terms = _neighbours(raw, times, axis)
    if times == 1:
        step = plan.elementwise("subtract", (fmt, fmt), result, name)
        return kernels.elementwise(step, (terms[1], terms[0]))
    weights = [((-1) ** (times - i) * math.comb(times, i), 0) for i in range(times + 1)]
    step = plan.linear_combination(tuple(weights), (fmt,) * len(terms), result, name)
    return kernels.elementwise(step, tuple(terms))


def truth(name, raw, axis, keepdims, out=None, where=True):
    """any, all and count_nonzero, as NumPy gives them."""
    options = {}
    if out is not None:
        options["out"] = _numpys(name, out)
    if where is not True:
        options["where"] = operands.mask(name, where, raw.shape)
    axes = None if axis is None else normalize_axes(axis, raw.ndim)
    function, truths = getattr(np, name), storage.truth(raw)
    if out is not None and out.dtype.hasobject:
        del options["out"]
        return into_objects(name, out, function(truths, axis=axes, keepdims=keepdims, **options))
    return function(truths, axis=axes, keepdims=keepdims, **options)


def into_objects(name, out, found):
    """Fill `out`, an array of objects, with truth values that NumPy found without it.

    NumPy (2.0 to 2.5) reduces booleans into such an array through a buffer, which it clears without
    having filled it where it stops early: it crashes, or somebody's memory is damaged.
    """
    if np.shape(found) != out.shape:
        raise ValueError(f"{name}: out has shape {out.shape}, the result {np.shape(found)}")
    out[...] = found
    return out


def _numpys(name, out):
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name}: out= must be a NumPy array, got {type(out).__name__}")
    return out


def arg_extreme(name, raw, fmt, axis, keepdims, out=None):
    """The positions of the first lowest or highest elements, as NumPy gives them: int64."""
    options = {} if out is None else {"out": _numpys(name, out)}
    function = np.argmax if name == "argmax" else np.argmin
    axes = normalize_axes(axis, raw.ndim)
    axis = None if not raw.ndim else axis
    if axis is not None and len(axes) != 1:
        raise TypeError(f"{name} takes one axis or None, got {axis!r}")
    n = raw.size if axis is None else raw.shape[axes[0]]
    if n == 0:
        raise ValueError(f"{name} of no elements: shape {raw.shape}, axis {axis}")
    if storage.dtype(fmt).itemsize == 16:  # NumPy can't order it: where does the extreme stand?
        exact = plan.exact(fmt)
        extreme = reduce("max" if name == "argmax" else "min", raw, exact, axis, True, exact)
        step = plan.comparison("equal", exact, exact)
        raw, function = kernels.elementwise(step, (raw, extreme)), np.argmax
    return function(raw, axis=axis, keepdims=keepdims, **options)
