"""History: what is watched while a network trains."""

import csv
import json

from fxtypes.interop.atomic_write import atomic_write

_MEASURES = ("min", "max", "abs_max", "int_bits")


class History:
    """A columnar log, one row an iteration.

    Columns are ``iteration`` and ``epoch`` (both from 1), ``loss`` and ``accuracy`` of the
    iteration's batch before its update, ``validation_loss`` and ``validation_accuracy`` (None
    but in an epoch's last row), and, for every parameter as it is after the update,
    ``<name>.min``, ``<name>.max``, ``<name>.abs_max`` and ``<name>.int_bits``: the integer
    bits, sign included, that its values need (less than 1 where they need only fraction
    bits).

    Examples
    --------
    >>> from fxtypes_nn import MLP, datasets
    >>> digits = datasets.load("digits")
    >>> history = MLP([64, 10]).fit(digits.x_train, digits.y_train, progress=False)
    >>> len(history), history.parameters
    (23, ['dense1.weights', 'dense1.bias'])
    >>> len(history["dense1.weights.max"])
    23
    """

    def __init__(self):
        self._columns = {
            name: []
            for name in (
                "iteration",
                "epoch",
                "loss",
                "accuracy",
                "validation_loss",
                "validation_accuracy",
            )
        }

    @property
    def columns(self):
        """The columns' names, in order."""
        return list(self._columns)

    @property
    def parameters(self):
        """The names of the parameters watched, in order."""
        return [name.removesuffix(".min") for name in self._columns if name.endswith(".min")]

    def __len__(self):
        return len(self._columns["iteration"])

    def __getitem__(self, name):
        return list(self._columns[name])

    def last(self, name):
        """Return a column's last value that is not None, or None."""
        return next((v for v in reversed(self._columns[name]) if v is not None), None)

    def append(
        self,
        *,
        epoch,
        loss,
        accuracy,
        parameters,
        validation_loss=None,
        validation_accuracy=None,
    ):
        """Add a row; `parameters` are pairs of name and FixedArray."""
        row = {
            "iteration": len(self) + 1,
            "epoch": epoch,
            "loss": loss,
            "accuracy": accuracy,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
        }
        for name, values in parameters:
            for measure, value in zip(_MEASURES, _range(values), strict=True):
                row[f"{name}.{measure}"] = value
        for name, value in row.items():
            self._columns.setdefault(name, []).append(value)

    def to_csv(self, path):
        """Write a header line and one line a row, None as nothing; whole or not at all."""
        with atomic_write(path, text=True) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self._columns)
            writer.writerows(zip(*self._columns.values(), strict=True))

    def to_json(self, path):
        """Write an object of columns, each an array of numbers or null; whole or not at all."""
        with atomic_write(path, text=True) as file:
            json.dump(self._columns, file)


def _range(values):
    """Min, max, absolute max (floats) and the integer bits that they need."""
    low, high = int(values.min().raw), int(values.max().raw)
    fmt = values.format
    resolution = float(fmt.resolution)
    needed = max((~raw if raw < 0 else raw).bit_length() for raw in (low, high))
    return (
        low * resolution,
        high * resolution,
        max(abs(low), abs(high)) * resolution,
        needed + fmt.signed - fmt.frac_bits,
    )
