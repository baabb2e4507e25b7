"""Forked children: draws of their own unless a seed was set, and no lock that nobody will free."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading

import numpy as np
import pytest

import fxtypes as fx

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no os.fork"),
    # From Python 3.12, where there are threads, those of a BLAS among them.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
WIDE = fx.Format(64, 0)
COARSE = fx.Format(8, 0, rounding="stochastic")
PATIENCE = 30  # seconds until a child that waits for a lock is ended


@pytest.fixture(autouse=True)
def unseeded():
    """The process' stream is of the system's seed, before and after."""
    fx.seed(None)
    yield
    fx.seed(None)


def forked(work):
    """What ``work()`` gives in a forked child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE)
            with open(write, "wb") as pipe:
                pickle.dump(work(), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with open(read, "rb") as pipe:
        data = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, "the child waited in vain, or failed"
    return pickle.loads(data)


def draws(_=None):
    """Of all that draws."""
    return (
        *fx.random.uniform(4, WIDE, WIDE.min, WIDE.max).raw.tolist(),
        *fx.random.normal(4, WIDE, deviation=2**62).raw.tolist(),
        *fx.array([0.5] * 64, COARSE).raw.tolist(),
        *(fx.array([0.5] * 64, fx.Format(16, 1)) * 1).astype(COARSE).raw.tolist(),
    )


def test_children_draw_their_own():
    found = [forked(draws) for _ in range(3)]
    found += [draws(), *forked(lambda: (draws(), forked(draws)))]  # a grandchild, too
    for part in (slice(0, 4), slice(4, 8), slice(8, 72), slice(72, 136)):
        assert len({one[part] for one in found}) == len(found)


def test_children_of_a_seeded_process_go_on_with_its_stream():
    fx.seed(7)
    draws()
    found = [forked(draws), forked(draws), forked(lambda: forked(draws)), draws()]
    assert len(set(found)) == 1
    fx.seed(None)
    assert len({forked(draws), forked(draws), draws()}) == 3


def test_what_a_child_seeds_is_its_own():
    def work():
        fx.seed(7)
        return draws(), forked(draws)

    mine, theirs = forked(work)
    assert mine != theirs  # it goes on
    assert forked(work) == (mine, theirs)
    assert len({forked(draws), draws(), mine, theirs}) == 4
    fx.seed(7)
    assert draws() == mine


def test_streams_of_blocks_go_on():
    with fx.seeded(7):
        draws()
        inside = [forked(draws), forked(draws), draws()]
        after = [forked(outside), forked(outside), outside()]
    assert len(set(inside)) == 1
    assert len(set(after)) == 3  # the process' own stream is not the block's

    fx.seed(3)
    expected = draws()
    fx.seed(3)
    with fx.seeded(7):
        assert forked(outside) == expected


def outside():
    """Draws of the process' stream, which threads begin with."""
    found = []
    thread = threading.Thread(target=lambda: found.append(draws()))
    thread.start()
    thread.join()
    return found[0]


def test_multiprocessing():
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        found = pool.map(draws, range(12), chunksize=1)
    assert len(set(found)) == 12
    fx.seed(7)
    with context.Pool(1) as pool:
        again = pool.map(draws, range(2))
    assert again == [draws(), draws()]


def test_every_lock_is_free_in_a_child():
    """Whatever a thread of the parent held."""
    kinds = type(threading.Lock()), type(threading.RLock())
    locks = {
        id(value): value
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == "fxtypes"
        for value in vars(module).values()
        if isinstance(value, kinds)
    }
    assert len(locks) >= 3
    ready, done = threading.Event(), threading.Event()

    def hold():
        with contextlib.ExitStack() as stack:
            for lock in locks.values():
                stack.enter_context(lock)
            ready.set()
            done.wait()

    def work():
        fx.set_num_threads(2)
        made = fx.Format(77, 33)
        with fx.record() as events:
            a = fx.array(np.ones((200, 200)), fx.Format(16, 8)) / 3
        draws()
        return made.width, events.inexact, (a @ a).shape

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    try:
        assert forked(work) == (77, 40000, (200, 200))
    finally:
        done.set()
        holder.join()


def test_forks_amid_draws():
    """Of threads that draw from the same stream meanwhile."""
    end = threading.Event()

    def busy():
        while not end.is_set():
            fx.array(0.5, COARSE)

    threads = [threading.Thread(target=busy) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        found = {forked(draws) for _ in range(20)}
    finally:
        end.set()
        sys.setswitchinterval(interval)
        for thread in threads:
            thread.join()
    assert len(found) == 20
