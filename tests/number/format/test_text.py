"""Text: every digit of the exact value, rounded only where the reader asks for it."""

import decimal
import re
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import oracle
import pytest
import strategies
from checks import exact_values, fixed
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import formats, raw_lists, raws

import fxtypes as fx

Q = fx.Format(12, 4)

EXACT_IN_FLOAT = st.builds(
    fx.Format, st.integers(2, 53), st.integers(-256, 256), st.booleans()
)  # and so CPython's own formatting of floats, correctly rounded, is the oracle
Q8 = fx.Format(16, 8)


def spec_of(kinds):
    return st.builds(
        "{}{}{}{}{}{}".format,
        st.sampled_from(["", "<", ">", "^", "=", "*<", "*>", "x^", "0="]),
        st.sampled_from(["", "+", "-", " "]),
        st.sampled_from(["", "0"]),
        st.sampled_from(["", "1", "7", "30", "61"]),
        st.sampled_from(["", ".0", ".1", ".2", ".3", ".7", ".20", ".100"]),
        st.sampled_from(kinds),
    )


@given(data=st.data(), fmt=EXACT_IN_FLOAT, spec=spec_of("fFeEgG%"))
def test_one_element_as_a_float(data, fmt, spec):
    raw = data.draw(raws(fmt))
    value = oracle.value(raw, fmt)
    assume("%" not in spec or Fraction(float(value) * 100) == value * 100)  # as CPython has it
    assert format(fixed([raw], fmt)[0], spec) == format(float(value), spec)


@pytest.mark.parametrize(
    "spec",
    [
        "z.1f",
        "+z.0f",
        "z.2e",
        "z.1%",
        ",.2f",
        "_.3f",
        "020,.1f",
        ",g",
        "_.9g",
        "020,.3e",
        "0=19_g",
        "019,f",
        "18,.0f",
    ],
)
@pytest.mark.parametrize("raw", [-2048, -1000, -1, 0, 1, 7, 8, 24, 2047])
def test_zeros_and_groups_as_a_float(raw, spec):
    for fmt in (Q, fx.Format(12, -10), fx.Format(12, 20)):
        value = float(oracle.value(raw, fmt))
        assert format(fx.FixedArray.from_raw(raw, fmt), spec) == format(value, spec)


@pytest.mark.parametrize("spec", [".0f", ".2f", ".0e", ".3e", "g", ".1%", ",.40f", ".700e"])
@pytest.mark.parametrize("raw", [-2048, -1000, -1, 0, 7, 24, 2047])
def test_the_decimal_context_in_force_says_nothing(raw, spec):
    for fmt in (Q, fx.Format(12, -100), fx.Format(12, 200)):
        a = fx.FixedArray.from_raw(raw, fmt)
        expected = format(a, spec)
        signals = [decimal.Inexact, decimal.Rounded, decimal.Subnormal, decimal.InvalidOperation]
        with decimal.localcontext(
            decimal.Context(prec=2, Emin=-3, Emax=3, rounding=decimal.ROUND_UP, traps=signals)
        ):
            assert format(a, spec) == expected


