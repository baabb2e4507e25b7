"""full_precision(): formats grow so that + - * and sums are exact."""

import contextvars
import threading

import numpy as np
import oracle
import pytest
import strategies
from checks import exact_values, fixed
from hypothesis import assume, given
from hypothesis import strategies as st

import fxtypes as fx

Q = fx.Format(8, 4)


def fields(fmt):
    return fmt.int_bits, fmt.frac_bits, fmt.signed


@given(st.data(), strategies.formats(), strategies.formats(frac_bits=st.integers(-20, 60)))
def test_sums_and_products_are_exact(data, x_fmt, y_fmt):
    y_fmt = y_fmt.replace(rounding=x_fmt.rounding, overflow=x_fmt.overflow)
    if x_fmt.overflow == "saturate_symmetric":
        x_fmt, y_fmt = (f.replace(overflow="wrap") for f in (x_fmt, y_fmt))
    x = fixed(data.draw(strategies.raw_lists(x_fmt, (4,))), x_fmt)
    y = fixed(data.draw(strategies.raw_lists(y_fmt, (4,))), y_fmt)
    xs, ys = exact_values(x), exact_values(y)
    try:
        common = oracle.common_format(x_fmt, y_fmt)
    except oracle.OracleFormatError:
        assume(False)
    int_bits = common.width - common.frac_bits
    either = x_fmt.signed or y_fmt.signed
    product = (x_fmt.int_bits + y_fmt.int_bits, x_fmt.frac_bits + y_fmt.frac_bits, either)
    cases = [
        (lambda: x + y, [a + b for a, b in zip(xs, ys, strict=True)],
         (int_bits + 1, common.frac_bits, common.signed)),
        (lambda: x - y, [a - b for a, b in zip(xs, ys, strict=True)],
         (int_bits + 1, common.frac_bits, True)),
        (lambda: x * y, [a * b for a, b in zip(xs, ys, strict=True)], product),
        (lambda: -x, [-a for a in xs], (x_fmt.int_bits + 1, x_fmt.frac_bits, True)),
        (lambda: abs(x), [abs(a) for a in xs], (x_fmt.int_bits + 1, *fields(x_fmt)[1:])),
        (lambda: fx.square(x), [a * a for a in xs],
         (2 * x_fmt.int_bits, 2 * x_fmt.frac_bits, x_fmt.signed)),
        (lambda: x.sum(), [sum(xs)], (x_fmt.int_bits + 2, *fields(x_fmt)[1:])),
        (lambda: x.cumsum(), [sum(xs[: i + 1]) for i in range(4)],
         (x_fmt.int_bits + 2, *fields(x_fmt)[1:])),
        (lambda: x @ y, [sum(a * b for a, b in zip(xs, ys, strict=True))],
         (product[0] + 2, *product[1:])),
    ]  # fmt: skip
    with fx.full_precision(), fx.record() as events:
        for compute, exact, (whole, frac_bits, signed) in cases:
            if not (2 <= whole + frac_bits <= 128 and abs(frac_bits) <= 256):
                with pytest.raises(fx.FormatError, match="full precision"):
                    compute()
                continue
            found = compute()
            assert found.format == fx.Format(
                whole + frac_bits, frac_bits, signed, x_fmt.rounding, x_fmt.overflow
            )
            assert exact_values(found) == exact
    assert events.overflow == events.inexact == 0


@pytest.mark.parametrize(
    ("other", "added", "multiplied"),
    [  # the fields of a + other, a * other
        (5, (5, 4, True), (8, 4, True)),
        (0, (5, 4, True), (6, 4, True)),
        (-8, (5, 4, True), (8, 4, True)),
        (-9, (6, 4, True), (9, 4, True)),
        (True, (5, 4, True), (6, 4, True)),
        (2**40, (43, 4, True), (46, 4, True)),
        ([5, 100], (9, 4, True), (12, 4, True)),
        (np.int16(5), (17, 4, True), (20, 4, True)),
        (np.array([1, 2], np.uint8), (10, 4, True), (12, 4, True)),
        (np.array([1, 2], np.int64), (65, 4, True), (68, 4, True)),
        (0.5, (5, 4, True), (8, 8, True)),
        (fx.array(1, fx.Format(4, 4)), (5, 4, True), (4, 8, True)),
    ],
)
def test_formats_of_operands(other, added, multiplied):
    a = fx.array([1.5, -8], Q)
    with fx.full_precision():
        for found, expected in ((a + other, added), (other + a, added), (a * other, multiplied)):
            assert fields(found.format) == expected
        values = other.to_numpy() if isinstance(other, fx.FixedArray) else np.array(other, float)
        np.testing.assert_array_equal(a * other, a.to_numpy() * values)
        np.testing.assert_array_equal(other - a, values - a.to_numpy())


def test_what_keeps_its_format():
    a = fx.array([1.5, -8], Q)
    b = a.copy()
    with fx.full_precision():
        for found in (a / a, a // a, a % a, a**2, a << 1, fx.maximum(a, a), a.mean(), a.max(), ~a):
            assert found.format == Q
        assert fx.add(a, a, format=Q).format == Q
        assert fx.multiply(a, a, out=b).format == Q
        b += a
        b *= 2
        assert b.format == Q
        assert a.sum(format=Q).format == Q
        assert fx.diff(a).format == Q.replace(width=9)
    assert (a + a).format == Q


def test_sums_grow_with_the_number_of_terms():
    for n, bits in ((0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1024, 10), (1025, 11)):
        a = fx.full((n, 2), -8, Q)
        with fx.full_precision():
            total = a.sum(axis=0)
            assert total.format.int_bits == Q.int_bits + bits
            assert total.tolist() == [-8 * n] * 2
            if n:
                assert (a.T @ a).format.int_bits == 2 * Q.int_bits + bits
    with fx.full_precision():
        assert fx.ones((4, 8), Q).sum().format.int_bits == Q.int_bits + 5
        assert fx.ones((4, 8), Q).sum(axis=0).format.int_bits == Q.int_bits + 2


def test_too_wide():
    a = fx.ones(2, fx.Format(128, 64))
    with fx.full_precision():
        for compute in (
            lambda: a + a, lambda: a * a, lambda: -a, lambda: abs(a), lambda: a.sum(),
            lambda: a @ a, lambda: a + 10**50, lambda: fx.ones(2, Q) * 2**200,
        ):  # fmt: skip
            with pytest.raises(fx.FormatError):
                compute()
        assert fx.add(a, a, format=a.format).tolist() == [2, 2]
        with pytest.raises(fx.FormatError, match="disagree"):
            fx.ones(1, Q) + fx.ones(1, Q.replace(rounding="floor"))


def test_nesting_and_contexts():
    a = fx.ones(1, Q)

    def width():
        return (a + a).format.width

    found = []
    with fx.full_precision():
        with fx.full_precision():
            assert width() == 9
        assert width() == 9
        with fx.seeded(1), fx.record() as events:
            assert width() == 9
        assert events.elements == 1
        thread = threading.Thread(target=lambda: found.append(width()))
        thread.start()
        thread.join()
        assert contextvars.copy_context().run(width) == 9
    assert width() == 8
    assert found == [8]
    with pytest.raises(ZeroDivisionError), fx.full_precision():
        1 / 0  # noqa: B018
    assert width() == 8
