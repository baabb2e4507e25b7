"""Functions that move elements: NumPy's on object arrays of raw integers is the reference."""

import inspect
import operator

import numpy as np
import oracle
import pytest
from checks import exact_values, raw_list
from examples import MOVED, agree, numbered

import fxtypes as fx
from fxtypes.functions import rearranging


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


@pytest.mark.parametrize("fmt", MOVED, ids=str)
def test_in_place(fmt):
    b, y = numbered(fmt, (5,), 5)
    mask = np.arange(12).reshape(3, 4) % 3 == 0
    calls = [
        (np.put, ([0, -1, 5], "values"), {}),
        (np.put, ([13, -14], "values"), {"mode": "wrap"}),
        (np.put, ([13, -14], "values"), {"mode": "clip"}),
        (np.place, (mask, "values"), {}),
        (np.putmask, (mask, "values"), {}),
        (np.fill_diagonal, ("values",), {}),
    ]
    for function, args, kwargs in calls:
        a, x = numbered(fmt, (3, 4))
        values = b[:3] if function is np.fill_diagonal else b
        plain = y[:3] if function is np.fill_diagonal else y
        function(a, *(values if arg is args[-1] else arg for arg in args), **kwargs)
        function(x, *(plain if arg is args[-1] else arg for arg in args), **kwargs)
        agree(a, x, fmt)
    a, x = numbered(fmt, (3, 4))
    np.put_along_axis(a, np.array([[0], [3], [2]]), b[:3].reshape(3, 1), axis=1)
    np.put_along_axis(x, np.array([[0], [3], [2]]), y[:3].reshape(3, 1), axis=1)
    agree(a, x, fmt)
    np.copyto(a, b[:4], where=mask)
    np.copyto(x, y[:4], where=mask)
    agree(a, x, fmt)
    np.copyto(a, b[0])
    agree(a, np.full((3, 4), y[0], object), fmt)
    tall, plain = numbered(fmt, (7, 2))
    np.fill_diagonal(tall, b[1], wrap=True)
    np.fill_diagonal(plain, y[1], wrap=True)
    agree(tall, plain, fmt)


def test_in_place_reaches_through_views():
    q = fx.Format(100, 4)
    base = fx.zeros((3, 4), q)
    np.put(base.T, [1, 2], [5, 6])  # the second and third element of the first column
    assert base.tolist() == [[0, 0, 0, 0], [5, 0, 0, 0], [6, 0, 0, 0]]


def test_a_rejected_value_leaves_the_array_as_it_was():
    q = fx.Format(8, 4, overflow="raise")
    a = fx.array([1, 2, 3], q)
    for call in (
        lambda: np.put(a, [0, 1], [1.5, 100]),
        lambda: np.putmask(a, [True, True, False], [1.5, 100]),
        lambda: np.place(a, [True, True, False], [1.5, 100]),
        lambda: np.copyto(a, [1, 1, 100]),
        lambda: np.fill_diagonal(a.reshape(1, 3), 100),
        lambda: np.insert(a, 0, 100),
        lambda: np.pad(a, 1, constant_values=100),
    ):
        with pytest.raises(fx.FixedOverflowError):
            call()
    with pytest.raises(IndexError):
        np.put(a, [0, 3], 0)
    assert a.tolist() == [1, 2, 3]


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
    for mode in ("mean", "linear_ramp", "median", max):
        with pytest.raises(TypeError, match="pad takes mode"):
            np.pad(a, 1, mode=mode)
    with pytest.raises(TypeError, match="reflect_type"):
        np.pad(a, 1, mode="reflect", reflect_type="odd")
    with pytest.raises(ValueError, match="negative"):
        np.pad(a, -1)


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


def test_stochastic_moves_take_no_step():
    q = fx.Format(16, 4, rounding="stochastic")
    a, half = fx.arange(8, format=q), fx.Format(32, 20)
    with fx.seeded(3):
        wanted = raw_list(fx.full(64, 0.03, q))
    with fx.seeded(3):
        for name in ("flip", "sort", "unique", "ravel"):
            getattr(np, name)(a)
        np.concatenate([a, a])
        np.pad(a, 3, mode="wrap")
        np.insert(a, 1, a)
        assert raw_list(fx.full(64, 0.03, q)) == wanted
    with fx.seeded(3):
        assert raw_list(fx.concatenate([fx.array([0.03], half)] * 64, format=q)) != [0] * 64


def test_broadcast_views_are_read_only():
    a = fx.broadcast_to(fx.array([1, 2], fx.Format(8, 4)), (3, 2))
    with pytest.raises(ValueError, match="read-only"):
        a[0, 0] = 1


