"""Histories and records made up for the tests of pictures and reports."""

import dataclasses
import math

import numpy as np

import fxtypes as fx
from fxtypes_nn.watch.history import History
from fxtypes_nn.watch.observer import watched_columns
from fxtypes_nn.watch.record import Record

FORMAT = fx.Format(16, 13)  # [-4, 4)
PARAMETERS = ("weights", "bias")


def history(rows, layers=("dense1", "relu1"), *, epoch=50, every=5, validation=50, changes=()):
    """A training that goes well, watched and validated every so many iterations.

    `changes` are by column, or by what stands after its last point: a value, or a function of the
    iteration; None leaves the column empty.
    """
    found = History(watched_columns({layer: PARAMETERS for layer in layers}))
    usual = {"min": -1.5, "max": 1.25, "abs_max": 1.5, "int_bits": 2, "lost": 0.25}
    usual |= {"overflow": 0, "underflow": 40, "saturation": 3}
    changes = dict(changes)
    for number in range(1, rows + 1):
        row = {
            "iteration": number,
            "epoch": (number - 1) // epoch + 1,
            "loss": 2.3 * math.exp(-3 * number / rows),
            "accuracy": 1 - 0.9 * math.exp(-3 * number / rows),
        }
        if number % validation == 0:
            row |= {"validation_loss": 0.5, "validation_accuracy": 0.875}
        if number % every == 0 or number == rows:
            row |= {name: usual[name.rpartition(".")[2]] for name in found.columns if "." in name}
        for name in row:
            change = changes.get(name, changes.get(name.rpartition(".")[2], row[name]))
            row[name] = change(number) if callable(change) else change
        found.append(row)
    return found


def record(rows=200, layers=("dense1", "relu1"), *, fmt=FORMAT, changes=(), **fields):
    """A record of such a history, with a format for all its tensors."""
    tensors = [f"{layer}.{what}" for layer in layers for what in (*PARAMETERS, "input", "output")]
    given = {
        "title": "made up, 8 bits",
        "config": {},
        "history": history(rows, layers, changes=changes),
        "formats": dict.fromkeys(tensors, fmt),
    }
    return Record(**(given | fields))


def with_test_part(samples=200, classes=10, side=4, wrong=20):
    """A record's fields about its test part: the last `wrong` are taken for the next class."""
    labels = np.arange(samples) % classes
    predicted = labels.copy()
    predicted[samples - wrong :] = (predicted[samples - wrong :] + 1) % classes
    images = np.arange(samples * side * side, dtype=np.uint8).reshape(samples, -1)
    return {
        "classes": [f"c{number}" for number in range(classes)],
        "labels": labels,
        "predicted": predicted,
        "images": images,
        "image_shape": (side, side),
    }


def full():
    """A record for which there is every picture."""
    rng = np.random.default_rng(0)
    parameters = {
        "dense1.weights": fx.array(rng.normal(0, 0.4, (16, 8)), FORMAT),
        "dense1.bias": fx.array(rng.normal(0, 0.01, 8), FORMAT),
    }
    made = record(parameters=parameters, summary="dense1 16 -> 8", **with_test_part())
    made = dataclasses.replace(made, formats=made.formats | {"dense1.gradient.weights": FORMAT})
    for what, value in {"min": -0.25, "max": 0.5, "abs_max": 0.5, "int_bits": 0}.items():
        made.history.amend(f"dense1.gradient.weights.{what}", value)
    return dataclasses.replace(made, siblings=[history(200)], twin=history(200))
