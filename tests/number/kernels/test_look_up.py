"""The loop that looks functions up: every width, storage and layout, and each kind of table."""

import math
import random

import numpy as np
import oracle
import pytest
from checks import LAYOUTS, SEED, fixed

import fxtypes as fx
from fxtypes.format import storage
from fxtypes.kernels import look_up

SIZES = (0, 1, 7, 8, 9, 254, 255, 256, 511, 512, 513, 3000)
RESULTS = (fx.Format(8, 3), fx.Format(13, 3, signed=False), fx.Format(32, 3), fx.Format(50, 9),
           fx.Format(128, 70), fx.Format(97, 2, signed=False))  # fmt: skip


def some(chosen, fmt, count):
    return [chosen.randint(fmt.raw_min, fmt.raw_max) for _ in range(count)]


def stored(raws, fmt):
    return storage.from_integers(np.array(raws, object), fmt)


def pattern(raw, fmt):
    return raw % (1 << fmt.width)


@pytest.mark.parametrize("result", RESULTS, ids=str)
@pytest.mark.parametrize("signed", [True, False])
def test_every_width(result, signed):
    chosen = random.Random(1)
    for width in (2, 3, 7, 8, 9, 12, 16):
        fmt = fx.Format(width, 3, signed)
        entries = some(chosen, result, 1 << width)
        step = look_up.TableStep("exp", fmt, result, stored(entries, result))
        for size in (0, 1, 8, 513, 1030):
            raws = some(chosen, fmt, size)
            expected = stored([entries[pattern(raw, fmt)] for raw in raws], result)
            for layout in LAYOUTS[:3]:
                x = fixed(raws, fmt, layout=layout)
                found = look_up.evaluate(step, x._storage)
                assert found.dtype == expected.dtype
                assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    """Of several axes, as they lie in memory; and without any."""
    chosen = random.Random(2)
    fmt, result = fx.Format(11, 3), fx.Format(24, 3)
    entries = some(chosen, result, 1 << 11)
    step = look_up.TableStep("exp", fmt, result, stored(entries, result))
    for shape in ((3, 4), (2, 300, 5), (1, 1), (0, 3), ()):
        raws = some(chosen, fmt, math.prod(shape))
        x = fixed(raws, fmt, shape, layout)
        found = look_up.evaluate(step, x._storage)
        assert found.shape == shape
        assert found.reshape(-1).tolist() == [entries[pattern(raw, fmt)] for raw in raws]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("result", [fx.Format(16, 3), fx.Format(5, 3, signed=False),
                                    fx.Format(16, 3, signed=False), fx.Format(32, 3, signed=False),
                                    fx.Format(47, 3, signed=False)], ids=str)  # fmt: skip
def test_events(size, result):
    """Counted where a recorder is in force only, and then all of them."""
    chosen = random.Random(size)
    fmt = fx.Format(9, 3)
    entries = some(chosen, result, 1 << 9)
    bits = {"overflow": look_up.OVERFLOWED, "underflow": look_up.UNDERFLOWED,
            "inexact": look_up.WAS_INEXACT}  # fmt: skip
    happens = [sum(bit for bit in bits.values() if chosen.random() < 0.5) for _ in entries]
    events = np.array(happens, np.uint16)
    step = look_up.TableStep("exp", fmt, result, stored(entries, result), events)
    raws = some(chosen, fmt, size)
    x = fixed(raws, fmt)._storage
    with fx.record() as recorded:
        found = look_up.evaluate(step, x)
    happened = [int(events[pattern(raw, fmt)]) for raw in raws]
    counts = {key: sum(e & bit != 0 for e in happened) for key, bit in bits.items()}
    assert recorded.by_operation == {"exp": counts | {"elements": size}}
    assert found.tobytes() == look_up.evaluate(step, x).tobytes()


