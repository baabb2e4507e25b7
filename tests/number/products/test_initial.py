"""`initial=` of matmul: one more exact term of each sum; with an accumulator: test_accumulator."""

import math
import random
import re

import numpy as np
import oracle
import pytest
from checks import (
    LAYOUTS,
    SEED,
    broadcast,
    check_accumulated,
    check_stored,
    fixed,
    raw_list,
    scaled,
    some_raws,
    sums,
    telling_raws,
)

import fxtypes as fx
from fxtypes.kernels import products
from fxtypes.kernels.calls import Level
from fxtypes.products import blas, matrix_product, paths, plan_products

F = fx.Format
TILED = {"limbs", "karatsuba", "low64", "residues"}
PATHS = [path for path in paths.PATHS if products.TILES or path not in TILED]

# Of the operands, of the initial term and of the result.
FORMATS = [
    (F(8, 4), F(8, 4), F(8, 4), F(8, 4)),
    (F(16, 8), F(16, 8), F(16, 8), F(16, 8)),
    (F(16, 8), F(12, 8), F(16, 16), F(32, 16)),
    (F(8, 4, False), F(8, 4, False), F(8, 4, False), F(16, 4, False)),
    (F(16, 8), F(16, 8), F(64, 40), F(16, 8)),
    (F(16, 0), F(16, 0), F(128, 100), F(16, -3)),
    (F(32, 16), F(32, 16), F(32, 16), F(32, 16)),
    (F(32, 16), F(32, 16), F(8, -6), F(40, 12)),
    (F(64, 32), F(64, 32), F(64, 32), F(64, 32)),
    (F(64, 32), F(64, 32), F(128, 0, False), F(128, 32, False)),
    (F(128, 64), F(128, 64), F(128, 64), F(128, 64)),
    (F(128, 0), F(128, 0), F(128, 64), F(128, -100)),
    (F(128, 128), F(128, 128), F(128, 0), F(128, 0)),
    (F(8, 200), F(8, 200), F(8, 100), F(8, 100)),  # products far below the rest
    (F(8, 200), F(8, 200), F(8, -200), F(128, -190)),
    (F(8, 0), F(8, 0), F(8, 256), F(8, 2)),  # initial terms far below
    (F(8, -100), F(8, -100), F(128, 256), F(16, 0)),
]
# Binary points so far apart that no type of the kernels holds the sums.
FAR = [
    (F(128, -256), F(128, -256), F(8, 256), F(64, 256)),
    (F(128, -256, False), F(128, -256), F(128, 256), F(128, 255)),
    (F(128, -256), F(128, -256), F(100, 256), F(16, 256, False)),
]


def exact_sums(a, b, formats, shape, terms):
    """Exact sums of products and of initial terms, given as exact values."""
    found = sums(oracle.matmul_terms(a, b, shape), formats)
    return [x + t for x, t in zip(found, terms, strict=True)]


def check_exact(chosen, formats, shape, raws=some_raws, layouts=("contiguous",), name="matmul"):
    """A product with an initial term of every shape that broadcasts; returns the last result."""
    x, y, more, result = formats
    m, k, n = shape
    a_raws, b_raws = raws(chosen, x, m * k), raws(chosen, y, k * n)
    a = fixed(a_raws, x, (m, k), chosen.choice(layouts))
    b = fixed(b_raws, y, (k, n), chosen.choice(layouts))
    for initial_shape in [(n,), (m, n)]:
        c_raws = raws(chosen, more, math.prod(initial_shape))
        c = fixed(c_raws, more, initial_shape, chosen.choice(layouts))
        terms = broadcast(c_raws, more, initial_shape, (m, n))
        check_stored(
            lambda c=c: fx.matmul(a, b, format=result, initial=c),
            exact_sums(a_raws, b_raws, (x, y), shape, terms),
            result,
            (m, n),
            name,
        )


# -- exact sums ---------------------------------------------------------------------------


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("overflow", list(fx.Overflow))
def test_every_mode(rounding, overflow):
    chosen = random.Random(f"{rounding} {overflow}")
    for *formats, result in FORMATS + FAR:
        result = result.replace(rounding=rounding, overflow=overflow)
        check_exact(chosen, (*formats, result), (2, 3, 4))
        # Of small values few overflow.
        check_exact(chosen, (*formats, result), (2, 3, 2), telling_raws)


def level(x, y, more, result):
    return plan_products.product(x, y, result, x.width - 1, y.width - 1, 3, more).level


