"""Precision: the recommended formats and what is refused."""

import pytest

import fxtypes as fx
from fxtypes_nn import MLP, Precision
from fxtypes_nn.precision import batch_shift


@pytest.mark.parametrize("width", range(8, 129))
def test_preset_stores_nothing_wider_but_updates_at_8_and_9_bits(width):
    precision = Precision.preset(width)
    assert precision.weights.width == width
    assert precision.activations.width == width
    assert precision.gradients.width == width
    assert precision.updates.width == (16 if width < 10 else width)
    assert precision.accumulator is None
    assert (precision.weights == precision.updates) == (width >= 10)
    # Pixels up to 1, logits up to 32, a gradient of 1 in each direction.
    assert precision.activations.max >= 28
    assert precision.gradients.max >= 1
    assert precision.weights.max >= 3


@pytest.mark.parametrize("width", [7, 129, 16.0, "16", True, None])
def test_preset_refuses_other_widths(width):
    with pytest.raises(ValueError, match=r"from 8 to 128, got"):
        Precision.preset(width)


@pytest.mark.parametrize("width", [8, 9])
def test_summary_says_that_updates_are_wider(width):
    text = MLP([4, 2], precision=Precision.preset(width)).summary()
    assert "kept in 16 bits" in text
    assert "kept in" not in MLP([4, 2], precision=Precision.preset(10)).summary()


def test_uniform_is_one_format():
    precision = Precision.uniform(24, 12)
    one = fx.Format(24, 12)
    assert [precision.weights, precision.activations, precision.gradients, precision.updates] == [
        one
    ] * 4
    with pytest.raises(fx.FormatError, match="129"):
        Precision.uniform(129, 3)


def test_refuses_what_is_no_signed_format():
    good, unsigned = fx.Format(8, 4), fx.Format(8, 4, signed=False)
    with pytest.raises(TypeError, match=r"gradients must be an fxtypes\.Format, got 8"):
        Precision(good, good, 8, good)
    with pytest.raises(ValueError, match="activations must be signed"):
        Precision(good, unsigned, good, good)


@pytest.mark.parametrize(("samples", "shift"), [(1, 0), (2, 1), (3, 2), (64, 6), (65, 7)])
def test_batch_shift(samples, shift):
    assert batch_shift(samples, fx.Format(16, 14)) == shift


def test_batch_shift_stays_within_the_formats_there_are():
    assert batch_shift(64, fx.Format(16, 254)) == 2
