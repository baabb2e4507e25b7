"""Optimisers: each step exact and rounded once, each coefficient exact and rounded to 24 bits."""

import contextlib
import itertools
import json
from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest
from checks import SEED, exact_values, fixed, raw_list, words

import fxtypes as fx
from fxtypes_nn.training import hyperparameters, optimizers
from fxtypes_nn.training.optimizers import (
    SGD,
    Adam,
    Optimizer,
    ParameterState,
    Terms,
    Update,
    check_optimizer,
    coefficient,
)
from fxtypes_nn.training.schedules import Cosine, OnPlateau, StepDecay, WarmUp

GRADIENTS = fx.Format(12, 9)
SCALE = Fraction(64, 50)
SHAPE = (4, 6)

# `updates`, `state`
FORMATS = [
    (fx.Format(16, 12), fx.Format(16, 12)),
    (fx.Format(16, 12, rounding="stochastic"), fx.Format(16, 10, rounding="stochastic")),
    (fx.Format(8, 6, rounding="floor"), fx.Format(24, 20, rounding="toward_zero")),
    (fx.Format(12, 9, rounding="nearest_away", overflow="wrap"), fx.Format(9, 3)),
    (fx.Format(32, 29), fx.Format(20, 25, overflow="saturate_symmetric")),
    (fx.Format(64, 60, rounding="ceil"), fx.Format(32, 29, rounding="odd")),
    (fx.Format(128, 120, rounding="stochastic"), fx.Format(128, 100)),
]
formats = pytest.mark.parametrize("formats", FORMATS, ids=lambda pair: f"{pair[0]}, {pair[1]}")


class Rounder:
    """Rounds lists of exact values, with the draws of one stream."""

    def __init__(self):
        self.step = 0

    def __call__(self, exacts, fmt):
        draws = words(fmt, len(exacts), self.step)
        self.step += fmt.rounding == "stochastic"
        raws = [oracle.quantize(x, fmt, u) for x, u in zip(exacts, draws, strict=True)]
        return raws, [oracle.value(raw, fmt) for raw in raws]


def to_24_bits(value):
    """By repeated doubling and halving, then by comparing the rest with half a unit."""
    sign, size, unit = (-1 if value < 0 else 1), abs(Fraction(value)), Fraction(1)
    if not size:
        return size
    while size / unit >= 2**24:
        unit *= 2
    while size / unit < 2**23:
        unit /= 2
    whole = size // unit
    rest = size / unit - whole
    return sign * unit * (whole + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)))


def arrays(updates, seed=0):
    """A parameter with both ends of its format, and a gradient with 0 and both ends."""
    generator = np.random.default_rng(seed)
    size = SHAPE[0] * SHAPE[1]
    span = updates.raw_max + 1
    raws = [int(generator.integers(-(2**40), 2**40)) * span >> 41 for _ in range(size)]
    raws[:5] = [updates.raw_min, updates.raw_max, 0, 1, -1]
    gradients = generator.integers(-2048, 2048, size).tolist()
    gradients[3:9] = [0, 0, 1, -1, -2048, 2047]
    return fixed(raws, updates, SHAPE), fixed(gradients, GRADIENTS, SHAPE)


def run(optimizer, updates, state, steps=3):
    """(the gradient's values, what `step` gave) of some steps, from one parameter on."""
    parameter, kept = arrays(updates)[0], ParameterState(state)
    with fx.seeded(SEED):
        for step in range(1, steps + 1):
            gradient = arrays(updates, step)[1]
            before = raw_list(parameter), raw_list(gradient)
            given = Update(parameter, gradient, SCALE, kept, step)
            parameter, kept = optimizer.step(*given)
            assert (raw_list(given.parameter), raw_list(given.gradient)) == before
            assert parameter.format == updates
            assert parameter.shape == SHAPE
            assert kept.format == state
            assert set(kept.arrays) == set(optimizer.slots)
            yield given, parameter, kept


