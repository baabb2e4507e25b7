"""pad."""

import random
import statistics
from fractions import Fraction

import numpy as np
import pytest
from checks import check_stored, some_arrays, some_format
from examples import move_tests

import fxtypes as fx

SHAPES = [(4,), (3, 4), (2, 3, 4)]

# (name, shape, arguments after the array, keywords): each runs on the raw integers too.
MOVES = [
    *[("pad", s, (2,), {"mode": "edge"}) for s in SHAPES],
    *[("pad", (3, 4), (2,), {"mode": m}) for m in ("reflect", "symmetric", "wrap")],
    *[("pad", (3, 4), (((1, 2), (0, 3)),), {"mode": m}) for m in ("minimum", "maximum")],
    ("pad", (3, 4), ((1, 2),), {"mode": "maximum", "stat_length": 2}),
    ("pad", (3, 4), (1,), {}),
]
test_moves, test_views_are_numpys = move_tests(MOVES)


@pytest.mark.parametrize("width", [12, 64, 100])
def test_padding_with_constants(width):
    q = fx.Format(width, 4, rounding="ceil")
    a = fx.arange(6, format=q).reshape(2, 3)
    plain = np.arange(6.0).reshape(2, 3)
    for widths, constants in [
        (1, 0),
        ((1, 2), 2.5),
        (((1, 2), (0, 3)), ((1, 2), (3, 4.25))),
        (2, (-1, 7)),
    ]:
        found = np.pad(a, widths, constant_values=constants)
        assert found.format is q
        assert found.tolist() == np.pad(plain, widths, constant_values=constants).tolist()
    assert fx.pad(a, {-1: (1, 0)}, constant_values=0.01)[0].tolist() == [0.0625, 0, 1, 2]
    assert fx.pad(a, 1, mode="empty")[0].tolist() == [0] * 5
    for mode in ("average", None):
        with pytest.raises(ValueError, match="pad takes mode"):
            np.pad(a, 1, mode=mode)
    with pytest.raises(ValueError, match="reflect_type is"):
        np.pad(a, 1, mode="reflect", reflect_type="strange")
    with pytest.raises(ValueError, match="takes no stat_length"):
        np.pad(a, 1, mode="linear_ramp", stat_length=1)
    with pytest.raises(TypeError, match="takes no colour"):
        fx.pad(a, 1, colour=1)
    with pytest.raises(ValueError, match="negative"):
        np.pad(a, -1)


COMPUTED = [
    ("mean", {}),
    ("mean", {"stat_length": 2}),
    ("median", {}),
    ("median", {"stat_length": ((2, 1), (1, 3))}),
    ("linear_ramp", {}),
    ("linear_ramp", {"end_values": ((5, -1), (0, 2))}),
    ("reflect", {"reflect_type": "odd"}),
    ("symmetric", {"reflect_type": "odd"}),
]


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize(("mode", "keywords"), COMPUTED)
def test_computed_modes_are_exact_and_rounded_once(mode, keywords, width):
    chosen = random.Random(f"{width} {mode} {keywords}")
    for rounding in fx.Rounding:
        fmt = some_format(chosen, width, rounding=rounding)
        if fmt.overflow == "saturate_symmetric":  # whose lowest value only moves
            fmt = fmt.replace(overflow="saturate")
        shape, widths = chosen.choice(SHAPES_AND_WIDTHS)
        ((a,), _) = some_arrays(chosen, [shape], [fmt])
        exact = margins(a.to_fractions(), widths, mode, keywords)
        check_stored(
            lambda a=a, widths=widths: fx.pad(a, widths, mode, **keywords),
            *(exact.reshape(-1), fmt, exact.shape, "pad"),
        )


# Margins as long as one reflection, at most.
SHAPES_AND_WIDTHS = [
    ((3, 4), ((2, 2), (0, 3))),
    ((4, 3), ((0, 1), (2, 1))),
    ((3, 3), ((1, 2),) * 2),
]


@pytest.mark.parametrize(("mode", "keywords"), COMPUTED)
@pytest.mark.parametrize("fmt", [fx.Format(16, 3), fx.Format(128, 3)], ids=str)
def test_computed_modes_are_numpys(mode, keywords, fmt):
    """What float64 holds exactly, but for the last bits of thirds; of three axes as well."""
    if "stat_length" in keywords:
        keywords = {"stat_length": (3, 2)}
    elif "end_values" in keywords:
        keywords = {"end_values": (-3, 0.5)}
    values = np.random.default_rng(3).integers(-60, 60, (2, 3, 4)) / 8
    wide = fmt.replace(rounding="floor")
    for widths in (((2, 1), (0, 0), (1, 3)), 5, 0):
        found = np.pad(fx.array(values, wide), widths, mode=mode, **keywords)
        expected = np.pad(values, widths, mode=mode, **keywords)
        assert found.shape == expected.shape
        assert (np.abs(np.asarray(found) - np.floor(expected * 8 + 1e-9) / 8) < 1e-9).all()


