"""Sums of products: einsum, tensordot, convolve and kin, exact and rounded once."""

import itertools
import math
import random

import numpy as np
import oracle
import pytest
import strategies
from checks import (
    LAYOUTS,
    SEED,
    check_accumulated,
    check_sums,
    cross,
    fixed,
    objects,
    raw_list,
    scaled,
    some_arrays,
    some_format,
    sums,
)
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.products import contraction, convolution

MODES = ("full", "same", "valid")
Q = fx.Format(16, 8)


def looped(text, arrays):
    """einsum by its definition."""
    terms = oracle.einsum_terms(text, arrays)
    return objects(sums(terms, ()), terms[1])


# --- einsum ---------------------------------------------------------------------------------

LOOPED = [
    ("i->i", [(4,)]),
    ("i->", [(4,)]),
    ("->", [()]),
    ("ij->ji", [(2, 3)]),
    ("ij->j", [(2, 3)]),
    ("ijk->ki", [(2, 3, 4)]),
    ("ii->i", [(3, 3)]),
    ("ii->", [(3, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("iij->ji", [(3, 3, 2)]),
    ("iii->i", [(3, 3, 3)]),
    ("i,i->", [(5,), (5,)]),
    ("i,j->ij", [(2,), (3,)]),
    ("i,j->ji", [(2,), (3,)]),
    ("i,j->", [(2,), (3,)]),
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk->ki", [(2, 3), (3, 4)]),
    ("ij,jk->", [(2, 3), (3, 4)]),
    ("ij,jk->i", [(2, 3), (3, 4)]),
    ("ij,jk->j", [(2, 3), (3, 4)]),
    ("ij,kj->ki", [(2, 3), (4, 3)]),
    ("ij,ij->ij", [(2, 3), (2, 3)]),
    ("ij,ji->ij", [(2, 3), (3, 2)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    ("ij,ij->i", [(2, 3), (2, 3)]),
    ("ij,j->ij", [(2, 3), (3,)]),
    ("ij,->ij", [(2, 3), ()]),
    (",->", [(), ()]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
    ("bij,bjk->ibk", [(2, 3, 4), (2, 4, 2)]),
    ("bij,bjk->kib", [(2, 3, 4), (2, 4, 2)]),
    ("bij,cjk->ibck", [(2, 3, 4), (3, 4, 2)]),
    ("abij,ji->ba", [(2, 3, 2, 4), (4, 2)]),
    ("ijk,kji->", [(2, 3, 4), (4, 3, 2)]),
    ("ii,ij->j", [(3, 3), (3, 2)]),
    ("ij,jk->ik", [(1, 3), (3, 1)]),
    ("ij,jk->ik", [(2, 1), (1, 4)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]),
    ("ij,ij->ij", [(1, 3), (2, 1)]),
    ("ij,ij->j", [(1, 3), (2, 1)]),
    ("ij,jk->ki", [(2, 0), (0, 4)]),
    ("ij,jk->ik", [(0, 2), (2, 3)]),
    ("ij->", [(0, 2)]),
    ("i,i,i->i", [(3,), (3,), (3,)]),
    ("i,i,i->", [(4,), (4,), (4,)]),
    ("i,ij,j->", [(2,), (2, 3), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 4)]),
    ("ij,jk,kl->li", [(2, 3), (3, 2), (2, 4)]),
    ("ij,jk,ki->", [(2, 3), (3, 4), (4, 2)]),
    ("ij,jk,ik->jk", [(2, 3), (3, 4), (2, 4)]),
    ("i,j,k->kji", [(2,), (3,), (2,)]),
    ("ij,jk,kl,lm->im", [(2, 2), (2, 3), (3, 2), (2, 2)]),
    ("ij,ij,ij->i", [(2, 3), (1, 3), (2, 1)]),
    ("ii,jj,ij->", [(2, 2), (3, 3), (2, 3)]),
    ("a,ab,bc,cd,d->b", [(2,), (2, 3), (3, 2), (2, 2), (2,)]),
]


@pytest.mark.parametrize(("text", "shapes"), LOOPED)
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_einsum_by_its_definition(text, shapes, width):
    chosen = random.Random(f"{text} {shapes} {width}")
    for _ in range(4):
        formats = [some_format(chosen, max(2, width - chosen.randrange(8))) for _ in shapes]
        fmt = some_format(chosen, chosen.choice([8, 16, 32, 64, 128]))
        arrays, integers = some_arrays(chosen, shapes, formats)
        exact = looped(text, integers)
        check_sums(
            lambda a=arrays, f=fmt: fx.einsum(text, *a, format=f), exact, formats, fmt, "einsum"
        )


@pytest.mark.parametrize(("text", "shapes"), LOOPED)
@pytest.mark.parametrize(
    ("rounding", "overflow"), [("stochastic", "saturate"), ("floor", "raise"), ("odd", "wrap")]
)
def test_einsum_places(text, shapes, rounding, overflow):
    """Draws and messages go by the place in the result, however it was computed."""
    chosen = random.Random(f"{text} {shapes}")
    formats = [fx.Format(9, 4)] * len(shapes)
    arrays, integers = some_arrays(chosen, shapes, formats)
    fmt = fx.Format(12, 2, rounding=rounding, overflow=overflow)
    exact = looped(text, integers)
    if len(shapes) > 1 or fmt not in formats:
        check_sums(lambda: fx.einsum(text, *arrays, format=fmt), exact, formats, fmt, "einsum")


LIKE_NUMPY = [
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ba", [(2, 3)]),
    ("ba,b", [(2, 3), (2,)]),
    ("Ba,aZ", [(2, 3), (3, 2)]),
    ("ii", [(3, 3)]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    ("...", [(2, 3)]),
    ("...->...", [(2, 3)]),
    ("i...->...i", [(2, 3, 4)]),
    ("...i->...", [(2, 3, 4)]),
    ("i...->...", [(2, 3, 4)]),
    ("ij...->...ji", [(2, 3, 4, 2)]),
    ("a...a->...", [(3, 2, 3)]),
    ("...ij,...jk", [(5, 1, 2, 3), (4, 3, 2)]),
    ("...ij,...jk->...ik", [(5, 1, 2, 3), (4, 3, 2)]),
    ("...ij,...jk->ik...", [(4, 2, 3), (3, 2)]),
    ("...i,...i->...", [(2, 3), (3,)]),
    ("...i,i...->i...", [(2, 3), (3, 2)]),
    ("...,...", [(2, 3), ()]),
    ("...,...", [(3,), (2, 3)]),
    ("i...,i", [(2, 3), (2,)]),
    ("ij,...,jk", [(2, 3), (2, 2), (3, 4)]),
    ("...a,...ab,...b->...", [(2, 3), (3, 2), (1, 2)]),
    ("i,i...->", [(2,), (2,)]),
    ("", [()]),
    (",,", [(), (), ()]),
    ("->", [()]),
    ("ij,jk,kl", [(1, 3), (3, 1), (1, 4)]),
]


@pytest.mark.parametrize(("text", "shapes"), LIKE_NUMPY)
@pytest.mark.parametrize("width", [8, 32, 100])
def test_einsum_as_numpy(text, shapes, width):
    chosen = random.Random(f"{text} {shapes}")
    formats = [fx.Format(width, 4, rounding="stochastic")] * len(shapes)
    arrays, integers = some_arrays(chosen, shapes, formats)
    fmt = fx.Format(width, 3, rounding="stochastic")
    exact = np.einsum(text, *integers)
    check_sums(lambda: fx.einsum(text, *arrays, format=fmt), exact, formats, fmt, "einsum")
    check_sums(lambda: np.einsum(text, *arrays, dtype=fmt), exact, formats, fmt, "einsum")


@given(st.data())
def test_einsum_of_any_subscripts(data):
    letters = "abcd"
    sizes = {letter: data.draw(st.integers(0, 3)) for letter in letters}
    terms = data.draw(st.lists(st.text(letters, max_size=3), min_size=1, max_size=4))
    seen = sorted(set("".join(terms)))
    output = "".join(data.draw(st.permutations(seen)))[: data.draw(st.integers(0, len(seen)))]
    text = f"{','.join(terms)}->{output}"
    shapes = [
        tuple(1 if data.draw(st.integers(0, 9)) == 0 and t.count(c) == 1 else sizes[c] for c in t)
        for t in terms
    ]
    formats = [data.draw(strategies.formats()) for _ in terms]
    fmt = data.draw(strategies.formats())
    raws = [data.draw(strategies.raw_lists(f, s)) for f, s in zip(formats, shapes, strict=True)]
    arrays = [fixed(*parts) for parts in zip(raws, formats, shapes, strict=True)]
    exact = np.einsum(text, *(objects(r, s) for r, s in zip(raws, shapes, strict=True)))
    if len(terms) > 1 or formats[0] != fmt:
        check_sums(lambda: fx.einsum(text, *arrays, format=fmt), exact, formats, fmt, "einsum")


SUBLISTS = [
    ([[0, 1], [1, 2], [0, 2]], [(2, 3), (3, 4)]),
    ([[0, 1], [1, 2]], [(2, 3), (3, 4)]),
    ([[51, 1], [1, 25]], [(2, 3), (3, 4)]),
    ([[Ellipsis, 1], [1, Ellipsis]], [(2, 3)]),
    ([[0, 1, Ellipsis], [1, 2], [Ellipsis, 0, 2]], [(2, 3), (3, 3)]),
    ([[0, 0]], [(3, 3)]),
    ([[]], [()]),
    ([(0, 1), np.array([1, 2]), ()], [(2, 3), (3, 4)]),
]


@pytest.mark.parametrize(("lists", "shapes"), SUBLISTS)
def test_einsum_of_sublists(lists, shapes):
    chosen = random.Random(str(shapes))
    formats = [fx.Format(12, 4)] * len(shapes)
    arrays, integers = some_arrays(chosen, shapes, formats)

    def joined(values):
        pairs = zip(values, lists, strict=False)
        return [*itertools.chain(*pairs), *lists[len(values) :]]

    exact, fmt = np.einsum(*joined(integers)), fx.Format(24, 8)
    check_sums(lambda: fx.einsum(*joined(arrays), format=fmt), exact, formats, fmt, "einsum")
    check_sums(lambda: np.einsum(*joined(arrays), dtype=fmt), exact, formats, fmt, "einsum")


def test_the_order_of_multiplications_changes_nothing():
    chosen = random.Random(1)
    text, shapes = "ij,jk,kl,lm->im", [(3, 4), (4, 2), (2, 5), (5, 3)]
    for width in (16, 40, 128):
        formats = [fx.Format(width, width // 2)] * 4
        arrays, integers = some_arrays(chosen, shapes, formats)
        exact, fmt = np.einsum(text, *integers), fx.Format(width, width // 3)
        orders = [
            *(True, False, "greedy", "optimal", ("greedy", 10)),
            *(["einsum_path", (0, 1), (0, 1), (0, 1)], ["einsum_path", (2, 3), (0, 1, 2)]),
            ["einsum_path", (0, 1, 2, 3)],
        ]
        for optimize in orders:
            check_sums(
                lambda a=arrays, f=fmt, o=optimize: fx.einsum(text, *a, format=f, optimize=o),
                exact,
                formats,
                fmt,
                "einsum",
            )
    path, shown = np.einsum_path(text, *arrays)
    assert (path, shown) == np.einsum_path(text, *(np.zeros(shape) for shape in shapes))
    assert fx.einsum_path(text, *arrays)[0] == path
    for bad in ("quick", ["einsum_path", (0, 1)], ["einsum_path", (0, 5), (0, 1), (0, 1)]):
        with pytest.raises(ValueError, match="einsum: optimize"):
            fx.einsum(text, *arrays, optimize=bad)


def test_views_of_one_operand():
    a = fixed(list(range(9)), Q, (3, 3))
    for text in ("ij->ji", "ii->i", "ij", "..."):
        found = fx.einsum(text, a)
        assert np.shares_memory(found.words, a.words)
        assert np.array_equal(found.raw, np.einsum(text, a.raw))
    stochastic = a.view_as(Q.replace(rounding="stochastic"))
    with fx.seeded(SEED), fx.record() as events:
        fx.einsum("ij->ji", stochastic)
        moved = fx.array([0.3], stochastic.format)
    assert events.elements == 1
    with fx.seeded(SEED):
        assert raw_list(moved) == raw_list(fx.array([0.3], stochastic.format))
    same = fx.zeros((3, 3), Q)
    assert fx.einsum("ij->ji", a, out=same) is same
    assert raw_list(same) == raw_list(a.T)
    assert fx.einsum("ij->ji", a, out=a) is a
    assert raw_list(same) == raw_list(a)


def test_bad_subscripts():
    a, s = fx.ones((2, 3), Q), fx.ones((3, 3), Q)
    for call, said in [
        (("...i->i", a), r"\.\.\."),
        (("ii", a), r"lengths 2 and 3.*\(2, 3\).*'i'"),
        (("ii", fx.ones((1, 3), Q)), r"lengths 1 and 3"),
        (("i->ii", s[0]), "'i' twice"),
        (("ij->ik", a), "'k'"),
        (("i", a), r"names 1 axes.*\(2, 3\)"),
        (("ijk", a), r"names 3 axes.*\(2, 3\)"),
        (("", a), "names 0 axes"),
        (("ij,ij", a), "2 operands, 1 were given"),
        (("ij", a, a), "1 operands, 2 were given"),
        (("i1", a), "'1'"),
        (("i.j", a), r"'\.'"),
        (("i..j", a), r"'\.'"),
        (("...i...", a), r"'\.'"),
        (("ij->j.", a), r"'\.'"),
        (("ij->i->j", a), "'-'"),
        (("ij,jk->ik", a, a), r"'j' have lengths 3 and 2.*\(2, 3\) and \(2, 3\)"),
        (("...,...", a, s), r"lengths 2 and 3.*\(2, 3\) and \(3, 3\)"),
        (("ij",), "no operand"),
        ((), "subscripts and operands"),
        ((a,), "subscripts and operands"),
        ((a, [0, 60]), "60"),
    ]:
        with pytest.raises(ValueError, match=f"einsum.*{said}"):
            fx.einsum(*call)
    for call in [(a, ["a", 1]), (a, [0.5, 1]), (a, [True, 1]), (a, 3), (a, "ij")]:
        with pytest.raises(TypeError, match="einsum: a sublist"):
            fx.einsum(*call)
    with pytest.raises(TypeError, match="needs a FixedArray"):
        fx.einsum("i,i", [1], [2])


@pytest.mark.parametrize("limits", [(1, 512, 1 << 18), (1, 512, 8), (1 << 40, 0, 0)])
@pytest.mark.parametrize(("rounding", "overflow"), [("stochastic", "wrap"), ("odd", "raise")])
def test_stacks_of_small_products(monkeypatch, limits, rounding, overflow):
    """By elements or by the matrix product, in one part or in several: the same."""
    for name, limit in zip(("_STACK", "_SMALL", "_BLOCK"), limits, strict=True):
        monkeypatch.setattr(contraction, name, limit)
    chosen = random.Random(rounding)
    for text, shapes in [
        ("bij,bjk->bik", [(5, 2, 3), (5, 3, 2)]),
        ("bij,bjk->kib", [(5, 2, 3), (5, 3, 2)]),
        ("bi,bi->b", [(9, 3), (9, 3)]),
        ("bij,bj->ib", [(4, 2, 3), (4, 3)]),
        ("bci,bci->cb", [(3, 4, 0), (3, 4, 0)]),
        ("bij,bjk,bkl->bil", [(3, 2, 3), (3, 3, 2), (3, 2, 2)]),
    ]:
        for width in (8, 33, 64, 100):
            formats = [fx.Format(width, width // 2)] * len(shapes)
            fmt = fx.Format(width, width // 2 - 3, True, rounding, overflow)
            arrays, integers = some_arrays(chosen, shapes, formats)
            check_sums(lambda t=text, a=arrays, f=fmt: fx.einsum(t, *a, format=f),
                  looped(text, integers), formats, fmt, "einsum")  # fmt: skip


# --- the other products ---------------------------------------------------------------------


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


# --- convolve and correlate -----------------------------------------------------------------


LENGTHS = [(1, 1), (1, 5), (5, 1), (3, 3), (2, 7), (7, 2), (4, 9), (9, 4), (6, 5), (5, 6), (20, 3)]


@pytest.mark.parametrize(("m", "n"), LENGTHS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("block", "columns"), [(1, 1), (16, 2), (40, 3), (1 << 17, 0)])
def test_convolve_and_correlate(monkeypatch, m, n, mode, block, columns):
    monkeypatch.setattr(convolution, "_BLOCK", block)
    if columns:
        monkeypatch.setattr(convolution, "_columns", lambda taps: columns)
        monkeypatch.setattr(convolution, "_FEW", columns)
    chosen = random.Random(f"{m} {n} {mode}")
    for width in (8, 16, 32, 64, 128):
        formats = [some_format(chosen, width), some_format(chosen, width)]
        fmt = some_format(chosen, chosen.choice([8, 16, 64]))
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], formats)
        exact = np.convolve(*integers, mode)
        assert exact.tolist() == oracle.convolve(*(x.tolist() for x in integers), mode)
        check_sums(lambda a=a, v=v, f=fmt: fx.convolve(a, v, mode, format=f),
              exact, formats, fmt, "convolve")  # fmt: skip
        exact = np.correlate(*integers, mode)
        check_sums(lambda a=a, v=v, f=fmt: fx.correlate(a, v, mode, format=f),
              exact, formats, fmt, "correlate")  # fmt: skip
    for rounding, overflow in (("stochastic", "saturate"), ("floor", "raise")):
        same = fx.Format(16, 8, rounding=rounding, overflow=overflow)
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], [same, same])
        for function, name in [(np.convolve, "convolve"), (np.correlate, "correlate")]:
            check_sums(lambda a=a, v=v, f=function: f(a, v, mode), function(*integers, mode),
                  [same] * 2, same, name)  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_long_convolutions(mode):
    """Blocks of the usual size, and their ends."""
    chosen = random.Random(mode)
    fmt = fx.Format(16, 4)
    for m, n in [(5000, 150), (150, 5000), (700, 700), (20000, 3), (3000, 40), (20, 9000)]:
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], [fmt, fmt])
        plain = [x.astype(np.int64) for x in integers]  # sums below 2**47
        for function in (np.convolve, np.correlate):
            wide = fx.Format(64, 8)
            assert np.array_equal(
                getattr(fx, function.__name__)(a, v, mode, format=wide).raw, function(*plain, mode)
            )


def test_convolve_of_numbers():
    a = fixed([1, 2, 3], Q)
    assert raw_list(np.convolve(a, 2)) == [2, 4, 6]
    assert raw_list(fx.convolve([1, 2], a)) == [1, 4, 7, 6]
    assert raw_list(fx.correlate(a, [1, 2], "full")) == [2, 5, 8, 3]
    assert raw_list(fx.correlate([1, 2], a, "full")) == [3, 8, 5, 2]
    huge = 1 << 200
    wide = fx.Format(16, -195)
    assert raw_list(fx.convolve(fx.array([1, 2], fx.Format(8, 4)), [huge, 1], format=wide)) == [
        32, 64, 0]  # fmt: skip


# --- several --------------------------------------------------------------------------------


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


# --- formats, operands ----------------------------------------------------------------------


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


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_the_widest_sums(width, signed):
    """The ends of the formats: no intermediate may be left."""
    fmt = fx.Format(width, 0, signed)
    wide = fx.Format(128, 0, signed, rounding="stochastic", overflow="wrap")
    for x, y in itertools.product((fmt.raw_min, fmt.raw_max), repeat=2):
        a, b = fixed([x] * 64, fmt, (2, 4, 8)), fixed([y] * 64, fmt, (2, 8, 4))
        ours = [objects([v] * 64, s) for v, s in ((x, (2, 4, 8)), (y, (2, 8, 4)))]
        for text in ("bij,bjk->ibk", "bij,bki->"):
            exact = np.einsum(text, *ours)
            check_sums(lambda a=a, b=b, t=text: fx.einsum(t, a, b, format=wide),
                  exact, [fmt] * 2, wide, "einsum")  # fmt: skip
        exact = np.einsum("bij,bjk,cij->cik", *ours, ours[0])
        check_sums(lambda a=a, b=b: fx.einsum("bij,bjk,cij->cik", a, b, a, format=wide),
              exact, [fmt] * 3, wide, "einsum")  # fmt: skip


@pytest.mark.parametrize("text", ["ij,jk,kl->il", "ij,jk,kl->", "i,ij,jk->ki", "ij,ij,ij->i"])
def test_python_integers_in_parts(monkeypatch, text):
    """Products past 128 bits are halved until a part is small."""
    monkeypatch.setattr(contraction, "_PART", 3)
    chosen = random.Random(text)
    fmt = fx.Format(128, 120)
    shapes = [(4,) * len(term) for term in text.split("->")[0].split(",")]
    arrays, integers = some_arrays(chosen, shapes, [fmt] * 3)
    check_sums(lambda: fx.einsum(text, *arrays), looped(text, integers), [fmt] * 3, fmt, "einsum")


def test_binary_points_beyond_a_format():
    """Products of three have their point at up to 768."""
    for point in (256, -256):
        fmt, result = fx.Format(8, point), fx.Format(128, point)
        raws = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
        arrays = [fixed(r, fmt) for r in raws]
        exact = sum(math.prod(column) for column in zip(*raws, strict=True))
        for text in ("i,i,i->", "i,j,k->"):
            exact = np.einsum(text, *(objects(r, (3,)) for r in raws))
            check_sums(lambda a=arrays, t=text, f=result: fx.einsum(t, *a, format=f),
                  exact, [fmt] * 3, result, "einsum")  # fmt: skip
        exact = cross(*(objects(r, (3,)) for r in raws[:2]))
        check_sums(lambda a=arrays, f=result: fx.cross(*a[:2], format=f),
              exact, [fmt] * 2, result, "cross")  # fmt: skip


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


# --- with an accumulator --------------------------------------------------------------------


ACCUMULATED = [
    ("i->", [(5,)]),
    ("ij->j", [(3, 2)]),
    ("ij->i", [(2, 3)]),
    ("ijk->j", [(2, 2, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("ij->ji", [(2, 3)]),
    ("i,i->", [(5,), (5,)]),
    ("i,i->i", [(3,), (3,)]),
    ("i,j->ji", [(2,), (3,)]),
    ("i,j->", [(2,), (3,)]),
    ("j,i->", [(2,), (3,)]),
    ("ij,jk->ik", [(2, 3), (3, 2)]),
    ("ij,jk->ki", [(2, 3), (3, 2)]),
    ("ij,jk->j", [(2, 3), (3, 2)]),
    ("ij,ji->", [(2, 3), (3, 2)]),
    ("ij,kj->", [(2, 3), (2, 3)]),
    ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
    ("bij,bjk->ibk", [(2, 2, 3), (2, 3, 2)]),
    ("bij,bjk->kib", [(2, 2, 3), (2, 3, 2)]),
    ("ij,jk->ik", [(2, 1), (3, 2)]),
    ("ij,ij->j", [(1, 3), (2, 1)]),
    ("i,i,i->", [(4,), (4,), (4,)]),
    ("ij,jk,ki->", [(2, 3), (3, 2), (2, 2)]),
    ("ij,jk,kl->li", [(2, 2), (2, 2), (2, 2)]),
]


@pytest.mark.parametrize(("text", "shapes"), ACCUMULATED)
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic", "floor"])
@pytest.mark.parametrize("overflow", ["saturate", "wrap", "raise"])
def test_einsum_with_an_accumulator(text, shapes, rounding, overflow):
    chosen = random.Random(f"{text} {shapes} {rounding} {overflow}")
    for width, acc_width in ((8, 10), (16, 20), (40, 50)):
        formats = [fx.Format(width, width // 2) for _ in shapes]
        reach = 2 ** (width - 1) - 1 if overflow != "raise" else 2 ** (width // 2)
        raws = [[chosen.randint(-reach, reach) for _ in range(math.prod(s))] for s in shapes]
        arrays = [
            fixed(r, f, s, chosen.choice(LAYOUTS))
            for r, f, s in zip(raws, formats, shapes, strict=True)
        ]
        accumulator = fx.Format(acc_width, width // 2 - 1, True, rounding, overflow)
        fmt = fx.Format(width, width // 2 - 2, True, chosen.choice(["floor", "stochastic"]))
        integers = [objects(r, s) for r, s in zip(raws, shapes, strict=True)]
        check_accumulated(
            lambda a=arrays, f=fmt, c=accumulator: fx.einsum(text, *a, format=f, accumulator=c),
            scaled(oracle.einsum_terms(text, integers), formats), fmt, accumulator, "einsum",
        )  # fmt: skip


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


@pytest.mark.parametrize(("m", "n"), LENGTHS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("block", [4, 1 << 18])
def test_convolutions_with_an_accumulator(monkeypatch, m, n, mode, block):
    """So many steps as the shorter operand is long, upward; zeros beyond the longer one."""
    monkeypatch.setattr(convolution, "_BLOCK", block)
    chosen = random.Random(f"{m} {n} {mode}")
    own = fx.Format(8, 4)
    fmt = fx.Format(8, 3, rounding="stochastic")
    shorter, longer = min(m, n), max(m, n)
    before = {"full": shorter - 1, "same": shorter // 2, "valid": 0}[mode]
    count = {"full": m + n - 1, "same": longer, "valid": longer - shorter + 1}[mode]
    for rounding, overflow in [("floor", "saturate"), ("stochastic", "wrap"), ("ceil", "raise")]:
        accumulator = fx.Format(9, 3, True, rounding, overflow)
        reach = 127 if overflow != "raise" else 20
        raws = [[chosen.randint(-reach, reach) for _ in range(k)] for k in (m, n)]
        a, v = (fixed(r, own) for r in raws)
        x, y = raws

        def at(values, i):
            return values[i] if 0 <= i < len(values) else 0

        lines = []
        for i in range(count):
            start = i - before  # of the window in the longer operand
            if m >= n:
                lines.append([at(x, start + t) * y[n - 1 - t] for t in range(n)])
            else:
                lines.append([x[t] * at(y, start + m - 1 - t) for t in range(m)])
        check_accumulated(
            lambda a=a, v=v, c=accumulator: fx.convolve(a, v, mode, format=fmt, accumulator=c),
            scaled((lines, (count,)), [own] * 2), fmt, accumulator, "convolve",
        )  # fmt: skip
        lines = []
        for i in range(count):
            if m >= n:
                lines.append([at(x, i - before + t) * y[t] for t in range(n)])
            else:
                start = count - 1 - i - before
                lines.append([x[t] * at(y, start + t) for t in range(m)])
        check_accumulated(
            lambda a=a, v=v, c=accumulator: fx.correlate(a, v, mode, format=fmt, accumulator=c),
            scaled((lines, (count,)), [own] * 2), fmt, accumulator, "correlate",
        )  # fmt: skip


def test_an_accumulator_of_wide_products():
    a = fixed([1 << 100, 3], fx.Format(128, 0))
    with pytest.raises(fx.FormatError, match="einsum: with accumulator="):
        fx.einsum("i,i,i", a, a, a, accumulator=fx.Format(128, 0))


# --- NumPy's and the Array API's names ------------------------------------------------------


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