@formats
@pytest.mark.parametrize("decay", [0, 1e-3])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0, False), (0.9, False), (0.9, True)])
def test_sgd(formats, momentum, nesterov, decay):
    updates, state = formats
    rate = 0.3
    rounder, p = Rounder(), exact_values(arrays(updates)[0])
    v = [Fraction(0)] * len(p)
    for given, parameter, kept in run(SGD(rate, momentum, decay, nesterov), *formats):
        g = exact_values(given.gradient)

        def total(factor, velocity, g=g, p=p):
            c = [to_24_bits(Fraction(factor) * Fraction(f)) for f in (SCALE, decay, momentum)]
            rows = zip(g, p, velocity, strict=True)
            return [sum(x * y for x, y in zip(c, row, strict=True)) for row in rows]

        velocity = v
        if momentum:
            raws, v = rounder(total(1, v), state)
            assert raw_list(kept.arrays["velocity"]) == raws
            assert kept.arrays["velocity"].format == state
        step = total(-rate, v if nesterov else velocity)
        raws, p = rounder([x + y for x, y in zip(p, step, strict=True)], updates)
        assert raw_list(parameter) == raws


def corrections(rate, beta1, beta2, epsilon, step):
    """Adam's a and e from 2,000 bits."""
    with mpmath.workprec(2000):
        rate, beta1, beta2, epsilon = (
            mpmath.mpf(x.numerator) / x.denominator
            for x in map(Fraction, (rate, beta1, beta2, epsilon))
        )
        left = mpmath.sqrt(1 - beta2**step)
        found = rate * left / (1 - beta1**step), epsilon * left
        pairs = [(int(x.man), int(x.exp)) for x in found]
        return tuple(to_24_bits(man * Fraction(2) ** exp) for man, exp in pairs)


@formats
@pytest.mark.parametrize("decay", [0, 0.01])
def test_adam(formats, decay):
    updates, state = formats
    rate, beta1, beta2, epsilon = 0.01, 0.9, 0.999, 1e-8
    rounder, p = Rounder(), exact_values(arrays(updates)[0])
    m, r = ([Fraction(0)] * len(p) for _ in range(2))
    unit = oracle.value(1, state)
    optimizer = Adam(rate, weight_decay=decay)
    for given, parameter, kept in run(optimizer, *formats):
        g = exact_values(given.gradient)
        old, new = to_24_bits(beta1), to_24_bits((1 - Fraction(beta1)) * SCALE)
        raws, m = rounder([old * x + new * y for x, y in zip(m, g, strict=True)], state)
        assert raw_list(kept.arrays["moment"]) == raws
        old, new = to_24_bits(beta2), to_24_bits((1 - Fraction(beta2)) * SCALE**2)
        squares = [old * x * x + new * y * y for x, y in zip(r, g, strict=True)]
        raws, r = rounder([oracle.stand_in_for_root(x, state) for x in squares], state)
        assert raw_list(kept.arrays["root"]) == raws
        a, e = corrections(rate, beta1, beta2, epsilon, given.step)
        c = to_24_bits(-Fraction(rate) * Fraction(decay))
        rows = zip(p, m, r, strict=True)
        raws, p = rounder([x + c * x - a * y / (max(z, unit) + e) for x, y, z in rows], updates)
        assert raw_list(parameter) == raws


def test_a_root_of_adam_counts_at_least_one_unit():
    updates, state = fx.Format(32, 20), fx.Format(16, 8)
    parameter = fx.zeros((2,), updates)
    # sqrt(.001) * 2**-9 is far less than half a unit of the state.
    gradient = fx.array([2.0**-9, 0.0], fx.Format(16, 12))
    kept = ParameterState(state, {"moment": fx.array([3.0, 3.0], state)})
    moved, kept = Adam(0.5, epsilon=0).step(parameter, gradient, Fraction(1), kept, 1)
    assert kept.arrays["root"].tolist() == [0.0, 0.0]
    a, _ = corrections(0.5, 0.9, 0.999, 0, 1)
    expected = [-a * x * 2**8 for x in exact_values(kept.arrays["moment"])]
    assert raw_list(moved) == [oracle.quantize(x, updates) for x in expected]
    assert abs(expected[1]) > 100  # a huge step as it is, but finite


