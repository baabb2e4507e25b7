"""Bad and odd input: its documented error, which names the value and the way out, or its result."""

import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from checks import fixed, message_of, raw_list

import fxtypes as fx

Q = fx.Format(8, 4)
RAISING = Q.replace(overflow="raise")
X = fx.array([1, 2, 3], Q)


# --- formats --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [0, 1, 129, -3, 2.5, "32", None, True, 10**40, float("nan")])
def test_widths(width):
    for make in (
        lambda: fx.Format(width, 4),
        lambda: Q.replace(width=width),
        lambda: fx.Format.for_range(0, 1, width),
    ):
        text = message_of(fx.FormatError, make)
        assert f"got {width!r}" in text
        assert "from 2 to 128" in text


@pytest.mark.parametrize("frac_bits", [257, -257, 10**40, 2.5, "4", None, True])
def test_frac_bits(frac_bits):
    for make in (lambda: fx.Format(8, frac_bits), lambda: Q.replace(frac_bits=frac_bits)):
        text = message_of(fx.FormatError, make)
        assert f"got {frac_bits!r}" in text
        assert "from -256 to 256" in text


# --- numbers --------------------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(
    "nan",
    [NAN, np.float32(NAN), [1, NAN], np.array([NAN]), np.array([NAN], object), Decimal("NaN"),
     "nan", ["1", "-NaN"], np.longdouble(NAN), Decimal("sNaN")],
    ids=repr,
)  # fmt: skip
def test_nan(nan):
    for overflow in fx.Overflow:
        text = message_of(ValueError, fx.array, nan, Q.replace(overflow=overflow))
        assert "NaN has no" in text or "NaN at index" in text
        assert "numpy.nan_to_num" in text
    if not isinstance(nan, str | list):
        assert "NaN" in message_of(ValueError, fx.add, X, nan)


@pytest.mark.parametrize(
    "infinity",
    [float("inf"), np.float32("inf"), "inf", Decimal("Infinity"), "1e999999", Decimal("1e999999"),
     np.longdouble("inf"), [[float("inf")]], np.array([np.inf], object)],
    ids=repr,
)  # fmt: skip
def test_infinities(infinity):
    assert raw_list(fx.array(infinity, Q)) == [Q.raw_max]
    assert raw_list(fx.array(infinity, Q.replace(overflow="saturate_zero"))) == [0]
    for overflow in ("raise", "wrap"):
        fmt = Q.replace(overflow=overflow)
        text = message_of(fx.FixedOverflowError, fx.array, infinity, fmt)
        for part in ("inf", repr(fmt), "range"):
            assert part in text
    if not isinstance(infinity, str):
        text = message_of(fx.FixedOverflowError, fx.multiply, X, infinity)
        assert "inf" in text
        assert "wider_format" in text


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1e308, "1e+308"), (10**400, "about 2**1328"), (10**5000, "about 2**16609"), (9.0, "is 9")],
    ids=["1e308", "10**400", "10**5000", "9"],
)
def test_huge_numbers(number, shown):
    assert raw_list(fx.array([number, -number], Q)) == [Q.raw_max, Q.raw_min]
    text = message_of(fx.FixedOverflowError, fx.array, [0, number], RAISING)
    for part in ("1 of 2", "(1,)", repr(RAISING), "[-8, 7.9375]", shown):
        assert part in text
    # Integers are exact operands of any size, others must fit.
    assert raw_list(X * 10**5000) == [Q.raw_max] * 3
    text = message_of(fx.FixedOverflowError, fx.add, X, 1e308)
    assert "1e+308" in text
    assert "wider_format" in text


@pytest.mark.parametrize(
    "text", ["0x", "0x10", "", "abc", "1,5", "1e", "e5", "1/3", "--1", "1e99999999999999999999x"]
)
def test_text_that_is_no_number(text):
    for obj in (text, [text], ["1", [text][0]], np.array([text])):
        assert f"not a decimal number: {text!r}" in message_of(ValueError, fx.array, obj, Q)


