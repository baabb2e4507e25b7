"""convolve and correlate."""

import itertools
import random

import numpy as np
import oracle
import pytest
from checks import check_accumulated, check_sums, fixed, raw_list, scaled, some_arrays, some_format

import fxtypes as fx
from fxtypes.products import convolution

MODES = ("full", "same", "valid")

Q = fx.Format(16, 8)

LENGTHS = [(1, 1), (1, 5), (5, 1), (3, 3), (2, 7), (7, 2), (4, 9), (9, 4), (6, 5), (5, 6), (20, 3)]


@pytest.mark.parametrize(("m", "n"), LENGTHS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("block", "columns"), [(1, 1), (16, 2), (40, 3), (1 << 17, 0)])
def test_convolve_and_correlate(monkeypatch, m, n, mode, block, columns):
    monkeypatch.setattr(convolution, "_BLOCK", block)
    if columns:
        monkeypatch.setattr(convolution, "_columns", lambda taps: columns)
        monkeypatch.setattr(convolution, "_FEW", columns)
    chosen = random.Random(f"{m} {n} {mode}")
    for width in (8, 16, 32, 64, 128):
        formats = [some_format(chosen, width), some_format(chosen, width)]
        fmt = some_format(chosen, chosen.choice([8, 16, 64]))
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], formats)
        exact = np.convolve(*integers, mode)
        assert exact.tolist() == oracle.convolve(*(x.tolist() for x in integers), mode)
        check_sums(lambda a=a, v=v, f=fmt: fx.convolve(a, v, mode, format=f),
              exact, formats, fmt, "convolve")  # fmt: skip
        exact = np.correlate(*integers, mode)
        check_sums(lambda a=a, v=v, f=fmt: fx.correlate(a, v, mode, format=f),
              exact, formats, fmt, "correlate")  # fmt: skip
    for rounding, overflow, width in itertools.product(
        ("stochastic", "floor"), ("saturate", "raise"), (16, 128)
    ):
        same = fx.Format(width, 8, rounding=rounding, overflow=overflow)
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], [same, same])
        for function, name in [(np.convolve, "convolve"), (np.correlate, "correlate")]:
            check_sums(lambda a=a, v=v, f=function: f(a, v, mode), function(*integers, mode),
                  [same] * 2, same, name)  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_long_convolutions(mode):
    """Blocks of the usual size, and their ends."""
    chosen = random.Random(mode)
    fmt = fx.Format(16, 4)
    for m, n in [(5000, 150), (150, 5000), (700, 700), (20000, 3), (3000, 40), (20, 9000)]:
        (a, v), integers = some_arrays(chosen, [(m,), (n,)], [fmt, fmt])
        plain = [x.astype(np.int64) for x in integers]  # sums below 2**47
        for function in (np.convolve, np.correlate):
            wide = fx.Format(64, 8)
            assert np.array_equal(
                getattr(fx, function.__name__)(a, v, mode, format=wide).raw, function(*plain, mode)
            )


def test_convolve_of_numbers():
    a = fixed([1, 2, 3], Q)
    assert raw_list(np.convolve(a, 2)) == [2, 4, 6]
    assert raw_list(fx.convolve([1, 2], a)) == [1, 4, 7, 6]
    assert raw_list(fx.correlate(a, [1, 2], "full")) == [2, 5, 8, 3]
    assert raw_list(fx.correlate([1, 2], a, "full")) == [3, 8, 5, 2]
    huge = 1 << 200
    wide = fx.Format(16, -195)
    assert raw_list(fx.convolve(fx.array([1, 2], fx.Format(8, 4)), [huge, 1], format=wide)) == [
        32, 64, 0]  # fmt: skip


@pytest.mark.parametrize(("m", "n"), LENGTHS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("block", [4, 1 << 18])
def test_convolutions_with_an_accumulator(monkeypatch, m, n, mode, block):
    """So many steps as the shorter operand is long, upward; zeros beyond the longer one."""
    monkeypatch.setattr(convolution, "_BLOCK", block)
    chosen = random.Random(f"{m} {n} {mode}")
    own = fx.Format(8, 4)
    fmt = fx.Format(8, 3, rounding="stochastic")
    shorter, longer = min(m, n), max(m, n)
    before = {"full": shorter - 1, "same": shorter // 2, "valid": 0}[mode]
    count = {"full": m + n - 1, "same": longer, "valid": longer - shorter + 1}[mode]
    for rounding, overflow in [("floor", "saturate"), ("stochastic", "wrap"), ("ceil", "raise")]:
        accumulator = fx.Format(9, 3, True, rounding, overflow)
        reach = 127 if overflow != "raise" else 20
        raws = [[chosen.randint(-reach, reach) for _ in range(k)] for k in (m, n)]
        a, v = (fixed(r, own) for r in raws)
        x, y = raws

        def at(values, i):
            return values[i] if 0 <= i < len(values) else 0

        lines = []
        for i in range(count):
            start = i - before  # of the window in the longer operand
            if m >= n:
                lines.append([at(x, start + t) * y[n - 1 - t] for t in range(n)])
            else:
                lines.append([x[t] * at(y, start + m - 1 - t) for t in range(m)])
        check_accumulated(
            lambda a=a, v=v, c=accumulator: fx.convolve(a, v, mode, format=fmt, accumulator=c),
            scaled((lines, (count,)), [own] * 2), fmt, accumulator, "convolve",
        )  # fmt: skip
        lines = []
        for i in range(count):
            if m >= n:
                lines.append([at(x, i - before + t) * y[t] for t in range(n)])
            else:
                start = count - 1 - i - before
                lines.append([x[t] * at(y, start + t) for t in range(m)])
        check_accumulated(
            lambda a=a, v=v, c=accumulator: fx.correlate(a, v, mode, format=fmt, accumulator=c),
            scaled((lines, (count,)), [own] * 2), fmt, accumulator, "correlate",
        )  # fmt: skip
