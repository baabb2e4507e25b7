"""Format: width, binary point, signedness and the modes of a fixed-point number."""

from __future__ import annotations

import contextlib
import math
import operator
import os
import weakref
from _thread import allocate_lock  # what threading.Lock is, which takes longer to import
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

from ..errors import FormatError
from ..signal_safe import LockGuard
from .dtype_attributes import DtypeAttributes
from .modes import Overflow, Rounding
from .read_numbers import Number, exact_value, shorten, show

MIN_WIDTH, MAX_WIDTH = 2, 128
MAX_FRAC_BITS = 256

_interned: weakref.WeakValueDictionary[tuple[Any, ...], Format] = weakref.WeakValueDictionary()
_interning = allocate_lock()


def _after_fork() -> None:
    """In a forked child the thread that held the lock may be gone."""
    global _interning
    _interning = allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Format(DtypeAttributes):
    """What a fixed-point number looks like: ``value = raw * 2**-frac_bits``.

    Parameters
    ----------
    width : int
        Bits in all, the sign bit included: 2 to 128.
    frac_bits : int
        Bits after the binary point, -256 to 256. It may be negative or exceed `width`.
    signed : bool
        Two's complement if true, else unsigned.
    rounding : str or Rounding
        How a result is rounded into this format.
    overflow : str or Overflow
        What happens to a rounded result outside ``[raw_min, raw_max]``.

    Raises
    ------
    FormatError
        For a value outside these ranges; the message names it.

    Attributes
    ----------
    width, frac_bits, signed, rounding, overflow
        As above, read-only.
    raw_min, raw_max : int
        The range of the raw integers.

    Notes
    -----
    Formats are immutable and hashable; they compare equal when all five fields agree, and
    then they are the same object. They have no order.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> q
    Format(16, 8)
    >>> q.max, q.resolution
    (Fraction(32767, 256), Fraction(1, 256))
    >>> q.replace(rounding="floor", overflow="wrap")
    Format(16, 8, rounding='floor', overflow='wrap')
    """

    __slots__ = (
        "__weakref__",
        "_core",  # the compiled modules' view of this format, made on first use
        "frac_bits",
        "overflow",
        "raw_max",
        "raw_min",
        "rounding",
        "signed",
        "width",
    )

    if TYPE_CHECKING:  # read-only, which slots can't say

        @property
        def width(self) -> int: ...
        @property
        def frac_bits(self) -> int: ...
        @property
        def signed(self) -> bool: ...
        @property
        def rounding(self) -> Rounding: ...
        @property
        def overflow(self) -> Overflow: ...
        @property
        def raw_min(self) -> int: ...
        @property
        def raw_max(self) -> int: ...

    def __new__(
        cls,
        width: SupportsIndex,
        frac_bits: SupportsIndex,
        signed: bool = True,
        rounding: str = Rounding.NEAREST_EVEN,
        overflow: str = Overflow.SATURATE,
    ) -> Format:
        fields = (
            _integer("width", width, MIN_WIDTH, MAX_WIDTH),
            _integer("frac_bits", frac_bits, -MAX_FRAC_BITS, MAX_FRAC_BITS),
            _boolean("signed", signed),
            _member("rounding", rounding, Rounding),
            _member("overflow", overflow, Overflow),
        )
        with LockGuard(_interning):
            self = _interned.get(fields)
            if self is None:
                self = super().__new__(cls)
                _fill(self, fields)
                _interned[fields] = self
        return self

    @property
    def int_bits(self) -> int:
        """Bits before the binary point, the sign bit included: ``width - frac_bits``.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(16, 10).int_bits
        6
        """
        return self.width - self.frac_bits

    @property
    def itemsize(self) -> int:
        """Bytes an element: 1, 2, 4, 8 or 16.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(12, 8).itemsize
        2
        """
        return 1 << max((self.width - 1).bit_length() - 3, 0)

    @property
    def min(self) -> Fraction:
        """The lowest value, a `fractions.Fraction`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(8, 4).min
        Fraction(-8, 1)
        """
        return self.raw_min * self.resolution

    @property
    def max(self) -> Fraction:
        """The highest value, a `fractions.Fraction`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(8, 4).max
        Fraction(127, 16)
        """
        return self.raw_max * self.resolution

    @property
    def resolution(self) -> Fraction:
        """The distance of two neighbouring values, a `fractions.Fraction`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(8, 4).resolution, fx.Format(8, -2).resolution
        (Fraction(1, 16), Fraction(4, 1))
        """
        return _power_of_two(-self.frac_bits)

    def replace(self, **changes: Any) -> Format:
        """Return this format with some of its five fields changed.

        Raises
        ------
        FormatError
            If a changed field is out of its range.
        TypeError
            If a name is not one of the five fields.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(8, 4).replace(width=16, rounding="floor")
        Format(16, 4, rounding='floor')
        """
        return type(self)(**{name: getattr(self, name) for name in _FIELDS} | changes)

    @classmethod
    def for_range(
        cls,
        low: Number,
        high: Number,
        width: SupportsIndex,
        signed: bool = True,
        rounding: str = Rounding.NEAREST_EVEN,
        overflow: str = Overflow.SATURATE,
    ) -> Format:
        """Return the format of `width` bits with the most fraction bits that holds a range.

        Parameters
        ----------
        low, high : number or decimal string
            The range, ends included, taken exactly.
        width, signed, rounding, overflow
            As for `Format`.

        Raises
        ------
        FormatError
            If `low` exceeds `high`, is negative in an unsigned format, or no fraction bits
            from -256 to 256 hold the range.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format.for_range(-10, 10, 16)
        Format(16, 11)
        """
        least, most = _finite("low", low), _finite("high", high)
        if least > most:
            raise FormatError(f"low must not exceed high, got {show(least)} and {show(most)}")
        # Two magnitudes bound the answer within a bit or two; the rest is a short search.
        limits = cls(width, 0, signed, rounding, overflow)
        if least < 0 and not limits.signed:
            raise FormatError(f"an unsigned format can't hold low={show(least)}; pass signed=True")
        lowest = limits.raw_min
        if limits.signed and limits.overflow == "saturate_symmetric":
            lowest = -limits.raw_max
        magnitude = max(abs(least), abs(most))
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        start = MAX_FRAC_BITS if not magnitude else min(MAX_FRAC_BITS, limits.width - exponent + 1)
        for frac_bits in range(start, max(start - 5, -MAX_FRAC_BITS - 1), -1):
            scale = Fraction(2) ** frac_bits
            if lowest <= least * scale and most * scale <= limits.raw_max:
                return limits.replace(frac_bits=frac_bits)
        raise FormatError(
            f"no format of {limits.width} bits with -256 to 256 fraction bits "
            f"holds the range [{show(least)}, {show(most)}]"
        )

    @classmethod
    def parse(cls, text: str) -> Format:
        """Return the format that `text` names in one of the notations in use.

        Understood are ``Q15.16`` and ``UQ8.8`` (TI: the sign bit is not counted),
        ``ap_fixed<...>``, ``ac_fixed<...>``, ``sc_fixed<...>`` with their unsigned kin, and
        MATLAB's ``fixdt(...)``. A mode that the text leaves out takes that notation's own
        default; ``Q`` and ``fixdt`` have none and take `Format`'s.

        Raises
        ------
        FormatError
            If the text is none of these or says what a `Format` can't.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format.parse("Q15.16")
        Format(32, 16)
        >>> fx.Format.parse("ap_fixed<32,16,AP_RND_CONV,AP_SAT>")
        Format(32, 16)
        """
        from . import notation  # late: few programs need it

        return cls(**notation.parse(text))

    def to_string(self, notation: str) -> str:
        """Write the format in `notation`: q, ap_fixed, ac_fixed, sc_fixed or fixdt.

        ``q`` and ``fixdt`` leave the modes out.

        Raises
        ------
        FormatError
            If the notation is unknown or can't say this format.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(32, 16).to_string("ap_fixed")
        'ap_fixed<32,16,AP_RND_CONV,AP_SAT>'
        """
        from .notation import to_string

        return to_string(self, notation)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Format can't be changed; use format.replace({name}=...)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Format can't be changed")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, tuple(_plain(getattr(self, name)) for name in _FIELDS)

    def __setstate__(self, state: object) -> NoReturn:
        raise FormatError("a pickled Format is altered: it has no state of its own")

    def __copy__(self) -> Format:
        return self

    def __deepcopy__(self, memo: object) -> Format:
        return self

    def __repr__(self) -> str:
        parts = [f"{self.width}, {self.frac_bits}"]
        for name, default in _DEFAULTS.items():
            value = _plain(getattr(self, name))
            if value != default:
                parts.append(f"{name}={value!r}")
        return f"Format({', '.join(parts)})"

    def __str__(self) -> str:
        letters = f"Q{self.int_bits - 1}" if self.signed else f"UQ{self.int_bits}"
        modes = [
            _plain(getattr(self, name))
            for name in ("rounding", "overflow")
            if getattr(self, name) != _DEFAULTS[name]
        ]
        return " ".join([f"{letters}.{self.frac_bits}", *modes])


