"""Functions of narrow formats by their tables: the oracle's bits and counts, whatever the table."""

import itertools
import random

import numpy as np
import pytest
from checks import SEED
from elementary_checks import Case
from elementary_oracle import GUARD, UNARY, expected

import fxtypes as fx
from fxtypes.context import random_stream
from fxtypes.elementary import tables
from fxtypes.kernels import calls

NARROW = [fx.Format(2, 0), fx.Format(3, 1, signed=False), fx.Format(7, 4), fx.Format(8, 3),
          fx.Format(9, 6, signed=False), fx.Format(10, -2)]  # fmt: skip


def make(name, fmt, result, counted):
    """Let a table be made, if there can be one."""
    size = 1 << fmt.width
    return tables._kept.find((name, fmt, result, counted), size, size) is not None


def check(case, result):
    """Beside no recorder and one; returns whether there were tables."""
    (fmt,) = case.formats
    if result.rounding == "stochastic":  # the tables of these count nothing
        found = make(case.name, fmt, result, False)
        case.check(result, counted=False)
        return found
    found = make(case.name, fmt, result, False), make(case.name, fmt, result, True)
    case.check(result)
    return all(found)


@pytest.mark.parametrize("name", UNARY)
def test_every_mode(name):
    """Of every argument, into formats in which much overflows and in which little does."""
    chosen, made = random.Random(name), 0
    pairs = list(itertools.product(fx.Rounding, fx.Overflow))
    for fmt in NARROW:
        chosen.shuffle(pairs)
        every = range(fmt.raw_min, fmt.raw_max + 1)
        for frac_bits, few in ((3, pairs[:10]), (12, pairs[10:20])):
            case = Case(name, [(every, fmt)], frac_bits)
            for rounding, overflow in few:
                width = chosen.choice([5, 8, 13, 16])
                signed = chosen.random() < 0.8
                result = fx.Format(width, frac_bits, signed, rounding, overflow)
                made += check(case, result)
    assert made > (0 if name == "reciprocal" else 35)  # 1 / 0 has no counts in a table


@pytest.mark.parametrize("name", UNARY)
def test_wide_results(name):
    """Of one to sixteen bytes."""
    fmt = fx.Format(8, 4)
    for width in (20, 32, 58, 59, 64, 100, 128):
        frac_bits = width - 8
        case = Case(name, [(range(-128, 128), fmt)], frac_bits)
        for rounding in ("nearest_even", "floor"):
            result = fx.Format(width, frac_bits, rounding=rounding)
            check(case, result)
            assert make(name, fmt, result, False)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sigmoid", "tan", "cbrt"])
def test_16_bits(name):
    fmt = fx.Format(16, 8)
    chosen = random.Random(name)
    case = Case(name, [(sorted(chosen.sample(range(-32768, 32768), 3000)), fmt)], 8)
    for rounding in ("nearest_even", "stochastic"):
        assert check(case, fmt.replace(rounding=rounding))


@pytest.mark.parametrize("name", ["exp", "sin", "log"])
def test_stochastic_rounding_of_many(name):
    """Some hundred thousand elements: those too that 16 bits of a draw leave open."""
    fmt = fx.Format(16, 10, rounding="stochastic")
    some = random.Random(1).sample(range(1, 2048), 1000)
    odd = np.array([expected(name, raw, 10, 10 + GUARD) for raw in some], object)
    floors, lost = odd >> GUARD, (odd >> GUARD - 64) % 2**64
    places = np.random.default_rng(1).integers(0, len(some), 400_000)
    x = fx.FixedArray.from_raw(np.array(some)[places], fmt)
    with fx.seeded(SEED):
        found = getattr(fx, name)(x)
    with fx.seeded(SEED):
        draws = calls.draws(random_stream.next_step(), 0, x.size)
    lost = lost.astype(np.uint64)[places]
    assert (found.raw == floors.astype(int)[places] + (lost + draws < lost)).all()
    assert ((lost >> np.uint64(48)) + (draws >> np.uint64(48)) == 0xFFFF).any()


@pytest.mark.parametrize("overflow", ["wrap", "raise"])
def test_arguments_without_results(overflow):
    """Where an argument of the format raises there is no table; a call without it works."""
    fmt = fx.Format(12, 0)
    result = fx.Format(32, 4, overflow=overflow)
    assert not make("exp", fmt, result, False)
    x = fx.array([1, 2] * 4096, fmt)
    assert fx.exp(x, format=result).raw[:2].tolist() == [43, 118]
    with pytest.raises(fx.FixedOverflowError, match="inf"):
        fx.exp(fx.array([1, 800] * 4096, fmt), format=result)
    with pytest.raises(ZeroDivisionError):
        fx.reciprocal(fx.array([1, 0] * 4096, fmt), format=result)


def test_the_caller_pays_nothing():
    """A table that is made inside a call takes no step of its stream and counts nothing."""
    fmt = fx.Format(13, 9)
    x = fx.array(np.linspace(-7, 7, 10_000), fmt)
    with fx.seeded(5), fx.record() as recorded:
        fx.silu(x[:9000])
        assert len(recorded.by_operation) == 1
        assert recorded.elements == 9000
        _, _, step = random_stream.next_step()
        assert step == 0
    with fx.seeded(5):
        fx.silu(x, format=fmt.replace(rounding="stochastic"))
        _, _, step = random_stream.next_step()
        assert step == 1


def test_a_table_pays():
    """After as many elements as it has, and not before."""
    fmt = fx.Format(8, 1)
    result = fx.Format(29, 11)
    x = fx.array([0.5] * 100, fmt)
    key = "exp", fmt, result, False

    def kept():
        return tables._kept._entries[key].table is not None

    for is_there in (False, False, True, True):
        assert fx.exp(x, format=result).raw[0] == 3377
        assert kept() == is_there