@pytest.mark.parametrize("step", [1, 2, 7, 100, 12345, 10**6, 10**9])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0, 0.5), (Fraction(1, 3), 1 - 2.0**-40)])
def test_corrections_of_adam(betas, step):
    """Seen through a step: moment and root 1 in wide formats, so that every bit of a shows."""
    wide = fx.Format(128, 100)
    one = fx.ones((1,), wide)
    optimizer = Adam(0.001, *betas, epsilon=1e-8)
    update = Update(one, one, Fraction(1), ParameterState(wide), step)
    terms = optimizer.terms(update, ParameterState(wide, {"moment": one, "root": one}))
    a, e = corrections(0.001, *betas, 1e-8, step)
    assert (terms.quotient.factor, terms.quotient.offset) == (-a, e)


@pytest.mark.parametrize("bits", [16, 40])
def test_corrections_do_not_depend_on_the_bits_of_a_power(bits, monkeypatch):
    """With so few bits the bounds round differently, and the exact powers decide."""
    monkeypatch.setattr(hyperparameters, "_POWER_BITS", bits)
    optimizers._corrections.cache_clear()
    wide = fx.Format(128, 100)
    one = fx.ones((1,), wide)
    update = Update(one, one, Fraction(1), ParameterState(wide), 50)
    hyper = (0.0078125, 0.75, 0.96875, 1e-6)
    optimizer = Adam(*hyper)
    terms = optimizer.terms(update, ParameterState(wide, {"moment": one, "root": one}))
    a, e = corrections(*hyper, 50)
    assert (terms.quotient.factor, terms.quotient.offset) == (-a, e)


def test_a_root_just_above_a_tie_is_rounded_up():
    wide = fx.Format(128, 100)
    one = fx.ones((1,), wide)
    update = Update(one, one, Fraction(1), ParameterState(wide), 1)
    optimizer = Adam(1 + 2.0**-24, beta1=2.0**-200, beta2=0)
    terms = optimizer.terms(update, ParameterState(wide, {"moment": one, "root": one}))
    assert terms.quotient.factor == -(1 + 2.0**-23)


@pytest.mark.parametrize("base", [Fraction(0.9), Fraction(2, 3), Fraction(1, 2), Fraction(0)])
def test_powers_lie_within_their_bounds(base, monkeypatch):
    monkeypatch.setattr(hyperparameters, "_POWER_BITS", 40)
    for exponent in range(100):
        low, high = hyperparameters.power(base, exponent)
        assert low <= base**exponent <= high
        assert high - low <= 2 * exponent * Fraction(1, 2**40)
        if (base**exponent * 2**40).denominator == 1:
            assert low == high


def test_coefficients_are_rounded_to_24_bits_ties_to_even():
    generator = np.random.default_rng(3)
    values = [Fraction(0), Fraction(1), Fraction(1, 3), Fraction(10) ** 40, Fraction(10) ** -40]
    for last, shift in itertools.product(range(8), (-300, -30, 0, 300)):
        # 24 bits, then a tie, and its neighbours
        base = (2**25 - 8 + last) * Fraction(2) ** shift
        values += [base, base + Fraction(1, 3**400), base - Fraction(1, 3**400)]
        base = (2**24 + last) * Fraction(2) ** shift
        values += [base, base * (1 + Fraction(1, 10**30)), base * (1 - Fraction(1, 10**30))]
    over = generator.integers(1, 2**62, 50).tolist()
    under = generator.integers(1, 2**62, 50).tolist()
    values += [Fraction(x, y) for x, y in zip(over, under, strict=True)]
    for value in values:
        assert coefficient(value) == to_24_bits(value)
        assert coefficient(-value) == -to_24_bits(value)


def test_a_learning_rate_below_the_formats_step_still_counts():
    # 2**-20 is far below 2**-6, but times a gradient of 2**13 it moves the parameter.
    updates = fx.Format(16, 7)
    parameter, gradient = fx.zeros((1,), updates), fx.array([2.0**13], fx.Format(16, 0))
    moved, _ = SGD(2.0**-20).step(parameter, gradient, Fraction(1), ParameterState(updates), 1)
    assert moved.tolist() == [-(2.0**-7)]


def test_without_momentum_velocities_are_dropped():
    updates = fx.Format(16, 8)
    parameter, gradient = arrays(updates)
    kept = ParameterState(updates, {"velocity": parameter})
    moved, after = SGD(0.1).step(parameter, gradient, SCALE, kept, 1)
    fresh, _ = SGD(0.1).step(parameter, gradient, SCALE, ParameterState(updates), 1)
    assert after.arrays == {}
    assert raw_list(moved) == raw_list(fresh)