def in_places(value, places):
    """`value` with so many decimals, ties to even: from integers alone."""
    scaled = Fraction(value) * 10**places
    rounded = round(scaled)  # of a Fraction: ties to even
    digits = str(abs(rounded)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 else text


@given(data=st.data(), fmt=formats(), places=st.integers(0, 400))
def test_every_width_is_rounded_from_the_exact_value(data, fmt, places):
    raw = data.draw(raws(fmt))
    found = format(fixed([raw], fmt)[0], f".{places}f")
    assert found == in_places(oracle.value(raw, fmt), places)


@given(data=st.data(), fmt=formats())
def test_scientific_text_of_every_width(data, fmt):
    raw = data.draw(raws(fmt))
    value = oracle.value(raw, fmt)
    mantissa, exponent = format(fixed([raw], fmt)[0], ".20e").split("e")
    found = Fraction(mantissa) * Fraction(10) ** int(exponent)
    assert abs(found - value) * 2 * 10**20 <= Fraction(10) ** int(exponent)
    assert value == 0 or 1 <= abs(Fraction(mantissa)) < 10


def test_ties_go_to_the_even_digit():
    tie = fx.Format(128, 100)
    for text, expected in [
        ("0.125", "0.12"),
        ("0.375", "0.38"),
        ("-0.125", "-0.12"),
        ("2.5", "2.50"),
    ]:
        assert format(fx.array(text, tie), ".2f") == expected
    above = fx.FixedArray.from_raw((1 << 97) + 1, tie)  # 0.125 and a little
    assert format(above, ".2f") == "0.13"


# -- bit patterns -------------------------------------------------------------------------


@given(data=st.data(), fmt=formats(), kind=st.sampled_from("xXb"))
def test_bit_patterns_have_all_digits(data, fmt, kind):
    raw = data.draw(raws(fmt))
    text = format(fixed([raw], fmt)[0], kind)
    assert len(text) == (fmt.width if kind == "b" else -(-fmt.width // 4))
    assert int(text, 2 if kind == "b" else 16) == raw % 2**fmt.width
    assert text == (text.upper() if kind == "X" else text.lower())


def test_bit_patterns_with_options():
    a = fx.FixedArray.from_raw(-2, fx.Format(10, 4))
    expected = {
        "x": "3fe",
        "X": "3FE",
        "#x": "0x3fe",
        "b": "1111111110",
        "_b": "11_1111_1110",
        "#_b": "0b11_1111_1110",
        "6x": "   3fe",
        "<6x": "3fe   ",
        "*^7x": "**3fe**",
        "#08x": "0x0003fe",
    }
    assert {spec: format(a, spec) for spec in expected} == expected
    assert format(fx.zeros(2, fx.Format(32, 0)), "_x") == "[0000_0000 0000_0000]"


# -- arrays -------------------------------------------------------------------------------


def test_columns_as_numpy_prints_them():
    a = fx.array([[0.125, -3], [100, 7.5]], Q)
    values = a.to_numpy()
    assert str(a) == str(values)
    assert f"{a:.2f}" == "[[  0.12  -3.00]\n [100.00   7.50]]"
    assert f"{a:.0f}" == "[[  0  -3]\n [100   8]]"
    assert f"{a:x}" == "[[002 fd0]\n [640 078]]"
    assert f"{a}" == str(a)
    assert f"{a[0, 0]}" == "0.125"
    assert (
        repr(a)
        == "FixedArray([[  0.125,  -3.   ],\n            [100.   ,   7.5  ]], format=Format(12, 4))"
    )


@given(data=st.data(), width=st.integers(2, 20), frac_bits=st.integers(1, 7))
def test_layout_is_numpys(data, width, frac_bits):
    """Floats of so few fraction bits are printed in full by NumPy too."""
    fmt = fx.Format(width, frac_bits)
    shape = data.draw(st.sampled_from([(1,), (7,), (3, 4), (2, 3, 2), (40,), (30, 2)]))
    a = fixed(data.draw(raw_lists(fmt, shape)), fmt, shape)
    options = {
        "threshold": data.draw(st.sampled_from([5, 1000])),
        "edgeitems": data.draw(st.integers(1, 3)),
        "linewidth": data.draw(st.sampled_from([30, 75, 200])),
    }
    with np.printoptions(**options, suppress=True, precision=30):
        assert str(a) == str(a.to_numpy())
        body = repr(a).removeprefix("FixedArray(").partition(", format=")[0]
        same_prefix = np.array2string(a.to_numpy(), separator=", ", prefix="FixedArray(")
        assert body == same_prefix


@given(data=st.data(), fmt=formats())
def test_every_digit_is_printed(data, fmt):
    numbers = data.draw(raw_lists(fmt, (5,)))
    a = fixed(numbers, fmt)
    with np.printoptions(precision=2, suppress=False):
        for text in (str(a), repr(a).partition("format")[0]):
            found = re.findall(r"-?\d+\.?\d*", text)
            assert [Fraction(t) for t in found] == [oracle.value(n, fmt) for n in numbers]


@pytest.mark.parametrize("width", [16, 100])
def test_summaries(width):
    a = fx.full((2000, 3), "0.25", fx.Format(width, 8))
    a[1000] = -20  # not shown: takes no room
    assert str(a).splitlines()[0] == "[[0.25 0.25 0.25]"
    assert len(str(a).splitlines()) == 7
    with np.printoptions(linewidth=200):
        assert len(f"{a:x}".splitlines()) == 7
    with np.printoptions(threshold=10**6):
        assert "-20." in str(a)


def test_nothing_and_one():
    assert str(fx.zeros((0, 3), Q)) == str(fx.zeros(0, Q)) == f"{fx.zeros(0, Q):.2f}" == "[]"
    assert repr(fx.zeros((2, 0), Q)) == "FixedArray([], shape=(2, 0), format=Format(12, 4))"
    assert str(fx.array(5, fx.Format(8, -1))) == "4"
    assert str(fx.array("0.5", fx.Format(100, 50))) == "0.5"


@pytest.mark.parametrize(
    "spec",
    ["d", "s", "o", "c", "q", ",n", ".f", "f4", "++f", ",x", ".2x",
     "+b", "zx", ".9999999999f", "9" * 30, "9" * 30 + "f", "é", "x" * 50, "\0", "{",
     "1" * 30 + "Y"],
)  # fmt: skip
@pytest.mark.parametrize("a", [fx.zeros(2, Q), fx.zeros((), Q), fx.zeros(0, Q)])
def test_unknown_specifications_are_refused(a, spec):
    with pytest.raises(ValueError, match=re.escape(repr(spec))):
        format(a, spec)


class Table(HTMLParser):
    """The cells of a table by row; every tag must be closed."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.heads, self.caption, self._open = [], [], "", []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
            self.heads.append([])

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] == ["td"]:
            self.rows[-1].append(data)
        elif self._open[-1:] == ["th"]:
            self.heads[-1].append(data)
        elif self._open[-1:] == ["caption"]:
            self.caption += data


def html_of(a):
    return Table(a._repr_html_())


# -- Jupyter ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [12, 100])
def test_tables(width):
    fmt = fx.Format(width, 4, rounding="floor")
    found = html_of(fx.array([[0.5, -3], [2, 7]], fmt))
    assert found.rows == [[], ["0.5", "-3."], ["2.", "7."]]
    assert found.heads == [["0", "1"], ["0"], ["1"]]
    assert found.caption == f"FixedArray, shape (2, 2), {fmt!r}"
    assert html_of(fx.array([1, 2], fmt)).rows == [[], ["1.", "2."]]
    assert html_of(fx.array(1.5, fmt)).rows == [["1.5"]]
    assert html_of(fx.zeros((0, 2), fmt)).rows == []
    assert html_of(fx.zeros((2, 2, 1), fmt)).heads == [
        ["0"],
        ["0, 0"],
        ["0, 1"],
        ["1, 0"],
        ["1, 1"],
    ]


def test_large_tables_are_summarised():
    found = html_of(fx.zeros((500, 400), Q))
    assert len(found.rows) == 8
    assert found.rows[1] == ["0.", "0.", "0.", "…", "0.", "0.", "0."]
    assert found.rows[4] == ["…"] * 7
    assert found.heads[-1] == ["499"]
    assert len(html_of(fx.zeros((2, 100), Q)).rows[1]) == 41


def numbers_in(text):
    return [Fraction(n) for n in re.findall(r"-?\d+\.?\d*", text)]


@given(st.data(), strategies.formats())
def test_str_has_exact_digits(data, fmt):
    raws = data.draw(st.lists(strategies.raws(fmt), min_size=1, max_size=5))
    x = fixed(raws, fmt)
    assert numbers_in(str(x)) == exact_values(x)
    assert numbers_in(str(x[0])) == exact_values(x)[:1]
    text = repr(x)
    assert text.startswith("FixedArray(")
    assert repr(fmt) in text
    assert numbers_in(text.replace(repr(fmt), "")) == exact_values(x)


def test_repr_looks_as_numpy_prints():
    fmt = fx.Format(8, 4)
    assert repr(fx.array([0.5, -1.25], fmt)) == "FixedArray([ 0.5 , -1.25], format=Format(8, 4))"
    assert repr(fx.array(0.5, fmt)) == "FixedArray(0.5, format=Format(8, 4))"
    assert str(fx.array([[1, 2], [3, 4]], fmt)).count("\n") == 1
    assert str(fx.array([1, 2], fmt)).startswith("[")


def test_printing_is_summarised():
    x = fx.zeros(5000, format=fx.Format(128, 100))
    x[-1] = 0.5
    assert "..." in str(x)
    assert len(str(x)) < 300
    assert numbers_in(str(x).replace("...", " "))[-1] == Fraction(1, 2)


def test_digits_without_end():
    third = fx.array(1, Q8) / 3
    text = format(third, ".100000f")
    assert text == "0.33203125" + "0" * (100_000 - 8)
    assert format(third, ".1000e").endswith("000e-01")
    assert format(third, ">12") == "  0.33203125"
    assert format(-third, "<12") == "-0.33203125 "
    with pytest.raises(ValueError, match="more than"):
        format(third, ".10000000000f")


VALUES = ["0", "1", "-1", "0.5", "1234.5", "100", "999999", "1234567.25", "-0.0001220703125", "12",
          "9.5", "99.5", "0.09375", "-0.0000152587890625", "999.9375"]  # fmt: skip


@pytest.mark.parametrize("alternate", ["", "#", "+", "+#", "012", "#>14"])
@pytest.mark.parametrize("kind", ["", "n", "e", "f", "g", "%", "G", "E"])
def test_short_and_alternate_forms_are_pythons(kind, alternate):
    q = fx.Format(64, 30)
    for value in VALUES:
        a = fx.array(value, q)
        for precision in ("", ".0", ".1", ".2", ".3", ".7", ".12"):
            if not kind and not precision:
                continue  # all digits
            align, spec = ("*" + alternate[1:], "#") if ">" in alternate else ("", alternate)
            spec = f"*>{spec}14{precision}{kind}" if align else f"{spec}{precision}{kind}"
            assert format(a, spec) == format(float(value), spec), (value, spec)
    assert [f"{fx.array(5, fx.Format(8, 0)):{s}}" for s in ("", "#")] == ["5", "5."]
    assert f"{fx.array(5, fx.Format(8, 2)):#}" == "5."
    wide = fx.array([Fraction(10**30, 1) + Fraction(1, 2)], fx.Format(128, 8))
    assert f"{wide[0]:.31}" == "1e+30"
    assert f"{wide[0]:.32}" == "1000000000000000000000000000000.5"


def test_n_follows_the_locale(monkeypatch):
    import locale

    german = {"decimal_point": ",", "thousands_sep": ".", "grouping": [3, 3, 0],
              "mon_thousands_sep": "", "mon_grouping": []}  # fmt: skip
    monkeypatch.setattr(locale, "localeconv", lambda: german)
    monkeypatch.setattr(locale, "_override_localeconv", german, raising=False)
    a = fx.array([1234567.25, -12.5], fx.Format(40, 8))
    assert f"{a[0]:.9n}" == "1.234.567,25"
    assert f"{a[1]:n}" == "-12,5"


@pytest.mark.parametrize(
    "keywords",
    [
        {"precision": 2},
        {"precision": 0},
        {"precision": 3, "floatmode": "fixed"},
        {"precision": 1, "floatmode": "maxprec_equal"},
        {"precision": 5, "floatmode": "maxprec"},
        {"precision": 2, "floatmode": "unique"},
        {"floatmode": "fixed"},
        {"floatmode": "maxprec_equal"},
        {"precision": 2, "sign": "+"},
        {"precision": 2, "sign": " "},
        {"precision": 2, "separator": ";"},
        {"precision": 2, "suppress_small": True},
        {"precision": 2, "threshold": 2, "edgeitems": 1},
        {"precision": 2, "max_line_width": 14, "prefix": "abc", "suffix": "de"},
        {"formatter": {"float": lambda v: f"<{float(v)}>"}},
        {"formatter": {"all": lambda v: "x"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("width", [40, 100])
def test_array2string_is_numpys(keywords, width):
    values = np.array([[1.5, -2.25, 0.333251953125], [100, 0, 0.1875]])
    for x in (values, values[0], abs(values), values[:0]):
        a = fx.array(x, fx.Format(width, 16))
        assert np.array2string(a, **keywords) == np.array2string(x, **keywords)


def test_array2string_rounds_exact_values_once():
    a = fx.array(["0.5", "1.5", "2.500000000000000000001"], fx.Format(128, 90))
    assert np.array2string(a, precision=0) == "[0. 2. 3.]"
    assert np.array2string(a[2], precision=1) == "2.5"
    assert np.array_repr(a[:1] / 3, precision=2) == f"FixedArray([0.17], format={a.format!r})"
    assert np.array_str(a[1], precision=2) == "1.5"
    assert np.array_repr(a) == repr(a)
    for bad in ({"sign": "x"}, {"floatmode": "x"}, {"precision": -1}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            np.array2string(a, **bad)
    with pytest.raises(TypeError, match="legacy"):
        np.array2string(a, legacy="1.13")


@pytest.mark.parametrize("width", [16, 100])
def test_a_huge_view_is_printed(width):
    one = fx.ones((), fx.Format(width, 8))
    for shape in ((10**9,), (10**8, 10**8), (10**6, 3, 10**6)):
        a = np.broadcast_to(one, shape)
        plain = np.broadcast_to(np.float64(1), shape)
        assert str(a) == str(plain)
        assert f"{a:.1f}".count("1.0") == str(plain).count("1.")
        assert "&hellip;" in a._repr_html_()
        assert repr(a).startswith("FixedArray([")