_FIELDS = ("width", "frac_bits", "signed", "rounding", "overflow")
_DEFAULTS = {"signed": True, "rounding": "nearest_even", "overflow": "saturate"}


def _restore(*fields: Any) -> Format:
    """Rebuild a pickled Format, checking what comes in: `FormatError` for what is altered."""
    if len(fields) != len(_FIELDS):
        raise FormatError(f"a pickled Format has {len(_FIELDS)} fields, not {len(fields)}")
    return Format(*fields)


def _fill(self, fields):
    width, _, signed, _, _ = fields
    for name, value in zip(_FIELDS, fields, strict=True):
        object.__setattr__(self, name, value)
    object.__setattr__(self, "raw_min", -(1 << width - 1) if signed else 0)
    object.__setattr__(self, "raw_max", (1 << width - signed) - 1)
    object.__setattr__(self, "_core", None)


def _plain(value):
    return value.value if isinstance(value, Rounding | Overflow) else value


def _integer(name, value, low, high):
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise FormatError(
            f"{name} must be an integer from {low} to {high}, got {shorten(value)}"
        ) from None
    if not low <= number <= high:
        raise FormatError(f"{name} must be from {low} to {high}, got {_short(number)}")
    return number


@lru_cache(None)
def _power_of_two(exponent):
    return Fraction(2) ** exponent


def _boolean(name, value):
    if value is True or value is False:
        return value
    if type(value).__name__ in ("bool", "bool_") and type(value).__module__ == "numpy":
        return bool(value)
    raise FormatError(f"{name} must be True or False, got {shorten(value)}")


def _member(name, value, kind):
    if type(value) is kind:
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return kind(value)
    raise FormatError(f"{name} must be one of {', '.join(kind)}, got {shorten(value)}")


def _finite(name: str, value: Number) -> Fraction:
    try:
        number = exact_value(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(number, float):
        raise FormatError(f"{name} must be a finite number, got {shorten(value)}")
    return Fraction(number)


def _short(number):
    """A number for a message: a huge one by its size (its digits could take minutes)."""
    return (
        str(number) if number.bit_length() <= 256 else f"an integer of {number.bit_length()} bits"
    )
