"""diff, ediff1d, gradient and trapezoid."""

import itertools
import math
import random
from fractions import Fraction

import checks
import numpy as np
import oracle
import pytest
import strategies
from checks import (
    arrays,
    check_stored,
    exact_values,
    fixed,
    raw_list,
    some_arrays,
    some_format,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


@given(st.data(), strategies.formats(), st.integers(0, 6) | st.integers(7, 20))
def test_diff(data, fmt, n):
    _, x = data.draw(arrays(fmt, (n + 3,)))
    target = data.draw(st.none() | strategies.formats())
    exact = exact_values(x)
    for _ in range(n):
        exact = [b - a for a, b in itertools.pairwise(exact)]
    result = target or fmt
    check_stored(lambda: fx.diff(x, n, format=target), exact, result, (len(exact),), "diff")


def test_diff_along_axes_and_with_ends():
    values = np.arange(12).reshape(3, 4) ** 2 / 4
    x = fx.array(values, fx.Format(16, 4))
    for axis in (0, 1, -1):
        for n in (1, 2, 3):
            np.testing.assert_array_equal(fx.diff(x, n, axis), np.diff(values, n, axis))
        for ends in ({"prepend": 0}, {"append": 2.5}, {"prepend": 1, "append": x}):
            floats = {k: values if isinstance(v, fx.FixedArray) else v for k, v in ends.items()}
            np.testing.assert_array_equal(
                fx.diff(x, axis=axis, **ends), np.diff(values, axis=axis, **floats)
            )
    with pytest.raises(ValueError, match="negative"):
        fx.diff(x, -1)
    with pytest.raises(ValueError, match="0-d"):
        fx.diff(x[0, 0])
    with pytest.raises(np.exceptions.AxisError):
        fx.diff(x, axis=2)


def test_ediff1d():
    a = fx.array([1, 2.5, 7, -7.5], fx.Format(8, 4))
    assert np.ediff1d(a).tolist() == [1.5, 4.5, -8.0]
    assert np.ediff1d(a.reshape(2, 2), to_begin=0.5, to_end=[1, 2]).tolist() == [
        *[0.5, 1.5, 4.5, -8, 1, 2]
    ]


@pytest.mark.parametrize("width", [8, 64, 127, 128])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
def test_differences_beside_ends(overflow, signed, width):
    fmt = fx.Format(width, 0, signed, overflow=overflow)
    a = fx.FixedArray.from_raw([fmt.raw_max, 0, 5, 7], fmt)
    exact = [1, 2, -fmt.raw_max, 5, 2, 3, 4]
    if overflow == "raise" and not signed:
        with pytest.raises(fx.FixedOverflowError, match="ediff1d: 1 of"):
            fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
        return
    found = fx.ediff1d(a, to_begin=[1, 2], to_end=[3, 4])
    assert checks.raw_list(found) == [oracle.quantize(x, fmt) for x in exact]


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_more_differences_than_elements(fmt):
    assert fx.diff(fx.ones((2, 3), fmt), 10**30).shape == (2, 0)
    assert fx.diff(fx.zeros((2, 0), fmt), 10**30).shape == (2, 0)


def exact_gradient(f, places, edge_order):
    """The derivatives at its places of the parabolas, or lines at the ends, through neighbours."""

    def slope(points, at):
        total = Fraction(0)
        for i, (x, y) in enumerate(points):
            others = [p for j, (p, _) in enumerate(points) if j != i]
            scale = math.prod(x - p for p in others)
            parts = [math.prod(at - p for k, p in enumerate(others) if k != j)
                     for j in range(len(others))]  # fmt: skip
            total += y * sum(parts) / scale
        return total

    pairs = list(zip(places, f, strict=True))
    n = edge_order + 1
    inner = [slope(pairs[i - 1 : i + 2], places[i]) for i in range(1, len(f) - 1)]
    return [slope(pairs[:n], places[0]), *inner, slope(pairs[-n:], places[-1])]


@pytest.mark.parametrize("fmt", [fx.Format(16, 6, rounding="floor"), fx.Format(128, 100)], ids=str)
@pytest.mark.parametrize("edge_order", [1, 2])
@pytest.mark.parametrize("spacing", [1, 0.5, Fraction(-1, 3), [0, 1, Fraction(5, 3), 4, 4.5, 7]])
def test_gradient(fmt, edge_order, spacing):
    a = fixed(np.random.default_rng(1).integers(-900, 900, 6).tolist(), fmt)
    places = spacing if isinstance(spacing, list) else [i * Fraction(spacing) for i in range(6)]
    places = [Fraction(p) for p in places]
    exact = exact_gradient(a.to_fractions().tolist(), places, edge_order)
    result = fx.Format(40, 20, rounding="ceil")
    given = np.array([*spacing, None], object)[:-1] if isinstance(spacing, list) else spacing
    found = fx.gradient(a, given, edge_order=edge_order, format=result)
    assert raw_list(found) == [oracle.quantize(v, result) for v in exact]
    assert np.gradient(a, given, edge_order=edge_order).format is fmt


STEPS = [1, -2, 0.1, 3, Fraction(3, 5), Fraction(7, 2**40), 2.0**-70, 1e17, Fraction(2**61 + 1, 3)]


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("step", STEPS)
def test_gradient_with_one_step_is_rounded_once(width, step):
    chosen = random.Random(f"{width} {step}")
    for rounding in fx.Rounding:
        fmt = some_format(chosen, width)
        result = some_format(chosen, chosen.choice([8, 16, 33, 64, 128]), rounding=rounding)
        if chosen.random() < 0.5:  # so that most are in range
            result = result.replace(width=128, overflow="raise")
        shape, axis = chosen.choice([((5,), 0), ((3, 4), 0), ((4, 3), 1), ((2, 3, 2), 1)])
        ((a,), _) = some_arrays(chosen, [shape], [fmt])
        if chosen.random() < 0.5:  # they need fewer bits than the format has
            a = a.astype(fx.Format(width, fmt.frac_bits, overflow="wrap")) >> chosen.randrange(8)
        edge_order = chosen.choice([1, 2])
        places = [i * Fraction(step) for i in range(shape[axis])]
        exact = np.apply_along_axis(
            lambda line, places=places, order=edge_order: checks.objects(
                exact_gradient(line.tolist(), places, order), len(line)
            ),
            *(axis, a.to_fractions()),
        )
        check_stored(
            lambda a=a, axis=axis, order=edge_order, result=result: fx.gradient(
                a, step, axis=axis, edge_order=order, format=result
            ),
            *(exact.reshape(-1), result, shape, "gradient"),
        )


@pytest.mark.parametrize("step", [0.5, 0.1])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
@pytest.mark.parametrize("shape", [(40_000,), (2, 20_000), (20_000, 2)])
def test_gradient_of_many_is_that_of_few(shape, rounding, step):
    """More elements than a block; what draws is compared by its neighbours to either side."""
    fmt = fx.Format(100, 40, rounding=rounding)
    axis = shape.index(max(shape))
    a = fx.random.uniform(shape, fmt, -4, 4, seed=1)
    with fx.seeded(3), fx.record() as events:
        found = fx.gradient(a, step, axis=axis)
    wide = fx.gradient(a, step, axis=axis, format=fx.Format(128, 64, rounding="floor"))
    if rounding == "stochastic":
        assert (abs(fx.subtract(found, wide, format=wide.format)) < fmt.resolution).all()
        with fx.seeded(3):
            assert fx.array_equal(fx.gradient(a.T.copy().T, step, axis=axis), found)
    lines = np.moveaxis(found.raw, axis, 0), np.moveaxis(a.to_fractions(), axis, 0)
    for start in (0, 16_382, 16_384, len(lines[0]) - 6):
        part = lines[1][start : start + 6].reshape(6, -1)[:, 0].tolist()
        exact = exact_gradient(part, [i * Fraction(step) for i in range(6)], 1)[1:-1]
        got = lines[0][start + 1 : start + 5].reshape(4, -1)[:, 0].tolist()
        for raw, value in zip(got, exact, strict=True):
            nearest = oracle.quantize(value, fmt.replace(rounding="nearest_even"))
            assert abs(raw - nearest) <= 1 if rounding == "stochastic" else raw == nearest
    assert events.by_operation["gradient"]["elements"] == a.size


def test_gradient_along_axes():
    values = np.arange(24.0).reshape(2, 3, 4) ** 2 / 8
    a = fx.array(values, fx.Format(64, 24))
    for args, keywords in [((), {}), ((2,), {"axis": 1}), ((0.5, 2), {"axis": (2, 0)}),
                           ((1, 2, [0, 1, 4, 5]), {}), ((), {"axis": -1})]:  # fmt: skip
        ours, numpys = np.gradient(a, *args, **keywords), np.gradient(values, *args, **keywords)
        assert type(ours) is (tuple if isinstance(numpys, tuple) else fx.FixedArray)
        if not isinstance(ours, tuple):
            ours, numpys = (ours,), (numpys,)
        for x, y in zip(ours, numpys, strict=True):
            assert np.abs(np.asarray(x) - y).max() < 2**-23
    for call, error in [
        (lambda: np.gradient(a[:1]), ValueError),
        (lambda: np.gradient(a, edge_order=3), ValueError),
        (lambda: np.gradient(a, 1, 2), TypeError),
        (lambda: np.gradient(a, [0, 1, 1, 2], axis=2), ValueError),
        (lambda: np.gradient(a, [0, 1], axis=2), ValueError),
        (lambda: np.gradient(a[0, 0, 0], axis=0), np.exceptions.AxisError),
    ]:
        with pytest.raises(error):
            call()


@pytest.mark.parametrize("fmt", [fx.Format(16, 6, rounding="floor"), fx.Format(128, 100)], ids=str)
def test_trapezoid(fmt):
    a = fixed(np.random.default_rng(2).integers(-900, 900, 12).tolist(), fmt).reshape(3, 4)
    exact, result = a.to_fractions(), fx.Format(40, 20, rounding="nearest_down")
    places = [0, 0.5, Fraction(7, 3), 3]
    for keywords, axis, x in [
        ({}, 1, [0, 1, 2, 3]),
        ({"axis": 0, "dx": "0.1"}, 0, [Fraction(i, 10) for i in range(3)]),
        ({"x": np.array(places, object)}, 1, places),
        ({"x": fx.array([1, 2, 2, 5], fx.Format(8, 0))}, 1, [1, 2, 2, 5]),
    ]:
        rows = np.moveaxis(exact, axis, -1)
        sums = [sum((Fraction(q) - Fraction(p)) * (u + v) / 2
                    for p, q, u, v in zip(x, x[1:], row, row[1:], strict=False))
                for row in rows.tolist()]  # fmt: skip
        found = fx.trapezoid(a, format=result, **keywords)
        assert raw_list(found) == [oracle.quantize(v, result) for v in sums]
    if hasattr(np, "trapezoid"):
        assert np.trapezoid(a, axis=0).format is fmt
    assert fx.trapezoid(a[:, :1]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("width_of_x", [None, 8, 64, 127, 128])
def test_trapezoid_is_rounded_once(width, width_of_x):
    chosen = random.Random(f"{width} {width_of_x}")
    for rounding in fx.Rounding:
        fmt = some_format(chosen, width)
        result = some_format(chosen, chosen.choice([8, 64, 128]), rounding=rounding)
        shape, axis = chosen.choice([((5,), 0), ((3, 4), 0), ((4, 3), 1), ((2, 1, 3), 0)])
        ((y,), _) = some_arrays(chosen, [shape], [fmt])
        exact = np.moveaxis(y.to_fractions(), axis, -1)
        if width_of_x is None:
            step = chosen.choice([1, 0.1, -3, Fraction(2, 7), 2.0**-60])
            keywords = {"dx": step}
            places = np.broadcast_to([i * Fraction(step) for i in range(shape[axis])], exact.shape)
        else:
            x = few_bits(chosen, width_of_x, chosen.choice([shape, (shape[axis],)]))
            keywords, places = {"x": x}, x.to_fractions()
            if x.ndim > 1:
                places = np.moveaxis(places, axis, -1)
            places = np.broadcast_to(places, exact.shape)
        areas = (places[..., 1:] - places[..., :-1]) * (exact[..., 1:] + exact[..., :-1]) / 2
        check_stored(
            lambda y=y, axis=axis, keywords=keywords, result=result: fx.trapezoid(
                y, axis=axis, format=result, **keywords
            ),
            *(areas.sum(-1, keepdims=True).reshape(-1), result, exact.shape[:-1], "trapezoid"),
        )


def few_bits(chosen, width, shape):
    """An array whose elements need all bits of their format, or by chance not nearly."""
    fmt = some_format(chosen, width)
    few = fx.Format(min(7, fmt.width), 0, fmt.signed) if chosen.random() < 0.5 else fmt
    ((a,), _) = some_arrays(chosen, [shape], [few])
    return a if few is fmt else fx.FixedArray.from_raw(a.raw, fmt)


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("width_of_x", [8, 16, 40, 128])
def test_gradient_at_uneven_places_is_rounded_once(width, width_of_x):
    chosen = random.Random(f"{width} {width_of_x}")
    for rounding in fx.Rounding:
        result = some_format(chosen, chosen.choice([8, 64, 128]), rounding=rounding)
        shape, axis = chosen.choice([((5,), 0), ((3, 4), 0), ((4, 3), 1), ((2, 3, 2), 1)])
        a = few_bits(chosen, width, shape)
        x = few_bits(chosen, width_of_x, (shape[axis],))
        places, edge_order = x.to_fractions().tolist(), chosen.choice([1, 2])
        if len({*places}) < len(places):
            with pytest.raises((ValueError, ZeroDivisionError)):
                fx.gradient(
                    a, fx.FixedArray.from_raw(x.raw[:1].repeat(len(x)), x.format), axis=axis
                )
            continue
        exact = np.apply_along_axis(
            lambda line, places=places, order=edge_order: checks.objects(
                exact_gradient(line.tolist(), places, order), len(line)
            ),
            *(axis, a.to_fractions()),
        )
        check_stored(
            lambda a=a, x=x, axis=axis, order=edge_order, result=result: fx.gradient(
                a, x, axis=axis, edge_order=order, format=result
            ),
            *(exact.reshape(-1), result, shape, "gradient"),
        )


@pytest.mark.parametrize("width", [8, 64, 128])
@pytest.mark.parametrize(
    ("places", "where"),
    [([0, 0, 1, 2], "0 and 1"), ([0, 1, 0, 2], "0 and 2"), ([0, 1, 2, 2], "2 and 3")],
)
def test_gradient_at_places_that_are_the_same(width, places, where):
    a = fx.array([1, 2, 4, 7], fx.Format(width, 1))
    for edge_order in (1, 2):
        with pytest.raises(ValueError, match=f"elements {where} lie at one place, [02]: a dist"):
            fx.gradient(a, places, edge_order=edge_order)
    with pytest.raises(ValueError, match="a distance is 0"):
        fx.gradient(a, 0)
