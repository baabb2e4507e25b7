"""The elementary functions of numbers, a row each: arb's evaluation and what no precision decides.

An argument is a `Dyadic`. Results that are dyadic numbers, which an enclosure never tells from
their neighbours, are found by the theorems named beside them:

- Lindemann and Weierstrass: the exponentials of different algebraic numbers are linearly
  independent over the algebraic ones. So e**x, its inverse, and everything trigonometric or
  hyperbolic is irrational but for the arguments listed; and a sum of exponentials is no
  exponential of a rational.
- Gelfond and Schneider, or unique factorization: x**y, 2**x and logarithms to base 2 and 10.

That erf(x) and Phi(x) are never dyadic for x != 0 is not known; one that were would be an
assertion of `decide`, which never ends there.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx, fmpz

HUGE = 1024  # a magnitude of 2**1024 or more is an infinity, where a function can grow so large


class Dyadic(NamedTuple):
    """The number raw * 2**-frac_bits."""

    raw: int
    frac_bits: int

    @property
    def fraction(self):
        if self.frac_bits >= 0:
            return Fraction(self.raw, 1 << self.frac_bits)
        return Fraction(self.raw << -self.frac_bits)

    @property
    def ball(self):
        """arb's number of the same value, which has no error at any precision."""
        return arb((self.raw, -self.frac_bits))


class Tail(NamedTuple):
    """Where a result is: 0 < |result - base| < 2**-bits, on the side that `direction` says."""

    base: Fraction
    direction: int
    bits: int


def never(*_):
    return None


class Function(NamedTuple):
    """An elementary function; its parts take the arguments as fractions, `ball` as arb's balls.

    Attributes
    ----------
    ball : callable
        arb's enclosure of the result at the precision in force.
    exact : callable
        The result where it may be dyadic, else None.
    outside : callable
        Whether a domain error is due.
    tail : callable
        A `Tail` where the result hugs a dyadic number, else None.
    grows : callable
        Bits before the result's binary point, about: where the precision begins. None: as many as
        the arguments'.
    infinite : callable
        The sign of the infinity that the result counts as, else None.
    pole : callable
        Whether the infinity is a division by zero.
    arity : int
    """

    ball: Callable
    exact: Callable = never
    outside: Callable = never
    tail: Callable = never
    grows: Callable | None = None
    infinite: Callable = never
    pole: Callable = never
    arity: int = 1


# --- exact results --------------------------------------------------------------------------


def at(point, result):
    """A function that is dyadic at one point only."""
    point, result = Fraction(point), Fraction(result)
    return lambda x: result if x == point else None


def nth_root(x, n):
    """The rational n-th root of a positive fraction, or None."""
    ends = []
    for integer in (x.numerator, x.denominator):
        root = int(fmpz(integer).root(n))
        if root**n != integer:
            return None
        ends.append(root)
    return Fraction(*ends)


def exact_root(x):
    return x if x == 0 else nth_root(x, 2)


def exact_reciprocal_root(x):
    root = nth_root(x, 2)
    return None if root is None else 1 / root


def exact_cube_root(x):
    if x == 0:
        return x
    root = nth_root(abs(x), 3)
    return root if root is None or x > 0 else -root


