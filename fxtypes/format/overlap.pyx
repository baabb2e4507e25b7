# cython: freethreading_compatible=True
"""Assignments between arrays that may overlap: as if what is read were copied first.

NumPy promises as much, but looks at no overlap where values are assigned through a mask, and
in one dimension takes the order of the first elements for that of all: with other strides one
of the two overtakes the other.
"""

import numpy as np

cimport numpy as cnp
from libc.string cimport memcmp

cnp.import_array()


cpdef cnp.ndarray independent(cnp.ndarray array, cnp.ndarray target):
    """An array that is read while `target` is written: as it is, or a copy if they overlap."""
    if not _extents_meet(array, target):
        return array
    # Effort 1 is NumPy's own choice: exact for most strides, else "perhaps".
    return array.copy() if np.may_share_memory(array, target, max_work=1) else array


cdef int assign(cnp.ndarray target, object key, cnp.ndarray values) except -1:
    """``target[key] = values``, as if `values` and the arrays in `key` were copied first."""
    cdef cnp.ndarray view
    key = _independent_key(key, target)
    if _extents_meet(values, target):
        view = _view(target, key)
        if view is None:
            values = independent(values, target)
        elif _same_elements(view, values) and cnp.PyArray_ISWRITEABLE(view):
            return 0  # as after target[key] += x
        else:
            target = view
            key = Ellipsis
            # Where all steps are equal NumPy goes through them in the right direction.
            if not _equal_steps(view, values):
                values = independent(values, view)
    target[key] = values
    return 0


cdef cnp.ndarray _view(cnp.ndarray target, object key):
    """What a key chooses, if it is a view: a single element, too."""
    cdef tuple parts
    if type(key) is slice or key is Ellipsis:
        return target[key]
    parts = key if isinstance(key, tuple) else (key,)
    if not all([_is_basic(part) for part in parts]):
        return None
    return target[parts if any([part is Ellipsis for part in parts]) else (*parts, ...)]


cdef object _independent_key(object key, cnp.ndarray target):
    if isinstance(key, cnp.ndarray):
        return independent(key, target)
    if isinstance(key, tuple):
        for part in <tuple>key:
            if isinstance(part, cnp.ndarray):
                return tuple([independent(part, target) if isinstance(part, cnp.ndarray) else part
                              for part in <tuple>key])
    return key


cdef bint _is_basic(object part):
    """Whether an index chooses a view."""
    return (part is None or part is Ellipsis or isinstance(part, (slice, np.integer))
            or (isinstance(part, int) and not isinstance(part, bool)))


cdef bint _same_elements(cnp.ndarray x, cnp.ndarray y) noexcept:
    """Whether two arrays of one dtype are the same view of the same memory."""
    cdef size_t size = x.ndim * sizeof(cnp.npy_intp)
    return (cnp.PyArray_DATA(x) == cnp.PyArray_DATA(y) and x.ndim == y.ndim
            and memcmp(x.shape, y.shape, size) == 0 and memcmp(x.strides, y.strides, size) == 0)


cdef bint _equal_steps(cnp.ndarray x, cnp.ndarray y) noexcept:
    return (x.ndim == 1 and y.ndim == 1 and x.shape[0] == y.shape[0]
            and x.strides[0] == y.strides[0])


cdef bint _extents_meet(cnp.ndarray x, cnp.ndarray y) noexcept:
    """Whether the memory between the first and the last byte of two arrays overlaps."""
    cdef const char *ends[4]
    _extent(x, ends)
    _extent(y, ends + 2)
    return ends[0] < ends[3] and ends[2] < ends[1]


cdef void _extent(cnp.ndarray array, const char **ends) noexcept:
    cdef const char *low = <const char *>cnp.PyArray_DATA(array)
    cdef const char *high = low + cnp.PyArray_ITEMSIZE(array)
    cdef cnp.npy_intp reach
    cdef int a
    for a in range(array.ndim):
        if array.shape[a] == 0:
            ends[0] = ends[1] = low  # no byte at all
            return
        reach = (array.shape[a] - 1) * array.strides[a]
        if reach < 0:
            low += reach
        else:
            high += reach
    ends[0], ends[1] = low, high
