"""VHDL (1993 and later): the design of `verilog`, memories as constant arrays, a test bench.

Constants rather than text files that are read at elaboration: every synthesis tool takes them, and
no file has to be found. All literals are bit strings, exact at any width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from .costs import count_bits
from .network import Cast, DenseStage, ElementStage, Lines, Network, Table, Vectors, signed_bits

_LIBRARIES = """\
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
"""
_TITLE = "-- A part of a neural network in integers, written by fxtypes.\n\n"


def files(network: Network, vectors: Vectors) -> dict[str, str]:
    """The export's files by name."""
    name = network.name
    found = {
        f"{name}_{dense.name}.vhd": _TITLE + _layer(network, dense, after)
        for dense, after in network.blocks
    }
    found[f"{name}.vhd"] = _TITLE + _top(network)
    found[f"{name}_test.vhd"] = _test(network, vectors)
    return found


def instructions(network: Network) -> list[str]:
    """How to use and test them, line by line."""
    name = network.name
    layers = " ".join(f"{name}_{dense.name}.vhd" for dense in network.dense)
    return [
        f"{name}.vhd is the design, with an entity a layer. {name}_test.vhd runs it on the samples",
        "that were exported with it and compares every bit:",
        "",
        f"    ghdl -a {layers} {name}.vhd {name}_test.vhd",
        f"    ghdl -e {name}_test && ghdl -r {name}_test",
        "",
        "Write the inputs with input_write, raise start for a clock cycle, wait for done; an",
        "output follows its output_address by a cycle.",
    ]


def _bits(value: int, width: int) -> str:
    return f'"{value & (1 << width) - 1:0{width}b}"'


def _constant(value: int, width: int) -> str:
    return f"signed'({_bits(value, width)})"


def _wide(name: str, signed: bool, bits: int) -> str:
    """An expression of a vector's number as `bits` bits, signed."""
    if signed:
        return f"resize(signed({name}), {bits})"
    return f"signed(resize(unsigned({name}), {bits}))"


def _shifted(expression: str, zeros: int) -> str:
    return f"shift_left({expression}, {zeros})" if zeros else expression


def _memory(name: str, values: Sequence[int], width: int) -> list[str]:
    """A constant array."""
    shown = [_bits(value, width) for value in values]
    if len(shown) == 1:
        shown = [f"0 => {shown[0]}"]  # one element alone would be a parenthesis
    body = ",\n        ".join(shown)
    return [
        f"    type {name}_memory is array (0 to {len(values) - 1}) of "
        f"std_logic_vector({width - 1} downto 0);",
        f"    constant {name} : {name}_memory := (",
        f"        {body});",
    ]


def _signal(name: str, width: int) -> str:
    return f"    signal {name} : std_logic_vector({width - 1} downto 0) := (others => '0');"


