"""Exact decimal text of fixed-point numbers, laid out as NumPy prints arrays."""

import numpy as np

from . import storage


def decimal(raw, frac_bits):
    """raw * 2**-frac_bits in decimal digits, all of them: '-1.25', '3.', '0.0625'.

    As with NumPy's floats a whole number ends in a point, unless the format knows no fractions.
    """
    if frac_bits <= 0:
        return str(raw << -frac_bits)
    sign = "-" if raw < 0 else ""
    magnitude = abs(raw)
    whole, part = magnitude >> frac_bits, magnitude & (1 << frac_bits) - 1
    if not part:
        return f"{sign}{whole}."
    # part / 2**f = part * 5**f / 10**f
    digits = str(part * 5**frac_bits).rjust(frac_bits, "0").rstrip("0")
    return f"{sign}{whole}.{digits}"


def array_text(raw, fmt, prefix=""):
    """The elements of an array as text, the binary points below one another.

    Long arrays are summarised, and lines broken, as `numpy.set_printoptions` says.
    """
    if raw.size == 0:
        return "[]" if raw.ndim == 1 else np.array2string(np.empty(raw.shape), prefix=prefix)
    options = np.get_printoptions()
    integers = storage.to_integers(_corners(raw, options), fmt).reshape(-1).tolist()
    texts = [_split(decimal(integer, fmt.frac_bits)) for integer in integers]
    left = max(len(whole) for whole, _ in texts)
    right = max(len(part) for _, part in texts)

    def element(value):
        whole, part = _split(decimal(_integer(value, fmt), fmt.frac_bits))
        return whole.rjust(left) + part.ljust(right)

    return np.array2string(
        raw, separator=", ", prefix=prefix, formatter={"all": element, "void": element}
    )


def _corners(raw, options):
    """The elements that a summary shows, which decide the columns' widths."""
    if raw.size <= options["threshold"]:
        return raw
    edge = options["edgeitems"]
    for axis, n in enumerate(raw.shape):
        if n > 2 * edge:
            raw = np.take(raw, [*range(edge), *range(n - edge, n)], axis=axis)
    return raw


def _integer(value, fmt):
    if isinstance(value, np.void):
        return int.from_bytes(value.tobytes(), "little", signed=fmt.signed)
    return int(value)


def _split(text):
    whole, point, part = text.partition(".")
    return whole, point + part
