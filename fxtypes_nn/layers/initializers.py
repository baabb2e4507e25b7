"""Initial weights, made in fixed point from a seed.

They are drawn in one format of 128 bits and rounded once, to nearest: networks of all widths start
alike.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

import fxtypes as fx

Initializer = Callable[[int, int, fx.Format, int], Any]

DRAWN = fx.Format(128, 120)
CUSTOM = "custom"  # what a user's own function is called in files

_UNIT = fx.Format(64, 63)  # all of [-1, 1)
_ROOT_BITS = 61  # fraction bits of a limit or deviation: the kernels take factors of 63 bits


def glorot_uniform(inputs: int, units: int, format: fx.Format, seed: int) -> fx.FixedArray:
    """Return weights drawn uniformly from [-limit, limit), limit = sqrt(6 / (inputs + units)).

    For layers that sigmoid, tanh or softmax follows [1]_.

    Parameters
    ----------
    inputs, units : int
        The shape of the weights, at least 1 each.
    format : Format
        Theirs. Weights are rounded to nearest, ties to even, whatever its own rounding is; what is
        out of its range overflows as it says.
    seed : int
        0 to 2**128 - 1; the same seed gives the same weights on every machine and, but for their
        rounding, in every format.

    Returns
    -------
    FixedArray
        Of shape (inputs, units).

    Raises
    ------
    ValueError
        If the seed is out of its range.
    FixedOverflowError
        If a weight is out of the format's range, and the format raises.

    Notes
    -----
    A 64-bit integer u of the seed's stream becomes u 2**-63 limit, the limit rounded down to 61
    fraction bits; that is rounded to 120.

    References
    ----------
    .. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010.

    Examples
    --------
    >>> import fxtypes as fx
    >>> weights = glorot_uniform(30, 24, fx.Format(16, 13), seed=0)
    >>> bool((abs(weights) <= fx.array(1 / 3, fx.Format(16, 13))).all())
    True
    """
    return _uniform(_root(6, inputs + units), (inputs, units), format, seed)


def glorot_normal(inputs: int, units: int, format: fx.Format, seed: int) -> fx.FixedArray:
    """Return normally distributed weights of deviation sqrt(2 / (inputs + units)).

    Parameters, result, errors and source are those of `glorot_uniform`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> glorot_normal(30, 20, fx.Format(16, 13), seed=0).shape
    (30, 20)
    """
    return _normal(_root(2, inputs + units), (inputs, units), format, seed)


def he_uniform(inputs: int, units: int, format: fx.Format, seed: int) -> fx.FixedArray:
    """Return weights drawn uniformly from [-limit, limit), limit = sqrt(6 / inputs).

    Parameters, result and errors are those of `glorot_uniform`, the source is `he_normal`'s.

    Examples
    --------
    >>> import fxtypes as fx
    >>> he_uniform(30, 20, fx.Format(16, 13), seed=0).shape
    (30, 20)
    """
    return _uniform(_root(6, inputs), (inputs, units), format, seed)


def he_normal(inputs: int, units: int, format: fx.Format, seed: int) -> fx.FixedArray:
    """Return normally distributed weights of deviation sqrt(2 / inputs).

    For layers that ReLU follows [1]_. Parameters, result and errors are those of
    `glorot_uniform`.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers: surpassing human-level
       performance on ImageNet classification", ICCV 2015.

    Examples
    --------
    >>> import fxtypes as fx
    >>> weights = he_normal(50, 20, fx.Format(16, 13), seed=0)
    >>> abs(float(weights.std()) - 0.2) < 0.01
    True
    """
    return _normal(_root(2, inputs), (inputs, units), format, seed)


def zeros(inputs: int, units: int, format: fx.Format, seed: int) -> fx.FixedArray:
    """Return weights that are all 0: for a single layer; several would never learn.

    Examples
    --------
    >>> import fxtypes as fx
    >>> zeros(1, 2, fx.Format(16, 13), seed=0)
    FixedArray([[0., 0.]], format=Format(16, 13))
    """
    return fx.zeros((inputs, units), format)


INITIALIZERS: dict[str, Initializer] = {
    function.__name__: function
    for function in (glorot_uniform, glorot_normal, he_uniform, he_normal, zeros)
}


def initializer_of(initializer: str | Initializer) -> tuple[str, Initializer]:
    """Return an initializer's name, as files keep it, and its function.

    Parameters
    ----------
    initializer : str or callable
        A name of `INITIALIZERS`, or a function ``(inputs, units, format, seed)``. One that isn't
        in that table is called "custom".

    Raises
    ------
    ValueError
        If no initializer has this name.
    TypeError
        If it is neither a name nor a function.

    Examples
    --------
    >>> initializer_of("he_normal") == initializer_of(he_normal) == ("he_normal", he_normal)
    True
    """
    if isinstance(initializer, str):
        if initializer not in INITIALIZERS:
            names = ", ".join(map(repr, INITIALIZERS))
            raise ValueError(f"no initializer is called {initializer!r}; these are: {names}")
        return initializer, INITIALIZERS[initializer]
    if not callable(initializer):
        raise TypeError(
            "an initializer is a name or a function (inputs, units, format, seed), "
            f"got {initializer!r}"
        )
    known = [name for name, function in INITIALIZERS.items() if function is initializer]
    return (known or [CUSTOM])[0], initializer


def initial_weights(
    initializer: str | Initializer, inputs: int, units: int, format: fx.Format, seed: int
) -> fx.FixedArray:
    """Return what an initializer makes, checked and in `format`.

    A user's own function may return a FixedArray of any format, or floats: they are rounded once,
    to nearest. What it draws from the stream in force is drawn from `seed`.

    Parameters
    ----------
    initializer : str or callable
    inputs, units, format, seed
        As of `glorot_uniform`.

    Raises
    ------
    ValueError
        If no initializer has this name, or the weights have another shape or aren't finite.
    TypeError
        If the initializer is neither a name nor a function, or what it returns no numbers.
    FixedOverflowError
        If a weight is out of the format's range, and the format raises.

    Examples
    --------
    >>> import fxtypes as fx
    >>> own = lambda inputs, units, format, seed: [[0.25] * units] * inputs
    >>> initial_weights(own, 1, 3, fx.Format(8, 6), seed=0)
    FixedArray([[0.25, 0.25, 0.25]], format=Format(8, 6))
    """
    name, function = initializer_of(initializer)
    with fx.seeded(seed):
        made = function(inputs, units, format, seed)
        nearest = format.replace(rounding="nearest_even")
        weights = made if isinstance(made, fx.FixedArray) else fx.array(made, nearest)
    if weights.shape != (inputs, units):
        what = getattr(initializer, "__name__", repr(initializer)) if name == CUSTOM else name
        raise ValueError(
            f"initializer {what} made weights of shape {weights.shape}, "
            f"expected {(inputs, units)}: (inputs, units)"
        )
    return _in_format(weights, format)


def _root(numerator: int, denominator: int) -> Fraction:
    """sqrt(numerator / denominator) rounded down to `_ROOT_BITS` fraction bits."""
    return Fraction(isqrt((numerator << 2 * _ROOT_BITS) // denominator), 1 << _ROOT_BITS)


def _uniform(
    limit: Fraction, shape: tuple[int, int], format: fx.Format, seed: int
) -> fx.FixedArray:
    units = fx.random.uniform(shape, _UNIT, low=-1, high=1, seed=seed)
    return _in_format(fx.linear_combination([limit], [units], DRAWN), format)


def _normal(
    deviation: Fraction, shape: tuple[int, int], format: fx.Format, seed: int
) -> fx.FixedArray:
    return _in_format(fx.random.normal(shape, DRAWN, deviation=deviation, seed=seed), format)


def _in_format(weights: fx.FixedArray, format: fx.Format) -> fx.FixedArray:
    """Rounded to nearest: they are random already, another random rounding adds nothing."""
    if weights.format == format:
        return weights
    return weights.astype(format.replace(rounding="nearest_even")).view_as(format)
