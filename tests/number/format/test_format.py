"""Format: its fields, its limits, its identity."""

import copy
import pickle
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import strategies
from checks import message_of
from hypothesis import assume, given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.errors import FormatError
from fxtypes.format import Format
from fxtypes.format.modes import Overflow, Rounding

Q = fx.Format(8, 4)


def test_defaults():
    fmt = Format(16, 8)
    assert (fmt.width, fmt.frac_bits, fmt.signed) == (16, 8, True)
    assert (fmt.rounding, fmt.overflow) == ("nearest_even", "saturate")
    assert fmt.rounding is Rounding.NEAREST_EVEN
    assert fmt.overflow is Overflow.SATURATE


@pytest.mark.parametrize(
    ("fmt", "int_bits", "raw_min", "raw_max", "low", "high", "resolution"),
    [
        (Format(16, 8), 8, -32768, 32767, -128, Fraction(32767, 256), Fraction(1, 256)),
        (Format(16, 8, False), 8, 0, 65535, 0, Fraction(65535, 256), Fraction(1, 256)),
        (Format(2, 0), 2, -2, 1, -2, 1, 1),
        (Format(2, 0, False), 2, 0, 3, 0, 3, 1),
        (Format(8, -3), 11, -128, 127, -1024, 1016, 8),
        (Format(4, 6), -2, -8, 7, Fraction(-1, 8), Fraction(7, 64), Fraction(1, 64)),
        (Format(128, 0), 128, -(2**127), 2**127 - 1, -(2**127), 2**127 - 1, 1),
        (Format(128, 0, False), 128, 0, 2**128 - 1, 0, 2**128 - 1, 1),
        (Format(64, 0), 64, -(2**63), 2**63 - 1, -(2**63), 2**63 - 1, 1),
        # Storing is not clamping: from_raw still accepts the lowest raw.
        (Format(4, 0, overflow="saturate_symmetric"), 4, -8, 7, -8, 7, 1),
    ],
)
def test_derived(fmt, int_bits, raw_min, raw_max, low, high, resolution):
    assert (fmt.int_bits, fmt.raw_min, fmt.raw_max) == (int_bits, raw_min, raw_max)
    assert (fmt.min, fmt.max, fmt.resolution) == (low, high, resolution)
    assert type(fmt.raw_min) is int
    assert type(fmt.raw_max) is int
    assert {type(x) for x in (fmt.min, fmt.max, fmt.resolution)} == {Fraction}


@given(strategies.formats())
def test_limits_against_the_oracle(fmt):
    assert (fmt.raw_min, fmt.raw_max) == oracle.raw_limits(fmt)
    assert fmt.min == oracle.value(fmt.raw_min, fmt)
    assert fmt.max == oracle.value(fmt.raw_max, fmt)
    assert fmt.resolution == oracle.value(1, fmt)
    assert fmt.int_bits + fmt.frac_bits == fmt.width


def test_every_width_and_binary_point():
    for width in range(2, 129):
        assert Format(width, 0).width == width
    for frac_bits in range(-256, 257):
        assert Format(8, frac_bits).frac_bits == frac_bits


@pytest.mark.parametrize("width", [1, 0, -1, 129, 1000, 10**30])
def test_width_out_of_range(width):
    with pytest.raises(FormatError, match=f"width must be from 2 to 128, got {width}"):
        Format(width, 0)


@pytest.mark.parametrize("frac_bits", [257, -257, 10**30])
def test_frac_bits_out_of_range(frac_bits):
    with pytest.raises(FormatError, match=f"frac_bits must be from -256 to 256, got {frac_bits}"):
        Format(8, frac_bits)


def test_huge_numbers_give_short_errors():
    with pytest.raises(FormatError, match="an integer of 100001 bits"):
        Format(1 << 100_000, 0)


@pytest.mark.parametrize("wrong", [8.0, "8", None, True, Fraction(8), np.float64(8), [8]])
@pytest.mark.parametrize("field", ["width", "frac_bits"])
def test_sizes_that_are_no_integers(field, wrong):
    fields = {"width": 8, "frac_bits": 4, field: wrong}
    with pytest.raises(FormatError, match=f"{field} must be an integer from"):
        Format(**fields)


@pytest.mark.parametrize("signed", [1, 0, None, "yes", "False", 2.0])
def test_signed_must_be_a_boolean(signed):
    with pytest.raises(FormatError, match="signed must be True or False, got"):
        Format(8, 4, signed)


@pytest.mark.parametrize("wrong", ["", "Floor", "nearest", None, 3, ["floor"], "saturate"])
def test_unknown_rounding(wrong):
    with pytest.raises(FormatError, match=r"rounding must be one of floor, .*stochastic, got"):
        Format(8, 4, rounding=wrong)


