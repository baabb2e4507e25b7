"""What a trained network computes for a sample, in integers: all that an exporter needs to know.

A network is a list of stages. Each takes raw integers and makes raw integers, exactly but for one
rounding, a `Cast`, at its end. There are three: `DenseStage` (sums of products), `Lines` (a
function made of straight lines: ReLU, LeakyReLU, PLAN, a change of format) and `Table` (any
function of a narrow argument). A target that can do these three can do every network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import fxtypes as fx

from ..errors import ExportError
from ..layers import Context, Dense, Dropout, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from ..layers.approximations import straight_lines, table_argument
from ..seeds import drawing
from ..training.losses import REAL
from ..training.samples import checked_samples, take
from .names import legal_name

if TYPE_CHECKING:
    from ..model import Sequential

# An exact function of so many bits is a table of all its arguments.
WIDEST_TABLE = 16


@dataclass(frozen=True)
class Cast:
    """A rounding: of an exact sum with `frac_bits`, which lies from `low` to `high`, into a format.

    Attributes
    ----------
    frac_bits : int
        Of what is rounded.
    low, high : int
        The least and the largest that it can be.
    format : Format
        The result's, with the two modes.
    """

    frac_bits: int
    low: int
    high: int
    format: fx.Format

    @property
    def shift(self) -> int:
        """How many bits are rounded away; negative: how many zeros come behind."""
        return self.frac_bits - self.format.frac_bits

    @property
    def limits(self) -> tuple[int, int]:
        """The range of the results."""
        fmt = self.format
        symmetric = fmt.signed and fmt.overflow == "saturate_symmetric"
        return -fmt.raw_max if symmetric else fmt.raw_min, fmt.raw_max

    @property
    def can_overflow(self) -> bool:
        """Whether anything from `low` to `high` may be out of the format once it is rounded."""
        up = max(self.shift, 0)
        low, high = (value << max(-self.shift, 0) for value in (self.low, self.high))
        least, most = self.limits
        # The floor, and one more where rounding up may reach it.
        return low >> up < least or (high >> up) + (up > 0) > most

    @property
    def changes_nothing(self) -> bool:
        """Whether every result is what was rounded."""
        return self.shift == 0 and not self.can_overflow

    @property
    def bits(self) -> int:
        """Of a signed integer that holds all values on the way."""
        ends = [self.low, self.high, *self.limits, self.format.raw_min - 1, self.format.raw_max + 1]
        ends += [value << max(-self.shift, 0) for value in (self.low, self.high)]
        if self.format.overflow == "wrap":
            ends.append(1 << self.format.width)
        return max(*map(signed_bits, ends), self.shift + 2)


@dataclass(frozen=True)
class DenseStage:
    """Sums of products and a bias, each rounded once (or, with a `step`, at every product).

    Attributes
    ----------
    name : str
    in_format, weight_format, bias_format : Format
    weights : tuple of tuple of int
        Raw integers by unit, then by input.
    bias : tuple of int
        What each sum begins with, raw integers; all 0 without a bias. With a `step` they are
        rounded into the accumulator's format already.
    bias_shift : int
        Zeros behind a bias before a sum begins with it.
    frac_bits : int
        Of the sums.
    product_shift : int
        Zeros behind a product before it joins a sum.
    step : Cast or None
        The rounding into the accumulator's format after each product.
    sum_shift : int
        With a `step`: zeros behind the accumulator before a product joins it.
    cast : Cast
        The sum's, into the output's format.
    """

    name: str
    in_format: fx.Format
    weight_format: fx.Format
    bias_format: fx.Format
    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    bias_shift: int
    frac_bits: int
    product_shift: int
    step: Cast | None
    sum_shift: int
    cast: Cast

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.weights[0])

    @property
    def units(self) -> int:
        """How many it makes."""
        return len(self.weights)

    @property
    def out_format(self) -> fx.Format:
        """Of what it makes."""
        return self.cast.format

    @property
    def sum_bits(self) -> int:
        """Of a signed integer that holds every partial sum, and all that rounding makes of one."""
        step = 0 if self.step is None else self.step.bits
        operands = self.in_format.width + (not self.in_format.signed), self.weight_format.width
        bias = self.bias_format.width + (not self.bias_format.signed) + self.bias_shift
        return max(self.cast.bits, step, bias, *operands)


@dataclass(frozen=True)
class Lines:
    """A function made of straight lines.

    Line k, ``slopes[k] * x + offsets[k]``, holds for raw integers x from ``thresholds[k - 1]``
    (line 0: from the least) to below ``thresholds[k]``. It has ``cast.frac_bits``.
    """

    name: str
    in_format: fx.Format
    thresholds: tuple[int, ...]
    slopes: tuple[int, ...]
    offsets: tuple[int, ...]
    cast: Cast

    @property
    def out_format(self) -> fx.Format:
        """Of what it makes."""
        return self.cast.format

    @property
    def bits(self) -> int:
        """Of a signed integer that holds all values on the way."""
        ends = (self.in_format.raw_min, self.in_format.raw_max)
        products = [signed_bits(slope * end) for slope in self.slopes for end in ends]
        numbers = [*self.slopes, *self.offsets, *self.thresholds, *ends]
        return max(self.cast.bits, *products, *map(signed_bits, numbers))


@dataclass(frozen=True)
class Table:
    """A function of x rounded into ``address.format``: its bit pattern is the table's index."""

    name: str
    in_format: fx.Format
    function: str
    address: Cast
    values: tuple[int, ...]
    out_format: fx.Format


