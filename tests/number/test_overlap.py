"""Overlapping memory: every way to write into an array is as if what it reads were copied first."""

import operator

import numpy as np
import oracle
import pytest
from checks import SEED, fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st
from oracle import ARITHMETIC

import fxtypes as fx

WIDTHS = (8, 16, 32, 64, 128)
SIZE = 24  # elements of an array in one dimension
SIDE = 6  # of a matrix' axes
CASES = 100
IN_PLACE = {
    "add": operator.iadd,
    "subtract": operator.isub,
    "multiply": operator.imul,
    "divide": operator.itruediv,
}
FMT = fx.Format(16, 8)


def where(view):
    return np.arange(view.size).reshape(view.shape) % 3 != 1


def indices(a, at):
    """The indices of a view's elements in C order of the array."""
    return np.arange(a.size).reshape(a.shape)[at]


def mask(a, at):
    return np.isin(np.arange(a.size), indices(a, at)).reshape(a.shape)


def every(view):
    return np.ones(view.shape, bool)


def backwards(view):
    return np.arange(view.size)[::-1]


# What writes `b` into an array `a` at the indices `at`.
KEYS = {
    "a[key] = b": lambda a, at, b: a.__setitem__(at if a.ndim > 1 else at[0], b),
    "a[key, ...] = b": lambda a, at, b: a.__setitem__((*at, ...), b),
    "a[integers] = b": lambda a, at, b: a.__setitem__(np.unravel_index(indices(a, at), a.shape), b),
    "a[mask] = b": lambda a, at, b: a.__setitem__(mask(a, at), b.reshape(-1)),
    "put": lambda a, at, b: fx.put(a, indices(a, at), b),
    "place": lambda a, at, b: fx.place(a, mask(a, at), b),
    "fill_diagonal": lambda a, _, b: fx.fill_diagonal(a.reshape(-1, 4), b, wrap=True),
}
# What writes `b` into a view `v` of its shape.
VIEWS = {
    "v[...] = b": lambda v, b: v.__setitem__(..., b),
    "v[:] = b": lambda v, b: v.__setitem__(slice(None), b),
    "v[None] = b": lambda v, b: v.__setitem__(None, b),
    "v[integers] = b": lambda v, b: v.__setitem__(np.arange(len(v))[::-1], b),
    "v[mask] = b": lambda v, b: v.__setitem__(every(v), b.reshape(-1)),
    "v[rows] = b": lambda v, b: v.__setitem__(np.ones(len(v), bool), b),
    "copyto": fx.copyto,
    "copyto where": lambda v, b: fx.copyto(v, b, where=where(v)),
    "np.copyto": lambda v, b: np.copyto(v, b, where=where(v)),
    "put": lambda v, b: v.put(backwards(v), b),
    "put fewer": lambda v, b: v.put(backwards(v), b[:1]),
    "place": lambda v, b: fx.place(v, where(v), b),
    "place fewer": lambda v, b: fx.place(v, where(v), b[:2]),
    "putmask": lambda v, b: fx.putmask(v, where(v), b),
    "putmask fewer": lambda v, b: fx.putmask(v, where(v), b[:2]),
    "put_along_axis": lambda v, b: fx.put_along_axis(
        v, np.flip(np.indices(v.shape)[-1], -1), b, axis=-1
    ),
    "put_along_axis of all": lambda v, b: fx.put_along_axis(v, backwards(v), b.ravel(), None),
    "v += b": lambda v, b: v.__iadd__(b),
    "v *= b": lambda v, b: v.__imul__(b),
    "positive": lambda v, b: fx.positive(b, out=v),
    "positive where": lambda v, b: fx.positive(b, out=v, where=where(v)),
    "subtract": lambda v, b: np.subtract(b, 1, out=v),
    "add where": lambda v, b: fx.add(b, v, out=v, where=where(v)),
    "minimum": lambda v, b: fx.minimum(b, b, out=v),
    "clip to nothing": lambda v, b: fx.clip(b, None, None, out=v),
    "clip": lambda v, b: b.clip(-3, 3, out=v),
    "round": lambda v, b: b.round(out=v),
    "divmod": lambda v, b: fx.divmod(b, 2, out=(v, None)),
    "modf": lambda v, b: np.modf(b, out=(None, v)),
    "sum": lambda v, b: b[None].sum(axis=0, out=v),
    "sum over no axis": lambda v, b: b.sum(axis=(), out=v),
    "max over no axis": lambda v, b: b.max(axis=(), out=v),
    "cumsum": lambda v, b: b.cumsum(axis=0, out=v),
    "cumprod": lambda v, b: b.cumprod(axis=0, out=v),
    "accumulate": lambda v, b: np.maximum.accumulate(b, out=v),
    "reduceat": lambda v, b: np.add.reduceat(b, range(len(v)), out=v),
    "matmul": lambda v, b: fx.matmul(np.eye(len(v), dtype=int), b, out=v),
    "einsum": lambda v, b: fx.einsum("...->...", b, out=v),
    "concatenate": lambda v, b: np.concatenate([b[:1], b[1:]], out=v),
    "take": lambda v, b: np.take(b, range(len(v)), axis=0, out=v),
    "add.at": lambda v, b: np.add.at(v, (...,), b),
}
POINTS = KEYS | {
    f"{name} into a view": lambda a, at, b, write=write: write(a[at], b)
    for name, write in VIEWS.items()
}
FORMATS = [fx.Format(width, 1) for width in WIDTHS] + [
    fx.Format(16, 1, signed=False),
    fx.Format(16, 1, rounding="stochastic", overflow="wrap"),
    fx.Format(100, 1, overflow="saturate_symmetric"),
]


