"""fx.random."""

import pytest

import fxtypes as fx

Q = fx.Format(8, 4)

WIDE = fx.Format(100, 4)


@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_one_random_number(fmt):
    assert fx.random.uniform((), fmt).shape == ()
    assert fx.random.normal((), fmt).shape == ()
