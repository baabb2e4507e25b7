"""Every function at every storage's width, in every mode: what each set of kernels must pass.

The long sweeps stand in tests/elementary; these run once for each CPU level.
"""

import random

import pytest
from checks import LAYOUTS
from elementary_checks import Case, some_arguments
from elementary_oracle import BINARY, FUNCTIONS, UNARY

import fxtypes as fx

# Arguments of each storage, enough of them for a table, and results to one, two, three limbs.
FORMATS = [
    (fx.Format(8, 5), fx.Format(8, 5), 40),
    (fx.Format(8, 3), fx.Format(16, 12), 20),
    (fx.Format(16, 11), fx.Format(16, 10), 200),
    (fx.Format(16, 16, signed=False), fx.Format(32, 30), 40),
    (fx.Format(17, 9), fx.Format(24, 16), 40),
    (fx.Format(32, 16), fx.Format(32, 16), 200),
    (fx.Format(32, 28), fx.Format(32, 24), 200),
    (fx.Format(33, 20, signed=False), fx.Format(64, 52), 40),
    (fx.Format(64, 32), fx.Format(64, 32), 200),
    (fx.Format(64, 60), fx.Format(64, 56), 100),
    (fx.Format(65, 30), fx.Format(100, 90), 40),
    (fx.Format(128, 64), fx.Format(128, 64), 150),
    (fx.Format(128, 124), fx.Format(128, 122), 100),
    (fx.Format(128, 100, signed=False), fx.Format(16, 8), 40),
    (fx.Format(16, 8), fx.Format(128, 110), 40),
    (fx.Format(64, -3), fx.Format(32, 4), 40),
]


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
@pytest.mark.parametrize(("fmt", "result", "size"), FORMATS, ids=str)
def test_sample(name, fmt, result, size):
    chosen = random.Random(f"{name} {fmt} {result}")
    columns = [
        some_arguments(chosen, fmt, size, chosen.choice((None, 1, 8, 40)))
        for _ in range(FUNCTIONS[name].arity)
    ]
    case = Case(name, [(column, fmt) for column in columns], result.frac_bits)
    for number, rounding in enumerate(fx.Rounding):
        overflow = list(fx.Overflow)[number % 5]
        layout, count = chosen.choice(LAYOUTS), len(case.arguments)
        shape = (2, count // 2) if count % 2 == 0 else (count,)
        stored = result.replace(rounding=rounding, overflow=overflow)
        case.check(stored, shape, layout, counted=number % 2 == 0)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_many_elements(name):
    """More than a kernel's block, and more than a thread's share."""
    chosen = random.Random(name)
    fmt = fx.Format(32, 27)
    few = [some_arguments(chosen, fmt, 30) for _ in range(FUNCTIONS[name].arity)]
    case = Case(name, [(column, fmt) for column in few], 20)
    picks = [chosen.randrange(len(case.odd)) for _ in range(3000)]
    case.part(picks).check(fx.Format(32, 20))


@pytest.mark.parametrize("name", ["cos"])
@pytest.mark.parametrize("places", [128, 131, 134])
def test_far_out_of_range(name, places):
    """Just below 1, of which the low words alone would be a number within the range."""
    fmt = fx.Format(64, 80)
    case = Case(name, [(list(range(1 << 40, 1 << 41, (1 << 37) + 12345)), fmt)], places)
    for overflow in fx.Overflow:
        case.check(fx.Format(64, places, overflow=overflow))
