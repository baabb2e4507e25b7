"""Seeds and recorders: what they change, how they nest, who sees them."""

import asyncio
import re
import threading

import numpy as np
import oracle
import pytest
import strategies
from checks import SEED, fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

COARSE = fx.Format(8, 0, rounding="stochastic")
HALVES = np.full(64, 0.5)


def draw():
    """64 coin tosses from the stream in force."""
    return raw_list(fx.array(HALVES, COARSE))


def tosses(seed, step):
    return [oracle.u(seed, step, index) >> 63 for index in range(64)]


# --- seeds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1, 2**64, 2**127 + 12345, 2**128 - 1, np.int64(7)])
def test_the_published_generator(seed):
    assert fx.seed(seed) is None
    assert [draw() for _ in range(3)] == [tosses(int(seed), step) for step in range(3)]
    with fx.seeded(seed):
        assert [draw() for _ in range(3)] == [tosses(int(seed), step) for step in range(3)]


def test_seeded_leaves_the_outer_stream_as_it_was():
    fx.seed(1)
    assert draw() == tosses(1, 0)
    with fx.seeded(2):
        assert draw() == tosses(2, 0)
        with fx.seeded(3):
            assert draw() == tosses(3, 0)
        assert draw() == tosses(2, 1)
        fx.seed(4)  # the process' stream, not this one
        assert draw() == tosses(2, 2)
    assert draw() == tosses(4, 0)


def test_seeded_ends_with_an_exception():
    fx.seed(1)
    with pytest.raises(ZeroDivisionError), fx.seeded(2):
        fx.zeros((), format=COARSE) / 0
    assert draw() == tosses(1, 0)


def test_what_takes_a_step():
    """Each operation that makes elements in a stochastic format, exact or not; moving none."""
    x = fixed([1, 2, 3, 4], COARSE)
    exact = fx.Format(8, 2)
    y = fixed([1, 2, 3, 4], exact)
    steps = {
        "add": lambda: x + x,
        "in place": lambda: x.copy().__iadd__(x),
        "negative": lambda: -x,
        "absolute": lambda: abs(x),
        "shift": lambda: x << 1,
        "astype": lambda: x.astype(COARSE),
        "into": lambda: y.astype(COARSE),
        "array": lambda: fx.array([1, 2], COARSE),
        "sum": lambda: x.sum(),
        "matmul": lambda: x @ x,
        "accumulator": lambda: fx.matmul(x, x, accumulator=COARSE),
        "nothing": lambda: fx.add(x[:0], x[:0]),
        "integer operand": lambda: x + 1,
        "assignment": lambda: x.copy().__setitem__(0, 0.5),
    }
    for name, function in steps.items():
        with fx.seeded(9):
            function()
            assert draw() == tosses(9, 1), name
    no_steps = {
        "deterministic": lambda: y + y,
        "out of it": lambda: x.astype(exact),
        "slice": lambda: x[1:],
        "gather": lambda: x[[2, 0]],
        "reshape": lambda: x.reshape(2, 2).T,
        "copy": lambda: x.copy(),
        "concatenate": lambda: fx.concatenate([x, x]),
        "where": lambda: fx.where(np.array([True, False, True, False]), x, x),
        "comparison": lambda: x < x,
        "argmax": lambda: x.argmax(),
        "to_numpy": lambda: (x.to_numpy(), x.raw, x.to_bits(), repr(x)),
        "view_as": lambda: x.view_as(COARSE.replace(frac_bits=3)),
    }
    for name, function in no_steps.items():
        with fx.seeded(9):
            function()
            assert draw() == tosses(9, 0), name


@pytest.mark.parametrize("width", [8, 16, 32, 64, 128])
def test_the_draw_depends_on_the_index_alone(width):
    """Layout, blocking and width leave the draws as they are."""
    fmt = fx.Format(width, 0, rounding="stochastic")
    halves = fixed([1] * 12, fx.Format(width, 1), (3, 4))
    expected = tosses(SEED, 0)[:12]
    for source in (halves, halves.T.copy().T, fx.concatenate([halves, halves])[::2]):
        source = source.reshape(3, 4)
        with fx.seeded(SEED):
            assert raw_list(source.astype(fmt)) == expected
    with fx.seeded(SEED):
        long = fixed([1] * 5001, fx.Format(width, 1)).astype(fmt)
    assert raw_list(long)[-3:] == [oracle.u(SEED, 0, i) >> 63 for i in range(4998, 5001)]


