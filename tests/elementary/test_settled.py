"""How many of random arguments the first evaluation leaves open, and what settles those.

CORE-MATH's exp of two limbs goes on for .34 % of its arguments. Here only tan may come near: beside
a pole, by less than 2**-11, it needs four limbs.
"""

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.elementary.registry import FUNCTIONS
from fxtypes.kernels.calls import KERNELS
from fxtypes.kernels.elementary import settled

COUNT = 50_000
RANGES = {
    "log": (0.01, 100), "log2": (0.01, 100), "log10": (0.01, 100), "log1p": (-0.99, 100),
    "sqrt": (0.01, 100), "rsqrt": (0.01, 100),
}  # fmt: skip

# Shares of all arguments, at most: some three times what is found.
BY_LIMBS = {16: 0.0001, 32: 0.0003, 64: 0.0001, 128: 0.0006}
if KERNELS == "avx512ifma":  # one limb of 52 bits for as much as 36 bits
    BY_LIMBS[64] = 0.002
OF_TAN = {64: 0.0008, 128: 0.0009}
# Exact results and next to those: 0 and powers of two among 2,000 to 26,000 arguments. Far more are
# the squares below 100, and for exp2 the whole numbers.
BY_ANALYSIS = {16: 0.0015, 32: 0.0001, 64: 0, 128: 0}
OF_EXACT = {("exp2", 16): 0.01, ("sqrt", 16): 0.02, ("sqrt", 32): 0.001, ("hypot", 16): 0.006,
            ("power", 16): 0.004}  # fmt: skip
# Exact powers of a root, as 2.25**1.5.
BY_REFERENCE = {("power", 16): 0.0001}


def operands(name, fmt):
    if name == "power":
        return fx.random.uniform(COUNT, fmt, 0.01, 10, seed=1), fx.random.uniform(
            COUNT, fmt, -2, 2, seed=2
        )
    ends = RANGES.get(name, (-7, 7))
    return [fx.random.uniform(COUNT, fmt, *ends, seed=k) for k in range(FUNCTIONS[name].arguments)]


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.kernel])
@pytest.mark.parametrize("width", [16, 32, 64, 128])
def test_shares(name, width):
    fmt = fx.Format(width, width // 2)
    arguments = operands(name, fmt)
    before = settled()
    # No table where there is a mask.
    getattr(fx, name)(*arguments, format=fmt, where=np.ones(COUNT, bool))
    shares = {way: (count - before[way]) / COUNT for way, count in settled().items()}
    assert shares["reference"] <= BY_REFERENCE.get((name, width), 0), shares
    most = OF_EXACT.get((name, width), BY_ANALYSIS[width])
    assert shares["analysis"] <= most, shares
    by_limbs = sum(share for way, share in shares.items() if way.endswith("limbs"))
    most = OF_TAN.get(width, 0) if name == "tan" else 0
    assert by_limbs <= max(most, BY_LIMBS[width]) < 0.0034, shares


@pytest.mark.parametrize(
    "name", ["cosh", "exp", "exp2", "expm1", "sigmoid", "sinh", "softplus", "tanh"]
)
@pytest.mark.parametrize("overflow", ["saturate", "wrap"])
def test_far_out(name, overflow):
    """By analysis; where the low bits of what is out of range are wanted, with limbs enough."""
    fmt = fx.Format(16, 8, overflow=overflow)
    arguments = fx.FixedArray.from_raw(np.arange(fmt.raw_min, fmt.raw_max + 1), fmt)
    before = settled()
    getattr(fx, name)(arguments, where=np.ones(arguments.shape, bool))
    counts = {way: count - before[way] for way, count in settled().items()}
    assert counts["reference"] == 0, counts
    if overflow == "saturate" or name in ("sigmoid", "softplus", "tanh"):
        assert counts["analysis"] > 30_000, counts
        assert sum(counts.values()) == counts["analysis"], counts


def test_what_is_counted():
    """Two exact results, and one that the kernels don't know."""
    fmt = fx.Format(32, 16)
    before = settled()
    fx.exp(fx.array([0, 0, 1], fmt))
    fx.power(fx.array([2.25], fmt), fx.array([1.5], fmt))
    after = settled()
    assert after["analysis"] - before["analysis"] == 2
    assert after["reference"] - before["reference"] == 1
