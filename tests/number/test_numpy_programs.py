"""The programs of docs/numpy-programs.md: the same code in float64 and in fixed point."""

import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx

PAGE = Path(__file__).resolve().parents[2] / "docs" / "numpy-programs.md"
FLOAT64 = 2.0**-40  # more than what float64's own roundings come to in these programs


@pytest.fixture(scope="module")
def programs():
    names = {"np": np}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S):
        exec(block, names)
    return names


def fixed(fmt, *arrays):
    """FixedArrays, and float64 arrays of the same values."""
    made = [fx.array(values, fmt) for values in arrays]
    return made, [a.to_numpy() for a in made]


def distance(found, wanted):
    assert isinstance(found, fx.FixedArray)
    return np.abs(found.to_numpy() - wanted).max() / float(found.format.resolution)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize(
    "fmt", [fx.Format(16, 14), fx.Format(24, 20, rounding="nearest_away")], ids=str
)
def test_fir(programs, rng, fmt):
    x = np.sin(np.arange(500) * 0.05) / 2 + rng.normal(0, 0.1, 500)
    ours, floats = fixed(fmt, x, programs["lowpass"](31, 0.1))
    found, wanted = programs["fir"](*ours), programs["fir"](*floats)
    assert distance(found, wanted) <= 0.5 + FLOAT64 / float(fmt.resolution)
    assert np.array_equal(programs["fir_by_samples"](*ours), found)
    # By the definition, in exact numbers.
    xs, hs = (a.to_fractions() for a in ours)
    for n in (0, 3, 30, 499):
        exact = sum((hs[k] * xs[n - k] for k in range(31) if k <= n), Fraction(0))
        assert abs(found[n].item() - exact) <= fmt.resolution / 2


@pytest.mark.parametrize("fmt", [fx.Format(32, 28), fx.Format(16, 13)], ids=str)
def test_fft(programs, rng, fmt):
    x = rng.uniform(-1, 1, 1024)
    (ours,), (floats,) = fixed(fmt, x)
    re, im = programs["fft"](ours, np.zeros_like(ours))
    bound = 0.0
    for _ in range(10):
        bound = (1 + 2**0.5) / 2 * bound + 3
    assert bound < 81
    wanted = np.fft.fft(floats) / 1024
    assert max(distance(re, wanted.real), distance(im, wanted.imag)) <= bound
    plain = programs["fft"](floats, np.zeros_like(floats))
    assert np.abs(plain[0] + 1j * plain[1] - wanted).max() < FLOAT64


def test_kalman(programs, rng):
    fmt, dt = fx.Format(32, 20), 0.1
    z = np.cumsum(np.full(200, 0.1)) + rng.normal(0, 0.5, 200)
    A, C, R = np.array([[1, dt], [0, 1]]), np.array([[1.0, 0]]), np.array([[0.25]])
    Q = np.array([[dt**4 / 4, dt**3 / 2], [dt**3 / 2, dt**2]]) / 10
    ours, floats = fixed(fmt, z, A, C, Q, R, np.zeros(2), 4 * np.eye(2))
    found, wanted = programs["kalman"](*ours), programs["kalman"](*floats)
    assert np.abs(found.to_numpy() - wanted).max() <= kalman_bound(floats, 2.0**-20)
    assert np.abs(wanted[-50:, 1] - 1).max() < 0.3  # the filter does find the velocity


def kalman_bound(arguments, u):
    """The largest error of a state that roundings can leave, to first order.

    A step's roundings, each of u/2, reach the later ones by the filter's own transitions
    F = (I - K C) A: an error e of the state as F e, one of the covariance as F e F.T.
    """
    z, A, C, Q, R, x, P = arguments
    norm, half = lambda matrix: np.abs(matrix).sum(axis=-1).max(axis=-1), u / 2
    carried, of_state, of_covariance, worst = np.zeros((0, 2, 2)), [], [], 0.0
    for measured in z:
        x, P = A @ x, A @ P @ A.T + Q
        S = (C @ P @ C.T + R).item()
        K = P @ C.T / S
        kept = np.eye(2) - K @ C
        innovation = abs(measured - (C @ x).item())
        before = norm(carried) ** 2 @ np.array(of_covariance) if of_covariance else 0.0
        predicted = norm(A) ** 2 * before + half * (norm(A) + 1)  # A P, and that times A.T
        gain = norm(kept) * predicted / S + half
        carried = np.concatenate([kept @ A @ carried, np.eye(2)[None]])
        of_state.append(half * norm(kept) + gain * innovation + half)
        of_covariance.append(norm(kept) ** 2 * half * (norm(A) + 1) + half * (1 + np.abs(P).max()))
        worst = max(worst, norm(carried) @ np.array(of_state))
        x = x + (K @ (measured - C @ x))
        P = P - K @ C @ P
    return worst