def test_without_a_seed_streams_differ():
    with fx.seeded(1):
        inside = draw()
    script = [draw(), draw()]
    assert script[0] != script[1]
    assert inside == tosses(1, 0)


def test_threads_do_not_inherit():
    seen = {}

    def work():
        seen["draw"] = draw()

    fx.seed(11)
    with fx.seeded(12), fx.record() as events:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert draw() == tosses(12, 0)
    assert seen["draw"] == tosses(11, 0)  # the process' stream
    assert events.elements == 64
    assert draw() == tosses(11, 1)


def test_tasks_have_their_own():
    async def task(seed):
        with fx.seeded(seed), fx.record() as events:
            results = []
            for _ in range(3):
                results.append(draw())
                await asyncio.sleep(0)
            return results, events.elements

    async def main():
        return await asyncio.gather(task(1), task(2))

    for seed, (results, elements) in zip((1, 2), asyncio.run(main()), strict=True):
        assert results == [tosses(seed, step) for step in range(3)]
        assert elements == 192


def test_threads_share_the_process_stream():
    fx.seed(21)
    results, lock = [], threading.Lock()

    def work():
        for _ in range(20):
            drawn = draw()
            with lock:
                results.append(tuple(drawn))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted(tuple(tosses(21, step)) for step in range(80))


@pytest.mark.parametrize("seed", [-1, 2**128])
def test_seeds_out_of_range(seed):
    for function in (fx.seed, lambda n: fx.seeded(n).__enter__()):
        with pytest.raises(ValueError, match=str(seed)):
            function(seed)


@pytest.mark.parametrize("seed", [1.0, "1", [1]])
def test_seeds_that_are_no_integers(seed):
    for function in (fx.seed, lambda n: fx.seeded(n).__enter__()):
        with pytest.raises(TypeError, match=re.escape(repr(seed))):
            function(seed)
    with pytest.raises(TypeError, match="None"):
        fx.seeded(None)


def test_a_seed_from_the_system():
    """None ends what an earlier seed began; inside of `seeded` too, which goes on."""
    found = []
    for _ in range(3):
        fx.seed(5)
        assert fx.seed(None) is None
        found.append(draw())
    assert tosses(5, 0) not in found
    assert len(set(map(tuple, found))) == 3
    with fx.seeded(5):
        fx.seed(None)
        assert draw() == tosses(5, 0)


# --- events ---------------------------------------------------------------------------------

KEYS = ("overflow", "underflow", "inexact", "elements")


def counts(events):
    return {key: getattr(events, key) for key in KEYS}


@given(st.data(), strategies.formats(overflow=strategies.non_raising_overflows))
def test_counts(data, fmt):
    """Several operations in one block, each counted under its name and in all."""
    source = data.draw(strategies.formats(frac_bits=st.just(fmt.frac_bits)))
    raws = data.draw(strategies.raw_lists(source, (5,)))
    x = fixed(raws, source)
    values = [oracle.value(raw, source) for raw in raws]
    expected = {}

    def expect(name, exacts, step):
        tally = expected.setdefault(name, dict.fromkeys(KEYS, 0))
        for index, exact in enumerate(exacts):
            u = oracle.u(SEED, step, index) if fmt.rounding == "stochastic" else None
            for key, count in oracle.events(exact, fmt, u).items():
                tally[key] += count
            tally["elements"] += 1

    with fx.seeded(SEED), fx.record() as events:
        fx.multiply(x, x, format=fmt)
        expect("multiply", [v * v for v in values], 0)
        fx.add(x, x, format=fmt)
        expect("add", [v + v for v in values], 1)
        fx.subtract(x, x[::-1], format=fmt)
        expect("subtract", [a - b for a, b in zip(values, values[::-1], strict=True)], 2)
        fx.multiply(x, 3, format=fmt)
        expect("multiply", [v * 3 for v in values], 3)
        fx.mean(x, format=fmt)
        expect("mean", [sum(values) / 5], 4)
        fx.matmul(x, x, format=fmt)
        expect("matmul", [sum(v * v for v in values)], 5)
    assert events.by_operation == expected
    assert counts(events) == {key: sum(tally[key] for tally in expected.values()) for key in KEYS}


