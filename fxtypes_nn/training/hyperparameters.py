"""Hyperparameters: read at the door as exact numbers, and shown and stored without loss."""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias, cast

import numpy as np

Number: TypeAlias = int | float | Fraction | Decimal
# A number in the shortest of the types that hold it exactly, so that equal ones look the same.
Exact: TypeAlias = int | float | Fraction
Rate: TypeAlias = Number | Callable[[int], Any]

# Any product of a few such numbers and of a batch's mean is a coefficient that `fx` takes.
LEAST, MOST = Fraction(1, 2**200), Fraction(2**100)

# Powers are exact up to so many bits, and then bounds in so many fraction bits.
_POWER_BITS = 256
_FRACTION = re.compile(r"(-?\d{1,1000})/(\d{1,1000})")


class Range(NamedTuple):
    """What a hyperparameter may be: 0 if `zero` is true, and from `LEAST` to `most`."""

    text: str
    zero: bool
    most: Fraction


POSITIVE = Range("more than 0 (from 2**-200 to 2**100)", False, MOST)
NOT_NEGATIVE = Range("at least 0 (0, or from 2**-200 to 2**100)", True, MOST)
SHARE = Range("more than 0 and less than 1 (from 2**-200 to 1 - 2**-200)", False, 1 - LEAST)
BELOW_ONE = Range("from 0 to less than 1 (0, or from 2**-200 to 1 - 2**-200)", True, 1 - LEAST)


def exact(value: object) -> Fraction | None:
    """The value of a finite number; None of anything else, booleans and text among it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > 400:
        return None  # as a fraction it might fill the memory
    if isinstance(value, float | np.floating | Fraction | Decimal):
        try:
            return Fraction(*value.as_integer_ratio())
        except (OverflowError, ValueError):  # an infinity or NaN
            return None
    return None


def canonical(value: Fraction) -> Exact:
    """The same number as an int, a float or a Fraction: the first of these that is exact."""
    if value.denominator == 1:
        return value.numerator
    try:
        return float(value) if Fraction(float(value)) == value else value
    except OverflowError:
        return value


def read(name: str, value: object, legal: Range) -> Exact:
    """A hyperparameter's exact value.

    Raises
    ------
    ValueError
        If it isn't a finite number within `legal`; the message names it and says what is.
    """
    number = exact(value)
    if number is not None and (LEAST <= number <= legal.most or (legal.zero and number == 0)):
        return canonical(number)
    raise ValueError(f"{name} must be a finite number, {legal.text}, got {_short(value)}")


def read_count(name: str, value: object, least: int) -> int:
    """A whole number of steps or epochs; ``ValueError`` where it isn't one or is too small."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return operator.index(value)
    raise ValueError(f"{name} must be an integer, at least {least}, got {_short(value)}")


def read_rate(name: str, value: object) -> Exact | Callable[[int], Any]:
    """A rate: a number more than 0, or a schedule."""
    if callable(value) and not isinstance(value, type):
        return cast("Callable[[int], Any]", value)
    return read(name, value, POSITIVE)


def rate_at(rate: Rate, step: int) -> Exact:
    """A number, or what a schedule gives for a step; less than 2**-200 is 0.

    Raises
    ------
    ValueError
        If a schedule gives anything but a finite number from 0 to 2**100.
    """
    if not callable(rate):
        return cast("Exact", rate)
    value = rate(step)
    number = exact(value)
    if number is None or not 0 <= number <= MOST:
        raise ValueError(
            f"a schedule must give a finite number from 0 to 2**100; {_shown(rate)} gave "
            f"{_short(value)} for step {step}"
        )
    return canonical(number) if number >= LEAST else 0


def power(base: Fraction, exponent: int) -> tuple[Fraction, Fraction]:
    """Bounds of ``base**exponent``, with the base from 0 to 1.

    They are equal, and exact, where that takes at most 256 bits. Else they are what squaring and
    multiplying with 256 fraction bits gives, every step rounded down for the lower and up for the
    upper one: with 2**23 steps they are nearer than 2**-224.
    """
    if exponent * base.denominator.bit_length() <= _POWER_BITS:
        return base**exponent, base**exponent
    low = high = one = 1 << _POWER_BITS
    below, rest = divmod(base.numerator * one, base.denominator)
    above = below + (rest > 0)
    while exponent:
        if exponent & 1:
            low, high = low * below >> _POWER_BITS, -(-high * above >> _POWER_BITS)
        below, above = below * below >> _POWER_BITS, -(-above * above >> _POWER_BITS)
        exponent >>= 1
    return Fraction(low, one), Fraction(high, one)


