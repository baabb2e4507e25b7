"""Seeds: the published generator, what takes a step, who shares a stream."""

import asyncio
import contextlib
import re
import threading

import numpy as np
import oracle
import pytest
from checks import SEED, fixed, raw_list

import fxtypes as fx
from fxtypes.context import context

COARSE = fx.Format(8, 0, rounding="stochastic")

HALVES = np.full(64, 0.5)


def draw():
    """64 coin tosses from the stream in force."""
    return raw_list(fx.array(HALVES, COARSE))


def tosses(seed, step):
    return [oracle.u(seed, step, index) >> 63 for index in range(64)]


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


def test_a_block_that_is_never_entered_leaves_nothing_in_force():
    """As after an exception between `__enter__` and the block, where Python 3.14 may raise one."""
    manager = fx.seeded(1)
    end = manager.__exit__  # a with statement holds it, and nothing else
    manager.__enter__()
    assert context.current.get() is not context.DEFAULT
    del end
    assert context.current.get() is context.DEFAULT
    with fx.record() as events, manager:  # it isn't in use, and can be used again
        assert draw() == tosses(1, 0)
        assert callable(manager.__exit__)  # looked up by others too
        with pytest.raises(RuntimeError, match="in use"):
            manager.__enter__()
        assert context.current.get().recorder is events
    assert context.current.get() is context.DEFAULT


def test_contexts_without_a_with_statement():
    manager = fx.seeded(1)
    manager.__enter__()
    assert draw() == tosses(1, 0)
    manager.__exit__(None, None, None)
    with contextlib.ExitStack() as stack:
        stack.enter_context(manager)
        events = stack.enter_context(fx.record())
        assert draw() == tosses(1, 0)
    assert events.elements == 64
    assert context.current.get() is context.DEFAULT
    assert fx.seeded(2)(draw)() == tosses(2, 0)