def test_conversions_count_as_convert():
    fmt = fx.Format(8, 2)
    with fx.record() as events:
        x = fx.array([0.1, 100, 1, 0.125], fmt)
    assert events.by_operation == {
        "convert": {"overflow": 1, "underflow": 2, "inexact": 2, "elements": 4}
    }
    with fx.record() as events:
        x.astype(fx.Format(8, 0))
        fx.array(x, fx.Format(8, 0))
        fx.zeros(4, format=fmt)[:] = x
    assert set(events.by_operation) == {"convert"}
    with fx.record() as events:
        x + 0.3
    assert events.by_operation == {
        "convert": {"overflow": 0, "underflow": 0, "inexact": 1, "elements": 1},
        "add": {"overflow": 1, "underflow": 0, "inexact": 0, "elements": 4},
    }


def test_names_are_those_of_the_functions():
    fmt = fx.Format(8, 2)
    x = fixed([1, 2, 3], fmt)
    mask = np.array([True, False, True])
    other = fixed([1, 2, 3], fx.Format(9, 3))
    operations = {
        "add": lambda: x + x,
        "subtract": lambda: 1 - x,
        "multiply": lambda: x * 2,
        "divide": lambda: x / x,
        "negative": lambda: -x,
        "absolute": lambda: abs(x),
        "left_shift": lambda: x << 1,
        "right_shift": lambda: x >> 1,
        "minimum": lambda: fx.minimum(x, 1),
        "maximum": lambda: fx.maximum(x, x),
        "clip": lambda: x.clip(0, 1),
        "sum": lambda: x.sum(),
        "mean": lambda: x.mean(),
        "min": lambda: x.min(),
        "max": lambda: x.max(),
        "matmul": lambda: x @ x,
    }
    for name, function in operations.items():
        with fx.record() as events:
            function()
        assert set(events.by_operation) == {name}, name
        assert callable(getattr(fx, name))
        elements = {"sum": 1, "mean": 1, "min": 1, "max": 1, "matmul": 1}
        assert events.elements == elements.get(name, 3), name
    with fx.record() as events:
        fx.where(mask, x, other)
    assert events.elements == 3
    with fx.record() as events:
        fx.concatenate([x, other])
    assert events.elements == 6
    with fx.record() as events:
        y = x.copy()
        y += x
        y <<= 1
    assert set(events.by_operation) == {"add", "left_shift"}


def test_what_counts_nothing():
    x = fixed([1, 2, 3], fx.Format(8, 2))
    with fx.record() as events:
        x[1:], x[[0, 1]], x.copy(), x.T, x.reshape(3, 1), x < x, x.argmax(), repr(x), x.tolist()
        x.view_as(fx.Format(8, 3)), x.to_numpy(), list(x)
    assert counts(events) == dict.fromkeys(KEYS, 0)
    assert events.by_operation == {}


def test_recorders_nest():
    x = fx.array([100, 1], fx.Format(8, 0))
    with fx.record() as outer:
        x + x
        with fx.record() as inner:
            x + x
            x * 0
        x - x
    x + x  # after the block
    assert inner.elements == 4
    assert outer.elements == 8
    assert inner.overflow == 1
    assert outer.overflow == 2
    assert set(inner.by_operation) == {"add", "multiply"}
    assert set(outer.by_operation) == {"add", "multiply", "subtract"}
    assert "overflow=2" in repr(outer)


def test_recorded_overflow_under_raise():
    x = fx.array([100, 1], fx.Format(8, 0, overflow="raise"))
    with fx.record() as events, pytest.raises(fx.FixedOverflowError):
        x + x
    assert events.overflow == 1
    x + 1
    assert events.overflow == 1


def test_overflow_then_inexact():
    """Overflow and rounding count apart."""
    fmt = fx.Format(4, 0)
    with fx.record() as events:
        fx.array([100, 100.5, 0.25, -0.25, 1, 0], fmt)
    assert counts(events) == {"overflow": 2, "underflow": 2, "inexact": 3, "elements": 6}


def test_recording_changes_no_result():
    x = fixed(list(range(-128, 128)), fx.Format(8, 4, overflow="wrap"))
    plain = raw_list(x * x)
    with fx.record():
        assert raw_list(x * x) == plain
