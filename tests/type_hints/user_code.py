"""What a user of fxtypes writes, for `mypy --strict`; see test_types.py. It is never run."""

from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import fxtypes as fx

q = fx.Format(16, 8, rounding="floor", overflow=fx.Overflow.WRAP)
wide: fx.Format = q.replace(width=32)
assert_type(q.width, int)
assert_type(q.rounding, fx.Rounding)
assert_type(fx.Format.parse("Q7.8").resolution, Fraction)

a = fx.array([0.5, "0.1", Fraction(1, 3)], q)
x: fx.FixedArray = fx.exp(a)

# Operators, with what may stand beside an array.
assert_type(a + x, fx.FixedArray)
assert_type(1 - a * 0.5 / Fraction(1, 3), fx.FixedArray)
assert_type(a @ [1, 2, 3], fx.FixedArray)
assert_type(a**2 << 1, fx.FixedArray)
assert_type(divmod(a, 2), tuple[fx.FixedArray, fx.FixedArray])
assert_type(a[a > 0], fx.FixedArray)
assert_type(a[0, ..., np.newaxis, ::2], fx.FixedArray)
a += 1
a[1:] = [2, 0.25]
a[a < 0] = 0
positive: NDArray[np.bool_] = a > 0
if (a == x).all() and a.any():
    assert_type(bool(a[0]), bool)

assert_type(a**x, fx.FixedArray)
assert_type(a**0.5, fx.FixedArray)
assert_type(2**a, fx.FixedArray)
assert_type(fx.power(2, a), fx.FixedArray)

# Integers alone are counts, and a FixedArray is no index.
1 << a  # type: ignore[operator]
a[x]  # type: ignore[index]
q.width = 8  # type: ignore[misc]
fx.array([1, 2])  # type: ignore[call-arg]
fx.sqrt(2.0)  # type: ignore[arg-type]
fx.take(a, 0, mode="nearest")  # type: ignore[arg-type]
fx.sum(a, where=True, keepdim=True)  # type: ignore[call-arg]

# Into NumPy and back.
assert_type(a.to_numpy(), NDArray[np.float64])
assert_type(a.to_numpy(np.int32), NDArray[np.int32])
assert_type(a.to_fractions(), NDArray[np.object_])
assert_type(a.item(), Fraction)
assert_type(fx.FixedArray.from_raw(a.raw, q), fx.FixedArray)

# format=, out= and where=; keyword-only parameters.
out = fx.zeros_like(a)
assert_type(fx.add(a, x, format=wide), fx.FixedArray)
assert_type(fx.multiply(a, 2, out=out, where=a > 0), fx.FixedArray)
assert_type(fx.sum(a, axis=(0, 1), out=out, initial=1, where=[True, False, True]), fx.FixedArray)
assert_type(a.mean(axis=0, keepdims=True, where=positive), fx.FixedArray)
assert_type(fx.max(a, format=wide), fx.FixedArray)
assert_type(fx.sort(a, stable=True, descending=True), fx.FixedArray)
assert_type(a.sort(), None)
assert_type(fx.matmul(a, x, accumulator=wide), fx.FixedArray)
assert_type(fx.einsum("i,i", a, x, format=wide), fx.FixedArray)
assert_type(fx.clip(a, min=0), fx.FixedArray)

assert_type(fx.lookup("exp", q, wide), fx.FixedArray)
assert_type(fx.lookup(lambda v: v.numerator / 3, q, wide, undefined="0.5"), fx.FixedArray)
assert_type(fx.lookup(float, q, wide, undefined=a[0]), fx.FixedArray)
fx.lookup(len, q, wide)  # type: ignore[arg-type]
fx.lookup("exp", q)  # type: ignore[call-arg]

# Results whose type depends on the arguments.
assert_type(fx.argmax(a), np.intp)
assert_type(a.argmin(axis=0, keepdims=True), NDArray[np.intp] | Any)
assert_type(fx.any(a), np.bool_)
assert_type(a.all(axis=0), NDArray[np.bool_] | Any)
assert_type(fx.where(a > 0), tuple[NDArray[np.intp], ...])
assert_type(fx.where(a > 0, a, 0), fx.FixedArray)
assert_type(fx.where(a, 1, 0), NDArray[Any])
assert_type(fx.divmod(a, 2), tuple[fx.FixedArray, fx.FixedArray])
assert_type(fx.nonzero(a), tuple[NDArray[np.intp], ...])
assert_type(fx.histogram(a, bins=4), tuple[NDArray[np.intp], fx.FixedArray])
assert_type(fx.unique(a), fx.FixedArray)
assert_type(fx.unique(a, return_counts=True), tuple[fx.FixedArray, NDArray[np.intp]])
values, inverse, counts = fx.unique(a, return_inverse=True, return_counts=True)
assert_type(values, fx.FixedArray)
assert_type(fx.unique_counts(a).counts, NDArray[np.intp])
assert_type(fx.intersect1d(a, x), fx.FixedArray)
assert_type(fx.broadcast_arrays(a, x), tuple[fx.FixedArray, ...])
assert_type(fx.atleast_2d(a), fx.FixedArray)
assert_type(fx.meshgrid(a, x, indexing="ij"), tuple[fx.FixedArray, ...])
assert_type(fx.split(a, 3), list[fx.FixedArray])
assert_type(round(a), int)
assert_type(round(a, 2), fx.FixedArray)

# Ranges with the format in the place of a parameter that is left out.
assert_type(fx.arange(0, 1, "0.25", format=q), fx.FixedArray)
assert_type(fx.arange(3, q), fx.FixedArray)
assert_type(fx.random.uniform((2, 3), q, low=-1, seed=7), fx.FixedArray)

# Contexts, which are decorators as well.
with fx.record() as events:
    fx.sum(a)
assert_type(events, fx.Events)
assert_type(events.by_operation["sum"]["overflow"], int)
with fx.seeded(7), fx.full_precision():
    fx.square(a)


@fx.full_precision()
def exact_square(value: fx.FixedArray) -> fx.FixedArray:
    return fx.square(value)


assert_type(exact_square(a), fx.FixedArray)

# Files.
fx.save("filter.npz", taps=a)
assert_type(fx.load("filter.npz")["taps"], fx.FixedArray)
fx.to_mem("rom.hex", a, radix="hex")
assert_type(fx.explain_matmul(a, x).expected_seconds, float)

try:
    fx.array(200, q)
except fx.FixedOverflowError as error:
    raise ValueError from error
