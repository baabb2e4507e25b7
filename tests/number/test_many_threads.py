"""Arrays shared by many threads: the same bits as from one, and nobody's context but one's own."""

import contextvars
import operator
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from checks import run_together

import fxtypes as fx

ROOT = Path(__file__).resolve().parents[2]
THREADS = 8
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def operations(a, b, other):
    """Names and functions of one array pair; each gives an array, a NumPy array or a text."""
    return {
        "add": lambda: a + b,
        "multiply": lambda: a * b,
        "divide": lambda: a / (abs(b) + 1),
        "compare": lambda: a < b,
        "with integers": lambda: a * 3 - 1,
        "cast": lambda: a.astype(other),
        "shift": lambda: a << 2,
        "sum": lambda: a.sum(axis=0),
        "mean": lambda: a.mean(),
        "max": lambda: a.max(axis=1),
        "matmul": lambda: a[:8] @ b.T[:, :8],
        "to float": lambda: a.to_numpy(),
        "from float": lambda: fx.array(a.to_numpy(), other),
        "slice": lambda: a[::3, 1:] + b[::3, 1:],
        "sigmoid": lambda: fx.sigmoid(a[0, :20]),
        "text": lambda: f"{a[:2, :3]} {a[0]:x}",
        "stochastic": lambda: stochastic(a, other),
        "counted": lambda: counted(a, b),
    }


def stochastic(a, other):
    with fx.seeded(5):
        return a.astype(other.replace(rounding="stochastic"))


def counted(a, b):
    with fx.record() as events:
        fx.multiply(a, b)
    return repr(events)


def bits(result):
    if isinstance(result, fx.FixedArray):
        return result.format, result.shape, result.words.tobytes()
    return result.tobytes() if isinstance(result, np.ndarray) else repr(result)


