"""Reductions with initial= and where=, and ufunc.reduceat, against the oracle and NumPy."""

import inspect
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    SEED,
    along,
    check_stored,
    exact_values,
    fixed,
    layouts,
    objects,
    random_word,
    raw_list,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.context import blocks
from fxtypes.interop import reduceat

Q = fx.Format(16, 8)
HUGE = 3 << 200  # no format holds it


@st.composite
def selected(draw, formats=strategies.formats()):  # noqa: B008 - a strategy is immutable
    """(array, axis, mask, the chosen elements' exact values by output, the outputs' shape)."""
    fmt, shape = draw(formats), draw(strategies.shapes(3, 4))
    x = fixed(draw(strategies.raw_lists(fmt, shape)), fmt, shape, draw(layouts))
    axis = draw(st.none() | st.sampled_from(range(len(shape))) if shape else st.none())
    smaller = tuple(draw(st.sampled_from([1, n])) for n in shape)
    mask = np.array(
        draw(
            st.lists(st.booleans(), min_size=int(np.prod(smaller)), max_size=int(np.prod(smaller)))
        ),
        bool,
    ).reshape(smaller)
    parts, outputs = along(objects(exact_values(x), shape), axis)
    used, _ = along(np.broadcast_to(mask, shape), axis)
    groups = [
        [v for v, take in zip(*pair, strict=True) if take] for pair in zip(parts, used, strict=True)
    ]
    return x, axis, mask, groups, outputs


def reduced(x, axis):
    """How many elements each output is made of, chosen or not."""
    return x.size if axis is None else x.shape[axis]


@st.composite
def firsts(draw):
    """(initial=, its exact value)"""
    kind = draw(st.sampled_from(["none", "int", "huge", "fixed"]))
    if kind == "none":
        return None, None
    if kind == "fixed":
        fmt = draw(strategies.formats())
        raw = draw(strategies.raws(fmt))
        return fixed([raw], fmt, ()), oracle.value(raw, fmt)
    number = HUGE if kind == "huge" else draw(st.integers(-300, 300))
    return number, Fraction(number)


@given(selected(), firsts(), st.none() | strategies.formats())
def test_sum(case, first, target):
    x, axis, mask, groups, shape = case
    initial, start = first
    exact = [sum(group, start or Fraction(0)) for group in groups]
    result = target or x.format

    def function():
        return fx.sum(x, axis, target, initial=initial, where=mask)

    def numpys():
        return np.sum(x, axis=axis, dtype=target, initial=initial, where=mask)

    def method():
        return x.sum(axis, target, None, False, initial, mask)

    for compute in (function, numpys, method):
        check_stored(compute, exact, result, shape, "sum")


@given(selected(), st.none() | strategies.formats())
def test_mean(case, target):
    x, axis, mask, groups, shape = case

    def compute():
        return fx.mean(x, axis, target, where=mask)

    if not all(groups) or not reduced(x, axis):
        with pytest.raises(ValueError, match="mean of no elements"):
            compute()
        return
    exact = [sum(group, Fraction(0)) / len(group) for group in groups]
    check_stored(compute, exact, target or x.format, shape, "mean")
    check_stored(
        lambda: np.mean(x, axis, where=mask, dtype=target), exact, target or x.format, shape
    )


@given(selected(), firsts(), st.none() | strategies.formats(), st.sampled_from(["min", "max"]))
def test_extremes(case, first, target, name):
    x, axis, mask, groups, shape = case
    initial, start = first

    def compute():
        return getattr(fx, name)(x, axis, initial=initial, where=mask, format=target)

    if initial is None:
        with pytest.raises(ValueError, match=f"{name} with where= needs initial="):
            compute()
        return
    choose = min if name == "min" else max
    exact = [choose([*group, start]) for group in groups]
    check_stored(compute, exact, target or x.format, shape, name)


