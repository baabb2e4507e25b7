cimport numpy as cnp
from cpython.object cimport PyObject


cdef class _Plans:
    cdef dict known             # by an operation's name, or more; entries are never replaced
    cdef cnp.dtype dtype        # of storage
    cdef PyObject *recent[32]   # steps among them, by the addresses of their names


cdef class FixedArray:
    cdef cnp.ndarray storage      # raw integers: see storage.py
    cdef readonly object format
    cdef _Plans plans             # of operations with another array of the same format
    cdef object __weakref__


cdef object pairwise(str name, object a, object b, object format, object out, object where)
cdef object shifted(str name, object a, object count, object format, object out, object where)
