"""Elementary functions of storage: each result rounded once from its exact value.

`evaluate` is the one place that chooses how: by a table, or each element by itself.
"""

import math

import numpy as np

from ..context import blocked_operation, blocks
from ..format import derived, many_axes, read_numbers, storage
from ..kernels import calls, plan
from . import by_element, tables
from .registry import FUNCTIONS


def evaluate(name, operands, result, mask=None):
    """f(x), or f(x, y), for every element.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`.
    operands : sequence of (numpy.ndarray, Format or None)
        The arguments, which broadcast: storage of the format; where that is None an object array
        of Python's integers.
    result : Format
        The result's.
    mask : numpy.ndarray of bool, optional
        Where to evaluate; it broadcasts with the arguments. Elsewhere the result is 0.

    Returns
    -------
    numpy.ndarray
        Storage of `result`.

    Raises
    ------
    ValueError
        If an element is outside the function's domain.
    ZeroDivisionError
        At a pole that counts as an infinity, if the result's overflow is `raise` or `wrap`.
    """
    raws, formats = zip(*operands, strict=True)
    if mask is not None:
        shape = many_axes.broadcast_shapes(mask.shape, *(raw.shape for raw in raws))
        mask, *raws = (np.broadcast_to(x, shape) for x in (mask, *raws))
    if name == "power":
        check_powers(raws, formats, result, mask)
    else:
        _check_domain(name, raws, formats, mask)
    if mask is None and len(raws) == 1 and formats[0] is not None:
        found = tables.apply(name, raws[0], formats[0], result)
        if found is not None:
            return found
    return by_element.evaluate(name, raws, formats, result, mask)


def _check_domain(name, raws, formats, mask):
    """ValueError if an element that the mask doesn't leave out is outside the domain."""
    domain = FUNCTIONS[name].domain
    if domain is None:
        return
    (fmt,) = formats
    lowest, highest = domain.raw_ends(fmt)
    (raw,) = raws
    native = mask is None and raw.dtype.kind in "iu" and raw.size
    if native and lowest <= raw.min() and raw.max() <= highest:
        return

    def outside(raw):
        if lowest > highest:
            return np.ones(raw.shape, bool)
        return _compare("less", raw, fmt, lowest) | _compare("greater", raw, fmt, highest)

    if (lowest, highest) != (fmt.raw_min, fmt.raw_max):
        _refuse(domain.outside, outside, raws, formats, mask)


def check_powers(raws, formats, result, mask=None):
    """The domain and the poles of powers.

    Parameters
    ----------
    raws, formats : sequence
        Of the base and of the exponent; the exponent's format is None if it holds Python's numbers.

    Raises
    ------
    ValueError
        For a negative base and an exponent that is no integer.
    ZeroDivisionError
        For 0 to a negative power under `raise` and `wrap`.
    """
    base_format, exponent_format = formats

    def fractional(base, exponent):
        negative = _compare("less", base, base_format, 0)
        return negative & ~_are_integers(exponent, exponent_format) if negative.any() else negative

    def poles(base, exponent):
        zero = _compare("equal", base, base_format, 0)
        return zero & _compare("less", exponent, exponent_format, 0)

    exponent = raws[1]
    may_have_fraction = (
        exponent.dtype.kind == "O" if exponent_format is None else exponent_format.frac_bits > 0
    )
    if may_have_fraction:
        what = "power of a negative number with an exponent that is no integer"
        _refuse(what, fractional, raws, formats, mask)
    if (
        result.overflow in ("raise", "wrap")
        and _compare("less", exponent, exponent_format, 0).any()
    ):
        shape, found = _in_blocks(poles, raws, mask)
        count = sum(np.count_nonzero(part) for part in found)
        if count:
            raise ZeroDivisionError(
                f"power: 0 to a negative power in {count} of {math.prod(shape)} elements, which "
                f"overflow mode {result.overflow.value!r} can't represent"
            )


def _are_integers(raw, fmt):
    """Which elements are integers."""
    if fmt is None:
        found = [value.denominator == 1 for value in many_axes.flat(raw)]
        return np.array(found, bool).reshape(raw.shape)
    if fmt.frac_bits <= 0:
        return np.ones(raw.shape, bool)
    # Those that a format without fraction bits holds: of 128 bits, so that none overflows.
    integers = derived.WIDEST.replace(rounding="floor", overflow="wrap", signed=fmt.signed)
    floor = calls.elementwise(plan.elementwise("convert", (fmt,), integers, "move"), (raw,))
    return calls.elementwise(plan.comparison("equal", fmt, integers), (raw, floor))


def _compare(which, raw, fmt, value):
    """A comparison of raw integers with one, elementwise."""
    if fmt is None:
        return np.asarray(getattr(np, which)(raw, value), bool)
    plain = derived.floor_wrap(fmt)
    step = plan.comparison(which, plain, plain)
    return calls.elementwise(step, (raw, storage.from_integers(np.array(value, object), plain)))


def _in_blocks(test, raws, mask):
    """The entire shape, and ``test(*raws)`` where the mask is true: the blocks in C order."""
    shape = many_axes.broadcast_shapes(*(raw.shape for raw in raws))
    raws = [np.broadcast_to(raw, shape) for raw in raws]

    def found():
        for key in blocks.cut(shape):
            part = test(*(raw[key] for raw in raws))
            yield part if mask is None else part & mask[key]

    return shape, found()


def _refuse(what, test, raws, formats, mask):
    """ValueError that shows the first element for which a test holds, if there is one."""
    shape, found = _in_blocks(test, raws, mask)
    start = 0
    for part in found:
        if part.any():
            first = start + int(np.argmax(part))
            break
        start += part.size
    else:
        return
    values = []
    for raw, fmt in zip(raws, formats, strict=True):
        element = np.broadcast_to(raw, shape)[(*np.unravel_index(first, shape), ...)]
        value = next(iter(storage.integers(element, fmt)))
        values.append(read_numbers.show(value if fmt is None else value * fmt.resolution))
    index = blocked_operation.index_in_result(first, shape)
    raise ValueError(f"{what}: the element {' ** '.join(values)} at index {index}")