@given(selected(), firsts(), st.sampled_from(["min", "max", "sum"]))
def test_initial_alone(case, first, name):
    x, axis, _, _, shape = case
    initial, start = first
    if initial is None:
        return
    lines = np.moveaxis(x.to_fractions(), axis, -1) if axis is not None else x.to_fractions()
    groups = lines.reshape(*shape, -1) if x.size else np.empty((*shape, 0), object)
    combine = {"min": min, "max": max, "sum": sum}[name]
    exact = [combine([*groups[place], start]) for place in np.ndindex(shape)]
    check_stored(lambda: getattr(fx, name)(x, axis, initial=initial), exact, x.format, shape, name)


@given(
    selected(strategies.formats(overflow=strategies.non_raising_overflows)),
    st.none() | st.integers(-3, 3),
    strategies.formats(overflow=strategies.non_raising_overflows),
)
def test_prod(case, initial, target):
    x, axis, mask, groups, shape = case
    expected, counts = [], dict.fromkeys(("overflow", "underflow", "inexact"), 0)
    for index, group in enumerate(groups):
        factors = ([] if initial is None else [Fraction(initial)]) + group
        raws, exacts = oracle.running_products(
            factors or [Fraction(1)], target, lambda k, i=index: random_word(SEED, 0, i, k)
        )
        steps = [oracle.events(e, target, random_word(SEED, 0, index, k))
                 for k, e in enumerate(exacts)]  # fmt: skip
        for key in counts:
            counts[key] += any(step[key] for step in steps)
        expected.append(raws[-1])

    def compute():
        return fx.prod(x, axis, target, initial=initial, where=mask)

    if (
        oracle.format_of_all(
            [x.format, *[fx.Format(8, 0)] * (initial is not None), fx.Format(2, 0)]
        )
        is None
    ):
        with pytest.raises(fx.FormatError, match="no format of 128 bits holds"):
            compute()
        return
    with fx.seeded(SEED), fx.record() as events:
        found = compute()
    assert found.shape == shape
    assert raw_list(found) == expected
    assert events.by_operation["prod"] == {**counts, "elements": len(expected)}


@pytest.mark.parametrize("mode", ["saturate", "raise"])
def test_prod_in_pieces_makes_no_difference(monkeypatch, mode):
    x = fx.random.uniform((4, 7, 5), fx.Format(16, 8), low=0.5, high=1.6, seed=2).transpose(1, 0, 2)
    mask = np.random.default_rng(1).random(x.shape) < 0.6
    target = fx.Format(10, 4, rounding="stochastic", overflow=mode)

    def outcome(axis, **options):
        with fx.seeded(SEED), fx.record() as events:
            try:
                found = raw_list(fx.prod(x, axis, target, **options))
            except fx.FixedOverflowError as error:
                found = str(error)
        return found, events.by_operation

    chosen = ({}, {"where": mask}, {"initial": 3}, {"where": mask, "initial": 8})
    calls = [(axis, options) for axis in (None, 0, (1, 2), (0, 1)) for options in chosen]
    expected = [outcome(axis, **options) for axis, options in calls]
    for size in (1, 6, 30):
        monkeypatch.setattr(blocks, "SIZE", size)
        assert [outcome(axis, **options) for axis, options in calls] == expected


@given(selected(), st.sampled_from([0, 1, 0.5]), st.none() | strategies.formats())
def test_var_and_std(case, ddof, target):
    x, axis, mask, groups, shape = case
    result = target or x.format
    if any(len(group) <= ddof for group in groups) or reduced(x, axis) <= ddof:
        with pytest.raises(ValueError, match="ddof"):
            fx.var(x, axis, ddof=ddof, where=mask)
        return
    exact = [oracle.exact_variance(group, ddof) for group in groups]
    check_stored(
        lambda: fx.var(x, axis, target, ddof=ddof, where=mask), exact, result, shape, "var"
    )
    roots = [oracle.stand_in_for_root(v, result) for v in exact]
    check_stored(lambda: np.std(x, axis, target, None, ddof, where=mask), roots, result, shape)