ElementStage: TypeAlias = "Lines | Table"


@dataclass(frozen=True)
class Network:
    """A network as every exporter reads it.

    Attributes
    ----------
    name : str
        Legal as an identifier of every target.
    before : tuple
        What is done to each input before the first dense layer.
    blocks : tuple of (DenseStage, tuple)
        Each dense layer, and what is done to each of its outputs.
    in_format, out_format : Format
    classifies : bool
        Whether the index of the largest output, the lowest of equal ones, is the class.
    notes : tuple of str
        What a user has to know of inputs and outputs, a sentence each.
    leave_out : int
        How many of the model's last layers are no part of it.
    """

    name: str
    before: tuple[ElementStage, ...]
    blocks: tuple[tuple[DenseStage, tuple[ElementStage, ...]], ...]
    in_format: fx.Format
    out_format: fx.Format
    classifies: bool
    notes: tuple[str, ...]
    leave_out: int

    @property
    def inputs(self) -> int:
        """Numbers of a sample."""
        return self.blocks[0][0].inputs

    @property
    def outputs(self) -> int:
        """Numbers that come out."""
        return self.blocks[-1][0].units

    @property
    def dense(self) -> list[DenseStage]:
        """The dense layers."""
        return [dense for dense, _ in self.blocks]

    @cached_property
    def stages(self) -> list[DenseStage | Lines | Table]:
        """All stages in order."""
        found: list[DenseStage | Lines | Table] = list(self.before)
        for dense, after in self.blocks:
            found += [dense, *after]
        return found

    @property
    def bits(self) -> int:
        """Of a signed integer that holds every value of the whole network."""
        found = [self.in_format.width + 1, self.out_format.width + 1]
        for stage in self.stages:
            if isinstance(stage, DenseStage):
                found.append(stage.sum_bits)
            elif isinstance(stage, Lines):
                found.append(stage.bits)
            else:
                found += [stage.address.bits, stage.out_format.width + 1]
        return max(found)


@dataclass(frozen=True)
class Vectors:
    """Samples with what the model makes of them: raw integers, and the classes."""

    inputs: list[list[int]]
    outputs: list[list[int]]
    classes: list[int]


def signed_bits(value: int) -> int:
    """Of the narrowest two's complement integer that holds a value."""
    return (value if value >= 0 else ~value).bit_length() + 1


