"""Every path to a matrix product gives the same bits, up to the bound that makes it exact."""

import os
import random
import subprocess
import sys

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, fixed, raw_list, sums

import fxtypes as fx
from fxtypes.format import storage
from fxtypes.kernels import products
from fxtypes.kernels.calls import Path
from fxtypes.products import blas, matrix_product, paths, plan_products

WIDTHS = [8, 16, 17, 32, 33, 64, 65, 128]

# rows, inner, columns: ones, odd, prime, tall, wide; inner lengths around panels and blocks
SHAPES = [
    (1, 1, 1),
    (1, 40, 1),
    (7, 1, 17),
    (6, 16, 16),
    (13, 31, 5),
    (67, 3, 2),
    (2, 5, 83),
    (5, 183, 3),
    (7, 513, 18),
    (3, 1030, 4),
]

TILED = {"limbs", "karatsuba", "low64", "residues"}
PATHS = [path for path in paths.PATHS if products.TILES or path not in TILED]

KINDS = ["random", "lowest", "highest", "alternating", "zeros", "one huge"]


def take(monkeypatch, path):
    monkeypatch.setenv("FXTYPES_GEMM", path)


def raws(kind, bits, signed, size, rng):
    low, high = (-(1 << bits), (1 << bits) - 1) if signed else (0, (1 << bits) - 1)
    if kind == "one huge":
        found = [rng.randint(max(low, -1), 1) for _ in range(size)]
        found[rng.randrange(size)] = rng.choice((low, high))
        return found
    return [
        {
            "random": rng.randint(low, high),
            "lowest": low,
            "highest": high,
            "alternating": high if i % 2 else low,
            "zeros": 0,
        }[kind]
        for i in range(size)
    ]


def check_all_paths(monkeypatch, a, a_fmt, b, b_fmt, fmt, shape, layouts=LAYOUTS[:1] * 2):
    """Compare every path that is exact with the oracle; returns the paths' names."""
    m, k, n = shape
    x, y = fixed(a, a_fmt, (m, k), layouts[0]), fixed(b, b_fmt, (k, n), layouts[1])
    exact = sums(oracle.matmul_terms(a, b, shape), (a_fmt, b_fmt))
    expected = [oracle.quantize(v, fmt) for v in exact]
    taken = []
    for path in paths.WISHES:
        take(monkeypatch, path)
        try:
            result = fx.matmul(x, y, format=fmt)
        except paths.NotExactError:
            continue
        assert raw_list(result) == expected, path
        taken.append(path)
    assert {"auto", "integer", "loops"} <= set(taken)
    return taken


