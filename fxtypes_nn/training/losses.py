"""Loss functions: their targets, their value, and the gradient that training starts from."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

import fxtypes as fx
from fxtypes.fixed_array.array import extremes

from ..layers import Softmax
from ..precision import finer

if TYPE_CHECKING:
    from ..layers import Layer
    from ..precision import Precision

CLASSES, REAL = "classes", "real"  # kinds of targets
_LEAST_FRACTION = 24
_WIDEST = 128
_BIT = fx.Format(2, 0)
# Modes that look at the sign, and what they are on negative numbers.
_OF_NEGATIVES = {
    fx.Rounding.TOWARD_ZERO: fx.Rounding.CEIL,
    fx.Rounding.AWAY_FROM_ZERO: fx.Rounding.FLOOR,
    fx.Rounding.NEAREST_AWAY: fx.Rounding.NEAREST_DOWN,
    fx.Rounding.NEAREST_ZERO: fx.Rounding.NEAREST_UP,
}


class Network(NamedTuple):
    """What a loss asks of a network.

    Attributes
    ----------
    layers : tuple of Layer
    outputs : int
        Of the last layer.
    precision : Precision
        The last layer's.
    output_format : fxtypes.Format
        Of the last layer's output.
    """

    layers: tuple[Layer, ...]
    outputs: int
    precision: Precision
    output_format: fx.Format


class Loss:
    """What training makes small; the base of the losses.

    Attributes
    ----------
    last_layers : int
        How many layers at the network's end the loss and its gradient take the place of: it
        works on what goes into these.
    """

    last_layers: ClassVar[int] = 0

    def check(self, network: Network) -> None:
        """ValueError if the network's end doesn't fit the loss."""

    def targets(self, y: Any, samples: int, network: Network, kind: str | None = None) -> Any:
        """Targets as `total` and `gradient` take them, checked: class numbers, int64 of shape
        (samples,), or a FixedArray of shape (samples, outputs), rounded once into the outputs'
        format.

        Parameters
        ----------
        y : array
            As `Sequential.fit` takes it.
        samples : int
        network : Network
        kind : {"classes", "real"}, optional
            What they have to be.

        Raises
        ------
        ValueError, TypeError
            If they are anything else; the message names the first wrong one.
        """
        raise NotImplementedError

    def total(self, outputs: fx.FixedArray, targets: Any) -> Fraction:
        """The sum of the samples' losses."""
        raise NotImplementedError

    def gradient(self, outputs: fx.FixedArray, targets: Any, network: Network) -> fx.FixedArray:
        """Each sample's gradient by `outputs`, in the gradients' format, not divided by the batch.

        It may be larger by `scale`.
        """
        raise NotImplementedError

    scale: Fraction = Fraction(1)

    def arguments(self) -> list[int]:
        """What its class makes it anew from; a model's file keeps them."""
        return []

    def right(self, outputs: fx.FixedArray, targets: Any) -> int | None:
        """How many samples' largest output is their class', the lowest of equal ones; None for
        real targets."""
        if kind_of(targets) == REAL:
            return None
        return int(np.count_nonzero(outputs.argmax(axis=-1) == targets))

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other) if isinstance(other, Loss) else NotImplemented

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class CrossEntropy(Loss):
    """The negative log-likelihood of the right class, from the logits.

    A sample's loss is ``logsumexp(z) - z[y]``; no logarithm of a rounded probability is taken.
    Its gradient by the logits is ``softmax(z)`` minus 1 at `y`, rounded once into the gradients'
    format. Where the precision names `probabilities`, or the network's softmax is an
    approximation, that softmax is rounded into them first, and the difference is taken of it.

    Parameters
    ----------
    scale : int
        A power of two, at least 1, by which the gradients are larger on their way back, so that
        fewer of them round to nothing. The optimiser's step takes it out again, exactly.

    Raises
    ------
    ValueError
        If `scale` is no power of two.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn import CrossEntropy
    >>> logits = fx.array([[0, 0]], fx.Format(16, 10))
    >>> round(float(CrossEntropy().total(logits, [1])), 6)
    0.693147
    """

    last_layers: ClassVar[int] = 1

    def __init__(self, scale: int = 1) -> None:
        if (
            isinstance(scale, bool)
            or not isinstance(scale, int)
            or scale < 1
            or scale & (scale - 1)
        ):
            raise ValueError(f"scale must be a power of two from 1 on, got {scale!r}")
        self.scale = Fraction(scale)

    def check(self, network: Network) -> None:
        if not isinstance(network.layers[-1], Softmax) or len(network.layers) < 2:
            raise ValueError(
                f"CrossEntropy needs a Softmax after the layer that makes the logits, and this "
                f"network ends in {network.layers[-1]!r}; add Softmax(), or pass "
                "loss=MeanSquaredError()"
            )

    def targets(self, y: Any, samples: int, network: Network, kind: str | None = None) -> Any:
        if kind == REAL or np.ndim(y) == 2:
            raise ValueError(
                f"CrossEntropy needs class numbers of the shape ({samples},), got the shape "
                f"{np.shape(y)}; loss=MeanSquaredError() takes real targets"
            )
        return class_numbers(y, samples, network.outputs)

    def total(self, outputs: fx.FixedArray, targets: Any) -> Fraction:
        classes = outputs.shape[-1]
        fmt = _difference_format(outputs.format, classes)
        if fmt.frac_bits < _LEAST_FRACTION:
            fmt = loss_format(2 * _reach(outputs) + classes.bit_length())
        targets = np.asarray(targets)
        chosen = outputs[np.arange(len(outputs)), targets]
        values = fx.subtract(fx.logsumexp(outputs, axis=-1, format=fmt), chosen, format=fmt)
        return exact_sum(values)

    def gradient(self, outputs: fx.FixedArray, targets: Any, network: Network) -> fx.FixedArray:
        layer, precision = network.layers[-1], network.precision
        assert isinstance(layer, Softmax)
        gradients = precision.gradients
        # Times `scale` and rounded is: rounded with so many more fraction bits.
        scaled = finer(gradients, self.scale.numerator.bit_length() - 1)
        if layer.approximation is not None or precision.names_probabilities:
            probabilities = network.output_format
        elif 1 <= scaled.frac_bits < _WIDEST:
            found = layer.probabilities(outputs, scaled)
            if _is_blind_to_ones(scaled):
                found = fx.subtract(found, _one_hot(targets, outputs.shape[-1]), format=scaled)
            else:
                right = (np.arange(len(found)), targets)
                shares = layer.probabilities(outputs, _before_one_less(scaled))
                found[right] = fx.subtract(shares[right], 1, format=scaled)
            return found.view_as(gradients)
        else:
            probabilities = _odd_for(scaled)
        found = layer.probabilities(outputs, probabilities)
        found = fx.subtract(found, _one_hot(targets, outputs.shape[-1]), format=scaled)
        return found.view_as(gradients)

    def arguments(self) -> list[int]:
        return [self.scale.numerator]

    def __repr__(self) -> str:
        return f"CrossEntropy(scale={self.scale.numerator})" if self.scale > 1 else "CrossEntropy()"


