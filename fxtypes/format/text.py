"""Exact decimal text of fixed-point numbers, laid out as NumPy prints arrays."""

import decimal as decimal_
import math
import operator
import re

import numpy as np

from . import storage


def _context(digits):
    return decimal_.Context(
        prec=digits, Emin=-9999, Emax=9999, rounding=decimal_.ROUND_HALF_EVEN, traps=[]
    )


# Exact for every format: 128 + 256 bits have fewer decimal digits than this.
_EXACT = _context(2000)
# Compiled by the first use, as that takes long.
_SPEC = (
    r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<nozero>z)?(?P<alternate>#)?"
    r"(?P<zero>0)?(?P<width>[1-9][0-9]*)?(?P<group>[,_])?(?:\.(?P<precision>[0-9]+))?"
    r"(?P<type>[a-zA-Z%])?"
)
_DIGITS = 600  # after the point: all that follow are 0, in every format
_MOST_DIGITS = (1 << 31) - 1  # as for Python's floats
_MOST_ROWS = 40  # of an HTML table, and columns


def decimal(raw, frac_bits):
    """raw * 2**-frac_bits in decimal digits, all of them: '-1.25', '3.', '0.0625'.

    As with NumPy's floats an integer ends in a point, unless the format has no fraction bits.
    """
    if frac_bits <= 0:
        return str(raw << -frac_bits)
    sign = "-" if raw < 0 else ""
    magnitude = abs(raw)
    integral, part = magnitude >> frac_bits, magnitude & (1 << frac_bits) - 1
    if not part:
        return f"{sign}{integral}."
    # part / 2**f = part * 5**f / 10**f
    digits = str(part * 5**frac_bits).rjust(frac_bits, "0").rstrip("0")
    return f"{sign}{integral}.{digits}"


def array_text(raw, fmt, prefix="", separator=", ", **layout):
    """The elements of an array as text, the binary points below one another.

    Long arrays are summarised, and lines broken, as `numpy.set_printoptions` says.

    Parameters
    ----------
    **layout
        Of `numpy.array2string`, where that is asked for: `precision`, `floatmode`, `sign`,
        `formatter` (whose function takes raw integers), `max_line_width`, `threshold`,
        `edgeitems`, `suffix`.
    """
    formatter = layout.pop("formatter", None)
    digits = layout.pop("precision", None), layout.pop("floatmode", None)
    sign = layout.pop("sign", None) or "-"
    if formatter is not None:
        return _lay_out(raw, fmt, formatter, prefix, separator, **layout)
    shown = _shown(raw, fmt, layout)
    element = _decimal_of(shown, fmt, *digits)
    plus = "+" if sign == "+" else ""
    if sign not in ("-", "+", " "):
        raise ValueError(f"sign is '-', '+' or ' ', got {sign!r}")

    def text(integer):
        found = element(integer)
        return found if found.startswith("-") else plus + found

    texts = [_split(text(integer)) for integer in shown]
    left = max((len(integral) for integral, _ in texts), default=0)
    if sign == " " and all(not text(integer).startswith("-") for integer in shown):
        left += 1  # where a minus sign would stand
    right = max((len(part) for _, part in texts), default=0)

    def aligned(integer):
        integral, part = _split(text(integer))
        return integral.rjust(left) + part.ljust(right)

    return _lay_out(raw, fmt, aligned if raw.ndim else text, prefix, separator, **layout)


def _decimal_of(shown, fmt, precision, floatmode):
    """A function from raw integers to decimal digits, as many as NumPy's options ask for."""
    modes = ("fixed", "unique", "maxprec", "maxprec_equal")
    if floatmode not in (None, *modes):
        raise ValueError(f"floatmode is one of {', '.join(modes)}, got {floatmode!r}")

    def exact(integer):
        return decimal(integer, fmt.frac_bits)

    if precision is None or floatmode == "unique":
        if floatmode in (None, "unique", "maxprec"):
            return exact
        precision = np.get_printoptions()["precision"]
    places = operator.index(precision)
    if places < 0:
        raise ValueError(f"precision must not be negative, got {precision!r}")

    def rounded(integer, places=places):
        text = _fixed(_exact(abs(integer), fmt), places)
        return f"{'-' if integer < 0 else ''}{text}{'' if places else '.'}"

    def at_most(integer):
        return rounded(integer).rstrip("0")

    if floatmode == "maxprec_equal":
        places = max((len(_split(at_most(i))[1]) - 1 for i in shown), default=0)
        return lambda integer: rounded(integer, places)
    return rounded if floatmode == "fixed" else at_most


def formatted(raw, fmt, spec):
    """What ``format(array, spec)`` gives: `spec` for each element, in columns."""
    if not spec:
        return array_text(raw, fmt, separator=" ")
    element = element_format(fmt, spec)
    width = max((len(element(integer)) for integer in _shown(raw, fmt)), default=0)
    return _lay_out(raw, fmt, lambda integer: element(integer).rjust(width), "", " ")


