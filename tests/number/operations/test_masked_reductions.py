"""Reductions with initial= and where=."""

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

    if not all(groups):
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


@given(selected(), st.sampled_from([0, 1, 0.5, -1]), st.none() | strategies.formats())
def test_var_and_std(case, ddof, target):
    x, axis, mask, groups, shape = case
    result = target or x.format
    if any(len(group) <= max(ddof, 0) for group in groups):
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
    for name in ("sum", "prod"):
        with pytest.raises(fx.FixedOverflowError):
            getattr(fx, name)(x, format=wide, initial=1000.0)
    assert fx.max(x, format=wide, initial=1000.0).item() == 1000


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