@given(selected())
def test_any_all(case):
    x, axis, mask, _, _ = case
    truth = np.array([v != 0 for v in exact_values(x)], bool).reshape(x.shape)
    for name in ("any", "all"):
        expected = getattr(np, name)(truth, axis=axis, where=mask)
        for module in (fx, np):
            found = getattr(module, name)(x, axis=axis, where=mask)
            assert type(found) is type(expected)
            np.testing.assert_array_equal(found, expected)
        out = np.empty(np.shape(expected), bool)
        assert getattr(x, name)(axis, out, where=mask) is out
        np.testing.assert_array_equal(out, expected)


def test_floats_are_rounded_into_the_array_first():
    x = fx.array([1, 2], fx.Format(8, 2))
    wide = fx.Format(32, 16)
    assert fx.sum(x, format=wide, initial=0.3).item() == Fraction(13, 4)  # 0.3 is 0.25 there
    for name in ("sum", "min", "prod"):
        with pytest.raises(fx.FixedOverflowError):
            getattr(fx, name)(x, format=wide, initial=1000.0)


def test_one_rounding_with_an_initial_value():
    coarse = fx.Format(8, 0)
    x = fx.array([0.25], fx.Format(8, 2))
    assert fx.sum(x, format=coarse, initial=fx.array(0.25, fx.Format(8, 2))).item() == 0
    assert fx.sum(x, format=coarse, initial=fx.array(0.5, fx.Format(8, 2))).item() == 1


def test_full_precision_has_room_for_the_initial_value():
    x = fx.array([127, 127, 127], fx.Format(8, 0))
    with fx.full_precision():
        assert fx.sum(x, initial=fx.array(127, x.format)).item() == 4 * 127
        assert fx.sum(x, initial=1 << 20).item() == 3 * 127 + (1 << 20)
        assert fx.sum(x, where=[True, False, True]).format == fx.Format(10, 0)
        with pytest.raises(fx.FormatError):
            fx.sum(x, initial=HUGE)


@pytest.mark.parametrize("name", ["sum", "prod", "min", "max", "mean", "var", "std", "any", "all"])
def test_bad_masks(name):
    x = fx.ones((2, 3), Q)
    more = {} if name in ("mean", "var", "std", "any", "all") else {"initial": 1}
    for call in (getattr(fx, name), getattr(np, name)):
        for mask in (1, [0, 1, 1], "yes", np.ones(3), x, x != 2.5):
            if mask is not True and np.asarray(mask).dtype == bool:
                call(x, where=mask, **more)
                continue
            with pytest.raises(TypeError, match="where="):
                call(x, where=mask, **more)
        with pytest.raises(ValueError, match="broadcast"):
            call(x, where=np.ones(2, bool), **more)
        with pytest.raises(ValueError, match="broadcast"):
            call(x, where=np.ones((2, 2, 3), bool), **more)


@pytest.mark.parametrize("initial", [[1, 2], np.ones(1), "1", None, 1j, fx.ones(1, Q)])
def test_bad_initial_values(initial):
    x = fx.ones(3, Q)
    if initial is None:
        assert fx.sum(x, initial=None).item() == 3
        return
    for call in (fx.sum, np.sum, fx.prod, fx.min):
        with pytest.raises(TypeError):
            call(x, initial=initial)


def test_nothing_with_an_initial_value():
    empty = fx.zeros((0, 2), Q)
    assert exact_values(fx.min(empty, 0, initial=3)) == [3, 3]
    assert exact_values(fx.max(empty, 0, initial=-3)) == [-3, -3]
    assert exact_values(fx.prod(empty, 0, initial=5)) == [5, 5]
    assert exact_values(fx.sum(empty, 0, initial=5)) == [5, 5]
    # Beyond all of the array's own values.
    assert fx.min(empty, initial=1 << 20, format=fx.Format(32, 0)).item() == 1 << 20
    x = fx.ones(2, Q)
    assert fx.min(x, initial=1 << 20, where=False, format=fx.Format(32, 0)).item() == 1 << 20