class MeanSquaredError(Loss):
    """The mean over samples and outputs of (y - t)**2, from the outputs as rounded.

    Its gradient by the outputs is ``2 * (y - t) / outputs``, rounded once into the gradients'
    format. Class numbers become targets of 1 at the class and 0 elsewhere.

    Examples
    --------
    >>> from fxtypes_nn import MLP, SGD, MeanSquaredError, datasets
    >>> digits = datasets.load("digits")
    >>> model = MLP([64, 10], output="sigmoid")
    >>> x = digits.to_fixed(model.precision.inputs).x_train
    >>> loss, optimizer = MeanSquaredError(), SGD(2)
    >>> history = model.fit(x, digits.y_train, optimizer=optimizer, loss=loss, progress=False)
    >>> len(history)
    23
    """

    def targets(self, y: Any, samples: int, network: Network, kind: str | None = None) -> Any:
        outputs, shape = network.outputs, np.shape(y)
        fitting = [(samples, outputs)] + [(samples,)] * (outputs == 1)
        if kind == REAL or (kind is None and (outputs == 1 or len(shape) != 1)):
            if shape in fitting:
                return _real_targets(y, network).reshape(samples, outputs)
            wanted = f"real targets of the shape ({samples}, {outputs})"
            if kind is None and outputs > 1:
                wanted += f" or class numbers of the shape ({samples},)"
            raise ValueError(f"y must have {wanted}, got the shape {shape}")
        return class_numbers(y, samples, outputs)

    def total(self, outputs: fx.FixedArray, targets: Any) -> Fraction:
        difference = self._difference(outputs, targets)
        if not isinstance(difference, fx.FixedArray):
            return Fraction((difference**2).sum()) / outputs.shape[-1]
        fmt = _square_format(difference.format)
        if fmt.frac_bits < _LEAST_FRACTION:
            fmt = loss_format(_reach(difference) ** 2)
        return exact_sum(fx.multiply(difference, difference, format=fmt)) / outputs.shape[-1]

    def gradient(self, outputs: fx.FixedArray, targets: Any, network: Network) -> fx.FixedArray:
        difference, count = self._difference(outputs, targets), outputs.shape[-1]
        gradients = network.precision.gradients
        if not isinstance(difference, fx.FixedArray):
            return fx.array(2 * difference / count, gradients)
        doubled = difference.view_as(finer(difference.format, -1))
        return fx.divide(doubled, count, format=gradients)

    def _difference(self, outputs: fx.FixedArray, targets: Any) -> Any:
        """The exact difference: a FixedArray, or Fractions where no format holds it."""
        if not isinstance(targets, fx.FixedArray):
            targets = _one_hot(targets, outputs.shape[-1])
        formats = outputs.format, targets.format
        whole = max(fmt.width - fmt.frac_bits for fmt in formats)
        frac_bits = max(fmt.frac_bits for fmt in formats)
        # Without the bit more that the largest ones take all others fit, too.
        for width in (whole + 1 + frac_bits, whole + frac_bits):
            if width <= _WIDEST and frac_bits > -_WIDEST:
                fmt = fx.Format(width, frac_bits, overflow="raise")
                with contextlib.suppress(fx.FixedOverflowError):
                    return fx.subtract(outputs, targets, format=fmt)
        return outputs.to_fractions() - targets.to_fractions()


