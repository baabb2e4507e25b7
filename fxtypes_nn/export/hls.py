"""C++ for high-level synthesis: ap_fixed (Vitis), or ac_fixed (Catapult, Intel) by a macro.

Constants are stored as raw integers, exact at any point, and become fixed-point numbers by their
bits. Sums have a type that holds them exactly; assigning one to a result's type rounds it, by the
mode that the type names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import fxtypes as fx

from ..errors import ExportError
from .network import Cast, DenseStage, ElementStage, Lines, Network, Table, Vectors

_WIDEST = 64  # a literal of C++
_ROUNDINGS = {
    "floor": "TRN",
    "toward_zero": "TRN_ZERO",
    "nearest_even": "RND_CONV",
    "nearest_up": "RND",
    "nearest_down": "RND_MIN_INF",
    "nearest_away": "RND_INF",
    "nearest_zero": "RND_ZERO",
}
_OVERFLOWS = {
    "saturate": "SAT",
    "saturate_symmetric": "SAT_SYM",
    "saturate_zero": "SAT_ZERO",
    "wrap": "WRAP",
    "raise": "SAT",  # of a result that can't overflow: others are refused
}


def files(network: Network, vectors: Vectors) -> dict[str, str]:
    """The export's files by name.

    Raises
    ------
    ExportError
        If a number is wider than a literal, or is rounded as no mode of the types does it.
    """
    _check(network)
    name = network.name
    return {
        f"{name}.h": _header(network),
        f"{name}.cpp": _source(network),
        f"{name}_test.cpp": _test(network, vectors),
    }


def instructions(network: Network) -> list[str]:
    """How to use and test them, line by line."""
    name = network.name
    return [
        f"{name}_run in {name}.cpp is the function to synthesise; {name}_test.cpp runs it on the",
        "samples that were exported with it and compares every bit. HEADERS is the folder of",
        "ap_fixed.h (or, with -DAC_TYPES, of ac_fixed.h):",
        "",
        f"    c++ -std=c++14 -O1 -isystem HEADERS -o {name}_test {name}.cpp {name}_test.cpp \\",
        f"        && ./{name}_test",
    ]


def _check(network: Network) -> None:
    for stage in network.stages:
        formats = [stage.in_format, stage.out_format]
        casts = []
        if isinstance(stage, DenseStage):
            formats += [stage.weight_format, stage.bias_format]
            casts = [stage.cast] if stage.step is None else [stage.step, stage.cast]
        else:
            casts = [stage.address if isinstance(stage, Table) else stage.cast]
        for fmt in formats:
            if fmt.width > _WIDEST:
                raise ExportError(
                    f"{stage.name} has numbers of {fmt.width} bits ({fmt!r}), and hls takes "
                    f"{_WIDEST} at most; export to c, verilog or vhdl"
                )
        for cast in casts:
            _check_cast(cast, stage.name)


def _check_cast(cast: Cast, name: str) -> None:
    mode = cast.format.rounding.value
    if cast.shift > 0 and mode not in _ROUNDINGS:
        raise ExportError(
            f"{name} rounds by {mode}, which is no mode of ap_fixed: model.set_precision with "
            f"one of {', '.join(_ROUNDINGS)} there changes that; or export to c, verilog or vhdl"
        )


def _type(fmt: fx.Format) -> str:
    """A number's type, with its modes."""
    kind = "FIXED" if fmt.signed else "UFIXED"
    rounding = _ROUNDINGS.get(fmt.rounding.value, "TRN")  # of what is never rounded
    modes = f"{rounding}, {_OVERFLOWS[fmt.overflow.value]}"
    return f"{kind}({fmt.width}, {fmt.width - fmt.frac_bits}, {modes})"


def _plain_type(fmt: fx.Format) -> str:
    """A number's type where none is rounded into it."""
    kind = "FIXED" if fmt.signed else "UFIXED"
    return f"{kind}({fmt.width}, {fmt.width - fmt.frac_bits}, TRN, WRAP)"


def _exact(bits: int, frac_bits: int) -> str:
    return f"FIXED({bits}, {bits - frac_bits}, TRN, WRAP)"


def _integer(fmt: fx.Format) -> str:
    return f"{'INT' if fmt.signed else 'UINT'}({fmt.width})"


def _literal(value: int) -> str:
    if value == -(1 << 63):
        return "(-9223372036854775807LL - 1)"
    return f"{value}ULL" if value >= 1 << 63 else f"{value}LL"


