# cython: freethreading_compatible=True
"""The elementary functions' kernels, and their way back to the reference."""

cimport numpy as cnp
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset
from libc.time cimport clock_t

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
    FX_LOGSUMEXP,
    FX_NO_MEMORY,
    FX_RAISE,
    FX_SOFTMAX,
    FX_WRAP,
    Call,
    CElementary,
    Enclosure,
    InterruptCheck,
    LimbTable,
    RowBatch,
    Step,
    Task,
    kernels,
    look_for_signals,
    new_array,
    run,
    shape_of,
    signed_integer,
)

import math
from typing import NamedTuple

from ..format import derived, storage
from .calls import Operation, Storage, Target
from .python_rounding import round_to

cnp.import_array()

# The bits to odd that one, two and three limbs are first tried for in rows: PRECISION in limbs.hh
# less what the errors take, and some, so that hardly any element is left open.
_ROW_BITS = (42, 70, 134)
# An error's bits grow with those of the length beyond these.
_USUAL_LENGTH = 7
_LONGEST_OF_ONE_LIMB = (1 << 28) - 1  # see rows.hh
cdef int64_t _LOOK = 1 << 14  # elements of rows between two looks for Ctrl-C

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
        self.e.function, self.e.bits, self.e.limbs = kernel.code, bits, limbs
        self.e.raw_bits = max(fmt.width for fmt in formats)
        self.e.is_masked = masked
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
        self.e.row = kernels.elementary.row
        self.c.elementary = &self.e

    cdef object value_to_odd(self, const uint64_t *raws):
        cdef int i
        arguments = []
        for i, fmt in enumerate(self.formats):
            arguments += _element(raws + 2 * i, fmt), fmt.frac_bits
        return self.reference(*arguments, self.e.settled_bits)


cdef int _resolve(const Task *task, int64_t index, const uint64_t *raws,
                  uint64_t *odd) noexcept nogil:
    with gil:
        return _resolve_with_gil(task, index, raws, odd)


cdef int _resolve_with_gil(const Task *task, int64_t index, const uint64_t *raws,
                           uint64_t *odd) noexcept:
    cdef ElementaryStep step = <ElementaryStep>task.step.elementary.owner
    cdef int i
    if task.counts.error != NULL:
        return 0
    try:
        value = step.value_to_odd(raws)
        infinite = isinstance(value, float)
        if infinite and step.e.exact_beyond:
            return 1 if value > 0 else -1
        limit = step.result.width + derived.guard_bits(step.result)
        if infinite:
            value = int(math.copysign(1 << limit + 1, value))
        elif abs(value) >> limit:
            if step.e.exact_beyond == FX_RAISE:
                _note_beyond(task, index, value)
            value = _folded(value, limit)
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


cdef class RowStep(Step):
    """The instructions of softmax, log_softmax or logsumexp, for rows of one format into another.

    Parameters
    ----------
    name : str
    function : int
        Of `RowFunction`.
    format : Format
        The elements'.
    result : Format
    limbs : int
        See `limbs_of_rows`.
    reference : callable
        ``reference(raws, frac_bits, out_bits)``: a row's results to odd, a list but for logsumexp.
    """

    cdef CElementary e
    cdef object reference, format

    def __init__(self, str name, int function, format, result, int limbs, reference):
        code = storage.code(format)
        if function == FX_SOFTMAX:  # at most 1
            room = result.width + (not result.signed)
        else:  # bounded at 2**(limit + 2), limit being the width and the guard bits
            room = result.width + _GUARD + 3
        level = FX_I64 if room <= 64 else FX_I128 if room <= 128 else FX_I320
        if code >= Storage.S128 or level == FX_I320:
            limbs = max(limbs, 2)
        level = max(level, (FX_I64, FX_I128, FX_I320, FX_I320)[limbs - 1])
        super().__init__(name, Operation.COPY, level, ((code, 0),), Target(result, _GUARD))
        self.reference, self.format = reference, format
        self.e.function, self.e.limbs, self.e.is_masked = function, limbs, False
        self.e.frac_bits[0] = format.frac_bits
        self.e.out_bits, self.e.limit = result.frac_bits + _GUARD, result.width + _GUARD
        self.e.settled_bits = result.frac_bits + derived.guard_bits(result)
        self.e.is_stochastic = self.stochastic
        if self.stochastic:
            self.c.target.rounding = FX_FLOOR
        overflow = self.c.target.overflow
        self.e.exact_beyond = overflow if overflow in (FX_WRAP, FX_RAISE) else 0
        self.e.resolve = NULL
        self.e.owner = <void *>self
        self.c.elementary = &self.e