def _top(network: Network) -> str:
    name, dense, last = network.name, network.dense, network.dense[-1].name
    in_bits, out_bits = network.in_format.width, network.out_format.width
    in_address, out_address = count_bits(network.inputs - 1), count_bits(network.outputs - 1)
    first = dense[0].in_format.width
    lines = [
        _LIBRARIES,
        f"entity {name} is",
        "    port (",
        "        clock, reset : in std_logic;",
        "        input_write : in std_logic;",
        f"        input_address : in std_logic_vector({in_address - 1} downto 0);",
        f"        input_value : in std_logic_vector({in_bits - 1} downto 0);",
        "        start : in std_logic;",
        "        done : out std_logic;",
        f"        output_address : in std_logic_vector({out_address - 1} downto 0);",
    ]
    value = f"        output_value : out std_logic_vector({out_bits - 1} downto 0)"
    if network.classifies:
        class_port = f"        class_index : out std_logic_vector({out_address - 1} downto 0)"
        lines += [f"{value};", class_port]
    else:
        lines.append(value)
    lines += ["    );", f"end entity {name};", "", f"architecture rtl of {name} is"]
    lines += _stage_functions(network.before)
    sizes = [(network.inputs, first)]
    for stage, after in network.blocks:
        sizes.append((stage.units, (after[-1].out_format if after else stage.out_format).width))
    for index, (size, width) in enumerate(sizes):
        lines += [
            f"    type memory_{index} is array (0 to {size - 1}) of "
            f"std_logic_vector({width - 1} downto 0);",
            f"    signal values_{index} : memory_{index} := (others => (others => '0'));",
        ]
    for stage, (_, width) in zip(dense, sizes[1:], strict=True):
        lines += [
            f"    signal {stage.name}_address : natural range 0 to {stage.inputs - 1};",
            _signal(f"{stage.name}_x", stage.in_format.width),
            f"    signal {stage.name}_write, {stage.name}_done : std_logic;",
            f"    signal {stage.name}_unit : natural range 0 to {stage.units - 1};",
            f"    signal {stage.name}_y : std_logic_vector({width - 1} downto 0);",
        ]
    if network.classifies:
        lines.append(_signal("best", out_bits))
    lines.append("begin")
    for index, stage in enumerate(dense):
        own = stage.name
        start = f"{dense[index - 1].name}_done" if index else "start"
        lines += [
            f"    {own} : entity work.{name}_{own} port map (",
            f"        clock => clock, reset => reset, start => {start},",
            f"        x_address => {own}_address, x => {own}_x,",
            f"        y_write => {own}_write, y_unit => {own}_unit, y => {own}_y,",
            f"        done => {own}_done);",
            "",
        ]
    stored = _applied(network.before, "input_value")
    lines += [
        "    process (clock)",
        "    begin",
        "        if rising_edge(clock) then",
        "            if input_write = '1' then",
        f"                values_0(to_integer(unsigned(input_address))) <= {stored};",
        "            end if;",
    ]
    for index, stage in enumerate(dense):
        own = stage.name
        lines += [
            f"            {own}_x <= values_{index}({own}_address);",
            f"            if {own}_write = '1' then",
            f"                values_{index + 1}({own}_unit) <= {own}_y;",
            "            end if;",
        ]
    if network.classifies:
        kind = "signed" if network.out_format.signed else "unsigned"
        lines += [
            "            -- The index of the largest output, the lowest of equal ones.",
            f"            if {last}_write = '1' and",
            f"                ({last}_unit = 0 or {kind}({last}_y) > {kind}(best)) then",
            f"                best <= {last}_y;",
            f"                class_index <= "
            f"std_logic_vector(to_unsigned({last}_unit, {out_address}));",
            "            end if;",
        ]
    lines += [
        f"            output_value <= values_{len(dense)}(to_integer(unsigned(output_address)));",
        f"            done <= {last}_done and not reset;",
        "        end if;",
        "    end process;",
        "end architecture rtl;",
    ]
    return "\n".join(lines) + "\n"


