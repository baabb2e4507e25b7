"""The state of training as files hold it: in models and in checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fxtypes as fx

from .losses import LOSSES, Loss
from .optimizers import ParameterState
from .state import TrainingState

_COUNTS = ("epochs", "iterations", "orders", "steps")
_SLOT = "state."


def stored(state: TrainingState) -> tuple[dict[str, Any], dict[str, fx.FixedArray]]:
    """What JSON can hold of it, and the arrays by name."""
    header: dict[str, Any] = {name: getattr(state, name) for name in _COUNTS}
    header |= {"optimizer": state.optimizer, "targets": state.targets}
    if type(state.loss).__name__ in LOSSES:  # a user's own begins anew
        assert state.loss is not None
        header["loss"] = [type(state.loss).__name__, *state.loss.arguments()]
    header["slots"] = [[name, *_format(slot.format)] for name, slot in state.slots.items()]
    arrays = {
        f"{_SLOT}{name}.{part}": values
        for name, slot in state.slots.items()
        for part, values in slot.arrays.items()
    }
    return header, arrays


def training_from(header: Mapping[str, Any], arrays: Mapping[str, fx.FixedArray]) -> TrainingState:
    """The state that `stored` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it is anything else.
    """
    for name in _COUNTS:
        count = header.get(name, 0)
        if type(count) is not int or count < 0:
            raise ValueError(f"it counts {count!r} {name}")
    slots = {
        name: ParameterState(fx.Format(*fields), {}) for name, *fields in header.get("slots", ())
    }
    for name, values in arrays.items():
        parameter, _, part = name.removeprefix(_SLOT).rpartition(".")
        if not name.startswith(_SLOT) or parameter not in slots:
            raise ValueError(f"it holds {name}, which belongs to nothing")
        slot = slots[parameter]
        if values.format != slot.format:
            raise ValueError(f"{name} should be {slot.format} and is {values.format}")
        slots[parameter] = ParameterState(slot.format, {**slot.arrays, part: values})
    return TrainingState(
        **{name: header.get(name, 0) for name in _COUNTS},
        optimizer=header.get("optimizer"),
        slots=slots,
        loss=_loss(header.get("loss")),
        targets=header.get("targets", "classes"),
    )


def _loss(found: Any) -> Loss | None:
    if found is None:
        return None
    name, *arguments = found
    return LOSSES[name](*arguments)


def _format(fmt: fx.Format) -> list[Any]:
    return [fmt.width, fmt.frac_bits, fmt.signed, fmt.rounding.value, fmt.overflow.value]