@pytest.mark.parametrize("wrong", ["", "WRAP", "clip", None, 3, {}, "floor"])
def test_unknown_overflow(wrong):
    with pytest.raises(FormatError, match=r"overflow must be one of saturate, .*raise, got"):
        Format(8, 4, overflow=wrong)


def test_format_error_is_a_value_error():
    assert issubclass(FormatError, ValueError)


def test_numpy_scalars_become_python_ones():
    fmt = Format(np.int64(16), np.int8(8), np.bool_(False))
    assert fmt is Format(16, 8, False)
    assert (type(fmt.width), type(fmt.frac_bits), type(fmt.signed)) == (int, int, bool)


def test_mode_names():
    assert list(Rounding) == [
        "floor", "ceil", "toward_zero", "away_from_zero", "nearest_even", "nearest_odd",
        "nearest_away", "nearest_zero", "nearest_up", "nearest_down", "odd", "stochastic",
    ]  # fmt: skip
    assert list(Overflow) == ["saturate", "saturate_symmetric", "saturate_zero", "wrap", "raise"]


def test_modes_by_name_or_member():
    for rounding in Rounding:
        assert Format(8, 4, rounding=rounding) is Format(8, 4, rounding=str(rounding))
    for overflow in Overflow:
        assert Format(8, 4, overflow=overflow) is Format(8, 4, overflow=str(overflow))


VARIANTS = [
    Format(16, 8),
    Format(17, 8),
    Format(16, 9),
    Format(16, 8, signed=False),
    Format(16, 8, rounding="floor"),
    Format(16, 8, overflow="wrap"),
]


def test_equal_over_all_five_fields():
    for i, a in enumerate(VARIANTS):
        for j, b in enumerate(VARIANTS):
            assert (a == b) is (i == j)
            assert (a != b) is (i != j)
    assert len(set(VARIANTS)) == len(VARIANTS)


def test_equal_formats_are_one():
    a = Format(16, 8, True, "floor")
    b = Format(frac_bits=8, width=16, rounding=Rounding.FLOOR)
    assert a == b
    assert hash(a) == hash(b)
    assert {a: 1}[b] == 1


def test_unequal_to_anything_else():
    assert Format(16, 8) != (16, 8, True, "nearest_even", "saturate")
    assert Format(16, 8) != "Q7.8"
    assert Format(16, 8) is not None


def test_no_order():
    with pytest.raises(TypeError):
        Format(8, 4) < Format(16, 4)  # noqa: B015
    with pytest.raises(TypeError):
        sorted([Format(8, 4), Format(16, 4)])


@pytest.mark.parametrize(
    "name", ["width", "frac_bits", "int_bits", "signed", "rounding", "overflow",
             "raw_min", "raw_max", "min", "max", "resolution", "nonsense"],
)  # fmt: skip
def test_immutable(name):
    fmt = Format(16, 8)
    with pytest.raises(AttributeError):
        setattr(fmt, name, 4)
    with pytest.raises(AttributeError):
        delattr(fmt, name)
    assert fmt is Format(16, 8)
    assert fmt.width == 16


@given(strategies.formats())
def test_repr_evaluates_to_the_format(fmt):
    assert eval(repr(fmt), {"Format": Format}) == fmt


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        (Format(16, 8), "Format(16, 8)"),
        (Format(16, -8, False), "Format(16, -8, signed=False)"),
        (Format(16, 8, overflow="wrap"), "Format(16, 8, overflow='wrap')"),
    ],
)
def test_repr(fmt, text):
    assert repr(fmt) == text


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        (Format(32, 16), "Q15.16"),
        (Format(16, 8, False), "UQ8.8"),
        (Format(8, 10), "Q-3.10"),
        (Format(16, 8, True, "floor", "wrap"), "Q7.8 floor wrap"),
    ],
)
def test_str(fmt, text):
    assert str(fmt) == text
    assert f"{fmt}" == text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("fmt", VARIANTS, ids=repr)
def test_pickle(fmt, protocol):
    assert pickle.loads(pickle.dumps(fmt, protocol)) == fmt


def test_a_pickle_names_no_private_thing():
    text = pickle.dumps(Format(16, 8, True, "stochastic", "raise"), 0)
    assert b"Rounding" not in text
    assert b"_core" not in text


@pytest.mark.parametrize("fmt", VARIANTS, ids=repr)
def test_copy(fmt):
    assert copy.copy(fmt) == fmt
    assert copy.deepcopy([fmt]) == [fmt]


def test_replace():
    fmt = Format(16, 8)
    assert fmt.replace() == fmt
    assert fmt.replace(width=12, frac_bits=3) == Format(12, 3)
    assert fmt.replace(signed=False) == Format(16, 8, False)
    assert fmt.replace(rounding="floor", overflow="wrap") == Format(16, 8, True, "floor", "wrap")
    assert fmt == Format(16, 8)


