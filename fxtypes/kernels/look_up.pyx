# cython: freethreading_compatible=True
"""Functions of a narrow format's numbers, looked up in tables."""

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from .calls cimport (
    FX_I32,
    FX_OVERFLOWED,
    FX_UNDERFLOWED,
    FX_WAS_INEXACT,
    CFunctionTable,
    Step,
    new_array,
    run,
)

from ..format import storage
from .calls import Operation, Target

cnp.import_array()

WIDEST_WITH_EVENTS = 47  # bits of a result: with a sign and the events' 16 they fit int64

OVERFLOWED, UNDERFLOWED, WAS_INEXACT = FX_OVERFLOWED, FX_UNDERFLOWED, FX_WAS_INEXACT


cdef class TableStep(Step):
    """The instructions to look a function up, for one format into another.

    All arrays are of ``2**fmt.width`` elements, in the order of the arguments' bit patterns.

    Parameters
    ----------
    name : str
    fmt : Format
        The arguments', of at most 16 bits.
    result : Format
    entries : numpy.ndarray
        Storage of `result`; with `fractions` int32: the floor times 2**16 and the first 16 bits of
        the fraction.
    events : numpy.ndarray of uint16, optional
        A sum of `OVERFLOWED`, `UNDERFLOWED` and `WAS_INEXACT` each; needed where a recorder is in
        force, or `result` raises. Results have at most `WIDEST_WITH_EVENTS`
        bits then.
    fractions : numpy.ndarray of uint64, optional
        The first 64 bits of the fraction: of a `result` that rounds stochastically.
    value_beyond : callable, optional
        ``value_beyond(pattern)`` is the exact value, rounded, of an entry that overflowed; needed
        where `result` raises.
    """

    cdef CFunctionTable t
    cdef object entries, fractions  # what `t` points into
    cdef readonly object value_beyond

    def __init__(self, str name, fmt, result, entries, events=None, fractions=None,
                 value_beyond=None):
        for array in (entries, events, fractions):
            if array is not None and (array.shape != (1 << fmt.width,)
                                      or not array.flags.c_contiguous):
                raise ValueError(f"a table of {fmt!r} has {1 << fmt.width} entries in a row, "
                                 f"got shape {array.shape}")
        operands = ((storage.code(fmt), 0),)
        super().__init__(name, Operation.COPY, FX_I32, operands, Target(result, 0))
        if (entries.dtype != ("int32" if fractions is not None else self.dtype)
                or (fractions is not None) != self.stochastic
                or (events is not None
                    and (events.dtype != "uint16" or result.width > WIDEST_WITH_EVENTS))
                or (fractions is not None and fractions.dtype != "uint64")):
            raise ValueError(f"no entries of a table of {result!r}")
        self.t.has_events = events is not None
        if events is not None:
            kind = "int32" if entries.itemsize <= 2 else "int64"
            entries = entries.astype(kind) << 16 | events
        self.entries, self.fractions = entries, fractions
        self.value_beyond = value_beyond
        self.t.entries = cnp.PyArray_DATA(<cnp.ndarray?>entries)
        if fractions is not None:
            self.t.fractions = <const uint64_t *>cnp.PyArray_DATA(<cnp.ndarray?>fractions)
        self.t.mask = (1 << fmt.width) - 1
        self.c.function_table = &self.t

    @property
    def results(self):
        """The entries of a table without events, a view that can't be written to."""
        view = self.entries.view()
        view.flags.writeable = False
        return view

    @property
    def nbytes(self):
        """Of all arrays."""
        return sum([a.nbytes for a in (self.entries, self.fractions) if a is not None])


def evaluate(TableStep step not None, cnp.ndarray raw not None):
    """The results of every element of storage of the step's format."""
    return run(step, (raw,), None)


ctypedef struct TwoWords:
    uint64_t low, high


ctypedef fused Entry:
    uint8_t
    uint16_t
    uint32_t
    uint64_t
    TwoWords


ctypedef fused Code:
    uint8_t
    uint16_t


def by_codes(cnp.ndarray table not None, cnp.ndarray codes not None):
    """``table[codes]`` where every code has its entry; None where this is not the way.

    NumPy makes 64-bit places of the codes first, which takes several times as long.

    Parameters
    ----------
    table : numpy.ndarray
    codes : numpy.ndarray
    """
    cdef int kind = cnp.PyArray_TYPE(codes)
    if (table.ndim != 1 or codes.ndim == 0 or not cnp.PyArray_IS_C_CONTIGUOUS(table)
            or not cnp.PyArray_IS_C_CONTIGUOUS(codes) or not cnp.PyArray_ISNOTSWAPPED(codes)):
        return None
    if kind == cnp.NPY_UINT8 and table.shape[0] >= 1 << 8:
        return _of_size[uint8_t](table, codes, table.itemsize, NULL)
    if kind == cnp.NPY_UINT16 and table.shape[0] >= 1 << 16:
        return _of_size[uint16_t](table, codes, table.itemsize, NULL)
    return None


cdef cnp.ndarray _of_size(cnp.ndarray table, cnp.ndarray codes, int size, Code *_):
    cdef cnp.ndarray out = new_array(table.dtype, codes.ndim, codes.shape)
    cdef const Code *places = <const Code *>cnp.PyArray_DATA(codes)
    cdef int64_t n = cnp.PyArray_SIZE(codes)
    cdef void *entries = cnp.PyArray_DATA(table)
    cdef void *found = cnp.PyArray_DATA(out)
    with nogil:
        if size == 1:
            _gather(<uint8_t *>entries, places, n, <uint8_t *>found)
        elif size == 2:
            _gather(<uint16_t *>entries, places, n, <uint16_t *>found)
        elif size == 4:
            _gather(<uint32_t *>entries, places, n, <uint32_t *>found)
        elif size == 8:
            _gather(<uint64_t *>entries, places, n, <uint64_t *>found)
        else:
            _gather(<TwoWords *>entries, places, n, <TwoWords *>found)
    return out


cdef void _gather(const Entry *entries, const Code *codes, int64_t n, Entry *out) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        out[i] = entries[codes[i]]
