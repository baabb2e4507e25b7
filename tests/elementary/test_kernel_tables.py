"""The kernels' tables and constants against arb: every entry, to the ulp that tables.hh states."""

import pytest
from elementary_oracle.functions import precision
from flint import arb, fmpz

from fxtypes.kernels.elementary import table

SLACK = 2.0**-46  # ulp: what entries may be off by beside being rounded down
CONSTANTS = {
    "ln2": arb.const_log2,
    "half log2 e": lambda: 1 / (2 * arb.const_log2()),
    "log10 e": lambda: 1 / arb.const_log10(),
    "log10 2": lambda: arb.const_log2() / arb.const_log10(),
    "quarter pi": lambda: arb.pi() / 4,
    "inverse two pi": lambda: 1 / (2 * arb.pi()),
}


def part(i, bits):
    return arb(i) / (1 << bits)


# The reciprocals, of which the tables have the logarithms, from their definition in tables.hh.
def first_log(j):
    return -(arb(-(-1024 * 256 // (256 + j))) / 1024).log()


def second_log(i):
    return -(-part((i << 24) // ((1 << 15) + i), 24)).log1p()


def third_log(i):
    return -(-part((i << 32) // ((1 << 23) + i), 32)).log1p()


ENTRIES = {  # the number of entries, and the first one that is used
    "inverse factorials": (lambda k: 1 / arb(fmpz.fac_ui(k)), 28, 2),
    "exp first": (lambda j: part(j, 8).exp() / 4, 180, 0),
    "exp second": (lambda j: part(j, 16).expm1(), 256, 0),
    "exp third": (lambda j: part(j, 24).expm1(), 256, 0),
    "log first": (first_log, 256, 0),
    "log second": (second_log, 256, 0),
    "log third": (third_log, 272, 0),
    "log inverses": (lambda k: 1 / arb(k), 16, 2),
    "sine": (lambda j: (part(j, 11) * arb.pi()).sin(), 1025, 0),
    "cosine": (lambda j: (part(j, 11) * arb.pi()).cos(), 1025, 0),
    "arctan": (lambda j: part(j, 8).atan(), 257, 0),
    "arctan inverses": (lambda k: 1 / arb(k), 36, 2),
}


def lacking(ball, entry, limbs):
    """What an entry is too small by, in ulp, from below and from above."""
    with precision(64 * limbs + 80):
        lack = ball() * (arb(1) * (1 << 64 * limbs)) - entry
        return float(lack.lower()), float(lack.upper())


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant(name):
    (entry,), limbs = table(name, 1)
    low, high = lacking(CONSTANTS[name], entry, limbs)
    assert low >= 0
    assert high < 1


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("limbs", [1, 2, 3, 4, 5])
def test_entries(name, limbs):
    function, count, used = ENTRIES[name]
    entries, each = table(name, limbs)
    assert (len(entries), each) == (count, limbs)
    for i in range(used, count):
        low, high = lacking(lambda i=i: function(i), entries[i], limbs)
        assert low > -SLACK, (i, low)
        assert high < 1 + SLACK, (i, high)