def describe(model: Sequential, name: str) -> Network:
    """The description of a model's inference.

    Raises
    ------
    ExportError
        If something in it can't be had bit for bit outside; the message says what to do.
    """
    layers, leave_out, notes = list(model.layers), 0, []
    if model.standardisation is not None:
        notes.append(
            "Inputs are standardised first, (x - mean) / deviation; the network takes what comes "
            "of it, rounded into the inputs' format. model.standardisation has the means and the "
            "deviations."
        )
    loss, kind = model.measure()
    classifies = kind != REAL
    if isinstance(layers[-1], Softmax):
        if loss.last_layers != 1:
            raise ExportError(
                f"the last layer, {layers[-1].name}, can't be left out: with {type(loss).__name__} "
                "the model takes its classes from rounded probabilities; train it with "
                "CrossEntropy, or end it with a Sigmoid"
            )
        notes.append(
            f"The last layer, {layers[-1].name}, is left out: the outputs are the logits, and the "
            "class is the index of the largest, which no softmax changes."
        )
        layers, leave_out = layers[:-1], 1
    blocks: list[tuple[DenseStage, list[ElementStage]]] = []
    before: list[ElementStage] = []
    fmt = model.precision.inputs
    for place, layer in enumerate(layers, 1):
        stage_name = _stage_name(layer, place)
        if type(layer).forward is Dense.forward:
            blocks.append((replace(_dense(layer, fmt), name=stage_name), []))
            fmt = blocks[-1][0].out_format
        else:
            stage = replace(_element_stage(layer, fmt), name=stage_name)
            if not (isinstance(stage, Lines) and _is_identity(stage)):
                (blocks[-1][1] if blocks else before).append(stage)
            fmt = layer.output_format
    if not blocks:
        raise ExportError("the model has no Dense layer; there is nothing to export")
    return Network(
        name=legal_name(name),
        before=tuple(before),
        blocks=tuple((dense, tuple(after)) for dense, after in blocks),
        in_format=model.precision.inputs,
        out_format=fmt,
        classifies=classifies,
        notes=tuple(notes),
        leave_out=leave_out,
    )


def make_vectors(model: Sequential, network: Network, samples: Any) -> Vectors:
    """What the model makes of samples, as `Sequential.predict` takes them."""
    checked = checked_samples(samples, model)
    with drawing(model.seed, "inference"):
        x = take(checked, slice(None), network.in_format)
    outputs = model.outputs(x, network.leave_out)
    classes = model.predict(x).tolist() if network.classifies else []
    return Vectors(x.raw.tolist(), outputs.raw.tolist(), classes)


def _stage_name(layer: Layer, place: int) -> str:
    """The layer's own name; of a class of one's own a legal one that no other can be."""
    name = str(layer.name)
    if type(layer) in _LAYERS:
        return name
    try:
        return f"layer_{place}_{legal_name(name)}"
    except ExportError:  # nothing is left of it, or it is too long
        return f"layer_{place}"


def _dense(layer: Layer, fmt: fx.Format) -> DenseStage:
    name, context = str(layer.name), Context()
    weights = layer.used("weights", context)
    bias = layer.used("bias", context) if "bias" in layer.parameters else None
    by_unit = [list(map(int, row)) for row in weights.raw.T]
    bias_raw = [0] * len(by_unit) if bias is None else [int(value) for value in bias.raw]
    bias_format = weights.format if bias is None else bias.format
    product_bits = fmt.frac_bits + weights.format.frac_bits
    accumulator = layer.precision.accumulator
    other = bias_format.frac_bits if accumulator is None else accumulator.frac_bits
    has_other = accumulator is not None or any(bias_raw)
    frac_bits = max(product_bits, other) if has_other else product_bits
    product_shift = frac_bits - product_bits
    below, above = _sum_ends(by_unit, fmt, product_shift)
    bias_shift, step, sum_shift = 0, None, 0
    if accumulator is None:
        bias_shift = frac_bits - bias_format.frac_bits if any(bias_raw) else 0
        start = [value << bias_shift for value in bias_raw]
        low = min(b + min(s, 0) for b, s in zip(below, start, strict=True))
        high = max(a + max(s, 0) for a, s in zip(above, start, strict=True))
        cast = Cast(frac_bits, low, high, layer.output_format)
    else:
        sum_shift = frac_bits - accumulator.frac_bits
        if bias is not None:
            bias_raw = _started(bias, accumulator, name)
        bias_format = accumulator
        ends = [w * x << product_shift for row in by_unit for w in row for x in _ends(fmt)]
        low = (accumulator.raw_min << sum_shift) + min(0, *ends)
        high = (accumulator.raw_max << sum_shift) + max(0, *ends)
        step = _checked(Cast(frac_bits, low, high, accumulator), f"{name}'s accumulator")
        cast = Cast(
            accumulator.frac_bits, accumulator.raw_min, accumulator.raw_max, layer.output_format
        )
    return DenseStage(
        name=name,
        in_format=fmt,
        weight_format=weights.format,
        bias_format=bias_format,
        weights=tuple(map(tuple, by_unit)),
        bias=tuple(bias_raw),
        bias_shift=bias_shift,
        frac_bits=frac_bits,
        product_shift=product_shift,
        step=step,
        sum_shift=sum_shift,
        cast=_checked(cast, f"the output of {name}"),
    )


