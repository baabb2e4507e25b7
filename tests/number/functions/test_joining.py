"""concatenate, stack and kin."""

import numpy as np
import oracle
import pytest
import strategies
from checks import check_stored, exact_values, fixed, layouts, raw_list
from examples import MOVED, agree, numbered
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx


@given(st.data(), strategies.formats())
def test_concatenate(data, fmt):
    layout = data.draw(layouts)
    raws = [data.draw(strategies.raw_lists(fmt, (2, n))) for n in (3, 0, 2)]
    parts = [fixed(r, fmt, (2, n), layout) for r, n in zip(raws, (3, 0, 2), strict=True)]
    result = fx.concatenate(parts, axis=1)
    assert result.format is fmt
    assert result.shape == (2, 5)
    assert raw_list(result) == [*raws[0][:3], *raws[2][:2], *raws[0][3:], *raws[2][2:]]
    assert raw_list(fx.concatenate(parts, axis=None)) == [*raws[0], *raws[2]]
    assert raw_list(fx.concatenate([p.T for p in parts])) == [
        raw for p in parts for raw in raw_list(p.T)
    ]


def test_what_is_counted_changes_no_element():
    """The lowest raw value of a symmetric format, beside another format."""
    narrow, wide = (fx.Format(w, 0, overflow="saturate_symmetric") for w in (2, 7))
    x, y = fixed([-2], narrow), fixed([-64, 5], wide)
    assert raw_list(fx.concatenate([x, y])) == [-2, -63, 5]
    with fx.record() as events:
        assert raw_list(fx.concatenate([x, y])) == [-2, -63, 5]
    assert events.overflow == 1


@given(st.data(), strategies.formats(), st.integers(-5, 5), strategies.widths)
def test_concatenate_mixed_formats(data, fmt, offset, width):
    frac_bits = max(-256, min(256, fmt.frac_bits + offset))
    other = fmt.replace(width=width, frac_bits=frac_bits)
    x_raws = data.draw(strategies.raw_lists(fmt, (3,)))
    y_raws = data.draw(strategies.raw_lists(other, (2,)))
    x, y = fixed(x_raws, fmt), fixed(y_raws, other)
    exact = [oracle.value(raw, fmt) for raw in x_raws]
    exact += [oracle.value(raw, other) for raw in y_raws]
    try:
        target = fx.Format(*oracle.common_format(fmt, other))
    except oracle.OracleFormatError:
        with pytest.raises(fx.FormatError, match="format="):
            fx.concatenate([x, y])
    else:
        if target is not fmt:
            check_stored(lambda: fx.concatenate([x, y]), exact, target, (5,))
    narrow = fx.Format(9, frac_bits, rounding="stochastic")
    if {fmt, other} != {narrow}:  # else elements only move, and none is counted
        check_stored(lambda: fx.concatenate([x, y], format=narrow), exact, narrow, (5,))


def test_concatenate_errors():
    fmt = fx.Format(8, 2)
    with pytest.raises(ValueError, match="at least one"):
        fx.concatenate([])
    with pytest.raises(ValueError, match=r"(?s)\b2\b.*\b3\b"):
        fx.concatenate([fx.zeros((1, 2), format=fmt), fx.zeros((1, 3), format=fmt)], axis=0)
    with pytest.raises(np.exceptions.AxisError):
        fx.concatenate([fx.zeros(2, format=fmt)], axis=1)
    with pytest.raises(fx.FormatError, match="format="):
        fx.concatenate([fx.zeros(2, format=fmt), fx.zeros(2, format=fmt.replace(rounding="odd"))])


