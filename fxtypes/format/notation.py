"""The notations that people write fixed-point formats in: reading and writing them."""

import re
from typing import NamedTuple

from ..errors import FormatError
from .modes import Overflow, Rounding

# The three C++ libraries share these words and put a prefix of their own before them.
_ROUNDING = {
    "TRN": Rounding.FLOOR,
    "TRN_ZERO": Rounding.TOWARD_ZERO,
    "RND": Rounding.NEAREST_UP,
    "RND_ZERO": Rounding.NEAREST_ZERO,
    "RND_MIN_INF": Rounding.NEAREST_DOWN,
    "RND_INF": Rounding.NEAREST_AWAY,
    "RND_CONV": Rounding.NEAREST_EVEN,
}
_OVERFLOW = {
    "WRAP": Overflow.WRAP,
    "SAT": Overflow.SATURATE,
    "SAT_ZERO": Overflow.SATURATE_ZERO,
    "SAT_SYM": Overflow.SATURATE_SYMMETRIC,
}


class _Template(NamedTuple):
    """One C++ library's fixed-point template: its parameters and its modes' names."""

    parameters: tuple
    rounding: dict
    overflow: dict
    unsigned_name: str | None = None  # None: signedness is a parameter
    namespace: str = ""


def _prefixed(prefix, names):
    return {prefix + name: mode for name, mode in names.items()}


_TEMPLATES = {
    "ap_fixed": _Template(
        ("W", "I", "Q", "O", "N"),
        _prefixed("AP_", _ROUNDING),
        _prefixed("AP_", _OVERFLOW),
        unsigned_name="ap_ufixed",
    ),
    "ac_fixed": _Template(
        ("W", "I", "S", "Q", "O"),
        _prefixed("AC_", _ROUNDING | {"RND_CONV_ODD": Rounding.NEAREST_ODD}),
        _prefixed("AC_", _OVERFLOW),
    ),
    "sc_fixed": _Template(
        ("W", "I", "Q", "O", "N"),
        _prefixed("SC_", _ROUNDING),
        _prefixed("SC_", _OVERFLOW),
        unsigned_name="sc_ufixed",
        namespace="sc_dt::",
    ),
}
# name as written: (template's name, signed or None where a parameter says it)
_TYPE_NAMES = {
    name: (notation, None if template.unsigned_name is None else name == notation)
    for notation, template in _TEMPLATES.items()
    for name in (notation, template.unsigned_name)
    if name
}
# hls4ml's short names: ap_fixed's, their modes with or without the prefix.
_SHORT = {"fixed": True, "ufixed": False}
_TYPE_NAMES |= {name: ("ap_fixed", signed) for name, signed in _SHORT.items()}
# Integers: formats without fraction bits, in the notation whose defaults they take.
_INTEGERS = {
    "ap_int": ("ap_fixed", True),
    "ap_uint": ("ap_fixed", False),
    "ac_int": ("ac_fixed", None),
}
_TYPE_NAMES |= _INTEGERS
_SIGNED = {"true": True, "1": True, "false": False, "0": False}
_FORMAT_DEFAULTS = {"rounding": Rounding.NEAREST_EVEN, "overflow": Overflow.SATURATE}

# No leading zeros: C++ reads 010 as eight. Nine digits are more than any format needs, and
# keep absurdly long numbers from ever being converted.
_INTEGER = r"-?(?:0|[1-9][0-9]{0,8})"
_IS_INTEGER = re.compile(_INTEGER)
_Q = re.compile(rf"(U?)Q({_INTEGER})(?:\.({_INTEGER}))?")
# MATLAB's and Simulink's names: E is an exponent of 2, n a minus sign.
_FIX = re.compile(r"([su])fix(0|[1-9][0-9]{0,8})(?:_E(n?)(0|[1-9][0-9]{0,8}))?")
_CALL = re.compile(r"((?:sc_dt::)?[A-Za-z_]\w*)\s*(?:<([^<>]*)>|\(([^()]*)\))", re.ASCII)
_LONGEST = 200
_WHITESPACE = " \t\r\n\f\v"