def _started(bias: fx.FixedArray, accumulator: fx.Format, name: str) -> list[int]:
    """The bias rounded into the accumulator, which the loop begins from."""
    low, high = int(bias.raw.min()), int(bias.raw.max())
    _checked(Cast(bias.format.frac_bits, low, high, accumulator), f"{name}'s accumulator")
    return [int(value) for value in bias.astype(accumulator).raw]


def _sum_ends(
    by_unit: Sequence[Sequence[int]], fmt: fx.Format, shift: int
) -> tuple[list[int], list[int]]:
    """For each unit the least and the largest that a partial sum of products can be."""
    low, high = _ends(fmt)
    below, above = [], []
    for row in by_unit:
        positive = sum(w for w in row if w > 0)
        negative = sum(w for w in row if w < 0)
        # The inputs' range holds 0, so that no partial sum goes beyond these.
        below.append((positive * low + negative * high) << shift)
        above.append((positive * high + negative * low) << shift)
    return below, above


def _ends(fmt: fx.Format) -> tuple[int, int]:
    return fmt.raw_min, fmt.raw_max


def _checked(cast: Cast, what: str) -> Cast:
    """The cast, unless its result isn't a function of what is rounded."""
    fmt = cast.format
    if fmt.rounding == "stochastic" and cast.shift > 0:
        raise ExportError(
            f"{what} rounds stochastically ({fmt!r}), which can't be repeated outside; "
            'model.set_precision with rounding="nearest_even" there changes that'
        )
    if fmt.overflow == "raise" and cast.can_overflow:
        raise ExportError(
            f'{what} has overflow="raise" ({fmt!r}), which hardware can\'t do; '
            'model.set_precision with overflow="saturate" there changes that'
        )
    return cast


def _element_stage(layer: Layer, fmt: fx.Format) -> ElementStage:
    make = _MAKERS.get(type(layer).forward)
    if make is None:
        raise ExportError(
            f"{layer.name} can't be exported: of a {type(layer).__name__} it isn't known what it "
            "computes; Dense, ReLU, LeakyReLU, Sigmoid, Tanh, Dropout and a last Softmax are"
        )
    return make(layer, fmt)


def _rectifier(layer: Layer, fmt: fx.Format) -> Lines:
    return _lines(layer, fmt, [0], [Fraction(0), Fraction(1)], [Fraction(0)] * 2)


def _leaky(layer: Any, fmt: fx.Format) -> Lines:
    return _lines(layer, fmt, [0], [Fraction(layer.slope), Fraction(1)], [Fraction(0)] * 2)


def _straight(layer: Layer, fmt: fx.Format) -> Lines:
    """Dropout, which is a change of format out of training."""
    return _lines(layer, fmt, [], [Fraction(1)], [Fraction(0)])


