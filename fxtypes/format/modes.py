"""The names of the rounding and overflow modes."""

import enum


class Rounding(enum.StrEnum):
    """What happens to the bits that a result's format can't hold.

    Members are strings: ``Rounding.FLOOR == "floor"``. Each operation rounds once, from the
    exact result.

    ==================  ====================================================================
    ``floor``           toward minus infinity
    ``ceil``            toward plus infinity
    ``toward_zero``     toward zero: the magnitude is truncated
    ``away_from_zero``  away from zero
    ``nearest_even``    to the nearest, ties to the even raw integer
    ``nearest_odd``     to the nearest, ties to the odd raw integer
    ``nearest_away``    to the nearest, ties away from zero
    ``nearest_zero``    to the nearest, ties toward zero
    ``nearest_up``      to the nearest, ties toward plus infinity
    ``nearest_down``    to the nearest, ties toward minus infinity
    ``odd``             floor, the last bit set where anything was lost (jamming, sticky)
    ``stochastic``      up with the probability of the lost fraction, see `fxtypes.seed`
    ==================  ====================================================================

    Examples
    --------
    >>> import fxtypes as fx
    >>> ties = fx.array([0.5, 1.5, -0.5], fx.Format(8, 1))
    >>> for mode in (fx.Rounding.NEAREST_EVEN, "nearest_away", "floor"):
    ...     print(mode, ties.astype(fx.Format(8, 0, rounding=mode)).tolist())
    nearest_even [0.0, 2.0, 0.0]
    nearest_away [1.0, 2.0, -1.0]
    floor [0.0, 1.0, -1.0]
    """

    __module__ = "fxtypes"  # what pickles name

    FLOOR = "floor"
    CEIL = "ceil"
    TOWARD_ZERO = "toward_zero"
    AWAY_FROM_ZERO = "away_from_zero"
    NEAREST_EVEN = "nearest_even"
    NEAREST_ODD = "nearest_odd"
    NEAREST_AWAY = "nearest_away"
    NEAREST_ZERO = "nearest_zero"
    NEAREST_UP = "nearest_up"
    NEAREST_DOWN = "nearest_down"
    ODD = "odd"
    STOCHASTIC = "stochastic"


class Overflow(enum.StrEnum):
    """What happens to a rounded value outside a format's range.

    Members are strings: ``Overflow.WRAP == "wrap"``.

    ======================  ================================================================
    ``saturate``            the nearer end of ``[raw_min, raw_max]``
    ``saturate_symmetric``  the nearer end of ``[-raw_max, raw_max]`` (unsigned: from 0)
    ``saturate_zero``       0
    ``wrap``                the low `width` bits stay
    ``raise``               `FixedOverflowError`; the operands stay as they were
    ======================  ================================================================

    Examples
    --------
    >>> import fxtypes as fx
    >>> for mode in ("saturate", "saturate_zero", fx.Overflow.WRAP):
    ...     print(mode, fx.array([200, -129], fx.Format(8, 0, overflow=mode)).tolist())
    saturate [127.0, -128.0]
    saturate_zero [0.0, 0.0]
    wrap [-56.0, 127.0]
    """

    __module__ = "fxtypes"  # what pickles name

    SATURATE = "saturate"
    SATURATE_SYMMETRIC = "saturate_symmetric"
    SATURATE_ZERO = "saturate_zero"
    WRAP = "wrap"
    RAISE = "raise"
