"""The reference of the elementary functions against the oracle, integer by integer."""

import itertools
import pickle
import random
from fractions import Fraction

import mpmath
import pytest
from elementary_oracle import (
    BINARY,
    UNARY,
    Dyadic,
    OutsideDomain,
    evaluate,
    expected_log_softmax,
    expected_logsumexp,
    expected_softmax,
    to_odd,
)

from fxtypes.elementary import common, exponential, logarithm, registry
from fxtypes.elementary.common import INFINITY
from fxtypes.elementary.exponential import exp
from fxtypes.elementary.logarithm import log
from fxtypes.elementary.roots import sqrt
from fxtypes.elementary.softmax_rows import log_softmax, logsumexp, softmax

WIDTHS = (9, 16, 17, 31, 64, 65, 128)


def check(name, raws, frac_bits, out_bits):
    for raw in raws:
        check_one(name, [(raw, frac_bits)], out_bits)


def check_one(name, arguments, out_bits):
    """One result; `arguments` are pairs of a raw integer and the number of fraction bits."""
    function, flat = registry.FUNCTIONS[name].to_odd, [n for pair in arguments for n in pair]
    place = name, arguments, out_bits
    try:
        wanted = evaluate(name, tuple(Dyadic(*pair) for pair in arguments), out_bits)
    except OutsideDomain:
        with pytest.raises(ValueError, match=name):
            function(*flat, out_bits)
        return
    found = function(*flat, out_bits)
    assert found == wanted, place
    assert type(found) is type(wanted), place


