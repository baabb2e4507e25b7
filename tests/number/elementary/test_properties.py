"""What holds of the functions whatever their values are, at every width."""

import numpy as np
import pytest
import strategies
from elementary_oracle import EVEN, MONOTONIC, ODD
from hypothesis import given, settings
from hypothesis import strategies as st

import fxtypes as fx

SYMMETRIC = [
    "toward_zero", "away_from_zero", "nearest_even", "nearest_odd", "nearest_away", "nearest_zero",
    "odd",
]  # fmt: skip
DETERMINISTIC = [mode for mode in fx.Rounding if mode != "stochastic"]
DOMAIN = {
    "sqrt": (0, None), "rsqrt": (0.001, None), "log": (0.001, None), "log2": (0.001, None),
    "log10": (0.001, None), "log1p": (-0.999, None), "arcsin": (-1, 1), "arccos": (-1, 1),
    "arccosh": (1, None), "arctanh": (-0.999, 0.999),
}  # fmt: skip


def within_domain(name, x):
    """The elements that the function takes."""
    low, high = DOMAIN.get(name, (None, None))
    keep = np.ones(x.shape, bool)
    if low is not None:
        keep &= x >= low
    if high is not None:
        keep &= x <= high
    return x[keep]


@st.composite
def arrays(draw, signed=True):
    """Neighbours, both ends, and numbers of all sizes, in one format."""
    places = st.sampled_from((0, 3, 8, 13, 20, 29, 50, 60, 100, 124))
    width = draw(strategies.widths)
    fmt = fx.Format(width, draw(places.map(lambda n: min(n, width + 2))), signed)
    raws = draw(st.lists(strategies.raws(fmt), min_size=2, max_size=12))
    raws += [min(raw + 1, fmt.raw_max) for raw in raws]
    return fx.FixedArray.from_raw(np.array(raws, object), fmt)


def raws(array):
    return array.raw.astype(object)


@pytest.mark.parametrize("name", MONOTONIC)
@settings(max_examples=25)
@given(x=arrays(), rounding=st.sampled_from(DETERMINISTIC), places=st.integers(0, 60))
def test_monotonic(name, x, rounding, places):
    x = within_domain(name, fx.sort(x))
    found = raws(getattr(fx, name)(x, format=fx.Format(64, places, rounding=rounding)))
    steps = np.diff(found) * MONOTONIC[name]
    assert (steps >= 0).all()


@pytest.mark.parametrize("name", MONOTONIC)
@pytest.mark.parametrize("width", [8, 12, pytest.param(16, marks=pytest.mark.long)])
def test_monotonic_on_all_arguments(name, width):
    for places in (width // 3, width - 2):
        fmt = fx.Format(width, places)
        every = fx.FixedArray.from_raw(np.arange(fmt.raw_min, fmt.raw_max + 1), fmt)
        x = within_domain(name, every)
        for rounding in DETERMINISTIC:
            found = raws(getattr(fx, name)(x, format=fx.Format(40, 20, rounding=rounding)))
            assert (np.diff(found) * MONOTONIC[name] >= 0).all()


@pytest.mark.parametrize("name", [*ODD, *EVEN])
@settings(max_examples=25)
@given(x=arrays(), rounding=st.sampled_from(SYMMETRIC), places=st.integers(0, 60))
def test_odd_and_even(name, x, rounding, places):
    x = within_domain(name, x[x != x.format.min])
    if name == "reciprocal":
        x = x[x != 0]
    result = fx.Format(64, places, rounding=rounding, overflow="saturate_symmetric")
    one, other = (raws(getattr(fx, name)(each, format=result)) for each in (x, -x))
    assert (other == (-one if name in ODD else one)).all()


@settings(max_examples=25)
@given(x=arrays(), places=st.integers(0, 120))
def test_sigmoid_of_opposites_adds_up_to_one(x, places):
    x = x[x != x.format.min]
    low, high = (fx.Format(128, places, rounding=mode) for mode in ("floor", "ceil"))
    total = raws(fx.sigmoid(x, format=low)) + raws(fx.sigmoid(-x, format=high))
    assert (total == 1 << places).all()


@pytest.mark.parametrize("name", ["softplus", "gelu", "silu"])
@settings(max_examples=25)
@given(x=arrays(), more=st.integers(0, 40))
def test_opposites_differ_by_the_argument(name, x, more):
    """f(x) = x + f(-x), exactly, so that both are rounded alike."""
    x = x[(x > -(1 << 40)) & (x < 1 << 40)]
    x = x[x != x.format.min]
    places = min(x.format.frac_bits + more, 80)
    for mode in ("floor", "ceil", "nearest_up"):
        result = fx.Format(128, places, rounding=mode)
        x = x[x.astype(result) == x]
        one, other = (raws(getattr(fx, name)(each, format=result)) for each in (x, -x))
        assert (one == raws(x.astype(result)) + other).all()


@pytest.mark.parametrize("name", ["hypot", "logaddexp", "logaddexp2"])
@settings(max_examples=25)
@given(x=arrays(), rounding=st.sampled_from(DETERMINISTIC), places=st.integers(-5, 60))
def test_symmetric_in_their_arguments(name, x, rounding, places):
    function, y = getattr(fx, name), fx.flip(x)
    result = fx.Format(64, places, rounding=rounding)
    assert (raws(function(x, y, format=result)) == raws(function(y, x, format=result))).all()


@settings(max_examples=25)
@given(x=arrays(), rounding=st.sampled_from(SYMMETRIC), places=st.integers(0, 60))
def test_signs_of_arctan2_and_hypot(x, rounding, places):
    x = x[x != x.format.min]
    y = fx.flip(x)
    result = fx.Format(64, places, rounding=rounding)
    one, other = (raws(fx.arctan2(each, y, format=result)) for each in (x, -x))
    on_the_axis = (raws(x) == 0) & (raws(y) < 0)  # pi on either side
    assert (other == np.where(on_the_axis, one, -one)).all()
    hypotenuses = [raws(fx.hypot(each, y, format=result)) for each in (x, -x)]
    assert (hypotenuses[0] == hypotenuses[1]).all()


@pytest.mark.parametrize("name", ["exp", "log", "sin", "tanh", "sigmoid", "arctan", "sqrt", "erf"])
@settings(max_examples=25)
@given(x=arrays(), places=st.integers(0, 60))
def test_every_mode_gives_a_neighbour(name, x, places):
    """Every mode's result is the floor or the ceiling, which differ by one unit at most."""
    x = within_domain(name, x)
    if name == "exp":
        x = x[x < 40]
    found = {
        mode: raws(getattr(fx, name)(x, format=fx.Format(128, places, rounding=mode)))
        for mode in fx.Rounding
    }
    for mode in fx.Rounding:
        assert ((found[mode] == found["floor"]) | (found[mode] == found["ceil"])).all()
    assert np.isin((found["ceil"] - found["floor"]).astype(int), [0, 1]).all()
