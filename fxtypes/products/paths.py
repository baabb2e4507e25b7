"""The choice of a path for a matrix product, from the operands' real magnitudes.

Each path is exact within the bound that its function here checks; among those that are, the one
whose expected cost is least is taken. All give the same bits.

With |a| <= 2**p, |b| <= 2**q and the inner length k, no sum of products, partial sums in any
order included, exceeds k * 2**(p + q) in magnitude.
"""

import itertools
import math
import operator
from functools import lru_cache
from typing import NamedTuple

from ..kernels import products
from ..kernels.calls import KERNELS, Accumulation, Level, Limits, Path
from . import plan_products

PATHS = ("blas", "slices", "limbs", "karatsuba", "low64", "residues", "loops")
WISHES = ("auto", "integer", *PATHS)

EXACT_FLOAT = 1 << 53  # every integer up to this magnitude is a float64
INT32, INT64 = (1 << 31) - 1, (1 << 63) - 1

MOST_PLANES = 4  # of an operand: elements that need more are for residues


class NotExactError(ValueError):
    """A path that is asked for by name is not exact; `reason` says why."""

    def __init__(self, message, reason):
        super().__init__(message)
        self.reason = reason


class Choice(NamedTuple):
    """How a product is computed.

    Attributes
    ----------
    path : str
        One of `PATHS`, or "accumulator".
    scheme : products.Scheme
        The path's parameters.
    planes : tuple of int
        For "blas" and "slices": the planes of the left and the right operand, and their width.
    cost : float
        Expected nanoseconds on one thread of a common machine.
    why : str
    """

    path: str
    scheme: products.Scheme
    planes: tuple = (0, 0, 0)
    cost: float = 0.0
    why: str = ""


@lru_cache(4096)
def choose(p, q, m, k, n, wish="auto", blas=True):
    """The cheapest exact path for (m, k) times (k, n) of magnitudes up to 2**p and 2**q.

    Parameters
    ----------
    wish : str
        One of `WISHES`: all paths, all but float64's, or this one only.
    blas : bool
        Whether float64 products are exact for integers here.

    Raises
    ------
    NotExactError
        If the wish is for a path that isn't exact for these operands.
    """
    if k == 0:
        return loops(p, q, m, k, n)
    found, refused = [], {}
    for path, candidate in _CHOICES.items():
        if wish == path or wish == "auto" or (wish == "integer" and path not in _FLOAT):
            if path in _FLOAT and not blas:
                refused[path] = "float64 products are not exact for integers on this machine"
                continue
            choice = candidate(p, q, m, k, n)
            if isinstance(choice, Choice):
                found.append(choice)
            else:
                refused[path] = choice
    if not found:
        raise NotExactError(
            f"FXTYPES_GEMM={wish}: no exact path for a {m} x {k} by {k} x {n} product of operands "
            f"of {p + 1} and {q + 1} bits: {refused[wish]}; use FXTYPES_GEMM=auto",
            refused[wish],
        )
    return min(found, key=lambda choice: choice.cost)


def sum_bits(p, q, k):
    """The bits of a sum of products, its sign included."""
    return (k << (p + q)).bit_length() + 1


# -- the paths ---------------------------------------------------------------------------
#
# Costs in nanoseconds.


