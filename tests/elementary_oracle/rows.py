"""softmax, log_softmax and logsumexp of a row.

With t the greatest element, d the distances from it and S >= 1 the sum of e**-d they are e**-d / S,
-d - log(S) and t + log(S). By Lindemann and Weierstrass none is dyadic unless all elements are
equal; but where all others are far off, their rest of next to nothing stands
beside a dyadic number.
"""

from fractions import Fraction

from flint import arb, ctx

from .functions import Dyadic, bits_of_exp, to_ball
from .values import FIRST, beside, decide, to_odd


class Row:
    """The elements raws * 2**-frac_bits.

    Attributes
    ----------
    top : Fraction
        The greatest.
    distances : list of Dyadic
        From the greatest, in the elements' order.
    greatest : int
        How many elements are the greatest.
    rest : int or None
        The other elements add less than 2**-rest to S; None: there are no others.
    """

    def __init__(self, raws, frac_bits):
        self.top = Dyadic(max(raws), frac_bits).fraction
        self.distances = [Dyadic(max(raws) - raw, frac_bits) for raw in raws]
        others = [d.fraction for d in self.distances if d.raw]
        self.greatest = len(raws) - len(others)
        self.rest = bits_of_exp(min(others)) - len(raws).bit_length() if others else None

    def sum(self):
        """A ball around S; terms far below the precision are only enclosed."""
        total = arb(0)
        for d in self.distances:
            if bits_of_exp(d.fraction) > ctx.prec:
                total += arb(0, arb((1, -ctx.prec)))
            else:
                total += (-d.ball).exp()
        return total


def share(row, d, out_bits):
    """e**-d / S."""
    if row.rest is None:
        return to_odd(Fraction(1, row.greatest), out_bits)
    if d.raw == 0:
        found = beside(Fraction(1, row.greatest), -1, row.rest, out_bits)
    else:
        found = beside(Fraction(0), 1, bits_of_exp(d.fraction), out_bits)
    if found is not None:
        return found
    return decide(lambda: (-d.ball).exp() / row.sum(), out_bits, FIRST + max(out_bits, 0))


def logarithm(row, base, sign, out_bits):
    """base + sign * log(S)."""
    if row.greatest == 1:
        found = (
            to_odd(base, out_bits) if row.rest is None else beside(base, sign, row.rest, out_bits)
        )
        if found is not None:
            return found
    bits = FIRST + max(out_bits, 0) + int(abs(base)).bit_length()
    return decide(lambda: to_ball(base) + sign * row.sum().log(), out_bits, bits)


def expected_softmax(raws, frac_bits, out_bits):
    """The softmax of a row, each element times 2**out_bits and rounded to odd."""
    row = Row(raws, frac_bits)
    return [share(row, d, out_bits) for d in row.distances]


def expected_log_softmax(raws, frac_bits, out_bits):
    """The logarithms of the softmax of a row, each times 2**out_bits and rounded to odd."""
    row = Row(raws, frac_bits)
    return [logarithm(row, -d.fraction, -1, out_bits) for d in row.distances]


def expected_logsumexp(raws, frac_bits, out_bits):
    """log(sum(exp(x))) of a row, times 2**out_bits and rounded to odd."""
    row = Row(raws, frac_bits)
    return logarithm(row, row.top, 1, out_bits)