def element_format(fmt, spec):
    """A function from raw integers to text, as a format specification says.

    The types f, F, e, E, g, G, n and %, and a precision without a type, are those of Python's
    floats, but round the exact value (ties to even); "#" keeps the point, and g's zeros. x, X and b
    give all bits of the pattern. Without type and precision: all digits.

    Raises
    ------
    ValueError
        For any other specification.
    """
    match = re.fullmatch(_SPEC, spec, re.DOTALL)
    if match is None:
        raise _unknown(spec)
    kind, given, alternate = match["type"] or "", match["precision"], match["alternate"]
    if kind and kind in "xXb":
        return _bits_format(fmt, spec, match)
    if kind not in ("", *_NUMBERS) or (kind == "n" and match["group"]):
        raise _unknown(spec)
    precision = 6 if given is None else int(given)
    if max(precision, int(match["width"] or 0)) > _MOST_DIGITS:
        raise ValueError(f"{spec!r} asks for more than {_MOST_DIGITS} digits")

    def element(raw):
        if kind:
            text = _NUMBERS[kind](_exact(abs(raw), fmt), precision, alternate)
        elif given is not None:
            text = _short(_exact(abs(raw), fmt), precision, alternate)
        else:
            text = decimal(abs(raw), fmt.frac_bits)
            text = text if "." in text or not alternate else f"{text}."
        negative = raw < 0 and not (match["nozero"] and not re.search("[1-9]", text.split("e")[0]))
        sign = "-" if negative else (match["sign"] or "").replace("-", "")
        return _padded(sign, text.upper() if kind.isupper() else text, match)

    return element


def _exact(raw, fmt):
    """The exact value as a Decimal."""
    if fmt.frac_bits <= 0:
        return decimal_.Decimal(raw << -fmt.frac_bits)
    return decimal_.Decimal(raw * 5**fmt.frac_bits).scaleb(-fmt.frac_bits, _EXACT)


def _fixed(value, precision, alternate=None):
    text = _rounded(value, precision, "f")
    return text if precision or not alternate else f"{text}."


def _percent(value, precision, alternate):
    return _fixed(value.scaleb(2, _EXACT), precision, alternate) + "%"


def _scientific(value, precision, alternate=None):
    """As floats: an exponent of two digits at least."""
    if not value:  # Decimal's exponent of a zero is that of its last digit
        mantissa, exponent = _rounded(value, precision, "f"), "+00"
    else:
        mantissa, _, exponent = _rounded(value, precision, "e").partition("e")
    point = "." if alternate and not precision else ""
    return f"{mantissa}{point}e{exponent[0]}{exponent[1:].rjust(2, '0')}"


def _general(value, precision, alternate, least=0):
    """As floats: `precision` digits at most, without zeros at the end unless `alternate`.

    `least`: how many digits stand after the point of a number without an exponent.
    """
    precision = max(precision, 1)
    mantissa, _, exponent = _scientific(value, precision - 1, alternate).partition("e")
    if not -4 <= int(exponent) < precision - least:
        return f"{mantissa if alternate else _without_zeros(mantissa)}e{exponent}"
    text = _fixed(value, precision - 1 - int(exponent), alternate)
    if alternate:
        return text
    text = _without_zeros(text)
    return text if "." in text or not least else f"{text}.0"


def _short(value, precision, alternate):
    """A precision without a type: as g, but told from an integer by its point."""
    return _general(value, precision, alternate, 1)


def _local(value, precision, alternate):
    """As g, with the point and the groups of digits of the locale in force."""
    import locale  # few programs need it

    text = _general(value, precision, alternate)
    integral, rest = re.fullmatch("([0-9]*)(.*)", text).groups()
    return locale.localize(integral, grouping=True) + rest.replace(
        ".", locale.localeconv()["decimal_point"]
    )


_NUMBERS = {
    "f": _fixed,
    "F": _fixed,
    "e": _scientific,
    "E": _scientific,
    "g": _general,
    "G": _general,
    "n": _local,
    "%": _percent,
}


def _rounded(value, precision, kind):
    """Rounded by our own context: Decimal's formatting would take the one in force."""
    digits = min(precision, _DIGITS)
    if kind == "f":
        value = value.quantize(decimal_.Decimal((0, (1,), -digits)), context=_EXACT)
    else:
        value = _context(digits + 1).plus(value)
    text = format(value, f".{digits}{kind}")
    mantissa, e, exponent = text.partition("e")
    return mantissa + "0" * (precision - _DIGITS) + e + exponent


