"""Optimisers: how a parameter follows from its gradient, exactly and rounded once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

import fxtypes as fx

from ..watch.observer import lost_share
from .hyperparameters import (
    BELOW_ONE,
    NOT_NEGATIVE,
    Configured,
    Exact,
    Number,
    Rate,
    power,
    rate_at,
    read,
    read_rate,
)

__all__ = [
    "SGD",
    "Adam",
    "Optimizer",
    "ParameterState",
    "Quotient",
    "Terms",
    "Update",
    "check_optimizer",
    "coefficient",
    "niti",
]

_SIGNIFICANT = 24  # of a coefficient; 53 would make the kernels take twice as many limbs
_QUOTIENT_BITS = 64  # fraction bits of a quotient that `niti` looks at


@dataclass(frozen=True, eq=False)
class ParameterState:
    """What an optimiser keeps of one parameter.

    Parameters
    ----------
    format : fxtypes.Format
        Into which new arrays are rounded: the precision's `state`.
    arrays : dict of str to fxtypes.FixedArray
        By the optimiser's `slots`, of the parameter's shape; a missing one counts as zeros.
    """

    format: fx.Format
    arrays: dict[str, fx.FixedArray] = field(default_factory=dict)


class Update(NamedTuple):
    """What `Optimizer.step` is given.

    Attributes
    ----------
    parameter : fxtypes.FixedArray
        In the format `updates`, which the new one has too.
    gradient : fxtypes.FixedArray
        Of the parameter's shape.
    scale : fractions.Fraction
        ``gradient * scale`` is the mean gradient over the batch.
    state : ParameterState
        After the step before.
    step : int
        The optimiser's own count: 1 for the first.
    """

    parameter: fx.FixedArray
    gradient: fx.FixedArray
    scale: Fraction
    state: ParameterState
    step: int


class Quotient(NamedTuple):
    """``factor * numerator / (max(divisor, one unit of its format) + offset)``."""

    factor: float
    numerator: fx.FixedArray
    divisor: fx.FixedArray
    offset: float


class Terms(NamedTuple):
    """A step as an exact sum: of coefficient * array, and of a quotient if there is one."""

    coefficients: Sequence[float]
    arrays: Sequence[fx.FixedArray]
    quotient: Quotient | None = None


class Optimizer(Configured):
    """How parameters follow from their gradients.

    One's own derives from it and defines `terms`, by which the step is exact, rounded once and
    counted; `new_state` and `slots` too where it keeps something.

    Attributes
    ----------
    slots : tuple of str
        The names of what it keeps of each parameter.
    rounding : None or "niti"
        How the new parameter is rounded: as its format says, or by `niti`.

    Examples
    --------
    The sign of the gradient, as signSGD takes it:

    >>> import fxtypes as fx
    >>> from fxtypes_nn.training.optimizers import Optimizer, ParameterState, Terms
    >>> class SignSGD(Optimizer):
    ...     def terms(self, update, state):
    ...         return Terms([-0.25], [fx.sign(update.gradient)])
    >>> q = fx.Format(16, 8)
    >>> weights, gradient = fx.array([1.0, 2.0], q), fx.array([0.5, -3.0], q)
    >>> SignSGD().step(weights, gradient, Fraction(1), ParameterState(q), 1)[0]
    FixedArray([0.75, 2.25], format=Format(16, 8))
    """

    registry: ClassVar[dict[str, type[Configured]]] = {}
    _rate_name = "learning_rate"
    rounding: str | None = None

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of what it keeps of each parameter."""
        return ()

    def new_state(self, update: Update) -> ParameterState:
        """The state after a step; each array rounded once into its format."""
        return ParameterState(update.state.format)

    def terms(self, update: Update, state: ParameterState) -> Terms:
        """The step, which is added to the parameter.

        Parameters
        ----------
        update : Update
            With the state before.
        state : ParameterState
            From `new_state`.

        Returns
        -------
        Terms
            Coefficients are ints or floats of at most 63 significant bits; `coefficient` rounds.
        """
        raise NotImplementedError(f"{type(self).__name__} gives no step")

    def step(
        self,
        parameter: fx.FixedArray,
        gradient: fx.FixedArray,
        scale: Fraction,
        state: ParameterState,
        step: int,
    ) -> tuple[fx.FixedArray, ParameterState]:
        """The parameter and the state after one step; nothing that it is given changes.

        Parameters
        ----------
        parameter, gradient, scale, state, step
            As of `Update`.

        Returns
        -------
        parameter : fxtypes.FixedArray
            Rounded once, into the format that it had.
        state : ParameterState
            Its arrays are made before the parameter, in the order of `slots`; so they draw first.
        """
        if step < 1:
            raise ValueError(f"steps are counted from 1, got {step!r}")
        update = Update(parameter, gradient, scale, state, step)
        after = self.new_state(update)
        terms = self.terms(update, after)
        if self.rounding is None:
            return _combined(1, parameter, terms, parameter.format), after
        return niti(parameter, terms), after

    def exact_step(
        self, update: Update, new_state: ParameterState, format: fx.Format
    ) -> fx.FixedArray:
        """What is added to the parameter, itself rounded once into a format."""
        return _combined(0, update.parameter, self.terms(update, new_state), format)

    def lost(
        self, update: Update, new_parameter: fx.FixedArray, new_state: ParameterState
    ) -> float:
        """The share of lost updates: of the elements whose exact step isn't 0, those that stayed.

        Parameters
        ----------
        update : Update
            What `step` was given.
        new_parameter, new_state
            What it returned.

        Returns
        -------
        float
            From 0 to 1; 0 where no exact step is other than 0.
        """
        terms = self.terms(update, new_state)
        if len(terms.arrays) == 1 and terms.coefficients[0] and terms.quotient is None:
            step = terms.arrays[0]
        else:
            # To odd, and saturating: only an exact 0 becomes 0.
            format = update.parameter.format.replace(rounding="odd", overflow="saturate")
            step = _combined(0, update.parameter, terms, format)
        return lost_share(update.parameter, new_parameter, step)


