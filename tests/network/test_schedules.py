"""Schedules: exact rationals by the number of the step, at their ends and between."""

import json
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest

import fxtypes as fx
from fxtypes_nn.training import schedules
from fxtypes_nn.training.schedules import (
    Cosine,
    OnPlateau,
    PowersOfTwo,
    Schedule,
    StepDecay,
    WarmUp,
)


def test_step_decay():
    decay = StepDecay(Decimal("0.1"), factor=Fraction(1, 3), every=4)
    rate = Fraction(1, 10)
    expected = [rate] * 4 + [rate / 3] * 4 + [rate / 9] * 4
    assert [decay(step) for step in range(1, 13)] == expected
    assert [StepDecay(1, 0.1, 1)(step) for step in (1, 2, 4)] == [
        1,
        Fraction(0.1),
        Fraction(0.1) ** 3,
    ]


@pytest.mark.parametrize("factor", [0.999, Fraction(2, 3), 1 - 2.0**-30])
@pytest.mark.parametrize("step", [200, 3000, 10**7])
def test_long_powers_of_step_decay_have_256_fraction_bits(factor, step):
    found = StepDecay(1, factor, 1)(step + 1)
    with mpmath.workprec(400):
        exact = (mpmath.mpf(Fraction(factor).numerator) / Fraction(factor).denominator) ** step
        exact = int(exact.man) * Fraction(2) ** int(exact.exp)
    assert (found * 2**256).denominator == 1
    assert 0 <= exact - found < Fraction(1, 2**220)


def cosine(rate, final, since, length):
    with mpmath.workprec(300):
        part = (1 + mpmath.cos(mpmath.pi * since / length)) / 2
        part = int(part.man) * Fraction(2) ** int(part.exp)
    return Fraction(final) + (Fraction(rate) - Fraction(final)) * part


@pytest.mark.parametrize(("warmup", "final"), [(0, 0), (5, 0), (0, 0.01), (19, Fraction(1, 3))])
def test_cosine(warmup, final):
    rate, steps = 0.5, 20
    schedule = Cosine(rate, steps, warmup, final)
    for step in range(1, warmup + 1):
        assert schedule(step) == Fraction(rate) * Fraction(step, warmup)
    for step in range(warmup + 1, steps + 1):
        exact = cosine(rate, final, step - 1 - warmup, steps - warmup)
        assert abs(schedule(step) - exact) < Fraction(1, 2**120)
    assert schedule(warmup + 1) == rate
    assert schedule(steps) > final
    for step in (steps + 1, steps + 2, 10**9):
        assert schedule(step) == final


def test_the_end_of_a_long_cosine_keeps_its_significant_bits():
    steps = 10**9
    found, exact = Cosine(1, steps)(steps), cosine(1, 0, steps - 1, steps)
    assert abs(found - exact) < exact / 2**80


def test_a_cosine_of_one_step():
    assert [Cosine(0.5, 1)(step) for step in (1, 2)] == [0.5, 0]


def test_a_cosine_is_the_same_in_every_context():
    expected = Cosine(0.3, 77)(38)
    schedules._cosine_squared.cache_clear()
    schedules._pi.cache_clear()
    with fx.full_precision(), fx.seeded(3):
        assert Cosine(0.3, 77)(38) == expected


@pytest.mark.parametrize("inner", [0.3, Decimal("0.3"), StepDecay(0.3, 0.5, 3), lambda step: 0.3])
def test_warm_up(inner):
    warm = WarmUp(inner, 5)
    for step in range(1, 9):
        rate = inner(step) if callable(inner) else inner
        assert warm(step) == Fraction(rate) * min(Fraction(step, 5), 1)


def test_powers_of_two():
    halves = PowersOfTwo(StepDecay(1, Fraction(2, 3), 1))
    assert [halves(step) for step in range(1, 6)] == [
        1,
        Fraction(1, 2),
        Fraction(1, 4),
        Fraction(1, 4),
        Fraction(1, 8),
    ]
    for exponent in (-199, -24, -1, 0, 1, 99):
        power = Fraction(2) ** exponent
        assert PowersOfTwo(power)(1) == power
        assert PowersOfTwo(power * Fraction(2**60 + 1, 2**60))(1) == power
        assert PowersOfTwo(power * Fraction(2**60 - 1, 2**60))(1) == power / 2
    assert PowersOfTwo(lambda step: 0)(1) == 0
    assert PowersOfTwo(Cosine(1, 5))(6) == 0


def test_on_plateau():
    plateau = OnPlateau(Fraction(1, 3), factor=0.5, patience=2, tolerance=0, min_rate=0.1)
    rates = []
    # better, better, not, not: falls; not, better, not, not: falls, to the least; not, not
    for loss in (1.0, 0.5, 0.5, 0.6, 0.5, 0.4, 0.4, float("nan"), 0.4, 0.4):
        rates.append(plateau(7))
        plateau.observe(loss)
    rates.append(plateau(1))
    third, least = Fraction(1, 3), Fraction(0.1)
    assert rates == [third] * 4 + [third / 2] * 4 + [least] * 3
    assert plateau.variables() == {"reductions": 3, "best": 0.4, "waited": 0}
    plateau.reset()
    assert plateau(1) == third
    assert plateau.variables() == {"reductions": 0, "best": None, "waited": 0}