def _constant(value: int, bits: int) -> str:
    """An integer of any size, made of literals."""
    if -(1 << 63) <= value < 1 << 63:
        return f"INT({bits})({_literal(value)})"
    low = f"INT({bits})({_literal(value & (1 << 62) - 1)})"
    return f"INT({bits})((INT({bits})({_constant(value >> 62, bits)}) << 62) + {low})"


def _array(name: str, type_name: str, values: Iterable[int]) -> str:
    shown = [_literal(value) for value in values]
    lines = [", ".join(shown[i : i + 8]) for i in range(0, len(shown), 8)]
    body = ",\n    ".join(lines)
    return f"static const {type_name} {name}[{len(shown)}] = {{\n    {body}}};\n"


def _header(network: Network) -> str:
    name, guard = network.name, f"{network.name.upper()}_H"
    classes = ""
    if network.classifies:
        classes = (
            "\n// The class: the index of the largest output, the lowest of equal ones.\n"
            f"int {name}_class(const {name}_output output[{network.outputs}]);\n"
        )
    return f"""\
// A neural network in fixed point, written by fxtypes.
#ifndef {guard}
#define {guard}

#ifdef AC_TYPES
#include <ac_fixed.h>
#define FIXED(width, int_bits, q, o) ac_fixed<width, int_bits, true, AC_##q, AC_##o>
#define UFIXED(width, int_bits, q, o) ac_fixed<width, int_bits, false, AC_##q, AC_##o>
#define INT(width) ac_int<width, true>
#define UINT(width) ac_int<width, false>

// The number, or the integer, that has these bits.
template <class To, class From> To from_raw(const From &raw)
{{
    To number;
    number.set_slc(0, raw);
    return number;
}}
template <class To, class From> To to_raw(const From &number)
{{
    return number.template slc<From::width>(0);
}}
#else
#include <ap_fixed.h>
#define FIXED(width, int_bits, q, o) ap_fixed<width, int_bits, AP_##q, AP_##o>
#define UFIXED(width, int_bits, q, o) ap_ufixed<width, int_bits, AP_##q, AP_##o>
#define INT(width) ap_int<width>
#define UINT(width) ap_uint<width>

// The number, or the integer, that has these bits.
template <class To, class From> To from_raw(const From &raw)
{{
    To number;
    number.range(To::width - 1, 0) = raw.range(To::width - 1, 0);
    return number;
}}
template <class To, class From> To to_raw(const From &number)
{{
    To raw;
    raw.range(From::width - 1, 0) = number.range(From::width - 1, 0);
    return raw;
}}
#endif

typedef {_plain_type(network.in_format)} {name}_input;
typedef {_plain_type(network.out_format)} {name}_output;

void {name}_run(
    const {name}_input input[{network.inputs}], {name}_output output[{network.outputs}]);
{classes}
#endif
"""


def _source(network: Network) -> str:
    name = network.name
    parts = ["// A neural network in fixed point, written by fxtypes.", f'#include "{name}.h"\n']
    for stage in chain(network.before, *(after for _, after in network.blocks)):
        parts.append(_element_function(stage))
    for dense, after in network.blocks:
        parts.append(_dense_function(dense, after))
    first = network.dense[0].in_format
    lines = [f"    {_plain_type(first)} values_0[{network.inputs}];"]
    for index, (dense, after) in enumerate(network.blocks, 1):
        made = after[-1].out_format if after else dense.out_format
        lines.append(f"    {_plain_type(made)} values_{index}[{dense.units}];")
    lines += [
        f"    for (int i = 0; i < {network.inputs}; i++)",
        f"        values_0[i] = {_applied(network.before, 'input[i]')};",
        *(f"    {d.name}(values_{i}, values_{i + 1});" for i, d in enumerate(network.dense)),
        f"    for (int i = 0; i < {network.outputs}; i++)",
        f"        output[i] = values_{len(network.dense)}[i];",
    ]
    body = "\n".join(lines)
    parts.append(
        f"void {name}_run(const {name}_input input[{network.inputs}], "
        f"{name}_output output[{network.outputs}])\n{{\n{body}\n}}\n"
    )
    if network.classifies:
        parts.append(
            f"int {name}_class(const {name}_output output[{network.outputs}])\n{{\n"
            f"    int best = 0;\n    for (int i = 1; i < {network.outputs}; i++)\n"
            "        if (output[i] > output[best])\n            best = i;\n    return best;\n}\n"
        )
    return "\n".join(parts)