def exponent_of(x):
    """The integer e with x = 2**e, or None."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if x > 0 and x == Fraction(2) ** e else None


def exact_exp2(x):
    """Of a fraction that is no integer it is irrational."""
    return Fraction(2) ** int(x) if x.denominator == 1 and -9999 < x < HUGE else None


def exact_log2(x):
    e = exponent_of(x)
    return None if e is None else Fraction(e)


def exact_log10(x):
    """Powers of ten are dyadic from 10**0 on; between them 10**q is irrational."""
    if x.denominator != 1:
        return None
    e = len(str(x.numerator)) - 1
    return Fraction(e) if x == 10**e else None


def exact_arctan2(y, x):
    return Fraction(0) if y == 0 and x >= 0 else None


def exact_hypot(x, y):
    return exact_root(x * x + y * y)


def exact_logaddexp2(x, y):
    """2**x + 2**y is a power of two, of rational exponent, where they are equal only."""
    return x + 1 if x == y else None


def exact_power(x, y):
    """Where x**y is dyadic and could lie on a boundary of rounding.

    With y = p / 2**k and x > 0 that needs a rational root r of order 2**k. Where p < 0 the power of
    r is dyadic if r is a power of two; where p > 0 always, but if it is long it has bits far below
    all that rounding looks at, and an enclosure decides.
    """
    if y == 0:
        return Fraction(1)
    if x == 0:
        return Fraction(0) if y > 0 else None
    root, k = abs(x), y.denominator.bit_length() - 1
    while k and root != 1:
        root, k = nth_root(root, 2), k - 1
        if root is None:
            return None
    p = y.numerator
    sign = -1 if x < 0 and p % 2 else 1
    if root == 1:
        return Fraction(sign)
    e = exponent_of(root)
    if e is not None:
        return sign * Fraction(2) ** (e * p) if abs(e * p) < 9999 else None
    long = max(root.numerator.bit_length(), root.denominator.bit_length()) * abs(p) > 9999
    return None if p < 0 or long else sign * root**p


# --- tails: e**-t < 2**-bits with bits = 1.44 t, t >= 0 ------------------------------------


def bits_of_exp(t):
    return 36 * t.numerator // (25 * t.denominator)


def tail_exp(x):
    return Tail(Fraction(0), 1, bits_of_exp(-x)) if x < 0 else None


def tail_exp2(x):
    return Tail(Fraction(0), 1, int(-x)) if x < 0 else None


def tail_expm1(x):
    return Tail(Fraction(-1), 1, bits_of_exp(-x)) if x < 0 else None


def tail_tanh(x):
    """1 - tanh(x) < 2 e**-2x < e**-x for x >= 1."""
    sign = 1 if x > 0 else -1
    return Tail(Fraction(sign), -sign, bits_of_exp(abs(x))) if abs(x) >= 1 else None


def tail_sigmoid(x):
    return Tail(Fraction(x > 0), -1 if x > 0 else 1, bits_of_exp(abs(x)))


def tail_softplus(x):
    """log(1 + e**x) - max(x, 0) = log(1 + e**-|x|) < e**-|x|."""
    return Tail(max(x, Fraction(0)), 1, bits_of_exp(abs(x)))


def tail_erf(x):
    """1 - erf(x) < e**-x**2 for x > 0."""
    sign = 1 if x > 0 else -1
    return Tail(Fraction(sign), -sign, bits_of_exp(x * x))


def tail_gelu(x):
    """|x| Phi(-|x|) < phi(x) < e**(-x**2 / 2): from x Phi(x) to max(x, 0)."""
    return Tail(max(x, Fraction(0)), -1, bits_of_exp(x * x / 2))


def tail_silu(x):
    """|x| / (1 + e**|x|) < |x| e**-|x| < e**(-|x| / 2)."""
    return Tail(max(x, Fraction(0)), -1, bits_of_exp(abs(x) / 2))


def tail_logaddexp(x, y):
    return Tail(max(x, y), 1, bits_of_exp(abs(x - y)))


def tail_logaddexp2(x, y):
    """log2(1 + 2**-d) < 2 * 2**-d."""
    return Tail(max(x, y), 1, int(abs(x - y)) - 1)


def log2_of_power(x, y):
    """An enclosure of y log2 |x|, x neither 0 nor 1 nor -1."""
    top, bottom = arb(abs(x).numerator), arb(abs(x).denominator)
    ratio = abs(x) - 1
    log = arb.log1p(to_ball(ratio)) if abs(ratio) < 1 else arb.log(top / bottom)
    return to_ball(y) * log / arb.const_log2()


def to_ball(fraction):
    """arb's ball of a dyadic fraction, exact."""
    return arb((fraction.numerator, 1 - fraction.denominator.bit_length()))


