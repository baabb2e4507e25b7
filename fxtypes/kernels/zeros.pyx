# cython: freethreading_compatible=True
"""What of a matrix product is 0 whatever the other operand holds, and needn't be computed.

A batch of images is 0 where all of them have their margins: a third of MNIST's pixels. Of
``a @ b`` such columns of `a` count for nothing, nor do the rows of `b` that they meet; rows of `a`
(the columns of a transposed batch) make rows of zeros.
"""

import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, malloc

from .calls cimport new_array

cnp.import_array()

cdef extern from "products/zeros.hh" namespace "fx_zeros" nogil:
    struct Run:
        pass
    int64_t zero_columns(const char *x, ptrdiff_t stride, int64_t rows, int64_t columns,
                         int64_t size, int64_t worth, char *bits, uint8_t *kept)
    int64_t find_runs(const uint8_t *kept, int64_t n, Run *runs)
    char *copy_runs(const char *x, ptrdiff_t stride, int64_t size, const Run *runs,
                    int64_t count, char *out, const char *end, const char *out_end)

cdef enum:
    _LEAST = 1 << 12  # elements: looking at fewer costs more than it saves
    _WORTH = 8  # one of so many columns is 0


cpdef tuple without_zeros(cnp.ndarray a, cnp.ndarray b, bint by_rows):
    """Two matrices in storage, (m, k) and (k, n), without what contributes nothing.

    Parameters
    ----------
    a, b : numpy.ndarray
    by_rows : bool
        Whether rows of the product may be left out that are 0.

    Returns
    -------
    a, b : numpy.ndarray
        Those given, or copies without some columns of `a` and rows of `b`, or without rows of `a`.
    place : numpy.ndarray of int64, or None
        Where rows of `a` are left out: those that are left.
    """
    cdef _Kept kept
    cdef cnp.npy_intp size = a.itemsize
    if cnp.PyArray_SIZE(a) < _LEAST or b.shape[1] < _WORTH:
        return a, b, None
    if a.strides[1] == size and b.strides[1] == b.itemsize:
        kept = _Kept(a)
        if kept.count:
            return kept.columns(a), kept.rows(b), None
    elif a.strides[0] == size and by_rows:
        kept = _Kept(a.T)
        if kept.count:
            return kept.columns(a.T).T, b, kept.places()
    return a, b, None


cdef class _Kept:
    """The columns of a matrix, whose elements follow each other, that aren't 0 in all rows.

    Attributes
    ----------
    count : int
        How many, at least one; 0 if too few are 0 for it to be worth while.
    """

    cdef int64_t count, total, run_count
    cdef char *bits
    cdef uint8_t *kept
    cdef Run *runs

    def __cinit__(self, cnp.ndarray x not None):
        cdef int64_t rows = x.shape[0], size = x.itemsize, zeros
        cdef const char *data = <const char *>cnp.PyArray_DATA(x)
        cdef ptrdiff_t stride = x.strides[0]
        self.total = x.shape[1]
        self.runs = <Run *>malloc((self.total // 2 + 1) * sizeof(Run))
        self.bits = <char *>malloc(self.total * size)
        self.kept = <uint8_t *>malloc(self.total)
        if self.runs == NULL or self.bits == NULL or self.kept == NULL:
            raise MemoryError("fxtypes needs memory to look for columns of zeros")
        with nogil:
            zeros = zero_columns(data, stride, rows, self.total, size, _WORTH, self.bits, self.kept)
            if zeros >= 0:
                if zeros == self.total:
                    self.kept[0] = 1
                    zeros -= 1
                self.run_count = find_runs(self.kept, self.total, self.runs)
                self.count = self.total - zeros

    def __dealloc__(self):
        free(self.runs)
        free(self.bits)
        free(self.kept)

    cdef cnp.ndarray columns(self, cnp.ndarray x):
        """Those of `x`, in memory row by row."""
        cdef int64_t i, rows = x.shape[0], size = x.itemsize
        cdef cnp.ndarray out = self.new(x, rows, self.count)
        cdef const char *data = <const char *>cnp.PyArray_DATA(x)
        cdef const char *end = data + (rows - 1) * x.strides[0] + self.total * size
        cdef char *to = <char *>cnp.PyArray_DATA(out)
        cdef const char *out_end = to + rows * self.count * size
        cdef ptrdiff_t stride = x.strides[0]
        if stride < 0:
            end = data  # no row lies behind another
        with nogil:
            for i in range(rows):
                to = copy_runs(data + i * stride, size, size, self.runs, self.run_count, to, end,
                               out_end)
        return out

    cdef cnp.ndarray rows(self, cnp.ndarray x):
        """The rows of `x` with their indices, in memory row by row."""
        cdef int64_t size = x.shape[1] * x.itemsize
        cdef cnp.ndarray out = self.new(x, self.count, x.shape[1])
        cdef const char *data = <const char *>cnp.PyArray_DATA(x)
        cdef char *to = <char *>cnp.PyArray_DATA(out)
        with nogil:
            copy_runs(data, x.strides[0], size, self.runs, self.run_count, to, data, to)
        return out

    cdef cnp.ndarray new(self, cnp.ndarray x, int64_t rows, int64_t columns):
        cdef cnp.npy_intp[2] shape
        shape[0], shape[1] = rows, columns
        return new_array(<cnp.dtype>cnp.PyArray_DESCR(x), 2, shape)

    cdef cnp.ndarray places(self):
        """Their indices, int64."""
        cdef cnp.ndarray found = np.empty(self.count, np.int64)
        cdef int64_t *to = <int64_t *>cnp.PyArray_DATA(found)
        cdef int64_t i = 0, j
        for j in range(self.total):
            if self.kept[j]:
                to[i] = j
                i += 1
        return found
