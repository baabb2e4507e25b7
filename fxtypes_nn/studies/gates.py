"""Gates of a multiply-add unit, counted by Yosys."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
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
    """What a unit takes.

    Attributes
    ----------
    logic : int
        Gates of two inputs, and inverters.
    registers : int
        Flip-flops: the accumulator's bits.
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
    if shutil.which("yosys") is None:
        raise FileNotFoundError("yosys is needed to count gates: apt-get install yosys")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "unit.v").write_text(unit_text(width), encoding="ascii")
        script = (
            "read_verilog unit.v; synth -flatten -noabc; "
            f"abc -fast -g {_GATES}; tee -o counts.json stat -json"
        )
        done = subprocess.run(
            ["yosys", "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise RuntimeError(f"yosys failed: {lines[-1]}")
        text = Path(folder, "counts.json").read_text(encoding="utf-8")
    return _read(json.loads(text[text.index("{") :]))


def _read(stat: dict[str, dict[str, dict[str, dict[str, int]]]]) -> Gates:
    logic = registers = 0
    for module in stat["modules"].values():
        for cell, count in module["num_cells_by_type"].items():
            if "DFF" in cell:
                registers += count
            else:
                logic += count
    return Gates(logic, registers)
