"""Ctrl-C: a long operation ends within a second and leaves what it was to change untouched."""

import contextlib
import decimal
import itertools
import os
import random
import signal
import subprocess
import sys

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx
from fxtypes.context import context, events, random_stream, threads
from fxtypes.format import format
from fxtypes.kernels import calls, products
from fxtypes.operations import sums_and_extremes
from fxtypes.products import matrix_product

# -- pieces give what the whole gives ------------------------------------------------------


@pytest.fixture
def pieces(monkeypatch):
    """Work is cut into pieces of so many elements as the test says."""

    def cut(elements):
        calls.cut(elements)
        products.cut(elements)
        monkeypatch.setattr(
            matrix_product, "BLOCK_ROWS", max(elements // 8, 1) if elements else 512
        )
        monkeypatch.setattr(
            matrix_product, "BLOCK_COLUMNS", 8 if elements else calls.Limits.BLOCK_COLUMNS
        )

    yield cut
    calls.cut(0)
    products.cut(0)


def layouts(fmt):
    """Arrays of one shape that lie in memory in different ways, of 3,000 elements and more."""
    x = fx.random.uniform((30, 5, 24), fmt, low=-100, high=100, seed=3)
    yield x
    yield x.transpose(2, 0, 1).copy().transpose(1, 2, 0)
    yield x[::-1, :, ::-1]
    yield fx.broadcast_to(x[:, :1], x.shape)
    yield fx.random.uniform((30, 9, 48), fmt, low=-100, high=100, seed=4)[:, ::2, ::2]


COARSE = {
    "saturate": fx.Format(8, 2),
    "raise": fx.Format(8, 2, overflow="raise"),
    "stochastic": fx.Format(9, 1, rounding="stochastic"),
    "wide": fx.Format(128, 1),
}
OPERATIONS = {
    "add": lambda x, y, fmt: fx.add(x, y, format=fmt),
    "divide": lambda x, y, fmt: fx.divide(x, y + 300, format=fmt),
    "convert": lambda x, y, fmt: x.astype(fmt),
    "compare": lambda x, y, fmt: x < y,
    "from float": lambda x, y, fmt: fx.array(y.to_numpy(), fmt),
    "rows": lambda x, y, fmt: fx.subtract(x, y[0, 0], format=fmt),
    "sum": lambda x, y, fmt: fx.sum(x * 0.03125, 0, format=fmt),
    "sum of two axes": lambda x, y, fmt: fx.sum(x * 0.03125, (0, 2), format=fmt),
    "max": lambda x, y, fmt: fx.max(x, 2, format=fmt),
    "mean": lambda x, y, fmt: fx.mean(x, 1, format=fmt),
    "float": lambda x, y, fmt: x.to_numpy(),
    "cumsum": lambda x, y, fmt: fx.cumsum(x * 0.03125, 1, format=fmt),
    "cumsum of all": lambda x, y, fmt: fx.cumsum(x * 0.03125, format=fmt),
    "prod": lambda x, y, fmt: fx.prod(x[:, :2, :5] * 0.25, (1, 2), format=fmt),
    "cumprod": lambda x, y, fmt: fx.cumprod(x * 0.25, 2, format=fmt),
    "matmul": lambda x, y, fmt: fx.matmul(x.reshape(150, 24), y[0].T, format=fmt),
    "accumulator": lambda x, y, fmt: fx.matmul(x, y[0].T * 0.0625, fmt, fmt),
}


def outcome(call):
    """What an operation gives, counts, and says."""
    with fx.seeded(5), fx.record() as events:
        try:
            found = call()
        except fx.FixedOverflowError as error:
            return str(error), events.by_operation
    content = raw_list(found) if isinstance(found, fx.FixedArray) else found.tolist()
    return found.shape, content, events.by_operation


@pytest.mark.parametrize("width", [16, 128])
@pytest.mark.parametrize("target", COARSE)
@pytest.mark.parametrize("name", OPERATIONS)
def test_pieces_make_no_difference(pieces, width, target, name):
    arrays = list(layouts(fx.Format(width, 6)))
    for x, y in itertools.product(arrays, arrays[1:2]):

        def call(x=x, y=y):
            return OPERATIONS[name](x, y, COARSE[target])

        pieces(0)
        expected = outcome(call)
        for size in (7, 500):
            pieces(size)
            assert outcome(call) == expected
            if target not in ("raise", "stochastic"):  # without counting, another way
                found = call()
                own = raw_list(found) if isinstance(found, fx.FixedArray) else found.tolist()
                assert own == expected[1]


@pytest.mark.parametrize("fmt", [fx.Format(16, 8), fx.Format(64, 8), fx.Format(120, 8),
                                 fx.Format(128, 0, signed=False)], ids=str)  # fmt: skip
@pytest.mark.parametrize("mode", ["saturate", "raise"])
@pytest.mark.parametrize("rounding", ["floor", "stochastic"])
def test_reductions_in_parts_make_no_difference(monkeypatch, fmt, mode, rounding):
    x = fx.random.uniform((10, 7, 11), fmt, low=0, high=1 << 100, seed=1)
    results = (fx.Format(12, -3, rounding=rounding, overflow=mode), fx.Format(128, 20))
    calls = [
        lambda axis=axis, name=name, result=result: getattr(fx, name)(x, axis, format=result)
        for axis in (None, 0, (0, 2), 1)
        for name in ("sum", "mean", "min", "max", "var", "std")
        for result in results
    ]
    expected = [outcome(call) for call in calls]
    for size in (3, 50):
        monkeypatch.setattr(sums_and_extremes, "_LONGEST", size)
        sums_and_extremes._plan_at_once.cache_clear()  # it asked for the usual size
        assert [outcome(call) for call in calls] == expected
    sums_and_extremes._plan_at_once.cache_clear()


# -- a signal ------------------------------------------------------------------------------

# Measured in the processor's time: on a busy machine a second's work takes many.
PRELUDE = """
import os, signal, threading, time
from fractions import Fraction
import numpy as np
import fxtypes as fx
import fxtypes.elementary  # which takes a good part of the time before the signal

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

def check(label, compute, *targets):
    before, sent = [t.copy() for t in targets], []

    def send():
        sent.append(time.process_time())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.1, send)
    timer.start()
    try:
        compute()
        left = None
        timer.cancel()
        time.sleep(0.5 if sent else 0)
    except KeyboardInterrupt:
        left = time.process_time() - sent[0]
    except Exception as error:
        timer.cancel()
        return print(label, repr(error))
    same = all((a.words == b.words).all() for a, b in zip(before, targets))
    print(label, "finished" if left is None else "left" if left < 1 else f"after {left} s",
          "untouched" if same else "changed", sep=": ")

w, f = fx.Format(128, 64), fx.Format(16, 8)
WIDE_STOCHASTIC = fx.Format(128, 32, rounding="stochastic")
wide = fx.random.uniform(1 << 16, w, low=1, high=1 << 40, seed=1)
many = fx.broadcast_to(wide, (1 << 9, 1 << 16))      # 32 million elements
one_line = fx.broadcast_to(wide[0], 1 << 26)
sixteen_lines = fx.broadcast_to(wide[:16], (1 << 22, 16))
endless = fx.broadcast_to(many, (1 << 10, 1 << 9, 1 << 16))
long = endless[:8]                                   # 268 million elements
near_one = fx.broadcast_to(wide / (1 << 40), (1 << 12, 1 << 16))
square = wide.reshape(256, 256)
squares = fx.broadcast_to(square, (8, 256, 256))
small = fx.random.uniform((1 << 9, 1 << 12), f, low=1, high=2, seed=1)
STOCHASTIC = f.replace(rounding="stochastic")
long_lines = [fx.broadcast_to(fx.ones(s, f), t) for s, t in
              [((2, 1), (2, 1 << 29)), ((1, 32), (1 << 29, 32))]]
tiny = fx.broadcast_to(wide.reshape(-1, 1, 1), (1 << 10, 1 << 16, 1, 1))
empty_products = [fx.broadcast_to(fx.zeros(s, f), (1 << 24, *s)) for s in [(1, 0), (0, 1)]]
"""


def interrupted(cases):
    """Run operations, each interrupted after 0.1 s; return what came of each."""
    lines = [f"check({label!r}, lambda: {call})" for label, call in cases.items()]
    return run("\n".join(lines))


def run(lines):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
    found = subprocess.run(
        [sys.executable, "-P", "-c", PRELUDE + lines],
        capture_output=True, text=True, timeout=1200, env=environment, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()


needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to itself")

SOME = {
    "divide": "fx.divide(many, many[0] + 1, format=fx.Format(8, 0))",
    "sum": "fx.sum(endless)",
    "prod of one line": "fx.prod(one_line, format=WIDE_STOCHASTIC)",
}
MANY = {
    "remainder": "fx.remainder(many, many[0] + 1, format=fx.Format(16, 0))",
    "raise": "fx.divide(many, many[0] + 1, format=fx.Format(60, 0, overflow='raise'))",
    "stochastic": "fx.divide(many, many[0] + 1, format=fx.Format(60, 9, rounding='stochastic'))",
    "stochastic mean": "fx.mean(endless, (0, 2), format=fx.Format(60, 9, rounding='stochastic'))",
    "rows": "fx.sum(endless, (0, 2))",
    "max": "fx.max(endless)",
    "mean": "fx.mean(fx.broadcast_to(small, (1 << 14, 1 << 9, 1 << 12)))",
    "var": "fx.var(long)",
    "std where": "fx.std(long, where=many > 5)",
    "matmul": "fx.matmul(square, many[:256])",
    "accumulator": "fx.matmul(fx.broadcast_to(small, (16, *small.shape)), small.T, f, f)",
    "wide accumulator": "fx.matmul(squares, square, w, WIDE_STOCHASTIC)",
    "long accumulator": "fx.matmul(*long_lines, f, STOCHASTIC)",
    "long product": "fx.matmul(*long_lines)",
    "stack of tiny products": "fx.matmul(tiny, tiny)",
    "stack of nothing": "fx.matmul(*empty_products)",
    "convolve": "fx.convolve(wide, wide)",
    "long convolve": "fx.correlate(small.ravel(), small[:4].ravel(), 'full')",
    "small products": "fx.vecdot(*[fx.broadcast_to(small, (3, 32, *small.shape))] * 2, axis=0)",
    "huge products": "fx.einsum('ij,jk,kl->il', *[square] * 3)",
    "matrix power": "fx.matrix_power(square, 6)",
    "power": "fx.power(long, 77, format=f)",
    "power of a third": "fx.power(many, Fraction(1, 3))",
    "exp": "fx.exp(near_one, format=f)",
    "sqrt": "fx.sqrt(long, format=f)",
    "log": "fx.log(long, format=f)",
    "without a kernel": "fx.gelu(near_one, format=f)",
    "softmax": "fx.softmax(near_one, format=f)",
    "softmax of columns": "fx.softmax(near_one, 0, format=f)",
    "logsumexp": "fx.logsumexp(near_one, 1)",
    "logsumexp of all": "fx.logsumexp(near_one[: 1 << 9])",
    "normal": "fx.random.normal(1 << 25, w)",
    "uniform": "fx.random.uniform(1 << 25, w)",
    "objects": "fx.array(small.to_fractions(), f)",
    "strings": "fx.array(['0.125'] * (1 << 21), f)",
    "lists": "fx.array([[1.5, '0.25']] * (1 << 20), f)",
    "linspace": "fx.linspace(0, '1e-60', 1 << 21, format=w)",
    "fractions": "many[:64].to_fractions()",
    "isclose": "fx.isclose(small, small)",
    "quantile": "fx.quantile(many[:256], '0.3', axis=0)",
    "at": "np.add.at(small, ([0] * 40000, [0] * 40000), 1)",
    "cumsum": "fx.cumsum(long, 1, format=f)",
    "cumsum of one line": "fx.cumsum(one_line, format=WIDE_STOCHASTIC)",
    "cumprod of one line": "fx.cumprod(one_line, format=WIDE_STOCHASTIC)",
    "cumprod of long lines": "fx.cumprod(sixteen_lines, 0, format=WIDE_STOCHASTIC)",
    "resize": "fx.resize(wide, 1 << 26)",
}


@needs_signals
def test_ctrl_c():
    assert interrupted(SOME) == [f"{name}: left: untouched" for name in SOME]


@needs_signals
@pytest.mark.long
def test_ctrl_c_everywhere():
    assert interrupted(MANY) == [f"{name}: left: untouched" for name in MANY]


IN_PLACE = {
    "out": "fx.remainder(many[:128], wide[::-1], out=target)",
    "operator": "target.__imod__(wide)",
    "number": "target.__imod__(0.3)",
    "divmod": "fx.divmod(target, wide, out=(target, other))",
    "power": "target.__ipow__(77)",
    "where": "fx.exp(many[:128] / (1 << 40), out=target, where=target > 5)",
    "assignment": "target.__setitem__(slice(None), np.full(target.shape, '0.5', object))",
    "fill": "fx.copyto(target, [['0.5'] * (1 << 16)] * 128)",
    "put": "fx.put(target, np.arange(1 << 21), ['0.25', 3] * (1 << 20))",
    "reduction": "fx.var(endless, (0, 1), out=target[0])",
    "matmul": "fx.matmul(many[:128, :512], many, out=target)",
    "line": "fx.cumprod(target, out=target.reshape(-1))",
}


@needs_signals
@pytest.mark.long
def test_what_was_to_change_is_untouched():
    lines = ["target, other = many[:128] * 0.5, many[:128] * 0.5"]
    lines += [
        f"check({label!r}, lambda: {call}, target, other)" for label, call in IN_PLACE.items()
    ]
    assert run("\n".join(lines)) == [f"{name}: left: untouched" for name in IN_PLACE]


# -- what was in force, and locks ----------------------------------------------------------

NUMBER = fx.array([1.25], fx.Format(16, 8))
HELD = fx.seeded(3)  # by more than the with statement
STREAM, EVENTS = random_stream.Stream(1), events.Events()


def blocks():
    with fx.record(), fx.seeded(1):
        pass


def block_of_a_held_context():
    with HELD:
        pass


def nothing_in_force():
    return context.current.get() is context.DEFAULT


STATES = {
    "contexts": (blocks, nothing_in_force),
    "a context that is held": (block_of_a_held_context, nothing_in_force),
    "decorator": (fx.full_precision()(lambda: None), nothing_in_force),
    "NumPy's errors": (lambda: NUMBER.to_numpy("f4"), np.geterr),
    "errors of objects": (lambda: NUMBER == 1 << 200, np.geterr),
    "decimal's context": (lambda: f"{NUMBER:.2f}", lambda: repr(decimal.getcontext())),
    "the events' lock": (
        lambda: EVENTS._add("add", 0, 0, 0, 1),
        events._adding.locked,
    ),
    "the formats' lock": (lambda: fx.Format(9, 5), format._interning.locked),
    "the threads' lock": (
        lambda: fx.set_num_threads(fx.get_num_threads()),
        threads._lock.locked,
    ),
}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", STATES)
def test_an_exception_of_a_signal_handler_leaves_no_state_behind(name):
    compute, state = STATES[name]

    class Interrupt(Exception):
        pass

    armed = False

    def interrupt(number, frame):
        if armed:
            raise Interrupt

    before = state()
    chosen, handler = random.Random(1), signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(1000):
            with contextlib.suppress(Interrupt):
                try:
                    armed = True
                    signal.setitimer(signal.ITIMER_REAL, chosen.uniform(1e-5, 1e-4))
                    for _ in range(100):  # an exception may get lost, in a weak reference say
                        compute()
                finally:
                    armed = False
                    signal.setitimer(signal.ITIMER_REAL, 0)
            assert state() == before
    finally:
        signal.signal(signal.SIGALRM, handler)