@pytest.mark.parametrize("first", [0, 1, 254, 255, 700, 2999])
def test_the_first_overflow_is_shown(first):
    fmt = fx.Format(8, 0)
    result = fx.Format(16, 0, overflow="raise")
    events = np.zeros(256, np.uint16)
    events[200:] = look_up.OVERFLOWED
    step = look_up.TableStep("exp", fmt, result, np.zeros(256, np.int16), events,
                             value_beyond=lambda pattern: 10_000 + pattern)  # fmt: skip
    raws = [5] * 3000
    raws[first:] = [pattern - 256 for pattern in range(201, 256)] * 60
    x = fixed(raws[:3000], fmt, (3, 1000), "transposed")._storage
    index = first // 1000, first % 1000
    with pytest.raises(fx.FixedOverflowError) as info:
        look_up.evaluate(step, x)
    assert f"exp: {3000 - first} of 3000 element" in str(info.value)
    assert f"the first at index {index} is 10201" in str(info.value)
    assert (look_up.evaluate(step, x[:, :0]) == 0).all()


@pytest.mark.parametrize("result", [fx.Format(16, 3, rounding="stochastic"),
                                    fx.Format(16, 3, False, "stochastic"),
                                    fx.Format(5, 3, rounding="stochastic")], ids=str)  # fmt: skip
@pytest.mark.parametrize("layout", LAYOUTS)
def test_stochastic_rounding(result, layout):
    """Of fractions of 64 bits, where 16 bits of the draw don't decide as well."""
    chosen = random.Random(3)
    fmt, shape = fx.Format(12, 3), (3, 700)
    size = math.prod(shape)
    draws = [oracle.u(SEED, 0, index, 0) for index in range(size)]
    floors = some(chosen, result, 1 << 12)
    floors = [min(floor, result.raw_max - 1) for floor in floors]
    fractions = [chosen.getrandbits(64) for _ in floors]
    for i, u in enumerate(draws[:1000]):  # two each that are as close as can be
        near = u ^ chosen.getrandbits(chosen.choice([1, 20, 48, 50]))
        fractions[4 * i : 4 * i + 2] = (1 << 64) - 1 - near, (1 << 64) - (u or 1)
    fractions[4000:4008] = 0, 1, (1 << 64) - 1, 1 << 48, (1 << 48) - 1, 1 << 63, 0, 0
    entries = [(floor << 16 | fraction >> 48) & 0xFFFF_FFFF
               for floor, fraction in zip(floors, fractions, strict=True)]  # fmt: skip
    step = look_up.TableStep("exp", fmt, result, np.array(entries, np.uint32).view(np.int32),
                             fractions=np.array(fractions, np.uint64))  # fmt: skip
    patterns = [4 * i + i % 2 for i in range(1000)]
    patterns += [chosen.randrange(1 << 12) for _ in range(size - 1000 - 8)] + list(
        range(4000, 4008)
    )
    raws = [p - 4096 if p > fmt.raw_max else p for p in patterns]
    x = fixed(raws, fmt, shape, layout)._storage
    with fx.seeded(SEED):
        found = look_up.evaluate(step, x)
    pairs = list(zip(patterns, draws, strict=True))
    expected = [floors[p] + (fractions[p] + u >= 1 << 64) for p, u in pairs]
    assert found.reshape(-1).tolist() == expected
    assert sum((fractions[p] >> 48) + (u >> 48) == 0xFFFF for p, u in pairs) > 500


def test_what_is_no_table():
    fmt, result = fx.Format(8, 0), fx.Format(8, 0)
    entries = np.zeros(256, np.int8)
    for wrong in (entries[:255], np.zeros(512, np.int8)[::2], entries.astype(np.int16),
                  entries.reshape(16, 16)):  # fmt: skip
        with pytest.raises(ValueError, match="table"):
            look_up.TableStep("exp", fmt, result, wrong)
    with pytest.raises(ValueError, match="table"):
        look_up.TableStep("exp", fmt, result, entries, np.zeros(256, np.int16))
    with pytest.raises(ValueError, match="table"):
        look_up.TableStep("exp", fmt, result.replace(rounding="stochastic"), entries)
