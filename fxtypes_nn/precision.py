"""Which format each kind of tensor in a network has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import fxtypes as fx

PRESET_WIDTHS = (8, 128)
_MAX_FRAC_BITS = 256
_FORMAT_FIELDS = ("width", "frac_bits", "signed", "rounding", "overflow")


class Role(NamedTuple):
    """One kind of tensor.

    Attributes
    ----------
    name : str
        As `Precision` calls it.
    default : str or None
        The role whose format it has where none is named; None: it has to be named.
    signed : bool
        Whether it has to be.
    """

    name: str
    default: str | None = None
    signed: bool = True


ROLES = (
    Role("weights"),
    Role("activations", signed=False),
    Role("gradients"),
    Role("updates"),
    Role("accumulator", signed=False),  # None where none is named
    Role("inputs", "activations", signed=False),
    Role("pre_activations", "activations"),
    Role("logits", "activations"),
    Role("probabilities", "activations", signed=False),
    Role("biases", "weights"),
    Role("state", "updates"),
)
_NEEDED = tuple(role.name for role in ROLES[:4])
# What products and activations hold, of which the widest is the network's width.
_COMPUTED = ("weights", "biases", "inputs", "pre_activations", "activations", "logits")


class Precision:
    """The formats of a network's tensors.

    Parameters
    ----------
    weights : fxtypes.Format
        Weights as the products of forward and backward pass use them.
    activations : fxtypes.Format
        Each layer's output that has no other role.
    gradients : fxtypes.Format
        Every gradient. A parameter's gradient is the sum over the batch divided by the batch's
        size rounded up to a power of two; the rest of the mean is part of the optimiser's step.
    updates : fxtypes.Format
        Parameters as they are kept and updated. Where it equals `weights` there is one copy.
    accumulator : fxtypes.Format, optional
        If given, matrix products round after every step into this format, as hardware built by
        high-level synthesis does. Without it they are exact and rounded once.
    inputs : fxtypes.Format, optional
        The samples; by default `activations`.
    pre_activations, logits : fxtypes.Format, optional
        The output of a `Dense` layer, a hidden one's and the last one's; by default
        `activations`.
    probabilities : fxtypes.Format, optional
        What a last sigmoid or softmax gives; by default `activations` with so many fraction bits
        less that 1 can be represented. Where it is named, `CrossEntropy` rounds the
        probabilities into it before it takes its gradient.
    biases : fxtypes.Format, optional
        Biases as they are used; by default `weights`.
    state : fxtypes.Format, optional
        The optimiser's state; by default `updates`.
    layers : dict of str to Precision, optional
        By a layer's name, what replaces all of this for the layer: for its parameters and their
        state, its accumulator, its output's role, and the gradients that it makes.

    Raises
    ------
    TypeError
        If one of them is not a `fxtypes.Format`, or of `layers` no Precision.
    ValueError
        If one of them is unsigned that must not be: all but `inputs`, `activations`,
        `probabilities` and `accumulator`; or if an entry of `layers` has layers itself.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn import Precision
    >>> Precision.uniform(16, 10).gradients
    Format(16, 10)
    >>> Precision.uniform(8, 7).probabilities
    Format(8, 6)
    """

    weights: fx.Format
    activations: fx.Format
    gradients: fx.Format
    updates: fx.Format
    accumulator: fx.Format | None
    inputs: fx.Format
    pre_activations: fx.Format
    logits: fx.Format
    probabilities: fx.Format
    biases: fx.Format
    state: fx.Format
    layers: Mapping[str, Precision]
    names_probabilities: bool
    report: str | None = None  # what `auto` tells

    def __init__(
        self,
        weights: fx.Format,
        activations: fx.Format,
        gradients: fx.Format,
        updates: fx.Format,
        accumulator: fx.Format | None = None,
        inputs: fx.Format | None = None,
        pre_activations: fx.Format | None = None,
        logits: fx.Format | None = None,
        probabilities: fx.Format | None = None,
        biases: fx.Format | None = None,
        state: fx.Format | None = None,
        layers: Mapping[str, Precision] | None = None,
    ) -> None:
        given = locals()
        resolved: dict[str, Any] = {}
        for role in ROLES:
            fmt = given[role.name]
            if fmt is None and role.name not in _NEEDED:
                fmt = role.default and resolved[role.default]
                if role.name == "probabilities":
                    fmt = _holding_one(resolved["activations"])
            _check(role, fmt, given[role.name] is not None)
            resolved[role.name] = fmt
        resolved["layers"] = _checked_layers({} if layers is None else layers)
        resolved["names_probabilities"] = probabilities is not None
        self.__dict__.update(resolved)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Precision can't be changed; replace({name}=...) makes another")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Precision can't be changed; replace(...) makes another")

    def replace(self, **changes: Any) -> Precision:
        """Another one with some roles' formats (or `layers`) changed.

        What followed from a role that changes follows from its new format.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import Precision
        >>> Precision.uniform(16, 10).replace(activations=fx.Format(8, 4)).logits
        Format(8, 4)
        """
        return Precision(**(self._named() | changes))

    def with_report(self, report: str) -> Precision:
        """An equal one that has a text as its `report`."""
        found = Precision(**self._named())
        found.__dict__["report"] = report
        return found

    def for_layer(self, name: str) -> Precision:
        """The formats that a layer has."""
        return self.layers.get(name, self)

    def _named(self) -> dict[str, Any]:
        """The arguments that make an equal one, defaults left out."""
        found: dict[str, Any] = {}
        for role in ROLES:
            fmt = getattr(self, role.name)
            if role.name == "probabilities":
                follows = not self.names_probabilities
            else:
                follows = fmt == (role.default and getattr(self, role.default))
            if role.name in _NEEDED or not follows:
                found[role.name] = fmt
        if self.layers:
            found["layers"] = dict(self.layers)
        return found

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` makes an equal one from; JSON can hold it.

        Examples
        --------
        >>> from fxtypes_nn import Precision
        >>> precision = Precision.preset(8)
        >>> Precision.from_dict(precision.to_dict()) == precision
        True
        """
        found = self._named()
        layers = found.pop("layers", {})
        fields: dict[str, Any] = {
            name: fmt and [_plain(getattr(fmt, field)) for field in _FORMAT_FIELDS]
            for name, fmt in found.items()
        }
        if layers:
            fields["layers"] = {name: p.to_dict() for name, p in layers.items()}
        return fields

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Precision:
        """The formats of which `to_dict` wrote this.

        Raises
        ------
        ValueError, TypeError
            If it is anything else.
        """
        found: dict[str, Any] = {}
        for name, value in fields.items():
            if name == "layers":
                found[name] = {layer: cls.from_dict(inner) for layer, inner in value.items()}
            else:
                found[name] = value and fx.Format(**dict(zip(_FORMAT_FIELDS, value, strict=True)))
        return cls(**found)

    @classmethod
    def uniform(cls, width: int, frac_bits: int) -> Precision:
        """One format, ``Format(width, frac_bits)``, for every kind of tensor.

        Raises
        ------
        fxtypes.FormatError
            If there is no such format.
        """
        fmt = fx.Format(width, frac_bits)
        return cls(fmt, fmt, fmt, fmt)

    @classmethod
    def preset(cls, width: int) -> Precision:
        """The recommended formats at a width.

        At 16 bits weights hold [-4, 4), gradients [-2, 2), all else [-32, 32); every 4 bits more
        double these ranges until they are 256 times as wide. Below, resolution counts for more:

        ============================= ============ ============ ===========
        bits                          12 to 15     10 and 11    8 and 9
        ============================= ============ ============ ===========
        weights                       [-4, 4)      [-2, 2)      [-2, 2)
        gradients                     [-2, 2)      [-1, 1)      [-1, 1)
        inputs, activations           [-8, 8)      [-8, 8)      [-4, 4)
        pre-activations               [-8, 8)      [-8, 8)      [-8, 8)
        logits                        [-32, 32)    [-32, 32)    [-16, 16)
        ============================= ============ ============ ===========

        Samples go into [-4, 4) at 8 bits: pixels as parts of 1, standardised features but for
        outliers. `auto` fits other data. Below 24 bits gradients and updates round
        stochastically, since a change of less than half a step would otherwise always be lost.
        Nothing is stored wider than `width`, but at 8 and 9 bits `updates` and `state`, which
        have 16.

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
        if isinstance(width, np.integer):
            width = int(width)
        if isinstance(width, bool) or not isinstance(width, int) or not low <= width <= high:
            raise ValueError(
                f"a preset's width must be an integer from {low} to {high}, got {width!r}; "
                "Precision.uniform(width, frac_bits) takes others"
            )
        rounding = "stochastic" if width < 24 else "nearest_even"
        kept_width = 16 if width < 10 else width
        whole = _whole_bits(width)

        def of(role: str, width: int = width, rounding: str = "nearest_even") -> fx.Format:
            return fx.Format(width, width - whole[role], rounding=rounding)

        updates = of("weights", kept_width, rounding)
        return cls(
            weights=updates if kept_width == width else of("weights"),
            activations=of("activations"),
            gradients=of("gradients", width, rounding),
            updates=updates,
            pre_activations=of("pre_activations"),
            logits=of("logits"),
        )

    @classmethod
    def auto(cls, model: Any, x: Any, y: Any, width: int) -> Precision:
        """Formats whose binary points follow from the magnitudes that a network shows on data.

        A copy of the model runs forward and backward in 64 bits, and what each layer's weights,
        outputs and gradients reach decides where their points are, layer by layer. Its weights
        are the model's; of a model that was never trained the copy is trained first, by a few
        hundred steps of ``SGD(0.1)``, or of a smaller rate where that diverges. Widths and
        rounding are `preset`'s. The model itself stays as it is.

        Parameters
        ----------
        model : Sequential
        x, y : array
            Samples and targets to train on, as `Sequential.fit` takes them.
        width : int
            2 to 128. Nothing is stored wider, but below 10 bits `updates` and `state`, which
            have 16.

        Returns
        -------
        Precision
            For a new model of the same layers, with `layers` where these differ. Its attribute
            `report`, a text, says what was seen and chosen, and why, and names what couldn't be
            inferred and what was taken instead; it is no part of the formats: ``==`` doesn't
            compare it, files and `replace` don't keep it.

        Raises
        ------
        ValueError
            If `width` is not an integer from 2 to 128, or the data don't fit the model.
        TypeError
            If `model` is no Sequential, or the data are no numbers.

        Examples
        --------
        >>> from fxtypes_nn import MLP, Precision, datasets
        >>> digits = datasets.load("digits")
        >>> model = MLP([64, 32, 10], hidden="sigmoid")
        >>> x = digits.x_train / 16
        >>> precision = Precision.auto(model, x, digits.y_train, width=8)
        >>> precision.inputs
        Format(8, 7, signed=False)
        >>> model = MLP([64, 32, 10], hidden="sigmoid", precision=precision)
        """
        if not hasattr(model, "fitting_precision"):
            raise TypeError(f"model must be a Sequential or an MLP, got {model!r}")
        # The room of models lies above this one.
        found: Precision = model.fitting_precision(x, y, width)
        return found

    @property
    def width(self) -> int:
        """The widest of what is computed with, in bits: of all but updates, state, accumulator."""
        own = (*_COMPUTED, "probabilities", "gradients")
        widths = [getattr(self, name).width for name in own]
        return max([*widths, *(layer.width for layer in self.layers.values())])

    def _key(self) -> tuple[Any, ...]:
        formats = tuple(getattr(self, role.name) for role in ROLES)
        return (*formats, self.names_probabilities, frozenset(self.layers.items()))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Precision) else NotImplemented

    def __hash__(self) -> int:
        formats = tuple(getattr(self, role.name) for role in ROLES)
        return hash((formats, self.names_probabilities, frozenset(self.layers)))

    def __repr__(self) -> str:
        parts = [f"{name}={value!r}" for name, value in self._named().items()]
        return f"Precision({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_made, (self._named(),))


def _made(named: dict[str, Any]) -> Precision:
    return Precision(**named)


def _whole_bits(width: int) -> dict[str, int]:
    """By role, a preset's bits before the binary point, the sign's included."""
    roles = "weights", "gradients", "activations", "pre_activations", "logits"
    if width < 10:
        bits = [2, 1, 3, 4, 5]
    elif width < 12:
        bits = [2, 1, 4, 4, 6]
    elif width < 16:
        bits = [3, 2, 4, 4, 6]
    else:
        extra = min((width - 16) // 4, 8)
        bits = [whole + extra for whole in (3, 2, 6, 6, 6)]
    return dict(zip(roles, bits, strict=True))


def _holding_one(activations: fx.Format) -> fx.Format:
    """The format of probabilities that follows from the activations'."""
    most = activations.width - (2 if activations.signed else 1)
    return activations.replace(frac_bits=min(activations.frac_bits, most))


