"""Verilog (IEEE 1364-2005): one multiply-accumulate a dense layer, memory files, a test bench.

One a layer, rather than one a neuron: a layer's weights are then one memory with one port, as block
RAM has, its sum one register, and a network of any size fits. A neuron each would be `units` times
as fast and need as many multipliers, memories and sums.

Every number is a vector of its exact width and extended by hand, so that nothing depends on
Verilog's rules of width and sign but products and comparisons, whose operands are all signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from .costs import count_bits, factors
from .network import Cast, DenseStage, ElementStage, Lines, Network, Table, Vectors

_TITLE = "// A part of a neural network in integers, written by fxtypes.\n\n"


def files(network: Network, vectors: Vectors) -> dict[str, str]:
    """The export's files by name."""
    name = network.name
    found = {f"{name}.v": _TITLE + _top(network)}
    for dense, after in network.blocks:
        found[f"{name}_{dense.name}.v"] = _TITLE + _layer(network, dense, after)
    found[f"{name}_test.v"] = _test(network, vectors)
    for dense in network.dense:
        weights = chain.from_iterable(dense.weights)
        found[f"{name}_{dense.name}_weights.hex"] = memory(weights, dense.weight_format.width)
        found[f"{name}_{dense.name}_bias.hex"] = memory(dense.bias, dense.bias_format.width)
    for stage in network.stages:
        if isinstance(stage, Table):
            found[f"{name}_{stage.name}.hex"] = memory(stage.values, stage.out_format.width)
    inputs, outputs = (chain.from_iterable(rows) for rows in (vectors.inputs, vectors.outputs))
    found[f"{name}_test_inputs.hex"] = memory(inputs, network.in_format.width)
    found[f"{name}_test_outputs.hex"] = memory(outputs, network.out_format.width)
    if network.classifies:
        found[f"{name}_test_classes.hex"] = memory(vectors.classes, _class_bits(network))
    return found


def instructions(network: Network) -> list[str]:
    """How to use and test them, line by line."""
    name = network.name
    return [
        f"{name}.v is the design, with a module a layer; they read the .hex files. {name}_test.v",
        "runs it on the samples that were exported with it and compares every bit:",
        "",
        f"    iverilog -g2005 -o {name}.vvp {name}*.v && vvp -N {name}.vvp",
        "",
        "Write the inputs with input_write, raise start for a clock cycle, wait for done; an",
        "output follows its output_address by a cycle.",
    ]


