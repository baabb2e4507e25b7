"""C99: one pair of .c and .h without dependencies and without floats, and a test of it.

Numbers on the way are `number`: int64_t where that holds every value of the network, else as many
digits of 32 bits as do, multiplied in uint64_t. C99 has no wider integer: __int128 is a compiler's
own, which -pedantic refuses. All code but `number`'s few functions is the same for both. No signed
overflow, no shift of a negative number, nothing that C leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import fxtypes as fx

from .network import Cast, DenseStage, ElementStage, Network, Table, Vectors

_NARROW = 64
_A_LINE = 12  # numbers

_NARROW_FUNCTIONS = {
    "add": "static number add(number a, number b)\n{\n    return a + b;\n}\n",
    "subtract": "static number subtract(number a, number b)\n{\n    return a - b;\n}\n",
    "multiply": "static number multiply(number a, number b)\n{\n    return a * b;\n}\n",
    "compare": "static int compare(number a, number b)\n{\n    return (a > b) - (a < b);\n}\n",
    "is_odd": "static int is_odd(number a)\n{\n    return (int)(a & 1);\n}\n",
    "shift_up": (
        "static number shift_up(number a, int bits)\n{\n    return a * ((number)1 << bits);\n}\n"
    ),
    "shift_down": (
        "/* a / 2**bits, rounded down. */\n"
        "static number shift_down(number a, int bits)\n{\n"
        "    return a >= 0 ? a >> bits : ~(~a >> bits);\n}\n"
    ),
    "low_bits": (
        "static number low_bits(number a, int bits)\n{\n"
        "    return subtract(a, shift_up(shift_down(a, bits), bits));\n}\n"
    ),
    "index_of": "static size_t index_of(number a)\n{\n    return (size_t)a;\n}\n",
}

_WIDE_FUNCTIONS = {
    "load": """\
static number load(const uint32_t *stored, int digits)
{
    number a;
    const uint32_t sign = stored[digits - 1] >> 31 ? UINT32_MAX : 0;
    for (int i = 0; i < DIGITS; i++)
        a.digit[i] = i < digits ? stored[i] : sign;
    return a;
}
""",
    "store": """\
static void store(uint32_t *stored, int digits, number a)
{
    for (int i = 0; i < digits; i++)
        stored[i] = a.digit[i];
}
""",
    "add": """\
