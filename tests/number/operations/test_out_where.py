"""out= and where= of the elementwise functions; errors that leave targets alone."""

import re

import numpy as np
import oracle
import pytest
import strategies
from checks import SEED, broadcast, fixed, layouts, message_of, raw_list, words
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import fxtypes as fx
from fxtypes.elementary import registry

BINARY = {
    **oracle.BINARY,
    "floor_divide": oracle.exact_floor_divide,
    "remainder": oracle.exact_remainder,
}

UNARY = ("negative", "absolute", "positive", "invert", "sign", "square", "floor", "ceil", "trunc")

FMT = fx.Format(16, 8)
Q = fx.Format(8, 4)
X = fx.array([1, 2, 3], Q)


def check_where(compute, exacts, mask, fmt, before, name):
    """`exacts` are None where skipped; `before` is what stands there."""
    random_words = words(fmt, len(exacts))
    low, high = oracle.result_limits(fmt)
    counts, expected, beyond = dict.fromkeys(("overflow", "underflow", "inexact"), 0), [], 0
    for exact, u, old in zip(exacts, random_words, before, strict=True):
        if exact is None:
            expected.append(old)
            continue
        for key, count in oracle.events(exact, fmt, u).items():
            counts[key] += count
        rounded = oracle.round_value(exact, fmt, u)
        beyond += not low <= rounded <= high
        expected.append(
            None if beyond and fmt.overflow == "raise" else oracle.overflow(rounded, fmt)
        )
    counts["elements"] = sum(exact is not None for exact in exacts)
    with fx.seeded(SEED), fx.record() as events:
        if beyond and fmt.overflow == "raise":
            with pytest.raises(fx.FixedOverflowError, match=f"{beyond} of {counts['elements']} "):
                compute()
            return False
        result = compute()
    assert raw_list(result) == expected
    assert events.by_operation[name] == counts
    return True


@given(st.data(), st.sampled_from(list(BINARY)), strategies.formats(), st.booleans())
def test_where(data, name, fmt, with_out):
    """Skipped operands are what would be a pole, or overflow; draws keep their places."""
    drawn = data.draw(mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
    x_shape, y_shape, mask_shape = drawn.input_shapes
    x_raws = data.draw(strategies.raw_lists(fmt, x_shape))
    y_raws = data.draw(strategies.raw_lists(fmt, y_shape))
    x, y = fixed(x_raws, fmt, x_shape, data.draw(layouts)), fixed(y_raws, fmt, y_shape)
    size = int(np.prod(mask_shape, dtype=int))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool)
    mask = mask.reshape(mask_shape)
    shape = drawn.result_shape
    xs, ys = broadcast(x_raws, fmt, x_shape, shape), broadcast(y_raws, fmt, y_shape, shape)
    if name in ("divide", "floor_divide", "remainder"):
        mask = np.array(np.broadcast_to(mask, shape))
        mask[np.array([v == 0 for v in ys], bool).reshape(shape)] = False
    wanted = np.broadcast_to(mask, shape).reshape(-1).tolist()
    exacts = [BINARY[name](a, b) if w else None for a, b, w in zip(xs, ys, wanted, strict=True)]
    target = data.draw(st.just(fmt) | strategies.formats())
    before = [0] * len(exacts)
    out = None
    if with_out:
        before = data.draw(strategies.raw_lists(target, shape))
        out = fixed(before, target, shape, data.draw(layouts))

    def compute():
        if with_out:
            assert getattr(fx, name)(x, y, out=out, where=mask) is out
            return out
        return getattr(fx, name)(x, y, format=target, where=mask)

    if not check_where(compute, exacts, wanted, target, before, name) and with_out:
        assert raw_list(out) == before


@given(st.data(), st.sampled_from(UNARY), strategies.formats())
def test_where_of_one_operand(data, name, fmt):
    raws = data.draw(strategies.raw_lists(fmt, (6,)))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=6, max_size=6)))
    x, target = fixed(raws, fmt), data.draw(st.just(fmt) | strategies.formats())
    function = getattr(fx, name)
    quiet = target.replace(overflow="saturate")
    with fx.seeded(SEED):
        whole = raw_list(function(x, format=quiet))
    with fx.seeded(SEED), fx.record() as events:
        found = raw_list(function(x, format=quiet, where=mask))
    assert found == [raw if w else 0 for raw, w in zip(whole, mask, strict=True)]
    assert events.elements == mask.sum()


@pytest.mark.parametrize("name", [n for n, f in registry.FUNCTIONS.items() if f.arguments == 1])
@pytest.mark.parametrize("width", [16, 64])
def test_where_of_elementary_functions(name, width):
    domain = registry.FUNCTIONS[name].domain
    bad = -2 if domain is None or domain.low >= 0 else domain.low - 1
    good = [1, 2] if name == "arccosh" else [0.5, 0.25]
    x = fx.array([bad, *good, bad], fx.Format(width, 8))
    mask = np.array([False, True, True, False])
    with fx.record() as events:
        found = getattr(fx, name)(x, where=mask)
    assert raw_list(found) == [0, *raw_list(getattr(fx, name)(x[1:3])), 0]
    assert events.elements == 2
    out = x.copy()
    getattr(fx, name)(x, out=out, where=mask)
    assert raw_list(out)[::3] == raw_list(x)[::3]