def _layer(network: Network, dense: DenseStage, after: Sequence[ElementStage]) -> str:
    name, own = f"{network.name}_{dense.name}", dense.name
    made = (after[-1].out_format if after else dense.out_format).width
    count, total, bias = dense.inputs * dense.units, dense.sum_bits, dense.bias_format
    in_format, weight_bits = dense.in_format, dense.weight_format.width
    kept, kept_signed = total, True
    if dense.step is not None:
        kept, kept_signed = dense.step.format.width, dense.step.format.signed
    casts = _cast(f"{own}_result", dense.cast, total)
    added = "next_sum"
    if dense.step is not None:
        casts += _cast(f"{own}_step", dense.step, total)
        added = f"{own}_step(next_sum)"
    zeros = dense.bias_shift if dense.step is None else dense.sum_shift
    begun = _shifted(_wide("bias", bias.signed, total), zeros)
    before = _shifted(_wide("sum", kept_signed, total), dense.sum_shift)
    factor_bits = in_format.width + (not in_format.signed)
    result = _applied(after, f"{own}_result({_wide('sum', kept_signed, total)})")
    stored = added if dense.step is not None else f"std_logic_vector({added})"
    lines = [
        f"-- {dense.inputs} inputs, {dense.units} units; one product a clock cycle.",
        _LIBRARIES,
        f"entity {name} is",
        "    port (",
        "        clock, reset, start : in std_logic;",
        f"        x_address : out natural range 0 to {dense.inputs - 1};",
        f"        x : in std_logic_vector({in_format.width - 1} downto 0);"
        " -- a cycle after its address",
        "        y_write : out std_logic;",
        f"        y_unit : out natural range 0 to {dense.units - 1};",
        f"        y : out std_logic_vector({made - 1} downto 0);",
        "        done : out std_logic",
        "    );",
        f"end entity {name};",
        "",
        f"architecture rtl of {name} is",
        *_memory("weights", list(chain.from_iterable(dense.weights)), weight_bits),
        *_memory("biases", dense.bias, bias.width),
        *casts,
        *_stage_functions(after),
        "    signal running, reading, last_read, summed : std_logic := '0';",
        "    signal first_read : boolean := false;",
        f"    signal place : natural range 0 to {dense.inputs - 1} := 0;",
        f"    signal w_address : natural range 0 to {count - 1} := 0;",
        f"    signal unit, unit_read, unit_summed : natural range 0 to {dense.units - 1} := 0;",
        _signal("weight", weight_bits),
        _signal("bias", bias.width),
        _signal("sum", kept),
        "begin",
        "    x_address <= place;",
        "",
        "    process (clock)",
        f"        variable product : signed({factor_bits + weight_bits - 1} downto 0);",
        f"        variable next_sum : signed({total - 1} downto 0);",
        "    begin",
        "        if rising_edge(clock) then",
        "            if reset = '1' then",
        "                running <= '0';",
        "            elsif start = '1' then",
        "                running <= '1';",
        "                place <= 0;",
        "                w_address <= 0;",
        "                unit <= 0;",
        "            elsif running = '1' then",
        f"                if w_address /= {count - 1} then",
        "                    w_address <= w_address + 1;",
        "                end if;",
        f"                if place /= {dense.inputs - 1} then",
        "                    place <= place + 1;",
        "                else",
        "                    place <= 0;",
        f"                    if unit /= {dense.units - 1} then",
        "                        unit <= unit + 1;",
        "                    else",
        "                        running <= '0';",
        "                    end if;",
        "                end if;",
        "            end if;",
        "",
        "            -- What is read: x, its weight, and the bias that a sum begins with.",
        "            reading <= running and not reset;",
        "            first_read <= place = 0;",
        "            last_read <= '0';",
        f"            if place = {dense.inputs - 1} then",
        "                last_read <= running and not reset;",
        "            end if;",
        "            unit_read <= unit;",
        "            weight <= weights(w_address);",
        "            bias <= biases(unit);",
        "",
        "            if reading = '1' then",
        f"                product := {_wide('x', in_format.signed, factor_bits)} * signed(weight);",
        "                if first_read then",
        f"                    next_sum := {begun};",
        "                else",
        f"                    next_sum := {before};",
        "                end if;",
        "                next_sum := next_sum + "
        f"{_shifted(f'resize(product, {total})', dense.product_shift)};",
        f"                sum <= {stored};",
        "            end if;",
        "            summed <= last_read and not reset;",
        "            unit_summed <= unit_read;",
        "",
        "            y_write <= summed and not reset;",
        "            y_unit <= unit_summed;",
        "            done <= '0';",
        "            if summed = '1' then",
        f"                y <= {result};",
        f"                if unit_summed = {dense.units - 1} then",
        "                    done <= not reset;",
        "                end if;",
        "            end if;",
        "        end if;",
        "    end process;",
        "end architecture rtl;",
    ]
    return "\n".join(lines) + "\n"


def _applied(stages: Iterable[ElementStage], value: str) -> str:
    """The expression of what stages make of a value."""
    for stage in stages:
        value = f"{stage.name}({value})"
    return value


