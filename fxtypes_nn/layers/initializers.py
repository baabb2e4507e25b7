"""Initial weights, made in fixed point from a seed."""

import math

import fxtypes as fx


def glorot_uniform(inputs, units, format, seed):
    """Return weights drawn uniformly from [-limit, limit), limit = sqrt(6 / (inputs + units)).

    Glorot and Bengio: "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010. For layers that sigmoid or softmax follows.

    Parameters
    ----------
    inputs, units : int
        The shape of the weights.
    format : fxtypes.Format
        Their format; every value that it has in the range is equally likely.
    seed : int
        The same seed gives the same bits on every machine.

    Returns
    -------
    fxtypes.FixedArray
        Of shape (inputs, units).

    Examples
    --------
    >>> import fxtypes as fx
    >>> weights = glorot_uniform(30, 24, fx.Format(16, 13), seed=0)
    >>> bool((abs(weights) <= 1 / 3).all())
    True
    """
    limit = math.sqrt(6 / (inputs + units))
    return _made(fx.random.uniform, inputs, units, format, low=-limit, high=limit, seed=seed)


def he_normal(inputs, units, format, seed):
    """Return normally distributed weights of deviation sqrt(2 / inputs).

    He, Zhang, Ren, Sun: "Delving deep into rectifiers", ICCV 2015. For layers that ReLU
    follows. Parameters and result are those of `glorot_uniform`.
    """
    deviation = math.sqrt(2 / inputs)
    return _made(fx.random.normal, inputs, units, format, deviation=deviation, seed=seed)


def _made(draw, inputs, units, format, **options):
    """Draw to nearest: the weights are random already, another random rounding adds nothing."""
    nearest = format.replace(rounding="nearest_even")
    return draw((inputs, units), nearest, **options).view_as(format)


def initializer_of(x):
    return {"he_normal": he_normal, "glorot_uniform": glorot_uniform}.get(x, x)
