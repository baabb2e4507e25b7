"""Estimates of energy and area: a network's work times published costs, and HGQ's EBOPs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import fxtypes as fx

from ..layers import Context, Dense, ReLU
from ..model import Sequential
from .costs import ACCESS, CostTable, Operation, table
from .work import Work


@dataclass(frozen=True)
class Energy:
    """What some work takes, by one table.

    Attributes
    ----------
    table : CostTable
    arithmetic : float or None
        Picojoules of additions and multiplications; None where the table has no price for one.
    memory : (float, float) or None
        Picojoules of the memory traffic, least and most; None where no memory was named.
    unpriced : tuple of str
        Operations that the table has no price for.
    functions : mapping of str to int
        Elements of functions (exp, roots, quotients) by name, which no publication prices and the
        sums leave out.
    lookups : float or None
        Picojoules of functions that are tables; None where the table has no SRAM that holds one.
    between : tuple of str
        Operations of widths that the publication doesn't give, and the sum goes through a fit.
    """

    table: CostTable
    arithmetic: float | None
    memory: tuple[float, float] | None
    unpriced: tuple[str, ...]
    functions: Mapping[str, int]
    lookups: float | None
    between: tuple[str, ...]

    @property
    def total(self) -> tuple[float, float] | None:
        """Arithmetic, look-ups and memory, least and most; None where one isn't known."""
        if self.arithmetic is None or self.lookups is None or self.memory is None:
            return None
        computed = self.arithmetic + self.lookups
        return computed + self.memory[0], computed + self.memory[1]

    @property
    def left_out(self) -> str:
        """The functions that have no price, in words; empty if there are none."""
        return ", ".join(f"{number:,} x {name}" for name, number in self.functions.items())


def energy(work: Work, costs: CostTable | str, memory: str | None = None) -> Energy:
    """Price work by a table.

    Parameters
    ----------
    work : Work
    costs : CostTable or str
        The table or its name; all of an estimate is at its process node.
    memory : str, optional
        The kind of memory, of the table's, that all traffic goes to.

    Raises
    ------
    ValueError
        If there is no such table or memory, or the table has no energies.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> from fxtypes_nn.studies.energy import energy
    >>> from fxtypes_nn.studies.work import inference_work
    >>> work = inference_work(MLP([64, 10], precision=Precision.uniform(8, 4)))
    >>> round(energy(work, "horowitz-45nm").arithmetic)
    176
    """
    costs = table(costs) if isinstance(costs, str) else costs
    if not costs.energy:
        raise ValueError(f"{costs.name} has areas only, no energies")
    arithmetic, unpriced, between = 0.0, [], []
    for operation, number in work.operations.items():
        price = costs.picojoules(operation)
        if price is None:
            unpriced.append(str(operation))
            continue
        if not costs.is_published(operation):
            between.append(str(operation))
        arithmetic += price * number
    found = [(costs.look_up(*each), number) for each, number in work.lookups.items()]
    known = [price * number for price, number in found if price is not None]
    moved = None
    if memory is not None:
        least, most = costs.access(memory)
        accesses = work.bytes_moved * 8 / ACCESS
        moved = least * accesses, most * accesses
    return Energy(
        costs,
        None if unpriced else arithmetic,
        moved,
        tuple(unpriced),
        dict(work.functions),
        sum(known) if len(known) == len(found) else None,
        tuple(between),
    )


def total_of(estimates: Iterable[Energy]) -> tuple[float, float]:
    """Picojoules of several estimates together, least and most.

    Raises
    ------
    ValueError
        If they are of different process nodes, or one of them is not known.
    """
    least = most = 0.0
    nodes = {}
    for each in estimates:
        nodes[each.table.node] = each.table.name
        if each.total is None:
            tables = [] if each.lookups is not None else ["functions' tables"]
            missing = ", ".join([*each.unpriced, *tables]) or "its memory"
            raise ValueError(f"an estimate by {each.table.name} lacks the price of {missing}")
        least, most = least + each.total[0], most + each.total[1]
    if len(nodes) > 1:
        raise ValueError(
            f"estimates of {' and '.join(nodes.values())} are of different process nodes and are "
            "never added up; take one table for all"
        )
    return least, most