@pytest.mark.parametrize("optimizer", [SGD(0.1, 0.9, 0.01), Adam(), SGD(0.1, rounding="niti")])
def test_a_callers_context_changes_no_bit(optimizer):
    found = []
    for context in (contextlib.nullcontext, fx.full_precision, fx.record):
        with context():
            rows = list(run(optimizer, *FORMATS[1]))
            found.append([(raw_list(p), optimizer.lost(u, p, kept)) for u, p, kept in rows])
    assert found[0] == found[1] == found[2]


def test_steps_count_from_1():
    updates = fx.Format(16, 8)
    with pytest.raises(ValueError, match="counted from 1, got 0"):
        SGD(0.1).step(*arrays(updates), SCALE, ParameterState(updates), 0)


# --- hyperparameters --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rate", [2, Fraction(1, 3), Decimal("0.1"), np.float32(0.1), np.int64(3), 0.1, 1e-60, 1e30]
)
def test_numbers_of_every_kind_are_exact(rate):
    updates = fx.Format(128, 100, overflow="wrap")
    parameter, gradient = fx.zeros((1,), updates), fx.ones((1,), GRADIENTS)
    moved, _ = SGD(rate).step(parameter, gradient, SCALE, ParameterState(updates), 1)
    value = Fraction(*np.asarray(rate).item().as_integer_ratio())
    assert raw_list(moved) == [oracle.quantize(-to_24_bits(value * SCALE), updates)]


@pytest.mark.parametrize("scale", [Fraction(1, 2**40), Fraction(2**40, 2**40 - 1)])
@pytest.mark.parametrize("rate", [2.0**-200, 2**100])
def test_hyperparameters_at_their_ends_make_coefficients(rate, scale):
    updates = fx.Format(16, 8)
    parameter, gradient = arrays(updates)
    least, most = Fraction(1, 2**200), 1 - Fraction(1, 2**200)
    for optimizer in (
        SGD(rate, most, 2.0**-200, nesterov=True),
        SGD(rate, least, 2**100),
        Adam(rate, most, most, 2.0**-200, 2.0**-200),
        Adam(rate, least, least, 2**100, 2**100),
        Adam(rate, 0, 0, 0, 0),
    ):
        kept = ParameterState(updates)
        for step in (1, 2):
            parameter, kept = optimizer.step(parameter, gradient, scale, kept, step)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (SGD, {"learning_rate": 0}, "learning_rate must be a finite number, more than 0 .*got 0"),
        (SGD, {"learning_rate": -0.1}, "learning_rate .* got -0.1"),
        (SGD, {"learning_rate": float("nan")}, "learning_rate .* got nan"),
        (SGD, {"learning_rate": float("inf")}, "learning_rate .* got inf"),
        (SGD, {"learning_rate": Decimal("NaN")}, "learning_rate .*NaN"),
        (SGD, {"learning_rate": Decimal("1e999999999")}, "learning_rate .*-?999999999"),
        (SGD, {"learning_rate": Decimal("1e-999999999")}, "learning_rate .*-?999999999"),
        (SGD, {"learning_rate": 10**5000}, "learning_rate .* thousands of digits"),
        (SGD, {"learning_rate": 1e300}, r"learning_rate .*2\*\*-200 to 2\*\*100\), got 1e\+300"),
        (SGD, {"learning_rate": 1e-200}, "learning_rate .* got 1e-200"),
        (SGD, {"learning_rate": "0.1"}, "learning_rate .* got '0.1'"),
        (SGD, {"learning_rate": True}, "learning_rate .* got True"),
        (SGD, {"learning_rate": None}, "learning_rate .* got None"),
        (SGD, {"learning_rate": Cosine}, "learning_rate .* got <class .*Cosine"),
        (SGD, {"learning_rate": [0.1]}, r"learning_rate .* got \[0.1\]"),
        (SGD, {"learning_rate": 1j}, "learning_rate .* got 1j"),
        (SGD, {"momentum": 1}, "momentum must be .* less than 1 .*, got 1"),
        (SGD, {"momentum": -0.1}, "momentum .* got -0.1"),
        (SGD, {"momentum": 1e-100}, "momentum .* got 1e-100"),
        (SGD, {"momentum": False}, "momentum .* got False"),
        (SGD, {"weight_decay": -1}, "weight_decay must be .* at least 0 .*, got -1"),
        (SGD, {"nesterov": True}, "nesterov=True needs a momentum"),
        (SGD, {"nesterov": 1, "momentum": 0.9}, "nesterov must be True or False, got 1"),
        (SGD, {"rounding": "floor"}, "rounding must be None or 'niti', got 'floor'"),
        (Adam, {"learning_rate": 0}, "learning_rate .* got 0"),
        (Adam, {"beta1": 1}, "beta1 .* less than 1 .*, got 1"),
        (Adam, {"beta2": 1.0}, "beta2 .* less than 1 .*, got 1.0"),
        (Adam, {"beta2": "x"}, "beta2 .* got 'x'"),
        (Adam, {"epsilon": -1e-8}, "epsilon .* at least 0 .*, got -1e-08"),
        (Adam, {"weight_decay": float("nan")}, "weight_decay .* got nan"),
        (Adam, {"rounding": 3}, "rounding must be None or 'niti', got 3"),
    ],
)
def test_refuses_hyperparameters_out_of_range(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**({"learning_rate": 0.1} | arguments))


