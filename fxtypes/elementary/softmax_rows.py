"""softmax and the logarithms of sums: exponentials below the row's maximum, one sum."""

from collections.abc import Sequence

from .common import decide, floor_ln2_multiple, odd_between, odd_dyadic, retry, working_precision
from .exponential import DECAY_ERROR, decay, exp2
from .logarithm import LOG_ERROR, log2, log_fixed


def softmax(raws: Sequence[int], frac_bits: int, out_bits: int) -> list[int]:
    """e**x[i] / sum(e**x), each.

    Notes
    -----
    A result is rational only if all x are equal. With q = 1 / p[i] = sum_j e**(x[j] - x[i]),
    gathered by exponent, sum_d c[d] e**d - q e**0 = 0 with counts c[d] > 0. By the theorem of
    Lindemann and Weierstrass the e**d of distinct rational d are linearly independent over the
    rationals; so a rational q leaves no d but 0. Then the results are 1/n exactly.

    Examples
    --------
    >>> from fxtypes.elementary import softmax
    >>> softmax([7, 7], 0, 8)
    [128, 128]
    >>> softmax([0, 1, 2], 0, 8)  # 23.05, 62.65, 170.3
    [23, 63, 171]
    """
    if not raws:
        raise ValueError("softmax of an empty row; it needs at least one element")
    count, top = len(raws), max(raws)
    if min(raws) == top:
        quotient, rest = divmod(1 << max(out_bits, 0), count << max(-out_bits, 0))
        return [quotient | (rest > 0)] * count
    differences, frac_bits = _below(raws, top, frac_bits)
    precision = working_precision(out_bits + count.bit_length())
    results = [0] * count
    pending = list(range(count))
    while pending:
        lows, highs = _enclose_powers(differences, frac_bits, precision)
        # Not all powers are 1, so the sum is strictly between these, and the results strictly
        # between their quotients. Two maxima and a third element at -10**30 are decided, too:
        # the high end is then 1/2 exactly.
        low_sum, high_sum = sum(lows), sum(highs)
        shift = precision - out_bits
        undecided = []
        for i in pending:
            low = (lows[i] << precision) // high_sum
            high = -((-highs[i] << precision) // low_sum)
            result = odd_between(low, high, shift)
            if result is None:
                undecided.append(i)
            else:
                results[i] = result
        pending = undecided
        precision *= 2
    return results


def logsumexp(raws: Sequence[int], frac_bits: int, out_bits: int) -> int:
    """log(sum(e**x)).

    Notes
    -----
    The result is rational only for one element. A rational result q means
    sum_d c[d] e**d - e**q = 0, the elements gathered into distinct d with counts c[d] > 0; by
    the theorem of Lindemann and Weierstrass (see `softmax`) this leaves one d, equal to q, with
    a count of 1.

    Examples
    --------
    >>> from fxtypes.elementary import logsumexp
    >>> logsumexp([3], 0, 8), logsumexp([0, 0], 0, 8)  # log 2 = 177.4 / 256
    (768, 177)
    """
    if not raws:
        raise ValueError("logsumexp of an empty row; it needs at least one element")
    count, top = len(raws), max(raws)
    if count == 1:
        return odd_dyadic(top, frac_bits - out_bits)
    differences, _ = _below(raws, top, frac_bits)
    if frac_bits < 0:
        top <<= -frac_bits
        frac_bits = 0

    def enclose(precision):
        low, high = _enclose_log_of_sum(differences, frac_bits, precision)
        base = top << precision - frac_bits
        return base + low, base + high

    # At no less than frac_bits the maximum is exact.
    precision = working_precision(max(out_bits + count.bit_length(), frac_bits))
    return retry(enclose, out_bits, precision)


def log_softmax(raws: Sequence[int], frac_bits: int, out_bits: int) -> list[int]:
    """x[i] - log(sum(e**x)), each.

    Notes
    -----
    A result is rational only for one element, where it is 0: see `logsumexp`.

    Examples
    --------
    >>> from fxtypes.elementary import log_softmax
    >>> log_softmax([3], 0, 8), log_softmax([0, 0], 0, 8)  # -log 2 = -177.4 / 256
    ([0], [-177, -177])
    """
    if not raws:
        raise ValueError("log_softmax of an empty row; it needs at least one element")
    count, top = len(raws), max(raws)
    if count == 1:
        return [0]
    differences, frac_bits = _below(raws, top, frac_bits)
    # At no less than frac_bits the differences are exact.
    precision = working_precision(max(out_bits + count.bit_length(), frac_bits))
    results = [0] * count
    pending = list(range(count))
    while pending:
        low_log, high_log = _enclose_log_of_sum(differences, frac_bits, precision)
        undecided = []
        for i in pending:
            difference = differences[i] << precision - frac_bits
            low, high = difference - high_log, difference - low_log
            result = odd_between(low, high, precision - out_bits)
            if result is None:
                undecided.append(i)
            else:
                results[i] = result
        pending = undecided
        precision *= 2
    return results


def logaddexp(raw: int, frac_bits: int, other: int, other_frac_bits: int, out_bits: int) -> int:
    """log(e**x + e**y), `logsumexp` of two elements.

    Examples
    --------
    >>> from fxtypes.elementary import logaddexp
    >>> logaddexp(0, 0, 0, 8, 8)  # log 2 = 177.4 / 256
    177
    """
    bits = max(frac_bits, other_frac_bits)
    return logsumexp([raw << bits - frac_bits, other << bits - other_frac_bits], bits, out_bits)


def logaddexp2(raw: int, frac_bits: int, other: int, other_frac_bits: int, out_bits: int) -> int:
    """log2(2**x + 2**y).

    Notes
    -----
    The result is rational only for x = y, where it is x + 1. Otherwise let d > 0 be their distance,
    and 1 + 2**-d = 2**r with a rational r. The powers 2**(j/n), 0 <= j < n, are linearly
    independent over the rationals, as X**n - 2 is irreducible (Eisenstein); so in this sum of three
    powers the exponents, less their floors, are equal, and d and r integers. Then 2**d + 1, which
    is odd, is a power of two: it is not.

    Examples
    --------
    >>> from fxtypes.elementary import logaddexp2
    >>> logaddexp2(1, 0, 1, 0, 8), logaddexp2(1, 0, 0, 0, 8)  # 2, and log2 3 = 405.75 / 256
    (512, 405)
    """
    bits = max(frac_bits, other_frac_bits, 0)
    x, y = raw << bits - frac_bits, other << bits - other_frac_bits
    top, distance = max(x, y), abs(x - y)
    if not distance:
        return odd_dyadic(top + (1 << bits), bits - out_bits)

    def enclose(precision):
        # log2(1 + p) with p = 2**-distance < 2**-(distance >> bits); the logarithm is above 0 and
        # below 2 p.
        if distance >> bits >= precision:
            low, high = 0, 2
        else:
            # To odd, each is off by less than 1; 1 of p makes less than 1.5.
            power = exp2(-distance, bits, precision)
            value = log2((1 << precision) + power, precision, precision)
            low, high = max(value - 3, 0), value + 3
        base = top << precision - bits
        return base + max(low, 0), base + high

    # At no less than the arguments' fraction bits the maximum is exact.
    return decide(enclose, out_bits, max(out_bits, bits))


def softplus(raw: int, frac_bits: int, out_bits: int) -> int:
    """log(1 + e**x), correctly rounded to odd: `logsumexp` of x and 0.

    Examples
    --------
    >>> from fxtypes.elementary import softplus
    >>> softplus(0, 0, 8), softplus(-(10**9), 0, 8)  # log 2 = 177.4 / 256; not quite 0
    (177, 1)
    """
    return logsumexp([raw, 0], frac_bits, out_bits)


def _below(raws, top, frac_bits):
    """The elements less the maximum, with frac_bits >= 0."""
    if frac_bits >= 0:
        return [raw - top for raw in raws], frac_bits
    return [raw - top << -frac_bits for raw in raws], 0


def _enclose_log_of_sum(differences, frac_bits, precision):
    """Strict bounds of log(sum(e**x)) * 2**precision for x <= 0, one of them 0, and others."""
    lows, highs = _enclose_powers(differences, frac_bits, precision)
    # The sum is above 1, so its error is not magnified, and its logarithm is above 0, which decides
    # where the other elements are negligible.
    low_sum = sum(lows)
    error = sum(highs) - low_sum + LOG_ERROR
    value = log_fixed(low_sum, precision, precision)
    return max(value - LOG_ERROR, 0), value + error


def _enclose_powers(differences, frac_bits, precision):
    """Bounds of e**x * 2**precision for each x <= 0: exact for 0, strict below.

    What is below one ulp isn't computed, so that no argument is too large.
    """
    lows, highs = [], []
    negligible = floor_ln2_multiple(-precision, frac_bits)
    for raw in differences:
        if not raw:
            low = high = 1 << precision
        elif raw <= negligible:
            low, high = 0, 1
        else:
            power = decay(raw, frac_bits, precision)
            low, high = max(power - DECAY_ERROR, 0), power + DECAY_ERROR
        lows.append(low)
        highs.append(high)
    return lows, highs