class _Cost(NamedTuple):
    """Of a multiply-add, of packing an element, of rounding a result, of a call."""

    multiply: float
    pack: float
    finish: float
    call: float

    def of(self, m, k, n):
        return (
            self.call
            + m * k * n * self.multiply
            + (m * k + k * n) * self.pack
            + m * n * self.finish
        )

    def of_tiles(self, m, k, n):
        """In tiles of 6 by 16: what is beyond the matrices is computed too."""
        return self.of(-(-m // 6) * 6, k, -(-n // 16) * 16)


class _MultiplyAdd(NamedTuple):
    """What a multiply-add costs in tiles of one kind, and in NumPy's BLAS on such a machine."""

    blas: float
    limbs: float  # of one pass
    low64: float
    tops: float  # what low64's estimate of the high word adds
    residues: float  # of one modulus


_MULTIPLY_ADD = {"avx512": _MultiplyAdd(0.045, 0.008, 0.050, 0.020, 0.0105)}.get(
    KERNELS.removesuffix("ifma"), _MultiplyAdd(0.055, 0.021, 0.093, 0.020, 0.0185)
)


def _words(bits):
    """The words of 32 bits that hold a magnitude and its sign; 5 for those beyond 128."""
    return next((words for words in (1, 2, 4) if bits < 32 * words), 5)


def loops(p, q, m, k, n):
    """Direct integer loops: the plan of the step sees to a type that holds every sum."""
    if max(p, q) > 63:
        multiply = 4.0
    elif (k << (p + q)) > INT64:
        multiply = 0.6 if (k << (p + q)) >> 127 == 0 else 1.2
    else:
        multiply = 0.13 if max(p, q) <= 31 else 0.3
    scheme = products.Scheme(Path.LOOPS, (_words(p), _words(q)))
    pack = 0.2 if min(m, n) == 1 else 1.0  # of a matrix whose elements are read once: nearly none
    cost = _Cost(multiply, pack, 5.0, 12_000).of(m, k, n)
    return Choice("loops", scheme, cost=cost, why="direct integer loops")


def small_product(fmt, p, q, k):
    """The step and the scheme of a product by loops, of one format for operands and result."""
    scheme = products.Scheme(Path.LOOPS, (_words(p), _words(q)))
    return plan_products.product(fmt, fmt, fmt, p, q, k), scheme


def accumulator(step, m, k, n):
    """An accumulator's loop, of which `step` is one step."""
    multiply = _ACCUMULATION[step.accumulation] or _GENERAL_ACCUMULATION[step.level]
    cost = _Cost(multiply, 1.0, 5.0, 12_000).of(m, k, n)
    return Choice("accumulator", _LOOP, cost=cost, why="the accumulator's loop")


# Nanoseconds of a step of accumulate.hh's loops; of the general one by its level.
_ACCUMULATION = {
    Accumulation.ANY_FORMATS: None,
    Accumulation.LANES32: 0.3,
    Accumulation.LANES64_OF_32: 0.6,
    Accumulation.LANES64: 0.6,
    Accumulation.LIFTED64: 3.0,
    Accumulation.WORDS64: 0.6,
    Accumulation.WORDS128: 25.0,
    Accumulation.WORDS256: 2.0,
}
_GENERAL_ACCUMULATION = {
    Level.I32: 5.0,
    Level.I64: 5.0,
    Level.I128: 11.0,
    Level.I320: 40.0,
    Level.I1024: 250.0,
}


def _blas(p, q, m, k, n):
    if k << (p + q) > EXACT_FLOAT:
        return f"a sum needs {sum_bits(p, q, k)} bits, float64 holds integers of 54 with the sign"
    # On a busy machine the BLAS' own threads wait for each other: small products were seen to
    # take thirty times as long. Where there are tiles those do nearly as well.
    multiply = _MULTIPLY_ADD.blas if m * k * n >= 1 << 23 or not products.TILES else 0.1
    return Choice(
        "blas",
        _ONE_PLANE,
        (1, 1, 1),
        _Cost(multiply, 1.2, 4.0, 22_000).of(m, k, n),
        "no sum exceeds 2**53, so that a float64 product is exact",
    )


def _slices(p, q, m, k, n):
    """Planes of balanced digits of w bits, |digit| <= 2**(w - 1), the last one's what is left.

    Products of planes i and j with the same i + j are added in float64: at most as many as the
    operand of fewer planes has.
    """
    best = None
    for x in range(1, MOST_PLANES + 1):
        for y in range(1, MOST_PLANES + 1):
            if x == y == 1:
                continue
            for width in range(26, 8, -1):
                high, top = (
                    max(width - 1, p - width * (x - 1)),
                    max(width - 1, q - width * (y - 1)),
                )
                # + 1: the last digit may be one more than what is left
                if k * min(x, y) * ((1 << high) + 1) * ((1 << top) + 1) <= EXACT_FLOAT:
                    cost = _Cost(
                        _MULTIPLY_ADD.blas * x * y,
                        (1.6 if max(p, q) <= 31 else 3.0) * max(x, y),
                        6.0 * (x + y),
                        25_000,
                    ).of(m, k, n)
                    if best is None or cost < best.cost:
                        best = Choice(
                            "slices",
                            products.Scheme(Path.PLANES, planes=x + y - 1, plane_width=width),
                            (x, y, width),
                            cost,
                            f"{x} by {y} float64 products of digits of {width} bits, each exact",
                        )
                    break
    return best or f"more than {MOST_PLANES} planes would be needed"


def _limbs(p, q, m, k, n):
    if not products.TILES:
        return _NO_TILES
    if k << (p + q) > INT64:
        return f"a sum needs {sum_bits(p, q, k)} bits, more than 64"
    sides = []
    for bits in (p, q):
        if bits <= Limits.LIMBS_BITS[1]:
            sides.append((1, 0, 1 << bits))
        elif bits <= Limits.LIMBS_BITS[2]:  # low |.| <= 2**(w - 1), high |.| <= 2**(bits - w)
            sides.append(_halves(bits))
        else:
            return f"an operand needs {bits + 1} bits, more than two limbs of 16"
    best = None
    # An operand of one limb may also be two, so that more products stay within int32.
    for left in _forms(p, sides[0]):
        for right in _forms(q, sides[1]):
            block = INT32 // (left[2] * right[2]) // 2 * 2
            if block < 2:
                continue
            passes = left[0] * right[0]
            cost = _Cost(
                _MULTIPLY_ADD.limbs * passes * (1 + 10 / min(block, 512)),
                0.4 * max(left[0], right[0]),
                3.0,
                13_000,
            ).of_tiles(m, k, n)
            if best is None or cost < best.cost:
                best = Choice(
                    "limbs",
                    products.Scheme(
                        Path.LIMBS,
                        limbs=(left[0], right[0]),
                        limb_width=(left[1], right[1]),
                        block=min(block, 1 << 20),
                    ),
                    cost=cost,
                    why=f"{passes} int16 product{'s' * (passes > 1)}, sums of {block} within int32",
                )
    return best or "not even two products of limbs stay within int32"


def _forms(bits, side):
    return [side] if side[0] == 2 or bits < 3 else [side, _halves(bits)]


def _halves(bits):
    """Two limbs: their number, the low one's width, the larger one's magnitude."""
    width = (bits + 2) // 2
    return 2, width, 1 << max(width - 1, bits - width)


def _karatsuba(p, q, m, k, n):
    if not products.TILES:
        return _NO_TILES
    if max(p, q) > Limits.KARATSUBA_BITS[3]:
        return f"an operand needs {max(p, q) + 1} bits, more than 32"
    if k > Limits.KARATSUBA_LENGTH:
        return f"sums of more than {Limits.KARATSUBA_LENGTH} products may leave int64"
    limbs, passes = (2, 3) if max(p, q) <= Limits.KARATSUBA_BITS[2] else (3, 6)
    return Choice(
        "karatsuba",
        products.Scheme(Path.KARATSUBA, limbs=(limbs, limbs)),
        cost=_Cost(_MULTIPLY_ADD.limbs * passes, 0.3 + 0.2 * passes, limbs + 2.0, 14_000).of_tiles(
            m, k, n
        ),
        why=f"{passes} int16 products of {limbs} limbs each and their differences",
    )


def _low64(p, q, m, k, n):
    if not products.TILES:
        return _NO_TILES
    if p > 31 or q > 31:
        return f"an operand needs {max(p, q) + 1} bits, more than 32"
    if k << (p + q) <= INT64:
        return Choice(
            "low64",
            products.Scheme(Path.LOW64),
            cost=_Cost(_MULTIPLY_ADD.low64, 0.6, 3.0, 14_000).of_tiles(m, k, n),
            why="32-bit operands, sums within 64 bits",
        )
    x, y = max(p - Limits.LOW64_TOP_BITS, 0), max(q - Limits.LOW64_TOP_BITS, 0)
    half = [(1 << s) >> 1 for s in (x, y)]
    error = k * ((half[1] << p) + (half[0] << q) + half[0] * half[1])
    if error > INT64 or k > Limits.LOW64_LENGTH:
        return f"{k} products of top bits don't decide the sum's high word"
    return Choice(
        "low64",
        products.Scheme(Path.LOW64, rounded_bits=(x, y), estimates_top=True),
        cost=_Cost(_MULTIPLY_ADD.low64 + _MULTIPLY_ADD.tops, 1.2, 5.0, 14_000).of_tiles(m, k, n),
        why="32-bit operands modulo 2**64, the high word from their top bits",
    )


@lru_cache(1)
def _moduli():
    found = []
    for m in range(Limits.LARGEST_MODULUS, 3, -2):
        if len(found) == Limits.MODULI:
            break
        if all(math.gcd(m, other) == 1 for other in found):
            found.append(m)
    return tuple(found)


@lru_cache(1)
def _radices():
    """The products of the first moduli."""
    return tuple(itertools.accumulate(_moduli(), operator.mul))


def _residues(p, q, m, k, n):
    if not products.TILES:
        return _NO_TILES
    if max(p, q) > 127:
        return "an operand needs more than 128 bits with a sign"
    limit = k << (p + q)
    span = 2 * limit + (limit >> 9) + 1  # their quotient is estimated: see residues.hh
    count = next((i for i, product in enumerate(_radices(), 1) if product >= span), None)
    if count is None:
        return f"a sum needs {sum_bits(p, q, k)} bits, more than {len(_moduli())} moduli tell"
    words = _words(p), _words(q)
    return Choice(
        "residues",
        products.Scheme(Path.RESIDUES, words, moduli=_moduli()[:count]),
        cost=_Cost(
            _MULTIPLY_ADD.residues * count,
            0.35 * count * max(words) ** 0.5,
            0.4 * count + (2 if limit >> 127 == 0 else 4),
            16_000,
        ).of_tiles(m, k, n),
        why=f"{count} moduli of 13 bits tell sums of {sum_bits(p, q, k)} bits",
    )


_NO_TILES = "it needs the AVX2 or AVX-512 kernels"
_FLOAT = ("blas", "slices")
_ONE_PLANE, _LOOP = products.Scheme(Path.PLANES, planes=1), products.Scheme(Path.LOOPS)
_CHOICES = dict(
    zip(PATHS, (_blas, _slices, _limbs, _karatsuba, _low64, _residues, loops), strict=True)
)