def test_equal_hyperparameters_are_equal_and_look_the_same():
    assert SGD(1) == SGD(1.0) == SGD(Decimal(1)) == SGD(np.float32(1))
    assert repr(SGD(1.0)) == repr(SGD(Fraction(1)))
    assert repr(SGD(0.1, 0.5)) == (
        "SGD(learning_rate=0.1, momentum=0.5, weight_decay=0, nesterov=False, rounding=None)"
    )
    assert SGD(0.1) != SGD(0.2)
    assert SGD(0.1) != SGD(Decimal("0.1"))  # a float's exact value is another one
    assert SGD(0.1) != SGD(0.1, rounding="niti")
    assert SGD(0.001) != Adam(0.001)
    assert len({SGD(0.1), SGD(0.1), Adam(), Adam(0.001)}) == 2
    with pytest.raises(FrozenInstanceError):
        SGD(0.1).momentum = 0.9
    for optimizer in (SGD(Fraction(1, 3), 0.9, 1e-4, True), Adam(Decimal("0.1"), rounding="niti")):
        assert eval(repr(optimizer)) == optimizer


def named_schedule(step):
    return 0.1


class Own(Optimizer):
    def __init__(self, size):
        self.size = size

    def terms(self, update, state):
        return Terms([-self.size], [fx.sign(update.gradient)])


def test_settings_go_through_json():
    for optimizer in (
        SGD(0.1),
        SGD(Fraction(1, 3), momentum=Decimal("0.9"), nesterov=True, rounding="niti"),
        SGD(2**100, weight_decay=2.0**-200),
        Adam(),
        Adam(WarmUp(StepDecay(0.1, Fraction(2, 3), 50), 10), beta1=0),
        SGD(Cosine(Decimal("0.3"), 100, 10, 0.01)),
    ):
        stored = json.loads(json.dumps(optimizer.settings()))
        assert stored["name"] == type(optimizer).__name__.lower()
        assert Optimizer.from_settings(stored) == optimizer
        assert repr(Optimizer.from_settings(stored)) == repr(optimizer)