def fractions_of(width):
    return (-256, -10, 0, width // 2, width + 1, 128, 256)


def outputs_of(width, frac_bits):
    return (-frac_bits, -3, 0, 1, 2, width, frac_bits + 2, frac_bits + 66)


def edges(width, frac_bits):
    """Ends of the format, around 0, around 1 and half, around a few multiples of ln 2."""
    low, high = -(1 << width - 1), (1 << width) - 1
    values = {low, low + 1, high, high - 1, high >> 1, -2, -1, 0, 1, 2, 3}
    for centre in (1 << max(frac_bits, 0), 1 << max(frac_bits - 1, 0)):
        values |= {s * centre + d for s in (1, -1) for d in (-2, -1, 0, 1, 2)}
    if frac_bits > 0:
        with mpmath.workprec(400):
            for count in (-30, -1, 1, 2, 1024):
                centre = int(mpmath.floor(mpmath.ldexp(count * mpmath.ln2, frac_bits)))
                values |= {centre, centre + 1}
    return sorted(value for value in values if low <= value <= high)


def samples(rng, width, count):
    """Signed and unsigned integers of up to `width` bits, all lengths equally likely."""
    for _ in range(count):
        yield rng.choice((1, -1)) * rng.getrandbits(rng.randint(1, width - 1))
        yield rng.getrandbits(rng.randint(1, width))


# --- against the oracle -----------------------------------------------------------------------


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("width", [2, 5, 8])
def test_every_argument_of_narrow_formats(name, width):
    for frac_bits in (0, width // 2, width + 1):
        for out_bits in (frac_bits, frac_bits + 2):
            check(name, range(-(1 << width - 1), 1 << width), frac_bits, out_bits)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("width", WIDTHS)
def test_edges_of_wide_formats(name, width):
    for frac_bits in fractions_of(width):
        for out_bits in (-3, frac_bits + 2, frac_bits + 66):
            check(name, edges(width, frac_bits), frac_bits, out_bits)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("width", WIDTHS)
def test_random_arguments(name, width):
    rng = random.Random(f"{name} {width}")
    for frac_bits in fractions_of(width):
        for out_bits in outputs_of(width, frac_bits):
            check(name, samples(rng, width, 1), frac_bits, out_bits)


@pytest.mark.long
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("width", WIDTHS)
def test_more_random_arguments(name, width):
    rng = random.Random(f"long {name} {width}")
    for frac_bits in fractions_of(width):
        for out_bits in outputs_of(width, frac_bits):
            check(name, edges(width, frac_bits), frac_bits, out_bits)
            check(name, samples(rng, width, 60), frac_bits, out_bits)


@pytest.mark.long
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize(("frac_bits", "out_bits"), [(8, 10), (12, 14), (4, 90), (17, 83)])
def test_every_argument_of_16_bits(name, frac_bits, out_bits):
    check(name, range(-(1 << 15), 1 << 16), frac_bits, out_bits)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("frac_bits", [127, 128, 256])
def test_tiny_arguments(name, frac_bits):
    raws = [-3, -2, -1, 0, 1, 2, 3, 1 << 40, -(1 << 40)]
    raws += [(1 << frac_bits) + raw for raw in raws]
    for more in (-60, -1, 0, 1, 2, 3, 66, frac_bits, 2 * frac_bits, 3 * frac_bits):
        check(name, raws, frac_bits, frac_bits + more)


@pytest.mark.parametrize("name", UNARY)
def test_huge_arguments(name):
    raws = [s * (10**k + d) for s in (1, -1) for k in (3, 8, 30) for d in (0, 1)]
    raws += [s << 127 for s in (1, -1)]
    for frac_bits in (-256, -100, -1, 0):
        for out_bits in (-400, -256, 0, 1, 10, 324):
            check(name, raws, frac_bits, out_bits)


@pytest.mark.parametrize("out_bits", [-1100, -1023, -1022, -1000, -7, -1, 0, 1, 2, 324, 3000])
def test_every_number_of_output_bits(out_bits):
    for name in UNARY:
        check(name, [-100000, -2600, -700, -3, -1, 0, 1, 2, 3, 700, 709 * 4, 2600], 2, out_bits)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "count", [pytest.param(2_000, id="some"), pytest.param(100_000, marks=pytest.mark.long)]
)
def test_pairs(name, count):
    rng = random.Random(name)
    for _ in range(count):
        width = rng.choice(WIDTHS)
        pair = []
        for raw in itertools.islice(samples(rng, width, 2), 2):
            places = rng.choice((*fractions_of(width), width // 2, width - 3))
            pair.append((rng.choice((raw, raw, raw, 0, 1, -1)), places))
        if name == "power" and rng.random() < 0.5:
            pair[1] = rng.randint(-40, 40), rng.choice((0, 0, 1, 2, -1))
        if rng.random() < 0.1:
            pair[1] = pair[0]
        check_one(name, pair, rng.choice(outputs_of(width, pair[0][1])))


def rows(rng, frac_bits):
    unit = 1 << max(frac_bits, 0)
    yield [rng.randint(-8 * unit, 8 * unit) for _ in range(10)]
    yield [rng.randint(-100 * unit, 100 * unit) for _ in range(rng.randint(2, 20))]
    yield [rng.choice((-1, 1)) * rng.getrandbits(rng.randint(1, 127)) for _ in range(4)]
    base = rng.getrandbits(100) - (1 << 99)
    yield [base + rng.randint(-2, 2) for _ in range(rng.choice((2, 3, 4, 8)))]


def check_row(row, frac_bits, out_bits):
    place = (row, frac_bits, out_bits)
    assert softmax(row, frac_bits, out_bits) == expected_softmax(*place), place
    assert log_softmax(row, frac_bits, out_bits) == expected_log_softmax(*place), place
    assert logsumexp(row, frac_bits, out_bits) == expected_logsumexp(*place), place


@pytest.mark.parametrize("frac_bits", [-256, -10, 0, 8, 16, 33, 64, 128, 256])
@pytest.mark.parametrize(
    "repeats", [pytest.param(1, id="short"), pytest.param(20, id="more", marks=pytest.mark.long)]
)
def test_rows(frac_bits, repeats):
    rng = random.Random(frac_bits)
    for _ in range(repeats):
        for out_bits in (-5, 0, 1, 12, frac_bits + 2, frac_bits + 66):
            for row in rows(rng, frac_bits):
                check_row(row, frac_bits, out_bits)


@pytest.mark.parametrize("out_bits", [-5, 0, 1, 2, 18, 90, 324])
def test_rows_at_edges(out_bits):
    far = -(10**30)
    for row in (
        [0, 0, far],
        [0, 0, 0, far],
        [0, 0, 0, 0, far, far - 1],
        [0, far],
        [-5, -5 + far],
        [0, -3, far],
        [0, -(10**5)],
        [0, -40, -80, -120, -300],
        [7] * 8,
        [7] * 10,
        [-1],
        [1 << 127, -(1 << 127)],
    ):
        check_row(row, 0, out_bits)
        check_row(row, -256, out_bits)
    for frac_bits in (127, 256):
        for row in ([0, 1], [0, 0, 1, -1], [0, 1, -1], [5, 5, 5, 4], [-1, -2], [1, far << 256]):
            check_row(row, frac_bits, out_bits)


# --- hard places made to order: neighbours on both sides of a boundary --------------------------


def inverse(name, value):
    if name == "sigmoid":
        return mpmath.log(value / (1 - value))
    return {"exp": mpmath.log, "log": mpmath.exp, "tanh": mpmath.atanh}[name](value)


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sigmoid"])
@pytest.mark.parametrize("frac_bits", [64, 128, 256])
def test_either_side_of_a_boundary(name, frac_bits):
    """The last argument below the inverse of an even result, and the next."""
    rng = random.Random(f"{name} {frac_bits}")
    for out_bits in (3, 10, 20, 40):
        unit = 1 << out_bits
        low, high = {
            "exp": (1, 100 * unit),
            "log": (-3 * unit, 5 * unit),
            "tanh": (1 - unit, unit - 1),
            "sigmoid": (1, unit - 1),
        }[name]
        for _ in range(20):
            boundary = rng.randint(low, high) & -2
            if boundary in (0, unit, -unit, unit // 2):
                continue
            with mpmath.workprec(900):
                point = inverse(name, mpmath.ldexp(mpmath.mpf(boundary), -out_bits))
                below = int(mpmath.floor(mpmath.ldexp(point, frac_bits)))
            assert registry.FUNCTIONS[name].reference(below, frac_bits, out_bits) == boundary - 1
            assert (
                registry.FUNCTIONS[name].reference(below + 1, frac_bits, out_bits) == boundary + 1
            )


def test_either_side_of_a_boundary_in_rows():
    for frac_bits in (64, 256):
        for boundary, out_bits in ((2, 3), (6, 3), (100, 10), (1022, 10), (3000, 15)):
            with mpmath.workprec(900):
                share = mpmath.ldexp(mpmath.mpf(boundary), -out_bits)
                # softmax([x, 0])[0] = share, and logsumexp([x, 0]) = share
                for inner, function in (
                    (inverse("sigmoid", share), lambda row, *to: softmax(row, *to)[0]),
                    (mpmath.log(mpmath.expm1(1 + share)), logsumexp),
                ):
                    below = int(mpmath.floor(mpmath.ldexp(inner, frac_bits)))
                    target = boundary + ((1 << out_bits) if function is logsumexp else 0)
                    assert function([below, 0], frac_bits, out_bits) == target - 1
                    assert function([below + 1, 0], frac_bits, out_bits) == target + 1


@pytest.mark.parametrize("frac_bits", [16, 64, 128, 256])
def test_arguments_next_to_multiples_of_ln2(frac_bits):
    """Where the reduced argument of exp is next to nothing, on either side."""
    with mpmath.workprec(900):
        multiples = [mpmath.ldexp(k * mpmath.ln2, frac_bits) for k in (-90, -7, -1, 1, 5, 1023)]
        raws = [int(mpmath.floor(multiple)) + more for multiple in multiples for more in (0, 1)]
    for out_bits in (-1030, -3, 2, 12, 90, 330):
        for name in ("exp", "sigmoid", "tanh"):
            check(name, raws, frac_bits, out_bits)


@pytest.mark.parametrize("frac_bits", [-256, -3, 0, 1, 7, 128, 256])
def test_squares_and_their_neighbours(frac_bits):
    rng = random.Random(frac_bits)
    for bits in (1, 4, 30, 64, 130):
        for _ in range(20):
            root = rng.getrandbits(bits) + 1
            for out_bits in (-2, 0, 5, 66, 324):
                check("sqrt", [root**2 - 1, root**2, root**2 + 1], frac_bits, out_bits)


@pytest.mark.parametrize("frac_bits", [-256, -10, -9, 0, 1, 16, 128, 256])
def test_infinity_from_exactly_two_to_the_1024(frac_bits):
    with mpmath.workprec(900):
        last = int(mpmath.floor(mpmath.ldexp(1024 * mpmath.ln2, frac_bits)))
    for out_bits in (-2000, -1024, 0, 66):
        assert exp(last + 1, frac_bits, out_bits) is INFINITY
        check("exp", [last], frac_bits, out_bits)
    assert exp(10**8, 0, 8) is INFINITY
    assert exp(1 << 127, -256, 8) is INFINITY


def test_infinity_is_one_object():
    assert pickle.loads(pickle.dumps(INFINITY)) is INFINITY
    assert repr(INFINITY) == "INFINITY"


# --- errors -----------------------------------------------------------------------------------


def test_domain_errors_name_the_value():
    with pytest.raises(ValueError, match=r"-3/2 \(raw -3 with 1 fraction bits\)"):
        log(-3, 1, 8)
    with pytest.raises(ValueError, match=r"log .* 0 \(raw 0"):
        log(0, -256, 8)
    with pytest.raises(ValueError, match=r"-1/4 \(raw -1 with 2 fraction bits\)"):
        sqrt(-1, 2, 8)
    for function in (softmax, log_softmax, logsumexp):
        with pytest.raises(ValueError, match="empty row"):
            function([], 0, 8)


# --- the bounds that the proofs claim -----------------------------------------------------------


@pytest.mark.parametrize("precision", [64, 128, 192, 320, 640, 1024])
def test_claimed_error_bounds(precision):
    rng = random.Random(precision)
    with mpmath.workprec(2 * precision + 1400):
        short = mpmath.ldexp(mpmath.ln2, precision) - common.ln2(precision)
        assert 0 < short < 2
        worst = {"mantissa": 0, "decay": 0, "log": 0}
        for _ in range(300):
            frac_bits = rng.choice((0, 8, 30, precision, 256))
            raw = rng.choice((1, -1)) * (rng.getrandbits(9 + frac_bits) + 1)
            x = mpmath.ldexp(mpmath.mpf(raw), -frac_bits)
            exponent = exponential.binary_exponent(raw, frac_bits)
            assert exponent <= x / mpmath.ln2 < exponent + 1 + mpmath.ldexp(1, -30)
            value = exponential.mantissa(raw, frac_bits, exponent, precision)
            error = abs(value - mpmath.ldexp(mpmath.exp(x), precision - exponent))
            worst["mantissa"] = max(worst["mantissa"], error)
            if raw < 0:
                value = exponential.decay(raw, frac_bits, precision)
                error = abs(value - mpmath.ldexp(mpmath.exp(x), precision))
                worst["decay"] = max(worst["decay"], error)
            value = logarithm.log_fixed(abs(raw), frac_bits, precision)
            error = abs(value - mpmath.ldexp(mpmath.log(abs(x)), precision))
            worst["log"] = max(worst["log"], error)
    assert worst["mantissa"] < exponential.MANTISSA_ERROR
    assert worst["decay"] < exponential.DECAY_ERROR
    assert worst["log"] < logarithm.LOG_ERROR


@pytest.mark.parametrize("frac_bits", [-256, -20, -1, 0, 8, 64, 256])
def test_multiples_of_ln2(frac_bits):
    with mpmath.workprec(1500):
        for count in (-5000, -1024, -65, -1, 0, 1, 2, 1024, 5001):
            exact = mpmath.ldexp(count * mpmath.ln2, frac_bits)
            assert common.floor_ln2_multiple(count, frac_bits) == int(mpmath.floor(exact))


def test_rounding_to_odd_from_open_intervals():
    """Against the definition, on a grid four times as fine as the interval's ends."""
    for shift in range(4):
        for low in range(-20, 20):
            for high in range(low + 1, low + 20):
                inner = {to_odd(Fraction(n, 4 << shift), 0) for n in range(4 * low + 1, 4 * high)}
                wanted = inner.pop() if len(inner) == 1 else None
                if wanted is not None and wanted % 2 == 0:
                    wanted = None  # an exact even point alone: an open interval is wider
                assert common.odd_between(low, high, shift) == wanted
    for raw in range(-40, 40):
        for shift in range(-3, 9):
            assert common.odd_dyadic(raw, shift) == to_odd(Fraction(raw), -shift)
