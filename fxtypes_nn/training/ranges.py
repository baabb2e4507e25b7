"""Binary points that follow what they have to hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import fxtypes as fx

if TYPE_CHECKING:
    from ..layers import Layer
    from .trainer import Trainer

_FRAC_BITS = 256  # of a format, at most and at least


class FollowRange:
    """A callback that moves layers' binary points at each epoch's beginning, so that they fit.

    A layer's format of a role keeps its width and gets as many fraction bits as hold a share of
    the largest magnitude. What is beyond saturates, and the step between all other values is
    finer for it. Of weights the magnitude is that of the parameters as they are kept, and points
    are set before the first iteration, too. Of outputs it is the largest that the rows of the
    epoch before record; where that lies at the format's end, twice as much.

    Parameters
    ----------
    weights : float or Fraction, optional
        The share of each layer's largest weight that its `weights` hold, above 0 to 1. None: they
        stay as they are.
    activations : float or Fraction, optional
        As much of each hidden layer's `activations`. A sigmoid's need no following: they reach 1
        from the start.

    Raises
    ------
    ValueError
        If one of them is no such number, or both are None.

    Notes
    -----
    The points move after the first iteration of an epoch, so that a trained model has those that
    it was trained with. Use it with a Precision whose `updates`, in which parameters are kept, are
    wide: they never change, nor does `state`. Files and checkpoints keep the points.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn import MLP, FollowRange, Precision, datasets
    >>> wide = Precision.preset(16)
    >>> precision = wide.replace(weights=fx.Format(4, 3), biases=wide.updates)
    >>> digits = datasets.load("digits").lazy(precision.inputs)
    >>> model = MLP([64, 10], precision=precision)
    >>> history = model.fit(
    ...     digits.x_train, digits.y_train, callbacks=[FollowRange()], progress=False
    ... )
    >>> model.layers[0].precision.weights
    Format(4, 5)
    """

    def __init__(
        self,
        weights: float | Fraction | None = 0.5,
        activations: float | Fraction | None = None,
    ) -> None:
        if weights is None and activations is None:
            raise ValueError("FollowRange needs a share of weights=, of activations=, or of both")
        self.weights = _share("weights", weights)
        self.activations = _share("activations", activations)
        self._due = False

    def on_fit_begin(self, trainer: Trainer) -> None:
        """Set the weights' points of a model that was never trained."""
        if trainer.iteration == 0:
            self._follow(trainer, {})
        # A run that goes on does so within an epoch or between two.
        last = trainer.history.last("epoch")
        self._due = last is None or last <= trainer.model.epochs_trained

    def on_iteration_end(self, trainer: Trainer) -> None:
        """Set all points, after the first iteration of an epoch."""
        if self._due:
            self._due = False
            self._follow(trainer, _magnitudes(trainer) if self.activations else {})

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Nothing yet: if this was the last epoch, the model keeps the points it learned with."""
        self._due = True

    def _follow(self, trainer: Trainer, outputs: dict[str, Fraction]) -> None:
        model = trainer.model
        layers = {}
        for layer in model.layers:
            name = str(layer.name)
            changed = dict(self._points(layer, outputs.get(name)))
            layers[name] = layer.precision.replace(layers={}, **changed)
        default = model.precision.replace(layers={})
        model.set_precision(
            default.replace(layers={name: p for name, p in layers.items() if p != default})
        )

    def _points(self, layer: Layer, output: Fraction | None) -> Iterator[tuple[str, fx.Format]]:
        """By role, its new format."""
        precision = layer.precision
        if self.weights and "weights" in layer.parameters:
            # What follows the weights' format by default, biases, mustn't change with it.
            values = layer.parameters["weights"]
            ends = (abs(int(end.raw)) for end in (values.min(), values.max()))
            most = max(ends) * values.format.resolution
            yield "weights", holding(self.weights * most, precision.weights)
            yield "biases", precision.biases
        if self.activations and output is not None and layer.role == "activations":
            fmt = precision.activations
            if output >= fmt.max:
                output = 2 * output / self.activations
            found = holding(self.activations * output, fmt)
            yield "activations", found
            for role in ("inputs", "pre_activations", "logits"):
                yield role, getattr(precision, role)


def holding(limit: Fraction, fmt: fx.Format) -> fx.Format:
    """A format with as many fraction bits as still let it go to a limit; 0: as it is.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fractions import Fraction
    >>> holding(Fraction(1), fx.Format(8, 0)), holding(Fraction(3, 2), fx.Format(8, 0))
    (Format(8, 7), Format(8, 6))
    """
    if not limit:
        return fmt
    reach = limit.numerator.bit_length() - limit.denominator.bit_length()
    reach += limit > Fraction(2) ** reach
    frac_bits = fmt.width - int(fmt.signed) - reach
    return fmt.replace(frac_bits=max(-_FRAC_BITS, min(frac_bits, _FRAC_BITS)))


def _magnitudes(trainer: Trainer) -> dict[str, Fraction]:
    """The largest of each layer's outputs in the epoch before, as the history has them."""
    history, found = trainer.history, {}
    epochs = history["epoch"]
    before = epochs[-1] - 1
    for layer in trainer.model.layers:
        values = history[f"{layer.name}.output.abs_max"]
        last = [
            value
            for value, epoch in zip(values, epochs, strict=True)
            if epoch == before and value is not None
        ]
        if last:
            found[str(layer.name)] = Fraction(max(last))
    return found


def _share(name: str, value: Any) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        raise ValueError(f"{name} must be a number above 0, at most 1, got {value!r}")
    if not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1, got {value!r}")
    return Fraction(value)
