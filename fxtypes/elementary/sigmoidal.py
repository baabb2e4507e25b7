"""sigmoid, tanh and silu, all from e**-|x|."""

from functools import lru_cache

from .common import PRECISION_STEP, decide, floor_ln2_multiple, odd_beside
from .exponential import DECAY_ERROR, decay

# Of the quotient u / (1 + u), which doesn't magnify the error of u, and rounding it down.
_ERROR = DECAY_ERROR + 1


def sigmoid(raw: int, frac_bits: int, out_bits: int) -> int:
    """1 / (1 + e**-x).

    Notes
    -----
    sigmoid(0) = 1/2; for every other rational x the result is transcendental, since e**x is.

    Examples
    --------
    >>> from fxtypes.elementary import sigmoid
    >>> sigmoid(0, 8, 8) / 2**8
    0.5
    >>> sigmoid(10**30, 0, 8), sigmoid(-(10**30), 0, 8)  # not quite 1, not quite 0
    (255, 1)
    """
    if out_bits <= 0:
        return 1  # strictly between 0 and 1
    if raw < 0:
        return _sigmoid_of_negative(raw, frac_bits, out_bits)
    if raw:
        # sigmoid(x) = 1 - sigmoid(-x), and 2**out_bits is even.
        return (1 << out_bits) - _sigmoid_of_negative(-raw, frac_bits, out_bits)
    return 1 << out_bits - 1


def tanh(raw: int, frac_bits: int, out_bits: int) -> int:
    """The hyperbolic tangent.

    Notes
    -----
    tanh(0) = 0; for every other rational x the result is transcendental, since e**x is.

    Examples
    --------
    >>> from fxtypes.elementary import tanh
    >>> tanh(0, 8, 8), tanh(1, 0, 8), tanh(-1, 0, 8)  # 0.76159... * 256 = 194.97
    (0, 195, -195)
    """
    if not raw:
        return 0
    if out_bits <= 0:
        return 1 if raw > 0 else -1  # strictly between 0 and 1 or -1 and 0
    # tanh(x) = 2 sigmoid(2x) - 1, and 2**out_bits is even.
    if raw < 0:
        return _sigmoid_of_negative(raw, frac_bits - 1, out_bits + 1) - (1 << out_bits)
    return (1 << out_bits) - _sigmoid_of_negative(-raw, frac_bits - 1, out_bits + 1)


def silu(raw: int, frac_bits: int, out_bits: int) -> int:
    """x * sigmoid(x).

    Notes
    -----
    silu(0) = 0; for every other rational x the result is transcendental, as sigmoid's is.

    Examples
    --------
    >>> from fxtypes.elementary import silu
    >>> silu(0, 0, 8), silu(1, 0, 8), silu(-1, 0, 8)  # 0.73105... * 256 = 187.1, -68.8
    (0, 187, -69)
    """
    if not raw:
        return 0
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0
    bits = max(2 * frac_bits + 2, out_bits)
    if 4 * (frac_bits - raw.bit_length()) >= bits:
        # x/2 + x**2/4 - x**4/48 < silu x < x/2 + x**2/4, as sigmoid x = (1 + tanh(x/2)) / 2, and
        # tanh z is between z - z**3/3 and z; x**4 is below 2**-bits.
        start = (raw << bits - frac_bits - 1) + (raw * raw << bits - 2 * frac_bits - 2)
        return odd_beside(start, bits, out_bits, False)
    distance = abs(raw)

    def enclose(precision):
        # With y = |x| silu(-y) = -y sigmoid(-y), and silu(y) = y - y sigmoid(-y).
        # 0 < y sigmoid(-y) < y e**-y < e**(-y/2)
        if distance > floor_ln2_multiple(2 * precision, frac_bits):
            low, high = 0, 1
        else:
            # With so many bits more, an error of `_ERROR` times y < 2**40 is less than 1.
            bits = precision + PRECISION_STEP
            power = decay(-distance, frac_bits, bits)
            share = (power << bits) // ((1 << bits) + power)
            value = distance * share >> frac_bits + PRECISION_STEP
            low, high = max(value - 2, 0), value + 2
        base = raw << precision - frac_bits if raw > 0 else 0
        return base - high, base - low

    # At no less than frac_bits x is exact.
    return decide(enclose, out_bits, max(out_bits, frac_bits))


def _sigmoid_of_negative(raw, frac_bits, out_bits):
    """sigmoid(x) rounded to odd, x < 0 and out_bits > 0."""
    if raw <= _lowest(frac_bits, out_bits):
        return 1
    bits = max(frac_bits + 2, out_bits)
    if 3 * (frac_bits - raw.bit_length()) >= bits:
        # 1/2 - y/4 < sigmoid(-y) < 1/2 - y/4 + y**3/48 for y > 0, as tanh(z) is between z and
        # z - z**3/3 (its derivative 1 - tanh(z)**2 between 1 and 1 - z**2); y**3 is below 2**-bits.
        start = (1 << bits - 1) + (raw << bits - frac_bits - 2)
        return odd_beside(start, bits, out_bits, True)
    if frac_bits < 0:
        raw, frac_bits = raw << -frac_bits, 0

    def enclose(precision):
        power = decay(raw, frac_bits, precision)
        value = (power << precision) // ((1 << precision) + power)
        return value - _ERROR, value + _ERROR

    return decide(enclose, out_bits)


@lru_cache(maxsize=256)
def _lowest(frac_bits, out_bits):
    """The raw argument up to which the result is 1.

    sigmoid(x) < e**x <= 2**(1 - out_bits) rounds to odd as 1.
    """
    return floor_ln2_multiple(1 - out_bits, frac_bits)
