"""Pickles and archives of version 0.1.0, from before its modules moved into rooms, still load.

``data/pickles.json`` holds, in base 85, what ``pickle.dumps(found, protocol)`` gave there for each
entry of `contents()`, by name and protocol; ``data/arrays.npz`` what ``fx.save`` wrote of `ARRAYS`.
New kinds are added with a version of their own: what lies there is never made anew.
"""

import base64
import itertools
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx

DATA = Path(__file__).parent / "data"
PICKLES = json.loads((DATA / "pickles.json").read_text())

ENDS = [(width, signed) for width in (2, 8, 9, 16, 17, 32, 33, 64, 65, 128) for signed in (1, 0)]
# The modes of version 0.1.0, in its order.
ROUNDINGS = [
    "floor",
    "ceil",
    "toward_zero",
    "away_from_zero",
    "nearest_even",
    "nearest_odd",
    "nearest_away",
    "nearest_zero",
    "nearest_up",
    "nearest_down",
    "odd",
    "stochastic",
]
OVERFLOWS = ["saturate", "saturate_symmetric", "saturate_zero", "wrap", "raise"]
MODES = list(zip(ROUNDINGS, itertools.cycle(OVERFLOWS)))

# Arrays as (fields of the format, shape, raw integers): every storage to its ends, every mode,
# and the shapes that are special.
ARRAYS = {
    **{
        f"{'signed' if signed else 'unsigned'}{width}": (
            (width, width // 2, bool(signed), "nearest_even", "saturate"),
            (4,),
            [-(1 << width - 1), (1 << width - 1) - 1, -1, 1]
            if signed
            else [0, (1 << width) - 1, 1, 2],
        )
        for width, signed in ENDS
    },
    **{f"{r}_{o}": ((12, -3, True, r, o), (3,), [-2048, 5, 2047]) for r, o in MODES},
    "no_axes": ((100, 140, True, "odd", "wrap"), (), [-(1 << 99)]),
    "two_axes": ((24, 8, True, "ceil", "saturate_zero"), (2, 3), [-6, 5, -4, 3, -2, 1 << 22]),
    "two_axes_of_two_words": ((128, 256, False, "floor", "raise"), (3, 1), [1 << 127, 0, 1 << 64]),
    "empty": ((8, 4, True, "nearest_even", "saturate"), (0,), []),
    "empty_of_two_axes": ((65, -256, True, "stochastic", "wrap"), (3, 0), []),
}


def array(fields, shape, raws):
    values = np.array(raws, object).reshape(shape)
    return fx.FixedArray.from_raw(values, fx.Format(*fields))


def contents():
    """What was pickled, by name."""
    found = {f"array {name}": array(*parts) for name, parts in ARRAYS.items()}
    found["array in Fortran's order"] = array(*ARRAYS["two_axes"]).copy(order="F")
    found["strided array"] = array(*ARRAYS["two_axes"])[:, ::-2]
    found["format"] = fx.Format(40, -7, False, "nearest_down", "saturate_symmetric")
    found |= {f"rounding {mode}": fx.Rounding(mode) for mode in ROUNDINGS}
    found |= {f"overflow {mode}": fx.Overflow(mode) for mode in OVERFLOWS}
    x = fx.array([100, 0.25, 1], fx.Format(8, 1))
    with fx.record() as events:
        x + x
        fx.multiply(x, x, format=fx.Format(8, 0))
    found["events"] = events
    a, b = fx.ones((2, 3), fx.Format(16, 8)), fx.ones((3, 2), fx.Format(16, 8))
    plan = fx.explain_matmul(a, b)
    found["plan"] = plan._replace(
        path="loops", why="direct", expected_seconds=0.5, threads=1, others={"blas": 0.25}
    )
    found["namespace"] = a.__array_namespace__()
    found["FormatError"] = fx.FormatError("width must be from 2 to 128, got 1")
    found["FixedOverflowError"] = fx.FixedOverflowError("add: 1 of 2 elements")
    found["FileError"] = fx.FileError("truncated")
    found["classes"] = [fx.FixedArray, fx.Format, fx.Rounding, fx.Overflow, fx.Events]
    kinds = ("array two_axes", "format", "rounding floor", "overflow wrap", "events", "plan")
    found["a list of them"] = [found[kind] for kind in kinds]
    found["arrays that share a format"] = {"a": a, "b": [b, a], "format": a.format}
    return found


CONTENTS = contents()


def assert_same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, fx.FixedArray):
        assert found.format is expected.format
        assert found.shape == expected.shape
        assert raw_list(found) == raw_list(expected)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(expected, list):
        for pair in zip(found, expected, strict=True):
            assert_same(*pair)
    elif isinstance(expected, fx.Events):
        assert found.by_operation == expected.by_operation
    elif isinstance(expected, Exception):
        assert found.args == expected.args
    elif isinstance(expected, fx.MatmulPlan):
        assert found == expected
        assert str(found) == str(expected)
    else:  # a mode, a format, a namespace, a class: there is one of each
        assert found is expected


def test_every_kind_is_kept():
    assert PICKLES.keys() == CONTENTS.keys()


@pytest.mark.parametrize("protocol", ["2", "5"])
@pytest.mark.parametrize("name", PICKLES)
def test_pickles(name, protocol):
    found = pickle.loads(base64.b85decode(PICKLES[name][protocol]))
    assert_same(found, CONTENTS[name])
    if name.removeprefix("array ") in ARRAYS:
        fields, shape, raws = ARRAYS[name.removeprefix("array ")]
        fmt = found.format
        assert fields == (fmt.width, fmt.frac_bits, fmt.signed, fmt.rounding, fmt.overflow)
        assert found.shape == shape
        assert raw_list(found) == raws
        found[...] = 0  # in memory of its own


def test_archive():
    found = fx.load(DATA / "arrays.npz")
    assert list(found) == list(ARRAYS)
    for name, (fields, shape, raws) in ARRAYS.items():
        assert found[name].format is fx.Format(*fields)
        assert found[name].shape == shape
        assert raw_list(found[name]) == raws


def test_archives_are_written_as_before(tmp_path):
    """The same arrays give the same bytes."""
    fx.save(tmp_path / "arrays.npz", **{name: array(*parts) for name, parts in ARRAYS.items()})
    assert (tmp_path / "arrays.npz").read_bytes() == (DATA / "arrays.npz").read_bytes()
