"""Plans of the kernels."""

import contextlib
import itertools

import fxtypes as fx
from fxtypes.kernels import plan
from fxtypes.kernels.calls import Level
from fxtypes.products import plan_products


def test_no_shift_beyond_the_type(monkeypatch):
    # Undefined, in C++: even of an operand that is taken times 0, and of a sum of nothing.
    steps = []
    monkeypatch.setattr(plan, "Step", lambda *arguments, **fields: steps.append(arguments))
    results = [fx.Format(32, 13), fx.Format(8, 256), fx.Format(128, -256)]
    formats = [fx.Format(width, point) for width in (8, 17, 64, 128) for point in (-54, 13, 200)]
    for result, x, y in itertools.product(results, formats, formats):
        for coefficients in (((0, 0),), ((0, 0), (3, 1)), ((3, -60), (0, 9)), ((0, 0), (0, -1))):
            with contextlib.suppress(fx.FormatError):  # too far apart
                plan.linear_combination.__wrapped__(
                    coefficients, (x, y)[: len(coefficients)], result
                )
        for inner, bits in itertools.product((0, 1, 100), (0, 1, 8)):
            with contextlib.suppress(fx.FormatError):
                plan_products.product.__wrapped__(x, y, result, bits, bits, inner)
    assert len(steps) > 500
    for _, _, level, operands, target in steps:
        assert max(lift for _, lift in operands) < Level.BITS[level]
        assert target.shift < Level.BITS[level]
