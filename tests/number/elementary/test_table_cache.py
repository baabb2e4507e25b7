"""The store of tables: bounded, and safe with many threads and forks."""

import os
import random
import threading
from types import SimpleNamespace

import pytest
from checks import run_together

import fxtypes as fx
from fxtypes.elementary import tables
from fxtypes.elementary.table_cache import TableCache


def of_bytes(n):
    return SimpleNamespace(nbytes=n)


def test_bytes_are_bounded():
    made = []

    def make(key, n):
        made.append(key)
        return of_bytes(n)

    cache = TableCache(make, 100)
    for key in "abc":
        assert cache.find((key, 40), 1, 1).nbytes == 40
    assert (len(cache), cache.nbytes) == (2, 80)
    cache.find(("b", 40), 1, 1)
    cache.find(("d", 40), 1, 1)  # c is now the one used longest ago
    cache.find(("b", 40), 1, 1)
    assert made == ["a", "b", "c", "d"]
    cache.find(("c", 40), 1, 1)
    assert made[4:] == ["c"]
    assert cache.find(("huge", 101), 1, 1).nbytes == 101  # handed out, not kept
    assert (len(cache), cache.nbytes) == (0, 0)


def test_entries_are_bounded():
    cache = TableCache(of_bytes, 100)
    for n in range(10_000):
        assert cache.find((n,), 1, 2) is None
    assert len(cache._entries) <= 4096
    assert cache.find((9_999,), 1, 2).nbytes == 9_999


def test_what_can_have_no_table_is_asked_once():
    asked = []
    cache = TableCache(asked.append, 100)
    for _ in range(3):
        assert cache.find(("a",), 1, 1) is None
    assert asked == ["a"]


def test_a_failure_is_tried_again():
    def make(key):
        if not failed:
            failed.append(key)
            raise MemoryError
        return of_bytes(7)

    failed = []
    cache = TableCache(make, 100)
    with pytest.raises(MemoryError):
        cache.find(("a",), 1, 1)
    assert cache.find(("a",), 1, 1).nbytes == 7
    assert cache.nbytes == 7


def test_a_table_is_made_by_one_thread():
    """Others go without it meanwhile."""
    entered, leave, made = threading.Event(), threading.Event(), []

    def make(key):
        made.append(key)
        entered.set()
        assert leave.wait(60)
        return of_bytes(1)

    cache = TableCache(make, 100)
    thread = threading.Thread(target=cache.find, args=(("a",), 1, 1))
    thread.start()
    assert entered.wait(60)
    assert cache.find(("a",), 1, 1) is None
    leave.set()
    thread.join()
    assert cache.find(("a",), 1, 1).nbytes == 1
    assert made == ["a"]


def test_many_threads():
    """The same and different tables at once, more than are kept."""
    cache = TableCache(lambda key: SimpleNamespace(nbytes=10, key=key), 55)

    def work(seed):
        chosen = random.Random(seed)
        for _ in range(400):
            key = chosen.randrange(12)
            found = cache.find((key,), 1, 1)
            assert found is None or found.key == key

    run_together(work, range(8))
    assert cache.nbytes == 10 * len(cache) <= 55


def test_functions_in_many_threads():
    """The same bits with a table that many want, before and while it is made."""
    formats = [fx.Format(12, 7, rounding="floor"), fx.Format(11, 5, rounding="ceil")]
    arrays = [fx.from_bits(range(1 << fmt.width), fmt) for fmt in formats]
    names = "exp", "sigmoid", "tanh", "sin", "arctan", "softplus"
    expected = {}
    for i, x in enumerate(arrays):
        with fx.record():
            for name in names:
                expected[name, i] = getattr(fx, name)(x).raw
    tables._kept.clear()

    def work(seed):
        chosen = random.Random(seed)
        for _ in range(60):
            name, i = chosen.choice(names), chosen.randrange(2)
            if chosen.random() < 0.5:
                found = getattr(fx, name)(arrays[i])
            else:
                found = fx.lookup(name, formats[i], formats[i])
            assert (found.raw == expected[name, i]).all()

    run_together(work, range(8))
    assert len(tables._kept) >= len(expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_has_a_free_lock():
    x = fx.array([0.5] * 300, fx.Format(8, 5))
    expected = fx.exp(x).raw.tolist()
    with tables._kept._lock:  # as if another thread held it
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = int(fx.exp(x).raw.tolist() != expected)
            finally:
                os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