def _stage_functions(stages: Iterable[ElementStage]) -> list[str]:
    """A function for each stage, from numbers of its input's width to such of its output's."""
    lines: list[str] = []
    for stage in stages:
        name, fmt = stage.name, stage.in_format
        bits = stage.address.bits if isinstance(stage, Table) else stage.bits
        if isinstance(stage, Table):
            lines.append(f"    -- {stage.function}, of a rounded argument.")
            lines += _memory(f"{name}_table", stage.values, stage.out_format.width)
            lines += _cast(f"{name}_address", stage.address, bits)
        else:
            lines += _cast(f"{name}_rounded", stage.cast, bits)
        lines += [
            f"    function {name}(a : std_logic_vector({fmt.width - 1} downto 0))"
            " return std_logic_vector is",
            f"        variable v : signed({bits - 1} downto 0);",
            "    begin",
            f"        v := {_wide('a', fmt.signed, bits)};",
        ]
        if isinstance(stage, Table):
            address = f"to_integer(unsigned({name}_address(v)))"
            lines.append(f"        return {name}_table({address});")
        else:
            lines += _line_choice(stage)
        lines += ["    end function;", ""]
    return lines


def _line_choice(stage: Lines) -> list[str]:
    lines, bits = [], stage.bits
    for index, (slope, offset) in enumerate(zip(stage.slopes, stage.offsets, strict=True)):
        returned = f"return {stage.name}_rounded({_line(slope, offset, bits)});"
        if index < len(stage.thresholds):
            condition = f"v < {_constant(stage.thresholds[index], bits)}"
            lines += [
                f"        if {condition} then",
                f"            {returned}",
                "        end if;",
            ]
        else:
            lines.append(f"        {returned}")
    return lines


def _line(slope: int, offset: int, bits: int) -> str:
    if slope == 0:
        return _constant(offset, bits)
    value = "v"
    if slope != 1:
        value = f"resize(v * {_constant(slope, signed_bits(slope) + 1)}, {bits})"
    return value if offset == 0 else f"{value} + {_constant(offset, bits)}"


def _cast(name: str, cast: Cast, bits: int) -> list[str]:
    """A function that rounds a signed number of so many bits into a format."""
    fmt, shift = cast.format, cast.shift
    lines = [
        f"    -- To {fmt}: {fmt.rounding.value}, {fmt.overflow.value}.",
        f"    function {name}(a : signed({bits - 1} downto 0)) return std_logic_vector is",
        f"        variable q : signed({bits - 1} downto 0);",
    ]
    if shift > 0:
        lines.append(f"        variable rest : unsigned({shift - 1} downto 0);")
    lines.append("    begin")
    if shift > 0:
        lines += [
            f"        q := shift_right(a, {shift});",
            f"        rest := unsigned(a({shift - 1} downto 0));",
        ]
        up = _rounds_up(fmt.rounding.value, f"unsigned'({_bits(1 << shift - 1, shift)})")
        if up:
            lines += [f"        if {up} then", "            q := q + 1;", "        end if;"]
    else:
        lines.append(f"        q := {_shifted('a', -shift)};")
    if cast.can_overflow and fmt.overflow != "wrap":
        low, high = cast.limits
        ends = (0, 0) if fmt.overflow == "saturate_zero" else (low, high)
        lines += [
            f"        if q < {_constant(low, bits)} then",
            f"            q := {_constant(ends[0], bits)};",
            f"        elsif q > {_constant(high, bits)} then",
            f"            q := {_constant(ends[1], bits)};",
            "        end if;",
        ]
    returned = f"        return std_logic_vector(q({fmt.width - 1} downto 0));"
    return [*lines, returned, "    end function;", ""]


def _rounds_up(mode: str, half: str) -> str:
    """The condition, by a, its floor q and the rest, under which the result is q + 1."""
    negative, some, odd = "a < 0", "rest /= 0", "q(0) = '1'"
    conditions = {
        "floor": "",
        "ceil": some,
        "toward_zero": f"{negative} and {some}",
        "away_from_zero": f"not ({negative}) and {some}",
        "odd": f"q(0) = '0' and {some}",
        "nearest_up": f"rest >= {half}",
        "nearest_down": f"rest > {half}",
    }
    if mode in conditions:
        return conditions[mode]
    tie = {
        "nearest_even": odd,
        "nearest_odd": "q(0) = '0'",
        "nearest_away": f"not ({negative})",
        "nearest_zero": negative,
    }[mode]
    return f"rest > {half} or (rest = {half} and {tie})"


