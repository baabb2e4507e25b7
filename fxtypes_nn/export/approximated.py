"""Exact functions replaced by what every target computes bit for bit."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from ..layers import Sigmoid, Tanh
from ..layers.approximations import TABLE_BITS, check_approximation

if TYPE_CHECKING:
    from ..model import Sequential


def approximated(model: Sequential, approximation: str, table_bits: int = TABLE_BITS) -> Sequential:
    """A copy of a model whose exact sigmoids and tanhs are approximated.

    Parameters
    ----------
    model : Sequential
        Its parameters are shared.
    approximation : {"table", "piecewise_linear"}
    table_bits : int
        2 to 16.

    Raises
    ------
    ValueError
        If there is no such approximation, or no such table.

    Examples
    --------
    >>> from fxtypes_nn import MLP
    >>> from fxtypes_nn.export import approximated
    >>> approximated(MLP([4, 3, 2], hidden="tanh"), "table", 8).layers[1]
    Tanh(approximation='table', table_bits=8)
    """
    chosen = check_approximation(approximation, table_bits)
    found = copy.copy(model)
    found.layers = tuple(map(copy.copy, model.layers))
    for layer in found.layers:
        if isinstance(layer, Sigmoid | Tanh) and layer.approximation is None:
            layer.approximation, layer.table_bits = chosen
    return found
