"""dot, inner, vdot, outer, kron, cross, tensordot, vecdot, multi_dot, matrix_power, trace."""

import itertools
import math
import random

import numpy as np
import oracle
import pytest
from checks import (
    LAYOUTS,
    check_accumulated,
    check_sums,
    cross,
    fixed,
    objects,
    raw_list,
    scaled,
    some_arrays,
    some_format,
)

import fxtypes as fx
from fxtypes.products import contraction, table

MODES = ("full", "same", "valid")

Q = fx.Format(16, 8)

PAIRS = {
    "dot": (
        fx.dot,
        np.dot,
        [
            *([(5,), (5,)], [(2, 3), (3, 4)], [(2, 3), (3,)], [(3,), (3, 2)], [(), (2, 3)]),
            *([(2, 3), ()], [(), ()], [(2, 2, 3), (3,)], [(2, 2, 3), (3, 4)], [(3,), (2, 3, 4)]),
            *([(2, 3), (4, 3, 2)], [(2, 1, 3), (2, 3, 2)], [(0, 3), (3, 2)], [(2, 0), (0, 3)]),
            *([(0,), (0,)], [(1, 1), (1, 1)], [(2, 3, 0), (4, 0, 2)]),
        ],
    ),
    "inner": (
        fx.inner,
        np.inner,
        [
            *([(5,), (5,)], [(2, 3), (4, 3)], [(2, 3), (3,)], [(3,), (2, 3)], [(), (2, 3)]),
            *([(2, 2, 3), (4, 3)], [(2, 3), ()], [(2, 0), (3, 0)], [(), ()]),
        ],
    ),
    "vdot": (
        fx.vdot,
        lambda x, y: np.dot(x.reshape(-1), y.reshape(-1)),
        [*([(5,), (5,)], [(2, 3), (3, 2)], [(), ()], [(), (1, 1)], [(0,), (2, 0)])],
    ),
    "outer": (
        fx.outer,
        np.outer,
        [*([(2,), (3,)], [(2, 3), (2, 2)], [(), (3,)], [(0,), (3,)], [(1,), (1,)])],
    ),
    "kron": (
        fx.kron,
        np.kron,
        [
            *([(2,), (3,)], [(2, 3), (3, 2)], [(2, 3), (2,)], [(2,), (2, 2, 3)], [(), (2, 2)]),
            *([(), ()], [(0,), (2,)], [(1, 2), (2, 1)]),
        ],
    ),
    "vecdot": (
        fx.vecdot,
        lambda x, y: np.einsum("...i,...i->...", x, y),
        [
            *([(5,), (5,)], [(2, 3), (2, 3)], [(2, 3), (3,)], [(4, 1, 3), (2, 3)]),
            *([(2, 0), (0,)], [(0, 2), (2,)], [(1,), (2, 1)]),
        ],
    ),
    "matvec": (
        fx.matvec,
        lambda x, y: np.einsum("...ij,...j->...i", x, y),
        [*([(2, 3), (3,)], [(2, 3), (4, 3)], [(2, 1, 2, 3), (4, 3)], [(2, 0), (0,)])],
    ),
    "vecmat": (
        fx.vecmat,
        lambda x, y: np.einsum("...i,...ij->...j", x, y),
        [*([(2,), (2, 3)], [(4, 2), (2, 3)], [(4, 2), (2, 1, 2, 3)], [(0,), (0, 2)])],
    ),
    "cross": (
        fx.cross,
        cross,
        [*([(3,), (3,)], [(2, 3), (3,)], [(3,), (2, 3)], [(2, 1, 3), (4, 3)], [(0, 3), (3,)])],
    ),
}

CASES = [(name, shapes) for name, (*_, found) in PAIRS.items() for shapes in found]
NARROW = fx.Format(8, 4)


