"""Schedules: a learning rate that follows from the optimiser's count of steps, exactly.

A schedule is called with the number of the step, from 1 on, and gives a number; any function does.
Those here are exact rationals, or rounded as they say, and so the same on every machine. Lengths
are counted in steps: an epoch has the number of samples over the batch size of them, rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import fxtypes as fx

from .hyperparameters import (
    BELOW_ONE,
    NOT_NEGATIVE,
    POSITIVE,
    SCHEDULES,
    SHARE,
    Configured,
    Number,
    Rate,
    canonical,
    exact,
    power,
    rate_at,
    read,
    read_count,
    read_rate,
    restored,
    stored,
)

__all__ = ["Cosine", "OnPlateau", "PowersOfTwo", "Schedule", "StepDecay", "WarmUp"]

_ANGLE = fx.Format(128, 124)  # holds pi / 2, and every cosine


class Schedule(Configured):
    """A learning rate by the number of a step, from 1 on.

    One's own derives from it, or is a plain function. Models and checkpoints store those of this
    package; of others only the name, and they have to be passed again.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import Schedule
    >>> class Halves(Schedule):
    ...     def __call__(self, step):
    ...         return Fraction(1, 2**step)
    >>> Halves()(3)
    Fraction(1, 8)
    """

    registry = SCHEDULES

    def __call__(self, step: int) -> Fraction:
        """The learning rate of a step.

        Parameters
        ----------
        step : int
            From 1 on.

        Returns
        -------
        fractions.Fraction
            From 0 to 2**100; what is below 2**-200 counts as 0.
        """
        raise NotImplementedError(f"{type(self).__name__} gives no learning rate")

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen


@dataclass(frozen=True, repr=False)
class StepDecay(Schedule):
    """The rate, times a factor after every so many steps: ``rate * factor**((step - 1) // every)``.

    Parameters
    ----------
    rate : int, float, Fraction or Decimal
        Of the first `every` steps.
    factor : int, float, Fraction or Decimal
        More than 0, less than 1.
    every : int
        Steps.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Notes
    -----
    A power that takes more than 256 bits is computed with 256 fraction bits, every step rounded
    down.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import StepDecay
    >>> decay = StepDecay(1, factor=0.5, every=100)
    >>> [str(decay(step)) for step in (1, 100, 101, 201)]
    ['1', '1', '1/2', '1/4']
    """

    rate: Number
    factor: Number
    every: int

    def __post_init__(self) -> None:
        self._set(
            rate=read("rate", self.rate, POSITIVE),
            factor=read("factor", self.factor, SHARE),
            every=read_count("every", self.every, 1),
        )

    def __call__(self, step: int) -> Fraction:
        """The learning rate of a step."""
        return Fraction(self.rate) * power(Fraction(self.factor), (step - 1) // self.every)[0]


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """Half a cosine from `rate` down to `final`, after a warm-up if wanted.

    In the warm-up, step t has ``rate * t / warmup``. After it, with k the steps since, from 0 on,
    and n = steps - warmup, the rate is ``final + (rate - final) * cos(pi * k / (2 * n))**2``, which
    is (1 + cos(pi * k / n)) / 2 of the way; from step ``steps + 1`` on it is `final`.

    Parameters
    ----------
    rate : int, float, Fraction or Decimal
        The highest.
    steps : int
        All of them, the warm-up included.
    warmup : int
        Less than `steps`.
    final : int, float, Fraction or Decimal
        From 0 to `rate`.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Notes
    -----
    I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    without restarts. The cosine is `fx.cos`, of the angle rounded to 124 fraction bits, rounded
    to 124 fraction bits; the rest is exact.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import Cosine
    >>> cosine = Cosine(1, steps=100, final=0.5)
    >>> [float(cosine(step)) for step in (1, 51, 101, 102)]
    [1.0, 0.75, 0.5, 0.5]
    """

    rate: Number
    steps: int
    warmup: int = 0
    final: Number = 0

    def __post_init__(self) -> None:
        self._set(
            rate=read("rate", self.rate, POSITIVE),
            steps=read_count("steps", self.steps, 1),
            warmup=read_count("warmup", self.warmup, 0),
            final=read("final", self.final, NOT_NEGATIVE),
        )
        if self.warmup >= self.steps:
            raise ValueError(f"warmup must be less than steps, {self.steps}, got {self.warmup}")
        if self.final > self.rate:
            raise ValueError(f"final must be at most rate, {self.rate}, got {self.final}")

    def __call__(self, step: int) -> Fraction:
        """The learning rate of a step."""
        rate, final = Fraction(self.rate), Fraction(self.final)
        if step <= self.warmup:
            return rate * step / self.warmup
        since, length = step - 1 - self.warmup, self.steps - self.warmup
        return final + (rate - final) * _cosine_squared(since, length)


@dataclass(frozen=True, repr=False)
class WarmUp(Schedule):
    """A rate or another schedule, times ``step / steps`` in the first steps.

    Parameters
    ----------
    rate : int, float, Fraction, Decimal or schedule
        What it rises to; a schedule goes on counting from the first step.
    steps : int
        From this step on it is the rate itself.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import WarmUp
    >>> warm = WarmUp(0.5, steps=4)
    >>> [float(warm(step)) for step in (1, 2, 4, 5)]
    [0.125, 0.25, 0.5, 0.5]
    """

    rate: Rate
    steps: int

    def __post_init__(self) -> None:
        self._set(rate=read_rate("rate", self.rate), steps=read_count("steps", self.steps, 1))

    def __call__(self, step: int) -> Fraction:
        """The learning rate of a step."""
        return Fraction(rate_at(self.rate, step)) * min(step, self.steps) / self.steps


@dataclass(frozen=True, repr=False)
class PowersOfTwo(Schedule):
    """The largest power of two that isn't above a rate, so that each step is a shift.

    Parameters
    ----------
    rate : int, float, Fraction, Decimal or schedule
        What is rounded down; 0 stays 0.

    Raises
    ------
    ValueError
        If it is a number out of its range.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import PowersOfTwo, StepDecay
    >>> PowersOfTwo(0.1)(1)
    Fraction(1, 16)
    >>> shifts = PowersOfTwo(StepDecay(0.1, factor=0.5, every=10))
    >>> shifts(11)
    Fraction(1, 32)
    """

    rate: Rate

    def __post_init__(self) -> None:
        self._set(rate=read_rate("rate", self.rate))

    def __call__(self, step: int) -> Fraction:
        """The learning rate of a step."""
        rate = Fraction(rate_at(self.rate, step))
        near = Fraction(2) ** (rate.numerator.bit_length() - rate.denominator.bit_length())
        return near if 0 < near <= rate else near / 2 if rate else rate


@dataclass(frozen=True, repr=False)
class OnPlateau(Schedule):
    """A rate that falls when the loss stops falling.

    At the end of each epoch the trainer calls `observe` with the validation loss, without
    validation data with the training's. A loss is better if it is less than
    ``best * (1 - tolerance)``, with the best so far; after `patience` epochs in a row without a
    better one the rate is multiplied by `factor`, and the count begins anew.

    Parameters
    ----------
    rate : int, float, Fraction or Decimal
        Of the first step.
    factor : int, float, Fraction or Decimal
        More than 0, less than 1.
    patience : int
        Epochs, at least 1.
    min_rate : int, float, Fraction or Decimal
        From 0 to `rate`: no less.
    tolerance : int, float, Fraction or Decimal
        From 0 to less than 1.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Notes
    -----
    Losses are compared with their exact values; one that isn't a number is no better. What it has
    seen is no part of ``==`` and repr: `variables` and `set_variables` save and restore it.

    Examples
    --------
    >>> from fxtypes_nn.training.schedules import OnPlateau
    >>> plateau = OnPlateau(0.5, patience=2)
    >>> for loss in (1.0, 0.8, 0.8, 0.9):
    ...     plateau.observe(loss)
    >>> plateau(1)
    Fraction(1, 4)
    >>> plateau.variables()
    {'reductions': 1, 'best': 0.8, 'waited': 0}
    """

    rate: Number
    factor: Number = 0.5
    patience: int = 2
    min_rate: Number = 0
    tolerance: Number = 1e-4
    _seen: dict[str, Any] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._set(
            rate=read("rate", self.rate, POSITIVE),
            factor=read("factor", self.factor, SHARE),
            patience=read_count("patience", self.patience, 1),
            min_rate=read("min_rate", self.min_rate, NOT_NEGATIVE),
            tolerance=read("tolerance", self.tolerance, BELOW_ONE),
        )
        if self.min_rate > self.rate:
            raise ValueError(f"min_rate must be at most rate, {self.rate}, got {self.min_rate}")
        self.reset()

    def __call__(self, step: int) -> Fraction:
        """The learning rate now, whatever the step."""
        fallen = power(Fraction(self.factor), self._seen["reductions"])[0]
        return max(Fraction(self.rate) * fallen, Fraction(self.min_rate))

    def reset(self) -> None:
        """Begin anew: with `rate`, nothing seen."""
        self._set(_seen={"reductions": 0, "best": None, "waited": 0})

    def observe(self, loss: Number) -> None:
        """Take note of an epoch's loss."""
        seen, value = self._seen, exact(loss)
        best = seen["best"] if seen["best"] is None else Fraction(seen["best"])
        if value is not None and (
            best is None or value < best - abs(best) * Fraction(self.tolerance)
        ):
            seen.update(best=canonical(value), waited=0)
            return
        seen["waited"] += 1
        if seen["waited"] >= self.patience:
            seen.update(reductions=seen["reductions"] + 1, waited=0)

    def variables(self) -> dict[str, Any]:
        """How often the rate fell, the best loss (None before one), and epochs since."""
        return {name: stored(value) for name, value in self._seen.items()}

    def set_variables(self, variables: dict[str, Any]) -> None:
        """Go on from what `variables` gave.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        if not isinstance(variables, dict) or variables.keys() != self._seen.keys():
            raise ValueError(f"expected {', '.join(self._seen)}, got {variables!r}")
        best = variables["best"]
        value = exact(restored(best))
        if best is not None and value is None:
            raise ValueError(f"best must be a finite number, got {best!r}")
        self._set(
            _seen={
                "reductions": read_count("reductions", variables["reductions"], 0),
                "best": None if value is None else canonical(value),
                "waited": read_count("waited", variables["waited"], 0),
            }
        )


@lru_cache(1)
def _pi() -> Fraction:
    minus_one = fx.array(-1, fx.Format(128, 124))
    return fx.arccos(minus_one, format=fx.Format(128, 125)).item()


@lru_cache(16)
def _cosine_squared(since: int, length: int) -> Fraction:
    """cos(pi * since / (2 * length))**2; 0 where `since` isn't less than `length`."""
    if since >= length:
        return Fraction(0)
    angle = fx.array(_pi() * since / (2 * length), _ANGLE)
    return fx.cos(angle, format=_ANGLE).item() ** 2


Schedule.registry.update(
    {cls.__name__.lower(): cls for cls in (Cosine, OnPlateau, PowersOfTwo, StepDecay, WarmUp)}
)
