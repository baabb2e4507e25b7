"""ndarray's attributes: flat, flags, strides, base, real, imag, tobytes, beside NumPy's own."""

from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx

WIDTHS = [8, 12, 32, 64, 100]


def pair(width, shape=(3, 4)):
    """A FixedArray and float64 of the same values."""
    values = np.arange(-5.0, np.prod(shape) - 5).reshape(shape) / 4
    return fx.array(values, fx.Format(width, 2)), values


@pytest.mark.parametrize("width", WIDTHS)
def test_flat_is_numpys(width):
    for view in (lambda x: x, lambda x: x.T, lambda x: x[::2, 1:], lambda x: x[0, 0:0]):
        a, values = (view(x) for x in pair(width))
        assert len(a.flat) == len(values.flat)
        assert [v.item() for v in a.flat] == list(values.flat)
        for key in (slice(None), slice(1, None, 2), [0, -1], np.array([1, 1]), 0, -1, Ellipsis):
            try:
                expected = values.flat[key]
            except IndexError:
                with pytest.raises(IndexError):
                    a.flat[key]
                continue
            found = a.flat[key]
            assert found.format is a.format
            assert found.tolist() == np.asarray(expected).tolist()
            changed, plain = a.copy(), values.copy()
            new = [0.5, -0.25, 1] if np.ndim(expected) else 0.5
            changed.flat[key], plain.flat[key] = new, new
            assert changed.tolist() == plain.tolist()
        assert np.asarray(a.flat).tolist() == values.flat[:].tolist()
        assert a.flat.copy().tolist() == values.flat.copy().tolist()
        assert a.flat.base is a


@pytest.mark.parametrize("width", WIDTHS)
def test_flat_iterates_and_assigns(width):
    a, values = pair(width)
    ours, numpys = a.flat, values.flat
    for _ in range(3):
        assert next(ours).item() == next(numpys)
        assert (ours.index, ours.coords) == (numpys.index, numpys.coords)
    a.flat = values.flat = 0.5
    assert a.tolist() == values.tolist()
    a.flat[1:4] = values.flat[1:4] = [1, 2]
    assert a.tolist() == values.tolist()
    a.flat[:] = a[::-1, ::-1]  # the source overlaps the target
    assert a.tolist() == values[::-1, ::-1].tolist()
    a.flat[0] = fx.array(0.3, fx.Format(40, 30))
    assert a[0, 0].item() == Fraction(1, 4)
    with pytest.raises(ValueError, match="no values"):
        a.flat[:] = []
    with pytest.raises(ValueError, match="with a sequence"):
        a.flat[0] = [1]


def test_each_element_that_flat_gets_draws_and_counts():
    a = fx.zeros((2, 50), fx.Format(16, 2, rounding="stochastic"))
    with fx.seeded(1), fx.record() as events:
        a.flat = 0.125
    assert events.elements == events.inexact == 100
    assert 20 < int((a.raw == 1).sum()) < 80


@pytest.mark.parametrize("width", WIDTHS)
def test_layout(width):
    a, _ = pair(width)
    raw = np.zeros(a.shape, f"V{a.itemsize}")
    for view in (lambda x: x, lambda x: x.T, lambda x: x[::2, ::-1], lambda x: x[1]):
        assert view(a).strides == view(raw).strides
        for name in ("c_contiguous", "f_contiguous", "owndata", "writeable", "aligned"):
            assert getattr(view(a).flags, name) == getattr(view(raw).flags, name)
    assert not np.broadcast_to(a, (2, 3, 4)).flags.writeable
    assert a.base is None
    part = a[1:]
    assert np.shares_memory(part.base, a)
    assert part.base.tolist() == a.tolist()
    assert part.view_as(a.format.replace(frac_bits=1)).base.shape == a.shape


def test_a_read_only_array_refuses():
    a, _ = pair(16)
    a.flags.writeable = False
    for change in (
        lambda: a.__setitem__(0, 1),
        lambda: a.fill(1),
        lambda: a.sort(),
        lambda: np.add(a, 1, out=a),
        lambda: a.__iadd__(1),
        lambda: a.flat.__setitem__(0, 1),
    ):
        with pytest.raises(ValueError, match="read-only"):
            change()
    assert (a + 1).flags.writeable
    assert fx.zeros(12, fx.Format(16, 2)).flags.writeable


@pytest.mark.parametrize("width", WIDTHS)
def test_real_and_imag(width):
    a, values = pair(width)
    assert a.real.tolist() == values.tolist()
    assert np.shares_memory(a.real, a)
    a.real = 1.5
    assert a.tolist() == np.full((3, 4), 1.5).tolist()
    assert a.imag.tolist() == values.imag.tolist()
    assert a.imag.format is a.format
    with pytest.raises(ValueError, match="read-only"):
        a.imag[0] = 1
    with pytest.raises(AttributeError):
        a.imag = 1


@pytest.mark.parametrize("width", WIDTHS)
def test_tobytes(width):
    a, _ = pair(width)
    size = a.itemsize
    for order, x in (("C", a), ("F", a.T)):
        expected = b"".join(int(v).to_bytes(size, "little", signed=True) for v in x.raw.flat)
        assert a.tobytes(order) == expected
    back = fx.FixedArray.from_raw(
        [int.from_bytes(a.tobytes()[i : i + size], "little", signed=True)
         for i in range(0, a.nbytes, size)], a.format)  # fmt: skip
    assert back.tolist() == a.ravel().tolist()


def test_as_integer_ratio():
    for value in (Fraction(-3, 4), Fraction(5), Fraction(1, 2**60)):
        a = fx.array([value], fx.Format(128, 64))
        assert a.as_integer_ratio() == (value.numerator, value.denominator)
        assert Fraction(*a[0].as_integer_ratio()) == value
    with pytest.raises(ValueError, match="one element"):
        fx.zeros(2, fx.Format(8, 0)).as_integer_ratio()
