"""Rounding and overflow in Python, one value after another, on integers of any size.

For what no kernel does: objects, integers beyond the kernels' types, and elementary functions.
"""

from fractions import Fraction

import numpy as np

from ..context import blocked_operation, events, random_stream
from ..format import storage
from . import calls

_PART = 4096  # elements rounded at a time


def to_odd(value, frac_bits):
    """value * 2**frac_bits rounded to odd: floor, the last bit set where anything was lost.

    Infinities are returned as they are.
    """
    if isinstance(value, float):
        return value
    numerator, denominator = value.as_integer_ratio()
    if frac_bits >= 0:
        numerator <<= frac_bits
    else:
        denominator <<= -frac_bits
    quotient, rest = divmod(numerator, denominator)
    return quotient | (rest != 0)


def finish(values, guard, fmt, name, shape, stream=None, k=0):
    """Round, bound and count values that are already rounded to odd.

    Parameters
    ----------
    values : iterable of int or float
        In C order: each exact value times 2**(fmt.frac_bits + guard), to odd; or +-inf.
    guard : int
        Guard bits: 2 at least, 66 where `fmt` rounds stochastically.
    fmt : Format
        The result's.
    name : str
        The operation's, for counts and messages.
    shape : tuple of int
        The result's.
    stream : tuple, optional
        The step that stochastic rounding draws from; without it a step of the stream in force is
        taken.
    k : int
        Which of an element's roundings in the operation this is.

    Returns
    -------
    numpy.ndarray
        Raw storage of `fmt`, of shape `shape`.
    """
    stochastic = fmt.rounding == "stochastic"
    if stochastic and stream is None:
        stream = random_stream.next_step()
    start = blocked_operation.start_of_block()
    low, high = limits(fmt)
    result = storage.allocate(shape, storage.dtype(fmt))
    flat = result.reshape(-1)
    overflow = underflow = inexact = 0
    first, first_value = 0, Fraction(0)
    # A part at a time: Python's integers take more memory than the result.
    part, draws = np.empty(min(_PART, result.size), object), None
    for index, value in enumerate(values):
        i = index % _PART
        if i == 0:
            if index:
                flat[index - _PART : index] = storage.from_integers(part, fmt)
            if stochastic:
                count = min(_PART, result.size - index)
                draws = calls.draws(stream, start + index, count, k)
        if isinstance(value, float):
            if fmt.overflow in ("raise", "wrap"):
                raise blocked_operation.infinity_error(name, fmt, shape, index, value)
            overflow += 1
            part[i] = bound(high + 1 if value > 0 else low - 1, fmt)
            continue
        rounded = round_to(value, guard, fmt.rounding, int(draws[i]) if stochastic else 0)
        if not low <= rounded <= high:
            if not overflow:
                first, first_value = index, rounded * fmt.resolution
            overflow += 1
        lost = value & (1 << guard) - 1
        inexact += lost != 0
        underflow += rounded == 0 and value != 0
        part[i] = bound(rounded, fmt)
    rest = (result.size - 1) % _PART + 1 if result.size else 0
    flat[result.size - rest :] = storage.from_integers(part[:rest], fmt)
    counts = events.EventCounts(result.size, overflow, underflow, inexact, first, first_value)
    events.settle(name, fmt, shape, counts)
    return result


def limits(fmt):
    """The raw range that results are bounded to."""
    low = -fmt.raw_max if fmt.signed and fmt.overflow == "saturate_symmetric" else fmt.raw_min
    return low, fmt.raw_max


def round_to(value, shift, rounding, u):
    """value * 2**-shift as an integer; `u` is the draw of stochastic rounding."""
    floor, lost = value >> shift, value & (1 << shift) - 1
    if not lost:
        return floor
    half = 1 << shift - 1
    match rounding:
        case "floor":
            up = False
        case "ceil":
            up = True
        case "toward_zero":
            up = value < 0
        case "away_from_zero":
            up = value > 0
        case "odd":
            up = not floor & 1
        case "stochastic":
            up = (lost << 64 >> shift) + u >= 1 << 64
        case _:
            up = lost > half or (lost == half and _tie_goes_up(floor, rounding))
    return floor + up


def _tie_goes_up(floor, rounding):
    match rounding:
        case "nearest_even":
            return floor & 1 == 1
        case "nearest_odd":
            return floor & 1 == 0
        case "nearest_away":
            return floor >= 0
        case "nearest_zero":
            return floor < 0
        case "nearest_up":
            return True
        case _:
            return False  # nearest_down


def bound(rounded, fmt):
    """What overflow makes of a rounded raw value (`raise` is the caller's)."""
    low, high = limits(fmt)
    if low <= rounded <= high:
        return rounded
    if fmt.overflow == "saturate_zero":
        return 0
    if fmt.overflow == "wrap":
        return (rounded - low & (1 << fmt.width) - 1) + low
    return high if rounded > high else low