def test_formats_of_every_kind_of_plan():
    """Rounding one term to odd keeps types narrow; the farthest formats fit none."""
    assert level(F(16, 8), F(16, 8), F(16, 8), F(16, 8)) == Level.I64
    assert max(level(*formats) for formats in FORMATS) == Level.I320
    assert level(F(8, 200), F(8, 200), F(8, 100), F(8, 100)) == Level.I32
    assert level(F(8, 0), F(8, 0), F(8, 256), F(8, 2)) == Level.I32
    for formats in FAR:
        with pytest.raises(OverflowError):
            level(*formats)


@pytest.mark.parametrize("rounding", list(fx.Rounding))
@pytest.mark.parametrize("far", [False, True])
def test_what_lies_far_below_decides_ties(rounding, far):
    """Sums on representable values, on ties and beside them, and a term far below; and its sign."""
    x = F(16, 3)
    result = F(16, 1, rounding=rounding)
    fine = F(8, 250) if far else F(8, 12)
    a_raws, c_raws = list(range(-17, 18)), [-128, -1, 0, 1, 127]
    a, one = fixed(a_raws, x, (35, 1)), fixed([1], F(2, 0), (1, 1))
    terms = [oracle.value(raw, x) + oracle.value(c, fine) for raw in a_raws for c in c_raws]
    b = fx.broadcast_to(one, (1, 5))
    c = fixed(c_raws, fine, (5,))
    check_stored(lambda: fx.matmul(a, b, format=result, initial=c), terms, result, (35, 5))
    # And the other way round: the sum of products is what lies far below.
    small = F(8, 125) if far else F(8, 6)
    smallest = fixed([1, -1, 0], small, (1, 3))
    terms = [
        oracle.value(raw, x) + sign * oracle.value(1, small) ** 2
        for raw in a_raws
        for sign in (1, -1, 0)
    ]
    tiny = fx.broadcast_to(fixed([1], small, (1, 1)), (35, 1))
    initial = fixed(a_raws, x, (35, 1))
    check_stored(
        lambda: fx.matmul(tiny, smallest, format=result, initial=initial), terms, result, (35, 3)
    )


