"""The codes and bounds that Python and the kernels share."""

import itertools

import numpy as np
import pytest
from checks import fixed, raw_list

import fxtypes as fx
from fxtypes.format import storage
from fxtypes.kernels import calls, plan, plan_fused
from fxtypes.kernels.calls import Level, Limits, Operation, Storage

F = fx.Format


def test_storage_codes_are_the_order_of_the_dtypes():
    codes = {}
    for bits, signed in itertools.product((8, 16, 32, 64, 128), (True, False)):
        name = f"{'S' if signed else 'U'}{bits}"
        code = codes[name] = getattr(Storage, name)
        assert storage.code(F(bits, 0, signed)) == code
        dtype = storage.DTYPES[code]
        assert dtype.itemsize == bits // 8
        assert bits == 128 or dtype.kind == ("i" if signed else "u")
    assert sorted(codes.values()) == list(range(len(storage.DTYPES)))
    assert storage.DOUBLE == Storage.DOUBLE
    assert Storage.NONE not in {*codes.values(), Storage.DOUBLE}


def test_every_mode_has_a_code_of_its_own():
    """Of rounding: the constants tell; of overflow: the results do."""
    sums = set()
    for mode in fx.Overflow:
        if mode != "raise":
            fmt = F(8, 0, overflow=mode)
            a = fixed([-128, 127], fmt, (2,))
            sums.add(tuple(raw_list(a + a)))
    assert len(sums) == 4
    found = {}
    for mode in fx.Rounding:
        values = fixed([-7, -6, -5, -3, -2, -1, 1, 2, 3, 5, 6, 7], F(8, 2), (12,))
        with fx.seeded(1):
            found[mode] = tuple(raw_list(values.astype(F(8, 0, rounding=mode))))
    assert len(set(found.values())) == len(found)


def test_a_step_has_its_named_fields_only():
    step = plan.elementwise("add", (F(8, 0), F(8, 0)), F(8, 0))
    with pytest.raises(TypeError, match="a step has no fused"):
        step.replace(fused=1)
    with pytest.raises(ValueError, match="2 operands, 1 coefficients"):
        step.replace(coefficients=(1,))
    assert step.fused_storage == Storage.S8
    assert step.replace(level=Level.I128).level == Level.I128
    assert step.level == Level.I32


# --- the bounds of the fused loops: each at its bound against the general loop ------------------


def general(step):
    return step.replace(fused_storage=Storage.NONE)


def extremes(fmt, generator, count=300):
    """Raws of a format: its ends, small ones, and random ones of all magnitudes."""
    low, high = fmt.raw_min, fmt.raw_max
    found = [low, low + 1, -1, 0, 1, 2, 3, high - 1, high]
    for _ in range(count):
        bits = int(generator.integers(1, fmt.width + 1))
        raw = int.from_bytes(generator.bytes(16), "little") % (1 << bits)
        found.append(raw if generator.integers(2) or not fmt.signed else -raw)
    return [min(max(raw, low), high) for raw in found]


def storages(*columns):
    return tuple(fixed(raws, fmt, (len(raws),))._storage for raws, fmt in columns)


def check(step, operands):
    expected = calls.elementwise(general(step), operands)
    assert calls.elementwise(step, operands).tobytes() == expected.tobytes()


@pytest.mark.parametrize("rounding", ["nearest_even", "odd", "floor"])
@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128])
def test_quotients_at_the_largest_lift(bits, rounding):
    generator = np.random.default_rng(bits)
    x = F(bits, 0)
    lift = Limits.DIVIDE_LIFT[bits]
    result = F(bits, lift - 2, rounding=rounding)  # two guard bits
    step = plan.elementwise("divide", (x, x), result)
    one_more = plan.elementwise("divide", (x, x), F(bits, lift - 1, rounding=rounding))
    assert step.fused_storage == storage.code(x) or step.level > Limits.DIVIDE_LEVEL[bits]
    assert one_more.fused_storage == Storage.NONE
    raws = extremes(x, generator)
    pairs = [(p, q) for p in raws[:40] for q in raws if q]
    operands = storages(([p for p, _ in pairs], x), ([q for _, q in pairs], x))
    check(step, operands)


@pytest.mark.parametrize("rounding", ["nearest_even", "nearest_zero", "odd", "stochastic"])
@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128])
def test_conversions_at_the_largest_shift(bits, rounding):
    generator = np.random.default_rng(bits)
    x, most = F(bits, 0), Limits.CONVERT_SHIFT[bits]
    raws = extremes(x, generator)
    for shift in {most, most - 1, 1}:
        step = plan.elementwise("convert", (x,), F(bits, -shift, rounding=rounding))
        if rounding != "stochastic":
            check(step, storages((raws, x)))
        assert step.fused_storage == storage.code(x)
    beyond = plan.elementwise("convert", (x,), F(bits, -most - 1, rounding=rounding))
    assert beyond.fused_storage == Storage.NONE


@pytest.mark.parametrize("rounding", ["nearest_even", "nearest_down", "odd"])
@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128])
def test_products_at_the_largest_shift(bits, rounding):
    generator = np.random.default_rng(bits)
    x = F(bits, 0)
    raws = extremes(x, generator)
    pairs = [(p, q) for p in raws[:30] for q in raws]
    operands = storages(([p for p, _ in pairs], x), ([q for _, q in pairs], x))
    fused = set()
    for shift in range(1, Limits.MULTIPLY_SHIFT[bits] + 2):
        step = plan.elementwise("multiply", (x, x), F(bits, -shift, rounding=rounding))
        if step.fused_storage != Storage.NONE:
            fused.add(shift)
            if shift < 3 or shift % 31 < 3 or shift > Limits.MULTIPLY_SHIFT[bits] - 3:
                check(step, operands)
    # Up to 32 bits a product has so few bits that no larger shift is ever asked for.
    assert bits < 64 or max(fused) == Limits.MULTIPLY_SHIFT[bits]


def test_float64_where_raws_are_float64_times_a_power_of_two():
    values = np.array([2.0**-256, -3 * 2.0**-257, 1e-300, 5e-324, 2.0**-193, 1.0, -np.inf, np.inf])
    for exponent in (-1, 0, 256):
        step = plan.from_double(F(64, exponent, rounding="nearest_away"), False)
        assert (step.fused_storage == Storage.S64) == (exponent >= 0)
        check(step, (values * 2.0 ** min(256 - exponent, 256),))
    assert Limits.DOUBLE_EXPONENT > 256 + 66  # the most fraction bits, and guard bits


def test_a_stochastic_product_uses_half_a_draw_up_to_its_bits():
    x = F(32, 0)
    for shift in (Limits.HALF_DRAW, Limits.HALF_DRAW + 1):
        fmt = F(32, -shift, rounding="stochastic")
        step = plan.elementwise("multiply", (x, x), fmt)
        assert (step.fused_storage == Storage.S32) == (shift == Limits.HALF_DRAW)
    assert (
        plan_fused.fused_storage(
            Operation.MULTIPLY, (x, x), (0, 0), 33, Level.I64, F(32, 0, rounding="nearest_even")
        )
        == Storage.S32
    )