def test_sobel(programs, rng):
    image = rng.integers(0, 256, (60, 80)).astype(np.uint8)
    (ours,), (floats,) = fixed(fx.Format(16, 4), image)
    for found, wanted in zip(programs["sobel"](ours), programs["sobel"](floats), strict=True):
        assert distance(found, wanted) <= 0.5 + FLOAT64
    edges = programs["sobel"](ours)[0].to_numpy(np.uint16)
    assert np.array_equal(edges, programs["sobel"](ours)[0].to_numpy().astype(np.uint16))


def test_statistics(programs, rng):
    fmt = fx.Format(32, 20)
    (ours,), (floats,) = fixed(fmt, rng.normal(3, 2, 1_000_000))
    found, wanted = programs["statistics"](ours), programs["statistics"](floats)
    u = float(fmt.resolution)
    scores, plain = found.pop("scores"), wanted.pop("scores")
    largest, deviation = np.abs(plain).max(), float(wanted["deviation"])
    assert distance(scores, plain) <= (2 + largest) / deviation / 2 + 0.5
    # What is above a rounded mean may differ from what is above the mean by elements beside it.
    above = floats[floats > float(found["mean"])].mean()
    for name, value in found.items():
        assert distance(value, above if name == "above" else wanted[name]) <= 0.5 + FLOAT64 / u
    bins = np.linspace(-5, 11, 65)
    assert np.array_equal(np.histogram(ours, bins)[0], np.histogram(floats, bins)[0])
    total = np.sum(ours.raw, dtype=np.int64).item()
    assert ours.sum(format=fx.Format(64, 20)).raw == total
    assert ours.sum().raw == fmt.raw_max  # as the page says: its own format is too narrow


def test_what_had_to_be_changed():
    a = fx.array([1.5, 300], fx.Format(16, 4))
    with pytest.raises(TypeError, match=r"no data type|data type"):
        np.zeros(2, dtype=a.dtype)
    assert np.zeros_like(a, shape=3).format is a.format
    for call in (lambda: np.fft.fft(a), lambda: np.linalg.inv(a.reshape(1, 2)), lambda: a * 1j):
        with pytest.raises(TypeError, match=r"float64|imag|number"):
            call()
    assert np.array([a[0], a[1]]).dtype == np.float64
    assert np.stack([a[0], a[1]]).format is a.format
    assert np.sqrt(a**2).tolist() == [1.5, float(fx.sqrt(fx.array(2048, a.format)))]  # saturated
    assert np.hypot(a, 0).tolist() == [1.5, 300]
    assert a.to_numpy(np.uint16).tolist() == [1, 300]


def test_what_python_and_numpy_do_by_themselves():
    a = fx.array(np.arange(32).reshape(16, 2), fx.Format(8, 0))
    rows, shuffled = sorted(a.tolist()), a.copy()
    rng = np.random.default_rng(1)
    with pytest.warns(UserWarning, match="view semantics"):
        rng.shuffle(shuffled)
    assert sorted(shuffled.tolist()) != rows  # else the page is out of date
    shuffled = a.copy()
    shuffled[:] = shuffled[rng.permutation(len(a))]
    assert sorted(shuffled.tolist()) == rows != shuffled.tolist()
    assert isinstance(a[rng.integers(len(a), size=5)], fx.FixedArray)
    assert type(rng.permutation(a)) is type(rng.permuted(a)) is np.ndarray
    assert a[0, 1].item() == Fraction(1)
    if sys.version_info >= (3, 14):
        assert Fraction(a[0, 1]) == 1
    with pytest.raises(TypeError, match="expected a Format"):
        a.astype(np.uint8)
