"""Formats read and written in the notations that people use."""

import re
import time
from types import SimpleNamespace

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from fxtypes.errors import FormatError
from fxtypes.format import Format, notation
from fxtypes.format.modes import Overflow, Rounding

NOTATIONS = ["q", "ap_fixed", "ac_fixed", "sc_fixed", "fixdt"]

# The modes' names are written out here once more: this is the contract, not the code.
COMMON_ROUNDING = {
    "floor": "TRN",
    "toward_zero": "TRN_ZERO",
    "nearest_even": "RND_CONV",
    "nearest_away": "RND_INF",
    "nearest_zero": "RND_ZERO",
    "nearest_up": "RND",
    "nearest_down": "RND_MIN_INF",
}
ROUNDING = {
    "ap_fixed": COMMON_ROUNDING,
    "ac_fixed": {**COMMON_ROUNDING, "nearest_odd": "RND_CONV_ODD"},
    "sc_fixed": COMMON_ROUNDING,
}
OVERFLOW = {
    "saturate": "SAT",
    "saturate_symmetric": "SAT_SYM",
    "saturate_zero": "SAT_ZERO",
    "wrap": "WRAP",
}
ROUNDING_CASES = [(n, mode, word) for n in ROUNDING for mode, word in ROUNDING[n].items()]
OVERFLOW_CASES = [(n, mode, word) for n in ROUNDING for mode, word in OVERFLOW.items()]


def prefix(name):
    return name[:2].upper() + "_"


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        ("Q15.16", Format(32, 16)),
        ("UQ8.8", Format(16, 8, signed=False)),
        ("Q0.15", Format(16, 15)),
        ("UQ0.16", Format(16, 16, signed=False)),
        ("Q9.-2", Format(8, -2)),
        ("Q-3.10", Format(8, 10)),
        ("UQ-3.10", Format(7, 10, signed=False)),
        ("UQ9.-2", Format(7, -2, signed=False)),
        ("Q63.64", Format(128, 64)),
        (" Q7.8\n", Format(16, 8)),
        ("ap_fixed<32,16,AP_RND_CONV,AP_SAT>", Format(32, 16)),
        ("ap_ufixed<8,3,AP_RND,AP_SAT_SYM>",
         Format(8, 5, False, "nearest_up", "saturate_symmetric")),
        ("ap_fixed<8,3>", Format(8, 5, True, "floor", "wrap")),
        ("ap_fixed<8,3,AP_RND>", Format(8, 5, True, "nearest_up", "wrap")),
        ("ap_fixed<8,3,AP_RND,AP_SAT,0>", Format(8, 5, True, "nearest_up", "saturate")),
        ("ap_fixed<8,-3>", Format(8, 11, True, "floor", "wrap")),
        ("ap_fixed<8,0>", Format(8, 8, True, "floor", "wrap")),
        ("ap_fixed<8,20>", Format(8, -12, True, "floor", "wrap")),
        ("ap_ufixed < 8 ,\t3 , AP_RND >", Format(8, 5, False, "nearest_up", "wrap")),
        ("ac_fixed<32,16,true,AC_RND_CONV,AC_SAT>", Format(32, 16)),
        ("ac_fixed<32,16,false,AC_RND_CONV,AC_SAT>", Format(32, 16, signed=False)),
        ("ac_fixed<32,16,0,AC_RND_CONV,AC_SAT>", Format(32, 16, signed=False)),
        ("ac_fixed<32,16,1>", Format(32, 16, True, "floor", "wrap")),
        ("ac_fixed<8,3>", Format(8, 5, True, "floor", "wrap")),
        ("ac_fixed<8,3,false>", Format(8, 5, False, "floor", "wrap")),
        ("ac_fixed<8,3,true,AC_RND_CONV_ODD>", Format(8, 5, True, "nearest_odd", "wrap")),
        ("sc_fixed<32,16,SC_RND_CONV,SC_SAT>", Format(32, 16)),
        ("sc_ufixed<32,16,SC_RND_CONV,SC_SAT,0>", Format(32, 16, signed=False)),
        ("sc_fixed<8,3>", Format(8, 5, True, "floor", "wrap")),
        ("sc_dt::sc_fixed<8,3,sc_dt::SC_RND,SC_SAT>",
         Format(8, 5, True, "nearest_up", "saturate")),
        ("fixdt(1,32,16)", Format(32, 16)),
        ("fixdt(0, 16, 8)", Format(16, 8, signed=False)),
        ("fixdt(true,16,-3)", Format(16, -3)),
        ("fixdt( false , 16 , 20 )", Format(16, 20, signed=False)),
    ],
)  # fmt: skip
def test_reads(text, fmt):
    assert Format.parse(text) is fmt


