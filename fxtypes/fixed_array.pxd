cimport numpy as cnp


cdef class FixedArray:
    cdef cnp.ndarray storage      # raw integers: see storage.py
    cdef readonly object format
    cdef dict plans               # of operations with another array of the same format
    cdef object __weakref__


cdef object pairwise(str name, object a, object b, object format, object out, object where)