def _dense_function(dense: DenseStage, after: Sequence[ElementStage]) -> str:
    name = dense.name
    made = after[-1].out_format if after else dense.out_format
    weights = _array(
        f"{name}_weights", _integer(dense.weight_format), chain.from_iterable(dense.weights)
    )
    bias = _array(f"{name}_bias", _integer(dense.bias_format), dense.bias)
    total = _exact(dense.sum_bits, dense.frac_bits)
    if dense.step is not None:
        total = _type(dense.step.format)
    result = _applied(after, "result")
    return f"""\
{weights}
{bias}
static void {name}(
    const {_plain_type(dense.in_format)} x[{dense.inputs}],
    {_plain_type(made)} y[{dense.units}])
{{
    for (int unit = 0; unit < {dense.units}; unit++) {{
        {total} sum = from_raw<{_plain_type(dense.bias_format)} >({name}_bias[unit]);
        for (int i = 0; i < {dense.inputs}; i++)
            sum = sum + x[i] * from_raw<{_plain_type(dense.weight_format)} >(
                {name}_weights[unit * {dense.inputs} + i]);
        const {_type(dense.cast.format)} result = sum;
        y[unit] = {result};
    }}
}}
"""


def _element_function(stage: ElementStage) -> str:
    name, fmt, out = stage.name, stage.in_format, stage.out_format
    start = f"static {_plain_type(out)} {name}(const {_plain_type(fmt)} &x)\n{{\n"
    if isinstance(stage, Table):
        table = _array(f"{name}_table", _integer(out), stage.values)
        address = stage.address.format
        return (
            f"// {stage.function}, of a rounded argument.\n{table}\n{start}"
            f"    const {_type(address)} address = x;\n"
            f"    const UINT({address.width}) index = to_raw<UINT({address.width}) >(address);\n"
            f"    return from_raw<{_plain_type(out)} >({name}_table[index.to_uint()]);\n}}\n"
        )
    lines = [
        f"    const INT({stage.bits}) v = to_raw<{_integer(fmt)} >(x);",
        f"    INT({stage.bits}) y;",
        *_line_choice(stage),
        f"    const {_type(out)} result =",
        f"        from_raw<{_exact(stage.bits, stage.cast.frac_bits)} >(y);",
        "    return result;",
    ]
    return start + "\n".join(lines) + "\n}\n"


def _line_choice(stage: Lines) -> list[str]:
    lines, bits = [], stage.bits
    for index, (slope, offset) in enumerate(zip(stage.slopes, stage.offsets, strict=True)):
        value = "v" if slope == 1 else f"v * {_constant(slope, bits)}"
        if slope == 0:
            value = _constant(offset, bits)
        elif offset:
            value += f" + {_constant(offset, bits)}"
        lead = "    else " if index else "    "
        if index < len(stage.thresholds):
            lead += f"if (v < {_constant(stage.thresholds[index], bits)}) "
        lines.append(f"{lead}y = {value};")
    return lines


def _applied(stages: Iterable[ElementStage], value: str) -> str:
    for stage in stages:
        value = f"{stage.name}({value})"
    return value


def _test(network: Network, vectors: Vectors) -> str:
    name, count = network.name, len(vectors.inputs)
    inputs, outputs = (
        _array(array, f"{'' if fmt.signed else 'unsigned '}long long", chain.from_iterable(rows))
        for array, fmt, rows in (
            ("inputs", network.in_format, vectors.inputs),
            ("expected", network.out_format, vectors.outputs),
        )
    )
    classes = check = ""
    if network.classifies:
        shown = ", ".join(map(str, vectors.classes))
        classes = f"static const int classes[{count}] = {{{shown}}};\n"
        check = f"""\
        if ({name}_class(y) != classes[sample]) {{
            std::printf("FAILED: sample %d has another class\\n", sample);
            failures++;
        }}
"""
    in_type, out_type = _integer(network.in_format), _integer(network.out_format)
    return f"""\
// Compares the network with what fxtypes made of the same samples. Written by fxtypes.
#include <cstdio>

#include "{name}.h"

{inputs}
{outputs}
{classes}
int main()
{{
    int failures = 0;
    for (int sample = 0; sample < {count}; sample++) {{
        {name}_input x[{network.inputs}];
        {name}_output y[{network.outputs}];
        for (int i = 0; i < {network.inputs}; i++)
            x[i] = from_raw<{name}_input>({in_type}(inputs[sample * {network.inputs} + i]));
        {name}_run(x, y);
        for (int i = 0; i < {network.outputs}; i++)
            if (to_raw<{out_type} >(y[i])
                != {out_type}(expected[sample * {network.outputs} + i])) {{
                std::printf("FAILED: sample %d, output %d\\n", sample, i);
                failures++;
            }}
{check}    }}
    if (failures == 0)
        std::printf("passed: {count} samples, no bit differs\\n");
    return failures != 0;
}}
"""
