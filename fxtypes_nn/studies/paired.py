"""Spread over seeds, and tests of pairs: whether a difference could be chance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

_EXACT = 16  # pairs, of which all signs are gone through
_LARGE = 1000  # samples, whose binomial is near a normal distribution


def spread(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean, and the standard deviation of a sample (n - 1); None of a single value.

    Examples
    --------
    >>> from fxtypes_nn.studies.paired import spread
    >>> spread([1, 2, 3]), spread([5])
    ((2.0, 1.0), (5.0, None))
    """
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    squares = math.fsum((value - mean) ** 2 for value in values)
    return mean, math.sqrt(squares / (len(values) - 1))


def sign_flip_test(differences: Sequence[int]) -> float:
    """How likely a sum at least as far from 0 is if each difference's sign were chance.

    Fisher's permutation test of pairs, two-sided: exact up to 16 of them, beyond by the normal
    distribution of the same variance. The least that n pairs can give is 2**(1 - n): 0.25 for
    three seeds.

    Parameters
    ----------
    differences : sequence of int
        One a pair.

    Examples
    --------
    >>> from fxtypes_nn.studies.paired import sign_flip_test
    >>> sign_flip_test([4, 1, 2]), sign_flip_test([3, -3])
    (0.25, 1.0)
    """
    moved = [abs(difference) for difference in differences if difference]
    seen = abs(sum(differences))
    if len(moved) > _EXACT:
        deviation = math.sqrt(sum(size**2 for size in moved))
        return math.erfc(seen / deviation / math.sqrt(2))
    # Those of 0 add nothing, whatever their sign.
    sums = (
        sum(sign * size for sign, size in zip(signs, moved, strict=True))
        for signs in itertools.product((1, -1), repeat=len(moved))
    )
    return sum(abs(each) >= seen for each in sums) / 2 ** len(moved)


def mcnemar_test(first_only: int, second_only: int) -> float:
    """How likely counts at least as unequal are if either were as likely.

    McNemar's test of two classifiers on the same samples, exact and two-sided.

    Parameters
    ----------
    first_only, second_only : int
        Samples that only one of them has right.

    Examples
    --------
    >>> from fxtypes_nn.studies.paired import mcnemar_test
    >>> mcnemar_test(0, 5), mcnemar_test(3, 3)
    (0.0625, 1.0)
    """
    count, least = first_only + second_only, min(first_only, second_only)
    if count >= _LARGE:
        return _by_normal(count, least)
    term, total = 1, 0
    for chosen in range(least + 1):
        total += term
        term = term * (count - chosen) // (chosen + 1)
    return min(2 * total / 2**count, 1.0)


def _by_normal(count: int, least: int) -> float:
    """The same for many, with the correction of continuity."""
    distance = max(count / 2 - least - 0.5, 0)
    return math.erfc(distance / math.sqrt(count / 4) / math.sqrt(2))
