"""The search for hard cases finds what it should, and its file says what is so."""

import random
from pathlib import Path

from elementary import search_hard_cases as search
from elementary_oracle import FUNCTIONS, Dyadic

FOUND = Path(__file__).parents[1] / "number" / "elementary" / "hard_cases.txt"


def test_first_in_range():
    chosen = random.Random(3)
    for _ in range(3000):
        m = chosen.randint(1, 60)
        a, low, high = chosen.randrange(m), *sorted(chosen.choices(range(m), k=2))
        first = next((k for k in range(m) if low <= a * k % m <= high), None)
        assert search.first_in_range(a, m, low, high) == first


def test_nearest():
    """As near as any, but for the factor of two that ends the search."""
    chosen, unit = random.Random(4), 1 << search.BITS
    for _ in range(200):
        start, slope, steps = chosen.randrange(unit), chosen.randrange(unit), chosen.randint(8, 300)
        offs = [(start + slope * k) % unit for k in range(steps)]
        offs = [min(off, unit - off) for off in offs]
        found = search.nearest(start, slope, steps)
        assert found is None or offs[found] <= 2 * min(offs) + 1
        assert found is not None or min(offs) > unit // 4


def test_search():
    lines = list(search.search("exp", (64, 61), (32, 24), 5))
    assert len(lines) > 2
    assert all(int(line.split()[-1][:-1]) > 30 for line in lines)


def test_distances():
    """As stated, and what to expect of each kind: more than random arguments would have."""
    seen = {name: 0 for name in FUNCTIONS}
    for line in FOUND.read_text().splitlines():
        name, fmt, raws, result, distance = line.split()
        places, frac_bits = int(fmt.split(",")[1]), int(result.split(",")[1])
        arguments = [Dyadic(int(raw), places) for raw in raws.split(",")]
        bits, tie = search.distance_of(name, arguments, frac_bits)
        assert f"{bits}{'=/'[tie]}" == distance, line
        seen[name] = max(seen[name], bits)
    assert min(seen.values()) > 60