def sign_of_power(x, y):
    return -1 if x < 0 and y.numerator % 2 else 1


def tail_power(x, y):
    if x == 0 or abs(x) == 1:
        return None
    with precision(64):
        bits = (-log2_of_power(x, y)).lower()
        if not bits > 0:
            return None
        return Tail(Fraction(0), sign_of_power(x, y), int(bits.floor().unique_fmpz()) - 1)


# --- infinities -------------------------------------------------------------------------------


class precision:
    """With these bits arb computes."""

    def __init__(self, bits):
        self.bits = bits

    def __enter__(self):
        self.before, ctx.prec = ctx.prec, self.bits

    def __exit__(self, *_):
        ctx.prec = self.before


def at_least(ball, bound):
    """Whether a number is `bound` or more, found with growing precision."""
    bits = 128
    while bits < 1 << 16:
        with precision(bits):
            value = ball()
            if value >= bound or value < bound:
                return bool(value >= bound)
        bits *= 2
    raise AssertionError("the oracle did not decide whether a result is an infinity")


def grows_like_exp(ball, odd=False):
    """The infinities of a function between e**x / 3 and e**x, for large x."""

    def infinite(x):
        far = abs(x) if odd else x
        if far < 700:
            return None
        if far < 720:
            number = to_ball(far)
            if not at_least(lambda: ball(number), arb((1, HUGE))):
                return None
        return 1 if x > 0 else -1

    return infinite


def infinite_exp2(x):
    return 1 if x >= HUGE else None


def infinite_cosh(x):
    return 1 if grows_like_exp(arb.cosh, odd=True)(x) else None


def infinite_power(x, y):
    """2**1024 itself is one; no other power of a number that is no power of two is 2**1024."""
    if x == 0:
        return 1 if y < 0 else None
    if abs(x) == 1 or y == 0:
        return None
    e = exponent_of(abs(x))
    huge = e * y >= HUGE if e is not None else at_least(lambda: log2_of_power(x, y), HUGE)
    return sign_of_power(x, y) if huge else None


# --- enclosures ---------------------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + (-x).exp())


def softplus(x):
    return x.exp().log1p()


def log2(x):
    return x.log() / arb.const_log2()


def log10(x):
    return x.log() / arb.const_log10()


def cbrt(x):
    return x.root(3) if x > 0 else -(-x).root(3)


def gelu(x):
    """x Phi(x), Phi(x) = erfc(-x / sqrt(2)) / 2, which loses nothing where it is small."""
    return x * (-x / arb(2).sqrt()).erfc() / 2


def hypot(x, y):
    return (x * x + y * y).sqrt()


def logaddexp(x, y):
    high, low = (x, y) if x >= y else (y, x)
    return high + (low - high).exp().log1p()


def logaddexp2(x, y):
    high, low = (x, y) if x >= y else (y, x)
    return high + log2(1 + arb(2) ** (low - high))


def power(x, y):
    """|x|**y with the sign; log1p where x is near 1."""
    magnitude, ratio = abs(x), abs(x) - 1
    log = ratio.log1p() if abs(ratio) < arb((1, -2)) else magnitude.log()
    result = (y * log).exp()
    if not x < 0:
        return result
    odd = int((y / 2).floor().unique_fmpz()) * 2 != int(y.unique_fmpz())
    return -result if odd else result