def test_what_is_not_ours_is_stored_by_name_and_not_read():
    for optimizer in (Own(3), type("SGD", (SGD,), {})(0.1)):
        stored = optimizer.settings()
        assert list(stored) == ["name"]
        assert stored["name"].startswith(f"{__name__}.")
        with pytest.raises(ValueError, match=r"none of adam, sgd; an optimiser .* pass it again"):
            Optimizer.from_settings(stored)
    stored = SGD(named_schedule).settings()
    assert stored["learning_rate"] == {"name": f"{__name__}.named_schedule"}
    assert repr(SGD(named_schedule)).startswith(f"SGD(learning_rate={__name__}.named_schedule,")
    with pytest.raises(ValueError, match="none of cosine, "):
        Optimizer.from_settings(stored)
    assert repr(Own(3)) == "Own(size=3)"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (None, "the settings None name none of adam, sgd"),
        ({}, "name none of"),
        ({"name": ["sgd"]}, "name none of"),
        ({"name": "cosine", "rate": 1, "steps": 3}, "name none of"),
        ({"name": "sgd"}, "the settings of sgd are learning_rate, .*, got \\[\\]"),
        ({"name": "sgd", "learning_rate": 0.1, "rate": 2}, "the settings of sgd are"),
        ({"name": "sgd", "learning_rate": "1/0"}, "learning_rate .* got '1/0'"),
        ({"name": "sgd", "learning_rate": "-1/3"}, "learning_rate .* got Fraction"),
        ({"name": "sgd", "learning_rate": {"name": "os.system"}}, "none of cosine, "),
        ({"name": "sgd", "learning_rate": {"name": "sgd", "learning_rate": 1}}, "none of cosine"),
    ],
)
def test_refuses_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Optimizer.from_settings(settings)


# --- schedules --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [SGD, Adam])
def test_a_schedule_gives_the_rate_of_each_step(make):
    updates = fx.Format(32, 24)
    rates = {1: 0.5, 2: Fraction(1, 3), 3: 0, 4: Decimal("0.1"), 5: 1e-90}
    parameter, gradient = arrays(updates)
    kept = ParameterState(updates)
    for step, rate in rates.items():
        moved, after = make(rates.__getitem__).step(parameter, gradient, SCALE, kept, step)
        if step in (3, 5):  # 1e-90 counts as 0
            assert raw_list(moved) == raw_list(parameter)
        else:
            expected, _ = make(rate).step(parameter, gradient, SCALE, kept, step)
            assert raw_list(moved) == raw_list(expected) != raw_list(parameter)
        parameter, kept = moved, after


@pytest.mark.parametrize("value", [-0.1, float("nan"), 2.0**101, None, "0.1", True])
def test_refuses_what_a_schedule_gives(value):
    updates = fx.Format(32, 24)
    optimizer = SGD(lambda step: value)
    with pytest.raises(ValueError, match=r"<lambda> gave .* for step 7"):
        optimizer.step(*arrays(updates), SCALE, ParameterState(updates), 7)


def test_an_optimiser_hands_its_schedule_what_it_must_know():
    optimizer = SGD(WarmUp(OnPlateau(0.5, patience=1), 4))
    for loss in (1.0, 1.0):
        optimizer.observe(loss)
    assert optimizer.learning_rate(4) == Fraction(1, 4)
    variables = json.loads(json.dumps(optimizer.variables()))
    again = SGD(WarmUp(OnPlateau(0.5, patience=1), 4))
    again.set_variables(variables)
    assert again.learning_rate(4) == Fraction(1, 4)
    again.reset()
    assert again.learning_rate(4) == Fraction(1, 2)
    plain = SGD(0.1)
    plain.observe(1.0)
    plain.reset()
    assert plain.variables() == {}
    plain.set_variables({})
    with pytest.raises(ValueError, match="has no variables"):
        plain.set_variables(variables)


# --- lost updates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(2.0**-9),
        SGD(0.001, momentum=0.5),
        SGD(0.001, momentum=0.5, weight_decay=0.01, nesterov=True),
        SGD(1e-60),
    ],
    ids=repr,
)
@formats
def test_lost_updates_of_sgd(formats, optimizer):
    v = [Fraction(0)] * (SHAPE[0] * SHAPE[1])
    for given, parameter, kept in run(optimizer, *formats):
        p, g = exact_values(given.parameter), exact_values(given.gradient)
        c = [
            to_24_bits(Fraction(optimizer.learning_rate) * Fraction(f))
            for f in (SCALE, optimizer.weight_decay, optimizer.momentum)
        ]
        velocity = v
        if optimizer.momentum:
            v = exact_values(kept.arrays["velocity"])
        used = v if optimizer.nesterov else velocity
        rows = zip(g, p, used, strict=True)
        exact = [sum(x * y for x, y in zip(c, row, strict=True)) for row in rows]
        same = [x == y for x, y in zip(p, exact_values(parameter), strict=True)]
        lost = sum(x != 0 and y for x, y in zip(exact, same, strict=True))
        assert optimizer.lost(given, parameter, kept) == lost / sum(x != 0 for x in exact)


