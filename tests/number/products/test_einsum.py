"""einsum, by its definition and as NumPy reads its subscripts."""

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
from fxtypes.products import exact_products, pair_products

Q = fx.Format(16, 8)


def looped(text, arrays):
    """einsum by its definition."""
    terms = oracle.einsum_terms(text, arrays)
    return objects(sums(terms, ()), terms[1])


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
        monkeypatch.setattr(pair_products, name, limit)
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
    monkeypatch.setattr(exact_products, "_PART", 3)
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


def test_an_accumulator_of_wide_products():
    a = fixed([1 << 100, 3], fx.Format(128, 0))
    with pytest.raises(fx.FormatError, match="einsum: with accumulator="):
        fx.einsum("i,i,i", a, a, a, accumulator=fx.Format(128, 0))


def test_an_einsum_over_axes_of_one_element_is_a_sum():
    fmt = fx.Format(8, 0, overflow="saturate_symmetric")
    a = fx.FixedArray.from_raw([[-128, 5, 6]], fmt)
    with fx.record() as events:
        found = fx.einsum("ij->j", a)
    assert found.raw.tolist() == [-127, 5, 6]
    assert events.elements == 3
    found[0] = 9
    assert a.raw.tolist() == [[-128, 5, 6]]
    assert np.shares_memory(fx.einsum("ij->ji", a), a)


def test_an_empty_einsum_is_a_step():
    wide = fx.Format(128, 0, rounding="stochastic")
    x = fx.full(2, wide.max, wide)
    with fx.record() as events:
        fx.einsum("i,i,j->j", x, x, fx.zeros(0, wide))
    assert events.by_operation["einsum"]["elements"] == 0
