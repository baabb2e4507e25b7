"""The names of the rounding and overflow modes."""

import enum


class Rounding(enum.StrEnum):
    """What happens to the bits that a result's format can't hold.

    Members are strings: ``Rounding.FLOOR == "floor"``.
    """

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
    """

    SATURATE = "saturate"
    SATURATE_SYMMETRIC = "saturate_symmetric"
    SATURATE_ZERO = "saturate_zero"
    WRAP = "wrap"
    RAISE = "raise"
