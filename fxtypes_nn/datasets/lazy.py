"""Elements that stay bytes or floats until a batch needs them in fixed point."""

import functools
import math
import sys
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

import fxtypes as fx

Numeric: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]

_BLOCK = 1 << 20  # elements that are converted at once: what is needed beside the result
_DRAWN = 64  # fraction bits that a stochastic rounding looks at


class LazyArray:
    """An array of numbers that are divided by a maximum and rounded once where they are taken.

    Parameters
    ----------
    stored : numpy.ndarray
        Of uint8 or any other integer or float dtype, finite; not copied.
    format : fxtypes.Format
        Of the elements that come out.
    maximum : int or float
        What elements are divided by, above 0, with its exact value.

    Attributes
    ----------
    stored, format, maximum
        As given.
    shape : tuple of int
    ndim : int

    Raises
    ------
    TypeError
        If `stored` is no array of integers or floats, or `format` no Format.
    ValueError
        If `maximum` is not a number above 0, at most the largest float.

    Notes
    -----
    An element is the exact quotient, rounded and overflowed once as `format` says: bytes through a
    table of all quotients, others through `fxtypes.divide`. In a format that rounds stochastically
    each access draws anew from the stream in force.

    Examples
    --------
    >>> import fxtypes as fx
    >>> import numpy as np
    >>> x = LazyArray(np.array([[0, 51], [102, 255]], np.uint8), fx.Format(16, 10), 255)
    >>> len(x), x.shape
    (2, (2, 2))
    >>> x[1:]
    FixedArray([[0.400390625, 1.         ]], format=Format(16, 10))
    """

    def __init__(self, stored: Numeric, format: fx.Format, maximum: int | float) -> None:
        if not isinstance(stored, np.ndarray) or stored.dtype not in _DTYPES:
            raise TypeError(f"stored must be an array of integers or floats, got {_kind(stored)}")
        if not isinstance(format, fx.Format):
            raise TypeError(f"format must be a Format, got {format!r}")
        if isinstance(maximum, np.generic):
            maximum = maximum.item()
        if not isinstance(maximum, int | float) or not 0 < maximum <= sys.float_info.max:
            raise ValueError(
                f"maximum must be a number above 0, at most the largest float, got {maximum!r}"
            )
        self.stored = stored
        self.format = format
        self.maximum = maximum
        self._table = _table(format, maximum) if stored.dtype == np.uint8 else None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stored.shape

    @property
    def ndim(self) -> int:
        return self.stored.ndim

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, rows: Any) -> fx.FixedArray:
        """The elements at any index that NumPy takes, as a FixedArray."""
        return self.convert(self.stored[rows])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("the elements of a LazyArray are made where they are taken: no view")
        return np.asarray(self[...], dtype)

    def __repr__(self) -> str:
        return (
            f"<LazyArray of shape {self.shape}: {self.stored.dtype} / {self.maximum}, "
            f"in {self.format!r}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return LazyArray, (self.stored, self.format, self.maximum)  # the table is made anew

    def convert(self, values: NDArray[Any]) -> fx.FixedArray:
        """Return other values as if they stood in `stored`, augmented images for one.

        Parameters
        ----------
        values : numpy.ndarray
            Of the dtype of `stored`, of any shape.

        Returns
        -------
        fxtypes.FixedArray
            ``values / maximum``, rounded once into `format`.

        Raises
        ------
        TypeError
            If the dtype is another one.

        Examples
        --------
        >>> import fxtypes as fx
        >>> import numpy as np
        >>> x = LazyArray(np.array([0, 16], np.uint8), fx.Format(8, 4), 16)
        >>> x.convert(np.array([4, 8], np.uint8))
        FixedArray([0.25, 0.5 ], format=Format(8, 4))
        """
        values = np.asarray(values)
        if values.dtype != self.stored.dtype:
            raise TypeError(f"the values must be {self.stored.dtype} as stored, got {values.dtype}")
        if values.size <= _BLOCK:
            return self._converted(values)
        result = fx.empty(values.shape, self.format)
        rows = max(1, _BLOCK * len(values) // values.size)
        for start in range(0, len(values), rows):
            result[start : start + rows] = self._converted(values[start : start + rows])
        return result

    def _converted(self, values: NDArray[Any]) -> fx.FixedArray:
        if self._table is not None:
            return self._table.look_up(values)
        if values.dtype.kind == "f":
            vector, maximum = values.astype(np.float64).reshape(-1), float(self.maximum)
            if maximum != self.maximum:  # an integer that no float is
                return _by_fractions(values, Fraction(self.maximum), self.format)
            return _divided_floats(vector, maximum, self.format).reshape(values.shape)
        return _divided_integers(values, self.maximum, self.format)


_DTYPES = tuple(np.dtype(code) for code in "bBhHiIlLqQefd")


def _kind(stored: object) -> str:
    return str(stored.dtype) if isinstance(stored, np.ndarray) else type(stored).__name__


class _Table:
    """What becomes of each byte."""

    def __init__(self, entries: fx.FixedArray, format: fx.Format) -> None:
        self.entries, self.format = entries, format

    def look_up(self, values: NDArray[Any]) -> fx.FixedArray:
        found = self.entries[np.asarray(values, order="C")]
        return found if found.format == self.format else found.astype(self.format)


class _Division:
    """In the place of a table where a byte's element is not always the same one."""

    def __init__(self, format: fx.Format, maximum: int | float) -> None:
        self.format, self.maximum = format, maximum

    def look_up(self, values: NDArray[Any]) -> fx.FixedArray:
        return _divided_integers(values, self.maximum, self.format)


@functools.lru_cache(maxsize=4)  # of up to 2 MiB: the parts of a data set share theirs
def _table(format: fx.Format, maximum: int | float) -> _Table | _Division:
    if format.rounding == "stochastic":
        # Cut off behind the bits that the rounding looks at: it then decides as from the quotient.
        whole = int(255 / Fraction(maximum)).bit_length()
        frac_bits = format.frac_bits + _DRAWN
        width = max(2, whole + frac_bits)
        if width > 128 or frac_bits > 256:
            return _Division(format, maximum)
        kept = fx.Format(width, frac_bits, signed=False, rounding="floor")
    elif format.overflow == "raise":  # an entry that no byte asks for mustn't
        return _Division(format, maximum)
    else:
        kept = format
    quotients = [value / Fraction(maximum) for value in range(256)]
    return _Table(fx.array(quotients, kept), format)


def _divided_integers(
    values: NDArray[Any], maximum: int | float, format: fx.Format
) -> fx.FixedArray:
    own = fx.Format(8 * values.dtype.itemsize, 0, signed=values.dtype.kind == "i")
    divisor = Fraction(maximum)
    exact = fx.FixedArray.from_raw(values, own)
    if divisor.denominator == 1:  # else a caller's own
        return fx.divide(exact, int(divisor), format=format)
    return _by_fractions(values, divisor, format)


def _divided_floats(values: NDArray[Any], maximum: float, format: fx.Format) -> fx.FixedArray:
    """Quotients of a vector of float64 numbers, from exact integers.

    Both are multiplied by the power of two that brings the maximum to [1, 2). Numbers that 64 bits,
    or 128, hold exactly are divided as such; the others, which are tiny beside the largest, go one
    by one.
    """
    significand, exponent = math.frexp(maximum)
    divisor, exponent = 2 * significand, exponent - 1
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.ldexp(values, -exponent)
        kept = np.ldexp(scaled, exponent) == values
    if not kept.all():
        scaled = np.where(kept, scaled, 0)
    if divisor == 1:
        result, exact = fx.array(scaled, format), kept
    else:
        result, exact = _divided_at(64, scaled, divisor, format)
        exact &= kept
    if not exact.all():
        rest = ~exact
        again, exact = _divided_at(128, scaled[rest], divisor, format)
        exact &= kept[rest]
        if not exact.all():
            again[~exact] = _by_fractions(values[rest][~exact], Fraction(maximum), format)
        result[rest] = again
    return result


def _divided_at(
    width: int, values: NDArray[Any], divisor: float, format: fx.Format
) -> tuple[fx.FixedArray, NDArray[np.bool_]]:
    """Quotients of what `width` bits hold of each value, and for which that is all."""
    reach = math.frexp(float(np.abs(values).max(initial=0)))[1]
    frac_bits = max(-256, min(width - 1 - reach, 256))
    # Cut off toward zero: no quotient leaves the range that the whole one wouldn't.
    cut = fx.array(values, fx.Format(width, frac_bits, rounding="toward_zero"))
    quotients = fx.divide(cut, fx.array(divisor, fx.Format(64, 60)), format=format)
    # The way back hides nothing: what is left of a float's bits fits into a float.
    return quotients, cut.to_numpy() == values


def _by_fractions(values: NDArray[Any], divisor: Fraction, format: fx.Format) -> fx.FixedArray:
    quotients = [Fraction(value) / divisor for value in values.reshape(-1).tolist()]
    return fx.array(quotients, format).reshape(values.shape)
