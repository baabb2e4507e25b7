"""Contexts end as they began."""

import random
import signal
import threading

import pytest

import fxtypes as fx
from fxtypes.context import context
from fxtypes.signal_safe import LockGuard

Q = fx.Format(16, 8)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_leaves_nothing_in_force():
    class Interrupt(Exception):
        pass

    armed = False

    def interrupt(number, frame):
        if armed:  # another thread may have got the signal, and be late
            raise Interrupt

    a = fx.random.uniform((300, 100), fx.Format(32, 16), low=-1, high=1, seed=1)
    chosen, before = random.Random(1), signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(1000):
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, chosen.uniform(1e-5, 1e-3))
                for _ in range(20):  # an exception may get lost, in a collection of garbage say
                    with fx.record(), fx.seeded(1):
                        fx.sign(a)
            except Interrupt:
                pass
            finally:
                armed = False
                signal.setitimer(signal.ITIMER_REAL, 0)
            assert context.current.get() is context.DEFAULT
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_context_is_in_use_once():
    exact = fx.full_precision()
    with exact, pytest.raises(RuntimeError, match="in use"), exact:
        pass
    with exact:
        assert (fx.ones(1, Q) * 1).format != Q
    assert context.current.get() is context.DEFAULT

    @fx.seeded(3)
    def draw(depth):
        return fx.array([0.5] * 9, fx.Format(8, 0, rounding="stochastic")).tolist(), (
            draw(depth - 1) if depth else None
        )

    assert draw(1)[0] == draw(0)[0]


def test_a_lock_that_nobody_lets_go():
    lock = threading.Lock()
    with LockGuard(lock):
        assert lock.locked()
    assert not lock.locked()
    guard = LockGuard(lock)
    guard.__enter__()
    assert lock.locked()
    del guard
    assert not lock.locked()