def test_out_and_keepdims():
    x = fx.array([[1, 2], [3, 4]], Q)
    out = fx.zeros((1, 2), fx.Format(32, 4))
    mask = [[True, False], [True, True]]
    assert fx.sum(x, 0, out=out, keepdims=True, initial=0.5, where=mask) is out
    assert exact_values(out) == [Fraction(9, 2), Fraction(9, 2)]
    assert np.add.reduce(x, 0, None, out, True, 0.5, mask) is out
    assert exact_values(out) == [Fraction(9, 2), Fraction(9, 2)]
    places = np.zeros(2, np.intp)
    assert x.argmax(0, places) is places
    for wrong in ([0, 0], 5, "out", fx.zeros(2, Q)):
        with pytest.raises(TypeError, match="out= must be"):
            fx.argmax(x, 0, out=wrong)
        with pytest.raises(TypeError, match="out= must be"):
            fx.any(x, 0, out=wrong)
    with pytest.raises(TypeError, match="out= must be"):
        fx.sum(x, 0, out=np.zeros(2))


# What ours have that NumPy's don't, and what NumPy's have that is refused by name.
@pytest.mark.parametrize(
    "name",
    ["sum", "prod", "min", "max", "mean", "var", "std", "any", "all", "cumsum", "cumprod", "ptp",
     "argmax", "argmin"],
)  # fmt: skip
def test_parameters_are_numpys_in_numpys_order(name):
    numpys = [p for p in inspect.signature(getattr(np, name)).parameters if p != "kwargs"]
    numpys = ["format" if p == "dtype" else p for p in numpys if p not in ("mean", "correction")]
    ours = [p for p in inspect.signature(getattr(fx, name)).parameters]
    if "format" not in numpys and "format" in ours:
        ours.remove("format")
    assert ours == numpys


def test_refused_keywords_say_why():
    x = fx.ones(3, Q)
    with pytest.raises(TypeError, match=r"np\.var of FixedArrays takes no mean=.*exact mean"):
        np.var(x, mean=1)
    with pytest.raises(TypeError, match=r"average .*weights"):
        np.average(x, weights=[1, 2, 3])
    assert np.var(x, correction=1).item() == 0


# --- reduceat -------------------------------------------------------------------------------

REDUCEAT = {"add": "sum", "multiply": "prod", "minimum": "min", "maximum": "max"}


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows),
       st.sampled_from(list(REDUCEAT)))  # fmt: skip
def test_reduceat(data, fmt, name):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple))
    x = fixed(data.draw(strategies.raw_lists(fmt, shape)), fmt, shape, data.draw(layouts))
    axis = data.draw(st.integers(0, len(shape) - 1))
    n = shape[axis]
    indices = data.draw(st.lists(st.integers(0, n - 1), max_size=5))
    target = data.draw(strategies.formats(overflow=strategies.non_raising_overflows))
    values = np.moveaxis(x.to_fractions(), axis, -1)
    segments = [
        slice(start, max(end, start + 1))
        for start, end in zip(indices, [*indices[1:], n], strict=False)
    ]
    result_shape = tuple(len(indices) if a == axis else m for a, m in enumerate(shape))
    parts = np.empty((*values.shape[:-1], len(indices)), object)
    for place in np.ndindex(values.shape[:-1]):
        for i, segment in enumerate(segments):
            parts[(*place, i)] = values[place][segment].tolist()
    parts = list(np.moveaxis(parts, -1, axis).flat)

    def compute():
        return getattr(np, name).reduceat(x, indices, axis, target)

    if name != "multiply":
        fold = {"add": sum, "minimum": min, "maximum": max}[name]
        check_stored(compute, [fold(p) for p in parts], target, result_shape, REDUCEAT[name])
        return
    expected = []
    for index, part in enumerate(parts):
        raws, _ = oracle.running_products(
            part, target, lambda k, i=index: random_word(SEED, 0, i, k)
        )
        expected.append(raws[-1])
    if (
        oracle.format_of_all([fmt, fx.Format(2, 0)]) is None
        and len({len(part) for part in parts}) > 1
    ):
        with pytest.raises(fx.FormatError, match="no format of 128 bits holds"):
            compute()
        return
    with fx.seeded(SEED):
        found = compute()
    assert found.shape == result_shape
    assert raw_list(found) == expected


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("width", "frac_bits"), [(8, 4), (32, 16), (62, 0), (63, 9), (64, 64),
                                                  (65, 8), (128, 100), (128, -160), (128, -161),
                                                  (128, -256)])  # fmt: skip