ERRORS = [
    (lambda a: fx.reshape(a, (5,)), ValueError, "reshape"),
    (lambda a: fx.reshape(a.T, (12,), copy=False), ValueError, "copy=False"),
    (lambda a: fx.transpose(a, (0, 0)), ValueError, "axis"),
    (lambda a: fx.squeeze(a, 0), ValueError, "squeeze"),
    (lambda a: fx.split(a, 5), ValueError, "division"),
    (lambda a: fx.take(a, 12), IndexError, "12"),
    (lambda a: fx.concatenate([a, a[0]]), ValueError, "dimension"),
    (lambda a: fx.concatenate([]), ValueError, "at least one"),
    (lambda a: fx.concatenate([np.ones(2)]), TypeError, "FixedArray"),
    (lambda a: fx.flip(np.ones(2)), TypeError, "fx.array"),
    (lambda a: fx.stack([a, a[0]]), ValueError, "shape"),
    (lambda a: fx.select([a > 0], [a, a]), ValueError, "conditions"),
    (lambda a: fx.choose(a, [a, a]), TypeError, "integers"),
    (lambda a: fx.choose([2], [a[0], a[0]]), ValueError, "choice"),
    (lambda a: fx.place(a, a > -1, []), ValueError, "no values"),
    (lambda a: fx.matrix_transpose(a[0]), ValueError, "two axes"),
    (lambda a: fx.unstack(a[0, 0]), ValueError, "0-d"),
    (lambda a: fx.where(a > 0, a), ValueError, "both"),
    (lambda a: fx.insert(a, 99, 1), IndexError, "99"),
    (lambda a: np.flip(a, 2), np.exceptions.AxisError, "2"),
    (lambda a: np.append(a, "1"), TypeError, "number"),
]


@pytest.mark.parametrize(("call", "error", "match"), ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, match):
    a = fx.arange(12, format=fx.Format(16, 4)).reshape(3, 4)
    with pytest.raises(error, match=match):
        call(a)


def test_where_without_choices():
    a = fx.array([[0, 1], [2, 0]], fx.Format(128, 4))
    assert [part.tolist() for part in np.where(a)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in fx.where(a > 1)] == [[1], [0]]


MOVES = (
    *[
        "reshape",
        "ravel",
        "transpose",
        "moveaxis",
        "rollaxis",
        "swapaxes",
        "squeeze",
        "expand_dims",
        "broadcast_to",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
    ],
    *["flip", "fliplr", "flipud", "rot90", "roll", "tile", "repeat", "resize", "copy"],
    *["take", "take_along_axis", "delete", "diag", "diagflat", "diagonal", "tril", "triu"],
    *["split", "array_split", "hsplit", "vsplit", "dsplit"],
    *["pad"],
    *("concatenate", "stack", "insert", "put", "place"),
)


def test_parameters_have_numpys_names():
    """What works by keyword with NumPy works with ours."""
    for name in MOVES:
        try:
            theirs = list(inspect.signature(getattr(np, name)).parameters)
        except ValueError:  # NumPy 2.0 has some in C
            continue
        ours = list(inspect.signature(getattr(fx, name)).parameters)
        theirs = ["shape" if p == "newshape" else p for p in theirs if p not in ("subok", "out")]
        shared = [p for p in ours if p in theirs]
        assert ours[0] == theirs[0], name
        assert shared == [p for p in theirs if p in shared], name


def test_operators_of_python_see_sequences():
    a = fx.array([1, 2, 3], fx.Format(8, 4))
    assert operator.length_hint(a) == 3
    assert [float(x) for x in reversed(a)] == [3, 2, 1]


def test_empty_and_mixed_arguments():
    q = fx.Format(100, 4)
    a, none = fx.arange(3, format=q), fx.zeros(0, q)
    np.put(a, [], 5)
    np.put(none, [], [])
    assert a.tolist() == [0, 1, 2]
    x, y = np.meshgrid(a, np.arange(2))
    assert isinstance(x, fx.FixedArray)
    assert y.dtype == np.arange(2).dtype
    assert np.pad(none, 2).tolist() == [0] * 4
    assert np.resize(none, (2, 2)).tolist() == [[0, 0], [0, 0]]
    assert np.concatenate([a, none]).tolist() == a.tolist()
    assert np.insert(a, 1, 5).tolist() == [0, 5, 1, 2]
    assert np.take(a, []).shape == (0,)
    assert fx.stack([a[0], a[1]]).tolist() == [0, 1]


@pytest.mark.parametrize("pieces", [1, 4, 10])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 11, 100])
def test_resize_in_pieces(monkeypatch, pieces, count):
    monkeypatch.setattr(rearranging, "_COPY", pieces)
    for n in (1, 2, 3, 7):
        raw = np.arange(n)
        found = fx.resize(fx.FixedArray.from_raw(raw, MOVED[0]), count)
        assert (found.raw == np.resize(raw, count)).all()
