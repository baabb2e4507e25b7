"""Spread, and the two tests of pairs, against counting and against each other's limits."""

import itertools
import math
import statistics

import pytest

from fxtypes_nn.studies.paired import mcnemar_test, sign_flip_test, spread


def test_spread():
    values = [0.1, 0.7, 0.3, 0.9]
    mean, deviation = spread(values)
    assert mean == pytest.approx(statistics.mean(values))
    assert deviation == pytest.approx(statistics.stdev(values))
    assert spread([0.5]) == (0.5, None)


@pytest.mark.parametrize("differences", [[1], [2, -1], [3, 0, -1, 5], [0, 0], [1] * 6])
def test_sign_flips_are_counted(differences):
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    expected = sum(each >= abs(sum(differences)) for each in sums) / len(sums)
    assert sign_flip_test(differences) == expected


def test_many_pairs_go_by_the_normal_distribution():
    few = [3, -1, 2, 5, -4, 1, 2, 2, -3, 6, 1, -2, 4, 1, -1, 2]
    exact = sign_flip_test(few)
    approximate = sign_flip_test([*few, 1])  # one more than is counted
    assert approximate == pytest.approx(exact, abs=0.05)
    assert sign_flip_test([1] * 100) < 1e-10
    assert sign_flip_test([1, -1] * 20) == 1


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 4), (4, 1), (10, 10), (3, 30)])
def test_mcnemar_is_a_binomial(first, second):
    count, least = first + second, min(first, second)
    tail = sum(math.comb(count, chosen) for chosen in range(least + 1)) / 2**count
    assert mcnemar_test(first, second) == pytest.approx(min(1, 2 * tail))


def test_mcnemar_of_many():
    exact, approximate = mcnemar_test(470, 529), mcnemar_test(470, 530)
    assert exact == pytest.approx(approximate, abs=0.01)
    assert mcnemar_test(10**6, 10**6) == 1
    assert mcnemar_test(0, 10**6) == 0
