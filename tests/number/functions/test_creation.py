"""zeros, ones, full, eye, arange, linspace and kin."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from checks import check_stored
from examples import same

import fxtypes as fx
from fxtypes.context import blocks

NARROW = fx.Format(8, 4)
Q = fx.Format(16, 8)


@pytest.mark.parametrize("overflow", list(fx.Overflow))
@pytest.mark.parametrize("width", [2, 9, 40, 100])
@pytest.mark.parametrize("signed", [True, False])
def test_filled_arrays(overflow, width, signed):
    fmt = fx.Format(width, 3, signed, "away_from_zero", overflow)
    number = Fraction(1, 3)
    for shape in ((), 3, (2, 3), (0,), (2, 0), [2, 2]):
        side = (shape,) if isinstance(shape, int) else tuple(shape)
        size = int(np.prod(side))
        for make in (fx.zeros, fx.empty):
            same(make(shape, format=fmt), np.zeros(side, int))
        check_stored(lambda s=shape: fx.ones(s, format=fmt), [1] * size, fmt, side)
        check_stored(lambda s=shape: fx.full(s, number, format=fmt), [number] * size, fmt, side)
        x = fx.zeros(side, format=fmt)
        for make in (fx.zeros_like, fx.empty_like):
            assert make(x).format is fmt
            same(make(x), np.zeros(side, int))
        check_stored(lambda x=x: fx.ones_like(x), [1] * size, fmt, side)
        check_stored(lambda x=x: fx.full_like(x, number), [number] * size, fmt, side)
    other = fx.Format(16, 4)
    assert fx.zeros_like(fx.ones(2, format=other), format=fmt).format is fmt


def test_full_in_a_stochastic_format_is_one_step():
    fmt = fx.Format(8, 0, rounding="stochastic")
    check_stored(lambda: fx.full((40,), 0.5, format=fmt), [Fraction(1, 2)] * 40, fmt, (40,))
    check_stored(
        lambda: fx.full_like(fx.zeros(40, format=fx.Format(8, 8)), 0.5, format=fmt),
        [Fraction(1, 2)] * 40,
        fmt,
        (40,),
    )


@pytest.mark.parametrize(
    ("n", "m", "k"), [(3, None, 0), (2, 4, 1), (4, 2, -1), (0, None, 0), (3, 3, 7)]
)
def test_eye(n, m, k):
    fmt = fx.Format(70, 3)
    result = fx.eye(n, m, k, format=fmt)
    same(result, np.eye(n, m, k, dtype=int) * 8)


@pytest.mark.parametrize(
    "args",
    [
        (5,),
        (0,),
        (-3,),
        (2, 5),
        (5, 2),
        (0, 1, 0.1),
        (0, 1, Fraction(1, 10)),
        (0, 1, Fraction(1, 3)),
        (1, -1, Fraction(-2, 7)),
        (0.5, 3),
        (Fraction(1, 3), 3, 1),
        (-(2**70), -(2**70) + 3),
        (0, Fraction(3, 2), Fraction(1, 2)),
        # The first two in int64, to its ends.
        (1 - 2**63, 2**63 - 2**61, 2**61),
        (Fraction(2**63 - 1, 2**50), Fraction(-(2**62), 2**50), Fraction(-(2**61) - 1, 2**50)),
        (-(2**63), 2**63, 2**61),
        (0, Fraction(9, 2**256), Fraction(2, 2**256)),
        (0, Fraction(9, 2**257), Fraction(1, 2**257)),
    ],
)
@pytest.mark.parametrize("rounding", list(fx.Rounding))
def test_arange(args, rounding):
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    start, stop, step = Fraction(start), Fraction(stop), Fraction(step)
    exact = []
    while (start + len(exact) * step < stop) if step > 0 else (start + len(exact) * step > stop):
        exact.append(start + len(exact) * step)
    for fmt in (fx.Format(128, 50, rounding=rounding), fx.Format(7, 4, rounding=rounding)):
        check_stored(lambda f=fmt: fx.arange(*args, format=f), exact, fmt, (len(exact),))


@pytest.mark.parametrize("num", [0, 1, 2, 7, 50])
@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("rounding", ["nearest_even", "ceil", "odd", "stochastic"])
def test_linspace(num, endpoint, rounding):
    fmt = fx.Format(100, 90, rounding=rounding)
    for start, stop in ((0, 1), (-1, 0.1), (Fraction(1, 3), Fraction(-5, 7)), (2, 2)):
        gaps = max(num - 1 if endpoint else num, 1)
        step = (Fraction(stop) - Fraction(start)) / gaps
        exact = [Fraction(start) + i * step for i in range(num)]
        check_stored(
            lambda a=start, b=stop: fx.linspace(a, b, num, endpoint=endpoint, format=fmt),
            exact,
            fmt,
            (num,),
        )


# Some in the kernels' exact numbers, the last two of more than 128 bits.
@pytest.mark.parametrize(
    ("start", "step"),
    [
        (0, 1),
        (Fraction(-5, 4), Fraction(1, 16)),
        (100, Fraction(-22, 7)),
        (Fraction(1, 3), Fraction(1, 10)),
        (-(2**70), Fraction(2**62 + 1, 2**9)),
        (Fraction(-1, 2**70), Fraction(3, 2**60)),
        (0, 0),
        (1, Fraction(1, 10**40)),
        (0, 2**64 + 1),
    ],
)
@pytest.mark.parametrize("rounding", ["nearest_even", "floor", "odd", "stochastic"])
@pytest.mark.parametrize("overflow", fx.Overflow)
def test_long_series(start, step, rounding, overflow):
    exact = [start + i * Fraction(step) for i in range(300)]
    shape, stop = (300,), start + 300 * Fraction(step)
    for fmt in (
        fx.Format(16, 5, True, rounding, overflow),
        fx.Format(9, 3, False, rounding, overflow),
        fx.Format(128, 66, True, rounding, overflow),
    ):
        if step:
            check_stored(lambda f=fmt: fx.arange(start, stop, step, f), exact, fmt, shape)
        check_stored(lambda f=fmt: fx.linspace(start, stop, 300, False, f), exact, fmt, shape)


@pytest.mark.parametrize("width", [8, 16, 33, 64, 65, 127, 128])
@pytest.mark.parametrize("signed", [True, False])
def test_quotients_at_every_width(width, signed):
    for rounding, overflow in zip(fx.Rounding, itertools.cycle(fx.Overflow), strict=False):
        fmt = fx.Format(width, width - 3, signed, rounding, overflow)
        exact = [Fraction(-7, 3) + i * Fraction(9, 211) for i in range(212)]
        check_stored(
            lambda f=fmt: fx.linspace(Fraction(-7, 3), Fraction(20, 3), 212, format=f),
            *(exact, fmt, (212,)),
        )


@pytest.mark.parametrize("step", [Fraction(1, 2700), Fraction(3, 4096)])
def test_series_of_several_blocks(step):
    fmt = fx.Format(24, 10, True, "stochastic", "wrap")
    count = 2 * blocks.SIZE + 77
    exact = [i * step - 3 for i in range(count)]
    check_stored(lambda: fx.arange(-3, count * step - 3, step, fmt), exact, fmt, (count,))
    with pytest.raises(fx.FixedOverflowError, match=r"\(32768,\)"):
        fx.arange(count, format=fx.Format(16, 0, overflow="raise"))


def test_bad_constructor_arguments():
    fmt = fx.Format(8, 0)
    with pytest.raises(ValueError, match="step"):
        fx.arange(0, 1, 0, format=fmt)
    with pytest.raises(ValueError, match="-1"):
        fx.linspace(0, 1, -1, format=fmt)
    with pytest.raises(ValueError, match=r"(?i)nan"):
        fx.arange(float("nan"), format=fmt)
    with pytest.raises(ValueError, match=r"(?i)inf"):
        fx.linspace(0, float("inf"), 3, format=fmt)
    with pytest.raises(ValueError, match="negative"):
        fx.zeros((-1, 2), format=fmt)
    for make in (
        lambda f: fx.zeros(3, format=f),
        lambda f: fx.array([1], f),
        lambda f: fx.FixedArray.from_raw([1], f),
        lambda f: fx.from_bits([1], f),
        lambda f: fx.eye(2, format=f),
        lambda f: fx.arange(2, format=f),
        lambda f: fx.zeros(2, format=fmt).astype(f),
        lambda f: fx.zeros(2, format=fmt).view_as(f),
    ):
        for bad in ("Q8.8", 8, np.float64):
            with pytest.raises(TypeError, match=r"(?i)format"):
                make(bad)


@pytest.mark.parametrize(
    ("shape", "error"),
    [(-1, ValueError), ((2, -1), ValueError), ("3", TypeError), (2.5, TypeError),
     (10**30, ValueError), ((10**10,) * 2, MemoryError)],
)  # fmt: skip
def test_bad_shapes(shape, error):
    for make in (fx.zeros, fx.ones, fx.empty, lambda s, f: fx.full(s, 1, f), fx.random.uniform):
        with pytest.raises(error):
            make(shape, NARROW)


def test_arguments_of_constructors_as_numpy_calls_them():
    assert fx.eye(2, Q).tolist() == fx.eye(N=2, M=2, format=Q).tolist() == np.eye(2).tolist()
    assert fx.eye(2, 3, 1, Q).tolist() == np.eye(2, 3, 1).tolist()
    for made in (fx.arange(3, Q), fx.arange(0, 3, Q), fx.arange(0, 3, 1, Q),
                 fx.arange(start=0, stop=3, format=Q), fx.arange(3, step=1, format=Q),
                 fx.linspace(0, 2, 3, Q), fx.linspace(0, 3, 3, False, Q)):  # fmt: skip
        assert made.format == Q
        assert made.tolist() == [0, 1, 2]
    assert fx.full((2,), fill_value=3, format=Q).tolist() == [3, 3]
    assert fx.full_like(fx.zeros(2, Q), fill_value=3, shape=3).tolist() == [3, 3, 3]
    assert fx.zeros_like(fx.zeros(2, Q), shape=(4,)).shape == (4,)
    for call in (lambda: fx.eye(2), lambda: fx.arange(2), lambda: fx.linspace(0, 1),
                 lambda: fx.arange(2, Q, format=Q), lambda: fx.arange(format=Q)):  # fmt: skip
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("q", [fx.Format(16, 8)])
def test_the_format_by_position_or_by_name_in_every_constructor(q):
    """The other parameters by name, or by position before it."""
    spaced = [0, 0.25, 0.5, 0.75]
    for found in (
        fx.linspace(0, 1, 4, q, endpoint=False),
        fx.linspace(0, 1, 4, False, q),
        fx.linspace(0, 1, q, num=4, endpoint=False),
        fx.linspace(0, 1, num=4, endpoint=False, format=q),
        fx.linspace(start=0, stop=1, num=4, endpoint=False, format=q),
        fx.arange(0, 1, q, step=0.25),
        fx.arange(0, 1, 0.25, q),
        fx.arange(1, q, step="0.25"),
        fx.arange(0, 1, step=0.25, format=q),
        fx.arange(start=0, stop=1, step=0.25, format=q),
        fx.arange(stop=1, step=0.25, format=q),
    ):
        assert found.tolist() == spaced
        assert found.format is q
    assert len(fx.linspace(0, 1, q)) == 50
    eye = [[0, 1, 0], [0, 0, 1]]
    for found in (
        fx.eye(2, 3, q, k=1), fx.eye(2, 3, 1, q), fx.eye(2, q, M=3, k=1),
        fx.eye(2, M=3, k=1, format=q),
        fx.eye(N=2, M=3, k=1, format=q), fx.eye(2, 3, k=1, format=q),
    ):  # fmt: skip
        assert found.tolist() == eye
    a = fx.array([1, 2], q)
    for make in (
        lambda *f, **k: fx.array([1, 2], *f, **k), lambda *f, **k: fx.zeros(2, *f, **k),
        lambda *f, **k: fx.ones(2, *f, **k), lambda *f, **k: fx.empty(2, *f, **k),
        lambda *f, **k: fx.full(2, 1, *f, **k), lambda *f, **k: fx.from_bits([1, 2], *f, **k),
        lambda *f, **k: fx.FixedArray.from_raw([1, 2], *f, **k), lambda *f, **k: a.astype(*f, **k),
        lambda *f, **k: a.view_as(*f, **k), lambda *f, **k: fx.random.uniform(2, *f, **k),
        lambda *f, **k: fx.random.normal(2, *f, **k), lambda *f, **k: fx.zeros_like(a, *f, **k),
        lambda *f, **k: fx.full_like(a, 1, *f, **k),
    ):  # fmt: skip
        assert make(q).format is make(format=q).format is q
    for without in (
        lambda: fx.array([1.5]), lambda: fx.zeros(3), lambda: fx.ones(3), lambda: fx.full(3, 1),
        lambda: fx.from_bits([1]), lambda: fx.FixedArray.from_raw([1]), lambda: a.astype(),
        lambda: fx.arange(3), lambda: fx.linspace(0, 1, 4), lambda: fx.eye(3), lambda: a.view_as(),
        lambda: fx.random.uniform(3), lambda: fx.random.normal(3), lambda: fx.empty(2),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="format"):
            without()
    for twice in (
        lambda: fx.linspace(0, 1, 4, q, num=5), lambda: fx.eye(2, 3, q, M=4),
        lambda: fx.arange(0, 1, 2, q, step=3), lambda: fx.linspace(0, 1, 4, True, q, 7),
        lambda: fx.arange(0, 1, 1, q, format=q),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            twice()