@pytest.mark.parametrize("exponent", [400, 999999, 10**9, 10**17, 10**18, 10**30])
def test_extreme_exponents_at_once(exponent):
    before = time.perf_counter()
    up = Q.replace(rounding="ceil")
    for tiny, huge in (
        (f"1e-{exponent}", f"1e{exponent}"),
        (f" 0.05E-{exponent} ", f"+500.e+{exponent}"),
    ):
        assert raw_list(fx.array([tiny, f"-{tiny.strip()}"], up)) == [1, 0]
        assert raw_list(fx.array([huge, f"-{huge.strip(' +')}"], Q)) == [Q.raw_max, Q.raw_min]
        assert raw_list(fx.array([tiny, huge], Q.replace(overflow="saturate_zero"))) == [0, 0]
        with pytest.raises(fx.FixedOverflowError, match="inf"):
            fx.array(huge, RAISING)
        assert fx.array([f"0e{exponent}", f"-0e-{exponent}"], up).tolist() == [0, 0]
        assert raw_list(fx.linspace(0, tiny, 3, format=up)) == [0, 1, 1]
        for refused in (
            lambda huge=huge: fx.arange(huge, format=Q),
            lambda huge=huge: fx.linspace(0, huge, format=Q),
            lambda huge=huge: fx.random.uniform(3, Q, 0, huge),
            lambda huge=huge: fx.Format.for_range(0, huge, 8),
            lambda tiny=tiny: fx.arange(0, 1, tiny, format=Q),
        ):
            with pytest.raises(ValueError, match=r"finite|elements"):
                refused()
    if exponent < 10**17:
        tiny, huge = Decimal(f"1e-{exponent}"), Decimal(f"1e{exponent}")
        x = X.astype(up)
        assert (x > tiny).all()
        assert (x < huge).all()
        assert (x != tiny).all()
        assert raw_list(x + tiny) == [17, 33, 49]
    assert time.perf_counter() - before < 2


def test_decimals_of_many_digits():
    """Reading takes no more than the digits' number; a last digit still counts."""
    before = time.perf_counter()
    zeros, nines = "0" * 10**6, "9" * 10**6
    tie = "0.03125"  # halfway from 0 to Q.resolution
    texts = [f"{tie}{zeros}", f"{tie}{zeros}1", f"0.03124{nines}", f"-{tie}{zeros}1"]
    assert raw_list(fx.array(texts, Q)) == [0, 1, 0, -1]
    assert raw_list(fx.array([nines, f"-{nines}"], Q)) == [Q.raw_max, Q.raw_min]
    assert time.perf_counter() - before < 5


@pytest.mark.parametrize(
    ("obj", "shapes"),
    [([[1, 2], [3]], "[(1,), (2,)]"), ([1, [2]], "[(), (1,)]"), ([[], [1]], "[(0,), (1,)]"),
     ([[1], ["2", 3]], "[(1,), (2,)]"), ([np.zeros(2), np.zeros(3)], "[(2,), (3,)]"),
     ([X, 1.5], "[(), (3,)]")],
    ids=repr,
)  # fmt: skip
def test_ragged_lists(obj, shapes):
    text = message_of(ValueError, fx.array, obj, Q)
    assert "ragged" in text
    assert shapes in text


@pytest.mark.parametrize(
    ("obj", "shown"),
    [
        (1j, "1j"),
        ([1, 2 + 1j], "(2+1j)"),
        (np.complex64(1), "np.complex64(1+0j)"),
        (np.array([1j]), "complex128"),
        (datetime(2026, 1, 2), "datetime.datetime(2026, 1, 2, 0, 0)"),
        ([date(2026, 1, 2)], "datetime.date(2026, 1, 2)"),
        (timedelta(1), "datetime.timedelta(days=1)"),
        (np.datetime64("2026-01-02"), "np.datetime64('2026-01-02')"),
        (np.array(["2026"], "M8[Y]"), "datetime64[Y]"),
        (np.timedelta64(1, "s"), "np.timedelta64(1,'s')"),
        (None, "None"),
        ([1, None], "None"),
        (np.array([None]), "None"),
        (b"1", "b'1'"),
        (np.array([b"1"]), "S1"),
        ({"a": 1}, "{'a': 1}"),
        ({1}, "{1}"),
        (np.zeros(2, "i4,f4"), "f0"),
        (object, "<class 'object'>"),
        (np.ma.masked_array([1, 2], [True, False]), "masked array"),
        (np.ma.masked_array([1, 2]), "masked array"),
        (np.ma.masked, "masked array"),
        ([np.ma.masked_array([1, 2], [True, False])], "masked"),
    ],
    ids=repr,
)
def test_what_is_no_number(obj, shown):
    for function in (
        lambda: fx.array(obj, Q),
        lambda: fx.full((2, 2), obj, Q),
        lambda: X.copy().__setitem__(slice(None), obj),
    ):
        assert shown in message_of(TypeError, function)
    for function in (fx.add, fx.maximum, fx.divide, fx.left_shift, fx.power):
        with pytest.raises(TypeError):
            function(X, obj)