def parse(text):
    """Read a format in any of the known notations.

    Parameters
    ----------
    text : str
        ``Q15.16`` or ``UQ8.8`` (TI: the sign bit is not counted),
        ``ap_fixed<W,I,Q,O,N>``, ``ac_fixed<W,I,S,Q,O>``, ``sc_fixed<W,I,Q,O,N>``,
        ``ap_ufixed`` and ``sc_ufixed``, or ``fixdt(Signed,WordLength,FractionLength)``;
        ``Q15`` and ``UQ16`` (fraction bits only), ``sfix16_En15`` and ``ufix16``, hls4ml's
        ``fixed<16,6>`` and ``ufixed<...>`` (modes as ``ap_fixed``'s, with or without ``AP_``),
        ``ap_int<W>``, ``ap_uint<W>``, ``ac_int<W,S>``. ``sc_dt::`` may precede SystemC's names;
        spaces may surround every argument.

    Returns
    -------
    dict
        `Format`'s five fields. The numbers may lie outside a `Format`'s ranges, which are
        for `Format` to check.

    Raises
    ------
    FormatError
        If the text is none of these, or says what a `Format` can't.

    Examples
    --------
    >>> from fxtypes.format.notation import parse
    >>> fields = parse("ap_ufixed<8, 3, AP_RND>")
    >>> fields["width"], fields["frac_bits"], fields["signed"]
    (8, 5, False)
    >>> str(fields["rounding"]), str(fields["overflow"])
    ('nearest_up', 'wrap')
    """
    if not isinstance(text, str):
        raise FormatError(f"a format's notation must be a string, got {type(text).__name__}")
    stripped = text.strip(_WHITESPACE)
    if len(stripped) <= _LONGEST:
        if match := _Q.fullmatch(stripped):
            return _parse_q(*match.groups())
        if match := _FIX.fullmatch(stripped):
            return _parse_fix(*match.groups())
        if match := _CALL.fullmatch(stripped):
            name, template_arguments, call_arguments = match.groups()
            if call_arguments is not None and name == "fixdt":
                return _parse_fixdt(_split(call_arguments), stripped)
            plain = name.removeprefix("sc_dt::")
            if template_arguments is not None and plain in _TYPE_NAMES:
                notation, signed = _TYPE_NAMES[plain]
                if plain in _INTEGERS:
                    return _parse_integer(notation, signed, _split(template_arguments), stripped)
                if plain == name or _TEMPLATES[notation].namespace:
                    return _parse_template(notation, signed, _split(template_arguments), stripped)
    raise FormatError(
        f"{_shown(text)} is no fixed-point notation; write one like Q15.16, UQ8.8, "
        "ap_fixed<32,16,AP_RND_CONV,AP_SAT>, ac_fixed<32,16,true,AC_RND_CONV,AC_SAT>, "
        "sc_fixed<32,16,SC_RND_CONV,SC_SAT> or fixdt(1,32,16)"
    )


def to_string(fmt, notation):
    """Write a format in one of the known notations.

    Parameters
    ----------
    fmt : Format
        The format, or any object with a `Format`'s five fields.
    notation : {"q", "ap_fixed", "ac_fixed", "sc_fixed", "fixdt"}
        ``q`` and ``fixdt`` have no modes and leave them out; the others write both always.

    Returns
    -------
    str

    Raises
    ------
    FormatError
        If the notation is unknown, or has no name for one of the format's modes.

    Examples
    --------
    >>> from fxtypes.format import Format
    >>> from fxtypes.format.notation import to_string
    >>> to_string(Format(16, 8, signed=False), "q")
    'UQ8.8'
    >>> to_string(Format(16, 8, rounding="nearest_odd"), "ac_fixed")
    'ac_fixed<16,8,true,AC_RND_CONV_ODD,AC_SAT>'
    """
    int_bits = fmt.width - fmt.frac_bits
    if notation == "q":
        return f"Q{int_bits - 1}.{fmt.frac_bits}" if fmt.signed else f"UQ{int_bits}.{fmt.frac_bits}"
    if notation == "fixdt":
        return f"fixdt({int(fmt.signed)},{fmt.width},{fmt.frac_bits})"
    if not isinstance(notation, str) or notation not in _TEMPLATES:
        legal = ", ".join(["q", *_TEMPLATES, "fixdt"])
        raise FormatError(f"notation must be one of {legal}, got {_shown(notation)}")
    template = _TEMPLATES[notation]
    name = notation if fmt.signed or not template.unsigned_name else template.unsigned_name
    said = {
        "W": fmt.width,
        "I": int_bits,
        "S": "true" if fmt.signed else "false",
        "Q": _name_of(fmt, "rounding", notation),
        "O": _name_of(fmt, "overflow", notation),
    }
    return f"{name}<{','.join(str(said[p]) for p in template.parameters if p in said)}>"