@pytest.mark.parametrize("b_width", WIDTHS)
@pytest.mark.parametrize("a_width", WIDTHS)
def test_widths(monkeypatch, a_width, b_width):
    rng = random.Random(a_width * 1000 + b_width)
    for turn, kind in enumerate(KINDS):
        shape = (3, 19, 18) if turn % 2 else (7, 6, 5)
        a_fmt = fx.Format(a_width, a_width // 2, signed=turn % 3 != 2)
        b_fmt = fx.Format(b_width, b_width // 2, signed=turn % 4 != 3)
        fmt = fx.Format(
            rng.choice([a_width, b_width, 128]),
            rng.randint(0, max(a_width, b_width)),
            rounding=rng.choice(["nearest_even", "floor", "odd", "away_from_zero"]),
            overflow=rng.choice(["saturate", "wrap", "saturate_zero", "saturate_symmetric"]),
        )
        operands = [
            raws(kind if which else rng.choice(KINDS), f.width - f.signed, f.signed, size, rng)
            for which, (f, size) in enumerate(
                [(a_fmt, shape[0] * shape[1]), (b_fmt, shape[1] * shape[2])]
            )
        ]
        check_all_paths(monkeypatch, operands[0], a_fmt, operands[1], b_fmt, fmt, shape)


@pytest.mark.parametrize("layout", range(4))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bits", [7, 11, 15, 21, 31, 45, 63, 100, 127])
def test_shapes_and_layouts(monkeypatch, bits, shape, layout):
    rng = random.Random(f"{bits} {shape} {layout}")
    m, k, n = shape
    fmt = fx.Format(max(bits + 1, 2), 0)
    result = fx.Format(128, rng.randint(-140, 0))
    kind = rng.choice(KINDS)
    a, b = raws(kind, bits, True, m * k, rng), raws("random", bits, True, k * n, rng)
    layouts = (LAYOUTS[layout], LAYOUTS[(layout + shape[0]) % 4])
    taken = check_all_paths(monkeypatch, a, fmt, b, fmt, result, shape, layouts)
    if products.TILES:
        assert "residues" in taken


def check_extremes(monkeypatch, path, p, q, k, shape=(2, 3)):
    """All-lowest operands of exactly p and q bits and the like, by `path`."""
    take(monkeypatch, path)
    m, n = shape
    a_fmt, b_fmt = fx.Format(max(p + 1, 2), 0), fx.Format(max(q + 1, 2), 0)
    fmt = fx.Format(128, -max(0, p + q + k.bit_length() - 127), rounding="floor")
    low_a, high_a, low_b, high_b = -(1 << p), (1 << p) - 1, -(1 << q), (1 << q) - 1
    for x, y in [(low_a, low_b), (low_a, high_b), (high_a, low_b), (high_a, high_b)]:
        a = fx.broadcast_to(fx.FixedArray.from_raw([[x]], a_fmt), (m, k))
        b = fx.broadcast_to(fx.FixedArray.from_raw([[y]], b_fmt), (k, n))
        found = fx.matmul(a, b, format=fmt)
        expected = (k * x * y) >> -fmt.frac_bits
        assert set(raw_list(found)) == {expected}, (path, x, y)
    # the sums of all signs: what cancels, but for one
    signs = np.array([high_a if i % 2 else low_a for i in range(k)], dtype=object)
    a = fx.FixedArray.from_raw(np.stack([signs] * m), a_fmt)
    b = fx.broadcast_to(fx.FixedArray.from_raw([[low_b]], b_fmt), (k, n))
    expected = int(signs.sum()) * low_b >> -fmt.frac_bits
    assert set(raw_list(fx.matmul(a, b, format=fmt))) == {expected}


def refused(path, p, q, k):
    with pytest.raises(paths.NotExactError, match=f"FXTYPES_GEMM={path}"):
        paths.choose(p, q, 2, k, 3, path)


def largest(path, p, q, limit):
    """The largest inner length up to `limit` that a path takes."""
    low, high = 0, limit + 1
    while high - low > 1:
        k = (low + high) // 2
        try:
            paths.choose(p, q, 2, k, 3, path)
            low = k
        except paths.NotExactError:
            high = k
    return low


# -- the bounds ---------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), [(22, 22), (26, 20), (52, 0), (26, 26), (30, 12)])
def test_the_bound_of_one_float_product(monkeypatch, p, q):
    k = 1 << 53 - p - q  # the sum of all lowest is 2**53 itself
    check_extremes(monkeypatch, "blas", p, q, k)
    refused("blas", p, q, k + 1)


@pytest.mark.parametrize(("p", "q", "k"), [(63, 63, 16), (63, 10, 600), (40, 40, 100)])
def test_the_bound_of_slices(monkeypatch, p, q, k):
    check_extremes(monkeypatch, "slices", p, q, k)
    limit = largest("slices", p, q, 1 << 20)
    assert limit >= k
    check_extremes(monkeypatch, "slices", p, q, limit, (1, 1))


def test_planes_are_exact_at_their_bound(monkeypatch):
    found = paths.choose(63, 63, 2, 100, 3, "slices")
    x, y, width = found.planes
    fmt = fx.Format(64, 0)
    for value in (fmt.raw_min, fmt.raw_max, 0, -1, (1 << width - 1) - 1, 1 << width - 1):
        raw = fx.FixedArray.from_raw([[value]], fmt)._storage
        digits = [int(v) for v in products.slices(raw, storage.code(fmt), x, width).ravel()]
        assert sum(d << width * i for i, d in enumerate(digits)) == value
        assert all(abs(d) <= 1 << width - 1 for d in digits[:-1])
        high = max(width - 1, 63 - width * (x - 1))
        assert abs(digits[-1]) <= (1 << high) + 1
    assert 100 * min(x, y) * ((1 << high) + 1) ** 2 <= 1 << 53


needs_tiles = pytest.mark.skipif(not products.TILES, reason="these kernels have no tiles")


@needs_tiles
@pytest.mark.parametrize(
    "bits", [(15, 15), (11, 11), (12, 13), (15, 7), (20, 17), (28, 28), (28, 3)]
)
def test_the_bounds_of_limbs(monkeypatch, bits):
    p, q = bits
    scheme = paths.choose(p, q, 2, 4000, 3, "limbs").scheme if p + q < 50 else None
    for k in (126, 127, 128, 510, 511, 512, 513):
        if k << (p + q) < 1 << 63:
            check_extremes(monkeypatch, "limbs", p, q, k)
        else:
            refused("limbs", p, q, k)
    assert scheme is None or isinstance(scheme, products.Scheme)


@needs_tiles
@pytest.mark.parametrize("forms", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_a_block_of_limbs_stays_within_int32_and_no_longer(forms):
    """Exactly as many products as fit: one pair more, all lowest, leaves int32."""
    p = q = 14 if forms == (1, 1) else 15
    sides = [paths._halves(15) if limbs == 2 else (1, 0, 1 << p) for limbs in forms]
    block = ((1 << 31) - 1) // (sides[0][2] * sides[1][2]) // 2 * 2
    if block < 2:  # (1, 1) of 15 bits: never taken
        return
    fmt, wide = fx.Format(p + 1, 0), fx.Format(64, 0)
    step = plan_products.product(fmt, fmt, wide, p, q, 4 * block)
    raw = np.full((6, 4 * block), -(1 << p), dtype=storage.dtype(fmt))

    def run(size):
        scheme = products.Scheme(
            Path.LIMBS, limbs=forms, limb_width=(sides[0][1], sides[1][1]), block=size
        )
        product = products.Product(step, (6, 6))
        product.block(scheme, raw, raw.T, product.out, 0, (0, 0))
        return set(product.settle(product.out.shape).ravel().tolist())

    exact = 4 * block << p + q
    assert run(block) == {exact}
    if forms == (1, 1):  # the largest limbs meet in every product
        assert run(block + 2) != {exact}


@needs_tiles
@pytest.mark.parametrize(("p", "q"), [(31, 31), (31, 20), (21, 20), (20, 20), (20, 3), (3, 7)])
def test_the_bounds_of_karatsuba(monkeypatch, p, q):
    for k in (1, 511, 512, 513, 818, 820, 1025):  # around blocks and panels
        check_extremes(monkeypatch, "karatsuba", p, q, k)
    limit = largest("karatsuba", p, q, 1 << 30)
    assert limit == 1 << 19
    check_extremes(monkeypatch, "karatsuba", p, q, limit, (1, 1))
    refused("karatsuba", p, q, limit + 1)
    refused("karatsuba", 32, q, 1)


@needs_tiles
@pytest.mark.parametrize("limbs", [2, 3])
def test_a_block_of_karatsuba_stays_within_int32(monkeypatch, limbs):
    """Limbs at their ends, so that their differences are the largest: +-2047 in every product."""
    take(monkeypatch, "karatsuba")
    ends = (-1024, 1023, -512, 511, 0)
    tops = [0] if limbs == 2 else ends
    values = [x0 + (x1 << 11) + (x2 << 22) for x0 in ends for x1 in ends for x2 in tops]
    bits = 20 if limbs == 2 else 31
    values = [v for v in values if -(1 << bits) <= v < 1 << bits]
    assert paths.choose(bits, bits, 9, 512, 9, "karatsuba").why.split()[4] == str(limbs)
    fmt, k = fx.Format(32, 0), 512
    raw = np.array(values, dtype=object)
    a = fx.broadcast_to(fx.FixedArray.from_raw(raw[:, None], fmt), (len(values), k))
    b = fx.broadcast_to(fx.FixedArray.from_raw(raw, fmt), (k, len(values)))
    found = raw_list(fx.matmul(a, b, format=fx.Format(128, 0)))
    assert found == [k * x * y for x in values for y in values]


@needs_tiles
@pytest.mark.parametrize(("p", "q"), [(31, 31), (31, 20), (25, 30), (31, 9)])
def test_the_bounds_of_low64(monkeypatch, p, q):
    within = ((1 << 63) - 1) >> p + q  # sums within 64 bits: no estimate is needed
    if within:
        check_extremes(monkeypatch, "low64", p, q, min(within, 3000))
    check_extremes(monkeypatch, "low64", p, q, within + 1 if within < 2000 else 2000)
    limit = largest("low64", p, q, 5000)
    assert limit >= 1024
    check_extremes(monkeypatch, "low64", p, q, limit)
    if limit < 5000:
        refused("low64", p, q, limit + 1)


@needs_tiles
def test_low64_decides_the_high_word_at_random(monkeypatch):
    rng = random.Random(3)
    limit = largest("low64", 31, 31, 5000)
    fmt = fx.Format(32, 0)
    for kinds in [("random", "random"), ("alternating", "random"), ("highest", "lowest")]:
        a, b = (raws(kind, 31, True, 2 * limit, rng) for kind in kinds)
        taken = check_all_paths(monkeypatch, a, fmt, b, fmt, fx.Format(128, 0), (2, limit, 2))
        assert "low64" in taken


@needs_tiles
@pytest.mark.parametrize("count", range(2, 21))
def test_the_bounds_of_residues(monkeypatch, count):
    """The longest sums that a number of moduli tells, and one term more."""
    radix = paths._radices()[count - 1]
    bits = radix.bit_length() - 8
    p = bits // 2 - bits % 3
    q = bits - p
    k = (radix - 1) * 512 // 1025 >> bits
    assert 30 < k < 130
    assert paths.choose(p, q, 2, k, 3, "residues").why.startswith(f"{count} moduli")
    more = paths.choose(p, q, 2, k + 1, 3, "residues")
    assert more.why.startswith(f"{count + 1} moduli")
    check_extremes(monkeypatch, "residues", p, q, k)
    check_extremes(monkeypatch, "residues", p, q, k + 1)


@needs_tiles
def test_residues_end_with_their_moduli():
    limit = (paths._radices()[-1] - 1) * 512 // 1025 >> 254
    assert limit >= 1 << 31
    paths.choose(127, 127, 1, limit, 1, "residues")
    refused("residues", 127, 127, limit + 1)
    refused("residues", 128, 3, 1)


@pytest.mark.parametrize("bits", [31, 32, 60, 63, 64, 126, 127, 128])
def test_the_bounds_of_loops(monkeypatch, bits):
    """Sums at the ends of what one, two and more words hold."""
    for p in (bits // 2, bits - 3, min(bits, 127)):
        q = bits - p
        if 0 <= q <= 127:
            for k in (1, 2, 3, 4, 7, 8, 9):
                check_extremes(monkeypatch, "loops", p, q, k)


def some_operands(width, shape, seed=5):
    rng = random.Random(seed)
    m, k, n = shape
    fmt = fx.Format(width, width // 2)
    bits = width - 1
    return (
        fixed(raws("random", bits, True, m * k, rng), fmt, (m, k)),
        fixed(raws("random", bits, True, k * n, rng), fmt, (k, n)),
        fmt,
    )


# -- what does not depend on the path -----------------------------------------------------


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
def test_draws_and_counts(monkeypatch, width, overflow):
    a, b, fmt = some_operands(width, (33, 70, 35))
    target = fmt.replace(rounding="stochastic", overflow=overflow)
    results = {}
    for path in paths.WISHES:
        take(monkeypatch, path)
        try:
            with fx.seeded(9), fx.record() as events:
                result = fx.matmul(a, b, format=target)
        except ValueError:
            continue
        results[path] = raw_list(result), events.by_operation["matmul"]
    assert len(results) >= 4 if products.TILES else 3
    assert all(found == results["loops"] for found in results.values())
    assert results["loops"][1]["elements"] == 33 * 35
    assert results["loops"][1]["overflow"]
    assert results["loops"][1]["inexact"]


@pytest.mark.parametrize("path", ["auto", "integer", *PATHS])
def test_the_first_that_overflows(monkeypatch, path):
    numbers = np.zeros((40, 50), dtype=np.int8)
    numbers[23, 7], numbers[31, 2], numbers[35, 1] = 5, 100, -100
    fmt = fx.Format(8, 0)
    a, b = fx.FixedArray.from_raw(numbers, fmt), fx.ones((50, 30), fmt)
    take(monkeypatch, path)
    message = r"60 of 1200 elements overflowed .* the first at index \(31, 0\) is 100"
    with pytest.raises(fx.FixedOverflowError, match=message):
        fx.matmul(a, b, format=fx.Format(6, 0, overflow="raise"))


def test_a_path_by_name(monkeypatch):
    a = fx.ones((3, 4), fx.Format(100, 0))
    take(monkeypatch, "low64")
    with pytest.raises(ValueError, match="FXTYPES_GEMM=low64: no exact path"):
        fx.matmul(a * (1 << 90), a.T)
    take(monkeypatch, "fast")
    with pytest.raises(ValueError, match=r"FXTYPES_GEMM is one of auto, integer, .*got 'fast'"):
        fx.matmul(a, a.T)
    take(monkeypatch, "integer")
    assert fx.explain_matmul(a, a.T).path not in ("blas", "slices")


# -- the BLAS -----------------------------------------------------------------------------


def test_without_an_exact_blas(monkeypatch):
    a, b, _ = some_operands(16, (20, 30, 40))
    expected = raw_list(a @ b)
    monkeypatch.setattr(blas, "_checked", False)
    assert fx.explain_matmul(a, b).path not in ("blas", "slices")
    assert raw_list(a @ b) == expected
    take(monkeypatch, "blas")
    with pytest.raises(ValueError, match="float64 products are not exact"):
        a @ b


@pytest.fixture
def several_threads(monkeypatch):
    before = fx.get_num_threads()
    monkeypatch.setattr(matrix_product, "WORTH_A_THREAD", 1.0)
    yield fx.set_num_threads
    fx.set_num_threads(before)


# -- threads and blocks -------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(70, 40, 33), (20, 40, 90), (5, 3, 1), (1, 9, 5)])
@pytest.mark.parametrize("path", PATHS)
def test_threads_change_no_bit(monkeypatch, several_threads, path, shape):
    a, b, fmt = some_operands(16, shape)
    take(monkeypatch, path)
    target = fmt.replace(rounding="stochastic")
    results = []
    for count in (1, 2, 3, 7):
        several_threads(count)
        with fx.seeded(1), fx.record() as events:
            results.append((raw_list(fx.matmul(a, b, format=target)), events.by_operation))
    assert all(result == results[0] for result in results)
    raising = fmt.replace(overflow="raise")
    messages = set()
    for count in (1, 4):
        several_threads(count)
        try:
            fx.matmul(a, b, format=raising)
        except fx.FixedOverflowError as error:
            messages.add(str(error))
    assert len(messages) <= 1


@pytest.mark.parametrize("path", PATHS)
def test_blocks_change_no_bit(monkeypatch, path):
    """Blocks as small as they get, of stacks too."""
    a, b, fmt = some_operands(16, (40, 30, 50))
    stack = fx.stack([a, a + a, a - 1])
    target = fmt.replace(rounding="stochastic")
    take(monkeypatch, path)
    with fx.seeded(2):
        expected = raw_list(fx.matmul(stack, fx.stack([b, b, b + 1]), format=target))
    monkeypatch.setattr(matrix_product, "BLOCK_ROWS", 7)
    monkeypatch.setattr(matrix_product, "BLOCK_COLUMNS", 5)
    monkeypatch.setattr(blas, "BLOCK", 7)
    monkeypatch.setattr(blas, "TERMS", 10)
    with fx.seeded(2):
        assert raw_list(fx.matmul(stack, fx.stack([b, b, b + 1]), format=target)) == expected


MEASURE = """
import sys
import numpy as np
import fxtypes as fx

def status(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

width, bits, n = map(int, sys.argv[1:])
fx.set_num_threads(1)
rng = np.random.default_rng(0)
fmt = fx.Format(width, width // 2)
a, b = (fx.FixedArray.from_raw(rng.integers(-(1 << bits), 1 << bits, (n, n)), fmt) for _ in "ab")
a[:40] @ b[:, :40]
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak is what is there now
before = status("VmRSS")
c = a @ b
print(status("VmHWM") - before - c.nbytes, 3 * c.nbytes)
"""


# -- memory -------------------------------------------------------------------------------


@pytest.mark.skipif(
    not os.path.exists("/proc/self/clear_refs"), reason="the peak is Linux' to tell"
)
@pytest.mark.parametrize(("width", "bits", "n"), [(16, 15, 1100), (32, 20, 1100), (64, 62, 700)])
def test_temporary_memory(width, bits, n):
    """At most 40 MB, and three times operands and result."""
    found = subprocess.run(
        [sys.executable, "-P", "-c", MEASURE, str(width), str(bits), str(n)],
        capture_output=True,
        text=True,
        check=True,
    )
    temporary, whole = map(int, found.stdout.split())
    assert temporary < min(40e6, 3 * whole)
