"""Elements that stay bytes or floats until a batch needs them in fixed point."""

import functools
import math
import sys
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

import fxtypes as fx

from .standardisation import Standardisation

Numeric: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]

_BLOCK = 1 << 20  # elements that are converted at once: what is needed beside the result
_BLOCK_STANDARDISED = 1 << 17  # which takes more room
_TABLE_ROWS = 256  # from so many on a table of all bytes pays for standardised ones
_DRAWN = 64  # fraction bits that a stochastic rounding looks at


class LazyArray:
    r"""An array of numbers that are scaled and rounded once where they are taken.

    Parameters
    ----------
    stored : numpy.ndarray
        Of uint8 or any other integer or float dtype, finite; not copied.
    format : fxtypes.Format
        Of the elements that come out.
    maximum : int or float
        What elements are divided by, above 0, with its exact value.
    standardisation : Standardisation, optional
        What is done to them instead; `stored` is then of shape (samples, \*shape of one).

    Attributes
    ----------
    stored, format, maximum, standardisation
        As given.
    shape : tuple of int
    ndim : int

    Raises
    ------
    TypeError
        If `stored` is no array of integers or floats, `format` no Format or `standardisation` no
        Standardisation.
    ValueError
        If `maximum` is not a number above 0, at most the largest float, or the standardisation
        is one of samples of another shape.

    Notes
    -----
    An element is the exact quotient, or (value - mean) / deviation, rounded and overflowed once as
    `format` says: bytes through a table of all of them, others through `fxtypes.divide`. In a
    format that rounds stochastically each access draws anew from the stream in force.

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

    def __init__(
        self,
        stored: Numeric,
        format: fx.Format,
        maximum: int | float = 1,
        standardisation: Standardisation | None = None,
    ) -> None:
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
        if not isinstance(standardisation, Standardisation | None):
            raise TypeError(f"standardisation must be a Standardisation, got {standardisation!r}")
        if standardisation is not None and stored.shape[1:] != standardisation.shape:
            raise ValueError(
                f"the standardisation is one of samples of shape {standardisation.shape}, these "
                f"have {stored.shape[1:]}"
            )
        self.stored = stored
        self.format = format
        self.maximum = maximum
        self.standardisation = standardisation
        divided = standardisation is None and stored.dtype == np.uint8
        self._table = _table(format, maximum) if divided else None

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
        found, by = np.asarray(self.stored[rows]), self.standardisation
        # Anything else leaves whole samples.
        inside = isinstance(rows, tuple) or (np.ndim(rows) > 1 and np.asarray(rows).dtype == bool)
        if by is None or not inside:
            return self._by_blocks(found, None)
        places = np.arange(by.means.size).reshape(by.shape)
        return self._by_blocks(found, np.asarray(np.broadcast_to(places, self.shape)[rows]))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("the elements of a LazyArray are made where they are taken: no view")
        return np.asarray(self[...], dtype)

    def __repr__(self) -> str:
        scaled = f"/ {self.maximum}" if self.standardisation is None else "standardised"
        return (
            f"<LazyArray of shape {self.shape}: {self.stored.dtype} {scaled}, in {self.format!r}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:  # the table is made anew
        return LazyArray, (self.stored, self.format, self.maximum, self.standardisation)

    def part(self, rows: slice) -> "LazyArray":
        """Some rows, as lazy; nothing is copied."""
        return LazyArray(self.stored[rows], self.format, self.maximum, self.standardisation)

    def astype(self, format: fx.Format) -> "LazyArray":
        """The same numbers, rounded once into another format where they are taken."""
        return LazyArray(self.stored, format, self.maximum, self.standardisation)

    def extremes(self) -> tuple[Fraction, Fraction]:
        """The least and the largest element, before it is rounded."""
        by, stored = self.standardisation, self.stored
        if by is None:
            low, high = (Fraction(end.item()) for end in (stored.min(), stored.max()))
            return low / Fraction(self.maximum), high / Fraction(self.maximum)
        places = np.arange(by.means.size)
        lows, highs = (by.exact(end, places) for end in (stored.min(axis=0), stored.max(axis=0)))
        return min(lows), max(highs)

    def count_beyond(self, least: Fraction, most: Fraction) -> int:
        """How many elements are less than one number or more than another.

        Only the extremes are looked at if none is. A stored number counts by the float nearest to
        the bound that it has.
        """
        low, high = self.extremes()
        count = 0
        if high > most:
            count += int(np.count_nonzero(self.stored > self._bound(most)))
        if low < least:
            count += int(np.count_nonzero(self.stored < self._bound(least)))
        return count

    def _bound(self, end: Fraction) -> Any:
        """What a stored number is that becomes `end`: of each feature one, if standardised."""
        by = self.standardisation
        if by is None:
            return float(end * Fraction(self.maximum))
        # A constant feature becomes 0, which no format's range leaves out.
        outside = np.inf if end > 0 else -np.inf
        bounds = [
            float(end * Fraction(deviation) + Fraction(mean)) if deviation else outside
            for mean, deviation in zip(by.means.flat, by.deviations.flat, strict=True)
        ]
        return np.reshape(bounds, by.shape)

    def convert(self, values: NDArray[Any]) -> fx.FixedArray:
        """Return other values as if they stood in `stored`, augmented images for one.

        Parameters
        ----------
        values : numpy.ndarray
            Of the dtype of `stored`, of any shape.

        Returns
        -------
        fxtypes.FixedArray
            Scaled, rounded once into `format`.

        Raises
        ------
        TypeError
            If the dtype is another one.
        ValueError
            If they are standardised and aren't whole samples.

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
        return self._by_blocks(values, None)

    def _by_blocks(self, values: NDArray[Any], columns: NDArray[np.intp] | None) -> fx.FixedArray:
        """Convert; `columns` are the values' places in a sample where they aren't whole samples."""
        by = self.standardisation
        block = _BLOCK if by is None else _BLOCK_STANDARDISED
        divisible = by is None or columns is not None or values.ndim > len(by.shape)
        if values.size <= block or not divisible:
            return self._converted(values, columns)
        result = fx.empty(values.shape, self.format)
        rows = max(1, block * len(values) // values.size)
        for start in range(0, len(values), rows):
            part = slice(start, start + rows)
            places = None if columns is None else columns[part]
            result[part] = self._converted(values[part], places)
        return result

    def _converted(self, values: NDArray[Any], columns: NDArray[np.intp] | None) -> fx.FixedArray:
        if self.standardisation is not None:
            by_table = values.dtype == np.uint8 and len(self.stored) >= _TABLE_ROWS
            convert = self.standardisation.look_up if by_table else self.standardisation.convert
            return convert(values, self.format, columns)
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