def limbs_of_rows(result, length):
    """With how many limbs rows of a length are evaluated first."""
    bits = result.frac_bits + _GUARD + max(int(length).bit_length() - _USUAL_LENGTH, 0)
    return max(1 + sum(bits > most for most in _ROW_BITS), 1 + (length > _LONGEST_OF_ONE_LIMB))


def evaluate_rows(RowStep step not None, cnp.ndarray x not None, int axis):
    """Run a step of rows along an axis; the storage must be the step's.

    Returns
    -------
    numpy.ndarray
        Storage of the shape of x, for logsumexp without the axis.
    """
    cdef cnp.npy_intp[64] shape
    cdef int nd = x.ndim, a, kept = 0
    cdef cnp.ndarray out
    cdef RowBatch batch
    cdef InterruptCheck check
    cdef clock_t last = 0
    cdef int outcome
    cdef bint one_each = step.e.function == FX_LOGSUMEXP
    cdef cnp.npy_intp[64] outer_shape
    cdef ptrdiff_t[64] outer_strides
    memset(&batch, 0, sizeof(RowBatch))
    batch.n, batch.stride = x.shape[axis], x.strides[axis]
    for a in range(nd):
        if a != axis or not one_each:
            shape[kept] = x.shape[a]
            kept += 1
    out = new_array(step.dtype, kept, shape)
    kept = 0
    for a in range(nd):
        if a < axis or (one_each and a > axis):
            outer_shape[kept], outer_strides[kept] = x.shape[a], x.strides[a]
            kept += 1
    batch.outer.nd, batch.outer.shape = kept, <const int64_t *>outer_shape
    batch.outer.strides = outer_strides
    if not one_each:
        batch.inner.nd = nd - axis - 1
        batch.inner.shape = <const int64_t *>(x.shape + axis + 1)
        batch.inner.strides = <const ptrdiff_t *>(x.strides + axis + 1)
    batch.in_, batch.out = <const char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
    batch.resolve = _resolve_row
    cdef Call call = Call()
    call.prepare(step, step.stochastic)
    check.every, check.ask, check.last = _LOOK, look_for_signals, &last
    check.ended = NULL
    with nogil:
        outcome = kernels.elementary.rows(&call.task, &check, &batch)
    if outcome == FX_NO_MEMORY:
        raise MemoryError(f"{step.name} needs memory for rows of {batch.n}")
    call.settle(step, shape_of(out), cnp.PyArray_SIZE(out))
    return out


cdef void _resolve_row(const Task *task, int64_t index, int64_t pitch, int64_t n,
                       const uint64_t *raws, uint64_t *odd) noexcept nogil:
    with gil:
        _resolve_row_with_gil(task, index, pitch, n, raws, odd)


cdef void _resolve_row_with_gil(const Task *task, int64_t index, int64_t pitch, int64_t n,
                                const uint64_t *raws, uint64_t *odd) noexcept:
    cdef RowStep step = <RowStep>task.step.elementary.owner
    cdef int64_t i
    cdef int k
    cdef int count = 1 if step.e.function == FX_LOGSUMEXP else <int>n
    memset(odd, 0, count * 5 * sizeof(uint64_t))
    if task.counts.error != NULL:
        return
    try:
        row = [_element(raws + 2 * i, step.format) for i in range(n)]
        found = step.reference(row, step.format.frac_bits, step.e.settled_bits)
        limit = step.result.width + derived.guard_bits(step.result)
        for i, value in enumerate([found] if step.e.function == FX_LOGSUMEXP else found):
            if abs(value) >> limit:
                if step.e.exact_beyond == FX_RAISE:
                    _note_beyond(task, index + i * pitch, value)
                value = _folded(value, limit)
            value &= (1 << 320) - 1
            for k in range(5):
                odd[5 * i + k] = value >> 64 * k & 0xFFFF_FFFF_FFFF_FFFF
    except BaseException as error:
        Py_INCREF(error)
        task.counts.error = <void *><PyObject *>error


