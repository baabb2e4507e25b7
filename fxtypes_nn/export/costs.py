"""What a network costs in hardware, estimated from its description.

The formulas are in docs/export.md; the tests hold the clock cycles against the simulated design.
"""

from __future__ import annotations

from dataclasses import dataclass

from .network import DenseStage, Lines, Network, Table

# Clock cycles of a dense layer beyond one a product: reading, multiplying and adding, rounding.
PIPELINE = 3


@dataclass(frozen=True)
class Costs:
    """An estimate for the Verilog and VHDL designs: one multiply-accumulate a dense layer.

    Attributes
    ----------
    cycles : int
        Clock cycles of a sample, from the edge that sees `start` to the one that raises `done`.
    products : int
        Multiplications of a sample.
    multipliers : tuple of (int, int)
        The widths of each multiplier's two factors.
    memory_bits : int
        Of weights, biases and tables, and of the samples' and the layers' numbers.
    registers : int
        Bits kept in flip-flops.
    """

    cycles: int
    products: int
    multipliers: tuple[tuple[int, int], ...]
    memory_bits: int
    registers: int


def estimate(network: Network) -> Costs:
    """The costs of a network."""
    dense = network.dense
    products = sum(stage.inputs * stage.units for stage in dense)
    multipliers = [factors(stage) for stage in dense]
    for stage in network.stages:
        if isinstance(stage, Lines):
            multipliers += [
                (stage.in_format.width, abs(slope).bit_length())
                for slope in stage.slopes
                if abs(slope).bit_count() > 1
            ]
    return Costs(
        cycles=sum(stage.inputs * stage.units + PIPELINE for stage in dense),
        products=products,
        multipliers=tuple(multipliers),
        memory_bits=_memory_bits(network),
        registers=sum(_registers(stage, network) for stage in dense),
    )


def factors(stage: DenseStage) -> tuple[int, int]:
    """The widths of a product's factors, inputs and weights, as signed numbers."""
    return stage.in_format.width + (not stage.in_format.signed), stage.weight_format.width


def count_bits(last: int) -> int:
    """Of a counter from 0 to `last`."""
    return max(last.bit_length(), 1)


def _memory_bits(network: Network) -> int:
    bits = network.inputs * network.in_format.width
    for dense, after in network.blocks:
        bits += dense.inputs * dense.units * dense.weight_format.width
        bits += dense.units * dense.bias_format.width
        bits += dense.units * (after[-1].out_format if after else dense.out_format).width
    tables = [stage for stage in network.stages if isinstance(stage, Table)]
    return bits + sum(len(table.values) * table.out_format.width for table in tables)


def _registers(dense: DenseStage, network: Network) -> int:
    """Counters, what is read from memories, the sum, the result, and the pipeline's flags."""
    after = dict(zip((d.name for d in network.dense), (a for _, a in network.blocks), strict=True))
    steps = after[dense.name]
    result = (steps[-1].out_format if steps else dense.out_format).width
    unit, place = count_bits(dense.units - 1), count_bits(dense.inputs - 1)
    addresses = place + count_bits(dense.inputs * dense.units - 1) + 4 * unit
    read = dense.in_format.width + dense.weight_format.width + dense.bias_format.width
    return addresses + read + dense.sum_bits + result + 7
