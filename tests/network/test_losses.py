"""Cross-entropy from the logits."""

import mpmath
import numpy as np

import fxtypes as fx
from fxtypes_nn import CrossEntropy


def logits(fmt, shape=(7, 5)):
    return fx.array(np.random.default_rng(2).normal(scale=4, size=shape), fmt)


def test_values_are_logsumexp_minus_the_chosen_logit():
    fmt = fx.Format(24, 16)
    z, y = logits(fmt), [0, 1, 2, 3, 4, 0, 1]
    expected = []
    with mpmath.workdps(60):
        for row, chosen in zip(z.raw.tolist(), y, strict=True):
            total = mpmath.fsum(mpmath.exp(mpmath.mpf(v) / 2**16) for v in row)
            expected.append(int(mpmath.nint(mpmath.log(total) * 2**16)) - row[chosen])
    found = CrossEntropy().values(z, y)
    assert found.format == fmt
    assert found.raw.tolist() == expected


def test_gradient_is_softmax_minus_one_hot():
    fmt, gradients = fx.Format(24, 16), fx.Format(20, 18)
    z, y = logits(fmt), [0, 1, 2, 3, 4, 0, 1]
    expected = []
    with mpmath.workdps(60):
        for row, chosen in zip(z.raw.tolist(), y, strict=True):
            powers = [mpmath.exp(mpmath.mpf(v) / 2**16) for v in row]
            total = mpmath.fsum(powers)
            raws = [int(mpmath.nint(p / total * 2**18)) for p in powers]
            raws[chosen] -= 2**18
            expected.append(raws)
    found = CrossEntropy().gradient(z, y, gradients)
    assert found.format == gradients
    assert found.raw.tolist() == expected


def test_a_certain_wrong_answer_has_a_finite_loss():
    z = fx.array([[-30, 30]], fx.Format(16, 9))
    assert CrossEntropy().values(z, [0]).tolist() == [60.0]
