# cython: freethreading_compatible=True
"""The elementary functions' kernels, and their way back to the reference."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int64_t, uint64_t

from .calls cimport (
    FX_BY_ANALYSIS,
    FX_BY_FOUR_LIMBS,
    FX_BY_REFERENCE,
    FX_BY_THREE_LIMBS,
    FX_BY_TWO_LIMBS,
    FX_FLOOR,
    FX_I64,
    FX_I128,
    FX_I320,
    FX_RAISE,
    FX_WRAP,
    CElementary,
    Step,
    Task,
    kernels,
    run,
    signed_integer,
)

import math

from ..format import derived, storage
from .calls import Operation, Storage, Target
from .python_rounding import round_to

# Bits to odd beyond the result's: what any mode needs but the stochastic one, see `to_stochastic`.
_GUARD = 2


cdef class ElementaryStep(Step):
    """The instructions of an elementary function, for one format or two into another.

    Parameters
    ----------
    name : str
    kernel : Kernel
        The function's code, and what tells how precise its results are: see
        elementary/registry.py.
    formats : tuple of Format
        The operands'.
    result : Format
    reference : callable
        ``reference(raw, frac_bits, ..., out_bits)``: the result to odd, or an infinity as a float.
    masked : bool
        Whether the last operand is a mask.
    """

    cdef CElementary e
    cdef object reference
    cdef tuple formats

    def __init__(self, str name, kernel, tuple formats, result, reference, bint masked):
        codes = tuple(storage.code(fmt) for fmt in formats)
        bits = max(result.width, result.frac_bits)
        if kernel.whole_bits is not None:
            bits = min(bits, max(result.frac_bits + kernel.whole_bits(formats[0]), 0))
        bits += _GUARD
        limbs = 1 + sum(bits > most for most in kernel.precision)
        if any(code >= Storage.U64 for code in codes):
            limbs = max(limbs, 2)
        # The level's type holds the format's range.
        while result.width + (not result.signed) > 64 * limbs:
            limbs += 1
        level = (FX_I64, FX_I128, FX_I320, FX_I320)[limbs - 1]
        operands = [(code, 0) for code in codes]
        if masked:
            operands.append((Storage.S8, 0))
        super().__init__(name, Operation.COPY, level, tuple(operands), Target(result, _GUARD))
        self.reference, self.formats = reference, formats
        self.e.function, self.e.limbs, self.e.is_masked = kernel.code, limbs, masked
        for i, fmt in enumerate(formats):
            self.e.frac_bits[i] = fmt.frac_bits
        self.e.out_bits, self.e.limit = result.frac_bits + _GUARD, result.width + _GUARD
        self.e.settled_bits = result.frac_bits + derived.guard_bits(result)
        self.e.is_stochastic = self.stochastic
        if self.stochastic:
            self.c.target.rounding = FX_FLOOR
        overflow = self.c.target.overflow
        self.e.exact_beyond = overflow if overflow in (FX_WRAP, FX_RAISE) else 0
        self.e.resolve, self.e.owner = _resolve, <void *>self
        self.c.elementary = &self.e

    cdef object value_to_odd(self, const uint64_t *raws):
        cdef int i
        arguments = []
        for i, fmt in enumerate(self.formats):
            raw = signed_integer(raws + 2 * i, 2)
            if raw < 0 and not fmt.signed:
                raw += 1 << 128
            arguments += raw, fmt.frac_bits
        return self.reference(*arguments, self.e.settled_bits)


cdef int _resolve(const Task *task, int64_t index, const uint64_t *raws,
                  uint64_t *odd) noexcept nogil:
    with gil:
        return _resolve_with_gil(task, index, raws, odd)


cdef int _resolve_with_gil(const Task *task, int64_t index, const uint64_t *raws,
                           uint64_t *odd) noexcept:
    cdef ElementaryStep step = <ElementaryStep>task.step.elementary.owner
    cdef uint64_t draw = 0
    cdef int i
    if task.counts.error != NULL:
        return 0
    try:
        if step.e.is_stochastic:
            kernels.draw(&task.stream, index, 0, 1, &draw)
        value = step.value_to_odd(raws)
        infinite = isinstance(value, float)
        if infinite and step.e.exact_beyond:
            return 1 if value > 0 else -1
        guard, result = derived.guard_bits(step.result), step.result
        limit = result.width + guard
        if infinite:
            value = int(math.copysign(1 << limit + 1, value))
        elif abs(value) >> limit:
            if step.e.exact_beyond == FX_RAISE and task.counts.beyond == NULL:
                rounded = round_to(value, guard, result.rounding, draw)
                noted = (index, rounded * result.resolution)
                Py_INCREF(noted)
                task.counts.beyond = <void *><PyObject *>noted
            low = abs(value) & (1 << limit) - 1 | 1 << limit + 1
            value = low if value > 0 else -low
        value &= (1 << 320) - 1
        for i in range(5):
            odd[i] = value >> 64 * i & 0xFFFF_FFFF_FFFF_FFFF
    except BaseException as error:
        Py_INCREF(error)
        task.counts.error = <void *><PyObject *>error
    return 0


def evaluate(ElementaryStep step not None, tuple operands not None, out=None):
    """Run an elementary function's step; the operands' storage must be the step's."""
    return run(step, operands, out)


def settled():
    """How many elements were settled in which way since the process began.

    Returns
    -------
    dict
        Of the elements that a first evaluation left open: by `analysis`, with so many `limbs`, by
        the `reference`.
    """
    names = {
        "analysis": FX_BY_ANALYSIS,
        "two limbs": FX_BY_TWO_LIMBS,
        "three limbs": FX_BY_THREE_LIMBS,
        "four limbs": FX_BY_FOUR_LIMBS,
        "reference": FX_BY_REFERENCE,
    }
    return {name: kernels.settled[code] for name, code in names.items()}