def test_the_way_out_of_masks_and_complex_numbers():
    assert ".filled(" in message_of(TypeError, fx.array, np.ma.masked_array([1, 2], [0, 1]), Q)
    assert ".real" in message_of(TypeError, fx.array, np.array([1j]), Q)
    assert "fx.array('1', format)" in message_of(TypeError, fx.add, X, "1")


def test_masked_arrays_are_refused_wherever_numbers_or_conditions_are_taken():
    masked = np.ma.masked_array([1, 2, 3], [True, False, False])
    for obj in (masked, [masked], (1, [masked, 2])):
        for function in (
            lambda obj: fx.array(obj, Q),
            lambda obj: fx.FixedArray.from_raw(obj, Q),
            lambda obj: fx.from_bits(obj, Q),
            lambda obj: X + obj,
            lambda obj: np.add(X, obj),
            lambda obj: X << obj,
            lambda obj: X**obj,
            lambda obj: fx.less(X, obj),
            lambda obj: fx.searchsorted(X, obj),
        ):
            with pytest.raises(TypeError, match="masked"):
                function(obj)
    condition = masked > 1
    for function in (
        lambda: fx.where(condition, X, X),
        lambda: fx.add(X, X, where=condition),
        lambda: fx.less(X, X, where=condition),
    ):
        assert ".filled(" in message_of(TypeError, function)


def test_text_beside_an_array():
    for other in ("1", "0.5", b"1"):
        with pytest.raises(TypeError, match="unsupported operand"):
            X + other
        assert repr(other) in message_of(TypeError, fx.multiply, X, other)
        assert not fx.equal(X, other).any()


# --- shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 2)])
def test_empty_arrays(shape):
    for x in (fx.zeros(shape, Q), fx.array(np.zeros(shape), Q), fx.zeros(shape, fx.Format(128, 4))):
        for made in (x + x, x / 2, -x, x.copy(), fx.exp(x), x.astype(Q), x << 1, abs(x), x**2):
            assert made.shape == shape
        assert (x == x).shape == shape
        assert x.sum().item() == 0
        assert x.prod().item() == 1
        assert fx.sort(x).shape == shape
        assert fx.unique(x).shape == (0,)
        assert str(x)
        for name in ("min", "max", "mean", "argmin", "argmax", "var", "std", "ptp"):
            text = message_of(ValueError, getattr(fx, name), x)
            assert name in text
            assert str(shape) in text or "0 elements" in text
    for obj in ([], [[]], [[], []], ()):
        assert fx.array(obj, Q).shape == np.array(obj).shape
        assert fx.FixedArray.from_raw(obj, Q).shape == np.array(obj).shape


def test_zero_dimensions():
    x = fx.array(1.5, Q)
    assert (x.shape, x.ndim, x.size, x.T.shape) == ((), 0, 1, ())
    assert (x + x).shape == (x * X[:0].sum()).shape == ()
    assert (x + X).shape == (3,)
    assert x[()].item() == x[...].item() == x.item() == Fraction(3, 2)
    assert x[None].shape == (1,)
    assert x.sum().item() == x.mean().item() == x.cumsum()[0].item() == x.item()
    x[...] = 2
    x[()] += 1
    assert (bool(x), int(x), float(x), x.tolist()) == (True, 3, 3.0, 3.0)
    for function, said in ((len, "0-d"), (list, "0-d"), (fx.diff, "0-d"), (fx.sort, "axis")):
        with pytest.raises((TypeError, ValueError), match=said):
            function(x)
    with pytest.raises(IndexError):
        x[0]


def nested(value, depth):
    return reduce(lambda inner, _: [inner], range(depth), value)


def test_64_dimensions():
    for value in (1, 1.5):
        assert fx.array(nested(value, 64), Q).shape == (1,) * 64
    assert fx.zeros((1,) * 64, Q).ndim == 64


@pytest.mark.parametrize("depth", [65, 66, 500, 5000])
def test_65_dimensions(depth):
    for value in (1, 1.5, "0.5", Fraction(1, 2), np.ones(1), fx.ones(1, Q)):
        for make in (fx.array, fx.FixedArray.from_raw, fx.from_bits):
            if make is fx.array or type(value) is int:
                assert "64 axes" in message_of(ValueError, make, nested(value, depth), Q)
    for function in (
        lambda shape: fx.zeros(shape, Q),
        lambda shape: fx.full(shape, 2, Q),
        lambda shape: X[:1].reshape(shape),
        lambda shape: fx.broadcast_to(X[0], shape),
        lambda shape: fx.random.uniform(shape, Q),
    ):
        assert "64" in message_of(ValueError, function, (1,) * depth)


