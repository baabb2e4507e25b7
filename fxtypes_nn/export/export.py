"""From a trained network to files for something else, checked before the first is written."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import fxtypes as fx
from fxtypes.interop.atomic_write import atomic_write

from ..errors import ExportError
from ..runs.folder import make_folder
from . import arrays, c, hls, qonnx, verilog, vhdl
from .costs import Costs, estimate
from .network import DenseStage, Lines, Network, Table, Vectors, describe, make_vectors

if TYPE_CHECKING:
    from ..model import Sequential

REPORT = "README.txt"
_DRAWN = 16  # samples where none are given
_Files = dict[str, "str | bytes"]


class _Target(NamedTuple):
    """What an exporter is: its files from a network and vectors, and how these are used.

    `measured` tells, by the first of its files, what the target isn't exact in.
    """

    files: Callable[[Network, Vectors], Any]
    instructions: Callable[[Network], list[str]]
    measured: Callable[[Network, Vectors, Any], list[str]] | None = None


_TARGETS: dict[str, _Target] = {
    "npz": _Target(arrays.npz_files, arrays.npz_instructions),
    "safetensors": _Target(arrays.safetensors_files, arrays.safetensors_instructions),
    "c": _Target(c.files, c.instructions),
    "verilog": _Target(verilog.files, verilog.instructions),
    "vhdl": _Target(vhdl.files, vhdl.instructions),
    "hls": _Target(hls.files, hls.instructions),
    "qonnx": _Target(qonnx.files, qonnx.instructions, qonnx.measured),
}
TARGETS = tuple(_TARGETS)


_KINDS: dict[type, str] = {
    DenseStage: "sums of products",
    Lines: "straight lines",
    Table: "a table",
}


class Export(NamedTuple):
    """What was written.

    Attributes
    ----------
    folder : str
    files : tuple of str
        Their names in the folder.
    samples : int
        How many the exported test compares.
    costs : Costs
    """

    folder: str
    files: tuple[str, ...]
    samples: int
    costs: Costs


def export(
    model: Sequential,
    target: str,
    folder: str | os.PathLike[str],
    samples: Any = None,
    name: str = "network",
) -> Export:
    """Write a model's inference for another tool, with a test of it.

    The folder gets the target's files, and ``README.txt``: formats, outputs, how to run the test,
    and what it costs in hardware. It appears whole or not at all.

    Parameters
    ----------
    model : Sequential
    target : str
        One of `TARGETS`; docs/export.md says what each is.
    folder : str or os.PathLike
        A new one, or an empty one.
    samples : array, optional
        As `Sequential.predict` takes them: what the exported test runs on. Without them it gets 16
        drawn from the inputs' whole range.
    name : str
        What the network is called in the files; it is made a legal identifier.

    Returns
    -------
    Export

    Raises
    ------
    ExportError
        If the target can't compute the network bit for bit, there is no such target, the name has
        nothing legal in it, or the folder holds files already. Nothing is written then.
    OSError
        If it can't be written.

    Examples
    --------
    >>> from fxtypes_nn import MLP, Precision
    >>> from fxtypes_nn.export import export
    >>> model = MLP([4, 3], precision=Precision.preset(16))
    >>> export(model, "c", "exported", name="tiny").files
    ('tiny.h', 'tiny.c', 'tiny_test.c', 'README.txt')
    """
    if target not in _TARGETS:
        raise ExportError(f"there is no target {target!r}; there are {', '.join(TARGETS)}")
    path = os.fspath(folder)
    check_free(path)
    network = describe(model, name)
    vectors = make_vectors(model, network, _drawn(network) if samples is None else samples)
    costs = estimate(network)
    files: _Files = dict(_TARGETS[target].files(network, vectors))
    files[REPORT] = _report(network, target, vectors, files, costs)
    _write(path, files)
    return Export(path, tuple(files), len(vectors.inputs), costs)


def check_free(path: str) -> None:
    """ExportError unless a folder is to be had there without losing anything."""
    if not path:
        raise ExportError("the folder's name is empty")
    if os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path)):
        raise ExportError(
            f"{path} is there already and isn't an empty folder; name another (--out)"
        )


def _drawn(network: Network) -> fx.FixedArray:
    """Samples whose every bit is drawn, the same for the same shape and format."""
    draw, fmt = random.Random(0), network.in_format
    rows = [
        [draw.getrandbits(fmt.width) + fmt.raw_min for _ in range(network.inputs)]
        for _ in range(_DRAWN)
    ]
    return fx.FixedArray.from_raw(rows, fmt)


def _write(path: str, files: _Files) -> None:
    """The folder with its files: made beside its place, then moved there."""
    parent = os.path.dirname(os.path.abspath(path))
    make_folder(parent)
    try:
        _write_beside(path, parent, files)
    except OSError as error:  # which names what is there for a moment only
        raise OSError(f"{path} can't be written: {error.strerror or error}") from None


def _write_beside(path: str, parent: str, files: _Files) -> None:
    temporary = os.path.join(parent, f".fxtypes-{os.urandom(8).hex()}.tmp")
    os.mkdir(temporary)
    try:
        for name, content in files.items():
            text = isinstance(content, str)
            with atomic_write(os.path.join(temporary, name), text=text) as file:
                file.write(content)
        os.rename(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _report(network: Network, target: str, vectors: Vectors, files: _Files, costs: Costs) -> str:
    """What lies beside the export."""
    widths = ", ".join(f"{a} x {b}" for a, b in costs.multipliers)
    lines = [
        f"{network.name}: a neural network in integers, exported by fxtypes {fx.__version__} "
        f"for {target}",
        "",
        f"inputs   {network.inputs:6,} of {network.in_format!r}",
        f"outputs  {network.outputs:6,} of {network.out_format!r}",
        "All are raw integers, value = raw * 2**-frac_bits.",
    ]
    if network.classifies:
        lines.append("The class is the index of the largest output, the lowest of equal ones.")
    lines += [*network.notes, "", "stages"]
    for stage in network.stages:
        shown = stage.out_format
        lines.append(f"  {stage.name:14} {_KINDS[type(stage)]:22} -> {shown!r}")
    lines += ["", *_TARGETS[target].instructions(network), ""]
    measured = _TARGETS[target].measured
    if measured is not None:
        lines += [*measured(network, vectors, next(iter(files.values()))), ""]
    lines += [
        f"samples that the test compares: {len(vectors.inputs):,}",
        "",
        "In hardware, one multiply-accumulate a dense layer (estimated, docs/export.md):",
        f"  clock cycles a sample   {costs.cycles:12,}",
        f"  products a sample       {costs.products:12,}",
        f"  multipliers             {len(costs.multipliers):12,}   ({widths} bits)",
        f"  memory bits             {costs.memory_bits:12,}",
        f"  register bits           {costs.registers:12,}",
    ]
    return "\n".join(lines) + "\n"