def test_skipped_operands_of_other_kinds_do_not_matter():
    x = fx.array([1, 2, 3], FMT)
    mask = np.array([True, False, True])
    for other in (
        np.array([1, np.nan, 2]),
        [1.0, 1e300, 2.0],
        np.array([1, np.inf, 2]),
        [1, 10**90, 2],
    ):
        with fx.record() as events:
            assert fx.add(x, other, where=mask).tolist() == [2, 0, 5]
        assert events.by_operation["add"]["elements"] == 2
        assert events.by_operation.get("convert", {"elements": 2})["elements"] == 2
    assert fx.left_shift(x, [1, 400, 1], where=mask).tolist() == [2, 0, 6]
    assert fx.power(x - 1, [1, 1, -1], where=[False, True, True]).tolist() == [0, 1, 0.5]
    assert fx.power(x - 1, [-1, 1, -1], where=[False, True, True]).tolist() == [0, 1, 0.5]
    assert fx.add(x, np.nan, where=False).tolist() == [0, 0, 0]
    for mask in ([1, 0, 1], np.array([1.0, 0, 1]), "yes", None):
        with pytest.raises(TypeError, match="where"):
            fx.add(x, x, where=mask)
    with pytest.raises(ValueError, match=r"shape|broadcast"):
        fx.add(x, x, where=[True, False])
    assert fx.add(x[:1], x[:1], where=[True, False]).tolist() == [2, 0]


def test_out_and_format():
    x, wide = fx.array([1.5, 2], FMT), fx.Format(32, 20)
    out = fx.zeros(2, wide)
    assert fx.add(x, 1, out=out) is out
    assert out.tolist() == [2.5, 3]
    assert fx.add(x, x, format=wide, out=out) is out
    with pytest.raises(fx.FormatError, match="out="):
        fx.add(x, x, format=FMT, out=out)
    for bad in (np.zeros(2), np.zeros(2, np.int16), np.zeros(2, object), [0, 0], 3):
        with pytest.raises(TypeError, match="out="):
            fx.add(x, x, out=bad)
        with pytest.raises(TypeError):
            np.add(x, x, out=bad)
    with pytest.raises(ValueError, match="shape"):
        fx.add(x, x, out=fx.zeros(3, FMT))
    with pytest.raises(ValueError, match="shape"):
        fx.add(x, x, out=fx.zeros((), FMT))
    larger = fx.zeros((3, 2), FMT)
    assert fx.add(x, x, out=larger).tolist() == [[3, 4]] * 3  # as NumPy
    assert np.add(x, 1, out=out, where=[False, True]).tolist() == [3, 3]


def test_divmod_into_two():
    x = fx.array([7.5, -7.5], FMT)
    q, r = fx.zeros(2, FMT), fx.zeros(2, FMT)
    found = fx.divmod(x, 2, out=(q, r))
    assert found[0] is q
    assert found[1] is r
    assert (q.tolist(), r.tolist()) == ([3, -4], [1.5, 0.5])
    for bad in (q, (q,), (q, r, q), (), np.zeros(2)):
        with pytest.raises(TypeError, match="out="):
            fx.divmod(x, 2, out=bad)
    with pytest.raises(TypeError, match="out="):
        fx.add(x, x, out=(q, r))
    found = fx.divmod(x, 4, out=(None, r), where=[True, False])
    assert (found[0].tolist(), r.tolist()) == ([1, 0], [3.5, 0.5])


@pytest.mark.parametrize("width", [16, 64, 128])
def test_errors_leave_targets_alone(width):
    fmt = fx.Format(width, 4, overflow="raise")
    x = fx.array([1, 2, 3], fmt)
    top = fixed([fmt.raw_max] * 3, fmt)
    before = raw_list(x)
    for change in (
        lambda: x.__iadd__(top),
        lambda: x.__imul__(top),
        lambda: x.__ilshift__(width),
        lambda: x.__ipow__(500),
        lambda: x.__itruediv__([1, 0, 1]),
        lambda: x.__imod__(0),
        lambda: fx.add(x, top, out=x),
        lambda: fx.add(x, top, out=x, where=[False, False, True]),
        lambda: fx.cumprod(top, out=x),
        lambda: fx.divmod(x, [1, 1, 0], out=(x, None)),
        lambda: x.__setitem__(slice(None), [1, 2, fmt.max + 1]),
    ):
        with pytest.raises((fx.FixedOverflowError, ZeroDivisionError)):
            change()
        assert raw_list(x) == before


def test_comparisons_into_booleans():
    x = fx.array([1, 2, 3], FMT)
    out = np.array([True, True, True])
    assert fx.less(x, 2, out=out) is out
    assert out.tolist() == [True, False, False]
    assert fx.greater(x, 0, where=[True, False, True]).tolist() == [True, False, True]
    fx.greater(x, 0, out=out, where=[False, True, False])
    assert out.tolist() == [True, True, False]
    for bad in (np.zeros(3), fx.zeros(3, FMT), [0, 0, 0]):
        with pytest.raises(TypeError, match="out="):
            fx.less(x, 2, out=bad)