def grows_exp(x):
    return min(3 * abs(x.numerator) // (2 * x.denominator), HUGE) + 2


def grows_power(x, y):
    if x == 0:
        return 2
    return int(min(abs(y) * (abs(exponent_near(x)) + 1), HUGE)) + 2


def exponent_near(x):
    return x.numerator.bit_length() - x.denominator.bit_length()


def positive_only(x):
    return x <= 0


FUNCTIONS = {
    "sqrt": Function(arb.sqrt, exact_root, lambda x: x < 0),
    "rsqrt": Function(arb.rsqrt, exact_reciprocal_root, positive_only),
    "reciprocal": Function(
        lambda x: 1 / x,
        lambda x: 1 / x if x else None,
        infinite=lambda x: None if x else 1,
        pole=lambda x: x == 0,
    ),
    "cbrt": Function(cbrt, exact_cube_root),
    "exp": Function(
        arb.exp, at(0, 1), tail=tail_exp, grows=grows_exp, infinite=grows_like_exp(arb.exp)
    ),
    "exp2": Function(
        lambda x: arb(2) ** x, exact_exp2, tail=tail_exp2, grows=grows_exp, infinite=infinite_exp2
    ),
    "expm1": Function(
        arb.expm1, at(0, 0), tail=tail_expm1, grows=grows_exp, infinite=grows_like_exp(arb.expm1)
    ),
    "log": Function(arb.log, at(1, 0), positive_only),
    "log2": Function(log2, exact_log2, positive_only),
    "log10": Function(log10, exact_log10, positive_only),
    "log1p": Function(arb.log1p, at(0, 0), lambda x: x <= -1),
    "sin": Function(arb.sin, at(0, 0)),
    "cos": Function(arb.cos, at(0, 1)),
    "tan": Function(arb.tan, at(0, 0)),
    "arcsin": Function(arb.asin, at(0, 0), lambda x: abs(x) > 1),
    "arccos": Function(arb.acos, at(1, 0), lambda x: abs(x) > 1),
    "arctan": Function(arb.atan, at(0, 0)),
    "sinh": Function(
        arb.sinh, at(0, 0), grows=grows_exp, infinite=grows_like_exp(arb.sinh, odd=True)
    ),
    "cosh": Function(arb.cosh, at(0, 1), grows=grows_exp, infinite=infinite_cosh),
    "tanh": Function(arb.tanh, at(0, 0), tail=tail_tanh),
    "arcsinh": Function(arb.asinh, at(0, 0)),
    "arccosh": Function(arb.acosh, at(1, 0), lambda x: x < 1),
    "arctanh": Function(arb.atanh, at(0, 0), lambda x: abs(x) >= 1),
    "sigmoid": Function(sigmoid, at(0, Fraction(1, 2)), tail=tail_sigmoid),
    "softplus": Function(softplus, tail=tail_softplus),
    "erf": Function(arb.erf, at(0, 0), tail=tail_erf),
    "gelu": Function(gelu, at(0, 0), tail=tail_gelu),
    "silu": Function(lambda x: x * sigmoid(x), at(0, 0), tail=tail_silu),
    "arctan2": Function(arb.atan2, exact_arctan2, arity=2),
    "hypot": Function(hypot, exact_hypot, arity=2),
    "logaddexp": Function(logaddexp, tail=tail_logaddexp, arity=2),
    "logaddexp2": Function(logaddexp2, exact_logaddexp2, tail=tail_logaddexp2, arity=2),
    "power": Function(
        power,
        exact_power,
        lambda x, y: x < 0 and y.denominator != 1,
        tail_power,
        grows_power,
        infinite_power,
        lambda x, y: x == 0 and y < 0,
        arity=2,
    ),
}
UNARY = tuple(name for name, function in FUNCTIONS.items() if function.arity == 1)
BINARY = tuple(name for name, function in FUNCTIONS.items() if function.arity == 2)

MONOTONIC = {
    "sqrt": 1, "rsqrt": -1, "cbrt": 1, "exp": 1, "exp2": 1, "expm1": 1, "log": 1, "log2": 1,
    "log10": 1, "log1p": 1, "arcsin": 1, "arccos": -1, "arctan": 1, "sinh": 1, "tanh": 1,
    "arcsinh": 1, "arccosh": 1, "arctanh": 1, "sigmoid": 1, "softplus": 1, "erf": 1,
}  # fmt: skip
ODD = (
    "reciprocal", "cbrt", "sin", "tan", "arcsin", "arctan", "sinh", "tanh", "arcsinh", "arctanh",
    "erf",
)  # fmt: skip
EVEN = ("cos", "cosh")