def random_slice(generator, n, count):
    """A slice of `count` of n indices, with any step that there is room for."""
    most = (n - 1) // max(count - 1, 1)
    step = int(generator.integers(1, min(most, 4) + 1))
    first = int(generator.integers(0, n - (count - 1) * step))
    if generator.random() < 0.4:
        end = first - 1
        return slice(first + (count - 1) * step, end if end >= 0 else None, -step)
    return slice(first, first + (count - 1) * step + 1, step)


def random_keys(generator, ndim):
    """The indices of a target, and of values of its shape."""
    n = SIZE if ndim == 1 else SIDE
    counts = generator.integers(1, n // 2 + 1 if ndim == 1 else n + 1, ndim).tolist()
    return [tuple(random_slice(generator, n, count) for count in counts) for _ in range(2)]


def array_of(generator, fmt, ndim):
    shape = (SIZE,) if ndim == 1 else (SIDE, SIDE)
    low = 0 if not fmt.signed else -9
    return fx.FixedArray.from_raw(generator.integers(low, 10, shape), fmt)


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("name", POINTS)
def test_as_if_copied_first(name, fmt):
    generator = np.random.default_rng([*name.encode(), fmt.width])
    for case in range(CASES):
        ndim = 1 + case % 2
        a = array_of(generator, fmt, ndim)
        at, source = random_keys(generator, ndim)
        turned = ndim == 2 and case % 4 == 1
        copies = a.copy()
        apart = a[source].copy()

        for array, values in ((copies, apart), (a, a[source])):
            if turned and len(set(values.shape)) == 1:
                values = values.T
            with fx.seeded(SEED):
                POINTS[name](array, at, values)
        assert raw_list(a) == raw_list(copies), (at, source, turned)


@pytest.mark.parametrize("width", WIDTHS)
def test_of_one_beginning(width):
    """The first elements are the same one, the strides are not."""
    a = fx.array(np.arange(8), fx.Format(width, 0))
    a[::2] = a[:4]
    assert a.tolist() == [0, 1, 1, 3, 2, 5, 3, 7]
    a = fx.array(np.arange(8), fx.Format(width, 0))
    a[:4] = a[::2]
    assert a.tolist() == [0, 2, 4, 6, 4, 5, 6, 7]
    a[1:5] = a[:4]
    assert a.tolist() == [0, 0, 2, 4, 6, 5, 6, 7]
    a[[True] * 8] = a[::-1]
    assert a.tolist() == [7, 6, 5, 6, 4, 2, 0, 0]


@pytest.mark.parametrize("width", WIDTHS)
def test_transposed_and_broadcast(width):
    fmt = fx.Format(width, 0)
    square = np.arange(25).reshape(5, 5)
    a = fx.array(square, fmt)
    a[...] = a.T
    assert a.tolist() == square.T.tolist()
    a[:] = a[2]  # a row for all of them, that one too
    assert a.tolist() == [square.T[2].tolist()] * 5
    a = fx.array(square, fmt)
    a[:, 1:] = a[:, :1]
    assert a.tolist() == [[5 * i] * 5 for i in range(5)]
    a = fx.array(square, fmt)
    fx.copyto(a, a[::-1, 3])
    assert a.tolist() == [square[::-1, 3].tolist()] * 5
    a = fx.array(square, fmt)
    a[1] = a.diagonal()
    assert a[1].tolist() == square.diagonal().tolist()
    a[0, 0] = a[4, 4]
    a[0, 1:2] = a[4:, 4]
    a[0, 2, ...] = a[4, 4:].reshape(())
    assert a[0].tolist() == [24, 24, 24, 3, 4]


@pytest.mark.parametrize("width", [8, 16, 64, 128])
def test_many_axes(width):
    values = np.arange(64) % 100
    a = fx.array(values, fx.Format(width, 0)).reshape((2,) * 6 + (1,) * 34)
    a[...] = a.transpose()[(0,) * 34].reshape((2,) * 6 + (1,) * 34)
    wanted = values.reshape((2,) * 6).transpose()
    assert a.reshape(-1).tolist() == wanted.reshape(-1).tolist()


def test_masks_of_the_same_memory():
    """A mask may be the raw integers themselves."""
    fmt, base = fx.Format(8, 0), [1, 0, 1, 1, 0, 1, 0, 0]
    other = fx.array([0, 1] * 4, fmt)
    writes = {
        "a[mask] = b": lambda a, mask: a.__setitem__(mask, other[:4]),
        "a[mask] = 0": lambda a, mask: a.__setitem__(mask, 0),
        "copyto": lambda a, mask: fx.copyto(a, other, where=mask),
        "copyto number": lambda a, mask: fx.copyto(a, 0, where=mask),
        "place": lambda a, mask: fx.place(a, mask, other[:4]),
        "putmask": lambda a, mask: fx.putmask(a, mask, other),
        "out": lambda a, mask: fx.subtract(a, 1, out=a, where=mask),
    }
    for name, write in writes.items():
        for key in (slice(None), slice(None, None, -1)):
            a, copies = fx.array(base, fmt), fx.array(base, fmt)
            write(a, a.raw[key].view(bool))
            write(copies, copies.raw[key].copy().view(bool))
            assert raw_list(a) == raw_list(copies), (name, key)


@pytest.mark.parametrize("width", [64, 128])
def test_indices_of_the_same_memory(width):
    """So may indices: of one that changed meanwhile NumPy would no longer look at the range."""
    fmt, base = fx.Format(width, 0), [3, 2, 1, 0, 5, 4, 7, 6]
    other = fx.array([10**9 + i for i in range(8)], fmt)
    writes = {
        "a[i] = b": lambda a, i: a.__setitem__(i, other),
        "a[i, None] = b": lambda a, i: a.__setitem__((i, None), other[:, None]),
        "put": lambda a, i: fx.put(a, i, other),
        "put_along_axis": lambda a, i: fx.put_along_axis(a, i, other, 0),
        "put_along_axis none": lambda a, i: fx.put_along_axis(a, i, other, None),
        "np.add.at": lambda a, i: np.add.at(a, i, other),
    }
    for name, write in writes.items():
        for key in (slice(None), slice(None, None, -1)):
            a, copies = fx.array(base, fmt), fx.array(base, fmt)
            words = a.words.view(np.int64).reshape(8, -1)[:, 0]
            write(a, words[key])
            write(copies, words[key] * 0 + np.array(base)[key])
            assert raw_list(a) == raw_list(copies), (name, key)


def test_comparisons_where_they_go():
    """A comparison's out= and where= may overlap, too."""
    generator = np.random.default_rng(0)
    x = fx.array(np.arange(SIZE) % 3, fx.Format(8, 0))
    for _ in range(200):
        plain = generator.random(SIZE) < 0.5
        copies = plain.copy()
        at, source = random_keys(generator, 1)
        values = x[: len(plain[at])]
        fx.greater(values, 1, out=plain[at], where=plain[source])
        fx.greater(values, 1, out=copies[at], where=copies[source].copy())
        assert plain.tolist() == copies.tolist()


def test_read_only_targets_and_shapes_are_refused_as_before():
    a = fx.array(np.arange(16), fx.Format(8, 0)).reshape(4, 4)
    for values in (a.diagonal(), a[0], 1):
        with pytest.raises(ValueError, match="read-only"):
            a.diagonal()[...] = values
    with pytest.raises(ValueError, match="broadcast"):
        a[:2] = a[:3]
    with pytest.raises(IndexError):
        a[4] = a[0]
    with pytest.raises(IndexError):
        a[0, 0, 0] = a[0, 0:1]
    assert a.tolist() == np.arange(16).reshape(4, 4).tolist()


def test_an_overflow_leaves_the_target_alone():
    fmt = fx.Format(8, 0, overflow="raise")
    a = fx.array(np.arange(100, 108), fmt)
    with pytest.raises(fx.FixedOverflowError):
        a[::2] = [*range(97, 100), 128]
    with pytest.raises(fx.FixedOverflowError):
        fx.add(a[:4], a[4:], out=a[::2])
    with pytest.raises(fx.FixedOverflowError):
        fx.copyto(a[::2], a[:4].astype(fx.Format(16, 0)) * 2)
    assert a.tolist() == list(range(100, 108))


@pytest.mark.parametrize("width", [8, 32, 64, 128])
@pytest.mark.parametrize("name", ARITHMETIC)
def test_overlapping_operands(width, name):
    """Overlap behaves as if the inputs were copied first."""
    fmt = fx.Format(width, 3, overflow="wrap")
    raws = [3, -7, 11, 19, -23, 41, 5, 9] * 9
    for target, operand in (
        (slice(1, None), slice(None, -1)),
        (slice(None, -1), slice(1, None)),
        (slice(None), slice(None, None, -1)),
    ):
        x = fixed(raws, fmt)
        expected = ARITHMETIC[name](x[target].copy(), x[operand].copy())
        part = x[target]
        IN_PLACE[name](part, x[operand])
        assert raw_list(part) == raw_list(expected)


@pytest.mark.parametrize("width", [8, 32, 64, 128])
def test_overlapping_out(width):
    """The result of NumPy, which copies overlapping operands first."""
    fmt = fx.Format(width, 1)
    base = [3, -1, 2, 5, -4, 1, 0, 2, 6]

    def check(call):
        a, plain = fixed(base, fmt), np.array(base) / 2
        call(a, fx)
        call(plain, np)
        assert a.tolist() == np.clip(plain, float(fmt.min), float(fmt.max)).tolist()

    check(lambda a, xp: xp.add(a[:-1], a[1:], out=a[1:]))
    check(lambda a, xp: xp.subtract(a[1:], a[:-1], out=a[:-1]))
    check(lambda a, xp: xp.add(a, a[::-1], out=a))
    check(lambda a, xp: xp.subtract(a[::-1], 1, out=a))
    check(lambda a, xp: xp.maximum(a[2:], a[:-2], out=a[1:-1]))
    check(lambda a, xp: xp.negative(a[::-1], out=a))
    check(lambda a, xp: xp.cumsum(a[::-1], out=a))
    check(lambda a, xp: xp.sum(a.reshape(3, 3), axis=0, out=a[1:4]))
    check(lambda a, xp: xp.matmul(a.reshape(3, 3) * 2, a[:3] * 2, out=a[1:4]))
    check(lambda a, xp: xp.add(a.reshape(3, 3), a.reshape(3, 3).T, out=a.reshape(3, 3)))
    check(lambda a, _: a.__iadd__(a[::-1]))
    check(lambda a, _: a[1:].__isub__(a[:-1]))
    check(lambda a, _: a.__setitem__(slice(None, -1), a[1:]))
    check(lambda a, _: a.__setitem__(slice(1, None), a[:-1]))
    check(lambda a, _: a.reshape(3, 3).__setitem__(Ellipsis, a.reshape(3, 3).T))


BINARY = {
    **oracle.BINARY,
    "floor_divide": oracle.exact_floor_divide,
    "remainder": oracle.exact_remainder,
}


@given(
    st.sampled_from(list(BINARY)),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
)
def test_overlap(name, i, j, k, backwards):
    """As if the operands were copied first."""
    base = fx.array(np.arange(1, 9) * 3 % 7 + 1, FMT)
    step = -1 if backwards else 1
    copies = base.copy()
    expected = getattr(fx, name)(copies[i : i + 6], copies[j : j + 6][::step])
    out = base[k : k + 6]
    getattr(fx, name)(base[i : i + 6], base[j : j + 6][::step], out=out)
    assert raw_list(out) == raw_list(expected)