def test_divmod_into_two_formats_rounds_each_once():
    fine, coarse = fx.Format(16, 4), fx.Format(16, 1)
    x = fx.array([7.4375, -7.4375], fx.Format(16, 4))
    for outs in ((coarse, fine), (fine, coarse)):
        q, r = fx.zeros(2, outs[0]), fx.zeros(2, outs[1])
        with fx.record() as events:
            assert fx.divmod(x, 3, out=(q, r))[0] is q
        assert raw_list(q) == raw_list(fx.floor_divide(x, 3, format=outs[0]))
        assert raw_list(r) == raw_list(fx.remainder(x, 3, format=outs[1]))
        assert events.by_operation["divmod"]["elements"] == 4
    # One alone leaves the other in the usual format.
    q, r = fx.divmod(x, 3, out=(None, fx.zeros(2, coarse)))
    assert (q.format, r.format) == (x.format, coarse)
    with pytest.raises(fx.FormatError, match="out="):
        fx.divmod(x, 3, format=fine, out=(fx.zeros(2, fine), fx.zeros(2, coarse)))


def test_divmod_leaves_both_as_they_were():
    low = fx.Format(4, 0, overflow="raise")
    x = fx.array([100, 1], FMT)
    q, r = fx.ones(2, FMT), fx.ones(2, low)
    with pytest.raises(fx.FixedOverflowError):
        fx.divmod(x, 60, out=(q, r))  # 100 % 60
    assert raw_list(q) == [256, 256]
    assert raw_list(r) == [1, 1]


@pytest.mark.parametrize(
    "out", [[1, 2], 5, "out", (), (1,), {}, np.zeros(2), np.zeros(2, int), ...]
)
def test_what_is_no_array_is_no_out(out):
    x = fx.ones(2, FMT)
    calls = {
        "add": lambda: fx.add(x, x, out=out),
        "sqrt": lambda: fx.sqrt(x, out=out),
        "round": lambda: x.round(out=out),
        "left_shift": lambda: fx.left_shift(x, 1, out=out),
        "power": lambda: fx.power(x, 2, out=out),
        "clip": lambda: fx.clip(x, 0, 1, out=out),
        "divmod": lambda: fx.divmod(x, x, out=out),
        "sum": lambda: fx.sum(x, 0, out=out),
        "cumsum": lambda: x.cumsum(out=out),
        "prod": lambda: np.prod(x, out=out),
        "var": lambda: np.var(x, 0, out=out),
        "matmul": lambda: fx.matmul(x, x, out=out),
        "(dot|matmul)": lambda: np.dot(x, x, out=out),
        "less": lambda: fx.less(x, x, out=out),
        "mean": lambda: np.mean(x, out=out),
    }
    for name, call in calls.items():
        with pytest.raises(TypeError, match=rf"{name}: out= must be") as info:
            call()
        kind = type(out).__name__
        assert re.search(rf"got ({kind}|an array of|one of|a tuple of|int$)", str(info.value))


FUNCTIONS = {
    "add": lambda out: fx.add(X, X, out=out),
    "multiply": lambda out: fx.multiply(X, 2, out=out),
    "divide": lambda out: fx.divide(X, X, out=out),
    "absolute": lambda out: fx.absolute(X, out=out),
    "round": lambda out: fx.round(X, out=out),
    "clip": lambda out: fx.clip(X, 0, 1, out=out),
    "sum": lambda out: fx.sum(X.reshape(1, 3), axis=0, out=out),
    "cumsum": lambda out: fx.cumsum(X, out=out),
    "matmul": lambda out: fx.matmul(X, fx.eye(3, format=Q), out=out),
    "np.add": lambda out: np.add(X, X, out=out),
    "np.sum": lambda out: np.sum(X.reshape(1, 3), axis=0, out=out),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_out_of_another_kind(name):
    call = FUNCTIONS[name]
    for shape in ((2,), (4,), (), (3, 1)):
        out = fx.zeros(shape, Q)
        text = message_of(ValueError, call, out)
        assert str(shape) in text
        assert not out.raw.any()
    for out in (np.zeros(3), np.zeros(3, int), np.zeros(3, object)):
        text = message_of(TypeError, call, out)
        assert "out=" in text
        assert name.removeprefix("np.") in text
        assert not out.any()
    fine = fx.Format(32, 16, rounding="floor")  # another format is fine, rounded once into it
    out = fx.zeros(3, fine)
    assert call(out) is out
    assert out.format is fine
    if not name.startswith("np."):
        with pytest.raises(fx.FormatError, match=r"out= has .* format= is"):
            fx.add(X, X, format=Q, out=out)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("fmt", "skipped"), [(fx.Format(32, 16), 32768), (fx.Format(32, 8), 1)])
def test_operands_that_where_skips_are_harmless(fmt, skipped, dtype):
    a = fx.array([1, 2], fmt)
    found = fx.add(a, np.array([skipped, 1], dtype), where=np.array([False, True]))
    assert found.tolist() == [0, 3]