def test_reduceat_sums_exactly_at_the_ends_of_a_format(width, frac_bits, signed):
    fmt = fx.Format(width, frac_bits, signed)
    raws = [fmt.raw_min, fmt.raw_max] * 3 + [fmt.raw_max] * 5 + [fmt.raw_min] * 5
    coarse = fx.Format(128, max(frac_bits - 8, -256), signed)
    sums = [sum(raws[:6]), sum(raws[6:11]), sum(raws[11:])]
    found = np.add.reduceat(fx.FixedArray.from_raw(raws, fmt), [0, 6, 11], 0, coarse)
    unit = oracle.value(1, fmt)
    assert raw_list(found) == [oracle.quantize(unit * s, coarse) for s in sums]


@pytest.mark.parametrize("name", ["add", "multiply", "minimum", "maximum"])
@pytest.mark.parametrize("width", [16, 64, 128])
@pytest.mark.parametrize("mode", ["saturate", "raise"])
def test_reduceat_in_parts_makes_no_difference(monkeypatch, width, mode, name):
    fmt = fx.Format(width, 4)
    x = fx.random.uniform((40, 30, 3), fmt, low=-1000, high=1000, seed=5)
    target = fx.Format(12, 1, rounding="stochastic", overflow=mode)

    def outcome(axis, indices):
        with fx.seeded(SEED), fx.record() as events:
            try:
                found = raw_list(getattr(np, name).reduceat(x, indices, axis, target))
            except fx.FixedOverflowError as error:
                found = str(error)
        return found, events.by_operation

    calls = [
        (axis, indices)
        for axis in (0, 1)
        for indices in ([0], [7, 3, 3, 20, 1, 29, 0], [*range(30)], [*range(29, -1, -1)], [])
    ]
    expected = [outcome(*call) for call in calls]
    for size in (1, 50, 700):
        monkeypatch.setattr(reduceat, "_BUFFER", 2 * size)
        monkeypatch.setattr(blocks, "SIZE", size)
        assert [outcome(*call) for call in calls] == expected


def test_reduceat_of_truth_values_and_of_others():
    x = fx.array([0, 1, 0, 0], Q)
    for name in ("logical_or", "logical_and", "logical_xor"):
        ufunc = getattr(np, name)
        expected = ufunc.reduceat([False, True, False, False], [0, 2, 1])
        np.testing.assert_array_equal(ufunc.reduceat(x, [0, 2, 1]), expected)
    for name in ("subtract", "divide", "power", "less", "bitwise_and", "hypot"):
        with pytest.raises(TypeError, match=rf"{name}.*(reduceat|refuses)"):
            getattr(np, name).reduceat(x, [0])


@pytest.mark.parametrize("name", REDUCEAT)
def test_bad_calls_of_reduceat(name):
    ufunc, x = getattr(np, name), fx.ones((3, 2), Q)
    for index in (3, -1, 1 << 70):
        with pytest.raises((IndexError, TypeError, OverflowError)):
            ufunc.reduceat(x, [0, index])
    with pytest.raises(TypeError, match="indices"):
        ufunc.reduceat(x, [0.5])
    with pytest.raises(TypeError, match="indices"):
        ufunc.reduceat(x, fx.zeros(1, Q))
    with pytest.raises(ValueError, match="one axis"):
        ufunc.reduceat(x, [[0]])
    with pytest.raises(np.exceptions.AxisError):
        ufunc.reduceat(x, [0], axis=2)
    with pytest.raises(TypeError, match=r"no FixedArray|expected a FixedArray"):
        ufunc.reduceat(np.ones(3), [0], out=fx.zeros(1, Q))
    assert ufunc.reduceat(x, [], axis=1).shape == (3, 0)
    out = fx.zeros((2, 2), fx.Format(32, 4))
    assert ufunc.reduceat(x, [0, 1], 0, None, out) is out
    assert out[0, 0].item() == 1