def ebops(model: Sequential) -> int:
    """The effective bit operations of an inference, as HGQ counts them.

    The sum over all multiplications of the product of both operands' bits. A weight, which is a
    constant, has those from its highest to its lowest bit that isn't 0, without a sign; an input
    has its format's, without the sign after a ReLU. (HGQ narrows inputs to the range of
    calibration data; formats here are what the network computes in.)

    Notes
    -----
    C. Sun et al., "Gradient-based automatic mixed precision quantization for neural networks
    on-chip", arXiv:2405.00645, 2024. On an FPGA they are about LUTs + 55 DSPs, where everything is
    unrolled.

    Examples
    --------
    >>> from fxtypes_nn import Dense, Precision, Sequential
    >>> from fxtypes_nn.studies.energy import ebops
    >>> model = Sequential([Dense(2, initializer="zeros")], 2, Precision.uniform(8, 4))
    >>> ebops(model)
    0
    >>> model.set_parameters({"dense1.weights": [[0.5, 1.25], [-0.75, 0]]})
    >>> ebops(model)  # 8 bits times 1, 3 and 2
    48
    """
    found, incoming, after_relu = 0, model.precision.inputs, False
    for layer in model.layers:
        if isinstance(layer, Dense):
            bits = incoming.width - int(after_relu and incoming.signed)
            raw = layer.used("weights", Context()).raw.ravel()
            found += bits * sum(_enclosed_bits(int(value)) for value in np.asarray(raw))
        after_relu = isinstance(layer, ReLU) or (after_relu and not isinstance(layer, Dense))
        incoming = layer.output_format
    return found


def _enclosed_bits(raw: int) -> int:
    """Bits from the highest to the lowest that isn't 0 of a magnitude."""
    size = abs(raw)
    return size.bit_length() - (size & -size).bit_length() + 1 if size else 0


class Hardware(NamedTuple):
    """What one Dense layer takes as hardware, one multiply-add unit or all of them.

    Attributes
    ----------
    layer : str
    multiplications : int
        Of a sample: so many multipliers, and adders, if all work at once.
    multiplier : Operation
    adder : Operation
        As wide as the accumulator.
    register_bits : int
        Of one unit: both operands and the accumulator.
    memory_bits : int
        Of weights and biases.
    square_micrometres : float or None
        Multiplier and adder of one unit; None where the table has no area. No table gives a
        register's.
    """

    layer: str
    multiplications: int
    multiplier: Operation
    adder: Operation
    register_bits: int
    memory_bits: int
    square_micrometres: float | None


def hardware(model: Sequential, areas: CostTable | str = "dally-45nm") -> list[Hardware]:
    """What each Dense layer's multiply-add units take.

    Parameters
    ----------
    model : Sequential
    areas : CostTable or str
        A table that has areas.

    Raises
    ------
    ValueError
        If there is no such table.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> from fxtypes_nn.studies.energy import hardware
    >>> unit = hardware(MLP([64, 10], precision=Precision.uniform(8, 4)))[0]
    >>> unit.multiplications, str(unit.multiplier), str(unit.adder), unit.register_bits
    (640, 'int8 x int8', 'int23 + int23', 39)
    """
    areas = table(areas) if isinstance(areas, str) else areas
    found, incoming = [], model.precision.inputs
    for layer in model.layers:
        if isinstance(layer, Dense):
            found.append(_hardware_of(layer, incoming, areas))
        incoming = layer.output_format
    return found


def _hardware_of(layer: Any, incoming: fx.Format, areas: CostTable) -> Hardware:
    precision = layer.precision
    inputs, units = layer.parameters["weights"].shape
    weights, accumulator = precision.weights.width, precision.accumulator
    terms = inputs + int(layer.bias)
    wide = incoming.width + weights + (terms - 1).bit_length()
    width = wide if accumulator is None else accumulator.width
    multiplier = Operation("int", "multiply", *sorted((incoming.width, weights)))
    adder = Operation("int", "add", width, width)
    parts = [areas.square_micrometres(each) for each in (multiplier, adder)]
    known = [part for part in parts if part is not None]
    return Hardware(
        str(layer.name),
        inputs * units,
        multiplier,
        adder,
        incoming.width + weights + width,
        inputs * units * weights + int(layer.bias) * units * precision.biases.width,
        sum(known) if len(known) == len(parts) else None,
    )


def in_units(picojoules: float) -> str:
    """An energy in the unit that suits it.

    Examples
    --------
    >>> from fxtypes_nn.studies.energy import in_units
    >>> in_units(0.25), in_units(1234), in_units(5.6e7), in_units(2e12)
    ('0.25 pJ', '1.23 nJ', '56 µJ', '2 J')
    """
    units = ["pJ", "nJ", "µJ", "mJ", "J"]
    while picojoules >= 1000 and len(units) > 1:
        picojoules, units = picojoules / 1000, units[1:]
    return f"{picojoules:.3g} {units[0]}"