def test_a_loss_must_be_better_by_the_tolerance():
    for tolerance, loss, fallen in ((0.25, 3.0, 1), (0.25, 2.99, 0), (0, 4.0, 1), (0, 3.99, 0)):
        plateau = OnPlateau(1, patience=1, tolerance=tolerance)
        plateau.observe(4.0)
        plateau.observe(loss)
        assert plateau.variables()["reductions"] == fallen
    below = OnPlateau(1, patience=1, tolerance=0.25)  # of negative losses, by their magnitude
    for loss in (-4.0, -4.99, -5.01):
        below.observe(loss)
    assert below.variables() == {"reductions": 1, "best": -5.01, "waited": 0}


@pytest.mark.parametrize("first", [0.75, Fraction(1, 3), Fraction(-2, 7), float("inf")])
def test_a_plateau_goes_on_from_its_variables(first):
    losses = [first, first, 0.1, 5, 6, 7, 8]
    whole = OnPlateau(0.5, patience=2)
    for cut, loss in enumerate(losses):
        again = OnPlateau(0.5, patience=2)
        again.set_variables(json.loads(json.dumps(whole.variables())))
        assert again == whole
        for model in (whole, again):
            model.observe(loss)
        assert (again(cut), again.variables()) == (whole(cut), whole.variables())


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "expected reductions, best, waited, got {}"),
        (None, "expected reductions, best, waited, got None"),
        ({"reductions": 1}, "expected reductions"),
        ({"reductions": -1, "best": None, "waited": 0}, "reductions must be .* got -1"),
        ({"reductions": True, "best": 1, "waited": 0}, "reductions must be .* got True"),
        ({"reductions": 1, "best": "x", "waited": 0}, "best must be a finite number, got 'x'"),
        ({"reductions": 1, "best": float("nan"), "waited": 0}, "best must be .* got nan"),
        ({"reductions": 1, "best": 1, "waited": 0.5}, "waited must be .* got 0.5"),
    ],
)
def test_refuses_variables(variables, message):
    plateau = OnPlateau(0.5)
    with pytest.raises(ValueError, match=message):
        plateau.set_variables(variables)
    assert plateau(1) == 0.5


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (StepDecay, (0, 0.5, 10), "rate must be .* more than 0"),
        (StepDecay, (0.1, 1, 10), "factor must be .* less than 1 .*, got 1"),
        (StepDecay, (0.1, 0, 10), "factor must be .* more than 0 .*, got 0"),
        (StepDecay, (0.1, 0.5, 0), "every must be an integer, at least 1, got 0"),
        (StepDecay, (0.1, 0.5, 2.0), "every must be an integer, at least 1, got 2.0"),
        (StepDecay, (0.1, 0.5, True), "every .* got True"),
        (Cosine, ("0.1", 10), "rate .* got '0.1'"),
        (Cosine, (0.1, 10, 10), "warmup must be less than steps, 10, got 10"),
        (Cosine, (0.1, 10, -1), "warmup must be an integer, at least 0, got -1"),
        (Cosine, (0.1, 10, 0, 0.2), "final must be at most rate, 0.1, got 0.2"),
        (Cosine, (0.1, 10, 0, -0.2), "final .* got -0.2"),
        (Cosine, (lambda step: 1, 10), "rate .* got <function"),
        (WarmUp, (0, 10), "rate .* got 0"),
        (WarmUp, (0.1, 0), "steps .* got 0"),
        (WarmUp, (StepDecay, 10), "rate .* got <class"),
        (PowersOfTwo, (2.0**101,), "rate .* got 2.5"),
        (OnPlateau, (0.1, 0.5, 0), "patience must be an integer, at least 1, got 0"),
        (OnPlateau, (0.1, 0.5, 1, 0.2), "min_rate must be at most rate, 0.1, got 0.2"),
        (OnPlateau, (0.1, 0.5, 1, 0, 1), "tolerance .* got 1"),
    ],
)
def test_refuses_at_the_door(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(*arguments)


def test_what_is_far_too_little_counts_as_0():
    rate = Fraction(1, 2**200)
    assert WarmUp(lambda step: rate, 5)(5) == rate
    assert WarmUp(lambda step: rate * Fraction(99, 100), 5)(5) == 0


def test_what_an_inner_schedule_gives_is_checked():
    with pytest.raises(ValueError, match=r"<lambda> gave -1 for step 3"):
        WarmUp(lambda step: -1, 5)(3)


def test_settings_repr_and_equality():
    plateau = OnPlateau(0.5, patience=1)
    for schedule in (
        StepDecay(0.1, Fraction(1, 3), 10),
        Cosine(0.1, 100, 5, Decimal("0.01")),
        WarmUp(PowersOfTwo(plateau), 10),
    ):
        stored = json.loads(json.dumps(schedule.settings()))
        again = Schedule.from_settings(stored)
        assert (again, repr(again), hash(again)) == (schedule, repr(schedule), hash(schedule))
        assert eval(repr(schedule)) == schedule
    assert StepDecay(1, 0.5, 10) == StepDecay(1.0, Fraction(1, 2), 10) != StepDecay(1, 0.5, 11)
    before = repr(plateau)
    for loss in (1, 1):
        plateau.observe(loss)
    assert plateau(1) == 0.25
    assert repr(plateau) == before  # what it has seen is no part of it
    assert plateau == OnPlateau(0.5, patience=1)
    with pytest.raises(ValueError, match="none of cosine, onplateau, powersoftwo, stepdecay"):
        Schedule.from_settings({"name": "sgd", "learning_rate": 1})


def test_an_own_schedule_gives_a_rate():
    with pytest.raises(NotImplementedError, match="Schedule gives no learning rate"):
        Schedule()(1)