static number add(number a, number b)
{
    uint64_t carry = 0;
    for (int i = 0; i < DIGITS; i++) {
        carry += (uint64_t)a.digit[i] + b.digit[i];
        a.digit[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return a;
}
""",
    "subtract": """\
static number subtract(number a, number b)
{
    uint64_t carry = 1;
    for (int i = 0; i < DIGITS; i++) {
        carry += (uint64_t)a.digit[i] + (uint32_t)~b.digit[i];
        a.digit[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return a;
}
""",
    "multiply": """\
/* Modulo 2**(32 * DIGITS), which holds every product that occurs. */
static number multiply(number a, number b)
{
    number product = {{0}};
    for (int i = 0; i < DIGITS; i++) {
        uint64_t carry = 0;
        for (int j = 0; i + j < DIGITS; j++) {
            carry += (uint64_t)a.digit[i] * b.digit[j] + product.digit[i + j];
            product.digit[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    return product;
}
""",
    "compare": """\
static int compare(number a, number b)
{
    a.digit[DIGITS - 1] ^= UINT32_C(0x80000000); /* the sign's bit */
    b.digit[DIGITS - 1] ^= UINT32_C(0x80000000);
    for (int i = DIGITS - 1; i >= 0; i--)
        if (a.digit[i] != b.digit[i])
            return a.digit[i] > b.digit[i] ? 1 : -1;
    return 0;
}
""",
    "is_zero": """\
static int is_zero(number a)
{
    uint32_t some = 0;
    for (int i = 0; i < DIGITS; i++)
        some |= a.digit[i];
    return some == 0;
}
""",
    "is_odd": "static int is_odd(number a)\n{\n    return (int)(a.digit[0] & 1);\n}\n",
    "shift_up": """\
static number shift_up(number a, int bits)
{
    number shifted;
    const int digits = bits / 32, rest = bits % 32;
    for (int i = 0; i < DIGITS; i++) {
        const uint32_t high = i >= digits ? a.digit[i - digits] : 0;
        const uint32_t low = i > digits ? a.digit[i - digits - 1] : 0;
        shifted.digit[i] = (uint32_t)((((uint64_t)high << 32 | low) << rest) >> 32);
    }
    return shifted;
}
""",
    "shift_down": """\
/* a / 2**bits, rounded down. */
static number shift_down(number a, int bits)
{
    number shifted;
    const int digits = bits / 32, rest = bits % 32;
    const uint32_t sign = a.digit[DIGITS - 1] >> 31 ? UINT32_MAX : 0;
    for (int i = 0; i < DIGITS; i++) {
        const uint32_t low = i + digits < DIGITS ? a.digit[i + digits] : sign;
        const uint32_t high = i + digits + 1 < DIGITS ? a.digit[i + digits + 1] : sign;
        shifted.digit[i] = (uint32_t)(((uint64_t)high << 32 | low) >> rest);
    }
    return shifted;
}
""",
    "low_bits": _NARROW_FUNCTIONS["low_bits"],
    "index_of": "static size_t index_of(number a)\n{\n    return a.digit[0];\n}\n",
}


class _Numbers:
    """How numbers look in the source: one int64_t, or digits."""

    def __init__(self, bits: int) -> None:
        self.digits = 0 if bits <= _NARROW else -(-bits // 32)
        self.functions = _WIDE_FUNCTIONS if self.digits else _NARROW_FUNCTIONS
        self.declaration = "typedef int64_t number;\n"
        if self.digits:
            self.declaration = (
                "/* Two's complement, the lowest digit first. */\n"
                f"enum {{ DIGITS = {self.digits} }};\n"
                "typedef struct {\n    uint32_t digit[DIGITS];\n} number;\n"
            )

    def constant(self, value: int) -> str:
        """An expression of a number."""
        if self.digits:
            return f"(number){{{{{_digits(value, self.digits)}}}}}"
        return _int64(value)

    def type_of(self, fmt: fx.Format) -> str:
        """The type of which numbers of a format are stored."""
        if self.digits:
            return "uint32_t"
        width = next(width for width in (8, 16, 32, 64) if fmt.width <= width)
        return f"{'' if fmt.signed or width == 64 else 'u'}int{width}_t"

    def stride(self, fmt: fx.Format) -> int:
        """How many such make one number."""
        return -(-(fmt.width + (not fmt.signed)) // 32) if self.digits else 1

    def array(self, name: str, values: Iterable[int], fmt: fx.Format) -> str:
        """A constant array."""
        stride = self.stride(fmt)
        if self.digits:
            shown = [_digits(value, stride) for value in values]
        else:
            shown = [_int64(value) if fmt.width > 32 else str(value) for value in values]
        each = max(1, _A_LINE // stride)
        lines = [", ".join(shown[i : i + each]) for i in range(0, len(shown), each)]
        size = len(shown) * stride
        body = ",\n    ".join(lines)
        return f"static const {self.type_of(fmt)} {name}[{size}] = {{\n    {body}\n}};\n"

    def load(self, array: str, index: str, fmt: fx.Format) -> str:
        """An expression of an array's number."""
        if self.digits:
            stride = self.stride(fmt)
            return f"load(&{array}[({index}) * {stride}], {stride})"
        return f"{array}[{index}]"

    def store(self, array: str, index: str, fmt: fx.Format, value: str) -> str:
        """A statement that puts a number into an array."""
        if self.digits:
            stride = self.stride(fmt)
            return f"store(&{array}[({index}) * {stride}], {stride}, {value});"
        return f"{array}[{index}] = ({self.type_of(fmt)}){value};"

    def used_functions(self, text: str) -> str:
        """The functions that a text calls, and those that these call."""
        used: set[str] = set()
        for name in reversed(self.functions):
            inside = text + "".join(self.functions[other] for other in used)
            if re.search(rf"\b{name}\(", inside):
                used.add(name)
        return "\n".join(body for name, body in self.functions.items() if name in used)


def files(network: Network, vectors: Vectors) -> dict[str, str]:
    """The export's files by name."""
    numbers = _Numbers(network.bits)
    return {
        f"{network.name}.h": _header(network, numbers),
        f"{network.name}.c": _source(network, numbers),
        f"{network.name}_test.c": _test(network, numbers, vectors),
    }


def instructions(network: Network) -> list[str]:
    """How to use and test them, line by line."""
    name = network.name
    return [
        f"{name}.h and {name}.c are the network; {name}_test.c runs it on the samples that were",
        "exported with it and compares every bit:",
        "",
        f"    cc -std=c99 -O2 -o {name}_test {name}.c {name}_test.c && ./{name}_test",
    ]


def _header(network: Network, numbers: _Numbers) -> str:
    name, guard = network.name, f"{network.name.upper()}_H"
    digits = ""
    if numbers.digits:
        digits = (
            "/* A number is so many digits of 32 bits, the lowest first, two's complement. */\n"
            f"enum {{ {name}_input_digits = {numbers.stride(network.in_format)},"
            f" {name}_output_digits = {numbers.stride(network.out_format)} }};\n\n"
        )
    of_input = f" * {name}_input_digits" if numbers.digits else ""
    of_output = f" * {name}_output_digits" if numbers.digits else ""
    classes = ""
    if network.classifies:
        classes = (
            "\n/* The class: the index of the largest output, the lowest of equal ones. */\n"
            f"int {name}_class(const {name}_output *output);\n"
        )
    return f"""\
/* A neural network in integers, written by fxtypes. */
#ifndef {guard}
#define {guard}

#include <stdint.h>

enum {{ {name}_inputs = {network.inputs}, {name}_outputs = {network.outputs} }};

{digits}/* Raw integers: a value is raw * 2**{-network.in_format.frac_bits}, {network.in_format}. */
typedef {numbers.type_of(network.in_format)} {name}_input;

/* Raw integers: a value is raw * 2**{-network.out_format.frac_bits}, {network.out_format}. */
typedef {numbers.type_of(network.out_format)} {name}_output;

/* From {name}_inputs{of_input} elements to {name}_outputs{of_output}. */
void {name}_run(const {name}_input *input, {name}_output *output);
{classes}
#endif
"""


def _source(network: Network, numbers: _Numbers) -> str:
    body = _body(network, numbers)
    includes = f'#include "{network.name}.h"\n'
    if "size_t" in body or "index_of(" in body:
        includes += "\n#include <stddef.h>\n"
    return "\n".join(
        [
            "/* A neural network in integers, written by fxtypes. */",
            includes,
            numbers.declaration,
            numbers.used_functions(body),
            body,
        ]
    )


def _body(network: Network, numbers: _Numbers) -> str:
    parts = [
        _element_function(stage, numbers)
        for stage in chain(network.before, *(after for _, after in network.blocks))
    ]
    parts += [_dense_function(dense, after, numbers) for dense, after in network.blocks]
    name = network.name
    sizes = [network.inputs, *(dense.units for dense in network.dense)]
    buffers = "".join(f"    number values_{i}[{size}];\n" for i, size in enumerate(sizes))
    first = _applied(network.before, numbers.load("input", "i", network.in_format))
    calls = "".join(
        f"    {dense.name}(values_{i}, values_{i + 1});\n" for i, dense in enumerate(network.dense)
    )
    last = numbers.store("output", "i", network.out_format, f"values_{len(sizes) - 1}[i]")
    parts.append(
        f"void {name}_run(const {name}_input *input, {name}_output *output)\n{{\n{buffers}\n"
        f"    for (int i = 0; i < {name}_inputs; i++)\n        values_0[i] = {first};\n{calls}"
        f"    for (int i = 0; i < {name}_outputs; i++)\n        {last}\n}}\n"
    )
    if network.classifies:
        here = numbers.load("output", "i", network.out_format)
        best = numbers.load("output", "best", network.out_format)
        larger = f"compare({here}, {best}) > 0" if numbers.digits else f"{here} > {best}"
        parts.append(
            f"int {name}_class(const {name}_output *output)\n{{\n    int best = 0;\n"
            f"    for (int i = 1; i < {name}_outputs; i++)\n        if ({larger})\n"
            "            best = i;\n    return best;\n}\n"
        )
    return "\n".join(parts)


def _dense_function(dense: DenseStage, after: Sequence[ElementStage], numbers: _Numbers) -> str:
    name = dense.name
    weights = numbers.array(
        f"{name}_weights", chain.from_iterable(dense.weights), dense.weight_format
    )
    bias = numbers.array(f"{name}_bias", dense.bias, dense.bias_format)
    start = _shifted(numbers.load(f"{name}_bias", "unit", dense.bias_format), dense.bias_shift)
    index = f"unit * {dense.inputs} + i"
    weight = numbers.load(f"{name}_weights", index, dense.weight_format)
    term = f"add({_shifted('sum', dense.sum_shift)}, {_product(weight, dense)})"
    casts = _cast_function(f"{name}_result", dense.cast, numbers)
    if dense.step is not None:
        casts = _cast_function(f"{name}_step", dense.step, numbers) + "\n" + casts
        term = f"{name}_step({term})"
    result = _applied(after, f"{name}_result(sum)")
    # Nothing comes of a 0, and products of digits are slow.
    skipping = "            if (!is_zero(x[i]))\n    " if numbers.digits else ""
    return (
        f"{weights}\n{bias}\n{casts}\n"
        f"static void {name}(const number *x, number *y)\n{{\n"
        f"    for (int unit = 0; unit < {dense.units}; unit++) {{\n"
        f"        number sum = {start};\n"
        f"        for (int i = 0; i < {dense.inputs}; i++)\n{skipping}            sum = {term};\n"
        f"        y[unit] = {result};\n    }}\n}}\n"
    )


def _product(weight: str, dense: DenseStage) -> str:
    return _shifted(f"multiply({weight}, x[i])", dense.product_shift)


def _element_function(stage: ElementStage, numbers: _Numbers) -> str:
    name = stage.name
    if isinstance(stage, Table):
        values = numbers.array(f"{name}_table", stage.values, stage.out_format)
        address = f"index_of(low_bits({name}_address(x), {stage.address.format.width}))"
        value = numbers.load(f"{name}_table", address, stage.out_format)
        return (
            f"{values}\n{_cast_function(f'{name}_address', stage.address, numbers)}\n"
            f"/* {stage.function}, of a rounded argument. */\n"
            f"static number {name}(number x)\n{{\n    return {value};\n}}\n"
        )
    lines = []
    for index, (slope, offset) in enumerate(zip(stage.slopes, stage.offsets, strict=True)):
        ends = index < len(stage.thresholds)
        value = _line(slope, offset, numbers)
        if ends:
            threshold = numbers.constant(stage.thresholds[index])
            lines.append(f"    if (compare(x, {threshold}) < 0)\n        return {name}_r({value});")
        else:
            lines.append(f"    return {name}_r({value});")
    body = "\n".join(lines)
    return (
        f"{_cast_function(f'{name}_r', stage.cast, numbers)}\n"
        f"static number {name}(number x)\n{{\n{body}\n}}\n"
    )


def _line(slope: int, offset: int, numbers: _Numbers) -> str:
    if slope == 0:
        return numbers.constant(offset)
    value = "x" if slope == 1 else f"multiply({numbers.constant(slope)}, x)"
    return value if offset == 0 else f"add({value}, {numbers.constant(offset)})"


def _cast_function(name: str, cast: Cast, numbers: _Numbers) -> str:
    """A function that rounds into a format."""
    lines, fmt = [], cast.format
    if cast.shift > 0:
        lines.append(f"    number q = shift_down(a, {cast.shift});")
        up = _rounds_up(cast, numbers)
        if up:
            if "rest" in up:
                lines.append(f"    const number rest = subtract(a, shift_up(q, {cast.shift}));")
            lines.append(f"    if ({up})\n        q = add(q, {numbers.constant(1)});")
    else:
        lines.append(
            f"    {'number' if cast.can_overflow else 'const number'} q = "
            f"{_shifted('a', -cast.shift)};"
        )
    if cast.can_overflow:
        lines += _overflow(cast, numbers)
    body = "\n".join([*lines, "    return q;"])
    comment = f"/* To {fmt}: {fmt.rounding.value}, {fmt.overflow.value}. */"
    return f"{comment}\nstatic number {name}(number a)\n{{\n{body}\n}}\n"


def _rounds_up(cast: Cast, numbers: _Numbers) -> str:
    """The condition, by the floor q and the rest, under which the result is q + 1."""
    zero = numbers.constant(0)
    some = f"compare(rest, {zero}) > 0"
    half = numbers.constant(1 << cast.shift - 1)
    against = f"compare(rest, {half})"
    match cast.format.rounding:
        case "floor":
            return ""
        case "ceil":
            return some
        case "toward_zero":
            return f"{some} && compare(a, {zero}) < 0"
        case "away_from_zero":
            return f"{some} && compare(a, {zero}) > 0"
        case "odd":
            return f"{some} && !is_odd(q)"
        case "nearest_up":
            return f"{against} >= 0"
        case "nearest_down":
            return f"{against} > 0"
        case mode:
            tie = {
                "nearest_even": "is_odd(q)",
                "nearest_odd": "!is_odd(q)",
                "nearest_away": f"compare(q, {zero}) >= 0",
                "nearest_zero": f"compare(q, {zero}) < 0",
            }[mode.value]
            return f"{against} > 0 || ({against} == 0 && {tie})"


def _overflow(cast: Cast, numbers: _Numbers) -> list[str]:
    low, high = (numbers.constant(value) for value in cast.limits)
    fmt = cast.format
    if fmt.overflow == "wrap":
        lines = [f"    q = low_bits(q, {fmt.width});"]
        if fmt.signed:
            modulus = numbers.constant(1 << fmt.width)
            lines.append(f"    if (compare(q, {high}) > 0)\n        q = subtract(q, {modulus});")
        return lines
    zero = numbers.constant(0)
    if fmt.overflow == "saturate_zero":
        low_result = high_result = zero
    else:
        low_result, high_result = low, high
    return [
        f"    if (compare(q, {low}) < 0)\n        q = {low_result};",
        f"    if (compare(q, {high}) > 0)\n        q = {high_result};",
    ]


def _applied(stages: Sequence[ElementStage], value: str) -> str:
    for stage in stages:
        value = f"{stage.name}({value})"
    return value


def _shifted(value: str, bits: int) -> str:
    return f"shift_up({value}, {bits})" if bits else value


def _test(network: Network, numbers: _Numbers, vectors: Vectors) -> str:
    name, count = network.name, len(vectors.inputs)
    inputs = numbers.array("inputs", chain.from_iterable(vectors.inputs), network.in_format)
    outputs = numbers.array("expected", chain.from_iterable(vectors.outputs), network.out_format)
    in_size = network.inputs * numbers.stride(network.in_format)
    out_size = network.outputs * numbers.stride(network.out_format)
    classes = check = ""
    if network.classifies:
        values = vectors.classes
        lines = [", ".join(map(str, values[i : i + 24])) for i in range(0, count, 24)]
        body = ",\n    ".join(lines)
        classes = f"static const int classes[{count}] = {{\n    {body}\n}};\n\n"
        check = f"""\
        if ({name}_class(found) != classes[sample]) {{
            printf("FAILED: sample %d has the class %d, not %d\\n", sample,
                   {name}_class(found), classes[sample]);
            failures++;
        }}
"""
    return f"""\
/* Compares the network with what fxtypes made of the same samples. Written by fxtypes. */
#include <stdio.h>

#include "{name}.h"

enum {{ samples = {count}, input_size = {in_size}, output_size = {out_size} }};

{inputs}
{outputs}
{classes}int main(void)
{{
    int failures = 0;
    for (int sample = 0; sample < samples; sample++) {{
        {name}_output found[output_size];
        {name}_run(&inputs[sample * input_size], found);
        for (int i = 0; i < output_size; i++)
            if (found[i] != expected[sample * output_size + i]) {{
                printf("FAILED: sample %d differs in element %d of its outputs\\n", sample, i);
                failures++;
            }}
{check}    }}
    if (failures == 0)
        printf("passed: %d samples, no bit differs\\n", samples);
    return failures != 0;
}}
"""


def _digits(value: int, count: int) -> str:
    pattern = value & (1 << 32 * count) - 1
    return ", ".join(f"0x{pattern >> 32 * i & 0xFFFFFFFF:x}" for i in range(count))


def _int64(value: int) -> str:
    if value == -(1 << 63):
        return "INT64_MIN"
    return f"INT64_C({value})"
