"""Features with a mean of 0 and a deviation of 1 in the training part."""

import functools
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import fxtypes as fx

Floats = NDArray[np.float64]
_DRAWN = 64  # fraction bits that a stochastic rounding looks at
_WIDEST = 128
_LIMB, _LIMBS = 24, 5  # bits of one, and how many a float is cut into
_AT_ONCE = 1 << 18  # elements that are summed at once
_EXACT_INTEGER = 1 << 53  # float64 holds all up to it


class Standardisation:
    """Each feature's mean, which is subtracted, and its deviation, which divides the rest.

    Parameters
    ----------
    means, deviations : array of float
        Of a sample's shape, finite. A feature whose deviation is 0 becomes 0 whatever its value.

    Attributes
    ----------
    means, deviations : numpy.ndarray
        float64, read-only.
    shape : tuple of int
        A sample's.

    Raises
    ------
    ValueError
        If the shapes differ, a number is not finite or a deviation is negative.

    Notes
    -----
    An element is the exact (value - mean) / deviation of these numbers, rounded and overflowed
    once as its format says: the same bits on every machine.

    Examples
    --------
    >>> import numpy as np
    >>> found = Standardisation.of(np.array([[1, 7, 0], [3, 7, 2]]))
    >>> found.means.tolist(), found.deviations.tolist()
    ([2.0, 7.0, 1.0], [1.0, 0.0, 1.0])
    """

    def __init__(self, means: ArrayLike, deviations: ArrayLike) -> None:
        self.means, self.deviations = _checked("means", means), _checked("deviations", deviations)
        if self.means.shape != self.deviations.shape or not self.means.size:
            raise ValueError(
                "means and deviations must have the shape of a sample, got "
                f"{self.means.shape} and {self.deviations.shape}"
            )
        if (self.deviations < 0).any():
            raise ValueError(f"deviations must be 0 or more, got {self.deviations.min()}")
        numbers = np.stack([self.means, self.deviations]).astype("<f8")
        self._key = self.means.shape, numbers.tobytes()
        # Numbers are scaled by the power of two that brings their deviation to [1, 2).
        significands, exponents = np.frexp(self.deviations)
        constant = self.deviations == 0
        self._exponents = np.where(constant, 0, exponents - 1)
        self._divisors = np.where(constant, 1, 2 * significands)
        self._constant = constant
        scaled, kept = _scaled(self.means, self._exponents)
        self._means, self._kept = np.where(kept, scaled, 0), kept

    @classmethod
    def of(cls, x: NDArray[Any]) -> "Standardisation":
        """The means and deviations of samples.

        Parameters
        ----------
        x : numpy.ndarray
            Integers or finite floats, shape (samples, \\*shape of one).

        Returns
        -------
        Standardisation
            The exact mean and the exact root of the mean squared distance from it (divided by
            the number of samples, as scikit-learn does), each rounded once to float64.

        Raises
        ------
        TypeError, ValueError
            If `x` is no such array.
        """
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "iuf" or x.dtype.itemsize > 8:
            raise TypeError(f"x must be an array of integers or floats, got {_kind(x)}")
        if x.ndim < 2 or not x.size:
            raise ValueError(f"x must have the shape (samples, features), got {x.shape}")
        if x.dtype.kind == "f" and not np.isfinite([x.min(), x.max()]).all():
            raise ValueError("x has a value that is not finite; all must be")
        found = [_mean_and_deviation(len(x), *sums) for sums in _sums(x.reshape(len(x), -1))]
        means, deviations = (np.reshape(part, x.shape[1:]) for part in zip(*found, strict=True))
        return cls(means, deviations)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.means.shape

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Standardisation):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[Any, ...]:
        return Standardisation, (self.means, self.deviations)

    def __repr__(self) -> str:
        return f"<Standardisation of {self.means.size} features>"

    def tobytes(self) -> bytes:
        """Its numbers as bytes, which tell it from others of its shape."""
        return self._key[1]

    def to_lists(self) -> list[Any]:
        """``[means, deviations]`` as JSON holds them exactly."""
        return [self.means.tolist(), self.deviations.tolist()]

    def exact(self, values: NDArray[Any], columns: NDArray[Any]) -> list[Fraction]:
        """Numbers standardised, as fractions; `columns` are their places in a sample."""
        means, deviations = (
            part.reshape(-1).take(columns).reshape(-1).tolist()
            for part in (self.means, self.deviations)
        )
        return [
            (Fraction(value) - Fraction(mean)) / Fraction(deviation) if deviation else Fraction(0)
            for value, mean, deviation in zip(
                values.reshape(-1).tolist(), means, deviations, strict=True
            )
        ]

    def convert(
        self, values: NDArray[Any], format: fx.Format, columns: NDArray[np.intp] | None = None
    ) -> fx.FixedArray:
        """Return numbers standardised, each rounded once into `format`.

        Parameters
        ----------
        values : numpy.ndarray
            Integers or finite floats.
        format : fxtypes.Format
        columns : numpy.ndarray, optional
            Of each value its place in a sample, counted in C order; by default the last axes of
            `values` are whole samples.

        Raises
        ------
        ValueError
            If they aren't.
        """
        parts: list[NDArray[Any]]
        parts = [self._means, self._divisors, self._exponents, self._constant, self._kept]
        if columns is not None:
            parts = [part.reshape(-1).take(columns) for part in parts]
        elif values.shape[values.ndim - len(self.shape) :] != self.shape:
            raise ValueError(f"the last axes must be a sample's, {self.shape}, got {values.shape}")
        means, divisors, exponents, constant, mean_kept = parts
        scaled, kept = _scaled(values.astype(np.float64), exponents)
        if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
            kept &= (values >= -_EXACT_INTEGER) & (values <= _EXACT_INTEGER)
        scaled = np.where(kept & mean_kept & ~constant, scaled, means)
        # A distance has one bit more than the larger of value and mean.
        largest = max(float(np.abs(part).max(initial=0)) for part in (scaled, means))
        frac_bits = max(-256, min(_WIDEST - 2 - math.frexp(largest)[1], 256))
        cut = fx.Format(_WIDEST, frac_bits, rounding="toward_zero")
        near, at = fx.array(scaled, cut), fx.array(means, cut)
        # The way back hides nothing: what is left of a float's bits fits into a float.
        kept &= mean_kept & (near.to_numpy() == scaled) & (at.to_numpy() == means)
        kept |= constant
        if not kept.all():
            near = fx.where(kept, near, at, format=cut)  # a distance of 0, which overflows nowhere
        by = fx.array(divisors, fx.Format(64, 60))
        result = fx.divide(fx.subtract(near, at, format=cut), by, format=format)
        if not kept.all():
            rest = ~kept
            places = self._places(values.shape) if columns is None else columns
            result[rest] = fx.array(self.exact(values[rest], places[rest]), format)
        return result

    def look_up(
        self, values: NDArray[np.uint8], format: fx.Format, columns: NDArray[np.intp] | None = None
    ) -> fx.FixedArray:
        """What `convert` makes of bytes, by a table of all of them where `format` has one."""
        table = _table(self, format)
        if table is None:
            return self.convert(values, format, columns)
        columns = self._places(values.shape) if columns is None else columns
        # "clip", as no place is out of range: NumPy then needn't look for one first.
        found = table.take(values * np.intp(self.means.size) + columns, mode="clip")
        return found if table.format == format else found.astype(format)

    def _places(self, shape: tuple[int, ...]) -> NDArray[np.intp]:
        """Of each element of an array of samples its place in one."""
        one = np.arange(self.means.size, dtype=np.intp).reshape(self.shape)
        return np.broadcast_to(one, shape)