def _check(role: Role, fmt: object, named: bool) -> None:
    if fmt is None and role.name == "accumulator":
        return
    if not isinstance(fmt, fx.Format):
        raise TypeError(f"{role.name} must be an fxtypes.Format, got {fmt!r}")
    if role.signed and not fmt.signed:
        if named or role.default is None:
            raise ValueError(f"{role.name} must be signed, got {fmt!r}; pass signed=True")
        raise ValueError(
            f"{role.name} must be signed and would follow {role.default}, {fmt!r}; name {role.name}"
        )


def _checked_layers(layers: object) -> dict[str, Precision]:
    if not isinstance(layers, Mapping):
        raise TypeError(f"layers must map a layer's name to its Precision, got {layers!r}")
    for name, precision in layers.items():
        if not isinstance(name, str) or not isinstance(precision, Precision):
            raise TypeError(
                f"layers must map a layer's name to its Precision, got {name!r}: {precision!r}"
            )
        if precision.layers:
            raise ValueError(f"the Precision of layer {name!r} has layers itself; it can't")
    return dict(layers)


def _plain(value: Any) -> Any:
    """A mode as the string that it is."""
    return str(value.value) if isinstance(value, (fx.Rounding, fx.Overflow)) else value


@lru_cache(1024)
def finer(fmt: fx.Format, bits: int) -> fx.Format:
    """The format with so many more fraction bits: elements viewed in it are that much smaller."""
    return fmt.replace(frac_bits=fmt.frac_bits + bits)


def batch_shift(samples: int, gradients: fx.Format) -> int:
    """s, so that a parameter's gradient is kept as its sum over the batch times 2**-s.

    2**s is the number of samples rounded up to a power of two, as far as the format of the
    scaled gradients still exists.
    """
    return min((samples - 1).bit_length(), _MAX_FRAC_BITS - gradients.frac_bits)


@lru_cache(256)
def ends(fmt: fx.Format) -> tuple[int, int]:
    """The lowest and the highest raw integer that saturation makes."""
    symmetric = fmt.signed and fmt.overflow == "saturate_symmetric"
    return fmt.raw_min + symmetric, fmt.raw_max