def test_a_list_that_holds_itself():
    endless = []
    endless.append(endless)
    for make in (fx.array, fx.FixedArray.from_raw, fx.from_bits):
        assert "64 axes" in message_of(ValueError, make, endless, Q)


def test_arrays_of_65_dimensions_by_an_operation():
    x = fx.zeros((1,) * 64, Q)
    for function in (lambda: x[None], lambda: fx.expand_dims(x, 0), lambda: fx.stack([x])):
        with pytest.raises((IndexError, ValueError), match="64"):
            function()


@pytest.mark.parametrize(
    ("shape", "error"),
    [(-1, ValueError), ((2, -1), ValueError), ("3", TypeError), (2.5, TypeError),
     (10**30, ValueError), ((10**10,) * 2, MemoryError)],
)  # fmt: skip
def test_bad_shapes(shape, error):
    for make in (fx.zeros, fx.ones, fx.empty, lambda s, f: fx.full(s, 1, f), fx.random.uniform):
        with pytest.raises(error):
            make(shape, Q)


@pytest.mark.parametrize(
    "name",
    ["add", "subtract", "multiply", "divide", "floor_divide", "remainder", "divmod", "maximum",
     "minimum", "bitwise_and", "equal", "less", "matmul", "dot", "left_shift", "power"],
)  # fmt: skip
def test_shapes_that_do_not_broadcast(name):
    other = np.ones((2, 2), int)
    others = [other] if name in ("left_shift", "power") else [other, fx.array(other, Q)]
    for y in others:
        for a, b in ((X, y), (y, X)):
            if isinstance(a, np.ndarray) and len(others) == 1:
                continue
            text = message_of(ValueError, getattr(fx, name), a, b)
            assert "(3,)" in text
            assert "(2, 2)" in text


# --- out= -----------------------------------------------------------------------------------

FUNCTIONS = {
    "add": lambda out: fx.add(X, X, out=out),
    "multiply": lambda out: fx.multiply(X, 2, out=out),
    "divide": lambda out: fx.divide(X, X, out=out),
    "absolute": lambda out: fx.absolute(X, out=out),
    "round": lambda out: fx.round(X, out=out),
    "clip": lambda out: fx.clip(X, 0, 1, out=out),
    "sum": lambda out: fx.sum(X.reshape(1, 3), axis=0, out=out),
    "cumsum": lambda out: fx.cumsum(X, out=out),
    "matmul": lambda out: fx.matmul(X, fx.eye(3, format=Q), out=out),
    "np.add": lambda out: np.add(X, X, out=out),
    "np.sum": lambda out: np.sum(X.reshape(1, 3), axis=0, out=out),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_out_of_another_kind(name):
    call = FUNCTIONS[name]
    for shape in ((2,), (4,), (), (3, 1)):
        out = fx.zeros(shape, Q)
        text = message_of(ValueError, call, out)
        assert str(shape) in text
        assert not out.raw.any()
    for out in (np.zeros(3), np.zeros(3, int), np.zeros(3, object)):
        text = message_of(TypeError, call, out)
        assert "out=" in text
        assert name.removeprefix("np.") in text
        assert not out.any()
    fine = fx.Format(32, 16, rounding="floor")  # another format is fine, rounded once into it
    out = fx.zeros(3, fine)
    assert call(out) is out
    assert out.format is fine
    if not name.startswith("np."):
        with pytest.raises(fx.FormatError, match=r"out= has .* format= is"):
            fx.add(X, X, format=Q, out=out)


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


# --- indices and assignment -----------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [3, -4, (0, 0), [3], [-4], np.array([5]), np.array([True, False]), 1.5, "a", np.array([1.5]),
     (Ellipsis, Ellipsis), X, object()],
    ids=repr,
)  # fmt: skip
def test_indices(key):
    x = X.copy()
    before = raw_list(x)
    text = message_of(IndexError, x.__getitem__, key)
    if key is not X:
        assert text == message_of(IndexError, np.zeros(3).__getitem__, key)
    for value in (1, 0.5, X[0]):
        assert message_of(IndexError, x.__setitem__, key, value) == text
    assert raw_list(x) == before