# Schedules by name, which settings may hold; `schedules` fills it.
SCHEDULES: dict[str, type[Configured]] = {}


class Configured:
    """What optimisers and schedules share: text, settings, and the state of a schedule inside.

    A class in `registry` is a frozen dataclass of hyperparameters.
    """

    registry: ClassVar[dict[str, type[Configured]]] = {}
    _rate_name: ClassVar[str] = "rate"

    def _hyperparameters(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __repr__(self) -> str:
        """The class and its hyperparameters, a function by its name: alike where they are equal."""
        given = self._hyperparameters().items()
        return f"{type(self).__name__}({', '.join(f'{name}={_shown(v)}' for name, v in given)})"

    def settings(self) -> dict[str, Any]:
        """Name and hyperparameters, as JSON can hold them.

        Returns
        -------
        dict
            ``"name"`` and every hyperparameter: a number that is neither an int nor a float is
            the text of a fraction, a schedule its own settings. A class or function that isn't
            one of this package's has its ``"name"`` alone, by which nothing is ever imported.
        """
        name = type(self).__name__.lower()
        if self.registry.get(name) is not type(self):
            return {"name": _qualified(type(self))}
        return {"name": name} | {
            name: stored(value) for name, value in self._hyperparameters().items()
        }

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """What `settings` describes.

        Raises
        ------
        ValueError
            If they name no class of this package, or hyperparameters that it doesn't take.
        """
        return cast("Self", _built(settings, cls.registry))

    def _schedule(self) -> Configured | None:
        rate = getattr(self, self._rate_name, None)
        return rate if isinstance(rate, Configured) else None

    def observe(self, loss: Number) -> None:
        """Take note of an epoch's loss; only a schedule such as `OnPlateau` does."""
        inner = self._schedule()
        if inner is not None:
            inner.observe(loss)

    def variables(self) -> dict[str, Any]:
        """What has changed since it was made, as JSON can hold it; mostly nothing."""
        inner = self._schedule()
        return {} if inner is None else inner.variables()

    def set_variables(self, variables: dict[str, Any]) -> None:
        """Go on from what `variables` gave; ``ValueError`` if they are another schedule's."""
        inner = self._schedule()
        if inner is not None:
            inner.set_variables(variables)
        elif variables:
            raise ValueError(f"{self!r} has no variables, got {_short(variables)}")

    def reset(self) -> None:
        """Begin anew."""
        inner = self._schedule()
        if inner is not None:
            inner.reset()


def stored(value: Any) -> Any:
    """A hyperparameter as JSON can hold it; `restored` reads it."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Configured):
        return value.settings()
    return {"name": _qualified(value)} if callable(value) else value


def _built(settings: object, registry: dict[str, type[Configured]]) -> Configured:
    """What the settings describe, if the registry has it."""
    given = dict(settings) if isinstance(settings, dict) else {}
    name = given.pop("name", None)
    found = registry.get(name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(
            f"the settings {_short(settings)} name none of {', '.join(sorted(registry))}; an "
            "optimiser or a schedule of one's own can't be read from a file: pass it again"
        )
    fields = [f for f in dataclasses.fields(cast("Any", found)) if f.init]
    names, required = [f.name for f in fields], {f.name for f in fields if _has_no_default(f)}
    if not required <= given.keys() <= set(names):
        raise ValueError(
            f"the settings of {name} are {', '.join(names)}, got {_short(list(given))}"
        )
    return found(**{name: restored(value) for name, value in given.items()})


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING


def restored(value: object) -> object:
    """A hyperparameter as settings hold it: a fraction's text, a schedule's settings, or itself."""
    if isinstance(value, dict):
        return _built(value, SCHEDULES)
    parts = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    if parts is None or not int(parts[2]):
        return value
    return Fraction(int(parts[1]), int(parts[2]))


def _qualified(obj: Any) -> str:
    """Module and name of a class or function, or of the class of another callable."""
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    return f"{named.__module__}.{named.__qualname__}"


def _shown(value: Any) -> str:
    callables = callable(value) and not isinstance(value, Configured)
    return _qualified(value) if callables else repr(value)


def _short(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of more digits than Python writes
        text = f"a {type(value).__name__} of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}..."