def _parse_q(unsigned, int_bits, frac_bits):
    signed = not unsigned
    if frac_bits is None:  # Q15: all of them are fraction bits
        int_bits, frac_bits = 0, int_bits
    width = int(int_bits) + int(frac_bits) + signed
    return {"width": width, "frac_bits": int(frac_bits), "signed": signed, **_FORMAT_DEFAULTS}


def _parse_fix(kind, width, minus, exponent):
    frac_bits = int(exponent or 0) * (1 if minus else -1)
    return {"width": int(width), "frac_bits": frac_bits, "signed": kind == "s", **_FORMAT_DEFAULTS}


def _parse_fixdt(arguments, text):
    if len(arguments) == 2:
        raise FormatError(
            f"{_shown(text)} leaves the binary point open; "
            "write fixdt(Signed,WordLength,FractionLength)"
        )
    if len(arguments) in (4, 5):
        raise FormatError(
            f"{_shown(text)} has a slope and a bias, which a Format can't have; "
            "write fixdt(Signed,WordLength,FractionLength)"
        )
    if len(arguments) != 3:
        raise FormatError(
            f"{_shown(text)} is not understood; write fixdt(Signed,WordLength,FractionLength)"
        )
    signed, width, frac_bits = arguments
    return {
        "width": _integer("WordLength", width, text),
        "frac_bits": _integer("FractionLength", frac_bits, text),
        "signed": _looked_up("Signed", signed, _SIGNED, text),
        **_FORMAT_DEFAULTS,
    }


def _parse_template(notation, signed, arguments, text):
    template = _TEMPLATES[notation]
    usage = f"{notation}<{','.join(template.parameters)}>"
    if not 2 <= len(arguments) <= len(template.parameters):
        raise FormatError(
            f"{_shown(text)} must have 2 to {len(template.parameters)} arguments: {usage}"
        )
    given = dict(zip(template.parameters, arguments, strict=False))
    width = _integer("W", given["W"], text)
    int_bits = _integer("I", given["I"], text)
    if signed is None:
        signed = _looked_up("S", given.get("S", "true"), _SIGNED, text)
    modes = {}
    for parameter, field in (("Q", "rounding"), ("O", "overflow")):
        # The libraries' own defaults, truncate and wrap, head the tables.
        names = getattr(template, field)
        name = given.get(parameter, next(iter(names))).removeprefix(template.namespace)
        if text.startswith(tuple(_SHORT)) and f"AP_{name}" in names:
            name = f"AP_{name}"
        modes[field] = _looked_up(f"the {field} mode", name, names, text)
    if _integer("N", given.get("N", "0"), text) != 0:
        raise FormatError(
            f"{_shown(text)} has N={given['N']} saturation bits, which a Format can't have; "
            "leave N out"
        )
    return {"width": width, "frac_bits": width - int_bits, "signed": signed, **modes}


def _parse_integer(notation, signed, arguments, text):
    """ap_int<W>, ap_uint<W> and ac_int<W,S>, as their fixed-point type without fraction bits."""
    if len(arguments) > (2 if signed is None else 1):
        raise FormatError(f"{_shown(text)} has more arguments than its width"
                          + (" and its sign" if signed is None else ""))  # fmt: skip
    return _parse_template(notation, signed, [arguments[0], *arguments], text)


def _split(arguments):
    return [argument.strip(_WHITESPACE) for argument in arguments.split(",")]


def _integer(name, argument, text):
    if not _IS_INTEGER.fullmatch(argument):
        raise FormatError(
            f"{name} must be a decimal integer of at most 9 digits, "
            f"got {_shown(argument)} in {_shown(text)}"
        )
    return int(argument)


def _looked_up(name, argument, table, text):
    if argument not in table:
        raise FormatError(
            f"{name} must be one of {', '.join(table)}, got {_shown(argument)} in {_shown(text)}"
        )
    return table[argument]


def _name_of(fmt, field, notation):
    mode = getattr(fmt, field)
    for name, named in getattr(_TEMPLATES[notation], field).items():
        if named == mode:
            return name
    able = [
        other
        for other, template in _TEMPLATES.items()
        if fmt.rounding in template.rounding.values() and fmt.overflow in template.overflow.values()
    ]
    raise FormatError(
        f"{notation} has no {field} mode '{mode}'; {' and '.join(able) or 'no notation'} "
        "can say this format, q and fixdt can without its modes"
    )


def _shown(value):
    """A value for a message, cut short."""
    shown = repr(value[:_LONGEST] if isinstance(value, str) else value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