@dataclass(frozen=True, repr=False)
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum and weight decay.

    With p the parameter, g its mean gradient over the batch and v the velocity, from 0 on,
    ``v' = momentum * v + g + weight_decay * p`` is rounded once into `state`, and
    ``p' = p - learning_rate * d`` once into `updates`, where d is v' *before* its rounding; with
    `nesterov`, d is ``g + weight_decay * p + momentum * v'`` with v' as it is rounded.

    Parameters
    ----------
    learning_rate : int, float, Fraction, Decimal or schedule
        From 2**-200 to 2**100. A schedule is a function of the number of the step, from 1 on, that
        gives a number, which may be 0 as well; see `fxtypes_nn.training.schedules`.
    momentum : int, float, Fraction or Decimal
        From 0 to less than 1. With 0 no velocity is kept.
    weight_decay : int, float, Fraction or Decimal
        The factor of the L2 penalty's gradient, at least 0; biases decay too.
    nesterov : bool
        Nesterov's momentum, as I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance
        of initialization and momentum in deep learning", ICML 2013, rewrite it.
    rounding : None or "niti", keyword only
        How p' is rounded: None, as `updates` says; "niti", see `niti`.

    Raises
    ------
    ValueError
        If one of them is out of its range, or `nesterov` comes without momentum.

    Notes
    -----
    Each coefficient is the exact product of hyperparameters and of what the batch's mean takes,
    rounded once to 24 significant bits (`coefficient`).

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.training.optimizers import SGD, ParameterState
    >>> q = fx.Format(16, 8)
    >>> weights, gradient = fx.array([1.0, 2.0], q), fx.array([1.0, -2.0], q)
    >>> sgd = SGD(0.25, momentum=0.5)
    >>> weights, state = sgd.step(weights, gradient, Fraction(1, 2), ParameterState(q), 1)
    >>> weights
    FixedArray([0.875, 2.25 ], format=Format(16, 8))
    >>> state.arrays["velocity"]
    FixedArray([ 0.5, -1. ], format=Format(16, 8))
    """

    learning_rate: Rate
    momentum: Number = 0
    weight_decay: Number = 0
    nesterov: bool = False
    rounding: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check(self, momentum=BELOW_ONE, weight_decay=NOT_NEGATIVE)
        if not isinstance(self.nesterov, bool):
            raise ValueError(f"nesterov must be True or False, got {self.nesterov!r}")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum of more than 0, such as momentum=0.9")

    @property
    def slots(self) -> tuple[str, ...]:
        """``("velocity",)``, without momentum nothing."""
        return ("velocity",) if self.momentum else ()

    def new_state(self, update: Update) -> ParameterState:
        """The velocity after a step."""
        state = update.state
        if not self.momentum:
            return ParameterState(state.format) if state.arrays else state
        coefficients, arrays = self._sum(update, state, 1)
        velocity = fx.linear_combination(coefficients, arrays, state.format)
        return ParameterState(state.format, {"velocity": velocity})

    def terms(self, update: Update, state: ParameterState) -> Terms:
        """The step: -learning_rate times d."""
        rate = rate_at(self.learning_rate, update.step)
        return Terms(*self._sum(update, state if self.nesterov else update.state, -rate))

    def _sum(
        self, update: Update, state: ParameterState, factor: Exact
    ) -> tuple[list[float], list[fx.FixedArray]]:
        """``factor * (g + weight_decay * p + momentum * v)``, v that of `state`."""
        over, under = update.scale.as_integer_ratio()
        coefficients = _multiples(factor, (self.weight_decay, self.momentum), over, under)
        arrays = update.gradient, update.parameter, state.arrays.get("velocity")
        return _present(coefficients, arrays)


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    """Adam, with the root of the second moment kept instead of the moment, and decoupled decay.

    With p the parameter, g its mean gradient over the batch, and m and r, from 0 on,
    ``m' = beta1 * m + (1 - beta1) * g`` and ``r' = sqrt(beta2 * r**2 + (1 - beta2) * g**2)`` are
    each rounded once into `state`. From these, in step t,
    ``p' = p - a * m' / (max(r', one unit of state) + e) - learning_rate * weight_decay * p`` is
    rounded once into `updates`, with ``a = learning_rate * sqrt(1 - beta2**t) / (1 - beta1**t)``
    and ``e = epsilon * sqrt(1 - beta2**t)``.

    Parameters
    ----------
    learning_rate : int, float, Fraction, Decimal or schedule
        As of `SGD`.
    beta1, beta2 : int, float, Fraction or Decimal
        From 0 to less than 1.
    epsilon : int, float, Fraction or Decimal
        At least 0.
    weight_decay : int, float, Fraction or Decimal
        At least 0; biases decay too.
    rounding : None or "niti", keyword only
        As of `SGD`.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Notes
    -----
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, in the order of
    the end of its section 2, whose e is one more root away; the decay of I. Loshchilov, F. Hutter,
    "Decoupled weight decay regularization", ICLR 2019. A narrow format holds a root of far smaller
    and larger moments than the moment itself, and the one unit that it counts at least keeps a
    root that was rounded to 0 from making a step of any size.

    Each coefficient (also beta1, a, e) is formed exactly and rounded once to 24 significant bits,
    roots and powers of beta included.

    Examples
    --------
    The first step is the learning rate, whatever the gradient's size:

    >>> import fxtypes as fx
    >>> from fxtypes_nn.training.optimizers import Adam, ParameterState
    >>> q = fx.Format(32, 24)
    >>> weights, gradient = fx.array([1.0, 2.0], q), fx.array([1.0, -0.01], q)
    >>> moved, state = Adam(0.25).step(weights, gradient, Fraction(1), ParameterState(q), 1)
    >>> print(format(moved, ".3f"))
    [0.750 2.250]
    """

    learning_rate: Rate = 0.001
    beta1: Number = 0.9
    beta2: Number = 0.999
    epsilon: Number = 1e-8
    weight_decay: Number = 0
    rounding: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check(
            self,
            beta1=BELOW_ONE,
            beta2=BELOW_ONE,
            epsilon=NOT_NEGATIVE,
            weight_decay=NOT_NEGATIVE,
        )

    @property
    def slots(self) -> tuple[str, ...]:
        """``("moment", "root")``."""
        return ("moment", "root")

    def new_state(self, update: Update) -> ParameterState:
        """The first moment and the root of the second after a step."""
        format, arrays = update.state.format, update.state.arrays
        over, under = update.scale.as_integer_ratio()
        first, second = _averages(self.beta1, self.beta2, over, under)
        sums = _present(first, (arrays.get("moment"), update.gradient))
        squares = _present(second, (arrays.get("root"), update.gradient))
        moment = fx.linear_combination(*sums, format)
        return ParameterState(
            format, {"moment": moment, "root": fx.root_of_squares(*squares, format)}
        )

    def terms(self, update: Update, state: ParameterState) -> Terms:
        """The step: the decay, and the quotient of moment and root."""
        rate = rate_at(self.learning_rate, update.step)
        a, e = _corrections(rate, self.beta1, self.beta2, self.epsilon, update.step)
        _, decay = _multiples(-rate, (self.weight_decay,), 1, 1)
        quotient = Quotient(-a, state.arrays["moment"], state.arrays["root"], e)
        return Terms(*_present((decay,), (update.parameter,)), quotient)


Optimizer.registry.update(sgd=SGD, adam=Adam)


def check_optimizer(value: object) -> Optimizer:
    """The value, if it is an optimiser; else ``TypeError`` that says what is."""
    if isinstance(value, Optimizer):
        return value
    shown = f"the class {value.__name__}" if isinstance(value, type) else repr(value)
    raise TypeError(f"optimizer must be an optimiser, such as SGD(0.1) or Adam(), got {shown}")


def coefficient(value: Fraction) -> Fraction:
    """An exact number rounded to 24 significant bits, ties to even.

    Examples
    --------
    >>> from fxtypes_nn.training.optimizers import coefficient
    >>> coefficient(Fraction(2**24 + 1, 2**24)), coefficient(Fraction(2**24 + 3, 2**24))
    (Fraction(1, 1), Fraction(4194305, 4194304))
    """
    over, under = abs(value.numerator), value.denominator
    shift = _SIGNIFICANT - over.bit_length() + under.bit_length()  # for 24 bits, or one more
    shift -= over << max(shift, 0) >= under << max(-shift, 0) + _SIGNIFICANT
    over, under = over << max(shift, 0), under << max(-shift, 0)
    rounded = round(Fraction(over, under))  # ties to even
    return Fraction(rounded << max(-shift, 0), 1 << max(shift, 0)) * (1 if value > 0 else -1)


def niti(parameter: fx.FixedArray, terms: Terms) -> fx.FixedArray:
    """The parameter after a step, rounded by its own low bits in place of random ones.

    The exact value is cut toward 0 to 2n bits more than the parameter's format has, and its
    magnitude rounds up where the upper n of these are more than the lower n, which stand in for a
    random number. 2n is the number of bits that the exact value has below the format's last one
    (64 of a quotient), with a 0 behind an odd number, as far as 63 bits hold the whole, or 127 for
    formats over 47 bits.

    Parameters
    ----------
    parameter : fxtypes.FixedArray
    terms : Terms
        The step.

    Returns
    -------
    fxtypes.FixedArray
        In the parameter's format, whatever its rounding; its overflow comes before this rounding,
        and after it for what rounds up beyond the greatest magnitude.

    Raises
    ------
    ValueError
        If the format is too wide for two bits more: over 125 bits, or 254 fraction bits.

    Notes
    -----
    The pseudo-stochastic rounding of M. Wang, S. Rasoulinezhad, P. H. W. Leong, H. K.-H. So, "NITI:
    training integer neural networks using integer-only arithmetic", IEEE Transactions on Parallel
    and Distributed Systems 33, 2022. It needs no generator, but errs toward 0 by half of 2**-n
    units on average, and is only as good as the low bits are random: a learning rate that is no
    power of two makes more of them.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.training.optimizers import Terms, niti
    >>> weights = fx.array([1.0, 1.0], fx.Format(16, 4))
    >>> step = fx.FixedArray.from_raw([0b1001, 0b0110], fx.Format(16, 8))
    >>> niti(weights, Terms([1], [step]))  # 10 > 01 rounds up, 01 > 10 is false
    FixedArray([1.0625, 1.    ], format=Format(16, 4))
    """
    updates = parameter.format
    room = min((63 if updates.width <= 47 else 127) - updates.width, 256 - updates.frac_bits)
    if room < 2:
        raise ValueError(
            "rounding='niti' needs updates of at most 125 bits and 254 fraction bits, "
            f"got {updates!r}"
        )
    bits = max(_frac_bits(terms) - updates.frac_bits, 0)
    half = min(bits + 1, room) // 2
    wider = updates.replace(
        width=updates.width + 2 * half,
        frac_bits=updates.frac_bits + 2 * half,
        rounding="toward_zero",
    )
    cut: Any = _combined(1, parameter, terms, wider).raw
    cut = cut.astype(np.int64 if wider.width <= 63 else object)
    size = abs(cut)
    upper, lower = (size >> half) & ((1 << half) - 1), size & ((1 << half) - 1)
    rounded = (size >> 2 * half) + (upper > lower)
    signed = np.where(cut < 0, -rounded, rounded)
    # One bit more, in which rounding up can't overflow; the conversion does it as updates says.
    grown = updates.replace(width=updates.width + 1)
    return fx.FixedArray.from_raw(signed, grown).astype(updates)


def _combined(own: int, parameter: fx.FixedArray, terms: Terms, format: fx.Format) -> fx.FixedArray:
    """own * parameter + the terms, rounded once."""
    coefficients, arrays = [own, *terms.coefficients], [parameter, *terms.arrays]
    if terms.quotient is None:
        return fx.linear_combination(coefficients, arrays, format)
    return fx.combination_with_quotient(coefficients, arrays, *terms.quotient, format)


def _frac_bits(terms: Terms) -> int:
    """How many fraction bits the exact terms have."""
    if terms.quotient is not None:
        return max(_QUOTIENT_BITS, _frac_bits(terms._replace(quotient=None)))
    pairs = zip(terms.coefficients, terms.arrays, strict=True)
    return max((_own_frac_bits(c) + array.format.frac_bits for c, array in pairs if c), default=0)


def _own_frac_bits(number: float) -> int:
    """The same of a dyadic number; negative where it is a multiple of a power of two."""
    over, under = number.as_integer_ratio()
    return under.bit_length() - (abs(over) & -abs(over)).bit_length()


def _check(optimizer: SGD | Adam, **ranges: Any) -> None:
    """Make hyperparameters canonical, or refuse them."""
    values: dict[str, object] = {
        name: read(name, getattr(optimizer, name), legal) for name, legal in ranges.items()
    }
    values["learning_rate"] = read_rate("learning_rate", optimizer.learning_rate)
    for name, value in values.items():
        object.__setattr__(optimizer, name, value)  # the dataclass is frozen
    if optimizer.rounding not in (None, "niti"):
        raise ValueError(f"rounding must be None or 'niti', got {optimizer.rounding!r}")


def _present(
    coefficients: Sequence[float], arrays: Sequence[fx.FixedArray | None]
) -> tuple[list[float], list[fx.FixedArray]]:
    """The terms that aren't 0."""
    factors, present = [], []
    for factor, array in zip(coefficients, arrays, strict=True):
        if factor and array is not None:
            factors.append(factor)
            present.append(array)
    return factors, present


def _float(value: Fraction) -> float:
    """A coefficient; 24 bits are exact in a float, which is quicker to look up than a fraction."""
    return float(coefficient(value))


@lru_cache(256)
def _multiples(
    factor: Exact, factors: tuple[Exact, ...], over: int, under: int
) -> tuple[float, ...]:
    """factor times over / under, and times each of the factors."""
    values = (Fraction(over, under), *[Fraction(f) for f in factors])
    return tuple(_float(Fraction(factor) * value) for value in values)


@lru_cache(256)
def _averages(
    beta1: Exact, beta2: Exact, over: int, under: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Adam's coefficients of (m, g) and of (r**2, g**2), g as it is without its scale."""
    scale, first, second = Fraction(over, under), Fraction(beta1), Fraction(beta2)
    return (
        (_float(first), _float((1 - first) * scale)),
        (_float(second), _float((1 - second) * scale**2)),
    )


@lru_cache(64)
def _corrections(
    rate: Exact, beta1: Exact, beta2: Exact, epsilon: Exact, step: int
) -> tuple[float, float]:
    """Adam's a and e in a step, each rounded once from the exact value."""
    first, second = Fraction(beta1), Fraction(beta2)

    def rounded(power1: Fraction, power2: Fraction) -> tuple[float, float]:
        left = 1 - power2
        factor = _root((Fraction(rate) / (1 - power1)) ** 2 * left)
        return _float(factor), _float(_root(Fraction(epsilon) ** 2 * left))

    (low1, high1), (low2, high2) = power(first, step), power(second, step)
    low, high = rounded(low1, high2), rounded(high1, low2)
    # Bounds on both sides of a tie are next to impossible; the exact powers take any time.
    return low if low == high else rounded(first**step, second**step)


def _root(value: Fraction) -> Fraction:
    """What rounds to up to 30 significant bits as the root of `value` does."""
    shift = 32 - (value.numerator.bit_length() - value.denominator.bit_length()) // 2
    over, under = (value * Fraction(4) ** shift).as_integer_ratio()
    root = math.isqrt(over // under)
    # Where it is inexact a quarter of a unit more keeps it off every tie.
    return (root + Fraction(root * root * under != over, 4)) / Fraction(2) ** shift
