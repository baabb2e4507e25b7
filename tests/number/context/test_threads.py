"""Our own threads: how many, and what one of them raises."""

import pytest

import fxtypes as fx
from fxtypes.context import threads


def test_an_exception_in_a_thread_comes_out():
    def fail():
        raise RuntimeError("from a thread")

    ended = []
    with pytest.raises(RuntimeError, match="from a thread"):
        threads.run([fail, lambda: None], lambda: ended.append(True))
    assert ended
    threads.run([lambda: None], lambda: ended.append(True))
    assert len(ended) == 1


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", None])
def test_a_bad_number_of_threads(n):
    with pytest.raises(ValueError, match="set_num_threads: n must be a number of threads"):
        fx.set_num_threads(n)


def test_the_variable_of_threads(monkeypatch):
    monkeypatch.setattr(threads, "_threads", None)
    monkeypatch.setenv("FXTYPES_NUM_THREADS", "3")
    assert fx.get_num_threads() == 3
    monkeypatch.setattr(threads, "_threads", None)
    monkeypatch.setenv("FXTYPES_NUM_THREADS", "many")
    with pytest.raises(ValueError, match=r"FXTYPES_NUM_THREADS must be .* got 'many'"):
        fx.get_num_threads()
