"""Seeds: derived streams and the order of batches are fixed for good."""

import hashlib

import numpy as np
import pytest

from fxtypes_nn.seeds import derive, permutation


def splitmix64(seed, count):
    """The generator as its authors' C code states it, in Python integers."""
    mask, found = 2**64 - 1, []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = ((seed ^ seed >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        found.append(z ^ z >> 31)
    return found


def test_generator_of_the_order_gives_the_published_first_output():
    assert splitmix64(0, 1) == [0xE220A8397B1DCDAF]


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**63, 2**64 - 1])
@pytest.mark.parametrize("count", [1, 2, 17, 1000])
def test_permutation_sorts_splitmix64(seed, count):
    keys = splitmix64(seed, count)
    expected = sorted(range(count), key=keys.__getitem__)
    found = permutation(count, seed)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_derive_is_sha256_of_the_text():
    expected = hashlib.sha256(b"7/order/3").digest()[:8]
    assert derive(7, "order", 3) == int.from_bytes(expected, "big")


def test_derived_seeds_differ_by_every_part():
    seeds = {derive(s, p, e) for s in range(-2, 3) for p in ("order", "rounding") for e in range(5)}
    assert len(seeds) == 50
