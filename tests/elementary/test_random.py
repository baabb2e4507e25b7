"""Random arguments of 8 to 128 bits, formats of arguments and results drawn apart."""

import random

import pytest
from checks import LAYOUTS
from elementary_checks import Case, some_arguments
from elementary_oracle import BINARY, FUNCTIONS, UNARY

import fxtypes as fx

BATCH = 50
NEAR = (None, None, 1, 8, 40, 100, 720)  # most arguments are below it
# These have no kernels of their own: their reference computes the same at every width.
BY_REFERENCE = (
    "cbrt", "arcsin", "arccos", "arcsinh", "arccosh", "arctanh", "logaddexp", "logaddexp2", "erf",
    "gelu", "silu",
)  # fmt: skip
SWEEPS = [pytest.param(1, id="some"), pytest.param(10, id="many", marks=pytest.mark.long)]


def some_format(chosen, width):
    """A format whose binary point is mostly within the width or a little beyond."""
    places = chosen.choice((0, width // 2, width // 2, width - 3, width, width + 5, -3, None))
    if places is None:
        places = chosen.randint(-256, 256)
    return fx.Format(width, places, chosen.random() < 0.7)


def some_result(chosen, width):
    result = some_format(chosen, chosen.choice((8, 16, 31, 32, 64, 96, 128, width, width, width)))
    mode = chosen.choice(list(fx.Rounding) * 2 + ["nearest_even", "floor", "toward_zero"] * 4)
    return result.replace(rounding=mode, overflow=chosen.choice(list(fx.Overflow)))


def sweep(name, widths, count):
    """So many arguments of the function's domain, by batches of one format."""
    chosen = random.Random(f"{name} {widths}")
    while count > 0:
        operands = []
        for _ in range(FUNCTIONS[name].arity):
            fmt = some_format(chosen, chosen.choice(widths))
            raws = some_arguments(chosen, fmt, BATCH, chosen.choice(NEAR))
            if name in ("arcsin", "arccos", "arctanh") and fmt.width > fmt.frac_bits >= 0:
                raws = [raw >> fmt.int_bits for raw in raws]
            operands.append((raws, fmt))
        result = some_result(chosen, max(widths))
        case = Case(name, operands, result.frac_bits)
        count -= len(case.arguments)
        shape = (len(case.arguments),)
        if len(case.arguments) % 2 == 0:
            shape = (len(case.arguments) // 2, 2)
        case.check(result, shape, chosen.choice(LAYOUTS), counted=chosen.random() < 0.5)
        if not case.arguments:
            count -= 1  # a format without any number of the domain


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
@pytest.mark.parametrize("width", [64, 96, 128])
@pytest.mark.parametrize("times", SWEEPS)
def test_wide(name, width, times):
    sweep(name, (width,), (2_000 if name in BY_REFERENCE else 10_000) * times)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
@pytest.mark.parametrize("times", SWEEPS)
def test_every_storage(name, times):
    """Either side of each storage's edge, and widths of two arguments that differ."""
    sweep(name, (7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128), 2_000 * times)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "count", [pytest.param(5_000, id="some"), pytest.param(1_000_000, marks=pytest.mark.long)]
)
def test_pairs(name, count):
    sweep(name, range(8, 17), count)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize(
    "count", [pytest.param(2_000, id="some"), pytest.param(1_000_000, marks=pytest.mark.long)]
)
def test_32_bits(name, count):
    sweep(name, (32,), count)