def _sloped(layer: Any, fmt: fx.Format) -> ElementStage:
    if layer.approximation == "piecewise_linear":
        return _plan(layer, fmt)
    if layer.approximation is None:
        address = fmt
        if fmt.width > WIDEST_TABLE:
            raise ExportError(
                f"{layer.name} computes the exact {layer.function} of {fmt.width} bits, which no "
                f'target does bit for bit; train it with approximation="table" (and table_bits, '
                f'at most {WIDEST_TABLE}) or "piecewise_linear", or export it so '
                "(--approximation)"
            )
    else:
        address = table_argument(layer.function, fmt, layer.output_format, layer.table_bits)
    result = layer.output_format
    if result.rounding == "stochastic":
        raise ExportError(
            f"the output of {layer.name} rounds stochastically ({result!r}), which can't be "
            'repeated outside; model.set_precision with rounding="nearest_even" there changes that'
        )
    try:
        values = fx.lookup(layer.function, address, result)
    except fx.FixedOverflowError as error:
        raise ExportError(
            f"the table of {layer.name} can't be made: {error}; model.set_precision with "
            'overflow="saturate" for its output changes that'
        ) from None
    return Table(
        name=str(layer.name),
        in_format=fmt,
        function=layer.function,
        address=Cast(fmt.frac_bits, *_ends(fmt), address),
        values=tuple(int(value) for value in values.raw),
        out_format=result,
    )


def _plan(layer: Any, fmt: fx.Format) -> Lines:
    """PLAN on both sides of 0: f(-x) is 1 - f(x), of a tanh -f(x)."""
    lines = straight_lines(layer.function)
    turned = 0 if layer.function == "tanh" else 1
    starts = [start * Fraction(2) ** fmt.frac_bits for start, _, _ in lines[1:]]
    # Line k holds for x >= its start, and its mirror image for x <= -start: the integer above.
    thresholds = [-(start.__floor__()) + (start.denominator == 1) for start in reversed(starts)]
    thresholds += [start.__ceil__() for start in starts]
    slopes = [slope for _, slope, _ in (*reversed(lines[1:]), *lines)]
    offsets = [turned - value for _, _, value in reversed(lines[1:])]
    offsets += [value for _, _, value in lines]
    return _lines(layer, fmt, thresholds, slopes, offsets)


def _lines(
    layer: Layer,
    fmt: fx.Format,
    thresholds: Sequence[int],
    slopes: Sequence[Fraction],
    offsets: Sequence[Fraction],
) -> Lines:
    """The stage, all coefficients as integers with the fewest fraction bits that hold them."""
    slope_bits = max(slope.denominator.bit_length() - 1 for slope in slopes)
    offset_bits = max(offset.denominator.bit_length() - 1 for offset in offsets)
    frac_bits = fmt.frac_bits + slope_bits
    if any(offsets):
        frac_bits = max(frac_bits, offset_bits)
    low, high = _ends(fmt)
    held = [threshold for threshold in thresholds if low < threshold <= high]
    first = sum(threshold <= low for threshold in thresholds)
    last = first + len(held) + 1  # lines that no argument lies on are left out
    scale = Fraction(2) ** (frac_bits - fmt.frac_bits)
    whole_slopes = [int(slope * scale) for slope in slopes][first:last]
    whole_offsets = [int(offset * Fraction(2) ** frac_bits) for offset in offsets][first:last]
    ends = [low, *(end for t in held for end in (t - 1, t)), high]
    values = [
        slope * x + offset
        for index, (slope, offset) in enumerate(zip(whole_slopes, whole_offsets, strict=True))
        for x in ends[2 * index : 2 * index + 2]
    ]
    cast = Cast(frac_bits, min(values), max(values), layer.output_format)
    return Lines(
        name=str(layer.name),
        in_format=fmt,
        thresholds=tuple(held),
        slopes=tuple(whole_slopes),
        offsets=tuple(whole_offsets),
        cast=_checked(cast, f"the output of {layer.name}"),
    )


def _is_identity(stage: Lines) -> bool:
    before, after = stage.in_format, stage.out_format
    same = (before.width, before.signed) == (after.width, after.signed)
    return same and stage.slopes == (1,) and stage.offsets == (0,) and stage.cast.changes_nothing


# Whose names are legal in every target.
_LAYERS = (Dense, ReLU, LeakyReLU, Sigmoid, Tanh, Dropout)
# By what they compute, so that a subclass that computes the same is known as well.
_MAKERS: dict[Callable[..., Any], Callable[[Any, fx.Format], ElementStage]] = {
    ReLU.forward: _rectifier,
    LeakyReLU.forward: _leaky,
    Dropout.forward: _straight,
    Sigmoid.forward: _sloped,  # Tanh's, too
}
