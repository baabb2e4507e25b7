"""Which format each kind of tensor in a network has."""

import dataclasses

import fxtypes as fx

PRESET_WIDTHS = (8, 128)
_MAX_FRAC_BITS = 256


@dataclasses.dataclass(frozen=True)
class Precision:
    """The formats of a network's tensors.

    Parameters
    ----------
    weights : fxtypes.Format
        Parameters as the products of forward and backward pass use them.
    activations : fxtypes.Format
        Inputs, each layer's output, logits, probabilities and loss.
    gradients : fxtypes.Format
        Every gradient. A parameter's gradient is the sum over the batch divided by the batch's
        size rounded up to a power of two; the rest of the mean is part of the optimiser's step.
    updates : fxtypes.Format
        Parameters as they are kept and updated, and the optimiser's state. Where it equals
        `weights` there is one copy.
    accumulator : fxtypes.Format, optional
        If given, matrix products round after every step into this format, as hardware built
        by high-level synthesis does. Without it they are exact and rounded once.

    Raises
    ------
    TypeError
        If one of them is not a `fxtypes.Format`.
    ValueError
        If weights, activations, gradients or updates are unsigned.

    Examples
    --------
    >>> from fxtypes_nn import Precision
    >>> Precision.uniform(16, 10).gradients
    Format(16, 10)
    """

    weights: fx.Format
    activations: fx.Format
    gradients: fx.Format
    updates: fx.Format
    accumulator: fx.Format | None = None

    def __post_init__(self):
        for field in dataclasses.fields(self):
            fmt = getattr(self, field.name)
            if field.name == "accumulator" and fmt is None:
                continue
            if not isinstance(fmt, fx.Format):
                raise TypeError(f"{field.name} must be an fxtypes.Format, got {fmt!r}")
            if not fmt.signed and field.name != "accumulator":
                raise ValueError(f"{field.name} must be signed, got {fmt!r}; pass signed=True")

    @classmethod
    def uniform(cls, width, frac_bits):
        """Return one format, ``Format(width, frac_bits)``, for every kind of tensor.

        Raises
        ------
        fxtypes.FormatError
            If there is no such format.
        """
        fmt = fx.Format(width, frac_bits)
        return cls(fmt, fmt, fmt, fmt)

    @classmethod
    def preset(cls, width):
        """Return the recommended formats at a width.

        Up to 16 bits weights hold [-4, 4), activations [-32, 32) and gradients [-2, 2); every
        4 bits more double these ranges until they are 256 times as wide. Below 24 bits
        gradients and updates round stochastically, since a change of less than half a step
        would otherwise always be lost. Nothing is stored wider than `width`, but for
        `updates` at 8 and 9 bits, which have 16.

        Parameters
        ----------
        width : int
            8 to 128.

        Raises
        ------
        ValueError
            If `width` is not an integer from 8 to 128.

        Examples
        --------
        >>> from fxtypes_nn import Precision
        >>> Precision.preset(32).activations
        Format(32, 22)
        """
        low, high = PRESET_WIDTHS
        if isinstance(width, bool) or not isinstance(width, int) or not low <= width <= high:
            raise ValueError(
                f"a preset's width must be an integer from {low} to {high}, got {width!r}; "
                "Precision.uniform(width, frac_bits) takes others"
            )
        extra = min(max(width - 16, 0) // 4, 8)
        rounding = "stochastic" if width < 24 else "nearest_even"
        updates_width = 16 if width < 10 else width
        updates = fx.Format(updates_width, updates_width - 3 - extra, rounding=rounding)
        return cls(
            weights=updates if updates_width == width else fx.Format(width, width - 3 - extra),
            activations=fx.Format(width, width - 6 - extra),
            gradients=fx.Format(width, width - 2 - extra, rounding=rounding),
            updates=updates,
        )

    @property
    def width(self):
        """The widest of weights, activations and gradients, in bits."""
        return max(self.weights.width, self.activations.width, self.gradients.width)


def batch_shift(samples, gradients):
    """Return s, so that a parameter's gradient is kept as its sum over the batch times 2**-s.

    2**s is the number of samples rounded up to a power of two, as far as the format of the
    scaled gradients still exists.
    """
    return min((samples - 1).bit_length(), _MAX_FRAC_BITS - gradients.frac_bits)