@pytest.mark.parametrize(("name", "mode", "word"), ROUNDING_CASES)
def test_rounding_names_both_ways(name, mode, word):
    fmt = Format(16, 8, True, mode, "saturate")
    text = fmt.to_string(name)
    assert f"{prefix(name)}{word}," in text
    assert Format.parse(text) == fmt


@pytest.mark.parametrize(("name", "mode", "word"), OVERFLOW_CASES)
def test_overflow_names_both_ways(name, mode, word):
    fmt = Format(16, 8, True, "nearest_even", mode)
    text = fmt.to_string(name)
    assert text.endswith(f",{prefix(name)}{word}>")
    assert Format.parse(text) == fmt


@pytest.mark.parametrize(
    ("fmt", "name", "text"),
    [
        (Format(32, 16), "q", "Q15.16"),
        (Format(16, 8, signed=False), "q", "UQ8.8"),
        (Format(8, -2), "q", "Q9.-2"),
        (Format(8, 10), "q", "Q-3.10"),
        (Format(8, 8), "q", "Q-1.8"),
        (Format(32, 16, True, "ceil", "raise"), "q", "Q15.16"),
        (Format(32, 16), "ap_fixed", "ap_fixed<32,16,AP_RND_CONV,AP_SAT>"),
        (Format(8, 5, False, "floor", "wrap"), "ap_fixed", "ap_ufixed<8,3,AP_TRN,AP_WRAP>"),
        (Format(32, 16), "ac_fixed", "ac_fixed<32,16,true,AC_RND_CONV,AC_SAT>"),
        (Format(8, 10, False), "ac_fixed", "ac_fixed<8,-2,false,AC_RND_CONV,AC_SAT>"),
        (Format(32, 16), "sc_fixed", "sc_fixed<32,16,SC_RND_CONV,SC_SAT>"),
        (Format(8, -2, False), "sc_fixed", "sc_ufixed<8,10,SC_RND_CONV,SC_SAT>"),
        (Format(32, 16), "fixdt", "fixdt(1,32,16)"),
        (Format(16, -3, False, "odd", "raise"), "fixdt", "fixdt(0,16,-3)"),
    ],
)
def test_writes(fmt, name, text):
    assert fmt.to_string(name) == text


@given(strategies.formats(), st.sampled_from(NOTATIONS))
def test_round_trip(fmt, name):
    if name in ("q", "fixdt"):
        plain = fmt.replace(rounding="nearest_even", overflow="saturate")
        assert Format.parse(fmt.to_string(name)) is plain
    elif fmt.rounding in ROUNDING[name] and fmt.overflow in OVERFLOW:
        assert Format.parse(fmt.to_string(name)) is fmt
    else:
        with pytest.raises(FormatError, match=f"{name} has no"):
            fmt.to_string(name)


@pytest.mark.parametrize("name", ROUNDING)
def test_modes_without_a_name(name):
    for mode in Rounding:
        if mode not in ROUNDING[name]:
            with pytest.raises(FormatError, match=f"{name} has no rounding mode '{mode}'"):
                Format(8, 4, rounding=mode).to_string(name)
    with pytest.raises(FormatError, match=f"{name} has no overflow mode 'raise'"):
        Format(8, 4, overflow="raise").to_string(name)


def test_the_error_names_the_notations_that_can():
    with pytest.raises(FormatError, match=r"; ac_fixed can say this format, q and fixdt can"):
        Format(8, 4, rounding="nearest_odd").to_string("ap_fixed")
    with pytest.raises(FormatError, match=r"; no notation can say this format"):
        Format(8, 4, rounding="stochastic").to_string("ap_fixed")
    with pytest.raises(FormatError, match=r"; no notation can say this format"):
        Format(8, 4, rounding="nearest_odd", overflow="raise").to_string("sc_fixed")