@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_several_arrays(fmt):
    (a, x), (b, y) = numbered(fmt, (3, 4)), numbered(fmt, (3, 4), 5)
    for name in ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"):
        wanted = getattr(np, name)([x, y, x])
        agree(getattr(fx, name)([a, b, a]), wanted, fmt)
        agree(getattr(np, name)((a, b, a)), wanted, fmt)
    for axis in (0, 1, -1, None):
        agree(np.concatenate([a, b], axis), np.concatenate([x, y], axis), fmt)
    agree(np.stack([a, b], axis=-1), np.stack([x, y], axis=-1), fmt)
    agree(np.append(a, b), np.append(x, y), fmt)
    agree(np.append(a, b, axis=1), np.append(x, y, axis=1), fmt)
    agree(np.block([[a, b], [b, a]]), np.block([[x, y], [y, x]]), fmt)
    agree(fx.block([[a, b], [b, a]]), np.block([[x, y], [y, x]]), fmt)
    mask = np.arange(12).reshape(3, 4) % 3 == 0
    agree(np.where(mask, a, b), np.where(mask, x, y), fmt)
    agree(np.select([mask, ~mask], [a, b]), np.where(mask, x, y), fmt)
    agree(np.choose(mask.astype(int), [a, b]), np.where(mask, y, x), fmt)
    picked = np.array([x[0, 0], y[0, 1]], dtype=object)
    agree(np.choose([0, 5], [a[0, :2], b[0, :2]], mode="wrap"), picked, fmt)
    agree(np.compress([True, False, True], a, axis=0), x[[0, 2]], fmt)
    agree(np.extract(mask, a), x[mask], fmt)
    agree(np.insert(a, [1, 3], b[:, :2], axis=1), np.insert(x, [1, 3], y[:, :2], axis=1), fmt)
    agree(np.insert(a, 2, b[0]), np.insert(x, 2, y[0]), fmt)
    agree(np.meshgrid(a[0], b[1]), tuple(np.meshgrid(x[0], y[1])), fmt)
    agree(
        np.meshgrid(a[0], b[1], sparse=True, indexing="ij"),
        tuple(np.meshgrid(x[0], y[1], sparse=True, indexing="ij")),
        fmt,
    )
    agree(np.broadcast_arrays(a, b[:1]), (x, np.broadcast_to(y[:1], (3, 4))), fmt)
    windows = np.lib.stride_tricks.sliding_window_view
    agree(windows(a, 3, axis=1), windows(x, 3, axis=1), fmt)
    agree(fx.unstack(a, axis=1), tuple(x[:, i] for i in range(4)), fmt)
    agree(fx.matrix_transpose(a), x.T, fmt)
    agree(np.fft.fftshift(a), np.fft.fftshift(x), fmt)
    agree(np.fft.ifftshift(a, axes=1), np.fft.ifftshift(x, axes=1), fmt)


def test_formats_meet_as_in_add():
    x, y = fx.array([1.5, -2], fx.Format(8, 4)), fx.array([0.375, 3], fx.Format(9, 6, signed=False))
    joined = fx.concatenate([x, y])
    assert joined.format == fx.add(x, y).format
    assert exact_values(joined) == exact_values(x) + exact_values(y)
    assert np.hstack([x, y]).format == joined.format
    rounded = fx.concatenate([x, y], format=fx.Format(8, 1))
    assert raw_list(rounded) == [
        oracle.quantize(v, rounded.format) for v in exact_values(x) + exact_values(y)
    ]
    # Numbers beside an array don't change its format.
    assert np.append(x, [1, 0.26]).format is x.format
    assert np.append(x, [1, 0.26]).tolist() == [1.5, -2, 1, 0.25]
    with pytest.raises(fx.FixedOverflowError):
        np.append(x, [8.0])
    assert np.append(x, [8]).tolist() == [1.5, -2, 7.9375]
    with pytest.raises(fx.FormatError, match="format="):
        fx.concatenate([x, fx.zeros(1, fx.Format(128, 127))])
    wide = fx.concatenate([x, fx.ones(1, fx.Format(128, -120))], format=fx.Format(16, 8))
    assert wide.tolist() == [1.5, -2, 0]


def test_conversions_are_counted_under_the_functions_name():
    x, y = fx.array([1.5], fx.Format(8, 4)), fx.array([0.375], fx.Format(9, 6))
    for name in ("concatenate", "hstack", "vstack", "stack", "dstack", "column_stack", "append"):
        arguments = (x, y) if name == "append" else ([x, y],)
        with fx.record() as events:
            getattr(fx, name)(*arguments, format=fx.Format(8, 1))
        assert events.by_operation[name]["inexact"] == 1, name
        assert list(events.by_operation) == [name]
    with fx.record() as events:
        fx.concatenate([x, x])
        fx.insert(x, 0, x)
        fx.flip(x)
    assert events.elements == 0


def test_out():
    x = fx.array([1.5, 2.5], fx.Format(8, 4))
    out = fx.zeros(4, fx.Format(8, 0))
    assert np.concatenate([x, x], out=out) is out
    assert out.tolist() == [2, 2, 2, 2]
    with pytest.raises(ValueError, match="shape"):
        np.concatenate([x, x], out=fx.zeros(3, x.format))
    with pytest.raises(TypeError, match="out"):
        np.concatenate([x, x], out=np.zeros(4))
