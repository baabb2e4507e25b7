"""Optimisers: how a parameter follows from its gradient."""

import math
import numbers
from fractions import Fraction

import fxtypes as fx


class SGD:
    """Stochastic gradient descent.

    With p the parameter, g its mean gradient over the batch and v its velocity, each step is
    ``v = momentum * v + g + weight_decay * p`` and ``p = p - learning_rate * v``. Both new
    values are computed exactly from the old p and v and from g, and rounded once into the
    updates' format: p does not see v's rounding.

    Parameters
    ----------
    learning_rate : float
        More than 0.
    momentum : float
        From 0 to less than 1.
    weight_decay : float
        The factor of the L2 penalty's gradient, at least 0.

    Raises
    ------
    ValueError
        If one of them is out of its range.

    Notes
    -----
    The hyperparameters and their products, the batch's mean among them, enter as binary
    numbers of 53 significant bits, whatever the tensors' formats are.

    Examples
    --------
    >>> from fxtypes_nn import SGD
    >>> SGD(0.1, momentum=0.9)
    SGD(0.1, momentum=0.9, weight_decay=0.0)
    """

    def __init__(self, learning_rate, momentum=0, weight_decay=0):
        self.learning_rate = _number("learning_rate", learning_rate, "more than 0", lambda v: v > 0)
        self.momentum = _number("momentum", momentum, "from 0 to less than 1", lambda v: 0 <= v < 1)
        self.weight_decay = _number("weight_decay", weight_decay, "at least 0", lambda v: v >= 0)

    def start(self):
        """Return the state of a training run: velocities by parameter, none yet."""
        return {}

    def step(self, key, parameter, gradient, scale, state):
        """Return the parameter after one step.

        Parameters
        ----------
        key : hashable
            Names the parameter in `state`.
        parameter : fxtypes.FixedArray
            In the updates' format, which the result has too.
        gradient : fxtypes.FixedArray
            Of the parameter's shape.
        scale : fractions.Fraction
            What `gradient` has to be multiplied by to be the batch's mean.
        state : dict
            From `start`; changed in place.

        Returns
        -------
        fxtypes.FixedArray
            A new array.
        """
        updates = parameter.format
        rate = Fraction(self.learning_rate)
        terms = [(scale, gradient)]
        if self.weight_decay:
            terms.append((Fraction(self.weight_decay), parameter))
        if self.momentum:
            if key in state:
                terms.append((Fraction(self.momentum), state[key]))
            state[key] = fx.linear_combination(
                [float(factor) for factor, _ in terms], [array for _, array in terms], updates
            )
        return fx.linear_combination(
            [1, *(float(-rate * factor) for factor, _ in terms)],
            [parameter, *(array for _, array in terms)],
            updates,
        )

    def __repr__(self):
        return (
            f"SGD({self.learning_rate}, momentum={self.momentum}, weight_decay={self.weight_decay})"
        )


def _number(name, value, legal, test):
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and test(number):
            return number
    raise ValueError(f"{name} must be a finite number, {legal}, got {value!r}")