LOSSES: dict[str, type[Loss]] = {
    "CrossEntropy": CrossEntropy,
    "MeanSquaredError": MeanSquaredError,
}


def loss_format(bound: Fraction | int) -> fx.Format:
    """Of values from 0 to a bound: of 128 bits at most, with 24 fraction bits where these fit."""
    whole = int(bound).bit_length() + 2
    return fx.Format(min(whole + _LEAST_FRACTION, _WIDEST), min(_LEAST_FRACTION, _WIDEST - whole))


def _reach(values: fx.FixedArray) -> Fraction:
    """The largest magnitude there is: in a coarse format mostly far less than could be."""
    return max(map(abs, extremes(values))) * values.format.resolution


@lru_cache(256)
def _difference_format(logits: fx.Format, classes: int) -> fx.Format:
    """Of a cross-entropy: 0 to the largest difference of two logits plus log(classes)."""
    return loss_format(2 * max(abs(logits.max), abs(logits.min)) + classes.bit_length())


@lru_cache(256)
def _square_format(difference: fx.Format) -> fx.Format:
    """Of a squared difference."""
    return loss_format(max(abs(difference.max), abs(difference.min)) ** 2)


def exact_sum(values: fx.FixedArray) -> Fraction:
    """Of all elements; a loss that is only reported needs no format."""
    fmt, raw = values.format, values.raw
    if fmt.width + values.size.bit_length() < 64:
        total = int(np.add.reduce(raw, None, np.int64))  # what `sum` calls
    else:
        total = sum(raw.ravel().tolist())
    # Quicker than times the resolution.
    return Fraction(total << max(-fmt.frac_bits, 0), 1 << max(fmt.frac_bits, 0))


def kind_of(targets: Any) -> str:
    """Of targets as a loss made them."""
    return REAL if isinstance(targets, fx.FixedArray) else CLASSES


def class_numbers(y: Any, samples: int, classes: int) -> Any:
    """Class numbers, checked, as int64 of shape (samples,)."""
    y = np.asarray(y)
    if y.shape != (samples,):
        raise ValueError(
            f"y must have one class number for each of the {samples} samples, shape "
            f"({samples},), got {y.shape}"
        )
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"y must be class numbers of an integer dtype, got {y.dtype}; "
            "convert them with y.astype(int) if they are whole"
        )
    if classes < 2:
        raise ValueError(
            "class numbers need a network of two outputs at least, and this one has one; give "
            "real targets"
        )
    wrong = np.flatnonzero((y < 0) | (y >= classes))
    if wrong.size:
        raise ValueError(
            f"label {y[wrong[0]]} at index {wrong[0]} is out of range: this network has "
            f"{classes} classes, 0 to {classes - 1}"
        )
    return y.astype(np.int64)


def _real_targets(y: Any, network: Network) -> fx.FixedArray:
    if not isinstance(y, fx.FixedArray):
        y = np.asarray(y)
        if y.dtype.kind not in "iuf":
            raise TypeError(f"real targets must be numbers, got an array of {y.dtype}")
        if not np.isfinite(y).all():
            first = np.argwhere(~np.isfinite(y))[0].tolist()
            raise ValueError(f"target {y[tuple(first)]} at index {first} is not finite")
    fmt = network.output_format
    if fmt.rounding != "stochastic":
        return fx.array(y, fmt)
    # The same targets each time, also those of a part of the samples.
    return fx.array(y, fmt.replace(rounding="nearest_even")).view_as(fmt)


def _one_hot(targets: Any, classes: int) -> fx.FixedArray:
    """1 at each row's class, 0 elsewhere."""
    return _units(classes)[np.asarray(targets)]


@lru_cache(64)
def _units(classes: int) -> fx.FixedArray:
    """By class: 1 there, 0 elsewhere."""
    return fx.FixedArray.from_raw(np.eye(classes, dtype=np.int8), _BIT)


@lru_cache(256)
def _is_blind_to_ones(fmt: fx.Format) -> bool:
    """Whether p rounded into a format of fraction bits and less 1 is p - 1 rounded, for all p from
    0 to 1."""
    return fmt.rounding not in _OF_NEGATIVES and fmt.max >= 1 and fmt.min <= -1


@lru_cache(256)
def _before_one_less(fmt: fx.Format) -> fx.Format:
    """Of p, so that p rounded into it and less 1 is p - 1 rounded into a format."""
    rounding = _OF_NEGATIVES.get(fmt.rounding, fmt.rounding)
    return fx.Format(fmt.frac_bits + 1, fmt.frac_bits, signed=False, rounding=rounding)


def _odd_for(fmt: fx.Format) -> fx.Format:
    """A format of probabilities from which each mode of another rounds them right."""
    more = 66 if fmt.rounding == "stochastic" else 2
    frac_bits = min(max(fmt.frac_bits, 0) + more, _WIDEST - 4)
    return fx.Format(frac_bits + 2, frac_bits, rounding="odd")