def _test(network: Network, vectors: Vectors) -> str:
    name, count = network.name, len(vectors.inputs)
    in_bits, out_bits = network.in_format.width, network.out_format.width
    in_address, out_address = count_bits(network.inputs - 1), count_bits(network.outputs - 1)
    inputs = _memory("inputs", list(chain.from_iterable(vectors.inputs)), in_bits)
    outputs = _memory("expected", list(chain.from_iterable(vectors.outputs)), out_bits)
    classes: list[str] = []
    connected, check = "", []
    if network.classifies:
        classes = [
            *_memory("classes", vectors.classes, out_address),
            _signal("class_index", out_address),
        ]
        connected = ", class_index => class_index"
        check = [
            "            if class_index /= classes(sample) then",
            '                report "FAILED: sample " & integer\'image(sample) & ", its class"',
            "                    severity error;",
            "                failures := failures + 1;",
            "            end if;",
        ]
    lines = [
        "-- Compares the network with what fxtypes made of the same samples. Written by fxtypes.",
        _LIBRARIES,
        f"entity {name}_test is",
        f"end entity {name}_test;",
        "",
        f"architecture test of {name}_test is",
        *inputs,
        *outputs,
        *classes,
        "    signal clock, start, input_write, done : std_logic := '0';",
        "    signal reset : std_logic := '1';",
        "    signal finished : boolean := false;",
        _signal("input_address", in_address),
        _signal("input_value", in_bits),
        _signal("output_address", out_address),
        _signal("output_value", out_bits),
        "begin",
        f"    tested : entity work.{name} port map (",
        "        clock => clock, reset => reset, input_write => input_write,",
        "        input_address => input_address, input_value => input_value, start => start,",
        "        done => done, output_address => output_address, output_value => output_value"
        f"{connected});",
        "",
        "    process",
        "    begin",
        "        while not finished loop",
        "            wait for 5 ns;",
        "            clock <= not clock;",
        "        end loop;",
        "        wait;",
        "    end process;",
        "",
        "    process",
        "        variable failures, cycles : natural := 0;",
        "    begin",
        "        wait until falling_edge(clock);",
        "        wait until falling_edge(clock);",
        "        reset <= '0';",
        f"        for sample in 0 to {count - 1} loop",
        "            input_write <= '1';",
        f"            for i in 0 to {network.inputs - 1} loop",
        f"                input_address <= std_logic_vector(to_unsigned(i, {in_address}));",
        f"                input_value <= inputs(sample * {network.inputs} + i);",
        "                wait until falling_edge(clock);",
        "            end loop;",
        "            input_write <= '0';",
        "            start <= '1';",
        "            cycles := 0;",
        "            wait until falling_edge(clock);",
        "            start <= '0';",
        "            while done /= '1' loop",
        "                wait until falling_edge(clock);",
        "                cycles := cycles + 1;",
        "            end loop;",
        f"            for i in 0 to {network.outputs - 1} loop",
        f"                output_address <= std_logic_vector(to_unsigned(i, {out_address}));",
        "                wait until falling_edge(clock);",
        f"                if output_value /= expected(sample * {network.outputs} + i) then",
        '                    report "FAILED: sample " & integer\'image(sample) & ", output " &',
        "                        integer'image(i) severity error;",
        "                    failures := failures + 1;",
        "                end if;",
        "            end loop;",
        *check,
        "        end loop;",
        "        finished <= true;",
        "        assert failures = 0",
        '            report "FAILED: " & integer\'image(failures) & " differences"',
        "            severity failure;",
        f'        report "passed: {count} samples, no bit differs; " & integer\'image(cycles) &',
        '            " cycles each";',
        "        wait;",
        "    end process;",
        "end architecture test;",
    ]
    return "\n".join(lines) + "\n"
