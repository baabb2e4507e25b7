# cython: freethreading_compatible=True
"""Functions of a narrow format's numbers, looked up in tables."""

cimport numpy as cnp
from libc.stdint cimport uint64_t

from .calls cimport (
    FX_I32,
    FX_OVERFLOWED,
    FX_UNDERFLOWED,
    FX_WAS_INEXACT,
    CFunctionTable,
    Step,
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