cdef object _element(const uint64_t *words, format):
    """A raw integer of two words."""
    raw = signed_integer(words, 2)
    return raw + (1 << 128) if raw < 0 and not format.signed else raw


cdef object _folded(value, limit):
    """What is out of range with the low bits it had: `folded` of evaluate.hh."""
    low = abs(value) & (1 << limit) - 1 | 1 << limit + 1
    return low if value > 0 else -low


cdef int _note_beyond(const Task *task, int64_t index, value) except -1:
    """Keep, for the message, the first index and value to odd that were out of range."""
    cdef Step step = <Step>task.step.elementary.owner
    cdef uint64_t draw = 0
    if task.counts.beyond != NULL:
        noted = <object>task.counts.beyond
        if noted[0] <= index:
            return 0
        Py_DECREF(noted)
    if step.stochastic:
        kernels.draw(&task.stream, index, 0, 1, &draw)
    result = step.result
    rounded = round_to(value, derived.guard_bits(result), result.rounding, draw)
    noted = (index, rounded * result.resolution)
    Py_INCREF(noted)
    task.counts.beyond = <void *><PyObject *>noted
    return 0


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
    return {name: kernels.elementary.settled[code] for name, code in names.items()}


class Approximation(NamedTuple):
    """What one evaluation found: (y - error) 2**-point < |f(x)| < (y + error) 2**-point.

    Attributes
    ----------
    y, point, error : int
    sign : int
        1 or -1.
    """

    y: int
    point: int
    error: int
    sign: int


def approximation(int function, tuple raws, tuple frac_bits, int limbs):
    """For tests: what a kernel finds with so many limbs, or None where these don't reach.

    Parameters
    ----------
    function : ElementaryFunction
    raws, frac_bits : tuple of int
        The arguments raw * 2**-frac_bits: of magnitude below 2**63 with one limb, else 2**128.
    limbs : int
        1 to 4, of 64 bits; -1 to -3: 1 to 3 of 52 bits, where there are such kernels.
    """
    cdef CElementary e
    cdef Enclosure found
    cdef uint64_t[4] magnitudes
    cdef uint64_t[2] signs
    cdef int i
    if limbs not in (-3, -2, -1, 1, 2, 3, 4):
        raise ValueError(f"limbs is 1 to 4, or -1 to -3, got {limbs}")
    memset(&e, 0, sizeof(CElementary))
    e.function = function
    for i, (raw, places) in enumerate(zip(raws, frac_bits, strict=True)):
        if abs(raw) >> (63 if abs(limbs) == 1 else 128):
            raise ValueError(f"{raw} is too large for {limbs} limbs")
        magnitudes[2 * i] = abs(raw) & 0xFFFF_FFFF_FFFF_FFFF
        magnitudes[2 * i + 1] = abs(raw) >> 64
        signs[i] = 0xFFFF_FFFF_FFFF_FFFF if raw < 0 else 0
        e.frac_bits[i] = places
    if not kernels.elementary.enclose(&e, limbs, magnitudes, signs, &found):
        return None
    y = sum([<object>found.y[i] << 64 * i for i in range(abs(limbs))])
    return Approximation(y, found.point, found.error, -1 if found.is_negative else 1)


_TABLES = (  # as TableOfLimbs numbers them
    "ln2", "half log2 e", "log10 e", "log10 2", "quarter pi", "inverse two pi",
    "inverse factorials", "exp first", "exp second", "exp third", "log first", "log second",
    "log third", "log inverses", "sine", "cosine", "arctan", "arctan inverses",
)


def table(str name, int limbs):
    """For tests: the entries of a table of 1 to 5 limbs, and how many limbs each has.

    Parameters
    ----------
    name : str
        As in tables.hh and constants.hh, in small letters: ``"exp first"``. Constants have their
        own number of limbs.

    Returns
    -------
    tuple of (list of int, int)
    """
    cdef LimbTable found = kernels.elementary.limb_table(_TABLES.index(name), limbs)
    cdef int i, j, each = found.limbs_each
    if found.limbs == NULL:
        raise ValueError(f"no table of {limbs} limbs")
    entries = [
        sum([<object>found.limbs[each * i + j] << 64 * j for j in range(each)])
        for i in range(found.entries)
    ]
    return entries, each
