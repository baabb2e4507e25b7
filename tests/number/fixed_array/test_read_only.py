"""What shows an array's memory can't be made to change it: elements stay in their format."""

import contextlib
import copy
import pickle

import numpy as np
import pytest
from checks import LAYOUTS, fixed, raw_list

import fxtypes as fx

WIDTHS = (2, 8, 16, 31, 64, 65, 128)
FORMATS = [fx.Format(width, 1, signed) for width in WIDTHS for signed in (True, False)]
DERIVED = {
    "itself": lambda x: x,
    "view": lambda x: x.view(),
    "uint8": lambda x: np.ascontiguousarray(x).view(np.uint8),
    "T": lambda x: x.T,
    "slice": lambda x: x[..., ::-1],
    "one": lambda x: x[(0,) * x.ndim + (...,)],
    "reshape": lambda x: x.reshape(-1),
    "asarray": np.asarray,
    "asanyarray": lambda x: np.asanyarray(x, order="F"),
    "matrix": lambda x: x.reshape(-1, 1).view(np.matrix),
    "frombuffer": lambda x: np.frombuffer(np.ascontiguousarray(x), x.dtype),
    "strided": lambda x: np.lib.stride_tricks.as_strided(x, x.shape, x.strides),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, x.shape),
    "array": lambda x: np.array(x, copy=False) if x.ndim else x,
    "diagonal": lambda x: x.reshape(-1, 1).diagonal(),
    "ndarray": lambda x: np.ndarray(x.size, x.dtype, memoryview(np.ascontiguousarray(x))),
}


def openings(found, array):
    """What of an array of NumPy, its bases and its buffer can be written, and is `array`'s own."""
    while isinstance(found, np.ndarray | memoryview):
        if isinstance(found, memoryview):
            if not found.readonly:
                yield found
            found = found.obj
            continue
        if np.shares_memory(found, array.words):
            with contextlib.suppress(ValueError):
                found.setflags(write=True)
            if found.flags.writeable or not memoryview(found).readonly:
                yield found
            with pytest.raises(ValueError, match="read-only"):
                found[...] = 0
        found = found.base


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_views_stay_read_only(fmt, layout):
    for shape in ((6,), (2, 3), (2, 1, 3)):
        a = fixed(range(6) if fmt.width > 3 else [0, 1] * 3, fmt, shape, layout)
        before = raw_list(a)
        for name, derived in DERIVED.items():
            for shown in (a.raw, a.words) if fmt.width <= 64 else (a.words,):
                assert list(openings(derived(shown), a)) == [], name
        assert raw_list(a) == before


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (0, 3), (1,), (1,) * 33, (1,) * 64, (2, 3)])
def test_every_shape(fmt, shape):
    a = fx.ones(shape, fmt) if fmt.int_bits > 1 else fx.zeros(shape, fmt)
    raw = a.raw
    assert raw.shape == shape
    assert raw.flags.writeable == (fmt.width > 64)
    if fmt.width > 64 and len(shape) == 64:
        with pytest.raises(ValueError, match="axis"):
            _ = a.words
        return
    words = a.words
    assert words.shape == (shape if fmt.width <= 64 else (*shape, 2))
    assert words.dtype == (np.uint64 if fmt.width > 64 else raw.dtype)
    assert list(openings(words, a)) == []
    with pytest.raises(ValueError, match="WRITEABLE"):
        words.setflags(write=True)
    with pytest.raises(ValueError, match="WRITEABLE"):
        words.flags.writeable = True


@pytest.mark.parametrize("width", [8, 64, 128])
def test_views_of_views(width):
    """Of what is read-only itself, and of what repeats its elements."""
    a = fx.array(np.arange(12).reshape(3, 4), fx.Format(width, 0))
    for view in (
        a.diagonal(),
        fx.broadcast_to(a[0], (3, 4)),
        fx.sliding_window_view(a, (2, 2)),
        a.T,
        a[::-1, 1::2],
        a.view_as(fx.Format(width, 3)),
        a[1, 2],
    ):
        assert list(openings(view.words, view)) == []
        assert view.words.tolist() == view.copy().words.tolist()
        if width <= 64:
            assert view.raw.strides == view._storage.strides


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_public_gives_a_writable_view(width):
    a = fixed([0, 1, 1, 0], fx.Format(width, 1), (2, 2))
    found = [getattr(a, name) for name in dir(a) if not name.startswith("_")]
    for call in filter(callable, tuple(found)):
        with contextlib.suppress(TypeError, ValueError):  # where it takes arguments
            found.append(call())
    found += [np.asarray(a), a.to_numpy(int), a.to_numpy(np.int8), a.to_numpy(np.uint64)]
    found += [a.__array__(), *a.__reduce__()[1], *a[0].__reduce__()[1]]
    buffers = []
    pickle.dumps(a, protocol=5, buffer_callback=buffers.append)
    found += [memoryview(buffer) for buffer in buffers]
    for part in found:
        assert list(openings(part, a)) == []
    with pytest.raises(TypeError):
        memoryview(a)


@pytest.mark.parametrize("width", [8, 64, 128])
def test_views_are_no_copies(width):
    """They show what becomes of the array, and keep its memory alive."""
    a = fx.array([1, 2, 3, 4], fx.Format(width, 0))
    words, one = a.words, a[1:2].words
    assert np.shares_memory(words, a)
    a += 1
    assert words.reshape(4, -1)[:, 0].tolist() == [2, 3, 4, 5]
    a[1:] = 7
    assert words.reshape(4, -1)[:, 0].tolist() == [2, 7, 7, 7]
    assert one.reshape(1, -1)[:, 0].tolist() == [7]
    del a
    others = [fx.array([99] * 4, fx.Format(width, 0)) for _ in range(50)]
    assert words.reshape(4, -1)[:, 0].tolist() == [2, 7, 7, 7]
    assert one.reshape(1, -1)[:, 0].tolist() == [7]
    assert others[0].tolist() == [99] * 4


@pytest.mark.parametrize("width", [8, 64, 128])
def test_copies_are_the_users_own(width):
    a = fx.array([1, 2, 3], fx.Format(width, 0))
    for words in (
        copy.deepcopy(a.words),
        copy.copy(a.words),
        a.words.copy(),
        np.array(a.words),
        a.words + np.array(0, a.words.dtype),
    ):
        assert words.flags.writeable
        words[...] = 0
    assert a.tolist() == [1, 2, 3]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        b = pickle.loads(pickle.dumps(a, protocol))
        b[0] = 5
        assert b.tolist() == [5, 2, 3]
        assert pickle.loads(pickle.dumps(a.words, protocol)).tolist() == a.words.tolist()
    buffers = []
    data = pickle.dumps(a, protocol=5, buffer_callback=buffers.append)
    b = pickle.loads(data, buffers=buffers)
    b[0] = 5
    assert (a.tolist(), b.tolist()) == ([1, 2, 3], [5, 2, 3])