def _without_zeros(text):
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bits_format(fmt, spec, match):
    """All bits of the pattern, '#' with a prefix, '_' in groups of four digits."""
    if match["sign"] or match["nozero"] or match["precision"] or match["group"] == ",":
        raise _unknown(spec)
    kind = match["type"]
    digits = fmt.width if kind == "b" else -(-fmt.width // 4)
    first = digits % 4 or 4
    mask = (1 << fmt.width) - 1
    prefix = f"0{kind}" if match["alternate"] else ""

    def element(raw):
        text = format(raw & mask, f"0{digits}{kind}")
        if match["group"]:
            text = "_".join([text[:first], *re.findall("....", text[first:])])
        return _padded(prefix, text, match, grouped=True)

    return element


def _padded(sign, text, match, grouped=False):
    """`text` grouped, and in the width, fill and alignment of a specification."""
    width = int(match["width"] or 0)
    fill, align = match["fill"] or " ", match["align"] or ">"
    if match["zero"]:
        fill, align = match["fill"] or "0", match["align"] or "="
    if match["group"] and not grouped:
        integral, rest = re.fullmatch("([0-9]*)(.*)", text).groups()
        text = _grouped(integral, match["group"]) + rest
        if fill == "0" and align == "=":  # the zeros in front are grouped as well
            while len(sign) + len(text) < width:
                integral = "0" + integral
                text = _grouped(integral, match["group"]) + rest
    if align == "=":
        return sign + text.rjust(width - len(sign), fill)
    text = sign + text
    if align == "^":
        return (fill * ((width - len(text)) // 2) + text).ljust(width, fill)
    return text.ljust(width, fill) if align == "<" else text.rjust(width, fill)


def _grouped(digits, separator):
    first = len(digits) % 3 or 3
    return separator.join([digits[:first], *re.findall("...", digits[first:])])


def _unknown(spec):
    return ValueError(
        f"{spec!r} is no format specification for fixed-point numbers; use f, e, g, n or % as for "
        "floats (such as '.4f'), or x, b for bit patterns"
    )


def table(raw, fmt):
    """An HTML table: the last axis in columns, the others in rows; large arrays summarised."""
    options = np.get_printoptions()
    from html import escape  # only notebooks need it

    caption = escape(f"FixedArray, shape {raw.shape}, {fmt!r}")
    if not raw.size:
        return f"<table><caption>{caption}</caption></table>"
    edge = options["edgeitems"] if raw.size > options["threshold"] else None
    columns = raw.shape[-1] if raw.ndim else 1
    outer = raw.shape[:-1]
    shown_rows, shown_columns = _summary(math.prod(outer), edge), _summary(columns, edge)
    lines = [f"<table><caption>{caption}</caption>"]
    if raw.ndim:
        cells = "".join(f"<th>{'&hellip;' if c is None else c}</th>" for c in shown_columns)
        lines.append(f"<thead><tr>{'<th></th>' if raw.ndim > 1 else ''}{cells}</tr></thead>")
    lines.append("<tbody>")
    for r in shown_rows:
        cells = "".join(
            "<td>&hellip;</td>" if r is None or c is None else _cell(raw, r, c, fmt)
            for c in shown_columns
        )
        lines.append(f"<tr>{_row_head(r, raw.shape)}{cells}</tr>")
    lines.append("</tbody></table>")
    return "\n".join(lines)


def _cell(raw, row, column, fmt):
    at = (*np.unravel_index(row, raw.shape[:-1]), column) if raw.ndim else ()
    one = np.array(raw[at], raw.dtype)
    text = decimal(storage.to_integers(one, fmt).tolist(), fmt.frac_bits)
    return f'<td style="text-align: right">{text}</td>'


def _row_head(row, shape):
    if len(shape) < 2:
        return ""
    if row is None:
        return "<th>&hellip;</th>"
    index = [int(i) for i in np.unravel_index(row, shape[:-1])]
    return f"<th>{', '.join(map(str, index))}</th>"


def _summary(n, edge):
    """Which of n to show, None for those left out; `edge`: how many at either end."""
    if edge is None:
        edge = _MOST_ROWS // 2
    return [*range(n)] if n <= 2 * edge else [*range(edge), None, *range(n - edge, n)]


def _lay_out(raw, fmt, element, prefix, separator, **layout):
    """An array as NumPy lays it out, its elements being text of the same length."""
    if raw.size == 0:
        return "[]"
    if raw.ndim == 0:
        return element(storage.to_integers(raw, fmt).tolist())

    def text(value):
        return element(_integer(value, fmt))

    formatter = {"all": text, "void": text}
    return np.array2string(raw, separator=separator, prefix=prefix, formatter=formatter, **layout)


def _shown(raw, fmt, layout=None):
    """The raw integers that a summary shows, in some order: they decide the columns' widths."""
    options = np.get_printoptions() | {k: v for k, v in (layout or {}).items() if v is not None}
    parts = [raw]
    if raw.size > options["threshold"]:
        edge = options["edgeitems"]
        for axis, n in enumerate(raw.shape):
            if n > 2 * edge:
                ends = [(*(slice(None),) * axis, end) for end in (slice(edge), slice(n - edge, n))]
                parts = [part[end] for part in parts for end in ends]
    return [
        integer for part in parts for integer in storage.to_integers(part, fmt).reshape(-1).tolist()
    ]


def _integer(value, fmt):
    if isinstance(value, np.void):
        return int.from_bytes(value.tobytes(), "little", signed=fmt.signed)
    return int(value)


def _split(text):
    integral, point, part = text.partition(".")
    return integral, point + part
