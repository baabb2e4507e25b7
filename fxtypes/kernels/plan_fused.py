"""Which fused loop of the kernels, if any, can do an operation: the bounds stand here."""

from ..format import storage
from ..format.derived import signed_bits


def fused_storage(operation, formats, lifts, right, level, result):
    """1 + the code of the storage that a fused loop works in, or 0 where there is none.

    There, in fused.hh and what it includes, stand the bounds that are kept here.
    """
    code = storage.code(result)
    if formats == (None,):  # float64
        able = 0 <= lifts[0] - right <= 900 and (code % 2 == 0 or result.width <= 16)
        return 1 + code if able else 0
    aligned = operation in (3, 4, 6, 7)  # the operands, before all else
    alike = {storage.code(fmt) for fmt in formats} == {code} and not (aligned and any(lifts))
    unsigned = (1, 3) if operation != 5 else (1,)  # that have loops of their own
    alike = alike and (code % 2 == 0 or code in unsigned)
    if not alike:
        shifts = lifts if aligned else [0] * len(lifts)
        needed = max(
            signed_bits(result), *(signed_bits(f) + n for f, n in zip(formats, shifts, strict=True))
        )
        code = next((2 * k for k in range(5) if needed <= 8 << k), None)
        if code is None:
            return 0
    return 1 + code if _fusible(operation, code, alike, lifts, right, level, result) else 0


def _fusible(operation, code, alike, lifts, right, level, result):
    bits = 8 << code // 2
    dithers = right and result.rounding == "stochastic"
    match operation:
        case 1 | 2:  # negate, absolute
            return bits >= 64 and not any(lifts) and right == 0
        case 3 | 4 | 6 | 7:  # add, subtract, minimum, maximum
            return right == 0
        case 5:  # multiply
            if any(lifts) or (dithers and bits <= 32 and right > 32):
                return False
            if bits <= 32:
                return level <= (bits > 16)
            return right < (64 if bits == 64 else 190)
        case 8:  # divide
            if not alike or code % 2:
                return False
            reach = {8: 43, 16: 35, 32: 21, 64: 63, 128: 120}[bits]  # of the lift
            if dithers:  # without the guard bits, which only the general loop needs
                return bits <= 64 and 0 <= lifts[0] - right <= reach
            highest = {8: 0, 16: 0, 32: 1, 64: 2, 128: 3}[bits]
            return lifts[0] <= reach and level <= highest and right < 63
        case 0:  # a conversion
            return right < (128 if bits == 128 else min(bits, 63)) and lifts[0] < bits
    return False