def test_replace_refuses():
    with pytest.raises(FormatError, match="got 129"):
        Format(16, 8).replace(width=129)
    with pytest.raises(TypeError, match="widht"):
        Format(16, 8).replace(widht=12)
    with pytest.raises(TypeError, match="int_bits"):
        Format(16, 8).replace(int_bits=3)


def holds(fmt, low, high):
    return fmt.min <= low and high <= fmt.max


def best_by_search(low, high, width, signed):
    for frac_bits in range(256, -257, -1):
        fmt = Format(width, frac_bits, signed)
        if holds(fmt, low, high):
            return fmt
    return None


@pytest.mark.parametrize(
    ("low", "high", "width", "signed", "frac_bits"),
    [
        (-10, 10, 16, True, 11),
        (-1, 1, 16, True, 14),  # 1 itself is not in Q0.15
        (-1, Fraction(32767, 32768), 16, True, 15),
        (-128, 127, 8, True, 0),
        (-128, 128, 8, True, -1),
        (-129, 127, 8, True, -1),
        (0, 255, 8, False, 0),
        (0, 256, 8, False, -1),
        (0, 0, 8, True, 256),
        (0, 0, 8, False, 256),
        (-1, 0, 2, True, 1),
        (5, 6, 8, True, 4),
        (-6, -5, 8, True, 4),
        (0, 1 << 380, 128, False, -253),
    ],
)
def test_for_range(low, high, width, signed, frac_bits):
    assert Format.for_range(low, high, width, signed) == Format(width, frac_bits, signed)


@st.composite
def near_powers(draw):
    """Numbers at and beside powers of two, where the answer steps."""
    size = Fraction(2) ** draw(st.integers(-300, 400))
    nudge = Fraction(draw(st.integers(-2, 2)), 2 ** draw(st.integers(0, 130)))
    return draw(st.sampled_from([0, 1, -1])) * size * (1 + nudge)


@given(near_powers(), near_powers(), strategies.widths, st.booleans())
def test_for_range_is_the_best(a, b, width, signed):
    low, high = min(a, b), max(a, b)
    assume(signed or low >= 0)
    best = best_by_search(low, high, width, signed)
    if best is None:
        with pytest.raises(FormatError, match=f"no format of {width} bits"):
            Format.for_range(low, high, width, signed)
    else:
        assert Format.for_range(low, high, width, signed) == best


def test_for_range_takes_modes():
    fmt = Format.for_range(-10, 10, 16, rounding="floor", overflow="wrap")
    assert fmt == Format(16, 11, True, "floor", "wrap")


@pytest.mark.parametrize("ten", [10, 10.0, "10", "1e1", Decimal(10), Fraction(10)])
def test_for_range_takes_any_exact_number(ten):
    assert Format.for_range(-10, ten, 16) == Format(16, 11)


@pytest.mark.parametrize("ten", [np.int64(10), np.int8(10), np.float64(10), np.float32(10)])
@pytest.mark.parametrize("width", [16, 128])
def test_for_range_takes_numpy_numbers(ten, width):
    assert Format.for_range(-ten, ten, width) == Format.for_range(-10, 10, width)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "x", None, [], 1j, Decimal("nan")])
def test_for_range_needs_finite_numbers(wrong):
    with pytest.raises(FormatError, match="high must be a finite number, got"):
        Format.for_range(0, wrong, 16)
    with pytest.raises(FormatError, match="low must be a finite number, got"):
        Format.for_range(wrong, 1, 16)


def test_for_range_refuses():
    with pytest.raises(FormatError, match="low must not exceed high, got 2 and 1"):
        Format.for_range(2, 1, 16)
    with pytest.raises(FormatError, match="unsigned format can't hold low=-1"):
        Format.for_range(-1, 1, 16, signed=False)
    with pytest.raises(FormatError, match="no format of 16 bits"):
        Format.for_range(0, 1 << 400, 16)
    with pytest.raises(FormatError, match="width must be from 2 to 128, got 1"):
        Format.for_range(0, 1, 1)
    with pytest.raises(FormatError, match="rounding must be one of"):
        Format.for_range(0, 1, 8, rounding="up")


def test_many_threads_get_the_same_object():
    made = []
    gate = threading.Barrier(8)

    def make():
        gate.wait()
        made.append([Format(width, 7, overflow="wrap") for width in range(2, 129)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(a is b for row in made for a, b in zip(row, made[0], strict=True))


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


def test_the_lowest_value_is_none_of_a_symmetric_range():
    made = fx.Format.for_range(-128, 0, 8, overflow="saturate_symmetric")
    assert made.frac_bits == -1
    assert fx.array(-128, made) == -128