def test_an_update_that_wraps_around_to_where_it_was_is_lost():
    updates = fx.Format(8, 6, overflow="wrap")
    parameter, gradient = fx.array([1.0, 1.0], updates), fx.array([2.0, 1.0], GRADIENTS)
    update = Update(parameter, gradient, Fraction(1), ParameterState(updates), 1)
    optimizer = SGD(2)
    moved, kept = optimizer.step(*update)
    assert moved.tolist() == [1.0, -1.0]
    assert optimizer.lost(update, moved, kept) == 1 / 2


def test_lost_updates_of_niti():
    updates = fx.Format(16, 8)
    parameter = fx.array([1.0, 1.0, 1.0, 1.0], updates)
    # Of 4 bits cut off, 01 > 00 and 11 > 10 move; 0110 and 0101 don't, downward.
    gradient = fx.FixedArray.from_raw([0, 0b0101, 0b1110, -0b0110], fx.Format(16, 12))
    update = Update(parameter, gradient, Fraction(1), ParameterState(updates), 1)
    optimizer = SGD(1, rounding="niti")
    moved, kept = optimizer.step(*update)
    # 1 - 5/16 units is 1010 (10 = 10) cut toward 0, 1 - 14/16 is 0010, 1 + 6/16 is 0110.
    assert raw_list(moved) == [256, 255, 255, 256]
    assert optimizer.lost(update, moved, kept) == 1 / 3


def test_lost_updates_of_adam():
    updates = fx.Format(16, 8)
    parameter = fx.array([1.0, 1.0, 1.0, 127.99609375], updates)
    gradient = fx.array([0.0, 1.0, -1.0, -1.0], GRADIENTS)

    def lost(optimizer):
        update = Update(parameter, gradient, Fraction(1), ParameterState(updates), 1)
        return optimizer.lost(update, *optimizer.step(*update))

    assert lost(Adam(0.5)) == 1 / 3  # the last one is at its end
    assert lost(Adam(1e-6)) == 1.0
    assert lost(Adam(1e-6, weight_decay=1e-6)) == 1.0
    assert lost(Adam(0.5, weight_decay=0.5)) == 0.0
    assert lost(Adam(1e-6, weight_decay=10**4)) == 0.0
    assert lost(Adam(lambda step: 1e-6, weight_decay=0.5)) == 1.0
    assert lost(Adam(lambda step: 0)) == 0.0


# --- NITI's rounding --------------------------------------------------------------------------


