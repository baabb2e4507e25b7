"""What finds no room says how much it wanted, and nothing wants much more than its result."""

import os
import subprocess
import sys

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.kernels import products

Q, WIDE = fx.Format(16, 8), fx.Format(128, 64)
SAID = r"(fxtypes needs (about )?\d{9,} bytes|Unable to allocate .*iB for an array with shape)"

ABSURD = {
    "zeros": lambda a: fx.zeros((2**50,), Q),
    "zeros of more than all memory": lambda a: fx.zeros((2**40, 2**40), Q),
    "full": lambda a: fx.full((2**25, 2**25), 1, Q),
    "full of an array": lambda a: fx.full((2**25, 2**25), a[0], Q),
    "eye": lambda a: fx.eye(2**25, format=Q),
    "arange": lambda a: fx.arange(2**50, format=Q),
    "linspace": lambda a: fx.linspace(0, 1, 2**50, format=Q),
    "uniform": lambda a: fx.random.uniform(2**50, Q),
    "normal": lambda a: fx.random.normal((2**25, 2**25), Q),
    "broadcast": lambda a: many(a) + 1,
    "wide": lambda a: fx.add(many(a), 1, format=WIDE),
    "compare": lambda a: many(a) < 1,
    "convert": lambda a: many(a).astype(WIDE),
    "to float": lambda a: many(a).to_numpy(),
    "where": lambda a: fx.where(many(a) is None, many(a), 0.5),
    "outer": lambda a: np.add.outer(many(a), a),
    "matmul": lambda a: fx.matmul(many(a)[:, None], many(a)[None, :]),
    "cumsum": lambda a: many(a).cumsum(),
    "sum": lambda a: fx.broadcast_to(a[:1], (2**50, 1)).sum(1),
    "elementary": lambda a: fx.exp(many(a)),
    "power": lambda a: fx.power(many(a), -3),
    "copy": lambda a: many(a).copy(),
    "tile": lambda a: fx.tile(a, 2**48),
    "repeat": lambda a: fx.repeat(a, 2**48),
    "resize": lambda a: fx.resize(a, 2**50),
    "pad": lambda a: fx.pad(a, 2**50),
    "diagflat": lambda a: fx.diag(many(a)[: 2**25]),
    "concatenate": lambda a: fx.concatenate([many(a), many(a)]),
    "meshgrid": lambda a: fx.meshgrid(many(a)[: 2**25], many(a)[: 2**25]),
    "take": lambda a: fx.take(a, np.broadcast_to(0, 2**50)),
    "sort": lambda a: fx.sort(many(a)),
    "split": lambda a: fx.array_split(a, 2**45),
    "fractions": lambda a: many(a).to_fractions(),
    "lists": lambda a: many(a).tolist(),
    "raw of a wide one": lambda a: fx.broadcast_to(a.astype(WIDE)[:1], 2**50).raw,
}


def many(a):
    """2**50 elements that take no room."""
    return fx.broadcast_to(a[:1], 2**50)


@pytest.mark.parametrize("name", ABSURD)
def test_no_room(name):
    a = fx.array([1, 2, 3, 4], Q)
    with pytest.raises(MemoryError, match=SAID):
        ABSURD[name](a)


def test_what_was_to_change_is_untouched():
    a = fx.array([1, 2, 3, 4], Q)
    before = a.tolist()
    with pytest.raises(MemoryError, match=SAID):
        fx.sum(fx.broadcast_to(a, (2**50, 4)), 1, out=a)
    assert a.tolist() == before


def test_no_shape_is_no_question_of_memory():
    for shape in (-1, (2, -3), (1,) * 65):
        with pytest.raises(ValueError, match=r"negative|dimension|64"):
            fx.zeros(shape, Q)


LIMITED = """
import re, resource
import numpy as np
import fxtypes as fx

f, w = fx.Format(16, 8), fx.Format(128, 64)
a = fx.ones(1 << 22, f)
b = fx.ones(1 << 22, w)
fx.set_num_threads(1) if hasattr(fx, "set_num_threads") else None
calls = {
    "add": lambda: a + a,
    "wide": lambda: a.astype(w),
    "grow": lambda: fx.multiply(b, 0.5),
    "number": lambda: b * 3,
    "array": lambda: fx.array(x, w),
    "less": lambda: fx.concatenate([a] * 8),
    "cumsum": lambda: b.cumsum(),
    "sqrt": lambda: fx.sqrt(b),
    "power": lambda: b**-3,
    "sort": lambda: fx.sort(b),
    "tile": lambda: fx.tile(a, 8),
    "pad": lambda: fx.pad(a, 1 << 24),
    "normal": lambda: fx.random.normal(1 << 23, w),
    "linspace": lambda: fx.linspace(0, 1, 1 << 23, format=w),
    "fractions": lambda: a.to_fractions(),
    "lists": lambda: a.tolist(),
    "out": lambda: fx.divide(b, 3, out=b),
    "matmul": lambda: b.reshape(1 << 11, 1 << 11) @ b.reshape(1 << 11, 1 << 11),
}
x = np.ones(1 << 22)
for call in (lambda: a[:9] + a[:9], lambda: fx.sqrt(b[:9]), lambda: b[:9] ** -3):
    call()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20), hard))
for name, call in calls.items():
    try:
        call()
        print(name, "found room")
    except MemoryError as error:
        print(name, error)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs /proc and RLIMIT_AS")
def test_no_room_in_a_small_process():
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
    if not products.TILES:  # OpenBLAS itself ends a process that has no room for its buffers
        environment["FXTYPES_GEMM"] = "integer"
    found = subprocess.run([sys.executable, "-P", "-c", LIMITED], capture_output=True, text=True,
                           timeout=300, env=environment, check=False)  # fmt: skip
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert len(lines) == 18
    for line in lines:
        name, said = line.split(" ", 1)
        if name != "add":  # 8 MB: there is room
            assert "bytes" in said or "Unable to allocate" in said or "memory" in said, line