@pytest.mark.parametrize(("name", "shapes"), CASES)
@pytest.mark.parametrize("width", [8, 16, 33, 64, 128])
def test_pairs(name, shapes, width):
    chosen = random.Random(f"{name} {shapes} {width}")
    ours, numpys, _ = PAIRS[name]
    for _ in range(4):
        formats = [some_format(chosen, max(2, width - chosen.randrange(8))) for _ in shapes]
        fmt = some_format(chosen, chosen.choice([8, 16, 32, 64, 128]))
        arrays, integers = some_arrays(chosen, shapes, formats)
        exact = numpys(*integers)
        check_sums(lambda a=arrays, f=fmt: ours(*a, format=f), exact, formats, fmt, name)
        out = fx.zeros(np.shape(exact), fmt)
        check_sums(lambda a=arrays, o=out: ours(*a, out=o), exact, formats, fmt, name)
    same = fx.Format(width, width // 2, overflow="wrap")
    arrays, integers = some_arrays(chosen, shapes, [same, same])
    check_sums(lambda: ours(*arrays), numpys(*integers), [same, same], same, name)


TENSORDOTS = [
    ((2, 3, 4), (3, 4, 2), 2),
    ((2, 3), (3, 4), 1),
    ((2, 3), (4,), 0),
    ((), (2, 3), 0),
    ((2, 3), (2, 3), 2),
    ((2, 3, 4), (4, 3, 5), ([1, 2], [1, 0])),
    ((2, 3, 4), (4, 3, 5), ((-1,), (0,))),
    ((2, 3, 4), (3, 2), (1, 0)),
    ((2, 3, 4), (2, 3, 4), ([2, 0, 1], [2, 0, 1])),
    ((2, 0), (0, 3), 1),
    ((0, 2), (2, 3), 1),
    ((1, 2), (2, 1), ([0, 1], [1, 0])),
    ((2, 3), (2, 3), ([], [])),
]


@pytest.mark.parametrize(("first", "second", "axes"), TENSORDOTS)
@pytest.mark.parametrize("width", [8, 32, 100])
def test_tensordot(first, second, axes, width):
    chosen = random.Random(f"{first} {second}")
    formats = [some_format(chosen, width)] * 2
    arrays, integers = some_arrays(chosen, [first, second], formats)
    exact = np.tensordot(*integers, axes)
    check_sums(lambda: np.tensordot(*arrays, axes), exact, formats, formats[0], "tensordot")
    for rounding, overflow in (("stochastic", "wrap"), ("ceil", "raise")):
        fmt = fx.Format(width, 7, rounding=rounding, overflow=overflow)
        check_sums(
            lambda f=fmt: fx.tensordot(*arrays, axes, format=f), exact, formats, fmt, "tensordot"
        )


def test_bad_shapes():
    a, s, v = fx.ones((2, 3), Q), fx.ones((3, 3), Q), fx.ones(4, Q)
    for call, said in [
        (lambda: fx.dot(a, a), r"dot.*lengths 3 and 2.*\(2, 3\) and \(2, 3\)"),
        (lambda: fx.dot(a, v), r"dot.*\(2, 3\) and \(4,\)"),
        (lambda: fx.dot(s, fx.ones((2, 2, 2), Q)), r"dot.*\(3, 3\) and \(2, 2, 2\)"),
        (lambda: fx.inner(a, fx.ones((2, 2), Q)), r"inner.*\(2, 3\) and \(2, 2\)"),
        (lambda: fx.vdot(a, s), r"vdot.*6 and 9.*\(2, 3\) and \(3, 3\)"),
        (lambda: fx.tensordot(a, s), r"tensordot.*\[2, 3\] and \[3, 3\].*\(2, 3\) and \(3, 3\)"),
        (lambda: fx.tensordot(a, s, 3), r"3 axes.*\(2, 3\)"),
        (lambda: fx.tensordot(a, s, -1), r"-1 axes"),
        (lambda: fx.tensordot(a, s, ([0, 1], [0])), "as many axes"),
        (lambda: fx.tensordot(a, s, ([0, 0], [0, 1])), "repeated axis"),
        (lambda: fx.tensordot(a, s, ([2], [0])), "out of bounds"),
        (lambda: fx.tensordot(a, s, ([2], [0], [1])), "number, or those of both"),
        (lambda: fx.vecdot(a, v), r"vecdot.*3 and 4.*\(2, 3\) and \(4,\)"),
        (lambda: fx.vecdot(a, fx.ones((3, 3), Q)), r"vecdot.*\(2, 3\) and \(3, 3\)"),
        (lambda: fx.vecdot(a, a[0, 0]), r"vecdot.*too few axes"),
        (lambda: fx.vecdot(fx.ones((2, 1), Q), a), r"vecdot.*1 and 3"),
        (lambda: fx.matvec(a[0], a), r"matvec.*too few axes"),
        (lambda: fx.matvec(a, v), r"matvec.*\(2, 3\) and \(4,\)"),
        (lambda: fx.vecmat(v, a), r"vecmat.*\(4,\) and \(2, 3\)"),
        (lambda: fx.cross(v, v), r"cross.*3 elements.*\(4,\)"),
        (lambda: fx.cross(a[0, 0], a), r"cross.*3 elements.*\(\)"),
        (lambda: fx.cross(fx.ones((4, 3), Q), a), "broadcast"),
        (lambda: fx.convolve(a, v), r"convolve.*\(2, 3\) and \(4,\)"),
        (lambda: fx.convolve(v, v[:0]), r"convolve of no elements.*\(4,\) and \(0,\)"),
        (lambda: fx.correlate(v[:0], v), r"correlate of no elements.*\(0,\) and \(4,\)"),
        (lambda: fx.correlate(v, v, "wide"), "full, same, valid.*'wide'"),
        (lambda: fx.multi_dot([a]), "multi_dot.*two arrays, got 1"),
        (lambda: fx.multi_dot([a, a]), r"multi_dot.*3 and 2.*\(2, 3\)"),
        (lambda: fx.multi_dot([s, v, s]), r"multi_dot.*\(3, 3\) and \(4,\) and \(3, 3\)"),
        (lambda: fx.matrix_power(a, 2), r"matrix_power.*square.*\(2, 3\)"),
        (lambda: fx.matrix_power(s, -1), "matrix_power.*-1"),
        (lambda: fx.matrix_power(s, 10**9), "matrix_power.*bits"),
        (lambda: fx.trace(v), "at least two dimensions"),
    ]:
        with pytest.raises(ValueError, match=said):
            call()
    with pytest.raises(TypeError):
        fx.matrix_power(s, 2.5)
    with pytest.raises(TypeError):
        fx.tensordot(a, s, 1.5)
    for function in (fx.dot, fx.vdot, fx.convolve, fx.correlate):
        with pytest.raises(TypeError):
            function(v, v, accumulator="Q8.8")
    for function in (fx.dot, fx.inner, fx.outer, fx.vecdot, fx.convolve, fx.kron, fx.cross):
        with pytest.raises(TypeError, match="FixedArray"):
            function([1.0, 2, 3], [1, 2, 3])
        with pytest.raises(fx.FormatError, match="out="):
            function(v[:3], v[:3], format=fx.Format(8, 4), out=v)
        with pytest.raises(ValueError, match="shape"):
            function(v[:3], v[:3], out=fx.zeros((2, 2, 2), Q))
        with pytest.raises(TypeError, match="out="):
            function(v[:3], v[:3], out=np.zeros(3))


def test_axes_of_vectors():
    chosen = random.Random(3)
    fmt = fx.Format(20, 5, rounding="stochastic")
    arrays, integers = some_arrays(chosen, [(3, 2, 4), (4, 3, 2)], [fmt, fmt])
    for axes in [{"axisa": 0, "axisb": 1, "axisc": 0}, {"axisa": 0, "axisb": 1, "axisc": 1},
                 {"axisa": 0, "axisb": 1}]:  # fmt: skip
        parts = [x.transpose(0, 2, 1) if i == 0 else x for i, x in enumerate(integers)]
        given = [x.transpose(0, 2, 1) if i == 0 else x for i, x in enumerate(arrays)]
        check_sums(lambda a=axes, g=given: fx.cross(*g, **a),
              cross(*parts, **axes), [fmt] * 2, fmt, "cross")  # fmt: skip
    exact = cross(integers[0], integers[0], axis=0)
    check_sums(lambda: fx.cross(arrays[0], arrays[0], axis=0), exact, [fmt] * 2, fmt, "cross")
    for axis in (0, 1, -1, -2):
        exact = np.sum(integers[0] * integers[0], axis=axis)
        for function in (fx.vecdot, np.vecdot, np.linalg.vecdot):
            check_sums(lambda f=function, i=axis: f(arrays[0], arrays[0], axis=i),
                  exact, [fmt] * 2, fmt, "vecdot")  # fmt: skip
    with pytest.raises(np.exceptions.AxisError):
        fx.vecdot(*arrays, axis=3)
    with pytest.raises(np.exceptions.AxisError):
        fx.cross(arrays[0], arrays[0], axis=3)


@pytest.mark.parametrize("width", [8, 16, 32, 50, 64, 128])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_multi_dot(width, count):
    """Rounded once, however many factors and however wide the products on the way."""
    chosen = random.Random(f"{width} {count}")
    for ends in itertools.product((True, False), repeat=2):
        sides = [chosen.randint(1, 4) for _ in range(count + 1)]
        shapes = list(itertools.pairwise(sides))
        shapes[0] = shapes[0][1:] if ends[0] else shapes[0]
        shapes[-1] = shapes[-1][:1] if ends[1] else shapes[-1]
        formats = [some_format(chosen, width) for _ in shapes]
        fmt = some_format(chosen, width)
        arrays, integers = some_arrays(chosen, shapes, formats)
        exact = integers[0]
        for more in integers[1:]:
            exact = np.dot(exact, more)
        out = fx.zeros(np.shape(exact), fmt)
        check_sums(lambda a=arrays, f=fmt: fx.multi_dot(a, format=f),
              exact, formats, fmt, "multi_dot")  # fmt: skip
        check_sums(lambda a=arrays, o=out: np.linalg.multi_dot(a, out=o),
              exact, formats, fmt, "multi_dot")  # fmt: skip


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic", "floor"])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
@pytest.mark.parametrize("kind", ["any", "lowest"])
def test_multi_dot_in_pieces(monkeypatch, kind, rounding, overflow):
    """A product past 128 bits is cut into as many pieces as the other factor leaves room for."""
    monkeypatch.setattr(contraction, "_rounded_in_blocks", None)  # Python's integers
    monkeypatch.setattr(contraction, "_BLOCK", 3)
    chosen = random.Random(f"{rounding} {overflow}")
    for widths in itertools.product((65, 90, 128), (65, 127), (2, 33, 60, 64)):
        formats = [fx.Format(w, w // 2, chosen.random() < 0.7) for w in widths]
        fmt = fx.Format(chosen.choice([64, 128]), 30, True, rounding, overflow)
        arrays, integers = some_arrays(chosen, [(2, 3), (3, 2), (2, 4)], formats)
        if kind == "lowest":
            integers = [np.full_like(x, f.raw_min or f.raw_max)
                        for x, f in zip(integers, formats, strict=True)]  # fmt: skip
            arrays = [fixed(x.reshape(-1).tolist(), f, x.shape)
                      for x, f in zip(integers, formats, strict=True)]  # fmt: skip
        exact = integers[0] @ integers[1] @ integers[2]
        check_sums(lambda a=arrays, f=fmt: fx.multi_dot(a, format=f),
              exact, formats, fmt, "multi_dot")  # fmt: skip
        keywords = {"format": fmt, "optimize": ["einsum_path", (0, 1), (0, 1)]}
        check_sums(lambda a=arrays, k=keywords: fx.einsum("ij,jk,kl->li", *a, **k),
              exact.T, formats, fmt, "einsum")  # fmt: skip


def test_the_order_of_a_chain():
    """The fewest products of elements, by trying all orders."""

    def cheapest(sides):
        if len(sides) == 2:
            return 0
        return min(
            cheapest(sides[: k + 1]) + cheapest(sides[k:]) + sides[0] * sides[k] * sides[-1]
            for k in range(1, len(sides) - 1)
        )

    def cost(splits, sides, i, j):
        if j - i == 1:
            return 0
        k = splits[i, j]
        parts = cost(splits, sides, i, k) + cost(splits, sides, k, j)
        return parts + sides[i] * sides[k] * sides[j]

    chosen = random.Random(1)
    for count in (2, 3, 4, 6):
        for _ in range(10):
            sides = [chosen.randint(1, 30) for _ in range(count + 1)]
            assert cost(table._best_splits(sides), sides, 0, count) == cheapest(sides)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 10])
@pytest.mark.parametrize("width", [8, 30, 64, 128])
def test_matrix_power(n, width):
    chosen = random.Random(f"{n} {width}")
    for shape in [(1, 1), (2, 2), (3, 3), (2, 3, 3), (0, 0), (0, 2, 2)]:
        own, fmt = some_format(chosen, width), some_format(chosen, width)
        (a,), (integers,) = some_arrays(chosen, [shape], [own])
        exact = np.broadcast_to(np.eye(shape[-1], dtype=int).astype(object), shape)
        for _ in range(n):
            exact = np.matmul(exact, integers)
        check_sums(lambda a=a, f=fmt: fx.matrix_power(a, n, format=f),
              exact, [own] * n, fmt, "matrix_power")  # fmt: skip
        check_sums(lambda a=a: np.linalg.matrix_power(a, n), exact, [own] * n, own, "matrix_power")


def test_trace():
    chosen = random.Random(5)
    for width in (8, 32, 128):
        own, fmt = some_format(chosen, width), some_format(chosen, 16)
        (a,), (integers,) = some_arrays(chosen, [(3, 4, 2)], [own])
        for args in [(), (1,), (-1,), (0, 1, 2), (1, 2, 0), (5,)]:
            exact = np.trace(integers, *args)
            check_sums(
                lambda a=a, f=fmt, g=args: fx.trace(a, *g, format=f), exact, [own], fmt, "trace"
            )
            check_sums(lambda a=a, g=args: a.trace(*g), exact, [own], own, "trace")
            check_sums(
                lambda a=a, g=args, f=fmt: np.trace(a, *g, dtype=f), exact, [own], fmt, "trace"
            )
        check_sums(
            lambda a=a: np.linalg.trace(a), np.trace(integers, 0, -2, -1), [own], own, "trace"
        )


def test_the_results_format():
    a, b, c = fixed([1, 2], Q), fixed([3, 4], fx.Format(12, 10)), fixed([5, 6], fx.Format(20, 2))
    common = fx.Format(*oracle.common_format(oracle.common_format(Q, b.format), c.format))
    assert fx.einsum("i,i,i", a, b, c).format == common
    assert fx.outer(a, b).format == fx.Format(*oracle.common_format(Q, b.format))
    other = a.view_as(Q.replace(rounding="floor"))
    with pytest.raises(fx.FormatError, match="modes"):
        fx.vdot(a, other)
    assert fx.vdot(a, other, format=Q).format is Q
    out = fx.zeros((), fx.Format(40, 20))
    assert fx.vdot(a, other, out=out) is out
    assert raw_list(out) == [5 << 4]


def test_other_operands():
    """Integers count with their exact value, floats are rounded into the array's format first."""
    a = fixed([1, -2, 3], fx.Format(8, 4))
    assert raw_list(fx.inner(a, [1, 2, 3])) == [6]
    assert raw_list(fx.vdot(np.array([100, 100, 100]), a)) == [127]
    assert raw_list(fx.dot(a, np.float64(0.5))) == [0, -1, 2]
    assert raw_list(fx.outer(a, 0.53)[:, 0]) == [0, -1, 2]  # 0.53 is 8/16 in the format
    assert raw_list(fx.einsum("i,i,i", a, [1, 1, 1], [0.5, 0.5, 0.5])) == [1]
    assert raw_list(a.dot([1, 1, 1])) == [2]
    huge = 1 << 200
    wide = fx.Format(16, -196)
    for found in (
        fx.dot(a, [huge, 1, huge + 1], format=wide),
        fx.tensordot([huge, 1, huge + 1], a, 1, format=wide),
        fx.einsum("i,i", a, [huge, 1, huge + 1], format=wide),
        fx.vdot([huge, 1, huge + 1], a, format=wide),
        fx.vecdot([huge, 1, huge + 1], a, format=wide),
    ):
        assert raw_list(found) == [4]
    assert raw_list(fx.cross([huge, 0, huge + 1], a, format=wide)) == [2, -2, -2]
    assert raw_list(fx.kron(a, [huge], format=wide)) == [1, -2, 3]
    for mode in MODES:
        ints = [huge, 3, huge + 1], [16, -32, 48, 5]
        b = fixed(ints[1], a.format)
        for ours, numpys in ((fx.convolve, np.convolve), (fx.correlate, np.correlate)):
            for swap in (1, -1):
                exact = numpys(*(np.array(x, object) for x in ints[::swap]), mode)
                fmt = wide.replace(rounding="stochastic")
                check_sums(lambda f=ours, p=(ints[0], b)[::swap], m=mode, t=fmt: f(*p, m, format=t),
                      exact, [a.format], fmt, ours.__name__)  # fmt: skip
    with pytest.raises(fx.FixedOverflowError):
        fx.vdot(a, [100.0, 0, 0])
    with pytest.raises(TypeError):
        fx.vdot(a, [1j, 0, 0])
    with pytest.raises(fx.FormatError, match="128 bits"):
        fx.vdot(a, [huge, 1, huge + 1], accumulator=Q)


def test_full_precision():
    a, b = fx.Format(8, 4), fx.Format(10, 3, signed=False)
    x, y = fx.ones((3, 5), a), fx.ones((5, 2), b)
    cases = [
        (lambda: fx.dot(x, y), 18 + 3, 7),
        (lambda: fx.inner(x, y.T), 18 + 3, 7),
        (lambda: fx.tensordot(x, y, 1), 18 + 3, 7),
        (lambda: fx.tensordot(x, x, 2), 16 + 4, 8),
        (lambda: fx.vdot(x, x), 16 + 4, 8),
        (lambda: fx.vecdot(x, x), 16 + 3, 8),
        (lambda: fx.vecdot(x, x, axis=0), 16 + 2, 8),
        (lambda: fx.matvec(x, y[:, 0]), 18 + 3, 7),
        (lambda: fx.vecmat(x[0], y), 18 + 3, 7),
        (lambda: fx.outer(x, y), 18, 7),
        (lambda: fx.kron(x, y), 18, 7),
        (lambda: fx.convolve(x[0], y[:, 0]), 18 + 3, 7),
        (lambda: fx.correlate(x[0], y[:2, 0]), 18 + 1, 7),
        (lambda: fx.einsum("ij,jk", x, y), 18 + 3, 7),
        (lambda: fx.einsum("ij,jk,ij->", x, y, x), 26 + 5, 11),
        (lambda: fx.einsum("ij->i", x), 8 + 3, 4),
        (lambda: fx.einsum("ij->ji", x), 8, 4),
        (lambda: fx.trace(x), 8 + 2, 4),
        (lambda: fx.cross(x[:, 0], x[:, 1]), 16 + 1, 8),
        (lambda: fx.multi_dot([x, y, y.T]), 28 + 4, 10),
        (lambda: fx.matrix_power(x[:, :3], 3), 24 + 4, 12),
        (lambda: fx.matrix_power(x[:, :3], 0), 8, 4),
        (lambda: fx.dot(x, 3), 8 + 3, 4),
    ]
    for compute, width, frac_bits in cases:
        with fx.full_precision():
            found = compute()
        assert (found.format.width, found.format.frac_bits) == (width, frac_bits)
        assert found.format.signed
        assert fx.array(found.to_fractions(), fx.Format(64, 20)).to_fractions().tolist() == (
            compute().astype(fx.Format(64, 20)).to_fractions().tolist()
        ) or compute().format.max < max(found.to_fractions().reshape(-1))
    with fx.full_precision(), pytest.raises(fx.FormatError, match="format="):
        fx.vdot(fx.ones(5, fx.Format(64, 4)), fx.ones(5, fx.Format(64, 4)))
    with fx.full_precision():
        lowest = fx.FixedArray.from_raw([[a.raw_min] * 3] * 2, a)
        ends = fx.FixedArray.from_raw([127, -128, 127], a)
        found = fx.cross(lowest, ends).to_fractions().tolist()
        assert found == cross(lowest.to_fractions(), ends.to_fractions()).tolist()


@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic", "ceil"])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
@pytest.mark.parametrize("width", [8, 20, 100])
def test_products_with_an_accumulator(rounding, overflow, width):
    chosen = random.Random(f"{rounding} {overflow} {width}")
    own = fx.Format(width, width // 2)
    accumulator = fx.Format(min(width + 3, 128), width // 2 - 1, True, rounding, overflow)
    fmt = fx.Format(width, width // 2 - 2, rounding="stochastic")
    reach = own.raw_max if overflow != "raise" else 2 ** (width // 2)

    def given(*shape):
        raws = [chosen.randint(-reach, reach) for _ in range(math.prod(shape))]
        return fixed(raws, own, shape, chosen.choice(LAYOUTS)), objects(raws, shape)

    def check_terms(name, function, parts, terms, **options):
        arrays = [a for a, _ in parts]
        check_accumulated(
            lambda: function(*arrays, format=fmt, accumulator=accumulator, **options),
            scaled(terms, [own] * 2), fmt, accumulator, name,
        )  # fmt: skip

    for name, function, text, shapes in [
        ("dot", fx.dot, "ij,jk->ik", [(2, 4), (4, 3)]),
        ("dot", fx.dot, "i,i->", [(5,), (5,)]),
        ("dot", fx.dot, "ij,kjl->ikl", [(2, 3), (2, 3, 2)]),
        ("dot", fx.dot, ",ij->ij", [(), (2, 3)]),
        ("vdot", fx.vdot, "ij,ij->", [(2, 3), (2, 3)]),
        ("matmul", fx.matmul, "bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
    ]:
        parts = [given(*shape) for shape in shapes]
        terms = oracle.einsum_terms(text, [plain for _, plain in parts])
        check_terms(name, function, parts, terms)
    # The pairs of axes in their order: the first is outermost.
    parts = [given(2, 3, 2), given(2, 3, 2)]
    for axes, text in [
        (([0, 1], [0, 1]), "abx,aby->xy"),
        (([1, 0], [1, 0]), "bax,bay->xy"),
        (([2, 1], [0, 1]), "xba,abz->xz"),
    ]:
        integers = [plain for _, plain in parts]
        if axes == ([1, 0], [1, 0]):  # terms go by first appearance: b before a
            text, integers = "abx,aby->xy", [plain.swapaxes(0, 1) for plain in integers]
        if axes == ([2, 1], [0, 1]):
            text, integers = "abx,abz->xz", [integers[0].transpose(2, 1, 0), integers[1]]
        check_terms(
            "tensordot", fx.tensordot, parts, oracle.einsum_terms(text, integers), axes=axes
        )


def test_numpys_functions():
    a, b = fixed([1, 2, 3], Q), fixed([4, -5, 6], Q)
    x, y = a.to_numpy(), b.to_numpy()
    m, n = fixed(list(range(9)), fx.Format(16, 4), (3, 3)), np.arange(9).reshape(3, 3) / 16
    fine, exact = fx.Format(60, 20), fx.Format(16, 4)
    for function, theirs in [
        (np.convolve, (x, y)),
        (np.correlate, (x, y)),
        (np.cross, (x, y)),
        (np.inner, (x, y)),
        (np.kron, (x, y)),
        (np.outer, (x, y)),
        (np.vdot, (x, y)),
        (np.vecdot, (x, y)),
        (np.linalg.cross, (x, y)),
        (np.linalg.outer, (x, y)),
        (np.linalg.vecdot, (x, y)),
    ]:
        wide = [v.astype(fine) for v in (a, b)]
        for found in (function(*wide), function(wide[0], y), function(x, wide[1])):
            assert isinstance(found, fx.FixedArray)
            assert found.format is fine
            assert np.array_equal(found.to_numpy(), function(*theirs))
    for function in (np.dot, np.matmul, np.linalg.matmul, np.tensordot, np.linalg.tensordot):
        assert np.array_equal(function(m.astype(fine), n).to_numpy(), function(n, n))
    assert np.linalg.tensordot(m, m, axes=1).format is exact
    assert np.array_equal(np.linalg.multi_dot([m.astype(fine)] * 3), np.linalg.multi_dot([n] * 3))
    assert np.array_equal(np.linalg.matrix_power(m.astype(fine), 3), np.linalg.matrix_power(n, 3))
    if hasattr(np, "matvec"):
        assert np.array_equal(np.matvec(m.astype(fine), n[0]), np.matvec(n, n[0]))
        assert np.array_equal(np.vecmat(m[0].astype(fine), n), np.vecmat(n[0], n))
    out = fx.zeros((3, 3), fine)
    assert np.outer(a, b, out=out) is out
    assert np.array_equal(out, np.outer(x, y))
    assert np.einsum("ij,jk", m, m, out=out) is out
    assert np.array_equal(out, n @ n)
    with pytest.raises(TypeError, match="FixedArray"):
        np.outer(a, b, out=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="vectors"):
        np.linalg.outer(m, a)
    with pytest.raises(TypeError, match="axes="):
        np.vecdot(m, m, axes=[(0,), (0,), ()])
    with pytest.raises(TypeError, match="casting"):
        np.einsum("ij", m, casting="no")


def test_array_api():
    a = fx.array([[1, 2], [3, 4]], Q)
    xp = a.__array_namespace__()
    assert xp.matmul(a, a).tolist() == [[7, 10], [15, 22]]
    assert xp.tensordot(a, a, axes=1).tolist() == [[7, 10], [15, 22]]
    assert xp.tensordot(a, a, axes=((0,), (1,))).tolist() == [[7, 15], [10, 22]]
    assert xp.vecdot(a, a).tolist() == [5, 25]
    assert xp.vecdot(a, a, axis=-2).tolist() == [10, 20]
    assert xp.matrix_transpose(a).tolist() == [[1, 3], [2, 4]]


def test_overlapping_output():
    a = fixed([1, 2, 3, 4], fx.Format(16, 0), (2, 2))
    assert fx.dot(a, a.copy(), out=a) is a
    assert raw_list(a) == [7, 10, 15, 22]
    raising = a.view_as(fx.Format(16, 0, overflow="raise")) * 1000
    before = raw_list(raising)
    with pytest.raises(fx.FixedOverflowError, match="einsum: 4 of 4"):
        fx.einsum("ij,jk", raising, raising, out=raising)
    assert raw_list(raising) == before


def test_more_axes_than_numpys_iterators():
    a = fx.ones((1,) * 30 + (2, 3), Q)
    assert fx.tensordot(a, a, ([31], [31])).shape == (1,) * 30 + (2,) + (1,) * 30 + (2,)
    assert raw_list(fx.vecdot(a, a)) == [3 * 256] * 2
    assert fx.multi_dot([fx.ones((1, 1), Q)] * 60).tolist() == [[1]]


def test_trace_of_numpys_name():
    a = fx.array(np.arange(24).reshape(2, 3, 4) / 4, fx.Format(8, 2))
    plain = a.to_numpy()
    for offset in (-1, 0, 2):
        assert np.trace(a, offset).tolist() == np.trace(plain, offset).tolist()
        assert np.trace(a, offset, 1, 2).tolist() == np.trace(plain, offset, 1, 2).tolist()
        found = np.linalg.trace(a, offset=offset)
        assert found.tolist() == np.linalg.trace(plain, offset=offset).tolist()
    assert np.trace(a[0] * 4).tolist() == 15
    assert np.trace(a[1] * 5).tolist() == 31.75  # 63.75, saturated once
    wide = fx.Format(16, 2)
    out = fx.zeros((), wide)
    assert np.trace(a[1] * 5, dtype=wide).tolist() == 63.75
    assert np.trace(a[1] * 5, out=out) is out
    assert out.tolist() == 63.75
    with pytest.raises(ValueError, match="two dimensions"):
        np.trace(a[0, 0])


@pytest.mark.parametrize(
    ("x", "y", "product"),
    [((64, 1), (63, 66), (127, 67)), ((100, -90), (20, 40), (120, -50))],
)
def test_exact_products_need_no_common_format(x, y, product):
    a, b = fx.ones(1, fx.Format(*x)), fx.ones(1, fx.Format(*y))
    with fx.full_precision():
        for function in (np.multiply, np.matmul, np.outer, np.kron, np.convolve, np.dot):
            assert function(a, b).format == fx.Format(*product)
        with pytest.raises(fx.FormatError, match="modes"):
            a * b.astype(b.format.replace(overflow="wrap"))


def test_matmul_of_more_axes_than_numpys_broadcasting_knows():
    a = fx.ones((1,) * 38 + (2, 3), NARROW)
    assert fx.matmul(a, a.reshape((1,) * 38 + (3, 2))).shape == (1,) * 38 + (2, 2)