def by_niti(exact, updates, bits):
    """Of the magnitude's binary digits behind the point, text compared with text."""
    size = int(abs(exact) * Fraction(2) ** (updates.frac_bits + bits))
    digits = f"{size:0{bits + 1}b}"
    whole, low = digits[: len(digits) - bits], digits[len(digits) - bits :]
    raw = int(whole, 2) + (low[: bits // 2] > low[bits // 2 :])
    return oracle.overflow(-raw if exact < 0 else raw, updates)


@pytest.mark.parametrize(
    ("updates", "rate", "bits"),
    [
        # The gradient has 9 fraction bits, 2**-s as many more as s.
        (fx.Format(16, 12), 2.0**-8, 6),  # 5 bits, and a 0
        (fx.Format(16, 12, rounding="stochastic"), 2.0**-9, 6),
        (fx.Format(16, 9), 1, 0),  # nothing is rounded
        (fx.Format(16, 11), 1, 0),
        (fx.Format(12, 9), 2.0**-200, 50),  # as many as fit
        (fx.Format(47, 12), Fraction(0xABCDEF, 2**40), 16),
        (fx.Format(48, 12), Fraction(0xABCDEF, 2**40), 38),
        (fx.Format(100, 12), Fraction(0xABCDEF, 2**40), 26),
        (fx.Format(125, 12), 2.0**-200, 2),
        (fx.Format(16, 252), 2.0**-200, 4),
        (fx.Format(10, 9, overflow="saturate_symmetric"), 2.0**-4, 4),
    ],
)
def test_niti_compares_the_halves_of_what_is_cut(updates, rate, bits):
    parameter, gradient = arrays(updates)
    moved, _ = SGD(rate, rounding="niti").step(
        parameter, gradient, Fraction(1), ParameterState(updates), 1
    )
    assert moved.format == updates
    rows = zip(exact_values(parameter), exact_values(gradient), strict=True)
    assert raw_list(moved) == [by_niti(p - Fraction(rate) * g, updates, bits) for p, g in rows]


@pytest.mark.parametrize(
    ("overflow", "expected"), [("saturate", [127, -128]), ("wrap", [-128, 127])]
)
def test_niti_overflows_as_the_format_says(overflow, expected):
    updates = fx.Format(8, 4, overflow=overflow)
    parameter = fx.FixedArray.from_raw([127, -128], updates)
    gradient = fx.FixedArray.from_raw([-0b1001, 0b1001], fx.Format(16, 8))
    kept = ParameterState(updates)
    moved, _ = SGD(1, rounding="niti").step(parameter, gradient, Fraction(1), kept, 1)
    assert raw_list(moved) == expected


@pytest.mark.parametrize("make", [SGD, Adam])
def test_niti_with_coefficients_of_24_bits(make):
    updates = fx.Format(16, 12)
    parameter, gradient = arrays(updates)
    given = parameter, gradient, SCALE, ParameterState(fx.Format(32, 24)), 1
    moved, kept = make(0.1, rounding="niti").step(*given)
    g = exact_values(gradient)
    if make is SGD:  # the coefficient's last bit is 2**-26
        c = to_24_bits(Fraction(0.1) * SCALE)
        bits = c.denominator.bit_length() - 1 + 9 - 12
        bits += bits % 2
        steps = [c * x for x in g]
    else:
        a, e = corrections(0.1, 0.9, 0.999, 1e-8, 1)
        m, r = (exact_values(kept.arrays[name]) for name in ("moment", "root"))
        steps = [a * x / (max(y, Fraction(1, 2**24)) + e) for x, y in zip(m, r, strict=True)]
        bits = 46  # 47 fit
    rows = zip(exact_values(parameter), steps, strict=True)
    assert raw_list(moved) == [by_niti(p - x, updates, bits) for p, x in rows]


def test_niti_draws_nothing():
    updates = fx.Format(16, 12, rounding="stochastic")
    given = *arrays(updates), SCALE, ParameterState(fx.Format(16, 12)), 1
    found = []
    for seed in range(2):
        with fx.seeded(seed):
            found.append(raw_list(SGD(0.1, rounding="niti").step(*given)[0]))
    assert found[0] == found[1]


@pytest.mark.parametrize("updates", [fx.Format(126, 12), fx.Format(128, 12), fx.Format(16, 255)])
def test_niti_needs_room_for_two_bits(updates):
    with pytest.raises(ValueError, match=r"at most 125 bits and 254 fraction bits, got Format\("):
        SGD(0.1, rounding="niti").step(*arrays(updates), SCALE, ParameterState(updates), 1)


# --- one's own --------------------------------------------------------------------------------


def test_an_own_optimiser_defines_its_terms():
    updates = fx.Format(8, 2)
    parameter = fx.array([1.0, 2.0, 3.0, 3.0], updates)
    gradient = fx.array([0.5, 0.0, -1.0, 2.0], GRADIENTS)
    update = Update(parameter, gradient, Fraction(1), ParameterState(updates), 1)
    optimizer = Own(0.25)
    moved, kept = optimizer.step(*update)
    assert moved.tolist() == [0.75, 2.0, 3.25, 2.75]
    assert (optimizer.slots, kept.arrays) == ((), {})
    assert optimizer.lost(update, moved, kept) == 0.0
    small = Own(0.0625)
    assert small.lost(update, *small.step(*update)) == 1.0
    with pytest.raises(NotImplementedError, match="Optimizer gives no step"):
        Optimizer().step(*update)


def test_what_is_no_optimiser_is_refused():
    assert check_optimizer(SGD(0.1)) == SGD(0.1)
    for value, shown in (("sgd", "'sgd'"), (SGD, "the class SGD"), (None, "None"), (0.1, "0.1")):
        with pytest.raises(TypeError, match=rf"such as SGD\(0.1\) or Adam\(\), got {shown}"):
            check_optimizer(value)
