"""What a layer is."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

import numpy as np

import fxtypes as fx
from fxtypes.fixed_array.array import extremes

from ..precision import Precision, ends
from ..seeds import derive, drawing

Shape: TypeAlias = tuple[int, ...]
Gradient: TypeAlias = "fx.FixedArray | tuple[fx.FixedArray, Any]"
Backward: TypeAlias = Callable[[fx.FixedArray], "tuple[fx.FixedArray | None, dict[str, Gradient]]"]
_TAKEN = ("input", "output", "forward", "backward", "update")
L = TypeVar("L", bound="type[Layer]")


@dataclasses.dataclass(frozen=True)
class Context:
    """What a layer knows of the pass that it takes part in.

    Attributes
    ----------
    training : bool
        Whether it is a step of training: dropout drops, stochastic weights are drawn anew.
    seed : int
        What the layer's own draws derive from (`seeds.derive`), another one at every iteration.
    input_gradient : bool
        Whether ``backward`` is asked for the gradient by x: nothing needs that of a network's
        first layer.
    """

    training: bool = False
    seed: int = 0
    input_gradient: bool = True


class Place(NamedTuple):
    """Where in a network a layer stands.

    Attributes
    ----------
    name : str
        Unique in the network.
    precision : Precision
        The layer's formats.
    output_role : str
        Of `precision`, which one its output has.
    seed : int
        What its initial parameters follow from.
    initializer : str
        What draws weights for which none is named.
    """

    name: str
    precision: Precision
    output_role: str
    seed: int
    initializer: str


class Layer:
    """A step of a network; one's own derives from it.

    A subclass defines

    ``forward(x, context) -> (y, backward)``
        `x` is a FixedArray of the shape (samples, \\*input_shape), `y` one of (samples,
        \\*output_shape), in `output_format`; `context` is a `Context`. ``backward(gradient)``
        takes the loss' gradient by `y` (its sum over the batch is the batch's) and returns the
        gradient by `x` (None if it isn't asked for), in the gradients' format, and a dict of
        the gradients by the layer's parameters. Each of these is a FixedArray, or a pair of it
        and a `scale`: times the scale it is the sum over the batch. The closure holds what it
        needs of the forward pass: the layer keeps nothing between passes.
    ``build(input_shape) -> output_shape``
        If it has parameters, or changes the shape (tuples, without samples). It puts them into
        `parameters`, in the format ``precision.updates``.

    Attributes
    ----------
    name : str
        The class' in small letters and a number, as ``dense1``.
    precision : Precision
        The layer's formats.
    output_format : fxtypes.Format
        Its output's, by its place in the network.
    output_shape : tuple of int
        Without samples.
    parameters : dict of str to FixedArray
        As they are kept and updated. `used` gives them as they are computed with.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn import Dense, Layer, Precision, Sequential, Softmax
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.parameters["factor"] = fx.ones(input_shape, self.precision.updates)
    ...         return input_shape
    ...
    ...     def forward(self, x, context):
    ...         factor = self.used("factor", context)
    ...         gradients = self.precision.gradients
    ...
    ...         def backward(gradient):
    ...             by_x = fx.multiply(gradient, factor, format=gradients)
    ...             by_factor = fx.multiply(gradient, x, format=gradients)
    ...             return by_x, {"factor": by_factor.sum(axis=0, format=gradients)}
    ...
    ...         return fx.multiply(x, factor, format=self.output_format), backward
    >>> model = Sequential([Scale(), Dense(10), Softmax()], 64, Precision.preset(16))
    >>> list(model.parameters())
    ['scale1.factor', 'dense1.weights', 'dense1.bias']
    """

    # The role of its output, and where it is the network's last layer.
    output_role: ClassVar[str] = "activations"
    last_output_role: ClassVar[str] = "activations"
    # Of parameters that are not used in the weights' format.
    parameter_roles: ClassVar[Mapping[str, str]] = {"bias": "biases"}

    name: str | None = None
    precision: Precision
    output_format: fx.Format
    output_shape: Shape
    parameters: Mapping[str, fx.FixedArray] = {}  # a layer in a network has its own
    _place: Place
    _used: dict[str, fx.FixedArray]

    def enter(self, place: Place, input_shape: Shape) -> Shape:
        """Take a place in a network; the shape of the output, without samples.

        Raises
        ------
        ValueError
            If it is part of a network already, doesn't take such inputs, or made parameters of
            another format than the updates'.
        TypeError
            If a layer of one's own gives no shape, or parameters that are no FixedArrays.
        """
        if self.name is not None:
            raise ValueError(
                f"layer {place.name} is part of a network already, as {self.name}; make a new one"
            )
        self.name, self.precision, self._place = place.name, place.precision, place
        self.output_format = getattr(place.precision, place.output_role)
        self.parameters, self._used = {}, {}
        try:
            # What a user's own layer draws follows from the seed, too.
            with drawing(place.seed, "build"):
                shape = self.build(input_shape)
            if not isinstance(shape, tuple):
                raise TypeError(
                    f"build of {place.name} must return the shape of its output, a tuple without "
                    f"samples, got {shape!r}"
                )
            self.output_shape = shape
            for name, values in self.parameters.items():
                if name in _TAKEN or "." in name:
                    raise ValueError(
                        f"a parameter of {place.name} can't be called {name!r}: the history has "
                        "columns of that name; choose another"
                    )
                self._check(name, values)
        except BaseException:
            self.name = None
            raise
        return shape

    @property
    def role(self) -> str:
        """The role whose format its output has, by its place in the network."""
        return self._place.output_role

    def reformat(self, precision: Precision) -> None:
        """Compute in other formats; the parameters stay in theirs, `updates`."""
        self.precision = precision
        self._place = self._place._replace(precision=precision)
        self.output_format = getattr(precision, self.role)
        self._used = {}

    def build(self, input_shape: Shape) -> Shape:
        """Make the parameters for inputs of a shape; return the outputs'. Both without samples."""
        return input_shape

    def forward(self, x: fx.FixedArray, context: Context) -> tuple[fx.FixedArray, Backward]:
        """The layer's output, and the closure that goes back through it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward pass")

    def set(self, name: str, values: fx.FixedArray) -> None:
        """Replace a parameter.

        Raises
        ------
        ValueError
            If there is no such parameter, or it has another format or shape.
        TypeError
            If `values` is no FixedArray.
        """
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            raise ValueError(f"{self.name} has no parameter {name!r}; it has {known}")
        self._check(name, values, self.parameters[name].shape)
        self.parameters = {**self.parameters, name: values}
        self._used.pop(name, None)

    def used(self, name: str, context: Context) -> fx.FixedArray:
        """A parameter as products use it, rounded from the format in which it is kept.

        That is `weights`, or what `parameter_roles` says. A stochastic format draws anew at
        every iteration of training; otherwise a model always has the same weights.
        """
        kept = self.parameters[name]
        fmt: fx.Format = getattr(self.precision, self.parameter_roles.get(name, "weights"))
        if kept.format == fmt:
            return kept
        if context.training and fmt.rounding == "stochastic":
            with drawing(context.seed, "used", self.name, name):
                return kept.astype(fmt)
        found = self._used.get(name)
        if found is None:
            if fmt.rounding == "stochastic":
                with drawing(self._place.seed, "used", name):
                    found = kept.astype(fmt)
            else:
                found = kept.astype(fmt)
            self._used[name] = found
        return found

    def seed(self, purpose: str) -> int:
        """The seed of something that the layer draws when it is built."""
        return derive(self._place.seed, purpose)

    def settings(self) -> dict[str, Any]:
        """The arguments that make such a layer anew: a model's file keeps them."""
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        try:
            given = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        except AttributeError:  # of a subclass that keeps an argument under another name
            given = "..."
        return f"{type(self).__name__}({given})"

    def _check(self, name: str, values: object, shape: Shape | None = None) -> None:
        fmt = self.precision.updates
        if not isinstance(values, fx.FixedArray):
            raise TypeError(
                f"{self.name}.{name} must be a FixedArray, got {type(values).__name__}; "
                "model.set_parameters takes numbers"
            )
        if values.format != fmt:
            raise ValueError(
                f"{self.name}.{name} must have the updates' format, {fmt!r}, got {values.format!r}"
            )
        if shape is not None and values.shape != shape:
            raise ValueError(f"{self.name}.{name} has the shape {shape}, got {values.shape}")


LAYERS: dict[str, type[Layer]] = {}


def register_layer(layer: L) -> L:
    """Make a layer's class known by its name, so that models that have it can be loaded.

    A decorator. The class keeps each argument of its constructor as an attribute of that name:
    numbers, strings, booleans, None, or lists of them.

    Raises
    ------
    ValueError
        If another class has that name already.
    TypeError
        If it is no subclass of `Layer`.

    Examples
    --------
    >>> from fxtypes_nn import Layer, register_layer
    >>> @register_layer
    ... class Identity(Layer):
    ...     def forward(self, x, context):
    ...         return x, lambda gradient: (gradient, {})
    """
    if not (isinstance(layer, type) and issubclass(layer, Layer)):
        raise TypeError(f"a subclass of Layer is registered, got {layer!r}")
    known = LAYERS.setdefault(layer.__name__, layer)
    if (known.__module__, known.__qualname__) != (layer.__module__, layer.__qualname__):
        raise ValueError(f"another layer is registered as {layer.__name__!r}: {known!r}")
    LAYERS[layer.__name__] = layer  # a notebook's cell, run again, defines it anew
    return layer


def is_real(value: object) -> bool:
    """Whether it is a finite number, of Python's or NumPy's."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        return False
    return bool(np.isfinite(value))


def without_saturated(gradient: fx.FixedArray, y: fx.FixedArray) -> fx.FixedArray:
    """The gradient, 0 where `y` is at an end of its format and would be pushed beyond.

    A step goes against the gradient: it raises `y` where that is negative.
    """
    (lowest, highest), (least, most) = ends(y.format), extremes(y)
    if most == highest:
        outwards = (y == _element(most, y.format)) & (gradient < 0)
        gradient = fx.where(outwards, 0, gradient, format=gradient.format)
    if least == lowest:
        outwards = (y == _element(least, y.format)) & (gradient > 0)
        gradient = fx.where(outwards, 0, gradient, format=gradient.format)
    return gradient


@functools.lru_cache(256)
def _element(raw: int, fmt: fx.Format) -> fx.FixedArray:
    return fx.FixedArray.from_raw(raw, fmt)
