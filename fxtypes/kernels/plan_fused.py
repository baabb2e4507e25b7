"""Which of the kernels' fused loops (fused.hh), if any, can do an operation.

The bounds that those loops rely upon stand in limits.hh.
"""

from ..format import storage
from ..format.derived import raw_range, signed_bits
from .calls import Limits, Operation, Storage

_ALIGNED = (Operation.ADD, Operation.SUBTRACT, Operation.MINIMUM, Operation.MAXIMUM)
_SIGNED = {8: Storage.S8, 16: Storage.S16, 32: Storage.S32, 64: Storage.S64, 128: Storage.S128}
_SMALL_UNSIGNED = (Storage.U8, Storage.U16)  # of unsigned elements, those that have a loop


def fused_storage(operation, formats, lifts, right, level, result):
    """The storage code of the elements that a fused loop works in; `Storage.NONE`: no such loop.

    Parameters
    ----------
    operation : int
        A code of `Operation`.
    formats : tuple of Format or None
        The operands'; None: float64.
    lifts : tuple of int
        By how many bits operands are shifted left, `right` the exact result to the right.
    """
    if operation in (Operation.LEFT_SHIFT, Operation.RIGHT_SHIFT):
        return shift_storage(formats[0], result)
    code = storage.code(result)
    if formats == (None,):
        exponent = lifts[0] - right
        able = 0 <= exponent <= Limits.DOUBLE_EXPONENT
        return code if able and (result.signed or code in _SMALL_UNSIGNED) else Storage.NONE
    aligns = operation in _ALIGNED
    same = all(storage.code(fmt) == code for fmt in formats) and not (aligns and any(lifts))
    # Products of uint16 leave the loop's int32.
    unsigned = (Storage.U8,) if operation == Operation.MULTIPLY else _SMALL_UNSIGNED
    same = same and (result.signed or code in unsigned)
    bits = 8 * storage.dtype(result).itemsize
    if not same:  # the narrowest signed elements that hold operands, aligned, and result
        shifts = lifts if aligns else [0] * len(lifts)
        needed = max(
            signed_bits(result), *(signed_bits(f) + n for f, n in zip(formats, shifts, strict=True))
        )
        bits = next((bits for bits in _SIGNED if needed <= bits), None)
        if bits is None:
            return Storage.NONE
        code = _SIGNED[bits]
    if operation == Operation.DIVIDE and not (same and result.signed):
        return Storage.NONE
    dithers = right and result.rounding == "stochastic"
    return code if _has_loop(operation, bits, lifts, right, level, dithers) else Storage.NONE


def shift_storage(x, result):
    """As `fused_storage`, of shifts by a count an element; they know no narrower elements."""
    needed = max(signed_bits(x), signed_bits(result))
    return next((_SIGNED[bits] for bits in (32, 64, 128) if needed <= bits), Storage.NONE)


def _has_loop(operation, bits, lifts, right, level, dithers):
    """Whether a fused loop on elements of so many bits keeps within its bounds.

    dithers: whether it rounds stochastically.
    """
    match operation:
        case Operation.NEGATE | Operation.ABS:
            return bits >= 64 and not any(lifts) and right == 0
        case Operation.ADD | Operation.SUBTRACT | Operation.MINIMUM | Operation.MAXIMUM:
            return right == 0
        case Operation.MULTIPLY:
            if any(lifts) or (dithers and bits <= 32 and right > Limits.HALF_DRAW):
                return False
            return right <= Limits.MULTIPLY_SHIFT[bits] and level <= Limits.MULTIPLY_LEVEL[bits]
        case Operation.DIVIDE:
            if dithers:  # guard bits are for the general loop only
                return bits <= 64 and 0 <= lifts[0] - right <= Limits.DIVIDE_LIFT[bits]
            return (
                lifts[0] <= Limits.DIVIDE_LIFT[bits]
                and level <= Limits.DIVIDE_LEVEL[bits]
                and right <= Limits.DIVIDE_SHIFT
            )
        case Operation.COPY:
            return right <= Limits.CONVERT_SHIFT[bits] and lifts[0] < bits
    return False


def combination_storage(formats, coefficients, right, result):
    """As `fused_storage`, of sum(coefficient * operand) shifted right by `right` bits.

    Coefficients are below 2**63 in magnitude and align the operands.
    """
    needed = max(map(signed_bits, (*formats, result)))
    pairs = zip(coefficients, formats, strict=True)
    largest = sum(abs(c) * max(map(abs, raw_range(fmt))) for c, fmt in pairs).bit_length()
    factor = max(map(abs, coefficients)).bit_length()
    for bits in (32, 64, 128):
        lift = max(0, Limits.COMBINE_LOW - right) if bits == 32 else 0
        if (
            needed <= bits
            and right <= Limits.COMBINE_SHIFT[bits]
            and largest + lift <= Limits.COMBINE_SUM[bits]
            and (bits > 32 or factor + lift <= Limits.COMBINE_FACTOR)
        ):
            return _SIGNED[bits]
    return Storage.NONE