@functools.lru_cache(maxsize=4)  # of some MiB: the parts of a data set share theirs
def _table(by: Standardisation, format: fx.Format) -> fx.FixedArray | None:
    """What becomes of each byte at each place, flat; None where that isn't always the same.

    Of a format that rounds stochastically: cut off behind the bits that the rounding looks at.
    """
    if format.overflow == "raise":  # an entry that no byte asks for mustn't
        return None
    count = by.means.size
    every = np.arange(256, dtype=np.uint8).repeat(count)
    places = np.tile(np.arange(count), 256)
    if format.rounding == "stochastic":
        ends = by.exact(np.array([0, 255]).repeat(count), np.tile(np.arange(count), 2))
        whole = math.ceil(max(map(abs, ends))).bit_length()
        frac_bits = format.frac_bits + _DRAWN
        width = max(2, 1 + whole + frac_bits)
        if width > _WIDEST or frac_bits > 256:
            return None
        format = fx.Format(width, frac_bits, rounding="floor")
    return by.convert(every, format, places)


def _checked(name: str, values: ArrayLike) -> Floats:
    found = np.array(values, np.float64)
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite")
    found.flags.writeable = False
    return found


def _kind(x: object) -> str:
    return str(x.dtype) if isinstance(x, np.ndarray) else type(x).__name__