@pytest.mark.parametrize("seed", range(40))
def test_mixed_formats(seed):
    chosen = random.Random(seed)
    for _ in range(8):
        widths = [chosen.choice([chosen.randint(2, 128), 8, 16, 32, 64, 128]) for _ in range(4)]
        reach = chosen.choice([8, 70, 256])
        formats = [
            F(w, max(min(w // 2 + chosen.randint(-reach, reach), 256), -256), chosen.random() < 0.7)
            for w in widths
        ]
        *formats, result = formats
        result = result.replace(
            rounding=chosen.choice(list(fx.Rounding)), overflow=chosen.choice(list(fx.Overflow))
        )
        raws = chosen.choice([some_raws, telling_raws])
        shape = chosen.choice([(2, 3, 2), (1, 1, 5), (3, 0, 2), (1, 17, 1)])
        check_exact(chosen, (*formats, result), shape, raws, LAYOUTS)


@pytest.mark.parametrize("kind", ["lowest", "highest"])
@pytest.mark.parametrize("bits", [7, 15, 20, 26, 31, 40, 63, 64, 100, 127])
@pytest.mark.parametrize("path", paths.WISHES)
def test_every_path(monkeypatch, path, bits, kind):
    """The largest sums that a path may take, and the largest terms of their sign.

    A path that isn't exact for such operands says so.
    """
    monkeypatch.setenv("FXTYPES_GEMM", path)
    chosen = random.Random(f"{path} {bits}")
    fmt = F(bits + 1, bits // 2)
    m, k, n = shape = 7, 19, 37
    try:
        paths.choose(bits, bits, m, k, n, path)
    except paths.NotExactError:
        a, b = fx.full((m, k), fmt.min, fmt), fx.full((k, n), fmt.min, fmt)
        with pytest.raises(paths.NotExactError, match=f"FXTYPES_GEMM={path}"):
            fx.matmul(a, b, initial=a[0, 0])
        return
    stochastic = F(128, bits - 5, rounding="stochastic", overflow="wrap")
    results = (fmt, F(128, bits), stochastic)
    check_exact(chosen, (fmt, fmt, fmt, stochastic), shape)
    for more in (fmt, F(128, bits // 2), F(128, bits + 20), F(8, -3)):
        for result in results:
            check_exact(
                chosen,
                (fmt, fmt, more, result),
                (2, 5, 3),
                lambda _, f, size: [f.raw_min if kind == "lowest" else f.raw_max] * size,
            )


@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
@pytest.mark.parametrize("bits", [30, 62, 126])
def test_a_sum_and_a_term_that_leave_a_type_together(bits, overflow):
    """Either is held by the type of so many bits and two more, of which both make use."""
    p = bits // 2
    x, y, more = F(p + 1, 0), F(bits - p + 1, 0), F(bits + 2, 0)
    result = F(bits, 0, overflow=overflow)
    for b_raw in (y.raw_min, -y.raw_min - 1):
        a, b = fixed([x.raw_min], x, (1, 1)), fixed([b_raw], y, (1, 1))
        for raw in (more.raw_min, more.raw_max):
            c = fixed([raw], more, (1,))
            check_stored(
                lambda a=a, b=b, c=c: fx.matmul(a, b, result, initial=c),
                [x.raw_min * b_raw + raw],
                result,
                (1, 1),
            )


# -- shapes -------------------------------------------------------------------------------

SHAPES = [
    ((2, 3), (3, 4), [(), (1,), (4,), (1, 4), (2, 1), (2, 4)]),
    ((3,), (3, 4), [(), (1,), (4,)]),
    ((2, 3), (3,), [(), (1,), (2,)]),
    ((3,), (3,), [()]),
    ((5, 2, 3), (3, 4), [(), (4,), (2, 1), (2, 4), (5, 1, 1), (5, 1, 4), (5, 2, 4), (1, 2, 4)]),
    ((5, 2, 3), (5, 3, 4), [(4,), (2, 4), (5, 2, 1), (5, 2, 4)]),
    ((2, 3), (5, 3, 4), [(4,), (2, 4), (5, 1, 1), (5, 2, 4)]),
    ((6, 1, 2, 3), (5, 3, 4), [(4,), (5, 1, 4), (6, 1, 1, 1), (6, 5, 2, 4)]),
    ((5, 2, 3), (3,), [(), (2,), (5, 1), (5, 2)]),
    ((3,), (5, 3, 4), [(4,), (5, 1), (5, 4)]),
    ((2, 0), (0, 4), [(4,), (2, 4), ()]),
    ((0,), (0,), [()]),
    ((0, 3), (3, 4), [(4,), (0, 4)]),
    ((4, 2, 0), (0, 3), [(3,), (4, 2, 3)]),
]


@pytest.mark.parametrize(("a_shape", "b_shape", "initial_shapes"), SHAPES)
@pytest.mark.parametrize("accumulator", [None, F(20, 10, rounding="stochastic")])
def test_shapes(a_shape, b_shape, initial_shapes, accumulator):
    chosen = random.Random(f"{a_shape} {b_shape}")
    x, more, result = F(16, 5), F(16, 13), F(24, 9, rounding="stochastic")
    a_raws, b_raws = (some_raws(chosen, x, math.prod(s)) for s in (a_shape, b_shape))
    objects = [np.array(r, object).reshape(s) for r, s in ((a_raws, a_shape), (b_raws, b_shape))]
    # Each element's products, by way of the elementwise product of what matmul adds up.
    left = objects[0] if len(a_shape) > 1 else objects[0][np.newaxis]
    right = objects[1] if len(b_shape) > 1 else objects[1][:, np.newaxis]
    lines = left[..., :, np.newaxis, :] * np.swapaxes(right, -1, -2)[..., np.newaxis, :, :]
    shape = np.matmul(np.zeros(a_shape), np.zeros(b_shape)).shape
    lines = lines.reshape(math.prod(shape), a_shape[-1]).tolist()
    for initial_shape in initial_shapes:
        c_raws = some_raws(chosen, more, math.prod(initial_shape))
        terms = broadcast(c_raws, more, initial_shape, shape)
        for layout in LAYOUTS:
            a, b = fixed(a_raws, x, a_shape, layout), fixed(b_raws, x, b_shape, layout)
            c = fixed(c_raws, more, initial_shape, layout)

            def compute(a=a, b=b, c=c):
                return fx.matmul(a, b, result, accumulator, initial=c)

            if accumulator is None:
                exact = [v + t for v, t in zip(sums((lines, shape), (x, x)), terms, strict=True)]
                check_stored(compute, exact, result, shape, "matmul")
            else:
                products = scaled((lines, shape), (x, x))
                check_accumulated(compute, products, result, accumulator, initial=terms)


def test_bad_arguments():
    a, b = fx.ones((2, 3), F(8, 0)), fx.ones((3, 4), F(8, 0))
    for shape in [(3,), (2,), (1, 2, 4), (3, 4)]:
        text = f"initial of shape {shape} doesn't broadcast to the result's (2, 4)"
        with pytest.raises(ValueError, match=re.escape(text)):
            fx.matmul(a, b, initial=fx.ones(shape, F(8, 0)))
    for initial in (1, 0.5, np.ones(4), [1, 2, 3, 4]):
        with pytest.raises(TypeError, match="initial must be a FixedArray, got"):
            fx.matmul(a, b, initial=initial)
    with pytest.raises(TypeError):
        fx.matmul(a, b, None, None, None, fx.ones(4, F(8, 0)))  # by keyword only
    with pytest.raises(TypeError):
        np.matmul(a, b, initial=fx.ones(4, F(8, 0)))
    with pytest.raises(TypeError):
        fx.dot(a, b, initial=fx.ones(4, F(8, 0)))


def test_out_may_overlap_the_initial_terms():
    fmt = F(16, 0)
    a, b = fixed([1, 2, 3, 4], fmt, (2, 2)), fixed([0, 1, 1, 0], fmt, (2, 2))
    out = fixed([10, 20, 30, 40], fmt, (2, 2))
    assert fx.matmul(a, b, out=out, initial=out.T) is out
    assert raw_list(out) == [12, 31, 24, 43]
    assert fx.matmul(out, b, out=out, initial=out[0]) is out
    assert raw_list(out) == [43, 43, 55, 55]


# -- formats ------------------------------------------------------------------------------


def test_the_initial_term_has_no_part_in_the_format():
    a, b = fx.array([[1, 2]], F(16, 4)), fx.array([[3], [4]], F(12, 4))
    c = fx.array([0.53125], F(64, 40, False, "floor", "wrap"))
    found = fx.matmul(a, b, initial=c)
    assert found.format == F(16, 4)
    assert raw_list(found) == [round(11.53125 * 16)]
    assert fx.matmul([[1, 2]], b, initial=c).format == F(12, 4)


@pytest.mark.parametrize("inner", [0, 1, 2, 3, 16, 17])
def test_full_precision_holds_it_too(inner):
    x, y = F(8, 3, False), F(10, 4)
    for more in (F(8, 3), F(40, 2), F(40, 36, False), F(8, 20), F(30, -4, False)):
        other = more.replace(rounding="stochastic", overflow="raise")
        for x_raw, y_raw, c_raw in [
            (x.raw_max, y.raw_max, more.raw_max),
            (x.raw_max, y.raw_min, more.raw_min),
        ]:
            a, b = fixed([x_raw] * inner, x, (1, inner)), fixed([y_raw] * inner, y, (inner, 1))
            c = fixed([c_raw], other, (1,))
            exact = inner * oracle.value(x_raw, x) * oracle.value(y_raw, y) + oracle.value(
                c_raw, more
            )
            with fx.full_precision(), fx.record() as events:
                found = fx.matmul(a, b, initial=c)
                as_sum = (a @ b + c.astype(more)).format
            assert found.item() == exact
            assert found.format == as_sum
            assert events.overflow == events.inexact == 0
    with fx.full_precision(), pytest.raises(fx.FormatError, match="format="):
        fx.matmul(a, b, initial=fx.ones(1, F(128, 0)))


# -- what does not depend on the path -----------------------------------------------------


@pytest.fixture
def several_threads(monkeypatch):
    before = fx.get_num_threads()
    monkeypatch.setattr(matrix_product, "WORTH_A_THREAD", 1.0)
    yield fx.set_num_threads
    fx.set_num_threads(before)


@pytest.mark.parametrize("shape", [(70, 40, 33), (20, 40, 90), (5, 3, 1)])
@pytest.mark.parametrize("path", [*PATHS, "accumulator"])
def test_threads_and_blocks(monkeypatch, several_threads, path, shape):
    m, k, n = shape
    fmt, target = F(16, 8), F(16, 8, rounding="stochastic")
    rng = np.random.default_rng(1)
    a, b, full, row, column = (
        fx.FixedArray.from_raw(rng.integers(-3000, 3000, s), fmt)
        for s in [(2, m, k), (k, n), (2, m, n), (n,), (m, 1)]
    )
    if path == "accumulator":
        options = {"accumulator": target}
    else:
        options = {"format": target}
        monkeypatch.setenv("FXTYPES_GEMM", path)

    def results():
        found = []
        for left, initial in [(a, full), (a[0], full[1]), (a, row), (a[1], column), (a, column)]:
            with fx.seeded(SEED), fx.record() as events:
                result = fx.matmul(left, b, initial=initial, **options)
            found.append((raw_list(result), events.by_operation))
        return found

    several_threads(1)
    expected = results()
    several_threads(2)
    assert results() == expected
    monkeypatch.setattr(matrix_product, "BLOCK_ROWS", 7)
    monkeypatch.setattr(matrix_product, "BLOCK_COLUMNS", 5)
    monkeypatch.setattr(blas, "BLOCK", 7)
    monkeypatch.setattr(blas, "TERMS", 10)
    assert results() == expected
