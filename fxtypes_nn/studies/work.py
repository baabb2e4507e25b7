"""What a network's passes have to do: operations by their operands' widths, and memory traffic.

Counted is what the mathematics asks for, once: each tensor is read and written once a use, sums
are as wide as exact ones have to be (or as the named accumulator), and a multiplication by a power
of two is a shift, which costs nothing. Not counted: what only watches (the reported loss, ranges,
events), random numbers, moving data about, and the test for saturated outputs, which falls out of
the rounding itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import fxtypes as fx

from ..layers import Dense, Dropout, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from ..layers.approximations import table_argument
from ..model import Sequential
from ..precision import Precision, batch_shift
from ..training.hyperparameters import exact, rate_at
from ..training.losses import CrossEntropy, Loss
from ..training.optimizers import SGD, Adam, Optimizer, coefficient
from .costs import Operation

_LINES = 6  # additions and comparisons of PLAN, four lines on each side of 0
_COEFFICIENT = 24  # bits of an optimiser's coefficient, as `optimizers.coefficient` rounds it


class Access(NamedTuple):
    """Reading or writing an element of a tensor.

    Attributes
    ----------
    way : {"read", "write"}
    width : int
        Bits of an element.
    """

    way: str
    width: int


class Lookup(NamedTuple):
    """Reading an element of a function's table.

    Attributes
    ----------
    entries : int
        The table's.
    width : int
        Bits of one.
    """

    entries: int
    width: int


@dataclass
class Work:
    """Counts of what is done.

    Attributes
    ----------
    operations : Counter of Operation
    functions : Counter of str
        Elements of functions that no publication has a price for: exp, a root, a quotient.
    lookups : Counter of Lookup
        Elements of functions that are tables.
    traffic : Counter of Access
        Elements that are read from and written to memory.
    """

    operations: Counter[Operation] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    lookups: Counter[Lookup] = field(default_factory=Counter)
    traffic: Counter[Access] = field(default_factory=Counter)

    def __add__(self, other: Work) -> Work:
        return Work(
            self.operations + other.operations,
            self.functions + other.functions,
            self.lookups + other.lookups,
            self.traffic + other.traffic,
        )

    def times(self, count: int) -> Work:
        """The same work so many times."""

        def multiplied(counts: Counter[Any]) -> Counter[Any]:
            return Counter({key: number * count for key, number in counts.items()})

        return Work(
            multiplied(self.operations),
            multiplied(self.functions),
            multiplied(self.lookups),
            multiplied(self.traffic),
        )

    def in_floats(self, bits: int, kind: str = "float") -> Work:
        """The same work with every number a float of so many bits."""
        operations: Counter[Operation] = Counter()
        for operation, number in self.operations.items():
            operations[Operation(kind, operation.name, bits, bits)] += number
        traffic: Counter[Access] = Counter()
        for access, number in self.traffic.items():
            traffic[Access(access.way, bits)] += number
        lookups: Counter[Lookup] = Counter()
        for lookup, number in self.lookups.items():
            lookups[Lookup(lookup.entries, bits)] += number
        return Work(operations, self.functions.copy(), lookups, traffic)

    @property
    def bytes_moved(self) -> float:
        """Bytes that are read and written, elements packed without gaps."""
        return sum(access.width * number for access, number in self.traffic.items()) / 8

    def count(self, name: str) -> int:
        """How many additions ("add") or multiplications ("multiply")."""
        return sum(number for each, number in self.operations.items() if each.name == name)

    # How it is counted

    def multiply(self, number: int, first: int, second: int) -> None:
        """Count multiplications."""
        if number:
            self.operations[Operation("int", "multiply", *sorted((first, second)))] += number

    def add(self, number: int, width: int) -> None:
        """Count additions, subtractions or comparisons."""
        if number:
            self.operations[Operation("int", "add", width, width)] += number

    def read(self, number: int, fmt: fx.Format) -> None:
        """Count elements that are read."""
        self.traffic[Access("read", fmt.width)] += number

    def write(self, number: int, fmt: fx.Format) -> None:
        """Count elements that are written."""
        self.traffic[Access("write", fmt.width)] += number

    def combination(self, number: int, terms: Mapping[str, _Term]) -> None:
        """Count exact sums of coefficients times elements."""
        widths = []
        for term in terms.values():
            shifts = not term.coefficient or is_power_of_two(coefficient(term.coefficient))
            if not shifts:
                self.multiply(number, _COEFFICIENT, term.width)
            widths.append(term.width + (0 if shifts else _COEFFICIENT))
        self.add(number * (len(widths) - 1), max(widths))


class _Term(NamedTuple):
    coefficient: Fraction
    width: int


class _Place(NamedTuple):
    """A layer with what it is given."""

    layer: Any
    inputs: int  # elements of a sample
    outputs: int
    incoming: fx.Format
    gradient: fx.Format  # of the gradient that comes back to it
    is_first: bool
    samples: int

    @property
    def precision(self) -> Precision:
        found: Precision = self.layer.precision
        return found


def is_power_of_two(value: Fraction) -> bool:
    """Whether multiplying by it, or by its negative, is a shift."""
    over, under = abs(value.numerator), value.denominator
    return over > 0 and not over & (over - 1) and not under & (under - 1)


def inference_work(model: Sequential, samples: int = 1) -> Work:
    """What it takes to find the classes of samples.

    The last softmax or sigmoid isn't computed: the class is that of the largest of its inputs.

    Parameters
    ----------
    model : Sequential
    samples : int
        That are done at once: parameters are read once for all of them.

    Raises
    ------
    ValueError
        If the model has a layer of one's own, whose work isn't known.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> from fxtypes_nn.studies.work import inference_work
    >>> model = MLP([64, 10], precision=Precision.uniform(8, 4))
    >>> inference_work(model).count("multiply")
    640
    """
    work = Work()
    places = _places(model, samples, None)
    last = places[-1]
    if isinstance(last.layer, Softmax | Sigmoid):
        places.pop()
    for place in places:
        _rule(place.layer).forward(place, work, False)
    outputs = places[-1].layer.output_format if places else model.precision.inputs
    work.add(samples * (last.outputs - 1), outputs.width)
    return work


def training_work(
    model: Sequential,
    batch: int,
    optimizer: Optimizer | None = None,
    loss: Loss | None = None,
    step: int = 1,
) -> Work:
    """What an iteration takes: forward, backward, and the parameters' update.

    Parameters
    ----------
    model : Sequential
    batch : int
        Samples.
    optimizer : SGD or Adam, optional
        By default ``SGD(0.1)``.
    loss : Loss, optional
        By default `CrossEntropy`.
    step : int
        Which of the optimiser's: a schedule's rate may be a power of two in one and not in
        another.

    Raises
    ------
    ValueError
        If the work of a layer or of the optimiser isn't known.
    """
    optimizer = SGD(0.1) if optimizer is None else optimizer
    loss = CrossEntropy() if loss is None else loss
    work, places = Work(), _places(model, batch, loss)
    for place in places[: len(places) - loss.last_layers]:
        _rule(place.layer).forward(place, work, True)
    _loss_gradient(places, loss, work)
    for place in reversed(places[: len(places) - loss.last_layers]):
        _rule(place.layer).backward(place, work)
    update = _update_of(optimizer)
    for place in places:
        scale = Fraction(1 << batch_shift(batch, place.precision.gradients), batch)
        for values in place.layer.parameters.values():
            update(optimizer, place.precision, values.size, scale, step, work)
    return work


def _places(model: Sequential, samples: int, loss: Loss | None) -> list[_Place]:
    found: list[_Place] = []
    shape, incoming = model.input_shape, model.precision.inputs
    layers = model.layers
    after_loss = len(layers) - (loss.last_layers if loss else 0)
    for index, layer in enumerate(layers):
        behind = layers[-1] if index + 1 >= after_loss else layers[index + 1]
        inputs, outputs = math.prod(shape), math.prod(layer.output_shape)
        gradient = behind.precision.gradients
        found.append(_Place(layer, inputs, outputs, incoming, gradient, index == 0, samples))
        shape, incoming = layer.output_shape, layer.output_format
    return found


def _loss_gradient(places: list[_Place], loss: Loss, work: Work) -> None:
    last = places[-1]
    elements = last.samples * last.outputs
    gradients = last.precision.gradients
    if isinstance(loss, CrossEntropy):
        work.read(elements, last.incoming)
        work.functions["softmax"] += elements
        work.add(last.samples, gradients.width)
    else:
        work.read(elements, last.layer.output_format)
        work.add(elements, last.layer.output_format.width + 1)
        if not is_power_of_two(Fraction(2, last.outputs)):
            work.functions["divide"] += elements
    work.write(elements, gradients)


# Layers


class _Rule(NamedTuple):
    forward: Callable[[_Place, Work, bool], None]
    backward: Callable[[_Place, Work], None]


def _sum_width(place: _Place, first: int, second: int, terms: int) -> int:
    """Of what adds up products: as wide as any sum of theirs, or as the accumulator."""
    accumulator = place.precision.accumulator
    return first + second + (terms - 1).bit_length() if accumulator is None else accumulator.width


def _dense_forward(place: _Place, work: Work, training: bool) -> None:
    n, m, samples = place.inputs, place.outputs, place.samples
    weights, bias = place.precision.weights, int(place.layer.bias)
    x = place.incoming
    work.read(samples * n, x)
    work.read(n * m, weights)
    work.read(bias * m, place.precision.biases)
    work.multiply(samples * n * m, x.width, weights.width)
    width = _sum_width(place, x.width, weights.width, n + bias)
    work.add(samples * m * (n - 1 + bias), width)
    work.write(samples * m, place.layer.output_format)


def _dense_backward(place: _Place, work: Work) -> None:
    n, m, samples = place.inputs, place.outputs, place.samples
    gradient, own = place.gradient, place.precision.gradients
    weights, x = place.precision.weights, place.incoming
    work.read(samples * m, gradient)
    work.read(samples * n, x)
    work.multiply(n * m * samples, x.width, gradient.width)
    work.add(n * m * (samples - 1), _sum_width(place, x.width, gradient.width, samples))
    work.write(n * m, own)
    if place.layer.bias:
        work.add(m * (samples - 1), gradient.width + (samples - 1).bit_length())
        work.write(m, own)
    if not place.is_first:
        work.read(n * m, weights)
        work.multiply(samples * n * m, gradient.width, weights.width)
        width = _sum_width(place, gradient.width, weights.width, m)
        work.add(samples * n * (m - 1), width)
        work.write(samples * n, own)


def _through(place: _Place, work: Work) -> int:
    """Read and write what goes through forward; how many elements."""
    elements = place.samples * place.inputs
    work.read(elements, place.incoming)
    work.write(elements, place.layer.output_format)
    return elements


def _back(place: _Place, work: Work) -> int:
    elements = place.samples * place.inputs
    work.read(elements, place.gradient)
    work.write(elements, place.precision.gradients)
    return elements


def _relu_forward(place: _Place, work: Work, training: bool) -> None:
    work.add(_through(place, work), place.incoming.width)


def _relu_backward(place: _Place, work: Work) -> None:
    work.read(_back(place, work), place.incoming)


def _by_slope(place: _Place, work: Work, elements: int, width: int) -> None:
    slope = Fraction(place.layer.slope)
    if slope and not is_power_of_two(slope):
        work.multiply(elements, slope.numerator.bit_length() + 1, width)


def _leaky_forward(place: _Place, work: Work, training: bool) -> None:
    elements = _through(place, work)
    work.add(elements, place.incoming.width)
    _by_slope(place, work, elements, place.incoming.width)


def _leaky_backward(place: _Place, work: Work) -> None:
    elements = _back(place, work)
    work.read(elements, place.incoming)
    _by_slope(place, work, elements, place.gradient.width)


def _function_name(layer: Any) -> str:
    name = type(layer).__name__.lower()
    return name if layer.approximation is None else f"{name}, {layer.approximation}"


def _function_forward(place: _Place, work: Work, training: bool) -> None:
    work.functions[_function_name(place.layer)] += _through(place, work)


def _sloped_forward(place: _Place, work: Work, training: bool) -> None:
    layer, x, y = place.layer, place.incoming, place.layer.output_format
    if layer.approximation is None:
        _function_forward(place, work, training)
    elif layer.approximation == "table":
        argument = table_argument(layer.function, x, y, layer.table_bits)
        work.lookups[Lookup(1 << argument.width, y.width)] += _through(place, work)
    else:
        # |x|, three comparisons, a sum whose product is a shift, and the mirror image.
        work.add(_LINES * _through(place, work), x.width)


def _sloped_backward(place: _Place, work: Work) -> None:
    """y (1 - y) or 1 - y y, and its product with the gradient."""
    elements = _back(place, work)
    y = place.layer.output_format
    work.read(elements, y)
    work.multiply(elements, y.width, y.width)
    work.add(elements, 2 * y.width)
    work.multiply(elements, 2 * y.width, place.gradient.width)


def _softmax_backward(place: _Place, work: Work) -> None:
    elements = _back(place, work)
    y, own = place.layer.output_format, place.precision.gradients
    work.read(elements, y)
    work.multiply(elements, place.gradient.width, y.width)
    classes = place.outputs
    work.add(elements - elements // classes, own.width + (classes - 1).bit_length())
    work.add(elements, own.width)
    work.multiply(elements, own.width, y.width)


def _dropout_forward(place: _Place, work: Work, training: bool) -> None:
    if training and place.layer.rate:
        work.functions["divide"] += _through(place, work)
    elif place.incoming != place.layer.output_format:
        _through(place, work)


def _dropout_backward(place: _Place, work: Work) -> None:
    elements = _back(place, work)
    if place.layer.rate:
        work.functions["divide"] += elements


_RULES: dict[type[Layer], _Rule] = {
    Dense: _Rule(_dense_forward, _dense_backward),
    ReLU: _Rule(_relu_forward, _relu_backward),
    LeakyReLU: _Rule(_leaky_forward, _leaky_backward),
    Sigmoid: _Rule(_sloped_forward, _sloped_backward),
    Tanh: _Rule(_sloped_forward, _sloped_backward),
    Softmax: _Rule(_function_forward, _softmax_backward),
    Dropout: _Rule(_dropout_forward, _dropout_backward),
}


def _rule(layer: Layer) -> _Rule:
    try:
        return _RULES[type(layer)]
    except KeyError:
        known = ", ".join(each.__name__ for each in _RULES)
        raise ValueError(
            f"the work of {layer.name}, a {type(layer).__name__}, isn't known; that of {known} is"
        ) from None


# Optimisers

_Update = Callable[[Any, Precision, int, Fraction, int, Work], None]


def _update_of(optimizer: Optimizer) -> _Update:
    if isinstance(optimizer, SGD):
        return _sgd
    if isinstance(optimizer, Adam):
        return _adam
    raise ValueError(f"the work of {type(optimizer).__name__} isn't known; that of SGD and Adam is")


def _fraction(value: Any) -> Fraction:
    found = exact(value)
    assert found is not None  # the optimiser has checked it
    return found


def _moved(precision: Precision, number: int, slots: int, work: Work) -> None:
    work.read(number, precision.gradients)
    work.read(number, precision.updates)
    work.write(number, precision.updates)
    if precision.weights != precision.updates:
        work.write(number, precision.weights)
    if slots:
        work.read(slots * number, precision.state)
        work.write(slots * number, precision.state)


def _sgd(
    optimizer: SGD, precision: Precision, number: int, scale: Fraction, step: int, work: Work
) -> None:
    rate = _fraction(rate_at(optimizer.learning_rate, step))
    momentum, decay = _fraction(optimizer.momentum), _fraction(optimizer.weight_decay)
    gradient, state = precision.gradients.width, precision.state.width
    updates = precision.updates.width
    terms = {"g": _Term(scale, gradient)}
    if decay:
        terms["p"] = _Term(decay, updates)
    if momentum:
        terms["v"] = _Term(momentum, state)
        work.combination(number, terms)  # the velocity
    scaled = {name: _Term(rate * term.coefficient, term.width) for name, term in terms.items()}
    work.combination(number, {"own": _Term(Fraction(1), updates)} | scaled)
    _moved(precision, number, 1 if momentum else 0, work)


def _adam(
    optimizer: Adam, precision: Precision, number: int, scale: Fraction, step: int, work: Work
) -> None:
    first, second = _fraction(optimizer.beta1), _fraction(optimizer.beta2)
    rate, decay = _fraction(rate_at(optimizer.learning_rate, step)), optimizer.weight_decay
    gradient, state = precision.gradients.width, precision.state.width
    updates = precision.updates.width
    work.combination(number, {"m": _Term(first, state), "g": _Term((1 - first) * scale, gradient)})
    work.multiply(number, state, state)
    work.multiply(number, gradient, gradient)
    squares = {
        "r": _Term(second, 2 * state),
        "g": _Term((1 - second) * scale**2, 2 * gradient),
    }
    work.combination(number, squares)
    work.functions["square root"] += number
    # The root beside one unit, and e added to it; the quotient; its product with a.
    work.add(2 * number, state)
    work.functions["divide"] += number
    work.multiply(number, _COEFFICIENT, state)
    terms = {"own": _Term(Fraction(1), updates), "quotient": _Term(Fraction(1), state)}
    if decay:
        terms["decay"] = _Term(rate * _fraction(decay), updates)
    work.combination(number, terms)
    _moved(precision, number, 2, work)