def _scaled(values: Floats, exponents: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    """Numbers times a power of two, and for which that is exact."""
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.ldexp(values, -exponents)
        return scaled, np.ldexp(scaled, exponents) == values


def _sums(x: NDArray[Any]) -> Iterable[tuple[Fraction, Fraction]]:
    """Of each column the exact sum, and the exact sum of squares.

    Numbers are cut into integers of 24 bits, limbs, so that sums of products of two of them over
    2**14 rows stay below 2**63.
    """
    count = x.shape[1]
    exponents = np.zeros(count, np.int64)  # of the last limb's unit, by column
    exact = np.ones(count, bool)
    if x.dtype.kind == "f":
        largest = np.maximum(-x.min(axis=0), x.max(axis=0)).astype(np.float64)
        exponents = np.frexp(largest)[1].astype(np.int64) - _LIMB * _LIMBS
    total, squares = np.zeros(count, object), np.zeros(count, object)
    rows = max(1, min(_AT_ONCE // count, 1 << 14))
    for start in range(0, len(x), rows):
        limbs, all_of_it = _limbs(x[start : start + rows], exponents)
        exact &= all_of_it
        for i, one in limbs.items():
            total += one.sum(axis=0).astype(object) << _LIMB * i
            for j, other in limbs.items():
                if j <= i:
                    products = np.einsum("rc,rc->c", one, other)
                    squares += products.astype(object) << _LIMB * (i + j) + (j < i)
    for column, exponent in enumerate(exponents.tolist()):
        if exact[column]:
            unit = Fraction(2) ** exponent
            yield total[column] * unit, squares[column] * unit * unit
        else:
            yield _column_sums(x[:, column].tolist())


def _limbs(
    x: NDArray[Any], exponents: NDArray[np.int64]
) -> tuple[dict[int, NDArray[np.int64]], NDArray[np.bool_]]:
    """Numbers as sums of limbs * 2**(24 i + exponent), by i, and the columns where they are that.

    Limbs of nothing but zeros are left out.
    """
    found = {}
    if x.dtype.kind == "f":
        rest, fits = _scaled(x.astype(np.float64), exponents + _LIMB * _LIMBS)  # within (-1, 1)
        kept = np.asarray(fits.all(axis=0))
        for i in reversed(range(_LIMBS)):
            rest = np.ldexp(rest, _LIMB)
            whole = np.trunc(rest)
            rest -= whole
            found[i] = whole.astype(np.int64)
        kept &= ~rest.any(axis=0)
    elif x.dtype.itemsize <= 2:
        found[0], kept = x.astype(np.int64), np.ones(x.shape[1], bool)
    else:
        whole = x if x.dtype == np.uint64 else x.astype(np.int64)
        kept = np.ones(x.shape[1], bool)
        for i in range(3):
            found[i] = (whole & whole.dtype.type((1 << _LIMB) - 1)).astype(np.int64)
            whole = whole >> whole.dtype.type(_LIMB)
        found[3] = whole.astype(np.int64)  # of a negative number the sign: -1
    return {i: limb for i, limb in found.items() if limb.any()}, kept


def _column_sums(column: list[int | float]) -> tuple[Fraction, Fraction]:
    ratios = [value.as_integer_ratio() for value in column]
    by = max(denominator for _, denominator in ratios)  # all are powers of two
    wholes = [numerator * (by // denominator) for numerator, denominator in ratios]
    return Fraction(sum(wholes), by), Fraction(sum(whole * whole for whole in wholes), by * by)


def _mean_and_deviation(count: int, total: Fraction, squares: Fraction) -> tuple[float, float]:
    mean = total / count
    return float(mean), _root(squares / count - mean * mean)


def _root(square: Fraction) -> float:
    """The float64 nearest to a fraction's root."""
    above, below = square.as_integer_ratio()
    # An integer root of more than 64 bits; the odd bit behind it says that there is more.
    shift = max(0, 65 + (below.bit_length() - above.bit_length()) // 2)
    quotient, rest = divmod(above << 2 * shift, below)
    root = math.isqrt(quotient)
    more = rest > 0 or root * root != quotient
    return float(Fraction(2 * root + more, 2 << shift))