@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_the_same_arrays_read_from_eight_threads(width):
    fmt = fx.Format(width, width // 2)
    random = np.random.default_rng(1)
    # Large enough that the kernels run without the GIL.
    reach = 2 ** min(width // 2, 62)
    raws = random.integers(-reach, reach, (2, 64, 60))
    a, b = (fx.FixedArray.from_raw(raw, fmt) for raw in raws)
    calls = operations(a, b, fx.Format(width, width // 2 - 3, rounding="floor"))
    expected = {name: bits(call()) for name, call in calls.items()}

    def work(seed):
        names = list(calls) * 3
        np.random.default_rng(seed).shuffle(names)
        return [name for name in names if bits(calls[name]()) != expected[name]]

    assert run_together(work, range(THREADS)) == [[]] * THREADS


IN_PLACE = {
    "add": lambda a, b: operator.iadd(a, b),
    "subtract": lambda a, b: operator.isub(a, b),
    "multiply": lambda a, b: operator.imul(a, b),
    "divide": lambda a, b: operator.itruediv(a, abs(b) + 1),
    "floor_divide": lambda a, b: operator.ifloordiv(a, abs(b) + 1),
    "remainder": lambda a, b: operator.imod(a, abs(b) + 1),
    "power": lambda a, b: operator.ipow(a, 2),
    "left_shift": lambda a, b: operator.ilshift(a, 1),
    "right_shift": lambda a, b: operator.irshift(a, 3),
    "and": lambda a, b: operator.iand(a, b),
    "or": lambda a, b: operator.ior(a, b),
    "xor": lambda a, b: operator.ixor(a, b),
    "matmul": lambda a, b: operator.imatmul(a, b[: a.shape[1], : a.shape[1]]),
    "out=": lambda a, b: fx.sqrt(abs(a), out=a),
    "where=": lambda a, b: fx.negative(a, out=a, where=b > 0),
    "assignment": lambda a, b: a.__setitem__(slice(None), b),
    "mask": lambda a, b: a.__setitem__(b > 0, 1.5),
    "sort": lambda a, b: a.sort(axis=1),
    "fill": lambda a, b: a.fill(0.5),
}


@pytest.mark.parametrize("width", [16, 64, 128])
def test_parts_of_one_array_changed_in_place(width):
    """Each thread has rows of its own, of arrays that all of them read and change."""
    fmt = fx.Format(width, width // 2)
    random = np.random.default_rng(2)
    reach = 2 ** min(width - 1, 62)
    a, b = (
        fx.FixedArray.from_raw(random.integers(-reach, reach, (16 * THREADS, 40)), fmt)
        for _ in range(2)
    )
    for name, change in IN_PLACE.items():
        alone, shared = a.copy(), a.copy()
        other = [b if name == "matmul" else b[k::THREADS] for k in range(THREADS)]
        for k in range(THREADS):
            change(alone[k::THREADS], other[k])
        run_together(lambda k, c=change, o=other, s=shared: c(s[k::THREADS], o[k]), range(THREADS))
        assert bits(shared) == bits(alone), name


@pytest.mark.parametrize("width", [8, 32, 64, 100, 128])
def test_one_array_changed_and_read_by_all(width):
    """Who comes first is undefined, as with NumPy; what is there is one of their values."""
    fmt, turns = fx.Format(width, 0), 100 // THREADS
    a = fx.zeros((50, 40), fmt)
    row = fx.ones(40, fmt)

    def work(k):
        for _ in range(turns):
            a.__iadd__(row)
            assert 0 <= float(a.max()) <= turns * THREADS
            assert (a[k] - row).shape == (40,)

    run_together(work, range(THREADS))
    assert a.format is fmt
    assert 1 <= a.min().item() <= a.max().item() <= turns * THREADS


def test_formats_made_in_many_threads_are_one():
    for round_ in range(50):
        found = run_together(lambda n, r=round_: fx.Format(100 + r % 20, -200 - r), [0] * THREADS)
        assert all(fmt is found[0] for fmt in found)


def test_first_operations_of_a_format_in_many_threads():
    for frac_bits in range(-60, -30):
        fmt = fx.Format(24, frac_bits)
        a = fx.FixedArray.from_raw([[1, 2], [3, 4]], fmt)
        found = run_together(lambda _, a=a: bits(a + a - a), [0] * THREADS)
        assert found == [bits(a)] * THREADS


def test_the_process_stream_gives_each_step_once():
    fmt = fx.Format(64, 0)
    fx.seed(3)
    expected = {fx.random.uniform((), fmt, fmt.min, fmt.max).raw.item() for _ in range(400)}
    fx.seed(3)
    found = run_together(
        lambda _: [fx.random.uniform((), fmt, fmt.min, fmt.max).raw.item() for _ in range(50)],
        range(THREADS),
    )
    assert len(expected) == 400
    assert {raw for raws in found for raw in raws} == expected


def test_threads_do_not_inherit_the_context():
    a = fx.array([0.3, 100], fx.Format(8, 4))
    with fx.record() as events, fx.seeded(1):
        run_together(lambda _: a * a, range(THREADS))
    assert events.elements == 0


def test_a_recorder_that_threads_share_loses_no_count():
    """asyncio.to_thread and others run a thread in a copy of the context."""
    a = fx.array([0.3, 100], fx.Format(8, 4))
    with fx.record() as events:
        contexts = [contextvars.copy_context() for _ in range(THREADS)]
        run_together(lambda c: c.run(lambda: [a * a for _ in range(500)]), contexts)
    assert events.elements == 2 * 500 * THREADS
    assert events.overflow == 500 * THREADS


def test_every_compiled_module_declares_itself_safe_without_the_gil():
    modules = list((ROOT / "fxtypes").rglob("*.pyx"))
    assert {"array.pyx", "calls.pyx"} <= {module.name for module in modules}
    for module in modules:
        first = module.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# cython: freethreading_compatible=True", module


if FREE_THREADED:

    def test_importing_leaves_the_gil_off():
        assert not sys._is_gil_enabled()