@pytest.mark.parametrize("end", [2.0**-300, 1e-30, 2**70, Fraction(1, 10**30)])
@pytest.mark.parametrize("frac_bits", [-100, 0, 192])
def test_ramps_to_what_is_far_from_the_elements(end, frac_bits):
    fmt = fx.Format(16, frac_bits, rounding="odd")
    for raws in ([[0, 0], [0, 0]], [[5, -7], [32767, -32768]]):
        a = fx.FixedArray.from_raw(raws, fmt)
        widths, ends = ((2, 3), (2, 1)), np.zeros((2, 2), object)
        ends[0, 1] = ends[1, 0] = Fraction(end)
        exact = margins(a.to_fractions(), widths, "linear_ramp", {"end_values": ends})
        check_stored(
            lambda a=a, widths=widths, ends=ends: fx.pad(a, widths, "linear_ramp", end_values=ends),
            *(exact.reshape(-1), fmt, exact.shape, "pad"),
        )


def test_a_margin_is_one_operation():
    """One step of the stream, and a report of all elements; also where none is made."""
    a = fx.array([1, 2, 4], fx.Format(8, 4, rounding="stochastic"))
    for widths, length in ((2, 7), (0, 3)):
        with fx.seeded(5), fx.record() as events:
            fx.pad(a, widths, "mean")
            after = fx.array(np.full(50, 1 / 3), a.format)
        with fx.seeded(5):
            fx.array([0.3], a.format)
            assert fx.array_equal(after, fx.array(np.full(50, 1 / 3), a.format))
        assert events.by_operation["pad"]["elements"] == length


def margins(exact, widths, mode, keywords):
    """The definitions, line by line."""
    for axis, pair in enumerate(widths):
        moved = np.moveaxis(exact, axis, 0)
        made = [
            line(column, axis, pair, mode, keywords) for column in moved.reshape(len(moved), -1).T
        ]
        moved = np.array(made, object).T.reshape(-1, *moved.shape[1:])
        exact = np.moveaxis(moved, 0, axis)
    return exact


def line(column, axis, pair, mode, keywords):
    inner = list(column)
    if mode in ("mean", "median"):
        length = np.broadcast_to(keywords.get("stat_length", len(inner)), (2, 2))[axis]
        chunks = inner[: length[0]], inner[-min(length[1], len(inner)) :]
        middle = statistics.mean if mode == "mean" else statistics.median
        return [middle(chunks[0])] * pair[0] + inner + [middle(chunks[1])] * pair[1]
    if mode == "linear_ramp":
        low, high = np.broadcast_to(keywords.get("end_values", 0), (2, 2))[axis].tolist()
        before = [low + (inner[0] - low) * Fraction(i, pair[0]) for i in range(pair[0])]
        after = [high + (inner[-1] - high) * Fraction(i, pair[1]) for i in range(pair[1])]
        return before + inner + after[::-1]
    skip = 1 if mode == "reflect" else 0
    before = [2 * inner[0] - v for v in inner[skip:][: pair[0]]]
    after = [2 * inner[-1] - v for v in inner[::-1][skip:][: pair[1]]]
    return before[::-1] + inner + after


def test_a_function_as_mode():
    def fill(vector, widths, axis, keywords):
        before, after = widths
        vector[:before] = keywords["value"] + axis
        vector[vector.size - after :] = vector[before] * 2

    values = np.arange(6.0).reshape(2, 3)
    a = fx.array(values, fx.Format(16, 4))
    found = np.pad(a, ((1, 2), (2, 1)), fill, value=7)
    assert found.tolist() == np.pad(values, ((1, 2), (2, 1)), fill, value=7).tolist()
    assert found.format is a.format


@pytest.mark.parametrize("mode", ["mean", "linear_ramp"])
def test_a_computed_margin_is_counted_and_drawn(mode):
    q = fx.Format(12, 2, rounding="stochastic")
    a = fx.FixedArray.from_raw([-2048, 3, 7], q.replace(overflow="saturate_symmetric"))
    with fx.record() as events:
        found = np.pad(a, 2, mode=mode)
    assert events.by_operation["pad"]["inexact"]
    assert found[2:5].raw.tolist() == [-2048, 3, 7]