def test_indices_of_functions():
    for function in (
        lambda: fx.take(X, [5]),
        lambda: fx.put(X.copy(), [5], 1),
        lambda: fx.insert(X, 9, 1),
        lambda: fx.delete(X, 9),
        lambda: fx.take_along_axis(X, np.array([9]), 0),
    ):
        assert "out of bounds" in message_of(IndexError, function)
    nothing = X[:0, np.newaxis][:, :0]
    text = message_of(IndexError, fx.take, nothing, 0, axis=0, mode="wrap")  # NumPy hangs
    assert "no element for an index to wrap to" in text
    assert fx.take(nothing, [], axis=0, mode="wrap").shape == (0, 0)
    assert fx.insert(X, np.arange(X.size) == 1, 0).tolist() == fx.insert(X, [1], 0).tolist()
    assert "got True" in message_of(ValueError, fx.insert, X, True, 0)
    nothing = fx.ones((2, 0), X.format)  # NumPy copies nothing 2**62 times
    assert fx.repeat(nothing, (1 << 62, 4), 0).shape == ((1 << 62) + 4, 0)
    assert fx.repeat(nothing, 1 << 61, -2).shape == (1 << 62, 0)
    message_of(ValueError, fx.repeat, nothing, (1 << 62, -1), 0)
    message_of(ValueError, fx.repeat, nothing, (1 << 62, 1, 1), 0)
    for function in (fx.sum, fx.sort, fx.cumsum, fx.flip, fx.argmax):
        text = message_of(np.exceptions.AxisError, function, X, axis=3)
        assert "axis 3 is out of bounds" in text
    assert "got '0'" in message_of(TypeError, fx.sum, X, axis="0")


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
@pytest.mark.parametrize("rounding", ["nearest_even", "stochastic"])
def test_assignment_of_what_does_not_fit_leaves_the_array_as_it_was(width, rounding):
    fmt = fx.Format(width, 1, rounding=rounding, overflow="raise")
    x = fixed([2, 4, 6, 8], fmt, (2, 2))
    too_large = 2**width
    wide = fx.Format(128, -100)
    for key, value in (
        (..., too_large),
        (..., [1, too_large]),
        (..., [[1, 1], [1, float("inf")]]),
        (0, [1, float(too_large)]),
        (slice(None), fx.array([0, 2.0**200], wide)),
        ((0, 1), Fraction(too_large)),
        ([[0, 1], [1, 0]], [1, str(too_large)]),
        (np.array([[True, False], [True, True]]), [1, 1, -too_large]),
        ((slice(None), 0), Decimal(too_large)),
    ):
        with pytest.raises(fx.FixedOverflowError, match=r"overflowed|out of the range"):
            x[key] = value
        assert raw_list(x) == [2, 4, 6, 8]
    for function in (
        lambda: x.fill(too_large),
        lambda: x.put([0, 1], [1, too_large]),
        lambda: fx.put(x, [0, 1], [1, too_large]),
        lambda: fx.place(x, np.ones((2, 2), bool), [1, too_large]),
        lambda: fx.putmask(x, np.ones((2, 2), bool), [1, too_large]),
        lambda: fx.copyto(x, fx.full((2, 2), 2.0**200, wide)),
        lambda: fx.fill_diagonal(x, too_large),
        lambda: fx.put_along_axis(x, np.zeros((1, 2), int), too_large, 0),
    ):
        with pytest.raises(fx.FixedOverflowError):
            function()
        assert raw_list(x) == [2, 4, 6, 8]


@pytest.mark.parametrize("rounding", ["floor", "stochastic"])
def test_assigned_values_broadcast_as_numpys(rounding):
    for shape, given in (
        ((3,), (1, 1, 3)), ((3,), (1,)), ((2, 3), (1, 2, 1)), ((), (1, 1)), ((3,), (2,)),
        ((3,), (2, 3)), ((0,), (1, 0)), ((2, 3), (2,)),
    ):  # fmt: skip
        x, plain = fx.zeros(shape, Q.replace(rounding=rounding)), np.zeros(shape)
        values = np.arange(np.prod(given, dtype=int)).reshape(given)
        try:
            plain[...] = values
        except ValueError:
            for value in (values, fx.array(values, Q)):
                text = message_of(ValueError, x.__setitem__, ..., value)
                assert str(given).replace(" ", "") in text.replace(" ", "")
        else:
            for value in (values, fx.array(values, Q), values.tolist()):
                x[...] = value
                assert x.tolist() == plain.tolist()