def memory(values: Iterable[int], width: int) -> str:
    """A memory image, as `fxtypes.to_mem` writes one."""
    mask, digits = (1 << width) - 1, -(-width // 4)
    words = [f"{value & mask:0{digits}x}\n" for value in values]
    return f"// {len(words)} words of {width} bits, hex, written by fxtypes\n" + "".join(words)


def extended(name: str, width: int, to: int, signed: bool) -> str:
    """An expression of a vector's number in `to` bits."""
    if to == width:
        return name
    sign = f"{name}[{width - 1}]" if signed else "1'b0"
    return f"{{{{{to - width}{{{sign}}}}}, {name}}}"


def shifted(expression: str, zeros: int) -> str:
    """With zeros behind."""
    return f"{{{expression}, {zeros}'b0}}" if zeros else expression


def _constant(value: int, width: int) -> str:
    return f"{width}'sh{value & (1 << width) - 1:x}"


def _class_bits(network: Network) -> int:
    return count_bits(network.outputs - 1)


def _top(network: Network) -> str:
    name, dense, last = network.name, network.dense, network.dense[-1].name
    in_bits, out_bits = network.in_format.width, network.out_format.width
    in_address, out_address = count_bits(network.inputs - 1), _class_bits(network)
    first = dense[0].in_format
    lines = [
        f"module {name} (",
        "    input wire clock,",
        "    input wire reset,",
        "    input wire input_write,",
        f"    input wire [{in_address - 1}:0] input_address,",
        f"    input wire [{in_bits - 1}:0] input_value,",
        "    input wire start,",
        "    output reg done,",
        f"    input wire [{out_address - 1}:0] output_address,",
        f"    output reg [{out_bits - 1}:0] output_value" + ("," if network.classifies else ""),
    ]
    if network.classifies:
        lines.append(f"    output reg [{out_address - 1}:0] class_index")
    lines.append(");")
    lines += _tables(network, network.before)
    lines += _functions(network.before)
    stored = _applied(network.before, "input_value")
    lines += [
        f"    reg [{first.width - 1}:0] values_0 [0:{network.inputs - 1}];",
        "    always @(posedge clock)",
        f"        if (input_write) values_0[input_address] <= {stored};",
        "",
    ]
    for index, (stage, after) in enumerate(network.blocks):
        made = (after[-1].out_format if after else stage.out_format).width
        place, unit = count_bits(stage.inputs - 1), count_bits(stage.units - 1)
        start = f"{dense[index - 1].name}_done" if index else "start"
        own = stage.name
        lines += [
            f"    wire [{place - 1}:0] {own}_address;",
            f"    reg [{stage.in_format.width - 1}:0] {own}_x;",
            f"    always @(posedge clock) {own}_x <= values_{index}[{own}_address];",
            f"    wire {own}_write, {own}_done;",
            f"    wire [{unit - 1}:0] {own}_unit;",
            f"    wire [{made - 1}:0] {own}_y;",
            f"    {name}_{own} {own} (",
            f"        .clock(clock), .reset(reset), .start({start}),",
            f"        .x_address({own}_address), .x({own}_x),",
            f"        .y_write({own}_write), .y_unit({own}_unit), .y({own}_y), .done({own}_done)",
            "    );",
            f"    reg [{made - 1}:0] values_{index + 1} [0:{stage.units - 1}];",
            "    always @(posedge clock)",
            f"        if ({own}_write) values_{index + 1}[{own}_unit] <= {own}_y;",
            "",
        ]
    lines += [
        f"    always @(posedge clock) output_value <= values_{len(dense)}[output_address];",
        "",
        "    always @(posedge clock)",
        "        if (reset) done <= 1'b0;",
        f"        else done <= {last}_done;",
        "",
    ]
    if network.classifies:
        sign = "signed " if network.out_format.signed else ""
        lines += [
            "    // The index of the largest output, the lowest of equal ones.",
            f"    reg {sign}[{out_bits - 1}:0] best;",
            f"    wire {sign}[{out_bits - 1}:0] latest = {last}_y;",
            f"    wire first = {last}_unit == {out_address}'d0;",
            "    always @(posedge clock)",
            f"        if ({last}_write && (first || latest > best)) begin",
            "            best <= latest;",
            f"            class_index <= {last}_unit;",
            "        end",
            "",
        ]
    return "\n".join([*lines, "endmodule\n"])


def _layer(network: Network, dense: DenseStage, after: Sequence[ElementStage]) -> str:
    name = f"{network.name}_{dense.name}"
    made = after[-1].out_format if after else dense.out_format
    place, unit = count_bits(dense.inputs - 1), count_bits(dense.units - 1)
    count = dense.inputs * dense.units
    address = count_bits(count - 1)
    x_bits, w_bits = factors(dense)
    product = max(x_bits, w_bits, min(x_bits + w_bits, dense.sum_bits - dense.product_shift))
    total = max(dense.sum_bits, product + dense.product_shift)
    kept = total if dense.step is None else dense.step.format.width
    signed = dense.step is None or dense.step.format.signed
    bias = dense.bias_format
    begun = shifted(
        extended("bias", bias.width, total - dense.bias_shift, bias.signed), dense.bias_shift
    )
    before = "sum"
    if dense.step is not None:
        begun = shifted(extended("bias", kept, total - dense.sum_shift, signed), dense.sum_shift)
        before = shifted(extended("sum", kept, total - dense.sum_shift, signed), dense.sum_shift)
    term = shifted(
        extended("product", product, total - dense.product_shift, True), dense.product_shift
    )
    summed = f"{dense.name}_step(next)" if dense.step is not None else "next"
    whole = extended("sum", kept, total, signed)
    y = _applied(after, f"{dense.name}_result({whole})")
    casts = _cast(f"{dense.name}_result", dense.cast, total)
    if dense.step is not None:
        casts += _cast(f"{dense.name}_step", dense.step, total)
    x_factor = extended("x", dense.in_format.width, x_bits, dense.in_format.signed)
    lines = [
        f"// {dense.inputs} inputs, {dense.units} units; one product a clock cycle.",
        f"module {name} (",
        "    input wire clock,",
        "    input wire reset,",
        "    input wire start,",
        f"    output reg [{place - 1}:0] x_address,",
        f"    input wire [{dense.in_format.width - 1}:0] x, // a cycle after its address",
        "    output reg y_write,",
        f"    output reg [{unit - 1}:0] y_unit,",
        f"    output reg [{made.width - 1}:0] y,",
        "    output reg done",
        ");",
        f"    reg [{w_bits - 1}:0] weights [0:{count - 1}];",
        f"    reg [{bias.width - 1}:0] biases [0:{dense.units - 1}];",
        "    initial begin",
        f'        $readmemh("{name}_weights.hex", weights);',
        f'        $readmemh("{name}_bias.hex", biases);',
        "    end",
        "",
        *_tables(network, after),
        *casts,
        *_functions(after),
        "    reg running;",
        f"    reg [{address - 1}:0] w_address;",
        f"    reg [{unit - 1}:0] unit;",
        f"    wire last = x_address == {place}'d{dense.inputs - 1};",
        "    always @(posedge clock)",
        "        if (reset) running <= 1'b0;",
        "        else if (start) begin",
        "            running <= 1'b1;",
        f"            x_address <= {place}'d0;",
        f"            w_address <= {address}'d0;",
        f"            unit <= {unit}'d0;",
        "        end else if (running) begin",
        f"            w_address <= w_address + {address}'d1;",
        f"            x_address <= last ? {place}'d0 : x_address + {place}'d1;",
        f"            if (last) unit <= unit + {unit}'d1;",
        f"            if (last && unit == {unit}'d{dense.units - 1}) running <= 1'b0;",
        "        end",
        "",
        "    // What was read: x, its weight, and the bias that a sum begins with.",
        "    reg read, first_read, last_read;",
        f"    reg [{unit - 1}:0] unit_read;",
        f"    reg signed [{w_bits - 1}:0] weight;",
        f"    reg [{bias.width - 1}:0] bias;",
        "    always @(posedge clock) begin",
        "        read <= running && !reset;",
        f"        first_read <= x_address == {place}'d0;",
        "        last_read <= running && last && !reset;",
        "        unit_read <= unit;",
        "        weight <= weights[w_address];",
        "        bias <= biases[unit];",
        "    end",
        "",
        f"    wire signed [{x_bits - 1}:0] factor = {x_factor};",
        f"    wire signed [{product - 1}:0] product = factor * weight;",
        f"    reg {'signed ' if kept == total else ''}[{kept - 1}:0] sum;",
        f"    wire signed [{total - 1}:0] start_of_sum = first_read ? {begun} : {before};",
        f"    wire signed [{total - 1}:0] next = start_of_sum + {term};",
        "    reg summed;",
        f"    reg [{unit - 1}:0] unit_summed;",
        "    always @(posedge clock) begin",
        f"        if (read) sum <= {summed};",
        "        summed <= last_read && !reset;",
        "        unit_summed <= unit_read;",
        "    end",
        "",
        "    always @(posedge clock) begin",
        "        y_write <= summed && !reset;",
        f"        done <= summed && !reset && unit_summed == {unit}'d{dense.units - 1};",
        "        y_unit <= unit_summed;",
        f"        if (summed) y <= {y};",
        "    end",
        "endmodule\n",
    ]
    return "\n".join(lines)


def _tables(network: Network, stages: Iterable[ElementStage]) -> list[str]:
    lines = []
    for stage in stages:
        if isinstance(stage, Table):
            lines += [
                f"    // {stage.function}, of a rounded argument.",
                f"    reg [{stage.out_format.width - 1}:0] {stage.name}_table "
                f"[0:{len(stage.values) - 1}];",
                f'    initial $readmemh("{network.name}_{stage.name}.hex", {stage.name}_table);',
                "",
            ]
    return lines


def _functions(stages: Iterable[ElementStage]) -> list[str]:
    """A function for each stage, from numbers of its input's width to such of its output's."""
    lines: list[str] = []
    for stage in stages:
        name, fmt = stage.name, stage.in_format
        bits = stage.address.bits if isinstance(stage, Table) else stage.bits
        if isinstance(stage, Table):
            lines += _cast(f"{name}_address", stage.address, bits)
        else:
            lines += _cast(f"{name}_rounded", stage.cast, bits)
        lines += [
            f"    function [{stage.out_format.width - 1}:0] {name};",
            f"        input [{fmt.width - 1}:0] a;",
            f"        reg signed [{bits - 1}:0] v;",
            "        begin",
            f"            v = {extended('a', fmt.width, bits, fmt.signed)};",
        ]
        if isinstance(stage, Table):
            lines.append(f"            {name} = {name}_table[{name}_address(v)];")
        else:
            lines += _line_choice(stage)
        lines += ["        end", "    endfunction", ""]
    return lines


def _line_choice(stage: Lines) -> list[str]:
    lines = []
    for index, (slope, offset) in enumerate(zip(stage.slopes, stage.offsets, strict=True)):
        condition = ""
        if index < len(stage.thresholds):
            condition = f"if (v < {_constant(stage.thresholds[index], stage.bits)}) "
        lead = "            " + ("else " if index else "")
        value = _line(slope, offset, stage.bits)
        lines.append(f"{lead}{condition}{stage.name} = {stage.name}_rounded({value});")
    return lines


def _line(slope: int, offset: int, bits: int) -> str:
    if slope == 0:
        return _constant(offset, bits)
    value = "v" if slope == 1 else f"v * {_constant(slope, bits)}"
    return value if offset == 0 else f"{value} + {_constant(offset, bits)}"


def _applied(stages: Iterable[ElementStage], value: str) -> str:
    """The expression of what stages make of a value."""
    for stage in stages:
        value = f"{stage.name}({value})"
    return value


def _cast(name: str, cast: Cast, bits: int) -> list[str]:
    """A function that rounds a signed number of so many bits into a format."""
    fmt, shift = cast.format, cast.shift
    lines = [
        f"    // To {fmt}: {fmt.rounding.value}, {fmt.overflow.value}.",
        f"    function [{fmt.width - 1}:0] {name};",
        f"        input signed [{bits - 1}:0] a;",
        f"        reg signed [{bits - 1}:0] q;",
        "        begin",
    ]
    if shift > 0:
        lines.append(f"            q = a >>> {shift};")
        up = _rounds_up(fmt.rounding.value, shift, f"a[{bits - 1}]")
        if up:
            lines.append(f"            if ({up}) q = q + {_constant(1, bits)};")
    elif shift < 0:
        lines.append(f"            q = a <<< {-shift};")
    else:
        lines.append("            q = a;")
    if cast.can_overflow and fmt.overflow != "wrap":
        low, high = cast.limits
        ends = (0, 0) if fmt.overflow == "saturate_zero" else (low, high)
        lines += [
            f"            if (q < {_constant(low, bits)}) q = {_constant(ends[0], bits)};",
            f"            else if (q > {_constant(high, bits)}) q = {_constant(ends[1], bits)};",
        ]
    elif bits > fmt.width:
        lines[1:1] = [
            "    // verilator lint_off UNUSED",
            "    // Bits above the result's: left out.",
        ]
    lines += [f"            {name} = q[{fmt.width - 1}:0];", "        end", "    endfunction"]
    if "lint_off" in lines[1]:
        lines.append("    // verilator lint_on UNUSED")
    return [*lines, ""]


def _rounds_up(mode: str, shift: int, sign: str) -> str:
    """The condition, by the bits of a number, under which its floor's successor is the result."""
    some, odd, half = f"a[{shift - 1}:0] != {shift}'h0", f"a[{shift}]", f"a[{shift - 1}]"
    more = f"a[{shift - 2}:0] != {shift - 1}'h0" if shift > 1 else "1'b0"
    return {
        "floor": "",
        "ceil": some,
        "toward_zero": f"{sign} && {some}",
        "away_from_zero": f"!{sign} && {some}",
        "odd": f"!{odd} && {some}",
        "nearest_even": f"{half} && ({more} || {odd})",
        "nearest_odd": f"{half} && ({more} || !{odd})",
        "nearest_away": f"{half} && ({more} || !{sign})",
        "nearest_zero": f"{half} && ({more} || {sign})",
        "nearest_up": half,
        "nearest_down": f"{half} && {more}",
    }[mode]


def _test(network: Network, vectors: Vectors) -> str:
    name, count = network.name, len(vectors.inputs)
    in_bits, out_bits = network.in_format.width, network.out_format.width
    in_address, out_address = count_bits(network.inputs - 1), _class_bits(network)
    declared = connected = check = reading = ""
    if network.classifies:
        declared = (
            f"    reg [{out_address - 1}:0] classes [0:{count - 1}];\n"
            f"    wire [{out_address - 1}:0] class_index;\n"
        )
        connected = ", .class_index(class_index)"
        reading = f'        $readmemh("{name}_test_classes.hex", classes);\n'
        check = """\
            if (class_index !== classes[sample]) begin
                $display("FAILED: sample %0d has the class %0d, not %0d",
                    sample, class_index, classes[sample]);
                failures = failures + 1;
            end
"""
    return f"""\
// Compares the network with what fxtypes made of the same samples. Written by fxtypes.
`timescale 1ns / 1ns

module {name}_test;
    reg clock = 1'b0, reset = 1'b1, start = 1'b0, input_write = 1'b0;
    reg [{in_address - 1}:0] input_address;
    reg [{in_bits - 1}:0] input_value;
    reg [{out_address - 1}:0] output_address;
    wire [{out_bits - 1}:0] output_value;
    wire done;
    reg [{in_bits - 1}:0] inputs [0:{count * network.inputs - 1}];
    reg [{out_bits - 1}:0] expected [0:{count * network.outputs - 1}];
{declared}    integer sample, i, failures, cycles;

    {name} tested (
        .clock(clock), .reset(reset), .input_write(input_write), .input_address(input_address),
        .input_value(input_value), .start(start), .done(done), .output_address(output_address),
        .output_value(output_value){connected}
    );

    always #5 clock = !clock;

    initial begin
        $readmemh("{name}_test_inputs.hex", inputs);
        $readmemh("{name}_test_outputs.hex", expected);
{reading}        failures = 0;
        repeat (2) @(negedge clock);
        reset = 1'b0;
        for (sample = 0; sample < {count}; sample = sample + 1) begin
            input_write = 1'b1;
            for (i = 0; i < {network.inputs}; i = i + 1) begin
                input_address = i;
                input_value = inputs[sample * {network.inputs} + i];
                @(negedge clock);
            end
            input_write = 1'b0;
            start = 1'b1;
            cycles = 0;
            @(negedge clock);
            start = 1'b0;
            while (!done) begin
                @(negedge clock);
                cycles = cycles + 1;
            end
            for (i = 0; i < {network.outputs}; i = i + 1) begin
                output_address = i;
                @(negedge clock);
                if (output_value !== expected[sample * {network.outputs} + i]) begin
                    $display("FAILED: sample %0d, output %0d is %h, not %h",
                        sample, i, output_value, expected[sample * {network.outputs} + i]);
                    failures = failures + 1;
                end
            end
{check}        end
        if (failures == 0) begin
            $display("passed: {count} samples, no bit differs; %0d cycles each", cycles);
            $finish;
        end
        $stop; // with vvp -N: exit status 1
    end
endmodule
"""