@pytest.mark.parametrize("name", ["", "Q", "ap_ufixed", "verilog", None, 3, ["q"]])
def test_unknown_notation(name):
    with pytest.raises(FormatError, match="q, ap_fixed, ac_fixed, sc_fixed, fixdt"):
        Format(8, 4).to_string(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no fixed-point notation"),
        ("nonsense", "'nonsense' is no fixed-point notation"),
        ("Q.15", "no fixed-point notation"),
        ("Q15.", "no fixed-point notation"),
        ("Q15.16x", "no fixed-point notation"),
        ("Q15.16 AP_SAT", "no fixed-point notation"),
        ("Q15.16.1", "no fixed-point notation"),
        ("Q 15.16", "no fixed-point notation"),
        ("q15.16", "no fixed-point notation"),
        ("UQ+8.8", "no fixed-point notation"),
        ("Q\u0663.\u0664", "no fixed-point notation"),
        ("Q\uff11\uff15.16", "no fixed-point notation"),
        ("Q15.16\x00", "no fixed-point notation"),
        ("Q15.16\u00a0", "no fixed-point notation"),
        ("Q08.8", "no fixed-point notation"),
        ("ap_fixed", "no fixed-point notation"),
        ("ap_fixed<>", "2 to 5 arguments"),
        ("ap_fixed<8>", "2 to 5 arguments"),
        ("ap_fixed<8,3,AP_RND,AP_SAT,0,0>", "2 to 5 arguments"),
        ("ap_fixed<8,3", "no fixed-point notation"),
        ("ap_fixed<8,3>>", "no fixed-point notation"),
        ("ap_fixed<8,3>;", "no fixed-point notation"),
        ("ap_fixed(8,3)", "no fixed-point notation"),
        ("fixdt<1,16,8>", "no fixed-point notation"),
        ("std::ap_fixed<8,3>", "no fixed-point notation"),
        ("sc_dt::ap_fixed<8,3>", "no fixed-point notation"),
        ("ap_fixed<8,,AP_RND>", "I must be a decimal integer"),
        ("ap_fixed<W,3>", "W must be a decimal integer of at most 9 digits, got 'W'"),
        ("ap_fixed<010,3>", "W must be a decimal integer"),
        ("ap_fixed<8.0,3>", "W must be a decimal integer"),
        ("ap_fixed<\u0668,3>", "W must be a decimal integer"),
        ("ap_fixed<8,3,>", "rounding mode must be one of AP_TRN, .* got ''"),
        ("ap_fixed<8,3,AP_SAT>", "rounding mode must be one of AP_TRN, .* got 'AP_SAT'"),
        ("ap_fixed<8,3,SC_RND>", "rounding mode must be one of AP_TRN, .* got 'SC_RND'"),
        ("ap_fixed<8,3,sc_dt::SC_RND>", "rounding mode must be one of"),
        ("ap_fixed<8,3,ap_rnd>", "rounding mode must be one of"),
        ("ap_fixed<8,3,AP_RND,AP_WRAP_SM>", "overflow mode must be one of .* got 'AP_WRAP_SM'"),
        ("sc_fixed<8,3,SC_RND,SC_WRAP_SM>", "overflow mode must be one of .* got 'SC_WRAP_SM'"),
        ("ap_fixed<8,3,AP_RND,AP_WRAP,2>", "N=2 saturation bits"),
        ("sc_fixed<8,3,SC_RND,SC_WRAP,1>", "N=1 saturation bits"),
        ("sc_fixed<8,3,SC_RND,SC_WRAP,x>", "N must be a decimal integer"),
        ("ac_fixed<8,3,AC_RND>", "S must be one of true, 1, false, 0, got 'AC_RND'"),
        ("ac_fixed<8,3,True>", "S must be one of"),
        ("ac_fixed<8,3,true,AC_RND,AC_SAT,0>", "2 to 5 arguments"),
        ("ac_fixed<8,3,true,AP_RND>", "rounding mode must be one of AC_TRN"),
        ("fixdt(1,16)", "leaves the binary point open"),
        ("fixdt(1,16,0.5,0)", "slope and a bias"),
        ("fixdt(1,16,1.5,-3,0)", "slope and a bias"),
        ("fixdt()", "is not understood"),
        ("fixdt('double')", "is not understood"),
        ("fixdt(2,16,8)", "Signed must be one of true, 1, false, 0, got '2'"),
        ("fixdt([],16,8)", "Signed must be one of"),
        ("fixdt(1,16,1e3)", "FractionLength must be a decimal integer"),
        ("fixdt(1,W,8)", "WordLength must be a decimal integer"),
        ("fixdt(1,16,2^(-8))", "no fixed-point notation"),
        # Format's own ranges
        ("Q0.0", "width must be from 2 to 128, got 1"),
        ("Q-9.2", "width must be from 2 to 128, got -6"),
        ("Q100.100", "width must be from 2 to 128, got 201"),
        ("ap_fixed<1,1>", "width must be from 2 to 128, got 1"),
        ("ap_fixed<-8,1>", "width must be from 2 to 128, got -8"),
        ("ap_fixed<8,900>", "frac_bits must be from -256 to 256, got -892"),
        ("fixdt(1,16,257)", "frac_bits must be from -256 to 256, got 257"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(FormatError, match=message):
        Format.parse(text)


@pytest.mark.parametrize("thing", [None, 3, 1.5, b"Q15.16", ["Q15.16"], Format(8, 4)])
def test_refuses_what_is_no_string(thing):
    with pytest.raises(FormatError, match=f"must be a string, got {type(thing).__name__}"):
        Format.parse(thing)


@pytest.mark.parametrize(
    "text",
    [
        "Q" + "9" * 10_000,
        "Q" + "9" * 10_000 + ".1",
        "Q15." + "9" * 100,
        "Q1." + "0" * 100_000,
        "ap_fixed<" + "9" * 10_000 + ",3>",
        "ap_fixed<" + "9" * 100 + ",3>",
        "ap_fixed<" + "," * 1_000_000 + ">",
        "ap_fixed" + " " * 1_000_000 + "!",
        "fixdt(1,16," + "9" * 10_000 + ")",
        "a" * 1_000_000,
        "<" * 1_000_000,
    ],
    ids=range(11),
)
def test_huge_text_is_refused_at_once_and_briefly(text):
    start = time.perf_counter()
    with pytest.raises(FormatError) as caught:
        Format.parse(text)
    assert time.perf_counter() - start < 1
    assert len(str(caught.value)) < 400


@given(st.text(max_size=30) | st.from_regex(r"(ap_fixed<|Q|fixdt\()[-0-9.,a-z_A-Z]*[>)]?"))
def test_any_text_is_a_format_or_a_format_error(text):
    try:
        fmt = Format.parse(text)
    except FormatError:
        return
    assert isinstance(fmt, Format)


def test_parse_leaves_ranges_to_format():
    assert notation.parse("Q900.100") == {
        "width": 1001,
        "frac_bits": 100,
        "signed": True,
        "rounding": Rounding.NEAREST_EVEN,
        "overflow": Overflow.SATURATE,
    }


def test_to_string_takes_any_object_with_the_fields():
    fmt = SimpleNamespace(width=8, frac_bits=5, signed=True, rounding="floor", overflow="wrap")
    assert notation.to_string(fmt, "ap_fixed") == "ap_fixed<8,3,AP_TRN,AP_WRAP>"
    assert notation.to_string(fmt, "q") == "Q2.5"


def test_a_string_of_another_type_will_do():
    class Text(str):
        __slots__ = ()

    assert Format.parse(Text("Q15.16")) is Format(32, 16)
    assert Format(32, 16).to_string(Text("q")) == "Q15.16"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q15", Format(16, 15)),
        ("UQ16", Format(16, 16, signed=False)),
        ("sfix16_En15", Format(16, 15)),
        ("ufix16_En15", Format(16, 15, signed=False)),
        ("sfix8_E3", Format(8, -3)),
        ("sfix16", Format(16, 0)),
        ("ufix12", Format(12, 0, signed=False)),
        ("fixed<16,6>", Format(16, 10, True, "floor", "wrap")),
        ("ufixed< 16 , 6 >", Format(16, 10, False, "floor", "wrap")),
        ("fixed<16,6,RND,SAT>", Format(16, 10, True, "nearest_up", "saturate")),
        ("ufixed<8,8,AP_RND_CONV,SAT_SYM,0>",
         Format(8, 0, False, "nearest_even", "saturate_symmetric")),
        ("ap_int<8>", Format(8, 0, True, "floor", "wrap")),
        ("ap_uint<8>", Format(8, 0, False, "floor", "wrap")),
        ("ac_int<8,true>", Format(8, 0, True, "floor", "wrap")),
        ("ac_int<8, 0>", Format(8, 0, False, "floor", "wrap")),
        ("ac_int<8>", Format(8, 0, True, "floor", "wrap")),
    ],
)  # fmt: skip
def test_notations_that_are_only_read(text, expected):
    assert Format.parse(text) is expected
    assert Format.parse(f"  {text}\n") is expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Q0", "width"),
        ("Q", "no fixed-point notation"),
        ("q15", "no fixed-point notation"),
        ("sfix", "no fixed-point notation"),
        ("sfix016", "no fixed-point notation"),
        ("sfix16_En", "no fixed-point notation"),
        ("sfix16_En015", "no fixed-point notation"),
        ("sfix16_S2", "no fixed-point notation"),
        ("sfix200", "width"),
        ("sfix16_En300", "frac_bits"),
        ("fixed<16>", "2 to 5 arguments"),
        ("fixed<16,6,SC_RND>", "SC_RND"),
        ("fixed<16,6,RND,SAT,1>", "saturation bits"),
        ("sc_dt::fixed<16,6>", "no fixed-point notation"),
        ("ap_int<8,3>", "more arguments"),
        ("ap_int<>", "W must be"),
        ("ac_int<8,2>", "S must be"),
        ("ac_int<8,true,3>", "more arguments"),
        ("ap_fixed<8,4,RND>", "RND"),
    ],
)
def test_refuses_what_is_nearly_one_of_them(text, complaint):
    with pytest.raises(FormatError, match=re.escape(complaint)):
        Format.parse(text)
