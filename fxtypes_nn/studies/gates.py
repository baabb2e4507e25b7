"""Gates of a multiply-add unit and of an exported network, counted by Yosys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

GUARD = 8  # bits of the accumulator above a product's: sums of 256 products
_GATES = "AND,OR,XOR,NAND,NOR,XNOR"
_UNIT = """module unit(input clk, input rst, input signed [{last}:0] a,
            input signed [{last}:0] b, output reg signed [{top}:0] sum);
always @(posedge clk)
    if (rst) sum <= 0;
    else sum <= sum + a * b;
endmodule
"""


class Gates(NamedTuple):
    """What a unit or a network takes.

    Attributes
    ----------
    logic : int
        Gates of two inputs, and inverters.
    registers : int
        Flip-flops: of the unit, the accumulator's bits.
    """

    logic: int
    registers: int


def unit_text(width: int) -> str:
    """A multiply-add unit in Verilog: a product a clock added to an accumulator.

    Parameters
    ----------
    width : int
        Of both operands; the accumulator has twice as many bits and 8 more.
    """
    return _UNIT.format(last=width - 1, top=2 * width + GUARD - 1)


def count_gates(width: int) -> Gates:
    """Synthesise a multiply-add unit to gates and count them.

    Parameters
    ----------
    width : int
        Of both operands, at least 2.

    Raises
    ------
    FileNotFoundError
        If there is no Yosys.
    RuntimeError
        If it fails.

    Notes
    -----
    Yosys' own multiplier and mapping, without a cell library: what counts is how widths stand to
    each other.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "unit.v")
        path.write_text(unit_text(width), encoding="ascii")
        return _synthesise([path], "unit")


def count_design_gates(folder: str | os.PathLike[str], name: str = "network") -> Gates:
    """Synthesise what ``fxtypes-nn export --to verilog`` has written to gates and count them.

    Parameters
    ----------
    folder : str or os.PathLike
    name : str
        The top module's, as it was exported.

    Returns
    -------
    Gates
        Memories of weights, biases and intermediate outputs stay memories and count as neither;
        the folder's ``README.txt`` has their bits.

    Raises
    ------
    FileNotFoundError
        If there is no Yosys, or no design in the folder.
    RuntimeError
        If Yosys fails.
    """
    top, bench = Path(folder, f"{name}.v").resolve(), Path(folder, f"{name}_test.v").resolve()
    if not top.exists():
        raise FileNotFoundError(f"there is no {name}.v in {folder}: export the model there first")
    layers = sorted(path for path in top.parent.glob(f"{name}_*.v") if path != bench)
    return _synthesise([top, *layers], name)


def _synthesise(files: Sequence[Path], top: str) -> Gates:
    """Count a design's gates; its files are in one folder, beside what they read."""
    if shutil.which("yosys") is None:
        raise FileNotFoundError("yosys is needed to count gates: apt-get install yosys")
    names = " ".join(path.name for path in files)
    # `synth` up to where it would make flip-flops of memories.
    script = (
        f"read_verilog {names}; synth -top {top} -flatten -run begin:fine; opt -fast -full; "
        f"techmap; opt -fast; abc -fast -g {_GATES}; opt_clean; tee -q -o /dev/stdout stat -json"
    )
    done = subprocess.run(
        ["yosys", "-q", "-p", script],
        cwd=files[0].parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(f"yosys failed: {lines[-1]}")
    return _read(json.loads(done.stdout[done.stdout.index("{") :]))


def _read(stat: dict[str, dict[str, dict[str, dict[str, int]]]]) -> Gates:
    logic = registers = 0
    for module in stat["modules"].values():
        for cell, count in module["num_cells_by_type"].items():
            if "DFF" in cell:
                registers += count
            elif not cell.startswith("$mem"):
                logic += count
    return Gates(logic, registers)
